// SPDX-License-Identifier: AGPL-3.0-or-later
// Icecast's admin pages, as panels, exporters and encoders ask for them: the same names, the same XML elements (Icecast 2.4's
// admin.c and stats.c are the reference).
#include "radio/inside.h"
#include "radio/pages.h"

enum { XML_MAX = 8 << 20 };
#define ADMIN_PAGE "stats.xsl"
#define XML_HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

static void add_element(struct buf *out, const char *name, struct str value) {
    buf_fmt(out, "<%s>", name);
    page_text(out, value);
    buf_fmt(out, "</%s>", name);
}

static void add_count(struct buf *out, const char *name, uint64_t n) {
    buf_fmt(out, "<%s>%llu</%s>", name, (unsigned long long)n, name);
}

static void answer_xml(struct ask *ask, struct buf *out) {
    page_answer(ask, "text/xml; charset=utf-8", "Cache-Control: no-store\r\n", out);
}

static void answer_done(struct ask *ask, bool done, const char *message) {
    struct buf out;
    buf_init(&out, XML_MAX);
    buf_c(&out, XML_HEAD "<iceresponse><message>");
    page_text(&out, str_from(message));
    buf_fmt(&out, "</message><return>%d</return></iceresponse>\n", done ? 1 : 0);
    answer_xml(ask, &out);
}

// For the forms of admin_pages.c, which only they send: back to the page, where the change is seen; programs read XML.
static void answer_changed(struct ask *ask, const char *page, const char *message) {
    if (ask_field(ask, "token").p == NULL) {
        answer_done(ask, true, message);
        return;
    }
    client_answer(ask, 303, "text/plain; charset=utf-8",
                  str_fmt(ask->arena, "Cache-Control: no-store\r\nLocation: %s\r\n", page).p,
                  STR("The page shows it.\n"));
}

struct stream *admin_mount(struct ask *ask) {
    struct stream *s = stream_of_mount(ask->client->radio, ask_field(ask, "mount"));
    if (s == NULL)
        client_refuse(ask, 400, NULL, "mount names no stream of this station.");
    return s;
}

// ---- statistics --------------------------------------------------------------------------------------------------------

static void add_source(struct buf *out, struct ask *ask, const struct stream *s) {
    struct icecast_fact facts[ICECAST_FACTS];
    size_t n = icecast_facts(ask, s, facts);
    buf_c(out, "<source mount=\"");
    page_text(out, s->setup->mount);
    buf_c(out, "\">");
    for (size_t i = 0; i < n; i++)
        add_element(out, facts[i].name, facts[i].text);
    buf_c(out, "</source>");
}

void stats_show(struct ask *ask) {
    struct radio *r = ask->client->radio;
    struct str only = ask_field(ask, "mount");
    if (only.n > 0 && admin_mount(ask) == NULL)
        return;
    struct buf out;
    uint64_t sources = 0, joined = 0, connects = 0;
    struct icecast_time started = icecast_time(r->started_us);
    for (const struct stream *s = r->streams; s != NULL; s = s->next) {
        sources += s->active >= 0;
        joined += s->joined;
        connects += s->source_connects;
    }
    buf_init(&out, XML_MAX);
    buf_c(&out, XML_HEAD "<icestats>");
    add_element(&out, "admin", STR("admin"));
    add_count(&out, "client_connections", r->accepts);
    add_count(&out, "clients", r->connections);
    add_count(&out, "connections", r->accepts);
    add_count(&out, "file_connections", 0); // no files are served here, and nobody waits for statistics
    add_element(&out, "host", ask->head->req.host);
    add_count(&out, "listener_connections", joined);
    add_count(&out, "listeners", r->listeners);
    add_element(&out, "location", STR(""));
    add_element(&out, "server_id", STR("Siaran"));
    add_element(&out, "server_start", str_from(started.date));
    add_element(&out, "server_start_iso8601", str_from(started.iso));
    add_count(&out, "source_client_connections", connects);
    add_count(&out, "source_total_connections", connects);
    add_count(&out, "sources", sources);
    add_count(&out, "stats", 0);
    add_count(&out, "stats_connections", 0);
    for (const struct stream *s = r->streams; s != NULL; s = s->next)
        if (s->active >= 0 && (only.n == 0 || str_eq(only, s->setup->mount)))
            add_source(&out, ask, s);
    buf_c(&out, "</icestats>\n");
    answer_xml(ask, &out);
}

