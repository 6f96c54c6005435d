// SPDX-License-Identifier: AGPL-3.0-or-later
// `siaran service DIR ...`: what can be tuned in to, as the desk's pages of services have it. A password that it prints is
// shown once; what is kept of it is a hash.
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "desk/services.h"
#include "main/command.h"

struct asking {
    struct command_call *call;
    struct service *service; // of the services being changed
    struct service_stream *stream;
    struct service_source *source;
    char secret[SERVICE_SECRET_CHARS + 1];
    bool is_new;
    struct service_settled *settled; // of the change
    size_t settled_count;
};

static struct str word_at(const struct command_call *call, size_t i) {
    return i < call->request->arg_count ? call->request->args[i] : STR_NONE;
}

static size_t words(const struct command_call *call) {
    return call->request->arg_count;
}

static const struct audit_who command_line = {0, STR("command line")};

// ---- the change ----------------------------------------------------------------------------------------------------

// What came of it beside what was asked for.
static void settled_say(const struct asking *k) {
    for (size_t i = 0; i < k->settled_count; i++)
        command_say(k->call, "stream %.*s said no rate and has that of %.*s now: %u samples a second",
                    STR_ARG(k->settled[i].stream), STR_ARG(k->settled[i].file), k->settled[i].rate);
}

static enum rc change(struct asking *asking, enum rc (*make)(struct services_change *, struct services *),
                      enum exit_code *code_out, struct services *services_out) {
    struct command_call *call = asking->call;
    struct services_change c = {
        .arena = call->arena, .dir = call->station->dir, .who = command_line, .make = make, .arg = asking};
    enum rc rc = services_change(call->station->store, &c);
    *code_out = EXIT_DONE;
    asking->settled = c.settled;
    asking->settled_count = c.settled_count;
    if (services_out != NULL)
        *services_out = c.services;
    if (rc != RC_OK)
        *code_out =
            command_fail(call, rc == RC_IO || rc == RC_BUSY || rc == RC_DENIED ? exit_code_of(rc) : EXIT_REFUSED, "%s",
                         c.problem.text[0] != '\0' ? c.problem.text : rc_name(rc));
    return rc;
}

// The service, the stream and the source that the words from the second on name; as many as there are `deep`.
static enum rc find(struct asking *k, struct services *services, int deep, struct problem *p) {
    struct str names[3];
    for (int i = 0; i < 3; i++)
        names[i] = word_at(k->call, 2 + (size_t)i);
    k->stream = NULL;
    k->source = NULL;
    k->service = services_find_in(services, names[0]);
    if (k->service == NULL)
        return problem_set(p, RC_NOT_FOUND, "there is no service \"%.*s\"", STR_ARG(utf8_cut(names[0], 64)));
    if (deep > 1 && (k->stream = service_stream_in(k->service, names[1])) == NULL)
        return problem_set(p, RC_NOT_FOUND, "service %.*s has no stream \"%.*s\"", STR_ARG(names[0]),
                           STR_ARG(utf8_cut(names[1], 64)));
    if (deep > 2 && (k->source = service_source_in(k->stream, names[2])) == NULL)
        return problem_set(p, RC_NOT_FOUND, "stream %.*s has no source \"%.*s\"", STR_ARG(names[1]),
                           STR_ARG(utf8_cut(names[2], 64)));
    return RC_OK;
}

// "key=value" words from `from` on.
static enum rc settings_take(struct asking *k, size_t from, struct problem *p) {
    struct command_call *call = k->call;
    enum rc rc = RC_OK;
    for (size_t i = from; i < words(call) && rc == RC_OK; i++) {
        size_t at;
        struct str w = word_at(call, i);
        if (!str_find_char(w, '=', &at) || at == 0)
            return problem_set(p, RC_INVALID, "\"%.*s\" is not of the form key=value", STR_ARG(utf8_cut(w, 64)));
        struct str key = str_slice(w, 0, at), value = str_trim(str_slice(w, at + 1, w.n));
        rc = k->stream != NULL ? service_stream_set(k->stream, key, value, p) : service_set(k->service, key, value, p);
    }
    return rc;
}

