// SPDX-License-Identifier: AGPL-3.0-or-later
// One source of a stream: where it comes from, or the password that it comes with.
#include "desk/routes.h"
#include "desk/services_parts.h"

static size_t settings(struct services_visit *s, struct service_setting rows[1]) {
    rows[0] = (struct service_setting){.key = "address", .value = s->source->address, .most = SERVICE_ADDRESS_BYTES};
    return s->source->kind == SERVICE_ENCODER ? 0 : 1;
}

static void password_show(struct services_visit *s, struct view_desk_page *page) {
    struct desk_visit *v = s->v;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_SERVICE_CONNECT));
    struct str address = s->now.state.address.n > 0 ? s->now.state.address : STR("127.0.0.1:8000");
    desk_fact(v, block, W_SERVICE_SERVER, str_fmt(v->a, "http://%.*s", STR_ARG(address)));
    desk_fact(v, block, W_SERVICE_MOUNT, desk_isolated(v, s->stream->mount));
    desk_fact(v, block, W_SERVICE_TYPE, s->stream->media_type);
    desk_fact(v, block, W_SERVICE_USER, STR("source"));
    block = desk_block(v, page, desk_word(v, W_SERVICE_PASSWORD_MAKE));
    block->text = desk_word(v, W_SERVICE_PASSWORD_TEXT);
    desk_form(v, block, sources_address(s, "/password"), W_SERVICE_PASSWORD_MAKE);
}

static void address_show(struct services_visit *s, struct view_desk_form *form, const struct service_setting *rows,
                         size_t n) {
    services_fields(s, form, rows, n);
    struct view_desk_field *f = &form->fields.items[form->fields.n - 1];
    f->label = desk_word(s->v, W_SERVICE_RELAY_ADDRESS);
    f->dir = STR("ltr");
    f->code = f->required = true;
    desk_hint(s->v, f, W_SERVICE_ADDRESS_HINT);
}

static void sound_show(struct services_visit *s, struct view_desk_form *form, const struct service_setting *rows,
                       size_t n) {
    struct desk_visit *v = s->v;
    desk_hidden(v, form, "version", services_version(s, rows, n));
    sounds_field(s, form, "address", s->source->address);
    form->other = (struct view_desk_link){.label = desk_word(v, W_SERVICE_SOUNDS), .address = streams_address(s, "")};
}

static enum rc one_page(struct services_visit *s, int status) {
    struct desk_visit *v = s->v;
    struct service_setting rows[1];
    size_t n = settings(s, rows);
    struct view_desk_page *page = desk_page_named(v, s->source->name);
    desk_crumb(v, page, desk_word(v, W_DESK_SERVICES), STR("/desk/services"));
    desk_crumb(v, page, s->service->title, services_address(s, ""));
    desk_crumb(v, page, s->stream->name, streams_address(s, ""));
    if (s->is_stale)
        services_beside(s, page, rows, n);
    if (n == 0) {
        password_show(s, page);
    } else {
        struct view_desk_form *form = desk_form(v, desk_block(v, page, STR_NONE), sources_address(s, ""), W_DESK_SAVE);
        if (s->source->kind == SERVICE_FILE)
            sound_show(s, form, rows, n);
        else
            address_show(s, form, rows, n);
    }
    services_delete_block(s, page, sources_address(s, "/delete"), W_SERVICE_SOURCE_DELETE_TEXT);
    return desk_send(v, page, status);
}

enum rc source_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct services_visit s;
    bool answered;
    enum rc rc = services_begin(&s, &v, req, reply, 3, &answered);
    return rc != RC_OK || answered ? rc : one_page(&s, 0);
}

static enum rc make_address(struct services_visit *s, struct services_change *c) {
    (void)c;
    struct service_setting rows[1];
    if (s->source->kind == SERVICE_ENCODER)
        return RC_NOT_FOUND; // no page of ours sends that
    enum rc rc = services_is_fresh(s, rows, settings(s, rows));
    if (rc == RC_OK)
        s->source->address = desk_field(s->v, "address");
    return rc;
}

enum rc source_show_post(struct http_request *req, struct http_reply *reply) {
    static const struct services_post post = {
        .deep = 3, .make = make_address, .page = one_page, .to = sources_address, .said = "saved"};
    return services_post(req, reply, &post);
}

static enum rc make_password(struct services_visit *s, struct services_change *c) {
    (void)c;
    if (s->source->kind != SERVICE_ENCODER)
        return RC_NOT_FOUND;
    service_password_make(s->secret, &s->source->password);
    return RC_OK;
}

enum rc source_password_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct services_visit s;
    bool answered;
    enum rc rc = services_begin(&s, &v, req, reply, 3, &answered);
    if (rc != RC_OK || answered || !desk_is_fresh(&v, sources_address(&s, "").p))
        return rc;
    int status = services_do(&s, make_password, &rc);
    return status != 0   ? one_page(&s, status)
           : rc == RC_OK ? services_secret(&s, s.stream, sources_address(&s, ""))
                         : rc;
}

static enum rc make_removal(struct services_visit *s, struct services_change *c) {
    (void)c;
    return service_source_remove(s->stream, s->names[2]) ? RC_OK : RC_NOT_FOUND;
}

enum rc source_delete_post(struct http_request *req, struct http_reply *reply) {
    static const struct services_post post = {.deep = 3,
                                              .make = make_removal,
                                              .page = one_page,
                                              .to = streams_address,
                                              .from = sources_address,
                                              .said = "deleted"};
    return services_post(req, reply, &post);
}
