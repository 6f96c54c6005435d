// SPDX-License-Identifier: AGPL-3.0-or-later
// Icecast's admin pages for people: what plays and who listens, in a browser, at the addresses that engineers have by heart
// (/admin/, stats.xsl, listmounts.xsl, listclients.xsl ...). Programs read the XML of admin.c.
#include "radio/inside.h"
#include "radio/pages.h"

enum { PAGE_MAX = 8 << 20, ROW_MAX = 4096 };

static void answer(struct ask *ask, struct buf *out) {
    html_answer(ask, "form-action 'self'; frame-ancestors 'none'", out);
}

static void add_row(struct buf *out, const char *name, struct str value) {
    buf_fmt(out, "<tr><th>%s<td>", name);
    page_text(out, value);
    buf_c(out, "\n");
}

// ---- what plays --------------------------------------------------------------------------------------------------------

// A form of what acts, with what shows that it is ours (routes.c). Buttons, no links: what reads a page ahead follows these.
// All pages stand in one folder, wherever a proxy has it.
static void begin_form(struct buf *out, const struct stream *s, const char *action) {
    buf_fmt(out,
            "<form action=\"%s\"><input type=\"hidden\" name=\"token\" value=\"%s\">"
            "<input type=\"hidden\" name=\"mount\" value=\"%.*s\">",
            action, s->radio->admin_token, STR_ARG(s->setup->mount));
}

static void add_controls(struct buf *out, const struct stream *s) {
    buf_fmt(out,
            "<form action=\"listclients.xsl\"><input type=\"hidden\" name=\"mount\" value=\"%.*s\">"
            "<button>Who listens</button></form>",
            STR_ARG(s->setup->mount));
    begin_form(out, s, "metadata");
    buf_c(out, "<input type=\"hidden\" name=\"mode\" value=\"updinfo\">"
               "<input type=\"hidden\" name=\"charset\" value=\"UTF-8\">"
               "<label>Title <input name=\"song\"></label> <button>Set</button></form>");
    if (s->sources[s->active]->kind == SERVICE_FILE)
        return;
    begin_form(out, s, "killsource");
    buf_c(out, "<button>Disconnect the source</button></form>\n");
}

static void add_stream(struct buf *out, struct ask *ask, const struct stream *s) {
    struct icecast_fact facts[ICECAST_FACTS];
    buf_c(out, "<section><h2>");
    page_text(out, s->setup->mount);
    buf_c(out, "</h2>");
    if (s->active < 0) {
        buf_c(out, "<p>Not on the air.</section>\n");
        return;
    }
    size_t n = icecast_facts(ask, s, facts);
    buf_c(out, "<table>\n");
    add_row(out, "source", s->setup->sources[s->active].name);
    for (size_t i = 0; i < n; i++)
        add_row(out, facts[i].name, facts[i].text);
    buf_c(out, "</table>");
    add_controls(out, s);
    buf_c(out, "</section>\n");
}

void admin_page_show(struct ask *ask) {
    struct buf out;
    html_begin(&out, PAGE_MAX, "Radio");
    buf_c(&out, "<p>As XML: <a href=\"stats\">stats</a> <a href=\"listmounts\">listmounts</a></p>\n");
    for (const struct stream *s = ask->client->radio->streams; s != NULL; s = s->next)
        add_stream(&out, ask, s);
    answer(ask, &out);
}

// ---- who listens -------------------------------------------------------------------------------------------------------

static void add_listener(struct buf *out, const struct listener *l, bool masked) {
    char address[64];
    listener_text(l, masked, address);
    buf_c(out, "<tr><td>");
    page_text(out, str_from(address));
    buf_fmt(out, "<td>%lld<td>", (long long)listener_seconds(l));
    page_text(out, str_from(l->agent));
    buf_c(out, "<td>");
    begin_form(out, l->stream, "killclient");
    buf_fmt(out, "<input type=\"hidden\" name=\"id\" value=\"%llu\"><button>Disconnect</button></form>\n",
            (unsigned long long)l->id);
}

void list_clients_page_show(struct ask *ask) {
    struct radio *r = ask->client->radio;
    struct stream *s = admin_mount(ask);
    struct buf out;
    if (s == NULL)
        return;
    html_begin(&out, PAGE_MAX, "Radio");
    buf_c(&out, "<p><a href=\"stats.xsl\">All streams</a></p><section><h2>");
    page_text(&out, s->setup->mount);
    buf_fmt(&out, "</h2><p>%llu listen, %llu of these by HLS, which holds no connection.</p>\n",
            (unsigned long long)stream_listeners(s), (unsigned long long)s->hls_listeners);
    buf_c(&out, "<table><tr><th>Address<th>Seconds<th>Player<th>\n");
    uint64_t left_out = 0;
    struct listener_walk walk = {0};
    for (const struct listener *l; (l = listener_next(s, &walk)) != NULL;)
        if (out.n < PAGE_MAX - ROW_MAX)
            add_listener(&out, l, !r->services.shows_addresses);
        else
            left_out++;
    buf_c(&out, "</table>");
    if (left_out > 0)
        buf_fmt(&out, "<p>And %llu more.</p>", (unsigned long long)left_out);
    buf_c(&out, "</section>\n");
    answer(ask, &out);
}
