// SPDX-License-Identifier: AGPL-3.0-or-later
// What an encoder says of its sound is taken where it is a number, and nothing else of it goes out as one.
#include "../check.h"
#include "radio/inside.h"

static void test_numbers_of_the_audio_info(void **state) {
    (void)state;
    static const struct {
        const char *info, *name, *number; // NULL: none
    } cases[] = {{"ice-bitrate=128;ice-channels=2", "ice-bitrate", "128"},
                 {"ice-bitrate=128; ice-channels = 2 ", "ice-channels", "2"},
                 {"quality=2.5", "quality", "2.5"},
                 {"quality=0.5", "quality", "0.5"},
                 {"ice-bitrate=0", "ice-bitrate", "0"},
                 {"ice-bitrate=128", "bitrate", NULL},
                 {"bitrate=Quality 3", "bitrate", NULL},
                 {"bitrate=", "bitrate", NULL},
                 {"bitrate", "bitrate", NULL},
                 {"bitrate=.5", "bitrate", NULL},
                 {"bitrate=5.", "bitrate", NULL},
                 {"bitrate=1.2.3", "bitrate", NULL},
                 {"bitrate=.", "bitrate", NULL},
                 {"bitrate=-1", "bitrate", NULL},
                 {"bitrate=007", "bitrate", NULL},
                 {"bitrate=999999999999", "bitrate", NULL},
                 {"", "bitrate", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct said said = {.name = ""};
        (void)snprintf(said.audio_info, sizeof said.audio_info, "%s", cases[i].info);
        struct str number = said_number(&said, str_from(cases[i].name));
        if (cases[i].number == NULL)
            assert_int_equal(number.n, 0);
        else
            assert_true(str_eq(number, str_from(cases[i].number)));
    }
}

static void test_whose_words_stand(void **state) {
    (void)state;
    static const struct {
        const char *title, *said, *shown;
    } cases[] = {{"voice", "Evening", "Evening"}, {"voice", "", "voice"}, {"The Voice", "Evening", "The Voice"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct service service = {.name = STR("voice"), .title = str_from(cases[i].title)};
        static struct stream stream; // too large for a stack
        stream.service = &service;
        (void)snprintf(stream.said.name, sizeof stream.said.name, "%s", cases[i].said);
        (void)snprintf(stream.said.url, sizeof stream.said.url, "http://encoder.test");
        assert_true(str_eq(words_name(&stream), str_from(cases[i].shown)));
        assert_str(words_url(&stream), "http://encoder.test");
        service.url = STR("http://station.test");
        assert_str(words_url(&stream), "http://station.test");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_numbers_of_the_audio_info),
                                       cmocka_unit_test(test_whose_words_stand)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
