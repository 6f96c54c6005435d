// SPDX-License-Identifier: AGPL-3.0-or-later
// Beginning a manuscript, and saving it without losing anybody's words: a save names the version that was before the
// writer's eyes; when there is a newer one by then, the text is kept aside and both can be brought together.
#include "news/manuscript.h"

enum rc manuscript_audit(struct db *db, const struct audit_who *who, const char *verb, int64_t id, struct str before,
                         struct str after) {
    const struct audit_entry entry = {
        .who = *who, .verb = str_from(verb), .kind = STR("manuscript"), .id = id, .before = before, .after = after};
    return audit_add(db, &entry);
}

// ---- beginning ---------------------------------------------------------------------------------------------------------

static enum rc row_add(struct db *db, const struct manuscript *m) {
    struct db_stmt *st = db_sql(
        db, "INSERT INTO manuscripts (id, number, lang, section_id, state, headline, lacks_alt, version, "
            "published_version, publish_at, owner_id, owner_name, created_at, saved_at, saved_by, saved_by_name, "
            "translation_group, source_id, source_version, lease_account, lease_name, lease_session, lease_until) "
            "VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9, $10, $11, $12, $12, $10, $11, $13, $14, $15, 0, '', 0, 0)");
    db_bind_i64(st, 1, m->id);
    db_bind_i64(st, 2, m->number);
    db_bind_str(st, 3, text_lang_code(m->lang));
    db_bind_i64(st, 4, m->section_id);
    db_bind_i64(st, 5, m->state);
    db_bind_str(st, 6, m->headline);
    db_bind_i64(st, 7, m->version);
    db_bind_i64(st, 8, m->published_version);
    db_bind_i64(st, 9, m->publish_at);
    db_bind_i64(st, 10, m->owner_id);
    db_bind_str(st, 11, m->owner_name);
    db_bind_i64(st, 12, m->created_at);
    db_bind_i64(st, 13, m->translation_group);
    db_bind_i64(st, 14, m->source_id);
    db_bind_i64(st, 15, m->source_version);
    return db_run(st);
}

// One text of a language in a translation group, whether it is out or in the making.
static enum rc group_taken(struct db *db, int64_t group, enum text_lang lang, bool *taken_out) {
    struct db_stmt *st = db_sql(db, "SELECT 1 FROM manuscripts WHERE translation_group = $1 AND lang = $2 UNION ALL "
                                    "SELECT 1 FROM articles WHERE translation_group = $1 AND lang = $2");
    db_bind_i64(st, 1, group);
    db_bind_str(st, 2, text_lang_code(lang));
    *taken_out = db_step(st);
    return db_end(st);
}

static enum rc group_give(struct db *db, struct manuscript *source) {
    if (source->translation_group != 0)
        return RC_OK;
    source->translation_group = id_next();
    struct db_stmt *st = db_sql(db, "UPDATE manuscripts SET translation_group = $2 WHERE id = $1");
    db_bind_i64(st, 1, source->id);
    db_bind_i64(st, 2, source->translation_group);
    return db_run(st);
}

static enum rc source_link(struct arena *a, struct db *db, int64_t source_id, struct manuscript *m, struct problem *p) {
    struct manuscript source;
    bool taken;
    enum rc rc = manuscript_load(a, db, source_id, &source);
    if (rc == RC_NOT_FOUND)
        return problem_word(p, RC_INVALID, W_REASON_TEXT_GONE, 0, STR_NONE);
    if (rc == RC_OK)
        rc = group_give(db, &source);
    if (rc == RC_OK)
        rc = group_taken(db, source.translation_group, m->lang, &taken);
    if (rc != RC_OK)
        return rc;
    if (taken)
        return problem_word(p, RC_CONFLICT, W_REASON_TRANSLATED, 0, STR_NONE);
    m->translation_group = source.translation_group;
    m->source_id = source.id;
    m->source_version = source.published_version;
    return RC_OK;
}

enum rc manuscript_begin(struct arena *a, struct db *db, const struct audit_who *who,
                         const struct manuscript_start *start, int64_t now_us, int64_t *id_out, struct problem *p) {
    struct content content = start->content;
    struct manuscript m = {.id = id_next(),
                           .lang = start->lang,
                           .section_id = content.section_id,
                           .state = MANUSCRIPT_DRAFT,
                           .version = 1,
                           .owner_id = who->account_id,
                           .owner_name = who->name,
                           .created_at = now_us};
    enum rc rc = content_check(a, &content, p);
    if (rc == RC_OK && start->source_id != 0)
        rc = source_link(a, db, start->source_id, &m, p);
    if (rc == RC_OK)
        rc = row_add(db, &m);
    if (rc == RC_OK)
        rc = version_add(a, db, &(struct version_new){m.id, 1, now_us, VERSION_SAVED, who, m.lang}, &content);
    if (rc == RC_OK)
        rc = manuscript_audit(db, who, start->source_id != 0 ? "translate" : "begin", m.id, STR_NONE, content.headline);
    *id_out = m.id;
    return rc;
}

