// SPDX-License-Identifier: AGPL-3.0-or-later
// Every rule of services.json, in the order of the file: what is found first is said, with where it is.
#include <stdlib.h>
#include <unicode/ucnv.h>

#include "service/inside.h"
#include "service/sound.h"

static bool broken(struct service_wrong *w, enum service_fault fault, const char *field) {
    w->fault = fault;
    w->field = field;
    return false;
}

static bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_mount_char(char c) {
    return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
}

static bool name_ok(struct str name) {
    if (name.n == 0 || name.n > SERVICE_NAME_BYTES || !is_lower(name.p[0]))
        return false;
    for (size_t i = 0; i < name.n; i++)
        if (!is_lower(name.p[i]) && !is_digit(name.p[i]) && name.p[i] != '-')
            return false;
    return true;
}

// The radio's other folders stand beside the streams' (DIR/radio).
static bool stream_name_ok(struct str name) {
    return name_ok(name) && !str_eq(name, STR("sounds")) && !str_eq(name, STR("sessions"));
}

static bool line_ok(struct str s, size_t most) {
    if (s.n > most || !utf8_valid(s))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return false;
    return true;
}

static bool is_printable(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= 0x20 || s.p[i] >= 0x7f || strchr("\"<>\\^`{|}", s.p[i]) != NULL)
            return false;
    return true;
}

// Codes of two or three letters, with or without a script or a country: "en ar zh-Hans".
static bool languages_ok(struct str s) {
    struct str code, part;
    size_t codes = 0;
    while (s.n > 0 && str_next(&s, ' ', &code)) {
        bool is_first = true;
        if (++codes > 64)
            return false;
        while (str_next(&code, '-', &part)) {
            if (part.n < 2 || part.n > (is_first ? 3 : 8))
                return false;
            for (size_t i = 0; i < part.n; i++)
                if (!is_lower((char)(part.p[i] | 0x20)) && (is_first || !is_digit(part.p[i])))
                    return false;
            is_first = false;
        }
        if (is_first)
            return false;
    }
    return true;
}

bool service_url_ok(struct str url) {
    return (str_starts(url, STR("http://")) || str_starts(url, STR("https://"))) && url.n > 8 && is_printable(url);
}

static bool mount_ok(struct str mount) {
    struct str part, rest = str_slice(mount, 1, mount.n);
    if (mount.n < 2 || mount.n > SERVICE_MOUNT_BYTES || mount.p[0] != '/' || mount.p[mount.n - 1] == '/')
        return false;
    while (str_next(&rest, '/', &part)) {
        if (part.n == 0 || part.p[0] == '.')
            return false;
        for (size_t i = 0; i < part.n; i++)
            if (!is_mount_char(part.p[i]))
                return false;
    }
    return true;
}

// What the radio answers at itself, and what it makes of each mount.
static bool mount_is_ours(struct str mount) {
    static const struct str whole[] = {STR("/admin"),           STR("/api"),        STR("/hls"),     STR("/admin.cgi"),
                                       STR("/status-json.xsl"), STR("/status.xsl"), STR("/metrics"), STR("/robots.txt"),
                                       STR("/favicon.ico")};
    static const struct str below[] = {STR("/admin/"), STR("/api/"), STR("/hls/"), STR("/.well-known/")};
    static const struct str ends[] = {STR(".m3u"), STR(".m3u8"), STR(".pls"), STR(".xspf")};
    bool is_ours = false;
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++)
        is_ours |= str_eq(mount, whole[i]);
    for (size_t i = 0; i < sizeof below / sizeof below[0]; i++)
        is_ours |= str_starts(mount, below[i]);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        is_ours |= str_ends(mount, ends[i]);
    return is_ours;
}

// "audio/ogg; codecs=opus": it is sent as it is, in a line of a header.
static bool type_ok(struct str type) {
    size_t slash;
    if (type.n > SERVICE_TYPE_BYTES || !str_find_char(type, '/', &slash) || slash == 0 || slash + 1 == type.n)
        return false;
    for (size_t i = 0; i < type.n; i++)
        if (type.p[i] < 0x20 || type.p[i] >= 0x7f || (i <= slash + 1 && strchr(" ;,\"", type.p[i]) != NULL))
            return false;
    return true;
}

