// SPDX-License-Identifier: AGPL-3.0-or-later
// The files of a medium that others took the place of: a wrong one chosen can be undone. What is kept is the file as it
// was uploaded; of an imported picture, which has no such, its largest public file.
#include "record/media_inside.h"

// A file stands once: as what the medium has, or as one of the earlier ones.
static enum rc forget_same(struct db *db, int64_t id, const char *sha256) {
    struct db_stmt *st = db_sql(db, "DELETE FROM media_earlier WHERE media_id = $1 AND (sha256 = $2 OR sha256 IN "
                                    "(SELECT original_sha256 FROM media WHERE id = $1))");
    db_bind_i64(st, 1, id);
    db_bind_str(st, 2, str_from(sha256));
    return db_run(st);
}

static enum rc forget_oldest(struct db *db, int64_t id) {
    struct db_stmt *st = db_sql(db, "DELETE FROM media_earlier WHERE media_id = $1 AND id NOT IN (SELECT id FROM "
                                    "media_earlier WHERE media_id = $1 ORDER BY id DESC LIMIT $2)");
    db_bind_i64(st, 1, id);
    db_bind_i64(st, 2, MEDIA_EARLIER_MAX);
    return db_run(st);
}

static enum rc row_write(struct db_stmt *st, int64_t id, const char *new_sha256, const struct audit_who *who) {
    db_bind_i64(st, 1, id);
    db_bind_str(st, 2, str_from(new_sha256));
    db_bind_i64(st, 3, id_next());
    db_bind_i64(st, 4, clock_now_us());
    db_bind_i64(st, 5, who->account_id);
    db_bind_str(st, 6, utf8_cut(who->name, AUDIT_NAME_MAX));
    return db_run(st);
}

enum rc media_earlier_keep(struct db *db, int64_t id, const char *new_sha256, const struct audit_who *who) {
    enum rc rc = forget_same(db, id, new_sha256);
    if (rc == RC_OK)
        rc = row_write(db_sql(db, "INSERT INTO media_earlier (id, media_id, original, sha256, ext, bytes, file_name, "
                                  "replaced_at, replaced_by, replaced_by_name) SELECT $3, id, CASE WHEN kind = 1 THEN "
                                  "1 ELSE 0 END, original_sha256, original_ext, original_bytes, file_name, $4, $5, $6 "
                                  "FROM media WHERE id = $1 AND original_sha256 <> '' AND original_sha256 <> $2"),
                       id, new_sha256, who);
    if (rc == RC_OK)
        rc = row_write(db_sql(db, "INSERT INTO media_earlier (id, media_id, original, sha256, ext, bytes, file_name, "
                                  "replaced_at, replaced_by, replaced_by_name) SELECT $3, m.id, 0, z.sha256, z.ext, "
                                  "z.bytes, m.file_name, $4, $5, $6 FROM media m CROSS JOIN media_sizes z WHERE "
                                  "m.id = $1 AND m.original_sha256 = '' AND z.media_id = m.id AND z.sha256 <> $2 AND "
                                  "z.ext <> 'avif' ORDER BY z.width DESC, z.bytes DESC LIMIT 1"),
                       id, new_sha256, who);
    return rc == RC_OK ? forget_oldest(db, id) : rc;
}

enum rc media_earlier_drop(struct db *db, int64_t id) {
    struct db_stmt *st = db_sql(db, "DELETE FROM media_earlier WHERE media_id = $1");
    db_bind_i64(st, 1, id);
    return db_run(st);
}

enum rc media_earlier_list(struct arena *a, struct db *db, int64_t id, struct media_earlier out[MEDIA_EARLIER_MAX],
                           size_t *count_out) {
    struct db_stmt *st = db_sql(db, "SELECT id, original, sha256, ext, bytes, file_name, replaced_at, replaced_by_name "
                                    "FROM media_earlier WHERE media_id = $1 ORDER BY id DESC LIMIT $2");
    db_bind_i64(st, 1, id);
    db_bind_i64(st, 2, MEDIA_EARLIER_MAX);
    *count_out = 0;
    while (*count_out < MEDIA_EARLIER_MAX && db_step(st)) {
        struct media_earlier *e = &out[*count_out];
        *e = (struct media_earlier){.id = db_i64(st, 0),
                                    .file = {.original = db_i64(st, 1) != 0, .bytes = db_i64(st, 4)},
                                    .file_name = db_str_dup(a, st, 5),
                                    .replaced_at = db_i64(st, 6),
                                    .replaced_by_name = db_str_dup(a, st, 7)};
        if (db_str(st, 2).n != 64 || !media_type_of_ext(db_str(st, 3), &e->file.type))
            continue; // verify tells of it
        memcpy(e->file.sha256, db_str(st, 2).p, 64);
        (*count_out)++;
    }
    return db_end(st);
}
