// SPDX-License-Identifier: AGPL-3.0-or-later
// One article, read whole: itself with its section, and what hangs on it (people, tags, corrections). Four statements.
#include "news/internal.h"

#define ARTICLE_COLUMNS                                                                                                \
    "a.id, a.number, a.lang, a.section_id, a.translation_group, a.slug, a.headline, a.standfirst, a.byline, "          \
    "a.agency, a.body, a.withdrawal_notice, a.image_id, a.image_alt, a.image_caption, a.image_credit, "                \
    "a.image_file_name, a.state, a.featured, a.published_at, a.expires_at, a.modified_at, a.reads_base, "              \
    "a.votes_base_sum, a.votes_base_count, a.votes_estimated, a.votes_sum, a.votes_count, a.version, "                 \
    "s.slug, s.name, s.description, s.highlight, s.on_front, s.position, a.dateline, a.breaking, a.gallery, a.files, " \
    "a.embeds, a.extra_fields "

static void section_read_joined(struct arena *a, struct db_stmt *st, struct article *out) {
    out->section = (struct section){.id = out->section_id,
                                    .lang = out->lang,
                                    .slug = db_str_dup(a, st, 29),
                                    .name = db_str_dup(a, st, 30),
                                    .description = db_str_dup(a, st, 31),
                                    .highlight = db_i64(st, 32) != 0,
                                    .on_front = db_i64(st, 33) != 0,
                                    .position = (int)db_i64(st, 34)};
}

static void article_read(struct arena *a, struct db_stmt *st, struct article *out) {
    *out = (struct article){.id = db_i64(st, 0),
                            .number = db_i64(st, 1),
                            .section_id = db_i64(st, 3),
                            .translation_group = db_i64(st, 4),
                            .slug = db_str_dup(a, st, 5),
                            .headline = db_str_dup(a, st, 6),
                            .standfirst = db_str_dup(a, st, 7),
                            .byline = db_str_dup(a, st, 8),
                            .agency = db_str_dup(a, st, 9),
                            .body = html_stored(db_str_dup(a, st, 10)),
                            .withdrawal_notice = db_str_dup(a, st, 11),
                            .image = {.media_id = db_i64(st, 12),
                                      .alt = db_str_dup(a, st, 13),
                                      .caption = db_str_dup(a, st, 14),
                                      .credit = db_str_dup(a, st, 15),
                                      .file_name = db_str_dup(a, st, 16)},
                            .state = (enum article_state)db_i64(st, 17),
                            .featured = db_i64(st, 18) != 0,
                            .published_at = db_i64(st, 19),
                            .expires_at = db_i64(st, 20),
                            .modified_at = db_i64(st, 21),
                            .reads_base = db_i64(st, 22),
                            .votes_base_sum = db_i64(st, 23),
                            .votes_base_count = db_i64(st, 24),
                            .votes_estimated = db_i64(st, 25) != 0,
                            .votes_sum = db_i64(st, 26),
                            .votes_count = db_i64(st, 27),
                            .version = db_i64(st, 28),
                            .dateline = db_str_dup(a, st, 35),
                            .breaking = db_i64(st, 36) != 0,
                            .gallery = db_str_dup(a, st, 37),
                            .files = db_str_dup(a, st, 38),
                            .embeds = db_str_dup(a, st, 39),
                            .extra_fields = db_str_dup(a, st, 40)};
    (void)text_lang_find(db_str(st, 2), &out->lang);
    section_read_joined(a, st, out);
}

#define PARTS_MAX 64 // people, tags or corrections of one article; article_save keeps to it

static enum rc people_load(struct arena *a, struct db *db, struct article *art) {
    struct db_stmt *st =
        db_sql(db, "SELECT p.id, p.name, p.slug, p.bio, p.deleted FROM article_people l CROSS JOIN people p "
                   "WHERE l.article_id = $1 AND p.id = l.person_id ORDER BY l.position LIMIT 64");
    db_bind_i64(st, 1, art->id);
    art->people = ARENA_ARRAY(a, struct person, PARTS_MAX);
    art->people_count = 0;
    while (art->people_count < PARTS_MAX && db_step(st))
        art->people[art->people_count++] = (struct person){.id = db_i64(st, 0),
                                                           .name = db_str_dup(a, st, 1),
                                                           .slug = db_str_dup(a, st, 2),
                                                           .bio = db_str_dup(a, st, 3),
                                                           .deleted = db_i64(st, 4) != 0};
    return db_end(st);
}

