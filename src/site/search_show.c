// SPDX-License-Identifier: AGPL-3.0-or-later
// Search in the articles of a language: words, section, dates, newest or best match first. What was typed stays in the
// form, and what is wrong with it stands beside its field.
#include "site/cards.h"
#include "site/legacy_redirect.h"
#include "site/routes.h"
#include "templates.h"

enum { HITS = 20, COUNTED = 2000 };

struct question {
    struct search_query query;
    struct str section_slug;
    int64_t offset;
};

static struct str field_problem(const struct visit *v, const char *name) {
    for (size_t i = 0; i < v->req->field_count; i++) {
        const struct http_field *field = &v->req->fields[i];
        enum text_word word;
        if (field->problem != NULL && str_eq(field->name, str_from(name)))
            return text_word(v->lang, text_word_find(str_from(field->problem), &word) ? word : W_FORM_BAD_TEXT);
    }
    return STR_NONE;
}

static int64_t day_begin(const struct visit *v, struct str date, int days_later) {
    uint64_t year, month, day;
    if (!str_to_u64(str_slice(date, 0, 4), &year) || !str_to_u64(str_slice(date, 5, 7), &month) ||
        !str_to_u64(str_slice(date, 8, 10), &day))
        return 0;
    struct text_civil c = {.year = (int)year, .month = (int)month, .day = (int)day, .hour = 12};
    c = text_civil_of(v->site->zone, text_civil_to_us(v->site->zone, c) + days_later * US_PER_DAY);
    return text_civil_to_us(v->site->zone, (struct text_civil){c.year, c.month, c.day, 0, 0, 0});
}

static int64_t field_number(const struct visit *v, const char *name) {
    int64_t n;
    return str_to_i64(http_request_field(v->req, name), &n) && n > 0 ? n : 0;
}

static void fill_sections(struct visit *v, struct question *q, struct view_search *out) {
    out->sections.items = ARENA_ARRAY(v->a, struct view_option, v->section_count + 1);
    bool found = q->section_slug.n == 0;
    for (size_t i = 0; i < v->section_count; i++) {
        bool chosen = str_eq(v->sections[i].slug, q->section_slug);
        out->sections.items[out->sections.n++] = (struct view_option){v->sections[i].slug, v->sections[i].name, chosen};
        if (chosen)
            q->query.section_id = v->sections[i].id;
        found = found || chosen;
    }
    if (!found)
        out->section_problem = text_word(v->lang, W_SEARCH_INVALID);
}

static void read_form(struct visit *v, struct question *q, struct view_search *out) {
    out->words = http_request_field(v->req, "q");
    out->from = http_request_field(v->req, "from");
    out->to = http_request_field(v->req, "to");
    out->words_problem = field_problem(v, "q");
    out->from_problem = field_problem(v, "from");
    out->to_problem = field_problem(v, "to");
    bool relevance = str_eq(http_request_field(v->req, "sort"), STR("relevance"));
    out->newest.chosen = !relevance;
    out->relevant.chosen = relevance;
    q->section_slug = http_request_field(v->req, "section");
    q->offset = field_number(v, "skip");
    q->query = (struct search_query){.lang = v->lang, .words = out->words, .by_relevance = relevance, .limit = HITS};
    q->query.to_us = v->now;
    q->query.before_key = relevance ? 0 : field_number(v, "before");
    q->query.offset = relevance ? (size_t)q->offset : 0;
    if (out->from.n > 0 && out->from_problem.n == 0)
        q->query.from_us = day_begin(v, out->from, 0);
    if (out->to.n > 0 && out->to_problem.n == 0) {
        int64_t end = day_begin(v, out->to, 1);
        q->query.to_us = end < v->now ? end : v->now;
    }
}

// ---- results
// -----------------------------------------------------------------------------------------------------------

// The search marks what matched with the control characters 2 and 3.
static void fill_snippet(struct visit *v, struct str text, struct view_hit *out) {
    size_t room = 1;
    for (size_t i = 0; i < text.n; i++)
        room += text.p[i] == '\x02' || text.p[i] == '\x03';
    out->snippet.items = ARENA_ARRAY(v->a, struct view_snippet, room);
    bool match = false;
    size_t from = 0;
    for (size_t i = 0; i <= text.n; i++) {
        if (i < text.n && text.p[i] != '\x02' && text.p[i] != '\x03')
            continue;
        if (i > from)
            out->snippet.items[out->snippet.n++] = (struct view_snippet){str_slice(text, from, i), match};
        match = i < text.n && text.p[i] == '\x02';
        from = i + 1;
    }
}

