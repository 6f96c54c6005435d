// SPDX-License-Identifier: AGPL-3.0-or-later
// Cleans HTML that people or the old site wrote. A browser's parser makes a tree of it; what stands on the allow-list
// is written back in one canonical form, the words of everything else stay, scripts and embedded things go whole.
//
// Places a node can stand in, and what they do to what stands in them:
//   FLOW    the body, blockquote       loose words get their own <p>; blocks stand side by side
//   MIXED   li, td, th, figure         words stand loose; paragraphs become lines
//   INLINE  p, headings, em, a, ...    words and inline elements only
//   PRE     like INLINE, white space kept
// A <p> or <div> is no element here but a boundary: a paragraph opens with its first word, so empty ones vanish.
//
// The pass is repeated until it changes nothing, which makes the result a fixed point by construction: cleaning it
// again gives it back, in one pass. Of a text that was not clean, nearly always the second pass is that proof.
#include <gumbo.h>

#include "text/html.h"

enum place { FLOW, MIXED, INLINE, PRE };
enum treatment { UNWRAP, DROP, BOUNDARY, INLINE_ELEMENT, BLOCK_ELEMENT, LIST, TABLE, VOID_ELEMENT };
enum { PASSES_MAX = 6 };

struct cleaner {
    struct arena *a;
    struct buf out;
    const GumboElement *paragraph; // whose lang and dir a paragraph opened now takes
    bool open;                     // a paragraph is open (FLOW)
    bool pending_break;            // a line end is due before the next words (MIXED, INLINE)
    bool in_link;
};

static void write_node(struct cleaner *c, const GumboNode *node, enum place place);

// ---- what each element is
// ------------------------------------------------------------------------------------------------

static enum treatment treatment_of(const GumboElement *e) {
    if (e->tag_namespace != GUMBO_NAMESPACE_HTML)
        return DROP;
    switch (e->tag) {
    case GUMBO_TAG_EM:
    case GUMBO_TAG_STRONG:
    case GUMBO_TAG_B:
    case GUMBO_TAG_I:
    case GUMBO_TAG_U:
    case GUMBO_TAG_S:
    case GUMBO_TAG_SUB:
    case GUMBO_TAG_SUP:
    case GUMBO_TAG_CODE:
    case GUMBO_TAG_Q:
    case GUMBO_TAG_CITE:
    case GUMBO_TAG_A:
    case GUMBO_TAG_ABBR:
    case GUMBO_TAG_TIME:
    case GUMBO_TAG_SPAN:
        return INLINE_ELEMENT;
    case GUMBO_TAG_H1:
    case GUMBO_TAG_H2:
    case GUMBO_TAG_H3:
    case GUMBO_TAG_H4:
    case GUMBO_TAG_H5:
    case GUMBO_TAG_H6:
    case GUMBO_TAG_BLOCKQUOTE:
    case GUMBO_TAG_PRE:
    case GUMBO_TAG_FIGURE:
        return BLOCK_ELEMENT;
    case GUMBO_TAG_UL:
    case GUMBO_TAG_OL:
        return LIST;
    case GUMBO_TAG_TABLE:
        return TABLE;
    case GUMBO_TAG_BR:
    case GUMBO_TAG_HR:
    case GUMBO_TAG_IMG:
        return VOID_ELEMENT;
    case GUMBO_TAG_P:
    case GUMBO_TAG_DIV:
    case GUMBO_TAG_SECTION:
    case GUMBO_TAG_ARTICLE:
    case GUMBO_TAG_ASIDE:
    case GUMBO_TAG_HEADER:
    case GUMBO_TAG_FOOTER:
    case GUMBO_TAG_NAV:
    case GUMBO_TAG_MAIN:
    case GUMBO_TAG_ADDRESS:
    case GUMBO_TAG_CENTER:
    case GUMBO_TAG_DL:
    case GUMBO_TAG_DT:
    case GUMBO_TAG_DD:
    case GUMBO_TAG_LI:
    case GUMBO_TAG_FIGCAPTION:
    case GUMBO_TAG_DETAILS:
    case GUMBO_TAG_SUMMARY:
    case GUMBO_TAG_FIELDSET:
    case GUMBO_TAG_FORM:
    case GUMBO_TAG_HGROUP:
    case GUMBO_TAG_CAPTION:
    case GUMBO_TAG_TR:
    case GUMBO_TAG_TD:
    case GUMBO_TAG_TH:
    case GUMBO_TAG_THEAD:
    case GUMBO_TAG_TBODY:
    case GUMBO_TAG_TFOOT:
        return BOUNDARY;
    case GUMBO_TAG_SCRIPT:
    case GUMBO_TAG_STYLE:
    case GUMBO_TAG_TEMPLATE:
    case GUMBO_TAG_IFRAME:
    case GUMBO_TAG_OBJECT:
    case GUMBO_TAG_EMBED:
    case GUMBO_TAG_APPLET:
    case GUMBO_TAG_NOSCRIPT:
    case GUMBO_TAG_NOFRAMES:
    case GUMBO_TAG_NOEMBED:
    case GUMBO_TAG_XMP:
    case GUMBO_TAG_PLAINTEXT:
    case GUMBO_TAG_TEXTAREA:
    case GUMBO_TAG_SELECT:
    case GUMBO_TAG_BUTTON:
    case GUMBO_TAG_TITLE:
    case GUMBO_TAG_AUDIO:
    case GUMBO_TAG_VIDEO:
    case GUMBO_TAG_CANVAS:
    case GUMBO_TAG_MATH:
    case GUMBO_TAG_SVG:
    case GUMBO_TAG_HEAD:
    case GUMBO_TAG_FRAMESET:
        return DROP;
    default:
        return UNWRAP;
    }
}

