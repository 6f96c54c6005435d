// SPDX-License-Identifier: AGPL-3.0-or-later
// One saved page of the old site: which kind of file it is, what it must have, and how it is stored so that importing
// it again changes nothing.
#include "import/page_parts.h"

#define PAGE_SITE_MARK "=page" // in front of the site of pages without an old id; no address can name it

// K2's classes decide; a text that merely mentions a tag is a text.
static bool is_html(struct str bytes) {
    struct str head = str_slice(bytes, 0, 4096);
    size_t at = 0;
    for (size_t i = 0; i < head.n; i++)
        if (head.p[i] == '<' && (str_eq_nocase(str_slice(head, i, i + 9), STR("<!doctype")) ||
                                 str_eq_nocase(str_slice(head, i, i + 5), STR("<html"))))
            return true;
    return str_find(bytes, STR("itemDateCreated"), &at) || str_find(bytes, STR("itemTitle"), &at);
}

static enum rc bytes_check(struct str bytes, struct problem *p) {
    if (bytes.n > IMPORT_PAGE_MAX)
        return problem_word(p, RC_TOO_BIG, W_REASON_FILE_BIG, 0, STR_NONE);
    if (str_trim(bytes).n == 0)
        return problem_word(p, RC_INVALID, W_REASON_FILE_EMPTY, 0, STR_NONE);
    if (memchr(bytes.p, 0, bytes.n) != NULL || !utf8_valid(bytes))
        return problem_word(p, RC_INVALID, W_REASON_FILE_NO_TEXT, 0, STR_NONE);
    return RC_OK;
}

static enum rc page_check(const struct imported_page *page, struct problem *p) {
    if (utf8_count(page->headline) > 300)
        return problem_word(p, RC_INVALID, W_REASON_HEADLINE_LONG, 0, STR_NONE);
    if (page->published_at <= 0)
        return problem_word(p, RC_INVALID, W_REASON_DATE_EARLY, 0, STR_NONE);
    if (utf8_count(page->byline) > 300 || page->image_alt.n > 1000 || page->image_caption.n > 1000 ||
        page->image_credit.n > 300)
        return problem_word(p, RC_INVALID, W_REASON_WORDS_LONG, 0, STR_NONE);
    return RC_OK;
}

enum rc import_page(struct arena *a, struct str bytes, const struct import_page_setup *setup, struct imported_page *out,
                    struct problem *p) {
    *out = (struct imported_page){0};
    enum rc rc = bytes_check(bytes, p);
    if (rc == RC_OK)
        rc = is_html(bytes) ? page_from_html(a, bytes, setup, out, p) : page_from_text(a, bytes, setup, out, p);
    if (rc == RC_OK && setup->old_id != 0)
        out->old_id = setup->old_id;
    return rc == RC_OK ? page_check(out, p) : rc;
}

// ---- storing -----------------------------------------------------------------------------------------------------------

struct page_key {
    struct str site;
    int64_t id;
};

static struct page_key key_of(struct arena *a, const struct imported_page *page, struct str site) {
    if (page->old_id > 0)
        return (struct page_key){site, page->old_id};
    struct str words = str_fmt(a, "%lld %.*s", (long long)page->published_at, STR_ARG(page->headline));
    return (struct page_key){str_fmt(a, "%s%.*s", PAGE_SITE_MARK, STR_ARG(site)),
                             (int64_t)(hash_stable(words) >> 1) | 1};
}

