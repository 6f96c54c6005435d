// SPDX-License-Identifier: AGPL-3.0-or-later
// Passwords: what may be one, and that only the right one opens.
#include "house.h"

static const struct account siti = {.login = STR("siti.rahma@suara-pantai.example"),
                                    .name = STR("Siti Rahma Harahap"),
                                    .roles = STAFF_EDITOR,
                                    .state = ACCOUNT_ACTIVE};

static void what_may_be_a_password(void **state) {
    (void)state;
    static const struct {
        const char *password;
        bool ok;
    } rows[] = {
        // too short, damaged
        {"", false},
        {"Tr0ub4dor&3", false},
        {"fourteen chars", false},
        {"qv7 zk2 xw9 pj\xff", false},
        {"qv7 zk2\nxw9 pj4 mm", false},
        // what everybody takes
        {"passwordpassword", false},
        {"Password123456!!", false},
        {"P@$$w0rd-P@$$w0rd", false},
        {"adminadminadmin", false},
        {"administrator123", false},
        {"letmeinletmeinletmein", false},
        {"iloveyouiloveyou", false},
        {"welcome to indonesia", false},
        {"SelamatDatang2024!", false},
        {"merdeka17081945merdeka", false},
        {"bhinnekatunggalika", false},
        {"correct horse battery staple", true}, // as words; the famous phrase itself is next
        {"correcthorsebatterystaple", false},
        {"thequickbrownfoxjumpsoverthelazydog", false},
        // keyboards
        {"qwertyuiopasdfghjkl", false},
        {"1qaz2wsx3edc4rfv", false},
        {"qazwsxedcrfvtgb", false},
        {"!QAZ@WSX#EDC$RFV", false},
        {"azertyuiopqsdfghjklm", false},
        {"zxcvbnm,./zxcvbnm", false},
        // runs, repetitions, numbers
        {"aaaaaaaaaaaaaaaaaaaa", false},
        {"abcdefghijklmnopqrst", false},
        {"123456789012345", false},
        {"987654321098765", false},
        {"000000000000000", false},
        {"121212121212121212", false},
        {"200220032004200520062007", false},
        {"1990-05-17 1992-03-02", false},
        {"x9k2x9k2x9k2x9k2x9k2", false},
        {"\xd9\x85\xd9\x85\xd9\x85\xd9\x85\xd9\x85\xd9\x85\xd9\x85\xd9\x85\xd9\x85\xd9\x85\xd9\x85\xd9\x85\xd9\x85"
         "\xd9\x85\xd9\x85",
         false},
        // about the account and the station
        {"sitirahmaharahap", false},
        {"Siti.Rahma.1985!", false},
        {"siti.rahma@suara-pantai.example", false},
        {"SuaraPantaiSuaraPantai", false},
        {"suara-pantai-siti", false},
        // good ones
        {"lampu kertas gerobak sungai hijau", true},
        {"tangerine violins argue softly", true},
        {"kf8!mQz2#vLp0xTr", true},
        {"482913057264019", true},
        {"wintergreen ladders cannot whistle", true},
        {"\xe9\x9b\xa8\xe5\xa4\xa9\xe6\xb0\x97\xe7\x8c\xab\xe6\xa3\xae\xe9\x9b\xbb\xe8\xa9\xb1\xe7\xb4\x99\xe8\x88\x9f"
         "\xe9\xb3\xa5\xe7\x9f\xb3\xe7\xa9\xba\xe6\xb5\xb7\xe5\xb1\xb1\xe9\x9b\xb2",
         true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct problem p = {""};
        enum rc rc = password_check(&siti, STR("Suara Pantai"), str_from(rows[i].password), &p);
        if (rc != (rows[i].ok ? RC_OK : RC_INVALID) || (rc != RC_OK && p.text[0] == '\0'))
            fail_msg("\"%s\": %s %s", rows[i].password, rc_name(rc), p.text);
    }
}

static void long_ones_are_taken_up_to_the_limit(void **state) {
    (void)state;
    char text[300];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)('a' + (i * i * 7 + i / 3) % 26);
    struct problem p;
    assert_int_equal(password_check(&siti, STR(""), (struct str){text, 256}, &p), RC_OK);
    assert_int_equal(password_check(&siti, STR(""), (struct str){text, 257}, &p), RC_INVALID);
}

