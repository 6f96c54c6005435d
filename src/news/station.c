// SPDX-License-Identifier: AGPL-3.0-or-later
// A new station: in each language a newsroom with two sections, two trees of pages and the four entries of the menu,
// so that every address of the menu answers from the first minute. Pages are linked as translations of one another.
#include "news/internal.h"
#include "news/station_starter.h"

struct starter {
    struct arena *a;
    struct db *db;
    struct news_changes *c;
    struct problem *p;
    int64_t now_us;
    int64_t groups[STARTER_PAGES]; // the first language's pages
};

static const enum starter_page parent_of[STARTER_PAGES] = {
    [STARTER_PROFILE] = STARTER_PAGES,   [STARTER_HISTORY] = STARTER_PROFILE, [STARTER_VISION] = STARTER_PROFILE,
    [STARTER_CONTACT] = STARTER_PROFILE, [STARTER_ZONE] = STARTER_PAGES,      [STARTER_SERVICE] = STARTER_ZONE,
    [STARTER_REPORT] = STARTER_ZONE};

static enum rc section_make(struct starter *s, enum text_lang lang, const char *name, const char *about, bool highlight,
                            int64_t *id_out) {
    struct section section = {.lang = lang,
                              .slug = text_slug(s->a, lang, str_from(name)),
                              .name = str_from(name),
                              .description = str_from(about),
                              .highlight = highlight,
                              .on_front = true,
                              .position = highlight ? 2 : 1};
    enum rc rc = section_save(s->db, &section, s->c);
    *id_out = section.id;
    return rc == RC_OK ? rc
                       : problem_set(s->p, rc, "The section \"%s\" could not be made: is this a new station?", name);
}

static enum rc starter_body(struct starter *s, const struct starter_words *w, enum starter_page which,
                            struct html *out) {
    const char *text = which == STARTER_PROFILE ? w->profile_body
                       : which == STARTER_ZONE  ? w->zone_body
                                                : w->empty_body;
    return html_clean(s->a, html_from_paragraphs(s->a, str_from(text)).s, out);
}

static enum rc page_make(struct starter *s, enum text_lang lang, enum starter_page which, int64_t ids[STARTER_PAGES]) {
    const struct starter_words *w = &starter_words[lang];
    enum starter_page parent = parent_of[which];
    struct page page = {.lang = lang,
                        .parent_id = parent == STARTER_PAGES ? 0 : ids[parent],
                        .translation_group = s->groups[which],
                        .title = str_from(w->titles[which]),
                        .position = (int)which,
                        .integrity = which == STARTER_ZONE,
                        .modified_at = s->now_us};
    enum rc rc = starter_body(s, w, which, &page.body);
    if (rc == RC_OK)
        rc = page_save(s->a, s->db, &page, s->c, s->p);
    ids[which] = page.id;
    if (s->groups[which] == 0)
        s->groups[which] = page.translation_group;
    return rc;
}

static enum rc language_make(struct starter *s, enum text_lang lang) {
    const struct starter_words *w = &starter_words[lang];
    int64_t news = 0, highlight = 0, pages[STARTER_PAGES] = {0};
    enum rc rc = section_make(s, lang, w->news, w->news_about, false, &news);
    if (rc == RC_OK)
        rc = section_make(s, lang, w->highlight, w->highlight_about, true, &highlight);
    for (enum starter_page which = 0; rc == RC_OK && which < STARTER_PAGES; which++)
        rc = page_make(s, lang, which, pages);
    if (rc != RC_OK)
        return rc;
    // The live page has no name of its own: an empty label lets the page print the language's word.
    struct menu_entry menu[] = {{.target = MENU_LIVE},
                                {.target = MENU_SECTION, .target_id = highlight},
                                {.target = MENU_PAGE, .target_id = pages[STARTER_PROFILE]},
                                {.target = MENU_PAGE, .target_id = pages[STARTER_ZONE]}};
    return menu_save(s->db, lang, menu, sizeof menu / sizeof menu[0], s->c);
}

enum rc station_language_begin(struct arena *a, struct db *db, enum text_lang lang, struct news_changes *c,
                               struct problem *p) {
    struct starter s = {.a = a, .db = db, .c = c, .p = p, .now_us = clock_now_us()};
    struct section *sections;
    size_t count;
    enum rc rc = section_list(a, db, lang, &sections, &count);
    return rc == RC_OK && count == 0 ? language_make(&s, lang) : rc;
}

static struct str language_codes(struct arena *a, uint32_t languages, enum text_lang *first_out) {
    struct str codes = STR("");
    *first_out = LANG_COUNT;
    for (enum text_lang lang = 0; lang < LANG_COUNT; lang++) {
        if ((languages & 1u << lang) == 0)
            continue;
        if (*first_out == LANG_COUNT)
            *first_out = lang;
        codes = str_fmt(a, "%.*s%s%.*s", STR_ARG(codes), codes.n > 0 ? " " : "", STR_ARG(text_lang_code(lang)));
    }
    return codes;
}

static enum rc settings_make(struct arena *a, struct db *db, struct str name, struct str zone, uint32_t languages) {
    enum text_lang first;
    struct str codes = language_codes(a, languages, &first);
    const struct {
        const char *key;
        struct str value;
    } rows[] = {
        {"station_name", name}, {"station_zone", zone}, {"languages", codes}, {"default_lang", text_lang_code(first)}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum rc rc = setting_set(db, rows[i].key, LANG_COUNT, rows[i].value);
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}

enum rc station_init(struct arena *a, struct db *db, struct str name, struct str zone, uint32_t languages,
                     struct news_changes *c, struct problem *p) {
    const struct text_zone *found;
    name = str_trim(name);
    if (name.n == 0 || utf8_count(name) > 120 || !is_line(name))
        return problem_set(p, RC_INVALID, "A station needs a name of 1 to 120 characters on one line.");
    if (text_zone_find(zone, &found) != RC_OK)
        return problem_set(p, RC_INVALID, "\"%.*s\" is no time zone; an example is Asia/Jakarta.",
                           STR_ARG(utf8_cut(zone, 80)));
    if (languages == 0 || languages >> LANG_COUNT != 0)
        return problem_set(p, RC_INVALID, "A station needs at least one of its nine languages.");
    struct starter s = {.a = a, .db = db, .c = c, .p = p, .now_us = clock_now_us()};
    enum rc rc = settings_make(a, db, name, zone, languages);
    for (enum text_lang lang = 0; rc == RC_OK && lang < LANG_COUNT; lang++)
        if ((languages & 1u << lang) != 0)
            rc = language_make(&s, lang);
    return rc;
}