static bool charset_ok(struct str charset) {
    char name[SERVICE_CHARSET_BYTES + 1];
    UErrorCode e = U_ZERO_ERROR;
    if (charset.n == 0)
        return true;
    if (charset.n > SERVICE_CHARSET_BYTES || !is_printable(charset))
        return false;
    memcpy(name, charset.p, charset.n);
    name[charset.n] = '\0';
    UConverter *converter = ucnv_open(name, &e);
    ucnv_close(converter);
    return U_SUCCESS(e);
}

// http[s]://host[:port]/mount
static bool relay_ok(struct str address) {
    bool is_tls = str_starts(address, STR("https://"));
    struct str rest = str_slice(address, is_tls ? 8 : 7, address.n), port;
    size_t slash, colon, bracket = 0;
    uint64_t n = 80;
    if ((!is_tls && !str_starts(address, STR("http://"))) || address.n > SERVICE_ADDRESS_BYTES ||
        !is_printable(address) || !str_find_char(rest, '/', &slash) || slash == 0 || str_find_char(rest, '#', &colon) ||
        str_find_char(str_slice(rest, 0, slash), '@', &colon))
        return false;
    struct str host = str_slice(rest, 0, slash);
    if (host.p[0] == '[' && !str_find_char(host, ']', &bracket))
        return false;
    port = str_slice(host, bracket, host.n);
    if (str_find_char(port, ':', &colon))
        return (bracket > 0 || colon > 0) && str_to_u64(str_slice(port, colon + 1, port.n), &n) && n > 0 && n < 65536;
    return true;
}

// ---- the walk ----------------------------------------------------------------------------------------------------------

static bool fields_ok(const struct field *fields, size_t n, const void *row, struct service_wrong *w) {
    void *there = (void *)(uintptr_t)row; // only read
    for (size_t i = 0; i < n; i++) {
        const struct field *f = &fields[i];
        w->least = f->least;
        w->most = f->most;
        if (f->kind == FIELD_TEXT && !line_ok(*field_text(there, f), f->most))
            return broken(w, SERVICE_FAULT_TEXT, f->key);
        if (f->kind != FIELD_NUMBER || (f->has_none && *field_number(there, f) == 0))
            continue;
        if (*field_number(there, f) < f->least || *field_number(there, f) > f->most)
            return broken(w, SERVICE_FAULT_NUMBER, f->key);
    }
    return true;
}

// What its first source had when it was heard last. 0 and "": it never was.
struct heard {
    uint32_t rate;
    char codec[AUDIO_CODEC_BYTES + 1];
};

static struct heard heard_last(const char *dir, const struct service_stream *stream) {
    struct arena *a = arena_new(8 << 20);
    struct service_state state;
    const struct service_on_air *row = NULL;
    struct heard out = {0};
    if (service_state_load(a, dir, &state, NULL) == RC_OK)
        row = service_state_find(&state, stream->name);
    if (row != NULL && str_eq(row->mount, stream->mount)) {
        out.rate = row->main_rate;
        (void)snprintf(out.codec, sizeof out.codec, "%.*s", STR_ARG(row->main_codec));
    }
    arena_free(&a);
    return out;
}

static void rate_settle(const char *dir, struct service_stream *stream) {
    const struct service_source *last = &stream->sources[stream->source_count - 1];
    struct sound is;
    uint32_t least = 0, most = 0;
    if (last->kind != SERVICE_FILE || heard_last(dir, stream).rate != 0 ||
        sound_look(dir, last->address, stream, &is) != RC_OK)
        return;
    if (service_limits(STR("rate"), &least, &most) && is.rate >= least && is.rate <= most)
        stream->rate = is.rate;
}

static bool is_new_file(const struct services *before, const struct service_stream *stream) {
    const struct service_stream *was = services_stream(before, stream->name, NULL);
    const struct service_source *now = &stream->sources[stream->source_count - 1];
    const struct service_source *then =
        was != NULL && was->source_count > 0 ? &was->sources[was->source_count - 1] : NULL;
    return then == NULL || then->kind != SERVICE_FILE || !str_eq(then->address, now->address);
}

