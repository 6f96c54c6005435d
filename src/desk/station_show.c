// SPDX-License-Identifier: AGPL-3.0-or-later
// The station itself: what it is called in each language, its colours, time zone and contact; the languages it publishes
// in. What is saved is on every page at once.
#include "desk/parts.h"
#include "desk/routes.h"
#include "news/news.h"

static const struct {
    const char *key;
    enum text_word label, hint; // no hint: the label again
} words[] = {
    {"station_name", W_DESK_STATION_NAME, W_DESK_STATION_NAME},
    {"station_tagline", W_DESK_TAGLINE, W_DESK_TAGLINE},
    {"footer_note", W_DESK_FOOTER_NOTE, W_DESK_FOOTER_NOTE},
    {"station_zone", W_DESK_ZONE, W_DESK_ZONE_HINT},
    {"contact_email", W_DESK_EMAIL, W_DESK_EMAIL},
    {"contact_phone", W_DESK_PHONE, W_DESK_PHONE},
    {"contact_address", W_DESK_PLACE, W_DESK_PLACE},
    {"colour_brand", W_DESK_COLOUR_BRAND, W_DESK_COLOUR_HINT},
    {"colour_accent", W_DESK_COLOUR_ACCENT, W_DESK_COLOUR_HINT},
    {"colour_brand_dark", W_DESK_COLOUR_BRAND_DARK, W_DESK_COLOUR_HINT},
    {"colour_accent_dark", W_DESK_COLOUR_ACCENT_DARK, W_DESK_COLOUR_HINT},
    {"logo_media", W_DESK_LOGO, W_DESK_LOGO_HINT},
    {"icon_media", W_DESK_ICON, W_DESK_LOGO_HINT},
};
enum { FIELDS = sizeof(words) / sizeof(words[0]) };

struct editing {
    struct desk_visit *v;
    struct news_changes changes;
    struct problem problem;
    uint32_t languages;
    enum text_lang first;
};

bool station_setting_label(struct str key, enum text_word *out) {
    for (size_t i = 0; i < FIELDS; i++)
        if (str_eq(key, str_from(words[i].key))) {
            *out = words[i].label;
            return true;
        }
    return false;
}

static const char *field_name(struct desk_visit *v, const char *key, enum text_lang lang) {
    return lang == LANG_COUNT ? key : str_fmt(v->a, "%s-%.*s", key, STR_ARG(text_lang_code(lang))).p;
}

static bool is_on(const struct desk_visit *v, enum text_lang lang) {
    return lang == LANG_COUNT || (v->site->languages & (UINT32_C(1) << lang)) != 0;
}

// ---- the page ----------------------------------------------------------------------------------------------------------

static void add_field(struct desk_visit *v, struct view_desk_form *form, size_t i, enum text_lang lang) {
    struct str value = setting_own(v->a, v->db, words[i].key, lang);
    struct view_desk_field *f = desk_line(v, form, field_name(v, words[i].key, lang), words[i].label, value);
    const struct station_field *about = station_field_find(words[i].key);
    f->max = (int64_t)about->max;
    f->code = about->kind == STATION_COLOUR;
    if (words[i].hint != words[i].label)
        desk_hint(v, f, words[i].hint);
    if (lang == LANG_COUNT)
        return;
    f->label = str_fmt(v->a, "%.*s – %.*s", STR_ARG(f->label), STR_ARG(text_lang_name(lang)));
    f->lang = text_lang_code(lang);
    f->dir = text_lang_is_rtl(lang) ? STR("rtl") : STR("ltr");
}

static void add_settings(struct desk_visit *v, struct view_desk_page *page) {
    struct view_desk_form *form =
        desk_form(v, desk_block(v, page, desk_word(v, W_DESK_STATION_LOOK)), STR("/desk/station"), W_DESK_SAVE);
    form->intro = desk_word(v, W_DESK_STATION_TEXT);
    for (size_t i = 0; i < FIELDS; i++) {
        add_field(v, form, i, LANG_COUNT);
        if (station_field_find(words[i].key)->by_language)
            for (enum text_lang lang = 0; lang < LANG_COUNT; lang++)
                if (is_on(v, lang))
                    add_field(v, form, i, lang);
    }
}

static void add_languages(struct desk_visit *v, struct view_desk_page *page) {
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_LANGUAGES_ON));
    block->text = desk_word(v, W_DESK_LANGUAGES_ON_TEXT);
    struct view_desk_form *form = desk_form(v, block, STR("/desk/station/languages"), W_DESK_SAVE);
    struct str on = STR_NONE;
    for (enum text_lang lang = 0; lang < LANG_COUNT; lang++)
        if (is_on(v, lang))
            on = str_fmt(v->a, "%.*s %.*s", STR_ARG(on), STR_ARG(text_lang_code(lang)));
    desk_choose_language(v, desk_checks(v, form, "languages", W_DESK_LANGUAGES, on));
    desk_choose_language(
        v, desk_select(v, form, "default_lang", W_DESK_LANGUAGE_FIRST, text_lang_code(v->site->default_lang)));
}

