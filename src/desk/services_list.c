// SPDX-License-Identifier: AGPL-3.0-or-later
// All services with what is on the air now; one more; what the radio's own pages for panels show, and to whom.
#include "desk/routes.h"
#include "desk/services_parts.h"

static struct str service_at(const void *rows, size_t i) {
    return ((const struct service *)rows)[i].name;
}

static void service_show(struct services_visit *s, struct view_desk_page *page, const struct service *service) {
    struct desk_visit *v = s->v;
    static const enum text_word columns[] = {W_STREAM, W_SERVICE_STATE, W_SERVICE_PLAYING, W_SERVICE_LISTENERS};
    struct view_desk_block *block = desk_block(v, page, service->title);
    struct view_desk_table *table = desk_table(v, block, W_SERVICE_STREAMS);
    desk_columns(v, table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < service->stream_count; i++) {
        const struct service_stream *stream = &service->streams[i];
        desk_row(v, table);
        struct view_desk_cell *cell = desk_cell(v, table, stream->name);
        cell->head = true;
        cell->address = str_fmt(v->a, "/desk/streams/%.*s", STR_ARG(stream->name));
        cell->note = desk_isolated(v, stream->mount);
        services_state_cells(s, table, stream);
    }
    table->more = (struct view_desk_link){.label = desk_word(v, W_PARAM_CHANGE),
                                          .address = str_fmt(v->a, "/desk/services/%.*s", STR_ARG(service->name))};
}

static void order_show(struct services_visit *s, struct view_desk_page *page) {
    struct desk_visit *v = s->v;
    struct view_desk_sort *sort = desk_sort(v, desk_block(v, page, desk_word(v, W_SERVICE_ORDER)), W_SERVICE_ORDER);
    for (size_t i = 0; i < s->services.count; i++) {
        const struct service *service = &s->services.rows[i];
        struct view_desk_sort_item *item =
            desk_sort_item(v, sort, STR("/desk/radio/order"), service->name, service->title);
        item->address = str_fmt(v->a, "/desk/services/%.*s", STR_ARG(service->name));
        services_ways(s, item, i, s->services.count);
    }
}

static void new_show(struct services_visit *s, struct view_desk_page *page) {
    struct desk_visit *v = s->v;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_SERVICE_NEW));
    block->text = desk_word(v, W_SERVICE_NEW_TEXT);
    struct view_desk_form *form = desk_form(v, block, STR("/desk/services"), W_SERVICE_NEW);
    struct view_desk_field *f = desk_line(v, form, "name", W_SERVICE_NAME, STR_NONE);
    f->max = SERVICE_NAME_BYTES;
    f->dir = STR("ltr");
    f->code = f->required = true;
    desk_hint(v, f, W_SERVICE_NAME_HINT);
    f = desk_line(v, form, "title", W_SERVICE_TITLE, STR_NONE);
    f->max = SERVICE_TEXT_BYTES;
    f->required = true;
}

static void admin_show(struct services_visit *s, struct view_desk_page *page) {
    struct desk_visit *v = s->v;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_SERVICE_ADMIN));
    block->text = desk_word(v, W_SERVICE_ADMIN_TEXT);
    desk_form(v, block, STR("/desk/radio/admin"), W_SERVICE_PASSWORD_MAKE)->quiet = true;
    struct view_desk_form *form = desk_form(v, block, STR("/desk/radio/addresses"), W_DESK_SAVE);
    form->quiet = true;
    desk_tick(v, form, "shows_addresses", W_SERVICE_SHOWS_ADDRESSES, s->services.shows_addresses);
}

static enum rc list_page(struct services_visit *s, int status) {
    struct desk_visit *v = s->v;
    struct view_desk_page *page = desk_page(v, W_DESK_SERVICES);
    desk_intro(v, page, W_DESK_SERVICES_NOTE);
    for (size_t i = 0; i < s->services.count; i++)
        service_show(s, page, &s->services.rows[i]);
    if (s->services.count == 0)
        desk_block(v, page, STR_NONE)->empty = desk_word(v, W_SERVICE_NONE);
    if (s->services.count > 1)
        order_show(s, page);
    new_show(s, page);
    admin_show(s, page);
    return desk_send(v, page, status);
}

enum rc services_list_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct services_visit s;
    bool answered;
    enum rc rc = services_begin(&s, &v, req, reply, 0, &answered);
    return rc != RC_OK || answered ? rc : list_page(&s, 0);
}

static enum rc make_service(struct services_visit *s, struct services_change *c) {
    service_add_ready(c->arena, &s->services, desk_field(s->v, "name"), s->secret)->title = desk_field(s->v, "title");
    return RC_OK;
}

enum rc services_list_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct services_visit s;
    bool answered;
    enum rc rc = services_begin(&s, &v, req, reply, 0, &answered);
    if (rc != RC_OK || answered)
        return rc;
    int status = services_do(&s, make_service, &rc);
    if (status != 0)
        return list_page(&s, status);
    const struct service *service = services_find(&s.services, desk_field(&v, "name"));
    if (rc != RC_OK || service == NULL)
        return rc;
    s.names[0] = service->name;
    return services_secret(&s, &service->streams[0], services_address(&s, ""));
}

static enum rc make_order(struct services_visit *s, struct services_change *c) {
    (void)c;
    size_t to;
    enum rc rc = services_place(s, s->services.rows, s->services.count, service_at, &to);
    return rc == RC_OK && !services_move(&s->services, desk_field(s->v, "id"), to) ? RC_NOT_FOUND : rc;
}

enum rc radio_order_post(struct http_request *req, struct http_reply *reply) {
    static const struct services_post post = {
        .deep = 0, .make = make_order, .page = list_page, .to = radio_address, .said = "moved"};
    return services_post(req, reply, &post);
}

static enum rc make_admin(struct services_visit *s, struct services_change *c) {
    (void)c;
    service_password_make(s->secret, &s->services.admin);
    return RC_OK;
}

enum rc radio_admin_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct services_visit s;
    bool answered;
    enum rc rc = services_begin(&s, &v, req, reply, 0, &answered);
    if (rc != RC_OK || answered || !desk_is_fresh(&v, "/desk/services"))
        return rc;
    int status = services_do(&s, make_admin, &rc);
    return status != 0 ? list_page(&s, status) : rc == RC_OK ? services_secret(&s, NULL, STR("/desk/services")) : rc;
}

static enum rc make_addresses(struct services_visit *s, struct services_change *c) {
    (void)c;
    s->services.shows_addresses = desk_field(s->v, "shows_addresses").n > 0;
    return RC_OK;
}

enum rc radio_addresses_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct services_visit s;
    bool answered;
    enum rc rc = services_begin(&s, &v, req, reply, 0, &answered);
    if (rc != RC_OK || answered || !desk_is_fresh(&v, NULL))
        return rc;
    int status = services_do(&s, make_addresses, &rc);
    return status != 0 ? list_page(&s, status) : rc == RC_OK ? desk_go(&v, STR("/desk/services"), "saved") : rc;
}