size_t services_settle(struct arena *a, const char *dir, const struct services *before, struct services *services,
                       struct service_settled **out) {
    size_t n = 0;
    *out = ARENA_ARRAY(a, struct service_settled, SERVICES_MAX * SERVICE_STREAMS_MAX);
    for (size_t i = 0; i < services->count; i++)
        for (size_t k = 0; k < services->rows[i].stream_count; k++) {
            struct service_stream *stream = &services->rows[i].streams[k];
            if (stream->rate != 0 || stream->source_count == 0 || !is_new_file(before, stream))
                continue;
            rate_settle(dir, stream);
            if (stream->rate != 0)
                (*out)[n++] = (struct service_settled){stream->name, stream->sources[stream->source_count - 1].address,
                                                       stream->rate};
        }
    return n;
}

// That of its first source counts where the stream says none.
static bool sound_fits(const struct service_stream *stream, struct sound is, struct heard heard,
                       struct service_wrong *w) {
    bool is_coded_so = is.codec == NULL || heard.codec[0] == '\0' || strcmp(is.codec, heard.codec) == 0;
    if (!is.agrees || !is_coded_so) {
        snprintf(w->is, sizeof w->is, "%s", is.agrees ? is.codec : sound_format_name(is.format));
        snprintf(w->should, sizeof w->should, "%s", is.agrees ? heard.codec : sound_format_name(stream->format));
        return broken(w, SERVICE_FAULT_SOUND_FORMAT, "address");
    }
    uint32_t wanted = stream->rate > 0 ? stream->rate : heard.rate;
    bool rate = wanted == 0 || is.rate == 0 || is.rate == wanted;
    if (rate && (stream->channels == 0 || is.channels == 0 || is.channels == stream->channels))
        return true;
    snprintf(w->is, sizeof w->is, "%u", rate ? is.channels : is.rate);
    snprintf(w->should, sizeof w->should, "%u", rate ? stream->channels : wanted);
    return broken(w, rate ? SERVICE_FAULT_SOUND_CHANNELS : SERVICE_FAULT_SOUND_RATE, "address");
}

// What a file is given beside. One that stands there already is not wrong for what its first source sends since, which the
// radio tells; and one that is the first source itself falls back behind nothing.
static struct heard heard_before(const char *dir, const struct service_stream *stream) {
    struct arena *a = arena_new(8 << 20);
    struct services before;
    struct heard none = {0};
    bool is_new =
        stream->source_count > 1 && services_load(a, dir, &before, NULL) == RC_OK && is_new_file(&before, stream);
    arena_free(&a);
    return is_new ? heard_last(dir, stream) : none;
}

static bool sound_ok(const char *dir, const struct service_stream *stream, struct str name, struct service_wrong *w) {
    struct sound is;
    if (dir == NULL)
        return true;
    if (sound_look(dir, name, stream, &is) != RC_OK)
        return broken(w, SERVICE_FAULT_SOUND_GONE, "address");
    return sound_fits(stream, is, heard_before(dir, stream), w);
}

enum rc service_sound_look(const char *dir, int fd, const struct service_stream *stream, struct service_wrong *out) {
    struct sound is;
    *out = (struct service_wrong){.stream = stream->name};
    if (sound_look_file(fd, stream, &is) != RC_OK)
        (void)broken(out, SERVICE_FAULT_SOUND_GONE, "address");
    else if (sound_fits(stream, is, heard_last(dir, stream), out))
        return RC_OK;
    return RC_INVALID;
}

static bool source_ok(const char *dir, const struct service_stream *stream, size_t at, struct service_wrong *w) {
    const struct service_source *source = &stream->sources[at];
    w->source = source->name;
    if (!name_ok(source->name))
        return broken(w, SERVICE_FAULT_NAME, "name");
    for (size_t i = 0; i < at; i++) {
        if (str_eq(stream->sources[i].name, source->name))
            return broken(w, SERVICE_FAULT_NAME_TAKEN, "name");
        if (stream->sources[i].kind == SERVICE_FILE)
            return broken(w, SERVICE_FAULT_BEHIND, NULL);
    }
    if (source->password.is_set != (source->kind == SERVICE_ENCODER))
        return broken(w, SERVICE_FAULT_PASSWORD, "password");
    if (source->kind == SERVICE_ENCODER && source->address.n > 0)
        return broken(w, SERVICE_FAULT_RELAY, "address");
    if (source->kind == SERVICE_RELAY && !relay_ok(source->address))
        return broken(w, SERVICE_FAULT_RELAY, "address");
    if (source->kind != SERVICE_FILE)
        return true;
    if (!service_sound_name_ok(source->address))
        return broken(w, SERVICE_FAULT_SOUND_NAME, "address");
    return sound_ok(dir, stream, source->address, w);
}

