// SPDX-License-Identifier: AGPL-3.0-or-later
// Forms as browsers send them (application/x-www-form-urlencoded), read by a schema.
#ifndef HTTP_FORM_H
#define HTTP_FORM_H

#include "http/http.h"

// Fills `fields` (form->count rows, in the schema's order) from an encoded query or body. True when no field has a
// problem. Decoded text lives in the arena. A field sent twice is a problem, so that nobody argues which one counts;
// HTTP_FIELD_WORDS and HTTP_FIELD_LINES are collected.
bool form_read(struct arena *a, const struct http_form *form, struct str encoded, struct http_field *fields);
// The decoded value of the first field of that name, by no schema; STR_NONE.
struct str form_find(struct arena *a, struct str encoded, struct str name);

#endif
