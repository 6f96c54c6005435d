// SPDX-License-Identifier: AGPL-3.0-or-later
// Messages of readers: what is the same message, how many are taken, who reads which, and when they are forgotten.
#include "newsroom.h"

struct taking {
    struct station *s;
    struct message message;
    int64_t now, id;
    struct str reference;
    bool added;
    enum message_state state;
    int64_t account;
};

static enum rc job_add(struct db *db, void *arg) {
    struct taking *t = arg;
    return message_add(t->s->arena, db, &t->message, t->now, &t->reference, &t->added);
}

static struct taking add(struct station *s, enum text_lang lang, const char *text, int64_t now) {
    struct taking t = {.s = s, .now = now};
    t.message = (struct message){.lang = lang,
                                 .topic = MESSAGE_OTHER,
                                 .name = STR("Rosa"),
                                 .email = STR("rosa@reader.test"),
                                 .text = str_from(text)};
    assert_int_equal(store_write(s->store, STORE_DURABLE, job_add, &t), RC_OK);
    return t;
}

static size_t listed(struct station *s, uint32_t languages, enum message_state state) {
    struct messages_query q = {.languages = languages, .state = state};
    struct message *rows;
    size_t n;
    bool more;
    assert_int_equal(message_list(s->arena, s->reader, &q, &rows, &n, &more), RC_OK);
    assert_false(more);
    return n;
}

static int64_t newest(struct station *s) {
    struct messages_query q = {.languages = UINT32_MAX, .state = MESSAGE_OPEN};
    struct message *rows;
    size_t n;
    bool more;
    assert_int_equal(message_list(s->arena, s->reader, &q, &rows, &n, &more), RC_OK);
    assert_true(n > 0);
    return rows[0].id;
}

static void test_sent_twice_is_one(void **state) {
    struct station *s = *state;
    struct taking first = add(s, LANG_EN, "Hello", NOW), again = add(s, LANG_EN, "Hello", NOW + US_PER_SECOND);
    assert_true(first.added && !again.added);
    assert_str_(again.reference, first.reference, __FILE__, __LINE__);
    assert_true(add(s, LANG_EN, "Hello!", NOW).added);
    assert_true(add(s, LANG_AR, "Hello", NOW).added);
    assert_true(add(s, LANG_EN, "Hello", NOW + HOUR).added);
    assert_int_equal(listed(s, 1u << LANG_EN, MESSAGE_OPEN), 3);
    assert_int_equal(listed(s, 1u << LANG_AR | 1u << LANG_EN, MESSAGE_OPEN), 4);
    assert_int_equal(listed(s, 1u << LANG_DE, MESSAGE_OPEN), 0);
    assert_int_equal(listed(s, 0, MESSAGE_OPEN), 0);
    assert_true(message_reference_known(s->reader, first.reference));
    for (size_t i = 0; i < first.reference.n; i++)
        assert_true(i == 4 ? first.reference.p[i] == '-' : strchr("01IOabc", first.reference.p[i]) == NULL);
    assert_false(message_reference_known(s->reader, STR("2222-2222")));
    assert_false(message_reference_known(s->reader, STR("' OR 1=1;")));
}

static enum rc job_fill(struct db *db, void *arg) {
    struct taking *t = arg;
    enum rc rc = RC_OK;
    for (int i = 0; rc == RC_OK && i < MESSAGES_HOUR_MAX; i++) {
        t->message.text = str_fmt(t->s->arena, "Number %d", i);
        rc = message_add(t->s->arena, db, &t->message, t->now, &t->reference, &t->added);
    }
    return rc;
}

static void test_no_more_than_people_can_read(void **state) {
    struct station *s = *state;
    struct taking t = add(s, LANG_EN, "before", NOW - 2 * HOUR);
    t.now = NOW;
    assert_int_equal(store_write(s->store, STORE_DURABLE, job_fill, &t), RC_OK);
    t.message.text = STR("one too many");
    assert_int_equal(store_write(s->store, STORE_DURABLE, job_add, &t), RC_BUSY);
    t.message.text = STR("Number 7"); // who sends it again is not told off
    assert_int_equal(store_write(s->store, STORE_DURABLE, job_add, &t), RC_OK);
    t.message.text = STR("an hour later");
    t.now = NOW + HOUR + 1;
    assert_int_equal(store_write(s->store, STORE_DURABLE, job_add, &t), RC_OK);
    assert_true(t.added);
}