bool service_sound_name_ok(struct str name) {
    if (name.n == 0 || name.n > SERVICE_SOUND_BYTES || strchr("._-", name.p[0]) != NULL)
        return false;
    for (size_t i = 0; i < name.n; i++)
        if (!is_mount_char(name.p[i]))
            return false;
    return true;
}

static bool mount_is_free(const struct services *services, const struct service_stream *stream) {
    return services_mount(services, stream->mount, NULL) == stream;
}

static bool stream_ok(const char *dir, const struct services *services, const struct service_stream *stream,
                      struct service_wrong *w) {
    w->stream = stream->name;
    w->source = STR_NONE;
    if (!stream_name_ok(stream->name))
        return broken(w, SERVICE_FAULT_NAME, "name");
    if (services_stream(services, stream->name, NULL) != stream)
        return broken(w, SERVICE_FAULT_NAME_TAKEN, "name");
    if (!mount_ok(stream->mount))
        return broken(w, SERVICE_FAULT_MOUNT, "mount");
    if (mount_is_ours(stream->mount))
        return broken(w, SERVICE_FAULT_MOUNT_OURS, "mount");
    if (!mount_is_free(services, stream))
        return broken(w, SERVICE_FAULT_MOUNT_TAKEN, "mount");
    if (!type_ok(stream->media_type))
        return broken(w, SERVICE_FAULT_TYPE, "type");
    if (stream->has_hls && stream->format != AUDIO_MPEG && stream->format != AUDIO_AAC)
        return broken(w, SERVICE_FAULT_HLS, "hls");
    if (!fields_ok(stream_fields, stream_field_count, stream, w))
        return false;
    if (!charset_ok(stream->charset))
        return broken(w, SERVICE_FAULT_CHARSET, "charset");
    w->most = SERVICE_SOURCES_MAX;
    if (stream->source_count > SERVICE_SOURCES_MAX)
        return broken(w, SERVICE_FAULT_MANY, "sources");
    for (size_t i = 0; i < stream->source_count; i++)
        if (!source_ok(dir, stream, i, w))
            return false;
    return true;
}

static bool service_ok(const char *dir, const struct services *services, const struct service *s,
                       struct service_wrong *w) {
    w->service = s->name;
    w->stream = w->source = STR_NONE;
    if (!name_ok(s->name))
        return broken(w, SERVICE_FAULT_NAME, "name");
    if (services_find(services, s->name) != s)
        return broken(w, SERVICE_FAULT_NAME_TAKEN, "name");
    if (str_trim(s->title).n == 0)
        return broken(w, SERVICE_FAULT_EMPTY, "title");
    if (!fields_ok(service_fields, service_field_count, s, w))
        return false;
    if (s->url.n > 0 && !service_url_ok(s->url))
        return broken(w, SERVICE_FAULT_URL, "url");
    if (!languages_ok(s->languages))
        return broken(w, SERVICE_FAULT_LANGUAGES, "languages");
    w->most = SERVICE_STREAMS_MAX;
    if (s->stream_count > SERVICE_STREAMS_MAX)
        return broken(w, SERVICE_FAULT_MANY, "streams");
    for (size_t i = 0; i < s->stream_count; i++)
        if (!stream_ok(dir, services, &s->streams[i], w))
            return false;
    return true;
}

enum rc services_look(const char *dir, const struct services *services, struct service_wrong *out) {
    *out = (struct service_wrong){.most = SERVICES_MAX};
    if (services->count > SERVICES_MAX) {
        (void)broken(out, SERVICE_FAULT_MANY, "services");
        return RC_INVALID;
    }
    for (size_t i = 0; i < services->count; i++)
        if (!service_ok(dir, services, &services->rows[i], out))
            return RC_INVALID;
    return RC_OK;
}

// ---- the sentence ------------------------------------------------------------------------------------------------------

