// SPDX-License-Identifier: AGPL-3.0-or-later
// run/radio.json: what is on the air, from one process of ours to another. Read as strictly as if it came from a stranger,
// for whoever breaks the radio process must get no further.
#include "service/inside.h"

enum state_kind { STATE_TEXT, STATE_COUNT, STATE_MOMENT, STATE_SMALL, STATE_BITS, STATE_REASON };
struct state_field {
    const char *key;
    enum state_kind kind;
    size_t offset, most; // most: bytes of a text, or the greatest number
};

enum { REASON_BYTES = 40 };

#define OF(key_, kind_, member_, most_)                                                                                \
    { .key = key_, .kind = kind_, .offset = offsetof(struct service_on_air, member_), .most = most_ }
static const struct state_field fields[] = {
    OF("service", STATE_TEXT, service, SERVICE_NAME_BYTES),
    OF("stream", STATE_TEXT, stream, SERVICE_NAME_BYTES),
    OF("mount", STATE_TEXT, mount, SERVICE_MOUNT_BYTES),
    OF("source", STATE_TEXT, source, SERVICE_NAME_BYTES),
    OF("title", STATE_TEXT, title, AUDIO_TITLE_BYTES),
    OF("title_since_us", STATE_MOMENT, title_since_us, INT64_MAX),
    OF("source_since_us", STATE_MOMENT, source_since_us, INT64_MAX),
    OF("kept_from_us", STATE_MOMENT, kept_from_us, INT64_MAX),
    OF("kept_to_us", STATE_MOMENT, kept_to_us, INT64_MAX),
    OF("listeners", STATE_COUNT, listeners, INT64_MAX),
    OF("peak", STATE_COUNT, peak, INT64_MAX),
    OF("kbps", STATE_SMALL, kbps, UINT32_MAX),
    OF("rate", STATE_SMALL, rate, UINT32_MAX),
    OF("channels", STATE_SMALL, channels, UINT32_MAX),
    OF("main_rate", STATE_SMALL, main_rate, UINT32_MAX),
    OF("main_codec", STATE_TEXT, main_codec, AUDIO_CODEC_BYTES),
    OF("alarms", STATE_BITS, alarms, 2 * SERVICE_STALLED - 1),
    OF("refused_for", STATE_REASON, refusal.reason, REASON_BYTES),
    OF("refused_source", STATE_TEXT, refusal.source, SERVICE_NAME_BYTES),
    OF("refused_is", STATE_TEXT, refusal.is, SERVICE_REASON_BYTES),
    OF("refused_should", STATE_TEXT, refusal.should, SERVICE_REASON_BYTES),
};
enum { FIELDS = sizeof fields / sizeof fields[0], ROWS_MAX = SERVICES_MAX * SERVICE_STREAMS_MAX };

// ---- reading ---------------------------------------------------------------------------------------------------------

static bool field_read(struct arena *a, const json_t *value, const struct state_field *f, struct service_on_air *row) {
    void *to = (char *)row + f->offset;
    struct str word;
    uint64_t n;
    if (f->kind == STATE_TEXT)
        return json_take_text(a, value, f->most, to);
    if (f->kind == STATE_REASON)
        return json_take_text(a, value, f->most, &word) && reason_find(word, to);
    if (!json_take_number(value, f->most, &n))
        return false;
    switch (f->kind) {
    case STATE_TEXT:
    case STATE_REASON:
        break;
    case STATE_COUNT:
        *(uint64_t *)to = n;
        break;
    case STATE_MOMENT:
        *(int64_t *)to = (int64_t)n;
        break;
    case STATE_SMALL:
        *(uint32_t *)to = (uint32_t)n;
        break;
    case STATE_BITS:
        *(unsigned *)to = (unsigned)n;
        break;
    }
    return true;
}

static enum rc row_read(struct arena *a, const json_t *object, size_t at, struct service_on_air *row,
                        struct problem *p) {
    for (size_t i = 0; i < FIELDS; i++)
        if (!field_read(a, json_object_get(object, fields[i].key), &fields[i], row))
            return problem_set(p, RC_INVALID, "run/radio.json, stream %zu: %s is missing, or not what it has to be",
                               at + 1, fields[i].key);
    return RC_OK;
}

