// SPDX-License-Identifier: AGPL-3.0-or-later
// Writes the C of a template. Types are left to the C compiler: every hole becomes a macro of render/template.h that
// chooses the writer by _Generic, under a #line of the template, so that a wrong type is an error at the tag.
#include "tmplc.h"

#include <stdlib.h>
#include <string.h>

void emit_literal(struct emit *e, char c, unsigned line) {
    if (e->literal_n == 0) {
        e->literal_line = line;
    }
    if (e->literal_n == e->literal_cap) {
        e->literal_cap = e->literal_cap == 0 ? 4096 : e->literal_cap * 2;
        e->literal = realloc(e->literal, e->literal_cap);
        if (e->literal == NULL) {
            abort();
        }
    }
    e->literal[e->literal_n++] = c;
}

// Always three octal digits, so that a digit behind is not taken in, and no trigraphs.
static void put_c_char(FILE *out, char c) {
    if (c == '"' || c == '\\') {
        fprintf(out, "\\%c", c);
    } else if ((unsigned char)c < ' ' || (unsigned char)c >= 0x7f || c == '?') {
        fprintf(out, "\\%03o", (unsigned char)c);
    } else {
        fputc(c, out);
    }
}

static void put_line(struct emit *e, unsigned line) {
    fprintf(e->out, "#line %u \"", line);
    for (const char *p = e->file; *p != '\0'; p++) {
        put_c_char(e->out, *p);
    }
    fputs("\"\n", e->out);
}

void emit_flush(struct emit *e) {
    if (e->literal_n == 0) {
        return;
    }
    put_line(e, e->literal_line);
    fputs("    render_raw(o, \"", e->out);
    for (size_t i = 0; i < e->literal_n; i++) {
        put_c_char(e->out, e->literal[i]);
    }
    fprintf(e->out, "\", %zu);\n", e->literal_n);
    e->literal_n = 0;
}

void emit_line(struct emit *e, unsigned line) {
    emit_flush(e);
    put_line(e, line);
}

// ---- paths -------------------------------------------------------------------------------------------------------

static bool is_name(const char *p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        bool letter = (p[i] >= 'a' && p[i] <= 'z') || p[i] == '_';
        if (!letter && !(i > 0 && p[i] >= '0' && p[i] <= '9')) {
            return false;
        }
    }
    return n > 0 && n < 48;
}

static bool find_name(const struct emit *e, const char *p, size_t n, unsigned *number) {
    for (size_t i = e->name_count; i-- > 0;) {
        if (lex_is(p, n, e->names[i].name)) {
            *number = e->names[i].number;
            return true;
        }
    }
    return false;
}

const char *emit_path(struct emit *e, const char *path, size_t n, char *out, size_t room) {
    const char *end = path + n, *dot = memchr(path, '.', n);
    size_t head = dot != NULL ? (size_t)(dot - path) : n;
    unsigned number;
    if (!is_name(path, head)) {
        return "this is no path: names of lower-case letters, digits and _, joined by dots";
    }
    if (!find_name(e, path, head, &number)) {
        return "a path begins with the view's name or the name of a {{for}} around it";
    }
    for (const char *p = path + head; p < end;) {
        const char *next = memchr(p + 1, '.', (size_t)(end - p - 1));
        next = next != NULL ? next : end;
        if (!is_name(p + 1, (size_t)(next - p - 1))) {
            return "this is no path: names of lower-case letters, digits and _, joined by dots";
        }
        p = next;
    }
    char base[32];
    (void)snprintf(base, sizeof(base), number == 0 ? "v" : "at_%u", number);
    int made = dot == NULL ? snprintf(out, room, "(*%s)", base)
                           : snprintf(out, room, "%s->%.*s", base, (int)(end - dot - 1), dot + 1);
    return made > 0 && (size_t)made < room ? NULL : "too long a path";
}

// ---- holes ---------------------------------------------------------------------------------------------------------

static const char *const macros[] = {
    [HOLE_TEXT] = "TMPL_TEXT",     [HOLE_RCDATA] = "TMPL_RCDATA",     [HOLE_ATTR] = "TMPL_ATTR",
    [HOLE_URL] = "TMPL_URL",       [HOLE_URL_PART] = "TMPL_URL_PART", [HOLE_URL_QUERY] = "TMPL_URL_QUERY",
    [HOLE_SRCSET] = "TMPL_SRCSET", [HOLE_JSON] = "TMPL_JSON",         [HOLE_SCRIPT] = "TMPL_SCRIPT",
};

const char *emit_hole(struct emit *e, enum hole_kind kind, const char *path, size_t n, unsigned line) {
    char expression[512];
    const char *error = emit_path(e, path, n, expression, sizeof(expression));
    if (error == NULL) {
        emit_line(e, line);
        fprintf(e->out, "    %s(o, %s);\n", macros[kind], expression);
    }
    return error;
}

