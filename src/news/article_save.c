// SPDX-License-Identifier: AGPL-3.0-or-later
// Saving an article with all that is derived from it, correcting it, withdrawing it. Everything happens in the caller's
// write: the row, tags, people, the section's count and the search document stand together or not at all.
#include "news/internal.h"

#define HEADLINE_CHARS 300
enum { NOTICE_CHARS = 2000, NOTICE_LINES = 40 };

// ---- rules
// -----------------------------------------------------------------------------------------------------------

static enum rc line_check(struct str s, size_t max_chars, struct problem *p) {
    if (!is_line(s))
        return problem_word(p, RC_INVALID, W_REASON_LINE_BROKEN, 0, STR_NONE);
    if (utf8_count(s) > max_chars)
        return problem_word(p, RC_INVALID, W_REASON_LINE_LONG, (int64_t)max_chars, utf8_cut_chars(s, 40));
    return RC_OK;
}

// What readers are told in the newsroom's own words: lines, none of them empty, each a paragraph.
static enum rc notice_check(struct str text, struct problem *p) {
    struct str line;
    size_t lines = 0;
    if (utf8_count(text) > NOTICE_CHARS)
        return problem_word(p, RC_INVALID, W_REASON_LINE_LONG, NOTICE_CHARS, utf8_cut_chars(text, 40));
    while (str_next(&text, '\n', &line)) {
        if (!is_line(line))
            return problem_word(p, RC_INVALID, W_FORM_BAD_TEXT, 0, STR_NONE);
        if (++lines > NOTICE_LINES)
            return problem_word(p, RC_INVALID, W_REASON_NOTICE_LINES, NOTICE_LINES, STR_NONE);
    }
    return RC_OK;
}

// As it was typed: empty lines and white space around the lines go, tabs are spaces.
static enum rc notice_take(struct arena *a, struct str *text, struct problem *p) {
    struct str rest = *text, line;
    struct buf b;
    buf_init(&b, text->n + 1);
    while (str_next(&rest, '\n', &line)) {
        line = str_trim(line);
        if (line.n > 0 && b.n > 0)
            buf_char(&b, '\n');
        for (size_t i = 0; i < line.n; i++)
            buf_char(&b, line.p[i] == '\t' ? ' ' : line.p[i]);
    }
    *text = str_dup(a, buf_view(&b));
    buf_fini(&b);
    return notice_check(*text, p);
}

enum rc article_lines_check(const struct article *art, struct problem *p) {
    const struct {
        struct str text;
        size_t max;
    } rules[] = {{art->headline, HEADLINE_CHARS},
                 {art->standfirst, 1000},
                 {art->byline, 300},
                 {art->dateline, 120},
                 {art->agency, 120},
                 {art->image.alt, 1000},
                 {art->image.caption, 1000},
                 {art->image.credit, 300},
                 {art->image.file_name, 255},
                 {art->slug, 80}};
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        enum rc rc = line_check(rules[i].text, rules[i].max, p);
        if (rc != RC_OK)
            return rc;
    }
    return notice_check(art->withdrawal_notice, p);
}

static enum rc numbers_check(const struct article *art, struct problem *p) {
    if (art->number < 0 || art->number > NUMBER_MAX)
        return problem_set(p, RC_INVALID, "The number %lld is outside 1 to %lld.", (long long)art->number,
                           (long long)NUMBER_MAX);
    if (art->votes_base_count < 0 || art->votes_base_count > INT32_MAX || art->votes_base_sum < art->votes_base_count ||
        art->votes_base_sum > art->votes_base_count * 5)
        return problem_set(p, RC_INVALID, "%lld votes cannot make %lld stars.", (long long)art->votes_base_count,
                           (long long)art->votes_base_sum);
    if (art->reads_base < 0 || art->reads_base > INT64_C(1) << 40)
        return problem_set(p, RC_INVALID, "The imported reads are not a sensible number.");
    if (art->published_at < 0 || art->expires_at < 0 || art->modified_at < 0)
        return problem_word(p, RC_INVALID, W_REASON_DATE_EARLY, 0, STR_NONE);
    if (art->state == ARTICLE_PUBLISHED && art->published_at == 0)
        return problem_set(p, RC_INVALID, "A published article needs a date of publication.");
    if (art->expires_at != 0 && art->expires_at <= art->published_at)
        return problem_word(p, RC_INVALID, W_REASON_EXPIRES_EARLY, 0, STR_NONE);
    if ((int)art->state < ARTICLE_DRAFT || (int)art->state > ARTICLE_ARCHIVED)
        return problem_set(p, RC_INVALID, "There is no such state of an article.");
    return RC_OK;
}

