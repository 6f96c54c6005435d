// SPDX-License-Identifier: AGPL-3.0-or-later
// One change of the services: inside the write they are read, changed and compared, and a row of the audit log is added for
// each thing that is another; behind the commit, before any other write, the file takes the place of the old one.
#include <unistd.h>

#include "desk/services.h"

// ---- what changed ------------------------------------------------------------------------------------------------------

struct telling {
    struct services_change *c;
    struct db *db;
    enum rc rc;
    bool any;
};

static void tell(struct telling *t, const char *verb, const char *kind, struct str before, struct str after) {
    struct audit_entry entry = {
        .who = t->c->who, .verb = str_from(verb), .kind = str_from(kind), .before = before, .after = after};
    t->any = true;
    if (t->rc == RC_OK)
        t->rc = audit_add(t->db, &entry);
}

// Two lists of the same settings: only what differs, below the name.
static void settings_tell(struct telling *t, const char *verb, const char *kind, struct str name,
                          const struct service_setting *was, const struct service_setting *is, size_t n) {
    struct arena *a = t->c->arena;
    struct str before = name, after = name;
    bool differs = str_eq(str_from(verb), STR("add"));
    for (size_t i = 0; i < n; i++) {
        if (str_eq(was[i].value, is[i].value))
            continue;
        differs = true;
        before = str_fmt(a, "%.*s\n%s: %.*s", STR_ARG(before), was[i].key, STR_ARG(was[i].value));
        after = str_fmt(a, "%.*s\n%s: %.*s", STR_ARG(after), is[i].key, STR_ARG(is[i].value));
    }
    if (differs)
        tell(t, verb, kind, str_eq(str_from(verb), STR("add")) ? STR_NONE : before, after);
}

static struct str source_name(struct arena *a, const struct service_stream *stream, const struct service_source *s) {
    return str_fmt(a, "%.*s/%.*s", STR_ARG(stream->name), STR_ARG(s->name));
}

static void source_tell(struct telling *t, const struct service_stream *stream, const struct service_source *was,
                        const struct service_source *is) {
    struct arena *a = t->c->arena;
    struct service_setting old[2] = {{.key = "kind"}, {.key = "address"}},
                           now[2] = {{.key = "kind"}, {.key = "address"}};
    if (was != NULL) {
        old[0].value = str_from(service_source_kind_name(was->kind));
        old[1].value = was->address;
    }
    now[0].value = str_from(service_source_kind_name(is->kind));
    now[1].value = is->address;
    settings_tell(t, was == NULL ? "add" : "change", "source", source_name(a, stream, is), old, now, 2);
    if (was != NULL && is->password.is_set && memcmp(&was->password, &is->password, sizeof is->password) != 0)
        tell(t, "password", "source", STR_NONE, source_name(a, stream, is));
}

static struct str source_at(const void *rows, size_t i) {
    return ((const struct service_source *)rows)[i].name;
}

static struct str stream_at(const void *rows, size_t i) {
    return ((const struct service_stream *)rows)[i].name;
}

static struct str service_at(const void *rows, size_t i) {
    return ((const struct service *)rows)[i].name;
}

// That the same things stand in another order; what came or went is told by itself.
static void order_tell(struct telling *t, const char *kind, struct str name, const void *was, const void *is, size_t n,
                       struct str (*name_of)(const void *, size_t)) {
    struct arena *a = t->c->arena;
    struct str before = name, after = name;
    bool differs = false;
    for (size_t i = 0; i < n; i++) {
        bool stays = false;
        for (size_t k = 0; k < n; k++)
            stays |= str_eq(name_of(was, i), name_of(is, k));
        if (!stays)
            return;
        differs |= !str_eq(name_of(was, i), name_of(is, i));
        before = str_fmt(a, "%.*s%s%.*s", STR_ARG(before), before.n > 0 ? "\n" : "", STR_ARG(name_of(was, i)));
        after = str_fmt(a, "%.*s%s%.*s", STR_ARG(after), after.n > 0 ? "\n" : "", STR_ARG(name_of(is, i)));
    }
    if (differs)
        tell(t, "move", kind, before, after);
}

