// SPDX-License-Identifier: AGPL-3.0-or-later
// The desk's lists of texts: one's own, what waits for an editor, what is scheduled, what needs a hand. And beginning a
// new one.
#include "desk/manuscript.h"
#include "desk/routes.h"

enum { PAGE_ROWS = 30, HOME_ROWS = 5 };

static const struct list {
    const char *key;
    enum text_word label, empty;
    enum manuscripts_of of;
    enum manuscript_state state;
} lists[] = {
    {"own", W_DESK_LIST_OWN, W_DESK_LIST_OWN_NONE, MANUSCRIPTS_OWN, MANUSCRIPT_DRAFT},
    {"review", W_DESK_LIST_REVIEW, W_DESK_LIST_NONE, MANUSCRIPTS_IN_STATE, MANUSCRIPT_REVIEW},
    {"ahead", W_DESK_LIST_AHEAD, W_DESK_LIST_NONE, MANUSCRIPTS_AHEAD, MANUSCRIPT_OUT},
    {"drafts", W_DESK_LIST_DRAFTS, W_DESK_LIST_NONE, MANUSCRIPTS_IN_STATE, MANUSCRIPT_DRAFT},
    {"scheduled", W_DESK_LIST_SCHEDULED, W_DESK_LIST_NONE, MANUSCRIPTS_SCHEDULED, MANUSCRIPT_OUT},
    {"out", W_DESK_LIST_OUT, W_DESK_LIST_NONE, MANUSCRIPTS_IN_STATE, MANUSCRIPT_OUT},
    {"stale", W_DESK_LIST_STALE, W_DESK_LIST_NONE, MANUSCRIPTS_STALE, MANUSCRIPT_DRAFT},
    {"alt", W_DESK_LIST_ALT, W_DESK_LIST_NONE, MANUSCRIPTS_NO_ALT, MANUSCRIPT_DRAFT},
    {"all", W_DESK_LIST_ALL, W_DESK_LIST_NONE, MANUSCRIPTS_ALL, MANUSCRIPT_DRAFT},
};
enum { LISTS = sizeof lists / sizeof lists[0] };

static const struct list *list_named(struct str key) {
    for (size_t i = 0; i < LISTS; i++)
        if (str_eq(key, str_from(lists[i].key)))
            return &lists[i];
    return NULL;
}

// The one asked for; else one's own texts, or all for whoever has begun none.
static enum rc list_of(struct desk_visit *v, const struct list **out) {
    *out = list_named(desk_field(v, "list"));
    if (*out != NULL)
        return RC_OK;
    struct manuscripts_query q = {.of = MANUSCRIPTS_OWN, .account_id = v->account->id, .now_us = v->now, .limit = 1};
    struct manuscript *rows;
    size_t count = 0;
    struct manuscripts_rest rest;
    enum rc rc = manuscript_list(v->a, v->db, &q, &rows, &count, &rest);
    *out = list_named(count > 0 ? STR("own") : STR("all"));
    return rc;
}

static struct str list_address(struct desk_visit *v, const struct list *list, const struct manuscripts_rest *rest) {
    struct str words = desk_field(v, "q"), lang = desk_field(v, "lang");
    struct buf b;
    buf_init(&b, 2048);
    buf_fmt(&b, "/desk/articles?list=%s", list->key);
    if (lang.n > 0)
        buf_fmt(&b, "&lang=%.*s", STR_ARG(lang));
    if (words.n > 0) {
        buf_c(&b, "&q=");
        percent_encode_segment(&b, words);
    }
    if (rest != NULL)
        buf_fmt(&b, "&at=%lld&after=%lld", (long long)rest->at, (long long)rest->id);
    struct str out = str_dup(v->a, buf_view(&b));
    buf_fini(&b);
    return out;
}

