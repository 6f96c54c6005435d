// SPDX-License-Identifier: AGPL-3.0-or-later
// Follows the HTML of a template byte by byte, with the states of the WHATWG tokenizer that matter to us, and tells
// what a hole there must be escaped for. Whatever browsers read in a way a template's writer would not expect is
// refused instead of followed: a place we are not sure of can then hold no hole.
#include "tmplc.h"

#include <string.h>

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool in_list(const char *word, const char *const *list) {
    for (; *list != NULL; list++) {
        if (strcmp(word, *list) == 0) {
            return true;
        }
    }
    return false;
}

// Adds to one of the place's words; false when it is full.
static bool word_add(char *word, size_t room, char c) {
    size_t n = strlen(word);
    if (n + 1 >= room) {
        return false;
    }
    word[n] = lower(c);
    return true;
}

#define WORD_CLEAR(word) memset((word), 0, sizeof(word))
#define WORD_ADD(word, c) word_add((word), sizeof(word), (c))

static bool is_url_attr(const char *name) {
    static const char *const list[] = {"href",     "src",  "action", "poster",     "cite",   "formaction", "background",
                                       "longdesc", "ping", "data",   "xlink:href", "usemap", "manifest",   NULL};
    return in_list(name, list);
}

static bool is_srcset_attr(const char *name) {
    return strcmp(name, "srcset") == 0 || strcmp(name, "imagesrcset") == 0;
}

void place_init(struct place *p) {
    memset(p, 0, sizeof(*p));
}

// ---- elements ----------------------------------------------------------------------------------------------------

static void leave_tag(struct place *p, enum place_kind kind) {
    p->kind = kind;
    p->closing = p->json_type = p->has_src = false;
    p->url = URL_START;
    p->quote = 0;
    WORD_CLEAR(p->attr);
    WORD_CLEAR(p->word);
    if (kind == PLACE_TEXT) {
        WORD_CLEAR(p->tag);
    }
}

static const char *tag_opened(struct place *p) {
    if (strcmp(p->tag, "pre") == 0 || strcmp(p->tag, "listing") == 0) {
        p->pre++;
    } else if (strcmp(p->tag, "title") == 0 || strcmp(p->tag, "textarea") == 0) {
        leave_tag(p, PLACE_RCDATA);
        return NULL;
    } else if (strcmp(p->tag, "script") == 0) {
        if (!p->json_type && !p->has_src) {
            return "a <script> must have a src or be type=\"application/ld+json\": the site's policy blocks others";
        }
        leave_tag(p, p->json_type ? PLACE_ISLAND : PLACE_NOTHING);
        return NULL;
    }
    leave_tag(p, PLACE_TEXT);
    return NULL;
}

static const char *tag_done(struct place *p) {
    if (!p->closing) {
        return tag_opened(p);
    }
    if ((strcmp(p->tag, "pre") == 0 || strcmp(p->tag, "listing") == 0) && p->pre > 0) {
        p->pre--;
    }
    leave_tag(p, PLACE_TEXT);
    return NULL;
}

// Elements whose content browsers read by rules of their own, or that can make any attribute an address.
static const char *name_done(const struct place *p) {
    static const char *const refused[] = {"style",
                                          "noscript",
                                          "xmp",
                                          "plaintext",
                                          "noembed",
                                          "noframes",
                                          "iframe",
                                          "object",
                                          "embed",
                                          "applet",
                                          "base",
                                          "frame",
                                          "frameset",
                                          "param",
                                          "set",
                                          "animate",
                                          "animatetransform",
                                          "animatemotion",
                                          "math",
                                          "foreignobject",
                                          "template",
                                          NULL};
    return in_list(p->tag, refused) ? "this element is not for templates (see docs/templates.md)" : NULL;
}

static const char *step_name(struct place *p, char c) {
    if (!is_space(c) && c != '/' && c != '>') {
        bool good = is_letter(c) || is_digit(c) || c == '-';
        return good && WORD_ADD(p->tag, c) ? NULL : "a strange tag name";
    }
    const char *error = name_done(p);
    if (error != NULL) {
        return error;
    }
    p->kind = c == '/' ? PLACE_SELF_CLOSE : PLACE_BEFORE_ATTR;
    return c == '>' ? tag_done(p) : NULL;
}

// ---- attributes --------------------------------------------------------------------------------------------------

static const char *step_in_tag(struct place *p, char c);

static const char *attr_name_done(struct place *p) {
    if (strncmp(p->attr, "on", 2) == 0) {
        return "on... attributes are blocked by the site's policy";
    }
    if (strcmp(p->attr, "style") == 0 || strcmp(p->attr, "srcdoc") == 0 || strcmp(p->attr, "http-equiv") == 0) {
        return "style, srcdoc and http-equiv are not for templates";
    }
    if (strcmp(p->tag, "script") == 0 && strcmp(p->attr, "src") == 0) {
        p->has_src = true;
    }
    return p->closing ? "an end tag has no attributes" : NULL;
}

