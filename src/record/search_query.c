// SPDX-License-Identifier: AGPL-3.0-or-later
// Reading what was typed: words that must all occur, "words in a row", -word that must not. Quotation marks of the
// typographic kinds and the full-width ones of Chinese and Japanese keyboards count as quotation marks.
#include "record/search_query.h"

// ---- characters
// ------------------------------------------------------------------------------------------------------

static bool is_space(uint32_t c) {
    return c <= ' ' || c == 0x7f || c == 0xa0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
           c == 0x2029 || c == 0x202f;
}

static bool is_quote(uint32_t c) {
    return c == '"' || c == 0xab || c == 0xbb || (c >= 0x201c && c <= 0x201f) || c == 0xff02 || c == 0x300c ||
           c == 0x300d;
}

static bool is_minus(uint32_t c) {
    return c == '-' || c == 0xff0d || c == 0x2212;
}

// ---- parts
// -------------------------------------------------------------------------------------------------------------

static enum rc token_keep(void *arg, const struct text_token *t) {
    struct search_part *part = arg;
    if (part->token_count == SEARCH_TOKENS_MOST)
        return RC_TOO_BIG;
    part->tokens[part->token_count++] = hash_key(t->folded);
    return RC_OK;
}

// Adds the text as a part when it holds anything that is indexed.
static enum rc part_add(struct arena *a, struct search_plan *plan, struct str text, bool exclude) {
    if (str_trim(text).n == 0)
        return RC_OK;
    if (plan->count == SEARCH_PARTS_MOST)
        return RC_INVALID;
    struct search_part *part = &plan->parts[plan->count];
    *part = (struct search_part){.exclude = exclude};
    struct str copy = str_dup(a, text);
    char *bytes = arena_take(a, copy.n + 1);
    for (size_t i = 0; i < copy.n; i++)
        bytes[i] = (unsigned char)copy.p[i] < ' ' ? ' ' : copy.p[i];
    part->text = (struct str){bytes, copy.n};
    enum rc rc = text_tokens(part->text, true, token_keep, part);
    if (rc != RC_OK)
        return RC_INVALID;
    if (part->token_count > 0)
        plan->count++;
    return RC_OK;
}

// Where the part ends that begins at `at`: at a quotation mark, and outside quotation marks at white space too.
static size_t part_end(struct str s, size_t at, bool quoted) {
    while (at < s.n) {
        size_t next = at;
        uint32_t c = utf8_next(s, &next);
        if (is_quote(c) || (!quoted && is_space(c)))
            break;
        at = next;
    }
    return at;
}

static enum rc parts_read(struct arena *a, struct str s, struct search_plan *plan) {
    enum rc rc = RC_OK;
    bool exclude = false;
    for (size_t at = 0; rc == RC_OK && at < s.n;) {
        size_t next = at;
        uint32_t c = utf8_next(s, &next);
        bool quoted = is_quote(c);
        if (is_minus(c) || is_space(c)) {
            exclude = is_minus(c); // a minus with a space behind it excludes nothing
            at = next;
            continue;
        }
        size_t from = quoted ? next : at;
        size_t to = part_end(s, from, quoted);
        rc = part_add(a, plan, str_slice(s, from, to), exclude);
        exclude = false;
        at = to;
        if (quoted && at < s.n)
            (void)utf8_next(s, &at); // the closing mark
    }
    return rc;
}

enum rc search_parse(struct arena *a, struct str words, struct search_plan *out) {
    *out = (struct search_plan){0};
    if (!utf8_valid(words) || utf8_count(words) > SEARCH_WORDS_MOST)
        return RC_INVALID;
    out->parts = ARENA_ARRAY(a, struct search_part, SEARCH_PARTS_MOST);
    enum rc rc = parts_read(a, words, out);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < out->count; i++)
        if (!out->parts[i].exclude)
            return RC_OK;
    return RC_INVALID;
}

// ---- the expression
// ----------------------------------------------------------------------------------------------------

struct str search_facet(struct arena *a, int64_t section_id) {
    return str_fmt(a, "%csec%lld", SEARCH_FACET_MARK, (long long)section_id);
}

static void quoted_add(struct buf *b, struct str text) {
    buf_char(b, '"');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"')
            buf_char(b, '"');
        buf_char(b, text.p[i]);
    }
    buf_char(b, '"');
}

// All parts of one kind, joined; false when there are none.
static bool kind_add(struct buf *b, const struct search_plan *plan, bool exclude, const char *join) {
    bool any = false;
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->parts[i].exclude != exclude)
            continue;
        if (any)
            buf_c(b, join);
        quoted_add(b, plan->parts[i].text);
        any = true;
    }
    return any;
}

struct str search_expression(struct arena *a, const struct search_plan *plan, int64_t section_id) {
    struct buf wanted, unwanted;
    buf_init(&wanted, 16384);
    buf_init(&unwanted, 8192);
    kind_add(&wanted, plan, false, " AND ");
    if (section_id != 0) {
        buf_c(&wanted, " AND ");
        quoted_add(&wanted, search_facet(a, section_id));
    }
    bool excludes = kind_add(&unwanted, plan, true, " OR ");
    must(!wanted.failed && !unwanted.failed);
    struct str expression =
        excludes ? str_fmt(a, "(%.*s) NOT (%.*s)", STR_ARG(buf_view(&wanted)), STR_ARG(buf_view(&unwanted)))
                 : str_dup(a, buf_view(&wanted));
    buf_fini(&wanted);
    buf_fini(&unwanted);
    return expression;
}
