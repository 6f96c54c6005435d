// SPDX-License-Identifier: AGPL-3.0-or-later
// run/radio.json: what is on the air, from the radio process to the site.
#include "../store/scratch.h"
#include "service/service.h"

static void state_write(const struct service_state *state, struct buf *b) {
    buf_init(b, SERVICE_STATE_BYTES);
    service_state_write(state, b);
    assert_false(b->failed);
}

static void test_what_is_on_the_air_is_told(void **unused) {
    (void)unused;
    struct service_on_air rows[] = {
        {.service = STR("voice"),
         .stream = STR("voice-mp3"),
         .mount = STR("/voice.mp3"),
         .source = STR("main"),
         .title = STR("Tanah Airku \"live\" وطني"),
         .title_since_us = 5,
         .source_since_us = 4,
         .kept_from_us = 3,
         .kept_to_us = 6,
         .listeners = 12,
         .peak = 40,
         .kbps = 128,
         .rate = 44100,
         .channels = 2},
        {.service = STR("voice"),
         .stream = STR("low"),
         .mount = STR("/low"),
         .alarms = SERVICE_OFF_AIR | SERVICE_REFUSED,
         .title = STR("Caf\xe9"),
         .refusal = {SERVICE_REASON_TYPE, STR("main"), STR("audio/ogg"), STR("audio/mpeg")}},
    };
    const struct service_state state = {
        .at_us = 1795953600000000, .started_us = 9, .address = STR("127.0.0.1:8000"), .rows = rows, .count = 2};
    struct arena *a = arena_new(8 << 20);
    struct service_state read;
    struct problem p = {""};
    struct buf b;
    state_write(&state, &b);
    if (service_state_parse(a, buf_view(&b), &read, &p) != RC_OK)
        fail_msg("%s", p.text);
    assert_true(read.at_us == state.at_us && read.started_us == 9 && read.count == 2);
    assert_str(read.address, "127.0.0.1:8000");
    const struct service_on_air *voice = service_state_find(&read, STR("voice-mp3"));
    const struct service_on_air *low = service_state_find(&read, STR("low"));
    assert_true(voice == &read.rows[0] && low == &read.rows[1] && service_state_find(&read, STR("no")) == NULL);
    assert_str(voice->title, "Tanah Airku \"live\" وطني");
    assert_true(voice->listeners == 12 && voice->peak == 40 && voice->kbps == 128 && voice->kept_to_us == 6);
    assert_int_equal(low->alarms, SERVICE_OFF_AIR | SERVICE_REFUSED);
    assert_str(low->title, "Caf\xef\xbf\xbd"); // what is no UTF-8 does not stop the rest
    assert_str(service_refusal_text(a, &low->refusal), "source main: it sends audio/ogg, the stream plays audio/mpeg");
    buf_fini(&b);
    arena_free(&a);
}

static void test_the_largest_state_is_read_again(void **unused) {
    (void)unused;
    enum { ROWS = SERVICES_MAX * SERVICE_STREAMS_MAX };
    static char wild[4000];
    memset(wild, '\xff', sizeof wild);
    struct arena *a = arena_new(32 << 20);
    struct service_state state = {.rows = ARENA_ARRAY(a, struct service_on_air, ROWS), .count = ROWS}, read;
    struct problem p = {""};
    struct buf b;
    for (size_t i = 0; i < ROWS; i++)
        state.rows[i] = (struct service_on_air){
            .title = {wild, sizeof wild},
            .refusal = {SERVICE_REASON_RATE, {wild, sizeof wild}, {wild, sizeof wild}, {wild, sizeof wild}},
            .listeners = INT64_MAX,
            .source_since_us = INT64_MAX};
    state_write(&state, &b);
    assert_int_equal(service_state_parse(a, buf_view(&b), &read, &p), RC_OK);
    buf_fini(&b);
    arena_free(&a);
}

static void test_a_state_that_is_none_is_refused(void **unused) {
    (void)unused;
    static const char *const cases[] = {
        "",
        "{}",
        "{\"at_us\":1,\"started_us\":1,\"address\":\"\"}",
        "{\"at_us\":1,\"started_us\":1,\"address\":\"\",\"streams\":[1]}",
        "{\"at_us\":-1,\"started_us\":1,\"address\":\"\",\"streams\":[]}",
        "{\"at_us\":1,\"started_us\":1,\"address\":\"\",\"streams\":[{\"service\":\"a\"}]}",
    };
    struct arena *a = arena_new(8 << 20);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct service_state out;
        struct problem p = {""};
        assert_int_equal(service_state_parse(a, str_from(cases[i]), &out, &p), RC_INVALID);
        assert_true(out.count == 0 && p.text[0] != '\0');
    }
    arena_free(&a);
}

static void test_a_station_whose_radio_never_ran_says_so(void **unused) {
    (void)unused;
    struct scratch s;
    struct arena *a = arena_new(8 << 20);
    struct service_state out;
    scratch_make(&s);
    assert_int_equal(service_state_load(a, s.dir, &out, NULL), RC_NOT_FOUND);
    assert_int_equal(file_make_dir(scratch_path(&s, "run"), 0700, NULL), RC_OK);
    struct buf b;
    state_write(&(struct service_state){.at_us = 3}, &b);
    assert_int_equal(file_write(scratch_path(&s, "run/radio.json"), buf_view(&b), 0600, NULL), RC_OK);
    assert_int_equal(service_state_load(a, s.dir, &out, NULL), RC_OK);
    assert_int_equal(out.at_us, 3);
    buf_fini(&b);
    scratch_remove(&s);
    arena_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_on_the_air_is_told),
        cmocka_unit_test(test_the_largest_state_is_read_again),
        cmocka_unit_test(test_a_state_that_is_none_is_refused),
        cmocka_unit_test(test_a_station_whose_radio_never_ran_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
