// SPDX-License-Identifier: AGPL-3.0-or-later
// The audit log in the language of the desk (private to src/desk). Its rows keep the words of the program, in English and
// for good, because they are hashed; what the program wrote is told in other words here, what people wrote stays.
#ifndef DESK_AUDIT_WORDS_H
#define DESK_AUDIT_WORDS_H

#include "desk/page.h"

// Arena, or borrowed where there is no other word.
struct str audit_kind_text(struct desk_visit *v, struct str kind);
struct str audit_verb_text(struct desk_visit *v, struct str verb);
struct str audit_who_text(struct desk_visit *v, const struct audit_who *who);    // a person, or the program itself
struct str audit_change_text(struct desk_visit *v, const struct audit_entry *e); // before and after, "" for neither

#endif
