// SPDX-License-Identifier: AGPL-3.0-or-later
// The files of media: see record.h. Two uploads may bring the same bytes, and one may come while the other goes, so who
// works with a file holds its name; the last to let go looks whether any row names it.
//
//   DIR/tmp/part-<random>                  being written
//   DIR/tmp/media-<sha256>.<ext>           marks of files in DIR/media ...
//   DIR/tmp/originals-<sha256>.<ext>       ... and DIR/originals: empty
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/media_inside.h"

enum { NAME_ROOM = 128, HELD_MAX = 4096 };

struct media_shelf {
    const char *dir; // in the arena
    struct arena *arena;
    pthread_mutex_t lock; // of what follows, and of names coming and going
    struct held {
        char name[NAME_ROOM]; // "media-<sha256>.<ext>"
        int count;
    } held[HELD_MAX];
    size_t held_count;
};

// ---- names ---------------------------------------------------------------------------------------------------------

static const char *folder_of(const struct media_kept_file *f) {
    return f->original ? "originals" : "media";
}

static void mark_name(char out[NAME_ROOM], const struct media_kept_file *f) {
    int n = snprintf(out, NAME_ROOM, "%s-%s.%.*s", folder_of(f), f->sha256, STR_ARG(media_type_ext(f->type)));
    must(n > 0 && n < NAME_ROOM);
}

static bool file_path(char out[MEDIA_PATH_ROOM], const char *dir, const struct media_kept_file *f) {
    int n = snprintf(out, MEDIA_PATH_ROOM, "%s/%s/%.2s/%s.%.*s", dir, folder_of(f), f->sha256, f->sha256,
                     STR_ARG(media_type_ext(f->type)));
    return n > 0 && n < MEDIA_PATH_ROOM;
}

static bool tmp_path(char out[MEDIA_PATH_ROOM], const char *dir, const char *name) {
    int n = snprintf(out, MEDIA_PATH_ROOM, "%s/tmp/%s", dir, name);
    return n > 0 && n < MEDIA_PATH_ROOM;
}

bool media_mark_parse(struct str name, struct media_kept_file *out) {
    struct str ext = STR_NONE;
    *out = (struct media_kept_file){.original = str_starts(name, STR("originals-"))};
    size_t from = out->original ? 10 : 6, dot = from + 64;
    if ((!out->original && !str_starts(name, STR("media-"))) || name.n < dot + 2 || name.p[dot] != '.')
        return false;
    ext = str_slice(name, dot + 1, name.n);
    memcpy(out->sha256, name.p + from, 64);
    return media_hash_is_plain((struct str){out->sha256, 64}) && media_type_of_ext(ext, &out->type);
}

static bool is_earlier(struct db *db, const struct media_kept_file *f) {
    struct db_stmt *st =
        db_sql(db, "SELECT 1 FROM media_earlier WHERE sha256 = $1 AND ext = $2 AND original = $3 LIMIT 1");
    db_bind_str(st, 1, str_from(f->sha256));
    db_bind_str(st, 2, media_type_ext(f->type));
    db_bind_i64(st, 3, f->original);
    bool named = db_step(st);
    return db_end(st) != RC_OK || named;
}

bool media_file_is_named(struct db *db, const struct media_kept_file *f) {
    struct db_stmt *st =
        f->original ? db_sql(db, "SELECT 1 FROM media WHERE original_sha256 = $1 AND original_ext = $2 LIMIT 1")
                    : db_sql(db, "SELECT 1 FROM media_sizes WHERE sha256 = $1 AND ext = $2 LIMIT 1");
    db_bind_str(st, 1, str_from(f->sha256));
    db_bind_str(st, 2, media_type_ext(f->type));
    bool named = db_step(st);
    // What cannot be asked is kept.
    return db_end(st) != RC_OK || named || is_earlier(db, f);
}

static void sync_folder(const char *path) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)fsync(fd);
    close(fd);
}