// Every word of the list, twice or thrice until it is long enough, is refused: with digits for letters and a year too.
static void every_word_of_the_list_is_common(void **state) {
    (void)state;
    struct str rest = str_from(password_words), word;
    struct arena *a = arena_new(8 << 20);
    size_t words = 0;
    while (str_next(&rest, ' ', &word)) {
        struct buf b;
        buf_init(&b, 1000);
        while (b.n < 15)
            buf_str(&b, word);
        buf_c(&b, "1987!");
        for (size_t i = 0; i < b.n; i++)
            b.p[i] = b.p[i] == 'a' ? '4' : b.p[i] == 'e' ? '3' : b.p[i];
        if (word.n >= 3 && password_check(&siti, STR(""), buf_view(&b), NULL) != RC_INVALID)
            fail_msg("%.*s", STR_ARG(buf_view(&b)));
        for (size_t i = 0; i < word.n; i++)
            if (!((word.p[i] >= 'a' && word.p[i] <= 'z') || (word.p[i] >= '0' && word.p[i] <= '9')))
                fail_msg("\"%.*s\" is not folded", STR_ARG(word));
        buf_fini(&b);
        arena_reset(a);
        words++;
    }
    assert_true(words > 1000);
    arena_free(&a);
}

static void only_the_right_one_opens(void **state) {
    struct house *h = *state;
    house_account(h, "admin@example.org", STAFF_ADMIN);
    struct account acc = house_account(h, "ana@example.org", STAFF_REPORTER);
    struct password_hash hash, again;
    struct str composed = STR("caf\xc3\xa9 lampu gerobak sungai"),
               decomposed = STR("cafe\xcc\x81 lampu gerobak sungai");
    assert_int_equal(password_verify(h->db, acc.id, composed), RC_DENIED); // none is set
    assert_int_equal(password_make(composed, &hash), RC_OK);
    assert_int_equal(password_make(composed, &again), RC_OK);
    assert_string_not_equal(hash.text, again.text); // salted
    assert_true(str_starts(str_from(hash.text), STR("$argon2id$v=19$m=65536,t=2,p=1$")));
    assert_int_equal(password_set(h->db, &h->who, acc.id, &hash, 0), RC_OK);
    assert_int_equal(password_set(h->db, &h->who, 99, &hash, 0), RC_NOT_FOUND);
    assert_int_equal(password_verify(h->db, acc.id, composed), RC_OK);
    assert_int_equal(password_verify(h->db, acc.id, decomposed), RC_OK);
    assert_int_equal(password_verify(h->db, acc.id, STR("caf\xc3\xa9 lampu gerobak sungaj")), RC_DENIED);
    assert_int_equal(password_verify(h->db, acc.id, STR("")), RC_DENIED);
    assert_int_equal(password_verify(h->db, acc.id, STR("\xff\xff")), RC_DENIED);
    assert_int_equal(password_verify(h->db, 0, composed), RC_DENIED);
    acc = house_again(h, acc.id);
    acc.state = ACCOUNT_BLOCKED;
    assert_int_equal(account_save(h->a, h->db, &h->who, &acc, NULL), RC_OK);
    assert_int_equal(password_verify(h->db, acc.id, composed), RC_DENIED);
}

static void a_new_password_ends_the_other_sessions_and_links(void **state) {
    struct house *h = *state;
    struct account acc = house_account(h, "ana@example.org", STAFF_ADMIN);
    struct password_hash hash = {"$argon2id$v=19$x"};
    struct str tokens[3], link;
    struct session s;
    enum link_purpose purpose;
    int64_t id;
    for (int i = 0; i < 3; i++)
        assert_int_equal(session_begin(h->a, h->db, acc.id, false, STR("d"), NOW, &tokens[i]), RC_OK);
    assert_int_equal(staff_link_make(h->a, h->db, &h->who, LINK_RESET, acc.id, NOW, &link), RC_OK);
    assert_int_equal(session_find(h->a, h->db, tokens[1], NOW, &s), RC_OK);
    assert_int_equal(password_set(h->db, &h->who, acc.id, &hash, s.id), RC_OK);
    assert_int_equal(session_find(h->a, h->db, tokens[0], NOW, &s), RC_GONE);
    assert_int_equal(session_find(h->a, h->db, tokens[1], NOW, &s), RC_OK);
    assert_int_equal(session_find(h->a, h->db, tokens[2], NOW, &s), RC_GONE);
    assert_int_equal(staff_link_find(h->db, link, NOW, &purpose, &id), RC_GONE);
    assert_int_equal(house_number(h, "SELECT COUNT(*) FROM audit WHERE verb = 'password'"), 1);
    assert_int_equal(house_number(h, "SELECT COUNT(*) FROM audit WHERE before LIKE '%argon%' OR after LIKE '%argon%'"),
                     0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_may_be_a_password),
        cmocka_unit_test(long_ones_are_taken_up_to_the_limit),
        cmocka_unit_test(every_word_of_the_list_is_common),
        HOUSE_TEST(only_the_right_one_opens),
        HOUSE_TEST(a_new_password_ends_the_other_sessions_and_links),
    };
    station_main_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
