// SPDX-License-Identifier: AGPL-3.0-or-later
// DIR/siaran.conf: what is understood, what is refused with which sentence, and that the texts made from the table
// name every parameter. The program's argument is the tree, whose man page is held against the table.
#include "../check.h"

#include <unistd.h>

#include "main/config.h"

static const char *tree;

static const struct {
    const char *text, *problem; // NULL: fine
} files[] = {
    {"", NULL},
    {"# only a comment\n\n", NULL},
    {"http = 8080\nloops=4\n  log_level = warn  \n", NULL},
    {"site_origin = https://www.example.org", NULL},
    {"site_origin = http://[::1]:8080", NULL},
    {"site_origin =", NULL},
    {"radio_origin = https://radio.example.org", NULL},
    {"radio_origin = https://www.example.org/radio", NULL},
    {"radio_origin = http://[::1]:8000/a/b-c", NULL},
    {"trusted_proxies = 127.0.0.1  ::1 10.0.0.1", NULL},
    {"user = siaran-site", NULL},
    {"loops", "x.conf line 1: \"loops\" is not of the form key = value"},
    {"\n\nloops = many", "x.conf line 3: loops is a number of threads from 0 to 256, not \"many\""},
    {"loops = 257", "x.conf line 1: loops is a number of threads from 0 to 256, not \"257\""},
    {"loops = -1", "x.conf line 1: loops is a number of threads from 0 to 256, not \"-1\""},
    {"loops = 99999999999999999999", "x.conf line 1: loops is a number of threads from 0 to 256"},
    {"loop = 1", "x.conf line 1: there is no parameter \"loop\"; siaran --help-config lists them"},
    {"loops = 1\nloops = 2", "x.conf line 2: loops is given twice"},
    {"http = localhost:80", "x.conf line 1: \"localhost:80\" is no address"},
    {"access_log = yes", "x.conf line 1: access_log is on or off, not \"yes\""},
    {"log_level = loud", "x.conf line 1: log_level is debug, info, warn or error, not \"loud\""},
    {"site_origin = www.example.org", "x.conf line 1: site_origin is like https://www.example.org, without a path"},
    {"site_origin = https://www.example.org/", "x.conf line 1: site_origin is like"},
    {"site_origin = https://www.example.org/a", "x.conf line 1: site_origin is like"},
    {"radio_origin = https://www.example.org/radio/",
     "x.conf line 1: radio_origin is like https://radio.example.org or"},
    {"radio_origin = https://www.example.org//radio", "x.conf line 1: radio_origin is like"},
    {"radio_origin = https://www.example.org/../radio", "x.conf line 1: radio_origin is like"},
    {"radio_origin = https://www.example.org/radio?x", "x.conf line 1: radio_origin is like"},
    {"radio_origin = https:///radio", "x.conf line 1: radio_origin is like"},
    {"site_origin = https://a\"b", "x.conf line 1: site_origin is like"},
    {"trusted_proxies = 127.0.0.1 nobody", "x.conf line 1: trusted_proxies: \"nobody\" is no address"},
    {"user = ../root", "x.conf line 1: user is the name of a user"},
    {"access_log_file = a\tb", "x.conf line 1: access_log_file is the path of a file"},
    {"smtp_server = smtps://mail.example.org:465\nmail_from = desk@example.org\nsmtp_user = the desk", NULL},
    {"hook_url = https://www.example.org/news", NULL},
    {"smtp_server = mail.example.org", "x.conf line 1: smtp_server is like smtp://mail.example.org:587"},
    {"smtp_user = a\tb", "x.conf line 1: smtp_user is one line"},
    {"mail_from = Desk <desk@example.org>", "x.conf line 1: mail_from is an e-mail address"},
    {"hook_url = http://www.example.org/", "x.conf line 1: hook_url is like https://www.example.org/news"},
    {"user = -x", "x.conf line 1: user is the name of a user"},
    {"loops = \xff", "x.conf is not UTF-8 text"},
};

