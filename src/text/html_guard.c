// SPDX-License-Identifier: AGPL-3.0-or-later
// Looks over hostile HTML before the parser sees it. A browser's parsing rules let a small text make a huge tree:
// elements nested without end, and formatting elements (<b a=1><b a=2>...) that are opened again in every paragraph.
// This walks the tags as the HTML standard cuts them and keeps pessimistic counts: what a real tree may exceed, it
// must not undercount. Honest articles stay two orders of magnitude below the limits.
#include "text/html.h"

enum { ATTRIBUTES_MAX = 100, NAME_BYTES = 12, REOPENED_MAX = 500000 };

struct guard {
    char stack[HTML_DEPTH_MAX][NAME_BYTES]; // names, cut short; what may be open
    size_t depth;
    size_t formatting; // formatting elements that may be open
    size_t reopened;   // nodes the parser may make by opening them again
};

static bool is_listed(const char *name, const char *const *list) {
    while (*list != NULL && strcmp(*list, name) != 0)
        list++;
    return *list != NULL;
}

static bool is_void(const char *name) {
    static const char *const list[] = {"br",  "img",   "hr",     "input", "meta",  "link",  "area", "base",
                                       "col", "embed", "source", "wbr",   "param", "track", NULL};
    return is_listed(name, list);
}

static bool is_formatting(const char *name) {
    static const char *const list[] = {"a", "b",     "big",    "code",   "em", "font", "i", "nobr",
                                       "s", "small", "strike", "strong", "tt", "u",    NULL};
    return is_listed(name, list);
}

// What an end tag of an outer element closes on its way, beyond doubt.
static bool closes_by_itself(const char *name) {
    static const char *const list[] = {"p", "li", "dd", "dt", NULL};
    return is_listed(name, list) || is_formatting(name);
}

static bool ends_paragraph(const char *name) {
    static const char *const list[] = {"p",  "div", "ul",  "ol", "li",         "h1",     "h2",      "h3",      "h4",
                                       "h5", "h6",  "pre", "dl", "blockquote", "center", "section", "article", NULL};
    return is_listed(name, list);
}

static const char *top(const struct guard *g) {
    return g->depth > 0 ? g->stack[g->depth - 1] : "";
}

static bool open_tag(struct guard *g, const char *name) {
    if (is_void(name))
        return true;
    if (ends_paragraph(name) && strcmp(top(g), "p") == 0)
        g->depth--;
    if (strcmp(name, "li") == 0 && strcmp(top(g), "li") == 0)
        g->depth--;
    if (g->depth == HTML_DEPTH_MAX)
        return false;
    memcpy(g->stack[g->depth++], name, NAME_BYTES);
    g->formatting += is_formatting(name) ? 1 : 0;
    return true;
}

static void close_tag(struct guard *g, const char *name) {
    size_t at = g->depth;
    while (at > 0 && strcmp(g->stack[at - 1], name) != 0 && closes_by_itself(g->stack[at - 1]))
        at--;
    if (at == 0 || strcmp(g->stack[at - 1], name) != 0)
        return;
    if (is_formatting(name)) {
        // The elements inside it stay open: only its own place is given back.
        memmove(g->stack[at - 1], g->stack[at], (g->depth - at) * NAME_BYTES);
        g->depth--;
        g->formatting--;
    } else {
        g->depth = at - 1; // formatting elements above stay counted: they are opened again behind
    }
}

// Behind "<" or "</": the name, lower case and cut; moves to its end.
static void read_name(struct str s, size_t *at, char name[NAME_BYTES]) {
    size_t n = 0;
    memset(name, 0, NAME_BYTES);
    for (; *at < s.n && strchr(" \t\r\n\f/>", s.p[*at]) == NULL; (*at)++) {
        char c = s.p[*at];
        if (n + 1 < NAME_BYTES)
            name[n++] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

// One attribute's value behind '='; moves behind it.
static void skip_value(struct str s, size_t *at) {
    while (*at < s.n && is_space(s.p[*at]))
        (*at)++;
    if (*at < s.n && (s.p[*at] == '"' || s.p[*at] == '\'')) {
        char quote = s.p[(*at)++];
        while (*at < s.n && s.p[*at] != quote)
            (*at)++;
        *at += *at < s.n ? 1 : 0;
        return;
    }
    while (*at < s.n && !is_space(s.p[*at]) && s.p[*at] != '>')
        (*at)++;
}

// Moves behind the tag's '>'; false when it has too many attributes.
static bool skip_attributes(struct str s, size_t *at) {
    unsigned count = 0;
    while (*at < s.n && s.p[*at] != '>') {
        if (is_space(s.p[*at]) || s.p[*at] == '/') {
            (*at)++;
            continue;
        }
        if (++count > ATTRIBUTES_MAX)
            return false;
        do
            (*at)++; // a name may begin with '='
        while (*at < s.n && !is_space(s.p[*at]) && strchr("/>=", s.p[*at]) == NULL);
        size_t equals = *at;
        while (equals < s.n && is_space(s.p[equals]))
            equals++;
        if (equals >= s.n || s.p[equals] != '=')
            continue;
        *at = equals + 1;
        skip_value(s, at);
    }
    *at += *at < s.n ? 1 : 0;
    return true;
}

// Behind "<!--": to the comment's end, which "<!-->" and "<!--->" reach at once.
static void skip_comment(struct str s, size_t *at) {
    if (str_starts(str_slice(s, *at, s.n), STR(">")) || str_starts(str_slice(s, *at, s.n), STR("->")))
        return;
    for (; *at < s.n; (*at)++) {
        struct str rest = str_slice(s, *at, s.n);
        if (str_starts(rest, STR("-->")) || str_starts(rest, STR("--!>")))
            return;
    }
}

static bool walk_tag(struct guard *g, struct str s, size_t *at) {
    char name[NAME_BYTES];
    bool end = *at < s.n && s.p[*at] == '/';
    *at += end ? 1 : 0;
    if (*at >= s.n || ((s.p[*at] | 32) < 'a' || (s.p[*at] | 32) > 'z'))
        return true;
    read_name(s, at, name);
    if (!skip_attributes(s, at))
        return false;
    g->reopened += g->formatting;
    if (end)
        close_tag(g, name);
    else if (!open_tag(g, name))
        return false;
    return g->reopened <= REOPENED_MAX;
}

bool html_bounded(struct str dirty) {
    struct guard g;
    g.depth = g.formatting = g.reopened = 0;
    for (size_t at = 0; at < dirty.n;) {
        if (dirty.p[at++] != '<')
            continue;
        if (str_starts(str_slice(dirty, at, dirty.n), STR("!--"))) {
            at += 3;
            skip_comment(dirty, &at);
        } else if (!walk_tag(&g, dirty, &at)) {
            return false;
        }
    }
    return true;
}