static enum rc job_open(struct db *db, void *arg) {
    struct taking *t = arg;
    struct audit_who who = {.account_id = t->account, .name = STR("Ed")};
    return message_opened(db, &who, t->id, t->now);
}

static enum rc job_put(struct db *db, void *arg) {
    struct taking *t = arg;
    struct audit_who who = {.account_id = t->account, .name = STR("Ed")};
    return message_put(db, &who, t->id, t->state, t->now);
}

static enum rc job_delete(struct db *db, void *arg) {
    struct taking *t = arg;
    struct audit_who who = {.account_id = t->account, .name = STR("Ed")};
    return message_delete(db, &who, t->id);
}

static size_t audited(struct station *s) {
    struct audit_query q = {.kind = STR("message"), .limit = AUDIT_LIST_MAX};
    struct audit_entry *rows;
    size_t n;
    bool more;
    assert_int_equal(audit_list(s->arena, s->reader, &q, &rows, &n, &more), RC_OK);
    for (size_t i = 0; i < n; i++)
        assert_true(rows[i].before.n <= 8 && rows[i].after.n <= 8); // names of states, nothing that was written
    return n;
}

static void test_who_did_what(void **state) {
    struct station *s = *state;
    struct taking t = add(s, LANG_EN, "Hello", NOW);
    struct message m;
    int64_t unread = 0;
    t.id = newest(s);
    assert_int_equal(message_unread(s->arena, s->reader, 1u << LANG_EN, &unread), RC_OK);
    assert_int_equal(unread, 1);
    for (t.account = 7; t.account < 9; t.account++)
        for (int i = 0; i < 3; i++)
            assert_int_equal(store_write(s->store, STORE_DURABLE, job_open, &t), RC_OK);
    assert_int_equal(audited(s), 2);
    assert_int_equal(message_unread(s->arena, s->reader, 1u << LANG_EN, &unread), RC_OK);
    assert_int_equal(unread, 0);
    t.state = MESSAGE_ANSWERED;
    for (int i = 0; i < 2; i++)
        assert_int_equal(store_write(s->store, STORE_DURABLE, job_put, &t), RC_OK);
    assert_int_equal(audited(s), 3);
    assert_int_equal(message_by_id(s->arena, s->reader, t.id, &m), RC_OK);
    assert_int_equal(m.state, MESSAGE_ANSWERED);
    assert_str_(m.handled_by, STR("Ed"), __FILE__, __LINE__);
    assert_str_(m.text, STR("Hello"), __FILE__, __LINE__);
    assert_int_equal(store_write(s->store, STORE_DURABLE, job_delete, &t), RC_OK);
    assert_int_equal(store_write(s->store, STORE_DURABLE, job_delete, &t), RC_NOT_FOUND);
    assert_int_equal(store_write(s->store, STORE_DURABLE, job_open, &t), RC_NOT_FOUND);
    assert_int_equal(store_write(s->store, STORE_DURABLE, job_put, &t), RC_NOT_FOUND);
    assert_int_equal(audited(s), 4);
}

static void test_forgotten(void **state) {
    struct station *s = *state;
    struct taking t = add(s, LANG_EN, "x", NOW - 2 * HOUR);
    t.now = NOW;
    assert_int_equal(store_write(s->store, STORE_DURABLE, job_fill, &t), RC_OK); // more than one write takes
    (void)add(s, LANG_EN, "Later", NOW + HOUR + 1);
    assert_int_equal(messages_forget(s->store, s->reader, NOW), RC_OK);
    assert_true(message_reference_known(s->reader, t.reference));
    assert_int_equal(messages_forget(s->store, s->reader, NOW + 1), RC_OK);
    assert_false(message_reference_known(s->reader, t.reference));
    assert_int_equal(listed(s, 1u << LANG_EN, MESSAGE_OPEN), 1);
    assert_int_equal(messages_forget(s->store, s->reader, INT64_MAX), RC_OK);
    assert_int_equal(messages_forget(s->store, s->reader, INT64_MAX), RC_OK);
    assert_int_equal(listed(s, 1u << LANG_EN, MESSAGE_OPEN), 0);
}

int main(void) {
    station_main_start();
    const struct CMUnitTest tests[] = {NEWSROOM_TEST(test_sent_twice_is_one),
                                       NEWSROOM_TEST(test_no_more_than_people_can_read),
                                       NEWSROOM_TEST(test_who_did_what), NEWSROOM_TEST(test_forgotten)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
