// SPDX-License-Identifier: AGPL-3.0-or-later
// An old page as HTML: K2's default template marks each part with a class of its own. gumbo reads the page as a
// browser would; the body is taken as the bytes between its element's tags and cleaned.
#include "import/page_tree.h"

#define TAGS_MAX 32
#define DOWNLOADS_MAX 64

// ---- the parts
// ---------------------------------------------------------------------------------------------------------

static enum rc head_read(struct arena *a, const GumboNode *root, const struct import_page_setup *setup,
                         struct imported_page *out, struct problem *p) {
    struct str date = page_text_of(a, page_find(root, NULL, "itemDateCreated"));
    if (date.n == 0)
        return problem_word(p, RC_INVALID, W_REASON_NO_ITEM, 0, STR_NONE);
    if (date.n > 200 || text_date_parse_k2(date, setup->zone, setup->lang, &out->published_at) != RC_OK)
        return problem_word(p, RC_INVALID, W_REASON_DATE_BAD, 0, utf8_cut(date, 100));
    const GumboNode *title = page_find(root, "h2", "itemTitle");
    out->headline = page_text_of(a, title != NULL ? title : page_find(root, NULL, "itemTitle"));
    if (out->headline.n == 0)
        return problem_word(p, RC_INVALID, W_REASON_NO_HEADLINE, 0, STR_NONE);
    return RC_OK;
}

static int64_t list_id(struct arena *a, const char *href, enum legacy_kind kind) {
    struct str address = str_from(href), query = STR("");
    size_t at = 0;
    if (str_find(address, STR("://"), &at)) {
        address = str_slice(address, at + 3, address.n);
        address = str_find_char(address, '/', &at) ? str_slice(address, at, address.n) : STR("");
    }
    if (str_find_char(address, '?', &at)) {
        query = str_slice(address, at + 1, address.n);
        address = str_slice(address, 0, at);
    }
    struct legacy_address old;
    return legacy_parse(a, address, query, &old) == RC_OK && old.kind == kind ? old.old_id : 0;
}

static void author_read(struct arena *a, const GumboNode *root, struct imported_page *out) {
    const GumboNode *span = page_find(root, NULL, "itemAuthor"), *link = page_find(span, "a", NULL);
    struct str words = page_text_of(a, span);
    if (str_starts(words, STR("Written by")))
        words = str_trim(str_slice(words, 10, words.n));
    out->byline = link != NULL ? page_text_of(a, link) : words;
    if (link != NULL)
        out->author_id = list_id(a, page_attribute(link, "href"), LEGACY_AUTHOR);
}

// The bar's width is the percentage: width / 20 is the average of the votes, rounded to cents.
static void rating_read(struct arena *a, const GumboNode *root, struct imported_page *out) {
    const GumboNode *bar = page_find(root, NULL, "itemCurrentRating");
    int64_t votes = 0;
    if (bar == NULL || !page_first_number(page_text_of(a, page_find(root, NULL, "itemRatingLog")), &votes) ||
        votes <= 0 || votes > 10000000)
        return;
    struct str style = str_from(page_attribute(bar, "style"));
    size_t at = 0;
    int64_t whole = 0, hundredths = 0;
    if (!str_find(style, STR("width"), &at) || !page_first_number(str_slice(style, at, style.n), &whole) || whole > 100)
        return;
    struct str rest = str_slice(style, at, style.n);
    if (str_find_char(rest, '.', &at)) {
        for (size_t i = 1; i <= 2; i++) {
            bool digit = at + i < rest.n && rest.p[at + i] >= '0' && rest.p[at + i] <= '9';
            hundredths = hundredths * 10 + (digit ? rest.p[at + i] - '0' : 0);
            if (!digit)
                at = rest.n;
        }
    }
    int64_t sum = ((whole * 100 + hundredths) * votes + 1000) / 2000;
    if (sum < votes || sum > votes * 5)
        return;
    out->votes = votes;
    out->votes_sum = sum;
    out->votes_estimated = true;
}

static void image_read(struct arena *a, const GumboNode *root, struct imported_page *out) {
    const GumboNode *span = page_find(root, NULL, "itemImage"), *img = page_find(span, "img", NULL),
                    *link = page_find(span, "a", NULL);
    if (img != NULL) {
        out->image_file_name = page_line(a, page_file_name(str_from(page_attribute(img, "src"))));
        out->image_alt = page_line(a, str_from(page_attribute(img, "alt")));
    } else if (link != NULL) {
        out->image_file_name = page_line(a, page_file_name(str_from(page_attribute(link, "href"))));
    }
    out->image_caption = page_text_of(a, page_find(root, NULL, "itemImageCaption"));
    out->image_credit = page_text_of(a, page_find(root, NULL, "itemImageCredits"));
}

static void reads_read(struct arena *a, const GumboNode *root, struct imported_page *out) {
    (void)page_first_number(page_text_of(a, page_find(root, NULL, "itemHits")), &out->reads);
}

static void modified_read(struct arena *a, const GumboNode *root, const struct import_page_setup *setup,
                          struct imported_page *out) {
    struct str line = page_text_of(a, page_find(root, NULL, "itemDateModified")), at = line;
    size_t on = 0;
    // "Last modified on Monday, 05 September 2022 14:02"
    if (str_find(line, STR(" on "), &on))
        at = str_slice(line, on + 4, line.n);
    if (at.n == 0 || at.n > 200 || text_date_parse_k2(at, setup->zone, setup->lang, &out->modified_at) != RC_OK ||
        out->modified_at == out->published_at)
        out->modified_at = 0;
}

