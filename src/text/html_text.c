// SPDX-License-Identifier: AGPL-3.0-or-later
// What is made of a cleaned body: its words, its beginning, its parts for the text edition. A cleaned body holds '<'
// only where a tag begins and '>' only where it ends, so a few lines read it; on anything else they stay in bounds.
#include "text/html.h"

void html_escape(struct buf *b, struct str text) {
    size_t from = 0;
    for (size_t i = 0; i < text.n; i++) {
        const char *as = NULL;
        switch (text.p[i]) {
        case '&':
            as = "&amp;";
            break;
        case '<':
            as = "&lt;";
            break;
        case '>':
            as = "&gt;";
            break;
        case '"':
            as = "&quot;";
            break;
        case '\'':
            as = "&#39;";
            break;
        default:
            continue;
        }
        buf_add(b, text.p + from, i - from);
        buf_c(b, as);
        from = i + 1;
    }
    if (text.n > from)
        buf_add(b, text.p + from, text.n - from);
}

struct html html_stored(struct str from_database) {
    return (struct html){from_database};
}

struct html html_from_paragraphs(struct arena *a, struct str plain) {
    struct buf b;
    bool open = false;
    buf_init(&b, plain.n * 10 + 64);
    while (plain.n > 0) {
        struct str line = STR_NONE;
        if (!str_next(&plain, '\n', &line))
            break;
        line = str_trim(line);
        if (line.n > 0) {
            buf_c(&b, open ? " " : "<p>");
            html_escape(&b, line);
            open = true;
        } else if (open) {
            buf_c(&b, "</p>\n");
            open = false;
        }
    }
    if (open)
        buf_c(&b, "</p>\n");
    must(!b.failed);
    struct html h = {str_dup(a, buf_view(&b))};
    buf_fini(&b);
    return h;
}

// ---- reading a cleaned body
// ------------------------------------------------------------------------------------------

// The tag at s.p[at] == '<': its text without the angle brackets; moves behind it.
static struct str next_tag(struct str s, size_t *at) {
    size_t start = ++*at;
    while (*at < s.n && s.p[*at] != '>')
        (*at)++;
    struct str tag = str_slice(s, start, *at);
    *at += *at < s.n ? 1 : 0;
    return tag;
}

static struct str tag_name(struct str tag) {
    size_t n = 0;
    tag = str_starts(tag, STR("/")) ? str_slice(tag, 1, tag.n) : tag;
    while (n < tag.n && tag.p[n] != ' ')
        n++;
    return str_slice(tag, 0, n);
}

static bool name_is(struct str name, const char *const *list) {
    while (*list != NULL && !str_eq(str_from(*list), name))
        list++;
    return *list != NULL;
}

static bool is_block(struct str name) {
    static const char *const list[] = {"p",          "h2",         "h3", "h4",  "ul",    "ol", "li",
                                       "blockquote", "figcaption", "br", "hr",  "table", "tr", "td",
                                       "caption",    "figure",     "th", "pre", NULL};
    return name_is(name, list);
}

static void put_entity(struct buf *b, struct str s, size_t *at) {
    static const struct {
        struct str entity;
        char c;
    } rows[] = {
        {STR("&amp;"), '&'}, {STR("&lt;"), '<'}, {STR("&gt;"), '>'}, {STR("&quot;"), '"'}, {STR("&#39;"), '\''}};
    struct str rest = str_slice(s, *at, s.n);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!str_starts(rest, rows[i].entity))
            continue;
        buf_char(b, rows[i].c);
        *at += rows[i].entity.n;
        return;
    }
    buf_char(b, s.p[(*at)++]);
}

static void put_line_end(struct buf *b) {
    while (b->n > 0 && b->p[b->n - 1] == ' ')
        b->n--;
    if (b->n > 0 && b->p[b->n - 1] != '\n')
        buf_char(b, '\n');
}

struct str html_to_text(struct arena *a, struct html h) {
    struct buf b;
    struct str s = h.s;
    buf_init(&b, s.n + 16);
    for (size_t at = 0; at < s.n;) {
        if (s.p[at] == '<') {
            if (is_block(tag_name(next_tag(s, &at))))
                put_line_end(&b);
        } else if (s.p[at] == '&') {
            put_entity(&b, s, &at);
        } else if (s.p[at] == '\n' && (b.n == 0 || b.p[b.n - 1] == '\n')) {
            at++;
        } else {
            buf_char(&b, s.p[at++]);
        }
    }
    struct str text = str_dup(a, buf_view(&b));
    buf_fini(&b);
    return text;
}

// ---- the beginning
// ---------------------------------------------------------------------------------------------------

static bool ends_sentence(uint32_t c, uint32_t next) {
    if (c == 0x3002 || c == 0xff01 || c == 0xff1f) // Chinese and Japanese leave no space behind
        return true;
    return (c == '.' || c == '!' || c == '?' || c == 0x061f || c == 0x06d4) && next == ' ';
}

// One line: every run of white space is a space.
static struct str one_line(struct arena *a, struct str s) {
    char *out = arena_take(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        bool space = s.p[i] == ' ' || s.p[i] == '\n' || s.p[i] == '\t' || s.p[i] == '\r';
        if (!space)
            out[n++] = s.p[i];
        else if (n > 0 && out[n - 1] != ' ')
            out[n++] = ' ';
    }
    return str_trim((struct str){out, n});
}

