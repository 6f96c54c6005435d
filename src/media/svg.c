// SPDX-License-Identifier: AGPL-3.0-or-later
// The size of a drawing (SVG) from its root element. Only for drawings of our own: nothing else of it is looked at.
#include "media/inside.h"

// The attributes of the root element; STR_NONE when there is none.
static struct str svg_root(struct str s) {
    size_t from = 0, to = 0;
    if (!str_find(s, STR("<svg"), &from))
        return STR_NONE;
    struct str rest = str_slice(s, from + 4, s.n);
    if (rest.n == 0 || (rest.p[0] != ' ' && rest.p[0] != '\n' && rest.p[0] != '\t' && rest.p[0] != '\r'))
        return STR_NONE;
    return str_find_char(rest, '>', &to) ? str_slice(rest, 0, to) : STR_NONE;
}

static bool svg_attribute(struct str root, struct str name, struct str *value_out) {
    size_t at = 0, end = 0;
    while (str_find(root, name, &at)) {
        bool begins = at > 0 && (unsigned char)root.p[at - 1] <= ' ';
        root = str_slice(root, at + name.n, root.n);
        if (!begins || root.n < 2 || root.p[0] != '=' || (root.p[1] != '"' && root.p[1] != '\''))
            continue;
        char quote = root.p[1];
        root = str_slice(root, 2, root.n);
        if (!str_find_char(root, quote, &end))
            return false;
        *value_out = str_slice(root, 0, end);
        return true;
    }
    return false;
}

// A length in pixels: digits, with a fraction that is dropped and "px" that may follow.
static bool svg_length(struct str s, uint64_t *out) {
    size_t digits = 0;
    s = str_trim(s);
    while (digits < s.n && s.p[digits] >= '0' && s.p[digits] <= '9')
        digits++;
    if (digits == 0 || digits > 9 || !str_to_u64(str_slice(s, 0, digits), out))
        return false;
    struct str rest = str_slice(s, digits, s.n);
    if (rest.n > 0 && rest.p[0] == '.')
        for (rest = str_slice(rest, 1, rest.n); rest.n > 0 && rest.p[0] >= '0' && rest.p[0] <= '9';)
            rest = str_slice(rest, 1, rest.n);
    return rest.n == 0 || str_eq(rest, STR("px"));
}

// "min-x min-y width height"
static bool svg_view_box(struct str value, uint64_t *width, uint64_t *height) {
    struct str part = STR_NONE, numbers[4] = {STR_NONE, STR_NONE, STR_NONE, STR_NONE};
    size_t count = 0;
    while (count < 4 && str_next(&value, ' ', &part))
        if (part.n > 0)
            numbers[count++] = part;
    return count == 4 && svg_length(numbers[2], width) && svg_length(numbers[3], height);
}

bool svg_size(struct str s, uint64_t *width_out, uint64_t *height_out) {
    struct str root = svg_root(s), width = STR_NONE, height = STR_NONE, box = STR_NONE;
    if (svg_attribute(root, STR("width"), &width) && svg_attribute(root, STR("height"), &height) &&
        svg_length(width, width_out) && svg_length(height, height_out))
        return true;
    return svg_attribute(root, STR("viewBox"), &box) && svg_view_box(box, width_out, height_out);
}