static enum rc article_check(const struct article *art, struct problem *p) {
    if (str_trim(art->headline).n == 0)
        return problem_set(p, RC_INVALID, "An article needs a headline.");
    if (art->body.s.n > ARTICLE_BODY_BYTES || !utf8_valid(art->body.s))
        return problem_word(p, RC_INVALID, W_REASON_BODY_BAD, 0, STR_NONE);
    enum rc rc = article_lines_check(art, p);
    return rc == RC_OK ? numbers_check(art, p) : rc;
}

static enum rc section_check(struct db *db, const struct article *art, struct problem *p) {
    struct db_stmt *st = db_sql(db, "SELECT lang FROM sections WHERE id = $1");
    db_bind_i64(st, 1, art->section_id);
    bool found = db_step(st);
    bool same = found && str_eq(db_str(st, 0), text_lang_code(art->lang));
    enum rc rc = db_end(st);
    if (rc != RC_OK)
        return rc;
    if (!found)
        return problem_word(p, RC_INVALID, W_REASON_SECTION_NONE, 0, STR_NONE);
    return same ? RC_OK : problem_word(p, RC_INVALID, W_REASON_SECTION_LANG, 0, STR_NONE);
}

static enum rc links_check(const struct article_links *links, struct problem *p) {
    if (links->tag_count > ARTICLE_LINKS_MAX || links->people_count > ARTICLE_LINKS_MAX)
        return problem_word(p, RC_INVALID, W_REASON_NAMES_BAD, ARTICLE_LINKS_MAX, STR_NONE);
    return RC_OK;
}

// A translation group holds one article of a language; two would make one address say two things.
static enum rc group_check(struct db *db, const struct article *art, struct problem *p) {
    if (art->translation_group == 0)
        return RC_OK;
    struct db_stmt *st =
        db_sql(db, "SELECT number FROM articles WHERE translation_group = $1 AND lang = $2 AND id <> $3");
    db_bind_i64(st, 1, art->translation_group);
    db_bind_str(st, 2, text_lang_code(art->lang));
    db_bind_i64(st, 3, art->id);
    int64_t other = db_step(st) ? db_i64(st, 0) : 0;
    enum rc rc = db_end(st);
    if (rc == RC_OK && other != 0)
        return problem_word(p, RC_INVALID, W_REASON_TRANSLATED, 0, STR_NONE);
    return rc;
}

// ---- the row
// -----------------------------------------------------------------------------------------------------------

static enum rc number_take(struct db *db, struct article *art, struct problem *p) {
    if (art->number != 0)
        return RC_OK;
    struct db_stmt *st = db_sql(db, "SELECT MAX(number) FROM articles");
    art->number = db_step(st) ? db_i64(st, 0) + 1 : 1;
    enum rc rc = db_end(st);
    if (rc == RC_OK && art->number > NUMBER_MAX)
        return problem_set(p, RC_TOO_BIG, "The station's article numbers are used up.");
    return rc;
}

