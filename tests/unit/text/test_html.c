// SPDX-License-Identifier: AGPL-3.0-or-later
// Bodies: what is kept, what goes, what hostile input becomes, and that cleaning again changes nothing.
#include <gumbo.h>

#include "../check.h"
#include "text/text.h"

static void test_kept(void **state) {
    (void)state;
    static const struct {
        const char *dirty, *clean;
    } rows[] = {
        {"<p>Hello <b>world</b></p>", "<p>Hello <b>world</b></p>\n"},
        {"Hello<div>two</div>three", "<p>Hello</p>\n<p>two</p>\n<p>three</p>\n"},
        {"<p></p><p>&nbsp;</p><p><br></p><p><em> </em></p>", ""},
        {"<h1>Top</h1>", "<h2>Top</h2>\n"},
        {"<a href=\"/a?b=1&c=2\">x</a>", "<p><a href=\"/a?b=1&amp;c=2\" rel=\"noopener\">x</a></p>\n"},
        {"<a href='javascript:alert(1)'>x</a>", "<p>x</p>\n"},
        {"<a href='java\nscript:alert(1)'>x</a>", "<p>x</p>\n"},
        {"<a href='//other.example/'>x</a>", "<p><a href=\"https://other.example/\" rel=\"noopener\">x</a></p>\n"},
        {"<img src=/a.png width=10 onerror=x>", "<p><img src=\"/a.png\" alt=\"\" width=\"10\"></p>\n"},
        {"<img src='data:image/png;base64,AA'>", ""},
        {"<script>x</script><style>y</style>z", "<p>z</p>\n"},
        {"<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>\n"},
        {"<table><tr><td>1<th>2</table>", "<table><tbody><tr><td>1</td><th>2</th></tr></tbody></table>\n"},
        {"<p class=x style=y id=z lang=ar dir=RTL>q</p>", "<p lang=\"ar\" dir=\"rtl\">q</p>\n"},
        {"<pre>\n\n a\n  b</pre>", "<pre>\n\n a\n  b</pre>\n"},
        {"a < b & c", "<p>a &lt; b &amp; c</p>\n"},
        {"<strong><p>a</p><p>b</p></strong>", "<p>a</p>\n<p>b</p>\n"},
        {"<li>x</li>", "<p>x</p>\n"},
        {"<blockquote>w</blockquote>", "<blockquote><p>w</p>\n</blockquote>\n"},
        {"<figure><img src=/i.jpg alt=A><figcaption>c</figcaption></figure>",
         "<figure><img src=\"/i.jpg\" alt=\"A\"><figcaption>c</figcaption></figure>\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct arena *a = arena_new(64 << 20);
        struct html h = {STR_NONE};
        assert_int_equal(html_clean(a, str_from(rows[i].dirty), &h), RC_OK);
        if (!str_eq(h.s, str_from(rows[i].clean)))
            fail_msg("%s\n  gave %.*s", rows[i].dirty, STR_ARG(h.s));
        arena_free(&a);
    }
}

static bool attribute_listed(const GumboElement *e, const GumboAttribute *at) {
    static const char *const names[] = {"href",   "rel",   "src",      "alt",  "width",
                                        "height", "title", "datetime", "lang", "dir"};
    bool known = false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        known |= strcmp(names[i], at->name) == 0;
    if (strcmp(at->name, "href") != 0 && strcmp(at->name, "src") != 0)
        return known;
    struct str v = str_from(at->value);
    size_t scheme = strcspn(at->value, ":/?#");
    if (str_starts(v, STR("//")) || str_starts(v, STR("/\\")) || str_starts(v, STR("\\")) || v.n == 0)
        return false;
    if (at->value[scheme] != ':')
        return known;
    v.n = scheme;
    return str_eq_nocase(v, STR("http")) || str_eq_nocase(v, STR("https")) ||
           (e->tag == GUMBO_TAG_A && (str_eq_nocase(v, STR("mailto")) || str_eq_nocase(v, STR("tel"))));
}

static bool element_listed(const GumboElement *e) {
    static const char names[] = " html head body p h2 h3 h4 ul ol li blockquote q cite em strong b i u s sub sup code "
                                "pre br hr a figure figcaption img table caption thead tbody tr th td abbr time span ";
    char name[40];
    snprintf(name, sizeof name, " %s ", gumbo_normalized_tagname(e->tag));
    return e->tag != GUMBO_TAG_UNKNOWN && e->tag_namespace == GUMBO_NAMESPACE_HTML && strstr(names, name) != NULL;
}

static void check_tree(const GumboNode *node) {
    if (node->type == GUMBO_NODE_COMMENT || node->type == GUMBO_NODE_TEMPLATE)
        fail_msg("a comment or template");
    if (node->type != GUMBO_NODE_ELEMENT)
        return;
    const GumboElement *e = &node->v.element;
    if (!element_listed(e))
        fail_msg("element %s", gumbo_normalized_tagname(e->tag));
    for (unsigned i = 0; i < e->attributes.length; i++)
        if (!attribute_listed(e, e->attributes.data[i]))
            fail_msg("attribute %s=%s", ((const GumboAttribute *)e->attributes.data[i])->name,
                     ((const GumboAttribute *)e->attributes.data[i])->value);
    for (unsigned i = 0; i < e->children.length; i++)
        check_tree(e->children.data[i]);
}

static void check_clean(struct str dirty) {
    struct arena *a = arena_new(256 << 20);
    struct html h = {STR_NONE};
    struct html again = {STR_NONE};
    enum rc rc = html_clean(a, dirty, &h);
    if (rc == RC_OK) {
        assert_int_equal(html_clean(a, h.s, &again), RC_OK);
        if (!str_eq(h.s, again.s))
            fail_msg("not idempotent: %.*s\n 1 %.*s\n 2 %.*s", STR_ARG(dirty), STR_ARG(h.s), STR_ARG(again.s));
        GumboOutput *tree = gumbo_parse_with_options(&kGumboDefaultOptions, h.s.p, h.s.n);
        check_tree(tree->root);
        gumbo_destroy_output(&kGumboDefaultOptions, tree);
    } else {
        assert_int_equal(rc, RC_TOO_BIG);
    }
    arena_free(&a);
}

static const char *const hostile[] = {
    "<script>alert(1)</script>",
    "<ScRiPt src=//x></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
    "<math><mi xlink:href=javascript:alert(1)>x</mi></math>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href=' &#1; javascript:alert(1)'>x</a>",
    "<a href='jav&#x09;ascript:alert(1)'>x</a>",
    "<a href='jav&#x0A;ascript:alert(1)'>x</a>",
    "<a href=JaVaScRiPt:alert(1)>x</a>",
    "<a href=vbscript:x>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href=\"\\\\evil.example\">x</a>",
    "<a href='/\\evil.example'>x</a>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>x</script>'>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<base href=//evil>",
    "<meta http-equiv=refresh content='0;url=javascript:x'>",
    "<link rel=stylesheet href=javascript:x>",
    "<style>@import 'javascript:x'</style>",
    "<div style='background:url(javascript:x)'>x</div>",
    "<p style=behavior:url(x)>x</p>",
    "<form action=javascript:x><input type=submit></form>",
    "<button formaction=javascript:x>x</button>",
    "<isindex action=javascript:x>",
    "<video src=x onerror=x>",
    "<audio src=x onerror=x>",
    "<details open ontoggle=x>x</details>",
    "<body onload=x>x",
    "<marquee onstart=x>x</marquee>",
    "<noscript><p title=\"</noscript><img src=x onerror=x>\">",
    "<!--><script>x</script>-->",
    "<!-- --!><img src=x onerror=x> -->",
    "<![CDATA[<script>x</script>]]>",
    "<svg><![CDATA[<img onerror=x>]]></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=x&gt;\">",
    "<svg></p><style><a id=\"</style><img src=1 onerror=x>\">",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=x>",
    "<template><script>x</script></template>",
    "<xmp><p title=\"</xmp><img src onerror=x>\">",
    "<textarea><p title=\"</textarea><img src onerror=x>\">",
    "<title><p title=\"</title><img src onerror=x>\">",
    "<plaintext><script>x</script>",
    "<a href=\"x\" onclick=\"y\" onmouseover=z>q</a>",
    "<img src=\"x\" alt=\"\\\"><script>x</script>\">",
    "<img alt='\"><script>x</script>' src=/x>",
    "<abbr title='\"><script>x</script>'>x</abbr>",
    "<img src='/x\" onerror=\"y'>",
    "<a href='/x\" onclick=\"y'>x</a>",
    "<p lang='\" onclick=\"x'>x</p>",
    "<time datetime='\" onclick=x'>x</time>",
    "<table><script>x</script><tr><td>x<img src=x onerror=x></table>",
    "<table><a href=/1><tr><td><a href=/2>x</table>y",
    "<a href=/1><table><tr><td><a href=/2>x",
    "<b><p><i></b>x</i>y</p>z",
    "<p><b><div><i>x</b>y</i></div>",
    "<select><option><script>x</script></select>x",
    "<frameset onload=x><frame src=javascript:x></frameset>",
    "<h2><h3><h4>x",
    "<ul>a<ul>b<li>c<ol>d",
    "<dl><dt>a<dd>b</dl>",
    "<pre>\n<pre>\n\nx",
    "<table><table><td>x<td><table><caption>c",
    "<ruby>a<rt>b</ruby>",
    "<nobr>a<nobr>b",
    "<button><p>a<button><p>b",
    "<p><object><p>x</object>y",
    "<applet><p>x<p>y</applet>",
    "<image src=/x>",
    "<br></br></p>x</p>",
    "<li><li><ul><li><p>a<p>b</li>x",
    "<tr><td>x",
    "<caption>x",
    "<col><td>y",
    "<p>\xff\xfe\xc0\xaf</p>",
    "<p>&#0;&#xD800;&#x110000;&#x80;</p>",
    "<a href='/&#0;x'>x</a>",
    "</html></body>x<p>y",
    "<html dir=rtl><body lang=ar>x",
    "<<<<a<b<c",
    "<a <b <c=<d>>",
    "<p/><em/>x",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<figure><p>a<figcaption><p>b<p>c<img src=/x></figcaption>d",
    "<blockquote><blockquote>x</blockquote>y</blockquote>z",
    "<code><pre>x</pre></code>",
    "<pre><p>a</p><b>b\n</b>\n\n<ul><li>c</ul></pre>",
    "<h2>a<ul><li>b</ul>c</h2>",
    "<em>a<hr>b</em>",
    "a<br><br><br>",
    "<td><br>a<br></td><li>b",
    "<q><cite>a <p> b </p></cite></q>",
    "<span lang=en>a  <b> c</b></span>",
};

static void test_hostile(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++)
        check_clean(str_from(hostile[i]));
}