// ---- articles that came from elsewhere ---------------------------------------------------------------------------------

static const struct audit_who from_outside = {0, {"", 0}};

static enum manuscript_state state_of(const struct article *art) {
    switch (art->state) {
    case ARTICLE_REVIEW:
        return MANUSCRIPT_REVIEW;
    case ARTICLE_PUBLISHED:
        return MANUSCRIPT_OUT;
    case ARTICLE_WITHDRAWN:
        return MANUSCRIPT_WITHDRAWN;
    case ARTICLE_ARCHIVED:
        return MANUSCRIPT_ARCHIVED;
    case ARTICLE_DRAFT:
        break;
    }
    return MANUSCRIPT_DRAFT;
}

static enum rc article_adopt(struct arena *a, struct db *db, const struct article *art, int64_t now_us,
                             int64_t *id_out) {
    struct content content;
    content_of_article(a, art, &content);
    struct manuscript m = {.id = id_next(),
                           .number = art->number,
                           .lang = art->lang,
                           .section_id = art->section_id,
                           .state = state_of(art),
                           .version = 1,
                           .published_version = 1,
                           .publish_at = art->published_at,
                           .created_at = now_us,
                           .translation_group = art->translation_group};
    enum rc rc = row_add(db, &m);
    *id_out = m.id;
    return rc == RC_OK
               ? version_add(a, db, &(struct version_new){m.id, 1, now_us, VERSION_BROUGHT, &from_outside, m.lang},
                             &content)
               : rc;
}

// What the public has is compared with what the desk last gave it. The text from outside becomes a version under the
// desk's newest one when that has not been published yet, so that neither is lost.
static enum rc article_bring(struct arena *a, struct db *db, const struct article *art, const struct manuscript *m,
                             int64_t now_us) {
    struct manuscript_version given;
    struct content outside;
    content_of_article(a, art, &outside);
    enum rc rc = m->published_version != 0 ? version_load(a, db, m->id, m->published_version, &given) : RC_OK;
    if (rc != RC_OK || m->published_version == 0)
        return rc;
    struct content known = given.content; // the article keeps what publishing fills in
    known.publish_at = outside.publish_at;
    known.embargo_until = outside.embargo_until;
    if (known.slug.n == 0)
        known.slug = outside.slug;
    if (content_eq(&known, &outside))
        return RC_OK;
    int64_t brought = m->version + 1;
    bool ahead = m->version != m->published_version;
    rc = version_add(a, db, &(struct version_new){m->id, brought, now_us, VERSION_BROUGHT, &from_outside, m->lang},
                     &outside);
    if (rc == RC_OK && ahead) {
        struct content merged;
        struct content_collision *collisions;
        (void)content_merge(a, &given.content, &m->content, &outside, NULL, 0, &merged, &collisions);
        rc = version_add(
            a, db, &(struct version_new){m->id, brought + 1, now_us, VERSION_MERGED, &from_outside, m->lang}, &merged);
    }
    if (rc != RC_OK)
        return rc;
    struct db_stmt *st = db_sql(db, "UPDATE manuscripts SET published_version = $2, publish_at = $3 WHERE id = $1");
    db_bind_i64(st, 1, m->id);
    db_bind_i64(st, 2, brought);
    db_bind_i64(st, 3, art->published_at);
    rc = db_run(st);
    if (rc == RC_OK)
        rc = ahead_mark(db, m->id);
    return rc == RC_OK ? translations_mark(db, m->id) : rc;
}

enum rc manuscript_of_article(struct arena *a, struct db *db, int64_t number, int64_t now_us, int64_t *id_out) {
    struct article art;
    enum rc rc = article_load(a, db, number, &art);
    if (rc != RC_OK)
        return rc;
    struct db_stmt *st = db_sql(db, "SELECT id FROM manuscripts WHERE number = $1");
    db_bind_i64(st, 1, number);
    *id_out = db_step(st) ? db_i64(st, 0) : 0;
    rc = db_end(st);
    if (rc != RC_OK)
        return rc;
    if (*id_out == 0)
        return article_adopt(a, db, &art, now_us, id_out);
    struct manuscript m;
    rc = manuscript_load(a, db, *id_out, &m);
    return rc == RC_OK ? article_bring(a, db, &art, &m, now_us) : rc;
}

// ---- saving ------------------------------------------------------------------------------------------------------------

