// SPDX-License-Identifier: AGPL-3.0-or-later
// JSON within bounds.
#include <stdlib.h>

#include "service/inside.h"

bool json_take_text(struct arena *a, const json_t *value, size_t most, struct str *out) {
    if (!json_is_string(value) || json_string_length(value) > most)
        return false;
    *out = str_dup(a, (struct str){json_string_value(value), json_string_length(value)});
    return true;
}

bool json_take_number(const json_t *value, uint64_t most, uint64_t *out) {
    if (!json_is_integer(value) || json_integer_value(value) < 0 || (uint64_t)json_integer_value(value) > most)
        return false;
    *out = (uint64_t)json_integer_value(value);
    return true;
}

json_t *json_of_text(struct str s) {
    json_t *value = json_stringn(s.p != NULL ? s.p : "", s.n);
    if (value != NULL)
        return value;
    struct buf b;
    buf_init(&b, 3 * s.n + 4);
    for (size_t at = 0; at < s.n;) {
        char c[4];
        buf_add(&b, c, utf8_put(c, utf8_next(s, &at)));
    }
    value = json_stringn(b.p, b.n);
    must(value != NULL);
    buf_fini(&b);
    return value;
}

void object_put(json_t *object, const char *key, json_t *value) {
    must(object != NULL && value != NULL && json_object_set_new_nocheck(object, key, value) == 0);
}

void json_put(struct buf *out, json_t *value, size_t flags) {
    char *text = json_dumps(value, flags);
    must(text != NULL);
    buf_c(out, text);
    buf_char(out, '\n');
    free(text);
    json_decref(value);
}
