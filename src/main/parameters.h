// SPDX-License-Identifier: AGPL-3.0-or-later
// The parameters from the site process's side (private to src/main): what the desk shows of them, and DIR/desk.conf and
// DIR/smtp-password, which it writes. Reading the configuration stays the parent's (config.h).
#ifndef MAIN_PARAMETERS_H
#define MAIN_PARAMETERS_H

#include "main/config.h"
#include "render/render.h"
#include "store/store.h"

struct parameters {
    const char *dir;
    const struct config *newest, *begun; // what the parent gives out now; what this process began with
};
// See site_running for these.
size_t parameters_list(const struct parameters *p, struct arena *a, struct site_parameter **out);
enum rc parameters_check(struct str name, struct str value, struct problem *p) MUST_USE;
enum rc parameters_store(const char *dir, struct arena *a, const struct site_parameter_change *changes, size_t count,
                         struct problem *p) MUST_USE;
enum site_password parameters_password(const struct parameters *p);
enum rc parameters_password_store(const char *dir, struct str password, struct problem *p) MUST_USE;

// What the courier goes by: another number, other parameters or another password's file.
uint64_t parameters_mail_mark(const struct parameters *p);
// In a write: settings that an older program kept in the database become lines of desk.conf.
enum rc parameters_move(struct arena *a, struct db *db, const char *dir, bool *moved_out, struct problem *p) MUST_USE;

#endif