static const char *step_attr_name(struct place *p, char c) {
    if (is_letter(c) || is_digit(c) || c == '-' || c == ':' || c == '_' || c == '.') {
        return WORD_ADD(p->attr, c) ? NULL : "too long an attribute name";
    }
    if (c != '=' && c != '/' && c != '>' && !is_space(c)) {
        return "a strange character in an attribute's name";
    }
    const char *error = attr_name_done(p);
    if (error != NULL) {
        return error;
    }
    if (c == '=') {
        p->kind = PLACE_BEFORE_VALUE;
        return NULL;
    }
    p->kind = PLACE_AFTER_ATTR;
    return is_space(c) ? NULL : step_in_tag(p, c);
}

// Between attributes: white space, the end of the tag, or the beginning of the next name.
static const char *step_in_tag(struct place *p, char c) {
    if (is_space(c)) {
        p->kind = PLACE_BEFORE_ATTR;
        return NULL;
    }
    WORD_CLEAR(p->attr);
    if (c == '>') {
        return tag_done(p);
    }
    if (c == '/') {
        p->kind = PLACE_SELF_CLOSE;
        return NULL;
    }
    if (p->kind == PLACE_JOINT || p->kind == PLACE_AFTER_QUOTED) {
        return "white space must stand here, before the next attribute";
    }
    p->kind = PLACE_ATTR_NAME;
    return is_letter(c) ? step_attr_name(p, c) : "a strange character where an attribute's name begins";
}

static const char *step_after_attr(struct place *p, char c) {
    if (is_space(c)) {
        return NULL;
    }
    if (c == '=') {
        p->kind = PLACE_BEFORE_VALUE;
        return NULL;
    }
    return step_in_tag(p, c);
}

static const char *scheme_done(struct place *p) {
    static const char *const known[] = {"http", "https", "mailto", "tel", NULL};
    if (!in_list(p->word, known)) {
        return "only http, https, mailto and tel addresses";
    }
    WORD_CLEAR(p->word);
    p->url = URL_PATH;
    return NULL;
}

static const char *step_url(struct place *p, char c) {
    bool scheme_letter = is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
    if (p->url == URL_START || p->url == URL_SCHEME) {
        if (scheme_letter) {
            p->url = URL_SCHEME;
            return WORD_ADD(p->word, c) ? NULL : "too long a word at the start of an address: begin it with / or ./";
        }
        if (c == ':') {
            return scheme_done(p);
        }
        if ((unsigned char)c <= ' ' || c == '&') {
            return "an address begins with no space or &";
        }
        WORD_CLEAR(p->word);
        p->url = URL_PATH;
    } else if (p->url == URL_HOLE && c != '/' && c != '?' && c != '#' && c != '&') {
        return "behind a hole in an address only / ? # or & may follow";
    } else if (p->url == URL_HOLE) {
        p->url = URL_PATH;
    }
    if (c == '?' || c == '#') {
        p->url = URL_QUERY;
    }
    return NULL;
}

static bool is_script_type(const struct place *p) {
    return strcmp(p->tag, "script") == 0 && strcmp(p->attr, "type") == 0;
}

static const char *value_done(struct place *p, enum place_kind kind) {
    if (is_script_type(p)) {
        if (strcmp(p->word, "application/ld+json") != 0) {
            return "the only type of <script> is application/ld+json";
        }
        p->json_type = true;
    }
    p->kind = kind;
    p->url = URL_START;
    p->quote = 0;
    WORD_CLEAR(p->attr);
    WORD_CLEAR(p->word);
    return NULL;
}

static const char *step_value(struct place *p, char c) {
    if (p->kind == PLACE_QUOTED ? c == p->quote : is_space(c) || c == '>') {
        const char *error = value_done(p, p->kind == PLACE_QUOTED ? PLACE_AFTER_QUOTED : PLACE_BEFORE_ATTR);
        return error != NULL || c != '>' || p->kind == PLACE_AFTER_QUOTED ? error : tag_done(p);
    }
    if (p->kind == PLACE_UNQUOTED && strchr("\"'<=`", c) != NULL) {
        return "this attribute's value needs quotes";
    }
    if (is_script_type(p)) {
        return WORD_ADD(p->word, c) ? NULL : "the only type of <script> is application/ld+json";
    }
    return is_url_attr(p->attr) ? step_url(p, c) : NULL;
}