static void tabs(struct desk_visit *v, struct view_desk_page *page, const struct list *chosen) {
    for (size_t i = 0; i < LISTS; i++) {
        desk_link(v, &page->tabs, desk_word(v, lists[i].label), list_address(v, &lists[i], NULL), STR_NONE);
        page->tabs.items[i].current = &lists[i] == chosen;
    }
}

static void filter(struct desk_visit *v, struct view_desk_block *block, const struct list *list) {
    struct view_desk_form *form = desk_form(v, block, STR("/desk/articles"), W_DESK_SHOW);
    form->get = form->in_line = form->quiet = true;
    desk_hidden(v, form, "list", str_from(list->key));
    struct view_desk_field *f = desk_line(v, form, "q", W_DESK_WORDS, desk_field(v, "q"));
    f->type = STR("search");
    f->max = 100;
    f = desk_select(v, form, "lang", W_DESK_LANGUAGE_OF, desk_field(v, "lang"));
    desk_choice(v, f, STR_NONE, desk_word(v, W_DESK_ALL_LANGUAGES));
    desk_choose_language(v, f);
}

// Those of the account, and of these the one asked for. 0 would be all: an account without limits that asks for none.
static uint32_t languages_of(const struct desk_visit *v) {
    enum text_lang lang;
    uint32_t own = v->account->languages != 0 ? v->account->languages : (1u << LANG_COUNT) - 1;
    return text_lang_find(desk_field(v, "lang"), &lang) ? own & (1u << lang) : own;
}

static void row(struct desk_visit *v, struct view_desk_table *table, const struct manuscript *m) {
    desk_row(v, table);
    struct view_desk_cell *cell = desk_cell(v, table, manuscript_title(v, m->headline));
    cell->address = manuscript_address(v, m->id, "");
    if (m->lease.account_id != 0 && m->lease.until_us > v->now && m->lease.account_id != v->account->id)
        cell->note = text_phrase(v->a, v->lang, W_DESK_OPEN_BY, 0, m->lease.name, STR_NONE);
    cell = desk_cell(v, table, STR_NONE);
    manuscript_badge(v, m, &cell->badge, &cell->tone);
    if (m->state == MANUSCRIPT_OUT && m->version != m->published_version)
        cell->note = desk_word(v, W_DESK_AHEAD);
    desk_cell(v, table, text_lang_name(m->lang));
    bool pending = m->state == MANUSCRIPT_OUT && m->publish_at > v->now;
    cell = desk_cell(v, table, desk_date(v, pending ? m->publish_at : m->saved_at));
    cell->note = pending ? STR_NONE : m->saved_by_name;
}

static enum rc rows_show(struct desk_visit *v, struct view_desk_block *block, const struct list *list, size_t most) {
    struct manuscripts_query q = {.of = list->of,
                                  .state = list->state,
                                  .account_id = v->account->id,
                                  .languages = languages_of(v),
                                  .words = desk_field(v, "q"),
                                  .now_us = v->now,
                                  .limit = most};
    struct manuscript *rows;
    size_t count, shown = 0;
    struct manuscripts_rest rest;
    (void)str_to_i64(desk_field(v, "at"), &q.before_at);
    (void)str_to_i64(desk_field(v, "after"), &q.before_id);
    enum rc rc = q.languages != 0 ? manuscript_list(v->a, v->db, &q, &rows, &count, &rest) : RC_DENIED;
    if (rc != RC_OK)
        return rc;
    struct view_desk_table *table = desk_table(v, block, list->label);
    desk_column(v, table, desk_word(v, W_DESK_HEADLINE));
    desk_column(v, table, desk_word(v, W_DESK_STATE));
    desk_column(v, table, desk_word(v, W_DESK_LANGUAGE_OF));
    desk_column(v, table, desk_word(v, list->of == MANUSCRIPTS_SCHEDULED ? W_DESK_PUBLISHED : W_DESK_SAVED));
    for (size_t i = 0; i < count; i++)
        if (manuscript_may(v, &rows[i], MAY_READ_DESK)) {
            row(v, table, &rows[i]);
            shown++;
        }
    if (rest.more || rest.unseen)
        table->more = (struct view_desk_link){.label = desk_word(v, rest.more ? W_DESK_OLDER : W_DESK_LOOK_ON),
                                              .address = list_address(v, list, &rest)};
    if (shown == 0) {
        block->more = table->more;
        block->tables.n = 0;
        block->empty = desk_word(v, rest.unseen ? W_DESK_LIST_NONE_YET : list->empty);
    }
    return RC_OK;
}

