// SPDX-License-Identifier: AGPL-3.0-or-later
// services.json. Read strictly: a key that means nothing, a text that is too long or a rule that is broken refuses the file
// as a whole, for a radio that goes on with what it had is better than one that plays half of what was meant.
#include <stdlib.h>

#include "service/inside.h"

enum { BURST_ONCE = 1 << 20 }; // bytes; what burst_bytes could be before SERVICE_BURST_MOST was its bound

// Where a sentence is about. Empty: not there yet.
struct place {
    struct str service, stream, source;
};

static enum rc refuse(const struct place *at, struct problem *p, const char *what, const char *key) {
    struct service_wrong w = {.service = at->service, .stream = at->stream, .source = at->source};
    char where[160];
    service_wrong_where(&w, where, sizeof where);
    return problem_set(p, RC_INVALID, "services.json: %s%s%s", where, key, what);
}

// ---- reading -------------------------------------------------------------------------------------------------------

static enum rc field_read(struct arena *a, const json_t *value, const struct field *f, void *row,
                          const struct place *at, struct problem *p) {
    uint64_t n = 0;
    if (f->kind == FIELD_TEXT && !json_take_text(a, value, f->most, field_text(row, f)))
        return refuse(at, p, " is no text, or longer than it may be", f->key);
    if (f->kind == FIELD_NUMBER && !json_take_number(value, UINT32_MAX, &n))
        return refuse(at, p, " is no number of that kind", f->key);
    if (f->kind == FIELD_FLAG && !json_is_boolean(value))
        return refuse(at, p, " is neither true nor false", f->key);
    if (f->kind == FIELD_NUMBER)
        *field_number(row, f) = (uint32_t)n;
    if (f->kind == FIELD_FLAG)
        *field_flag(row, f) = json_is_true(value);
    return RC_OK;
}

// All that the table knows; `list` is the key of what it has, which the caller reads.
static enum rc fields_read(struct arena *a, json_t *object, const struct field *fields, size_t n, const char *list,
                           void *row, const struct place *at, struct problem *p) {
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value) {
        const struct field *f = field_find(fields, n, str_from(key));
        if (f == NULL && strcmp(key, list) != 0)
            return refuse(at, p, "\" means nothing here", str_fmt(a, "\"%.*s", STR_ARG(utf8_cut(str_from(key), 64))).p);
        enum rc rc = f != NULL ? field_read(a, value, f, row, at, p) : RC_OK;
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}

// The rows of a list, zeroed; *n_out of them. A missing list has none.
static enum rc list_read(struct arena *a, const json_t *object, const char *key, size_t most, size_t size,
                         const struct place *at, void **rows_out, size_t *n_out, struct problem *p) {
    const json_t *list = json_object_get(object, key);
    *n_out = json_array_size(list);
    if (list != NULL && !json_is_array(list))
        return refuse(at, p, " is no list", key);
    if (*n_out > most)
        return refuse(at, p, str_fmt(a, ": there can be %zu at most", most).p, key);
    for (size_t i = 0; i < *n_out; i++)
        if (!json_is_object(json_array_get(list, i)))
            return refuse(at, p, " has something that is no object", key);
    *rows_out = arena_take_array(a, *n_out > 0 ? *n_out : 1, size);
    return RC_OK;
}

static bool password_read(const json_t *value, struct service_password *out) {
    const char *salt, *hash;
    if (json_object_size(value) != 2 ||
        json_unpack((json_t *)(uintptr_t)value, "{s:s,s:s}", "salt", &salt, "hash", &hash) != 0)
        return false;
    out->is_set =
        hex_get(str_from(salt), out->salt, sizeof out->salt) && hex_get(str_from(hash), out->hash, sizeof out->hash);
    return out->is_set;
}

// Names come first, so that the sentences about what stands before a name in the file can say where they are.
static enum rc name_read(struct arena *a, const json_t *object, struct str *name, struct str *place, const char *what,
                         const struct place *at, struct problem *p) {
    if (!json_take_text(a, json_object_get(object, "name"), SERVICE_NAME_BYTES, name) || name->n == 0)
        return refuse(at, p, " without a name, or with one that is too long", what);
    *place = *name;
    return RC_OK;
}

