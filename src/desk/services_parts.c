// SPDX-License-Identifier: AGPL-3.0-or-later
// See services_parts.h.
#include "desk/services_parts.h"
#include "desk/parts.h"

struct str radio_address(struct services_visit *s, const char *rest) {
    return str_fmt(s->v->a, "/desk/services%s", rest);
}

struct str services_address(struct services_visit *s, const char *rest) {
    return str_fmt(s->v->a, "/desk/services/%.*s%s", STR_ARG(s->names[0]), rest);
}

struct str streams_address(struct services_visit *s, const char *rest) {
    return str_fmt(s->v->a, "/desk/streams/%.*s%s", STR_ARG(s->names[1]), rest);
}

struct str sources_address(struct services_visit *s, const char *rest) {
    return str_fmt(s->v->a, "/desk/streams/%.*s/sources/%.*s%s", STR_ARG(s->names[1]), STR_ARG(s->names[2]), rest);
}

// ---- finding -------------------------------------------------------------------------------------------------------------

// By the names of *s; a stream says which service it is of.
static enum rc find_in(struct services_visit *s, struct services *services) {
    s->service = NULL;
    s->stream = NULL;
    s->source = NULL;
    if (s->names[1].n > 0) {
        for (size_t i = 0; i < services->count && s->stream == NULL; i++) {
            s->service = &services->rows[i];
            s->stream = service_stream_in(s->service, s->names[1]);
        }
        if (s->stream == NULL)
            return RC_NOT_FOUND;
        s->names[0] = s->service->name;
    } else if (s->names[0].n > 0 && (s->service = services_find_in(services, s->names[0])) == NULL) {
        return RC_NOT_FOUND;
    }
    if (s->names[2].n > 0 && (s->source = service_source_in(s->stream, s->names[2])) == NULL)
        return RC_NOT_FOUND;
    return RC_OK;
}

static enum rc broken_page(struct services_visit *s) {
    struct desk_visit *v = s->v;
    struct view_desk_page *page = desk_page(v, W_DESK_SERVICES);
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    block->warning = true;
    block->text = desk_word(v, W_SERVICE_BROKEN);
    // Whoever mends a file by hand reads English.
    desk_words(v, block, LANG_EN, str_dup(v->a, str_from(s->problem.text)));
    return desk_send(v, page, 500);
}

enum rc services_begin(struct services_visit *s, struct desk_visit *v, struct http_request *req,
                       struct http_reply *reply, int deep, bool *answered_out) {
    desk_begin(v, req, reply);
    *s = (struct services_visit){.v = v};
    *answered_out = false;
    if (!desk_may(v, MAY_EDIT_TECHNICAL))
        return RC_DENIED;
    if (deep > 0)
        s->names[deep == 1 ? 0 : 1] = req->params[0];
    if (deep > 2)
        s->names[2] = req->params[1];
    enum rc rc = services_load(v->a, v->site->dir, &s->services, &s->problem);
    if (rc == RC_INVALID) {
        *answered_out = true;
        return broken_page(s);
    }
    if (v->site->on_air != NULL)
        v->site->on_air(v->site, v->a, &s->now);
    return rc == RC_OK ? find_in(s, &s->services) : rc;
}

// ---- changing ------------------------------------------------------------------------------------------------------------

struct doing {
    struct services_visit *s;
    services_make make;
};

static enum rc make_found(struct services_change *c, struct services *services) {
    struct doing *d = c->arg;
    d->s->services = *services;
    d->s->is_stale = false;
    enum rc rc = find_in(d->s, &d->s->services);
    if (rc == RC_OK)
        rc = d->make(d->s, c);
    *services = d->s->services;
    return rc;
}

