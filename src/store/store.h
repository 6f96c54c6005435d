// SPDX-License-Identifier: AGPL-3.0-or-later
// The database behind one small API: SQLite now, PostgreSQL later. Only the portable subset of SQL is written
// (tools/sqllint refuses the rest): $1.. parameters, ON CONFLICT ... RETURNING, keyset paging, no engine functions.
//
// One store has one writer thread with the only writing connection, and a reader per worker thread. Readers never
// checkpoint. While a station is served nobody else opens its file.
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "util/util.h"

struct store;

// Opens DIR/siaran.db. `create` makes it with the newest schema; otherwise an older schema is migrated after an
// automatic backup beside it (siaran.db.before-N, N the new version). RC_CONFLICT: schema newer than the program, or
// `create` where a station is already. RC_INVALID: another program's database. RC_IO, RC_DENIED with a sentence that
// names the file and what to do.
enum rc store_open(const char *dir, bool create, struct store **out, struct problem *p) MUST_USE;
void store_close(struct store **s); // ends the writer after what is queued, checkpoints

// ---- reading -----------------------------------------------------------------------------------------------------

struct db; // a connection; belongs to one thread
enum rc store_reader_new(struct store *s, struct db **out, struct problem *p) MUST_USE;
void store_reader_free(struct db **db);
// A read transaction: all statements between see one moment, that of the first. One within another is part of it.
void db_read_begin(struct db *db);
void db_read_end(struct db *db);
void db_read_over(struct db *db); // ends it however deep; nothing when none is open

// A statement, prepared once per connection and kept by the literal's address. SQL must be a string literal: a
// variable does not compile. Finish it with db_end before the next use of the same text (must).
struct db_stmt;
#define db_sql(db, sql) db_prepare_((db), "" sql "", sizeof(sql))
struct db_stmt *db_prepare_(struct db *db, const char *literal, size_t size);

void db_bind_i64(struct db_stmt *st, int n, int64_t v);    // n counts from 1: $1
void db_bind_str(struct db_stmt *st, int n, struct str v); // borrowed until db_end; STR_NONE with p NULL binds ''
void db_bind_blob(struct db_stmt *st, int n, const void *p, size_t size); // borrowed until db_end
void db_bind_null(struct db_stmt *st, int n);

bool db_step(struct db_stmt *st);                  // true: a row; false: no more, or failed (db_end tells)
int64_t db_i64(struct db_stmt *st, int column);    // columns count from 0; NULL is 0
struct str db_str(struct db_stmt *st, int column); // borrowed until the next step; NULL is STR_NONE
struct str db_str_dup(struct arena *a, struct db_stmt *st, int column); // arena
bool db_is_null(struct db_stmt *st, int column);
// Ends the statement. RC_OK, RC_CONFLICT (a UNIQUE, CHECK or FOREIGN KEY said no), RC_IO (logged).
enum rc db_end(struct db_stmt *st);
// Steps once for statements without rows, and ends.
enum rc db_run(struct db_stmt *st) MUST_USE;
// Rows changed by the last finished INSERT, UPDATE or DELETE of this connection.
int64_t db_changes(struct db *db);
uint64_t db_statements(const struct db *db); // executed on this connection so far: for budgets in tests

// ---- writing -----------------------------------------------------------------------------------------------------

enum store_durability {
    STORE_DURABLE, // synchronous=FULL: what a person did; on disk before store_write returns
    STORE_RELAXED, // synchronous=NORMAL: counters that can be counted again from their cells
};
// Runs fn in a write transaction on the writer's thread and waits. fn may be run again after a conflict, so it must
// not change anything outside the database except its own arg. RC_OK commits, anything else rolls back and is
// returned. Several calls may share one commit. Not to be called from inside fn.
typedef enum rc (*store_write_fn)(struct db *db, void *arg);
enum rc store_write(struct store *s, enum store_durability d, store_write_fn fn, void *arg) MUST_USE;
// The same, durable; `then` runs on the writer's thread when the commit is on the disk, before any other write begins:
// for files that must say what the database says. What it returns is the answer; nothing is rolled back for it.
enum rc store_write_then(struct store *s, store_write_fn fn, enum rc (*then)(void *arg), void *arg) MUST_USE;
// Called on the writer's thread after each commit that contained at least one durable write.
void store_on_commit(struct store *s, void (*fn)(void *arg), void *arg);
// Not called any more, and not running, when this returns. Not from inside fn.
void store_off_commit(struct store *s, void (*fn)(void *arg), void *arg);

// ---- whole database ------------------------------------------------------------------------------------------------

// A consistent copy of one moment into a new file, made by the writer between two transactions while readers go on.
// `before` runs in that moment, before the copy (may be NULL).
enum rc store_copy(struct store *s, const char *to_path, store_write_fn before, void *arg, struct problem *p) MUST_USE;
int store_schema_version(void);
// The engine's own check of the file and of foreign keys; each fault calls `fault` once.
enum rc store_check(struct db *db, void (*fault)(void *arg, struct str text), void *arg) MUST_USE;

// The engine's handle, for src/record/search only (tokenizer and ranking functions are registered there).
// hook runs for every connection at opening, the writer's included. Set before store_open.
void store_connection_hook(enum rc (*hook)(void *engine_handle));
// For tables that only this engine has (the full-text index): runs at each opening, on the writer's connection, in a
// transaction, after the schema. Set before store_open.
void store_schema_hook(enum rc (*hook)(struct db *db));
void *db_engine(struct db *db);

#endif
