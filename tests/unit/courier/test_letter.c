// SPDX-License-Identifier: AGPL-3.0-or-later
// Letters: what is one, and that nothing in one can end a line or begin a header.
#include "../check.h"

#include "courier/courier.h"

static const struct {
    const char *address;
    bool good;
} addresses[] = {
    {"ada@station.test", true},
    {"a.b+c_d'e=f@x", true},
    {"a@b-c.example", true},
    {"", false},
    {"@station.test", false},
    {"ada@", false},
    {"ada", false},
    {"-ada@station.test", false}, // would be an option of some program
    {"ada@station@test", false},
    {"ada@station.test\r\nRCPT TO:<all@station.test>", false},
    {"ada@station.test\n", false},
    {"ada>@station.test", false},
    {"\"ada l\"@station.test", false},
    {"ada @station.test", false},
    {"ad\xc3\xa4@station.test", false},
    {"ada@st\xc3\xa4tion.test", false},
    {"ada@[127.0.0.1]", false},
    {"ada,bob@station.test", false},
};

static void addresses_are_what_commands_can_carry(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
        if (letter_address_ok(str_from(addresses[i].address)) != addresses[i].good)
            fail_msg("%s", addresses[i].address);
}

#define GOOD "\"to\":\"a@b.test\",\"name\":\"Radio\",\"title\":\"Hello\",\"text\":\"x\",\"at\":1700000000000000"

static const struct {
    const char *payload;
    enum rc rc;
} payloads[] = {
    {"{" GOOD "}", RC_OK},
    {"{" GOOD ",\"until\":5}", RC_OK},
    {"{" GOOD, RC_INVALID},
    {"", RC_INVALID},
    {"[]", RC_INVALID},
    {"{" GOOD ",\"to\":\"c@d.test\"}", RC_INVALID}, // which of the two?
    {"{\"to\":\"a@b.test\",\"name\":\"Radio\",\"title\":\"Hello\",\"text\":\"x\"}", RC_INVALID},
    {"{\"to\":7,\"name\":\"Radio\",\"title\":\"Hello\",\"text\":\"x\",\"at\":1}", RC_INVALID},
    {"{\"to\":\"a@b.test\",\"name\":\"Radio\",\"title\":\"He\\r\\nllo\",\"text\":\"x\",\"at\":1}", RC_INVALID},
    {"{\"to\":\"a@b.test\",\"name\":\"Ra\\ndio\",\"title\":\"Hello\",\"text\":\"x\",\"at\":1}", RC_INVALID},
    {"{\"to\":\"a@b.test\",\"name\":\"Radio\",\"title\":\"\",\"text\":\"x\",\"at\":1}", RC_INVALID},
    {"{\"to\":\"a@b.test\",\"name\":\"Radio\",\"title\":\"Hello\",\"text\":\"\",\"at\":1}", RC_INVALID},
    {"{\"to\":\"a@b.test\",\"name\":\"Radio\",\"title\":\"Hello\",\"text\":\"x\",\"at\":-1}", RC_INVALID},
};

static void a_payload_is_a_whole_letter_or_none(void **state) {
    (void)state;
    struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++) {
        struct letter letter;
        if (letter_read(a, str_from(payloads[i].payload), &letter) != payloads[i].rc)
            fail_msg("%s", payloads[i].payload);
    }
    arena_free(&a);
}

static void check(const struct letter *letter, const char *key, const char *expected) {
    struct buf out;
    buf_init(&out, LETTER_MAX);
    letter_write(&out, letter, "desk@station.test", str_from(key));
    assert_false(out.failed);
    buf_char(&out, '\0');
    assert_string_equal(out.p, expected);
    buf_fini(&out);
}

#define FORM                                                                                                           \
    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"  \
    "Auto-Submitted: auto-generated\r\n\r\n"

static char to[] = "ada@station.test";

static void a_letter_is_written_as_the_standards_say(void **state) {
    (void)state;
    struct letter letter = {.to = to,
                            .name = STR("Radio Laut"),
                            .title = STR("Ferry, back"),
                            .text = STR("One = 1 \n\ntab\t\nend"),
                            .at_us = INT64_C(1700000000) * US_PER_SECOND};
    check(
        &letter, "link-1",
        "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\nFrom: Radio Laut\r\n <desk@station.test>\r\nTo: <ada@station.test>\r\n"
        "Subject: =?UTF-8?B?RmVycnksIGJhY2s=?=\r\n"
        "Message-ID: <8e9fa224f488a601af1b14e867eb6bf8@station.test>\r\n" FORM "One =3D 1=20\r\n\r\ntab=09\r\nend\r\n");
}

// Each line is short, of ASCII, and no character is torn apart.
static void long_texts_in_any_script_fit_the_lines(void **state) {
    (void)state;
    char text[3 * 600 + 1];
    for (size_t i = 0; i < 600; i++)
        memcpy(text + 3 * i, i % 7 == 0 ? "\xe6\xb5\xb7" : i % 3 == 0 ? "a=b" : "\xe2\x80\xa8", 3);
    struct letter letter = {
        .to = to, .name = {text, 480}, .title = {text, 498}, .text = {text, 1800}, .at_us = US_PER_SECOND};
    struct buf out;
    buf_init(&out, LETTER_MAX);
    letter_write(&out, &letter, "desk@station.test", STR("k"));
    struct str rest = buf_view(&out), line;
    while (str_next(&rest, '\n', &line)) {
        assert_true(line.n == 0 || line.p[line.n - 1] == '\r');
        assert_true(line.n <= 77);
        for (size_t i = 0; i + 1 < line.n; i++)
            assert_true(line.p[i] >= ' ' && line.p[i] < 0x7f);
    }
    buf_fini(&out);
}

int main(void) {
    hash_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_what_commands_can_carry),
        cmocka_unit_test(a_payload_is_a_whole_letter_or_none),
        cmocka_unit_test(a_letter_is_written_as_the_standards_say),
        cmocka_unit_test(long_texts_in_any_script_fit_the_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
