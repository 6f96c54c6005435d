// SPDX-License-Identifier: AGPL-3.0-or-later
// The compiler of templates: tmplc [--views HEADER] OUT.c OUT.h ROOT FILE...
// Every FILE stands under the folder ROOT. Writes all of them into one OUT.c, with prototypes in OUT.h. Errors go to
// stderr as file:line: sentence, and then nothing is written. The language is described in docs/templates.md.
#include "tmplc.h"

#include <stdlib.h>
#include <string.h>

struct template {
    const char *file, *relative;
    char function[128];
    char *source;
    size_t source_n;
    char view[128]; // the type behind "struct "
    char *code;
    size_t code_n;
    bool failed;
};

struct compiler {
    struct template *all;
    size_t count;
    struct template *now;
    struct token *token;
    struct emit emit;
    struct place place;
    bool line_start; // the byte before was a kept newline of white space
    unsigned depth;
};

enum { DEPTH_MAX = 32, SOURCE_MAX = 1 << 20 };

static bool fail(struct compiler *c, unsigned line, const char *sentence) {
    if (!c->now->failed) {
        fprintf(stderr, "%s:%u: %s\n", c->now->file, line, sentence);
    }
    c->now->failed = true;
    return false;
}

static bool check(struct compiler *c, unsigned line, const char *error) {
    return error == NULL || fail(c, line, error);
}

// ---- text ----------------------------------------------------------------------------------------------------------

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// How many bytes of white space stand here, when a newline is among them; else 0.
static size_t space_run(const char *p, const char *end) {
    const char *q = p;
    bool newline = false;
    while (q < end && is_space(*q)) {
        newline |= *q == '\n';
        q++;
    }
    return newline ? (size_t)(q - p) : 0;
}

static bool text(struct compiler *c) {
    const struct token *t = c->token;
    const char *p = t->p, *end = t->p + t->n;
    unsigned line = t->line;
    bool keeps = place_keeps_space(&c->place);
    if (!keeps && t->head > 0) {
        p += t->head;
        line += t->p[t->head - 1] == '\n';
        while (p < end && (*p == ' ' || *p == '\t')) {
            p++;
        }
    }
    for (; p < end; p++) {
        keeps = place_keeps_space(&c->place);
        if (!keeps && p == end - t->tail && t->tail > 0) {
            break;
        }
        size_t run = keeps ? 0 : space_run(p, end - (p <= end - t->tail ? t->tail : 0));
        for (size_t i = 0; i + 1 < run; i++) {
            line += p[i] == '\n';
        }
        p += run > 1 ? run - 1 : 0;
        char byte = run > 0 ? '\n' : *p;
        if (!check(c, line, place_step(&c->place, byte))) {
            return false;
        }
        if (run == 0 || !c->line_start) {
            emit_literal(&c->emit, byte, line);
        }
        c->line_start = run > 0;
        line += *p == '\n';
    }
    return true;
}

// ---- tags
// ------------------------------------------------------------------------------------------------------------

struct words {
    struct {
        const char *p;
        size_t n;
    } at[6];
    size_t count; // 7 when there are more
};

static struct words split(const struct token *t) {
    struct words w = {.count = 0};
    const char *p = t->p, *word;
    size_t n;
    while (lex_word(&p, t->p + t->n, &word, &n)) {
        if (w.count == 6) {
            w.count = 7;
            break;
        }
        w.at[w.count].p = word;
        w.at[w.count++].n = n;
    }
    return w;
}

static bool is(const struct words *w, size_t i, const char *word) {
    return i < w->count && i < 6 && lex_is(w->at[i].p, w->at[i].n, word);
}

static bool block(struct compiler *c);

static bool wants(struct compiler *c, unsigned line, bool condition, const char *usage) {
    return condition || fail(c, line, usage);
}

// {{if path}}, {{if not path}}, {{else if path}}: from word `from` on.
static bool condition(struct compiler *c, const struct words *w, size_t from, bool chained) {
    unsigned line = c->token->line;
    bool negated = is(w, from, "not");
    size_t at = from + negated;
    return wants(c, line, w->count == at + 1, "{{if path}} or {{if not path}}") &&
           check(c, line, emit_if(&c->emit, chained, negated, w->at[at].p, w->at[at].n, line));
}

static bool is_tag(const struct compiler *c, const char *word) {
    struct words w = split(c->token);
    return c->token->kind == TOKEN_TAG && is(&w, 0, word);
}

