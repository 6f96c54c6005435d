// SPDX-License-Identifier: AGPL-3.0-or-later
// Cuts a template into text, {{tags}} and {{# comments #}}, and finds the statements that stand alone on their line.
#include "tmplc.h"

#include <stdlib.h>
#include <string.h>

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

bool lex_is(const char *p, size_t n, const char *word) {
    return strlen(word) == n && memcmp(p, word, n) == 0;
}

bool lex_word(const char **p, const char *end, const char **word, size_t *length) {
    while (*p < end && (is_blank(**p) || **p == '\n')) {
        (*p)++;
    }
    *word = *p;
    while (*p < end && !is_blank(**p) && **p != '\n') {
        (*p)++;
    }
    *length = (size_t)(*p - *word);
    return *length > 0;
}

struct lexer {
    const char *p, *end;
    unsigned line;
    struct token *tokens;
    size_t count, capacity;
};

static struct token *add(struct lexer *l, enum token_kind kind, const char *p, size_t n, unsigned line) {
    if (l->count == l->capacity) {
        l->capacity = l->capacity == 0 ? 64 : l->capacity * 2;
        l->tokens = realloc(l->tokens, l->capacity * sizeof(*l->tokens));
        if (l->tokens == NULL) {
            abort();
        }
    }
    l->tokens[l->count] = (struct token){.kind = kind, .p = p, .n = n, .line = line};
    return &l->tokens[l->count++];
}

static void count_lines(struct lexer *l, const char *from, const char *to) {
    for (; from < to; from++) {
        l->line += *from == '\n';
    }
}

static const char *find(const char *p, const char *end, const char *what) {
    return p == NULL ? NULL : memmem(p, (size_t)(end - p), what, strlen(what));
}

static const char *lex_tag(struct lexer *l) {
    const char *start = l->p + 2;
    bool comment = start < l->end && *start == '#';
    const char *close = find(start, l->end, "}}");
    if (close == NULL) {
        return "{{ without }}";
    }
    unsigned line = l->line;
    if (comment) {
        add(l, TOKEN_COMMENT, start, 0, line);
        count_lines(l, l->p, close);
        l->p = close + 2;
        return NULL;
    }
    const char *from = start, *to = close;
    while (from < to && (is_blank(*from) || *from == '\n')) {
        from++;
    }
    while (to > from && (is_blank(to[-1]) || to[-1] == '\n')) {
        to--;
    }
    if (from == to || find(from, to, "{{") != NULL) {
        return from == to ? "an empty tag {{}}" : "{{ inside a tag";
    }
    add(l, TOKEN_TAG, from, (size_t)(to - from), line);
    count_lines(l, l->p, close);
    l->p = close + 2;
    return NULL;
}

static bool is_statement(const struct token *t) {
    static const char *const words[] = {"if", "else", "end", "for", "first", "last", "view"};
    if (t->kind != TOKEN_TAG) {
        return t->kind == TOKEN_COMMENT;
    }
    const char *p = t->p, *word;
    size_t n;
    if (!lex_word(&p, t->p + t->n, &word, &n)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (lex_is(word, n, words[i])) {
            return true;
        }
    }
    return false;
}

// Blanks at the end of the text before, when a line begins with them; or SIZE_MAX when something else stands there.
static size_t blanks_before(const struct token *t, bool at_start) {
    size_t n = 0;
    while (n < t->n && is_blank(t->p[t->n - 1 - n])) {
        n++;
    }
    return n == t->n ? (at_start ? n : (size_t)-1) : t->p[t->n - 1 - n] == '\n' ? n : (size_t)-1;
}

static size_t blanks_after(const struct token *t, bool at_end) {
    size_t n = 0;
    while (n < t->n && is_blank(t->p[n])) {
        n++;
    }
    return n == t->n ? (at_end ? n : (size_t)-1) : t->p[n] == '\n' ? n + 1 : (size_t)-1;
}

static void find_lone_statements(struct token *tokens, size_t count) {
    static const struct token nothing = {.kind = TOKEN_TEXT, .p = "", .n = 0};
    for (size_t i = 0; i < count; i++) {
        if (!is_statement(&tokens[i])) {
            continue;
        }
        bool has_before = i > 0, has_after = i + 1 < count;
        const struct token *before = has_before ? &tokens[i - 1] : &nothing;
        const struct token *after = has_after ? &tokens[i + 1] : &nothing;
        if (before->kind != TOKEN_TEXT || after->kind != TOKEN_TEXT) {
            continue;
        }
        size_t tail = blanks_before(before, i <= 1), head = blanks_after(after, i + 2 >= count);
        if (tail == (size_t)-1 || head == (size_t)-1) {
            continue;
        }
        if (has_before) {
            tokens[i - 1].tail = tail;
        }
        if (has_after) {
            tokens[i + 1].head = head;
        }
    }
}

struct token *lex_template(const char *source, size_t n, const char **error_out, unsigned *line_out) {
    struct lexer l = {.p = source, .end = source + n, .line = 1};
    while (l.p < l.end) {
        const char *open = find(l.p, l.end, "{{");
        const char *text_end = open != NULL ? open : l.end;
        if (text_end > l.p) {
            add(&l, TOKEN_TEXT, l.p, (size_t)(text_end - l.p), l.line);
            count_lines(&l, l.p, text_end);
            l.p = text_end;
        }
        if (open != NULL && (*error_out = lex_tag(&l)) != NULL) {
            *line_out = l.line;
            free(l.tokens);
            return NULL;
        }
    }
    find_lone_statements(l.tokens, l.count);
    add(&l, TOKEN_END, l.end, 0, l.line);
    return l.tokens;
}