void service_wrong_where(const struct service_wrong *w, char *out, size_t size) {
    struct buf b;
    buf_init(&b, 512);
    const struct str names[] = {w->service, w->stream, w->source};
    static const char *const words[] = {"service ", "stream ", "source "};
    for (size_t i = 0; i < 3; i++)
        if (names[i].n > 0)
            buf_fmt(&b, "%s%s%.*s", b.n > 0 ? ", " : "", words[i], STR_ARG(utf8_cut(names[i], SERVICE_NAME_BYTES)));
    snprintf(out, size, "%.*s%s", STR_ARG(buf_view(&b)), b.n > 0 ? ": " : "");
    buf_fini(&b);
}

static void what_say(const struct service_wrong *w, char *out, size_t size) {
    static const char *const sentences[SERVICE_FAULTS] = {
        [SERVICE_FAULT_NAME] = "a name has up to 32 of a-z, 0-9 and -, begins with a letter, and is neither sounds nor "
                               "sessions",
        [SERVICE_FAULT_NAME_TAKEN] = "there is another of that name",
        [SERVICE_FAULT_LANGUAGES] = "languages are codes with spaces between them: en ar zh",
        [SERVICE_FAULT_URL] = "url begins with http:// or https://",
        [SERVICE_FAULT_MOUNT] = "a mount is / and then letters, digits, dots, - and _, such as /voice.mp3",
        [SERVICE_FAULT_MOUNT_OURS] = "the radio itself answers at that mount; take another",
        [SERVICE_FAULT_MOUNT_TAKEN] = "another stream has that mount",
        [SERVICE_FAULT_TYPE] = "type is a media type, such as audio/mpeg, audio/aac or audio/ogg; codecs=opus",
        [SERVICE_FAULT_HLS] = "hls takes MP3 (audio/mpeg) and AAC (audio/aac) only",
        [SERVICE_FAULT_CHARSET] = "there is no such charset",
        [SERVICE_FAULT_PASSWORD] = "an encoder has a password, and nothing else has",
        [SERVICE_FAULT_RELAY] =
            "a relay's address is https://host[:port]/mount, or the same with http, and an encoder has none",
        [SERVICE_FAULT_BEHIND] = "it stands behind a file, which never ends, and would never play",
        [SERVICE_FAULT_SOUND_NAME] =
            "a file has up to 96 letters, digits, dots, - and _, and begins with a letter or digit",
        [SERVICE_FAULT_SOUND_GONE] = "its file is not in radio/sounds, or cannot be read",
    };
    if (w->fault == SERVICE_FAULT_EMPTY)
        snprintf(out, size, "%s must not be empty", w->field);
    else if (w->fault == SERVICE_FAULT_TEXT)
        snprintf(out, size, "%s is one line of at most %u bytes of UTF-8", w->field, w->most);
    else if (w->fault == SERVICE_FAULT_NUMBER)
        snprintf(out, size, "%s is a number from %u to %u", w->field, w->least, w->most);
    else if (w->fault == SERVICE_FAULT_MANY)
        snprintf(out, size, "there can be %u %s at most", w->most, w->field);
    else if (w->fault == SERVICE_FAULT_SOUND_FORMAT)
        snprintf(out, size, "its file is %s, and the stream is %s", w->is, w->should);
    else if (w->fault == SERVICE_FAULT_SOUND_RATE)
        snprintf(out, size, "its file has %s samples a second, and the stream %s", w->is, w->should);
    else if (w->fault == SERVICE_FAULT_SOUND_CHANNELS)
        snprintf(out, size, "its file has %s channels, and the stream %s", w->is, w->should);
    else
        snprintf(out, size, "%s", sentences[w->fault]);
}

void service_wrong_say(const struct service_wrong *w, struct problem *p) {
    char where[160], what[200];
    service_wrong_where(w, where, sizeof where);
    what_say(w, what, sizeof what);
    (void)problem_set(p, RC_INVALID, "%s%s", where, what);
}

enum rc services_check(const char *dir, const struct services *services, struct problem *p) {
    struct service_wrong wrong;
    enum rc rc = services_look(dir, services, &wrong);
    if (rc != RC_OK)
        service_wrong_say(&wrong, p);
    return rc;
}
