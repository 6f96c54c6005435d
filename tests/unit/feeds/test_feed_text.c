// SPDX-License-Identifier: AGPL-3.0-or-later
// What feeds do to texts and bodies, and that no text can break the XML they stand in.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libxml/parser.h>

#include "feeds/feed.h"
#include "feeds/xml.h"

struct pair {
    struct str in, out;
};
#define PAIR(a, b)                                                                                                     \
    {                                                                                                                  \
        {(a), sizeof(a) - 1}, {                                                                                        \
            (b), sizeof(b) - 1                                                                                         \
        }                                                                                                              \
    }

static void expect(struct str got, struct str wanted) {
    assert_int_equal(got.n, wanted.n);
    assert_memory_equal(got.p, wanted.p, wanted.n);
}

static void forbidden_characters_are_dropped(void **state) {
    static const struct pair rows[] = {
        PAIR("plain", "plain"),
        PAIR("a\tb\nc\rd", "a\tb\nc\rd"),
        PAIR("a\0b\x01\x0b\x1f"
             "c",
             "abc"),
        PAIR("a\x7f"
             "b\xc2\x85"
             "c",
             "abc"),
        PAIR("a\xef\xbf\xbe"
             "b\xef\xbf\xbf"
             "c",
             "abc"),
        PAIR("a\xff"
             "b",
             "a\xef\xbf\xbd"
             "b"),
        PAIR("\xd9\x85\xe7\x81\xab\xf0\x9f\x8e\xbb", "\xd9\x85\xe7\x81\xab\xf0\x9f\x8e\xbb"),
    };
    (void)state;
    struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        expect(feed_text(a, rows[i].in), rows[i].out);
    arena_free(&a);
}

static void site_relative_addresses_become_absolute(void **state) {
    static const struct pair rows[] = {
        PAIR("<p>x</p>", "<p>x</p>"),
        PAIR("<a href=\"/en/news\">x</a>", "<a href=\"https://o.example/en/news\">x</a>"),
        PAIR("<img alt=\"a\" src=\"/media/1.jpg\">", "<img alt=\"a\" src=\"https://o.example/media/1.jpg\">"),
        PAIR("<a href=\"//other.example/\">x</a>", "<a href=\"//other.example/\">x</a>"),
        PAIR("<a href=\"https://x.example/\">x</a>", "<a href=\"https://x.example/\">x</a>"),
        PAIR("<p>write href=\"/en\" here</p>", "<p>write href=\"/en\" here</p>"),
        PAIR("<a href=\"/", "<a href=\"/"),
    };
    (void)state;
    struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        expect(feed_html(a, STR("https://o.example"), html_stored(rows[i].in)), rows[i].out);
    arena_free(&a);
}

static void every_byte_pair_gives_well_formed_xml(void **state) {
    (void)state;
    for (unsigned first = 0; first < 256; first++) {
        struct arena *a = arena_new(4 << 20);
        struct render_out o;
        struct xml x;
        render_out_init(&o, LANG_EN);
        xml_begin(&x, a);
        xml_open(&x, "all");
        for (unsigned second = 0; second < 256; second++) {
            char bytes[5] = {']', ']', '>', (char)first, (char)second};
            xml_open(&x, "one");
            xml_attr(&x, "name", (struct str){bytes, 5});
            xml_text(&x, (struct str){bytes, 5});
            xml_close(&x);
        }
        xml_close(&x);
        assert_int_equal(xml_end(&x, &o), RC_OK);
        xmlDoc *doc = xmlReadMemory(o.body.p, (int)o.body.n, "test", "UTF-8", XML_PARSE_NONET | XML_PARSE_NOERROR);
        assert_non_null(doc);
        xmlFreeDoc(doc);
        render_out_fini(&o);
        arena_free(&a);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forbidden_characters_are_dropped),
        cmocka_unit_test(site_relative_addresses_become_absolute),
        cmocka_unit_test(every_byte_pair_gives_well_formed_xml),
    };
    hash_start();
    text_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
