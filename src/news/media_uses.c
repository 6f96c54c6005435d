// SPDX-License-Identifier: AGPL-3.0-or-later
// Which pictures the newsroom's things use: an article's lead and body, a standing page's body, what stands in the newest
// version of a manuscript, published or not, and what the station's settings name. Derived, so that nobody deletes a picture that somebody needs.
#include "news/internal.h"
#include "news/manuscript.h"

enum { USES_MAX = 128, FAULTS_MAX = 100 };

struct uses {
    struct media_use rows[USES_MAX];
    size_t count;
};

// More pictures than this in one body: the rest is not protected against deletion.
static void uses_add(struct uses *u, int64_t media_id, bool has_alt) {
    if (media_id != 0 && u->count < USES_MAX)
        u->rows[u->count++] = (struct media_use){.media_id = media_id, .has_alt = has_alt};
}

static void uses_of_body(struct uses *u, struct str body) {
    size_t at = 0;
    int64_t id;
    bool has_alt;
    while (media_in_body(body, &at, &id, &has_alt))
        uses_add(u, id, has_alt);
}

// What is no picture needs no alternative text.
static void uses_of_lists(struct uses *u, struct str gallery, struct str files) {
    struct article_image picture;
    struct str title;
    int64_t id;
    while (gallery_next(&gallery, &picture))
        uses_add(u, picture.media_id, picture.alt.n > 0);
    while (file_next(&files, &id, &title))
        uses_add(u, id, true);
}

enum rc article_media_sync(struct db *db, const struct article *art) {
    struct uses lead = {.count = 0}, body = {.count = 0};
    uses_add(&lead, art->image.media_id, art->image.alt.n > 0);
    uses_of_body(&body, art->body.s);
    uses_of_lists(&body, art->gallery, art->files);
    enum rc rc = media_uses_set(db, MEDIA_PLACE_LEAD, art->number, art->lang, lead.rows, lead.count);
    return rc == RC_OK ? media_uses_set(db, MEDIA_PLACE_BODY, art->number, art->lang, body.rows, body.count) : rc;
}

enum rc page_media_sync(struct db *db, const struct page *p) {
    struct uses uses = {.count = 0};
    uses_of_body(&uses, p->body.s);
    return media_uses_set(db, MEDIA_PLACE_PAGE, p->id, p->lang, uses.rows, uses.count);
}

static void uses_of_content(struct uses *u, const struct content *c) {
    uses_add(u, c->image.media_id, c->image.alt.n > 0);
    uses_of_body(u, c->body.s);
    uses_of_lists(u, c->gallery, c->files);
}

enum rc manuscript_media_sync(struct db *db, int64_t id, enum text_lang lang, const struct content *c) {
    struct uses uses = {.count = 0};
    uses_of_content(&uses, c);
    return media_uses_set(db, MEDIA_PLACE_MANUSCRIPT, id, lang, uses.rows, uses.count);
}

// The station's name is said beside its logo and icon: they need no words of their own.
static void uses_of_setting(struct uses *u, struct str value) {
    int64_t id;
    if (str_to_i64(value, &id))
        uses_add(u, id, true);
}

enum rc setting_media_sync(struct db *db, const struct station_field *f, struct str value) {
    struct uses uses = {.count = 0};
    uses_of_setting(&uses, value);
    return media_uses_set(db, f->place, 0, LANG_COUNT, uses.rows, uses.count);
}

// ---- verification ----------------------------------------------------------------------------------------------------

struct checking {
    const struct verify_context *v;
    size_t faults;
};

static void tell(struct checking *c, const char *owner, int64_t id, const char *what) {
    if (++c->faults > FAULTS_MAX)
        return;
    struct arena *a = arena_new(4096);
    c->v->fault(c->v->arg, "media-uses", str_fmt(a, "%s %lld: %s", owner, (long long)id, what));
    arena_free(&a);
}

// How many media of the library `uses` names, each once.
static enum rc known_count(struct db *db, const struct uses *uses, size_t *out) {
    enum rc rc = RC_OK;
    *out = 0;
    for (size_t i = 0; rc == RC_OK && i < uses->count; i++) {
        bool again = false;
        for (size_t k = 0; k < i; k++)
            again = again || uses->rows[k].media_id == uses->rows[i].media_id;
        if (again)
            continue;
        struct db_stmt *st = db_sql(db, "SELECT 1 FROM media WHERE id = $1");
        db_bind_i64(st, 1, uses->rows[i].media_id);
        *out += db_step(st);
        rc = db_end(st);
    }
    return rc;
}

static bool uses_has(const struct uses *uses, int64_t id, bool *has_alt_out) {
    bool found = false;
    *has_alt_out = true;
    for (size_t i = 0; i < uses->count; i++)
        if (uses->rows[i].media_id == id) {
            found = true;
            *has_alt_out = *has_alt_out && uses->rows[i].has_alt;
        }
    return found;
}

