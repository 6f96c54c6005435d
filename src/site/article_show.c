// SPDX-License-Identifier: AGPL-3.0-or-later
// An article, in the order readers of the old site know: date line, headline, byline, rating, picture, text, agency,
// tags, "Read 213 times". In the text edition long texts come in parts and pictures stay away.
//
// The page depends on the item and its votes, the frame of the language, and the items it links to. Only the newest of
// a section has no newer neighbour: it alone depends on the section, so that one publication does not make all of the
// section's pages anew.
#include "site/cards.h"
#include "site/extras.h"
#include "site/legacy_redirect.h"
#include "site/routes.h"
#include "templates.h"

enum { RELATED = 4, LITE_PART_BYTES = 24000, STARS = 5, STAR_BAR = 120 };

// "22183-myanmar-junta" and "22183" name the same article.
static bool number_of(struct str item, int64_t *out) {
    size_t dash = item.n;
    if (!str_find_char(item, '-', &dash))
        dash = item.n;
    return str_to_i64(str_slice(item, 0, dash), out) && *out > 0;
}

// ---- rating --------------------------------------------------------------------------------------------------------

static struct str filled_width(struct arena *a, int hundredths) {
    int tenths = (hundredths * STAR_BAR + 500) / 1000;
    return str_fmt(a, "%d.%d", tenths / 10, tenths % 10);
}

static struct view_rating rating_view(struct visit *v, const struct article *art) {
    struct arena *a = v->a;
    int hundredths = vote_percent_hundredths(art->votes_sum, art->votes_count);
    struct view_rating out = {.action = str_fmt(a, "/vote/%lld", (long long)art->number)};
    out.count = text_phrase(a, v->lang, W_VOTES_COUNT, art->votes_count, STR_NONE, STR_NONE);
    out.width = filled_width(a, hundredths);
    if (art->votes_count > 0)
        out.average = text_phrase(a, v->lang, W_RATING_OF, 0, text_decimal(a, v->lang, hundredths / 2000.0, 1),
                                  text_number(a, v->lang, STARS));
    out.stars.items = ARENA_ARRAY(a, struct view_stars, STARS);
    out.thanks.items = ARENA_ARRAY(a, struct view_vote, STARS);
    out.stars.n = out.thanks.n = STARS;
    for (int i = 0; i < STARS; i++) {
        struct str label = text_phrase(a, v->lang, W_STAR_N, i + 1, STR_NONE, STR_NONE);
        struct str thanks = text_word(v->lang, W_VOTE_THANKS), own = text_word(v->lang, W_YOUR_VOTE);
        out.stars.items[i] = (struct view_stars){i + 1, label};
        out.thanks.items[i].id = str_fmt(a, "voted-%d", i + 1);
        out.thanks.items[i].text = str_fmt(a, "%.*s %.*s: %.*s", STR_ARG(thanks), STR_ARG(own), STR_ARG(label));
    }
    return out;
}

// ---- what stands around the text
// --------------------------------------------------------------------------------------

// Plain addresses of the services: nothing is fetched from them until the reader goes there.
static struct view_links share_view(struct visit *v, struct str address, struct str headline) {
    static const struct {
        const char *name, *before, *between;
    } services[] = {
        {"WhatsApp", "https://wa.me/?text=", "%20"},
        {"Telegram", "https://t.me/share/url?url=", "&text="},
        {"Facebook", "https://www.facebook.com/sharer/sharer.php?u=", NULL},
        {"X", "https://twitter.com/intent/tweet?url=", "&text="},
    };
    struct view_links out = links_new(v->a, 5);
    struct buf b;
    buf_init(&b, 16384);
    for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
        bool text_first = i == 0;
        buf_clear(&b);
        buf_c(&b, services[i].before);
        percent_encode_segment(&b, text_first ? headline : address);
        if (services[i].between != NULL) {
            buf_c(&b, services[i].between);
            percent_encode_segment(&b, text_first ? address : headline);
        }
        links_add(&out, str_from(services[i].name), str_dup(v->a, buf_view(&b)));
    }
    buf_clear(&b);
    buf_c(&b, "mailto:?subject=");
    percent_encode_segment(&b, headline);
    buf_c(&b, "&body=");
    percent_encode_segment(&b, address);
    links_add(&out, text_word(v->lang, W_SHARE_EMAIL), str_dup(v->a, buf_view(&b)));
    buf_fini(&b);
    return out;
}