// ---- what an encoder needs -----------------------------------------------------------------------------------------

// Where the radio listens, or will.
static struct str radio_address(struct command_call *call) {
    struct service_state state;
    struct problem problem = {""};
    if (service_state_load(call->arena, call->station->dir, &state, &problem) == RC_OK && state.address.n > 0)
        return state.address;
    return STR("127.0.0.1:8000");
}

static void encoder_say(struct command_call *call, const struct service_stream *stream, const char *secret) {
    command_say(call, "  server     http://%.*s", STR_ARG(radio_address(call)));
    command_say(call, "  mount      %.*s", STR_ARG(stream->mount));
    command_say(call, "  type       %.*s", STR_ARG(stream->media_type));
    command_say(call, "  user name  source");
    command_say(call, "  password   %s", secret);
    command_say(call, "The password is shown this once; what is kept of it is a hash.");
}

// ---- set -------------------------------------------------------------------------------------------------------------

static enum rc make_set(struct services_change *c, struct services *services) {
    struct asking *k = c->arg;
    struct str name = word_at(k->call, 2);
    k->service = services_find_in(services, name);
    k->stream = NULL;
    k->is_new = k->service == NULL;
    if (k->is_new)
        k->service = service_add_ready(c->arena, services, name, k->secret);
    return settings_take(k, 3, &c->problem);
}

static enum exit_code run_set(struct command_call *call) {
    struct asking k = {.call = call};
    struct services services;
    enum exit_code code;
    if (change(&k, make_set, &code, &services) != RC_OK)
        return code;
    struct str name = word_at(call, 2);
    const struct service *s = services_find(&services, name);
    command_say(call, "service %.*s is %s", STR_ARG(name), k.is_new ? "there; an encoder goes on the air with" : "set");
    if (k.is_new && s != NULL)
        encoder_say(call, &s->streams[0], k.secret);
    return EXIT_DONE;
}

// ---- stream ------------------------------------------------------------------------------------------------------------

static bool says(const struct command_call *call, size_t from, struct str beginning) {
    for (size_t i = from; i < words(call); i++)
        if (str_starts(word_at(call, i), beginning))
            return true;
    return false;
}

static enum rc make_stream(struct services_change *c, struct services *services) {
    struct asking *k = c->arg;
    struct str name = word_at(k->call, 3);
    enum rc rc = find(k, services, 1, &c->problem);
    if (rc != RC_OK)
        return rc;
    k->stream = service_stream_in(k->service, name);
    k->is_new = k->stream == NULL;
    if (k->is_new) {
        k->stream = service_stream_add(c->arena, k->service, name);
        k->stream->mount = str_fmt(c->arena, "/%.*s", STR_ARG(name));
    }
    rc = settings_take(k, 4, &c->problem);
    if (k->is_new && !says(k->call, 4, STR("hls=")))
        k->stream->has_hls = k->stream->format == AUDIO_MPEG || k->stream->format == AUDIO_AAC;
    return rc;
}

static enum exit_code run_stream(struct command_call *call) {
    struct asking k = {.call = call};
    enum exit_code code;
    if (change(&k, make_stream, &code, NULL) != RC_OK)
        return code;
    command_say(call, "stream %.*s is %s", STR_ARG(word_at(call, 3)),
                k.is_new ? "there; give it a source: siaran service DIR source SERVICE STREAM SOURCE encoder" : "set");
    return EXIT_DONE;
}

// ---- source ------------------------------------------------------------------------------------------------------------

