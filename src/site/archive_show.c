// SPDX-License-Identifier: AGPL-3.0-or-later
// The date archive: years, the months of a year, the days of a month, and a day's articles, all by the station's clock.
#include "site/cards.h"
#include "site/legacy_redirect.h"
#include "site/routes.h"
#include "templates.h"

struct date {
    int year, month, day; // 0: not in the address
};

static bool number_in(struct str text, int64_t min, int64_t max, int *out) {
    int64_t n;
    if (!str_to_i64(text, &n) || n < min || n > max)
        return false;
    *out = (int)n;
    return true;
}

static bool date_of(const struct http_request *req, struct date *out) {
    *out = (struct date){0};
    return (req->params[1].n == 0 || number_in(req->params[1], 1900, 9998, &out->year)) &&
           (req->params[2].n == 0 || number_in(req->params[2], 1, 12, &out->month)) &&
           (req->params[3].n == 0 || number_in(req->params[3], 1, 31, &out->day));
}

static int64_t begin_of(const struct visit *v, struct date d) {
    return text_civil_to_us(
        v->site->zone,
        (struct text_civil){.year = d.year, .month = d.month > 0 ? d.month : 1, .day = d.day > 0 ? d.day : 1});
}

static struct str name_of(struct visit *v, struct date d) {
    if (d.year == 0)
        return text_word(v->lang, W_ARCHIVE);
    enum text_date_form form = d.day > 0 ? DATE_DAY : d.month > 0 ? DATE_MONTH : DATE_YEAR;
    // Noon: the day is the same however the clocks are set on it.
    return text_date(v->a, v->lang, v->site->zone, begin_of(v, d) + US_PER_DAY / 2, form);
}

static struct str address_of(struct visit *v, struct date d) {
    return link_archive(v->a, v->lang, d.year, d.month, d.day);
}

static struct view_links crumbs_of(struct visit *v, struct date d, struct str home) {
    struct view_links crumbs = links_new(v->a, 4);
    links_add(&crumbs, text_word(v->lang, W_HOME), home);
    struct date steps[] = {{0, 0, 0}, {d.year, 0, 0}, {d.year, d.month, 0}};
    size_t count = d.day > 0 ? 3 : d.month > 0 ? 2 : d.year > 0 ? 1 : 0;
    for (size_t i = 0; i < count; i++)
        links_add(&crumbs, name_of(v, steps[i]), visit_link(v, address_of(v, steps[i])));
    return crumbs;
}

static enum rc show_bins(struct visit *v, struct date d) {
    struct view_archive *view = ARENA_NEW(v->a, struct view_archive);
    struct visit_page page = {.title = name_of(v, d), .address = address_of(v, d)};
    struct archive_bin *bins;
    size_t count;
    enum rc rc = visit_frame(v, &page, &view->frame);
    if (rc == RC_OK)
        rc = article_archive(v->a, v->db, v->lang, v->site->zone, d.year, d.month, v->now, &bins, &count);
    if (rc != RC_OK)
        return rc;
    if (count == 0 && d.year > 0)
        return RC_NOT_FOUND;
    visit_keep_ten_minutes(v);
    view->heading = page.title;
    view->crumbs = crumbs_of(v, d, view->frame.front);
    view->bins.items = ARENA_ARRAY(v->a, struct view_bin, count + 1);
    view->bins.n = count;
    for (size_t i = 0; i < count; i++) {
        struct date bin = {bins[i].year, bins[i].month, bins[i].day};
        view->bins.items[i] = (struct view_bin){name_of(v, bin), visit_link(v, address_of(v, bin)),
                                                text_number(v->a, v->lang, bins[i].count)};
    }
    struct render_out out;
    render_out_init(&out, v->lang);
    VISIT_SHOW(v, &out, archive, view);
    return visit_send(v, &out, &(struct render_page){0});
}

static enum rc show_day(struct visit *v, struct date d) {
    struct view_list *view = ARENA_NEW(v->a, struct view_list);
    struct visit_page page = {.title = name_of(v, d), .address = address_of(v, d)};
    struct list_query query = {.of = LIST_LANG, .lang = v->lang, .from_us = begin_of(v, d)};
    // 36 hours on is within the next day whether it had 23, 24 or 25.
    struct text_civil next = text_civil_of(v->site->zone, query.from_us + US_PER_DAY + US_PER_DAY / 2);
    query.to_us = begin_of(v, (struct date){next.year, next.month, next.day});
    enum rc rc = visit_frame(v, &page, &view->frame);
    if (rc == RC_OK)
        rc = list_view(v, &query, page.address, view);
    if (rc != RC_OK)
        return rc;
    if (view->cards.n == 0)
        return RC_NOT_FOUND;
    view->kicker = text_word(v->lang, W_ARCHIVE);
    view->heading = page.title;
    view->crumbs = crumbs_of(v, d, view->frame.front);
    struct render_out out;
    render_out_init(&out, v->lang);
    VISIT_SHOW(v, &out, list, view);
    return visit_send(v, &out, &(struct render_page){0});
}

enum rc archive_show_get(struct http_request *req, struct http_reply *reply) {
    struct visit v;
    struct date d;
    if (visit_begin(&v, req, reply) != RC_OK)
        return legacy_redirect(req, reply);
    if (!date_of(req, &d))
        return RC_NOT_FOUND;
    // The 31st of a short month would be a day of the next one.
    if (d.day > 0 && text_civil_of(v.site->zone, begin_of(&v, d) + US_PER_DAY / 2).day != d.day)
        return RC_NOT_FOUND;
    if (visit_moved(&v, address_of(&v, d)))
        return RC_OK;
    render_use(&v.uses, EDITION_FRONT, v.lang);
    return d.day > 0 ? show_day(&v, d) : show_bins(&v, d);
}
