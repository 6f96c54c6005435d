// SPDX-License-Identifier: AGPL-3.0-or-later
// What a server must answer to bytes that two parsers could read differently: each row is sent as it stands to a
// running server; the statuses of the answers and whether the connection ended are compared.
#include "house.h"

#define GET "GET / HTTP/1.1\r\nHost: a.test\r\n"
#define POST "POST /echo HTTP/1.1\r\nHost: a.test\r\nSec-Fetch-Site: same-origin\r\n"
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
#define TEN "0123456789"
#define FIFTY TEN TEN TEN TEN TEN
#define HUNDRED FIFTY FIFTY
#define LONG FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY

struct row {
    const char *name;
    struct str bytes;
    const char *statuses; // of the answers, in order
    bool closed;
};
#define ROW(name, bytes, statuses, closed)                                                                             \
    { name, {bytes, sizeof(bytes) - 1}, statuses, closed }

static const struct row rows[] = {
    ROW("a plain request", GET "\r\n", "200", false),
    ROW("two in one packet", GET "\r\n" GET "\r\n", "200 200", false),
    ROW("three, the last unknown", GET "\r\n" GET "\r\nGET /none HTTP/1.1\r\nHost: a.test\r\n\r\n", "200 200 404",
        false),
    ROW("an empty line before", "\r\n" GET "\r\n", "200", false),
    ROW("two empty lines before", "\r\n\r\n" GET "\r\n", "400", true),
    ROW("connection: close", GET "Connection: close\r\n\r\n", "200", true),
    ROW("connection: list with close", GET "Connection: x, Close\r\n\r\n", "200", true),
    ROW("1.0 closes", "GET / HTTP/1.0\r\nHost: a.test\r\n\r\n", "200", true),
    ROW("1.0 without host", "GET / HTTP/1.0\r\n\r\n", "200", true),
    ROW("1.0 keep-alive", "GET / HTTP/1.0\r\nHost: a.test\r\nConnection: keep-alive\r\n\r\n", "200", false),
    ROW("0.9", "GET /\r\n\r\n", "400", true),
    ROW("2.0", "GET / HTTP/2.0\r\nHost: a.test\r\n\r\n", "505", true),
    ROW("http/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505", true),
    ROW("lower-case version", "GET / http/1.1\r\nHost: a.test\r\n\r\n", "400", true),
    ROW("version with two digits", "GET / HTTP/1.10\r\nHost: a.test\r\n\r\n", "400", true),
    ROW("no version", "GET / \r\nHost: a.test\r\n\r\n", "400", true),
    ROW("two spaces", "GET  / HTTP/1.1\r\nHost: a.test\r\n\r\n", "400", true),
    ROW("tab instead of space", "GET\t/ HTTP/1.1\r\nHost: a.test\r\n\r\n", "400", true),
    ROW("space after version", "GET / HTTP/1.1 \r\nHost: a.test\r\n\r\n", "400", true),
    ROW("space before method", " GET / HTTP/1.1\r\nHost: a.test\r\n\r\n", "400", true),
    ROW("bare LF in the request line", "GET / HTTP/1.1\nHost: a.test\r\n\r\n", "400", true),
    ROW("bare LF in a header", GET "X: 1\nY: 2\r\n\r\n", "400", true),
    ROW("bare LF at the end", GET "\n", "400", true),
    ROW("bare CR in the request line", "GET /\r HTTP/1.1\r\nHost: a.test\r\n\r\n", "400", true),
    ROW("bare CR in a value", GET "X: a\rb\r\n\r\n", "400", true),
    ROW("CR CR LF", GET "X: a\r\r\n\r\n", "400", true),
    ROW("NUL in a value", GET "X: a\0b\r\n\r\n", "400", true),
    ROW("NUL in a name", GET "X\0: a\r\n\r\n", "400", true),
    ROW("NUL in the target", "GET /\0 HTTP/1.1\r\nHost: a.test\r\n\r\n", "400", true),
    ROW("control byte in a value", GET "X: a\x01\r\n\r\n", "400", true),
    ROW("DEL in a value", GET "X: a\x7f\r\n\r\n", "400", true),
    ROW("tab in a value", GET "X: a\tb\r\n\r\n", "200", false),
    ROW("high bytes in a value", GET "X: \xc3\xa9\xff\r\n\r\n", "200", false),
    ROW("high bytes in the target", "GET /\xc3\xa9 HTTP/1.1\r\nHost: a.test\r\n\r\n", "400", true),
    ROW("fragment in the target", "GET /#a HTTP/1.1\r\nHost: a.test\r\n\r\n", "400", true),
    ROW("quote in the target", "GET /\" HTTP/1.1\r\nHost: a.test\r\n\r\n", "400", true),
    ROW("obs-fold", GET "X: a\r\n b\r\n\r\n", "400", true),
    ROW("obs-fold with tab", GET "X: a\r\n\tb\r\n\r\n", "400", true),
    ROW("fold before the first header", "GET / HTTP/1.1\r\n Host: a.test\r\n\r\n", "400", true),
    ROW("space before colon", GET "X : a\r\n\r\n", "400", true),
    ROW("tab before colon", GET "X\t: a\r\n\r\n", "400", true),
    ROW("no colon", GET "X\r\n\r\n", "400", true),
    ROW("empty name", GET ": a\r\n\r\n", "400", true),
    ROW("bracket in a name", GET "X(y): a\r\n\r\n", "400", true),
    ROW("empty value", GET "X:\r\n\r\n", "200", false),
    ROW("no host", "GET / HTTP/1.1\r\n\r\n", "400", true),
    ROW("two hosts", GET "Host: a.test\r\n\r\n", "400", true),
    ROW("empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", "400", true),
    ROW("host with user", "GET / HTTP/1.1\r\nHost: x@a.test\r\n\r\n", "400", true),
    ROW("host with path", "GET / HTTP/1.1\r\nHost: a.test/x\r\n\r\n", "400", true),
    ROW("host list", "GET / HTTP/1.1\r\nHost: a.test, b.test\r\n\r\n", "400", true),
    ROW("host with bad port", "GET / HTTP/1.1\r\nHost: a.test:8o\r\n\r\n", "400", true),
    ROW("host with port", "GET / HTTP/1.1\r\nHost: a.test:80\r\n\r\n", "200", false),
    ROW("host in capitals", "GET / HTTP/1.1\r\nHOST: A.TEST\r\n\r\n", "200", false),
    ROW("host of IPv6", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "200", false),
    ROW("unknown host", "GET / HTTP/1.1\r\nHost: b.test\r\n\r\n", "421", true),
    ROW("absolute form", "GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n", "200", false),
    ROW("absolute form without path", "GET http://a.test HTTP/1.1\r\nHost: a.test\r\n\r\n", "200", false),
    ROW("absolute form, other host", "GET http://b.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n", "400", true),
    ROW("absolute form with user", "GET http://x@a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n", "400", true),
    ROW("absolute form, other scheme", "GET ftp://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n", "400", true),
    ROW("relative target", "GET x HTTP/1.1\r\nHost: a.test\r\n\r\n", "400", true),
    ROW("OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: a.test\r\n\r\n", "204", false),
    ROW("GET *", "GET * HTTP/1.1\r\nHost: a.test\r\n\r\n", "400", true),
    ROW("OPTIONS of a page", "OPTIONS /counted HTTP/1.1\r\nHost: a.test\r\n\r\n", "204", false),
    ROW("OPTIONS of nothing", "OPTIONS /none HTTP/1.1\r\nHost: a.test\r\n\r\n", "404", false),
    ROW("TRACE", "TRACE / HTTP/1.1\r\nHost: a.test\r\n\r\n", "501", true),
    ROW("CONNECT", "CONNECT a.test:80 HTTP/1.1\r\nHost: a.test\r\n\r\n", "405", true),
    ROW("unknown method", "BREW / HTTP/1.1\r\nHost: a.test\r\n\r\n", "501", true),
    ROW("lower-case method", "get / HTTP/1.1\r\nHost: a.test\r\n\r\n", "501", true),
    ROW("DELETE", "DELETE / HTTP/1.1\r\nHost: a.test\r\n\r\n", "405", true),
    ROW("PUT where GET is", "PUT / HTTP/1.1\r\nHost: a.test\r\n\r\n", "405", false),
    ROW("GET where POST is", "GET /echo HTTP/1.1\r\nHost: a.test\r\n\r\n", "405", false),
    ROW("length and encoding", POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400", true),
    ROW("encoding and length", POST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", "400", true),
    ROW("two equal lengths", POST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", "400", true),
    ROW("two lengths", POST "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", "400", true),
    ROW("a list of lengths", POST "Content-Length: 3, 3\r\n\r\nabc", "400", true),
    ROW("length with plus", POST "Content-Length: +3\r\n\r\nabc", "400", true),
    ROW("length with minus", POST "Content-Length: -3\r\n\r\nabc", "400", true),
    ROW("length in hex", POST "Content-Length: 0x3\r\n\r\nabc", "400", true),
    ROW("length with space inside", POST "Content-Length: 1 3\r\n\r\nabc", "400", true),
    ROW("length with underscore", POST "Content-Length: 1_0\r\n\r\nabc", "400", true),
    ROW("empty length", POST "Content-Length:\r\n\r\nabc", "400", true),
    ROW("length too long", POST "Content-Length: 99999999999999999999\r\n\r\nabc", "400", true),
    ROW("length over the limit", POST "Content-Length: 70000\r\n\r\nabc", "413", true),
    ROW("length with space behind", POST "Content-Length: 3 \t\r\n\r\nabc", "200", false),
    ROW("length with a zero before", POST "Content-Length: 03\r\n\r\nabc", "200", false),
    ROW("length and a list of one more", POST "Content-Length: 3,\r\n\r\nabc", "400", true),
    ROW("a body", POST "Content-Length: 3\r\n\r\nabc", "200", false),
    ROW("a body and the next", POST "Content-Length: 3\r\n\r\nabc" GET "\r\n", "200 200", false),
    ROW("no body at all", POST "\r\n" GET "\r\n", "200 200", false),
    ROW("encoding twice", POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400",
        true),
    ROW("encoding list", POST "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", "400", true),
    ROW("encoding gzip, chunked", POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "400", true),
    ROW("encoding identity", POST "Transfer-Encoding: identity\r\n\r\n", "400", true),
    ROW("encoding xchunked", POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", "400", true),
    ROW("encoding with vertical tab",
        POST "Transfer-Encoding: \x0b"
             "chunked\r\n\r\n0\r\n\r\n",
        "400", true),
    ROW("empty encoding", POST "Transfer-Encoding:\r\n\r\n", "400", true),
    ROW("encoding with a parameter", POST "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n", "400", true),
    ROW("encoding chunked, identity", POST "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", "400", true),
    ROW("encoding with a comma before", POST "Transfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n", "400", true),
    ROW("encoding in capitals", POST "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", "200", false),
    ROW("encoding in 1.0",
        "POST /echo HTTP/1.0\r\nHost: a.test\r\nSec-Fetch-Site: same-origin\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "400", true),
    ROW("chunks", CHUNKED "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "200", false),
    ROW("chunks and the next", CHUNKED "3\r\nabc\r\n0\r\n\r\n" GET "\r\n", "200 200", false),
    ROW("chunk with 0x", CHUNKED "0x3\r\nabc\r\n0\r\n\r\n", "400", true),
    ROW("chunk with plus", CHUNKED "+3\r\nabc\r\n0\r\n\r\n", "400", true),
    ROW("chunk with minus", CHUNKED "-3\r\nabc\r\n0\r\n\r\n", "400", true),
    ROW("chunk with underscore", CHUNKED "0_3\r\nabc\r\n0\r\n\r\n", "400", true),
    ROW("chunk with space before", CHUNKED " 3\r\nabc\r\n0\r\n\r\n", "400", true),
    ROW("chunk with space after", CHUNKED "3 \r\nabc\r\n0\r\n\r\n", "400", true),
    ROW("chunk size overflow", CHUNKED "fffffffffffffffff\r\nabc\r\n0\r\n\r\n", "400", true),
    ROW("chunk over the limit", CHUNKED "fffffff\r\nabc\r\n0\r\n\r\n", "413", true),
    ROW("chunk without size", CHUNKED "\r\nabc\r\n0\r\n\r\n", "400", true),
    ROW("chunk with bare LF", CHUNKED "3\nabc\r\n0\r\n\r\n", "400", true),
    ROW("chunk data with bare LF", CHUNKED "3\r\nabc\n0\r\n\r\n", "400", true),
    ROW("chunk data too long", CHUNKED "3\r\nabcd\r\n0\r\n\r\n", "400", true),
    ROW("chunk extension", CHUNKED "3;a=b\r\nabc\r\n0\r\n\r\n", "200", false),
    ROW("chunk extension too long", CHUNKED "3;" LONG "\r\nabc\r\n0\r\n\r\n", "400", true),
    ROW("chunk extension of 256 bytes", CHUNKED "3;" HUNDRED HUNDRED FIFTY "012345\r\nabc\r\n0\r\n\r\n", "200", false),
    ROW("chunk extension of 257 bytes", CHUNKED "3;" HUNDRED HUNDRED FIFTY "0123456\r\nabc\r\n0\r\n\r\n", "400", true),
    ROW("chunk extension with CR", CHUNKED "3;a\rb\r\nabc\r\n0\r\n\r\n", "400", true),
    ROW("chunk extension with NUL", CHUNKED "3;a\0b\r\nabc\r\n0\r\n\r\n", "400", true),
    ROW("last chunk with bare LF", CHUNKED "3\r\nabc\r\n0\n\n", "400", true),
    ROW("trailer with bare LF", CHUNKED "0\r\nX: y\n\r\n", "400", true),
    ROW("chunk extension with LF", CHUNKED "3;a\nb\r\nabc\r\n0\r\n\r\n", "400", true),
    ROW("trailers", CHUNKED "3\r\nabc\r\n0\r\nX: y\r\nContent-Length: 9\r\n\r\n" GET "\r\n", "200 200", false),
    ROW("folded trailer", CHUNKED "0\r\nX: y\r\n z\r\n\r\n", "400", true),
    ROW("GET with a body", GET "Content-Length: 3\r\n\r\nabc", "200", true),
    ROW("GET with a request as body", GET "Content-Length: 40\r\n\r\n" GET "\r\n", "200", true),
    ROW("GET with chunks", GET "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "200", true),
    ROW("HEAD with a body", "HEAD / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n\r\nabc", "200", true),
    ROW("unread body", "POST /none HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n\r\nabc", "404", true),
    ROW("expect with the body", POST "Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc", "200", false),
    ROW("expect without a body", POST "Expect: 100-continue\r\n\r\n", "200", false),
    ROW("expect and GET with a body", GET "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n", "200", true),
    ROW("expect and a body too big", POST "Expect: 100-continue\r\nContent-Length: 70000\r\n\r\n", "413", true),
    ROW("expect and length 0", POST "Expect: 100-continue\r\nContent-Length: 0\r\n\r\n" GET "\r\n", "200 200", false),
    ROW("expect something else", POST "Expect: tea\r\nContent-Length: 3\r\n\r\nabc", "417", true),
    ROW("no origin", "POST /echo HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n\r\nabc", "403", true),
    ROW("cross-site", "POST /echo HTTP/1.1\r\nHost: a.test\r\nSec-Fetch-Site: cross-site\r\n\r\n", "403", false),
    ROW("null origin", "POST /echo HTTP/1.1\r\nHost: a.test\r\nOrigin: null\r\n\r\n", "403", false),
    ROW("own origin", "POST /echo HTTP/1.1\r\nHost: a.test\r\nOrigin: http://a.test\r\n\r\n", "200", false),
    ROW("token row", "POST /token HTTP/1.1\r\nHost: a.test\r\n\r\n", "403", false),
    ROW("staff row", "GET /staff HTTP/1.1\r\nHost: a.test\r\n\r\n", "403", false),
    ROW("holes", "GET /p/a%20b/%C3%A9 HTTP/1.1\r\nHost: a.test\r\n\r\n", "200", false),
    ROW("encoded slash", "GET /p/a%2Fb/c HTTP/1.1\r\nHost: a.test\r\n\r\n", "404", false),
    ROW("encoded NUL", "GET /p/a%00b/c HTTP/1.1\r\nHost: a.test\r\n\r\n", "400", false),
    ROW("broken escape", "GET /p/a%2/c HTTP/1.1\r\nHost: a.test\r\n\r\n", "400", false),
    ROW("bad UTF-8", "GET /p/%ff/c HTTP/1.1\r\nHost: a.test\r\n\r\n", "400", false),
    ROW("dot segments", "GET /p/../c HTTP/1.1\r\nHost: a.test\r\n\r\n", "404", false),
    ROW("encoded dot segments", "GET /p/%2e%2E/c HTTP/1.1\r\nHost: a.test\r\n\r\n", "404", false),
    ROW("double slash", "GET /p//c HTTP/1.1\r\nHost: a.test\r\n\r\n", "404", false),
};

#define TOKEN(site, cookie, more, body)                                                                                \
    "POST /token HTTP/1.1\r\nHost: a.test\r\n" site cookie more                                                        \
    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 20\r\n\r\n" body
#define OURS "Sec-Fetch-Site: same-origin\r\n"

// A form of a session: from our own page with the right token, or refused; what was typed comes back only to our page.
static void a_form_of_a_session_needs_its_token(void **state) {
    (void)state;
    static const struct {
        struct str bytes;
        const char *status, *says;
    } cases[] = {
        {STR(TOKEN(OURS, "Cookie: who=in\r\n", "", "stars=4&token=secret")), "200", "ok:4"},
        {STR(TOKEN(OURS, "Cookie: who=in\r\n", "X-Token: secret\r\n", "stars=4&and=nothing!")), "200", "ok:4"},
        {STR(TOKEN(OURS, "Cookie: who=in\r\n", "X-Token: secreT\r\n", "stars=4&token=secret")), "403", "refused 4: 4"},
        {STR(TOKEN(OURS, "Cookie: who=in\r\n", "", "stars=4&and=nothing!")), "403", "refused 4: 4"},
        {STR(TOKEN(OURS, "Cookie: who=in\r\n", "", "token=other!&stars=4")), "403", "refused 4: 4"},
        {STR(TOKEN(OURS, "Cookie: who=two\r\n", "", "stars=4&token=secret")), "403", "refused 4: 4"},
        {STR(TOKEN(OURS, "Cookie: who=half\r\n", "", "token=other!&stars=4")), "403", "refused 3: 4"},
        {STR(TOKEN(OURS, "Cookie: who=over\r\n", "", "stars=4&token=secret")), "403", "refused 2: 4"},
        {STR(TOKEN(OURS, "", "", "stars=4&token=secret")), "403", "refused 1: 4"},
        {STR(TOKEN("Sec-Fetch-Site: cross-site\r\n", "Cookie: who=in\r\n", "", "stars=4&token=secret")), "403",
         "403 Forbidden\n"},
        {STR(TOKEN("Sec-Fetch-Site: same-site\r\n", "Cookie: who=in\r\n", "", "stars=4&token=secret")), "403",
         "403 Forbidden\n"},
        {STR(TOKEN("", "Cookie: who=in\r\n", "", "stars=4&token=secret")), "403", "403 Forbidden\n"},
        {STR("GET /staff HTTP/1.1\r\nHost: a.test\r\nCookie: who=in\r\n\r\n"), "200", "hello"},
        {STR("GET /staff HTTP/1.1\r\nHost: a.test\r\nCookie: who=half\r\n\r\n"), "403", "refused 3: "},
    };
    house_open(NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf in;
        size_t at = 0, body;
        buf_init(&in, 1 << 20);
        int fd = client_open();
        client_send(fd, cases[i].bytes);
        struct str answer = client_answer(fd, &in, &at, false);
        assert_true(str_find(answer, STR("\r\n\r\n"), &body));
        if (!str_eq(str_slice(answer, 9, 12), str_from(cases[i].status)) ||
            !str_eq(str_slice(answer, body + 4, answer.n), str_from(cases[i].says)))
            fail_msg("case %zu: %.*s", i, STR_ARG(answer));
        close(fd);
        buf_fini(&in);
    }
    house_close();
}

static void expect_answers(const struct row *row, int fd, struct buf *in) {
    struct str statuses = str_from(row->statuses), want;
    size_t at = 0;
    bool head = str_starts(row->bytes, STR("HEAD"));
    while (str_next(&statuses, ' ', &want)) {
        struct str answer = client_answer(fd, in, &at, head);
        struct str got = str_slice(answer, 9, 12);
        if (!str_eq(got, want))
            fail_msg("%s: wanted %.*s, got '%.*s'", row->name, STR_ARG(want), STR_ARG(got));
        bool says_close = has(answer, "Connection: close\r\n");
        if (statuses.p == NULL && row->closed != says_close)
            fail_msg("%s: close %d, wanted %d", row->name, says_close, row->closed);
    }
    if (row->closed)
        while (client_more(fd, in))
            continue;
    if (at != in->n)
        fail_msg("%s: bytes after the last answer: %.*s", row->name, (int)(in->n - at), in->p + at);
}

static void each_case_is_answered_as_the_rule_says(void **state) {
    (void)state;
    house_open(NULL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf in;
        buf_init(&in, 1 << 20);
        int fd = client_open();
        client_send(fd, rows[i].bytes);
        expect_answers(&rows[i], fd, &in);
        close(fd);
        buf_fini(&in);
    }
    house_close();
}

// The same bytes in two pieces, cut anywhere, get the same answers.
static void a_request_cut_anywhere_is_answered_the_same(void **state) {
    (void)state;
    static const struct row whole =
        ROW("cut", CHUNKED "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: r\r\n\r\n" GET "X: y\r\n\r\n", "200 200", false);
    house_open(NULL);
    for (size_t cut = 1; cut < whole.bytes.n; cut++) {
        struct buf in;
        buf_init(&in, 1 << 20);
        int fd = client_open();
        client_send(fd, str_slice(whole.bytes, 0, cut));
        client_send(fd, str_slice(whole.bytes, cut, whole.bytes.n));
        expect_answers(&whole, fd, &in);
        assert_true(has(buf_view(&in), "[abcde]"));
        close(fd);
        buf_fini(&in);
    }
    house_close();
}

static void a_request_byte_by_byte_is_answered_the_same(void **state) {
    (void)state;
    static const struct row whole =
        ROW("bytes", POST "Content-Length: 5\r\n\r\nabcde" GET "X: y\r\n\r\n", "200 200", false);
    house_open(NULL);
    struct buf in;
    buf_init(&in, 1 << 20);
    int fd = client_open();
    for (size_t i = 0; i < whole.bytes.n; i++)
        client_send(fd, str_slice(whole.bytes, i, i + 1));
    expect_answers(&whole, fd, &in);
    close(fd);
    buf_fini(&in);
    house_close();
}

static void who_expects_100_gets_it_before_the_body(void **state) {
    (void)state;
    house_open(NULL);
    struct buf in;
    size_t at = 0;
    buf_init(&in, 1 << 20);
    int fd = client_open();
    client_send(fd, STR(POST "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n"));
    assert_true(has(client_answer(fd, &in, &at, false), "HTTP/1.1 100 Continue\r\n"));
    client_send(fd, STR("abc"));
    assert_true(has(client_answer(fd, &in, &at, false), "[abc]"));
    close(fd);
    buf_fini(&in);
    house_close();
}

static int status_of_big_head(size_t target, size_t headers, size_t value) {
    struct buf out, in;
    size_t at = 0;
    buf_init(&out, 1 << 20);
    buf_init(&in, 1 << 20);
    buf_c(&out, "GET /");
    for (size_t i = 0; i < target; i++)
        buf_char(&out, 'x');
    buf_c(&out, " HTTP/1.1\r\nHost: a.test\r\n");
    for (size_t i = 0; i < headers; i++)
        buf_fmt(&out, "X-%zu: %0*d\r\n", i, (int)value, 0);
    buf_c(&out, "\r\n");
    int fd = client_open();
    client_send(fd, buf_view(&out));
    struct str answer = client_answer(fd, &in, &at, false);
    uint64_t status = 0;
    assert_true(str_to_u64(str_slice(answer, 9, 12), &status));
    close(fd);
    buf_fini(&out);
    buf_fini(&in);
    return (int)status;
}

static void heads_have_limits(void **state) {
    (void)state;
    house_open(NULL);
    assert_int_equal(status_of_big_head(4000, 1, 1), 404);
    assert_int_equal(status_of_big_head(4096, 1, 1), 414);
    assert_int_equal(status_of_big_head(60000, 0, 1), 414);
    assert_int_equal(status_of_big_head(0, 99, 1), 200);
    assert_int_equal(status_of_big_head(0, 100, 1), 431);
    assert_int_equal(status_of_big_head(0, 16, 1100), 431);
    assert_int_equal(status_of_big_head(0, 1, 60000), 431);
    house_close();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case_is_answered_as_the_rule_says),
        cmocka_unit_test(a_form_of_a_session_needs_its_token),
        cmocka_unit_test(a_request_cut_anywhere_is_answered_the_same),
        cmocka_unit_test(a_request_byte_by_byte_is_answered_the_same),
        cmocka_unit_test(who_expects_100_gets_it_before_the_body),
        cmocka_unit_test(heads_have_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
