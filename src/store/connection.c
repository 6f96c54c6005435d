// SPDX-License-Identifier: AGPL-3.0-or-later
// Opening a connection the one right way. Debian's SQLite has the WAL-reset race, so the writer alone checkpoints:
// readers never do, not even when they close. The page caches hold the inner pages of the trees of a large station; for
// the rest the system's own cache of the file serves all connections together.
#include "store/connection.h"

#include <errno.h>
#include <unistd.h>

#define BUSY_MS 5000

static enum rc (*connection_hook)(void *engine_handle);
static enum rc (*schema_hook)(struct db *db);

void store_connection_hook(enum rc (*hook)(void *engine_handle)) {
    connection_hook = hook;
}

void store_schema_hook(enum rc (*hook)(struct db *db)) {
    schema_hook = hook;
}

enum rc connection_schema_hook(struct db *db) {
    return schema_hook != NULL ? schema_hook(db) : RC_OK;
}

enum rc connection_rc(int status) {
    switch (status & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return RC_OK;
    case SQLITE_CONSTRAINT:
        return RC_CONFLICT;
    default:
        return RC_IO;
    }
}

enum rc connection_problem(struct problem *p, int status, const char *path) {
    switch (status & 0xff) {
    case SQLITE_NOTADB:
        return problem_set(p, RC_IO, "%s is not a database (or its first bytes are destroyed): restore a backup", path);
    case SQLITE_CORRUPT:
        return problem_set(p, RC_IO, "%s is damaged: stop the station, run `siaran verify`, restore a backup", path);
    case SQLITE_FULL:
        return problem_set(p, RC_IO, "the disk that holds %s is full: make room, then start again", path);
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
        return problem_set(p, RC_DENIED,
                           "%s may not be written by this user: mend owner and permissions of it and of "
                           "its folder",
                           path);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return problem_set(p, RC_IO, "%s is in use by another program: end that first", path);
    case SQLITE_CANTOPEN:
        return problem_set(p, RC_IO,
                           "%s cannot be opened, or no file can be made beside it: see the folder's "
                           "permissions",
                           path);
    default:
        return problem_set(p, RC_IO, "%s: the database says: %s", path, sqlite3_errstr(status));
    }
}

int connection_exec(struct db *db, const char *sql) {
    int status = sqlite3_exec(db->engine, sql, NULL, NULL, NULL);
    if (status != SQLITE_OK && db->failure == SQLITE_OK)
        db->failure = status;
    return status;
}

int connection_failure_take(struct db *db) {
    int status = db->failure;
    db->failure = SQLITE_OK;
    return status;
}

static const char *const reader_pragmas[] = {
    "PRAGMA query_only = ON",        "PRAGMA cache_size = -8192",  "PRAGMA mmap_size = 0",
    "PRAGMA wal_autocheckpoint = 0", "PRAGMA temp_store = MEMORY",
};
static const char *const writer_pragmas[] = {
    "PRAGMA journal_mode = WAL",     "PRAGMA synchronous = FULL",
    "PRAGMA cache_size = -8192",     "PRAGMA mmap_size = 0",
    "PRAGMA wal_autocheckpoint = 0", "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",    "PRAGMA journal_size_limit = 16777216",
    "PRAGMA secure_delete = ON", // what was deleted is no longer in the file: readers' messages, old sessions
};

static int run_pragmas(struct db *db, const char *const *pragmas, size_t count) {
    for (size_t i = 0; i < count; i++) {
        int status = connection_exec(db, pragmas[i]);
        if (status != SQLITE_OK)
            return status;
    }
    return SQLITE_OK;
}

// The first read finds out whether the file is a database at all.
static int settle(struct db *db, enum connection_kind kind) {
    sqlite3_extended_result_codes(db->engine, 1);
    sqlite3_busy_timeout(db->engine, BUSY_MS);
    sqlite3_db_config(db->engine, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db->engine, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1, NULL);
    sqlite3_db_config(db->engine, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    // Hundreds of statements are kept per connection: the default lookaside memory of each would only lie there.
    sqlite3_db_config(db->engine, SQLITE_DBCONFIG_LOOKASIDE, NULL, 256, 128);
    if (connection_hook != NULL && connection_hook(db->engine) != RC_OK)
        return SQLITE_ERROR;
    if (kind == CONNECTION_WRITER)
        return run_pragmas(db, writer_pragmas, sizeof writer_pragmas / sizeof writer_pragmas[0]);
    return run_pragmas(db, reader_pragmas, sizeof reader_pragmas / sizeof reader_pragmas[0]);
}

enum rc db_connection_open(const char *path, enum connection_kind kind, struct db **out, struct problem *p) {
    if (access(path, R_OK | W_OK) != 0 && (errno == EACCES || errno == EROFS))
        return connection_problem(p, SQLITE_PERM, path);
    struct db *db = MEM_NEW(struct db);
    db->writes = kind == CONNECTION_WRITER;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    int status = sqlite3_open_v2(path, &db->engine, flags, NULL);
    if (status == SQLITE_OK)
        status = settle(db, kind);
    if (status != SQLITE_OK) {
        db_connection_close(&db);
        return connection_problem(p, status, path);
    }
    *out = db;
    return RC_OK;
}

void db_connection_close(struct db **pdb) {
    struct db *db = *pdb;
    if (db == NULL)
        return;
    for (size_t i = 0; i < db->slot_count; i++) {
        if (db->slots[i] == NULL)
            continue;
        must(!db->slots[i]->taken);
        sqlite3_finalize(db->slots[i]->st);
        mem_free(db->slots[i]->places);
        mem_free(db->slots[i]);
    }
    mem_free(db->slots);
    must(sqlite3_close(db->engine) == SQLITE_OK);
    mem_free(db);
    *pdb = NULL;
}

void *db_engine(struct db *db) {
    return db->engine;
}