void list_mounts_show(struct ask *ask) {
    struct buf out;
    buf_init(&out, XML_MAX);
    buf_c(&out, XML_HEAD "<icestats>");
    for (const struct stream *s = ask->client->radio->streams; s != NULL; s = s->next) {
        if (s->active < 0)
            continue;
        buf_c(&out, "<source mount=\"");
        page_text(&out, s->setup->mount);
        buf_fmt(&out, "\"><fallback/><listeners>%llu</listeners><Connected>%lld</Connected>",
                (unsigned long long)stream_listeners(s),
                (long long)(radio_passed_us(s->active_since_us) / US_PER_SECOND));
        add_element(&out, "content-type", s->setup->media_type);
        buf_c(&out, "</source>");
    }
    buf_c(&out, "</icestats>\n");
    answer_xml(ask, &out);
}

void stream_list_show(struct ask *ask) {
    struct buf out;
    buf_init(&out, XML_MAX);
    for (const struct stream *s = ask->client->radio->streams; s != NULL; s = s->next)
        if (s->active >= 0 && !s->setup->is_hidden)
            buf_fmt(&out, "%.*s\n", STR_ARG(s->setup->mount));
    page_answer(ask, "text/plain; charset=utf-8", "Cache-Control: no-store\r\n", &out);
}

// ---- listeners ---------------------------------------------------------------------------------------------------------

static void add_listener(struct buf *out, const struct listener *l, bool masked) {
    char address[64];
    listener_text(l, masked, address);
    buf_fmt(out, "<listener id=\"%llu\">", (unsigned long long)l->id);
    add_element(out, "IP", str_from(address));
    add_element(out, "UserAgent", str_from(l->agent));
    buf_fmt(out, "<Connected>%lld</Connected><ID>%llu</ID></listener>", (long long)listener_seconds(l),
            (unsigned long long)l->id);
}

static void begin_source(struct buf *out, const struct stream *s) {
    buf_init(out, XML_MAX);
    buf_c(out, XML_HEAD "<icestats><source mount=\"");
    page_text(out, s->setup->mount);
    buf_char(out, '"');
}

// The number is everywhere the same, of all who listen. Those of HLS come and go and hold no connection: they are counted,
// but there is nothing of theirs to list or to disconnect.
void list_clients_show(struct ask *ask) {
    struct radio *r = ask->client->radio;
    struct stream *s = admin_mount(ask);
    struct listener_walk walk = {0};
    struct buf out;
    if (s == NULL)
        return;
    begin_source(&out, s);
    buf_fmt(&out, "><Listeners>%llu</Listeners>", (unsigned long long)stream_listeners(s));
    uint64_t left_out = 0;
    for (const struct listener *l; (l = listener_next(s, &walk)) != NULL;)
        if (out.n < XML_MAX - 4096)
            add_listener(&out, l, !r->services.shows_addresses);
        else
            left_out++;
    if (left_out > 0)
        buf_fmt(&out, "<!-- and %llu more -->", (unsigned long long)left_out);
    buf_c(&out, "</source></icestats>\n");
    answer_xml(ask, &out);
}