static void stream_tell(struct telling *t, struct service_stream *was, struct service_stream *is) {
    struct arena *a = t->c->arena;
    struct service_stream none = {.name = is->name};
    struct service_setting *old, *now;
    size_t n = service_stream_settings(a, was == NULL ? &none : was, &old);
    (void)service_stream_settings(a, is, &now);
    settings_tell(t, was == NULL ? "add" : "change", "stream", is->name, old, now, n);
    for (size_t i = 0; i < is->source_count; i++)
        source_tell(t, is, was == NULL ? NULL : service_source_in(was, is->sources[i].name), &is->sources[i]);
    for (size_t i = 0; was != NULL && i < was->source_count; i++)
        if (service_source_in(is, was->sources[i].name) == NULL)
            tell(t, "delete", "source", source_name(a, was, &was->sources[i]), STR_NONE);
    if (was != NULL && was->source_count == is->source_count)
        order_tell(t, "source", is->name, was->sources, is->sources, is->source_count, source_at);
}

static void service_tell(struct telling *t, struct service *was, struct service *is) {
    struct arena *a = t->c->arena;
    struct service none = {.name = is->name};
    struct service_setting *old, *now;
    size_t n = service_settings(a, was == NULL ? &none : was, &old);
    (void)service_settings(a, is, &now);
    settings_tell(t, was == NULL ? "add" : "change", "service", is->name, old, now, n);
    for (size_t i = 0; i < is->stream_count; i++)
        stream_tell(t, was == NULL ? NULL : service_stream_in(was, is->streams[i].name), &is->streams[i]);
    for (size_t i = 0; was != NULL && i < was->stream_count; i++)
        if (service_stream_in(is, was->streams[i].name) == NULL)
            tell(t, "delete", "stream", was->streams[i].name, STR_NONE);
    if (was != NULL && was->stream_count == is->stream_count)
        order_tell(t, "stream", is->name, was->streams, is->streams, is->stream_count, stream_at);
}

static void all_tell(struct telling *t, struct services *was, struct services *is) {
    for (size_t i = 0; i < is->count; i++)
        service_tell(t, services_find_in(was, is->rows[i].name), &is->rows[i]);
    for (size_t i = 0; i < was->count; i++)
        if (services_find(is, was->rows[i].name) == NULL)
            tell(t, "delete", "service", was->rows[i].name, STR_NONE);
    if (was->count == is->count)
        order_tell(t, "service", STR_NONE, was->rows, is->rows, is->count, service_at);
    if (memcmp(&was->admin, &is->admin, sizeof is->admin) != 0)
        tell(t, "password", "service", STR_NONE, STR("admin"));
    if (was->shows_addresses != is->shows_addresses)
        tell(t, "change", "service", was->shows_addresses ? STR("shows_addresses: on") : STR("shows_addresses: off"),
             is->shows_addresses ? STR("shows_addresses: on") : STR("shows_addresses: off"));
}

// What nobody typed, below the name of the stream; what was typed has rows of its own.
static void settled_tell(struct telling *t, struct services *before, struct services *after) {
    struct services_change *c = t->c;
    c->settled_count = services_settle(c->arena, c->dir, before, after, &c->settled);
    for (size_t i = 0; i < c->settled_count; i++) {
        const struct service_settled *s = &c->settled[i];
        tell(t, "settle", "stream", STR_NONE,
             str_fmt(c->arena, "%.*s\nrate: %u\nsound: %.*s", STR_ARG(s->stream), s->rate, STR_ARG(s->file)));
    }
}

// ---- the write -----------------------------------------------------------------------------------------------------------

