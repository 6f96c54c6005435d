// SPDX-License-Identifier: AGPL-3.0-or-later
// The HTTP/1.1 and 1.0 server: RFC 9110, 9112 (strict: see request_parser.c), RFC 6265 cookies, RFC 9111 validators.
//
// Life of a request: a loop thread reads and parses the head; asks the application for a finished page (http_page:
// `ready`, `lookup`) and sends it; or finds the route, enforces its row, reads the body, and gives the request to the worker
// pool the row names; the handler fills a reply; the loop sends it. A handler never touches a socket.
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include <stdatomic.h>

#include "net/net.h"
#include "util/util.h"

enum http_method {
    HTTP_GET = 1 << 0,
    HTTP_HEAD = 1 << 1, // answered everywhere GET is, by the GET handler; the body is not sent
    HTTP_POST = 1 << 2,
    HTTP_OPTIONS = 1 << 3, // answered from the table
    HTTP_PUT = 1 << 4,
    HTTP_OTHER = 1 << 5, // a valid token we do not serve: 405 or 501
};

// ---- request -------------------------------------------------------------------------------------------------

struct http_header {
    struct str name;  // as sent
    struct str value; // trimmed
};

// One field of a form (body or query), decoded; in the order of the schema, absent = STR_NONE.
struct http_field {
    struct str name, value;
    const char *problem; // words key of what is wrong with it, or NULL
};

// A file of a form: at the beginning of `fd`, which belongs to the server and ends with the handler.
enum { HTTP_FILES_MAX = 64 };
struct http_file {
    struct str field, name; // name as sent: never a path of ours, and nothing says that it tells the truth
    int fd;
    uint64_t bytes;
};

struct http_server;
struct http_route;

// Which demand of its row a request did not meet. The error handler sees it, together with the fields that came along
// from our own origin (never from another), so that what was typed can be given back.
enum http_refusal {
    HTTP_REFUSED_NOT,          // none
    HTTP_REFUSED_NO_SESSION,   // the row needs one; none was sent, or one that we do not know
    HTTP_REFUSED_SESSION_OVER, // it ended or expired
    HTTP_REFUSED_ROLE,         // the session has none of the row's roles
    HTTP_REFUSED_TOKEN,        // HTTP_GUARD_TOKEN: missing, or of another session
};

// Everything in it is borrowed from the request's arena and ends with the reply.
struct http_request {
    enum http_method method;
    int minor;         // HTTP/1.minor
    struct str target; // path and query; rows kept in memory: without what the form does not name
    struct str path;   // as sent, "/..." ; never percent-decoded as a whole
    struct str query;  // without '?', undecoded
    struct str host;   // lower-cased, with port if one was sent; already checked against the server's hosts
    const struct http_header *headers;
    size_t header_count;
    struct str body; // complete, at most the route's limit
    const struct http_route *route;
    struct str params[6];            // the route's {holes}, percent-decoded, valid UTF-8, in order
    const struct http_field *fields; // by the route's form schema
    size_t field_count;
    const struct http_file *files; // of rows with `upload`
    size_t file_count;
    bool form_ok;            // false: at least one field has a problem; the handler shows the form again
    struct net_address peer; // the client's, also behind a trusted proxy
    struct net_address via;  // of who holds the connection: that proxy, or the client
    bool secure;             // https at us or at a trusted proxy
    bool gzip;               // the client accepts gzip
    struct arena *arena;     // for the handler too
    void *app;               // http_server_setup.app
    void *worker;            // the pool thread's worker state
    uint32_t roles;          // bits, set by http_server_setup.session_of; 0 = anonymous
    void *session;           // the application's, set by session_of; NULL on rows that need none
    struct str form_token;   // what a form of this session must carry, set by session_of
    enum http_refusal refusal;
};

struct str http_request_header(const struct http_request *r, const char *name); // first, or STR_NONE
struct str http_request_cookie(const struct http_request *r, const char *name); // value, or STR_NONE
struct str http_request_field(const struct http_request *r, const char *name);  // value, or STR_NONE
// Same-origin by Sec-Fetch-Site, else by Origin, else false. RFC 6454; Fetch Metadata (W3C).
bool http_request_is_same_origin(const struct http_request *r);