static enum rc make_source(struct services_change *c, struct services *services) {
    struct asking *k = c->arg;
    struct command_call *call = k->call;
    struct str name = word_at(call, 4);
    enum service_source_kind kind;
    enum rc rc = find(k, services, 2, &c->problem);
    if (rc != RC_OK)
        return rc;
    if (!service_source_kind_find(word_at(call, 5), &kind))
        return problem_set(&c->problem, RC_INVALID, "a source is an encoder, a relay or a file");
    k->source = service_source_in(k->stream, name);
    bool is_other = k->source == NULL || k->source->kind != kind;
    k->is_new = kind == SERVICE_ENCODER && is_other;
    if (k->source == NULL)
        k->source = service_source_add(c->arena, k->stream, name, kind);
    if (is_other)
        *k->source = (struct service_source){.name = name, .kind = kind};
    if (kind != SERVICE_ENCODER)
        k->source->address = word_at(call, 6);
    else if (is_other)
        service_password_make(k->secret, &k->source->password);
    return RC_OK;
}

static enum rc make_password(struct services_change *c, struct services *services) {
    struct asking *k = c->arg;
    enum rc rc = find(k, services, 3, &c->problem);
    if (rc != RC_OK)
        return rc;
    if (k->source->kind != SERVICE_ENCODER)
        return problem_set(&c->problem, RC_INVALID, "only an encoder has a password");
    service_password_make(k->secret, &k->source->password);
    k->is_new = true;
    return RC_OK;
}

static enum exit_code source_changed(struct command_call *call,
                                     enum rc (*make)(struct services_change *, struct services *)) {
    struct asking k = {.call = call};
    struct services services;
    enum exit_code code;
    if (change(&k, make, &code, &services) != RC_OK)
        return code;
    const struct service_stream *stream = services_stream(&services, word_at(call, 3), NULL);
    command_say(call, "source %.*s of %.*s is %s", STR_ARG(word_at(call, 4)), STR_ARG(word_at(call, 3)),
                k.is_new ? "to connect with" : "set");
    settled_say(&k);
    if (k.is_new && stream != NULL)
        encoder_say(call, stream, k.secret);
    return EXIT_DONE;
}

static enum exit_code run_source(struct command_call *call) {
    bool is_encoder = str_eq(word_at(call, 5), STR("encoder"));
    if (words(call) != (is_encoder ? 6 : 7))
        return command_fail(
            call, EXIT_USAGE,
            "a source is an encoder, a relay with its https:// or http:// address, or a file with its path");
    return source_changed(call, make_source);
}

static enum exit_code run_password(struct command_call *call) {
    return source_changed(call, make_password);
}

// ---- of the station ------------------------------------------------------------------------------------------------------

static enum rc make_admin(struct services_change *c, struct services *services) {
    service_password_make(((struct asking *)c->arg)->secret, &services->admin);
    return RC_OK;
}

static enum exit_code run_admin(struct command_call *call) {
    struct asking k = {.call = call};
    enum exit_code code;
    if (change(&k, make_admin, &code, NULL) != RC_OK)
        return code;
    command_say(call, "the radio's pages below http://%.*s/admin/ open with", STR_ARG(radio_address(call)));
    command_say(call, "  user name  admin");
    command_say(call, "  password   %s", k.secret);
    command_say(call, "The password is shown this once; what is kept of it is a hash.");
    return EXIT_DONE;
}

static enum rc make_addresses(struct services_change *c, struct services *services) {
    services->shows_addresses = str_eq(word_at(((struct asking *)c->arg)->call, 2), STR("on"));
    return RC_OK;
}

static enum exit_code run_addresses(struct command_call *call) {
    struct asking k = {.call = call};
    enum exit_code code;
    bool on = str_eq(word_at(call, 2), STR("on"));
    if (!on && !str_eq(word_at(call, 2), STR("off")))
        return command_fail(call, EXIT_USAGE, "addresses are shown (on) or not (off)");
    if (change(&k, make_addresses, &code, NULL) == RC_OK)
        command_say(call, "addresses of listeners are %s", on ? "shown to whoever has the admin password" : "masked");
    return code;
}

