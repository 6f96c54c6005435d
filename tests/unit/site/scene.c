// SPDX-License-Identifier: AGPL-3.0-or-later
// See scene.h.
#include "scene.h"

#include <sys/wait.h>

#include "feeds/feeds.h"

static enum rc fill_station(struct db *db, void *arg) {
    struct scene *s = arg;
    struct arena *a = arena_new(16 << 20);
    struct news_changes changes = {0};
    struct problem problem = {{0}};
    enum rc rc = station_init(a, db, STR("Test Station"), STR("Asia/Jakarta"),
                              1u << LANG_EN | 1u << LANG_AR | 1u << LANG_DE, &changes, &problem);
    struct section news;
    if (rc == RC_OK)
        rc = section_by_slug(a, db, LANG_EN, STR("news"), &news);
    for (int i = 0; i < 25 && rc == RC_OK; i++) {
        struct article art = {.lang = LANG_EN, .section_id = news.id, .state = ARTICLE_PUBLISHED, .reads_base = 213};
        art.headline = str_fmt(a, "Story <%d> & \"more\"", i);
        art.body = html_from_paragraphs(a, STR("First paragraph.\n\nSecond about ferries."));
        art.agency = STR("Reuters");
        art.published_at = clock_now_us() - (100 - i) * INT64_C(60) * US_PER_SECOND;
        struct str tag = STR("ferries"), person = STR("Mira Handalu");
        struct article_links links = {&tag, 1, &person, 1};
        rc = article_save(a, db, &art, &links, &changes, &problem);
        s->article = art.number;
        if (rc == RC_OK && i == 24)
            rc = legacy_put(db, STR_NONE, LEGACY_ITEM, 22183, art.number);
    }
    if (rc != RC_OK)
        print_error("the station cannot be made: %s %s\n", rc_name(rc), problem.text);
    arena_free(&a);
    return rc;
}

void scene_open(struct scene *s) {
    struct problem problem = {{0}};
    memset(s, 0, sizeof(*s));
    memcpy(s->dir, "siaran-site-XXXXXX", 19);
    assert_non_null(mkdtemp(s->dir));
    search_start();
    assert_int_equal(store_open(s->dir, true, &s->site.store, &problem), RC_OK);
    assert_int_equal(counters_open(s->dir, s->site.store, &s->site.counters, &problem), RC_OK);
    const struct text_zone *zone;
    assert_int_equal(text_zone_find(STR("Asia/Jakarta"), &zone), RC_OK);
    s->site.zone = zone;
    s->site.cache = page_cache_new(1 << 20);
    s->site.most_read = most_read_new();
    s->site.dir = s->dir;
    s->site.origin = STR("https://www.example.org");
    s->site.languages = 1u << LANG_EN | 1u << LANG_AR | 1u << LANG_DE;
    assert_int_equal(store_write(s->site.store, STORE_DURABLE, fill_station, s), RC_OK);
    s->worker.site = &s->site;
    assert_int_equal(store_reader_new(s->site.store, &s->worker.db, &problem), RC_OK);
    const struct http_route *tables[] = {site_routes, feeds_routes, NULL};
    const size_t counts[] = {site_route_count, feeds_route_count};
    assert_int_equal(route_tree_new(tables, counts, &s->routes, &problem), RC_OK);
}

static void forget_reply(struct scene *s) {
    if (s->replied)
        reply_fini(&s->reply);
    s->replied = false;
    arena_free(&s->arena);
}

