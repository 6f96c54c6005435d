// SPDX-License-Identifier: AGPL-3.0-or-later
// What pages in HTML, XML and JSON are written with. Private to src/radio.
#ifndef RADIO_PAGES_H
#define RADIO_PAGES_H

#include <jansson.h>

#include "util/util.h"

struct ask;
// Text as it may stand in an element or a quoted attribute. What XML 1.0 cannot say becomes a space, what is no UTF-8 U+FFFD.
void page_text(struct buf *out, struct str s);
// Answers 200 with what was written, or 500 where that was more than the buffer takes, and ends the buffer; `more` are
// complete header lines.
void page_answer(struct ask *ask, const char *type, const char *more, struct buf *out);
// A page in HTML for people, in English, under the heading: begins the buffer, and answers it. `policy`: what its
// Content-Security-Policy allows beside its own style.
void html_begin(struct buf *out, size_t bytes_max, const char *heading);
void html_answer(struct ask *ask, const char *policy, struct buf *out);
json_t *text_json(struct str s);                      // a new string
struct str json_whole(struct arena *a, json_t *json); // as it is sent; the value is given up

#endif
