// SPDX-License-Identifier: AGPL-3.0-or-later
// The front page of a language: the story that leads, what else is new, what is on air, the station's highlights, a
// block for each section, and what the week's readers read most. A station without articles has a front page too.
#include "site/cards.h"
#include "site/legacy_redirect.h"
#include "site/routes.h"
#include "templates.h"

enum { NEWEST = 24, SECOND = 4, LATEST = 8, BLOCK = 5, HIGHLIGHTS = 4, MOST_READ = 7, BLOCKS_MAX = 12, WEEK_DAYS = 7 };

// The newest featured story leads; without one, the newest.
static size_t lead_of(const struct list_result *r) {
    for (size_t i = 0; i < r->count; i++)
        if (r->cards[i].featured)
            return i;
    return 0;
}

static bool is_highlight(const struct visit *v, int64_t section_id) {
    for (size_t i = 0; i < v->section_count; i++)
        if (v->sections[i].id == section_id)
            return v->sections[i].highlight;
    return false;
}

// Programmes have their own place on the page: the news above is without them, unless there is nothing else.
static void leave_out_highlights(const struct visit *v, struct list_result *r) {
    size_t kept = 0;
    for (size_t i = 0; i < r->count; i++)
        if (!is_highlight(v, r->cards[i].section_id))
            r->cards[kept++] = r->cards[i];
    r->count = kept;
}

// What the editors pinned and readers may see now.
static enum rc pinned(struct visit *v, struct list_result *out, bool *leads_out) {
    struct front_arrangement front;
    int64_t numbers[FRONT_PINS_MAX], until;
    size_t n = 0;
    enum rc rc = front_load(v->a, v->db, v->lang, &front);
    *leads_out = false;
    out->cards = ARENA_ARRAY(v->a, struct article_card, FRONT_PINS_MAX);
    for (size_t i = 0; rc == RC_OK && i < front.count; i++) {
        bool shows = front_pin_shows(&front.pins[i], v->now, &until);
        render_use(&v->uses, EDITION_ITEM, front.pins[i].number);
        render_until(&v->uses, until);
        *leads_out = *leads_out || (shows && front.pins[i].leads);
        if (shows)
            numbers[n++] = front.pins[i].number;
    }
    return rc == RC_OK ? article_cards(v->a, v->db, numbers, n, v->now, out->cards, &out->count) : rc;
}

static void add(struct list_result *to, const struct article_card *card) {
    to->cards[to->count++] = *card;
}

static bool holds(const struct list_result *r, int64_t number) {
    for (size_t i = 0; i < r->count; i++)
        if (r->cards[i].number == number)
            return true;
    return false;
}

// The lead, what is pinned, and the newest behind them. *pins_out: how many stand pinned behind the lead.
static enum rc arrange(struct visit *v, struct list_result *r, size_t *pins_out) {
    struct list_result pins = {0}, all = {0}, rest = {0};
    bool leads;
    enum rc rc = pinned(v, &pins, &leads);
    if (rc != RC_OK)
        return rc;
    all.cards = ARENA_ARRAY(v->a, struct article_card, r->count + pins.count + 1);
    rest.cards = ARENA_ARRAY(v->a, struct article_card, r->count + 1);
    for (size_t i = 0; i < r->count; i++)
        if (!holds(&pins, r->cards[i].number))
            add(&rest, &r->cards[i]);
    size_t lead = leads || rest.count == 0 ? rest.count : lead_of(&rest);
    if (lead < rest.count)
        add(&all, &rest.cards[lead]);
    for (size_t i = 0; i < pins.count; i++)
        add(&all, &pins.cards[i]);
    *pins_out = all.count > 0 ? all.count - 1 : 0;
    for (size_t i = 0; i < rest.count; i++)
        if (i != lead)
            add(&all, &rest.cards[i]);
    r->cards = all.cards;
    r->count = all.count;
    return RC_OK;
}