struct str services_fault_text(struct desk_visit *v, const struct service_wrong *w) {
    static const enum text_word words[SERVICE_FAULTS] = {
        [SERVICE_FAULT_NAME] = W_SERVICE_FAULT_NAME,
        [SERVICE_FAULT_NAME_TAKEN] = W_SERVICE_FAULT_NAME_TAKEN,
        [SERVICE_FAULT_EMPTY] = W_SERVICE_FAULT_EMPTY,
        [SERVICE_FAULT_TEXT] = W_SERVICE_FAULT_TEXT,
        [SERVICE_FAULT_NUMBER] = W_SERVICE_FAULT_NUMBER,
        [SERVICE_FAULT_LANGUAGES] = W_SERVICE_FAULT_LANGUAGES,
        [SERVICE_FAULT_URL] = W_SERVICE_FAULT_URL,
        [SERVICE_FAULT_MOUNT] = W_SERVICE_FAULT_MOUNT,
        [SERVICE_FAULT_MOUNT_OURS] = W_SERVICE_FAULT_MOUNT_OURS,
        [SERVICE_FAULT_MOUNT_TAKEN] = W_SERVICE_FAULT_MOUNT_TAKEN,
        [SERVICE_FAULT_TYPE] = W_SERVICE_FAULT_TYPE,
        [SERVICE_FAULT_HLS] = W_SERVICE_FAULT_HLS,
        [SERVICE_FAULT_CHARSET] = W_SERVICE_FAULT_CHARSET,
        [SERVICE_FAULT_MANY] = W_SERVICE_FAULT_MANY,
        [SERVICE_FAULT_PASSWORD] = W_SERVICE_FAULT_PASSWORD,
        [SERVICE_FAULT_RELAY] = W_SERVICE_FAULT_RELAY,
        [SERVICE_FAULT_BEHIND] = W_SERVICE_FAULT_BEHIND,
        [SERVICE_FAULT_SOUND_NAME] = W_SERVICE_FAULT_SOUND_NAME,
        [SERVICE_FAULT_SOUND_GONE] = W_SERVICE_FAULT_SOUND_GONE,
        [SERVICE_FAULT_SOUND_FORMAT] = W_SERVICE_FAULT_SOUND_FORMAT,
        [SERVICE_FAULT_SOUND_RATE] = W_SERVICE_FAULT_SOUND_RATE,
        [SERVICE_FAULT_SOUND_CHANNELS] = W_SERVICE_FAULT_SOUND_CHANNELS,
    };
    struct str one = str_from(w->is), two = str_from(w->should);
    if (w->fault == SERVICE_FAULT_NUMBER) {
        one = str_fmt(v->a, "%u", w->least);
        two = str_fmt(v->a, "%u", w->most);
    } else if (w->fault == SERVICE_FAULT_TEXT || w->fault == SERVICE_FAULT_MANY) {
        one = str_fmt(v->a, "%u", w->most);
    }
    return text_phrase(v->a, v->lang, words[w->fault], 0, desk_isolated(v, one), desk_isolated(v, two));
}

// "service voice, stream low"
static struct str where_text(struct desk_visit *v, const struct service_wrong *w) {
    const struct {
        enum text_word kind;
        struct str name;
    } parts[] = {
        {W_AUDIT_KIND_SERVICE, w->service}, {W_AUDIT_KIND_STREAM, w->stream}, {W_AUDIT_KIND_SOURCE, w->source}};
    struct str out = STR_NONE;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (parts[i].name.n > 0)
            out = str_fmt(v->a, "%.*s%s%.*s %.*s", STR_ARG(out), out.n > 0 ? ", " : "",
                          STR_ARG(desk_word(v, parts[i].kind)), STR_ARG(desk_isolated(v, parts[i].name)));
    return out;
}

// At the field where the form has it; what is wrong with something else is said on top, with where that is.
static void wrong_show(struct services_visit *s, const struct service_wrong *w) {
    struct desk_visit *v = s->v;
    struct str text = services_fault_text(v, w);
    bool is_sound = w->field != NULL && str_eq(str_from(w->field), STR("address")) && desk_field(v, "sound").n > 0;
    if (w->field != NULL && http_request_field(v->req, w->field).p != NULL) {
        desk_problem_text(v, is_sound ? "sound" : w->field, text);
        return;
    }
    v->said = str_fmt(v->a, "%.*s: %.*s", STR_ARG(where_text(v, w)), STR_ARG(text));
    v->said_is_problem = true;
}

