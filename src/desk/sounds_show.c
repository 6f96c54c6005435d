// SPDX-License-Identifier: AGPL-3.0-or-later
// The files that a stream plays where nobody else does: those that there are, one more, away with one that nothing plays.
// What is brought is looked at with the stream of whose page it was sent: it is heard when everything else has failed.
#include "desk/routes.h"
#include "desk/services_parts.h"

enum { SAME_NAMES_MOST = 99, BASE_BYTES = 80, ENDING_BYTES = 8 };

// ---- what there is -----------------------------------------------------------------------------------------------------

static size_t sounds_load(struct services_visit *s, struct service_sound **out) {
    struct problem problem;
    size_t n = 0;
    if (service_sounds(s->v->a, s->v->site->dir, out, &n, &problem) != RC_OK)
        log_warn("%s", problem.text);
    return n;
}

struct view_desk_field *sounds_field(struct services_visit *s, struct view_desk_form *form, const char *name,
                                     struct str value) {
    struct desk_visit *v = s->v;
    struct service_sound *all;
    size_t n = sounds_load(s, &all);
    struct view_desk_field *f = desk_select(v, form, name, W_SERVICE_SOUND, value);
    bool is_there = f->value.n == 0;
    f->grows = true;
    if (value.n == 0)
        desk_choice(v, f, STR(""), STR("–"));
    for (size_t i = 0; i < n; i++) {
        desk_choice(v, f, all[i].name, all[i].name);
        is_there |= str_eq(all[i].name, f->value);
    }
    if (!is_there)
        desk_choice(v, f, f->value, f->value);
    return f;
}

static struct str sound_address(struct services_visit *s, struct str name, const char *rest) {
    return str_fmt(s->v->a, "%.*s/%.*s%s", STR_ARG(streams_address(s, "/sounds")), STR_ARG(name), rest);
}

// What plays it first, "voice-mp3/loop", and its address; "": nothing does.
static struct str user_of(struct services_visit *s, struct str name, struct str *address_out) {
    struct desk_visit *v = s->v;
    const struct service_stream *stream;
    const struct service_source *user = service_sound_user(&s->services, name, &stream);
    *address_out = STR_NONE;
    if (user == NULL)
        return STR_NONE;
    *address_out = str_fmt(v->a, "/desk/streams/%.*s/sources/%.*s", STR_ARG(stream->name), STR_ARG(user->name));
    return str_fmt(v->a, "%.*s/%.*s", STR_ARG(stream->name), STR_ARG(user->name));
}

static void sound_row(struct services_visit *s, struct view_desk_table *table, const struct service_sound *sound) {
    struct desk_visit *v = s->v;
    struct str address, user = user_of(s, sound->name, &address);
    desk_row(v, table);
    struct view_desk_cell *cell = desk_cell(v, table, sound->name);
    cell->head = true;
    cell->address = sound_address(s, sound->name, "");
    desk_cell(v, table, desk_size_text(v, (int64_t)sound->bytes))->number = true;
    desk_cell(v, table, user.n > 0 ? user : STR("–"))->address = address;
}

static struct str large_text(struct desk_visit *v) {
    return text_phrase(v->a, v->lang, W_SERVICE_SOUND_LARGE, 0, desk_size_text(v, SERVICE_SOUND_MOST), STR_NONE);
}

void sounds_show(struct services_visit *s, struct view_desk_page *page) {
    struct desk_visit *v = s->v;
    static const enum text_word columns[] = {W_DESK_FILE, W_BACKUP_SIZE, W_SERVICE_SOUND_USER};
    struct service_sound *all;
    size_t n = sounds_load(s, &all);
    struct str most = desk_size_text(v, SERVICE_SOUND_MOST);
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_SERVICE_SOUNDS));
    block->text = text_phrase(v->a, v->lang, W_SERVICE_SOUNDS_TEXT, 0, desk_isolated(v, s->stream->media_type), most);
    struct view_desk_table *table = n > 0 ? desk_table(v, block, W_SERVICE_SOUNDS) : NULL;
    if (table != NULL)
        desk_columns(v, table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < n; i++)
        sound_row(s, table, &all[i]);
    struct view_desk_form *form = desk_form(v, block, streams_address(s, "/sounds"), W_DESK_UPLOAD);
    form->quiet = form->one_by_one = true;
    form->most = SERVICE_SOUND_MOST;
    form->too_large = large_text(v);
    upload_field(v, form, true, STR("audio/*,.mp3,.aac,.ogg,.oga,.opus,.webm,.flac"), STR_NONE);
}

// ---- one more ------------------------------------------------------------------------------------------------------------

struct telling {
    struct desk_visit *v;
    const char *verb;
    struct str name;
    struct problem problem;
};

