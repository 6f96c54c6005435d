// SPDX-License-Identifier: AGPL-3.0-or-later
// From the day files into the database. A file is only ever appended to, so how far it was read is a number; it stands in
// the row that the same transaction writes. A file of that day whose first line is another (a restored station began a new
// one) is read from its beginning. Lines that a crash tore are passed over.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audience/inside.h"

enum { CHUNK_BYTES = 1 << 18, ARENA_BYTES = 16 << 20, FILES_MOST = 512, KEPT_DAYS = 2 };
#define LATE_US (2 * HOUR_US) // after midnight, until nothing of the day is awaited any more

struct file_row {
    int64_t head, bytes, bad, closed;
    bool known;
};
struct day_file {
    int64_t day;
    char *path;
    int fd;
    int64_t size, head; // head: hash of the first line; 0: it has no whole line
    struct file_row row;
};

// ---- the files -----------------------------------------------------------------------------------------------------------

static bool name_day(struct str name, int64_t *day_out) {
    uint64_t y = 0, m = 0, d = 0;
    if (name.n != 14 || !str_ends(name, STR(".tsv")) || name.p[4] != '-' || name.p[7] != '-' ||
        !str_to_u64(str_slice(name, 0, 4), &y) || !str_to_u64(str_slice(name, 5, 7), &m) ||
        !str_to_u64(str_slice(name, 8, 10), &d))
        return false;
    *day_out = text_day_of((struct text_civil){.year = (int)y, .month = (int)m, .day = (int)d});
    struct text_civil c = text_day_civil(*day_out);
    return c.year == (int)y && c.month == (int)m && c.day == (int)d;
}

static int day_compare(const void *a, const void *b) {
    int64_t l = *(const int64_t *)a, r = *(const int64_t *)b;
    return l < r ? -1 : l > r;
}

static enum rc days_list(struct arena *a, const char *dir, int64_t days[FILES_MOST], size_t *count_out) {
    DIR *folder = opendir(str_fmt(a, "%s/radio/sessions", dir).p);
    struct dirent *entry;
    *count_out = 0;
    if (folder == NULL)
        return errno == ENOENT ? RC_OK : RC_IO;
    while (*count_out < FILES_MOST && (entry = readdir(folder)) != NULL)
        if (name_day(str_from(entry->d_name), &days[*count_out]))
            (*count_out)++;
    closedir(folder);
    qsort(days, *count_out, sizeof days[0], day_compare);
    return RC_OK;
}

// 0 is none; so a hash that happens to be 0 is another.
static int64_t head_of(struct str bytes) {
    size_t end;
    if (!str_find_char(bytes, '\n', &end))
        return 0;
    uint64_t hash = hash_stable(str_slice(bytes, 0, end)) >> 1;
    return hash == 0 ? 1 : (int64_t)hash;
}

static enum rc row_read(struct db *db, int64_t day, struct file_row *out) {
    struct db_stmt *st = db_sql(db, "SELECT head, bytes, bad, closed FROM audience_files WHERE day = $1");
    db_bind_i64(st, 1, day);
    *out = (struct file_row){.known = db_step(st)};
    if (out->known) {
        out->head = db_i64(st, 0);
        out->bytes = db_i64(st, 1);
        out->bad = db_i64(st, 2);
        out->closed = db_i64(st, 3);
    }
    return db_end(st);
}

