// SPDX-License-Identifier: AGPL-3.0-or-later
// Forms with files: each row's body, whole and byte by byte, and the parts that are found in it. "!" behind the parts: it
// is refused there; "~": it is not complete.
#include "../check.h"

#include "http/multipart.h"

#define B "--AaB03x"
#define FIELD(name) "Content-Disposition: form-data; name=\"" name "\"\r\n\r\n"
#define FILE_(name, file) "Content-Disposition: form-data; name=\"" name "\"; filename=\"" file "\"\r\n"
#define END "\r\n" B "--\r\n"
#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define THOUSAND HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED

struct row {
    const char *what;
    struct str body;
    const char *parts;
};
#define ROW(what, body, parts)                                                                                         \
    { what, {body, sizeof(body) - 1}, parts }

static const struct row rows[] = {
    ROW("one field", B "\r\n" FIELD("a") "x" END, "a=x;"),
    ROW("two fields", B "\r\n" FIELD("a") "x\r\n" B "\r\n" FIELD("b") "y" END, "a=x;b=y;"),
    ROW("an empty field", B "\r\n" FIELD("a") END, "a=;"),
    ROW("no line end at all", B "\r\n" FIELD("a") B "--", "a=;"),
    ROW("lines in a field", B "\r\n" FIELD("a") "x\r\ny\r\n" END, "a=x\r\ny\r\n;"),
    ROW("CR before the end", B "\r\n" FIELD("a") "x\r" END, "a=x\r;"),
    ROW("nearly a delimiter", B "\r\n" FIELD("a") "\r\n--AaB03\r\n--AaB03y" END, "a=\r\n--AaB03\r\n--AaB03y;"),
    ROW("nearly one at once", B "\r\n" FIELD("a") "--AaB0" END, "a=--AaB0;"),
    ROW("a delimiter in a line", B "\r\n" FIELD("a") "x" B "\r\n" END, "a=x" B "\r\n;"),
    ROW("a bare LF before it", B "\r\n" FIELD("a") "x\n" B "--" END, "a=x\n" B "--;"),
    ROW("a file", B "\r\n" FILE_("f", "a.jpg") "Content-Type: image/jpeg\r\n\r\n\xff\xd8" END, "f<a.jpg>=\xff\xd8;"),
    ROW("none chosen", B "\r\n" FILE_("f", "") "\r\n" END, "f<>=;"),
    ROW("names as browsers write them", B "\r\n" FILE_("f", "a%22b%0D%0Ac.jpg") "\r\n" END, "!"),
    ROW("a quote in a name", B "\r\n" FILE_("f", "a%22b%25.jpg") "\r\n" END, "f<a\"b%25.jpg>=;"),
    ROW("a quote behind a backslash", B "\r\n" FILE_("f", "a\\\"b.jpg") "\r\n" END, "f<a\"b.jpg>=;"),
    ROW("a Windows path", B "\r\n" FILE_("f", "C:\\a\\b.jpg") "\r\n" END, "f<C:\\a\\b.jpg>=;"),
    ROW("a semicolon in a name", B "\r\n" FILE_("f", "a; name=b") "\r\n" END, "f<a; name=b>=;"),
    ROW("without quotes", B "\r\nContent-Disposition: form-data; name=a\r\n\r\nx" END, "a=x;"),
    ROW("header in other case", B "\r\ncontent-disposition:FORM-DATA;NAME=\"a\"\r\n\r\nx" END, "a=x;"),
    ROW("a name in Arabic", B "\r\n" FILE_("f", "\xd8\xb5.png") "\r\n" END, "f<\xd8\xb5.png>=;"),
    ROW("nothing behind the end", B "\r\n" FIELD("a") "x\r\n" B "--", "a=x;"),
    ROW("not ended", B "\r\n" FIELD("a") "x\r\n" B "\r\n", "a=x;~"),
    ROW("cut off in content", B "\r\n" FIELD("a") "x\r\n--Aa", "a=x~"),
    ROW("cut off in a head", B "\r\nContent-Dispo", "~"),
    ROW("nothing", "", "~"),
    ROW("the end only", B "--\r\n", ""),
    ROW("a preamble", "hello\r\n" B "\r\n" FIELD("a") "x" END, "!"),
    ROW("a line end before", "\r\n" B "\r\n" FIELD("a") "x" END, "!"),
    ROW("an epilogue", B "\r\n" FIELD("a") "x" END "more", "a=x;!"),
    ROW("another boundary", "--AaB03y\r\n" FIELD("a") "x" END, "!"),
    ROW("padding behind a delimiter", B " \r\n" FIELD("a") "x" END, "!"),
    ROW("one dash behind a delimiter", B "\r\n" FIELD("a") "x\r\n" B "-x", "a=x;!"),
    ROW("bare LF behind a delimiter", B "\n" FIELD("a") "x" END, "!"),
    ROW("bare LFs in a head", B "\r\nContent-Disposition: form-data; name=\"a\"\n\nx" END, "~"),
    ROW("no head", B "\r\n\r\nx" END, "!"),
    ROW("no disposition", B "\r\nContent-Type: text/plain\r\n\r\nx" END, "!"),
    ROW("no name", B "\r\nContent-Disposition: form-data\r\n\r\nx" END, "!"),
    ROW("an empty name", B "\r\n" FIELD("") "x" END, "!"),
    ROW("two names", B "\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\nx" END, "!"),
    ROW("two dispositions", B "\r\nContent-Disposition: form-data; name=a\r\n" FIELD("b") "x" END, "!"),
    ROW("an attachment", B "\r\nContent-Disposition: attachment; name=a\r\n\r\nx" END, "!"),
    ROW("filename*", B "\r\nContent-Disposition: form-data; name=a; filename*=UTF-8''x\r\n\r\nx" END, "!"),
    ROW("a quote not closed", B "\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx" END, "!"),
    ROW("text behind a quote", B "\r\nContent-Disposition: form-data; name=\"a\"b\r\n\r\nx" END, "!"),
    ROW("broken UTF-8 in a name", B "\r\n" FILE_("f", "\xff.png") "\r\n" END, "!"),
    ROW("a folded line", B "\r\nContent-Disposition: form-data;\r\n name=a\r\n\r\nx" END, "!"),
    ROW("a NUL in a head", B "\r\nContent-Disposition: form-data; name=\"a\0\"\r\n\r\nx" END, "!"),
    ROW("base64", B "\r\nContent-Transfer-Encoding: base64\r\n" FIELD("a") "x" END, "!"),
    ROW("binary", B "\r\nContent-Transfer-Encoding: Binary\r\n" FIELD("a") "x" END, "a=x;"),
    ROW("a name too long", B "\r\n" FIELD(HUNDRED "x") "x" END, "!"),
    ROW("a file name too long", B "\r\n" FILE_("f", THOUSAND HUNDRED) "\r\n" END, "!"),
    ROW("a head too long", B "\r\nX: " THOUSAND THOUSAND THOUSAND THOUSAND HUNDRED "\r\n" FIELD("a") "x" END, "!"),
};

