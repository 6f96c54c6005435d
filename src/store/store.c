// SPDX-License-Identifier: AGPL-3.0-or-later
// A station's database file: made, opened, brought up to date, copied. The file is private to its owner from its
// first byte; the engine gives the same permissions to the files it makes beside it.
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/schema.h"
#include "store/writer.h"

struct store {
    char *path;
    struct writer *writer;
};

static char *text_join(const char *a, const char *b) {
    size_t n = strlen(a) + strlen(b) + 1;
    char *out = mem_new(n);
    int written = snprintf(out, n, "%s%s", a, b);
    must(written >= 0 && (size_t)written == n - 1);
    return out;
}

// ---- copying -------------------------------------------------------------------------------------------------------

static enum rc file_make_private(const char *path, struct problem *p) {
    int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return problem_set(p, RC_CONFLICT, "%s is there already", path);
    if (fd < 0)
        return problem_set(p, errno == EACCES ? RC_DENIED : RC_IO, "%s cannot be made: %s", path, strerror(errno));
    close(fd);
    return RC_OK;
}

// The copy carries the mark of write-ahead logging; taking it off makes it one file that needs nothing beside it.
static int copy_pages(struct db *from, sqlite3 *to) {
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from->engine, "main");
    if (backup == NULL)
        return sqlite3_errcode(to);
    int status = sqlite3_backup_step(backup, -1);
    int finished = sqlite3_backup_finish(backup);
    if (status == SQLITE_DONE)
        status = finished;
    if (status != SQLITE_OK)
        return status;
    return sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
}