static int depth_of(const struct command_call *call, size_t behind) {
    return (int)words(call) - 2 - (int)behind;
}

static enum rc make_order(struct services_change *c, struct services *services) {
    struct asking *k = c->arg;
    int deep = depth_of(k->call, 1);
    uint64_t to = 0;
    enum rc rc = find(k, services, deep, &c->problem);
    if (rc != RC_OK)
        return rc;
    if (!str_to_u64(word_at(k->call, words(k->call) - 1), &to) || to == 0)
        return problem_set(&c->problem, RC_INVALID, "a place is 1 for the first, 2 for the second");
    size_t at = (size_t)(to - 1);
    bool there = deep == 1   ? services_move(services, word_at(k->call, 2), at)
                 : deep == 2 ? service_stream_move(k->service, word_at(k->call, 3), at)
                             : service_source_move(k->stream, word_at(k->call, 4), at);
    must(there);
    return RC_OK;
}

static enum rc make_remove(struct services_change *c, struct services *services) {
    struct asking *k = c->arg;
    int deep = depth_of(k->call, 0);
    enum rc rc = find(k, services, deep, &c->problem);
    if (rc != RC_OK)
        return rc;
    bool there = deep == 1   ? services_remove(services, word_at(k->call, 2))
                 : deep == 2 ? service_stream_remove(k->service, word_at(k->call, 3))
                             : service_source_remove(k->stream, word_at(k->call, 4));
    must(there);
    return RC_OK;
}

static enum exit_code run_order(struct command_call *call) {
    struct asking k = {.call = call};
    enum exit_code code;
    if (change(&k, make_order, &code, NULL) == RC_OK)
        command_say(call, "%.*s was put in its place", STR_ARG(word_at(call, words(call) - 2)));
    return code;
}

static enum exit_code run_remove(struct command_call *call) {
    struct asking k = {.call = call};
    enum exit_code code;
    if (change(&k, make_remove, &code, NULL) == RC_OK)
        command_say(call, "%.*s was removed%s", STR_ARG(word_at(call, words(call) - 1)),
                    depth_of(call, 0) < 3 ? "; what was kept of its sound stays in radio/" : "");
    return code;
}

// ---- looking -------------------------------------------------------------------------------------------------------------