static void each_file_is_taken_or_refused_with_its_line(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct config c;
        struct problem p = {""};
        enum rc rc = config_parse(&c, "x.conf", str_from(files[i].text), &p);
        if (files[i].problem == NULL && rc != RC_OK)
            fail_msg("\"%s\" was refused: %s", files[i].text, p.text);
        if (files[i].problem != NULL) {
            assert_int_equal(rc, RC_INVALID);
            if (strncmp(p.text, files[i].problem, strlen(files[i].problem)) != 0)
                fail_msg("\"%s\": %s", files[i].text, p.text);
        }
    }
}

static void values_arrive_where_they_belong(void **state) {
    (void)state;
    struct config c;
    assert_int_equal(config_parse(&c, "x",
                                  STR("loops = 3\naccess_log = on\nlog_level = error\nuser = me\n"
                                      "trusted_proxies = ::1 10.0.0.1\nsite_origin = https://a.b"),
                                  NULL),
                     RC_OK);
    assert_int_equal(c.loops, 3);
    assert_int_equal(c.access_log, 1);
    assert_int_equal(c.log_level, LOG_ERROR);
    assert_string_equal(c.user, "me");
    assert_string_equal(c.site_origin, "https://a.b");
    assert_int_equal(c.trusted_proxies.count, 2);
    assert_true(net_address_is_loopback(&c.trusted_proxies.rows[0]));
    assert_int_equal(c.connections_per_address, 256);
}

// What the desk writes counts where the file says nothing; a line that is not the desk's is left out, the others stay.
static void the_file_counts_before_the_desk(void **state) {
    (void)state;
    struct config c;
    struct arena *a = arena_new(1 << 16);
    config_defaults(&c);
    config_add_desk(&c, "desk.conf",
                    STR("idle_seconds = 5\nuser = root\nhttp = 1\nloops = many\nsmtp_password_file = /etc/shadow\n"
                        "nonsense\nhead_seconds = 6\n\xff = \xff\ntrusted_proxies = ::1 10.0.0.1\n"));
    assert_int_equal(c.idle_seconds, 5);
    assert_int_equal(c.head_seconds, 6);
    assert_string_equal(c.user, "");
    assert_string_equal(c.smtp_password_file, "smtp-password");
    assert_int_equal(c.loops, 0);
    assert_str(config_value_text(a, &c, config_row_find(STR("trusted_proxies"))), "::1 10.0.0.1");
    assert_str(config_value_text(a, &c, config_row_find(STR("http"))), "127.0.0.1:8080");
    uint64_t idle = UINT64_C(1) << (config_row_find(STR("idle_seconds")) - config_rows);
    assert_true((c.at_desk & idle) != 0 && (c.in_file & idle) == 0);
    arena_free(&a);
}

static void a_station_reads_both_files(void **state) {
    (void)state;
    struct config c;
    struct problem p = {""};
    char dir[] = "/tmp/siaran-config-XXXXXX", path[64], other[64];
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/desk.conf", dir);
    (void)snprintf(other, sizeof other, "%s/other", dir);
    assert_int_equal(file_write(other, STR("idle_seconds = 9\n"), 0600, &p), RC_OK);
    assert_int_equal(symlink(other, path), 0);
    assert_int_equal(config_load(&c, dir, &p), RC_OK);
    assert_int_equal(c.idle_seconds, 60); // a link may lead to a file that only root may read
    assert_int_equal(unlink(path), 0);
    assert_int_equal(file_write(path, STR("idle_seconds = 5\nhead_seconds = 6\n"), 0600, &p), RC_OK);
    (void)snprintf(other, sizeof other, "%s/siaran.conf", dir);
    assert_int_equal(file_write(other, STR("idle_seconds = 7\n"), 0600, &p), RC_OK);
    assert_int_equal(config_load(&c, dir, &p), RC_OK);
    assert_int_equal(c.idle_seconds, 7);
    assert_int_equal(c.head_seconds, 6);
    uint64_t idle = UINT64_C(1) << (config_row_find(STR("idle_seconds")) - config_rows);
    assert_true((c.at_desk & idle) == 0 && (c.in_file & idle) != 0);
    assert_int_equal(file_write(other, STR("idle_seconds = ever\n"), 0600, &p), RC_OK);
    assert_int_equal(config_load(&c, dir, &p), RC_INVALID);
    assert_int_equal(unlink(path) + unlink(other), 0);
    (void)snprintf(other, sizeof other, "%s/other", dir);
    assert_int_equal(unlink(other) + rmdir(dir), 0);
}

