// SPDX-License-Identifier: AGPL-3.0-or-later
// Compiler of the newspaper's words. It reads i18n/en.txt and the other eight languages, holds each of them to the
// English vocabulary, and writes words.h (the enum) and words.c (the tables src/text/words.c reads).
//
//   words HEADER SOURCE en.txt id.txt ...        the languages in enum text_lang's order
//
// A line is `key = text`; '#' begins a comment line, [name] a section, both for the reader only. The text is an ICU
// MessageFormat pattern of this subset: plain words; {0} and {1}; one {0, plural, =0{..} one{..} other{..}} with '#'
// for the number. Each text becomes up to nine finished forms (exactly 0, 1, 2; zero one two few many other) in which
// the byte 1 stands for the number, 2 for {0} and 3 for {1}, so that writing one needs no pattern parser.
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unicode/umsg.h>
#include <unicode/upluralrules.h>
#include <unicode/ustring.h>

enum { LANGS = 9, WORDS_MAX = 2400, KEY_MAX = 64, FORM_MAX = 600, LINE_MAX_BYTES = 4096, FORMS = 9 };
enum { USES_NUMBER = 1, USES_0 = 2, USES_1 = 4 };

static const char *const codes[LANGS] = {"en", "id", "ar", "zh", "ja", "fr", "de", "es", "nl"};
static const char *const selectors[FORMS] = {"=0", "=1", "=2", "zero", "one", "two", "few", "many", "other"};

struct word {
    char key[KEY_MAX];
    unsigned line;
    unsigned uses;
    bool has[FORMS];
    char form[FORMS][FORM_MAX];
};

struct place {
    const char *file;
    unsigned line;
};

static struct word words[LANGS][WORDS_MAX]; // [0] in file order; the others at English's index
static unsigned word_count;
static unsigned errors;

static void complain(struct place at, const char *what, const char *detail) {
    fprintf(stderr, "%s:%u: error: %s%s%s\n", at.file, at.line, what, detail[0] != '\0' ? ": " : "", detail);
    errors++;
}

// ---- one pattern ---------------------------------------------------------------------------------------------------

// Where the text is read into: all nine forms at once outside of a plural, one of them inside.
struct reader {
    struct place at;
    const char *p;
    struct word *w;
    int only; // the form inside a plural's branch, -1 outside
};

static bool put(struct reader *r, char c) {
    for (int i = 0; i < FORMS; i++) {
        size_t n = strlen(r->w->form[i]);
        if (r->only >= 0 && r->only != i)
            continue;
        if (n + 1 >= FORM_MAX)
            return complain(r->at, "text too long", r->w->key), false;
        r->w->form[i][n] = c;
        r->w->form[i][n + 1] = '\0';
    }
    return true;
}

static void skip_space(struct reader *r) {
    while (*r->p == ' ')
        r->p++;
}

static bool read_text(struct reader *r);

// One branch: `one {# vote}`. The form must not have been given before.
static bool read_branch(struct reader *r) {
    size_t n = strcspn(r->p, " {}");
    int form = -1;
    for (int i = 0; i < FORMS; i++)
        if (strlen(selectors[i]) == n && strncmp(selectors[i], r->p, n) == 0)
            form = i;
    if (form < 0 || r->w->has[form])
        return complain(r->at, "unknown or repeated plural branch", r->w->key), false;
    r->p += n;
    skip_space(r);
    if (*r->p != '{')
        return complain(r->at, "a plural branch needs {text}", r->w->key), false;
    r->p++;
    r->w->has[form] = true;
    r->only = form;
    bool ok = read_text(r);
    r->only = -1;
    if (!ok || *r->p != '}')
        return ok ? (complain(r->at, "a plural branch is not closed", r->w->key), false) : false;
    r->p++;
    return true;
}

static bool read_plural(struct reader *r) {
    if (r->only >= 0 || (r->w->uses & USES_NUMBER) != 0)
        return complain(r->at, "one plural per text, not inside another", r->w->key), false;
    r->w->uses |= USES_NUMBER;
    for (skip_space(r); *r->p != '}'; skip_space(r))
        if (!read_branch(r))
            return false;
    r->p++;
    return true;
}

// Behind '{'.
static bool read_argument(struct reader *r) {
    skip_space(r);
    char digit = *r->p;
    if (digit != '0' && digit != '1')
        return complain(r->at, "only {0} and {1} are known", r->w->key), false;
    r->p++;
    skip_space(r);
    if (*r->p == '}') {
        r->p++;
        r->w->uses |= digit == '0' ? USES_0 : USES_1;
        return put(r, digit == '0' ? 2 : 3);
    }
    static const char plural[] = "plural,";
    if (digit != '0' || *r->p != ',')
        return complain(r->at, "an argument is {0}, {1} or {0, plural, ...}", r->w->key), false;
    r->p++;
    skip_space(r);
    if (strncmp(r->p, plural, sizeof plural - 1) != 0)
        return complain(r->at, "only plural is known", r->w->key), false;
    r->p += sizeof plural - 1;
    return read_plural(r);
}