int services_do(struct services_visit *s, services_make make, enum rc *rc) {
    struct desk_visit *v = s->v;
    struct doing doing = {s, make};
    struct services_change c = {
        .arena = v->a, .dir = v->site->dir, .who = desk_who(v), .make = make_found, .arg = &doing};
    if (!desk_form_ok(v))
        return 422;
    *rc = services_change(v->site->store, &c);
    s->is_settled = *rc == RC_OK && c.settled_count > 0;
    if (*rc == RC_OK)
        return 0;
    // What is there; a page that shows the form again takes its values from what was typed.
    enum rc found = services_load(v->a, v->site->dir, &s->services, &s->problem);
    if (found == RC_OK)
        found = find_in(s, &s->services);
    if (found != RC_OK) {
        *rc = found;
        return 0;
    }
    if (*rc == RC_CONFLICT && s->is_stale) {
        desk_fail(v, W_PARAM_CHANGED_MEANWHILE);
        return 409;
    }
    if (*rc == RC_IO && c.problem.text[0] != '\0') {
        desk_fail(v, W_PARAM_NOT_STORED);
        return 500;
    }
    if (*rc != RC_INVALID || (!c.is_wrong && desk_form_ok(v)))
        return 0;
    if (c.is_wrong)
        wrong_show(s, &c.wrong);
    return 422;
}

const char *services_said(const struct services_visit *s, const char *said) {
    return s->is_settled ? "settled" : said;
}

enum rc services_post(struct http_request *req, struct http_reply *reply, const struct services_post *post) {
    struct desk_visit v;
    struct services_visit s;
    bool answered;
    enum rc rc = services_begin(&s, &v, req, reply, post->deep, &answered);
    if (rc != RC_OK || answered)
        return rc;
    if (post->from != NULL && !req->form_ok)
        return desk_go(&v, post->from(&s, ""), "not_sure");
    int status = services_do(&s, post->make, &rc);
    return status != 0   ? post->page(&s, status)
           : rc == RC_OK ? desk_go(&v, post->to(&s, ""), services_said(&s, post->said))
                         : rc;
}

// ---- settings ------------------------------------------------------------------------------------------------------------

bool services_label(struct desk_visit *v, struct str key, struct str *out) {
    struct str what = key, code;
    enum text_lang lang;
    enum text_word w;
    bool has_lang = service_setting_in(key, &what, &code) && text_lang_find(code, &lang);
    if (!text_word_find(str_fmt(v->a, "service_%.*s", STR_ARG(what)), &w))
        return false;
    *out = desk_word(v, w);
    if (has_lang)
        *out = str_fmt(v->a, "%.*s – %.*s", STR_ARG(*out), STR_ARG(desk_isolated(v, text_lang_name(lang))));
    return true;
}

struct str services_span_text(struct desk_visit *v, int64_t at_us) {
    struct str moment = desk_moment_text(v, at_us);
    struct str zone = text_zone_offset(v->a, v->site->zone, at_us);
    return desk_isolated(v, str_fmt(v->a, "%.10s %s %.*s", moment.p, moment.p + 11, STR_ARG(zone)));
}

static struct str label_of(struct desk_visit *v, const struct service_setting *row) {
    struct str label;
    must(services_label(v, str_from(row->key), &label));
    return label;
}

// Words in a language of the site: what holds without them stands there while there are none.
static void in_language(struct services_visit *s, struct view_desk_field *f, const char *key) {
    struct str what, code;
    enum text_lang lang;
    if (!service_setting_in(str_from(key), &what, &code) || !text_lang_find(code, &lang))
        return;
    f->placeholder = str_eq(what, STR("title")) ? s->service->title : s->service->description;
    f->lang = code;
    f->dir = text_lang_is_rtl(lang) ? STR("rtl") : STR("ltr");
}

// A language that the station does not publish in is not asked for; what was set of it stays.
static bool is_asked(const struct desk_visit *v, const struct service_setting *row) {
    struct str what, code;
    enum text_lang lang;
    return !row->is_spare || (service_setting_in(str_from(row->key), &what, &code) && text_lang_find(code, &lang) &&
                              (v->site->languages & (UINT32_C(1) << lang)) != 0);
}

