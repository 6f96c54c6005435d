// SPDX-License-Identifier: AGPL-3.0-or-later
// What readers wrote to the station, for those who have the language: what waits for an answer, what was answered, what is in
// the trash. Answers go out by mail from where people write letters; here it is only kept that one did.
#include "desk/names.h"
#include "desk/routes.h"

struct messages {
    struct desk_visit *v;
    struct message message;
    enum message_state state;
    uint32_t languages;
};

static struct str one_address(struct messages *m, const char *rest) {
    return str_fmt(m->v->a, "/desk/messages/%lld%s", (long long)m->message.id, rest);
}

static struct str list_address(struct messages *m, enum message_state state) {
    return str_fmt(m->v->a, "/desk/messages?list=%.*s", STR_ARG(message_state_name(state)));
}

static struct str named(struct messages *m, const char *prefix, struct str name) {
    enum text_word w;
    must(text_word_find(str_fmt(m->v->a, "%s_%.*s", prefix, STR_ARG(name)), &w));
    return desk_word(m->v, w);
}

static struct str topic_text(struct messages *m, const struct message *row) {
    return named(m, "contact_topic", message_topic_name(row->topic));
}

uint32_t messages_languages(const struct desk_visit *v) {
    uint32_t languages = 0;
    for (int l = 0; l < LANG_COUNT; l++) {
        struct staff_object object = {(enum text_lang)l, 0, 0}; // also of one that is switched off
        if (staff_may(v->account, MAY_READ_MESSAGES, &object))
            languages |= UINT32_C(1) << l;
    }
    return languages;
}

// ---- the list ----------------------------------------------------------------------------------------------------------

static void list_tabs(struct messages *m, struct view_desk_page *page) {
    struct desk_visit *v = m->v;
    for (int s = MESSAGE_OPEN; s < MESSAGE_STATES; s++) {
        struct str name = message_state_name((enum message_state)s);
        desk_link(v, &page->tabs, named(m, "desk_messages", name), list_address(m, (enum message_state)s), STR_NONE);
        page->tabs.items[page->tabs.n - 1].current = s == (int)m->state;
    }
}

static void filter_block(struct messages *m, struct view_desk_page *page) {
    struct desk_visit *v = m->v;
    if ((m->languages & (m->languages - 1)) == 0)
        return;
    struct view_desk_form *form = desk_form(v, desk_block(v, page, STR_NONE), STR("/desk/messages"), W_FILTER);
    form->get = form->in_line = form->quiet = true;
    form->token = STR_NONE;
    desk_hidden(v, form, "list", message_state_name(m->state));
    struct view_desk_field *f = desk_select(v, form, "lang", W_DESK_LANGUAGE_OF, STR_NONE);
    desk_choice(v, f, STR(""), desk_word(v, W_DESK_ALL_LANGUAGES));
    for (int l = 0; l < LANG_COUNT; l++)
        if ((m->languages & UINT32_C(1) << l) != 0)
            desk_choice(v, f, text_lang_code((enum text_lang)l), text_lang_name((enum text_lang)l));
}

static void add_row(struct messages *m, struct view_desk_table *table, const struct message *row) {
    struct desk_visit *v = m->v;
    desk_row(v, table);
    struct view_desk_cell *cell = desk_cell(v, table, row->name);
    cell->address = str_fmt(v->a, "/desk/messages/%lld", (long long)row->id);
    cell->note = row->reference;
    if (row->read_at == 0) {
        cell->badge = desk_word(v, W_DESK_MESSAGE_NEW);
        cell->tone = STR("good");
    }
    desk_cell(v, table, topic_text(m, row));
    desk_cell(v, table, text_lang_name(row->lang));
    desk_cell(v, table, desk_date(v, row->received_at));
}