static void remember(void *arg, const struct config_row *row) {
    buf_fmt(arg, "%s ", row->name);
}

static void a_reload_finds_what_was_changed(void **state) {
    (void)state;
    struct config a, b;
    struct buf names;
    buf_init(&names, 1000);
    config_defaults(&a);
    config_defaults(&b);
    config_compare(&a, &b, remember, &names);
    assert_str(buf_view(&names), "");
    assert_int_equal(config_parse(&b, "x", STR("loops = 3\nlog_level = warn\nhttp = 9"), NULL), RC_OK);
    config_compare(&a, &b, remember, &names);
    assert_str(buf_view(&names), "http loops log_level ");
    buf_fini(&names);
}

// The example with every mark taken away is a file that gives the defaults.
static void the_example_file_holds_the_defaults(void **state) {
    (void)state;
    struct buf example, plain;
    buf_init(&example, 1 << 20);
    buf_init(&plain, 1 << 20);
    config_write_example(&example);
    struct str rest = buf_view(&example), line;
    while (str_next(&rest, '\n', &line)) {
        bool commented = line.n > 1 && line.p[0] == '#' && line.p[1] != ' ';
        buf_str(&plain, commented ? str_slice(line, 1, line.n) : line);
        buf_char(&plain, '\n');
    }
    struct config defaults, read;
    struct problem p = {""};
    config_defaults(&defaults);
    if (config_parse(&read, "example", buf_view(&plain), &p) != RC_OK)
        fail_msg("%s", p.text);
    config_compare(&defaults, &read, remember, &example);
    for (size_t i = 0; i < config_row_count; i++) {
        struct buf wanted;
        buf_init(&wanted, 1000);
        buf_fmt(&wanted, "\n%s =", config_rows[i].name);
        size_t at;
        assert_true(str_find(buf_view(&plain), buf_view(&wanted), &at));
        buf_fini(&wanted);
    }
    buf_fini(&example);
    buf_fini(&plain);
}

static void the_man_page_tells_what_the_table_tells(void **state) {
    (void)state;
    struct buf page, section;
    struct problem p = {""};
    char path[4096];
    assert_true(snprintf(path, sizeof path, "%s/man/siaran.1", tree) < (int)sizeof path);
    buf_init(&page, 1 << 20);
    buf_init(&section, 1 << 20);
    if (file_read(path, &page, &p) != RC_OK)
        fail_msg("%s", p.text);
    config_write_man(&section);
    size_t at;
    if (!str_find(buf_view(&page), buf_view(&section), &at))
        fail_msg("man/siaran.1 differs from the table of parameters: put in what siaran --help-config-man prints");
    buf_fini(&page);
    buf_fini(&section);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_file_is_taken_or_refused_with_its_line),
        cmocka_unit_test(values_arrive_where_they_belong),
        cmocka_unit_test(the_file_counts_before_the_desk),
        cmocka_unit_test(a_station_reads_both_files),
        cmocka_unit_test(a_reload_finds_what_was_changed),
        cmocka_unit_test(the_example_file_holds_the_defaults),
        cmocka_unit_test(the_man_page_tells_what_the_table_tells),
    };
    tree = argc > 1 ? argv[1] : ".";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
