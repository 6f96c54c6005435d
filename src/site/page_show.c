// SPDX-License-Identifier: AGPL-3.0-or-later
// A standing page of the station: Company Profile and its branches, Zona Integritas, and whatever else the staff keep.
// Each shows where it stands in its tree, its own menu, and its translations.
#include "site/cards.h"
#include "site/legacy_redirect.h"
#include "site/routes.h"
#include "templates.h"

enum { LITE_PART_BYTES = 24000 };

static struct view_links links_to(struct visit *v, const struct page *pages, size_t count, int64_t shown) {
    struct view_links out = links_new(v->a, count + 1);
    for (size_t i = 0; i < count; i++) {
        render_use(&v->uses, EDITION_PAGE, pages[i].id);
        if (pages[i].state != PAGE_PUBLISHED)
            continue;
        struct str address = visit_link(v, link_page(v->a, pages[i].lang, pages[i].path));
        links_add(&out, pages[i].title, address)->current = pages[i].id == shown;
    }
    return out;
}

// Breadcrumbs, and the root's branches as the tree's own menu.
static enum rc fill_tree(struct visit *v, const struct page *page, struct view_page *out) {
    struct page *above, *below, *branches;
    size_t above_count, below_count, branch_count;
    enum rc rc = page_ancestors(v->a, v->db, page, &above, &above_count);
    if (rc == RC_OK)
        rc = page_children(v->a, v->db, page->id, &below, &below_count);
    const struct page *root = above_count > 0 ? &above[0] : page;
    if (rc == RC_OK)
        rc = page_children(v->a, v->db, root->id, &branches, &branch_count);
    if (rc != RC_OK)
        return rc;
    struct view_links crumbs = links_to(v, above, above_count, 0);
    out->crumbs = links_new(v->a, above_count + 1);
    links_add(&out->crumbs, text_word(v->lang, W_HOME), out->frame.front);
    for (size_t i = 0; i < crumbs.n; i++)
        out->crumbs.items[out->crumbs.n++] = crumbs.items[i];
    out->integrity = root->integrity;
    out->branch_name = root->title;
    out->children = links_to(v, below, below_count, 0);
    if (root == page)
        return RC_OK;
    struct view_links top = links_to(v, root, 1, 0), rest = links_to(v, branches, branch_count, page->id);
    out->branch = links_new(v->a, top.n + rest.n);
    for (size_t i = 0; i < top.n; i++)
        out->branch.items[out->branch.n++] = top.items[i];
    for (size_t i = 0; i < rest.n; i++)
        out->branch.items[out->branch.n++] = rest.items[i];
    return RC_OK;
}

static enum rc fill_translations(struct visit *v, const struct page *page, struct str here, struct view_page *out) {
    struct page *pages;
    size_t count;
    enum rc rc = page_translations(v->a, v->db, page, &pages, &count);
    if (rc != RC_OK)
        return rc;
    out->translations = links_new(v->a, count);
    for (size_t i = 0; i < count; i++) {
        if ((v->site->languages & (1u << pages[i].lang)) == 0)
            continue;
        render_use(&v->uses, EDITION_PAGE, pages[i].id);
        translation_add(v, &out->translations, pages[i].lang, link_page(v->a, pages[i].lang, pages[i].path));
    }
    out->frame.alternates = alternates_view(v, here, &out->translations);
    return RC_OK;
}

static bool fill_part(struct visit *v, struct str address, size_t part, struct view_page *out) {
    struct html *parts;
    size_t count = html_parts(v->a, out->body, LITE_PART_BYTES, &parts);
    if (part > (count > 0 ? count : 1))
        return false;
    if (count == 0)
        return true;
    out->body = parts[part - 1];
    if (count > 1)
        out->part = text_phrase(v->a, v->lang, W_PART_OF, 0, text_number(v->a, v->lang, (int64_t)part),
                                text_number(v->a, v->lang, (int64_t)count));
    out->parts.newer_label = text_word(v->lang, W_PREVIOUS_PART);
    out->parts.older_label = text_word(v->lang, W_NEXT_PART);
    struct str twin = visit_link(v, address);
    if (part > 1)
        out->parts.newer = part == 2 ? twin : str_fmt(v->a, "%.*s?part=%zu", STR_ARG(twin), part - 1);
    if (part < count)
        out->parts.older = str_fmt(v->a, "%.*s?part=%zu", STR_ARG(twin), part + 1);
    return true;
}

