// SPDX-License-Identifier: AGPL-3.0-or-later
// Rows of services, streams and sources: found, added, taken out, put elsewhere. Each begins with its name.
#include "service/inside.h"

_Static_assert(offsetof(struct service, name) == 0 && offsetof(struct service_stream, name) == 0 &&
                   offsetof(struct service_source, name) == 0,
               "a row is found by the name it begins with");

static struct str name_at(const void *rows, size_t size, size_t i) {
    return *(const struct str *)(const void *)((const char *)rows + i * size);
}

// count: none.
static size_t row_find(const void *rows, size_t count, size_t size, struct str name) {
    size_t i = 0;
    while (i < count && !str_eq(name_at(rows, size, i), name))
        i++;
    return i;
}

// The rows with a zeroed one at `at`.
static void *row_insert(struct arena *a, const void *rows, size_t *count, size_t size, size_t at) {
    char *more = arena_take_array(a, *count + 1, size);
    if (at > 0)
        memcpy(more, rows, at * size);
    if (at < *count)
        memcpy(more + (at + 1) * size, (const char *)rows + at * size, (*count - at) * size);
    ++*count;
    return more;
}

static bool row_remove(void *rows, size_t *count, size_t size, struct str name) {
    size_t at = row_find(rows, *count, size, name);
    if (at == *count)
        return false;
    char *p = (char *)rows + at * size;
    memmove(p, p + size, (*count - at - 1) * size);
    --*count;
    return true;
}

enum { ROW_MOST = 512 };

static bool row_move(void *rows, size_t count, size_t size, struct str name, size_t to) {
    char one[ROW_MOST], *p = rows;
    size_t at = row_find(rows, count, size, name);
    if (at == count)
        return false;
    must(size <= sizeof one);
    to = to < count ? to : count - 1;
    memcpy(one, p + at * size, size);
    memmove(p + at * size, p + (at + 1) * size, (count - at - 1) * size);
    memmove(p + (to + 1) * size, p + to * size, (count - to - 1) * size);
    memcpy(p + to * size, one, size);
    return true;
}

struct service *services_add(struct arena *a, struct services *services, struct str name) {
    size_t at = services->count;
    services->rows = row_insert(a, services->rows, &services->count, sizeof *services->rows, at);
    service_first(&services->rows[at]);
    services->rows[at].name = name;
    return &services->rows[at];
}

struct service_stream *service_stream_add(struct arena *a, struct service *s, struct str name) {
    size_t at = s->stream_count;
    s->streams = row_insert(a, s->streams, &s->stream_count, sizeof *s->streams, at);
    service_stream_first(&s->streams[at]);
    s->streams[at].name = name;
    return &s->streams[at];
}

struct service_source *service_source_add(struct arena *a, struct service_stream *s, struct str name,
                                          enum service_source_kind kind) {
    size_t at = s->source_count;
    while (at > 0 && kind != SERVICE_FILE && s->sources[at - 1].kind == SERVICE_FILE)
        at--;
    s->sources = row_insert(a, s->sources, &s->source_count, sizeof *s->sources, at);
    s->sources[at] = (struct service_source){.name = name, .kind = kind};
    return &s->sources[at];
}

bool services_remove(struct services *services, struct str name) {
    return row_remove(services->rows, &services->count, sizeof *services->rows, name);
}

bool service_stream_remove(struct service *s, struct str name) {
    return row_remove(s->streams, &s->stream_count, sizeof *s->streams, name);
}

bool service_source_remove(struct service_stream *s, struct str name) {
    return row_remove(s->sources, &s->source_count, sizeof *s->sources, name);
}

bool services_move(struct services *services, struct str name, size_t to) {
    return row_move(services->rows, services->count, sizeof *services->rows, name, to);
}

bool service_stream_move(struct service *s, struct str name, size_t to) {
    return row_move(s->streams, s->stream_count, sizeof *s->streams, name, to);
}

bool service_source_move(struct service_stream *s, struct str name, size_t to) {
    return row_move(s->sources, s->source_count, sizeof *s->sources, name, to);
}

struct service *services_find_in(struct services *services, struct str name) {
    size_t at = row_find(services->rows, services->count, sizeof *services->rows, name);
    return at < services->count ? &services->rows[at] : NULL;
}

struct service_stream *service_stream_in(struct service *s, struct str name) {
    size_t at = row_find(s->streams, s->stream_count, sizeof *s->streams, name);
    return at < s->stream_count ? &s->streams[at] : NULL;
}

struct service_source *service_source_in(struct service_stream *s, struct str name) {
    size_t at = row_find(s->sources, s->source_count, sizeof *s->sources, name);
    return at < s->source_count ? &s->sources[at] : NULL;
}

struct service *service_add_ready(struct arena *a, struct services *services, struct str name,
                                  char secret_out[SERVICE_SECRET_CHARS + 1]) {
    struct service *s = services_add(a, services, name);
    struct service_stream *stream =
        service_stream_add(a, s, str_fmt(a, "%.*s-mp3", STR_ARG(str_slice(name, 0, SERVICE_NAME_BYTES - 4))));
    s->title = name;
    stream->mount = str_fmt(a, "/%.*s.mp3", STR_ARG(name));
    stream->has_hls = true;
    service_password_make(secret_out, &service_source_add(a, stream, STR("main"), SERVICE_ENCODER)->password);
    return s;
}