static void alarms_put(struct buf *b, unsigned alarms) {
    static const struct {
        enum service_alarm alarm;
        const char *words;
    } rows[] = {{SERVICE_OFF_AIR, "off air"},
                {SERVICE_FELL_BACK, "fallen back"},
                {SERVICE_SILENT, "silent"},
                {SERVICE_NOT_KEPT, "not kept"},
                {SERVICE_REFUSED, "a source was refused"},
                {SERVICE_STALLED, "its source does not keep pace"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (alarms & rows[i].alarm)
            buf_fmt(b, ", %s", rows[i].words);
}

static void stream_say(struct command_call *call, const struct service_state *state,
                       const struct service_stream *stream) {
    const struct service_on_air *now = state != NULL ? service_state_find(state, stream->name) : NULL;
    struct buf b;
    buf_init(&b, 4096);
    if (now == NULL)
        buf_c(&b, state == NULL ? "radio not running" : "the radio does not know it yet");
    else if (now->source.n > 0)
        buf_fmt(&b, "on air from %.*s, %llu listening", STR_ARG(now->source), (unsigned long long)now->listeners);
    else
        buf_c(&b, "nothing plays");
    if (now != NULL)
        alarms_put(&b, now->alarms);
    if (now != NULL && now->title.n > 0)
        buf_fmt(&b, ": %.*s", STR_ARG(now->title));
    command_say(call, "  %-16.*s %-24.*s %.*s", STR_ARG(stream->name), STR_ARG(stream->mount), STR_ARG(buf_view(&b)));
    buf_fini(&b);
}

static enum exit_code services_read(struct command_call *call, struct services *services) {
    struct problem problem = {""};
    enum rc rc = services_load(call->arena, call->station->dir, services, &problem);
    return rc == RC_OK ? EXIT_DONE
                       : command_fail(call, rc == RC_INVALID ? EXIT_DAMAGED : exit_code_of(rc), "%s", problem.text);
}

// NULL: the radio does not run now.
static const struct service_state *state_read(struct command_call *call) {
    struct service_state *state = ARENA_NEW(call->arena, struct service_state);
    struct problem problem = {""};
    if (service_state_load(call->arena, call->station->dir, state, &problem) != RC_OK ||
        clock_now_us() - state->at_us > SERVICE_STATE_SECONDS * US_PER_SECOND)
        return NULL;
    return state;
}

static enum exit_code run_list(struct command_call *call) {
    struct services services;
    enum exit_code code = services_read(call, &services);
    const struct service_state *state = state_read(call);
    if (code != EXIT_DONE)
        return code;
    for (size_t i = 0; i < services.count; i++) {
        command_say(call, "%.*s  %.*s", STR_ARG(services.rows[i].name), STR_ARG(services.rows[i].title));
        for (size_t k = 0; k < services.rows[i].stream_count; k++)
            stream_say(call, state, &services.rows[i].streams[k]);
    }
    if (services.count == 0)
        command_say(call, "there is no service yet; siaran service DIR set NAME makes one");
    return EXIT_DONE;
}

static void settings_say(struct command_call *call, const char *before, const struct service_setting *rows, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!rows[i].is_spare || rows[i].value.n > 0)
            command_say(call, "%s%s=%.*s", before, rows[i].key, STR_ARG(rows[i].value));
}

static enum exit_code run_show(struct command_call *call) {
    struct services services;
    struct service_setting *rows;
    enum exit_code code = services_read(call, &services);
    const struct service *s = services_find(&services, word_at(call, 2));
    if (code != EXIT_DONE)
        return code;
    if (s == NULL)
        return command_fail(call, EXIT_REFUSED, "there is no service \"%.*s\"", STR_ARG(word_at(call, 2)));
    command_say(call, "service %.*s", STR_ARG(s->name));
    size_t n = service_settings(call->arena, s, &rows);
    settings_say(call, "  ", rows, n);
    for (size_t i = 0; i < s->stream_count; i++) {
        const struct service_stream *stream = &s->streams[i];
        command_say(call, "stream %.*s", STR_ARG(stream->name));
        n = service_stream_settings(call->arena, stream, &rows);
        settings_say(call, "  ", rows, n);
        for (size_t k = 0; k < stream->source_count; k++)
            command_say(call, "  source %.*s: %s %.*s", STR_ARG(stream->sources[k].name),
                        service_source_kind_name(stream->sources[k].kind), STR_ARG(stream->sources[k].address));
    }
    return EXIT_DONE;
}

static enum exit_code run_check(struct command_call *call) {
    struct services services;
    struct problem problem = {""};
    enum exit_code code = services_read(call, &services);
    if (code != EXIT_DONE)
        return code;
    if (services_check(call->station->dir, &services, &problem) != RC_OK)
        return command_fail(call, EXIT_DAMAGED, "%s", problem.text);
    command_say(call, "services.json keeps every rule, and its files have the sound of their streams");
    return EXIT_DONE;
}

// ---- spans of a log ------------------------------------------------------------------------------------------------------

static const struct {
    const char *name;
    enum audio_log_span_kind kind;
    bool is_removal;
    const char *done;
} spans[] = {
    {"mask", AUDIO_LOG_MASKED, false, "is not replayed"},
    {"unmask", AUDIO_LOG_MASKED, true, "is replayed again"},
    {"pin", AUDIO_LOG_PINNED, false, "is kept until it is unpinned"},
    {"unpin", AUDIO_LOG_PINNED, true, "is kept no longer than the rest"},
};

static enum exit_code run_span(struct command_call *call) {
    struct services services;
    struct services_span s = {
        .arena = call->arena, .dir = call->station->dir, .who = command_line, .stream = word_at(call, 2)};
    size_t at = 0;
    enum exit_code code = services_read(call, &services);
    if (code != EXIT_DONE)
        return code;
    if (services_stream(&services, s.stream, NULL) == NULL)
        return command_fail(call, EXIT_REFUSED, "there is no stream \"%.*s\"", STR_ARG(utf8_cut(s.stream, 64)));
    while (!str_eq(word_at(call, 1), str_from(spans[at].name)))
        at++;
    if (!services_moment(word_at(call, 3), &s.span.from_us) || !services_moment(word_at(call, 4), &s.span.to_us))
        return command_fail(call, EXIT_REFUSED, "a moment is written as 2026-11-23T13:00:00Z");
    if (s.span.to_us <= s.span.from_us)
        return command_fail(call, EXIT_REFUSED, "it ends before it begins");
    s.kind = spans[at].kind;
    s.is_removal = spans[at].is_removal;
    enum rc rc = services_span_put(call->station->store, &s);
    if (rc != RC_OK)
        return command_fail(call, rc == RC_IO || rc == RC_BUSY ? exit_code_of(rc) : EXIT_REFUSED, "%s",
                            s.problem.text[0] != '\0' ? s.problem.text : rc_name(rc));
    command_say(call, "%.*s from %.*s to %.*s %s", STR_ARG(s.stream), STR_ARG(word_at(call, 3)),
                STR_ARG(word_at(call, 4)), spans[at].done);
    return EXIT_DONE;
}

static enum exit_code run_spans(struct command_call *call) {
    struct problem problem = {""};
    const char *folder = services_log_folder(call->arena, call->station->dir, word_at(call, 2));
    struct services services;
    enum exit_code code = services_read(call, &services);
    if (code != EXIT_DONE)
        return code;
    if (services_stream(&services, word_at(call, 2), NULL) == NULL)
        return command_fail(call, EXIT_REFUSED, "there is no stream \"%.*s\"", STR_ARG(utf8_cut(word_at(call, 2), 64)));
    for (int kind = AUDIO_LOG_MASKED; kind <= AUDIO_LOG_PINNED; kind++) {
        struct audio_log_span *rows;
        size_t n;
        enum rc rc = audio_log_spans(folder, (enum audio_log_span_kind)kind, call->arena, &rows, &n, &problem);
        if (rc != RC_OK)
            return command_fail(call, exit_code_of(rc), "%s", problem.text);
        for (size_t i = 0; i < n; i++)
            command_say(call, "%s %.*s %.*s", kind == AUDIO_LOG_MASKED ? "mask" : "pin",
                        STR_ARG(services_moment_text(call->arena, rows[i].from_us)),
                        STR_ARG(services_moment_text(call->arena, rows[i].to_us)));
    }
    return EXIT_DONE;
}

// ---- the table -------------------------------------------------------------------------------------------------------------

static const struct {
    const char *name;
    size_t least, most; // words behind it
    const char *takes;
    enum exit_code (*run)(struct command_call *call);
} actions[] = {
    {"list", 0, 0, "nothing", run_list},
    {"show", 1, 1, "a service", run_show},
    {"set", 1, 64, "a service and settings: key=value", run_set},
    {"stream", 2, 64, "a service, a stream and settings: key=value", run_stream},
    {"source", 4, 5, "a service, a stream, a source and what it is: encoder, relay URL, file PATH", run_source},
    {"password", 3, 3, "a service, a stream and a source", run_password},
    {"admin-password", 0, 0, "nothing", run_admin},
    {"addresses", 1, 1, "on or off", run_addresses},
    {"order", 2, 4, "a service, perhaps a stream and a source of it, and its place", run_order},
    {"remove", 1, 3, "a service, perhaps a stream and a source of it", run_remove},
    {"mask", 3, 3, "a stream and two moments", run_span},
    {"unmask", 3, 3, "a stream and two moments", run_span},
    {"pin", 3, 3, "a stream and two moments", run_span},
    {"unpin", 3, 3, "a stream and two moments", run_span},
    {"spans", 1, 1, "a stream", run_spans},
    {"check", 0, 0, "nothing", run_check},
};

enum exit_code command_service(struct command_call *call) {
    for (size_t i = 1; i < words(call); i++)
        if (!utf8_valid(word_at(call, i)))
            return command_fail(call, EXIT_USAGE, "what was given is no text");
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (!str_eq(word_at(call, 1), str_from(actions[i].name)))
            continue;
        if (words(call) < 2 + actions[i].least || words(call) > 2 + actions[i].most)
            return command_fail(call, EXIT_USAGE, "service %s takes %s", actions[i].name, actions[i].takes);
        return actions[i].run(call);
    }
    return command_fail(call, EXIT_USAGE, "there is no \"%.*s\" of services; siaran service --help says what there is",
                        STR_ARG(utf8_cut(word_at(call, 1), 64)));
}

