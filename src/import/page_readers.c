// SPDX-License-Identifier: AGPL-3.0-or-later
// What an old item page carries beside its article: the fields that its site had defined, and what readers wrote. K2's
// default template again; where a site's own template names them otherwise, there is nothing to be found.
#include "import/comments.h"
#include "import/page_tree.h"

// Words in lines, as a browser shows them; "" for what cannot be cleaned.
static struct str words_of(struct arena *a, struct str html) {
    struct html clean;
    return html_clean(a, html, &clean) == RC_OK ? str_trim(html_to_text(a, clean)) : STR_NONE;
}

// ---- fields ------------------------------------------------------------------------------------------------------------

static struct str label_of(struct arena *a, const GumboNode *item) {
    struct str label = page_text_of(a, page_find(item, NULL, "itemExtraFieldsLabel"));
    if (str_ends(label, STR(":")))
        label.n--;
    else if (str_ends(label, STR("：")))
        label.n -= STR("：").n;
    return str_trim(utf8_cut_chars(str_trim(label), EXTRA_LABEL_MAX));
}

// The address and the words of a value that is one link, or one picture.
static struct str link_of(struct arena *a, const GumboNode *value, struct str words) {
    const GumboNode *link = page_find(value, "a", NULL), *image = page_find(value, "img", NULL);
    if (link != NULL && str_eq(page_text_of(a, link), page_text_of(a, value)))
        return str_fmt(a, "%s %.*s", page_attribute(link, "href"), STR_ARG(words));
    return image != NULL && words.n == 0
               ? str_fmt(a, "%s %s", page_attribute(image, "src"), page_attribute(image, "alt"))
               : STR_NONE;
}

static bool is_link(struct arena *a, struct str value, struct str *out) {
    static const struct extra_field link = {.kind = EXTRA_LINK};
    return value.n > 0 && extra_value_take(a, &link, page_line(a, value), out) == EXTRA_FINE;
}

static bool field_read(struct arena *a, struct str bytes, const GumboNode *item, struct imported_field *out) {
    const GumboNode *value = page_find(item, NULL, "itemExtraFieldsValue");
    if (value == NULL)
        return false;
    size_t at;
    struct str words = words_of(a, page_inside(bytes, value)), link;
    *out = (struct imported_field){label_of(a, item), EXTRA_LINE, words};
    if (is_link(a, link_of(a, value, page_line(a, words)), &link))
        *out = (struct imported_field){out->label, EXTRA_LINK, link};
    else if (str_find_char(words, '\n', &at) || utf8_count(words) > EXTRA_LINE_MAX)
        out->kind = EXTRA_TEXT;
    return out->label.n > 0 && out->value.n > 0;
}

void page_fields_read(struct arena *a, struct str bytes, const GumboNode *root, struct imported_page *out) {
    const GumboNode *list = page_find(page_find(root, NULL, "itemExtraFields"), "ul", NULL);
    out->fields = ARENA_ARRAY(a, struct imported_field, ROWS_MAX);
    for (unsigned i = 0; list != NULL && i < list->v.element.children.length && out->field_count < ROWS_MAX; i++) {
        const GumboNode *item = list->v.element.children.data[i];
        if (item->type == GUMBO_NODE_ELEMENT)
            out->field_count += field_read(a, bytes, item, &out->fields[out->field_count]);
    }
}

// ---- comments ----------------------------------------------------------------------------------------------------------

// K2 puts the words into a paragraph of the item; other templates into an element of their own.
static struct str body_of(struct arena *a, struct str bytes, const GumboNode *item) {
    const GumboNode *own = page_find(item, NULL, "commentBody");
    if (own == NULL)
        own = page_find(item, NULL, "commentText");
    if (own != NULL)
        return words_of(a, page_inside(bytes, own));
    struct buf html;
    buf_init(&html, 3 * bytes.n); // each "<p>" or "</p>" of the page becomes both
    for (unsigned i = 0; i < item->v.element.children.length; i++) {
        const GumboNode *child = item->v.element.children.data[i];
        if (child->type != GUMBO_NODE_ELEMENT || child->v.element.tag != GUMBO_TAG_P)
            continue;
        buf_c(&html, "<p>");
        buf_str(&html, page_inside(bytes, child));
        buf_c(&html, "</p>");
    }
    struct str words = html.failed ? STR_NONE : words_of(a, buf_view(&html));
    buf_fini(&html);
    return words;
}

static struct str name_of(struct arena *a, const GumboNode *item) {
    const GumboNode *span = page_find(item, NULL, "commentAuthorName"), *link = page_find(span, "a", NULL);
    struct str name = page_text_of(a, link != NULL ? link : span);
    bool marked = link == NULL && name.n > 10 && str_eq_nocase(str_slice(name, 0, 10), STR("posted by "));
    return marked ? str_slice(name, 10, name.n) : name;
}

// "comment123", of the anchor or of the item itself.
static int64_t comment_id(const GumboNode *item) {
    const GumboNode *anchor = page_find(page_find(item, NULL, "commentLink"), "a", NULL);
    struct str id = str_from(page_attribute(anchor != NULL ? anchor : item, "id"));
    int64_t n;
    return str_starts(id, STR("comment")) && str_to_i64(str_slice(id, 7, id.n), &n) && n > 0 ? n : 0;
}

static bool comment_read(struct arena *a, struct str bytes, const GumboNode *item,
                         const struct import_page_setup *setup, int64_t otherwise_at, struct imported_comment *out) {
    struct str date = page_text_of(a, page_find(item, NULL, "commentDate"));
    *out = (struct imported_comment){.old_id = comment_id(item), .published = true};
    if (date.n == 0 || date.n > 200 || text_date_parse_k2(date, setup->zone, setup->lang, &out->written_at) != RC_OK)
        out->written_at = otherwise_at;
    if (page_has_class(item, STR("unpublishedComment")))
        out->published = false;
    return import_comment_words(a, name_of(a, item), body_of(a, bytes, item), out);
}

void page_comments_read(struct arena *a, struct str bytes, const GumboNode *root, const struct import_page_setup *setup,
                        struct imported_page *out) {
    const GumboNode *list = page_find(root, NULL, "itemCommentsList");
    if (list == NULL)
        return;
    out->comments = ARENA_ARRAY(a, struct imported_comment, COMMENTS_MAX);
    for (unsigned i = 0; i < list->v.element.children.length && out->comment_count < COMMENTS_MAX; i++) {
        const GumboNode *item = list->v.element.children.data[i];
        if (item->type == GUMBO_NODE_ELEMENT)
            out->comment_count +=
                comment_read(a, bytes, item, setup, out->published_at, &out->comments[out->comment_count]);
    }
}
