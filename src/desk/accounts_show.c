// SPDX-License-Identifier: AGPL-3.0-or-later
// Who may work here: the list, and the page on which one account is added or changed. Bylines are people, not accounts,
// and stay when an account goes.
#include "desk/mail.h"
#include "desk/parts.h"
#include "desk/routes.h"
#include "news/news.h"

static const struct {
    enum staff_role role;
    enum text_word name, hint;
} role_rows[] = {
    {STAFF_REPORTER, W_DESK_ROLE_REPORTER, W_DESK_ROLE_REPORTER_MAY},
    {STAFF_EDITOR, W_DESK_ROLE_EDITOR, W_DESK_ROLE_EDITOR_MAY},
    {STAFF_TRANSLATOR, W_DESK_ROLE_TRANSLATOR, W_DESK_ROLE_TRANSLATOR_MAY},
    {STAFF_ENGINEER, W_DESK_ROLE_ENGINEER, W_DESK_ROLE_ENGINEER_MAY},
    {STAFF_INTEGRITY, W_DESK_ROLE_INTEGRITY, W_DESK_ROLE_INTEGRITY_MAY},
    {STAFF_ADMIN, W_DESK_ROLE_ADMIN, W_DESK_ROLE_ADMIN_MAY},
};
enum { ROLES = sizeof(role_rows) / sizeof(role_rows[0]) };

static struct str join(struct arena *a, struct str list, const char *sign, struct str more) {
    return list.n == 0 ? more : str_fmt(a, "%.*s%s%.*s", STR_ARG(list), sign, STR_ARG(more));
}

// ---- the list ------------------------------------------------------------------------------------------------------------

static struct str role_names(struct desk_visit *v, uint32_t roles) {
    struct str names = STR_NONE;
    for (size_t i = 0; i < ROLES; i++)
        if ((roles & role_rows[i].role) != 0)
            names = join(v->a, names, ", ", desk_word(v, role_rows[i].name));
    return names;
}

static struct str language_codes(struct desk_visit *v, uint32_t languages) {
    struct str codes = STR_NONE;
    for (int l = 0; l < LANG_COUNT; l++)
        if ((languages & (1u << l)) != 0)
            codes = join(v->a, codes, " ", text_lang_code((enum text_lang)l));
    return codes;
}

static void add_row(struct desk_visit *v, struct view_desk_table *table, const struct account *acc) {
    bool proved = acc->has_totp || acc->passkey_count > 0;
    desk_row(v, table);
    struct view_desk_cell *cell = desk_cell(v, table, acc->name);
    cell->address = str_fmt(v->a, "/desk/accounts/%lld", (long long)acc->id);
    cell->note = acc->login;
    if (acc->state == ACCOUNT_BLOCKED || !proved) {
        cell->badge = desk_word(v, acc->state == ACCOUNT_BLOCKED ? W_DESK_BLOCKED : W_DESK_NOT_READY);
        cell->tone = acc->state == ACCOUNT_BLOCKED ? STR("bad") : STR("plain");
    }
    desk_cell(v, table, role_names(v, acc->roles));
    desk_cell(v, table, acc->languages == 0 ? desk_word(v, W_DESK_ALL_LANGUAGES) : language_codes(v, acc->languages));
    desk_cell(v, table, acc->last_login_at != 0 ? desk_date(v, acc->last_login_at) : desk_word(v, W_DESK_NEVER));
}

enum rc accounts_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct account *all;
    size_t count;
    desk_begin(&v, req, reply);
    enum rc rc = account_list(v.a, v.db, &all, &count);
    if (rc != RC_OK)
        return rc;
    struct view_desk_page *page = desk_page(&v, W_DESK_ACCOUNTS);
    desk_intro(&v, page, W_DESK_ACCOUNTS_NOTE);
    desk_action(&v, page, W_DESK_ACCOUNT_ADD, STR("/desk/accounts/new"));
    struct view_desk_table *table = desk_table(&v, desk_block(&v, page, STR_NONE), W_DESK_ACCOUNTS);
    desk_column(&v, table, desk_word(&v, W_DESK_NAME));
    desk_column(&v, table, desk_word(&v, W_DESK_ROLES));
    desk_column(&v, table, desk_word(&v, W_DESK_LANGUAGES));
    desk_column(&v, table, desk_word(&v, W_DESK_LAST_LOGIN));
    for (size_t i = 0; i < count; i++)
        add_row(&v, table, &all[i]);
    return desk_send(&v, page, 0);
}