static const char *name_of(const GumboElement *e) {
    switch (e->tag) {
    case GUMBO_TAG_H1:
        return "h2";
    case GUMBO_TAG_H5:
    case GUMBO_TAG_H6:
        return "h4";
    case GUMBO_TAG_TFOOT:
        return "tbody";
    default:
        return gumbo_normalized_tagname(e->tag);
    }
}

static bool is_element(const GumboNode *node) {
    return node->type == GUMBO_NODE_ELEMENT; // templates have their own type, and go
}

static bool is_text(const GumboNode *node) {
    return node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE || node->type == GUMBO_NODE_CDATA;
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_blank(const char *s) {
    for (; *s != '\0'; s++) {
        if (s[0] == '\xc2' && s[1] == '\xa0')
            s++;
        else if (!is_space(*s) && (unsigned char)*s >= 32)
            return false;
    }
    return true;
}

static struct str attribute(const GumboElement *e, const char *name) {
    const GumboAttribute *found = gumbo_get_attribute(&e->attributes, name);
    return found != NULL ? str_from(found->value) : STR_NONE;
}

static struct str image_address(struct cleaner *c, const GumboElement *e) {
    return html_address(c->a, attribute(e, "src"), true);
}

// Words or an image a reader would see.
static bool has_content(struct cleaner *c, const GumboNode *node) {
    if (is_text(node))
        return !is_blank(node->v.text.text);
    if (!is_element(node) || treatment_of(&node->v.element) == DROP)
        return false;
    if (node->v.element.tag == GUMBO_TAG_IMG)
        return image_address(c, &node->v.element).n > 0;
    const GumboVector *children = &node->v.element.children;
    for (unsigned i = 0; i < children->length; i++)
        if (has_content(c, children->data[i]))
            return true;
    return false;
}

static bool has_block(const GumboNode *node) {
    if (!is_element(node))
        return false;
    enum treatment t = treatment_of(&node->v.element);
    if (t == DROP)
        return false;
    if (t == BOUNDARY || t == BLOCK_ELEMENT || t == LIST || t == TABLE || node->v.element.tag == GUMBO_TAG_HR)
        return true;
    const GumboVector *children = &node->v.element.children;
    for (unsigned i = 0; i < children->length; i++)
        if (has_block(children->data[i]))
            return true;
    return false;
}

// ---- writing
// ---------------------------------------------------------------------------------------------------------------

// As html_escape, but apostrophes stay: a body is half the size of its entities otherwise, and every value is quoted.
static void put_text(struct buf *b, struct str s) {
    for (size_t i = 0; i < s.n; i++) {
        char ch = s.p[i];
        if (ch == '&')
            buf_c(b, "&amp;");
        else if (ch == '<')
            buf_c(b, "&lt;");
        else if (ch == '>')
            buf_c(b, "&gt;");
        else if (ch == '"')
            buf_c(b, "&quot;");
        else if ((unsigned char)ch >= 32 || ch == '\n' || ch == '\t')
            buf_char(b, ch);
    }
}

static void put_attribute(struct buf *b, const char *name, struct str value) {
    buf_fmt(b, " %s=\"", name);
    for (size_t i = 0; i < value.n; i++)
        put_text(b, is_space(value.p[i]) ? STR(" ") : (struct str){value.p + i, 1});
    buf_char(b, '"');
}

static bool is_made_of(struct str s, size_t most, const char *also) {
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool known = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!known && (c == '\0' || strchr(also, c) == NULL))
            return false;
    }
    return s.n > 0 && s.n <= most;
}