// The branches of an if: each begins where the first began and all must end alike; without an else, where it began.
static bool branches(struct compiler *c) {
    unsigned line = c->token->line;
    struct place start = c->place, joined;
    bool have_joined = false, have_else = false;
    for (;;) {
        c->token++;
        c->place = start;
        c->line_start = false;
        if (!block(c)) {
            return false;
        }
        if (!check(c, c->token->line, place_statement(&c->place)) ||
            (have_joined && !check(c, c->token->line, place_join(&joined, &c->place)))) {
            return false;
        }
        joined = have_joined ? joined : c->place;
        have_joined = true;
        if (!is_tag(c, "else")) {
            break;
        }
        struct words w = split(c->token);
        if (have_else || (w.count > 1 && !is(&w, 1, "if"))) {
            return fail(c, c->token->line,
                        have_else ? "an {{else}} behind the {{else}}" : "{{else}} or {{else if path}}");
        }
        have_else = w.count == 1;
        if (have_else) {
            emit_else(&c->emit, c->token->line);
        } else if (!condition(c, &w, 2, true)) {
            return false;
        }
    }
    if (!is_tag(c, "end")) {
        return fail(c, line, "this {{if}}, {{first}} or {{last}} has no {{end}}");
    }
    if (!have_else && !check(c, c->token->line, place_join(&joined, &start))) {
        return false;
    }
    c->place = joined;
    emit_end(&c->emit, c->token->line);
    return true;
}

static bool tag_if(struct compiler *c, const struct words *w) {
    return check(c, c->token->line, place_statement(&c->place)) && condition(c, w, 1, false) && branches(c);
}

static bool tag_turn(struct compiler *c, const struct words *w) {
    unsigned line = c->token->line;
    return wants(c, line, w->count == 1, "{{first}} and {{last}} stand alone") &&
           check(c, line, place_statement(&c->place)) &&
           check(c, line, emit_if(&c->emit, false, false, w->at[0].p, w->at[0].n, line)) && branches(c);
}

static bool tag_for(struct compiler *c, const struct words *w) {
    unsigned line = c->token->line;
    if (!wants(c, line, w->count == 4 && is(w, 2, "in"), "{{for name in path}}") ||
        !check(c, line, place_statement(&c->place)) ||
        !check(c, line, emit_for(&c->emit, w->at[1].p, w->at[1].n, w->at[3].p, w->at[3].n, line))) {
        return false;
    }
    struct place start = c->place;
    c->token++;
    c->line_start = false;
    if (!block(c)) {
        return false;
    }
    if (!is_tag(c, "end")) {
        return fail(c, line, "this {{for}} has no {{end}}");
    }
    if (!check(c, c->token->line, place_join(&c->place, &start))) {
        return false;
    }
    emit_for_end(&c->emit, c->token->line);
    return true;
}

static bool find_template(const struct compiler *c, const char *name, size_t n, const char **function) {
    for (size_t i = 0; i < c->count; i++) {
        const char *relative = c->all[i].relative;
        if (strlen(relative) == n + 5 && memcmp(relative, name, n) == 0) {
            *function = c->all[i].function;
            return true;
        }
    }
    return false;
}

static bool tag_include(struct compiler *c, const struct words *w) {
    unsigned line = c->token->line;
    const char *function = NULL;
    return wants(c, line, w->count == 3, "{{include folder/name path}}") &&
           wants(c, line, c->place.kind == PLACE_TEXT, "an {{include}} stands in text only") &&
           wants(c, line, find_template(c, w->at[1].p, w->at[1].n, &function), "there is no such template") &&
           check(c, line, emit_include(&c->emit, function, w->at[2].p, w->at[2].n, line));
}

static bool tag_word(struct compiler *c, const struct words *w) {
    unsigned line = c->token->line;
    enum hole_kind kind;
    return wants(c, line, w->count == 2, "{{word key}}") && check(c, line, place_hole(&c->place, &kind)) &&
           check(c, line, emit_word(&c->emit, kind, w->at[1].p, w->at[1].n, line));
}

static bool tag_spot(struct compiler *c, const struct words *w) {
    unsigned line = c->token->line;
    return wants(c, line, w->count == 2, "{{spot path}}") &&
           wants(c, line, c->place.kind == PLACE_TEXT, "a {{spot}} stands in text only") &&
           check(c, line, emit_spot(&c->emit, w->at[1].p, w->at[1].n, line));
}

static bool tag_hole(struct compiler *c, const struct words *w) {
    unsigned line = c->token->line;
    enum hole_kind kind;
    return wants(c, line, w->count == 1, "no such tag; a hole is one path") &&
           check(c, line, place_hole(&c->place, &kind)) &&
           check(c, line, emit_hole(&c->emit, kind, w->at[0].p, w->at[0].n, line));
}