static void sync_folder_of(const char *dir, const struct media_kept_file *f) {
    char path[MEDIA_PATH_ROOM];
    int n = snprintf(path, sizeof path, "%s/%s/%.2s", dir, folder_of(f), f->sha256);
    if (n > 0 && n < MEDIA_PATH_ROOM)
        sync_folder(path);
}

// ---- marks -----------------------------------------------------------------------------------------------------------

enum rc media_mark_make(const char *dir, const struct media_kept_file *f) {
    char name[NAME_ROOM], path[MEDIA_PATH_ROOM];
    mark_name(name, f);
    if (!tmp_path(path, dir, name))
        return RC_TOO_BIG;
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return RC_IO;
    close(fd);
    return RC_OK;
}

// Takes the mark away, and the file before it if nobody names it.
static void settle(const char *dir, struct db *db, const struct media_kept_file *f) {
    char name[NAME_ROOM], path[MEDIA_PATH_ROOM];
    if (!media_file_is_named(db, f) && file_path(path, dir, f) && unlink(path) == 0)
        sync_folder_of(dir, f);
    mark_name(name, f);
    if (tmp_path(path, dir, name))
        (void)unlink(path);
}

static struct held *held_find(struct media_shelf *s, const char *name) {
    for (size_t i = 0; i < s->held_count; i++)
        if (strcmp(s->held[i].name, name) == 0)
            return &s->held[i];
    return NULL;
}

// Under the lock.
static enum rc hold(struct media_shelf *s, const struct media_kept_file *f) {
    char name[NAME_ROOM];
    mark_name(name, f);
    struct held *held = held_find(s, name);
    if (held == NULL && s->held_count == HELD_MAX)
        return RC_BUSY;
    enum rc rc = media_mark_make(s->dir, f);
    if (rc != RC_OK)
        return rc;
    if (held == NULL) {
        held = &s->held[s->held_count++];
        memcpy(held->name, name, sizeof name);
        held->count = 0;
    }
    held->count++;
    return RC_OK;
}

// True: nobody else holds it.
static bool unhold(struct media_shelf *s, const struct media_kept_file *f) {
    char name[NAME_ROOM];
    mark_name(name, f);
    struct held *held = held_find(s, name);
    must(held != NULL);
    if (--held->count > 0)
        return false;
    *held = s->held[--s->held_count];
    return true;
}

void media_shelf_release(struct media_shelf *s, struct db *db, struct media_files *files) {
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < files->count; i++)
        if (unhold(s, &files->rows[i]))
            settle(s->dir, db, &files->rows[i]);
    pthread_mutex_unlock(&s->lock);
    files->count = 0;
}

// ---- start -----------------------------------------------------------------------------------------------------------

static void sweep(const char *dir, struct db *db) {
    char path[MEDIA_PATH_ROOM];
    struct media_kept_file f;
    DIR *tmp = tmp_path(path, dir, "") ? opendir(path) : NULL;
    unsigned swept = 0;
    if (tmp == NULL)
        return;
    for (const struct dirent *e = readdir(tmp); e != NULL; e = readdir(tmp)) {
        struct str name = str_from(e->d_name);
        if (str_starts(name, STR("part-")) && tmp_path(path, dir, e->d_name))
            swept += unlink(path) == 0;
        else if (media_mark_parse(name, &f))
            settle(dir, db, &f);
    }
    closedir(tmp);
    if (swept > 0)
        log_info("%u unfinished files were removed from %s/tmp", swept, dir);
}

