// SPDX-License-Identifier: AGPL-3.0-or-later
// Redirects as they are found and listed, what answers without them, and their check.
#include "news/internal.h"

#define COLUMNS "id, version, made_at, source, target, hits, hit_at"
_Static_assert(REDIRECTS_SHOWN == 50, "the SQL says so");

static void row_read(struct arena *a, struct db_stmt *st, struct redirect *out) {
    *out = (struct redirect){.id = db_i64(st, 0),
                             .version = db_i64(st, 1),
                             .made_at = db_i64(st, 2),
                             .source = db_str_dup(a, st, 3),
                             .target = db_str_dup(a, st, 4),
                             .hits = db_i64(st, 5),
                             .hit_at = db_i64(st, 6)};
}

static enum rc one_read(struct arena *a, struct db_stmt *st, struct redirect *out) {
    bool found = db_step(st);
    if (found)
        row_read(a, st, out);
    enum rc rc = db_end(st);
    return rc != RC_OK ? rc : found ? RC_OK : RC_NOT_FOUND;
}

static enum rc by_source(struct arena *a, struct db *db, struct str source, struct redirect *out) {
    struct db_stmt *st = db_sql(db, "SELECT " COLUMNS " FROM redirects WHERE source = $1");
    db_bind_str(st, 1, source);
    return one_read(a, st, out);
}

enum rc redirect_find(struct arena *a, struct db *db, struct str path, struct str query, struct redirect *out) {
    struct str asked;
    if (!redirect_asked(a, path, query, &asked))
        return RC_NOT_FOUND;
    enum rc rc = by_source(a, db, asked, out);
    struct str alone = redirect_path(asked);
    return rc == RC_NOT_FOUND && alone.n < asked.n ? by_source(a, db, alone, out) : rc;
}

enum rc redirect_by_id(struct arena *a, struct db *db, int64_t id, struct redirect *out) {
    struct db_stmt *st = db_sql(db, "SELECT " COLUMNS " FROM redirects WHERE id = $1");
    db_bind_i64(st, 1, id);
    return one_read(a, st, out);
}

enum rc redirect_list(struct arena *a, struct db *db, const struct redirects_query *q, struct redirect **out,
                      size_t *count_out, bool *more_out) {
    struct db_stmt *st =
        db_sql(db, "SELECT " COLUMNS " FROM redirects WHERE source > $1 AND (source LIKE '%' || $2 || '%' ESCAPE '!' "
                   "OR target LIKE '%' || $2 || '%' ESCAPE '!') ORDER BY source LIMIT 51");
    db_bind_str(st, 1, q->after);
    db_bind_str(st, 2, like_part(a, q->words));
    *out = ARENA_ARRAY(a, struct redirect, REDIRECTS_SHOWN);
    *count_out = 0;
    *more_out = false;
    while (db_step(st)) {
        *more_out = *count_out == REDIRECTS_SHOWN;
        if (*more_out)
            break;
        row_read(a, st, &(*out)[(*count_out)++]);
    }
    return db_end(st);
}

// ---- what answers --------------------------------------------------------------------------------------------------------

// First parts of the program's own addresses; tests/http/redirects.test.js holds them against the tables of routes.
static bool is_own_place(struct str part) {
    static const char *const names[] = {
        "",        "desk", "lite",  "assets",   "colours",     "media",      "picture",     "n",
        "preview", "vote", "feeds", "sitemaps", "favicon.ico", "robots.txt", "sitemap.xml", "news-sitemap.xml"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_eq(part, str_from(names[i])))
            return true;
    return false;
}

static bool is_fixed_place(struct str part) {
    static const char *const names[] = {"archive", "contact", "search", "live", "embed"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_eq(part, str_from(names[i])))
            return true;
    return false;
}

static struct str lower(struct arena *a, struct str s) {
    char *copy = str_c(a, s);
    for (size_t i = 0; i < s.n; i++)
        if (copy[i] >= 'A' && copy[i] <= 'Z')
            copy[i] = (char)(copy[i] - 'A' + 'a');
    return (struct str){copy, s.n};
}

struct place {
    struct arena *a;
    struct db *db;
    enum text_lang lang;
    int64_t now_us;
};

static bool article_is_live(struct place *p, struct str item) {
    struct article art;
    int64_t number = 0, until;
    size_t n = 0;
    while (n < item.n && item.p[n] >= '0' && item.p[n] <= '9')
        n++;
    if (n == 0 || (n < item.n && item.p[n] != '-') || !str_to_i64(str_slice(item, 0, n), &number))
        return false;
    enum rc rc = article_show(p->a, p->db, number, p->now_us, &art, &until);
    return rc == RC_OK || rc == RC_GONE; // a withdrawn one has its notice there
}

