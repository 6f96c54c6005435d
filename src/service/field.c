// SPDX-License-Identifier: AGPL-3.0-or-later
// What a service and a stream say of themselves, as tables: the file is read, written and checked by them, and the command
// line sets by them.
#include "service/inside.h"

#define TEXT(key_, type_, member_, most_)                                                                              \
    { .key = key_, .kind = FIELD_TEXT, .offset = offsetof(type_, member_), .most = most_ }
#define IN_LANG(code_, at_)                                                                                            \
    {.key = "title." code_,                                                                                            \
     .kind = FIELD_TEXT,                                                                                               \
     .offset = offsetof(struct service, words[at_].title),                                                             \
     .most = SERVICE_TEXT_BYTES,                                                                                       \
     .is_spare = true},                                                                                                \
    {                                                                                                                  \
        .key = "description." code_, .kind = FIELD_TEXT, .offset = offsetof(struct service, words[at_].description),   \
        .most = SERVICE_TEXT_BYTES, .is_spare = true                                                                   \
    }
#define NUMBER(key_, member_, first_, least_, most_, has_none_)                                                        \
    {                                                                                                                  \
        .key = key_, .kind = FIELD_NUMBER, .offset = offsetof(struct service_stream, member_), .first = first_,        \
        .least = least_, .most = most_, .has_none = has_none_                                                          \
    }
#define FLAG(key_, type_, member_, first_)                                                                             \
    { .key = key_, .kind = FIELD_FLAG, .offset = offsetof(type_, member_), .first = first_ }

const struct field service_fields[] = {
    TEXT("name", struct service, name, SERVICE_NAME_BYTES),
    TEXT("title", struct service, title, SERVICE_TEXT_BYTES),
    TEXT("description", struct service, description, SERVICE_TEXT_BYTES),
    TEXT("genre", struct service, genre, SERVICE_TEXT_BYTES),
    TEXT("url", struct service, url, SERVICE_ADDRESS_BYTES),
    TEXT("languages", struct service, languages, SERVICE_TEXT_BYTES),
    FLAG("public", struct service, is_public, true),
    IN_LANG("en", 0),
    IN_LANG("id", 1),
    IN_LANG("ar", 2),
    IN_LANG("zh", 3),
    IN_LANG("ja", 4),
    IN_LANG("fr", 5),
    IN_LANG("de", 6),
    IN_LANG("es", 7),
    IN_LANG("nl", 8),
};
const size_t service_field_count = sizeof service_fields / sizeof service_fields[0];

const struct field stream_fields[] = {
    TEXT("name", struct service_stream, name, SERVICE_NAME_BYTES),
    TEXT("mount", struct service_stream, mount, SERVICE_MOUNT_BYTES),
    TEXT("type", struct service_stream, media_type, SERVICE_TYPE_BYTES),
    NUMBER("rate", rate, 0, 7350, 192000, true),
    NUMBER("channels", channels, 0, 1, 8, true),
    NUMBER("kbps", kbps, 0, 4, 4096, true),
    FLAG("low_data", struct service_stream, is_low_data, false),
    FLAG("hls", struct service_stream, has_hls, false),
    FLAG("hidden", struct service_stream, is_hidden, false),
    NUMBER("burst_bytes", burst_bytes, 65536, 1024, SERVICE_BURST_MOST, true),
    NUMBER("listeners_max", listeners_max, 0, 1, 1000000, true),
    NUMBER("stall_ms", stall_ms, 5000, 250, 600000, false),
    NUMBER("silence_seconds", silence_s, 30, 1, 86400, true),
    FLAG("silence_falls_back", struct service_stream, silence_falls_back, false),
    NUMBER("keep_hours", keep_hours, 168, 1, 24 * 3660, true),
    NUMBER("keep_mb", keep_mb, 0, 1, 1 << 30, true),
    FLAG("icy", struct service_stream, has_icy, true),
    TEXT("charset", struct service_stream, charset, SERVICE_CHARSET_BYTES),
};
const size_t stream_field_count = sizeof stream_fields / sizeof stream_fields[0];

const char *const source_kinds[SERVICE_SOURCE_KINDS] = {"encoder", "relay", "file"};

const struct field *field_find(const struct field *fields, size_t n, struct str key) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(str_from(fields[i].key), key))
            return &fields[i];
    return NULL;
}

struct str *field_text(void *row, const struct field *f) {
    return (struct str *)((char *)row + f->offset);
}

uint32_t *field_number(void *row, const struct field *f) {
    return (uint32_t *)((char *)row + f->offset);
}

bool *field_flag(void *row, const struct field *f) {
    return (bool *)((char *)row + f->offset);
}

void fields_first(const struct field *fields, size_t n, void *row) {
    for (size_t i = 0; i < n; i++)
        if (fields[i].kind == FIELD_NUMBER)
            *field_number(row, &fields[i]) = fields[i].first;
        else if (fields[i].kind == FIELD_FLAG)
            *field_flag(row, &fields[i]) = fields[i].first != 0;
}

void service_first(struct service *out) {
    *out = (struct service){0};
    fields_first(service_fields, service_field_count, out);
}

void service_stream_first(struct service_stream *out) {
    *out = (struct service_stream){.media_type = STR("audio/mpeg"), .format = AUDIO_MPEG};
    fields_first(stream_fields, stream_field_count, out);
}

const char *service_source_kind_name(enum service_source_kind kind) {
    return source_kinds[kind];
}

bool service_source_kind_find(struct str name, enum service_source_kind *out) {
    for (int kind = 0; kind < SERVICE_SOURCE_KINDS; kind++)
        if (str_eq(name, str_from(source_kinds[kind]))) {
            *out = (enum service_source_kind)kind;
            return true;
        }
    return false;
}

