// SPDX-License-Identifier: AGPL-3.0-or-later
// services.json: what is written is read, what breaks a rule is refused with a sentence that says where, and two who change
// it at once do not undo each other.
#include "../store/scratch.h"
#include "service/service.h"

struct house {
    struct arena *arena;
    struct scratch scratch;
    char secret[SERVICE_SECRET_CHARS + 1];
    struct services services;
};

static struct service_source *source_of(struct house *h) {
    return &h->services.rows[0].streams[0].sources[0];
}

// A station with two services; the first has two streams, one of which falls back to a relay and then to a file.
static void house_make(struct house *h) {
    *h = (struct house){.arena = arena_new(64 << 20)};
    struct arena *a = h->arena;
    struct service *rows = ARENA_ARRAY(a, struct service, 3);
    struct service_stream *streams = ARENA_ARRAY(a, struct service_stream, 3);
    struct service_source *sources = ARENA_ARRAY(a, struct service_source, SERVICE_SOURCES_MAX + 1);
    scratch_make(&h->scratch);
    for (int i = 0; i < 3; i++)
        service_stream_first(&streams[i]);
    streams[0].name = STR("voice-mp3"), streams[0].mount = STR("/voice.mp3"), streams[0].has_hls = true;
    streams[0].rate = 44100, streams[0].channels = 2, streams[0].kbps = 128;
    streams[1].name = STR("voice-low"), streams[1].mount = STR("/low/voice.ogg"), streams[1].is_low_data = true;
    streams[1].media_type = STR("audio/ogg; codecs=opus"), streams[1].format = AUDIO_OGG;
    streams[2].name = STR("music"), streams[2].mount = STR("/music.aac");
    streams[2].media_type = STR("audio/aac"), streams[2].format = AUDIO_AAC;
    sources[0] = (struct service_source){.name = STR("main"), .kind = SERVICE_ENCODER};
    service_password_make(h->secret, &sources[0].password);
    sources[1] = (struct service_source){
        .name = STR("relay"), .kind = SERVICE_RELAY, .address = STR("http://radio.example:8000/x.mp3")};
    sources[2] = (struct service_source){.name = STR("loop"), .kind = SERVICE_FILE, .address = STR("loop.mp3")};
    streams[0].sources = sources;
    streams[0].source_count = 3;
    for (int i = 0; i < 2; i++)
        service_first(&rows[i]);
    rows[0].name = STR("voice"), rows[0].title = STR("Suara \"Indonesia\" صوت"),
    rows[0].languages = STR("en ar zh-Hans");
    rows[0].streams = streams, rows[0].stream_count = 2;
    rows[0].url = STR("https://voi.example/");
    rows[1].name = STR("music"), rows[1].title = STR("Music"), rows[1].streams = streams + 2, rows[1].stream_count = 1;
    h->services = (struct services){.rows = rows, .count = 2};
}

static void house_free(struct house *h) {
    scratch_remove(&h->scratch);
    arena_free(&h->arena);
}

static struct str text_of(struct house *h, const struct services *services) {
    struct buf b;
    buf_init(&b, SERVICES_FILE_BYTES);
    services_write(services, &b);
    assert_false(b.failed);
    struct str text = str_dup(h->arena, buf_view(&b));
    buf_fini(&b);
    return text;
}

static void test_what_is_written_is_read(void **state) {
    (void)state;
    struct house h;
    struct services read;
    struct problem p = {""};
    const struct service *service = NULL;
    house_make(&h);
    h.services.number = 7;
    h.services.shows_addresses = true;
    service_password_make(h.secret, &h.services.admin);
    struct str text = text_of(&h, &h.services);
    if (services_parse(h.arena, text, &read, &p) != RC_OK)
        fail_msg("%s", p.text);
    assert_int_equal(read.number, 7);
    assert_true(read.shows_addresses && service_password_is(&read.admin, str_from(h.secret)));
    assert_true(str_eq(text_of(&h, &read), text));
    const struct service_stream *low = services_mount(&read, STR("/low/voice.ogg"), &service);
    assert_true(low == &read.rows[0].streams[1] && service == &read.rows[0] && low->format == AUDIO_OGG);
    assert_true(low->keep_hours == 168 && low->stall_ms == 5000 && low->has_icy && low->burst_bytes == 65536);
    assert_ptr_equal(services_stream(&read, STR("music"), &service), &read.rows[1].streams[0]);
    assert_null(services_mount(&read, STR("/voice"), NULL));
    assert_ptr_equal(services_find(&read, STR("music")), &read.rows[1]);
    assert_null(services_find(&read, STR("none")));
    house_free(&h);
}

