// SPDX-License-Identifier: AGPL-3.0-or-later
// What compiled templates write: a golden page with everything in the language, and hostile texts in every kind of
// place, which a browser's parser (gumbo) must give back as the same texts in the same tree.
#include "test_templates.h"

#include <gumbo.h>
#include <jansson.h>
#include <setjmp.h>
#include <cmocka.h>

static const char golden[] =
    "<!doctype html>\n<title>Tom &amp; \"J\" - -5</title>\n<p class=\"Tom &amp; &quot;J&quot;\"\ntitle='-5'>"
    "Tom &amp; \"J\" <em>raw</em> 18446744073709551615</p>\n<i>on</i>\nC\n45\n<ul>\n"
    "<li class=\"bold\"><b>1</b>,</li>\n<li><b>2</b>.*</li>\n</ul>\n"
    "<pre>\n  kept   Tom &amp; \"J\"\n    kept\n</pre>\n"
    "<input checked value=\"Tom &amp; &quot;J&quot;\">\n"
    "<a href=\"/a?b=1&amp;c=2#x\">a</a><a href=\"/n/-5?q=Tom%20%26%20%22J%22\">b</a>\n"
    "<img src=\"/a?b=1&amp;c=2\" srcset=\"/1.jpg 640w, /2.jpg 2x\" alt=\"\">\n"
    "<script type=\"application/ld+json\">{\"a\": \"Tom \\u0026 \\\"J\\\"\", \"b\": -5, \"c\": [\"1\",\"2\"]}</script>\n"
    "<textarea>Tom &amp; \"J\"</textarea>\n<b>3</b>";

static void test_golden(void **state) {
    (void)state;
    struct view_line lines[] = {{STR("1"), true}, {STR("2"), false}};
    struct view_all v = {
        .text = STR("Tom & \"J\""),
        .address = STR("/a?b=1&c=2"),
        .srcset = STR("/1.jpg 640w,javascript:x 2w, /2.jpg 2x, /3.jpg onload=x"),
        .html = html_stored(STR("<em>raw</em>")),
        .number = -5,
        .large = UINT64_MAX,
        .on = true,
        .lines = {lines, 2},
        .line = {STR("3"), false},
    };
    struct render_out o;
    render_out_init(&o, LANG_EN);
    tmpl_test_all(&o, &v);
    buf_char(&o.body, '\0');
    assert_string_equal(o.body.p, golden);
    render_out_fini(&o);
}

// ---- hostile texts -----------------------------------------------------------------------------------------------------

struct seen {
    const char *title, *id, *class, *p, *href, *srcset, *alt, *query, *area, *json;
    size_t elements;
};

static const char *text_inside(const GumboNode *n) {
    if (n->v.element.children.length == 0) {
        return "";
    }
    assert_int_equal(n->v.element.children.length, 1);
    const GumboNode *child = n->v.element.children.data[0];
    assert_true(child->type == GUMBO_NODE_TEXT || child->type == GUMBO_NODE_WHITESPACE);
    return child->v.text.text;
}

static const char *attr(const GumboNode *n, const char *name, unsigned count) {
    assert_int_equal(n->v.element.attributes.length, count);
    const GumboAttribute *a = gumbo_get_attribute(&n->v.element.attributes, name);
    assert_non_null(a);
    return a->value;
}

static void walk(const GumboNode *n, struct seen *s) {
    if (n->type != GUMBO_NODE_ELEMENT) {
        return;
    }
    s->elements++;
    switch (n->v.element.tag) {
    case GUMBO_TAG_TITLE:
        s->title = text_inside(n);
        break;
    case GUMBO_TAG_BODY:
        s->id = attr(n, "id", 2);
        s->class = attr(n, "class", 2);
        break;
    case GUMBO_TAG_P:
        s->p = text_inside(n);
        break;
    case GUMBO_TAG_A:
        *(s->href == NULL ? &s->href : &s->query) = attr(n, "href", 1);
        break;
    case GUMBO_TAG_IMG:
        s->srcset = attr(n, "srcset", 2);
        s->alt = attr(n, "alt", 2);
        break;
    case GUMBO_TAG_TEXTAREA:
        s->area = text_inside(n);
        break;
    case GUMBO_TAG_SCRIPT:
        s->json = text_inside(n);
        break;
    default:
        break;
    }
    for (unsigned i = 0; i < n->v.element.children.length; i++) {
        walk(n->v.element.children.data[i], s);
    }
}