// ICU's rule: two apostrophes are one; one before { } or (in a plural) # opens a quotation; else it is itself.
static bool read_quote(struct reader *r) {
    r->p++;
    if (*r->p == '\'')
        return r->p++, put(r, '\'');
    if (*r->p != '{' && *r->p != '}' && !(*r->p == '#' && r->only >= 0))
        return put(r, '\'');
    while (*r->p != '\0') {
        if (*r->p == '\'' && r->p[1] != '\'')
            return r->p++, true;
        if (*r->p == '\'')
            r->p++;
        if (!put(r, *r->p++))
            return false;
    }
    return true;
}

// Until the end, or in a plural until its '}'.
static bool read_text(struct reader *r) {
    while (*r->p != '\0') {
        char c = *r->p;
        if (c == '}')
            return r->only >= 0 ? true : (complain(r->at, "a '}' too many", r->w->key), false);
        if ((unsigned char)c < 32)
            return complain(r->at, "a control character", r->w->key), false;
        bool ok = true;
        if (c == '\'') {
            ok = read_quote(r);
        } else {
            r->p++;
            if (c == '{')
                ok = read_argument(r);
            else
                ok = put(r, c == '#' && r->only >= 0 ? 1 : c);
        }
        if (!ok)
            return false;
    }
    return true;
}

static bool icu_agrees(struct place at, const char *code, const char *pattern) {
    UChar wide[LINE_MAX_BYTES];
    int32_t n = 0;
    UErrorCode e = U_ZERO_ERROR;
    u_strFromUTF8(wide, LINE_MAX_BYTES, &n, pattern, -1, &e);
    if (U_FAILURE(e))
        return complain(at, "not UTF-8", u_errorName(e)), false;
    UMessageFormat *f = umsg_open(wide, n, code, NULL, &e);
    umsg_close(f);
    if (U_FAILURE(e))
        return complain(at, "not an ICU message pattern", u_errorName(e)), false;
    return true;
}

// Every category CLDR lists for the language must have its branch, and no other may be there.
static void check_categories(struct place at, const char *code, const struct word *w) {
    UErrorCode e = U_ZERO_ERROR;
    UPluralRules *rules = uplrules_open(code, &e);
    UEnumeration *all = uplrules_getKeywords(rules, &e);
    bool needed[FORMS] = {false};
    for (const char *k = uenum_next(all, NULL, &e); U_SUCCESS(e) && k != NULL; k = uenum_next(all, NULL, &e))
        for (int i = 3; i < FORMS; i++)
            needed[i] |= strcmp(selectors[i], k) == 0;
    for (int i = 3; i < FORMS; i++)
        if (needed[i] != w->has[i])
            complain(at, needed[i] ? "the plural lacks a branch" : "the language has no such plural branch",
                     selectors[i]);
    uenum_close(all);
    uplrules_close(rules);
    if (U_FAILURE(e))
        complain(at, "no plural rules", u_errorName(e));
}

static void compile(struct place at, const char *code, const char *pattern, struct word *w) {
    struct reader r = {.at = at, .p = pattern, .w = w, .only = -1};
    if (!icu_agrees(at, code, pattern))
        return;
    if (!read_text(&r))
        return;
    if ((w->uses & USES_NUMBER) == 0) {
        w->has[FORMS - 1] = true;
        return;
    }
    if ((w->uses & USES_0) != 0)
        complain(at, "a plural's number is '#', not {0}", w->key);
    check_categories(at, code, w);
}

// ---- files
// -----------------------------------------------------------------------------------------------------------

static int find_key(const char *key) {
    for (unsigned i = 0; i < word_count; i++)
        if (strcmp(words[0][i].key, key) == 0)
            return (int)i;
    return -1;
}

static struct word *place_word(struct place at, int lang, const char *key) {
    int i = find_key(key);
    if (lang == 0 && i < 0) {
        if (word_count == WORDS_MAX)
            return complain(at, "too many words", key), NULL;
        i = (int)word_count++;
    }
    if (i < 0)
        return complain(at, "a key English does not have", key), NULL;
    if (words[lang][i].line != 0)
        return complain(at, "the key stands here twice", key), NULL;
    snprintf(words[lang][i].key, KEY_MAX, "%s", key);
    words[lang][i].line = at.line;
    return &words[lang][i];
}