static const char *step_before_value(struct place *p, char c) {
    if (is_space(c)) {
        return NULL;
    }
    if (c == '>') {
        return "an attribute without its value";
    }
    if (c == '"' || c == '\'') {
        p->kind = PLACE_QUOTED;
        p->quote = c;
        return NULL;
    }
    p->kind = PLACE_UNQUOTED;
    return step_value(p, c);
}

// ---- declarations, comments and contents of their own ------------------------------------------------------------

static const char *step_markup(struct place *p, char c) {
    if (!WORD_ADD(p->word, c)) {
        return "only <!doctype> and comments begin with <!";
    }
    if (strcmp(p->word, "--") == 0) {
        p->kind = PLACE_COMMENT;
        p->dashes = 2; // as browsers do: <!--> is already closed
        WORD_CLEAR(p->word);
    } else if (strcmp(p->word, "doctype") == 0) {
        p->kind = PLACE_DOCTYPE;
        WORD_CLEAR(p->word);
    } else if (strncmp("--", p->word, strlen(p->word)) != 0 && strncmp("doctype", p->word, strlen(p->word)) != 0) {
        return "only <!doctype> and comments begin with <!";
    }
    return NULL;
}

static const char *step_comment(struct place *p, char c) {
    if (c == '>' && p->dashes >= 2) {
        p->dashes = 0;
        p->kind = PLACE_TEXT;
    } else if (c == '!' && p->dashes >= 2) {
        return "--! in a comment";
    } else {
        p->dashes = c != '-' ? 0 : p->dashes >= 2 ? 2 : p->dashes + 1;
    }
    return NULL;
}

static const char *step_leaving(struct place *p, char c) {
    char wanted[sizeof(p->tag) + 1] = "/";
    memcpy(wanted + 1, p->tag, sizeof(p->tag));
    size_t n = strlen(p->word);
    if (n < strlen(wanted)) {
        return lower(c) == wanted[n] && WORD_ADD(p->word, c) ? NULL
                                                             : "a < inside this element: only its end tag may follow";
    }
    if (!is_space(c) && c != '>') {
        return "a < inside this element: only its end tag may follow";
    }
    WORD_CLEAR(p->word);
    p->inside = PLACE_TEXT;
    p->closing = true;
    p->kind = PLACE_BEFORE_ATTR;
    return c == '>' ? tag_done(p) : NULL;
}

static const char *step_content(struct place *p, char c) {
    if (c == '<') {
        if (p->in_string) {
            return "a < in a JSON string: write \\u003c";
        }
        p->inside = p->kind;
        p->kind = PLACE_LEAVING;
        return NULL;
    }
    if (p->kind == PLACE_NOTHING) {
        return is_space(c) ? NULL : "nothing stands in a <script src>";
    }
    if (p->kind == PLACE_ISLAND) {
        if (p->string_escape) {
            p->string_escape = false;
        } else if (c == '"') {
            p->in_string = !p->in_string;
        } else if (c == '\\') {
            p->string_escape = p->in_string;
        }
    }
    return NULL;
}

// ---- a byte, a statement, a hole -----------------------------------------------------------------------------------

static const char *step_open(struct place *p, char c) {
    if (is_letter(c)) {
        p->kind = PLACE_TAG_NAME;
        return step_name(p, c);
    }
    if (c == '/' && p->kind == PLACE_TAG_OPEN) {
        p->kind = PLACE_END_OPEN;
        p->closing = true;
        return NULL;
    }
    if (c == '!' && p->kind == PLACE_TAG_OPEN) {
        p->kind = PLACE_MARKUP;
        return NULL;
    }
    return "a < that begins no tag: write &lt;";
}

const char *place_step(struct place *p, char c) {
    if (c == '\0') {
        return "a NUL byte";
    }
    switch (p->kind) {
    case PLACE_TEXT:
        p->kind = c == '<' ? PLACE_TAG_OPEN : PLACE_TEXT;
        return NULL;
    case PLACE_TAG_OPEN:
    case PLACE_END_OPEN:
        return step_open(p, c);
    case PLACE_TAG_NAME:
        return step_name(p, c);
    case PLACE_BEFORE_ATTR:
    case PLACE_AFTER_QUOTED:
    case PLACE_JOINT:
        return step_in_tag(p, c);
    case PLACE_ATTR_NAME:
        return step_attr_name(p, c);
    case PLACE_AFTER_ATTR:
        return step_after_attr(p, c);
    case PLACE_BEFORE_VALUE:
        return step_before_value(p, c);
    case PLACE_QUOTED:
    case PLACE_UNQUOTED:
        return step_value(p, c);
    case PLACE_SELF_CLOSE:
        return c == '>' ? tag_done(p) : "a / inside a tag";
    case PLACE_MARKUP:
        return step_markup(p, c);
    case PLACE_DOCTYPE:
        p->kind = c == '>' ? PLACE_TEXT : PLACE_DOCTYPE;
        return NULL;
    case PLACE_COMMENT:
        return step_comment(p, c);
    case PLACE_LEAVING:
        return step_leaving(p, c);
    case PLACE_RCDATA:
    case PLACE_ISLAND:
    case PLACE_NOTHING:
        return step_content(p, c);
    }
    return "a place the compiler does not know";
}