static void put_direction(struct buf *b, const GumboElement *e) {
    struct str lang = attribute(e, "lang");
    struct str dir = attribute(e, "dir");
    if (is_made_of(lang, 35, "-"))
        put_attribute(b, "lang", lang);
    if (str_eq_nocase(dir, STR("rtl")))
        put_attribute(b, "dir", STR("rtl"));
    else if (str_eq_nocase(dir, STR("ltr")))
        put_attribute(b, "dir", STR("ltr"));
    else if (str_eq_nocase(dir, STR("auto")))
        put_attribute(b, "dir", STR("auto"));
}

static void put_size(struct buf *b, const GumboElement *e, const char *name) {
    uint64_t n = 0;
    if (str_to_u64(str_trim(attribute(e, name)), &n) && n > 0 && n < 20000)
        buf_fmt(b, " %s=\"%u\"", name, (unsigned)n);
}

// The line end that is due, or the paragraph that must be open, before words.
static void before_words(struct cleaner *c, enum place place) {
    if (place == FLOW && !c->open) {
        buf_c(&c->out, "<p");
        if (c->paragraph != NULL)
            put_direction(&c->out, c->paragraph);
        buf_char(&c->out, '>');
        c->open = true;
    } else if (place != FLOW && c->pending_break) {
        buf_c(&c->out, "<br>");
    }
    c->pending_break = false;
}

static void close_paragraph(struct cleaner *c) {
    if (!c->open)
        return;
    struct str tail = STR("<br>");
    for (;;) {
        if (c->out.n > 0 && c->out.p[c->out.n - 1] == ' ')
            c->out.n--;
        else if (str_ends(buf_view(&c->out), tail))
            c->out.n -= tail.n;
        else
            break;
    }
    buf_c(&c->out, "</p>\n");
    c->open = false;
}

static void write_children(struct cleaner *c, const GumboElement *e, enum place place) {
    for (unsigned i = 0; i < e->children.length; i++)
        write_node(c, e->children.data[i], place);
}

static void write_text(struct cleaner *c, const char *text, enum place place) {
    if (place == PRE) {
        put_text(&c->out, str_from(text));
        return;
    }
    bool waits = (place == FLOW && !c->open) || c->pending_break;
    if (waits && is_blank(text))
        return;
    if (waits)
        while (is_space(*text))
            text++;
    before_words(c, place);
    for (; *text != '\0'; text++) {
        bool doubled = c->out.n > 0 && (c->out.p[c->out.n - 1] == ' ' || c->out.p[c->out.n - 1] == '\n');
        if (!is_space(*text))
            put_text(&c->out, (struct str){text, 1});
        else if (!doubled)
            buf_char(&c->out, ' ');
    }
}

static void boundary(struct cleaner *c, enum place place, size_t start) {
    if (place == FLOW)
        close_paragraph(c);
    else if (place == PRE)
        buf_char(&c->out, '\n');
    else if (c->out.n > start && c->out.p[c->out.n - 1] != '>')
        c->pending_break = true;
}

static void write_boundary(struct cleaner *c, const GumboElement *e, enum place place) {
    const GumboElement *outer = c->paragraph;
    boundary(c, place, 0);
    c->paragraph = e->tag == GUMBO_TAG_P ? e : outer;
    write_children(c, e, place);
    boundary(c, place, 0);
    c->paragraph = outer;
}

static bool inline_opens(struct cleaner *c, const GumboElement *e, struct str address) {
    if (e->tag == GUMBO_TAG_A)
        return address.n > 0 && !c->in_link;
    if (e->tag != GUMBO_TAG_SPAN)
        return true;
    return attribute(e, "lang").n > 0 || attribute(e, "dir").n > 0;
}

