// SPDX-License-Identifier: AGPL-3.0-or-later
// What the pages of technical parameters share (private to src/desk).
#ifndef DESK_PARAMETERS_H
#define DESK_PARAMETERS_H

#include "desk/page.h"

enum { PARAMETER_FIELDS_MAX = 12 }; // of one group; their fields are p1, p2 ... in the table's order

// All of them; 0: what runs cannot be changed from inside.
size_t parameters_all(struct desk_visit *v, struct site_parameter **out);
// As people call it; the table's name where nobody said.
struct str parameter_label(struct desk_visit *v, const struct site_parameter *p);
// In a write: what was set, before and after, in the audit log.
enum rc parameter_audit(struct desk_visit *v, struct db *db, const char *name, struct str before,
                        struct str after) MUST_USE;

// One saving: a piece with its audit rows, then the files (site_running.parameters_prepare).
struct parameters_saving {
    struct desk_visit *v;
    struct site_parameters_saved saved;
    bool committed;         // made by parameters_save
    struct problem problem; // what could not be stored
};
// `fn`, a write on `arg`, ends with `prepare`. RC_IO with a problem in *s (logged): a file could not be written, and
// neither the files nor the log tell of a change; where the log did already, another row takes it back.
enum rc parameters_save(struct parameters_saving *s, store_write_fn fn, void *arg) MUST_USE;
enum rc parameters_prepare_next(struct parameters_saving *s, struct db *db) MUST_USE;

// Why the last backup that was tried was not made, in words; empty: it was.
struct str backup_failure(struct desk_visit *v);

// On the page of mail: its password, and letters of trial.
void mail_password_fields(struct desk_visit *v, struct view_desk_form *form);
// What was asked of the password: false with a problem on the form.
bool mail_password_check(struct desk_visit *v);
enum rc mail_password_take(struct parameters_saving *s, struct db *db) MUST_USE; // in a write: what was typed, into it
enum rc mail_tests_show(struct desk_visit *v, struct view_desk_page *page) MUST_USE;

// On the page of addresses: how the site's own is changed.
void origin_show(struct desk_visit *v, struct view_desk_page *page, const struct site_parameter *origin);

#endif