static bool tag(struct compiler *c) {
    static const struct {
        const char *word;
        bool (*run)(struct compiler *c, const struct words *w);
    } tags[] = {
        {"if", tag_if},           {"for", tag_for},   {"first", tag_turn}, {"last", tag_turn},
        {"include", tag_include}, {"word", tag_word}, {"spot", tag_spot},
    };
    struct words w = split(c->token);
    c->line_start = false;
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        if (is(&w, 0, tags[i].word)) {
            return tags[i].run(c, &w);
        }
    }
    return tag_hole(c, &w);
}

// Runs until an {{else}}, an {{end}} or the end of the template, and stays on it.
static bool block(struct compiler *c) {
    if (++c->depth > DEPTH_MAX) {
        return fail(c, c->token->line, "statements nested too deep");
    }
    for (; c->token->kind != TOKEN_END; c->token++) {
        if (c->token->kind == TOKEN_TAG && (is_tag(c, "else") || is_tag(c, "end"))) {
            break;
        }
        if ((c->token->kind == TOKEN_TEXT && !text(c)) || (c->token->kind == TOKEN_TAG && !tag(c))) {
            return false;
        }
    }
    c->depth--;
    return true;
}

// ---- a whole template
// ------------------------------------------------------------------------------------------------

// {{view struct view_article v}}: the first tag; only comments and white space stand before it.
static bool view(struct compiler *c) {
    for (; c->token->kind == TOKEN_COMMENT || (c->token->kind == TOKEN_TEXT && c->token->n > 0); c->token++) {
        for (size_t i = 0; i < c->token->n; i++) {
            if (!is_space(c->token->p[i])) {
                return fail(c, c->token->line, "a template begins with {{view struct name v}}");
            }
        }
    }
    struct words w = split(c->token);
    if (!is_tag(c, "view") || w.count != 4 || !is(&w, 1, "struct") || w.at[2].n >= sizeof(c->now->view) ||
        w.at[3].n >= sizeof(c->emit.names[0].name)) {
        return fail(c, c->token->line, "a template begins with {{view struct name v}}");
    }
    (void)snprintf(c->now->view, sizeof(c->now->view), "%.*s", (int)w.at[2].n, w.at[2].p);
    (void)snprintf(c->emit.names[0].name, sizeof(c->emit.names[0].name), "%.*s", (int)w.at[3].n, w.at[3].p);
    static const char good[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    if (strspn(c->now->view, good) != w.at[2].n || strspn(c->emit.names[0].name, good) != w.at[3].n) {
        return fail(c, c->token->line, "a template begins with {{view struct name v}}");
    }
    c->emit.name_count = 1;
    c->token++;
    return true;
}

static void trim_ends(struct token *tokens) {
    struct token *last = tokens;
    while (last->kind != TOKEN_END) {
        last++;
    }
    if (last > tokens && last[-1].kind == TOKEN_TEXT) {
        struct token *t = &last[-1];
        while (t->n > 0 && is_space(t->p[t->n - 1])) {
            t->n--;
        }
        t->head = t->head > t->n ? t->n : t->head;
        t->tail = 0;
    }
}

static bool body(struct compiler *c) {
    if (!view(c)) {
        return false;
    }
    const struct template *t = c->now;
    fprintf(c->emit.out, "\nvoid %s(struct render_out *o, const struct %s *v) {\n    (void)o;\n    (void)v;\n",
            t->function, t->view);
    c->line_start = true; // no newline before the first tag
    if (!block(c)) {
        return false;
    }
    if (c->token->kind != TOKEN_END) {
        return fail(c, c->token->line, "an {{else}} or {{end}} that ends nothing");
    }
    struct place start;
    place_init(&start);
    if (memcmp(&start, &c->place, sizeof(start)) != 0) {
        return fail(c, c->token->line, "a template must end in text, outside of tags, <pre> and <title>");
    }
    emit_flush(&c->emit);
    fputs("}\n", c->emit.out);
    return true;
}

static void compile(struct template *all, size_t count, struct template *now) {
    struct compiler c = {.all = all, .count = count, .now = now};
    const char *error = NULL;
    unsigned line = 1;
    struct token *tokens = lex_template(now->source, now->source_n, &error, &line);
    if (tokens == NULL) {
        (void)fail(&c, line, error);
        return;
    }
    trim_ends(tokens);
    c.token = tokens;
    c.emit.file = now->file;
    c.emit.out = open_memstream(&now->code, &now->code_n);
    if (c.emit.out == NULL) {
        abort();
    }
    place_init(&c.place);
    (void)body(&c);
    (void)fclose(c.emit.out);
    free(c.emit.literal);
    free(tokens);
}

// ---- files
// -----------------------------------------------------------------------------------------------------------

static bool read_source(struct template *t) {
    FILE *f = fopen(t->file, "rb");
    if (f == NULL) {
        perror(t->file);
        return false;
    }
    t->source = malloc(SOURCE_MAX);
    if (t->source == NULL) {
        abort();
    }
    t->source_n = fread(t->source, 1, SOURCE_MAX, f);
    bool good = ferror(f) == 0 && t->source_n < SOURCE_MAX;
    (void)fclose(f);
    if (!good) {
        fprintf(stderr, "%s: cannot be read, or is longer than a MiB\n", t->file);
    }
    return good;
}

static bool prepare(struct template *t, const char *root, const char *file) {
    size_t n = strlen(root);
    t->file = file;
    bool under = strncmp(file, root, n) == 0 && file[n] == '/';
    t->relative = under ? file + n + 1 : file;
    if (!under || !emit_function_name(t->relative, t->function, sizeof(t->function))) {
        fprintf(stderr, "%s:1: a template is a .html file of lower-case letters, digits, - and _ under %s\n", file,
                root);
        return false;
    }
    return read_source(t);
}

static bool same_functions(const struct template *all, size_t count) {
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count; j++) {
            if (strcmp(all[i].function, all[j].function) == 0) {
                fprintf(stderr, "%s:1: has the same function name as %s\n", all[j].file, all[i].file);
                return true;
            }
        }
    }
    return false;
}

