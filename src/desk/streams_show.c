// SPDX-License-Identifier: AGPL-3.0-or-later
// One stream: what it plays now, its settings, its sources in the order of their worth, and what of its log may not be
// replayed or is not dropped.
#include "desk/routes.h"
#include "desk/services_parts.h"

static struct str source_at(const void *rows, size_t i) {
    return ((const struct service_source *)rows)[i].name;
}

static enum text_word kind_word(enum service_source_kind kind) {
    return kind == SERVICE_ENCODER ? W_SERVICE_KIND_ENCODER
           : kind == SERVICE_RELAY ? W_SERVICE_KIND_RELAY
                                   : W_SERVICE_KIND_FILE;
}

static void now_show(struct services_visit *s, struct view_desk_page *page) {
    struct desk_visit *v = s->v;
    static const enum text_word columns[] = {W_SERVICE_STATE, W_SERVICE_PLAYING, W_SERVICE_LISTENERS};
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    const struct service_on_air *now = service_state_find(&s->now.state, s->stream->name);
    struct view_desk_table *table = desk_table(v, block, W_SERVICE_STATE);
    desk_columns(v, table, columns, sizeof columns / sizeof columns[0]);
    desk_row(v, table);
    services_state_cells(s, table, s->stream);
    if (now != NULL && now->kept_from_us > 0)
        desk_fact(v, block, W_SERVICE_KEPT,
                  str_fmt(v->a, "%.*s – %.*s", STR_ARG(desk_date(v, now->kept_from_us)),
                          STR_ARG(desk_date(v, now->kept_to_us))));
}

static struct str source_note(struct desk_visit *v, const struct service_source *source) {
    struct str kind = desk_word(v, kind_word(source->kind)), address = desk_isolated(v, source->address);
    return source->address.n > 0 ? str_fmt(v->a, "%.*s · %.*s", STR_ARG(kind), STR_ARG(address)) : kind;
}

static void sources_show(struct services_visit *s, struct view_desk_page *page) {
    struct desk_visit *v = s->v;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_SERVICE_SOURCES));
    block->text = desk_word(v, W_SERVICE_SOURCES_TEXT);
    struct view_desk_sort *sort = s->stream->source_count > 0 ? desk_sort(v, block, W_SERVICE_SOURCES) : NULL;
    for (size_t i = 0; i < s->stream->source_count; i++) {
        const struct service_source *source = &s->stream->sources[i];
        struct view_desk_sort_item *item =
            desk_sort_item(v, sort, streams_address(s, "/order"), source->name, source->name);
        item->address = str_fmt(v->a, "/desk/streams/%.*s/sources/%.*s", STR_ARG(s->names[1]), STR_ARG(source->name));
        item->note = source_note(v, source);
        services_ways(s, item, i, s->stream->source_count);
    }
}

static void new_show(struct services_visit *s, struct view_desk_page *page) {
    struct desk_visit *v = s->v;
    struct view_desk_form *form = desk_form(v, desk_block(v, page, desk_word(v, W_SERVICE_SOURCE_NEW)),
                                            streams_address(s, "/sources"), W_SERVICE_SOURCE_NEW);
    form->quiet = true;
    struct view_desk_field *f = desk_line(v, form, "name", W_SERVICE_NAME, STR_NONE);
    f->max = SERVICE_NAME_BYTES;
    f->dir = STR("ltr");
    f->code = f->required = true;
    desk_hint(v, f, W_SERVICE_NAME_HINT);
    f = desk_select(v, form, "kind", W_SERVICE_KIND, STR("encoder"));
    for (int kind = 0; kind < SERVICE_SOURCE_KINDS; kind++)
        desk_choice(v, f, str_from(service_source_kind_name((enum service_source_kind)kind)),
                    desk_word(v, kind_word((enum service_source_kind)kind)));
    f = desk_line(v, form, "address", W_SERVICE_RELAY_ADDRESS, STR_NONE);
    f->max = SERVICE_ADDRESS_BYTES;
    f->dir = STR("ltr");
    f->code = true;
    desk_hint(v, f, W_SERVICE_ADDRESS_HINT);
    desk_hint(v, sounds_field(s, form, "sound", STR_NONE), W_SERVICE_SOUND_HINT);
}

// ---- spans -----------------------------------------------------------------------------------------------------------------

static void span_field(struct desk_visit *v, struct view_desk_form *form, const char *name, enum text_word label) {
    struct view_desk_field *f = desk_line(v, form, name, label, STR_NONE);
    int64_t at;
    f->dir = STR("ltr");
    f->required = true;
    // What a field of that kind cannot show, such as a moment of UTC, is given back as it was typed.
    if (f->value.n == 0 || desk_moment(v, f->value, &at)) {
        f->type = STR("datetime-local");
        f->step = STR("1");
    } else
        f->max = 40;
}