enum rc media_shelf_open(const char *dir, struct db *db, struct media_shelf **out, struct problem *p) {
    static const char *const folders[] = {"media", "originals", "tmp"};
    struct media_shelf *s = MEM_NEW(struct media_shelf);
    s->arena = arena_new(1 << 16);
    s->dir = str_dup(s->arena, str_from(dir)).p;
    pthread_mutex_init(&s->lock, NULL);
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < sizeof folders / sizeof *folders; i++)
        rc = file_make_dir(str_fmt(s->arena, "%s/%s", dir, folders[i]).p, 0700, p);
    if (rc != RC_OK) {
        media_shelf_close(&s);
        return rc;
    }
    sweep(dir, db);
    *out = s;
    return RC_OK;
}

void media_shelf_close(struct media_shelf **shelf) {
    struct media_shelf *s = *shelf;
    if (s == NULL)
        return;
    pthread_mutex_destroy(&s->lock);
    arena_free(&s->arena);
    mem_free(s);
    *shelf = NULL;
}

// ---- putting files in their places -----------------------------------------------------------------------------------

static enum rc part_open(const char *dir, char path[MEDIA_PATH_ROOM], int *fd_out) {
    char name[64];
    (void)snprintf(name, sizeof name, "part-%016llx", (unsigned long long)random_u64());
    if (!tmp_path(path, dir, name))
        return RC_TOO_BIG;
    *fd_out = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (*fd_out < 0)
        log_error("record: %s: %s", path, strerror(errno));
    return *fd_out < 0 ? RC_IO : RC_OK;
}

enum rc media_shelf_temp(struct media_shelf *s, int *fd_out) {
    char path[MEDIA_PATH_ROOM];
    enum rc rc = part_open(s->dir, path, fd_out);
    if (rc == RC_OK)
        (void)unlink(path);
    return rc;
}

static bool copy_range(int from, uint64_t at, uint64_t bytes, int to) {
    off_t offset = (off_t)at;
    while (bytes > 0) {
        static _Thread_local char chunk[1 << 16];
        ssize_t got = pread(from, chunk, bytes < sizeof chunk ? (size_t)bytes : sizeof chunk, offset);
        if (got <= 0 || write(to, chunk, (size_t)got) != got)
            return false;
        offset += got;
        bytes -= (uint64_t)got;
    }
    return fsync(to) == 0;
}

// What the bytes are, from the copy: nobody but us can change it any more.
static enum rc describe(int fd, uint64_t bytes, struct media_kept_file *out) {
    struct media_source source;
    struct media_header header;
    struct digest digest;
    enum rc rc = media_source_file(fd, &source);
    if (rc == RC_OK)
        rc = hash_sha256_file(fd, 0, bytes, &digest);
    if (rc != RC_OK)
        return rc;
    if (media_sniff(&source, false, &header) != MEDIA_TAKEN)
        return RC_INVALID;
    hex_put(out->sha256, digest.bytes, sizeof digest.bytes);
    out->type = header.type;
    out->width = header.width;
    out->height = header.height;
    out->bytes = (int64_t)bytes;
    return RC_OK;
}

// The part becomes the file, unless that is there already.
static enum rc name_part(const char *dir, const char *part, const struct media_kept_file *f) {
    char path[MEDIA_PATH_ROOM], folder[MEDIA_PATH_ROOM];
    struct stat st;
    int n = snprintf(folder, sizeof folder, "%s/%s/%.2s", dir, folder_of(f), f->sha256);
    if (!file_path(path, dir, f) || n <= 0 || n >= MEDIA_PATH_ROOM)
        return RC_TOO_BIG;
    if (stat(path, &st) == 0 && st.st_size == f->bytes)
        return RC_OK;
    enum rc rc = file_make_dir(folder, 0700, NULL);
    if (rc == RC_OK && rename(part, path) != 0)
        rc = RC_IO;
    if (rc == RC_OK)
        sync_folder(folder);
    return rc;
}