static enum rc tell(struct db *db, const struct telling *t, bool is_gone) {
    struct audit_entry entry = {.who = desk_who(t->v), .verb = str_from(t->verb), .kind = STR("sound")};
    *(is_gone ? &entry.before : &entry.after) = t->name;
    return audit_add(db, &entry);
}

static enum rc tell_new(struct db *db, void *arg) {
    return tell(db, arg, false);
}

static void split(struct str name, struct str *base_out, struct str *ending_out) {
    size_t dot = name.n;
    for (size_t i = 1; i < name.n; i++)
        if (name.p[i] == '.')
            dot = i;
    *base_out = str_slice(name, 0, dot);
    *ending_out = dot < name.n ? str_slice(name, dot + 1, name.n) : STR_NONE;
}

static struct str joined(struct desk_visit *v, struct str base, struct str ending) {
    return ending.n > 0 ? str_fmt(v->a, "%.*s.%.*s", STR_ARG(base), STR_ARG(ending)) : base;
}

// As it was sent, or what of it can be the name of a file there.
static struct str safe_name(struct desk_visit *v, struct str sent) {
    struct str base, ending;
    if (service_sound_name_ok(sent))
        return sent;
    split(sent, &base, &ending);
    base = text_slug(v->a, v->lang, base);
    ending = text_slug(v->a, v->lang, ending);
    if (base.n == 0)
        base = STR("sound");
    return joined(v, base, ending.n <= ENDING_BYTES ? ending : STR_NONE);
}

// Where another file has the name already, this one gets a number: what plays is never put another in place of.
static enum rc place(struct telling *t, int fd, bool *is_new_out) {
    struct desk_visit *v = t->v;
    struct str base, ending, wanted = t->name;
    enum rc rc = service_sound_bring(v->site->dir, fd, t->name, is_new_out, &t->problem);
    split(wanted, &base, &ending);
    base = str_slice(base, 0, base.n < BASE_BYTES ? base.n : BASE_BYTES);
    for (int n = 2; rc == RC_CONFLICT && n <= SAME_NAMES_MOST && ending.n <= ENDING_BYTES; n++) {
        t->name = joined(v, str_fmt(v->a, "%.*s-%d", STR_ARG(base), n), ending);
        rc = service_sound_bring(v->site->dir, fd, t->name, is_new_out, &t->problem);
    }
    return rc;
}

// One that is too large, or one too many.
static struct str too_much(struct desk_visit *v, const struct http_file *file) {
    const struct service_wrong many = {.fault = SERVICE_FAULT_MANY, .most = SERVICE_SOUNDS_MAX};
    return file->bytes > SERVICE_SOUND_MOST ? large_text(v) : services_fault_text(v, &many);
}

static enum rc sound_take(struct services_visit *s, const struct http_file *file, struct upload_outcome *out) {
    struct desk_visit *v = s->v;
    struct service_wrong wrong;
    struct telling t = {.v = v, .verb = "upload"};
    struct problem gone;
    bool is_new = false;
    *out = (struct upload_outcome){.name = upload_name(file)};
    t.name = safe_name(v, out->name);
    if (service_sound_look(v->site->dir, file->fd, s->stream, &wrong) != RC_OK) {
        out->why = services_fault_text(v, &wrong);
        return RC_OK;
    }
    enum rc rc = place(&t, file->fd, &is_new);
    if (rc == RC_CONFLICT) {
        out->why = desk_word(v, W_SERVICE_FAULT_NAME_TAKEN);
        return RC_OK;
    }
    if (rc == RC_TOO_BIG) {
        out->why = too_much(v, file);
        return RC_OK;
    }
    if (rc == RC_OK && is_new)
        rc = store_write(v->site->store, STORE_DURABLE, tell_new, &t);
    if (rc != RC_OK && is_new && service_sound_remove(v->site->dir, t.name, &gone) != RC_OK)
        log_warn("%s", gone.text);
    if (rc == RC_IO && t.problem.text[0] != '\0') {
        log_error("%s", t.problem.text);
        out->why = desk_word(v, W_PARAM_NOT_STORED);
        return RC_OK;
    }
    out->choice = t.name;
    out->address = streams_address(s, "");
    return rc;
}

