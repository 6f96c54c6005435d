// SPDX-License-Identifier: AGPL-3.0-or-later
// From data to pages: what compiled templates write into, the addresses of things, the page cache with its editions,
// and the frame every page of a language shares. View structs are in render/views.h and hold only str, html, numbers,
// bools, spots and lists of the same, so that a template can neither query nor decide.
#ifndef RENDER_RENDER_H
#define RENDER_RENDER_H

#include <stdatomic.h>

#include "http/http.h"
#include "news/news.h"
#include "record/record.h"
#include "service/service.h"
#include "text/text.h"
#include "util/util.h"

// ---- what templates write into (called by generated code; see docs/templates.md) ----------------------------------------

// A number shown live: the template writes {{spot v.reads}} and the phrase is spliced at send time.
struct render_spot {
    const struct text_counter *phrase; // NULL: nothing is written
    const _Atomic uint64_t *cell;
    uint64_t base;
};
struct render_out {
    struct buf body;
    enum text_lang lang; // of {{word ...}}
    struct http_spot spots[HTTP_SPOTS_MAX];
    size_t spot_count;
};
void render_out_init(struct render_out *o, enum text_lang lang); // body up to 8 MiB
void render_out_fini(struct render_out *o);
void render_raw(struct render_out *o, const char *literal, size_t n); // template text
void render_text(struct render_out *o, struct str s);                 // & < >
void render_attr(struct render_out *o, struct str s);                 // quoted attribute
void render_url(struct render_out *o,
                struct str s); // href/src: relative, http, https, mailto, tel; else "#"; then attribute
void render_json(struct render_out *o, struct str s); // a JSON string with quotes; also < > & U+2028 U+2029 escaped
void render_html(struct render_out *o, struct html h);
void render_number(struct render_out *o, int64_t n); // plain ASCII decimal
void render_unsigned(struct render_out *o, uint64_t n);
void render_url_query(struct render_out *o, struct str s); // behind ? or # of an address: percent-encoded
// A list of pictures with their widths ("/media/a.jpg 640w, /media/b.jpg 1280w"); members that render_url would not
// pass are left out.
void render_srcset(struct render_out *o, struct str s);
// The address of a script that the program carries itself (link_asset); any other runs nowhere: "/assets/none".
void render_script(struct render_out *o, struct str s);
void render_put_spot(struct render_out *o, struct render_spot spot);
// Which of these writes a hole is chosen by the compiler of templates from the place in the HTML, and by _Generic from
// the type: see render/template.h.

// ---- addresses: one canonical address per thing ---------------------------------------------------------------------------
// All are site-relative ("/en/news/22183-myanmar-..."), arena. `lite` gives the text edition's twin.

struct str link_front(struct arena *a, enum text_lang lang);
struct str link_article(struct arena *a, const struct article_card *card);
struct str link_article_of(struct arena *a, const struct article *art);
struct str link_short(struct arena *a, int64_t number); // "/n/22183"
// The page that holds the frame of an article's embed, from 1.
struct str link_embed(struct arena *a, enum text_lang lang, int64_t number, size_t place);
struct str link_section(struct arena *a, enum text_lang lang, struct str slug);
struct str link_tag(struct arena *a, enum text_lang lang, struct str slug);
struct str link_person(struct arena *a, enum text_lang lang, struct str slug);
struct str link_page(struct arena *a, enum text_lang lang, struct str path);
struct str link_archive(struct arena *a, enum text_lang lang, int year, int month, int day); // 0 = not given
struct str link_search(struct arena *a, enum text_lang lang, struct str words);
struct str link_preview(struct arena *a, enum text_lang lang, struct str token);
struct str link_live(struct arena *a, enum text_lang lang);
struct str link_player(struct arena *a, enum text_lang lang); // markup of the player's bar
struct str link_contact(struct arena *a, enum text_lang lang);
struct str link_contact_sent(struct arena *a, enum text_lang lang, struct str reference);
struct str link_media(struct arena *a, struct str sha256, struct str ext);
struct str link_mail(struct arena *a, struct str address); // "mailto:...", every sign but the @ as itself (RFC 6068)
struct str link_lite(struct arena *a, struct str address); // "/lite" + address
struct str link_feed(struct arena *a, enum text_lang lang, const char *kind, struct str slug, const char *ext);
// "/feeds/en/all.rss", "/feeds/en/section/news.atom", kind: all section tag author; ext: rss atom json
struct str link_absolute(struct arena *a, struct str origin, struct str address);
// Style sheets, scripts and icons, which the program carries itself. Their addresses change with their bytes, so browsers
// keep them for good: "/assets/site.1a2b3c4d5e6f.css" for "site.css". A name that was never built in is a bug.
struct str link_asset(struct arena *a, const char *name);

// ---- the site's shared state ------------------------------------------------------------------------------------------------