// A Host field's name and port ("www.example.org", "443"), with `otherwise` where no port is written; views.
void http_host_split(struct str host, const char *otherwise, struct str *name_out, struct str *port_out);
// Whether a Host field names the host of an origin ("https://www.example.org"), the scheme's port where none is written.
bool http_origin_has_host(struct str origin, struct str host);

// ---- pages: immutable answers with live numbers ----------------------------------------------------------------

// A live spot: a number that is read at send time and written into the finished body, plain and gzip alike.
struct http_spot {
    size_t at;                    // offset in the plain body where the phrase is inserted
    const _Atomic uint64_t *cell; // current count ...
    uint64_t base;                // ... shown as base + *cell
    size_t (*write)(const void *phrase, uint64_t number, char *out, size_t room); // bytes written, <= 192
    const void *phrase; // prepared words; lives as long as the process or is inside `keep`
};
enum { HTTP_SPOTS_MAX = 3, HTTP_SPOT_BYTES = 192 };

// What a page is made of; all is copied.
struct http_page_parts {
    int status;               // 200, 404, ...
    struct str content_type;  // with charset
    struct str extra_headers; // complete lines with CRLF
    struct str cache_control; // empty: none
    struct str etag;          // complete, weak or strong; empty: none
    int64_t last_modified_us; // 0: none
    struct str body;          // plain
    struct http_spot spots[HTTP_SPOTS_MAX];
    size_t spot_count;
    bool compress;                 // make a gzip body (if it is smaller); the plain one is then made anew when wanted
    _Atomic uint64_t *count_reads; // +1 on a 200 GET by a reader (not bot, not prefetch); after the spot was read
    _Atomic uint64_t *count_raw;   // +1 on every 200 GET
    int64_t read_key;              // names to `came_from` what such a reader read; 0: nothing
    void *keep;                    // owned by the page from now on, freed by keep_free with it
    void (*keep_free)(void *keep);
};
struct http_page;
struct http_page *http_page_new(const struct http_page_parts *parts); // one reference, owned
struct http_page *http_page_ref(struct http_page *page);
void http_page_unref(struct http_page **page); // nulls
// The memory it holds while all its readers take gzip, or, with `plain`, once one did not.
size_t http_page_bytes(const struct http_page *page, bool plain);
int http_page_status(const struct http_page *page);
struct str http_page_etag(const struct http_page *page);

// ---- reply -----------------------------------------------------------------------------------------------------

// What a handler fills. Either a page, or status + headers + body. Lives as long as the request.
struct http_reply {
    int status;         // 0 until set
    struct buf headers; // complete lines with CRLF: use http_reply_header
    struct str content_type;
    struct buf body;        // up to 16 MiB
    struct http_page *page; // a reference the reply takes over; then the rest is ignored (but Set-Cookie lines)
    int file_fd;            // >= 0: the body is this file, sent with Range support; closed by the server
    int64_t file_bytes;
    int64_t file_modified_us;
};
// Name and value are checked: a CR, LF or NUL in them is a bug (must).
void http_reply_header(struct http_reply *reply, const char *name, struct str value);
void http_reply_redirect(struct http_reply *reply, int status, struct str location); // 301, 302, 303, 307, 308
void http_reply_cookie(struct http_reply *reply, const char *name, struct str value, const char *attributes);

// ---- routes ----------------------------------------------------------------------------------------------------

// How a state-changing request proves that it comes from our own page.
enum http_guard {
    HTTP_GUARD_NONE = 0,    // GET only; a POST row with this does not pass http_routes_check
    HTTP_GUARD_PUBLIC_FORM, // shared cached pages: same-origin by Fetch Metadata or Origin, and a rate limit
    HTTP_GUARD_TOKEN,       // forms of a session: same-origin, and the session's token in the field "token" or the
                            // header X-Token. From another origin: a bare 403 before the body is read
};
enum http_cache_policy {
    HTTP_CACHE_EDITION, // rendered once per edition and served from memory; private, no-cache, ETag
    HTTP_CACHE_NEVER,   // no-store
    HTTP_CACHE_SHORT,   // may be kept by the reader for a minute (feeds, sitemaps): also from memory
    HTTP_CACHE_FOREVER, // names that change with the content
};
enum http_queue {
    HTTP_QUEUE_PAGE,
    HTTP_QUEUE_SEARCH,
    HTTP_QUEUE_WRITE,
    HTTP_QUEUE_LOGIN,  // one thread: each password costs 64 MiB and a tenth of a second
    HTTP_QUEUE_UPLOAD, // waits for the decoder, which takes one file at a time
    HTTP_QUEUE_COUNT
};

