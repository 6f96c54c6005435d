// SPDX-License-Identifier: AGPL-3.0-or-later
// Letters that the desk causes, and the call to another program (private to src/desk). All in the write that causes them,
// so that what did not happen is not told; when no server is named, nothing is written for it.
#ifndef DESK_MAIL_H
#define DESK_MAIL_H

#include "desk/visit.h"
#include "news/news.h"

// A one-time link to the account's own address, in its desk's language. `key` empty: a new one. False in *sent_out: no
// letter goes out.
enum rc mail_link(struct desk_visit *v, struct db *db, const struct account *acc, struct str token, struct str key,
                  bool *sent_out) MUST_USE;
// A letter of trial to whoever is signed in. False in *sent_out: too many wait.
enum rc mail_test(struct desk_visit *v, struct db *db, struct str key, int64_t until, bool *sent_out) MUST_USE;
// Who should know of a step that was just taken: editors when a text is handed in, its author when it comes back, goes
// out, is scheduled (and for when) or taken off the schedule. Never who took it. `m` is the text as the step left it.
enum rc mail_step(struct desk_visit *v, struct db *db, const struct manuscript *m,
                  const struct step_order *order) MUST_USE;
// The other program (hook_url) is told of an article that was published (at its time), corrected or withdrawn:
// {"event", "number", "lang", "headline", "address", "at"}. What is not published at that time after all is not told.
enum rc hook_step(struct desk_visit *v, struct db *db, const struct manuscript *m, enum manuscript_step step) MUST_USE;
// To each who looks after the technical side: what is wrong with the radio, or no more.
struct services_alarm;
enum rc mail_alarm(struct desk_visit *v, struct db *db, const struct services_alarm *alarm) MUST_USE;

#endif
