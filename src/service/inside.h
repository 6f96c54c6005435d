// SPDX-License-Identifier: AGPL-3.0-or-later
// What the files of src/service share: the tables of what a service and a stream say of themselves, and JSON within bounds.
#ifndef SERVICE_INSIDE_H
#define SERVICE_INSIDE_H

#include <jansson.h>

#include "service/service.h"

enum field_kind { FIELD_TEXT, FIELD_NUMBER, FIELD_FLAG };
// A setting: its key in the file, where it lies, and what it is when the file does not say. Texts: at most `most` bytes.
// Numbers: least to most, or 0 where has_none.
struct field {
    const char *key;
    enum field_kind kind;
    size_t offset;
    uint32_t first, least, most;
    bool has_none;
    bool is_spare; // of a text: it is not in the file while it is empty
};
extern const struct field service_fields[], stream_fields[];
extern const size_t service_field_count, stream_field_count;
const struct field *field_find(const struct field *fields, size_t n, struct str key); // NULL: none
struct str *field_text(void *row, const struct field *f);
uint32_t *field_number(void *row, const struct field *f);
bool *field_flag(void *row, const struct field *f);
void fields_first(const struct field *fields, size_t n, void *row);

// What stands in JSON, taken into an arena. False: it is something else, or longer than `most` bytes.
bool json_take_text(struct arena *a, const json_t *value, size_t most, struct str *out);
bool json_take_number(const json_t *value, uint64_t most, uint64_t *out);
json_t *json_of_text(struct str s); // what is no UTF-8 becomes U+FFFD
// The text of a value, whose reference is taken.
void json_put(struct buf *out, json_t *value, size_t flags);
void object_put(json_t *object, const char *key, json_t *value);

const char *reason_name(enum service_reason reason); // "no-http", in run/radio.json
bool reason_find(struct str name, enum service_reason *out);

extern const char *const source_kinds[SERVICE_SOURCE_KINDS];

#endif
