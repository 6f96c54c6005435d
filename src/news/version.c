// SPDX-License-Identifier: AGPL-3.0-or-later
// The versions of a manuscript, each a whole content that never changes; and the texts that came too late to be one.
#include "news/manuscript.h"

// ---- adding ------------------------------------------------------------------------------------------------------------

static enum rc word_put(struct db *db, int64_t id, struct str word) {
    struct db_stmt *st = db_sql(db, "INSERT INTO manuscript_words (word, manuscript_id) VALUES ($1, $2) "
                                    "ON CONFLICT (word, manuscript_id) DO NOTHING");
    db_bind_str(st, 1, word);
    db_bind_i64(st, 2, id);
    return db_run(st);
}

struct indexing {
    struct db *db;
    int64_t id;
    size_t n;
};

static enum rc token_put(void *arg, const struct text_token *t) {
    struct indexing *i = arg;
    return i->n++ < MANUSCRIPT_WORDS_MAX ? word_put(i->db, i->id, t->folded) : RC_OK;
}

static enum rc words_sync(struct db *db, int64_t id, const struct content *c) {
    struct db_stmt *st = db_sql(db, "DELETE FROM manuscript_words WHERE manuscript_id = $1");
    db_bind_i64(st, 1, id);
    enum rc rc = db_run(st);
    struct indexing i = {.db = db, .id = id};
    const struct str texts[] = {c->headline, c->byline, c->people, c->tags};
    for (size_t k = 0; k < sizeof texts / sizeof texts[0] && rc == RC_OK; k++)
        rc = text_tokens(texts[k], false, token_put, &i);
    return rc;
}

static enum rc row_sync(struct db *db, const struct version_new *v, const struct content *c) {
    struct db_stmt *st = db_sql(
        db, "UPDATE manuscripts SET version = $2, saved_at = $3, saved_by = $4, saved_by_name = $5, headline = $6, "
            "section_id = $7, lacks_alt = $8 WHERE id = $1");
    db_bind_i64(st, 1, v->manuscript_id);
    db_bind_i64(st, 2, v->version);
    db_bind_i64(st, 3, v->at_us);
    db_bind_i64(st, 4, v->who->account_id);
    db_bind_str(st, 5, v->who->name);
    db_bind_str(st, 6, c->headline);
    db_bind_i64(st, 7, c->section_id);
    db_bind_i64(st, 8, content_lacks_alt(c));
    return db_run(st);
}

enum rc ahead_mark(struct db *db, int64_t id) {
    struct db_stmt *st = db_sql(db, "UPDATE manuscripts SET ahead = CASE WHEN state = 3 AND version <> "
                                    "published_version THEN 1 ELSE 0 END WHERE id = $1");
    db_bind_i64(st, 1, id);
    return db_run(st);
}

// The last version is an autosave of the same person, not published: the next one takes its place, or every half
// minute of writing would be a version for ever.
static enum rc autosave_drop(struct db *db, const struct version_new *v) {
    struct db_stmt *st = db_sql(
        db,
        "DELETE FROM manuscript_versions WHERE manuscript_id = $1 AND version = $2 AND kind = 2 AND account_id = $3 "
        "AND version > 1 AND version > (SELECT m.published_version FROM manuscripts m WHERE m.id = $1)");
    db_bind_i64(st, 1, v->manuscript_id);
    db_bind_i64(st, 2, v->version - 1);
    db_bind_i64(st, 3, v->who->account_id);
    return db_run(st);
}

enum rc version_add(struct arena *a, struct db *db, const struct version_new *v, const struct content *content) {
    enum rc rc = v->kind == VERSION_AUTO ? autosave_drop(db, v) : RC_OK;
    if (rc != RC_OK)
        return rc;
    struct db_stmt *st =
        db_sql(db, "INSERT INTO manuscript_versions (manuscript_id, version, kind, saved_at, account_id, account_name, "
                   "content) VALUES ($1, $2, $3, $4, $5, $6, $7)");
    db_bind_i64(st, 1, v->manuscript_id);
    db_bind_i64(st, 2, v->version);
    db_bind_i64(st, 3, v->kind);
    db_bind_i64(st, 4, v->at_us);
    db_bind_i64(st, 5, v->who->account_id);
    db_bind_str(st, 6, v->who->name);
    db_bind_str(st, 7, content_json(a, content));
    rc = db_run(st);
    if (rc == RC_OK)
        rc = row_sync(db, v, content);
    if (rc == RC_OK)
        rc = ahead_mark(db, v->manuscript_id);
    if (rc == RC_OK)
        rc = manuscript_media_sync(db, v->manuscript_id, v->lang, content);
    return rc == RC_OK ? words_sync(db, v->manuscript_id, content) : rc;
}

// ---- reading -----------------------------------------------------------------------------------------------------------