static void fill_people(struct visit *v, const struct article *art, struct view_article *out) {
    out->people = links_new(v->a, art->people_count);
    out->json_people = links_new(v->a, art->people_count);
    for (size_t i = 0; i < art->people_count; i++) {
        render_use(&v->uses, EDITION_PERSON, art->people[i].id);
        bool linked = !art->people[i].deleted; // the byline stays, and leads nowhere
        struct str address = linked ? link_person(v->a, v->lang, art->people[i].slug) : STR_NONE;
        links_add(&out->people, art->people[i].name, visit_link(v, address));
        links_add(&out->json_people, art->people[i].name,
                  linked ? link_absolute(v->a, v->site->origin, address) : STR_NONE);
    }
    if (art->people_count == 0)
        out->byline = art->byline;
    out->tags = links_new(v->a, art->tag_count);
    for (size_t i = 0; i < art->tag_count; i++)
        links_add(&out->tags, art->tags[i].name, visit_link(v, link_tag(v->a, v->lang, art->tags[i].slug)));
}

static void fill_corrections(struct visit *v, const struct article *art, struct view_article *out) {
    out->corrections.items = ARENA_ARRAY(v->a, struct view_correction, art->correction_count + 1);
    out->corrections.n = art->correction_count;
    for (size_t i = 0; i < art->correction_count; i++) {
        const struct correction *c = &art->corrections[i];
        struct str rest = c->text, first = STR_NONE;
        (void)str_next(&rest, '\n', &first);
        out->corrections.items[i] =
            (struct view_correction){.date = text_date(v->a, v->lang, v->site->zone, c->at_us, DATE_DAY),
                                     .date_iso = text_date(v->a, v->lang, v->site->zone, c->at_us, DATE_ISO),
                                     .text = first,
                                     .more = lines_view(v, rest)};
    }
}

static enum rc fill_neighbours(struct visit *v, const struct article *art, struct view_article *out) {
    struct article_card newer = {0}, older = {0};
    int64_t until = INT64_MAX;
    enum rc rc = article_neighbours(v->a, v->db, art, v->now, &newer, &older, &until);
    if (rc != RC_OK)
        return rc;
    render_until(&v->uses, until);
    if (newer.number != 0) {
        render_use(&v->uses, EDITION_ITEM, newer.number);
        out->newer = card_view(v, &newer, PICTURE_NONE);
    } else {
        render_use(&v->uses, EDITION_SECTION, art->section_id);
    }
    if (older.number != 0) {
        render_use(&v->uses, EDITION_ITEM, older.number);
        out->older = card_view(v, &older, PICTURE_NONE);
    }
    return RC_OK;
}

static enum rc fill_related(struct visit *v, const struct article *art, struct view_article *out) {
    struct article_card *cards;
    size_t count;
    if (v->lite)
        return RC_OK;
    enum rc rc = article_related(v->a, v->db, art, v->now, RELATED, &cards, &count);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < count; i++)
        render_use(&v->uses, EDITION_ITEM, cards[i].number);
    visit_keep_ten_minutes(v);
    out->related = cards_view(v, cards, count, PICTURE_CARD);
    return RC_OK;
}

static enum rc fill_translations(struct visit *v, const struct article *art, struct str here,
                                 struct view_article *out) {
    struct article_card *cards;
    size_t count;
    int64_t until = INT64_MAX;
    enum rc rc = article_translations(v->a, v->db, art, v->now, &cards, &count, &until);
    if (rc != RC_OK)
        return rc;
    render_until(&v->uses, until);
    out->translations = translations_view(v, cards, count);
    out->frame.alternates = alternates_view(v, here, &out->translations);
    return RC_OK;
}

// ---- the article itself
// -------------------------------------------------------------------------------------------------

