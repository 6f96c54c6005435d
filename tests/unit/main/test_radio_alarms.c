// SPDX-License-Identifier: AGPL-3.0-or-later
// What a station was told of its radio by a program of before is neither told again nor told to be over. The clock is the test's
// own: meson.build puts it in place of clock_now_us.
#include "../record/station.h"
#include "main/radio_alarms.h"

static int64_t now_us = INT64_C(1795953600) * US_PER_SECOND;
int64_t __wrap_clock_now_us(void);
int64_t __wrap_clock_now_us(void) {
    return now_us;
}

static struct service_on_air voice = {.service = {"voice", 5}, .stream = {"voice", 5}};
static bool radio_runs;
static void on_air(struct site *site, struct arena *a, struct site_on_air *out) {
    static struct service_stream stream;
    static struct service service;
    (void)site;
    (void)a;
    service_stream_first(&stream);
    service_first(&service);
    stream.name = STR("voice");
    service = (struct service){.name = STR("voice"), .streams = &stream, .stream_count = 1};
    *out = (struct site_on_air){
        .services = {.rows = &service, .count = 1}, .state = {.rows = &voice, .count = 1}, .radio_runs = radio_runs};
}

static enum rc told_put(struct db *db, void *text) {
    return setting_set(db, "radio_alarms", LANG_COUNT, str_from(text));
}

// What is written down as told when it has been so for long enough to be told.
static struct str told_after(struct station *s, char *before, unsigned alarms, bool runs) {
    struct site site = {.store = s->store, .on_air = on_air, .calls_hook = true};
    struct radio_alarms *r = radio_alarms_new(&site);
    assert_int_equal(store_write(s->store, STORE_DURABLE, told_put, before), RC_OK);
    voice.alarms = alarms;
    radio_runs = runs;
    for (int i = 0; i < 2; i++, now_us += 2 * RADIO_ALARMS_HOLD_SECONDS * US_PER_SECOND)
        radio_alarms_look(r, s->reader);
    radio_alarms_free(&r);
    return setting_get(s->arena, s->reader, "radio_alarms", LANG_COUNT);
}

static void test_what_was_told_before_there_were_stalls_is_read_right(void **state) {
    struct station *s = *state;
    // New and off the air, which nobody was told: that it is on the air is not news either.
    assert_str(told_after(s, "voice 65\n", 0, true), "voice 0\n- 0\n");
    assert_str(told_after(s, "voice 129\n", 0, true), "voice 0\n- 0\n"); // as it is written now
    // That the radio does not run was told.
    assert_str(told_after(s, "- 32\n", 0, false), "- 32\n");
    assert_str(told_after(s, "- 64\n", 0, false), "- 64\n");
}

static void test_why_a_source_was_refused_is_told_while_it_is_so(void **state) {
    struct station *s = *state;
    static const struct {
        unsigned alarms;
        bool is_said;
    } cases[] = {{SERVICE_FELL_BACK, false}, {SERVICE_FELL_BACK | SERVICE_REFUSED, true}, {SERVICE_SILENT, false}};
    voice.refusal = (struct service_refusal){SERVICE_REASON_RATE, STR("relay"), STR("48000"), STR("44100")};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct outbox_item *items;
        size_t n = 0, at, said = 0;
        (void)told_after(s, "voice 0\n- 0\n", cases[i].alarms, true);
        assert_int_equal(outbox_list_keyed(s->arena, s->reader, STR("radio-"), 100, &items, &n), RC_OK);
        assert_true(n > i);
        size_t fresh = cases[i].alarms == (SERVICE_FELL_BACK | SERVICE_REFUSED) ? 2 : 1;
        for (size_t k = 0; k < fresh; k++)
            said += str_find(items[k].payload, STR("\"detail\":\"source relay: its sound has 48000 samples"), &at);
        assert_int_equal(said, cases[i].is_said ? fresh : 0);
    }
    voice.refusal = (struct service_refusal){0};
}

int main(void) {
    const struct CMUnitTest tests[] = {STATION_TEST(test_what_was_told_before_there_were_stalls_is_read_right),
                                       STATION_TEST(test_why_a_source_was_refused_is_told_while_it_is_so)};
    station_main_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
