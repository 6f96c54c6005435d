// SPDX-License-Identifier: AGPL-3.0-or-later
#include "import/page_tree.h"

struct finder {
    const char *tag, *css; // NULL: any
};

const char *page_attribute(const GumboNode *node, const char *name) {
    const GumboAttribute *at = gumbo_get_attribute(&node->v.element.attributes, name);
    return at != NULL ? at->value : "";
}

bool page_has_class(const GumboNode *node, struct str name) {
    struct str rest = str_from(page_attribute(node, "class")), word;
    while (str_next(&rest, ' ', &word))
        if (str_eq(word, name))
            return true;
    return false;
}

static bool node_is(const GumboNode *node, const struct finder *f) {
    if (node->type != GUMBO_NODE_ELEMENT)
        return false;
    if (f->tag != NULL && node->v.element.tag != gumbo_tag_enum(f->tag))
        return false;
    return f->css == NULL || page_has_class(node, str_from(f->css));
}

static const GumboNode *find_below(const GumboNode *node, const struct finder *f, int depth) {
    if (node == NULL || node->type != GUMBO_NODE_ELEMENT || depth > PAGE_DEPTH_MAX)
        return NULL;
    for (unsigned i = 0; i < node->v.element.children.length; i++) {
        const GumboNode *child = node->v.element.children.data[i];
        if (node_is(child, f))
            return child;
        const GumboNode *found = find_below(child, f, depth + 1);
        if (found != NULL)
            return found;
    }
    return NULL;
}

const GumboNode *page_find(const GumboNode *root, const char *tag, const char *css) {
    struct finder f = {tag, css};
    return find_below(root, &f, 0);
}

static void text_add(struct buf *b, const GumboNode *node, int depth) {
    if (depth > PAGE_DEPTH_MAX)
        return;
    if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE)
        buf_c(b, node->v.text.text);
    if (node->type != GUMBO_NODE_ELEMENT)
        return;
    for (unsigned i = 0; i < node->v.element.children.length; i++)
        text_add(b, node->v.element.children.data[i], depth + 1);
}

struct str page_text_of(struct arena *a, const GumboNode *node) {
    if (node == NULL)
        return STR_NONE;
    struct buf b;
    buf_init(&b, 65536);
    text_add(&b, node, 0);
    struct str line = page_line(a, buf_view(&b));
    buf_fini(&b);
    return line;
}

// Where the parser closed it: at its end tag, or at what ended it without one (the next "<p>", the end of what it is in).
// One that it lost sight of over misnested tags ends with what it is in.
static size_t end_of(const GumboNode *node, size_t from, size_t otherwise) {
    for (int depth = 0; node != NULL && node->type == GUMBO_NODE_ELEMENT && depth <= PAGE_DEPTH_MAX; depth++) {
        if (node->v.element.end_pos.offset >= from)
            return node->v.element.end_pos.offset;
        node = node->parent;
    }
    return otherwise;
}

// The source between an element's tags. Nothing for the copies that the parser makes of a tag left open: what stands
// between them would be told as often as there are copies.
struct str page_inside(struct str bytes, const GumboNode *node) {
    const unsigned copied = GUMBO_INSERTION_RECONSTRUCTED_FORMATTING_ELEMENT | GUMBO_INSERTION_ADOPTION_AGENCY_CLONED;
    if (node == NULL || ((unsigned)node->parse_flags & copied) != 0)
        return STR_NONE;
    size_t from = node->v.element.start_pos.offset + node->v.element.original_tag.length;
    return str_slice(bytes, from, end_of(node, from, bytes.n));
}
