// SPDX-License-Identifier: AGPL-3.0-or-later
// Pictures. A file's name is the hash of its content: it never changes, may be cached for ever, and writing it twice
// writes the same. The file is on disk before the row that names it is committed.
#include "record/media_inside.h"

#define FILE_MOST (32u << 20)

// ---- reading
// ---------------------------------------------------------------------------------------------------------

#define TEN(t) "$" t "1, $" t "2, $" t "3, $" t "4, $" t "5, $" t "6, $" t "7, $" t "8, $" t "9"

// The names of the types sort as wanted: jpg and png before webp. Ids left over are 0, which is no picture's.
static struct db_stmt *sizes_of(struct db *db, const int64_t *ids, size_t count) {
    struct db_stmt *st =
        db_sql(db, "SELECT m.id, m.width, m.height, m.credit, z.sha256, z.ext, z.width, z.height, "
                   "z.bytes FROM media m CROSS JOIN media_sizes z WHERE m.id IN (" TEN("") ", $10, " TEN(
                       "1") ", $20, " TEN("2") ", $30, $31, $32) "
                                               "AND z.media_id = m.id ORDER BY m.id, z.ext, z.width, z.sha256");
    for (size_t i = 0; i < MEDIA_LIST_MOST; i++)
        db_bind_i64(st, (int)i + 1, i < count ? ids[i] : 0);
    return st;
}

static struct media *media_of_row(struct arena *a, struct db_stmt *st, struct media *out, size_t *count) {
    int64_t id = db_i64(st, 0);
    if (*count > 0 && out[*count - 1].id == id)
        return &out[*count - 1];
    out[*count] = (struct media){
        .id = id, .width = (int)db_i64(st, 1), .height = (int)db_i64(st, 2), .credit = db_str_dup(a, st, 3)};
    return &out[(*count)++];
}

static void size_add(struct arena *a, struct db_stmt *st, struct media *m) {
    if ((m->size_count & (m->size_count - 1)) == 0) { // full at 0, 1, 2, 4, ...
        struct media_size *more = ARENA_ARRAY(a, struct media_size, m->size_count > 0 ? m->size_count * 2 : 1);
        if (m->size_count > 0)
            memcpy(more, m->sizes, m->size_count * sizeof *more);
        m->sizes = more;
    }
    m->sizes[m->size_count++] = (struct media_size){.sha256 = db_str_dup(a, st, 4),
                                                    .ext = db_str_dup(a, st, 5),
                                                    .width = (int)db_i64(st, 6),
                                                    .height = (int)db_i64(st, 7),
                                                    .bytes = db_i64(st, 8)};
}

enum rc media_list(struct arena *a, struct db *db, const int64_t *ids, size_t count, struct media *out,
                   size_t *count_out) {
    *count_out = 0;
    if (count > MEDIA_LIST_MOST)
        return RC_TOO_BIG;
    struct db_stmt *st = sizes_of(db, ids, count);
    while (db_step(st))
        size_add(a, st, media_of_row(a, st, out, count_out));
    return db_end(st);
}

enum rc media_get(struct arena *a, struct db *db, int64_t id, struct media *out) {
    size_t count = 0;
    *out = (struct media){.id = id};
    enum rc rc = id != 0 ? media_list(a, db, &id, 1, out, &count) : RC_OK;
    return rc != RC_OK ? rc : count > 0 ? RC_OK : RC_NOT_FOUND;
}

bool media_hash_is_plain(struct str sha256) {
    for (size_t i = 0; i < sha256.n; i++)
        if (!((sha256.p[i] >= '0' && sha256.p[i] <= '9') || (sha256.p[i] >= 'a' && sha256.p[i] <= 'f')))
            return false;
    return sha256.n == 64;
}

enum rc media_file(struct arena *a, struct db *db, struct str sha256, struct str ext, struct str *path_out) {
    if (!media_hash_is_plain(sha256))
        return RC_NOT_FOUND;
    struct db_stmt *st = db_sql(db, "SELECT ext FROM media_sizes WHERE sha256 = $1 AND ext = $2 LIMIT 1");
    db_bind_str(st, 1, sha256);
    db_bind_str(st, 2, ext);
    bool found = db_step(st);
    enum rc rc = db_end(st);
    if (rc != RC_OK || !found)
        return rc != RC_OK ? rc : RC_NOT_FOUND;
    *path_out = str_fmt(a, "%.2s/%.*s.%.*s", sha256.p, STR_ARG(sha256), STR_ARG(ext));
    return RC_OK;
}

// ---- writing
// ---------------------------------------------------------------------------------------------------------

// The picture's size is that of its largest file; a credit once given stays.
static enum rc media_row(struct db *db, const struct media_header *header, struct str credit, int64_t id) {
    struct db_stmt *st = db_sql(db, "INSERT INTO media (id, width, height, credit, added_at) VALUES "
                                    "($1, $2, $3, $4, $5) ON CONFLICT (id) DO UPDATE SET width = excluded.width, "
                                    "height = excluded.height WHERE media.width < excluded.width");
    db_bind_i64(st, 1, id);
    db_bind_i64(st, 2, header->width);
    db_bind_i64(st, 3, header->height);
    db_bind_str(st, 4, credit);
    db_bind_i64(st, 5, clock_now_us());
    return db_run(st);
}