static enum rc fill_hits(struct visit *v, const struct search_hit *hits, size_t count, struct view_search *out) {
    int64_t *numbers = ARENA_ARRAY(v->a, int64_t, count + 1);
    struct article_card *cards = ARENA_ARRAY(v->a, struct article_card, count + 1);
    size_t card_count = 0;
    for (size_t i = 0; i < count; i++)
        numbers[i] = hits[i].number;
    enum rc rc = article_cards(v->a, v->db, numbers, count, v->now, cards, &card_count);
    if (rc != RC_OK)
        return rc;
    out->hits.items = ARENA_ARRAY(v->a, struct view_hit, card_count + 1);
    for (size_t c = 0, h = 0; c < card_count; c++) {
        while (h < count && hits[h].number != cards[c].number)
            h++;
        struct view_hit *hit = &out->hits.items[out->hits.n++];
        hit->card = card_view(v, &cards[c], PICTURE_NONE);
        if (h < count)
            fill_snippet(v, hits[h].snippet, hit);
    }
    return RC_OK;
}

static struct str count_words(struct visit *v, int64_t count) {
    if (count == 0)
        return text_word(v->lang, W_NO_RESULTS);
    return count > COUNTED ? text_word(v->lang, W_RESULTS_MANY)
                           : text_phrase(v->a, v->lang, W_RESULTS_COUNT, count, STR_NONE, STR_NONE);
}

// The next page asks the same question again, from where this one ends.
static struct str more_address(struct visit *v, const struct question *q, int64_t last_key,
                               const struct view_search *s) {
    struct buf b;
    buf_init(&b, 8192);
    buf_str(&b, s->action);
    buf_c(&b, "?q=");
    percent_encode_segment(&b, s->words);
    const struct {
        const char *name;
        struct str value;
    } rest[] = {{"&section=", q->section_slug}, {"&from=", s->from}, {"&to=", s->to}};
    for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++)
        if (rest[i].value.n > 0) {
            buf_c(&b, rest[i].name);
            percent_encode_segment(&b, rest[i].value);
        }
    if (q->query.by_relevance)
        buf_fmt(&b, "&sort=relevance&skip=%lld", (long long)q->offset + HITS);
    else
        buf_fmt(&b, "&before=%lld", (long long)last_key);
    struct str address = str_dup(v->a, buf_view(&b));
    buf_fini(&b);
    return address;
}

static enum rc find(struct visit *v, const struct question *q, struct view_search *out) {
    struct search_hit *hits;
    size_t count;
    bool more;
    int64_t matches;
    enum rc rc = search_run(v->a, v->db, &q->query, &hits, &count, &more, &matches);
    if (rc == RC_INVALID) {
        out->wrong = true;
        return RC_OK;
    }
    if (rc != RC_OK)
        return rc;
    out->asked = true;
    out->count = count_words(v, matches);
    if (more && count > 0 && q->offset + HITS <= COUNTED)
        out->more = more_address(v, q, hits[count - 1].key, out);
    return fill_hits(v, hits, count, out);
}

enum rc search_show_get(struct http_request *req, struct http_reply *reply) {
    struct visit v;
    struct question q = {0};
    if (visit_begin(&v, req, reply) != RC_OK)
        return legacy_redirect(req, reply);
    struct str address = link_search(v.a, v.lang, STR_NONE);
    if (visit_moved(&v, address))
        return RC_OK;
    struct view_search *view = ARENA_NEW(v.a, struct view_search);
    struct visit_page page = {.title = text_word(v.lang, W_SEARCH), .address = address, .no_index = true};
    enum rc rc = visit_frame(&v, &page, &view->frame);
    if (rc != RC_OK)
        return rc;
    view->action = visit_link(&v, address);
    read_form(&v, &q, view);
    fill_sections(&v, &q, view);
    bool good = req->form_ok && view->section_problem.n == 0;
    if (good && view->words.n > 0)
        rc = find(&v, &q, view);
    if (rc != RC_OK)
        return rc;
    if (!good)
        view->wrong = true;
    if (view->words.n > 0)
        view->frame.title = text_phrase(v.a, v.lang, W_RESULTS_FOR, 0, view->words, STR_NONE);
    struct render_out out;
    render_out_init(&out, v.lang);
    VISIT_SHOW(&v, &out, search, view);
    return visit_send(&v, &out, &(struct render_page){.no_index = true});
}