enum http_field_kind {
    HTTP_FIELD_TEXT,   // valid UTF-8 without control characters but tab and newline; min..max characters
    HTTP_FIELD_NUMBER, // decimal; min..max value
    HTTP_FIELD_WORD,   // [A-Za-z0-9_.-]{min,max}
    HTTP_FIELD_DATE,   // YYYY-MM-DD
    HTTP_FIELD_SECRET, // text that is never given back: passwords and codes
    HTTP_FIELD_LINES, // a field sent any number of times (a row of a list each): lines of text joined by newlines, empty
                      // ones too, 64 at most; each of min..max characters
    HTTP_FIELD_WORDS, // a field sent any number of times (check boxes): words of 1 to 64, joined by spaces; min..max
                      // of them
};
struct http_field_rule {
    const char *name;
    enum http_field_kind kind;
    bool required;
    int64_t min, max;
    const char *purpose;
};
struct http_form {
    const struct http_field_rule *rules;
    size_t count;
    size_t body_max; // bytes
};

// What a row takes in files (multipart/form-data, RFC 7578; of a known length). Fields go through the row's form and its
// body_max. The session, the role and a token in the header X-Token are looked at before the body is read; without the
// header the token must be the first part. A row that takes files takes the same form without them too.
struct http_upload {
    size_t files_max;    // <= HTTP_FILES_MAX
    uint64_t file_bytes; // of each
    uint64_t body_bytes; // of all together
};

struct http_route {
    enum http_method method; // one; GET serves HEAD too
    const char *pattern;     // "/{lang}/tag/{slug}"; {x} one segment, {x*} the non-empty rest; literals win
    enum rc (*handler)(struct http_request *req, struct http_reply *reply);
    uint32_t roles; // 0 = everybody, and no session is looked for; else one of these bits is needed
    enum http_guard guard;
    const struct http_form *form;     // of the query for GET, of the body for POST; NULL: unknown fields are ignored
    const struct http_upload *upload; // NULL: no files
    enum http_cache_policy cache;
    enum http_queue queue;
    // Posts of one address that are taken in an hour, by all rows that say so together; one that is answered with 400 or
    // more does not count. 0: what the guard allows.
    unsigned per_hour;
    bool counted; // a 200 counts as a read of the item shown
    bool audit;
    const char *purpose; // one sentence for `siaran routes` and the docs
};

// Refuses a table in which two rows match alike, a POST has no guard, one of a session no token, a row with roles may be
// kept, or a row has no purpose.
enum rc http_routes_check(const struct http_route *rows, size_t count, struct problem *p) MUST_USE;

// ---- server ----------------------------------------------------------------------------------------------------

// What `lookup` answers.
enum http_lookup {
    HTTP_LOOKUP_HIT,      // *page_out holds a reference
    HTTP_LOOKUP_DISPATCH, // run the route's handler
    HTTP_LOOKUP_SOON,     // the same before others that are queued: a page that readers asked for until it changed
    HTTP_LOOKUP_WAIT,     // another worker renders it: http_waiter_wake(waiter) will come
};
struct http_waiter; // names a parked request; freed by http_waiter_wake

struct http_limits {
    size_t head_bytes;                // 16384; 431 above
    size_t header_count;              // 100; 431 above
    size_t target_bytes;              // 4096; 414 above
    int head_ms;                      // for a whole head; 10000
    int body_ms;                      // for each 4096 bytes of a body, and for its rest; 30000
    int idle_ms;                      // between requests; 60000
    int write_ms;                     // for any progress of an answer; 30000
    unsigned connections;             // in all
    unsigned connections_per_address; // 503 + close above; 0 = no limit
    unsigned public_posts_per_minute; // per address (IPv6: /64), for HTTP_GUARD_PUBLIC_FORM
    // "SOURCE /mount ICE/1.0" is read as HTTP/1.0, HTTP/1.1 without a Host passes, and so does a target in which a title
    // stands as it is: in any script, with quotes
    bool old_encoders;
};

