// SPDX-License-Identifier: AGPL-3.0-or-later
// Statements: prepared once per connection, found again by the address of their literal, bound by name ($1 is a name
// to SQLite, its own positions follow first appearance), and ended before their next use.
#include "store/connection.h"

#define SLOTS_FIRST 128
#define PARAMETERS_MOST 999 // $1 .. $999

// ---- the cache ---------------------------------------------------------------------------------------------------

static size_t slot_of(const struct db *db, const char *literal) {
    uint64_t mixed = (uint64_t)(uintptr_t)literal * UINT64_C(0x9e3779b97f4a7c15);
    size_t at = (size_t)(mixed >> 32) & (db->slot_count - 1);
    while (db->slots[at] != NULL && db->slots[at]->literal != literal)
        at = (at + 1) & (db->slot_count - 1);
    return at;
}

static void slots_grow(struct db *db) {
    struct db_stmt **old = db->slots;
    size_t old_count = db->slot_count;
    db->slot_count = old_count == 0 ? SLOTS_FIRST : old_count * 2;
    db->slots = (struct db_stmt **)mem_array(db->slot_count, sizeof(struct db_stmt *));
    for (size_t i = 0; i < old_count; i++)
        if (old[i] != NULL)
            db->slots[slot_of(db, old[i]->literal)] = old[i];
    mem_free(old);
}

static struct db_stmt *stmt_find(struct db *db, const char *literal) {
    if (db->used * 2 >= db->slot_count)
        slots_grow(db);
    size_t at = slot_of(db, literal);
    if (db->slots[at] == NULL) {
        db->slots[at] = MEM_NEW(struct db_stmt);
        db->slots[at]->db = db;
        db->slots[at]->literal = literal;
        db->used++;
    }
    return db->slots[at];
}

static void stmt_failed(struct db_stmt *st, int status) {
    st->status = status;
    if (st->db->failure == SQLITE_OK && connection_rc(status) != RC_CONFLICT)
        st->db->failure = status;
    enum log_level level = connection_rc(status) == RC_CONFLICT ? LOG_DEBUG : LOG_ERROR;
    log_line(level, "store: %s (%d) in: %.160s", sqlite3_errmsg(st->db->engine), status, st->literal);
}

// The number behind "$".
static size_t number_of(const char *name) {
    uint64_t n = 0;
    must(name != NULL && name[0] == '$' && str_to_u64(str_from(name + 1), &n) && n >= 1 && n <= PARAMETERS_MOST);
    return (size_t)n;
}

// Which position each number has is asked once: a statement is bound thousands of times.
static void places_find(struct db_stmt *st) {
    int count = sqlite3_bind_parameter_count(st->st);
    size_t most = 0;
    for (int place = 1; place <= count; place++) {
        size_t n = number_of(sqlite3_bind_parameter_name(st->st, place));
        most = n > most ? n : most;
    }
    mem_free(st->places);
    st->places = mem_array(most + 1, sizeof *st->places);
    st->places[0] = (uint16_t)most;
    for (int place = 1; place <= count; place++)
        st->places[number_of(sqlite3_bind_parameter_name(st->st, place))] = (uint16_t)place;
}

struct db_stmt *db_prepare_(struct db *db, const char *literal, size_t size) {
    struct db_stmt *st = stmt_find(db, literal);
    must(!st->taken);
    st->taken = true;
    st->stepped = false;
    st->status = SQLITE_OK;
    if (st->st == NULL) {
        int status = sqlite3_prepare_v3(db->engine, literal, (int)size, SQLITE_PREPARE_PERSISTENT, &st->st, NULL);
        if (status != SQLITE_OK)
            stmt_failed(st, status);
        else
            places_find(st);
    }
    return st;
}

// ---- parameters ----------------------------------------------------------------------------------------------------

static int place_of(struct db_stmt *st, int n) {
    must(n >= 1 && n <= st->places[0] && st->places[n] > 0);
    return st->places[n];
}

static void bound(struct db_stmt *st, int status) {
    if (status != SQLITE_OK)
        stmt_failed(st, status);
}

void db_bind_i64(struct db_stmt *st, int n, int64_t v) {
    if (st->st != NULL)
        bound(st, sqlite3_bind_int64(st->st, place_of(st, n), v));
}

void db_bind_str(struct db_stmt *st, int n, struct str v) {
    if (st->st != NULL)
        bound(st,
              sqlite3_bind_text64(st->st, place_of(st, n), v.p != NULL ? v.p : "", v.n, SQLITE_STATIC, SQLITE_UTF8));
}

