// SPDX-License-Identifier: AGPL-3.0-or-later
// Adding, describing, replacing and deleting what is in the media library. The files are on the shelf before.
#include "record/media_inside.h"

// ---- checks --------------------------------------------------------------------------------------------------------

// "C:\photos\Harbour.JPG" and "photos/Harbour.JPG" are "Harbour.JPG".
static struct str last_part(struct str name) {
    for (size_t i = name.n; i > 0; i--)
        if (name.p[i - 1] == '/' || name.p[i - 1] == '\\')
            return str_slice(name, i, name.n);
    return name;
}

static bool is_line(struct str s, size_t most) {
    if (s.n > most || !utf8_valid(s))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
            return false;
    return true;
}

static enum rc about_check(const struct media_about *about, struct problem *p) {
    if (!is_line(last_part(about->file_name), MEDIA_NAME_MAX))
        return problem_word(p, RC_INVALID, W_REASON_FILE_NAME, 0, STR_NONE);
    if (!is_line(about->credit, MEDIA_CREDIT_MAX))
        return problem_word(p, RC_INVALID, W_REASON_CREDIT_LONG, MEDIA_CREDIT_MAX, STR_NONE);
    if (about->focal_x > 1000 || about->focal_y > 1000)
        return problem_word(p, RC_INVALID, W_REASON_FOCAL_OUTSIDE, 0, STR_NONE);
    for (int lang = 0; lang < LANG_COUNT; lang++)
        if (!is_line(about->alts[lang], MEDIA_ALT_MAX))
            return problem_word(p, RC_INVALID, W_REASON_ALT_LONG, MEDIA_ALT_MAX, text_lang_code((enum text_lang)lang));
    return RC_OK;
}

static enum rc version_check(struct db *db, int64_t id, int64_t version, enum media_kind *kind_out, struct problem *p) {
    struct db_stmt *st = db_sql(db, "SELECT version, kind FROM media WHERE id = $1");
    db_bind_i64(st, 1, id);
    bool found = db_step(st);
    int64_t now = found ? db_i64(st, 0) : 0;
    *kind_out = (enum media_kind)db_i64(st, 1);
    enum rc rc = db_end(st);
    if (rc != RC_OK)
        return rc;
    if (!found)
        return problem_word(p, RC_NOT_FOUND, W_REASON_MEDIUM_GONE, 0, STR_NONE);
    return now == version ? RC_OK : problem_word(p, RC_CONFLICT, W_REASON_STALE, 0, STR_NONE);
}

// ---- rows ----------------------------------------------------------------------------------------------------------

static enum rc alts_write(struct db *db, int64_t id, const struct media_about *about) {
    struct db_stmt *st = db_sql(db, "DELETE FROM media_alts WHERE media_id = $1");
    db_bind_i64(st, 1, id);
    enum rc rc = db_run(st);
    for (int lang = 0; rc == RC_OK && lang < LANG_COUNT; lang++) {
        struct str alt = str_trim(about->alts[lang]);
        if (alt.n == 0)
            continue;
        st = db_sql(db, "INSERT INTO media_alts (media_id, lang, alt) VALUES ($1, $2, $3)");
        db_bind_i64(st, 1, id);
        db_bind_str(st, 2, text_lang_code((enum text_lang)lang));
        db_bind_str(st, 3, alt);
        rc = db_run(st);
    }
    return rc;
}

static enum rc about_write(struct db *db, int64_t id, const struct media_about *about) {
    struct db_stmt *st = db_sql(db, "UPDATE media SET file_name = $2, credit = $3, focal_x = $4, focal_y = $5 "
                                    "WHERE id = $1");
    db_bind_i64(st, 1, id);
    db_bind_str(st, 2, last_part(about->file_name));
    db_bind_str(st, 3, str_trim(about->credit));
    db_bind_i64(st, 4, about->focal_x);
    db_bind_i64(st, 5, about->focal_y);
    enum rc rc = db_run(st);
    if (rc == RC_OK)
        rc = alts_write(db, id, about);
    return rc == RC_OK ? media_words_write(db, id) : rc;
}