static enum rc source_read(struct arena *a, json_t *object, struct service_source *out, struct place at,
                           struct problem *p) {
    const char *key;
    json_t *value;
    struct str kind = STR_NONE;
    enum rc rc = name_read(a, object, &out->name, &at.source, "a source", &at, p);
    if (rc != RC_OK)
        return rc;
    if (!json_take_text(a, json_object_get(object, "kind"), 16, &kind) || !service_source_kind_find(kind, &out->kind))
        return refuse(&at, p, " is encoder, relay or file", "kind");
    json_object_foreach(object, key, value) {
        if (strcmp(key, "name") == 0 || strcmp(key, "kind") == 0)
            continue;
        if (strcmp(key, "password") == 0
                ? !password_read(value, &out->password)
                : strcmp(key, "address") != 0 || !json_take_text(a, value, SERVICE_ADDRESS_BYTES, &out->address))
            return refuse(&at, p, "\" means nothing here, or is not what it has to be",
                          str_fmt(a, "\"%.*s", STR_ARG(utf8_cut(str_from(key), 64))).p);
    }
    return RC_OK;
}

static enum rc stream_read(struct arena *a, json_t *object, struct service_stream *out, struct place at,
                           struct problem *p) {
    void *rows = NULL;
    service_stream_first(out);
    enum rc rc = name_read(a, object, &out->name, &at.stream, "a stream", &at, p);
    if (rc == RC_OK)
        rc = fields_read(a, object, stream_fields, stream_field_count, "sources", out, &at, p);
    out->format = audio_format_of(out->media_type);
    if (out->burst_bytes > SERVICE_BURST_MOST && out->burst_bytes <= BURST_ONCE)
        out->burst_bytes = SERVICE_BURST_MOST; // no more was ever sent
    if (rc == RC_OK)
        rc = list_read(a, object, "sources", SERVICE_SOURCES_MAX, sizeof *out->sources, &at, &rows, &out->source_count,
                       p);
    out->sources = rows;
    for (size_t i = 0; i < out->source_count && rc == RC_OK; i++)
        rc = source_read(a, json_array_get(json_object_get(object, "sources"), i), &out->sources[i], at, p);
    return rc;
}

static enum rc service_read(struct arena *a, json_t *object, struct service *out, struct problem *p) {
    struct place at = {.service = STR_NONE};
    void *rows = NULL;
    service_first(out);
    enum rc rc = name_read(a, object, &out->name, &at.service, "a service", &at, p);
    if (rc == RC_OK)
        rc = fields_read(a, object, service_fields, service_field_count, "streams", out, &at, p);
    if (rc == RC_OK)
        rc = list_read(a, object, "streams", SERVICE_STREAMS_MAX, sizeof *out->streams, &at, &rows, &out->stream_count,
                       p);
    out->streams = rows;
    for (size_t i = 0; i < out->stream_count && rc == RC_OK; i++)
        rc = stream_read(a, json_array_get(json_object_get(object, "streams"), i), &out->streams[i], at, p);
    return rc;
}

static enum rc head_read(const json_t *object, struct services *out, struct problem *p) {
    static const char *const known[] = {"number", "admin", "shows_addresses", "services"};
    const struct place at = {.service = STR_NONE};
    const json_t *admin = json_object_get(object, "admin"), *shows = json_object_get(object, "shows_addresses");
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value) {
        bool is_known = false;
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
            is_known |= strcmp(known[i], key) == 0;
        if (!is_known)
            return problem_set(p, RC_INVALID, "services.json: \"%.*s\" means nothing here",
                               STR_ARG(utf8_cut(str_from(key), 64)));
    }
    if (!json_take_number(json_object_get(object, "number"), INT64_MAX - 1, &out->number))
        return refuse(&at, p, " is missing, or no number of changes", "number");
    if (admin != NULL && !password_read(admin, &out->admin))
        return refuse(&at, p, " is no password as this program keeps them", "admin");
    if (shows != NULL && !json_is_boolean(shows))
        return refuse(&at, p, " is neither true nor false", "shows_addresses");
    out->shows_addresses = json_is_true(shows);
    return RC_OK;
}