// ---- a file that plays -----------------------------------------------------------------------------------------------------

// Brings the file into DIR/radio/sounds, unless it is there; its name takes the place of its path in the request.
static enum exit_code bring_sound(struct arena *a, const char *dir, struct str *path, bool *is_new_out) {
    const char *from = str_c(a, *path), *base = strrchr(from, '/');
    struct str name = str_from(base != NULL ? base + 1 : from);
    struct problem p = {""};
    *path = name;
    if (!service_sound_name_ok(name))
        return fail(EXIT_REFUSED,
                    "%.*s: a file has up to 96 letters, digits, dots, - and _, and begins with a letter "
                    "or digit",
                    STR_ARG(name));
    if (base == NULL && access(from, R_OK) != 0 &&
        access(str_fmt(a, "%s/radio/sounds/%.*s", dir, STR_ARG(name)).p, F_OK) == 0)
        return EXIT_DONE;
    int fd = open(from, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(exit_code_of(errno == ENOENT ? RC_NOT_FOUND : RC_IO), "cannot copy %s: %s", from, strerror(errno));
    enum rc rc = service_sound_bring(dir, fd, name, is_new_out, &p);
    close(fd);
    if (rc == RC_CONFLICT)
        return fail(EXIT_REFUSED, "there is another radio/sounds/%.*s; give this one another name", STR_ARG(name));
    return rc == RC_OK ? EXIT_DONE : fail(exit_code_of(rc), "%s", p.text);
}

enum exit_code verb_service(const struct verb *verb, int argc, char **argv) {
    if (argc < 3 || argc > COMMAND_ARGS_MAX || argv[1][0] == '-')
        return verb_usage(verb, "give the station's directory and what to do");
    struct command_request *request = MEM_NEW(struct command_request);
    struct arena *a = arena_new(1 << 16);
    bool is_new = false;
    struct problem gone = {""};
    enum exit_code code = EXIT_DONE;
    request->args[0] = STR("service");
    for (int i = 2; i < argc; i++)
        request->args[i - 1] = str_from(argv[i]);
    request->arg_count = (size_t)argc - 1;
    if (argc == 8 && strcmp(argv[2], "source") == 0 && strcmp(argv[6], "file") == 0)
        code = bring_sound(a, argv[1], &request->args[6], &is_new);
    if (code == EXIT_DONE)
        code = command_send(argv[1], request);
    if (code != EXIT_DONE && is_new &&
        service_sound_remove(argv[1], request->args[6], &gone) != RC_OK) // nothing plays it
        log_warn("%s", gone.text);
    arena_free(&a);
    mem_free(request);
    return code;
}