static enum rc tags_load(struct arena *a, struct db *db, struct article *art) {
    struct db_stmt *st = db_sql(db, "SELECT t.id, t.slug, t.name FROM article_tags l CROSS JOIN tags t "
                                    "WHERE l.article_id = $1 AND t.id = l.tag_id ORDER BY l.position LIMIT 64");
    db_bind_i64(st, 1, art->id);
    art->tags = ARENA_ARRAY(a, struct tag, PARTS_MAX);
    art->tag_count = 0;
    while (art->tag_count < PARTS_MAX && db_step(st))
        art->tags[art->tag_count++] = (struct tag){
            .id = db_i64(st, 0), .lang = art->lang, .slug = db_str_dup(a, st, 1), .name = db_str_dup(a, st, 2)};
    return db_end(st);
}

static enum rc corrections_load(struct arena *a, struct db *db, struct article *art) {
    struct db_stmt *st = db_sql(db, "SELECT corrected_at, notice FROM corrections WHERE article_id = $1 "
                                    "ORDER BY corrected_at, id LIMIT 64");
    db_bind_i64(st, 1, art->id);
    art->corrections = ARENA_ARRAY(a, struct correction, PARTS_MAX);
    art->correction_count = 0;
    while (art->correction_count < PARTS_MAX && db_step(st))
        art->corrections[art->correction_count++] =
            (struct correction){.at_us = db_i64(st, 0), .text = db_str_dup(a, st, 1)};
    return db_end(st);
}

enum rc article_load_parts(struct arena *a, struct db *db, struct article *art) {
    enum rc rc = people_load(a, db, art);
    if (rc == RC_OK)
        rc = tags_load(a, db, art);
    if (rc == RC_OK)
        rc = corrections_load(a, db, art);
    return rc;
}

static enum rc article_row(struct arena *a, struct db *db, int64_t number, struct article *out) {
    struct db_stmt *st = db_sql(db, "SELECT " ARTICLE_COLUMNS CARD_FROM "WHERE a.number = $1 AND s.id = a.section_id");
    db_bind_i64(st, 1, number);
    bool found = db_step(st);
    if (found)
        article_read(a, st, out);
    enum rc rc = db_end(st);
    return rc != RC_OK ? rc : found ? RC_OK : RC_NOT_FOUND;
}

enum rc article_load(struct arena *a, struct db *db, int64_t number, struct article *out) {
    enum rc rc = article_row(a, db, number, out);
    return rc == RC_OK ? article_load_parts(a, db, out) : rc;
}

enum rc article_where(struct db *db, int64_t number, struct article_where *out) {
    struct db_stmt *st = db_sql(db, "SELECT lang, section_id FROM articles WHERE number = $1");
    db_bind_i64(st, 1, number);
    bool found = db_step(st) && text_lang_find(db_str(st, 0), &out->lang);
    if (found)
        out->section_id = db_i64(st, 1);
    enum rc rc = db_end(st);
    return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}

enum rc article_show(struct arena *a, struct db *db, int64_t number, int64_t now_us, struct article *out,
                     int64_t *until_out) {
    *until_out = INT64_MAX;
    enum rc rc = article_row(a, db, number, out);
    if (rc != RC_OK)
        return rc;
    if (out->state == ARTICLE_WITHDRAWN)
        return RC_GONE;
    bool is_out = out->state == ARTICLE_PUBLISHED || out->state == ARTICLE_ARCHIVED;
    if (!is_out || (out->expires_at != 0 && out->expires_at <= now_us))
        return RC_NOT_FOUND;
    if (out->published_at > now_us) {
        *until_out = out->published_at; // a page that says "not found" may be kept until then
        return RC_NOT_FOUND;
    }
    if (out->expires_at != 0)
        *until_out = out->expires_at;
    return article_load_parts(a, db, out);
}