// Pieces of the hostile corpus glued together in thousands of ways, the same in every run.
static void test_mixtures(void **state) {
    (void)state;
    uint64_t seed = 12345;
    for (int i = 0; i < 8000; i++) {
        char text[2000];
        size_t n = 0;
        for (int k = 0; k < 5; k++) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
            struct str piece = str_from(hostile[(seed >> 33) % (sizeof hostile / sizeof hostile[0])]);
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
            piece = str_slice(piece, 0, piece.n - ((seed >> 33) % 4 == 0 ? (seed >> 40) % piece.n : 0));
            if (n + piece.n > sizeof text)
                continue;
            memcpy(text + n, piece.p, piece.n);
            n += piece.n;
        }
        check_clean((struct str){text, n});
    }
}

static struct str repeated(struct arena *a, const char *unit, size_t bytes) {
    size_t n = strlen(unit);
    char *p = arena_take(a, bytes + n);
    for (size_t i = 0; i < bytes; i++)
        p[i] = unit[i % n];
    return (struct str){p, bytes};
}

static void test_bounds(void **state) {
    (void)state;
    static const char *const units[] = {
        "<div>",         "<b>",   "<b><p>", "<ul><li>", "<table><td>", "<a href=/>", "<font>", "<span></div>",
        "<div></x></b>", "<svg>", "<p>x",   "<x ",      "<!--",        "&",          "<",      "<div><!-- </div> -->",
        "<p><i></p>",    "<li>"};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        struct arena *a = arena_new(64 << 20);
        int64_t before = clock_mono_us();
        struct html h = {STR_NONE};
        enum rc rc = html_clean(a, repeated(a, units[i], 1000000), &h);
        assert_true(rc == RC_OK || rc == RC_TOO_BIG);
        if (clock_mono_us() - before > 20 * US_PER_SECOND)
            fail_msg("%s took too long", units[i]);
        arena_free(&a);
    }
    struct arena *a = arena_new(64 << 20);
    struct html h = {STR_NONE};
    assert_int_equal(html_clean(a, repeated(a, "x ", (1 << 20) + 1), &h), RC_TOO_BIG);
    assert_int_equal(html_clean(a, repeated(a, "<div>", 5 * 600), &h), RC_TOO_BIG);
    assert_int_equal(html_clean(a, repeated(a, "<p>one</p>", 10 * 5000), &h), RC_OK);
    arena_free(&a);
}

