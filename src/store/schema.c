// SPDX-License-Identifier: AGPL-3.0-or-later
// The schema's steps: which one a database stands at, and the running of those it lacks. All of them run in one
// transaction, so a database is at the old version or at the new one, never between.
#include "store/schema.h"

#include "store/connection.h"

int store_schema_version(void) {
    return (int)schema_step_count;
}

enum rc schema_version_of(struct db *db, const char *path, int *version_out, struct problem *p) {
    struct db_stmt *st = db_sql(db, "SELECT COUNT(*), SUM(name = 'schema_versions') FROM sqlite_master");
    int64_t tables = 0, ours = 0;
    if (db_step(st)) {
        tables = db_i64(st, 0);
        ours = db_i64(st, 1);
    }
    if (db_end(st) != RC_OK)
        return connection_problem(p, connection_failure_take(db), path);
    *version_out = 0;
    if (tables == 0)
        return RC_OK;
    if (ours == 0)
        return problem_set(p, RC_INVALID, "%s is a database, but not a station's", path);
    st = db_sql(db, "SELECT MAX(version) FROM schema_versions");
    if (db_step(st))
        *version_out = (int)db_i64(st, 0);
    if (db_end(st) != RC_OK)
        return connection_problem(p, connection_failure_take(db), path);
    return RC_OK;
}

static bool step_run(struct db *db, const struct schema_step *step) {
    for (size_t i = 0; i < step->statement_count; i++) {
        if (connection_exec(db, step->statements[i]) != SQLITE_OK) {
            log_error("store: schema %d, statement %zu: %s", step->version, i + 1, sqlite3_errmsg(db->engine));
            return false;
        }
    }
    struct db_stmt *st = db_sql(db, "INSERT INTO schema_versions (version, applied_at) VALUES ($1, $2)");
    db_bind_i64(st, 1, step->version);
    db_bind_i64(st, 2, clock_now_us());
    return db_run(st) == RC_OK;
}

static bool steps_run(struct db *db, const struct schema_step *steps, size_t count, int from) {
    if (connection_exec(db, "BEGIN IMMEDIATE") != SQLITE_OK)
        return false;
    bool good = true;
    for (size_t i = 0; good && i < count; i++)
        if (steps[i].version > from)
            good = step_run(db, &steps[i]);
    good = good && connection_schema_hook(db) == RC_OK && connection_exec(db, "COMMIT") == SQLITE_OK;
    if (!good && sqlite3_get_autocommit(db->engine) == 0)
        (void)connection_exec(db, "ROLLBACK");
    return good;
}

enum rc schema_apply(struct db *db, const struct schema_step *steps, size_t count, int from, struct problem *p) {
    if (steps_run(db, steps, count, from))
        return RC_OK;
    return problem_set(p, RC_IO, "the database's schema could not be written: see the log");
}
