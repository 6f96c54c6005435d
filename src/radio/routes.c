// SPDX-License-Identifier: AGPL-3.0-or-later
// The addresses of the radio and who may use them. {mount} is a stream's; what no row before it has is looked for among the
// mounts. Rights are enforced here, before the handler runs.
#include <sodium.h>

#include "http/url.h"
#include "radio/inside.h"

struct radio_route {
    struct radio_row row;
    void (*handler)(struct ask *ask);
};

static const struct radio_route routes[] = {
    {{"GET", "/", "What there is to hear, for whoever opens the port in a browser.", RADIO_ANYONE}, front_show},
    {{"GET", "/status.xsl", "The same, where Icecast has it.", RADIO_ANYONE}, front_show},
    {{"GET", "/status-json.xsl", "Icecast's state as JSON, for panels and exporters.", RADIO_ANYONE}, status_json_show},
    {{"GET", "/api/now.json", "What is on the air, for players and other programs.", RADIO_ANYONE}, now_show},
    {{"GET", "/api/events", "The same as server-sent events, at each change.", RADIO_ANYONE}, events_begin},
    {{"GET", "/metrics", "Counters for Prometheus; those of hidden streams for the administrator only.",
      RADIO_ANYONE_OR_ADMIN},
     metrics_show},
    {{"GET", "/hls/{name}", "HLS: master playlists, playlists and segments.", RADIO_ANYONE}, hls_show},
    {{"GET", "/admin/", "What plays and who listens, in a browser.", RADIO_ADMIN}, admin_page_show},
    {{"GET", "/admin/stats.xsl", "The same.", RADIO_ADMIN}, admin_page_show},
    {{"GET", "/admin/listmounts.xsl", "The same.", RADIO_ADMIN}, admin_page_show},
    {{"GET", "/admin/updatemetadata.xsl", "The same: it has a form for each title.", RADIO_ADMIN}, admin_page_show},
    {{"GET", "/admin/listclients.xsl", "Who listens to a mount, in a browser.", RADIO_ADMIN}, list_clients_page_show},
    {{"GET", "/admin/stats", "Icecast's statistics as XML.", RADIO_ADMIN}, stats_show},
    {{"GET", "/admin/stats.xml", "The same.", RADIO_ADMIN}, stats_show},
    {{"GET", "/admin/listclients", "Who listens to a mount; addresses are masked unless the station shows them.",
      RADIO_ADMIN},
     list_clients_show},
    {{"GET", "/admin/listmounts", "The mounts that are on the air, as XML.", RADIO_ADMIN}, list_mounts_show},
    {{"GET", "/admin/streamlist", "The same.", RADIO_ADMIN}, list_mounts_show},
    {{"GET", "/admin/streamlist.txt", "The mounts that are on the air, for relays.", RADIO_ANYONE}, stream_list_show},
    {{"GET POST", "/admin/metadata", "An encoder says what it plays.", RADIO_SOURCE_OR_ADMIN}, metadata_update},
    {{"GET", "/admin.cgi", "The same, as encoders for Shoutcast say it.", RADIO_SOURCE_OR_ADMIN}, metadata_update},
    {{"GET", "/admin/updatemetadata", "That a mount is there, as Icecast says it in front of a form.", RADIO_ADMIN},
     update_metadata_show},
    {{"GET", "/admin/killsource", "Disconnects the source that plays.", RADIO_ADMIN}, kill_source},
    {{"GET", "/admin/killsource.xsl", "The same.", RADIO_ADMIN}, kill_source},
    {{"GET", "/admin/killclient", "Disconnects a listener.", RADIO_ADMIN}, kill_client},
    {{"GET", "/admin/killclient.xsl", "The same.", RADIO_ADMIN}, kill_client},
    {{"GET", "/admin/moveclients", "Says that listeners are not moved here, and why.", RADIO_ADMIN}, move_clients},
    {{"GET", "/admin/moveclients.xsl", "The same.", RADIO_ADMIN}, move_clients},
    {{"GET", "/admin/fallbacks", "Says what a mount falls back to here, and where that is set.", RADIO_ADMIN},
     fallbacks_set},
    {{"GET", "/admin/buildm3u", "A playlist that leads to the mount, as Icecast's page builds it.", RADIO_ADMIN},
     build_m3u},
    {{"GET", "{mount}.m3u", "A playlist that leads to the mount; also .pls, .xspf and .m3u8 (HLS).", RADIO_ANYONE},
     playlist_show},
    {{"GET", "{mount}", "The sound of a stream, now or from ?at=MOMENT on.", RADIO_ANYONE}, mount_get},
    {{"PUT SOURCE POST", "{mount}", "The sound of a source.", RADIO_SOURCE}, mount_put},
};
enum { ROUTES = sizeof routes / sizeof routes[0] };

