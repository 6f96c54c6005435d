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

// Why the last backup that was tried was not made, in words; empty: it was.
struct str backup_failure(struct desk_visit *v);

// On the page of mail: its password, and letters of trial.
void mail_password_fields(struct desk_visit *v, struct view_desk_form *form);
// What was asked of the password: false with a problem on the form.
bool mail_password_check(struct desk_visit *v);
enum rc mail_password_save(struct desk_visit *v, struct db *db, struct problem *p) MUST_USE; // in a write
enum rc mail_tests_show(struct desk_visit *v, struct view_desk_page *page) MUST_USE;

// On the page of addresses: how the site's own is changed.
void origin_show(struct desk_visit *v, struct view_desk_page *page, const struct site_parameter *origin);

#endif