static enum rc prepare(struct db *db, void *arg) {
    struct services_change *c = arg;
    struct services before, after;
    c->is_wrong = c->is_committed = false;
    c->problem.text[0] = '\0';
    c->settled_count = 0;
    enum rc rc = services_load(c->arena, c->dir, &before, &c->problem);
    if (rc == RC_OK)
        rc = services_load(c->arena, c->dir, &after, &c->problem); // another one, to be changed
    if (rc != RC_OK)
        return rc;
    c->services = before;
    rc = c->make(c, &after);
    if (rc != RC_OK)
        return rc;
    rc = services_look(c->dir, &after, &c->wrong);
    if (rc == RC_INVALID) {
        c->is_wrong = true;
        service_wrong_say(&c->wrong, &c->problem);
    }
    struct telling t = {.c = c, .db = db, .rc = rc};
    if (rc == RC_OK) {
        all_tell(&t, &before, &after);
        settled_tell(&t, &before, &after);
    }
    if (t.rc == RC_OK)
        c->services = after;
    c->is_committed = t.any;
    return t.rc;
}

static enum rc put_file(void *arg) {
    struct services_change *c = arg;
    return c->is_committed ? services_save(c->dir, &c->services, &c->problem) : RC_OK;
}

static enum rc note_failure(struct db *db, void *arg) {
    const struct services_change *c = arg;
    struct audit_entry entry = {.who = c->who, .verb = STR("fail"), .kind = STR("service")};
    entry.after = STR("not stored: a file could not be replaced");
    return audit_add(db, &entry);
}

enum rc services_change(struct store *store, struct services_change *c) {
    enum rc rc = store_write_then(store, prepare, put_file, c);
    if (rc == RC_OK || !c->is_committed)
        return rc;
    log_error("%s", c->problem.text);
    if (store_write(store, STORE_DURABLE, note_failure, c) != RC_OK)
        log_error("that the services were not stored could not be written down");
    return rc;
}

// ---- spans of a log ------------------------------------------------------------------------------------------------------

const char *services_log_folder(struct arena *a, const char *dir, struct str stream) {
    return str_fmt(a, "%s/radio/%.*s", dir, STR_ARG(stream)).p;
}

static enum rc span_tell(struct db *db, void *arg) {
    struct services_span *s = arg;
    static const char *const verbs[2][2] = {{"mask", "unmask"}, {"pin", "unpin"}};
    struct audit_entry entry = {.who = s->who, .kind = STR("stream")};
    struct str span = str_fmt(s->arena, "%.*s\n%.*s – %.*s", STR_ARG(s->stream),
                              STR_ARG(services_moment_text(s->arena, s->span.from_us)),
                              STR_ARG(services_moment_text(s->arena, s->span.to_us)));
    entry.verb = str_from(verbs[s->kind == AUDIO_LOG_PINNED][s->is_removal]);
    *(s->is_removal ? &entry.before : &entry.after) = span;
    return audit_add(db, &entry);
}

static bool span_is_there(struct services_span *s, const char *folder, enum rc *rc) {
    struct audio_log_span *rows;
    size_t n;
    *rc = audio_log_spans(folder, s->kind, s->arena, &rows, &n, &s->problem);
    for (size_t i = 0; *rc == RC_OK && i < n; i++)
        if (rows[i].from_us == s->span.from_us && rows[i].to_us == s->span.to_us)
            return true;
    return false;
}