void scene_close(struct scene *s) {
    forget_reply(s);
    route_tree_free(&s->routes);
    store_reader_free(&s->worker.db);
    page_cache_free(&s->site.cache);
    most_read_free(&s->site.most_read);
    counters_close(&s->site.counters);
    store_close(&s->site.store);
    char *const argv[] = {(char[]){"rm"}, (char[]){"-rf"}, s->dir, NULL};
    pid_t pid = fork();
    if (pid == 0) {
        (void)execv("/bin/rm", argv);
        _exit(1);
    }
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void keep_body(struct scene *s) {
    static char scratch[PAGE_SCRATCH];
    size_t n = 0;
    if (s->reply.page != NULL) {
        struct page_body body;
        page_lay_out(s->reply.page, false, page_counts_reads(s->reply.page), true, scratch, &body);
        for (int i = 0; i < body.count; i++) {
            assert_true(n + body.iov[i].iov_len < sizeof(s->text));
            memcpy(s->text + n, body.iov[i].iov_base, body.iov[i].iov_len);
            n += body.iov[i].iov_len;
        }
    }
    s->text[n] = '\0';
}

static int run(struct scene *s) {
    struct route_match m;
    enum http_method method = s->req.method;
    s->req.arena = s->arena;
    s->req.app = &s->site;
    s->req.worker = &s->worker;
    s->req.form_ok = true;
    reply_init(&s->reply);
    s->replied = true;
    route_match(s->routes, method, s->req.path, &m);
    int status = m.route == NULL ? 404 : route_params(&m, &s->req);
    if (status == 0) {
        s->req.route = m.route;
        const struct http_form *form = m.route->form;
        if (form != NULL) {
            assert_true(form->count <= sizeof(s->fields) / sizeof(s->fields[0]));
            s->req.form_ok = form_read(s->arena, form, method == HTTP_POST ? s->req.body : s->req.query, s->fields);
            s->req.fields = s->fields;
            s->req.field_count = form->count;
        }
        enum rc rc = m.route->handler(&s->req, &s->reply);
        status = rc == RC_OK ? 0 : http_status_of(rc);
    }
    if (status != 0)
        site_error(&s->site, &s->req, status, &s->reply);
    site_answered(&s->site, &s->req);
    keep_body(s);
    return s->reply.page != NULL ? http_page_status(s->reply.page) : s->reply.status;
}

static void prepare(struct scene *s, enum http_method method, const char *target) {
    forget_reply(s);
    s->arena = arena_new(64 << 20);
    s->req = (struct http_request){.method = method, .target = str_from(target), .path = str_from(target)};
    size_t mark;
    if (str_find_char(s->req.target, '?', &mark)) {
        s->req.path = str_slice(s->req.target, 0, mark);
        s->req.query = str_slice(s->req.target, mark + 1, s->req.target.n);
    }
}

int scene_get(struct scene *s, const char *target, const char *header, const char *value) {
    struct http_header line = {str_from(header), str_from(value)};
    prepare(s, HTTP_GET, target);
    s->req.headers = &line;
    s->req.header_count = header != NULL ? 1 : 0;
    int status = run(s);
    s->req.header_count = 0;
    return status;
}

int scene_failure(struct scene *s, const char *target, int failed) {
    prepare(s, HTTP_GET, target);
    s->req.arena = s->arena;
    s->req.app = &s->site;
    s->req.worker = &s->worker;
    reply_init(&s->reply);
    s->replied = true;
    site_error(&s->site, &s->req, failed, &s->reply);
    keep_body(s);
    return s->reply.page != NULL ? http_page_status(s->reply.page) : s->reply.status;
}

int scene_post(struct scene *s, const char *target, const char *body, const char *cookie) {
    struct http_header line = {STR("Cookie"), str_from(cookie)};
    prepare(s, HTTP_POST, target);
    s->req.body = str_from(body);
    s->req.headers = &line;
    s->req.header_count = cookie != NULL ? 1 : 0;
    int status = run(s);
    s->req.header_count = 0;
    return status;
}

bool scene_has(const struct scene *s, const char *text) {
    return strstr(s->text, text) != NULL;
}

static struct str header_of(const struct scene *s, struct str name) {
    struct str rest = buf_view(&s->reply.headers), line;
    while (str_next(&rest, '\n', &line))
        if (str_starts(line, name))
            return str_trim(str_slice(line, name.n, line.n));
    return STR_NONE;
}

struct str scene_location(const struct scene *s) {
    return header_of(s, STR("Location: "));
}

struct str scene_cookie(const struct scene *s) {
    struct str line = header_of(s, STR("Set-Cookie: "));
    size_t end;
    return str_find_char(line, ';', &end) ? str_slice(line, 0, end) : line;
}