static void row_bind(struct db_stmt *st, const struct article *art) {
    db_bind_i64(st, 1, art->id);
    db_bind_i64(st, 2, art->number);
    db_bind_str(st, 3, text_lang_code(art->lang));
    db_bind_i64(st, 4, art->section_id);
    db_bind_i64(st, 5, art->translation_group);
    db_bind_str(st, 6, art->slug);
    db_bind_str(st, 7, art->headline);
    db_bind_str(st, 8, art->standfirst);
    db_bind_str(st, 9, art->byline);
    db_bind_str(st, 10, art->agency);
    db_bind_str(st, 11, art->body.s);
    db_bind_str(st, 12, art->withdrawal_notice);
    db_bind_i64(st, 13, art->image.media_id);
    db_bind_str(st, 14, art->image.alt);
    db_bind_str(st, 15, art->image.caption);
    db_bind_str(st, 16, art->image.credit);
    db_bind_str(st, 17, art->image.file_name);
    db_bind_i64(st, 18, art->state);
    db_bind_i64(st, 19, art->featured);
    db_bind_i64(st, 20, art->published_at);
    db_bind_i64(st, 21, art->expires_at);
    db_bind_i64(st, 22, art->modified_at);
    db_bind_i64(st, 23, art->reads_base);
    db_bind_i64(st, 24, art->votes_base_sum);
    db_bind_i64(st, 25, art->votes_base_count);
    db_bind_i64(st, 26, art->votes_estimated);
    db_bind_i64(st, 27, art->votes_sum);
    db_bind_i64(st, 28, art->votes_count);
    db_bind_i64(st, 29, art->version);
    db_bind_str(st, 30, art->dateline);
    db_bind_i64(st, 31, art->breaking);
    db_bind_str(st, 32, art->gallery);
    db_bind_str(st, 33, art->files);
    db_bind_str(st, 34, art->embeds);
    db_bind_str(st, 35, art->extra_fields);
}

static enum rc row_add(struct db *db, const struct article *art) {
    struct db_stmt *st = db_sql(
        db,
        "INSERT INTO articles (id, number, lang, section_id, translation_group, slug, headline, standfirst, byline, "
        "agency, body, withdrawal_notice, image_id, image_alt, image_caption, image_credit, image_file_name, state, "
        "featured, published_at, expires_at, modified_at, reads_base, votes_base_sum, votes_base_count, "
        "votes_estimated, votes_sum, votes_count, version, dateline, breaking, gallery, files, embeds, "
        "extra_fields) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
        "$12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35)");
    row_bind(st, art);
    return db_run(st);
}

static enum rc row_replace(struct db *db, const struct article *art) {
    struct db_stmt *st = db_sql(
        db, "UPDATE articles SET number = $2, lang = $3, section_id = $4, translation_group = $5, slug = $6, "
            "headline = $7, standfirst = $8, byline = $9, agency = $10, body = $11, withdrawal_notice = $12, "
            "image_id = $13, image_alt = $14, image_caption = $15, image_credit = $16, image_file_name = $17, "
            "state = $18, featured = $19, published_at = $20, expires_at = $21, modified_at = $22, reads_base = $23, "
            "votes_base_sum = $24, votes_base_count = $25, votes_estimated = $26, votes_sum = $27, votes_count = $28, "
            "version = $29, dateline = $30, breaking = $31, gallery = $32, files = $33, embeds = $34, "
            "extra_fields = $35 WHERE id = $1 AND version = $29 - 1");
    row_bind(st, art);
    enum rc rc = db_run(st);
    if (rc != RC_OK)
        return rc;
    return db_changes(db) == 1 ? RC_OK : RC_CONFLICT;
}

// ---- what hangs on it
// --------------------------------------------------------------------------------------------------

static enum rc tag_link(struct db *db, const struct article *art, int64_t tag_id, size_t position) {
    struct db_stmt *st =
        db_sql(db, "INSERT INTO article_tags (article_id, tag_id, position, number, state, published_at) "
                   "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (article_id, tag_id) DO NOTHING");
    db_bind_i64(st, 1, art->id);
    db_bind_i64(st, 2, tag_id);
    db_bind_i64(st, 3, (int64_t)position);
    db_bind_i64(st, 4, art->number);
    db_bind_i64(st, 5, art->state);
    db_bind_i64(st, 6, art->published_at);
    return db_run(st);
}

