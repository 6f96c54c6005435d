// SPDX-License-Identifier: AGPL-3.0-or-later
// The backups in DIR/backups (private to src/main): made on a thread of the site process, one at a time, when somebody
// asks at the desk or when the day's is due, by the code of `siaran backup`.
#ifndef MAIN_BACKUPS_H
#define MAIN_BACKUPS_H

#include <stdatomic.h>

#include "main/station.h"
#include "render/render.h"

struct backups;
// What the parameters say; any thread may set them.
struct backups_plan {
    _Atomic int64_t hour, keep; // keep 0: none by itself
};
// Removes what a process that was killed left half made. `station` and `plan` are borrowed.
struct backups *backups_start(struct station *station, const struct backups_plan *plan);
void backups_stop(struct backups **b); // gives one up that is being made

// See site_running for these; any thread.
bool backups_ask(struct backups *b);
void backups_look(struct backups *b, struct site_backup_state *out);
// The newest thousand, whatever the order in which the folder gives them.
enum rc backups_list(const char *dir, struct arena *a, struct site_backup **out, size_t *count_out) MUST_USE;
enum rc backups_open(const char *dir, struct arena *a, struct str name, int *fd_out) MUST_USE;
enum rc backups_delete(const char *dir, struct arena *a, struct str name) MUST_USE;

#endif
