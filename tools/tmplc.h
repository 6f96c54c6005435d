// SPDX-License-Identifier: AGPL-3.0-or-later
// Private header of the compiler of templates (docs/templates.md). Four files: tmplc_lex.c cuts a template into text
// and {{tags}}; tmplc_place.c follows the HTML and knows in what kind of place a byte stands; tmplc_emit.c writes C;
// tmplc.c reads the tags, asks the place what is allowed there, and has it written.
#ifndef TOOLS_TMPLC_H
#define TOOLS_TMPLC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

// ---- text and tags ---------------------------------------------------------------------------------------------

enum token_kind { TOKEN_TEXT, TOKEN_TAG, TOKEN_COMMENT, TOKEN_END };
struct token {
    enum token_kind kind;
    const char *p; // of a tag: what stands between the braces, trimmed
    size_t n;
    unsigned line;
    // A statement alone on its line takes the line with it: so many bytes of this text's start and end belong to it.
    size_t head, tail;
};
// Cuts source[0..n) up; *error_out and *line_out say what is wrong when it returns NULL. Owned, ends with TOKEN_END.
struct token *lex_template(const char *source, size_t n, const char **error_out, unsigned *line_out);
// The next word of a tag, split at white space; false at the end.
bool lex_word(const char **p, const char *end, const char **word, size_t *length);
bool lex_is(const char *p, size_t n, const char *word);

// ---- where in the HTML ---------------------------------------------------------------------------------------------

enum place_kind {
    PLACE_TEXT,
    PLACE_TAG_OPEN, // behind <
    PLACE_END_OPEN, // behind </
    PLACE_TAG_NAME,
    PLACE_BEFORE_ATTR,
    PLACE_ATTR_NAME,
    PLACE_AFTER_ATTR, // white space behind an attribute's name
    PLACE_BEFORE_VALUE,
    PLACE_QUOTED,
    PLACE_UNQUOTED,
    PLACE_AFTER_QUOTED,
    PLACE_JOINT, // inside a tag where branches met: only white space, / or > may follow
    PLACE_SELF_CLOSE,
    PLACE_MARKUP, // behind <!
    PLACE_DOCTYPE,
    PLACE_COMMENT,
    PLACE_RCDATA,  // in <title> and <textarea>
    PLACE_ISLAND,  // in <script type="application/ld+json">
    PLACE_NOTHING, // in a <script src>: only white space
    PLACE_LEAVING, // matching the end tag of one of the three above
};
enum url_part {
    URL_START,  // nothing of the address yet
    URL_SCHEME, // letters that may become a scheme
    URL_PATH,
    URL_HOLE,  // right behind a hole: what it holds is unknown
    URL_QUERY, // behind ? or #
};
struct place {
    enum place_kind kind;
    enum place_kind inside; // the content kind that PLACE_LEAVING would leave
    bool closing;
    bool json_type, has_src;       // of a <script>
    bool in_string, string_escape; // in an island
    char quote;
    unsigned dashes;
    unsigned pre; // open <pre>
    enum url_part url;
    char tag[24];
    char attr[32];
    char word[32]; // being matched: a doctype, an end tag, a scheme, the type of a script
};
// All bytes of a place are zero unless they mean something, so that two places are equal when their bytes are.
void place_init(struct place *p);
// Moves over one byte. NULL, or what is wrong with it there.
const char *place_step(struct place *p, char c);
// A statement ({{if}}, {{for}}, {{end}}, ...) stands here. NULL, or why it may not.
const char *place_statement(struct place *p);
// Both ways lead to the same kind of place: *into becomes it. NULL, or why not.
const char *place_join(struct place *into, const struct place *other);
bool place_keeps_space(const struct place *p);

enum hole_kind {
    HOLE_TEXT,
    HOLE_RCDATA,
    HOLE_ATTR,
    HOLE_URL,       // the whole address
    HOLE_URL_PART,  // a number inside an address
    HOLE_URL_QUERY, // behind ? or #
    HOLE_SRCSET,
    HOLE_SCRIPT, // a script's whole src: of one that the program carries itself
    HOLE_JSON,
};
// A hole stands here; tells how to escape it and moves on. NULL, or why it may not stand here.
const char *place_hole(struct place *p, enum hole_kind *out);

// ---- writing C
// -------------------------------------------------------------------------------------------------------

enum { EMIT_NAMES_MAX = 16 };
struct emit {
    FILE *out;
    const char *file; // for #line
    char *literal;    // template text not yet written
    size_t literal_n, literal_cap;
    unsigned literal_line;
    struct {
        char name[48];
        unsigned number; // 0: the view
    } names[EMIT_NAMES_MAX];
    size_t name_count;
    unsigned loops; // made so far
};
void emit_literal(struct emit *e, char c, unsigned line);
void emit_flush(struct emit *e);
void emit_line(struct emit *e, unsigned line); // #line; flushes
// A path such as "card.lead.headline" as a C expression, into `out`. NULL, or what is wrong with it.
const char *emit_path(struct emit *e, const char *path, size_t n, char *out, size_t room);
const char *emit_hole(struct emit *e, enum hole_kind kind, const char *path, size_t n, unsigned line);
const char *emit_word(struct emit *e, enum hole_kind kind, const char *key, size_t n, unsigned line);
const char *emit_spot(struct emit *e, const char *path, size_t n, unsigned line);
const char *emit_include(struct emit *e, const char *function, const char *path, size_t n, unsigned line);
const char *emit_if(struct emit *e, bool chained, bool negated, const char *path, size_t n, unsigned line);
void emit_else(struct emit *e, unsigned line);
void emit_end(struct emit *e, unsigned line);
const char *emit_for(struct emit *e, const char *name, size_t name_n, const char *path, size_t n, unsigned line);
void emit_for_end(struct emit *e, unsigned line);
// "site/front-page.html" as "tmpl_site_front_page"; false when the name cannot be one.
bool emit_function_name(const char *relative, char *out, size_t room);

#endif
