// SPDX-License-Identifier: AGPL-3.0-or-later
// What the station says of itself and how it looks: one table of settings, checked here whoever changes them, each
// change with its row in the audit; and the languages it publishes in.
#include <limits.h>

#include "news/internal.h"

// The grounds of assets/site.css (--paper, --panel) that links, buttons and warnings stand on.
#define LIGHT                                                                                                          \
    { "#fdfcf9", "#f3f0e9" }
#define DARK                                                                                                           \
    { "#14171b", "#1e2329" }
enum { CONTRAST_AA = 450 };

const struct station_field station_fields[] = {
    // key, kind, by language, needed, characters, grounds of a colour, place of a picture
    {"station_name", STATION_LINE, true, true, 120, {NULL, NULL}, MEDIA_PLACE_NONE},
    {"station_tagline", STATION_LINE, true, false, 200, {NULL, NULL}, MEDIA_PLACE_NONE},
    {"footer_note", STATION_LINE, true, false, 300, {NULL, NULL}, MEDIA_PLACE_NONE},
    {"station_zone", STATION_ZONE, false, true, 60, {NULL, NULL}, MEDIA_PLACE_NONE},
    {"contact_email", STATION_MAIL, false, false, MAIL_MAX, {NULL, NULL}, MEDIA_PLACE_NONE},
    {"contact_phone", STATION_LINE, false, false, 60, {NULL, NULL}, MEDIA_PLACE_NONE},
    {"contact_address", STATION_LINE, true, false, 300, {NULL, NULL}, MEDIA_PLACE_NONE},
    {"colour_brand", STATION_COLOUR, false, false, 7, LIGHT, MEDIA_PLACE_NONE},
    {"colour_accent", STATION_COLOUR, false, false, 7, LIGHT, MEDIA_PLACE_NONE},
    {"colour_brand_dark", STATION_COLOUR, false, false, 7, DARK, MEDIA_PLACE_NONE},
    {"colour_accent_dark", STATION_COLOUR, false, false, 7, DARK, MEDIA_PLACE_NONE},
    {"logo_media", STATION_PICTURE, false, false, 20, {NULL, NULL}, MEDIA_PLACE_LOGO},
    {"icon_media", STATION_PICTURE, false, false, 20, {NULL, NULL}, MEDIA_PLACE_ICON},
};
const size_t station_field_count = sizeof station_fields / sizeof station_fields[0];

const struct station_field *station_field_find(const char *key) {
    for (size_t i = 0; i < station_field_count; i++)
        if (strcmp(station_fields[i].key, key) == 0)
            return &station_fields[i];
    return NULL;
}

// ---- checks ------------------------------------------------------------------------------------------------------------

static bool refuse(struct station_refusal *out, enum station_fault fault) {
    out->fault = fault;
    return false;
}

bool mail_is_sound(struct str s) {
    size_t at;
    if (s.n > MAIL_MAX || !str_find_char(s, '@', &at) || at == 0 || at + 1 == s.n || s.p[at + 1] == '.' ||
        s.p[s.n - 1] == '.')
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] >= 0x7f || strchr("\"<>(),:;\\[]?&", s.p[i]) != NULL || (s.p[i] == '@' && i != at))
            return false;
    return true;
}

// On the ground where it is read worst.
static bool colour_check(struct arena *a, const struct station_field *f, struct str value,
                         struct station_refusal *out) {
    struct colour colour, ground;
    if (!colour_parse(value, &colour))
        return refuse(out, STATION_NO_COLOUR);
    struct colour better = colour;
    out->contrast = INT_MAX;
    for (size_t i = 0; i < 2; i++) {
        must(colour_parse(str_from(f->grounds[i]), &ground));
        int contrast = colour_contrast(colour, ground);
        out->contrast = contrast < out->contrast ? contrast : out->contrast;
        better = colour_readable(better, ground, CONTRAST_AA);
    }
    out->suggestion = colour_text(a, better);
    return out->contrast >= CONTRAST_AA || refuse(out, STATION_CONTRAST);
}

static bool picture_check(struct arena *a, struct db *db, struct str value, struct station_refusal *out) {
    struct media_entry m;
    int64_t id;
    if (!str_to_i64(value, &id) || id <= 0 || media_entry_get(a, db, id, &m) != RC_OK || m.kind != MEDIA_PICTURE)
        return refuse(out, STATION_NO_PICTURE);
    return true;
}

bool station_setting_check(struct arena *a, struct db *db, const struct station_field *f, enum text_lang lang,
                           struct str value, struct station_refusal *out) {
    const struct text_zone *zone;
    *out = (struct station_refusal){.fault = STATION_FINE};
    if (!is_line(value) || utf8_count(value) > f->max)
        return refuse(out, STATION_NO_LINE);
    if (value.n == 0)
        return !f->needed || lang != LANG_COUNT || refuse(out, STATION_EMPTY);
    switch (f->kind) {
    case STATION_LINE:
        return true;
    case STATION_MAIL:
        return mail_is_sound(value) || refuse(out, STATION_NO_MAIL);
    case STATION_ZONE:
        return text_zone_find(value, &zone) == RC_OK || refuse(out, STATION_NO_ZONE);
    case STATION_COLOUR:
        return colour_check(a, f, value, out);
    case STATION_PICTURE:
        return picture_check(a, db, value, out);
    }
    must(false);
    return false;
}

