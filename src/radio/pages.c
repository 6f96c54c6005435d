// SPDX-License-Identifier: AGPL-3.0-or-later
// Playlists that lead to a mount, the counters for Prometheus, and the page at the port's root.
#include "radio/pages.h"

#include "radio/inside.h"

enum { PAGE_MAX = 1 << 20 };

void page_answer(struct ask *ask, const char *type, const char *more, struct buf *out) {
    bool is_whole = !out->failed;
    struct str body = is_whole ? str_dup(ask->arena, buf_view(out)) : STR_NONE;
    buf_fini(out);
    if (is_whole)
        client_answer(ask, 200, type, more, body);
    else // of titles that others send, so it is nothing to end for
        client_refuse(ask, 500, NULL, "This page would be longer than a page may be.");
}

void page_text(struct buf *out, struct str s) {
    for (size_t at = 0; at < s.n;) {
        size_t from = at;
        uint32_t c = utf8_next(s, &at);
        if (c == '<')
            buf_c(out, "&lt;");
        else if (c == '>')
            buf_c(out, "&gt;");
        else if (c == '&')
            buf_c(out, "&amp;");
        else if (c == '"')
            buf_c(out, "&quot;");
        else if (c < ' ' && c != '\t' && c != '\n') // XML 1.0 has no way to say it
            buf_char(out, ' ');
        else if (c == 0xfffd)
            buf_c(out, "\xef\xbf\xbd");
        else
            buf_str(out, str_slice(s, from, at));
    }
}

void html_begin(struct buf *out, size_t bytes_max, const char *heading) {
    buf_init(out, bytes_max);
    buf_fmt(
        out,
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">"
        "<title>%s</title><style>:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;"
        "margin:2rem auto;padding:0 1rem}section{border-top:1px solid #8886;padding:1rem 0}h1{font-size:1.5rem}"
        "h2{font-size:1.2rem;margin:0}audio{width:100%%;margin:.5rem 0}td,th{text-align:start;"
        "padding:.1rem 1rem .1rem 0;overflow-wrap:anywhere}form{display:inline-block;margin:.3rem 1rem 0 0}</style>"
        "<main><h1>%s</h1>\n",
        heading, heading);
}

void html_answer(struct ask *ask, const char *policy, struct buf *out) {
    struct str lines = str_fmt(ask->arena,
                               "Cache-Control: no-store\r\nContent-Security-Policy: default-src 'none'; "
                               "style-src 'unsafe-inline'; %s\r\nReferrer-Policy: no-referrer\r\n",
                               policy);
    buf_c(out, "</main></html>\n");
    page_answer(ask, "text/html; charset=utf-8", lines.p, out);
}

// ---- playlists ---------------------------------------------------------------------------------------------------------

static void write_m3u(struct buf *out, const struct stream *s, struct str url) {
    buf_fmt(out, "#EXTM3U\r\n#EXTINF:-1,%.*s\r\n%.*s\r\n", STR_ARG(words_name(s)), STR_ARG(url));
}

static void write_pls(struct buf *out, const struct stream *s, struct str url) {
    buf_fmt(out, "[playlist]\r\nNumberOfEntries=1\r\nFile1=%.*s\r\nTitle1=%.*s\r\nLength1=-1\r\nVersion=2\r\n",
            STR_ARG(url), STR_ARG(words_name(s)));
}

// XSPF 1 (xspf.org).
static void write_xspf(struct buf *out, const struct stream *s, struct str url) {
    buf_c(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<playlist version=\"1\" xmlns=\"http://xspf.org/ns/0/\"><title>");
    page_text(out, words_name(s));
    buf_c(out, "</title><trackList><track><location>");
    page_text(out, url);
    buf_c(out, "</location><title>");
    page_text(out, words_name(s));
    buf_c(out, "</title><annotation>");
    page_text(out, words_description(s));
    buf_c(out, "</annotation></track></trackList></playlist>\n");
}

void playlist_show(struct ask *ask) {
    const struct stream *s = ask->stream;
    struct str url = str_fmt(ask->arena, "%.*s%.*s", STR_ARG(ask_origin(ask)), STR_ARG(s->setup->mount));
    struct buf out;
    if (str_eq(ask->ending, STR("m3u8"))) {
        hls_show(ask);
        return;
    }
    buf_init(&out, PAGE_MAX);
    const char *type = "audio/x-mpegurl";
    if (str_eq(ask->ending, STR("pls"))) {
        write_pls(&out, s, url);
        type = "audio/x-scpls";
    } else if (str_eq(ask->ending, STR("xspf"))) {
        write_xspf(&out, s, url);
        type = "application/xspf+xml";
    } else
        write_m3u(&out, s, url);
    page_answer(ask, type, CORS_LINES "Cache-Control: no-store\r\n", &out);
}

// ---- Prometheus (exposition format 0.0.4) ------------------------------------------------------------------------------

static uint64_t metric_of(const struct stream *s, unsigned which) {
    struct keep_state kept;
    keep_state(s->keep, &kept);
    const uint64_t values[] = {stream_listeners(s),
                               s->joined,
                               s->slow,
                               s->bytes_in,
                               s->bytes_out,
                               s->active >= 0,
                               s->active > 0,
                               s->alarm_silent,
                               stream_is_stalled(s),
                               s->source_connects,
                               s->falls,
                               s->refused,
                               kept.broken_since_us != 0,
                               kept.bytes,
                               kept.dropped,
                               kept.lost};
    return values[which];
}