// ---- one account -----------------------------------------------------------------------------------------------------------

struct editing {
    struct desk_visit *v;
    struct account acc;
    struct problem problem;
    struct str token; // of a link that was made
    bool sent;        // by mail too
};

static struct str section_words(struct arena *a, const struct account *acc) {
    struct str words = STR_NONE;
    for (size_t i = 0; i < acc->section_count; i++)
        words = join(a, words, " ", str_fmt(a, "%lld", (long long)acc->sections[i]));
    return words;
}

static struct str role_words(struct arena *a, uint32_t roles) {
    struct str words = STR_NONE;
    for (size_t i = 0; i < ROLES; i++)
        if ((roles & role_rows[i].role) != 0)
            words = join(a, words, " ", staff_role_name(role_rows[i].role));
    return words;
}

static enum rc add_sections(struct desk_visit *v, struct view_desk_form *form, const struct account *acc) {
    struct view_desk_field *f = desk_checks(v, form, "sections", W_DESK_SECTIONS, section_words(v->a, acc));
    desk_hint(v, f, W_DESK_SECTIONS_HINT);
    enum rc rc = RC_OK;
    for (int l = 0; rc == RC_OK && l < LANG_COUNT; l++) {
        struct section *sections;
        size_t count = 0;
        if ((v->site->languages & (1u << l)) == 0)
            continue;
        rc = section_list(v->a, v->db, (enum text_lang)l, &sections, &count);
        for (size_t i = 0; rc == RC_OK && i < count; i++)
            desk_choice(
                v, f, str_fmt(v->a, "%lld", (long long)sections[i].id),
                str_fmt(v->a, "%.*s (%.*s)", STR_ARG(sections[i].name), STR_ARG(text_lang_code((enum text_lang)l))));
    }
    return rc;
}

static enum rc add_form(struct desk_visit *v, struct view_desk_block *block, const struct account *acc) {
    struct view_desk_form *form = desk_form(v, block, v->req->path, acc->id != 0 ? W_DESK_SAVE : W_DESK_ACCOUNT_MAKE);
    desk_line(v, form, "name", W_DESK_NAME, acc->name)->max = 100;
    struct view_desk_field *f = desk_line(v, form, "login", W_DESK_LOGIN, acc->login);
    f->type = STR("email");
    f->max = MAIL_MAX;
    f = desk_checks(v, form, "roles", W_DESK_ROLES, role_words(v->a, acc->roles));
    for (size_t i = 0; i < ROLES; i++)
        desk_choice(v, f, staff_role_name(role_rows[i].role), desk_word(v, role_rows[i].name))->hint =
            desk_word(v, role_rows[i].hint);
    f = desk_checks(v, form, "languages", W_DESK_LANGUAGES, language_codes(v, acc->languages));
    desk_hint(v, f, W_DESK_LANGUAGES_HINT);
    desk_choose_language(v, f);
    enum rc rc = add_sections(v, form, acc);
    desk_choose_language(v, desk_select(v, form, "lang", W_DESK_LANGUAGE, text_lang_code(acc->desk_lang)));
    if (acc->id != 0)
        desk_tick(v, form, "blocked", W_DESK_BLOCK, acc->state == ACCOUNT_BLOCKED);
    desk_hidden(v, form, "version", str_fmt(v->a, "%lld", (long long)acc->version));
    return rc;
}

// What can be done to an account that is there: a link for its owner, and taking it away.
static void add_more(struct desk_visit *v, struct view_desk_page *page, const struct account *acc) {
    struct str here = str_fmt(v->a, "/desk/accounts/%lld", (long long)acc->id);
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_LINK));
    block->text = desk_word(v, acc->has_password ? W_DESK_LINK_RESET_TEXT : W_DESK_LINK_INVITE_TEXT);
    desk_form(v, block, str_fmt(v->a, "%.*s/link", STR_ARG(here)), W_DESK_LINK_MAKE)->quiet = true;
    if (acc->id == v->account->id)
        return;
    block = desk_block(v, page, desk_word(v, W_DESK_DELETE));
    block->text = desk_word(v, W_DESK_DELETE_TEXT);
    struct view_desk_form *form = desk_form(v, block, str_fmt(v->a, "%.*s/delete", STR_ARG(here)), W_DESK_DELETE);
    form->danger = true;
    desk_tick(v, form, "sure", W_DESK_DELETE_SURE, false)->required = true;
}