static enum rc object_read(struct arena *a, json_t *object, struct services *out, struct problem *p) {
    const struct place at = {.service = STR_NONE};
    struct service_wrong wrong;
    void *rows = NULL;
    enum rc rc = head_read(object, out, p);
    if (rc == RC_OK)
        rc = list_read(a, object, "services", SERVICES_MAX, sizeof *out->rows, &at, &rows, &out->count, p);
    out->rows = rows;
    for (size_t i = 0; i < out->count && rc == RC_OK; i++)
        rc = service_read(a, json_array_get(json_object_get(object, "services"), i), &out->rows[i], p);
    if (rc == RC_OK && services_look(NULL, out, &wrong) != RC_OK) {
        struct problem said;
        service_wrong_say(&wrong, &said);
        rc = problem_set(p, RC_INVALID, "services.json: %s", said.text);
    }
    return rc;
}

enum rc services_parse(struct arena *a, struct str json, struct services *out, struct problem *p) {
    json_error_t e;
    *out = (struct services){0};
    if (json.n > SERVICES_FILE_BYTES)
        return problem_set(p, RC_INVALID, "services.json is larger than %d bytes", SERVICES_FILE_BYTES);
    json_t *object = json_loadb(json.n > 0 ? json.p : "", json.n, JSON_REJECT_DUPLICATES, &e);
    struct services read = {0};
    enum rc rc = object == NULL            ? problem_set(p, RC_INVALID, "services.json, line %d: %s", e.line, e.text)
                 : !json_is_object(object) ? problem_set(p, RC_INVALID, "services.json holds no object")
                                           : object_read(a, object, &read, p);
    json_decref(object);
    if (rc == RC_OK)
        *out = read;
    return rc;
}

// ---- writing -------------------------------------------------------------------------------------------------------

static json_t *fields_json(const struct field *fields, size_t n, const void *row) {
    json_t *object = json_object();
    void *there = (void *)(uintptr_t)row; // only read
    for (size_t i = 0; i < n; i++) {
        const struct field *f = &fields[i];
        if (f->is_spare && field_text(there, f)->n == 0)
            continue;
        object_put(object, f->key,
                   f->kind == FIELD_TEXT     ? json_of_text(*field_text(there, f))
                   : f->kind == FIELD_NUMBER ? json_integer(*field_number(there, f))
                                             : json_boolean(*field_flag(there, f)));
    }
    return object;
}

static json_t *password_json(const struct service_password *password) {
    char salt[2 * SERVICE_SALT_BYTES], hash[2 * SERVICE_HASH_BYTES];
    json_t *object = json_object();
    hex_put(salt, password->salt, sizeof password->salt);
    hex_put(hash, password->hash, sizeof password->hash);
    object_put(object, "salt", json_stringn(salt, sizeof salt));
    object_put(object, "hash", json_stringn(hash, sizeof hash));
    return object;
}

static json_t *source_json(const struct service_source *source) {
    json_t *object = json_object();
    object_put(object, "name", json_of_text(source->name));
    object_put(object, "kind", json_string(source_kinds[source->kind]));
    if (source->password.is_set)
        object_put(object, "password", password_json(&source->password));
    if (source->address.n > 0)
        object_put(object, "address", json_of_text(source->address));
    return object;
}

static json_t *stream_json(const struct service_stream *stream) {
    json_t *object = fields_json(stream_fields, stream_field_count, stream), *sources = json_array();
    for (size_t i = 0; i < stream->source_count; i++)
        must(json_array_append_new(sources, source_json(&stream->sources[i])) == 0);
    object_put(object, "sources", sources);
    return object;
}

static json_t *service_json(const struct service *s) {
    json_t *object = fields_json(service_fields, service_field_count, s), *streams = json_array();
    for (size_t i = 0; i < s->stream_count; i++)
        must(json_array_append_new(streams, stream_json(&s->streams[i])) == 0);
    object_put(object, "streams", streams);
    return object;
}

void services_write(const struct services *services, struct buf *out) {
    json_t *object = json_object(), *rows = json_array();
    object_put(object, "number", json_integer((json_int_t)services->number));
    if (services->admin.is_set)
        object_put(object, "admin", password_json(&services->admin));
    object_put(object, "shows_addresses", json_boolean(services->shows_addresses));
    for (size_t i = 0; i < services->count; i++)
        must(json_array_append_new(rows, service_json(&services->rows[i])) == 0);
    object_put(object, "services", rows);
    json_put(out, object, JSON_INDENT(1));
}