static enum rc aside_add(struct arena *a, struct db *db, const struct audit_who *who,
                         const struct manuscript_saving *saving, const struct content *content, int64_t now_us,
                         int64_t *id_out) {
    struct db_stmt *st = db_sql(
        db, "INSERT INTO manuscript_asides (id, manuscript_id, base_version, saved_at, account_id, account_name, "
            "content, settled) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)");
    *id_out = id_next();
    db_bind_i64(st, 1, *id_out);
    db_bind_i64(st, 2, saving->id);
    db_bind_i64(st, 3, saving->base_version);
    db_bind_i64(st, 4, now_us);
    db_bind_i64(st, 5, who->account_id);
    db_bind_str(st, 6, who->name);
    db_bind_str(st, 7, content_json(a, content));
    return db_run(st);
}

enum rc translations_mark(struct db *db, int64_t source_id) {
    struct db_stmt *st = db_sql(db, "UPDATE manuscripts SET stale = CASE WHEN source_version < (SELECT "
                                    "o.published_version FROM manuscripts o WHERE o.id = $1) THEN 1 ELSE 0 END "
                                    "WHERE source_id = $1");
    db_bind_i64(st, 1, source_id);
    return db_run(st);
}

static enum rc source_note_checked(struct db *db, const struct manuscript *m) {
    struct db_stmt *st = db_sql(
        db,
        "UPDATE manuscripts SET stale = 0, source_version = (SELECT o.published_version FROM manuscripts o WHERE o.id = "
        "$2) WHERE id = $1 AND source_id = $2");
    db_bind_i64(st, 1, m->id);
    db_bind_i64(st, 2, m->source_id);
    return db_run(st);
}

// The same words from the same person, sent again because an answer got lost or another window had them too, are kept
// once. Other words never take their place: nobody can tell whether they come from the same window.
static enum rc aside_find_same(struct arena *a, struct db *db, const struct audit_who *who,
                               const struct manuscript_saving *saving, const struct content *content, int64_t *id_out) {
    struct db_stmt *st = db_sql(db, "SELECT id FROM manuscript_asides WHERE manuscript_id = $1 AND settled = 0 AND "
                                    "account_id = $2 AND base_version = $3 AND content = $4");
    db_bind_i64(st, 1, saving->id);
    db_bind_i64(st, 2, who->account_id);
    db_bind_i64(st, 3, saving->base_version);
    db_bind_str(st, 4, content_json(a, content));
    *id_out = db_step(st) ? db_i64(st, 0) : 0;
    return db_end(st);
}

static enum rc save_aside(struct arena *a, struct db *db, const struct audit_who *who,
                          const struct manuscript_saving *saving, const struct content *content, int64_t now_us,
                          int64_t *id_out) {
    enum rc rc = aside_find_same(a, db, who, saving, content, id_out);
    return rc != RC_OK || *id_out != 0 ? rc : aside_add(a, db, who, saving, content, now_us, id_out);
}

static enum rc save_newest(struct arena *a, struct db *db, const struct audit_who *who, const struct manuscript *m,
                           const struct manuscript_saving *saving, const struct content *content, int64_t now_us,
                           int64_t *id_out) {
    *id_out = m->version + 1;
    struct version_new v = {m->id, *id_out, now_us, saving->kind, who, m->lang};
    enum rc rc = version_add(a, db, &v, content);
    return rc == RC_OK && saving->kind != VERSION_AUTO
               ? manuscript_audit(db, who, "save", m->id, m->content.headline, content->headline)
               : rc;
}

enum rc manuscript_save(struct arena *a, struct db *db, const struct audit_who *who,
                        const struct manuscript_saving *saving, int64_t now_us, enum manuscript_saved *saved_out,
                        int64_t *id_out, struct problem *p) {
    struct manuscript m;
    struct content content = saving->content;
    enum rc rc = content_check(a, &content, p);
    if (rc == RC_OK)
        rc = manuscript_load(a, db, saving->id, &m);
    if (rc != RC_OK)
        return rc;
    *id_out = m.version;
    *saved_out = content_eq(&content, &m.content)    ? SAVED_SAME
                 : saving->base_version != m.version ? SAVED_ASIDE
                                                     : SAVED_NEW;
    if (*saved_out == SAVED_ASIDE)
        return save_aside(a, db, who, saving, &content, now_us, id_out);
    if (*saved_out == SAVED_NEW)
        rc = save_newest(a, db, who, &m, saving, &content, now_us, id_out);
    if (rc == RC_OK && saving->settles != 0)
        rc = aside_settle(db, saving->settles);
    return rc == RC_OK && saving->source_checked && m.source_id != 0 ? source_note_checked(db, &m) : rc;
}
