// SPDX-License-Identifier: AGPL-3.0-or-later
// What the radio process writes each second: pages are made anew only for what they show, and none of them names an
// address that browsers would refuse to play.
#include "../check.h"

#include <stdlib.h>
#include <unistd.h>

#include "main/on_air.h"
#include "main/path.h"

struct scene {
    char dir[32];
    struct site site;
    struct on_air *on_air;
    int told;
    bool had_source, has_source;
};

static void put_state(struct scene *s, const char *title, const char *source, uint64_t listeners, int64_t age_us) {
    struct service_on_air row = {.service = STR("voice"), .stream = STR("voice-mp3"), .mount = STR("/voice.mp3")};
    row.title = str_from(title);
    row.source = str_from(source);
    row.source_since_us = row.title_since_us = source[0] != '\0' ? 1000 : 0;
    row.listeners = listeners;
    struct service_state state = {clock_now_us() - age_us, 1, STR("127.0.0.1:8123"), &row, 1};
    struct buf b;
    char path[64];
    buf_init(&b, 1 << 20);
    service_state_write(&state, &b);
    snprintf(path, sizeof path, "%s/run/radio.json", s->dir);
    assert_int_equal(file_write(path, buf_view(&b), 0600, NULL), RC_OK);
    buf_fini(&b);
}

static void put_services(struct scene *s) {
    struct service_source source = {.name = STR("main"), .kind = SERVICE_FILE, .address = STR("signal.mp3")};
    struct service_stream stream;
    struct service service;
    struct buf b;
    char path[64];
    service_stream_first(&stream);
    stream.name = STR("voice-mp3");
    stream.mount = STR("/voice.mp3");
    stream.sources = &source;
    stream.source_count = 1;
    service_first(&service);
    service.name = STR("voice");
    service.title = STR("Voice");
    service.streams = &stream;
    service.stream_count = 1;
    buf_init(&b, 1 << 20);
    services_write(&(struct services){.rows = &service, .count = 1}, &b);
    snprintf(path, sizeof path, "%s/services.json", s->dir);
    assert_int_equal(file_write(path, buf_view(&b), 0600, NULL), RC_OK);
    buf_fini(&b);
}

static void hear(void *arg, const struct service_state *before, const struct service_state *now) {
    struct scene *s = arg;
    s->told++;
    s->had_source = before->count > 0 && before->rows[0].source.n > 0;
    s->has_source = now->count > 0 && now->rows[0].source.n > 0;
}

static void scene_begin(struct scene *s, const char *origin, const char *radio_origin, bool origin_set) {
    char path[64];
    memset(s, 0, sizeof *s);
    memcpy(s->dir, "/tmp/siaran-on-air-XXXXXX", 26);
    assert_non_null(mkdtemp(s->dir));
    snprintf(path, sizeof path, "%s/run", s->dir);
    assert_int_equal(file_make_dir(path, 0700, NULL), RC_OK);
    s->site.dir = s->dir;
    s->site.origin = str_from(origin);
    s->on_air = on_air_new(&s->site, radio_origin, origin_set);
    on_air_subscribe(s->on_air, hear, s);
}

static void scene_end(struct scene *s) {
    on_air_free(&s->on_air);
    assert_null(s->on_air);
    path_remove_tree(s->dir);
}

static uint32_t edition(enum edition_kind kind) {
    return edition_get(edition_of(kind, LANG_AR));
}

static void test_pages_follow_what_they_show(void **state) {
    (void)state;
    struct scene s;
    struct site_on_air got;
    struct arena *a = arena_new(32 << 20);
    scene_begin(&s, "http://localhost:8080", "", false);
    on_air_get(s.on_air, a, &got);
    assert_int_equal(got.services.count + got.state.count + got.radio_runs, 0);
    assert_int_equal(site_radio_origin(&s.site).n, 0);

    uint32_t frame = edition(EDITION_FRAME), air = edition(EDITION_ON_AIR);
    put_services(&s);
    put_state(&s, "Letters", "main", 3, 0);
    on_air_look(s.on_air);
    assert_str(site_radio_origin(&s.site), "http://localhost:8123");
    assert_int_not_equal(edition(EDITION_FRAME), frame);
    assert_int_not_equal(edition(EDITION_ON_AIR), air);
    assert_true(s.told == 1 && !s.had_source && s.has_source);
    on_air_get(s.on_air, a, &got);
    assert_true(got.radio_runs && got.services.count == 1);
    assert_str(got.state.rows[0].title, "Letters");

    frame = edition(EDITION_FRAME);
    air = edition(EDITION_ON_AIR);
    put_state(&s, "Letters", "main", 4, 0); // one listener more is on no page
    on_air_look(s.on_air);
    assert_int_equal(s.told, 2);
    put_state(&s, "Music", "main", 4, 0); // and this comes too soon after the last
    on_air_look(s.on_air);
    assert_int_equal(edition(EDITION_ON_AIR), air);
    assert_int_equal(edition(EDITION_FRAME), frame);
    assert_int_equal(s.told, 3);
    on_air_look(s.on_air); // nothing was written
    assert_int_equal(s.told, 3);

    put_state(&s, "Music", "main", 4, 11 * US_PER_SECOND); // the radio does not write any more
    on_air_look(s.on_air);
    assert_true(s.told == 4 && s.had_source && !s.has_source);
    on_air_get(s.on_air, a, &got);
    assert_false(got.radio_runs);
    assert_int_equal(got.state.rows[0].title.n + got.state.rows[0].listeners, 0);
    assert_int_equal(got.state.rows[0].alarms, SERVICE_OFF_AIR);
    assert_str(site_radio_origin(&s.site), "http://localhost:8123");
    arena_free(&a);
    scene_end(&s);
}

static void test_no_page_names_what_browsers_refuse(void **state) {
    (void)state;
    static const struct {
        const char *origin, *radio_origin, *named;
        bool origin_set;
        enum site_radio_problem problem;
    } rows[] = {
        {"https://www.example.org", "https://radio.example.org", "https://radio.example.org", true, SITE_RADIO_WELL},
        {"https://www.example.org", "http://radio.example.org", "", true, SITE_RADIO_NOT_HTTPS},
        {"https://www.example.org", "", "", true, SITE_RADIO_NO_ORIGIN},
        {"http://www.example.org", "http://radio.example.org", "http://radio.example.org", true, SITE_RADIO_WELL},
        {"http://localhost:8080", "", "http://localhost:8123", false, SITE_RADIO_WELL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct scene s;
        scene_begin(&s, rows[i].origin, rows[i].radio_origin, rows[i].origin_set);
        put_services(&s);
        put_state(&s, "Letters", "main", 3, 0);
        on_air_look(s.on_air);
        assert_true(str_eq(site_radio_origin(&s.site), str_from(rows[i].named)));
        assert_int_equal(s.site.radio_problem, rows[i].problem);
        scene_end(&s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pages_follow_what_they_show),
                                       cmocka_unit_test(test_no_page_names_what_browsers_refuse)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