static FILE *open_output(const char *path) {
    FILE *f = fopen(path, "wb");
    if (f == NULL) {
        perror(path);
    }
    return f;
}

static bool close_output(FILE *f, const char *path) {
    bool good = ferror(f) == 0;
    good = fclose(f) == 0 && good;
    if (!good) {
        fprintf(stderr, "%s: cannot be written\n", path);
    }
    return good;
}

static bool write_header(const char *path, const char *views, const struct template *all, size_t count) {
    FILE *f = open_output(path);
    if (f == NULL) {
        return false;
    }
    fputs("// Written by tools/tmplc from templates/; not to be edited.\n#pragma once\n#include \"render/render.h\"\n",
          f);
    if (count > 0) {
        fprintf(f, "#include \"%s\"\n", views);
    }
    for (size_t i = 0; i < count; i++) {
        fprintf(f, "void %s(struct render_out *o, const struct %s *v);\n", all[i].function, all[i].view);
    }
    return close_output(f, path);
}

static bool write_code(const char *path, const char *header, const struct template *all, size_t count) {
    FILE *f = open_output(path);
    if (f == NULL) {
        return false;
    }
    const char *slash = strrchr(header, '/');
    fprintf(f, "// Written by tools/tmplc from templates/; not to be edited.\n#include \"%s\"\n",
            slash != NULL ? slash + 1 : header);
    fputs("#include \"render/template.h\"\n", f);
    for (size_t i = 0; i < count; i++) {
        (void)fwrite(all[i].code, 1, all[i].code_n, f);
    }
    return close_output(f, path);
}

int main(int argc, char **argv) {
    const char *views = "render/views.h";
    if (argc > 2 && strcmp(argv[1], "--views") == 0) {
        views = argv[2];
        argc -= 2;
        argv += 2;
    }
    if (argc < 4) {
        fputs("usage: tmplc [--views HEADER] OUT.c OUT.h ROOT FILE...\n", stderr);
        return 2;
    }
    size_t count = (size_t)(argc - 4);
    struct template *all = calloc(count + 1, sizeof(*all));
    if (all == NULL) {
        abort();
    }
    bool good = true;
    for (size_t i = 0; i < count; i++) {
        good = prepare(&all[i], argv[3], argv[4 + i]) && good;
    }
    good = good && !same_functions(all, count);
    for (size_t i = 0; good && i < count; i++) {
        compile(all, count, &all[i]);
    }
    for (size_t i = 0; i < count; i++) {
        good = good && !all[i].failed;
    }
    good = good && write_header(argv[2], views, all, count) && write_code(argv[1], argv[2], all, count);
    for (size_t i = 0; i < count; i++) {
        free(all[i].source);
        free(all[i].code);
    }
    free(all);
    return good ? 0 : 1;
}