struct page_cache;
struct desk;
struct site;
// A parameter of the configuration: main's table, as the desk shows it. Values are written as in the file.
enum site_parameter_kind { SITE_PARAMETER_LINE, SITE_PARAMETER_NUMBER, SITE_PARAMETER_SWITCH, SITE_PARAMETER_LEVEL };
enum site_parameter_when { SITE_PARAMETER_AT_ONCE, SITE_PARAMETER_WITH_SITE, SITE_PARAMETER_WITH_STATION };
struct site_parameter {
    const char *name, *group, *unit, *description; // English, as in the file
    const char *otherwise;                         // the default
    enum site_parameter_kind kind;
    enum site_parameter_when when; // does a change count: at once, with a new site process, with a new start of it all
    int64_t min, max;              // of a number
    struct str value;              // in force
    struct str own;                // set at the desk, empty: not
    bool in_file;                  // whoever has the machine set it: the desk cannot
    bool for_desk;                 // the desk can at all
    bool waiting;                  // what is in force is not what is set
};
struct site_parameter_change {
    struct str name, value; // empty: the default again
};
enum { SITE_MARK_CHARS = 17 };
// What is saved at once; the password is the mail server's.
struct site_parameters_saved {
    const struct site_parameter_change *changes; // checked
    size_t count;
    bool password_too;
    struct str password;        // one line; empty: none any more
    char mark[SITE_MARK_CHARS]; // made by parameters_prepare; "" before
};
enum site_password {
    SITE_PASSWORD_NONE,
    SITE_PASSWORD_SET,
    SITE_PASSWORD_IN_FILE
};                                 // the last: siaran.conf names its file
enum { SITE_PASSWORD_MAX = 1000 }; // bytes
struct site_backup {
    struct str name; // of its file in DIR/backups
    int64_t at_us, bytes;
    bool daily;            // the station made it by itself
    struct str audit_head; // "NUMBER HASH"; empty: it does not say
};
struct site_backup_state {
    bool running; // one is being made, or about to be
    int64_t started_at, done_bytes, total_bytes;
};
// What main does for the desk.
struct site_running {
    // After the commit of settings: every process and thread of the site goes by them when it returns; the server's
    // limits follow within a moment. `db` reads.
    void (*settings_changed)(struct site *site, struct db *db);
    // All of them, in the table's order.
    size_t (*parameters)(struct site *site, struct arena *a, struct site_parameter **out);
    // RC_INVALID with a sentence that says what is expected; empty is always fine. RC_NOT_FOUND: none of the desk's.
    enum rc (*parameter_check)(struct str name, struct str value, struct problem *p);
    // DIR/desk.conf and DIR/smtp-password change with the audit log or not at all. `prepare`, in the write, puts the new
    // files beside the old ones and their mark into the database; `put`, behind its commit and before any other write
    // (store_write_then), gives them their names. A process that ends in between finds by the mark what was committed,
    // and its next start puts it. `drop`: the write failed, or `put` did; they go.
    enum rc (*parameters_prepare)(struct site *site, struct arena *a, struct db *db, struct site_parameters_saved *s,
                                  struct problem *p);
    enum rc (*parameters_put)(struct site *site, const struct site_parameters_saved *s, struct problem *p);
    void (*parameters_drop)(struct site *site, const struct site_parameters_saved *s);
    // What was stored counts when this returns, as far as it needs no restart. False: it will, but not yet.
    bool (*parameters_taken)(struct site *site);
    // The mail server's password, of which only this much is ever read again.
    enum site_password (*password)(struct site *site);
    // The site process ends when it has answered what it was asked, and the next one begins. New connections wait.
    void (*begin_anew)(struct site *site);
    // Newest first.
    enum rc (*backups)(struct site *site, struct arena *a, struct site_backup **out, size_t *count_out);
    void (*backup_look)(struct site *site, struct site_backup_state *out);
    bool (*backup_begin)(struct site *site); // false: one is being made already
    // RC_NOT_FOUND. *fd_out: the caller's.
    enum rc (*backup_open)(struct site *site, struct arena *a, struct str name, int *fd_out);
    enum rc (*backup_delete)(struct site *site, struct arena *a, struct str name);
    // In the write that takes a reader's message: who should know of it is told so, without its words.
    enum rc (*message_came)(struct site *site, struct arena *a, struct db *db, const struct message *m, int64_t now_us);
};
enum { SITE_ASSETS_MAX = 24 };
// What only main sees of the running program, for the system page.
enum { SITE_PROCESSES_MAX = 8 };
struct site_now {
    struct {
        char name[16];
        int64_t pid, started_at, crashes; // pid 0: it is being started; crashes since the station was started
    } processes[SITE_PROCESSES_MAX];
    size_t process_count;
    int64_t waiting[HTTP_QUEUE_COUNT]; // requests, not counting those that are worked on
    int64_t room[HTTP_QUEUE_COUNT];    // how many may wait
    bool origin_set;                   // site_origin
    const char *version;
};

// The two files of service/service.h, as they are now.
struct site_on_air {
    struct services services;
    struct service_state state; // when the radio does not run: no stream of it has a source
    bool radio_runs;
};
// Why pages do not say where the station's own sound is.
enum site_radio_problem {
    SITE_RADIO_WELL,
    SITE_RADIO_NOT_HTTPS, // browsers refuse to play its http on the site's https
    SITE_RADIO_NO_ORIGIN  // there are services, and where the public reaches them is not configured
};

