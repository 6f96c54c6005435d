// SPDX-License-Identifier: AGPL-3.0-or-later
// One service: what listeners see of it, its streams in order, one more.
#include "desk/routes.h"
#include "desk/services_parts.h"

static struct str stream_at(const void *rows, size_t i) {
    return ((const struct service_stream *)rows)[i].name;
}

static void streams_show(struct services_visit *s, struct view_desk_page *page) {
    struct desk_visit *v = s->v;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_SERVICE_STREAMS));
    block->text = desk_word(v, W_SERVICE_STREAMS_TEXT);
    struct view_desk_sort *sort = desk_sort(v, block, W_SERVICE_STREAMS);
    for (size_t i = 0; i < s->service->stream_count; i++) {
        const struct service_stream *stream = &s->service->streams[i];
        struct view_desk_sort_item *item =
            desk_sort_item(v, sort, services_address(s, "/order"), stream->name, stream->name);
        item->address = str_fmt(v->a, "/desk/streams/%.*s", STR_ARG(stream->name));
        item->note =
            desk_isolated(v, str_fmt(v->a, "%.*s · %.*s", STR_ARG(stream->mount), STR_ARG(stream->media_type)));
        services_ways(s, item, i, s->service->stream_count);
    }
}

static void new_show(struct services_visit *s, struct view_desk_page *page) {
    struct desk_visit *v = s->v;
    struct view_desk_form *form = desk_form(v, desk_block(v, page, desk_word(v, W_SERVICE_STREAM_NEW)),
                                            services_address(s, "/streams"), W_SERVICE_STREAM_NEW);
    form->quiet = true;
    struct view_desk_field *f = desk_line(v, form, "name", W_SERVICE_NAME, STR_NONE);
    f->max = SERVICE_NAME_BYTES;
    f->dir = STR("ltr");
    f->code = f->required = true;
    desk_hint(v, f, W_SERVICE_NAME_HINT);
    f = desk_line(v, form, "mount", W_SERVICE_MOUNT, STR_NONE);
    f->max = SERVICE_MOUNT_BYTES;
    f->dir = STR("ltr");
    f->code = f->required = true;
    desk_hint(v, f, W_SERVICE_MOUNT_HINT);
    f = desk_line(v, form, "type", W_SERVICE_TYPE, STR("audio/mpeg"));
    f->max = SERVICE_TYPE_BYTES;
    f->dir = STR("ltr");
    f->code = f->required = true;
    desk_hint(v, f, W_SERVICE_TYPE_HINT);
}

static enum rc one_page(struct services_visit *s, int status) {
    struct desk_visit *v = s->v;
    struct service_setting *rows;
    size_t n = service_settings(v->a, s->service, &rows);
    struct view_desk_page *page = desk_page_named(v, s->service->title);
    desk_crumb(v, page, desk_word(v, W_DESK_SERVICES), STR("/desk/services"));
    if (s->is_stale)
        services_beside(s, page, rows, n);
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    desk_fact(v, block, W_SERVICE_NAME, s->service->name);
    services_fields(s, desk_form(v, block, services_address(s, ""), W_DESK_SAVE), rows, n);
    if (s->service->stream_count > 0)
        streams_show(s, page);
    new_show(s, page);
    services_delete_block(s, page, services_address(s, "/delete"), W_SERVICE_DELETE_TEXT);
    return desk_send(v, page, status);
}

enum rc service_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct services_visit s;
    bool answered;
    enum rc rc = services_begin(&s, &v, req, reply, 1, &answered);
    return rc != RC_OK || answered ? rc : one_page(&s, 0);
}

static enum rc make_settings(struct services_visit *s, struct services_change *c) {
    struct service_setting *rows;
    size_t n = service_settings(c->arena, s->service, &rows);
    enum rc rc = services_is_fresh(s, rows, n);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        struct str typed = desk_field(s->v, rows[i].key);
        if (rows[i].is_spare && http_request_field(s->v->req, rows[i].key).p == NULL)
            continue; // not asked for
        struct str value = !rows[i].is_flag ? typed : typed.n > 0 ? STR("on") : STR("off");
        rc = service_set(s->service, str_from(rows[i].key), value, &c->problem);
    }
    return rc;
}

enum rc service_show_post(struct http_request *req, struct http_reply *reply) {
    static const struct services_post post = {
        .deep = 1, .make = make_settings, .page = one_page, .to = services_address, .said = "saved"};
    return services_post(req, reply, &post);
}

static enum rc make_order(struct services_visit *s, struct services_change *c) {
    (void)c;
    size_t to;
    enum rc rc = services_place(s, s->service->streams, s->service->stream_count, stream_at, &to);
    return rc == RC_OK && !service_stream_move(s->service, desk_field(s->v, "id"), to) ? RC_NOT_FOUND : rc;
}

enum rc service_order_post(struct http_request *req, struct http_reply *reply) {
    static const struct services_post post = {
        .deep = 1, .make = make_order, .page = one_page, .to = services_address, .said = "moved"};
    return services_post(req, reply, &post);
}

static enum rc make_stream(struct services_visit *s, struct services_change *c) {
    struct service_stream *stream = service_stream_add(c->arena, s->service, desk_field(s->v, "name"));
    stream->mount = desk_field(s->v, "mount");
    return service_stream_set(stream, STR("type"), desk_field(s->v, "type"), &c->problem);
}

static struct str made_address(struct services_visit *s, const char *rest) {
    s->names[1] = desk_field(s->v, "name");
    return streams_address(s, rest);
}

enum rc service_streams_post(struct http_request *req, struct http_reply *reply) {
    static const struct services_post post = {
        .deep = 1, .make = make_stream, .page = one_page, .to = made_address, .said = "saved"};
    return services_post(req, reply, &post);
}

static enum rc make_removal(struct services_visit *s, struct services_change *c) {
    (void)c;
    return services_remove(&s->services, s->names[0]) ? RC_OK : RC_NOT_FOUND;
}

enum rc service_delete_post(struct http_request *req, struct http_reply *reply) {
    static const struct services_post post = {.deep = 1,
                                              .make = make_removal,
                                              .page = one_page,
                                              .to = radio_address,
                                              .from = services_address,
                                              .said = "deleted"};
    return services_post(req, reply, &post);
}