enum rc manuscripts_list_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    const struct list *list;
    enum rc rc = list_of(&v, &list);
    if (rc != RC_OK)
        return rc;
    struct view_desk_page *page = desk_page(&v, W_DESK_ARTICLES);
    if (staff_may_somewhere(v.account, MAY_WRITE_ARTICLE))
        desk_action(&v, page, W_DESK_ARTICLE_NEW, STR("/desk/articles/new"));
    tabs(&v, page, list);
    filter(&v, desk_block(&v, page, STR_NONE), list);
    rc = rows_show(&v, desk_block(&v, page, STR_NONE), list, PAGE_ROWS);
    return rc == RC_OK ? desk_send(&v, page, 0) : rc;
}

// Nothing is said where nothing waits.
static enum rc home_list(struct desk_visit *v, struct view_desk_page *page, const char *key) {
    const struct list *list = list_named(str_from(key));
    struct view_desk_block *block = desk_block(v, page, desk_word(v, list->label));
    enum rc rc = rows_show(v, block, list, HOME_ROWS);
    if (rc == RC_OK && block->tables.n == 0)
        page->blocks.n--;
    else if (rc == RC_OK && block->tables.items[0].more.address.n > 0)
        block->tables.items[0].more =
            (struct view_desk_link){.label = desk_word(v, W_DESK_MORE_ROWS), .address = list_address(v, list, NULL)};
    return rc;
}

enum rc manuscripts_home(struct desk_visit *v, struct view_desk_page *page) {
    enum rc rc = staff_may_somewhere(v->account, MAY_PUBLISH) ? home_list(v, page, "review") : RC_OK;
    if (rc == RC_OK && staff_may_somewhere(v->account, MAY_WRITE_ARTICLE))
        rc = home_list(v, page, "own");
    return rc;
}

// ---- a new one ---------------------------------------------------------------------------------------------------------

struct beginning {
    struct desk_visit *v;
    struct manuscript_start start;
    int64_t id;
    struct problem problem;
};

static enum rc begin(struct db *db, void *arg) {
    struct beginning *b = arg;
    struct audit_who who = desk_who(b->v);
    return manuscript_begin(b->v->a, db, &who, &b->start, b->v->now, &b->id, &b->problem);
}

static enum rc new_page(struct desk_visit *v, int status) {
    struct view_desk_page *page = desk_page(v, W_DESK_ARTICLE_NEW);
    page->narrow = true;
    manuscript_crumbs(v, page, NULL);
    struct view_desk_form *form =
        desk_form(v, desk_block(v, page, STR_NONE), STR("/desk/articles/new"), W_DESK_ARTICLE_BEGIN);
    struct view_desk_field *f = desk_select(v, form, "lang", W_DESK_LANGUAGE_OF, text_lang_code(v->account->desk_lang));
    for (int l = 0; l < LANG_COUNT; l++)
        if (manuscript_may_write_in(v, (enum text_lang)l))
            desk_choice(v, f, text_lang_code((enum text_lang)l), text_lang_name((enum text_lang)l));
    f = desk_line(v, form, "headline", W_DESK_HEADLINE, STR_NONE);
    f->max = 300;
    desk_hint(v, f, W_DESK_HEADLINE_HINT);
    return desk_send(v, page, status);
}

enum rc manuscript_new_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    return staff_may_somewhere(v.account, MAY_WRITE_ARTICLE) ? new_page(&v, 0) : RC_DENIED;
}