static void fill_top(struct visit *v, struct list_result *r, size_t pins, struct view_front *out) {
    out->empty = r->count == 0;
    if (out->empty)
        return;
    out->lead = card_view(v, &r->cards[0], PICTURE_LEAD);
    size_t second = pins > SECOND ? pins : SECOND;
    if (second > r->count - 1)
        second = r->count - 1;
    size_t latest = r->count - 1 - second < LATEST ? r->count - 1 - second : LATEST;
    out->second = cards_view(v, r->cards + 1, second, PICTURE_CARD);
    out->latest = cards_view(v, r->cards + 1 + second, latest, PICTURE_NONE);
    // What stands above is not repeated in its section's block, if that has anything else.
    r->count = 1 + second;
}

static enum rc newest(struct visit *v, enum list_of of, int64_t id, size_t limit, struct list_result *out) {
    struct list_query query = {.of = of, .lang = v->lang, .id = id, .limit = limit, .now_us = v->now};
    enum rc rc = article_list(v->a, v->db, &query, out);
    if (rc == RC_OK)
        render_until(&v->uses, out->until);
    return rc;
}

static void leave_out_shown(const struct list_result *above, struct list_result *r) {
    struct article_card *all = r->cards;
    size_t count = 0;
    for (size_t i = 0; i < r->count; i++)
        count += !holds(above, all[i].number);
    for (size_t i = 0, kept = 0; count > 0 && i < r->count; i++)
        if (!holds(above, all[i].number))
            all[kept++] = all[i];
    r->count = count > 0 ? count : r->count;
    if (r->count > BLOCK)
        r->count = BLOCK;
}

static enum rc fill_block(struct visit *v, const struct section *s, const struct list_result *above,
                          struct view_block *out) {
    struct list_result r;
    enum rc rc = newest(v, LIST_SECTION, s->id, s->highlight ? HIGHLIGHTS : BLOCK + SECOND + 1, &r);
    if (rc != RC_OK || r.count == 0)
        return rc;
    out->name = s->name;
    out->address = visit_link(v, link_section(v->a, v->lang, s->slug));
    out->tone = section_tone(v, s->id);
    if (s->highlight) {
        out->cards = cards_view(v, r.cards, r.count, PICTURE_CARD);
        for (size_t i = 0; i < out->cards.n; i++)
            out->cards.items[i].section = STR_NONE;
        return RC_OK;
    }
    leave_out_shown(above, &r);
    out->lead = card_view(v, &r.cards[0], PICTURE_CARD);
    out->lead.section = STR_NONE;
    out->cards = cards_view(v, r.cards + 1, r.count - 1, PICTURE_NONE);
    return RC_OK;
}

static enum rc fill_blocks(struct visit *v, const struct list_result *above, struct view_front *out) {
    out->blocks.items = ARENA_ARRAY(v->a, struct view_block, BLOCKS_MAX);
    struct section *ordered = ARENA_ARRAY(v->a, struct section, v->section_count + 1);
    if (v->section_count > 0)
        memcpy(ordered, v->sections, v->section_count * sizeof *ordered);
    front_order(ordered, v->section_count);
    for (size_t i = 0; i < v->section_count; i++) {
        const struct section *s = &ordered[i];
        bool fits = s->highlight || (s->on_front && out->blocks.n < BLOCKS_MAX);
        if (!fits)
            continue;
        struct view_block *block = s->highlight ? &out->highlights : &out->blocks.items[out->blocks.n];
        enum rc rc = fill_block(v, s, above, block);
        if (rc != RC_OK)
            return rc;
        if (!s->highlight && block->name.n > 0)
            out->blocks.n++;
    }
    return RC_OK;
}

static int64_t day_number(const struct visit *v) {
    struct text_civil c = text_civil_of(v->site->zone, v->now);
    int64_t y = c.month <= 2 ? c.year - 1 : c.year, m = (c.month + 9) % 12;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + c.day - 1 - 719468;
}

static enum rc fill_most_read(struct visit *v, struct view_front *out) {
    struct article_card *cards;
    size_t count;
    enum rc rc = most_read_get(v->site->most_read, v->a, v->db, v->lang, day_number(v) - WEEK_DAYS + 1, v->now,
                               MOST_READ, &cards, &count);
    if (rc != RC_OK)
        return rc;
    visit_keep_ten_minutes(v);
    out->most_read = cards_view(v, cards, count, PICTURE_NONE);
    return RC_OK;
}