static void fill_dates(struct visit *v, const struct article *art, struct view_article *out) {
    const struct text_zone *zone = v->site->zone;
    out->date_line = text_date(v->a, v->lang, zone, art->published_at, DATE_FULL);
    out->date_iso = text_date(v->a, v->lang, zone, art->published_at, DATE_ISO);
    out->json_modified = out->date_iso;
    if (art->modified_at <= art->published_at)
        return;
    out->modified_iso = text_date(v->a, v->lang, zone, art->modified_at, DATE_ISO);
    out->modified = text_date(v->a, v->lang, zone, art->modified_at, DATE_FULL);
    out->json_modified = out->modified_iso;
}

static void fill_reads(struct visit *v, const struct article *art, struct counter_cell *cell,
                       struct view_article *out) {
    out->reads.phrase = text_counter_get(v->lang, W_READS_COUNT);
    out->reads.cell = &cell->reads;
    out->reads.base = counters_base(v->site->counters, v->db, art->number, art->reads_base);
}

static void fill_text(struct visit *v, const struct article *art, struct view_article *out) {
    out->headline = art->headline;
    out->standfirst = art->standfirst;
    out->body = html_with_lead(v->a, art->body, art->dateline);
    out->first_part = out->last_part = true;
    if (art->agency.n > 0)
        out->agency = text_phrase(v->a, v->lang, W_AGENCY_CREDIT, 0, art->agency, STR_NONE);
    out->section = art->section.name;
    out->section_address = visit_link(v, link_section(v->a, v->lang, art->section.slug));
    out->tone = section_tone(v, art->section_id);
    out->image = picture_view(v, &art->image, PICTURE_STORY);
    out->short_address = link_absolute(v->a, v->site->origin, link_short(v->a, art->number));
    out->json_author = art->byline.n > 0 ? art->byline : art->agency.n > 0 ? art->agency : out->frame.site_name;
    out->json_logo = link_absolute(v->a, v->site->origin, out->frame.icon_png);
    out->frame.og_image_alt = out->image.alt;
    if (out->image.src.n > 0)
        out->json_image = out->frame.og_image = link_absolute(v->a, v->site->origin, out->image.src);
    out->crumbs = links_new(v->a, 2);
    links_add(&out->crumbs, text_word(v->lang, W_HOME), out->frame.front);
    links_add(&out->crumbs, out->section, out->section_address);
}

// Cuts the text into parts for slow connections; false when there is no such part.
static bool fill_part(struct visit *v, struct str address, size_t part, struct view_article *out) {
    struct html *parts;
    size_t count = html_parts(v->a, out->body, LITE_PART_BYTES, &parts);
    if (part > (count > 0 ? count : 1))
        return false;
    if (count == 0)
        return true;
    out->body = parts[part - 1];
    out->first_part = part == 1;
    out->last_part = part == count;
    if (count > 1)
        out->part = text_phrase(v->a, v->lang, W_PART_OF, 0, text_number(v->a, v->lang, (int64_t)part),
                                text_number(v->a, v->lang, (int64_t)count));
    out->parts.newer_label = text_word(v->lang, W_PREVIOUS_PART);
    out->parts.older_label = text_word(v->lang, W_NEXT_PART);
    struct str twin = visit_link(v, address);
    if (part > 1)
        out->parts.newer = part == 2 ? twin : str_fmt(v->a, "%.*s?part=%zu", STR_ARG(twin), part - 1);
    if (part < count)
        out->parts.older = str_fmt(v->a, "%.*s?part=%zu", STR_ARG(twin), part + 1);
    return true;
}

static struct str description_of(struct visit *v, const struct article *art) {
    return art->standfirst.n > 0 ? art->standfirst : html_excerpt(v->a, art->body, 180);
}

// A preview stands at another address, and what it shows may not be public.
static bool is_address_of(const struct article *art, struct str address) {
    return art->number != 0 && !str_starts(address, STR("/preview/"));
}

static enum rc fill_article(struct visit *v, const struct article *art, struct str address, struct view_article *view) {
    struct visit_page page = {art->headline, description_of(v, art), address, STR("article"), false};
    enum rc rc = visit_frame(v, &page, &view->frame);
    if (rc != RC_OK)
        return rc;
    fill_text(v, art, view);
    fill_dates(v, art, view);
    fill_people(v, art, view);
    fill_corrections(v, art, view);
    view->gallery = gallery_view(v, art->gallery);
    files_fill(v, art->files, view);
    rc = extra_fields_fill(v, art, view);
    embeds_fill(v, art->embeds, is_address_of(art, address) ? art->number : 0, view);
    view->rating = rating_view(v, art);
    view->share = share_view(v, view->frame.address, art->headline);
    if (rc == RC_OK)
        rc = fill_translations(v, art, address, view);
    if (rc == RC_OK)
        rc = fill_neighbours(v, art, view);
    return rc == RC_OK ? fill_related(v, art, view) : rc;
}