static void write_inline(struct cleaner *c, const GumboNode *node, enum place place) {
    const GumboElement *e = &node->v.element;
    struct str address = e->tag == GUMBO_TAG_A ? html_address(c->a, attribute(e, "href"), false) : STR_NONE;
    if (!has_content(c, node) || has_block(node) || !inline_opens(c, e, address)) {
        write_children(c, e, place);
        return;
    }
    before_words(c, place);
    buf_fmt(&c->out, "<%s", name_of(e));
    if (e->tag == GUMBO_TAG_A) {
        put_attribute(&c->out, "href", address);
        buf_c(&c->out, " rel=\"noopener\"");
    }
    if (e->tag == GUMBO_TAG_ABBR && attribute(e, "title").n > 0)
        put_attribute(&c->out, "title", attribute(e, "title"));
    if (e->tag == GUMBO_TAG_TIME && is_made_of(attribute(e, "datetime"), 40, "-:.+ "))
        put_attribute(&c->out, "datetime", attribute(e, "datetime"));
    put_direction(&c->out, e);
    buf_char(&c->out, '>');
    bool outer = c->in_link;
    c->in_link = outer || e->tag == GUMBO_TAG_A;
    write_children(c, e, place == PRE ? PRE : INLINE);
    c->in_link = outer;
    c->pending_break = false;
    buf_fmt(&c->out, "</%s>", name_of(e));
}

static void write_image(struct cleaner *c, const GumboElement *e, enum place place) {
    struct str address = image_address(c, e);
    if (address.n == 0)
        return;
    before_words(c, place);
    buf_c(&c->out, "<img");
    put_attribute(&c->out, "src", address);
    put_attribute(&c->out, "alt", attribute(e, "alt"));
    put_size(&c->out, e, "width");
    put_size(&c->out, e, "height");
    put_direction(&c->out, e);
    buf_char(&c->out, '>');
}

static void write_void(struct cleaner *c, const GumboElement *e, enum place place) {
    if (e->tag == GUMBO_TAG_IMG) {
        write_image(c, e, place);
    } else if (e->tag == GUMBO_TAG_BR) {
        if (place != FLOW || c->open)
            buf_c(&c->out, "<br>");
    } else if (place == FLOW) {
        close_paragraph(c);
        buf_c(&c->out, "<hr>\n");
    } else {
        boundary(c, place, 0);
    }
}

// ---- blocks
// ----------------------------------------------------------------------------------------------------------------

static void open_block(struct cleaner *c, const GumboElement *e, const char *name) {
    buf_fmt(&c->out, "<%s", name);
    if (e != NULL)
        put_direction(&c->out, e);
    buf_char(&c->out, '>');
    c->pending_break = false;
}

static void close_block(struct cleaner *c, const char *name) {
    close_paragraph(c);
    buf_fmt(&c->out, "</%s>", name);
    c->pending_break = false;
}

static enum place inside_of(const GumboElement *e) {
    if (e->tag == GUMBO_TAG_BLOCKQUOTE)
        return FLOW;
    return e->tag == GUMBO_TAG_FIGURE ? MIXED : e->tag == GUMBO_TAG_PRE ? PRE : INLINE;
}

static void write_figure_children(struct cleaner *c, const GumboElement *e) {
    for (unsigned i = 0; i < e->children.length; i++) {
        const GumboNode *child = e->children.data[i];
        if (is_element(child) && child->v.element.tag == GUMBO_TAG_FIGCAPTION && has_content(c, child)) {
            open_block(c, &child->v.element, "figcaption");
            write_children(c, &child->v.element, INLINE);
            close_block(c, "figcaption");
        } else {
            write_node(c, child, MIXED);
        }
    }
}

static void write_block(struct cleaner *c, const GumboElement *e) {
    open_block(c, e, name_of(e));
    // The parser drops a line end right behind <pre>; two keep one.
    if (e->tag == GUMBO_TAG_PRE && e->children.length > 0) {
        const GumboNode *first = e->children.data[0];
        if (is_text(first) && first->v.text.text[0] == '\n')
            buf_char(&c->out, '\n');
    }
    if (e->tag == GUMBO_TAG_FIGURE)
        write_figure_children(c, e);
    else
        write_children(c, e, inside_of(e));
    close_block(c, name_of(e));
}

static void write_list(struct cleaner *c, const GumboElement *e) {
    open_block(c, e, name_of(e));
    for (unsigned i = 0; i < e->children.length; i++) {
        const GumboNode *child = e->children.data[i];
        if (!has_content(c, child))
            continue;
        bool item = is_element(child) && child->v.element.tag == GUMBO_TAG_LI;
        open_block(c, item ? &child->v.element : NULL, "li");
        if (item)
            write_children(c, &child->v.element, MIXED);
        else
            write_node(c, child, MIXED);
        close_block(c, "li");
    }
    close_block(c, name_of(e));
}