static struct view_links other_fronts(struct visit *v) {
    struct view_links out = links_new(v->a, LANG_COUNT);
    for (int l = 0; l < LANG_COUNT; l++)
        if ((v->site->languages & (1u << l)) != 0 && l != (int)v->lang)
            links_add(&out, STR_NONE, link_front(v->a, (enum text_lang)l))->lang = text_lang_code((enum text_lang)l);
    return out;
}

// A reader of none of our languages begins at "/".
static void fill_alternates(struct visit *v, struct str here, struct view_front *out) {
    struct view_links others = other_fronts(v);
    out->frame.alternates = alternates_view(v, here, &others);
    for (size_t i = 0; i < out->frame.alternates.n; i++)
        if (str_eq(out->frame.alternates.items[i].lang, STR("x-default")))
            out->frame.alternates.items[i].address = link_absolute(v->a, v->site->origin, STR("/"));
}

// The masthead's date is the station's: it changes at its midnight.
static void fill_today(struct visit *v, struct view_front *out) {
    struct text_civil c = text_civil_of(v->site->zone, v->now);
    out->frame.today = text_date(v->a, v->lang, v->site->zone, v->now, DATE_DAY);
    int64_t noon = text_civil_to_us(v->site->zone, (struct text_civil){c.year, c.month, c.day, 12, 0, 0});
    c = text_civil_of(v->site->zone, noon + US_PER_DAY);
    render_until(&v->uses, text_civil_to_us(v->site->zone, (struct text_civil){c.year, c.month, c.day, 0, 0, 0}));
}

// What the station wrote there gives way to what the radio says itself.
static struct str on_air_label(struct visit *v, const struct view_services *services) {
    for (size_t i = 0; i < services->n; i++)
        if (services->items[i].now.n > 0)
            return STR_NONE;
    return setting_get(v->a, v->db, "on_air_label", v->lang);
}

static enum rc fill_front(struct visit *v, struct str address, struct view_front *view) {
    struct list_result r;
    struct visit_page page = {.address = address};
    page.description = setting_get(v->a, v->db, "station_tagline", v->lang);
    enum rc rc = visit_frame(v, &page, &view->frame);
    if (rc == RC_OK)
        rc = newest(v, LIST_LANG, 0, NEWEST, &r);
    if (rc != RC_OK)
        return rc;
    leave_out_highlights(v, &r);
    size_t pins;
    rc = arrange(v, &r, &pins);
    if (rc != RC_OK)
        return rc;
    fill_top(v, &r, pins, view);
    fill_today(v, view);
    fill_alternates(v, address, view);
    view->services = services_view(v);
    view->ways = ways_view(v);
    view->on_air = on_air_label(v, &view->services);
    rc = fill_blocks(v, &r, view);
    // Sections show the rest of the news; a station with one section has the list of the latest instead.
    if (view->blocks.n > 1)
        view->latest.n = 0;
    else
        view->blocks.n = 0;
    return rc == RC_OK ? fill_most_read(v, view) : rc;
}

enum rc front_show_get(struct http_request *req, struct http_reply *reply) {
    struct visit v;
    if (visit_begin(&v, req, reply) != RC_OK)
        return legacy_redirect(req, reply);
    struct str address = link_front(v.a, v.lang);
    if (visit_moved(&v, address))
        return RC_OK;
    render_use(&v.uses, EDITION_FRONT, v.lang);
    render_use(&v.uses, EDITION_ON_AIR, v.lang);
    struct view_front *view = ARENA_NEW(v.a, struct view_front);
    enum rc rc = fill_front(&v, address, view);
    if (rc != RC_OK)
        return rc;
    struct render_out out;
    render_out_init(&out, v.lang);
    VISIT_SHOW(&v, &out, front, view);
    return visit_send(&v, &out, &(struct render_page){0});
}