// The notice that stands at the address of what the newsroom took back.
static enum rc show_withdrawn(struct visit *v, const struct article *art) {
    struct view_withdrawn view = {.headline = art->headline, .notice = lines_view(v, art->withdrawal_notice)};
    struct visit_page page = {.title = text_word(v->lang, W_WITHDRAWN_TITLE), .no_index = true};
    enum rc rc = visit_frame(v, &page, &view.frame);
    if (rc != RC_OK)
        return rc;
    struct render_out out;
    render_out_init(&out, v->lang);
    VISIT_SHOW(v, &out, withdrawn, &view);
    return visit_send(v, &out, &(struct render_page){.status = 410, .no_index = true});
}

enum rc article_show_get(struct http_request *req, struct http_reply *reply) {
    struct visit v;
    int64_t number, until = INT64_MAX;
    size_t part = 1;
    if (visit_begin(&v, req, reply) != RC_OK)
        return legacy_redirect(req, reply);
    if (!number_of(req->params[2], &number))
        return page_show_get(req, reply);
    render_use(&v.uses, EDITION_ITEM, number);
    render_use(&v.uses, EDITION_VOTES, number);
    struct article art = {0};
    enum rc rc = article_show(v.a, v.db, number, v.now, &art, &until);
    if (rc == RC_NOT_FOUND)
        return page_show_get(req, reply);
    if ((rc != RC_OK && rc != RC_GONE) || !visit_part(&v, &part))
        return rc != RC_OK ? rc : RC_NOT_FOUND;
    struct str address = link_article_of(v.a, &art);
    if (visit_moved(&v, address))
        return RC_OK;
    render_until(&v.uses, until);
    if (rc == RC_GONE)
        return show_withdrawn(&v, &art);

    struct view_article *view = ARENA_NEW(v.a, struct view_article);
    struct counter_cell *cell = counters_cell(v.site->counters, number);
    rc = fill_article(&v, &art, address, view);
    if (rc != RC_OK)
        return rc;
    fill_reads(&v, &art, cell, view);
    if (v.lite && !fill_part(&v, address, part, view))
        return RC_NOT_FOUND;
    // In the full edition the parts are those of the comments.
    rc = comments_fill(&v, number, address, v.lite ? 1 : part, view);
    if (rc != RC_OK)
        return rc;
    struct render_out out;
    render_out_init(&out, v.lang);
    VISIT_SHOW(&v, &out, article, view);
    return visit_send(&v, &out, &(struct render_page){.count = cell, .number = number});
}

// What staff look at before it is published, through the same template: without counting, and for no search engine.
enum rc preview_show_get(struct http_request *req, struct http_reply *reply) {
    struct visit v;
    struct manuscript m;
    struct article art;
    int64_t id;
    if (visit_begin(&v, req, reply) != RC_OK)
        return RC_NOT_FOUND;
    enum rc rc = preview_find(v.site->preview_key, req->params[1], v.now, &id);
    if (rc == RC_OK)
        rc = manuscript_load(v.a, v.db, id, &m);
    if (rc == RC_OK && m.lang != v.lang)
        rc = RC_NOT_FOUND;
    if (rc == RC_OK)
        rc = manuscript_as_article(v.a, v.db, &m, &m.content, v.now, &art);
    if (rc != RC_OK)
        return rc;
    struct view_article *view = ARENA_NEW(v.a, struct view_article);
    rc = fill_article(&v, &art, req->path, view);
    if (rc != RC_OK)
        return rc;
    view->frame.no_index = true;
    view->reads = (struct render_spot){0};
    struct render_out out;
    render_out_init(&out, v.lang);
    tmpl_site_article(&out, view);
    return visit_send(&v, &out, &(struct render_page){.no_index = true, .is_framed = true}); // by the desk's preview
}
