// SPDX-License-Identifier: AGPL-3.0-or-later
// One connection to the database file, inside the store.
#ifndef STORE_CONNECTION_H
#define STORE_CONNECTION_H

#include <sqlite3.h>

#include "store/store.h"

struct db_stmt {
    struct db *db;
    const char *literal; // the cache's key: the text is a literal, its address says which
    sqlite3_stmt *st;    // NULL: could not be prepared; the next use tries again
    uint16_t *places;    // of $1, $2, ...: the engine's own position, from 1; [0] is the greatest n
    int status;          // the last result of the engine since the statement was taken
    bool taken, stepped;
};

struct db {
    sqlite3 *engine;
    struct db_stmt **slots; // open addressing by the literal's address
    size_t slot_count, used;
    uint64_t executed;
    int64_t changes;
    bool writes;      // the store's one writing connection
    unsigned reading; // how many db_read_begin without their db_read_end
    int failure;      // the first engine error since connection_failure_take
};

enum connection_kind { CONNECTION_READER, CONNECTION_WRITER };
// Opens an existing file. RC_DENIED, RC_IO with a sentence.
enum rc db_connection_open(const char *path, enum connection_kind kind, struct db **out, struct problem *p) MUST_USE;
void db_connection_close(struct db **db);
// Runs text of the store's own (transactions, pragmas, schema); the engine's result.
int connection_exec(struct db *db, const char *sql);
// The engine's first error since the last call, for telling "disk full" from "damaged".
int connection_failure_take(struct db *db);
// What an engine's result means for callers, and in a sentence about the file for people.
enum rc connection_rc(int status);
enum rc connection_problem(struct problem *p, int status, const char *path);
// Runs the hooks that store_connection_hook and store_schema_hook set.
enum rc connection_schema_hook(struct db *db) MUST_USE;

#endif