struct str html_excerpt(struct arena *a, struct html h, size_t max_chars) {
    struct str s = one_line(a, html_to_text(a, h));
    size_t sentence = 0;
    size_t word = 0;
    size_t at = 0;
    size_t limit = max_chars > 0 ? max_chars - 1 : 0; // room for the ellipsis
    size_t hard = 0;
    for (size_t i = 0; at < s.n; i++) {
        if (i == max_chars)
            break;
        size_t before = at;
        uint32_t c = utf8_next(s, &at);
        size_t peek = at;
        uint32_t next = at < s.n ? utf8_next(s, &peek) : ' ';
        if (i * 2 >= max_chars && ends_sentence(c, next))
            sentence = at;
        if (i <= limit && c == ' ')
            word = before;
        if (i < limit)
            hard = at;
    }
    if (at >= s.n)
        return s;
    if (sentence > 0)
        return str_slice(s, 0, sentence);
    return max_chars == 0 ? STR_NONE : str_fmt(a, "%.*s…", STR_ARG(str_slice(s, 0, word > 0 ? word : hard)));
}

// ---- parts
// -----------------------------------------------------------------------------------------------------------

static void put_alt(struct buf *b, struct str tag) {
    size_t from = 0;
    if (!str_find(tag, STR(" alt=\""), &from))
        return;
    struct str alt = str_slice(tag, from + 6, tag.n);
    size_t end = 0;
    if (!str_find_char(alt, '"', &end) || end == 0)
        return;
    buf_char(b, '[');
    buf_str(b, str_slice(alt, 0, end));
    buf_char(b, ']');
}

static bool is_void_tag(struct str tag) {
    static const char *const list[] = {"br", "hr", "img", NULL};
    return name_is(tag_name(tag), list);
}

// Where the block that begins at `at` ends.
static size_t block_end(struct str s, size_t at) {
    size_t depth = 0;
    while (at < s.n) {
        if (s.p[at] != '<') {
            at++;
            continue;
        }
        struct str tag = next_tag(s, &at);
        if (str_starts(tag, STR("/")))
            depth -= depth > 0 ? 1 : 0;
        else if (!is_void_tag(tag))
            depth++;
        if (depth == 0)
            break;
    }
    return at;
}

static void put_without_images(struct buf *b, struct str block) {
    for (size_t at = 0; at < block.n;) {
        if (block.p[at] != '<') {
            buf_char(b, block.p[at++]);
            continue;
        }
        size_t start = at;
        struct str tag = next_tag(block, &at);
        if (str_eq(tag_name(tag), STR("img")))
            put_alt(b, tag);
        else
            buf_str(b, str_slice(block, start, at));
    }
}

static bool says_nothing(struct str block) {
    for (size_t at = 0; at < block.n;) {
        if (block.p[at] == '<')
            next_tag(block, &at);
        else if ((unsigned char)block.p[at++] > 32)
            return false;
    }
    return true;
}

size_t html_parts(struct arena *a, struct html h, size_t part_bytes, struct html **parts_out) {
    struct buf part;
    struct buf block;
    size_t count = 0;
    size_t room = 8;
    struct html *parts = ARENA_ARRAY(a, struct html, room);
    buf_init(&part, h.s.n * 2 + 64);
    buf_init(&block, h.s.n * 2 + 64);
    for (size_t at = 0; at < h.s.n || part.n > 0;) {
        size_t end = block_end(h.s, at);
        buf_clear(&block);
        put_without_images(&block, str_slice(h.s, at, end));
        at = end;
        if (says_nothing(buf_view(&block)))
            buf_clear(&block);
        if (part.n > 0 && (block.n == 0 ? at >= h.s.n : part.n + block.n > part_bytes)) {
            if (count == room) {
                struct html *more = ARENA_ARRAY(a, struct html, room * 2);
                memcpy(more, parts, room * sizeof *parts);
                parts = more;
                room *= 2;
            }
            parts[count++].s = str_dup(a, buf_view(&part));
            buf_clear(&part);
        }
        buf_str(&part, buf_view(&block));
    }
    buf_fini(&part);
    buf_fini(&block);
    *parts_out = parts;
    return count;
}

size_t html_blocks(struct arena *a, struct html h, struct str **out) {
    size_t count = 0, room = 16;
    struct str *blocks = ARENA_ARRAY(a, struct str, room);
    for (size_t at = 0, end; at < h.s.n; at = end) {
        end = block_end(h.s, at);
        while (end < h.s.n && h.s.p[end] == '\n')
            end++;
        if (count == room) {
            struct str *more = ARENA_ARRAY(a, struct str, room * 2);
            memcpy(more, blocks, room * sizeof *blocks);
            blocks = more;
            room *= 2;
        }
        blocks[count++] = str_slice(h.s, at, end);
    }
    *out = blocks;
    return count;
}

struct html html_with_lead(struct arena *a, struct html h, struct str words) {
    static const struct str paragraph = STR("<p>");
    if (words.n == 0 || !str_starts(h.s, paragraph))
        return h;
    struct buf b;
    buf_init(&b, h.s.n + words.n * 6 + 64);
    buf_str(&b, paragraph);
    html_escape(&b, words);
    buf_c(&b, " — ");
    buf_str(&b, str_slice(h.s, paragraph.n, h.s.n));
    struct html out = {str_dup(a, buf_view(&b))};
    buf_fini(&b);
    return out;
}