static enum rc show(struct desk_visit *v, int status) {
    struct view_desk_page *page = desk_page(v, W_DESK_STATION);
    desk_intro(v, page, W_DESK_STATION_NOTE);
    add_settings(v, page);
    add_languages(v, page);
    return desk_send(v, page, status);
}

enum rc station_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    return show(&v, 0);
}

// ---- changes -----------------------------------------------------------------------------------------------------------

static void tell(struct desk_visit *v, const char *name, const struct station_refusal *r) {
    static const enum text_word said[] = {
        [STATION_EMPTY] = W_FORM_REQUIRED,        [STATION_NO_LINE] = W_FORM_BAD_TEXT,
        [STATION_NO_MAIL] = W_DESK_BAD_MAIL,      [STATION_NO_ZONE] = W_DESK_BAD_ZONE,
        [STATION_NO_COLOUR] = W_DESK_BAD_COLOUR,  [STATION_CONTRAST] = W_DESK_BAD_CONTRAST,
        [STATION_NO_PICTURE] = W_DESK_BAD_PICTURE};
    struct str ratio = str_fmt(v->a, "%d.%02d : 1", r->contrast / 100, r->contrast % 100);
    desk_problem_text(v, name, text_phrase(v->a, v->lang, said[r->fault], 0, ratio, r->suggestion));
}

static void check_field(struct desk_visit *v, const struct station_field *f, enum text_lang lang) {
    struct station_refusal refusal;
    const char *name = field_name(v, f->key, lang);
    if (!station_setting_check(v->a, v->db, f, lang, desk_field(v, name), &refusal))
        tell(v, name, &refusal);
}

static void check(struct desk_visit *v) {
    for (size_t i = 0; i < station_field_count; i++)
        for (enum text_lang lang = 0; lang <= LANG_COUNT; lang++)
            if (lang == LANG_COUNT || (station_fields[i].by_language && is_on(v, lang)))
                check_field(v, &station_fields[i], lang);
}

static enum rc save(struct db *db, void *arg) {
    struct editing *e = arg;
    struct desk_visit *v = e->v;
    struct audit_who who = desk_who(v);
    enum rc rc = RC_OK;
    e->changes = (struct news_changes){0};
    for (size_t i = 0; i < station_field_count; i++)
        for (enum text_lang lang = 0; rc == RC_OK && lang <= LANG_COUNT; lang++) {
            const struct station_field *f = &station_fields[i];
            if (lang == LANG_COUNT || (f->by_language && is_on(v, lang)))
                rc = station_setting_save(v->a, db, &who, f, lang, desk_field(v, field_name(v, f->key, lang)),
                                          &e->changes);
        }
    return rc;
}

// What is in force changes before the pages are made anew.
static enum rc taken(struct editing *e, const char *back) {
    struct site *site = e->v->site;
    if (site->running != NULL)
        site->running->settings_changed(site, e->v->db);
    news_changes_raise(&e->changes);
    return desk_go(e->v, str_from(back), "saved");
}

enum rc station_show_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct editing *e = ARENA_NEW(v.a, struct editing);
    e->v = &v;
    if (req->form_ok)
        check(&v);
    if (!desk_form_ok(&v))
        return show(&v, 422);
    enum rc rc = store_write(v.site->store, STORE_DURABLE, save, e);
    return rc == RC_OK ? taken(e, "/desk/station") : rc;
}

static enum rc save_languages(struct db *db, void *arg) {
    struct editing *e = arg;
    struct audit_who who = desk_who(e->v);
    e->changes = (struct news_changes){0};
    return station_languages_save(e->v->a, db, &who, e->languages, e->first, &e->changes, &e->problem);
}

enum rc station_languages_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct editing *e = ARENA_NEW(v.a, struct editing);
    struct str list = desk_field(&v, "languages"), word;
    enum text_lang lang;
    e->v = &v;
    while (str_next(&list, ' ', &word))
        if (text_lang_find(word, &lang))
            e->languages |= UINT32_C(1) << lang;
    if (e->languages == 0)
        desk_problem(&v, "languages", W_DESK_LANGUAGES_NONE);
    else if (!text_lang_find(desk_field(&v, "default_lang"), &e->first) ||
             (e->languages & UINT32_C(1) << e->first) == 0)
        desk_problem(&v, "default_lang", W_DESK_LANGUAGE_FIRST_OFF);
    if (!desk_form_ok(&v))
        return show(&v, 422);
    enum rc rc = store_write(v.site->store, STORE_DURABLE, save_languages, e);
    return rc == RC_OK ? taken(e, "/desk/station") : rc;
}
