// SPDX-License-Identifier: AGPL-3.0-or-later
// What the public has, by language, section and words, newest first: from here an article is opened at the desk, also one
// that came with an import and never had a manuscript.
#include "desk/manuscript.h"
#include "desk/routes.h"
#include "desk/standing.h"

enum { PAGE_ROWS = 30 };

struct published {
    struct desk_visit *v;
    enum text_lang lang;      // LANG_COUNT: they may read none
    struct section *sections; // of it, that they may read
    size_t section_count;
    bool whole;         // may read all of it
    int64_t section_id; // 0: all
    struct str words;
    struct article_card cards[PAGE_ROWS];
    size_t count;
    bool more;
    int64_t mark; // of the last one
};

static bool may_read_whole(const struct desk_visit *v, enum text_lang lang) {
    return staff_may(v->account, MAY_READ_DESK, &(struct staff_object){.lang = lang});
}

static enum rc language_try(struct published *p, enum text_lang lang, bool *good) {
    p->whole = may_read_whole(p->v, lang);
    enum rc rc = manuscripts_sections(p->v, lang, &p->sections, &p->section_count);
    *good = rc == RC_OK && (p->whole || p->section_count > 0);
    p->lang = *good ? lang : LANG_COUNT;
    return rc;
}

// The one asked for; else that of the desk's own words, else the station's, else the first of which they may read
// anything.
static enum rc take_language(struct published *p) {
    struct desk_visit *v = p->v;
    enum text_lang asked;
    bool good = false;
    if (text_lang_find(desk_field(v, "lang"), &asked)) {
        enum rc rc = language_try(p, asked, &good);
        return rc == RC_OK && !good ? RC_DENIED : rc;
    }
    enum text_lang order[LANG_COUNT + 2] = {v->account->desk_lang, v->site->default_lang};
    for (int l = 0; l < LANG_COUNT; l++)
        order[l + 2] = (enum text_lang)l;
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && !good && i < LANG_COUNT + 2; i++)
        if ((v->site->languages & (1u << order[i])) != 0)
            rc = language_try(p, order[i], &good);
    return rc;
}

static enum rc take_query(struct published *p) {
    struct desk_visit *v = p->v;
    int64_t section = 0;
    enum rc rc = take_language(p);
    p->words = desk_field(v, "q");
    (void)str_to_i64(desk_field(v, "section"), &section);
    for (size_t i = 0; i < p->section_count; i++) // one of another language: all that they may read
        if (p->sections[i].id == section)
            p->section_id = section;
    if (p->section_id == 0 && !p->whole && p->section_count > 0)
        p->section_id = p->sections[0].id;
    return rc;
}

static enum rc newest(struct published *p, int64_t before) {
    struct list_query q = {.of = p->section_id != 0 ? LIST_SECTION : LIST_LANG,
                           .lang = p->lang,
                           .id = p->section_id,
                           .before = before,
                           .limit = PAGE_ROWS,
                           .now_us = p->v->now};
    struct list_result r;
    enum rc rc = article_list(p->v->a, p->v->db, &q, &r);
    if (rc != RC_OK)
        return rc;
    for (; p->count < r.count; p->count++)
        p->cards[p->count] = r.cards[p->count];
    p->more = r.has_older;
    p->mark = p->count > 0 ? p->cards[p->count - 1].number : 0;
    return RC_OK;
}

static enum rc with_words(struct published *p, int64_t before) {
    struct search_query q = {.lang = p->lang,
                             .words = p->words,
                             .section_id = p->section_id,
                             .to_us = p->v->now,
                             .before_key = before,
                             .limit = PAGE_ROWS};
    struct search_hit *hits;
    size_t n;
    int64_t numbers[PAGE_ROWS], all;
    enum rc rc = search_run(p->v->a, p->v->db, &q, &hits, &n, &p->more, &all);
    if (rc != RC_OK)
        return rc == RC_INVALID ? RC_OK : rc; // nothing that could be searched for: nothing found
    for (size_t i = 0; i < n; i++)
        numbers[i] = hits[i].number;
    p->mark = n > 0 ? hits[n - 1].key : 0;
    return article_cards(p->v->a, p->v->db, numbers, n, p->v->now, p->cards, &p->count);
}