static void hint(struct desk_visit *v, struct view_desk_field *f, const char *key) {
    static const struct {
        const char *key;
        enum text_word word;
    } hints[] = {{"languages", W_SERVICE_LANGUAGES_HINT},
                 {"mount", W_SERVICE_MOUNT_HINT},
                 {"type", W_SERVICE_TYPE_HINT},
                 {"rate", W_SERVICE_ANY_HINT},
                 {"channels", W_SERVICE_ANY_HINT},
                 {"kbps", W_SERVICE_ANY_HINT},
                 {"listeners_max", W_SERVICE_NO_LIMIT_HINT},
                 {"keep_hours", W_SERVICE_NO_LIMIT_HINT},
                 {"keep_mb", W_SERVICE_NO_LIMIT_HINT},
                 {"silence_seconds", W_SERVICE_NEVER_HINT},
                 {"charset", W_SERVICE_CHARSET_HINT}};
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++)
        if (strcmp(hints[i].key, key) == 0)
            desk_hint(v, f, hints[i].word);
}

void services_fields(struct services_visit *s, struct view_desk_form *form, const struct service_setting *rows,
                     size_t n) {
    struct desk_visit *v = s->v;
    bool spare = false;
    desk_hidden(v, form, "version", services_version(s, rows, n));
    for (size_t i = 0; i < n; i++) {
        if (!is_asked(v, &rows[i]))
            continue;
        if (rows[i].is_flag) {
            desk_tick(v, form, rows[i].key, W_SERVICE_TITLE, str_eq(rows[i].value, STR("on")))->label =
                label_of(v, &rows[i]);
            continue;
        }
        if (rows[i].is_spare && !spare) {
            desk_hint(v, desk_part(v, form, desk_word(v, W_SERVICE_IN_LANGUAGES)), W_SERVICE_IN_LANGUAGES_HINT);
            spare = true;
        }
        struct view_desk_field *f = desk_line(v, form, rows[i].key, W_SERVICE_TITLE, rows[i].value);
        f->label = label_of(v, &rows[i]);
        f->max = rows[i].is_number ? 12 : rows[i].most;
        f->input_mode = rows[i].is_number ? STR("numeric") : STR_NONE;
        bool is_code = rows[i].is_number || strcmp(rows[i].key, "mount") == 0 || strcmp(rows[i].key, "type") == 0 ||
                       strcmp(rows[i].key, "url") == 0 || strcmp(rows[i].key, "charset") == 0;
        f->code = is_code && !rows[i].is_number;
        f->dir = is_code ? STR("ltr") : STR_NONE;
        in_language(s, f, rows[i].key);
        f->required = strcmp(rows[i].key, "title") == 0 || strcmp(rows[i].key, "mount") == 0;
        hint(v, f, rows[i].key);
    }
}

void services_beside(struct services_visit *s, struct view_desk_page *page, const struct service_setting *rows,
                     size_t n) {
    struct names_field *fields = ARENA_ARRAY(s->v->a, struct names_field, n);
    for (size_t i = 0; i < n; i++) {
        bool is_off = rows[i].is_flag && str_eq(rows[i].value, STR("off"));
        fields[i] = (struct names_field){.name = rows[i].key,
                                         .called = label_of(s->v, &rows[i]),
                                         .theirs = rows[i].is_flag ? (is_off ? STR_NONE : STR("1")) : rows[i].value,
                                         .is_tick = rows[i].is_flag};
    }
    names_beside(s->v, page, fields, n);
}

struct str services_version(struct services_visit *s, const struct service_setting *rows, size_t n) {
    struct buf b;
    buf_init(&b, 1 << 16);
    for (size_t i = 0; i < n; i++)
        buf_fmt(&b, "%s=%.*s\n", rows[i].key, STR_ARG(rows[i].value));
    struct str version = str_fmt(s->v->a, "%016llx", (unsigned long long)hash_stable(buf_view(&b)));
    buf_fini(&b);
    return version;
}

enum rc services_is_fresh(struct services_visit *s, const struct service_setting *rows, size_t n) {
    s->is_stale = !str_eq(desk_field(s->v, "version"), services_version(s, rows, n));
    return s->is_stale ? RC_CONFLICT : RC_OK;
}

// ---- pieces of pages -------------------------------------------------------------------------------------------------------