static enum rc size_row(struct db *db, const struct media_header *header, const char *hex, size_t bytes, int64_t id) {
    struct db_stmt *st = db_sql(db, "INSERT INTO media_sizes (sha256, ext, media_id, width, height, bytes) VALUES "
                                    "($1, $2, $3, $4, $5, $6) ON CONFLICT (media_id, sha256) DO NOTHING");
    db_bind_str(st, 1, (struct str){hex, 64});
    db_bind_str(st, 2, media_type_ext(header->type));
    db_bind_i64(st, 3, id);
    db_bind_i64(st, 4, header->width);
    db_bind_i64(st, 5, header->height);
    db_bind_i64(st, 6, (int64_t)bytes);
    return db_run(st);
}

static enum rc file_put(const char *dir, struct str bytes, const struct media_header *header,
                        struct media_kept_file *out) {
    struct digest digest;
    *out = (struct media_kept_file){.type = header->type, .bytes = (int64_t)bytes.n};
    hash_sha256(bytes.p, bytes.n, &digest);
    hex_put(out->sha256, digest.bytes, sizeof digest.bytes);
    return media_bytes_put(dir, out, bytes);
}

enum rc media_add_file(struct db *db, const char *dir, struct str bytes, bool trusted_svg, struct str credit,
                       int64_t *media_id) {
    struct media_source source = media_source_memory(bytes);
    struct media_header header;
    if (bytes.n > FILE_MOST)
        return RC_TOO_BIG;
    if (media_sniff(&source, trusted_svg, &header) != MEDIA_TAKEN || media_type_kind(header.type) != MEDIA_PICTURE)
        return RC_INVALID;
    struct media_kept_file file;
    enum rc rc = file_put(dir, bytes, &header, &file);
    if (rc != RC_OK)
        return rc;
    // An id left by an attempt that was rolled back is used again.
    int64_t id = *media_id != 0 ? *media_id : id_next();
    rc = media_row(db, &header, credit, id);
    if (rc == RC_OK)
        rc = size_row(db, &header, file.sha256, bytes.n, id);
    if (rc == RC_OK)
        rc = media_words_write(db, id);
    if (rc == RC_OK)
        *media_id = id;
    return rc;
}

static enum rc whole_row(struct db *db, const struct media_kept_file *file, struct str name, int64_t id) {
    struct db_stmt *st = db_sql(db, "UPDATE media SET kind = $2, original_sha256 = $3, original_ext = $4, "
                                    "original_bytes = $5, file_name = $6 WHERE id = $1");
    db_bind_i64(st, 1, id);
    db_bind_i64(st, 2, media_type_kind(file->type));
    db_bind_str(st, 3, str_from(file->sha256));
    db_bind_str(st, 4, media_type_ext(file->type));
    db_bind_i64(st, 5, file->bytes);
    db_bind_str(st, 6, name);
    return db_run(st);
}

enum rc media_add_whole(struct db *db, const char *dir, struct str bytes, struct str name, int64_t *media_id) {
    struct media_source source = media_source_memory(bytes);
    struct media_header header;
    if (bytes.n > FILE_MOST || name.n == 0 || name.n > MEDIA_NAME_MAX)
        return bytes.n > FILE_MOST ? RC_TOO_BIG : RC_INVALID;
    if (media_sniff(&source, false, &header) != MEDIA_TAKEN || media_type_kind(header.type) == MEDIA_PICTURE)
        return RC_INVALID;
    struct media_kept_file file;
    enum rc rc = file_put(dir, bytes, &header, &file);
    *media_id = id_next();
    if (rc == RC_OK)
        rc = media_row(db, &header, STR_NONE, *media_id);
    if (rc == RC_OK)
        rc = whole_row(db, &file, name, *media_id);
    if (rc == RC_OK)
        rc = size_row(db, &header, file.sha256, bytes.n, *media_id);
    return rc == RC_OK ? media_words_write(db, *media_id) : rc;
}

struct str media_saved_name(struct arena *a, struct str name, struct str ext) {
    struct str end = str_slice(name, name.n > ext.n ? name.n - ext.n : 0, name.n);
    bool ends = name.n > ext.n + 1 && name.p[name.n - ext.n - 1] == '.' && str_eq_nocase(end, ext);
    if (ends)
        return str_dup(a, name);
    return str_fmt(a, "%.*s.%.*s", STR_ARG(name.n > 0 ? name : STR("file")), STR_ARG(ext));
}

enum rc media_file_name(struct arena *a, struct db *db, struct str sha256, struct str *name_out) {
    struct db_stmt *st = db_sql(db, "SELECT m.file_name, s.ext FROM media_sizes s CROSS JOIN media m WHERE "
                                    "s.sha256 = $1 AND m.id = s.media_id ORDER BY m.id LIMIT 1");
    db_bind_str(st, 1, sha256);
    bool found = db_step(st);
    if (found)
        *name_out = media_saved_name(a, db_str(st, 0), db_str(st, 1));
    enum rc rc = db_end(st);
    return rc != RC_OK ? rc : found ? RC_OK : RC_NOT_FOUND;
}