struct http_server_setup {
    const struct http_route *const *tables; // NULL-terminated list of tables ...
    const size_t *table_counts;             // ... and their lengths
    const int *listen_fds;                  // one per loop; the server does not close them
    size_t loops;
    struct http_limits limits;
    struct net_pool *pools[HTTP_QUEUE_COUNT]; // worker state becomes req->worker
    void *app;
    // Called on a loop thread for GET and HEAD without query, before anything else is asked about the address: a page that
    // everybody may have now, with its own Cache-Control, and a reference of it; NULL: on to its row. Must not block. NULL:
    // there is none.
    struct http_page *(*ready)(void *app, const struct http_request *req);
    // The same of a row that is kept, with an empty or canonical query; must not block. `waiter_make` gives
    // the waiter to keep when it answers WAIT. NULL: always dispatch.
    enum http_lookup (*lookup)(void *app, const struct http_request *req, struct http_page **page_out,
                               struct http_waiter *(*waiter_make)(void *), void *waiter_context);
    // Called when a dispatched cacheable request ends without having been stored, so that those who wait go on.
    void (*lookup_over)(void *app, const struct http_request *req);
    // Called on the worker's thread when a dispatched request's answer is made: for what its handler held until then.
    void (*answered)(void *app, struct http_request *req);
    // Turns a failure into an error page in the reader's language. The only place where rc meets a status.
    void (*error)(void *app, struct http_request *req, int status, struct http_reply *reply);
    bool (*host_known)(void *app, struct str host); // false: 421
    bool (*is_bot)(struct str user_agent);          // NULL: nobody
    // A reader's 200 of a page with a read_key was sent that a Referer field led to. Loop thread, must not block. NULL: none.
    void (*came_from)(void *app, const struct http_request *req, int64_t read_key, struct str referer);
    // Finds the session of a request for a row with roles or HTTP_GUARD_TOKEN, on the worker's thread, and fills
    // req->session, roles and form_token. RC_NOT_FOUND: none. RC_GONE: it is over; req->session may then still say whose
    // it was. Anything else fails the request. NULL: nobody has one.
    enum rc (*session_of)(void *app, struct http_request *req);
    // A new file for an upload, or -1; on a thread that is no loop's. NULL: rows with `upload` take no files.
    int (*upload_file)(void *app);
    const struct net_address *trusted_proxies; // X-Forwarded-For and -Proto are believed from these only
    size_t trusted_proxy_count;
    // One line per request; NULL: off. `line` is complete without newline. Loop thread, with its own descriptors.
    void (*access_log)(void *app, struct str line);
};
struct http_server *http_server_new(const struct http_server_setup *setup); // starts the loop threads
// Takes over what may change while the server runs: the limits (but head_bytes and header_count), the trusted proxies and
// the access log. Every loop stands still for that moment, so no request sees half of it. Not while draining.
void http_server_change(struct http_server *s, const struct http_server_setup *setup);
// Runs fn(arg) once on each loop's thread and returns when all have. Each loop has a descriptor table of its own: what the
// application opens or replaces later exists on a loop only when it was opened there. Not from a loop; not while draining.
void http_server_run_on_loops(struct http_server *s, void (*fn)(void *arg), void *arg);
// Stops accepting, answers what was begun and what comes within a second on connections that were opened for it, closes
// the others, then returns; after `wait_ms` in any case.
void http_server_drain(struct http_server *s, int wait_ms);
void http_server_free(struct http_server **s);

// From any thread, once per waiter: the parked request looks again. `stored` false: it is dispatched at once.
void http_waiter_wake(struct http_waiter *waiter, bool stored);

const char *http_reason(int status); // "OK", ...; borrowed, static
int http_status_of(enum rc rc);      // the one mapping: OK 200, NOT_FOUND 404, GONE 410, CONFLICT 409, INVALID 422,
                                     // DENIED 403, BUSY 503, TOO_BIG 413, IO 500

// Counters since start, for the system page and the bench.
struct http_stats {
    uint64_t connections, requests, hits, dispatched, parked, refused, bytes_out;
};
void http_server_stats(struct http_server *s, struct http_stats *out);

// ---- date --------------------------------------------------------------------------------------------------------

// IMF-fixdate (RFC 9110 5.6.7), 29 bytes.
enum { HTTP_DATE_BYTES = 29 };
void http_date_put(char out[HTTP_DATE_BYTES], int64_t at_us);
bool http_date_get(struct str text, int64_t *at_us_out);

#endif