enum rc media_bytes_put(const char *dir, const struct media_kept_file *f, struct str bytes) {
    static const char *const folders[] = {"media", "tmp"};
    char path[MEDIA_PATH_ROOM], part[MEDIA_PATH_ROOM];
    int fd = -1;
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < sizeof folders / sizeof *folders; i++) {
        int n = snprintf(path, sizeof path, "%s/%s", dir, folders[i]);
        rc = n > 0 && n < MEDIA_PATH_ROOM ? file_make_dir(path, 0700, NULL) : RC_TOO_BIG;
    }
    if (rc == RC_OK)
        rc = media_mark_make(dir, f);
    if (rc == RC_OK)
        rc = part_open(dir, part, &fd);
    if (rc != RC_OK)
        return rc;
    rc = write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n && fsync(fd) == 0 ? name_part(dir, part, f) : RC_IO;
    close(fd);
    (void)unlink(part);
    return rc;
}

static enum rc take_name(struct media_shelf *s, const char *part, const struct media_kept_file *f) {
    pthread_mutex_lock(&s->lock);
    enum rc rc = hold(s, f);
    if (rc == RC_OK) {
        rc = name_part(s->dir, part, f);
        if (rc != RC_OK)
            (void)unhold(s, f);
    }
    pthread_mutex_unlock(&s->lock);
    return rc;
}

static enum rc put_one(struct media_shelf *s, int from, uint64_t at, uint64_t bytes, enum media_type type,
                       struct media_kept_file *out) {
    char part[MEDIA_PATH_ROOM];
    int fd;
    enum rc rc = part_open(s->dir, part, &fd);
    if (rc != RC_OK)
        return rc;
    rc = copy_range(from, at, bytes, fd) ? describe(fd, bytes, out) : RC_IO;
    if (rc == RC_OK && out->type != type)
        rc = RC_INVALID;
    if (rc == RC_OK)
        rc = take_name(s, part, out);
    close(fd);
    (void)unlink(part);
    return rc;
}

static enum rc put_output(struct media_shelf *s, int fd, const struct media_output *o, struct media_kept_file *out) {
    enum rc rc = put_one(s, fd, o->at, o->bytes, o->type, out);
    // Held by now: released by the caller with the others.
    return rc == RC_OK && (out->width != o->width || out->height != o->height) ? RC_CONFLICT : rc;
}

static enum rc put_original(struct media_shelf *s, int fd, const struct media_report *report, struct media_files *out) {
    struct stat st;
    if (fstat(fd, &st) != 0)
        return RC_IO;
    struct media_kept_file *f = &out->rows[0];
    *f = (struct media_kept_file){.original = media_type_kind(report->type) == MEDIA_PICTURE};
    enum rc rc = put_one(s, fd, 0, (uint64_t)st.st_size, report->type, f);
    out->count += rc == RC_OK;
    return rc;
}

// Lets go of what was put so far. No row can name files that were never told to anybody, but older rows may: the mark
// stays and the next start decides.
static void abandon(struct media_shelf *s, struct media_files *files) {
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < files->count; i++)
        (void)unhold(s, &files->rows[i]);
    pthread_mutex_unlock(&s->lock);
    files->count = 0;
}

enum rc media_shelf_put(struct media_shelf *s, int original_fd, int output_fd, const struct media_report *report,
                        struct media_files *out) {
    out->count = 0;
    must(report->reason == MEDIA_TAKEN && report->output_count < MEDIA_FILES_MAX);
    enum rc rc = original_fd >= 0 ? put_original(s, original_fd, report, out) : RC_OK;
    for (size_t i = 0; rc == RC_OK && i < report->output_count; i++) {
        struct media_kept_file *f = &out->rows[out->count];
        *f = (struct media_kept_file){.original = false};
        rc = put_output(s, output_fd, &report->outputs[i], f);
        out->count += rc == RC_OK || rc == RC_CONFLICT;
    }
    if (rc == RC_OK)
        return RC_OK;
    log_warn("record: an upload could not be kept (%s)", rc_name(rc));
    abandon(s, out);
    return rc == RC_CONFLICT ? RC_INVALID : rc;
}