// Masked before it is told, told before it is unmasked: what happens in between, the log tells of no less than what is.
enum rc services_span_put(struct store *store, struct services_span *s) {
    const char *folder = services_log_folder(s->arena, s->dir, s->stream);
    enum rc rc;
    if (access(folder, F_OK) != 0)
        return problem_set(&s->problem, RC_NOT_FOUND, "nothing is kept of the stream %.*s yet", STR_ARG(s->stream));
    bool is_there = span_is_there(s, folder, &rc);
    if (rc == RC_OK && s->is_removal && !is_there)
        rc = problem_set(&s->problem, RC_NOT_FOUND, "there is no such span");
    if (rc != RC_OK || (!s->is_removal && is_there))
        return rc;
    if (s->is_removal) {
        rc = store_write(store, STORE_DURABLE, span_tell, s);
        return rc == RC_OK ? audio_log_span_remove(folder, s->kind, s->span, &s->problem) : rc;
    }
    rc = audio_log_span_add(folder, s->kind, s->span, &s->problem);
    return rc == RC_OK ? store_write(store, STORE_DURABLE, span_tell, s) : rc;
}

// ---- moments -------------------------------------------------------------------------------------------------------------

static bool digits(struct str s, size_t from, size_t n, int least, int most, int *out) {
    uint64_t v;
    if (s.n < from + n || !str_to_u64(str_slice(s, from, from + n), &v) || v > (uint64_t)most || v < (uint64_t)least)
        return false;
    *out = (int)v;
    return true;
}

// What stands behind the minutes: ":SS", ":SS.ffffff" or nothing.
static bool seconds_read(struct str s, size_t *at, struct text_civil *c, int64_t *fraction_us) {
    *fraction_us = 0;
    if (*at >= s.n || s.p[*at] != ':')
        return true;
    if (!digits(s, *at + 1, 2, 0, 59, &c->second))
        return false;
    *at += 3;
    if (*at >= s.n || s.p[*at] != '.')
        return true;
    int64_t unit = US_PER_SECOND;
    for (++*at; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9'; ++*at)
        *fraction_us += (unit /= 10) * (s.p[*at] - '0');
    return unit < US_PER_SECOND;
}

static bool offset_read(struct str s, int64_t *out) {
    int hours, minutes;
    *out = 0;
    if (str_eq(s, STR("Z")))
        return true;
    if (s.n != 6 || (s.p[0] != '+' && s.p[0] != '-') || s.p[3] != ':' || !digits(s, 1, 2, 0, 14, &hours) ||
        !digits(s, 4, 2, 0, 59, &minutes))
        return false;
    *out = (s.p[0] == '-' ? -1 : 1) * (int64_t)(hours * 60 + minutes) * 60 * US_PER_SECOND;
    return true;
}

bool services_moment(struct str s, int64_t *out) {
    struct text_civil c = {0};
    int64_t fraction, offset;
    size_t at = 16;
    if (!digits(s, 0, 4, 1970, 9999, &c.year) || !digits(s, 5, 2, 1, 12, &c.month) || !digits(s, 8, 2, 1, 31, &c.day) ||
        !digits(s, 11, 2, 0, 23, &c.hour) || !digits(s, 14, 2, 0, 59, &c.minute) || s.p[4] != '-' || s.p[7] != '-' ||
        s.p[10] != 'T' || s.p[13] != ':' || !seconds_read(s, &at, &c, &fraction) ||
        !offset_read(str_slice(s, at, s.n), &offset))
        return false;
    int64_t day = text_day_of(c);
    struct text_civil again = text_day_civil(day);
    *out = (day * 86400 + c.hour * 3600 + c.minute * 60 + c.second) * US_PER_SECOND + fraction - offset;
    return again.day == c.day && again.month == c.month && *out >= 0; // the 31st of June is none
}

struct str services_moment_text(struct arena *a, int64_t at_us) {
    int64_t seconds = at_us / US_PER_SECOND, us = at_us % US_PER_SECOND;
    struct text_civil c = text_day_civil(seconds / 86400);
    struct str fraction = us > 0 ? str_fmt(a, ".%06lld", (long long)us) : STR("");
    return str_fmt(a, "%04d-%02d-%02dT%02d:%02d:%02d%.*sZ", c.year, c.month, c.day, (int)(seconds / 3600 % 24),
                   (int)(seconds / 60 % 60), (int)(seconds % 60), STR_ARG(fraction));
}