static void spans_rows(struct services_visit *s, struct view_desk_table *table, enum audio_log_span_kind kind) {
    struct desk_visit *v = s->v;
    struct audio_log_span *rows;
    struct problem problem;
    size_t n = 0;
    const char *folder = services_log_folder(v->a, v->site->dir, s->stream->name);
    if (audio_log_spans(folder, kind, v->a, &rows, &n, &problem) != RC_OK)
        log_warn("%s", problem.text);
    for (size_t i = 0; i < n; i++) {
        struct str id = str_fmt(v->a, "%s.%lld.%lld", kind == AUDIO_LOG_MASKED ? "mask" : "pin",
                                (long long)rows[i].from_us, (long long)rows[i].to_us);
        desk_row(v, table);
        desk_cell(v, table, desk_word(v, kind == AUDIO_LOG_MASKED ? W_SERVICE_MASKED : W_SERVICE_PINNED))->head = true;
        desk_cell(v, table, services_span_text(v, rows[i].from_us));
        desk_cell(v, table, services_span_text(v, rows[i].to_us));
        desk_button(v, table, streams_address(s, "/spans/remove").p, "id", id, W_SERVICE_SPAN_REMOVE);
    }
}

static void spans_show(struct services_visit *s, struct view_desk_page *page) {
    struct desk_visit *v = s->v;
    static const enum text_word columns[] = {W_SERVICE_KIND, W_SERVICE_FROM, W_SERVICE_TO, W_SERVICE_SPAN_REMOVE};
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_SERVICE_SPANS));
    block->text =
        text_phrase(v->a, v->lang, W_SERVICE_SPANS_TEXT, 0, desk_isolated(v, text_zone_name(v->site->zone)), STR_NONE);
    struct view_desk_table *table = desk_table(v, block, W_SERVICE_SPANS);
    desk_columns(v, table, columns, sizeof columns / sizeof columns[0]);
    spans_rows(s, table, AUDIO_LOG_MASKED);
    spans_rows(s, table, AUDIO_LOG_PINNED);
    if (table->rows.n == 0)
        block->tables.n = 0;
    struct view_desk_form *form = desk_form(v, block, streams_address(s, "/spans"), W_SERVICE_SPAN_ADD);
    form->quiet = true;
    struct view_desk_field *f = desk_select(v, form, "span", W_SERVICE_KIND, STR("mask"));
    desk_choice(v, f, STR("mask"), desk_word(v, W_SERVICE_MASKED));
    desk_choice(v, f, STR("pin"), desk_word(v, W_SERVICE_PINNED));
    span_field(v, form, "from", W_SERVICE_FROM);
    span_field(v, form, "to", W_SERVICE_TO);
}

// ---- the page --------------------------------------------------------------------------------------------------------------

enum rc streams_page(struct services_visit *s, int status) {
    struct desk_visit *v = s->v;
    struct service_setting *rows;
    size_t n = service_stream_settings(v->a, s->stream, &rows);
    struct view_desk_page *page = desk_page_named(v, s->stream->name);
    desk_crumb(v, page, desk_word(v, W_DESK_SERVICES), STR("/desk/services"));
    desk_crumb(v, page, s->service->title, services_address(s, ""));
    if (s->is_stale)
        services_beside(s, page, rows, n);
    uploads_show(v, page, s->uploads, s->upload_count);
    now_show(s, page);
    sources_show(s, page);
    new_show(s, page);
    sounds_show(s, page);
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_STREAM));
    services_fields(s, desk_form(v, block, streams_address(s, ""), W_DESK_SAVE), rows, n);
    spans_show(s, page);
    services_delete_block(s, page, streams_address(s, "/delete"), W_SERVICE_DELETE_TEXT);
    return desk_send(v, page, status);
}

enum rc stream_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct services_visit s;
    bool answered;
    enum rc rc = services_begin(&s, &v, req, reply, 2, &answered);
    return rc != RC_OK || answered ? rc : streams_page(&s, 0);
}

static enum rc make_setting(struct services_visit *s, struct services_change *c, const struct service_setting *row) {
    struct desk_visit *v = s->v;
    struct str typed = desk_field(v, row->key);
    struct str value = !row->is_flag ? typed : typed.n > 0 ? STR("on") : STR("off");
    enum rc rc = service_stream_set(s->stream, str_from(row->key), value, &c->problem);
    uint32_t least, most;
    if (rc == RC_INVALID && row->is_number && service_limits(str_from(row->key), &least, &most) &&
        desk_field_problem(v, row->key).n == 0)
        desk_problem_text(v, row->key,
                          text_phrase(v->a, v->lang, W_SERVICE_FAULT_NUMBER, 0, str_fmt(v->a, "%u", least),
                                      str_fmt(v->a, "%u", most)));
    return rc;
}

static enum rc make_settings(struct services_visit *s, struct services_change *c) {
    struct service_setting *rows;
    size_t n = service_stream_settings(c->arena, s->stream, &rows);
    enum rc rc = services_is_fresh(s, rows, n);
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        rc = make_setting(s, c, &rows[i]);
    return rc;
}

enum rc stream_show_post(struct http_request *req, struct http_reply *reply) {
    static const struct services_post post = {
        .deep = 2, .make = make_settings, .page = streams_page, .to = streams_address, .said = "saved"};
    return services_post(req, reply, &post);
}