static struct str alt_of(struct desk_visit *v, int64_t media_id, enum text_lang lang) {
    struct media_entry e;
    return media_entry_get(v->a, v->db, media_id, &e) == RC_OK ? e.about.alts[lang] : STR_NONE;
}

// What pictures show is said to whoever does not see them, in the language they read: as the library has it, else it is
// left to be written, and demanded before publication.
static void alts_in(struct desk_visit *v, struct content *c, enum text_lang lang) {
    struct list_row *rows = ARENA_ARRAY(v->a, struct list_row, ROWS_MAX), row;
    size_t n = 0;
    if (c->image.media_id != 0)
        c->image.alt = alt_of(v, c->image.media_id, lang);
    for (struct str rest = c->gallery; n < ROWS_MAX && rows_next(&rest, &row); n++) {
        int64_t id;
        row.cells[1] = str_to_i64(row.cells[0], &id) ? alt_of(v, id, lang) : STR_NONE;
        rows[n] = row;
    }
    c->gallery = rows_write(v->a, &rows_gallery, rows, n);
}

// The source's text goes along, to be written over paragraph by paragraph; what is of its language does not.
static enum rc from_source(struct beginning *b, int64_t source_id) {
    struct manuscript source;
    struct desk_visit *v = b->v;
    enum rc rc = manuscript_load(v->a, v->db, source_id, &source);
    if (rc != RC_OK || !manuscript_may(v, &source, MAY_READ_DESK))
        return rc != RC_OK ? rc : RC_DENIED;
    b->start.source_id = source_id;
    b->start.content = source.content;
    b->start.content.section_id = 0;
    b->start.content.tags = b->start.content.slug = STR_NONE;
    b->start.content.publish_at = 0;
    alts_in(v, &b->start.content, b->start.lang);
    b->start.content.breaking = false; // what was urgent when the source came out is not when the translation does
    return RC_OK;
}

enum rc manuscript_new_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct beginning b = {.v = &v};
    int64_t source_id = 0;
    enum rc rc = RC_OK;
    desk_begin(&v, req, reply);
    if (!text_lang_find(desk_field(&v, "lang"), &b.start.lang))
        return RC_INVALID;
    if (!manuscript_may_write_in(&v, b.start.lang))
        return RC_DENIED;
    b.start.content.headline = desk_field(&v, "headline");
    if (str_to_i64(desk_field(&v, "source"), &source_id))
        rc = from_source(&b, source_id);
    if (rc == RC_OK)
        rc = req->form_ok ? store_write(v.site->store, STORE_DURABLE, begin, &b) : RC_INVALID;
    if (rc == RC_INVALID || rc == RC_CONFLICT) {
        if (b.problem.text[0] != '\0')
            desk_problem_text(&v, "headline", desk_reason(&v, &b.problem));
        return new_page(&v, rc == RC_CONFLICT ? 409 : 422);
    }
    return rc == RC_OK ? desk_go(&v, manuscript_address(&v, b.id, ""), "begun") : rc;
}

// ---- an article that the public has --------------------------------------------------------------------------------------

struct opening {
    struct desk_visit *v;
    int64_t number, id;
};

static enum rc open_article(struct db *db, void *arg) {
    struct opening *o = arg;
    return manuscript_of_article(o->v->a, db, o->number, o->v->now, &o->id);
}

enum rc manuscript_open_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct opening o = {.v = &v};
    struct article art;
    if (!str_to_i64(desk_field(&v, "number"), &o.number))
        return RC_INVALID;
    enum rc rc = article_load(v.a, v.db, o.number, &art);
    struct staff_object object = {art.lang, art.section_id, 0};
    if (rc == RC_OK && !staff_may(v.account, MAY_READ_DESK, &object))
        rc = RC_DENIED;
    if (rc == RC_OK)
        rc = store_write(v.site->store, STORE_DURABLE, open_article, &o);
    return rc == RC_OK ? desk_go(&v, manuscript_address(&v, o.id, ""), NULL) : rc;
}