void db_bind_blob(struct db_stmt *st, int n, const void *p, size_t size) {
    if (st->st != NULL)
        bound(st, sqlite3_bind_blob64(st->st, place_of(st, n), size > 0 ? p : "", size, SQLITE_STATIC));
}

void db_bind_null(struct db_stmt *st, int n) {
    if (st->st != NULL)
        bound(st, sqlite3_bind_null(st->st, place_of(st, n)));
}

// ---- rows
// ------------------------------------------------------------------------------------------------------------

bool db_step(struct db_stmt *st) {
    must(st->taken);
    if (st->st == NULL || (st->status != SQLITE_OK && st->status != SQLITE_ROW))
        return false;
    if (!st->stepped)
        st->db->executed++;
    st->stepped = true;
    int status = sqlite3_step(st->st);
    st->status = status;
    if (status == SQLITE_ROW)
        return true;
    if (status != SQLITE_DONE)
        stmt_failed(st, status);
    else if (!sqlite3_stmt_readonly(st->st))
        st->db->changes = sqlite3_changes64(st->db->engine);
    return false;
}

int64_t db_i64(struct db_stmt *st, int column) {
    return sqlite3_column_int64(st->st, column);
}

struct str db_str(struct db_stmt *st, int column) {
    // A blob is read as a blob: asking for its text would convert it in place.
    const char *p = sqlite3_column_type(st->st, column) == SQLITE_BLOB
                        ? sqlite3_column_blob(st->st, column)
                        : (const char *)sqlite3_column_text(st->st, column);
    return p == NULL ? STR_NONE : (struct str){p, (size_t)sqlite3_column_bytes(st->st, column)};
}

struct str db_str_dup(struct arena *a, struct db_stmt *st, int column) {
    return str_dup(a, db_str(st, column));
}

bool db_is_null(struct db_stmt *st, int column) {
    return sqlite3_column_type(st->st, column) == SQLITE_NULL;
}

enum rc db_end(struct db_stmt *st) {
    must(st->taken);
    if (st->st != NULL) {
        // One with RETURNING that was left at a row is brought to its end: its count is told only there.
        while (st->status == SQLITE_ROW && !sqlite3_stmt_readonly(st->st) && db_step(st))
            ;
        sqlite3_reset(st->st);
        sqlite3_clear_bindings(st->st);
    }
    st->taken = false;
    return connection_rc(st->status);
}

enum rc db_run(struct db_stmt *st) {
    while (db_step(st))
        ;
    return db_end(st);
}

int64_t db_changes(struct db *db) {
    return db->changes;
}

uint64_t db_statements(const struct db *db) {
    return db->executed;
}

// ---- a moment for reading ------------------------------------------------------------------------------------------

void db_read_begin(struct db *db) {
    must(!db->writes);
    if (db->reading++ > 0)
        return;
    if (connection_exec(db, "BEGIN") != SQLITE_OK)
        log_error("store: a read transaction could not begin: %s", sqlite3_errmsg(db->engine));
}

void db_read_end(struct db *db) {
    must(db->reading > 0);
    if (--db->reading > 0)
        return;
    if (sqlite3_get_autocommit(db->engine) == 0 && connection_exec(db, "COMMIT") != SQLITE_OK)
        log_error("store: a read transaction could not end: %s", sqlite3_errmsg(db->engine));
}

void db_read_over(struct db *db) {
    if (db->reading == 0)
        return;
    db->reading = 1;
    db_read_end(db);
}

// ---- the engine's own checks
// ------------------------------------------------------------------------------------------

#define FAULTS_MOST 100

enum rc store_check(struct db *db, void (*fault)(void *arg, struct str text), void *arg) {
    struct db_stmt *st = db_sql(db, "PRAGMA integrity_check(100)");
    while (db_step(st))
        if (!str_eq(db_str(st, 0), STR("ok")))
            fault(arg, db_str(st, 0));
    enum rc rc = db_end(st);
    if (rc != RC_OK)
        return rc;
    st = db_sql(db, "PRAGMA foreign_key_check");
    for (int faults = 0; faults < FAULTS_MOST && db_step(st); faults++) {
        struct buf b;
        buf_init(&b, 1024);
        buf_fmt(&b, "foreign key: row %lld of %.*s names a row of %.*s that is not there", (long long)db_i64(st, 1),
                STR_ARG(db_str(st, 0)), STR_ARG(db_str(st, 2)));
        fault(arg, buf_view(&b));
        buf_fini(&b);
    }
    return db_end(st);
}