static enum rc make_order(struct services_visit *s, struct services_change *c) {
    (void)c;
    size_t to;
    enum rc rc = services_place(s, s->stream->sources, s->stream->source_count, source_at, &to);
    return rc == RC_OK && !service_source_move(s->stream, desk_field(s->v, "id"), to) ? RC_NOT_FOUND : rc;
}

enum rc stream_order_post(struct http_request *req, struct http_reply *reply) {
    static const struct services_post post = {
        .deep = 2, .make = make_order, .page = streams_page, .to = streams_address, .said = "moved"};
    return services_post(req, reply, &post);
}

static enum rc make_source(struct services_visit *s, struct services_change *c) {
    struct desk_visit *v = s->v;
    enum service_source_kind kind;
    if (!service_source_kind_find(desk_field(v, "kind"), &kind))
        return RC_INVALID; // no page of ours sends that
    struct service_source *source = service_source_add(c->arena, s->stream, desk_field(v, "name"), kind);
    struct str sound = kind == SERVICE_FILE ? desk_field(v, "sound") : STR_NONE;
    source->address = sound.n > 0 ? sound : desk_field(v, "address");
    if (kind == SERVICE_ENCODER)
        service_password_make(s->secret, &source->password);
    return RC_OK;
}

enum rc stream_sources_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct services_visit s;
    bool answered;
    enum rc rc = services_begin(&s, &v, req, reply, 2, &answered);
    if (rc != RC_OK || answered)
        return rc;
    int status = services_do(&s, make_source, &rc);
    if (status != 0 || rc != RC_OK)
        return status != 0 ? streams_page(&s, status) : rc;
    return s.secret[0] != '\0' ? services_secret(&s, s.stream, streams_address(&s, ""))
                               : desk_go(&v, streams_address(&s, ""), services_said(&s, "saved"));
}

static enum rc make_removal(struct services_visit *s, struct services_change *c) {
    (void)c;
    return service_stream_remove(s->service, s->names[1]) ? RC_OK : RC_NOT_FOUND;
}

enum rc stream_delete_post(struct http_request *req, struct http_reply *reply) {
    static const struct services_post post = {.deep = 2,
                                              .make = make_removal,
                                              .page = streams_page,
                                              .to = services_address,
                                              .from = streams_address,
                                              .said = "deleted"};
    return services_post(req, reply, &post);
}

// ---- spans, changed --------------------------------------------------------------------------------------------------------

// In the station's time, or with a distance from UTC.
static bool moment_take(struct desk_visit *v, const char *field, int64_t *out) {
    struct str typed = desk_field(v, field);
    if (desk_moment(v, typed, out) || services_moment(typed, out))
        return true;
    desk_problem(v, field, W_DESK_TIME_BAD);
    return false;
}

static enum rc span_put(struct services_visit *s, struct services_span *span, const char *said) {
    struct desk_visit *v = s->v;
    span->arena = v->a;
    span->dir = v->site->dir;
    span->who = desk_who(v);
    span->stream = s->stream->name;
    enum rc rc = services_span_put(v->site->store, span);
    if (rc == RC_OK || (rc == RC_NOT_FOUND && span->is_removal)) // somebody took it away already
        return desk_go(v, streams_address(s, ""), said);
    if (rc != RC_NOT_FOUND)
        return rc;
    desk_problem(v, "from", W_SERVICE_SPAN_NONE);
    return streams_page(s, 422);
}

enum rc stream_spans_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct services_visit s;
    bool answered;
    struct services_span span = {0};
    enum rc rc = services_begin(&s, &v, req, reply, 2, &answered);
    if (rc != RC_OK || answered)
        return rc;
    span.kind = str_eq(desk_field(&v, "span"), STR("pin")) ? AUDIO_LOG_PINNED : AUDIO_LOG_MASKED;
    bool from = moment_take(&v, "from", &span.span.from_us), to = moment_take(&v, "to", &span.span.to_us);
    if (from && to && span.span.to_us <= span.span.from_us)
        desk_problem(&v, "to", W_SERVICE_SPAN_ORDER);
    return desk_form_ok(&v) ? span_put(&s, &span, "saved") : streams_page(&s, 422);
}

enum rc stream_span_remove_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct services_visit s;
    bool answered;
    struct services_span span = {.is_removal = true};
    enum rc rc = services_begin(&s, &v, req, reply, 2, &answered);
    if (rc != RC_OK || answered)
        return rc;
    struct str id = desk_field(&v, "id"), kind, from;
    if (!str_next(&id, '.', &kind) || !str_next(&id, '.', &from) || !str_to_i64(from, &span.span.from_us) ||
        !str_to_i64(id, &span.span.to_us))
        return RC_INVALID;
    span.kind = str_eq(kind, STR("pin")) ? AUDIO_LOG_PINNED : AUDIO_LOG_MASKED;
    return span_put(&s, &span, "deleted");
}