static enum rc file_open(struct arena *a, struct db *db, const char *dir, int64_t day, struct day_file *out) {
    char first[SESSION_LINE_BYTES];
    struct stat st;
    *out = (struct day_file){.day = day, .path = str_c(a, session_file(a, dir, day))};
    enum rc rc = row_read(db, day, &out->row);
    if (rc != RC_OK)
        return rc;
    out->fd = open(out->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (out->fd < 0)
        return errno == ENOENT ? RC_NOT_FOUND : RC_IO;
    ssize_t n = fstat(out->fd, &st) == 0 && S_ISREG(st.st_mode) ? pread(out->fd, first, sizeof first, 0) : -1;
    if (n < 0) {
        close(out->fd);
        return RC_IO;
    }
    out->size = st.st_size;
    out->head = head_of((struct str){first, (size_t)n});
    if (n == (ssize_t)sizeof first && out->head == 0)
        out->head = 1; // what begins with so long a line is another thing; its lines are looked at all the same
    return RC_OK;
}

// ---- lines into sums -------------------------------------------------------------------------------------------------------

struct taking {
    struct arena *a;
    const struct day_file *file;
    int64_t begin;    // offset in the file
    struct str bytes; // whole lines from there on; none: one that is too long to be one
    // What the write found:
    int64_t end, bad, first_bad; // first_bad: offset of it
};

static enum rc row_write(struct db *db, const struct day_file *f, int64_t bytes, int64_t bad) {
    struct db_stmt *st =
        db_sql(db, "INSERT INTO audience_files (day, head, bytes, bad, closed) VALUES ($1, $2, $3, $4, 0) "
                   "ON CONFLICT (day) DO UPDATE SET head = excluded.head, bytes = excluded.bytes, "
                   "bad = audience_files.bad + excluded.bad");
    db_bind_i64(st, 1, f->day);
    db_bind_i64(st, 2, f->head);
    db_bind_i64(st, 3, bytes);
    db_bind_i64(st, 4, bad);
    return db_run(st);
}

static void bad_note(struct taking *t) {
    if (t->bad++ == 0)
        t->first_bad = t->end;
}

static enum rc lines_add(struct taking *t, struct batch *b) {
    struct str rest = t->bytes;
    enum rc rc = RC_OK;
    size_t n;
    while (rc == RC_OK && batch_has_room(b) && str_find_char(rest, '\n', &n)) {
        struct session_part part;
        struct str line = str_slice(rest, 0, n);
        if (!session_line_parse(line, &part) || session_day(part.from_us) != t->file->day)
            bad_note(t);
        else
            rc = batch_add(b, &part);
        rest = str_slice(rest, n + 1, rest.n);
        t->end += (int64_t)n + 1;
    }
    return rc;
}

// Who took something in between has counted these lines.
static enum rc is_as_read(struct db *db, const struct day_file *f) {
    struct file_row now;
    enum rc rc = row_read(db, f->day, &now);
    if (rc == RC_OK && (now.known != f->row.known || now.head != f->row.head || now.bytes != f->row.bytes))
        return RC_CONFLICT;
    return rc;
}

static enum rc take(struct db *db, void *arg) {
    struct taking *t = arg;
    arena_reset(t->a);
    t->end = t->begin;
    t->bad = 0;
    enum rc rc = is_as_read(db, t->file);
    if (rc != RC_OK)
        return rc;
    struct batch *b = batch_new(t->a, db, t->file->day, t->file->row.closed != 0);
    if (t->bytes.n == 0) {
        bad_note(t);
        t->end += CHUNK_BYTES;
    }
    rc = lines_add(t, b);
    if (rc == RC_OK)
        rc = batch_write(b);
    return rc == RC_OK ? row_write(db, t->file, t->end, t->bad) : rc;
}

static size_t whole_lines(struct str bytes) {
    size_t n = bytes.n;
    while (n > 0 && bytes.p[n - 1] != '\n')
        n--;
    return n;
}

// *took_out: something was there.
static enum rc file_take(struct store *store, const struct day_file *f, char *chunk, bool *took_out) {
    struct taking t = {.file = f, .begin = f->row.head == f->head ? f->row.bytes : 0};
    *took_out = false;
    if (f->head == 0 || t.begin >= f->size)
        return RC_OK;
    ssize_t n = pread(f->fd, chunk, CHUNK_BYTES, (off_t)t.begin);
    if (n < 0)
        return RC_IO;
    t.bytes = (struct str){chunk, whole_lines((struct str){chunk, (size_t)n})};
    if (t.bytes.n == 0 && n < CHUNK_BYTES)
        return RC_OK;
    t.a = arena_new(ARENA_BYTES);
    enum rc rc = store_write(store, STORE_RELAXED, take, &t);
    arena_free(&t.a);
    if (rc == RC_OK && t.bad > 0)
        log_warn("%s: %lld lines are no parts of sessions and were passed over, the first at byte %lld", f->path,
                 (long long)t.bad, (long long)t.first_bad);
    *took_out = rc == RC_OK;
    return rc;
}

// ---- days that are over ----------------------------------------------------------------------------------------------------

static enum rc forget_listeners(struct db *db, int64_t day) {
    struct db_stmt *st = db_sql(db, "DELETE FROM audience_listeners WHERE day = $1");
    db_bind_i64(st, 1, day);
    enum rc rc = db_run(st);
    if (rc != RC_OK)
        return rc;
    st = db_sql(db, "DELETE FROM audience_doubles WHERE day = $1");
    db_bind_i64(st, 1, day);
    rc = db_run(st);
    if (rc != RC_OK)
        return rc;
    st = db_sql(db, "DELETE FROM audience_minutes WHERE day = $1");
    db_bind_i64(st, 1, day);
    return db_run(st);
}

static enum rc close_day(struct db *db, void *arg) {
    int64_t day = *(int64_t *)arg;
    enum rc rc = forget_listeners(db, day);
    if (rc != RC_OK)
        return rc;
    struct db_stmt *st =
        db_sql(db, "INSERT INTO audience_files (day, head, bytes, bad, closed) VALUES ($1, 0, 0, 0, 1) "
                   "ON CONFLICT (day) DO UPDATE SET closed = 1");
    db_bind_i64(st, 1, day);
    return db_run(st);
}

// The first day that has something only an open day has, a file of its own or not; of what is over.
static enum rc open_day(struct db *db, int64_t now_us, int64_t *day_out) {
    struct db_stmt *st = db_sql(db, "SELECT MIN(day) FROM (SELECT MIN(day) AS day FROM audience_files WHERE closed = 0 "
                                    "UNION ALL SELECT MIN(day) AS day FROM audience_listeners "
                                    "UNION ALL SELECT MIN(day) AS day FROM audience_minutes) AS open_days");
    *day_out = db_step(st) && !db_is_null(st, 0) ? db_i64(st, 0) : INT64_MAX;
    if (*day_out >= session_day(now_us - LATE_US))
        *day_out = INT64_MAX;
    return db_end(st);
}

static enum rc close_days(struct store *store, struct db *db, int64_t now_us, bool *more_out) {
    int64_t day = 0;
    enum rc rc = open_day(db, now_us, &day);
    if (rc != RC_OK || day == INT64_MAX)
        return rc;
    *more_out = true;
    return store_write(store, STORE_RELAXED, close_day, &day);
}

// All of it is in the sums but what the end of a process tore.
static void drop_old(const struct day_file *f, int64_t now_us) {
    int64_t bytes = f->row.head == f->head ? f->row.bytes : 0;
    if (f->day > session_day(now_us) - KEPT_DAYS || (f->head != 0 && !f->row.closed))
        return;
    if (bytes < f->size)
        log_warn("%s: what stands behind byte %lld is no whole line and goes", f->path, (long long)bytes);
    if (unlink(f->path) != 0)
        log_warn("%s cannot be deleted: %s", f->path, strerror(errno));
}

// ---- all of it -----------------------------------------------------------------------------------------------------------

static enum rc day_take(struct arena *a, struct store *store, struct db *reader, const char *dir, int64_t day,
                        int64_t now_us, char *chunk, bool *took_out) {
    struct day_file f;
    enum rc rc = file_open(a, reader, dir, day, &f);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    rc = file_take(store, &f, chunk, took_out);
    if (rc == RC_OK && !*took_out)
        drop_old(&f, now_us);
    close(f.fd);
    return rc;
}

enum rc audience_take(struct store *store, struct db *reader, const char *dir, int64_t now_us, bool *more_out) {
    struct arena *a = arena_new(ARENA_BYTES);
    int64_t *days = ARENA_ARRAY(a, int64_t, FILES_MOST);
    char *chunk = mem_new(CHUNK_BYTES);
    size_t count = 0;
    *more_out = false;
    enum rc rc = days_list(a, dir, days, &count);
    for (size_t i = 0; rc == RC_OK && !*more_out && i < count; i++)
        rc = day_take(a, store, reader, dir, days[i], now_us, chunk, more_out);
    if (rc == RC_OK && !*more_out)
        rc = close_days(store, reader, now_us, more_out);
    mem_free(chunk);
    arena_free(&a);
    return rc;
}