// Caption, groups, rows and cells, each only where the parser may find it again.
static void write_table_part(struct cleaner *c, const GumboElement *e) {
    open_block(c, e, name_of(e));
    for (unsigned i = 0; i < e->children.length; i++) {
        const GumboNode *child = e->children.data[i];
        if (!is_element(child))
            continue;
        const GumboElement *part = &child->v.element;
        bool cell = part->tag == GUMBO_TAG_TD || part->tag == GUMBO_TAG_TH;
        if (part->tag == GUMBO_TAG_THEAD || part->tag == GUMBO_TAG_TBODY || part->tag == GUMBO_TAG_TFOOT ||
            part->tag == GUMBO_TAG_TR) {
            write_table_part(c, part);
        } else if (cell || part->tag == GUMBO_TAG_CAPTION) {
            open_block(c, part, name_of(part));
            write_children(c, part, cell ? MIXED : INLINE);
            close_block(c, name_of(part));
        }
    }
    close_block(c, name_of(e));
}

static void write_outer_block(struct cleaner *c, const GumboNode *node, enum treatment t, enum place place) {
    const GumboElement *e = &node->v.element;
    if (!has_content(c, node))
        return;
    if (place == INLINE || place == PRE) {
        write_boundary(c, e, place);
        return;
    }
    const GumboElement *outer = c->paragraph;
    bool outer_link = c->in_link;
    close_paragraph(c);
    c->paragraph = NULL;
    if (t == LIST)
        write_list(c, e);
    else if (t == TABLE)
        write_table_part(c, e);
    else
        write_block(c, e);
    if (place == FLOW)
        buf_char(&c->out, '\n');
    c->paragraph = outer;
    c->in_link = outer_link;
}

static void write_node(struct cleaner *c, const GumboNode *node, enum place place) {
    if (is_text(node)) {
        write_text(c, node->v.text.text, place);
        return;
    }
    if (!is_element(node))
        return;
    enum treatment t = treatment_of(&node->v.element);
    if (t == UNWRAP)
        write_children(c, &node->v.element, place);
    else if (t == BOUNDARY)
        write_boundary(c, &node->v.element, place);
    else if (t == INLINE_ELEMENT)
        write_inline(c, node, place);
    else if (t == VOID_ELEMENT)
        write_void(c, &node->v.element, place);
    else if (t != DROP)
        write_outer_block(c, node, t, place);
}

// ---- passes
// ----------------------------------------------------------------------------------------------------------------

// Without recursion: the tree's own parent pointers lead the way.
static bool too_deep(const GumboNode *root) {
    const GumboNode *node = root;
    size_t depth = 0;
    while (node != NULL) {
        if (is_element(node) && node->v.element.children.length > 0) {
            node = node->v.element.children.data[0];
            if (++depth > HTML_DEPTH_MAX)
                return true;
            continue;
        }
        while (node != root) {
            const GumboVector *siblings = &node->parent->v.element.children;
            if (node->index_within_parent + 1 < siblings->length) {
                node = siblings->data[node->index_within_parent + 1];
                break;
            }
            node = node->parent;
            depth--;
        }
        if (node == root)
            return false;
    }
    return false;
}

static enum rc pass(struct arena *a, struct str dirty, struct str *out) {
    if (dirty.n > HTML_BYTES_MAX || !html_bounded(dirty))
        return RC_TOO_BIG;
    GumboOptions options = kGumboDefaultOptions;
    options.max_errors = 0;
    GumboOutput *tree = gumbo_parse_with_options(&options, dirty.p != NULL ? dirty.p : "", dirty.n);
    must(tree != NULL);
    struct cleaner c = {.a = a};
    enum rc rc = too_deep(tree->root) ? RC_TOO_BIG : RC_OK;
    buf_init(&c.out, HTML_BYTES_MAX * 2);
    if (rc == RC_OK) {
        write_children(&c, &tree->root->v.element, FLOW);
        close_paragraph(&c);
        rc = c.out.failed || c.out.n > HTML_BYTES_MAX ? RC_TOO_BIG : RC_OK;
    }
    gumbo_destroy_output(&options, tree);
    if (rc == RC_OK)
        *out = str_dup(a, buf_view(&c.out));
    buf_fini(&c.out);
    return rc;
}

enum rc html_clean(struct arena *a, struct str dirty, struct html *out) {
    struct str now = dirty;
    struct str next = STR_NONE;
    enum rc rc = RC_OK;
    for (int i = 0; rc == RC_OK && i < PASSES_MAX; i++) {
        rc = pass(a, now, &next);
        if (rc == RC_OK && str_eq(now, next)) {
            out->s = next;
            return RC_OK;
        }
        now = next;
    }
    if (rc != RC_OK)
        return rc;
    // It would not settle: only its words are kept.
    *out = html_from_paragraphs(a, html_to_text(a, (struct html){now}));
    return RC_OK;
}