static const struct {
    const char *type, *boundary; // NULL: none
} types[] = {
    {"multipart/form-data; boundary=abc", "abc"},
    {"Multipart/Form-Data;Boundary=\"a b'()\"", "a b'()"},
    {"multipart/form-data; charset=utf-8; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW",
     "----WebKitFormBoundary7MA4YWxkTrZu0gW"},
    {"multipart/form-data", NULL},
    {"multipart/form-data; boundary=", NULL},
    {"multipart/form-data; boundary=\"\"", NULL},
    {"multipart/form-data; boundary=a; boundary=b", NULL},
    {"multipart/form-data; boundary=\"a \"", NULL},
    {"multipart/form-data; boundary=a[b", NULL},
    {"multipart/form-data; boundary=" TEN TEN TEN TEN TEN TEN TEN "1", NULL},
    {"multipart/mixed; boundary=abc", NULL},
    {"application/x-www-form-urlencoded", NULL},
    {"", NULL},
};

static bool begin(void *context, const struct multipart_part *part) {
    buf_str(context, part->name);
    if (part->file_name.p != NULL)
        buf_fmt(context, "<%.*s>", STR_ARG(part->file_name));
    buf_char(context, '=');
    return true;
}

static bool data(void *context, struct str piece) {
    assert_true(piece.n > 0);
    buf_str(context, piece);
    return true;
}

static bool end(void *context) {
    buf_char(context, ';');
    return true;
}

static void check(const struct row *row, size_t step) {
    static struct multipart m;
    struct buf parts;
    enum multipart_result result = MULTIPART_MORE;
    buf_init(&parts, 1 << 16);
    multipart_init(&m, STR("AaB03x"), &(struct multipart_taker){begin, data, end, &parts});
    for (size_t at = 0; at < row->body.n && result == MULTIPART_MORE; at += step)
        result = multipart_feed(&m, str_slice(row->body, at, at + step));
    if (result != MULTIPART_MORE)
        buf_char(&parts, '!');
    else if (!multipart_is_complete(&m))
        buf_char(&parts, '~');
    if (!str_eq(buf_view(&parts), str_from(row->parts)))
        fail_msg("%s, in pieces of %zu: found %.*s", row->what, step, STR_ARG(buf_view(&parts)));
    buf_fini(&parts);
}

static void test_parts(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check(&rows[i], SIZE_MAX / 2);
        check(&rows[i], 1);
        check(&rows[i], 7);
    }
}

static void test_boundaries(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        struct str got;
        bool found = multipart_boundary(str_from(types[i].type), &got);
        if (found != (types[i].boundary != NULL) || (found && !str_eq(got, str_from(types[i].boundary))))
            fail_msg("%s", types[i].type);
    }
}

static bool refuse(void *context, struct str piece) {
    (void)piece;
    buf_char(context, '|');
    return false;
}

static void test_stopping(void **state) {
    (void)state;
    static struct multipart m;
    struct buf parts;
    buf_init(&parts, 100);
    multipart_init(&m, STR("AaB03x"), &(struct multipart_taker){begin, refuse, end, &parts});
    assert_int_equal(multipart_feed(&m, STR(B "\r\n" FIELD("a") "x\r\ny" END)), MULTIPART_STOPPED);
    assert_true(str_eq(buf_view(&parts), STR("a=|")));
    buf_fini(&parts);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_parts), cmocka_unit_test(test_boundaries),
                                       cmocka_unit_test(test_stopping)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