enum rc stream_sounds_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct services_visit s;
    bool answered, some = false;
    enum rc rc = services_begin(&s, &v, req, reply, 2, &answered);
    if (rc != RC_OK || answered)
        return rc;
    if (req->file_count == 0)
        desk_problem(&v, "files", W_DESK_FILES_NONE);
    if (!desk_form_ok(&v))
        return upload_wants_json(&v) ? RC_INVALID : streams_page(&s, 422);
    struct upload_outcome *all = ARENA_ARRAY(v.a, struct upload_outcome, req->file_count);
    for (size_t i = 0; i < req->file_count && rc == RC_OK; i++) {
        rc = sound_take(&s, &req->files[i], &all[i]);
        some = some || all[i].why.n == 0;
    }
    if (rc != RC_OK)
        return rc;
    if (upload_wants_json(&v))
        return upload_json(&v, &all[0]);
    if (req->file_count == 1 && some)
        return desk_go(&v, streams_address(&s, ""), "uploaded");
    s.uploads = all;
    s.upload_count = req->file_count;
    return streams_page(&s, some ? 0 : 422);
}

// ---- one of them, and away with it ---------------------------------------------------------------------------------------

// services_begin, and the file that the address names below its stream. Without a name: there is none any more.
static enum rc sound_begin(struct services_visit *s, struct desk_visit *v, struct http_request *req,
                           struct http_reply *reply, struct service_sound *out, bool *answered_out) {
    struct service_sound *all;
    struct str name = req->params[1];
    *out = (struct service_sound){.name = STR_NONE};
    enum rc rc = services_begin(s, v, req, reply, 2, answered_out);
    if (rc != RC_OK || *answered_out)
        return rc;
    if (!service_sound_name_ok(name))
        return RC_NOT_FOUND;
    size_t n = sounds_load(s, &all);
    for (size_t i = 0; i < n; i++)
        if (str_eq(all[i].name, name))
            *out = all[i];
    return RC_OK;
}

static enum rc sound_page(struct services_visit *s, const struct service_sound *sound, int status) {
    struct desk_visit *v = s->v;
    struct str address, user = user_of(s, sound->name, &address);
    struct view_desk_page *page = desk_page_named(v, sound->name);
    desk_crumb(v, page, desk_word(v, W_DESK_SERVICES), radio_address(s, ""));
    desk_crumb(v, page, s->service->title, services_address(s, ""));
    desk_crumb(v, page, s->stream->name, streams_address(s, ""));
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    desk_fact(v, block, W_BACKUP_SIZE, desk_size_text(v, (int64_t)sound->bytes));
    if (user.n > 0) {
        desk_fact(v, block, W_SERVICE_SOUND_USER, user);
        block->text = desk_word(v, W_SERVICE_SOUND_PLAYS);
        desk_link(v, &block->links, user, address, STR_NONE);
    } else {
        services_delete_block(s, page, sound_address(s, sound->name, "/delete"), W_SERVICE_SOUND_DELETE_TEXT);
    }
    return desk_send(v, page, status);
}

enum rc stream_sound_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct services_visit s;
    struct service_sound sound;
    bool answered;
    enum rc rc = sound_begin(&s, &v, req, reply, &sound, &answered);
    if (rc != RC_OK || answered)
        return rc;
    return sound.name.n > 0 ? sound_page(&s, &sound, 0) : RC_NOT_FOUND;
}

// In the write, so that no source takes it up meanwhile.
static enum rc tell_gone(struct db *db, void *arg) {
    struct telling *t = arg;
    struct services services;
    const struct service_stream *stream;
    enum rc rc = services_load(t->v->a, t->v->site->dir, &services, &t->problem);
    if (rc == RC_OK && service_sound_user(&services, t->name, &stream) != NULL)
        rc = RC_CONFLICT;
    return rc == RC_OK ? tell(db, t, true) : rc;
}

static enum rc remove_it(void *arg) {
    struct telling *t = arg;
    return service_sound_remove(t->v->site->dir, t->name, &t->problem);
}

enum rc stream_sound_delete_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct services_visit s;
    struct service_sound sound;
    bool answered;
    enum rc rc = sound_begin(&s, &v, req, reply, &sound, &answered);
    if (rc != RC_OK || answered)
        return rc;
    struct telling t = {.v = &v, .verb = "delete", .name = req->params[1]};
    if (!req->form_ok)
        return desk_go(&v, sound_address(&s, t.name, ""), "not_sure");
    if (sound.name.n > 0)
        rc = store_write_then(v.site->store, tell_gone, remove_it, &t);
    if (rc == RC_OK || rc == RC_NOT_FOUND) // somebody took it away already
        return desk_go(&v, streams_address(&s, ""), "deleted");
    if (rc == RC_IO && t.problem.text[0] != '\0')
        log_error("%s", t.problem.text);
    if (rc != RC_CONFLICT && rc != RC_IO)
        return rc;
    desk_fail(&v, rc == RC_CONFLICT ? W_SERVICE_SOUND_PLAYS : W_PARAM_NOT_STORED);
    return sound_page(&s, &sound, rc == RC_CONFLICT ? 409 : 500);
}
