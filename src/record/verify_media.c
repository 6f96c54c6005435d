// SPDX-License-Identifier: AGPL-3.0-or-later
// What `siaran verify` checks of the media library: rows against files, and files against rows.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/audit.h"
#include "record/media_inside.h"

#define FILE_MOST MEDIA_PICTURE_BYTES

// ---- rows to files ---------------------------------------------------------------------------------------------------

// Columns: sha256, ext, bytes, media id, 1 for an original, width, height. Sound's original is its public file.
static struct db_stmt *all_files(struct db *db) {
    return db_sql(db, "SELECT sha256, ext, bytes, media_id, 0, width, height FROM media_sizes UNION ALL "
                      "SELECT original_sha256, original_ext, original_bytes, id, 1, 0, 0 FROM media "
                      "WHERE original_sha256 <> '' AND kind = 1 UNION ALL "
                      "SELECT sha256, ext, bytes, media_id, original, 0, 0 FROM media_earlier ORDER BY 1");
}

static bool path_of(const struct verify_context *v, struct db_stmt *st, char path[MEDIA_PATH_ROOM]) {
    struct str sha256 = db_str(st, 0), ext = db_str(st, 1);
    int n = snprintf(path, MEDIA_PATH_ROOM, "%s/%s/%.*s/%.*s.%.*s", v->dir, db_i64(st, 4) != 0 ? "originals" : "media",
                     STR_ARG(str_slice(sha256, 0, 2)), STR_ARG(sha256), STR_ARG(ext));
    return n > 0 && n < MEDIA_PATH_ROOM;
}

enum rc check_media_files(const struct verify_context *v) {
    struct db_stmt *st = all_files(v->db);
    char path[MEDIA_PATH_ROOM] = "";
    struct stat file;
    while (db_step(st)) {
        if (!path_of(v, st, path) || stat(path, &file) != 0)
            verify_fault(v, "media-files", "medium %lld: %s is not there", (long long)db_i64(st, 3), path);
        else if (file.st_size != db_i64(st, 2))
            verify_fault(v, "media-files", "medium %lld: %s has %lld bytes instead of %lld", (long long)db_i64(st, 3),
                         path, (long long)file.st_size, (long long)db_i64(st, 2));
    }
    return db_end(st);
}

static void hash_compare(const struct verify_context *v, const char *path, struct str sha256) {
    struct digest digest;
    struct stat file;
    char hex[64];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return; // media-files says so
    if (fstat(fd, &file) == 0 && hash_sha256_file(fd, 0, (uint64_t)file.st_size, &digest) == RC_OK) {
        hex_put(hex, digest.bytes, sizeof digest.bytes);
        if (!str_eq(sha256, (struct str){hex, sizeof hex}))
            verify_fault(v, "media-hash", "%s does not hold what its name says", path);
    }
    close(fd);
}

enum rc check_media_hash(const struct verify_context *v) {
    struct db_stmt *st = all_files(v->db);
    char path[MEDIA_PATH_ROOM] = "", last[MEDIA_PATH_ROOM] = "";
    while (db_step(st))
        if (path_of(v, st, path) && strcmp(path, last) != 0) {
            hash_compare(v, path, db_str(st, 0));
            memcpy(last, path, sizeof last);
        }
    return db_end(st);
}

// ---- kinds and sizes -------------------------------------------------------------------------------------------------

static void size_compare(const struct verify_context *v, struct db_stmt *st, const char *path) {
    struct buf b;
    struct media_header h;
    struct str ext = db_str(st, 1);
    buf_init(&b, FILE_MOST);
    if (file_read(path, &b, NULL) == RC_OK) {
        struct media_source source = media_source_memory(buf_view(&b));
        enum media_reason reason = media_sniff(&source, str_eq(ext, STR("svg")), &h);
        if (reason != MEDIA_TAKEN || !str_eq(media_type_ext(h.type), ext) || h.width != db_i64(st, 5) ||
            h.height != db_i64(st, 6))
            verify_fault(v, "media-sizes", "medium %lld: %s is not a picture of %lld by %lld pixels",
                         (long long)db_i64(st, 3), path, (long long)db_i64(st, 5), (long long)db_i64(st, 6));
    }
    buf_fini(&b);
}

enum rc check_media_sizes(const struct verify_context *v) {
    char path[MEDIA_PATH_ROOM] = "";
    struct db_stmt *st = db_sql(v->db, "SELECT s.sha256, s.ext, s.bytes, s.media_id, 0, s.width, s.height FROM "
                                       "media_sizes s CROSS JOIN media m WHERE m.id = s.media_id AND m.kind = 1");
    while (db_step(st))
        if (path_of(v, st, path))
            size_compare(v, st, path);
    enum rc rc = db_end(st);
    if (rc != RC_OK)
        return rc;
    st = db_sql(v->db,
                "SELECT m.id FROM media m WHERE m.kind = 1 AND (m.width <> (SELECT COALESCE(MAX(s.width), 0) FROM "
                "media_sizes s WHERE s.media_id = m.id) OR NOT EXISTS (SELECT 1 FROM media_sizes s WHERE "
                "s.media_id = m.id AND s.width = m.width AND s.height = m.height))");
    while (db_step(st))
        verify_fault(v, "media-sizes", "medium %lld: its largest file is of another size", (long long)db_i64(st, 0));
    return db_end(st);
}

