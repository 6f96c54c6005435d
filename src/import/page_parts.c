// SPDX-License-Identifier: AGPL-3.0-or-later
// Small rules for what stands on an old page: lines, file names, numbers, and the agencies' credits, which stood as
// free text at the end of the body in half a dozen spellings.
#include "import/page_parts.h"

struct str page_line(struct arena *a, struct str s) {
    char *to = arena_take(a, s.n + 1);
    size_t n = 0;
    for (size_t at = 0; at < s.n;) {
        size_t from = at;
        uint32_t c = utf8_next(s, &at);
        bool space = c <= 0x20 || c == 0xa0 || c == 0xfeff || c == 0x200b || c == 0x2028 || c == 0x2029 || c == 0x85;
        if (space && n > 0 && to[n - 1] != ' ')
            to[n++] = ' ';
        if (space || (c >= 0x7f && c < 0xa0) || c == 0xfffd)
            continue;
        memcpy(to + n, s.p + from, at - from);
        n += at - from;
    }
    return str_trim((struct str){to, n});
}

bool page_first_number(struct str s, int64_t *out) {
    size_t from = 0;
    while (from < s.n && (s.p[from] < '0' || s.p[from] > '9'))
        from++;
    size_t to = from;
    while (to < s.n && s.p[to] >= '0' && s.p[to] <= '9')
        to++;
    return to > from && to - from <= 12 && str_to_i64(str_slice(s, from, to), out);
}

bool page_is_picture_name(struct str s) {
    static const char *const ends[] = {".jpg", ".jpeg", ".png", ".gif", ".webp"};
    if (s.n < 5 || s.n > 200)
        return false;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct str end = str_from(ends[i]);
        if (s.n > end.n && str_eq_nocase(str_slice(s, s.n - end.n, s.n), end))
            return true;
    }
    return false;
}

struct str page_file_name(struct str address) {
    size_t cut = 0;
    if (str_find_char(address, '?', &cut) || str_find_char(address, '#', &cut))
        address = str_slice(address, 0, cut);
    while (str_find_char(address, '/', &cut))
        address = str_slice(address, cut + 1, address.n);
    return utf8_cut(address, 255);
}

int64_t page_id_in(struct arena *a, struct str address, struct str *path_out) {
    size_t at = 0;
    if (str_find(address, STR("://"), &at))
        address = str_slice(address, at + 3, address.n);
    struct str path = str_find_char(address, '/', &at) ? str_slice(address, at, address.n) : address, query = STR("");
    if (str_find_char(path, '#', &at))
        path = str_slice(path, 0, at);
    if (str_find_char(path, '?', &at)) {
        query = str_slice(path, at + 1, path.n);
        path = str_slice(path, 0, at);
    }
    struct legacy_address old;
    if (legacy_parse(a, path, query, &old) == RC_OK && old.kind == LEGACY_ITEM)
        return old.old_id;
    if (path_out != NULL && str_starts(path, STR("/")) && query.n == 0)
        *path_out = path;
    return 0;
}

// ---- agencies
// ----------------------------------------------------------------------------------------------------------

static bool is_agency(struct str s) {
    static const char *const names[] = {"Reuters", "ANTARA", "Antaranews", "Ant", "AFP",     "AP",
                                        "Xinhua",  "RRI",    "RRI.co.id",  "VOI", "VOINews", "voinews.id",
                                        "Kyodo",   "DPA",    "Bernama",    "MI"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_eq_nocase(s, str_from(names[i])))
            return true;
    return false;
}

// House, agency and initials between slashes, one of them an agency: "Rep/VOI/Mai", "ANTARA", "Reuters, AFP".
static bool is_credit(struct str s) {
    if (s.n < 2 || s.n > 60)
        return false;
    bool known = false;
    size_t from = 0, parts = 0;
    for (size_t i = 0; i <= s.n; i++) {
        if (i < s.n && strchr("/,&-", s.p[i]) == NULL)
            continue;
        struct str part = str_trim(str_slice(s, from, i));
        if (part.n == 0 || part.n > 20 || ++parts > 5)
            return false;
        for (size_t k = 0; k < part.n; k++)
            if (strchr("<>()\"", part.p[k]) != NULL)
                return false;
        known = known || is_agency(part);
        from = i + 1;
    }
    return known;
}

static struct str credit_dup(struct arena *a, struct str s) {
    return page_line(a, s);
}

// What closes the text: tags and white space, the full stop behind a parenthesis.
static size_t words_end(struct str s) {
    size_t n = s.n;
    for (;;) {
        size_t was = n;
        while (n > 0 && (s.p[n - 1] == ' ' || s.p[n - 1] == '\n' || s.p[n - 1] == '\t'))
            n--;
        while (n >= 2 && (uint8_t)s.p[n - 2] == 0xc2 && (uint8_t)s.p[n - 1] == 0xa0)
            n -= 2;
        if (n > 0 && s.p[n - 1] == '>') {
            size_t open = n - 1;
            while (open > 0 && s.p[open] != '<')
                open--;
            if (s.p[open] == '<')
                n = open;
        }
        if (n == was)
            return n;
    }
}

static size_t line_begin(struct str s, size_t end) {
    size_t n = end;
    while (n > 0 && s.p[n - 1] != '\n' && s.p[n - 1] != '>')
        n--;
    return n;
}

struct str page_agency_cut(struct arena *a, struct str text, struct str *rest_out) {
    size_t end = words_end(text), from = end, last = end;
    *rest_out = text;
    if (last > 0 && text.p[last - 1] == '.')
        last--;
    if (last > 0 && text.p[last - 1] == ')') {
        from = last - 1;
        while (from > 0 && last - from < 80 && text.p[from] != '(')
            from--;
        struct str inside = str_trim(str_slice(text, from + 1, last - 1));
        if (text.p[from] != '(' || !is_credit(inside))
            return STR_NONE;
        *rest_out = str_fmt(a, "%.*s%.*s", STR_ARG(str_slice(text, 0, words_end(str_slice(text, 0, from)))),
                            STR_ARG(str_slice(text, end, text.n)));
        // The tags cut with the white space before the parenthesis are put back by the cleaner.
        return credit_dup(a, inside);
    }
    size_t begin = line_begin(text, end), slashes = 0;
    struct str line = str_trim(str_slice(text, begin, end));
    struct str tail = line;
    bool marked = false;
    while (str_find(tail, STR("//"), &slashes)) {
        tail = str_slice(tail, slashes + 2, tail.n);
        marked = true;
    }
    if (marked && tail.n > 0 && tail.p[0] == '.')
        tail = str_slice(tail, 1, tail.n);
    tail = str_trim(tail);
    bool alone = !marked && (memchr(line.p != NULL ? line.p : "", '/', line.n) != NULL || is_agency(line));
    if (!(marked || alone) || !is_credit(tail))
        return STR_NONE;
    size_t keep = alone ? begin : (size_t)(tail.p - text.p);
    while (!alone && keep > begin && strchr("/. ", text.p[keep - 1]) != NULL)
        keep--;
    *rest_out = str_fmt(a, "%.*s%.*s", STR_ARG(str_slice(text, 0, keep)), STR_ARG(str_slice(text, end, text.n)));
    return credit_dup(a, tail);
}
