// SPDX-License-Identifier: AGPL-3.0-or-later
// What pages of numbers share: a stretch of days as it is asked for, and CSV (RFC 4180) for a spreadsheet.
#ifndef DESK_FIGURES_H
#define DESK_FIGURES_H

#include "desk/page.h"

// "2026-11-24" of a field; one that is empty changes nothing. False: it is no day.
bool figures_day_take(struct desk_visit *v, const char *name, int64_t *out);
struct str figures_day_field(struct desk_visit *v, int64_t day); // the same text
// Quoted. What a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection).
void figures_csv_text(struct buf *b, struct str s);
// The body that is written already, as a file of that name.
void figures_csv_send(struct desk_visit *v, struct http_reply *reply, struct str name);

#endif