// ---- files to rows ---------------------------------------------------------------------------------------------------

static bool is_marked(const struct verify_context *v, const char *folder, const char *name) {
    char path[MEDIA_PATH_ROOM];
    int n = snprintf(path, sizeof path, "%s/tmp/%s-%s", v->dir, folder, name);
    return n > 0 && n < MEDIA_PATH_ROOM && file_exists(path);
}

// Being written or taken away just now, or named by a row.
static bool is_accounted(const struct verify_context *v, const char *folder, const char *name) {
    struct media_kept_file f;
    char mark[MEDIA_PATH_ROOM];
    int n = snprintf(mark, sizeof mark, "%s-%s", folder, name);
    if (n <= 0 || n >= MEDIA_PATH_ROOM || !media_mark_parse(str_from(mark), &f))
        return false;
    return is_marked(v, folder, name) || media_file_is_named(v->db, &f);
}

static void look_into(const struct verify_context *v, const char *folder, const char *below) {
    char path[MEDIA_PATH_ROOM];
    int n = snprintf(path, sizeof path, "%s/%s/%s", v->dir, folder, below);
    DIR *dir = n > 0 && n < MEDIA_PATH_ROOM ? opendir(path) : NULL;
    if (dir == NULL)
        return;
    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        if (e->d_name[0] == '.')
            continue;
        bool deeper = below[0] == '\0' && strlen(e->d_name) == 2;
        if (deeper)
            look_into(v, folder, e->d_name);
        else if (!is_accounted(v, folder, e->d_name))
            verify_fault(v, "media-orphans", "nothing names %s/%s", path, e->d_name);
    }
    closedir(dir);
}

static void look_into_tmp(const struct verify_context *v) {
    char path[MEDIA_PATH_ROOM];
    struct media_kept_file f;
    int n = snprintf(path, sizeof path, "%s/tmp", v->dir);
    DIR *dir = n > 0 && n < MEDIA_PATH_ROOM ? opendir(path) : NULL;
    if (dir == NULL)
        return;
    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        struct str name = str_from(e->d_name);
        if (e->d_name[0] != '.' && !str_starts(name, STR("part-")) && !media_mark_parse(name, &f))
            verify_fault(v, "media-orphans", "%s/%s is not ours", path, e->d_name);
    }
    closedir(dir);
}

enum rc check_media_orphans(const struct verify_context *v) {
    look_into(v, "media", "");
    look_into(v, "originals", "");
    look_into_tmp(v);
    return RC_OK;
}

// ---- words -----------------------------------------------------------------------------------------------------------

struct comparing {
    struct db *db;
    int64_t id;
    size_t missing;
    struct arena *a;
    struct str *seen; // different ones
    size_t count;
};

enum { WORDS_ROOM = 2048 };

static enum rc compare_word(void *arg, struct str word) {
    struct comparing *c = arg;
    for (size_t i = 0; i < c->count; i++)
        if (str_eq(c->seen[i], word))
            return RC_OK;
    must(c->count < WORDS_ROOM);
    c->seen[c->count++] = str_dup(c->a, word);
    struct db_stmt *st = db_sql(c->db, "SELECT 1 FROM media_words WHERE word = $1 AND media_id = $2");
    db_bind_str(st, 1, word);
    db_bind_i64(st, 2, c->id);
    c->missing += !db_step(st);
    return db_end(st);
}

static enum rc words_compare(const struct verify_context *v, int64_t id, int64_t count) {
    struct arena *a = arena_new(4 << 20);
    struct comparing c = {.db = v->db, .id = id, .a = a, .seen = ARENA_ARRAY(a, struct str, WORDS_ROOM)};
    struct str text = STR_NONE;
    enum rc rc = media_text_of(a, v->db, id, &text);
    if (rc == RC_OK)
        rc = media_words_of(text, compare_word, &c);
    if (rc == RC_OK && (c.missing > 0 || (int64_t)c.count != count))
        verify_fault(v, "media-words", "medium %lld is searched by other words than those of its texts", (long long)id);
    arena_free(&a);
    return rc;
}

enum rc check_media_words(const struct verify_context *v) {
    struct db_stmt *st = db_sql(v->db, "SELECT m.id, (SELECT COUNT(*) FROM media_words w WHERE w.media_id = m.id) "
                                       "FROM media m");
    enum rc rc = RC_OK;
    while (rc == RC_OK && db_step(st))
        rc = words_compare(v, db_i64(st, 0), db_i64(st, 1));
    enum rc end = db_end(st);
    return rc == RC_OK ? end : rc;
}
