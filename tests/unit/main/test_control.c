// SPDX-License-Identifier: AGPL-3.0-or-later
// Requests on DIR/control: what is written is read back the same, and nothing that lies about its sizes gets through.
#include "main/control.h"

#include "../check.h" // last: cmocka makes a macro of fail()

static struct command_request *request_of(const char *const *args, size_t count) {
    struct command_request *r = MEM_NEW(struct command_request);
    for (size_t i = 0; i < count; i++)
        r->args[r->arg_count++] = str_from(args[i]);
    return r;
}

static void a_request_comes_back_as_it_was(void **state) {
    (void)state;
    static const char *const args[] = {"import", "page", "--lang", "", "Zürich"};
    struct command_request *r = request_of(args, 5), *read = MEM_NEW(struct command_request);
    r->files[0] = (struct command_file){STR("a.html"), STR("bytes\0and more")};
    r->files[1] = (struct command_file){STR("b"), STR("")};
    r->file_count = 2;
    struct buf bytes;
    buf_init(&bytes, COMMAND_BYTES);
    control_put(&bytes, r);
    uint8_t head[CONTROL_HEAD_BYTES];
    memcpy(head, bytes.p, sizeof head);
    size_t size;
    assert_int_equal(control_head_parse(head, &size), RC_OK);
    assert_int_equal(size, bytes.n - CONTROL_HEAD_BYTES);
    assert_int_equal(control_parse((struct str){bytes.p + CONTROL_HEAD_BYTES, size}, read), RC_OK);
    assert_int_equal(read->arg_count, 5);
    assert_str(read->args[4], "Zürich");
    assert_int_equal(read->file_count, 2);
    assert_str(read->files[0].bytes, "bytes\0and more");
    assert_str(read->files[1].name, "b");
    assert_int_equal(read->files[1].bytes.n, 0);
    // Cut off anywhere, or with anything behind, it is no request.
    for (size_t n = 0; n < size; n++)
        assert_int_equal(control_parse((struct str){bytes.p + CONTROL_HEAD_BYTES, n}, read), RC_INVALID);
    buf_char(&bytes, 'x');
    assert_int_equal(control_parse((struct str){bytes.p + CONTROL_HEAD_BYTES, size + 1}, read), RC_INVALID);
    buf_fini(&bytes);
    mem_free(r);
    mem_free(read);
}

#define BYTES(text)                                                                                                    \
    { text, sizeof text - 1 }

static void hostile_bodies_are_refused(void **state) {
    (void)state;
    static const struct {
        struct str body;
        enum rc rc;
    } rows[] = {
        {BYTES(""), RC_INVALID},
        {BYTES("\0\0\0"), RC_INVALID},
        {BYTES("\0\0\0\0\0\0\0\0"), RC_INVALID}, // no words at all
        {BYTES("\0\0\0\1\0\0\0\1a\0\0\0\0"), RC_OK},
        {BYTES("\0\0\0\1\0\0\0\1a"), RC_INVALID},         // no count of files
        {BYTES("\0\0\0\1\0\0\0\2a\0\0\0\0"), RC_INVALID}, // a word that takes from what follows
        {BYTES("\0\0\0\1\xff\xff\xff\xff"), RC_TOO_BIG},
        {BYTES("\xff\xff\xff\xff"), RC_TOO_BIG},
        {BYTES("\0\0\1\1"), RC_TOO_BIG},                                     // 257 words
        {BYTES("\0\0\0\1\0\1\0\1"), RC_TOO_BIG},                             // a word over its limit
        {BYTES("\0\0\0\1\0\0\0\1\0\0\0\0\0"), RC_INVALID},                   // NUL in a word
        {BYTES("\0\0\0\1\0\0\0\1\xff\0\0\0\0"), RC_INVALID},                 // no UTF-8
        {BYTES("\0\0\0\1\0\0\0\1a\0\0\4\1"), RC_TOO_BIG},                    // 1,025 files
        {BYTES("\0\0\0\1\0\0\0\1a\0\0\0\1\0\0\0\1f\0\x80\0\1"), RC_TOO_BIG}, // a file over 8 MiB
        {BYTES("\0\0\0\1\0\0\0\1a\0\0\0\1\0\0\0\1f\0\0\0\2x"), RC_INVALID},
        {BYTES("\0\0\0\1\0\0\0\1a\0\0\0\1\0\0\0\1\0\0\0\0\1x"), RC_INVALID}, // NUL in a name
        {BYTES("\0\0\0\1\0\0\0\1a\0\0\0\1\0\0\0\1f\0\0\0\1\0"), RC_OK},
    };
    struct command_request *r = MEM_NEW(struct command_request);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (control_parse(rows[i].body, r) != rows[i].rc)
            fail_msg("row %zu", i);
    mem_free(r);
}

static void heads_of_other_protocols_and_endless_requests_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *head;
        enum rc rc;
    } rows[] = {
        {"SIARAN01\0\0\0\0\0\0\0\5", RC_OK},      {"SIARAN01\0\0\0\0\4\0\0\0", RC_OK}, // exactly 64 MiB
        {"SIARAN01\0\0\0\0\4\0\0\1", RC_TOO_BIG}, {"SIARAN01\xff\xff\xff\xff\xff\xff\xff\xff", RC_TOO_BIG},
        {"SIARAN02\0\0\0\0\0\0\0\5", RC_INVALID}, {"GET / HTTP/1.1\r\n", RC_INVALID},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t head[CONTROL_HEAD_BYTES];
        size_t size;
        memcpy(head, rows[i].head, sizeof head);
        assert_int_equal(control_head_parse(head, &size), rows[i].rc);
    }
}

static void a_deep_folder_has_a_control_address_too(void **state) {
    (void)state;
    struct net_address addr;
    struct problem p = {""};
    int dir_fd;
    assert_int_equal(control_address("/short", &addr, &dir_fd, &p), RC_OK);
    assert_int_equal(dir_fd, -1);
    char path[300];
    memset(path, 'x', sizeof path - 1);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    // It does not exist, so it cannot be opened; but it was not taken for a socket's name either.
    assert_int_equal(control_address(path, &addr, &dir_fd, &p), RC_IO);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_comes_back_as_it_was),
        cmocka_unit_test(hostile_bodies_are_refused),
        cmocka_unit_test(heads_of_other_protocols_and_endless_requests_are_refused),
        cmocka_unit_test(a_deep_folder_has_a_control_address_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