// ---- settings as they are typed --------------------------------------------------------------------------------------

static bool flag_read(struct str typed, bool *out) {
    static const struct {
        struct str word;
        bool is_on;
    } words[] = {{STR("on"), true},   {STR("yes"), true}, {STR("true"), true},   {STR("1"), true},
                 {STR("off"), false}, {STR("no"), false}, {STR("false"), false}, {STR("0"), false}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (str_eq_nocase(typed, words[i].word)) {
            *out = words[i].is_on;
            return true;
        }
    return false;
}

static enum rc number_set(const struct field *f, struct str typed, uint32_t times, uint32_t *out, struct problem *p) {
    uint64_t n;
    if (!str_to_u64(typed, &n) || n > UINT32_MAX / times)
        return problem_set(p, RC_INVALID, "%s is a number, not \"%.*s\"", f->key, STR_ARG(utf8_cut(typed, 64)));
    *out = (uint32_t)n * times;
    return RC_OK;
}

static enum rc field_set(const struct field *fields, size_t n, void *row, struct str key, struct str value,
                         struct problem *p) {
    bool is_days = str_eq(key, STR("keep_days"));
    const struct field *f = field_find(fields, n, is_days ? STR("keep_hours") : key);
    if (f == NULL || str_eq(key, STR("name"))) {
        struct buf known;
        buf_init(&known, 512);
        for (size_t i = 1; i < n; i++)
            if (!fields[i].is_spare)
                buf_fmt(&known, "%s%s", i > 1 ? ", " : "", fields[i].key);
        if (fields == service_fields)
            buf_c(&known, ", and title.de and description.de of each language of the site");
        enum rc rc = problem_set(p, RC_INVALID, "there is no setting \"%.*s\"; there are %.*s",
                                 STR_ARG(utf8_cut(key, 64)), STR_ARG(buf_view(&known)));
        buf_fini(&known);
        return rc;
    }
    if (f->kind == FIELD_TEXT)
        *field_text(row, f) = value;
    else if (f->kind == FIELD_NUMBER)
        return number_set(f, value, is_days ? 24 : 1, field_number(row, f), p);
    else if (!flag_read(value, field_flag(row, f)))
        return problem_set(p, RC_INVALID, "%s is on or off, not \"%.*s\"", f->key, STR_ARG(utf8_cut(value, 64)));
    return RC_OK;
}

enum rc service_set(struct service *s, struct str key, struct str value, struct problem *p) {
    return field_set(service_fields, service_field_count, s, key, value, p);
}

enum rc service_stream_set(struct service_stream *s, struct str key, struct str value, struct problem *p) {
    enum rc rc = field_set(stream_fields, stream_field_count, s, key, value, p);
    s->format = audio_format_of(s->media_type);
    return rc;
}

static struct str text_in(const struct service *s, const char *what, struct str lang) {
    char key[32];
    (void)snprintf(key, sizeof key, "%s.%.*s", what, STR_ARG(utf8_cut(lang, 8)));
    void *there = (void *)(uintptr_t)s; // only read
    const struct field *f = field_find(service_fields, service_field_count, str_from(key));
    return f != NULL ? *field_text(there, f) : STR_NONE;
}

struct str service_title(const struct service *s, struct str lang) {
    struct str own = text_in(s, "title", lang);
    return own.n > 0 ? own : s->title;
}

struct str service_description(const struct service *s, struct str lang) {
    struct str own = text_in(s, "description", lang);
    return own.n > 0 ? own : s->description;
}

bool service_setting_in(struct str key, struct str *what_out, struct str *lang_out) {
    size_t dot;
    const struct field *f = field_find(service_fields, service_field_count, key);
    if (f == NULL || !f->is_spare || !str_find_char(key, '.', &dot))
        return false;
    *what_out = str_slice(key, 0, dot);
    *lang_out = str_slice(key, dot + 1, key.n);
    return true;
}

uint32_t service_stream_kbps(const struct service_stream *s, uint32_t heard) {
    return s->kbps > 0 ? s->kbps : heard;
}

bool service_limits(struct str key, uint32_t *least_out, uint32_t *most_out) {
    const struct field *f = field_find(stream_fields, stream_field_count, key);
    if (f == NULL || f->kind != FIELD_NUMBER)
        return false;
    *least_out = f->least;
    *most_out = f->most;
    return true;
}

// ---- all of them -----------------------------------------------------------------------------------------------------

static size_t settings(struct arena *a, const struct field *fields, size_t n, const void *row,
                       struct service_setting **out) {
    void *there = (void *)(uintptr_t)row; // only read
    *out = ARENA_ARRAY(a, struct service_setting, n);
    for (size_t i = 1; i < n; i++) { // the first is the name
        const struct field *f = &fields[i];
        struct service_setting *to = &(*out)[i - 1];
        *to = (struct service_setting){.key = f->key,
                                       .is_flag = f->kind == FIELD_FLAG,
                                       .is_number = f->kind == FIELD_NUMBER,
                                       .is_spare = f->is_spare,
                                       .most = f->most};
        to->value = f->kind == FIELD_TEXT     ? *field_text(there, f)
                    : f->kind == FIELD_NUMBER ? str_fmt(a, "%u", *field_number(there, f))
                    : *field_flag(there, f)   ? STR("on")
                                              : STR("off");
    }
    return n - 1;
}

size_t service_settings(struct arena *a, const struct service *s, struct service_setting **out) {
    return settings(a, service_fields, service_field_count, s, out);
}

size_t service_stream_settings(struct arena *a, const struct service_stream *s, struct service_setting **out) {
    return settings(a, stream_fields, stream_field_count, s, out);
}