static void check_json(const char *text, const char *wanted) {
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(value);
    assert_string_equal(json_string_value(value), wanted);
    json_decref(value);
}

static void check_href(const char *href) {
    static const char *const good[] = {"http:", "https:", "mailto:", "tel:"};
    const char *colon = strchr(href, ':'), *slash = strpbrk(href, "/?#");
    assert_true(strncmp(href, "//", 2) != 0 && strpbrk(href, "\\ \t\n\r") == NULL);
    if (colon == NULL || (slash != NULL && slash < colon)) {
        return;
    }
    bool known = false;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        known |= strncasecmp(href, good[i], strlen(good[i])) == 0;
    }
    assert_true(known);
}

// Every member's address, as a browser cuts the list.
static void check_srcset(const char *list) {
    struct str rest = str_from(list), member;
    while (str_next(&rest, ',', &member)) {
        char address[512];
        struct str first = STR_NONE;
        member = str_trim(member);
        (void)str_next(&member, ' ', &first);
        assert_true(snprintf(address, sizeof(address), "%.*s", STR_ARG(first)) < (int)sizeof(address));
        check_href(address);
    }
}

static void check_text(const char *text) {
    struct view_all v = {.text = str_from(text)};
    struct render_out o;
    struct seen s = {0};
    render_out_init(&o, LANG_EN);
    tmpl_test_hostile(&o, &v);
    GumboOutput *tree = gumbo_parse_with_options(&kGumboDefaultOptions, o.body.p, o.body.n);
    walk(tree->root, &s);
    assert_int_equal(s.elements, 10);
    assert_string_equal(s.title, text);
    assert_string_equal(s.id, text);
    assert_string_equal(s.class, text);
    assert_string_equal(s.p, text);
    assert_string_equal(s.alt, text);
    assert_string_equal(s.area + 1, text);
    check_json(s.json, text);
    check_href(s.href);
    check_srcset(s.srcset);
    assert_true(strncmp(s.query, "/s?q=", 5) == 0 && strpbrk(s.query, "<>\"' ") == NULL);
    gumbo_destroy_output(&kGumboDefaultOptions, tree);
    render_out_fini(&o);
}

static void test_hostile_texts(void **state) {
    (void)state;
    static const char *const texts[] = {
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</title><b>",
        "</textarea><b>",
        "</script><b>",
        "<!--",
        "-->",
        "--!>",
        "]]>",
        "&lt;b&gt;",
        "&amp;",
        "&quot;",
        "&#60;b>",
        "&",
        "&lt",
        "javascript:alert(1)",
        "JaVaScRiPt:x",
        "\tjavascript:x",
        "java\nscript:x",
        "//evil.example/x",
        "/\\evil.example",
        "\\\\evil",
        "data:text/html,<b>",
        "vbscript:x",
        "/ok?a=1&b=2#c",
        "https://a.example/?a&copy=1",
        "mailto:a@b.example",
        "a:b",
        "x y",
        "\\",
        "\\u003c",
        "\"",
        "\\\"",
        "`",
        "{{v.text}}",
        "<svg><style>",
        "\xe2\x80\xa8line\xe2\x80\xa9",
        "\xd9\x85\xd8\xb1",
        "\xf0\x9f\x98\x80",
        "/a.jpg 1x, javascript:x 2x",
        "%00%3c",
        "=a",
        "/>",
        " ",
        "a\tb",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        check_text(texts[i]);
    }
}

// The same with texts put together at random (from a fixed seed) out of what hostile texts are made of.
static void test_random_texts(void **state) {
    (void)state;
    static const char *const pieces[] = {
        "<",        ">",        "\"",           "'",  "&",  "/", "!",  "-", "=", ";", "#", "x", "script", "title",
        "textarea", "lt",       "javascript:",  "\\", "\n", " ", "on", "{", "}", "%", ",", "`", "--",     "[CDATA[",
        "]]",       "\xc3\xa9", "\xe2\x80\xa8", "1w"};
    uint64_t seed = 20261123;
    for (int round = 0; round < 3000; round++) {
        struct buf text;
        buf_init(&text, 4096);
        for (int i = 0; i < 12; i++) {
            seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            buf_c(&text, pieces[(seed >> 33) % (sizeof(pieces) / sizeof(pieces[0]))]);
        }
        buf_char(&text, '\0');
        check_text(text.p);
        buf_fini(&text);
    }
}

int main(void) {
    hash_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_hostile_texts),
        cmocka_unit_test(test_random_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