static char *trim(char *s) {
    s += strspn(s, " \t");
    size_t n = strlen(s);
    while (n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL)
        s[--n] = '\0';
    return s;
}

static void read_line(struct place at, int lang, char *line) {
    line = trim(line);
    if (line[0] == '\0' || line[0] == '#' || line[0] == '[')
        return;
    char *equals = strchr(line, '=');
    if (equals == NULL) {
        complain(at, "not `key = text`", line);
        return;
    }
    *equals = '\0';
    char *key = trim(line);
    char *text = trim(equals + 1);
    if (key[0] < 'a' || key[0] > 'z' || strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(key) ||
        strlen(key) >= KEY_MAX) {
        complain(at, "a key is small letters, digits and _", key);
        return;
    }
    if (text[0] == '\0') {
        complain(at, "no text", key);
        return;
    }
    struct word *w = place_word(at, lang, key);
    if (w != NULL)
        compile(at, codes[lang], text, w);
}

static void read_language(int lang, const char *path) {
    static char line[LINE_MAX_BYTES];
    struct place at = {.file = path, .line = 0};
    FILE *f = fopen(path, "re");
    if (f == NULL) {
        complain(at, "cannot open", strerror(errno));
        return;
    }
    while (fgets(line, sizeof line, f) != NULL) {
        at.line++;
        if (strlen(line) == sizeof line - 1)
            complain(at, "line too long", "");
        read_line(at, lang, line);
    }
    fclose(f);
    at.line++;
    for (unsigned i = 0; i < word_count; i++) {
        struct word *w = &words[lang][i];
        if (w->line == 0)
            complain(at, "missing key", words[0][i].key);
        else if (w->uses != words[0][i].uses)
            complain((struct place){path, w->line}, "arguments differ from English's", w->key);
    }
}

// ---- output
// ----------------------------------------------------------------------------------------------------------

static void write_header(FILE *f) {
    fprintf(f, "// Made by tools/words from i18n/*.txt.\n#ifndef WORDS_H\n#define WORDS_H\n\nenum text_word {\n");
    for (unsigned i = 0; i < word_count; i++) {
        fprintf(f, "    W_");
        for (const char *c = words[0][i].key; *c != '\0'; c++)
            fputc(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c, f);
        fprintf(f, ",\n");
    }
    fprintf(f, "    W_COUNT\n};\n\n#endif\n");
}

static void write_form(FILE *f, const char *form) {
    fprintf(f, "{\"");
    for (const char *c = form; *c != '\0'; c++) {
        unsigned char byte = (unsigned char)*c;
        if (byte < 32 || byte > 126 || byte == '"' || byte == '\\' || byte == '?')
            fprintf(f, "\\%03o", (unsigned)byte);
        else
            fputc(byte, f);
    }
    fprintf(f, "\", %zu}", strlen(form));
}

static void write_source(FILE *f) {
    fprintf(f, "// Made by tools/words from i18n/*.txt.\n#include \"text/word_table.h\"\n\n");
    fprintf(f, "const struct str word_keys[W_COUNT] = {\n");
    for (unsigned i = 0; i < word_count; i++)
        fprintf(f, "    {\"%s\", %zu},\n", words[0][i].key, strlen(words[0][i].key));
    fprintf(f, "};\n\nconst struct word_row word_rows[LANG_COUNT][W_COUNT] = {\n");
    for (int lang = 0; lang < LANGS; lang++) {
        fprintf(f, "    {\n");
        for (unsigned i = 0; i < word_count; i++) {
            const struct word *w = &words[lang][i];
            fprintf(f, "        {.uses = %u, .forms = {", w->uses);
            for (int k = 0; k < FORMS; k++) {
                if (!w->has[k])
                    continue;
                fprintf(f, "[%d] = ", k);
                write_form(f, w->form[k]);
                fprintf(f, ", ");
            }
            fprintf(f, "}},\n");
        }
        fprintf(f, "    },\n");
    }
    fprintf(f, "};\n");
}

static bool write_file(const char *path, void (*write)(FILE *f)) {
    FILE *f = fopen(path, "we");
    if (f == NULL)
        return fprintf(stderr, "%s: %s\n", path, strerror(errno)), false;
    write(f);
    return fclose(f) == 0;
}

int main(int argc, char **argv) {
    if (argc != 3 + LANGS)
        return fprintf(stderr, "usage: words HEADER SOURCE en.txt id.txt ar.txt ...\n"), 2;
    for (int lang = 0; lang < LANGS; lang++)
        read_language(lang, argv[3 + lang]);
    if (errors > 0)
        return fprintf(stderr, "words: %u errors\n", errors), 1;
    return write_file(argv[1], write_header) && write_file(argv[2], write_source) ? 0 : 1;
}