static enum rc head_read(struct arena *a, const json_t *object, struct service_state *out, struct problem *p) {
    uint64_t at, started;
    if (!json_take_number(json_object_get(object, "at_us"), INT64_MAX, &at) ||
        !json_take_number(json_object_get(object, "started_us"), INT64_MAX, &started) ||
        !json_take_text(a, json_object_get(object, "address"), SERVICE_ADDRESS_BYTES, &out->address))
        return problem_set(p, RC_INVALID, "run/radio.json does not say when and where");
    out->at_us = (int64_t)at;
    out->started_us = (int64_t)started;
    return RC_OK;
}

static enum rc object_read(struct arena *a, const json_t *object, struct service_state *out, struct problem *p) {
    const json_t *rows = json_object_get(object, "streams");
    enum rc rc = head_read(a, object, out, p);
    if (rc != RC_OK)
        return rc;
    if (!json_is_array(rows) || json_array_size(rows) > ROWS_MAX)
        return problem_set(p, RC_INVALID, "run/radio.json has no list of streams, or too many");
    out->count = json_array_size(rows);
    out->rows = ARENA_ARRAY(a, struct service_on_air, out->count > 0 ? out->count : 1);
    for (size_t i = 0; i < out->count && rc == RC_OK; i++)
        rc = row_read(a, json_array_get(rows, i), i, &out->rows[i], p);
    return rc;
}

enum rc service_state_parse(struct arena *a, struct str json, struct service_state *out, struct problem *p) {
    json_error_t e;
    *out = (struct service_state){0};
    json_t *object =
        json.n > SERVICE_STATE_BYTES ? NULL : json_loadb(json.n > 0 ? json.p : "", json.n, JSON_REJECT_DUPLICATES, &e);
    struct service_state read = {0};
    enum rc rc = object != NULL ? object_read(a, object, &read, p)
                                : problem_set(p, RC_INVALID, "run/radio.json is no JSON, or too large");
    json_decref(object);
    if (rc == RC_OK)
        *out = read;
    return rc;
}

// ---- writing ---------------------------------------------------------------------------------------------------------

// At most so many bytes, whatever becomes of those that are no UTF-8.
static json_t *text_json(struct str s, size_t most) {
    return json_of_text(utf8_cut(s, utf8_valid(s) ? most : most / 3));
}

static json_t *field_json(const struct service_on_air *row, const struct state_field *f) {
    const void *from = (const char *)row + f->offset;
    switch (f->kind) {
    case STATE_TEXT:
        return text_json(*(const struct str *)from, f->most);
    case STATE_COUNT:
        return json_integer((json_int_t) * (const uint64_t *)from);
    case STATE_MOMENT:
        return json_integer(*(const int64_t *)from);
    case STATE_SMALL:
        return json_integer(*(const uint32_t *)from);
    case STATE_BITS:
        return json_integer(*(const unsigned *)from);
    case STATE_REASON:
        return json_of_text(str_from(reason_name(*(const enum service_reason *)from)));
    }
    return NULL;
}

void service_state_write(const struct service_state *state, struct buf *out) {
    json_t *object = json_object(), *rows = json_array();
    object_put(object, "at_us", json_integer(state->at_us));
    object_put(object, "started_us", json_integer(state->started_us));
    object_put(object, "address", json_of_text(state->address));
    for (size_t i = 0; i < state->count; i++) {
        json_t *row = json_object();
        for (size_t k = 0; k < FIELDS; k++)
            object_put(row, fields[k].key, field_json(&state->rows[i], &fields[k]));
        must(json_array_append_new(rows, row) == 0);
    }
    object_put(object, "streams", rows);
    json_put(out, object, JSON_COMPACT);
}

const struct service_on_air *service_state_find(const struct service_state *state, struct str stream) {
    for (size_t i = 0; i < state->count; i++)
        if (str_eq(state->rows[i].stream, stream))
            return &state->rows[i];
    return NULL;
}