static enum rc show(struct editing *e, int status) {
    struct desk_visit *v = e->v;
    struct view_desk_page *page = e->acc.id != 0 ? desk_page_named(v, e->acc.name) : desk_page(v, W_DESK_ACCOUNT_ADD);
    desk_crumb(v, page, desk_word(v, W_DESK_ACCOUNTS), STR("/desk/accounts"));
    enum rc rc = add_form(v, desk_block(v, page, STR_NONE), &e->acc);
    if (rc == RC_OK && e->acc.id != 0)
        add_more(v, page, &e->acc);
    return rc == RC_OK ? desk_send(v, page, status) : rc;
}

static void new_account(struct editing *e) {
    e->acc = (struct account){.state = ACCOUNT_ACTIVE, .desk_lang = e->v->site->default_lang};
}

static enum rc load(struct editing *e) {
    enum rc rc = account_by_id(e->v->a, e->v->db, desk_number(e->v, 0), &e->acc);
    return rc == RC_OK && e->acc.state == ACCOUNT_DELETED ? RC_NOT_FOUND : rc;
}

enum rc account_new_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct editing e = {.v = &v};
    new_account(&e);
    return desk_is_fresh(&v, NULL) ? show(&e, 0) : RC_OK;
}

enum rc account_edit_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct editing e = {.v = &v};
    if (!desk_is_fresh(&v, NULL))
        return RC_OK;
    enum rc rc = load(&e);
    return rc == RC_OK ? show(&e, 0) : rc;
}

// ---- changes -----------------------------------------------------------------------------------------------------------------

static void take_words(struct editing *e) {
    struct desk_visit *v = e->v;
    struct str words = desk_field(v, "roles"), word;
    enum staff_role role;
    enum text_lang lang;
    int64_t id;
    e->acc.roles = e->acc.languages = 0;
    e->acc.section_count = 0;
    while (str_next(&words, ' ', &word))
        if (staff_role_find(word, &role))
            e->acc.roles |= (uint32_t)role;
    words = desk_field(v, "languages");
    while (str_next(&words, ' ', &word))
        if (text_lang_find(word, &lang))
            e->acc.languages |= 1u << lang;
    words = desk_field(v, "sections");
    while (str_next(&words, ' ', &word) && e->acc.section_count < STAFF_SECTIONS_MAX)
        if (str_to_i64(word, &id))
            e->acc.sections[e->acc.section_count++] = id;
}

static void take_form(struct editing *e) {
    struct desk_visit *v = e->v;
    e->acc.name = desk_field(v, "name");
    e->acc.login = login_fold(v->a, http_request_field(v->req, "login"));
    take_words(e);
    if (e->acc.roles == 0)
        desk_problem(v, "roles", W_DESK_ROLES_NONE);
    if (!text_lang_find(desk_field(v, "lang"), &e->acc.desk_lang))
        desk_problem(v, "lang", W_FORM_REQUIRED);
    if (e->acc.id != 0)
        e->acc.state = desk_field(v, "blocked").n > 0 ? ACCOUNT_BLOCKED : ACCOUNT_ACTIVE;
    if (!str_to_i64(desk_field(v, "version"), &e->acc.version))
        e->acc.version = 0;
}

static enum rc make_link(struct db *db, struct editing *e, const struct account *acc) {
    struct audit_who who = desk_who(e->v);
    enum link_purpose purpose = acc->has_password ? LINK_RESET : LINK_INVITE;
    enum rc rc = staff_link_make(e->v->a, db, &who, purpose, acc->id, e->v->now, &e->token);
    return rc == RC_OK ? mail_link(e->v, db, acc, e->token, STR_NONE, &e->sent) : rc;
}