static enum rc filter(struct published *p, struct view_desk_block *block) {
    struct desk_visit *v = p->v;
    enum rc rc = RC_OK;
    struct view_desk_form *form = desk_form(v, block, STR("/desk/published"), W_DESK_SHOW);
    form->get = form->in_line = form->quiet = true;
    struct view_desk_field *f = desk_line(v, form, "q", W_DESK_WORDS, p->words);
    f->type = STR("search");
    f->max = 200;
    f = desk_select(v, form, "lang", W_DESK_LANGUAGE_OF, text_lang_code(p->lang));
    for (int l = 0; rc == RC_OK && l < LANG_COUNT; l++) {
        struct published other = {.v = v};
        bool good;
        rc = language_try(&other, (enum text_lang)l, &good);
        if (good)
            desk_choice(v, f, text_lang_code((enum text_lang)l), text_lang_name((enum text_lang)l));
    }
    f = desk_select(v, form, "section", W_DESK_SECTION, STR_NONE);
    f->value = p->section_id != 0 ? standing_number(v, p->section_id) : STR_NONE;
    if (p->whole)
        desk_choice(v, f, STR_NONE, desk_word(v, W_DESK_ALL_SECTIONS));
    for (size_t i = 0; i < p->section_count; i++)
        desk_choice(v, f, standing_number(v, p->sections[i].id), p->sections[i].name);
    return rc;
}

static struct str older_address(struct published *p) {
    struct buf b;
    buf_init(&b, 2048);
    buf_fmt(&b, "/desk/published?lang=%.*s", STR_ARG(text_lang_code(p->lang)));
    if (p->section_id != 0)
        buf_fmt(&b, "&section=%lld", (long long)p->section_id);
    if (p->words.n > 0) {
        buf_c(&b, "&q=");
        percent_encode_segment(&b, p->words);
    }
    buf_fmt(&b, "&before=%lld", (long long)p->mark);
    struct str out = str_dup(p->v->a, buf_view(&b));
    buf_fini(&b);
    return out;
}

static void rows_show(struct published *p, struct view_desk_block *block) {
    struct desk_visit *v = p->v;
    if (p->count == 0) {
        block->empty = desk_word(v, W_DESK_LIST_NONE);
        return;
    }
    bool pins = standing_may(v, MAY_EDIT_PAGES, p->lang);
    struct view_desk_table *table = desk_table(v, block, W_DESK_PUBLISHED_LIST);
    desk_column(v, table, desk_word(v, W_DESK_HEADLINE));
    desk_column(v, table, desk_word(v, W_DESK_SECTION));
    desk_column(v, table, desk_word(v, W_DESK_PUBLISHED));
    desk_column(v, table, desk_word(v, W_DESK));
    if (pins)
        desk_column(v, table, desk_word(v, W_DESK_FRONT));
    for (size_t i = 0; i < p->count; i++) {
        const struct article_card *card = &p->cards[i];
        desk_row(v, table);
        desk_cell(v, table, card->headline)->address = link_article(v->a, card);
        desk_cell(v, table, card->section_name);
        desk_cell(v, table, desk_date(v, card->published_at));
        desk_button(v, table, "/desk/articles/open", "number", standing_number(v, card->number), W_DESK_OPEN);
        if (pins)
            desk_cell(v, table, desk_word(v, W_DESK_FRONT_PIN))->address = str_fmt(
                v->a, "/desk/front/%.*s?pin=%lld#f-article", STR_ARG(text_lang_code(p->lang)), (long long)card->number);
    }
    if (p->more)
        table->more = (struct view_desk_link){.label = desk_word(v, W_DESK_OLDER), .address = older_address(p)};
}

enum rc published_list_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    int64_t before = 0;
    desk_begin(&v, req, reply);
    struct published *p = ARENA_NEW(v.a, struct published);
    p->v = &v;
    (void)str_to_i64(desk_field(&v, "before"), &before);
    enum rc rc = take_query(p);
    if (rc == RC_OK && p->lang != LANG_COUNT)
        rc = p->words.n > 0 ? with_words(p, before) : newest(p, before);
    if (rc != RC_OK)
        return rc;
    struct view_desk_page *page = desk_page(&v, W_DESK_PUBLISHED_LIST);
    struct view_desk_block *block = desk_block(&v, page, STR_NONE);
    if (p->lang != LANG_COUNT)
        rc = filter(p, block);
    rows_show(p, desk_block(&v, page, STR_NONE));
    return rc == RC_OK ? desk_send(&v, page, 0) : rc;
}
