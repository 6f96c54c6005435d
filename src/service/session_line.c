// SPDX-License-Identifier: AGPL-3.0-or-later
// Parts of sessions as lines: fourteen fields between tabs.
//
//   v1  from_us  to_us  service  stream  kind  format  bytes  listener  before_us  session  player  country
#include <time.h>

#include "service/service.h"

static const char *const kinds[SESSION_KINDS] = {"live", "shift", "hls"};
static const char *const formats[AUDIO_FORMATS] = {"other", "mpeg", "aac", "ogg", "webm", "flac"};

const char *session_kind_word(enum session_kind kind) {
    return kinds[kind];
}

const char *session_format_word(enum audio_format format) {
    return formats[format];
}

// ---- days ----------------------------------------------------------------------------------------------------------------

int64_t session_day(int64_t at_us) {
    return at_us >= 0 ? at_us / US_PER_DAY : -((US_PER_DAY - 1 - at_us) / US_PER_DAY);
}

struct str session_day_text(struct arena *a, int64_t day) {
    time_t at = (time_t)(day * 86400);
    struct tm t;
    gmtime_r(&at, &t);
    return str_fmt(a, "%04d-%02d-%02d", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday);
}

struct str session_file(struct arena *a, const char *dir, int64_t day) {
    return str_fmt(a, "%s/radio/sessions/%.*s.tsv", dir, STR_ARG(session_day_text(a, day)));
}

// ---- writing -------------------------------------------------------------------------------------------------------------

static bool is_name(struct str s) {
    if (s.n == 0 || s.n > SERVICE_NAME_BYTES || s.p[0] < 'a' || s.p[0] > 'z')
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '-'))
            return false;
    return true;
}

static bool is_country(struct str s) {
    return str_eq(s, STR("-")) || (s.n == 2 && s.p[0] >= 'A' && s.p[0] <= 'Z' && s.p[1] >= 'A' && s.p[1] <= 'Z');
}

void session_line_write(const struct session_part *part, struct buf *out) {
    must(is_name(part->service) && is_name(part->stream) && is_name(part->player));
    must(is_country(str_from(part->country)));
    buf_fmt(out, "v1\t%lld\t%lld\t%.*s\t%.*s\t%s\t%s\t%llu\t%016llx\t%lld\t%016llx\t%.*s\t%s\n",
            (long long)part->from_us, (long long)part->to_us, STR_ARG(part->service), STR_ARG(part->stream),
            kinds[part->kind], formats[part->format], (unsigned long long)part->bytes,
            (unsigned long long)part->listener, (long long)part->before_us, (unsigned long long)part->session,
            STR_ARG(part->player), part->country);
}

// ---- reading -------------------------------------------------------------------------------------------------------------

static bool name_next(struct str *line, struct str *out) {
    return str_next(line, '\t', out) && is_name(*out);
}

static bool i64_next(struct str *line, int64_t *out) {
    struct str field;
    uint64_t n;
    if (!str_next(line, '\t', &field) || !str_to_u64(field, &n) || n > INT64_MAX)
        return false;
    *out = (int64_t)n;
    return true;
}

static bool word_next(struct str *line, const char *const *words, int count, int *out) {
    struct str field;
    if (!str_next(line, '\t', &field))
        return false;
    for (*out = 0; *out < count; (*out)++)
        if (str_eq(field, str_from(words[*out])))
            return true;
    return false;
}

static bool hash_next(struct str *line, uint64_t *out) {
    struct str field;
    uint8_t bytes[8];
    if (!str_next(line, '\t', &field) || !hex_get(field, bytes, sizeof bytes))
        return false;
    *out = 0;
    for (size_t i = 0; i < sizeof bytes; i++)
        *out = *out << 8 | bytes[i];
    return true;
}

static bool country_next(struct str *line, char out[3]) {
    struct str field;
    if (!str_next(line, '\t', &field) || !is_country(field))
        return false;
    memset(out, 0, 3);
    memcpy(out, field.p, field.n);
    return true;
}

bool session_line_parse(struct str line, struct session_part *out) {
    struct session_part p = {0};
    struct str version;
    int64_t bytes = 0;
    int kind = 0, format = 0;
    if (line.n >= SESSION_LINE_BYTES || !str_next(&line, '\t', &version) || !str_eq(version, STR("v1")) ||
        !i64_next(&line, &p.from_us) || !i64_next(&line, &p.to_us) || !name_next(&line, &p.service) ||
        !name_next(&line, &p.stream) || !word_next(&line, kinds, SESSION_KINDS, &kind) ||
        !word_next(&line, formats, AUDIO_FORMATS, &format) || !i64_next(&line, &bytes) ||
        !hash_next(&line, &p.listener) || !i64_next(&line, &p.before_us) || !hash_next(&line, &p.session) ||
        !name_next(&line, &p.player) || !country_next(&line, p.country) || line.p != NULL)
        return false;
    p.kind = (enum session_kind)kind;
    p.format = (enum audio_format)format;
    p.bytes = (uint64_t)bytes;
    if (p.before_us > p.from_us || p.to_us < p.from_us ||
        (p.to_us > p.from_us && session_day(p.to_us - 1) != session_day(p.from_us)))
        return false;
    *out = p;
    return true;
}