const struct radio_row *radio_rows(size_t *count_out) {
    static struct radio_row rows[ROUTES];
    for (size_t i = 0; i < ROUTES; i++)
        rows[i] = routes[i].row;
    *count_out = ROUTES;
    return rows;
}

// ---- what was asked ----------------------------------------------------------------------------------------------------

struct str ask_header(const struct ask *ask, const char *name) {
    return http_request_header(&ask->head->req, name);
}

// Forms write a space as '+'.
static bool decode(struct arena *a, struct str value, struct str *out) {
    struct str plain = str_dup(a, value);
    for (size_t i = 0; i < plain.n; i++)
        if (plain.p[i] == '+')
            ((char *)(uintptr_t)plain.p)[i] = ' ';
    return percent_decode(a, plain, out);
}

struct str ask_field(const struct ask *ask, const char *name) {
    struct str rest = ask->head->req.query, key, value, decoded;
    while (url_query_next(&rest, &key, &value))
        if (str_eq(key, str_from(name)))
            return decode(ask->arena, value, &decoded) ? decoded : value; // as it stands there: it is refused, or shown
    return STR_NONE;
}

struct str ask_origin(const struct ask *ask) {
    const struct radio *r = ask->client->radio;
    if (r->setup->origin != NULL && r->setup->origin[0] != '\0')
        return str_from(r->setup->origin);
    struct str host = ask->head->req.host;
    if (host.n == 0)
        host = net_address_text(ask->arena, &r->setup->bound);
    return str_fmt(ask->arena, "http%s://%.*s", ask->head->req.secure ? "s" : "", STR_ARG(host));
}

static bool ends_like(struct str path, struct str ending, struct str *before_out) {
    if (path.n <= ending.n || !str_ends(path, ending))
        return false;
    *before_out = str_slice(path, 0, path.n - ending.n);
    return true;
}

static bool is_playlist(struct ask *ask) {
    static const char *const endings[] = {".m3u", ".pls", ".xspf", ".m3u8"};
    struct str before;
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (ends_like(ask->path, str_from(endings[i]), &before)) {
            ask->stream = stream_of_mount(ask->client->radio, before);
            ask->ending = str_from(endings[i] + 1);
            return ask->stream != NULL;
        }
    return false;
}

static bool path_matches(struct ask *ask, const char *pattern) {
    if (strcmp(pattern, "{mount}") == 0) {
        ask->stream = stream_of_mount(ask->client->radio, ask->path);
        return ask->stream != NULL;
    }
    if (strcmp(pattern, "{mount}.m3u") == 0)
        return is_playlist(ask);
    if (strcmp(pattern, "/hls/{name}") == 0)
        return str_starts(ask->path, STR("/hls/"));
    return str_eq(ask->path, str_from(pattern));
}

static bool has_word(const char *words, struct str word) {
    struct str rest = str_from(words), one;
    while (str_next(&rest, ' ', &one))
        if (str_eq(one, word))
            return true;
    return false;
}

// ---- rights ------------------------------------------------------------------------------------------------------------

enum { TRIES_A_MINUTE = 20, TRIES_OF_ADDRESS = 200 };