// A language without words of its own has the service's; the file says nothing of it.
static void test_a_service_has_words_in_languages(void **state) {
    (void)state;
    struct house h;
    struct services read;
    struct problem p = {""};
    struct str what, lang;
    house_make(&h);
    struct service *s = &h.services.rows[0];
    s->description = STR("News");
    assert_int_equal(service_set(s, STR("title.de"), STR("Stimme"), &p), RC_OK);
    assert_int_equal(service_set(s, STR("description.ar"), STR("أخبار"), &p), RC_OK);
    assert_int_equal(service_set(s, STR("title.xx"), STR("none"), &p), RC_INVALID);
    struct str text = text_of(&h, &h.services);
    assert_non_null(memmem(text.p, text.n, "\"title.de\"", 10));
    assert_null(memmem(text.p, text.n, "\"title.ar\"", 10));
    assert_int_equal(services_parse(h.arena, text, &read, &p), RC_OK);
    assert_str(service_title(&read.rows[0], STR("de")), "Stimme");
    assert_true(str_eq(service_title(&read.rows[0], STR("ar")), s->title));
    assert_true(str_eq(service_title(&read.rows[0], STR("xx")), s->title));
    assert_str(service_description(&read.rows[0], STR("ar")), "أخبار");
    assert_str(service_description(&read.rows[0], STR("de")), "News");
    assert_true(service_setting_in(STR("description.zh"), &what, &lang));
    assert_str(what, "description");
    assert_str(lang, "zh");
    assert_false(service_setting_in(STR("title"), &what, &lang));
    s->words[6].title = STR("two\nlines");
    assert_int_equal(services_check(h.scratch.dir, &h.services, &p), RC_INVALID);
    assert_non_null(strstr(p.text, "title.de is one line"));
    house_free(&h);
}

