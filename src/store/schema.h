// SPDX-License-Identifier: AGPL-3.0-or-later
// The numbered schema files as the build embeds them, and their running. Private to the store and its tests.
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "store/store.h"

struct schema_step {
    int version;
    const char *const *statements;
    size_t statement_count;
};
extern const struct schema_step schema_steps[]; // versions 1, 2, ... without a gap
extern const size_t schema_step_count;

// The version a database stands at; 0 for an empty one. RC_INVALID: a database, but not a station's.
enum rc schema_version_of(struct db *db, const char *path, int *version_out, struct problem *p) MUST_USE;
// Runs all steps above `from` in one transaction.
enum rc schema_apply(struct db *db, const struct schema_step *steps, size_t count, int from,
                     struct problem *p) MUST_USE;

// store_open with other steps than the program's own, for tests of migration.
enum rc store_open_with(const char *dir, bool create, const struct schema_step *steps, size_t count, struct store **out,
                        struct problem *p) MUST_USE;

#endif