const char *place_statement(struct place *p) {
    const char *error = NULL;
    switch (p->kind) {
    case PLACE_TEXT:
    case PLACE_RCDATA:
    case PLACE_ISLAND:
    case PLACE_QUOTED:
    case PLACE_JOINT:
    case PLACE_BEFORE_ATTR:
        break;
    case PLACE_AFTER_ATTR:
        WORD_CLEAR(p->attr);
        p->kind = PLACE_BEFORE_ATTR; // a = behind the statement is then refused
        break;
    case PLACE_TAG_NAME:
        error = name_done(p);
        p->kind = PLACE_JOINT;
        break;
    case PLACE_ATTR_NAME:
        error = attr_name_done(p);
        WORD_CLEAR(p->attr);
        p->kind = PLACE_JOINT;
        break;
    case PLACE_AFTER_QUOTED:
        p->kind = PLACE_JOINT;
        break;
    default:
        error = "a statement may not stand in this place of the HTML";
    }
    return error;
}

const char *place_join(struct place *into, const struct place *other) {
    struct place copy = *other;
    const char *error = place_statement(into);
    error = error != NULL ? error : place_statement(&copy);
    if (error != NULL) {
        return error;
    }
    // Inside a tag "behind white space" and "right behind a value" differ only in what may follow.
    bool loose = (into->kind == PLACE_JOINT || into->kind == PLACE_BEFORE_ATTR) &&
                 (copy.kind == PLACE_JOINT || copy.kind == PLACE_BEFORE_ATTR);
    if (loose && into->kind != copy.kind) {
        into->kind = copy.kind = PLACE_JOINT;
    }
    return memcmp(into, &copy, sizeof(copy)) == 0 ? NULL
                                                  : "the HTML is in another kind of place here than at the start";
}

bool place_keeps_space(const struct place *p) {
    bool in_value = p->kind == PLACE_QUOTED || p->kind == PLACE_UNQUOTED || p->kind == PLACE_COMMENT;
    return p->pre > 0 || in_value || (p->kind == PLACE_RCDATA && strcmp(p->tag, "textarea") == 0);
}

static const char *url_hole(struct place *p, enum hole_kind *out) {
    switch (p->url) {
    case URL_START:
        *out = HOLE_URL;
        p->url = URL_HOLE;
        return NULL;
    case URL_SCHEME:
        return "an address with a hole must begin with / ? # or the hole";
    case URL_QUERY:
        *out = HOLE_URL_QUERY;
        return NULL;
    case URL_PATH:
    case URL_HOLE:
        *out = HOLE_URL_PART;
        return NULL;
    }
    return "a hole may not stand here";
}

static const char *attr_hole(struct place *p, enum hole_kind *out) {
    if (strcmp(p->tag, "script") == 0) {
        *out = HOLE_SCRIPT;
        bool whole = strcmp(p->attr, "src") == 0 && p->url == URL_START;
        p->url = URL_HOLE;
        return whole ? NULL : "no hole in an attribute of <script>, but as its whole src";
    }
    if (is_srcset_attr(p->attr)) {
        *out = HOLE_SRCSET;
        return NULL;
    }
    if (is_url_attr(p->attr)) {
        return url_hole(p, out);
    }
    *out = HOLE_ATTR;
    return NULL;
}

const char *place_hole(struct place *p, enum hole_kind *out) {
    switch (p->kind) {
    case PLACE_TEXT:
        *out = HOLE_TEXT;
        return NULL;
    case PLACE_RCDATA:
        *out = HOLE_RCDATA;
        return NULL;
    case PLACE_ISLAND:
        *out = HOLE_JSON;
        return p->in_string ? "a hole in a JSON string: it brings its own quotes" : NULL;
    case PLACE_QUOTED:
        return attr_hole(p, out);
    case PLACE_BEFORE_VALUE:
    case PLACE_UNQUOTED:
        return "a hole in an attribute needs quotes around it";
    case PLACE_TAG_OPEN:
    case PLACE_END_OPEN:
    case PLACE_TAG_NAME:
        return "a hole cannot be part of a tag's name";
    case PLACE_COMMENT:
        return "no hole in a comment";
    default:
        return "a hole cannot be part of an attribute's name or stand between attributes";
    }
}
