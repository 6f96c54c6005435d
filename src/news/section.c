// SPDX-License-Identifier: AGPL-3.0-or-later
// Sections: the shelves of a language's newsroom. Their names share the first level of addresses with the standing
// pages, so both look here before they take one.
#include "news/internal.h"

#define SECTION_COLUMNS "id, lang, slug, name, description, highlight, on_front, position, front_position, version "

static void section_read(struct arena *a, struct db_stmt *st, struct section *out) {
    *out = (struct section){.id = db_i64(st, 0),
                            .slug = db_str_dup(a, st, 2),
                            .name = db_str_dup(a, st, 3),
                            .description = db_str_dup(a, st, 4),
                            .highlight = db_i64(st, 5) != 0,
                            .on_front = db_i64(st, 6) != 0,
                            .position = (int)db_i64(st, 7),
                            .front_position = (int)db_i64(st, 8),
                            .version = db_i64(st, 9)};
    (void)text_lang_find(db_str(st, 1), &out->lang);
}

static enum rc section_one(struct arena *a, struct db *db, struct db_stmt *st, struct section *out) {
    bool found = db_step(st);
    if (found)
        section_read(a, st, out);
    enum rc rc = db_end(st);
    if (rc != RC_OK)
        return rc;
    if (!found)
        return RC_NOT_FOUND;
    struct list_query q = {.of = LIST_SECTION, .lang = out->lang, .id = out->id, .now_us = clock_now_us()};
    return article_count(db, &q, &out->count);
}

enum rc section_by_slug(struct arena *a, struct db *db, enum text_lang lang, struct str slug, struct section *out) {
    struct db_stmt *st = db_sql(db, "SELECT " SECTION_COLUMNS "FROM sections WHERE lang = $1 AND slug = $2");
    db_bind_str(st, 1, text_lang_code(lang));
    db_bind_str(st, 2, slug);
    return section_one(a, db, st, out);
}

enum rc section_by_id(struct arena *a, struct db *db, int64_t id, struct section *out) {
    struct db_stmt *st = db_sql(db, "SELECT " SECTION_COLUMNS "FROM sections WHERE id = $1");
    db_bind_i64(st, 1, id);
    return section_one(a, db, st, out);
}

enum rc section_by_address(struct arena *a, struct db *db, enum text_lang lang, struct str slug, struct section *out) {
    int64_t id;
    enum rc rc = alias_find(db, ALIAS_SECTION, lang, slug, &id);
    return rc == RC_OK          ? section_by_id(a, db, id, out)
           : rc == RC_NOT_FOUND ? section_by_slug(a, db, lang, slug, out)
                                : rc;
}

// One statement for the whole language: what is published, less what is not due, less what expired.
enum rc section_list(struct arena *a, struct db *db, enum text_lang lang, struct section **out, size_t *count_out) {
    int64_t now = clock_now_us();
    struct db_stmt *st = db_sql(
        db, "SELECT s.id, s.lang, s.slug, s.name, s.description, s.highlight, s.on_front, s.position, "
            "s.front_position, s.version, "
            "COALESCE((SELECT c.published FROM section_counts c WHERE c.section_id = s.id), 0) "
            "- (SELECT COUNT(*) FROM articles a WHERE a.section_id = s.id AND a.state = 2 AND a.published_at > $2) "
            "- (SELECT COUNT(*) FROM articles a WHERE a.lang = s.lang AND a.state = 2 AND a.expires_at > 0 "
            "AND a.expires_at <= $2 AND a.section_id + 0 = s.id AND a.published_at <= $2) "
            "FROM sections s WHERE s.lang = $1 ORDER BY s.position, s.id");
    db_bind_str(st, 1, text_lang_code(lang));
    db_bind_i64(st, 2, now);
    struct section *rows = NULL;
    size_t n = 0, room = 0;
    while (db_step(st)) {
        if (n == room) {
            struct section *more = ARENA_ARRAY(a, struct section, room + 32);
            if (n > 0)
                memcpy(more, rows, n * sizeof *rows);
            rows = more;
            room += 32;
        }
        section_read(a, st, &rows[n]);
        rows[n].count = db_i64(st, 10);
        n++;
    }
    *out = rows;
    *count_out = n;
    return db_end(st);
}

bool name_is_free(struct db *db, enum text_lang lang, struct str path, int64_t not_section, int64_t not_page) {
    struct db_stmt *st = db_sql(db, "SELECT 1 FROM sections WHERE lang = $1 AND slug = $2 AND id <> $3 UNION ALL "
                                    "SELECT 1 FROM pages WHERE lang = $1 AND path = $2 AND id <> $4");
    db_bind_str(st, 1, text_lang_code(lang));
    db_bind_str(st, 2, path);
    db_bind_i64(st, 3, not_section);
    db_bind_i64(st, 4, not_page);
    bool taken = db_step(st);
    return db_end(st) == RC_OK && !taken;
}

bool slug_is_reserved(struct str slug) {
    static const char *const own[] = {"archive", "author", "contact", "live", "search", "tag"};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (str_eq(slug, str_from(own[i])))
            return true;
    return false;
}

bool slug_is_sound(struct str slug) {
    if (slug.n == 0 || slug.n > 80)
        return false;
    for (size_t i = 0; i < slug.n; i++) {
        char c = slug.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            return false;
    }
    return true;
}

static enum rc section_write(struct db *db, const struct section *s) {
    struct db_stmt *st = db_sql(
        db,
        "INSERT INTO sections (id, lang, slug, name, description, highlight, on_front, position) VALUES "
        "($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, name = excluded.name, "
        "description = excluded.description, highlight = excluded.highlight, on_front = excluded.on_front, "
        "position = excluded.position, version = sections.version + 1");
    db_bind_i64(st, 1, s->id);
    db_bind_str(st, 2, text_lang_code(s->lang));
    db_bind_str(st, 3, s->slug);
    db_bind_str(st, 4, s->name);
    db_bind_str(st, 5, s->description);
    db_bind_i64(st, 6, s->highlight);
    db_bind_i64(st, 7, s->on_front);
    db_bind_i64(st, 8, s->position);
    return db_run(st);
}

static enum rc counts_begin(struct db *db, int64_t section_id) {
    struct db_stmt *st = db_sql(db, "INSERT INTO section_counts (section_id, published) VALUES ($1, 0) "
                                    "ON CONFLICT (section_id) DO NOTHING");
    db_bind_i64(st, 1, section_id);
    return db_run(st);
}

enum rc section_save(struct db *db, struct section *s, struct news_changes *c) {
    if (!slug_is_sound(s->slug) || s->name.n == 0 || s->name.n > 200 || !is_line(s->name) || s->description.n > 1000 ||
        !is_line(s->description))
        return RC_INVALID;
    if (!name_is_free(db, s->lang, s->slug, s->id, 0))
        return RC_CONFLICT;
    if (s->id == 0)
        s->id = id_next();
    enum rc rc = section_write(db, s);
    if (rc == RC_OK)
        rc = counts_begin(db, s->id);
    if (rc == RC_OK)
        rc = alias_drop(db, ALIAS_SECTION, s->lang, s->slug);
    if (rc == RC_OK)
        rc = former_page_drop(db, s->lang, s->slug);
    news_changes_note(c, EDITION_SECTION, s->id, false);
    news_changes_note(c, EDITION_FRONT, s->lang, false);
    news_changes_note(c, EDITION_FRAME, s->lang, false);
    return rc;
}
