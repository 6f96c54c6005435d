// SPDX-License-Identifier: AGPL-3.0-or-later
// On the page of mail: the password that the mail server asks for, which is written and never read again, and letters of
// trial to oneself, with what the server said of them.
#include "desk/mail.h"
#include "desk/parameters.h"
#include "desk/routes.h"

enum { TESTS_SHOWN = 3, TEST_MINUTES = 30 };
#define TEST_KEY "test-letter-"

// ---- the password ------------------------------------------------------------------------------------------------------

void mail_password_fields(struct desk_visit *v, struct view_desk_form *form) {
    enum site_password now = v->site->running->password(v->site);
    if (now == SITE_PASSWORD_IN_FILE)
        return;
    struct view_desk_field *f = desk_secret(v, form, "password", W_PARAM_PASSWORD, "new-password");
    f->max = SITE_PASSWORD_MAX;
    desk_hint(v, f, now == SITE_PASSWORD_SET ? W_PARAM_PASSWORD_SET : W_PARAM_PASSWORD_NONE);
    if (now == SITE_PASSWORD_SET)
        desk_tick(v, form, "password_drop", W_PARAM_PASSWORD_DROP, false);
}

static struct str typed_password(const struct desk_visit *v) {
    return http_request_field(v->req, "password");
}

static bool wants_none(const struct desk_visit *v) {
    return typed_password(v).n == 0 && desk_field(v, "password_drop").n > 0;
}

bool mail_password_check(struct desk_visit *v) {
    struct str typed = typed_password(v);
    for (size_t i = 0; i < typed.n; i++)
        if ((unsigned char)typed.p[i] < ' ') {
            desk_problem(v, "password", W_FORM_BAD_TEXT);
            return false;
        }
    return typed.n == 0 || v->site->running->password(v->site) != SITE_PASSWORD_IN_FILE;
}

// That it changed is written down, what it is nowhere.
enum rc mail_password_take(struct parameters_saving *s, struct db *db) {
    bool none = wants_none(s->v);
    if (!none && typed_password(s->v).n == 0)
        return RC_OK;
    s->saved.password_too = true;
    s->saved.password = typed_password(s->v);
    return parameter_audit(s->v, db, "smtp_password", STR(""), none ? STR("removed") : STR("set"));
}

// ---- letters of trial --------------------------------------------------------------------------------------------------

static struct str key_prefix(struct desk_visit *v) {
    return str_fmt(v->a, TEST_KEY "%lld-", (long long)v->account->id);
}

static void show_test(struct desk_visit *v, struct view_desk_table *table, const struct outbox_item *item) {
    static const enum text_word words[] = {[OUTBOX_WAITING] = W_PARAM_TEST_WAITING,
                                           [OUTBOX_CLAIMED] = W_PARAM_TEST_CLAIMED,
                                           [OUTBOX_DONE] = W_PARAM_TEST_SENT,
                                           [OUTBOX_DEAD] = W_PARAM_TEST_FAILED};
    desk_row(v, table);
    struct view_desk_cell *cell = desk_cell(v, table, desk_date(v, item->due_at));
    cell = desk_cell(v, table, STR_NONE);
    cell->badge = desk_word(v, words[item->state]);
    cell->tone = item->state == OUTBOX_DONE                        ? STR("good")
                 : item->state == OUTBOX_DEAD || item->error.n > 0 ? STR("bad")
                                                                   : STR("plain");
    desk_cell(v, table, item->error);
}

enum rc mail_tests_show(struct desk_visit *v, struct view_desk_page *page) {
    struct outbox_item *items;
    size_t count;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_PARAM_TEST));
    block->id = STR("test");
    if (!v->site->sends_mail) {
        block->text = desk_word(v, W_PARAM_TEST_NO_SERVER);
        return RC_OK;
    }
    block->text = text_phrase(v->a, v->lang, W_PARAM_TEST_TEXT, 0, v->account->login, STR_NONE);
    enum rc rc = outbox_list_keyed(v->a, v->db, key_prefix(v), TESTS_SHOWN, &items, &count);
    if (rc == RC_OK && count > 0) {
        struct view_desk_table *table = desk_table(v, block, W_PARAM_TEST);
        desk_column(v, table, desk_word(v, W_SYSTEM_SINCE));
        desk_column(v, table, desk_word(v, W_PARAM_TEST_STATE));
        desk_column(v, table, desk_word(v, W_PARAM_TEST_ANSWER));
        for (size_t i = 0; i < count; i++)
            show_test(v, table, &items[i]);
        table->more = (struct view_desk_link){.label = desk_word(v, W_PARAM_LOOK_AGAIN),
                                              .address = STR("/desk/parameters/mail#test")};
    }
    desk_form(v, block, STR("/desk/parameters/mail/test"), W_PARAM_TEST_SEND)->quiet = true;
    return rc;
}

static enum rc add_test(struct db *db, void *arg) {
    struct desk_visit *v = arg;
    bool sent;
    struct audit_entry entry = {.who = desk_who(v), .verb = STR("test"), .kind = STR("mail")};
    struct str key = str_fmt(v->a, "%.*s%lld", STR_ARG(key_prefix(v)), (long long)id_next());
    enum rc rc = mail_test(v, db, key, v->now + TEST_MINUTES * 60 * US_PER_SECOND, &sent);
    return rc == RC_OK ? audit_add(db, &entry) : rc;
}

enum rc mail_test_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    if (!desk_is_fresh(&v, "/desk/parameters/mail"))
        return RC_OK;
    enum rc rc = v.site->sends_mail ? store_write(v.site->store, STORE_DURABLE, add_test, &v) : RC_OK;
    return rc == RC_OK ? desk_go(&v, STR("/desk/parameters/mail"), v.site->sends_mail ? "test_letter" : NULL) : rc;
}