static void table_block(struct messages *m, struct view_desk_page *page, const struct message *rows, size_t n,
                        bool more) {
    static const enum text_word columns[] = {W_DESK_MESSAGE_FROM, W_CONTACT_TOPIC, W_DESK_LANGUAGE_OF, W_DESK_WHEN};
    struct desk_visit *v = m->v;
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    if (n == 0) {
        block->empty = desk_word(v, W_DESK_LIST_NONE);
        return;
    }
    struct view_desk_table *table = desk_table(v, block, W_DESK_MESSAGES);
    desk_columns(v, table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < n; i++)
        add_row(m, table, &rows[i]);
    if (more)
        table->more = (struct view_desk_link){
            .label = desk_word(v, W_DESK_OLDER),
            .address =
                str_fmt(v->a, "%.*s&lang=%.*s&at=%lld&after=%lld", STR_ARG(list_address(m, m->state)),
                        STR_ARG(desk_field(v, "lang")), (long long)rows[n - 1].received_at, (long long)rows[n - 1].id)};
}

enum rc messages_list_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct messages m = {.v = &v};
    struct message *rows;
    size_t n;
    bool more;
    enum text_lang lang;
    desk_begin(&v, req, reply);
    m.languages = messages_languages(&v);
    (void)message_state_find(desk_field(&v, "list"), &m.state);
    struct messages_query q = {.languages = m.languages, .state = m.state};
    if (text_lang_find(desk_field(&v, "lang"), &lang))
        q.languages &= UINT32_C(1) << lang;
    (void)str_to_i64(desk_field(&v, "at"), &q.before_at);
    (void)str_to_i64(desk_field(&v, "after"), &q.before_id);
    enum rc rc = m.languages == 0 ? RC_DENIED : message_list(v.a, v.db, &q, &rows, &n, &more);
    if (rc != RC_OK)
        return rc;
    struct view_desk_page *page = desk_page(&v, W_DESK_MESSAGES);
    int64_t days = v.site->message_days;
    page->intro = text_phrase(v.a, v.lang, W_DESK_MESSAGES_KEPT, days, desk_number_text(&v, days), STR_NONE);
    list_tabs(&m, page);
    filter_block(&m, page);
    table_block(&m, page, rows, n, more);
    return desk_send(&v, page, 0);
}

// ---- one message -----------------------------------------------------------------------------------------------------------

static enum rc find(struct messages *m, struct http_request *req, struct http_reply *reply) {
    desk_begin(m->v, req, reply);
    enum rc rc = message_by_id(m->v->a, m->v->db, desk_number(m->v, 0), &m->message);
    if (rc != RC_OK)
        return rc;
    m->languages = messages_languages(m->v);
    return m->message.lang < LANG_COUNT && (m->languages & UINT32_C(1) << m->message.lang) != 0 ? RC_OK : RC_DENIED;
}

// With a subject that holds the reference (RFC 6068).
static struct str reply_address(struct messages *m) {
    struct desk_visit *v = m->v;
    struct str station = setting_get(v->a, v->db, "station_name", m->message.lang);
    struct buf b;
    buf_init(&b, 4096);
    struct str to = link_mail(v->a, m->message.email);
    buf_fmt(&b, "%.*s?subject=", STR_ARG(to));
    percent_encode_segment(&b, str_fmt(v->a, "%.*s [%.*s]", STR_ARG(station), STR_ARG(m->message.reference)));
    struct str out = str_dup(v->a, buf_view(&b));
    buf_fini(&b);
    return out;
}

static void facts_block(struct messages *m, struct view_desk_page *page) {
    const struct message *row = &m->message;
    struct desk_visit *v = m->v;
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    desk_fact(v, block, W_DESK_MESSAGE_FROM, row->name);
    desk_fact(v, block, W_CONTACT_EMAIL, row->email.n > 0 ? row->email : desk_word(v, W_DESK_MESSAGE_NO_EMAIL));
    desk_fact(v, block, W_DESK_WHEN, desk_date(v, row->received_at));
    desk_fact(v, block, W_DESK_LANGUAGE_OF, text_lang_name(row->lang));
    desk_fact(v, block, W_DESK_MESSAGE_REFERENCE, row->reference);
    desk_fact(v, block, W_DESK_STATE, named(m, "desk_messages", message_state_name(row->state)));
    if (row->handled_at != 0)
        desk_fact(v, block, W_DESK_MESSAGE_HANDLED,
                  str_fmt(v->a, "%.*s, %.*s", STR_ARG(row->handled_by), STR_ARG(desk_date(v, row->handled_at))));
    desk_words(v, block, row->lang, row->text);
}

