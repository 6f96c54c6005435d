// SPDX-License-Identifier: AGPL-3.0-or-later
// The steps that every page takes: see visit.h.
#include "site/visit.h"

#include "site/site.h"

static struct str lower_ascii(struct arena *a, struct str s) {
    char *copy = arena_take(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        copy[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] - 'A' + 'a') : s.p[i];
    return (struct str){copy, s.n};
}

enum rc visit_begin(struct visit *v, struct http_request *req, struct http_reply *reply) {
    struct worker *worker = req->worker;
    *v = (struct visit){.req = req, .reply = reply, .site = worker->site, .db = worker->db, .a = req->arena};
    v->lite = str_starts(req->path, STR("/lite/"));
    v->now = clock_now_us();
    v->generation = edition_generation(); // before the moment: a page may know more than its editions, never less
    db_read_begin(v->db);
    render_uses_init(&v->uses);
    if (!text_lang_find(lower_ascii(v->a, req->params[0]), &v->lang))
        return RC_NOT_FOUND;
    return (v->site->languages & (1u << v->lang)) != 0 ? RC_OK : RC_NOT_FOUND;
}

void site_answered(void *app, struct http_request *req) {
    (void)app;
    struct worker *worker = req->worker;
    if (worker->db != NULL)
        db_read_over(worker->db);
}

struct str visit_link(const struct visit *v, struct str address) {
    return v->lite && address.n > 0 && address.p[0] == '/' ? link_lite(v->a, address) : address;
}

bool visit_moved(struct visit *v, struct str canonical) {
    struct str here = visit_link(v, canonical);
    if (str_eq(v->req->path, here))
        return false;
    if (v->req->query.n > 0)
        here = str_fmt(v->a, "%.*s?%.*s", STR_ARG(here), STR_ARG(v->req->query));
    http_reply_redirect(v->reply, 301, here);
    return true;
}

static bool number_field(const struct visit *v, const char *name, int64_t *out) {
    struct str typed = http_request_field(v->req, name);
    *out = 0;
    return typed.n == 0 || str_to_i64(typed, out);
}

// "before=22183" and nothing else, written as our links write it.
static bool is_own_query(const struct visit *v, const char *name, int64_t number) {
    return str_eq(v->req->query, str_fmt(v->a, "%s=%lld", name, (long long)number));
}

bool visit_marks(struct visit *v, int64_t *before_out, int64_t *after_out) {
    if (!v->req->form_ok || !number_field(v, "before", before_out) || !number_field(v, "after", after_out) ||
        (*before_out != 0 && *after_out != 0))
        return false;
    v->own_query = (*before_out != 0 && is_own_query(v, "before", *before_out)) ||
                   (*after_out != 0 && is_own_query(v, "after", *after_out));
    return true;
}

bool visit_part(struct visit *v, size_t *part_out) {
    int64_t part;
    if (!v->req->form_ok || !number_field(v, "part", &part) || part < 0)
        return false;
    *part_out = part == 0 ? 1 : (size_t)part;
    v->own_query = part > 1 && is_own_query(v, "part", part);
    return true;
}

void visit_add_query(const struct visit *v, struct view_frame *frame) {
    struct str *addresses[] = {&frame->address, &frame->lite, &frame->full};
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
        *addresses[i] = str_fmt(v->a, "%.*s?%.*s", STR_ARG(*addresses[i]), STR_ARG(v->req->query));
}

void visit_keep_ten_minutes(struct visit *v) {
    render_until(&v->uses, v->now + 600 * US_PER_SECOND);
}

enum rc visit_send(struct visit *v, struct render_out *out, const struct render_page *page) {
    if (edition_generation() != v->generation)
        render_until(&v->uses, v->now + US_PER_SECOND);
    struct render_page kept = *page;
    kept.query_is_canonical = v->own_query;
    enum rc rc = render_reply(v->req, v->reply, out, &v->uses, &kept);
    render_out_fini(out);
    return rc;
}

struct view_links links_new(struct arena *a, size_t room) {
    return (struct view_links){ARENA_ARRAY(a, struct view_link, room > 0 ? room : 1), 0};
}

struct view_link *links_add(struct view_links *links, struct str label, struct str address) {
    struct view_link *link = &links->items[links->n++];
    *link = (struct view_link){.label = label, .address = address};
    return link;
}