static enum rc size_write(struct db *db, int64_t id, const struct media_kept_file *f) {
    struct db_stmt *st = db_sql(db, "INSERT INTO media_sizes (sha256, ext, media_id, width, height, bytes) VALUES "
                                    "($1, $2, $3, $4, $5, $6) ON CONFLICT (media_id, sha256) DO NOTHING");
    db_bind_str(st, 1, str_from(f->sha256));
    db_bind_str(st, 2, media_type_ext(f->type));
    db_bind_i64(st, 3, id);
    db_bind_i64(st, 4, f->width);
    db_bind_i64(st, 5, f->height);
    db_bind_i64(st, 6, f->bytes);
    return db_run(st);
}

static enum rc sizes_write(struct db *db, int64_t id, const struct media_files *files) {
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < files->count; i++)
        if (!files->rows[i].original)
            rc = size_write(db, id, &files->rows[i]);
    return rc;
}

// What follows from the files: kind, the largest size, the original, the length.
static enum rc files_write(struct db *db, int64_t id, const struct media_files *files,
                           const struct media_report *report) {
    const struct media_kept_file *original = &files->rows[0];
    int width = 0, height = 0;
    for (size_t i = 0; i < files->count; i++)
        if (!files->rows[i].original && files->rows[i].width > width) {
            width = files->rows[i].width;
            height = files->rows[i].height;
        }
    enum media_kind kind = media_type_kind(original->type);
    struct db_stmt *st =
        db_sql(db, "UPDATE media SET kind = $2, width = $3, height = $4, original_sha256 = $5, "
                   "original_ext = $6, original_bytes = $7, duration_ms = $8, avif = $9 WHERE id = $1");
    db_bind_i64(st, 1, id);
    db_bind_i64(st, 2, kind);
    db_bind_i64(st, 3, width);
    db_bind_i64(st, 4, height);
    db_bind_str(st, 5, str_from(original->sha256));
    db_bind_str(st, 6, media_type_ext(original->type));
    db_bind_i64(st, 7, original->bytes);
    db_bind_i64(st, 8, kind == MEDIA_AUDIO || kind == MEDIA_VIDEO ? report->duration_ms : 0);
    db_bind_i64(st, 9, kind == MEDIA_PICTURE ? MEDIA_AVIF_WAITING : MEDIA_AVIF_NONE);
    enum rc rc = db_run(st);
    return rc == RC_OK ? sizes_write(db, id, files) : rc;
}

// ---- calls ---------------------------------------------------------------------------------------------------------

enum rc media_add(struct db *db, const struct media_files *files, const struct media_report *report,
                  const struct media_about *about, const struct audit_who *who, int64_t *id_out, struct problem *p) {
    must(files->count > 0);
    enum rc rc = about_check(about, p);
    if (rc != RC_OK)
        return rc;
    int64_t id = id_next();
    struct db_stmt *st = db_sql(db, "INSERT INTO media (id, width, height, credit, added_at, added_by, added_by_name) "
                                    "VALUES ($1, 0, 0, '', $2, $3, $4)");
    db_bind_i64(st, 1, id);
    db_bind_i64(st, 2, clock_now_us());
    db_bind_i64(st, 3, who->account_id);
    db_bind_str(st, 4, utf8_cut(who->name, AUDIT_NAME_MAX));
    rc = db_run(st);
    if (rc == RC_OK)
        rc = files_write(db, id, files, report);
    if (rc == RC_OK)
        rc = about_write(db, id, about);
    if (rc == RC_OK)
        *id_out = id;
    return rc;
}

static enum rc version_raise(struct db *db, int64_t id) {
    struct db_stmt *st = db_sql(db, "UPDATE media SET version = version + 1 WHERE id = $1");
    db_bind_i64(st, 1, id);
    return db_run(st);
}

enum rc media_edit(struct db *db, int64_t id, int64_t version, const struct media_about *about, struct problem *p) {
    enum media_kind kind;
    enum rc rc = about_check(about, p);
    if (rc == RC_OK)
        rc = version_check(db, id, version, &kind, p);
    if (rc == RC_OK)
        rc = version_raise(db, id);
    return rc == RC_OK ? about_write(db, id, about) : rc;
}

static enum rc sizes_clear(struct db *db, int64_t id) {
    struct db_stmt *st = db_sql(db, "DELETE FROM media_sizes WHERE media_id = $1");
    db_bind_i64(st, 1, id);
    return db_run(st);
}