static enum rc person_link(struct db *db, const struct article *art, int64_t person_id, size_t position) {
    struct db_stmt *st =
        db_sql(db, "INSERT INTO article_people (article_id, person_id, position, lang, number, state, published_at) "
                   "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (article_id, person_id) DO NOTHING");
    db_bind_i64(st, 1, art->id);
    db_bind_i64(st, 2, person_id);
    db_bind_i64(st, 3, (int64_t)position);
    db_bind_str(st, 4, text_lang_code(art->lang));
    db_bind_i64(st, 5, art->number);
    db_bind_i64(st, 6, art->state);
    db_bind_i64(st, 7, art->published_at);
    return db_run(st);
}

static enum rc links_clear(struct db *db, int64_t article_id) {
    struct db_stmt *st = db_sql(db, "DELETE FROM article_tags WHERE article_id = $1");
    db_bind_i64(st, 1, article_id);
    enum rc rc = db_run(st);
    if (rc != RC_OK)
        return rc;
    st = db_sql(db, "DELETE FROM article_people WHERE article_id = $1");
    db_bind_i64(st, 1, article_id);
    return db_run(st);
}

static enum rc tags_write(struct arena *a, struct db *db, const struct article *art, const struct article_links *links,
                          struct problem *p) {
    for (size_t i = 0; i < links->tag_count; i++) {
        struct tag tag;
        enum rc rc = tag_ensure(a, db, art->lang, links->tags[i], &tag);
        if (rc == RC_GONE) // deleted at the desk: the text may still name it
            continue;
        if (rc == RC_INVALID)
            return problem_word(p, rc, W_REASON_NAMES_BAD, ARTICLE_LINKS_MAX, STR_NONE);
        if (rc == RC_OK)
            rc = tag_link(db, art, tag.id, i);
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}

static enum rc people_write(struct arena *a, struct db *db, const struct article *art,
                            const struct article_links *links, struct problem *p) {
    for (size_t i = 0; i < links->people_count; i++) {
        struct person person;
        struct str name = str_trim(links->people[i]);
        if (name.n == 0 || utf8_count(name) > 120 || !is_line(name))
            return problem_word(p, RC_INVALID, W_REASON_NAMES_BAD, ARTICLE_LINKS_MAX, STR_NONE);
        enum rc rc = person_ensure(a, db, name, &person);
        if (rc == RC_OK)
            rc = person_link(db, art, person.id, i);
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}

static enum rc count_move(struct db *db, int64_t section_id, int64_t by) {
    struct db_stmt *st = db_sql(db, "INSERT INTO section_counts (section_id, published) VALUES ($1, $2) "
                                    "ON CONFLICT (section_id) DO UPDATE SET published = section_counts.published + $2");
    db_bind_i64(st, 1, section_id);
    db_bind_i64(st, 2, by);
    return db_run(st);
}

static enum rc links_restate(struct db *db, const struct article *art) {
    struct db_stmt *st = db_sql(db, "UPDATE article_tags SET state = $2, published_at = $3 WHERE article_id = $1");
    db_bind_i64(st, 1, art->id);
    db_bind_i64(st, 2, art->state);
    db_bind_i64(st, 3, art->published_at);
    enum rc rc = db_run(st);
    if (rc != RC_OK)
        return rc;
    st = db_sql(db, "UPDATE article_people SET state = $2, published_at = $3 WHERE article_id = $1");
    db_bind_i64(st, 1, art->id);
    db_bind_i64(st, 2, art->state);
    db_bind_i64(st, 3, art->published_at);
    return db_run(st);
}

static enum rc search_sync(struct db *db, const struct article *art) {
    if (art->state != ARTICLE_PUBLISHED)
        return search_remove(db, art->number);
    struct arena *a = arena_new((size_t)32 << 20);
    struct search_doc doc = {.lang = art->lang,
                             .at_us = art->published_at,
                             .number = art->number,
                             .section_id = art->section_id,
                             .headline = art->headline,
                             .standfirst = art->standfirst,
                             .body = html_to_text(a, art->body)};
    enum rc rc = search_put(db, &doc);
    arena_free(&a);
    return rc;
}

enum rc article_sync_state(struct db *db, const struct article *art, enum article_state was, int64_t old_section) {
    bool counted = was == ARTICLE_PUBLISHED, counts = art->state == ARTICLE_PUBLISHED;
    enum rc rc = RC_OK;
    if (counted && (!counts || old_section != art->section_id))
        rc = count_move(db, old_section, -1);
    if (rc == RC_OK && counts && (!counted || old_section != art->section_id))
        rc = count_move(db, art->section_id, 1);
    if (rc == RC_OK)
        rc = links_restate(db, art);
    return rc == RC_OK ? search_sync(db, art) : rc;
}

// ---- which pages show it
// ---------------------------------------------------------------------------------------------

// The sitemap file that lists it, and the index that says when the file changed.
static void note_block(enum text_lang lang, int64_t number, bool hard, struct news_changes *c) {
    news_changes_note(c, EDITION_BLOCK, article_block_id(lang, article_block_of(number)), hard);
    news_changes_note(c, EDITION_CHANGED, lang, hard);
}

static void note_scopes(const struct article *art, bool hard, struct news_changes *c) {
    news_changes_note(c, EDITION_SECTION, art->section_id, hard);
    news_changes_note(c, EDITION_FRONT, art->lang, hard);
    note_block(art->lang, art->number, hard, c);
    for (size_t i = 0; i < art->tag_count; i++)
        news_changes_note(c, EDITION_TAG, art->tags[i].id, hard);
    for (size_t i = 0; i < art->people_count; i++)
        news_changes_note(c, EDITION_PERSON, art->people[i].id, hard);
}

static enum rc note_rows(struct db_stmt *st, bool hard, struct news_changes *c) {
    while (db_step(st))
        news_changes_note(c, EDITION_ITEM, db_i64(st, 0), hard);
    return db_end(st);
}

// The pages before and after it in the section print its headline as a link.
static enum rc note_neighbours(struct db *db, const struct article *art, bool hard, struct news_changes *c) {
    struct db_stmt *st = db_sql(
        db, "SELECT number FROM articles WHERE section_id = $1 AND state = 2 AND (published_at, number) > ($2, $3) "
            "ORDER BY published_at, number LIMIT 1");
    db_bind_i64(st, 1, art->section_id);
    db_bind_i64(st, 2, art->published_at);
    db_bind_i64(st, 3, art->number);
    enum rc rc = note_rows(st, hard, c);
    if (rc != RC_OK)
        return rc;
    st = db_sql(db,
                "SELECT number FROM articles WHERE section_id = $1 AND state = 2 AND (published_at, number) < ($2, $3) "
                "ORDER BY published_at DESC, number DESC LIMIT 1");
    db_bind_i64(st, 1, art->section_id);
    db_bind_i64(st, 2, art->published_at);
    db_bind_i64(st, 3, art->number);
    return note_rows(st, hard, c);
}

// Their pages and their sitemap files name its address.
static enum rc note_translations(struct db *db, const struct article *art, bool hard, struct news_changes *c) {
    struct db_stmt *st =
        db_sql(db, "SELECT number, lang FROM articles WHERE translation_group = $1 AND id <> $2 LIMIT 32");
    db_bind_i64(st, 1, art->translation_group);
    db_bind_i64(st, 2, art->id);
    while (db_step(st)) {
        enum text_lang lang;
        news_changes_note(c, EDITION_ITEM, db_i64(st, 0), hard);
        if (text_lang_find(db_str(st, 1), &lang))
            note_block(lang, db_i64(st, 0), hard, c);
    }
    return db_end(st);
}

// Articles that may list it as related: the newest that share one of its first three tags.
static enum rc note_related(struct db *db, const struct article *art, bool hard, struct news_changes *c) {
    for (size_t i = 0; i < art->tag_count && i < 3; i++) {
        struct db_stmt *st = db_sql(db, "SELECT number FROM article_tags WHERE tag_id = $1 AND state = 2 "
                                        "ORDER BY published_at DESC, number DESC LIMIT 24");
        db_bind_i64(st, 1, art->tags[i].id);
        enum rc rc = note_rows(st, hard, c);
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}

enum rc article_note_lists(struct arena *a, struct db *db, const struct article *art, bool hard,
                           struct news_changes *c) {
    (void)a;
    note_scopes(art, hard, c);
    // Whoever shows its card, as related or most read, depends on its number; these are the lists it leaves or enters.
    enum rc rc = note_neighbours(db, art, hard, c);
    if (rc == RC_OK)
        rc = note_translations(db, art, hard, c);
    return rc == RC_OK ? note_related(db, art, hard, c) : rc;
}

static bool card_is_same(const struct article *x, const struct article *y) {
    if (x->standfirst.n == 0 && !str_eq(x->body.s, y->body.s))
        return false; // the card shows the beginning of the body
    return str_eq(x->headline, y->headline) && str_eq(x->standfirst, y->standfirst) && str_eq(x->slug, y->slug) &&
           str_eq(x->byline, y->byline) && x->section_id == y->section_id && x->lang == y->lang &&
           x->translation_group == y->translation_group && x->published_at == y->published_at &&
           x->expires_at == y->expires_at && x->state == y->state && x->featured == y->featured &&
           x->breaking == y->breaking && x->image.media_id == y->image.media_id && str_eq(x->image.alt, y->image.alt) &&
           str_eq(x->image.credit, y->image.credit) && str_eq(x->image.file_name, y->image.file_name);
}

static bool links_are_same(const struct article *x, const struct article *y) {
    if (x->tag_count != y->tag_count || x->people_count != y->people_count)
        return false;
    for (size_t i = 0; i < x->tag_count; i++)
        if (x->tags[i].id != y->tags[i].id)
            return false;
    for (size_t i = 0; i < x->people_count; i++)
        if (x->people[i].id != y->people[i].id)
            return false;
    return true;
}

static enum rc note_save(struct arena *a, struct db *db, const struct article *old, const struct article *art,
                         struct news_changes *c) {
    bool was_public = old->id != 0 && old->state == ARTICLE_PUBLISHED, is_public = art->state == ARTICLE_PUBLISHED;
    bool hides = was_public && (!is_public || art->published_at > old->published_at ||
                                (art->expires_at != 0 && art->expires_at != old->expires_at));
    news_changes_note(c, EDITION_ITEM, art->number, hides);
    if (!was_public && !is_public)
        return RC_OK;
    note_block(art->lang, art->number, hides, c);
    if (was_public && is_public && card_is_same(old, art) && links_are_same(old, art))
        return RC_OK;
    enum rc rc = was_public ? article_note_lists(a, db, old, hides, c) : RC_OK;
    return rc == RC_OK ? article_note_lists(a, db, art, hides, c) : rc;
}

// ---- saving
// ------------------------------------------------------------------------------------------------------------

static enum rc old_load(struct arena *a, struct db *db, struct article *art, struct article *old, struct problem *p) {
    *old = (struct article){0};
    if (art->id == 0)
        return RC_OK;
    struct db_stmt *st = db_sql(db, "SELECT number FROM articles WHERE id = $1");
    db_bind_i64(st, 1, art->id);
    int64_t number = db_step(st) ? db_i64(st, 0) : 0;
    enum rc rc = db_end(st);
    if (rc == RC_OK && number == 0)
        rc = problem_word(p, RC_NOT_FOUND, W_REASON_TEXT_GONE, 0, STR_NONE);
    if (rc == RC_OK)
        rc = article_load(a, db, number, old);
    if (rc == RC_OK && old->version != art->version)
        rc = problem_word(p, RC_CONFLICT, W_REASON_STALE, 0, STR_NONE);
    if (rc == RC_OK && art->number != 0 && art->number != old->number)
        rc = problem_set(p, RC_INVALID, "The number of an article cannot change.");
    art->number = old->number;
    return rc;
}

// What the row gets that the caller does not say: ids, address, totals.
static void complete(struct arena *a, struct article *art, const struct article *old) {
    if (art->id == 0)
        art->id = id_next();
    if (art->translation_group == 0)
        art->translation_group = art->id;
    art->slug = text_slug(a, art->lang, art->slug.n > 0 ? art->slug : art->headline);
    art->votes_sum = art->votes_base_sum + old->votes_sum - old->votes_base_sum;
    art->votes_count = art->votes_base_count + old->votes_count - old->votes_base_count;
    art->version = old->version + 1;
}

static enum rc save_row(struct arena *a, struct db *db, struct article *art, const struct article *old,
                        struct problem *p) {
    enum rc rc = number_take(db, art, p);
    if (rc != RC_OK)
        return rc;
    complete(a, art, old);
    rc = old->id == 0 ? row_add(db, art) : row_replace(db, art);
    if (rc == RC_CONFLICT)
        return problem_set(p, rc, "The number %lld is taken.", (long long)art->number);
    return rc;
}

enum rc article_save(struct arena *a, struct db *db, struct article *art, const struct article_links *links,
                     struct news_changes *c, struct problem *p) {
    static const struct article_links none;
    links = links == NULL ? &none : links;
    struct article old, saved = *art;
    enum rc rc = article_check(art, p);
    if (rc == RC_OK)
        rc = rows_check(a, &rows_gallery, &saved.gallery, p);
    if (rc == RC_OK)
        rc = rows_check(a, &rows_files, &saved.files, p);
    if (rc == RC_OK)
        rc = rows_check(a, &rows_embeds, &saved.embeds, p);
    if (rc == RC_OK)
        rc = rows_check(a, &rows_extra, &saved.extra_fields, p);
    if (rc == RC_OK)
        rc = links_check(links, p);
    if (rc == RC_OK)
        rc = section_check(db, art, p);
    if (rc == RC_OK)
        rc = old_load(a, db, &saved, &old, p);
    if (rc == RC_OK)
        rc = group_check(db, &saved, p);
    if (rc == RC_OK)
        rc = save_row(a, db, &saved, &old, p);
    if (rc == RC_OK)
        rc = article_media_sync(db, &saved);
    if (rc == RC_OK)
        rc = links_clear(db, saved.id);
    if (rc == RC_OK)
        rc = tags_write(a, db, &saved, links, p);
    if (rc == RC_OK)
        rc = people_write(a, db, &saved, links, p);
    if (rc == RC_OK)
        rc = article_sync_state(db, &saved, old.state, old.section_id);
    if (rc == RC_OK)
        rc = article_block_sync(db, &old, &saved);
    if (rc == RC_OK)
        rc = article_load(a, db, saved.number, &saved);
    if (rc == RC_OK)
        rc = note_save(a, db, &old, &saved, c);
    if (rc == RC_OK)
        *art = saved;
    return rc;
}

// ---- another section
// ------------------------------------------------------------------------------------------------------

static enum rc section_set(struct db *db, const struct article *art, int64_t section_id) {
    struct db_stmt *st = db_sql(db, "UPDATE articles SET section_id = $2, version = version + 1 WHERE id = $1");
    db_bind_i64(st, 1, art->id);
    db_bind_i64(st, 2, section_id);
    return db_run(st);
}

// Its address has another section's name in it from now on. Whoever shows its card depends on its number.
enum rc article_section_move(struct arena *a, struct db *db, int64_t number, int64_t section_id,
                             struct news_changes *c) {
    struct article art;
    enum rc rc = article_load(a, db, number, &art);
    if (rc == RC_OK)
        rc = section_set(db, &art, section_id);
    if (rc != RC_OK)
        return rc;
    int64_t left = art.section_id;
    art.section_id = section_id;
    news_changes_note(c, EDITION_ITEM, number, false);
    news_changes_note(c, EDITION_SECTION, left, false);
    news_changes_note(c, EDITION_SECTION, section_id, false);
    news_changes_note(c, EDITION_FRONT, art.lang, false);
    note_block(art.lang, number, false, c);
    rc = article_sync_state(db, &art, art.state, left);
    return rc == RC_OK ? note_translations(db, &art, false, c) : rc;
}

// ---- corrections and withdrawal
// ----------------------------------------------------------------------------------------

// A public note below the text. No list's order or choice changes: the article, whoever shows its card, and the sitemaps,
// which print the date of change.
enum rc article_correct(struct arena *a, struct db *db, int64_t number, struct str text, int64_t at_us,
                        struct news_changes *c, struct problem *p) {
    struct article art;
    enum rc rc = notice_take(a, &text, p);
    if (rc == RC_OK && text.n == 0)
        rc = problem_word(p, RC_INVALID, W_FORM_REQUIRED, 0, STR_NONE);
    if (rc == RC_OK)
        rc = article_load(a, db, number, &art);
    if (rc != RC_OK)
        return rc;
    if (art.state == ARTICLE_WITHDRAWN)
        return RC_GONE;
    if (art.correction_count >= ARTICLE_LINKS_MAX)
        return RC_TOO_BIG;
    struct db_stmt *st =
        db_sql(db, "INSERT INTO corrections (id, article_id, corrected_at, notice) VALUES ($1, $2, $3, $4)");
    db_bind_i64(st, 1, id_next());
    db_bind_i64(st, 2, art.id);
    db_bind_i64(st, 3, at_us);
    db_bind_str(st, 4, text);
    rc = db_run(st);
    if (rc != RC_OK)
        return rc;
    st = db_sql(db, "UPDATE articles SET modified_at = $2, version = version + 1 WHERE id = $1 AND modified_at <= $2");
    db_bind_i64(st, 1, art.id);
    db_bind_i64(st, 2, at_us);
    rc = db_run(st);
    if (rc == RC_OK)
        rc = article_block_sync(db, &art, &art);
    news_changes_note(c, EDITION_ITEM, number, false);
    if (art.state == ARTICLE_PUBLISHED)
        note_block(art.lang, number, false, c);
    return rc;
}

enum rc article_withdraw(struct arena *a, struct db *db, int64_t number, struct str notice, int64_t at_us,
                         struct news_changes *c, struct problem *p) {
    struct article art;
    enum rc rc = notice_take(a, &notice, p);
    if (rc == RC_OK)
        rc = article_load(a, db, number, &art);
    if (rc != RC_OK)
        return rc;
    struct article old = art;
    struct db_stmt *st = db_sql(db, "UPDATE articles SET state = 3, withdrawal_notice = $2, modified_at = $3, "
                                    "version = version + 1 WHERE id = $1");
    db_bind_i64(st, 1, art.id);
    db_bind_str(st, 2, notice);
    db_bind_i64(st, 3, at_us);
    rc = db_run(st);
    art.state = ARTICLE_WITHDRAWN;
    if (rc == RC_OK)
        rc = article_sync_state(db, &art, old.state, art.section_id);
    if (rc == RC_OK)
        rc = article_block_sync(db, &old, &art);
    if (rc == RC_OK)
        rc = article_note_lists(a, db, &art, true, c);
    news_changes_note(c, EDITION_ITEM, number, true);
    return rc;
}