// ---- writing -----------------------------------------------------------------------------------------------------------

static struct str described(struct arena *a, const char *key, enum text_lang lang, struct str value) {
    if (value.n == 0)
        return STR("");
    if (lang == LANG_COUNT)
        return str_fmt(a, "%s: %.*s", key, STR_ARG(value));
    return str_fmt(a, "%s (%.*s): %.*s", key, STR_ARG(text_lang_code(lang)), STR_ARG(value));
}

static enum rc setting_change(struct arena *a, struct db *db, const struct audit_who *who, const char *key,
                              enum text_lang lang, struct str value) {
    struct str before = setting_own(a, db, key, lang);
    if (str_eq(before, value))
        return RC_OK;
    struct audit_entry entry = {.who = *who, .verb = STR("change"), .kind = STR("setting")};
    entry.before = described(a, key, lang, before);
    entry.after = described(a, key, lang, value);
    enum rc rc = value.n > 0 ? setting_set(db, key, lang, value) : setting_unset(db, key, lang);
    return rc == RC_OK ? audit_add(db, &entry) : rc;
}

static void note_everything(struct news_changes *c) {
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        news_changes_note(c, EDITION_FRAME, lang, true);
        news_changes_note(c, EDITION_FRONT, lang, true);
        news_changes_note(c, EDITION_CHANGED, lang, true);
    }
}

enum rc station_setting_save(struct arena *a, struct db *db, const struct audit_who *who, const struct station_field *f,
                             enum text_lang lang, struct str value, struct news_changes *c) {
    struct station_refusal refusal;
    if (lang != LANG_COUNT && !f->by_language)
        return RC_INVALID;
    if (!station_setting_check(a, db, f, lang, value, &refusal))
        return RC_INVALID;
    note_everything(c);
    enum rc rc = setting_change(a, db, who, f->key, lang, value);
    return rc == RC_OK && f->kind == STATION_PICTURE ? setting_media_sync(db, f, value) : rc;
}

// ---- languages ---------------------------------------------------------------------------------------------------------

static struct str codes_of(struct arena *a, uint32_t languages) {
    struct str codes = STR("");
    for (enum text_lang lang = 0; lang < LANG_COUNT; lang++)
        if ((languages & UINT32_C(1) << lang) != 0)
            codes = str_fmt(a, "%.*s%s%.*s", STR_ARG(codes), codes.n > 0 ? " " : "", STR_ARG(text_lang_code(lang)));
    return codes;
}

enum rc station_languages_save(struct arena *a, struct db *db, const struct audit_who *who, uint32_t languages,
                               enum text_lang first, struct news_changes *c, struct problem *p) {
    if (languages == 0 || languages >> LANG_COUNT != 0)
        return problem_set(p, RC_INVALID, "A station needs at least one of its nine languages.");
    if (first >= LANG_COUNT || (languages & UINT32_C(1) << first) == 0)
        return problem_set(p, RC_INVALID, "The language that readers of no other get must be switched on.");
    enum rc rc = setting_change(a, db, who, "languages", LANG_COUNT, codes_of(a, languages));
    if (rc == RC_OK)
        rc = setting_change(a, db, who, "default_lang", LANG_COUNT, text_lang_code(first));
    for (enum text_lang lang = 0; rc == RC_OK && lang < LANG_COUNT; lang++)
        if ((languages & UINT32_C(1) << lang) != 0)
            rc = station_language_begin(a, db, lang, c, p);
    note_everything(c);
    return rc;
}

static uint32_t languages_of(struct str codes) {
    uint32_t bits = 0;
    struct str code;
    while (str_next(&codes, ' ', &code)) {
        enum text_lang lang;
        if (text_lang_find(code, &lang))
            bits |= UINT32_C(1) << lang;
    }
    return bits;
}

// A station's settings are checked when they are written; one that went missing must not keep it from starting.
enum rc station_values_read(struct arena *a, struct db *db, struct station_values *out, struct problem *p) {
    struct str zone = setting_get(a, db, "station_zone", LANG_COUNT);
    out->languages = languages_of(setting_get(a, db, "languages", LANG_COUNT));
    if (out->languages == 0)
        out->languages = (UINT32_C(1) << LANG_COUNT) - 1;
    enum rc rc = text_zone_find(zone.n > 0 ? zone : STR("UTC"), &out->zone);
    if (rc != RC_OK)
        rc = problem_set(p, RC_INVALID, "the station's time zone \"%.*s\" is unknown here; is tzdata installed?",
                         STR_ARG(zone));
    if (!text_lang_find(setting_get(a, db, "default_lang", LANG_COUNT), &out->default_lang) ||
        (out->languages & (UINT32_C(1) << out->default_lang)) == 0)
        for (int lang = LANG_COUNT - 1; lang >= 0; lang--)
            if (out->languages & (UINT32_C(1) << lang))
                out->default_lang = (enum text_lang)lang;
    return rc;
}
