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
enum rc parameters_prepare(const char *dir, struct arena *a, struct db *db, struct site_parameters_saved *s,
                           struct problem *p) MUST_USE; // may be run again
enum rc parameters_put(const char *dir, const struct site_parameters_saved *s, struct problem *p) MUST_USE;
void parameters_drop(const char *dir, const struct site_parameters_saved *s);
enum site_password parameters_password(const struct parameters *p);
// At the start, before anybody saves: puts what was prepared and committed, and removes what was only prepared. What was
// committed and cannot be put is logged and stays for the next start. True: something was put.
bool parameters_finish(struct arena *a, struct db *db, const char *dir);

// What the courier goes by: another number, other parameters or another password's file.
uint64_t parameters_mail_mark(const struct parameters *p);
// In a write: settings that an older program kept in the database go, and become lines of desk.conf, prepared in *s as
// above; the caller puts or drops them. *s and *moved_out are made anew by each call but for the mark.
enum rc parameters_move(struct arena *a, struct db *db, const char *dir, struct site_parameters_saved *s,
                        bool *moved_out, struct problem *p) MUST_USE;

#endif