static enum rc section_default(struct arena *a, struct db *db, enum text_lang lang, struct section *out) {
    struct section *rows;
    size_t n;
    enum rc rc = section_list(a, db, lang, &rows, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        if (!rows[i].highlight) {
            *out = rows[i];
            return RC_OK;
        }
    return rc == RC_OK ? RC_NOT_FOUND : rc;
}

static enum rc section_named(struct arena *a, struct db *db, const struct import_page_target *t, struct section *out) {
    struct section *rows;
    size_t n;
    enum rc rc = section_list(a, db, t->lang, &rows, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        if (str_eq(rows[i].slug, t->section) || str_eq(rows[i].name, t->section)) {
            *out = rows[i];
            return RC_OK;
        }
    return rc == RC_OK ? RC_NOT_FOUND : rc;
}

// A mistyped name is the commonest reason, so the right ones are said.
static enum rc no_section(struct arena *a, struct db *db, const struct import_page_target *t, struct problem *p) {
    struct section *rows;
    size_t n;
    struct str names = STR("");
    enum rc rc = section_list(a, db, t->lang, &rows, &n);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < n; i++)
        names = str_fmt(a, "%.*s%s%.*s", STR_ARG(names), i > 0 ? ", " : "", STR_ARG(rows[i].slug));
    struct str code = text_lang_code(t->lang);
    if (n == 0)
        return problem_word(p, RC_INVALID, W_REASON_SECTIONS_NONE, 0, code);
    return problem_set(p, RC_INVALID, "There is no section \"%.*s\" in the language %.*s. There are: %.*s.",
                       STR_ARG(utf8_cut(t->section, 80)), STR_ARG(code), STR_ARG(utf8_cut(names, 300)));
}

static enum rc section_find(struct arena *a, struct db *db, const struct import_page_target *t, struct section *out,
                            struct news_changes *c, struct problem *p) {
    enum rc rc = t->section.n == 0 ? section_default(a, db, t->lang, out) : section_named(a, db, t, out);
    if (rc == RC_NOT_FOUND && t->section.n > 0 && t->make_section) {
        *out = (struct section){.lang = t->lang,
                                .name = t->section,
                                .slug = text_slug(a, t->lang, t->section),
                                .on_front = true,
                                .position = 9};
        rc = section_save(db, out, c);
        return rc == RC_OK
                   ? rc
                   : problem_set(p, rc, "The section \"%.*s\" cannot be made.", STR_ARG(utf8_cut(t->section, 80)));
    }
    return rc == RC_NOT_FOUND ? no_section(a, db, t, p) : rc;
}

enum rc import_page_target_check(struct arena *a, struct db *db, const struct import_page_target *target,
                                 struct problem *p) {
    struct section any;
    enum rc rc =
        target->section.n == 0 ? section_default(a, db, target->lang, &any) : section_named(a, db, target, &any);
    if (rc == RC_NOT_FOUND && target->section.n > 0 && target->make_section)
        return RC_OK;
    return rc == RC_NOT_FOUND ? no_section(a, db, target, p) : rc;
}

static struct article article_of(const struct imported_page *page, const struct section *section) {
    return (struct article){.lang = section->lang,
                            .section_id = section->id,
                            .headline = page->headline,
                            .byline = page->byline,
                            .agency = page->agency,
                            .body = page->body,
                            .image = {.alt = page->image_alt,
                                      .caption = page->image_caption,
                                      .credit = page->image_credit,
                                      .file_name = page->image_file_name},
                            .state = ARTICLE_PUBLISHED,
                            .published_at = page->published_at,
                            .modified_at = page->modified_at,
                            .reads_base = page->reads,
                            .votes_base_sum = page->votes_sum,
                            .votes_base_count = page->votes,
                            .votes_estimated = page->votes_estimated};
}

// Whoever has an old address keeps it: a page that merely says it had the same takes no reader from another article.
static enum rc address_put(struct db *db, struct str site, enum legacy_kind kind, int64_t old_id, int64_t new_id) {
    int64_t known;
    enum rc rc = legacy_get(db, site, kind, old_id, &known);
    return rc == RC_NOT_FOUND ? legacy_put(db, site, kind, old_id, new_id) : rc;
}

// The lists of the old site lead to ours, as far as the page told their numbers, and its attachments to the article.
static enum rc addresses_put(struct arena *a, struct db *db, struct str site, const struct imported_page *page,
                             const struct article *art) {
    enum rc rc = RC_OK;
    if (page->category_id > 0)
        rc = address_put(db, site, LEGACY_CATEGORY, page->category_id, art->section_id);
    if (rc == RC_OK && page->author_id > 0 && art->people_count > 0)
        rc = address_put(db, site, LEGACY_AUTHOR, page->author_id, art->people[0].id);
    for (size_t i = 0; rc == RC_OK && i < page->download_count; i++)
        rc = address_put(db, site, LEGACY_DOWNLOAD, page->downloads[i], art->number);
    int64_t path = legacy_path_key(a, page->old_path);
    return rc == RC_OK && path != 0 ? address_put(db, STR(""), LEGACY_PATH, path, art->number) : rc;
}

// What the field takes today, or as it stood: nothing of the old site is lost for the kind that somebody gave a field.
static struct str value_for(struct arena *a, const struct extra_field *f, enum text_lang lang, struct str value) {
    struct str taken;
    struct list_row row;
    for (struct str rest = f->common.choices; f->kind == EXTRA_CHOICE && rows_next(&rest, &row);)
        if (str_eq(extra_choice_words(f, lang, row.cells[0]), value))
            return row.cells[0];
    if (extra_value_take(a, f, value, &taken) == EXTRA_FINE)
        return taken;
    return utf8_cut_chars(page_line(a, value), EXTRA_VALUE_MAX);
}

static enum rc fields_of(struct arena *a, struct db *db, const struct imported_page *page,
                         const struct import_hand *hand, struct article *art, struct news_changes *c,
                         struct problem *p) {
    struct list_row rows[ROWS_MAX];
    struct extra_field f;
    enum rc rc = RC_OK;
    for (size_t i = 0; i < page->field_count && rc == RC_OK; i++) {
        const struct imported_field *field = &page->fields[i];
        const struct extra_wanted wanted = {art->lang, art->section_id, field->label, field->kind,
                                            hand == NULL || hand->may_define};
        rc = extra_field_ensure(a, db, hand != NULL ? &hand->who : NULL, &wanted, &f, c, p);
        if (rc == RC_OK)
            rows[i] = (struct list_row){{f.name, value_for(a, &f, art->lang, field->value)}};
    }
    if (rc == RC_OK && page->field_count > 0)
        art->extra_fields = rows_write(a, &rows_extra, rows, page->field_count);
    return rc;
}

static enum rc comments_add(struct arena *a, struct db *db, struct str site, const struct imported_page *page,
                            struct import_page_done *out, struct news_changes *c) {
    enum rc rc = RC_OK;
    bool added;
    for (size_t i = 0; i < page->comment_count && rc == RC_OK; i++) {
        rc = import_comment_store(a, db, site, out->number, &page->comments[i], &added, c);
        out->comments_added += added;
    }
    return rc == RC_TOO_BIG ? RC_OK : rc; // the article has as many as there may be
}

static enum rc audit(struct db *db, const struct import_hand *hand, int64_t number, struct str words) {
    if (hand == NULL)
        return RC_OK;
    const struct audit_entry entry = {
        .who = hand->who, .verb = STR("import"), .kind = STR("article"), .id = number, .after = words};
    return audit_add(db, &entry);
}

// It was imported before, perhaps when its comments could not be yet, and stands where the desk has put it since.
static enum rc known_add(struct arena *a, struct db *db, struct str site, const struct imported_page *page,
                         const struct import_hand *hand, struct import_page_done *out, struct news_changes *c) {
    struct article_where where;
    enum rc rc = article_where(db, out->number, &where);
    if (rc == RC_NOT_FOUND)
        return problem_word(&out->problem, RC_INVALID, W_REASON_TEXT_GONE, 0, STR_NONE);
    if (rc == RC_OK && hand != NULL && !hand->may_add(hand->arg, where.lang, where.section_id))
        return problem_word(&out->problem, RC_DENIED, W_REASON_NOT_YOURS, 0, STR_NONE);
    if (rc == RC_OK)
        rc = comments_add(a, db, site, page, out, c);
    return rc == RC_OK && out->comments_added > 0
               ? audit(db, hand, out->number, str_fmt(a, "+ comments: %zu", out->comments_added))
               : rc;
}

static enum rc article_make(struct arena *a, struct db *db, const struct imported_page *page,
                            const struct section *section, const struct import_hand *hand, struct article *out,
                            struct news_changes *c, struct problem *p) {
    *out = article_of(page, section);
    struct article_links links = {
        .tags = page->tags, .tag_count = page->tag_count, .people = &page->byline, .people_count = page->byline.n > 0};
    enum rc rc = fields_of(a, db, page, hand, out, c, p);
    return rc == RC_OK ? article_save(a, db, out, &links, c, p) : rc;
}

enum rc import_page_store(struct arena *a, struct db *db, const struct imported_page *page,
                          const struct import_page_target *target, const struct import_hand *hand,
                          struct import_page_done *out, struct news_changes *c) {
    struct page_key key = key_of(a, page, target->site);
    struct section section;
    struct article art;
    *out = (struct import_page_done){.number = 0};
    enum rc rc = legacy_get(db, key.site, LEGACY_ITEM, key.id, &out->number);
    if (rc != RC_NOT_FOUND)
        return rc == RC_OK ? known_add(a, db, target->site, page, hand, out, c) : rc;
    rc = section_find(a, db, target, &section, c, &out->problem);
    if (rc == RC_OK)
        rc = article_make(a, db, page, &section, hand, &art, c, &out->problem);
    if (rc != RC_OK)
        return rc;
    out->number = art.number;
    rc = legacy_put(db, key.site, LEGACY_ITEM, key.id, art.number);
    if (rc == RC_OK)
        rc = addresses_put(a, db, target->site, page, &art);
    if (rc == RC_OK)
        rc = comments_add(a, db, target->site, page, out, c);
    out->added = rc == RC_OK;
    return rc == RC_OK ? audit(db, hand, art.number, page->headline) : rc;
}

// ---- both steps ------------------------------------------------------------------------------------------------------

struct bringing {
    struct arena *a;
    const struct imported_page *page;
    const struct import_page_target *target;
    const struct import_hand *hand;
    struct import_page_done *done;
    struct news_changes changes;
};

static enum rc write_page(struct db *db, void *arg) {
    struct bringing *b = arg;
    b->changes = (struct news_changes){0};
    return import_page_store(b->a, db, b->page, b->target, b->hand, b->done, &b->changes);
}

enum rc import_page_bring(struct arena *a, struct store *store, struct str bytes, const struct import_page_setup *setup,
                          const struct import_page_target *target, const struct import_hand *hand,
                          struct import_page_done *out) {
    struct imported_page page;
    *out = (struct import_page_done){.number = 0};
    enum rc rc = import_page(a, bytes, setup, &page, &out->problem);
    if (rc != RC_OK)
        return rc;
    struct bringing b = {.a = a, .page = &page, .target = target, .hand = hand, .done = out};
    rc = store_write(store, STORE_DURABLE, write_page, &b);
    if (rc == RC_OK)
        news_changes_raise(&b.changes);
    return rc;
}