static enum rc compare(struct checking *c, enum media_place place, const char *owner, int64_t id, struct str lang,
                       const struct uses *uses) {
    struct db *db = c->v->db;
    size_t wanted, there = 0;
    bool same = true, has_alt;
    enum rc rc = known_count(db, uses, &wanted);
    if (rc != RC_OK)
        return rc;
    struct db_stmt *st =
        db_sql(db, "SELECT media_id, lang, has_alt FROM media_uses WHERE place = $1 AND owner_id = $2");
    db_bind_i64(st, 1, place);
    db_bind_i64(st, 2, id);
    for (; db_step(st); there++)
        same = same && uses_has(uses, db_i64(st, 0), &has_alt) && has_alt == (db_i64(st, 2) != 0) &&
               str_eq(lang, db_str(st, 1));
    rc = db_end(st);
    if (rc == RC_OK && (!same || there != wanted))
        tell(c, owner, id, "the pictures noted for it are not those it shows");
    return rc;
}

static enum rc articles_check(struct checking *c) {
    struct db_stmt *st =
        db_sql(c->v->db, "SELECT number, lang, image_id, image_alt, body, gallery, files FROM articles");
    enum rc rc = RC_OK;
    while (rc == RC_OK && db_step(st)) {
        struct uses lead = {.count = 0}, body = {.count = 0};
        uses_add(&lead, db_i64(st, 2), db_str(st, 3).n > 0);
        uses_of_body(&body, db_str(st, 4));
        uses_of_lists(&body, db_str(st, 5), db_str(st, 6));
        rc = compare(c, MEDIA_PLACE_LEAD, "article", db_i64(st, 0), db_str(st, 1), &lead);
        if (rc == RC_OK)
            rc = compare(c, MEDIA_PLACE_BODY, "article", db_i64(st, 0), db_str(st, 1), &body);
    }
    enum rc end = db_end(st);
    return rc == RC_OK ? end : rc;
}

static enum rc pages_check(struct checking *c) {
    struct db_stmt *st = db_sql(c->v->db, "SELECT id, lang, body FROM pages");
    enum rc rc = RC_OK;
    while (rc == RC_OK && db_step(st)) {
        struct uses uses = {.count = 0};
        uses_of_body(&uses, db_str(st, 2));
        rc = compare(c, MEDIA_PLACE_PAGE, "page", db_i64(st, 0), db_str(st, 1), &uses);
    }
    enum rc end = db_end(st);
    return rc == RC_OK ? end : rc;
}

// A version that cannot be read is told of by "manuscripts".
static enum rc manuscripts_check(struct checking *c) {
    struct db_stmt *st =
        db_sql(c->v->db, "SELECT m.id, m.lang, w.content FROM manuscripts m CROSS JOIN "
                         "manuscript_versions w WHERE w.manuscript_id = m.id AND w.version = m.version");
    enum rc rc = RC_OK;
    while (rc == RC_OK && db_step(st)) {
        struct arena *a = arena_new((size_t)64 << 20);
        struct uses uses = {.count = 0};
        struct content content;
        if (content_from_json(a, db_str(st, 2), &content) == RC_OK) {
            uses_of_content(&uses, &content);
            rc = compare(c, MEDIA_PLACE_MANUSCRIPT, "manuscript", db_i64(st, 0), db_str(st, 1), &uses);
        }
        arena_free(&a);
    }
    enum rc end = db_end(st);
    return rc == RC_OK ? end : rc;
}

static enum rc setting_check(struct checking *c, const struct station_field *f) {
    struct arena *a = arena_new(1 << 16);
    struct uses uses = {.count = 0};
    size_t known = 0;
    uses_of_setting(&uses, setting_own(a, c->v->db, f->key, LANG_COUNT));
    enum rc rc = known_count(c->v->db, &uses, &known);
    if (rc == RC_OK && known < uses.count)
        tell(c, f->key, uses.rows[0].media_id, "the setting names a picture that is not there");
    if (rc == RC_OK)
        rc = compare(c, f->place, f->key, 0, STR(""), &uses);
    arena_free(&a);
    return rc;
}

static enum rc settings_check(struct checking *c) {
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < station_field_count; i++)
        if (station_fields[i].kind == STATION_PICTURE)
            rc = setting_check(c, &station_fields[i]);
    return rc;
}

static enum rc owners_check(struct checking *c) {
    _Static_assert(MEDIA_PLACE_LEAD == 1 && MEDIA_PLACE_BODY == 2 && MEDIA_PLACE_PAGE == 3 &&
                       MEDIA_PLACE_MANUSCRIPT == 4 && MEDIA_PLACE_LOGO == 5 && MEDIA_PLACE_ICON == 6,
                   "the SQL below says so");
    struct db_stmt *st =
        db_sql(c->v->db,
               "SELECT u.owner_id FROM media_uses u WHERE (u.place IN (1, 2) AND NOT EXISTS (SELECT 1 FROM articles a "
               "WHERE a.number = u.owner_id)) OR (u.place = 3 AND NOT EXISTS (SELECT 1 FROM pages p WHERE p.id = "
               "u.owner_id)) OR (u.place = 4 AND NOT EXISTS (SELECT 1 FROM manuscripts m WHERE m.id = u.owner_id)) OR "
               "u.place < 1 OR u.place > 6");
    while (db_step(st))
        tell(c, "owner", db_i64(st, 0), "a picture is noted as used by what does not exist");
    return db_end(st);
}

enum rc check_media_uses(const struct verify_context *v) {
    struct checking c = {.v = v};
    enum rc rc = articles_check(&c);
    if (rc == RC_OK)
        rc = pages_check(&c);
    if (rc == RC_OK)
        rc = manuscripts_check(&c);
    if (rc == RC_OK)
        rc = settings_check(&c);
    return rc == RC_OK ? owners_check(&c) : rc;
}