// The way to an answer, and one button for each of the other two states.
static void put_block(struct messages *m, struct view_desk_page *page) {
    static const enum text_word labels[MESSAGE_STATES] = {W_COUNT, W_DESK_MESSAGE_TO_OPEN, W_DESK_MESSAGE_TO_ANSWERED,
                                                          W_DESK_MESSAGE_TO_TRASH};
    struct desk_visit *v = m->v;
    struct view_desk_form *form = NULL;
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    static const enum message_state order[] = {MESSAGE_ANSWERED, MESSAGE_OPEN, MESSAGE_TRASH};
    if (m->message.email.n > 0)
        desk_link(v, &block->links, desk_word(v, W_DESK_MESSAGE_REPLY), reply_address(m), m->message.email);
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        struct str name = message_state_name(order[i]);
        if (order[i] == m->message.state)
            continue;
        if (form == NULL) {
            form = desk_form(v, block, one_address(m, ""), labels[order[i]]);
            desk_hidden(v, form, "otherwise", name);
        } else {
            desk_also(v, form, "state", name.p, labels[order[i]]);
        }
    }
}

static enum rc opened(struct db *db, void *arg) {
    struct messages *m = arg;
    struct audit_who who = desk_who(m->v);
    return message_opened(db, &who, m->message.id, m->v->now);
}

// To look is to have read: it is written down who did, because the words are somebody's own.
enum rc message_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct messages m = {.v = &v};
    enum rc rc = find(&m, req, reply);
    if (rc == RC_OK && req->method == HTTP_GET && m.message.read_by != v.account->id)
        rc = store_write(v.site->store, STORE_DURABLE, opened, &m);
    if (rc != RC_OK)
        return rc;
    struct view_desk_page *page = desk_page_named(&v, topic_text(&m, &m.message));
    desk_crumb(&v, page, desk_word(&v, W_DESK_MESSAGES), list_address(&m, m.message.state));
    facts_block(&m, page);
    put_block(&m, page);
    struct view_desk_block *block = desk_block(&v, page, desk_word(&v, W_DESK_MESSAGE_DELETE));
    block->text = desk_word(&v, W_DESK_MESSAGE_DELETE_TEXT);
    struct view_desk_form *form = desk_form(&v, block, one_address(&m, "/delete"), W_DESK_MESSAGE_DELETE);
    form->danger = form->quiet = true;
    desk_tick(&v, form, "sure", W_DESK_SURE, false)->required = true;
    return desk_send(&v, page, 0);
}

static enum rc put(struct db *db, void *arg) {
    struct messages *m = arg;
    struct audit_who who = desk_who(m->v);
    return message_put(db, &who, m->message.id, m->state, m->v->now);
}

enum rc message_put_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct messages m = {.v = &v};
    enum rc rc = find(&m, req, reply);
    struct str state = desk_field(&v, "state");
    if (rc == RC_OK && !message_state_find(state.n > 0 ? state : desk_field(&v, "otherwise"), &m.state))
        rc = RC_INVALID;
    enum message_state was = m.message.state;
    if (rc == RC_OK)
        rc = store_write(v.site->store, STORE_DURABLE, put, &m);
    static const char *const said[] = {
        [MESSAGE_OPEN] = "message_open", [MESSAGE_ANSWERED] = "message_answered", [MESSAGE_TRASH] = "message_trash"};
    return rc == RC_OK ? desk_go(&v, list_address(&m, was), said[m.state]) : rc;
}

static enum rc take_away(struct db *db, void *arg) {
    struct messages *m = arg;
    struct audit_who who = desk_who(m->v);
    return message_delete(db, &who, m->message.id);
}

enum rc message_delete_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct messages m = {.v = &v};
    enum rc rc = find(&m, req, reply);
    if (rc != RC_OK)
        return rc;
    if (!req->form_ok)
        return desk_go(&v, one_address(&m, ""), "not_sure");
    rc = store_write(v.site->store, STORE_DURABLE, take_away, &m);
    return rc == RC_OK ? desk_go(&v, list_address(&m, m.message.state), "deleted") : rc;
}