void kill_client(struct ask *ask) {
    struct stream *s = admin_mount(ask);
    struct listener_walk walk = {0};
    struct listener *l;
    uint64_t id;
    if (s == NULL)
        return;
    if (!str_to_u64(ask_field(ask, "id"), &id)) {
        client_refuse(ask, 400, NULL, "id is the number of a listener, as listclients gives it.");
        return;
    }
    while ((l = listener_next(s, &walk)) != NULL && l->id != id)
        continue;
    if (l == NULL) {
        answer_done(ask, false, "There is no such listener");
        return;
    }
    listener_close(l);
    log_info("%s: a listener was disconnected by the administrator", s->name);
    answer_changed(ask, str_fmt(ask->arena, "listclients.xsl?mount=%.*s", STR_ARG(s->setup->mount)).p,
                   "Client was removed");
}

void kill_source(struct ask *ask) {
    struct stream *s = admin_mount(ask);
    if (s == NULL)
        return;
    if (s->active < 0) {
        answer_done(ask, false, "No source plays");
        return;
    }
    unsigned index = (unsigned)s->active;
    if (s->sources[index]->kind == SERVICE_FILE) { // it would only begin anew, after a silence
        answer_done(ask, false, "A file plays round and round: siaran service remove, or the desk, takes it away");
        return;
    }
    source_close(&s->sources[index], "the administrator disconnected it");
    newcomer_check(s, index, clock_mono_us()); // who waits beside it has its place now
    stream_choose(s);
    answer_changed(ask, ADMIN_PAGE, "Source Removed");
}

// ---- what Icecast does and this radio does otherwise --------------------------------------------------------------------

void move_clients(struct ask *ask) {
    answer_done(ask, false,
                "Listeners are not moved: they stay with their stream, and its next source plays when one is gone.");
}

void fallbacks_set(struct ask *ask) {
    answer_done(
        ask, false,
        "A mount falls back to the sources of its stream in their order: siaran service source and order, or the "
        "desk, set them.");
}

// Who may listen is asked for no password, so the playlist holds none.
void build_m3u(struct ask *ask) {
    if ((ask->stream = admin_mount(ask)) == NULL)
        return;
    ask->ending = STR("m3u");
    playlist_show(ask);
}

// What Icecast's own page asks before it shows a form for a title.
void update_metadata_show(struct ask *ask) {
    const struct stream *s = admin_mount(ask);
    struct buf out;
    if (s == NULL)
        return;
    begin_source(&out, s);
    buf_c(&out, "/></icestats>\n");
    answer_xml(ask, &out);
}

// ---- titles ------------------------------------------------------------------------------------------------------------

static struct str said_title(struct ask *ask) {
    struct str song = ask_field(ask, "song"), title = ask_field(ask, "title"), artist = ask_field(ask, "artist");
    if (song.p != NULL)
        return song;
    if (artist.n > 0 && title.n > 0)
        return str_fmt(ask->arena, "%.*s - %.*s", STR_ARG(artist), STR_ARG(title));
    return artist.n > 0 ? artist : title;
}

// By the password of a source, its own title; by the administrator's, that of what plays.
void metadata_update(struct ask *ask) {
    struct stream *s = ask->stream;
    struct str title = said_title(ask);
    if (ask->is_admin && (s = admin_mount(ask)) == NULL)
        return;
    if (!str_eq(ask_field(ask, "mode"), STR("updinfo"))) {
        client_refuse(ask, 400, NULL, "mode is updinfo.");
        return;
    }
    if (title.p == NULL) {
        client_refuse(ask, 400, NULL, "song is the title that plays.");
        return;
    }
    unsigned index =
        ask->is_admin && ask->source == NULL ? (s->active >= 0 ? (unsigned)s->active : 0) : ask->source_index;
    if (s->sources[index] == NULL) {
        answer_done(ask, false, "No source is connected");
        return;
    }
    struct str url = ask_field(ask, "url");
    source_title(s->sources[index], title, utf8_valid(url) ? utf8_cut(url, 255) : STR(""), ask_field(ask, "charset"));
    answer_changed(ask, ADMIN_PAGE, "Metadata update successful");
}
