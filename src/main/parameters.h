// SPDX-License-Identifier: AGPL-3.0-or-later
// Parameters of the configuration file that the desk may set while the station is served (private to src/main): numbers,
// switches and the log's level that need no restart. Their values are settings of the station and win over the file's.
#ifndef MAIN_PARAMETERS_H
#define MAIN_PARAMETERS_H

#include "main/config.h"
#include "render/render.h"

// Puts the desk's values over the file's.
void parameters_apply(struct config *c, struct db *db);
size_t parameters_list(const struct config *c, struct arena *a, struct db *db, struct site_parameter **out);
enum rc parameters_check(struct str name, struct str value, struct problem *p) MUST_USE; // site_running's

#endif