// What could be set before counts as what was sent: an upgrade refuses nobody's file.
static void test_a_burst_of_before_is_read_as_what_was_sent(void **state) {
    (void)state;
    static const struct {
        uint32_t written, read; // 0: refused
    } cases[] = {{524288, 524288}, {524289, 524288}, {1048576, 524288}, {1048577, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct house h;
        struct services read;
        struct problem p = {""};
        house_make(&h);
        h.services.rows[0].streams[0].burst_bytes = cases[i].written;
        enum rc rc = services_parse(h.arena, text_of(&h, &h.services), &read, &p);
        assert_int_equal(rc, cases[i].read > 0 ? RC_OK : RC_INVALID);
        if (rc == RC_OK)
            assert_int_equal(read.rows[0].streams[0].burst_bytes, cases[i].read);
        house_free(&h);
    }
}

static void test_a_password_is_known_and_nothing_else_is(void **state) {
    (void)state;
    char secret[SERVICE_SECRET_CHARS + 1], other[SERVICE_SECRET_CHARS + 1];
    struct service_password kept, none = {false};
    service_password_make(secret, &kept);
    assert_int_equal(strlen(secret), SERVICE_SECRET_CHARS);
    assert_true(service_password_is(&kept, str_from(secret)));
    assert_false(service_password_is(&kept, STR("")));
    assert_false(service_password_is(&none, STR("")));
    struct service_password second;
    service_password_make(other, &second);
    assert_string_not_equal(secret, other);
    assert_false(service_password_is(&kept, str_from(other)));
    secret[25] = secret[25] == 'a' ? 'b' : 'a';
    assert_false(service_password_is(&kept, str_from(secret)));
}

// ---- rules -----------------------------------------------------------------------------------------------------------

enum where { OF_SERVICE, OF_STREAM, OF_SOURCE };

static void test_what_breaks_a_rule_is_named(void **state) {
    (void)state;
    static const struct {
        enum where where;
        size_t offset;
        const char *text, *says;
    } cases[] = {
        {OF_SERVICE, offsetof(struct service, name), "Voice", "a name has"},
        {OF_SERVICE, offsetof(struct service, name), "music", "service music: there is another of that name"},
        {OF_SERVICE, offsetof(struct service, title), "  ", "service voice: title must not be empty"},
        {OF_SERVICE, offsetof(struct service, title), "two\nlines", "title is one line of at most 256 bytes"},
        {OF_SERVICE, offsetof(struct service, genre), "\xff", "genre is one line"},
        {OF_SERVICE, offsetof(struct service, url), "ftp://voi.example", "url begins with http://"},
        {OF_SERVICE, offsetof(struct service, url), "javascript:alert(1)", "url begins with http://"},
        {OF_SERVICE, offsetof(struct service, languages), "en, ar", "languages are codes"},
        {OF_SERVICE, offsetof(struct service, languages), "english", "languages are codes"},
        {OF_SERVICE, offsetof(struct service, languages), "en  ar", "languages are codes"},
        {OF_STREAM, offsetof(struct service_stream, name), "sounds", "neither sounds nor sessions"},
        {OF_STREAM, offsetof(struct service_stream, name), "music", "there is another of that name"},
        {OF_STREAM, offsetof(struct service_stream, mount), "voice.mp3", "a mount is /"},
        {OF_STREAM, offsetof(struct service_stream, mount), "/", "a mount is /"},
        {OF_STREAM, offsetof(struct service_stream, mount), "/a/../b", "a mount is /"},
        {OF_STREAM, offsetof(struct service_stream, mount), "/a//b", "a mount is /"},
        {OF_STREAM, offsetof(struct service_stream, mount), "/a/", "a mount is /"},
        {OF_STREAM, offsetof(struct service_stream, mount), "/a?b", "a mount is /"},
        {OF_STREAM, offsetof(struct service_stream, mount), "/admin/stats", "the radio itself answers"},
        {OF_STREAM, offsetof(struct service_stream, mount), "/metrics", "the radio itself answers"},
        {OF_STREAM, offsetof(struct service_stream, mount), "/status.xsl", "the radio itself answers"},
        {OF_STREAM, offsetof(struct service_stream, mount), "/voice.m3u", "the radio itself answers"},
        {OF_STREAM, offsetof(struct service_stream, mount), "/music.aac", "another stream has that mount"},
        {OF_STREAM, offsetof(struct service_stream, media_type), "mp3", "type is a media type"},
        {OF_STREAM, offsetof(struct service_stream, media_type), "audio/mpeg\r\nX: y", "type is a media type"},
        {OF_STREAM, offsetof(struct service_stream, charset), "klingon-1", "there is no such charset"},
        {OF_SOURCE, offsetof(struct service_source, name), "9",
         "service voice, stream voice-mp3, source 9: a name has"},
        {OF_SOURCE, offsetof(struct service_source, name), "relay", "there is another of that name"},
        {OF_SOURCE, offsetof(struct service_source, address), "http://x/y", "an encoder has none"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct house h;
        struct problem p = {""};
        house_make(&h);
        char *row = cases[i].where == OF_SERVICE  ? (char *)&h.services.rows[0]
                    : cases[i].where == OF_STREAM ? (char *)&h.services.rows[0].streams[0]
                                                  : (char *)source_of(&h);
        *(struct str *)(row + cases[i].offset) = str_from(cases[i].text);
        assert_int_equal(services_check(NULL, &h.services, &p), RC_INVALID);
        if (strstr(p.text, cases[i].says) == NULL)
            fail_msg("\"%s\" is refused with \"%s\"", cases[i].text, p.text);
        house_free(&h);
    }
}

static void test_numbers_and_settings_have_bounds(void **state) {
    (void)state;
    static const struct {
        const char *key, *value, *says; // NULL: it is fine
    } cases[] = {
        {"rate", "44100", NULL},
        {"rate", "0", NULL},
        {"rate", "10", "rate is a number from 7350 to 192000"},
        {"rate", "fast", "rate is a number, not \"fast\""},
        {"rate", "-1", "rate is a number"},
        {"rate", "99999999999", "rate is a number"},
        {"channels", "9", "channels is a number from 1 to 8"},
        {"stall_ms", "0", "stall_ms is a number from 250"},
        {"stall_ms", "1500", NULL},
        {"keep_days", "7", NULL},
        {"keep_days", "4000", "keep_hours is a number from 1 to 87840"},
        {"keep_days", "4000000000", "keep_hours is a number"},
        {"burst_bytes", "524288", NULL},
        {"burst_bytes", "0", NULL},
        {"burst_bytes", "524289", "burst_bytes is a number from 1024 to 524288"},
        {"hls", "maybe", "hls is on or off"},
        {"hls", "off", NULL},
        {"icy", "no", NULL},
        {"charset", "windows-1256", NULL},
        {"type", "audio/ogg", "hls takes MP3"},
        {"name", "other", "there is no setting \"name\""},
        {"colour", "red", "there is no setting \"colour\"; there are mount, type, rate"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct house h;
        struct problem p = {""};
        house_make(&h);
        enum rc rc =
            service_stream_set(&h.services.rows[0].streams[0], str_from(cases[i].key), str_from(cases[i].value), &p);
        if (rc == RC_OK)
            rc = services_check(NULL, &h.services, &p);
        if (cases[i].says == NULL ? rc != RC_OK : rc != RC_INVALID || strstr(p.text, cases[i].says) == NULL)
            fail_msg("%s=%s: \"%s\"", cases[i].key, cases[i].value, p.text);
        house_free(&h);
    }
    struct service s;
    struct problem p = {""};
    service_first(&s);
    assert_int_equal(service_set(&s, STR("public"), STR("off"), &p), RC_OK);
    assert_int_equal(service_set(&s, STR("mount"), STR("/x"), &p), RC_INVALID);
    assert_false(s.is_public);
}

static void refused(struct house *h, const char *says) {
    struct problem p = {""};
    assert_int_equal(services_check(h->scratch.dir, &h->services, &p), RC_INVALID);
    if (strstr(p.text, says) == NULL)
        fail_msg("wanted \"%s\", was told \"%s\"", says, p.text);
}

static void test_what_would_never_play_is_refused(void **state) {
    (void)state;
    static const char *const relays[] = {"ftp://a.example/x",
                                         "https://a.example",
                                         "https:///x",
                                         "https://u:p@a.example/x",
                                         "https://a.example:0/x",
                                         "http://a.example",
                                         "http:///x",
                                         "http://u:p@a.example/x",
                                         "http://a.example:0/x",
                                         "http://a.example:99999/x",
                                         "http://[::1/x",
                                         "http://a b/x",
                                         "http://:80/x",
                                         ""};
    struct house h;
    house_make(&h);
    struct service_stream *stream = &h.services.rows[0].streams[0];
    stream->source_count = 2;
    for (size_t i = 0; i < sizeof relays / sizeof relays[0]; i++) {
        stream->sources[1].address = str_from(relays[i]);
        refused(&h, "source relay: a relay's address is");
    }
    struct problem p = {""};
    stream->sources[1].address = STR("http://[::1]:8000/x.mp3");
    assert_int_equal(services_check(h.scratch.dir, &h.services, &p), RC_OK);
    stream->sources[1].address = STR("https://a.example/x.mp3");
    assert_int_equal(services_check(h.scratch.dir, &h.services, &p), RC_OK);
    stream->sources[0].password.is_set = false;
    refused(&h, "source main: an encoder has a password");
    stream->sources[0].kind = SERVICE_RELAY;
    stream->sources[0].address = STR("http://a.example/");
    stream->sources[1].password.is_set = true;
    refused(&h, "source relay: an encoder has a password, and nothing else");
    stream->source_count = SERVICE_SOURCES_MAX + 1;
    refused(&h, "there can be 8 sources at most");
    house_free(&h);
}

// ---- files -----------------------------------------------------------------------------------------------------------

static void file_put(struct house *h, const char *name, const char *head, size_t head_bytes, size_t frame,
                     size_t frames) {
    struct buf b;
    buf_init(&b, 1 << 20);
    for (size_t i = 0; i < frames; i++) {
        char *p = buf_reserve(&b, frame);
        memset(p, 0x55, frame);
        memcpy(p, head, head_bytes);
        b.n += frame;
    }
    assert_int_equal(file_make_dir(scratch_path(&h->scratch, "radio"), 0700, NULL), RC_OK);
    assert_int_equal(file_make_dir(scratch_path(&h->scratch, "radio/sounds"), 0700, NULL), RC_OK);
    char path[64];
    snprintf(path, sizeof path, "radio/sounds/%s", name);
    assert_int_equal(file_write(scratch_path(&h->scratch, path), buf_view(&b), 0600, NULL), RC_OK);
    buf_fini(&b);
}

static void test_a_file_has_the_sound_of_its_stream(void **state) {
    (void)state;
    struct house h;
    struct problem p = {""};
    house_make(&h);
    struct service_source *loop = &h.services.rows[0].streams[0].sources[2];
    refused(&h, "service voice, stream voice-mp3, source loop: its file is not in radio/sounds");
    file_put(&h, "loop.mp3", "\xff\xfb\x90\x00", 4, 417, 40); // 44.1 kHz, stereo
    if (services_check(h.scratch.dir, &h.services, &p) != RC_OK)
        fail_msg("%s", p.text);
    file_put(&h, "loop.mp3", "\xff\xfb\x94\x00", 4, 384, 40);
    refused(&h, "source loop: its file has 48000 samples a second, and the stream 44100");
    file_put(&h, "loop.mp3", "\xff\xfb\x90\xc0", 4, 417, 40);
    refused(&h, "source loop: its file has 1 channels, and the stream 2");
    file_put(&h, "loop.mp3", "\xff\xf1\x50\x80\x20\x1f\xfc", 7, 256, 40);
    refused(&h, "source loop: its file is AAC (ADTS), and the stream is MP3");
    file_put(&h, "loop.mp3", "words", 5, 300, 40);
    refused(&h, "source loop: its file is of no known format, and the stream is MP3");
    loop->address = STR("../services.json");
    refused(&h, "a file has up to 96 letters");
    loop->address = STR("loop.mp3");
    h.services.rows[0].streams[0].sources[1].kind = SERVICE_FILE;
    h.services.rows[0].streams[0].sources[1].address = STR("loop.mp3");
    file_put(&h, "loop.mp3", "\xff\xfb\x90\x00", 4, 417, 40);
    refused(&h, "source loop: it stands behind a file");
    house_free(&h);
}

static void test_two_who_save_at_once_do_not_undo_each_other(void **state) {
    (void)state;
    struct house h;
    struct services first, second;
    struct problem p = {""};
    house_make(&h);
    assert_int_equal(services_load(h.arena, h.scratch.dir, &first, &p), RC_OK);
    assert_true(first.number == 0 && first.count == 0);
    h.services.rows[0].streams[0].source_count = 2;
    assert_int_equal(services_save(h.scratch.dir, &h.services, &p), RC_OK);
    assert_int_equal(h.services.number, 1);
    assert_int_equal(services_load(h.arena, h.scratch.dir, &first, &p), RC_OK);
    assert_int_equal(services_load(h.arena, h.scratch.dir, &second, &p), RC_OK);
    first.rows[0].title = STR("First");
    second.rows[0].title = STR("Second");
    assert_int_equal(services_save(h.scratch.dir, &first, &p), RC_OK);
    assert_int_equal(services_save(h.scratch.dir, &second, &p), RC_CONFLICT);
    assert_int_equal(second.number, 1);
    assert_int_equal(services_load(h.arena, h.scratch.dir, &second, &p), RC_OK);
    assert_str(second.rows[0].title, "First");
    second.rows[0].title = STR_NONE;
    assert_int_equal(services_save(h.scratch.dir, &second, &p), RC_INVALID);
    house_free(&h);
}

// ---- strictness ------------------------------------------------------------------------------------------------------

static void test_a_file_that_says_something_else_is_refused_whole(void **state) {
    (void)state;
    static const struct {
        const char *json, *says;
    } cases[] = {
        {"", "services.json, line"},
        {"[]", "holds no object"},
        {"{}", "number is missing"},
        {"{\"number\":1,\"number\":2}", "services.json, line 1"},
        {"{\"number\":-1}", "number is missing"},
        {"{\"number\":1,\"colour\":2}", "\"colour\" means nothing here"},
        {"{\"number\":1,\"admin\":\"secret\"}", "admin is no password"},
        {"{\"number\":1,\"shows_addresses\":1}", "shows_addresses is neither"},
        {"{\"number\":1,\"services\":{}}", "services is no list"},
        {"{\"number\":1,\"services\":[1]}", "something that is no object"},
        {"{\"number\":1,\"services\":[{}]}", "a service without a name"},
        {"{\"number\":1,\"services\":[{\"name\":\"a\",\"titel\":\"A\"}]}", "service a: \"titel\" means nothing here"},
        {"{\"number\":1,\"services\":[{\"name\":\"a\",\"title\":1}]}", "service a: title is no text"},
        {"{\"number\":1,\"services\":[{\"name\":\"a\",\"title\":\"A\",\"public\":1}]}", "public is neither"},
        {"{\"number\":1,\"services\":[{\"name\":\"a\",\"title\":\"A\",\"streams\":[{\"name\":\"b\",\"rate\":1.5}]}]}",
         "service a, stream b: rate is no number"},
        {"{\"number\":1,\"services\":[{\"name\":\"a\",\"title\":\"A\",\"streams\":[{\"name\":\"b\",\"mount\":\"/b\","
         "\"sources\":[{\"name\":\"c\",\"kind\":\"dj\"}]}]}]}",
         "service a, stream b, source c: kind is encoder"},
        {"{\"number\":1,\"services\":[{\"name\":\"a\",\"title\":\"A\",\"streams\":[{\"name\":\"b\",\"mount\":\"/b\","
         "\"sources\":[{\"name\":\"c\",\"kind\":\"encoder\",\"password\":{\"salt\":\"00\",\"hash\":\"11\"}}]}]}]}",
         "source c: \"password\" means nothing here, or"},
        {"{\"number\":1,\"services\":[{\"name\":\"a\",\"title\":\"A\",\"streams\":[{\"name\":\"b\",\"mount\":\"b\"}]}]}",
         "service a, stream b: a mount is /"},
    };
    struct arena *a = arena_new(64 << 20);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct services out;
        struct problem p = {""};
        assert_int_equal(services_parse(a, str_from(cases[i].json), &out, &p), RC_INVALID);
        assert_int_equal(out.count, 0);
        if (strstr(p.text, cases[i].says) == NULL)
            fail_msg("%s is refused with \"%s\"", cases[i].json, p.text);
    }
    arena_free(&a);
}

static void test_more_than_there_can_be_is_refused(void **state) {
    (void)state;
    struct arena *a = arena_new(64 << 20);
    struct services out;
    struct problem p = {""};
    struct buf b;
    buf_init(&b, 4 << 20);
    buf_c(&b, "{\"number\":1,\"services\":[");
    for (int i = 0; i <= SERVICES_MAX; i++)
        buf_fmt(&b, "%s{\"name\":\"a%d\",\"title\":\"A\"}", i > 0 ? "," : "", i);
    buf_c(&b, "]}");
    assert_int_equal(services_parse(a, buf_view(&b), &out, &p), RC_INVALID);
    assert_non_null(strstr(p.text, "services: there can be 32 at most"));
    while (b.n <= SERVICES_FILE_BYTES)
        buf_c(&b, "        ");
    assert_int_equal(services_parse(a, buf_view(&b), &out, &p), RC_INVALID);
    assert_non_null(strstr(p.text, "larger than"));
    buf_fini(&b);
    arena_free(&a);
}

int main(void) {
    hash_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_is_read),
        cmocka_unit_test(test_a_service_has_words_in_languages),
        cmocka_unit_test(test_a_burst_of_before_is_read_as_what_was_sent),
        cmocka_unit_test(test_a_password_is_known_and_nothing_else_is),
        cmocka_unit_test(test_what_breaks_a_rule_is_named),
        cmocka_unit_test(test_numbers_and_settings_have_bounds),
        cmocka_unit_test(test_what_would_never_play_is_refused),
        cmocka_unit_test(test_a_file_has_the_sound_of_its_stream),
        cmocka_unit_test(test_two_who_save_at_once_do_not_undo_each_other),
        cmocka_unit_test(test_a_file_that_says_something_else_is_refused_whole),
        cmocka_unit_test(test_more_than_there_can_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