static void read_basic(struct ask *ask) {
    struct str value = ask_header(ask, "authorization");
    unsigned char plain[512];
    size_t n, at;
    if (value.n < 6 || !str_eq_nocase(str_slice(value, 0, 6), STR("Basic ")))
        return;
    value = str_trim(str_slice(value, 6, value.n));
    if (sodium_base642bin(plain, sizeof plain, value.p, value.n, NULL, &n, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
        return;
    struct str both = str_dup(ask->arena, (struct str){(const char *)plain, n});
    if (!str_find_char(both, ':', &at))
        return;
    ask->user = str_slice(both, 0, at);
    ask->password = str_slice(both, at + 1, both.n);
}

// Old encoders say it in other places: a header of its own, or the query of /admin.cgi.
static void read_password(struct ask *ask) {
    read_basic(ask);
    if (ask->password.p == NULL)
        ask->password = ask_header(ask, "ice-password");
    if (ask->password.p == NULL && str_eq(ask->path, STR("/admin.cgi"))) {
        ask->password = ask_field(ask, "pass");
        size_t at; // Shoutcast's form: "user:password"
        if (str_find_char(ask->password, ':', &at))
            ask->password = str_slice(ask->password, at + 1, ask->password.n);
    }
}

static bool is_admin(const struct ask *ask) {
    const struct services *services = &ask->client->radio->services;
    return str_eq(ask->user, STR("admin")) && services->admin.is_set &&
           service_password_is(&services->admin, ask->password);
}

// Which source of the stream has that password. The user's name is what the encoder's form happens to hold.
static bool find_source(struct ask *ask, const struct stream *s) {
    for (size_t i = 0; i < s->setup->source_count; i++) {
        const struct service_source *source = &s->setup->sources[i];
        if (source->kind == SERVICE_ENCODER && source->password.is_set &&
            service_password_is(&source->password, ask->password)) {
            ask->source = source;
            ask->source_index = (unsigned)i;
            return true;
        }
    }
    return false;
}

// Of an update of titles: the mount it names, or with none the one that has the password.
static bool find_updated(struct ask *ask) {
    struct radio *r = ask->client->radio;
    struct str mount = ask_field(ask, "mount");
    if (mount.n > 0) {
        ask->stream = stream_of_mount(r, mount);
        return ask->stream != NULL && find_source(ask, ask->stream);
    }
    for (ask->stream = r->streams; ask->stream != NULL; ask->stream = ask->stream->next)
        if (find_source(ask, ask->stream))
            return true;
    return false;
}

static bool may(struct ask *ask, enum radio_right right) {
    ask->is_admin = is_admin(ask);
    switch (right) {
    case RADIO_ANYONE:
        return true;
    case RADIO_ANYONE_OR_ADMIN:
        return ask->is_admin;
    case RADIO_SOURCE:
        return find_source(ask, ask->stream);
    case RADIO_SOURCE_OR_ADMIN:
        return ask->is_admin || find_updated(ask);
    case RADIO_ADMIN:
        return ask->is_admin;
    }
    return false;
}

// The commonest mistake of who sets up an encoder: the right password at the wrong mount.
static const struct stream *stream_of_password(struct ask *ask) {
    struct stream *s = ask->client->radio->streams;
    while (s != NULL && !find_source(ask, s))
        s = s->next;
    return s;
}

static void ask_for_password(struct ask *ask) {
    client_refuse(ask, 401,
                  "WWW-Authenticate: Basic realm=\"Siaran\", charset=\"UTF-8\"\r\n"
                  "Allow: GET, PUT, OPTIONS, SOURCE\r\n",
                  "The name and the password of a source, or of the administrator, are needed here.");
}

static void refuse_mount(struct ask *ask) {
    const struct stream *s = stream_of_password(ask);
    if (s == NULL)
        ask_for_password(ask);
    else
        client_refuse(ask, 403, NULL,
                      str_fmt(ask->arena, "This password belongs to the mount %.*s.", STR_ARG(s->setup->mount)).p);
}

static uint64_t key_of_address(const struct ask *ask) {
    return address_key((const struct sockaddr *)&ask->head->req.peer.sa);
}

// Refusals count against the address; what is right takes its try back. False: it was answered.
static bool try_counts(struct ask *ask, uint64_t *key_out) {
    // Of each mount by itself: an encoder that was set up wrong must not keep its neighbour out.
    *key_out = key_of_address(ask) ^ hash_key(ask->path);
    read_password(ask);
    if (ask->password.n == 0) {
        ask_for_password(ask);
        return false;
    }
    struct address_table *tries = ask->client->radio->tries;
    int64_t now_us = clock_mono_us();
    // And of all together, for whoever goes from mount to mount.
    if (address_may_post(tries, key_of_address(ask), ADDRESS_MINUTE, TRIES_OF_ADDRESS, now_us) &&
        address_may_post(tries, *key_out, ADDRESS_MINUTE, TRIES_A_MINUTE, now_us))
        return true;
    client_refuse(ask, 429, "Retry-After: 60\r\n", "Too many wrong passwords came from there: wait a minute.");
    return false;
}

static bool is_let_in(struct ask *ask, enum radio_right right) {
    struct radio *r = ask->client->radio;
    uint64_t key;
    bool says_nothing = ask_header(ask, "authorization").p == NULL;
    if (right == RADIO_ANYONE || (right == RADIO_ANYONE_OR_ADMIN && says_nothing))
        return true;
    if (!try_counts(ask, &key))
        return false;
    if (may(ask, right)) {
        address_post_undo(r->tries, key, ADDRESS_MINUTE);
        address_post_undo(r->tries, key_of_address(ask), ADDRESS_MINUTE);
        return true;
    }
    r->wrong_passwords++;
    log_warn("a wrong password for %.*s from %.*s", STR_ARG(ask->path),
             STR_ARG(net_address_text(ask->arena, &ask->head->req.peer)));
    if (right == RADIO_SOURCE)
        refuse_mount(ask);
    else
        ask_for_password(ask);
    return false;
}

// ---- dispatch ----------------------------------------------------------------------------------------------------------

static void options_answer(struct ask *ask) {
    client_answer(ask, 204, NULL,
                  CORS_LINES "Allow: GET, HEAD, PUT, OPTIONS, SOURCE\r\n"
                             "Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\n"
                             "Access-Control-Allow-Headers: Origin, Accept, Content-Type, X-Requested-With, "
                             "Icy-MetaData, Range\r\n"
                             "Access-Control-Max-Age: 86400\r\n",
                  STR(""));
}

// libshout asks "GET /admin/!POKE" to see how a password is asked for.
static bool is_poke(struct ask *ask) {
    if (!str_eq(ask->path, STR("/admin/!POKE")))
        return false;
    ask_for_password(ask);
    return true;
}

// What a GET of encoders and of Icecast's panels changes. A HEAD may change nothing.
static bool acts(const struct radio_route *route) {
    return route->handler == metadata_update || route->handler == kill_source || route->handler == kill_client;
}

// Programs that call themselves "Mozilla/3.0 (compatible; Indy Library)" are none; no browser has called itself so for long.
static bool is_browser(struct ask *ask) {
    struct str agent = ask_header(ask, "user-agent");
    bool is_program = str_starts(agent, STR("Mozilla/3.0 (compatible; "));
    return (str_starts(agent, STR("Mozilla/")) && !is_program) || ask_header(ask, "sec-fetch-site").p != NULL ||
           ask_header(ask, "origin").p != NULL;
}

// A browser that knows the administrator's password gives it to whatever page of anybody's asks for one of these, an image's
// address is enough; and what would tell who asked (Sec-Fetch-Site) is not sent over http. So a browser has to come from a form
// of our own page. Programs have no such memory, and keep to Icecast's address.
static bool is_lured(struct ask *ask) {
    if (!ask->is_admin || !is_browser(ask) ||
        str_eq(ask_field(ask, "token"), str_from(ask->client->radio->admin_token)))
        return false;
    client_refuse(
        ask, 403, NULL,
        "From a browser this is done by the buttons of the page at /admin/. Load that page anew and try again.");
    return true;
}

static struct str allow_add(struct arena *a, struct str allow, const struct radio_route *route) {
    struct str rest = str_from(route->row.methods), method;
    while (str_next(&rest, ' ', &method)) {
        bool has_head = str_eq(method, STR("GET")) && !acts(route);
        allow = str_fmt(a, "%.*s, %.*s%s", STR_ARG(allow), STR_ARG(method), has_head ? ", HEAD" : "");
    }
    return allow;
}

void routes_answer(struct ask *ask) {
    const struct request_head *head = ask->head;
    if (head->req.method == HTTP_OPTIONS) {
        options_answer(ask);
        return;
    }
    if (!percent_decode(ask->arena, head->req.path, &ask->path) || !utf8_valid(ask->path)) {
        client_refuse(ask, 400, NULL, "The address cannot be read.");
        return;
    }
    struct str method = ask->is_head ? STR("GET") : head->method_text;
    struct str allow = STR("OPTIONS");
    bool known = false;
    if (is_poke(ask))
        return;
    for (size_t i = 0; i < ROUTES; i++) {
        if (!path_matches(ask, routes[i].row.pattern))
            continue;
        known = true;
        if (!has_word(routes[i].row.methods, method) || (ask->is_head && acts(&routes[i]))) {
            allow = allow_add(ask->arena, allow, &routes[i]);
            continue;
        }
        if (is_let_in(ask, routes[i].row.right) && !(acts(&routes[i]) && is_lured(ask)))
            routes[i].handler(ask);
        return;
    }
    if (known)
        client_refuse(ask, 405, str_fmt(ask->arena, "Allow: %.*s\r\n", STR_ARG(allow)).p,
                      "That cannot be done with this address.");
    else if (head->req.method == HTTP_PUT || str_eq(method, STR("SOURCE"))) {
        uint64_t key; // asked for before anything is said of the mount, as for any other
        if (try_counts(ask, &key))
            refuse_mount(ask);
    } else
        client_refuse(ask, 404, NULL, "There is no such stream.");
}