enum rc media_replace(struct db *db, int64_t id, int64_t version, const struct media_files *files,
                      const struct media_report *report, struct str file_name, const struct audit_who *who,
                      struct problem *p) {
    must(files->count > 0);
    enum media_kind kind;
    enum rc rc = version_check(db, id, version, &kind, p);
    if (rc == RC_OK && kind != media_type_kind(files->rows[0].type))
        rc = problem_word(p, RC_INVALID, W_REASON_MEDIUM_KIND, 0, STR_NONE);
    if (rc == RC_OK && !is_line(last_part(file_name), MEDIA_NAME_MAX))
        rc = problem_word(p, RC_INVALID, W_REASON_FILE_NAME, 0, STR_NONE);
    if (rc == RC_OK)
        rc = media_earlier_keep(db, id, files->rows[0].sha256, who);
    if (rc == RC_OK)
        rc = sizes_clear(db, id);
    if (rc == RC_OK)
        rc = files_write(db, id, files, report);
    if (rc != RC_OK)
        return rc;
    struct db_stmt *st = db_sql(db, "UPDATE media SET file_name = $2, version = version + 1 WHERE id = $1");
    db_bind_i64(st, 1, id);
    db_bind_str(st, 2, last_part(file_name));
    rc = db_run(st);
    return rc == RC_OK ? media_words_write(db, id) : rc;
}

static enum rc row_delete(struct db *db, int64_t id) {
    struct db_stmt *st = db_sql(db, "DELETE FROM media_alts WHERE media_id = $1");
    db_bind_i64(st, 1, id);
    enum rc rc = db_run(st);
    if (rc != RC_OK)
        return rc;
    st = db_sql(db, "DELETE FROM media_words WHERE media_id = $1");
    db_bind_i64(st, 1, id);
    rc = db_run(st);
    if (rc != RC_OK)
        return rc;
    st = db_sql(db, "DELETE FROM media WHERE id = $1");
    db_bind_i64(st, 1, id);
    return db_run(st);
}

enum rc media_delete(struct db *db, int64_t id, int64_t version, struct problem *p) {
    enum media_kind kind;
    enum rc rc = version_check(db, id, version, &kind, p);
    if (rc != RC_OK)
        return rc;
    struct db_stmt *st = db_sql(db, "SELECT COUNT(*) FROM media_uses WHERE media_id = $1");
    db_bind_i64(st, 1, id);
    int64_t uses = db_step(st) ? db_i64(st, 0) : 0;
    rc = db_end(st);
    if (rc == RC_OK && uses > 0)
        rc = problem_set(p, RC_DENIED, "It is used in %lld place%s and stays.", (long long)uses, uses == 1 ? "" : "s");
    if (rc == RC_OK)
        rc = sizes_clear(db, id);
    if (rc == RC_OK)
        rc = media_earlier_drop(db, id);
    return rc == RC_OK ? row_delete(db, id) : rc;
}

void media_raise(int64_t id) {
    edition_raise(EDITION_MEDIA, id, false);
}

// ---- AVIF, later ---------------------------------------------------------------------------------------------------

int64_t media_avif_next(struct db *db) {
    struct db_stmt *st = db_sql(db, "SELECT id FROM media WHERE avif = $1 ORDER BY id LIMIT 1");
    db_bind_i64(st, 1, MEDIA_AVIF_WAITING);
    int64_t id = db_step(st) ? db_i64(st, 0) : 0;
    return db_end(st) == RC_OK ? id : 0;
}

enum rc media_avif_add(struct db *db, int64_t id, const char *original_sha256, const struct media_files *files) {
    struct db_stmt *st = db_sql(db, "UPDATE media SET avif = $3 WHERE id = $1 AND original_sha256 = $2");
    db_bind_i64(st, 1, id);
    db_bind_str(st, 2, str_from(original_sha256));
    db_bind_i64(st, 3, files->count > 0 ? MEDIA_AVIF_MADE : MEDIA_AVIF_FAILED);
    enum rc rc = db_run(st);
    if (rc != RC_OK || db_changes(db) == 0)
        return rc; // replaced or deleted in the meantime: these sizes are of the old one
    return sizes_write(db, id, files);
}