struct site { // made by main, read by everybody; req->app
    struct store *store;
    struct counters *counters;
    struct referrers *referrers;
    struct redirect_hits *redirect_hits;
    struct page_cache *cache;
    struct most_read *most_read;
    struct media_shelf *shelf;
    struct media_intake *intake; // the way to the decoder
    const char *dir;
    struct str origin; // "https://www.example.org", no slash at the end
    // Settings of the station that the desk changes while others read them:
    const struct text_zone *_Atomic zone;
    _Atomic uint32_t languages; // bits
    _Atomic(enum text_lang) default_lang;
    _Atomic int64_t message_days;       // how long readers' messages are kept
    _Atomic int64_t backup_keep;        // and how many of the days' backups, in which they still are
    const struct site_running *running; // NULL: what runs cannot be changed from inside
    uint8_t vote_key[32], preview_key[32];
    void (*look)(struct site *site, struct site_now *out); // any thread
    atomic_bool sends_mail, calls_hook;                    // the parameters name a server for it
    // What can be tuned in to and what is on the air; text in the arena. Any thread. NULL: the station has no radio.
    void (*on_air)(struct site *site, struct arena *a, struct site_on_air *out);
    const char *_Atomic radio_origin; // as pages may name it: see site_radio_origin
    _Atomic(enum site_radio_problem) radio_problem;
    atomic_bool can_be_heard;                          // there is a public service, and pages may name the radio
    struct http_page *_Atomic assets[SITE_ASSETS_MAX]; // answers made once (site/asset_show.c)
    struct desk *desk;                                 // what src/desk keeps between requests; NULL: none is open
};
// "https://radio.example.org", or with the path that a proxy has it under; empty: pages name no sound of the station's own.
struct str site_radio_origin(const struct site *site);
struct worker { // one per pool thread; req->worker
    struct site *site;
    struct db *db;
};

// ---- the page cache ------------------------------------------------------------------------------------------------------------
// A page is served while nothing it shows has changed, and never after; those who ask meanwhile wait for the one
// render (docs/decisions/0001). The key is the path, so that HEAD shares GET's page. A path with a query is another
// page only when its handler says so (render_page.query_is_canonical): a ?utm=... is rendered, answered and forgotten,
// and can neither fill the cache nor make readers wait for each other.

struct page_cache *page_cache_new(size_t max_bytes);
void page_cache_free(struct page_cache **c);
// http_server_setup.ready, .lookup and .lookup_over (app = struct site *).
struct http_page *page_cache_ready(void *app, const struct http_request *req);
enum http_lookup page_cache_lookup(void *app, const struct http_request *req, struct http_page **page_out,
                                   struct http_waiter *(*waiter_make)(void *), void *waiter_context);
void page_cache_lookup_over(void *app, const struct http_request *req);
struct page_cache_stats {
    uint64_t hits, renders, stale, evicted, waits;
    size_t bytes, pages;
};
void page_cache_get_stats(struct page_cache *c, struct page_cache_stats *out);
bool page_cache_holds(struct page_cache *c, struct str target); // fresh; for tests

// What a page depends on. Ask for each scope BEFORE reading the data it covers, so that a change in between shows.
enum { RENDER_USES_MAX = 256 };
struct render_uses {
    struct {
        edition_scope scope;
        uint32_t seen;
    } rows[RENDER_USES_MAX];
    size_t count;
    uint64_t generation; // when it was begun
    int64_t until;       // INT64_MAX; lowered by render_until: the next moment at which the page would look different
    bool too_many;       // the page is then kept for a second only
};
void render_uses_init(struct render_uses *u);
void render_use(struct render_uses *u, enum edition_kind kind, int64_t id);
void render_until(struct render_uses *u, int64_t at_us);

// Ends a page: makes the http_page (ETag from content, gzip, headers of the site: CSP, nosniff, Referrer-Policy),
// stores it in the cache under the request's target when its route's policy says so, and puts it into the reply.
struct render_page {
    int status;                 // 0 = 200
    struct str content_type;    // empty = "text/html; charset=utf-8"
    struct str link_header;     // hreflang etc. in a Link header, or empty
    struct counter_cell *count; // the article's, or NULL
    int64_t number;             // the article's, where it has a cell
    bool no_index;
    struct str frame_origin; // the one site whose frame the page holds, "'self'" for this one; or empty
    bool is_framed;          // a page of this site may hold it in a frame
    bool query_is_canonical; // the request's query is, byte for byte, the one our own links to this page carry
};
// Only 200 and 410 are kept, only of routes with HTTP_CACHE_EDITION or HTTP_CACHE_SHORT. RC_TOO_BIG: over 8 MiB.
// `o` stays the caller's.
enum rc render_reply(struct http_request *req, struct http_reply *reply, struct render_out *o,
                     const struct render_uses *uses, const struct render_page *page) MUST_USE;

#endif