void services_state_cells(struct services_visit *s, struct view_desk_table *table,
                          const struct service_stream *stream) {
    struct desk_visit *v = s->v;
    const struct service_on_air *now = s->now.radio_runs ? service_state_find(&s->now.state, stream->name) : NULL;
    bool plays = now != NULL && now->source.n > 0;
    struct view_desk_cell *cell = desk_cell(
        v, table,
        plays ? text_phrase(v->a, v->lang, W_SERVICE_ON_AIR, 0, desk_isolated(v, now->source), STR_NONE) : STR_NONE);
    unsigned alarms = !s->now.radio_runs ? (unsigned)SERVICES_RADIO_DEAD : now != NULL ? now->alarms : SERVICE_OFF_AIR;
    if (alarms != 0) {
        cell->badge = services_alarms_text(v, alarms);
        cell->tone = STR("bad");
        cell->note = now != NULL ? services_refusal_text(v, v->lang, &now->refusal) : STR_NONE;
    }
    desk_cell(v, table, plays && now->title.n > 0 ? now->title : STR("–"));
    desk_cell(v, table, plays ? desk_number_text(v, (int64_t)now->listeners) : STR("–"))->number = true;
}

void services_delete_block(struct services_visit *s, struct view_desk_page *page, struct str action,
                           enum text_word text) {
    struct desk_visit *v = s->v;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_SERVICE_DELETE));
    block->text = desk_word(v, text);
    struct view_desk_form *form = desk_form(v, block, action, W_SERVICE_DELETE);
    form->danger = form->quiet = true;
    desk_tick(v, form, "sure", W_DESK_SURE, false)->required = true;
}

void services_ways(struct services_visit *s, struct view_desk_sort_item *item, size_t at, size_t count) {
    if (at > 0)
        desk_sort_way(s->v, item, "up", W_DESK_MOVE_UP);
    if (at + 1 < count)
        desk_sort_way(s->v, item, "down", W_DESK_MOVE_DOWN);
}

static size_t place_of(const void *rows, size_t count, struct str (*name_of)(const void *, size_t), struct str name) {
    size_t at = 0;
    while (at < count && !str_eq(name_of(rows, at), name))
        at++;
    return at;
}

enum rc services_place(struct services_visit *s, const void *rows, size_t count,
                       struct str (*name_of)(const void *rows, size_t at), size_t *to_out) {
    struct desk_visit *v = s->v;
    enum place_way way;
    size_t at = place_of(rows, count, name_of, desk_field(v, "id"));
    size_t beside = place_of(rows, count, name_of, desk_field(v, "beside"));
    if (!place_way_find(desk_field(v, "way"), &way) || at == count)
        return RC_INVALID;
    if (way == PLACE_UP || way == PLACE_DOWN) {
        *to_out = way == PLACE_UP ? (at > 0 ? at - 1 : 0) : at + 1;
        return RC_OK;
    }
    if (beside == count)
        return RC_INVALID;
    beside -= beside > at; // counted without the one that moves
    *to_out = beside + (way == PLACE_AFTER);
    return RC_OK;
}

enum rc services_secret(struct services_visit *s, const struct service_stream *stream, struct str back) {
    struct desk_visit *v = s->v;
    struct view_desk_page *page = desk_page(v, W_SERVICE_SECRET);
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    block->text = desk_word(v, W_SERVICE_SECRET_TEXT);
    block->warning = true;
    desk_code(v, block, str_from(s->secret));
    block = desk_block(v, page, desk_word(v, W_SERVICE_CONNECT));
    struct str address = s->now.state.address.n > 0 ? s->now.state.address : STR("127.0.0.1:8000");
    desk_fact(v, block, W_SERVICE_SERVER, str_fmt(v->a, "http://%.*s", STR_ARG(address)));
    if (stream != NULL) {
        desk_fact(v, block, W_SERVICE_MOUNT, desk_isolated(v, stream->mount));
        desk_fact(v, block, W_SERVICE_TYPE, stream->media_type);
    }
    desk_fact(v, block, W_SERVICE_USER, stream != NULL ? STR("source") : STR("admin"));
    desk_action(v, page, W_DESK_RECOVERY_DONE, back);
    return desk_send(v, page, 0);
}