static enum rc save(struct db *db, void *arg) {
    struct editing *e = arg;
    struct audit_who who = desk_who(e->v);
    struct account acc = e->acc; // what a try that is made again begins with
    enum rc rc = account_save(e->v->a, db, &who, &acc, &e->problem);
    if (rc == RC_OK && e->acc.id == 0)
        rc = make_link(db, e, &acc);
    return rc;
}

static enum rc show_link(struct editing *e) {
    struct desk_visit *v = e->v;
    struct view_desk_page *page = desk_page(v, W_DESK_LINK_READY);
    desk_crumb(v, page, desk_word(v, W_DESK_ACCOUNTS), STR("/desk/accounts"));
    page->intro = text_phrase(v->a, v->lang, W_DESK_LINK_READY_TEXT, 0, e->acc.login, STR_NONE);
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    block->warning = true;
    if (e->sent)
        block->text = text_phrase(v->a, v->lang, W_DESK_LINK_MAILED, 0, e->acc.login, STR_NONE);
    desk_code(v, block, str_fmt(v->a, "%.*s/desk/link/%.*s", STR_ARG(v->site->origin), STR_ARG(e->token)));
    desk_action(v, page, W_DESK_ACCOUNTS, STR("/desk/accounts"));
    return desk_send(v, page, 0);
}

static enum rc saved(struct editing *e, enum rc rc) {
    struct desk_visit *v = e->v;
    if (rc == RC_INVALID || rc == RC_CONFLICT || rc == RC_DENIED) {
        if (rc == RC_INVALID)
            desk_problem_text(v, "login", desk_reason(v, &e->problem));
        else
            desk_fail(v, rc == RC_CONFLICT ? W_DESK_ACCOUNT_CONFLICT : W_DESK_LAST_ADMIN);
        return show(e, rc == RC_CONFLICT ? 409 : 422);
    }
    if (rc != RC_OK)
        return rc;
    return e->token.n > 0 ? show_link(e) : desk_go(v, STR("/desk/accounts"), "saved");
}

enum rc account_new_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct editing e = {.v = &v};
    if (!desk_is_fresh(&v, NULL))
        return RC_OK;
    new_account(&e);
    take_form(&e);
    if (!desk_form_ok(&v))
        return show(&e, 422);
    return saved(&e, store_write(v.site->store, STORE_DURABLE, save, &e));
}

enum rc account_edit_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct editing e = {.v = &v};
    if (!desk_is_fresh(&v, NULL))
        return RC_OK;
    enum rc rc = load(&e);
    if (rc != RC_OK)
        return rc;
    take_form(&e);
    if (!desk_form_ok(&v))
        return show(&e, 422);
    return saved(&e, store_write(v.site->store, STORE_DURABLE, save, &e));
}

static enum rc only_link(struct db *db, void *arg) {
    struct editing *e = arg;
    return make_link(db, e, &e->acc);
}

enum rc account_link_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct editing e = {.v = &v};
    if (!desk_is_fresh(&v, "/desk/accounts"))
        return RC_OK;
    enum rc rc = load(&e);
    if (rc == RC_OK)
        rc = store_write(v.site->store, STORE_DURABLE, only_link, &e);
    return rc == RC_OK ? show_link(&e) : rc;
}

static enum rc take_away(struct db *db, void *arg) {
    struct editing *e = arg;
    struct audit_who who = desk_who(e->v);
    return account_delete(e->v->a, db, &who, e->acc.id, &e->problem);
}

enum rc account_delete_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct editing e = {.v = &v};
    if (!desk_is_fresh(&v, "/desk/accounts"))
        return RC_OK;
    enum rc rc = load(&e);
    if (rc != RC_OK)
        return rc;
    if (e.acc.id == v.account->id)
        return RC_DENIED;
    if (!req->form_ok)
        return desk_go(&v, str_fmt(v.a, "/desk/accounts/%lld", (long long)e.acc.id), "not_sure");
    rc = store_write(v.site->store, STORE_DURABLE, take_away, &e);
    if (rc == RC_DENIED) {
        desk_fail(&v, W_DESK_LAST_ADMIN);
        return show(&e, 422);
    }
    return rc == RC_OK ? desk_go(&v, STR("/desk/accounts"), "deleted") : rc;
}