const char *emit_word(struct emit *e, enum hole_kind kind, const char *key, size_t n, unsigned line) {
    if (!is_name(key, n)) {
        return "{{word}} takes the key of a word in i18n/";
    }
    if (kind == HOLE_URL || kind == HOLE_URL_PART || kind == HOLE_SRCSET || kind == HOLE_SCRIPT) {
        return "words are no address";
    }
    emit_line(e, line);
    fprintf(e->out, "    %s(o, text_word(o->lang, W_", macros[kind]);
    for (size_t i = 0; i < n; i++) {
        fputc(key[i] >= 'a' && key[i] <= 'z' ? key[i] - 32 : key[i], e->out);
    }
    fputs("));\n", e->out);
    return NULL;
}

const char *emit_spot(struct emit *e, const char *path, size_t n, unsigned line) {
    char expression[512];
    const char *error = emit_path(e, path, n, expression, sizeof(expression));
    if (error == NULL) {
        emit_line(e, line);
        fprintf(e->out, "    render_put_spot(o, %s);\n", expression);
    }
    return error;
}

const char *emit_include(struct emit *e, const char *function, const char *path, size_t n, unsigned line) {
    char expression[512];
    const char *error = emit_path(e, path, n, expression, sizeof(expression));
    if (error == NULL) {
        emit_line(e, line);
        fprintf(e->out, "    %s(o, &%s);\n", function, expression);
    }
    return error;
}

// ---- statements
// ------------------------------------------------------------------------------------------------------

const char *emit_if(struct emit *e, bool chained, bool negated, const char *path, size_t n, unsigned line) {
    char expression[600];
    if (lex_is(path, n, "first") || lex_is(path, n, "last")) {
        unsigned loop = e->name_count > 0 ? e->names[e->name_count - 1].number : 0;
        if (loop == 0) {
            return "first and last have a meaning only inside a {{for}}";
        }
        (void)snprintf(expression, sizeof(expression), path[0] == 'f' ? "i_%u == 0" : "i_%u + 1 == n_%u", loop, loop);
    } else {
        char inner[512];
        const char *error = emit_path(e, path, n, inner, sizeof(inner));
        if (error != NULL) {
            return error;
        }
        (void)snprintf(expression, sizeof(expression), "TMPL_TRUE(%s)", inner);
    }
    emit_line(e, line);
    fprintf(e->out, "    %sif (%s%s%s) {\n", chained ? "} else " : "", negated ? "!(" : "", expression,
            negated ? ")" : "");
    return NULL;
}

void emit_else(struct emit *e, unsigned line) {
    emit_line(e, line);
    fputs("    } else {\n", e->out);
}

void emit_end(struct emit *e, unsigned line) {
    emit_line(e, line);
    fputs("    }\n", e->out);
}

const char *emit_for(struct emit *e, const char *name, size_t name_n, const char *path, size_t n, unsigned line) {
    char list[512];
    const char *error = emit_path(e, path, n, list, sizeof(list));
    unsigned taken;
    if (error != NULL) {
        return error;
    }
    if (!is_name(name, name_n) || find_name(e, name, name_n, &taken) || lex_is(name, name_n, "first") ||
        lex_is(name, name_n, "last")) {
        return "a {{for}} needs a name of its own";
    }
    if (e->name_count == EMIT_NAMES_MAX) {
        return "too many {{for}} inside each other";
    }
    unsigned number = ++e->loops;
    memcpy(e->names[e->name_count].name, name, name_n);
    e->names[e->name_count].name[name_n] = '\0';
    e->names[e->name_count++].number = number;
    emit_line(e, line);
    fprintf(e->out, "    for (size_t i_%u = 0, n_%u = %s.n; i_%u < n_%u; i_%u++) {\n", number, number, list, number,
            number, number);
    put_line(e, line);
    fprintf(e->out, "    const __auto_type at_%u = &%s.items[i_%u];\n    (void)at_%u;\n", number, list, number, number);
    return NULL;
}

void emit_for_end(struct emit *e, unsigned line) {
    e->name_count--;
    emit_end(e, line);
}

bool emit_function_name(const char *relative, char *out, size_t room) {
    size_t n = strlen(relative), at = 0;
    if (n < 6 || strcmp(relative + n - 5, ".html") != 0 || n + 1 > room) {
        return false;
    }
    at = (size_t)snprintf(out, room, "tmpl_");
    for (size_t i = 0; i < n - 5 && at + 1 < room; i++) {
        char c = relative[i] == '/' || relative[i] == '-' ? '_' : relative[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        if (!good) {
            return false;
        }
        out[at++] = c;
    }
    out[at] = '\0';
    return true;
}
