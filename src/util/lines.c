// SPDX-License-Identifier: AGPL-3.0-or-later
// "key = value" lines.
#include "util/util.h"

bool lines_next(struct lines *l, char sep, struct str *key_out, struct str *value_out) {
    struct str line;
    while (str_next(&l->rest, '\n', &line)) {
        l->number++;
        line = str_trim(line);
        if (line.n == 0 || line.p[0] == '#')
            continue;
        size_t at;
        if (str_find_char(line, sep, &at)) {
            *key_out = str_trim(str_slice(line, 0, at));
            *value_out = str_trim(str_slice(line, at + 1, line.n));
        } else {
            *key_out = line;
            *value_out = STR_NONE;
        }
        return true;
    }
    return false;
}