enum rc version_list(struct arena *a, struct db *db, int64_t manuscript_id, int64_t before_version, size_t limit,
                     struct manuscript_version **out, size_t *count_out) {
    must(limit <= 100);
    struct db_stmt *st = db_sql(db, "SELECT version, saved_at, account_id, kind, account_name FROM manuscript_versions "
                                    "WHERE manuscript_id = $1 AND version < $2 ORDER BY version DESC LIMIT $3");
    db_bind_i64(st, 1, manuscript_id);
    db_bind_i64(st, 2, before_version > 0 ? before_version : INT64_MAX);
    db_bind_i64(st, 3, (int64_t)limit);
    *out = ARENA_ARRAY(a, struct manuscript_version, limit + 1);
    *count_out = 0;
    while (*count_out < limit && db_step(st))
        (*out)[(*count_out)++] = (struct manuscript_version){.version = db_i64(st, 0),
                                                             .saved_at = db_i64(st, 1),
                                                             .account_id = db_i64(st, 2),
                                                             .kind = (enum version_kind)db_i64(st, 3),
                                                             .account_name = db_str_dup(a, st, 4)};
    return db_end(st);
}

enum rc version_load(struct arena *a, struct db *db, int64_t manuscript_id, int64_t version,
                     struct manuscript_version *out) {
    struct db_stmt *st = db_sql(db, "SELECT version, saved_at, account_id, kind, account_name, content FROM "
                                    "manuscript_versions WHERE manuscript_id = $1 AND version = $2");
    db_bind_i64(st, 1, manuscript_id);
    db_bind_i64(st, 2, version);
    bool found = db_step(st), sound = true;
    if (found) {
        *out = (struct manuscript_version){.version = db_i64(st, 0),
                                           .saved_at = db_i64(st, 1),
                                           .account_id = db_i64(st, 2),
                                           .kind = (enum version_kind)db_i64(st, 3),
                                           .account_name = db_str_dup(a, st, 4)};
        sound = content_from_json(a, db_str(st, 5), &out->content) == RC_OK;
    }
    enum rc rc = db_end(st);
    if (!sound)
        log_error("news: version %lld of manuscript %lld is damaged", (long long)version, (long long)manuscript_id);
    return rc != RC_OK ? rc : !found ? RC_NOT_FOUND : sound ? RC_OK : RC_IO;
}

enum rc version_base(struct arena *a, struct db *db, int64_t manuscript_id, int64_t version,
                     struct manuscript_version *out) {
    struct db_stmt *st =
        db_sql(db, "SELECT MAX(version) FROM manuscript_versions WHERE manuscript_id = $1 AND version <= $2");
    db_bind_i64(st, 1, manuscript_id);
    db_bind_i64(st, 2, version);
    int64_t base = db_step(st) ? db_i64(st, 0) : 0;
    enum rc rc = db_end(st);
    return rc == RC_OK ? version_load(a, db, manuscript_id, base, out) : rc;
}

// ---- asides ------------------------------------------------------------------------------------------------------------

enum { ASIDES_MAX = 100 };

static void aside_read(struct arena *a, struct db_stmt *st, struct manuscript_aside *out) {
    *out = (struct manuscript_aside){.id = db_i64(st, 0),
                                     .manuscript_id = db_i64(st, 1),
                                     .base_version = db_i64(st, 2),
                                     .saved_at = db_i64(st, 3),
                                     .account_id = db_i64(st, 4),
                                     .account_name = db_str_dup(a, st, 5)};
}

enum rc aside_load(struct arena *a, struct db *db, int64_t id, struct manuscript_aside *out) {
    struct db_stmt *st =
        db_sql(db, "SELECT id, manuscript_id, base_version, saved_at, account_id, account_name, content "
                   "FROM manuscript_asides WHERE id = $1 AND settled = 0");
    db_bind_i64(st, 1, id);
    bool found = db_step(st), sound = true;
    if (found) {
        aside_read(a, st, out);
        sound = content_from_json(a, db_str(st, 6), &out->content) == RC_OK;
    }
    enum rc rc = db_end(st);
    return rc != RC_OK ? rc : !found ? RC_NOT_FOUND : sound ? RC_OK : RC_IO;
}

enum rc aside_list(struct arena *a, struct db *db, int64_t manuscript_id, int64_t account_id,
                   struct manuscript_aside **out, size_t *count_out) {
    struct db_stmt *st =
        manuscript_id != 0
            ? db_sql(db, "SELECT id, manuscript_id, base_version, saved_at, account_id, account_name FROM "
                         "manuscript_asides WHERE manuscript_id = $1 AND settled = 0 ORDER BY id DESC LIMIT 100")
            : db_sql(db, "SELECT id, manuscript_id, base_version, saved_at, account_id, account_name FROM "
                         "manuscript_asides WHERE account_id = $1 AND settled = 0 ORDER BY id DESC LIMIT 100");
    db_bind_i64(st, 1, manuscript_id != 0 ? manuscript_id : account_id);
    *out = ARENA_ARRAY(a, struct manuscript_aside, ASIDES_MAX);
    *count_out = 0;
    while (*count_out < ASIDES_MAX && db_step(st))
        aside_read(a, st, &(*out)[(*count_out)++]);
    return db_end(st);
}

enum rc aside_settle(struct db *db, int64_t id) {
    struct db_stmt *st = db_sql(db, "UPDATE manuscript_asides SET settled = 1 WHERE id = $1");
    db_bind_i64(st, 1, id);
    return db_run(st);
}