static void write_metrics(struct buf *out, const struct radio *r, bool with_hidden) {
    static const struct {
        const char *name, *type, *help;
    } rows[] = {{"siaran_radio_listeners", "gauge", "Listeners who are connected"},
                {"siaran_radio_joined_total", "counter", "Listeners who came"},
                {"siaran_radio_slow_total", "counter", "Listeners given up because they were too slow"},
                {"siaran_radio_in_bytes_total", "counter", "Bytes of sound that were published"},
                {"siaran_radio_out_bytes_total", "counter", "Bytes sent to listeners"},
                {"siaran_radio_on_air", "gauge", "Whether a source plays"},
                {"siaran_radio_fell_back", "gauge", "Whether another than the first source plays"},
                {"siaran_radio_silent", "gauge", "Whether what plays is silent"},
                {"siaran_radio_stalled", "gauge", "Whether what plays, or should, gives less sound than time passes"},
                {"siaran_radio_source_connects_total", "counter", "Connections of encoders"},
                {"siaran_radio_fallbacks_total", "counter", "Times that another source than the first took over"},
                {"siaran_radio_refused_total", "counter", "Sources that were refused"},
                {"siaran_radio_not_recorded", "gauge", "Whether the log cannot be written"},
                {"siaran_radio_log_bytes", "gauge", "Bytes of the log"},
                {"siaran_radio_log_dropped_total", "counter", "Hours of the log that were dropped to keep its limits"},
                {"siaran_radio_log_lost_total", "counter", "Pieces that the log had no time for"}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        buf_fmt(out, "# HELP %s %s.\n# TYPE %s %s\n", rows[i].name, rows[i].help, rows[i].name, rows[i].type);
        for (const struct stream *s = r->streams; s != NULL; s = s->next)
            if (with_hidden || !s->setup->is_hidden)
                buf_fmt(out, "%s{service=\"%.*s\",stream=\"%s\"} %llu\n", rows[i].name, STR_ARG(s->service->name),
                        s->name, (unsigned long long)metric_of(s, i));
    }
    buf_fmt(out,
            "# HELP siaran_radio_connections Connections of all kinds.\n# TYPE siaran_radio_connections gauge\n"
            "siaran_radio_connections %llu\n"
            "# HELP siaran_radio_accepted_total Connections that were accepted.\n"
            "# TYPE siaran_radio_accepted_total counter\nsiaran_radio_accepted_total %llu\n"
            "# HELP siaran_radio_refused_connections_total Connections over a limit.\n"
            "# TYPE siaran_radio_refused_connections_total counter\nsiaran_radio_refused_connections_total %llu\n"
            "# HELP siaran_radio_wrong_passwords_total Wrong passwords.\n"
            "# TYPE siaran_radio_wrong_passwords_total counter\nsiaran_radio_wrong_passwords_total %llu\n",
            (unsigned long long)r->connections, (unsigned long long)r->accepts,
            (unsigned long long)r->refused_connections, (unsigned long long)r->wrong_passwords);
}

void metrics_show(struct ask *ask) {
    struct buf out;
    buf_init(&out, PAGE_MAX);
    write_metrics(&out, ask->client->radio, ask->is_admin);
    page_answer(ask, "text/plain; version=0.0.4; charset=utf-8", "Cache-Control: no-store\r\n", &out);
}

// ---- the root ----------------------------------------------------------------------------------------------------------

static void write_stream(struct buf *out, const struct stream *s) {
    buf_c(out, "<section><h2>");
    page_text(out, words_name(s));
    buf_c(out, "</h2><p>");
    if (stream_kbps(s) > 0)
        buf_fmt(out, "%u kbit/s, ", stream_kbps(s));
    page_text(out, s->setup->media_type);
    if (s->title.n > 0) {
        buf_c(out, "<br>");
        page_text(out, s->title);
    }
    if (s->active < 0)
        buf_c(out, "</p><p>Not on the air.</p>");
    else {
        buf_c(out, "</p><audio controls preload=\"none\" src=\"");
        page_text(out, s->setup->mount);
        buf_c(out, "\"></audio>");
    }
    buf_fmt(out,
            "<p><a href=\"%.*s.m3u\">M3U</a> <a href=\"%.*s.pls\">PLS</a> <a href=\"%.*s.xspf\">XSPF</a></section>\n",
            STR_ARG(s->setup->mount), STR_ARG(s->setup->mount), STR_ARG(s->setup->mount));
}

void front_show(struct ask *ask) {
    struct buf out;
    bool any = false;
    html_begin(&out, PAGE_MAX, "Live audio");
    for (const struct stream *s = ask->client->radio->streams; s != NULL; s = s->next)
        if (!s->setup->is_hidden) {
            write_stream(&out, s);
            any = true;
        }
    if (!any)
        buf_c(&out, "<p>There is nothing to hear yet.");
    html_answer(ask, "media-src 'self'", &out);
}
