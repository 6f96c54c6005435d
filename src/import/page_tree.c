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

// The source between an element's tags.
struct str page_inside(struct str bytes, const GumboNode *node) {
    if (node == NULL)
        return STR_NONE;
    size_t from = node->v.element.start_pos.offset + node->v.element.original_tag.length;
    size_t to = node->v.element.original_end_tag.length > 0 ? node->v.element.end_pos.offset : bytes.n;
    return from <= to ? str_slice(bytes, from, to) : STR_NONE;
}