static void test_words_and_parts(void **state) {
    (void)state;
    struct arena *a = arena_new(1 << 20);
    struct html h = {STR_NONE};
    assert_int_equal(html_clean(a, STR("<h2>Title</h2><p>One &amp; two.<br>Three</p><ul><li>a<li>b</ul>"), &h), RC_OK);
    assert_str(html_to_text(a, h), "Title\nOne & two.\nThree\na\nb\n");
    struct html plain = html_from_paragraphs(a, STR("a <b>\nc\n\n\nd's"));
    assert_str(plain.s, "<p>a &lt;b&gt; c</p>\n<p>d&#39;s</p>\n");
    struct html long_one = html_from_paragraphs(a, STR("The first sentence is here. The second one follows it."));
    assert_str(html_excerpt(a, long_one, 200), "The first sentence is here. The second one follows it.");
    assert_str(html_excerpt(a, long_one, 35), "The first sentence is here.");
    assert_str(html_excerpt(a, long_one, 15), "The first…");
    struct html *parts = NULL;
    struct html body = {
        STR("<p>aaaa</p>\n<p><img src=\"/x\" alt=\"A &amp; B\"></p>\n<figure><img src=\"/x\" alt=\"\"></figure>\n"
            "<p>cccccccccccccccccccc</p>\n")};
    assert_int_equal(html_parts(a, body, 29, &parts), 3);
    assert_str(str_trim(parts[0].s), "<p>aaaa</p>");
    assert_str(str_trim(parts[1].s), "<p>[A &amp; B]</p>");
    assert_str(str_trim(parts[2].s), "<p>cccccccccccccccccccc</p>");
    assert_int_equal(html_parts(a, (struct html){STR_NONE}, 30, &parts), 0);
    arena_free(&a);
}

int main(void) {
    text_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kept),   cmocka_unit_test(test_hostile),         cmocka_unit_test(test_mixtures),
        cmocka_unit_test(test_bounds), cmocka_unit_test(test_words_and_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