static enum rc copy_to(struct db *from, const char *to_path, struct problem *p) {
    enum rc rc = file_make_private(to_path, p);
    if (rc != RC_OK)
        return rc;
    sqlite3 *to = NULL;
    int status = sqlite3_open_v2(to_path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (status == SQLITE_OK)
        status = copy_pages(from, to);
    int closed = sqlite3_close(to);
    if (status == SQLITE_OK)
        status = closed;
    if (status == SQLITE_OK)
        return RC_OK;
    (void)unlink(to_path);
    return connection_problem(p, status, to_path);
}

struct moment {
    struct store *store;
    struct db *reader;
    struct problem *problem;
};

// On the writer's thread: a reader that holds this very moment, from which the caller copies while writing goes on.
static enum rc moment_hold(void *arg) {
    struct moment *m = arg;
    enum rc rc = store_reader_new(m->store, &m->reader, m->problem);
    if (rc != RC_OK)
        return rc;
    db_read_begin(m->reader);
    struct db_stmt *st = db_sql(m->reader, "SELECT MAX(version) FROM schema_versions");
    return db_run(st);
}

enum rc store_copy(struct store *s, const char *to_path, store_write_fn before, void *arg, struct problem *p) {
    struct moment m = {.store = s, .problem = p};
    enum rc rc = writer_run_then(s->writer, before, arg, moment_hold, &m);
    if (rc == RC_OK)
        rc = copy_to(m.reader, to_path, p);
    else if (p != NULL && p->text[0] == '\0')
        problem_set(p, rc, "writing to %s failed, so that no copy is made; is the disk full?", s->path);
    if (m.reader != NULL && m.reader->reading > 0)
        db_read_end(m.reader);
    store_reader_free(&m.reader);
    return rc;
}

// ---- opening
// ---------------------------------------------------------------------------------------------------------

static enum rc folder_check(const char *dir, struct problem *p) {
    struct stat st;
    if (stat(dir, &st) != 0)
        return problem_set(p, errno == EACCES ? RC_DENIED : RC_IO, "%s: %s", dir,
                           errno == EACCES ? "this user may not look into it" : "there is no such folder");
    if (!S_ISDIR(st.st_mode))
        return problem_set(p, RC_IO, "%s is not a folder", dir);
    if (access(dir, R_OK | W_OK | X_OK) != 0)
        return problem_set(p, RC_DENIED, "%s: this user may not write there: mend its owner or permissions", dir);
    return RC_OK;
}

// An empty file is what a making that was cut off leaves: it is made again.
static enum rc file_prepare(const char *path, bool create, struct problem *p) {
    struct stat st;
    bool there = stat(path, &st) == 0;
    if (!create && !there)
        return problem_set(p, RC_IO, "%s is not there: make a station with `siaran init` first", path);
    if (!there)
        return file_make_private(path, p);
    if (!S_ISREG(st.st_mode))
        return problem_set(p, RC_IO, "%s is not a file", path);
    return RC_OK;
}

static enum rc migrate_backup(struct db *db, const char *path, int to_version, struct problem *p) {
    char suffix[32];
    int n = snprintf(suffix, sizeof suffix, ".before-%d", to_version);
    must(n > 0 && (size_t)n < sizeof suffix);
    char *backup = text_join(path, suffix);
    // One that exists is from an attempt that failed later: the database is still the same, but newer is safer.
    if (unlink(backup) != 0 && errno != ENOENT)
        log_warn("store: %s cannot be replaced: %s", backup, strerror(errno));
    enum rc rc = copy_to(db, backup, p);
    if (rc == RC_OK)
        log_info("store: the database as it was is kept in %s", backup);
    mem_free(backup);
    return rc;
}

// What the database is: of which version, and whether this program may go on with it.
static enum rc version_check(struct db *db, const char *path, bool create, int newest, int *version_out,
                             struct problem *p) {
    enum rc rc = schema_version_of(db, path, version_out, p);
    if (rc != RC_OK)
        return rc;
    if (*version_out > newest)
        return problem_set(p, RC_CONFLICT,
                           "%s was written by a newer siaran (schema %d, this one knows %d): install "
                           "that one, or restore an older backup",
                           path, *version_out, newest);
    if (!create && *version_out == 0)
        return problem_set(p, RC_IO, "%s is empty: restore a backup, or remove it and make a station anew", path);
    if (create && *version_out > 0)
        return problem_set(p, RC_CONFLICT, "%s holds a station already", path);
    return RC_OK;
}

// Before anything is written: opening for writing alone would change the file of another program.
static enum rc look_first(const char *path, bool create, int newest, struct problem *p) {
    struct db *db = NULL;
    int version = 0;
    enum rc rc = db_connection_open(path, CONNECTION_READER, &db, p);
    if (rc == RC_OK)
        rc = version_check(db, path, create, newest, &version, p);
    db_connection_close(&db);
    return rc;
}

static enum rc schema_settle(struct db *db, const char *path, bool create, const struct schema_step *steps,
                             size_t count, struct problem *p) {
    int version = 0, newest = (int)count;
    enum rc rc = version_check(db, path, create, newest, &version, p);
    if (rc == RC_OK && version > 0 && version < newest)
        rc = migrate_backup(db, path, newest, p);
    if (rc != RC_OK)
        return rc;
    rc = schema_apply(db, steps, count, version, p);
    if (rc != RC_OK)
        (void)connection_problem(p, connection_failure_take(db), path);
    return rc;
}

enum rc store_open_with(const char *dir, bool create, const struct schema_step *steps, size_t count, struct store **out,
                        struct problem *p) {
    enum rc rc = folder_check(dir, p);
    if (rc != RC_OK)
        return rc;
    char *path = text_join(dir, "/siaran.db");
    struct db *db = NULL;
    rc = file_prepare(path, create, p);
    if (rc == RC_OK)
        rc = look_first(path, create, (int)count, p);
    if (rc == RC_OK)
        rc = db_connection_open(path, CONNECTION_WRITER, &db, p);
    if (rc == RC_OK)
        rc = schema_settle(db, path, create, steps, count, p);
    if (rc != RC_OK) {
        db_connection_close(&db);
        mem_free(path);
        return rc;
    }
    struct store *s = MEM_NEW(struct store);
    s->path = path;
    s->writer = writer_new(db, path);
    *out = s;
    return RC_OK;
}

enum rc store_open(const char *dir, bool create, struct store **out, struct problem *p) {
    return store_open_with(dir, create, schema_steps, schema_step_count, out, p);
}

void store_close(struct store **ps) {
    struct store *s = *ps;
    if (s == NULL)
        return;
    writer_free(&s->writer);
    mem_free(s->path);
    mem_free(s);
    *ps = NULL;
}

// ---- the faces of connection and writer
// ------------------------------------------------------------------------------

enum rc store_reader_new(struct store *s, struct db **out, struct problem *p) {
    return db_connection_open(s->path, CONNECTION_READER, out, p);
}

void store_reader_free(struct db **db) {
    db_connection_close(db);
}

enum rc store_write(struct store *s, enum store_durability d, store_write_fn fn, void *arg) {
    return writer_run(s->writer, d, fn, arg);
}

enum rc store_write_then(struct store *s, store_write_fn fn, enum rc (*then)(void *arg), void *arg) {
    return writer_run_then(s->writer, fn, arg, then, arg);
}

void store_on_commit(struct store *s, void (*fn)(void *arg), void *arg) {
    writer_on_commit(s->writer, fn, arg);
}

void store_off_commit(struct store *s, void (*fn)(void *arg), void *arg) {
    writer_off_commit(s->writer, fn, arg);
}