static void category_read(struct arena *a, const GumboNode *root, struct imported_page *out) {
    const GumboNode *link = page_find(page_find(root, NULL, "itemCategory"), "a", NULL);
    if (link == NULL)
        return;
    out->category = page_text_of(a, link);
    out->category_id = list_id(a, page_attribute(link, "href"), LEGACY_CATEGORY);
}

static void tags_add(struct arena *a, const GumboNode *node, int depth, struct imported_page *out) {
    if (node == NULL || node->type != GUMBO_NODE_ELEMENT || depth > PAGE_DEPTH_MAX)
        return;
    for (unsigned i = 0; i < node->v.element.children.length; i++) {
        const GumboNode *child = node->v.element.children.data[i];
        struct str name = STR_NONE;
        if (child->type == GUMBO_NODE_ELEMENT && child->v.element.tag == GUMBO_TAG_A)
            name = page_text_of(a, child);
        if (name.n > 0 && name.n <= 120 && out->tag_count < TAGS_MAX)
            out->tags[out->tag_count++] = name;
        tags_add(a, child, depth + 1, out);
    }
}

static void downloads_add(struct arena *a, const GumboNode *node, int depth, struct imported_page *out) {
    if (node == NULL || node->type != GUMBO_NODE_ELEMENT || depth > PAGE_DEPTH_MAX)
        return;
    int64_t id = node->v.element.tag == GUMBO_TAG_A ? list_id(a, page_attribute(node, "href"), LEGACY_DOWNLOAD) : 0;
    if (id > 0 && out->download_count < DOWNLOADS_MAX)
        out->downloads[out->download_count++] = id;
    for (unsigned i = 0; i < node->v.element.children.length; i++)
        downloads_add(a, node->v.element.children.data[i], depth + 1, out);
}

static int64_t id_find(struct arena *a, const GumboNode *node, int depth, struct str *path) {
    if (node->type != GUMBO_NODE_ELEMENT || depth > PAGE_DEPTH_MAX)
        return 0;
    int64_t id = 0;
    GumboTag tag = node->v.element.tag;
    if (tag == GUMBO_TAG_LINK && str_eq_nocase(str_from(page_attribute(node, "rel")), STR("canonical")))
        id = page_id_in(a, str_from(page_attribute(node, "href")), path);
    else if (tag == GUMBO_TAG_META && str_eq_nocase(str_from(page_attribute(node, "property")), STR("og:url")))
        id = page_id_in(a, str_from(page_attribute(node, "content")), path);
    else if (tag == GUMBO_TAG_A && page_has_class(node, STR("itemPrintLink")))
        id = page_id_in(a, str_from(page_attribute(node, "href")), NULL);
    for (unsigned i = 0; id == 0 && i < node->v.element.children.length; i++)
        id = id_find(a, node->v.element.children.data[i], depth + 1, path);
    return id;
}

// ---- the body
// ----------------------------------------------------------------------------------------------------------

static enum rc body_read(struct arena *a, struct str bytes, const GumboNode *root, struct imported_page *out,
                         struct problem *p) {
    const GumboNode *intro = page_find(root, NULL, "itemIntroText"), *full = page_find(root, NULL, "itemFullText");
    if (intro == NULL && full == NULL)
        return problem_word(p, RC_INVALID, W_REASON_NO_PARTS, 0, STR_NONE);
    struct str source = str_fmt(a, "%.*s\n%.*s", STR_ARG(page_inside(bytes, intro)), STR_ARG(page_inside(bytes, full))),
               rest;
    struct html clean;
    enum rc rc = html_clean(a, source, &clean);
    if (rc == RC_OK) {
        out->agency = page_agency_cut(a, clean.s, &rest);
        rc = html_clean(a, rest, &out->body);
    }
    if (rc != RC_OK)
        return problem_word(p, rc, W_REASON_BODY_BAD, 0, STR_NONE);
    if (str_trim(html_to_text(a, out->body)).n == 0)
        return problem_word(p, RC_INVALID, W_REASON_NO_TEXT, 0, STR_NONE);
    return RC_OK;
}

static enum rc parts_read(struct arena *a, struct str bytes, const GumboNode *root,
                          const struct import_page_setup *setup, struct imported_page *out, struct problem *p) {
    enum rc rc = head_read(a, root, setup, out, p);
    if (rc == RC_OK)
        rc = body_read(a, bytes, root, out, p);
    if (rc != RC_OK)
        return rc;
    out->from_html = true;
    out->tags = ARENA_ARRAY(a, struct str, TAGS_MAX);
    out->downloads = ARENA_ARRAY(a, int64_t, DOWNLOADS_MAX);
    out->old_id = id_find(a, root, 0, &out->old_path);
    author_read(a, root, out);
    rating_read(a, root, out);
    image_read(a, root, out);
    reads_read(a, root, out);
    modified_read(a, root, setup, out);
    category_read(a, root, out);
    tags_add(a, page_find(root, NULL, "itemTags"), 0, out);
    page_fields_read(a, bytes, root, out);
    page_comments_read(a, bytes, root, setup, out);
    downloads_add(a, page_find(root, NULL, "itemAttachments"), 0, out);
    return RC_OK;
}

enum rc page_from_html(struct arena *a, struct str bytes, const struct import_page_setup *setup,
                       struct imported_page *out, struct problem *p) {
    GumboOptions options = kGumboDefaultOptions;
    GumboOutput *tree = gumbo_parse_with_options(&options, bytes.p, bytes.n);
    if (tree == NULL)
        return problem_word(p, RC_INVALID, W_REASON_NO_HTML, 0, STR_NONE);
    enum rc rc = parts_read(a, bytes, tree->root, setup, out, p);
    gumbo_destroy_output(&options, tree);
    return rc;
}
