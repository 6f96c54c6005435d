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

// What is asked for.
struct asked {
    struct desk_visit *v;
    const struct list *list;
    bool one_lang; // else all of the account's
    enum text_lang lang;
    struct section *sections; // of the one language, that the account may read
    size_t section_count;
    int64_t section_id; // one of them; 0: those of the account
    bool everywhere;    // ... or all
    int64_t limits[MANUSCRIPTS_SECTIONS_MAX];
    size_t limit_count; // 0: no limits
};

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

static struct str list_address(const struct asked *q, const struct list *list, const struct manuscripts_rest *rest) {
    struct desk_visit *v = q->v;
    struct str words = desk_field(v, "q"), lang = desk_field(v, "lang"), section = desk_field(v, "section");
    struct buf b;
    buf_init(&b, 2048);
    buf_fmt(&b, "/desk/articles?list=%s", list->key);
    if (lang.n > 0)
        buf_fmt(&b, "&lang=%.*s", STR_ARG(lang));
    if (section.n > 0) {
        buf_c(&b, "&section=");
        percent_encode_segment(&b, section);
    }
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

static void tabs(const struct asked *q, struct view_desk_page *page) {
    struct desk_visit *v = q->v;
    for (size_t i = 0; i < LISTS; i++) {
        desk_link(v, &page->tabs, desk_word(v, lists[i].label), list_address(q, &lists[i], NULL), STR_NONE);
        page->tabs.items[i].current = &lists[i] == q->list;
    }
}

// ---- how far a list reaches --------------------------------------------------------------------------------------------

static bool reads_everything(const struct desk_visit *v) {
    return desk_may(v, MAY_READ_DESK);
}

static bool is_one(uint32_t bits) {
    return bits != 0 && (bits & (bits - 1)) == 0;
}

// The language asked for, or the account's only one.
static enum rc take_language(struct asked *q) {
    struct desk_visit *v = q->v;
    q->one_lang = text_lang_find(desk_field(v, "lang"), &q->lang);
    if (q->one_lang && !manuscripts_may_read_in(v, q->lang))
        return RC_DENIED;
    for (int l = 0; !q->one_lang && is_one(v->account->languages) && l < LANG_COUNT; l++)
        if ((v->account->languages & (1u << l)) != 0) {
            q->lang = (enum text_lang)l;
            q->one_lang = true;
        }
    return q->one_lang ? manuscripts_sections(v, q->lang, &q->sections, &q->section_count) : RC_OK;
}

// Which is every one for an account that has none in this language and reads it nevertheless.
static bool has_own_section(const struct asked *q) {
    const struct account *account = q->v->account;
    for (size_t i = 0; i < q->section_count; i++)
        for (size_t own = 0; own < account->section_count; own++)
            if (q->sections[i].id == account->sections[own])
                return true;
    return !q->one_lang;
}

static bool is_limited(const struct asked *q) {
    const struct desk_visit *v = q->v;
    return v->account->section_count > 0 && (!reads_everything(v) || has_own_section(q));
}

// Whoever reads everything finds in the list of their own whatever they began.
static void take_sections(struct asked *q) {
    const struct account *account = q->v->account;
    int64_t section = -1;
    (void)str_to_i64(desk_field(q->v, "section"), &section);
    for (size_t i = 0; i < q->section_count; i++) // one of another language is none
        if (q->sections[i].id == section)
            q->section_id = section;
    q->everywhere = reads_everything(q->v) && (section == 0 || q->list->of == MANUSCRIPTS_OWN);
    if (q->section_id != 0) {
        q->limits[q->limit_count++] = q->section_id;
    } else if (is_limited(q) && !q->everywhere) {
        q->limits[q->limit_count++] = 0;
        for (size_t i = 0; i < account->section_count; i++)
            q->limits[q->limit_count++] = account->sections[i];
    }
}

static enum rc ask(struct desk_visit *v, const struct list *list, struct asked *out) {
    *out = (struct asked){.v = v, .list = list};
    enum rc rc = take_language(out);
    take_sections(out);
    return rc;
}

static void language_field(const struct asked *q, struct view_desk_form *form) {
    struct desk_visit *v = q->v;
    uint32_t own = v->account->languages;
    struct view_desk_field *f = desk_select(v, form, "lang", W_DESK_LANGUAGE_OF, STR_NONE);
    f->value = q->one_lang ? text_lang_code(q->lang) : STR_NONE;
    if (!is_one(own))
        desk_choice(v, f, STR_NONE, desk_word(v, own == 0 ? W_DESK_ALL_LANGUAGES : W_DESK_MY_LANGUAGES));
    for (int l = 0; l < LANG_COUNT; l++)
        if (manuscripts_may_read_in(v, (enum text_lang)l))
            desk_choice(v, f, text_lang_code((enum text_lang)l), text_lang_name((enum text_lang)l));
}

static void section_field(const struct asked *q, struct view_desk_form *form) {
    struct desk_visit *v = q->v;
    bool limited = is_limited(q);
    struct view_desk_field *f = desk_select(v, form, "section", W_DESK_SECTION, STR_NONE);
    f->value = q->section_id != 0         ? str_fmt(v->a, "%lld", (long long)q->section_id)
               : limited && q->everywhere ? STR("0")
                                          : STR_NONE;
    desk_choice(v, f, STR_NONE, desk_word(v, limited ? W_DESK_MY_SECTIONS : W_DESK_ALL_SECTIONS));
    if (limited && reads_everything(v))
        desk_choice(v, f, STR("0"), desk_word(v, W_DESK_ALL_SECTIONS));
    for (size_t i = 0; i < q->section_count; i++)
        desk_choice(v, f, str_fmt(v->a, "%lld", (long long)q->sections[i].id), q->sections[i].name);
}

static void filter(const struct asked *q, struct view_desk_block *block) {
    struct desk_visit *v = q->v;
    struct view_desk_form *form = desk_form(v, block, STR("/desk/articles"), W_DESK_SHOW);
    form->get = form->in_line = form->quiet = true;
    desk_hidden(v, form, "list", str_from(q->list->key));
    struct view_desk_field *f = desk_line(v, form, "q", W_DESK_WORDS, desk_field(v, "q"));
    f->type = STR("search");
    f->max = 100;
    language_field(q, form);
    if (q->section_count > 0)
        section_field(q, form);
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

static enum rc rows_show(const struct asked *asked, struct view_desk_block *block, size_t most) {
    struct desk_visit *v = asked->v;
    const struct list *list = asked->list;
    struct manuscripts_query q = {.of = list->of,
                                  .state = list->state,
                                  .account_id = v->account->id,
                                  .languages = asked->one_lang ? 1u << asked->lang : v->account->languages,
                                  .sections = asked->limits,
                                  .section_count = asked->limit_count,
                                  .words = desk_field(v, "q"),
                                  .now_us = v->now,
                                  .limit = most};
    struct manuscript *rows;
    size_t count;
    struct manuscripts_rest rest;
    (void)str_to_i64(desk_field(v, "at"), &q.before_at);
    (void)str_to_i64(desk_field(v, "after"), &q.before_id);
    enum rc rc = manuscript_list(v->a, v->db, &q, &rows, &count, &rest);
    if (rc != RC_OK)
        return rc;
    struct view_desk_link on = {0};
    if (rest.more || rest.unseen)
        on = (struct view_desk_link){.label = desk_word(v, rest.more ? W_DESK_OLDER : W_DESK_LOOK_ON),
                                     .address = list_address(asked, list, &rest)};
    if (count == 0) {
        block->more = on;
        block->empty = desk_word(v, rest.unseen ? W_DESK_LIST_NONE_YET : list->empty);
        return RC_OK;
    }
    struct view_desk_table *table = desk_table(v, block, list->label);
    desk_column(v, table, desk_word(v, W_DESK_HEADLINE));
    desk_column(v, table, desk_word(v, W_DESK_STATE));
    desk_column(v, table, desk_word(v, W_DESK_LANGUAGE_OF));
    desk_column(v, table, desk_word(v, list->of == MANUSCRIPTS_SCHEDULED ? W_DESK_PUBLISHED : W_DESK_SAVED));
    for (size_t i = 0; i < count; i++)
        if (manuscript_may(v, &rows[i], MAY_READ_DESK)) // which the query has seen to: a guard
            row(v, table, &rows[i]);
    table->more = on;
    return RC_OK;
}

enum rc manuscripts_list_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct asked q;
    desk_begin(&v, req, reply);
    const struct list *list;
    enum rc rc = list_of(&v, &list);
    if (rc == RC_OK)
        rc = ask(&v, list, &q);
    if (rc != RC_OK)
        return rc;
    struct view_desk_page *page = desk_page(&v, W_DESK_ARTICLES);
    if (staff_may_somewhere(v.account, MAY_WRITE_ARTICLE))
        desk_action(&v, page, W_DESK_ARTICLE_NEW, STR("/desk/articles/new"));
    tabs(&q, page);
    filter(&q, desk_block(&v, page, STR_NONE));
    rc = rows_show(&q, desk_block(&v, page, STR_NONE), PAGE_ROWS);
    return rc == RC_OK ? desk_send(&v, page, 0) : rc;
}

// Nothing is said where nothing waits.
static enum rc home_list(struct desk_visit *v, struct view_desk_page *page, const char *key) {
    struct asked q;
    enum rc rc = ask(v, list_named(str_from(key)), &q);
    if (rc != RC_OK)
        return rc;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, q.list->label));
    rc = rows_show(&q, block, HOME_ROWS);
    if (rc == RC_OK && block->tables.n == 0)
        page->blocks.n--;
    else if (rc == RC_OK && block->tables.items[0].more.address.n > 0)
        block->tables.items[0].more =
            (struct view_desk_link){.label = desk_word(v, W_DESK_MORE_ROWS), .address = list_address(&q, q.list, NULL)};
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