enum rc media_shelf_receive(struct media_shelf *s, struct media_intake *intake, int fd,
                            const struct media_request *request, struct media_report *report, struct media_files *out) {
    int sizes = -1;
    out->count = 0;
    enum rc rc = media_shelf_temp(s, &sizes);
    if (rc != RC_OK)
        return rc;
    media_intake_ask(intake, fd, sizes, request, report);
    if (report->reason == MEDIA_TAKEN)
        // The AVIF sizes come to an original that is there.
        rc = media_shelf_put(s, request->task == MEDIA_TASK_TAKE ? fd : -1, sizes, report, out);
    close(sizes);
    return rc;
}

// ---- holding what is there -------------------------------------------------------------------------------------------

static enum rc original_of(struct db *db, int64_t id, struct media_files *out) {
    struct db_stmt *st =
        db_sql(db, "SELECT original_sha256, original_ext, original_bytes, kind FROM media WHERE id = $1");
    db_bind_i64(st, 1, id);
    bool found = db_step(st);
    struct media_kept_file *f = &out->rows[0];
    *f = (struct media_kept_file){.original = true};
    if (found && db_i64(st, 3) == MEDIA_PICTURE && db_str(st, 0).n == 64 &&
        media_type_of_ext(db_str(st, 1), &f->type)) {
        memcpy(f->sha256, db_str(st, 0).p, 64);
        f->bytes = db_i64(st, 2);
        out->count = 1;
    }
    enum rc rc = db_end(st);
    return rc != RC_OK ? rc : found ? RC_OK : RC_NOT_FOUND;
}

static enum rc sizes_of(struct db *db, int64_t id, struct media_files *out) {
    struct db_stmt *st = db_sql(db, "SELECT sha256, ext, bytes FROM media_sizes WHERE media_id = $1");
    db_bind_i64(st, 1, id);
    while (out->count < MEDIA_FILES_MAX && db_step(st)) {
        struct media_kept_file *f = &out->rows[out->count];
        *f = (struct media_kept_file){.bytes = db_i64(st, 2)};
        if (db_str(st, 0).n != 64 || !media_type_of_ext(db_str(st, 1), &f->type))
            continue;
        memcpy(f->sha256, db_str(st, 0).p, 64);
        out->count++;
    }
    return db_end(st);
}

static enum rc earlier_of(struct db *db, int64_t id, struct media_files *out) {
    struct media_earlier rows[MEDIA_EARLIER_MAX];
    size_t n = 0;
    struct arena *a = arena_new(1 << 16);
    enum rc rc = media_earlier_list(a, db, id, rows, &n);
    for (size_t i = 0; i < n && out->count < MEDIA_FILES_MAX; i++)
        out->rows[out->count++] = rows[i].file;
    arena_free(&a);
    return rc;
}

enum rc media_shelf_read(struct media_shelf *s, const struct media_kept_file *f, int *fd_out) {
    char path[MEDIA_PATH_ROOM];
    *fd_out = file_path(path, s->dir, f) ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    if (*fd_out < 0)
        log_error("record: %s: %s", path, strerror(errno));
    return *fd_out < 0 ? RC_IO : RC_OK;
}

enum rc media_shelf_hold(struct media_shelf *s, struct db *db, int64_t id, struct media_files *out) {
    out->count = 0;
    enum rc rc = original_of(db, id, out);
    if (rc == RC_OK)
        rc = sizes_of(db, id, out);
    if (rc == RC_OK)
        rc = earlier_of(db, id, out);
    size_t wanted = out->count;
    out->count = 0;
    if (rc != RC_OK)
        return rc;
    pthread_mutex_lock(&s->lock);
    while (rc == RC_OK && out->count < wanted) {
        rc = hold(s, &out->rows[out->count]);
        out->count += rc == RC_OK;
    }
    pthread_mutex_unlock(&s->lock);
    if (rc != RC_OK)
        abandon(s, out);
    return rc;
}