static bool page_is_live(struct place *p, struct str path) {
    struct page page;
    enum rc rc = page_by_path(p->a, p->db, p->lang, path, &page);
    if (rc == RC_OK)
        return page.state == PAGE_PUBLISHED;
    return page_former(p->a, p->db, p->lang, path, &page) == RC_OK; // leads to where it is now
}

// Everything behind the language.
static bool is_live_within(struct place *p, struct str path) {
    struct str rest = path, first = STR_NONE, second = STR_NONE;
    struct section section;
    struct tag tag;
    struct person person;
    (void)str_next(&rest, '/', &first);
    if (first.n == 0 || is_fixed_place(first))
        return true;
    if (!str_next(&rest, '/', &second))
        return section_by_address(p->a, p->db, p->lang, first, &section) == RC_OK || page_is_live(p, path);
    if (str_eq(first, STR("tag")))
        return tag_by_address(p->a, p->db, p->lang, second, &tag) == RC_OK;
    if (str_eq(first, STR("author")))
        return person_by_address(p->a, p->db, second, &person) == RC_OK;
    return (rest.p == NULL && article_is_live(p, second)) || page_is_live(p, path);
}

static bool is_live(struct place *p, uint32_t languages, struct str address) {
    struct str path = redirect_path(address), rest, first = STR_NONE;
    if (path.n == 0 || path.p[0] != '/')
        return false;
    rest = str_slice(path, 1, path.n);
    (void)str_next(&rest, '/', &first);
    if (str_eq(first, STR("lite")) && rest.p != NULL)
        (void)str_next(&rest, '/', &first);
    if (text_lang_find(first, &p->lang) && (languages & UINT32_C(1) << p->lang) != 0)
        return is_live_within(p, lower(p->a, rest));
    // "/?p=3" is an old site's, "/" is ours.
    return is_own_place(first) && (first.n > 0 || path.n == address.n);
}

bool address_is_live(struct db *db, uint32_t languages, struct str address, int64_t now_us) {
    struct place p = {
        .a = arena_new((size_t)8 << 20), .db = db, .now_us = now_us}; // texts are read to know that they are there
    bool live = is_live(&p, languages, address);
    arena_free(&p.a);
    return live;
}

// ---- the check -----------------------------------------------------------------------------------------------------------

static const char *redirect_fault(struct arena *a, struct db *db, const struct redirect *r) {
    struct str again;
    struct redirect next;
    struct problem p;
    if (redirect_source(a, STR_NONE, r->source, &again, &p) != RC_OK || !str_eq(again, r->source))
        return "its source is not in its one form";
    if (r->hits < 0 || r->version < 1)
        return "its counts cannot be";
    if (r->target.n == 0)
        return NULL;
    if (redirect_target(a, STR_NONE, r->target, &again, &p) != RC_OK || !str_eq(again, r->target))
        return "its target is not in its one form";
    if (r->target.p[0] != '/')
        return NULL;
    struct str whole = r->target, path = redirect_path(whole), query = STR_NONE;
    size_t at;
    if (str_find_char(whole, '#', &at))
        whole = str_slice(whole, 0, at);
    if (path.n < whole.n)
        query = str_slice(whole, path.n + 1, whole.n);
    if (redirect_find(a, db, path, query, &next) != RC_OK)
        return NULL;
    return next.id == r->id ? "it leads to itself" : "it leads to another redirect";
}

enum rc check_redirects(const struct verify_context *v) {
    struct str after = STR("");
    enum rc rc = RC_OK;
    struct arena *kept = arena_new(1 << 16);
    for (bool more = true; rc == RC_OK && more;) {
        struct arena *a = arena_new((size_t)8 << 20);
        struct redirects_query q = {.after = after};
        struct redirect *rows;
        size_t n;
        rc = redirect_list(a, v->db, &q, &rows, &n, &more);
        for (size_t i = 0; rc == RC_OK && i < n; i++) {
            const char *fault = redirect_fault(a, v->db, &rows[i]);
            if (fault != NULL)
                v->fault(v->arg, "redirects", str_fmt(a, "redirect %lld: %s", (long long)rows[i].id, fault));
        }
        arena_reset(kept);
        after = rc == RC_OK && n > 0 ? str_dup(kept, rows[n - 1].source) : STR("");
        more = more && n > 0;
        arena_free(&a);
    }
    arena_free(&kept);
    return rc;
}