static enum rc show_page(struct visit *v, const struct page *page, struct str address) {
    struct view_page *view = ARENA_NEW(v->a, struct view_page);
    struct visit_page about = {page->title, html_excerpt(v->a, page->body, 180), address, STR_NONE, false};
    size_t part = 1;
    if (!visit_part(v, &part))
        return RC_NOT_FOUND;
    enum rc rc = visit_frame(v, &about, &view->frame);
    if (rc == RC_OK)
        rc = fill_tree(v, page, view);
    if (rc == RC_OK)
        rc = fill_translations(v, page, address, view);
    if (rc != RC_OK)
        return rc;
    view->heading = page->title;
    view->body = page->body;
    if (page->modified_at > 0) {
        view->modified = text_date(v->a, v->lang, v->site->zone, page->modified_at, DATE_DAY);
        view->modified_iso = text_date(v->a, v->lang, v->site->zone, page->modified_at, DATE_ISO);
    }
    if (v->lite ? !fill_part(v, address, part, view) : part != 1)
        return RC_NOT_FOUND;
    struct render_out out;
    render_out_init(&out, v->lang);
    VISIT_SHOW(v, &out, page, view);
    return visit_send(v, &out, &(struct render_page){0});
}

// "/en/company-profile/history": everything behind the language, however the route named it.
static struct str path_of(struct visit *v) {
    struct str path = v->req->params[1];
    for (size_t i = 2; i < 6 && v->req->params[i].n > 0; i++)
        path = str_fmt(v->a, "%.*s/%.*s", STR_ARG(path), STR_ARG(v->req->params[i]));
    char *lower = str_c(v->a, path);
    for (size_t i = 0; i < path.n; i++)
        if (lower[i] >= 'A' && lower[i] <= 'Z')
            lower[i] = (char)(lower[i] - 'A' + 'a');
    return (struct str){lower, path.n};
}

// An address that no page has: one that moved away leads on, one that was deleted says so, the rest may be an old site's.
static enum rc show_former(struct visit *v) {
    struct page page;
    enum rc rc = page_former(v->a, v->db, v->lang, path_of(v), &page);
    if (rc == RC_NOT_FOUND)
        return legacy_redirect(v->req, v->reply);
    if (rc == RC_OK)
        http_reply_redirect(v->reply, 301, visit_link(v, link_page(v->a, v->lang, page.path)));
    return rc;
}

enum rc page_show_get(struct http_request *req, struct http_reply *reply) {
    struct visit v;
    struct page page;
    if (visit_begin(&v, req, reply) != RC_OK)
        return legacy_redirect(req, reply);
    enum rc rc = page_by_path(v.a, v.db, v.lang, path_of(&v), &page);
    if (rc == RC_NOT_FOUND || (rc == RC_OK && page.state == PAGE_DRAFT))
        return show_former(&v);
    if (rc != RC_OK)
        return rc;
    if (page.state == PAGE_WITHDRAWN)
        return RC_GONE;
    struct str address = link_page(v.a, v.lang, page.path);
    if (visit_moved(&v, address))
        return RC_OK;
    render_use(&v.uses, EDITION_PAGE, page.id);
    rc = page_by_path(v.a, v.db, v.lang, page.path, &page);
    if (rc == RC_OK && page.state != PAGE_PUBLISHED) // it was taken back while we looked
        return RC_GONE;
    return rc == RC_OK ? show_page(&v, &page, address) : rc;
}
