// SPDX-License-Identifier: AGPL-3.0-or-later
// The editor's form: one row per field that staff fill in. The names are those of news's content_fields, so that what is
// stored, compared and merged is what stands here.
#include "desk/manuscript.h"
#include "desk/media.h"

enum look { LOOK_LINE, LOOK_AREA, LOOK_BODY, LOOK_SECTION, LOOK_TICK, LOOK_TIME };

static const struct row {
    const char *key;
    enum look look;
    enum text_word label, hint;
    int64_t max, rows;
    bool of_picture;     // only with a picture
    enum text_word part; // begins here; W_COUNT: goes on
} rows[] = {
    {"headline", LOOK_LINE, W_DESK_HEADLINE, W_COUNT, 300, 0, false, W_COUNT},
    {"standfirst", LOOK_AREA, W_DESK_STANDFIRST, W_DESK_STANDFIRST_HINT, 1000, 3, false, W_COUNT},
    {"body", LOOK_BODY, W_DESK_BODY, W_DESK_BODY_HINT, 0, 20, false, W_COUNT},
    {"section", LOOK_SECTION, W_DESK_SECTION, W_COUNT, 0, 0, false, W_DESK_PART_NAMES},
    {"tags", LOOK_AREA, W_DESK_TAGS, W_DESK_TAGS_HINT, 4000, 3, false, W_COUNT},
    {"byline", LOOK_LINE, W_DESK_BYLINE, W_DESK_BYLINE_HINT, 300, 0, false, W_COUNT},
    {"people", LOOK_AREA, W_DESK_PEOPLE, W_DESK_PEOPLE_HINT, 4000, 2, false, W_COUNT},
    {"dateline", LOOK_LINE, W_DESK_DATELINE, W_DESK_DATELINE_HINT, 120, 0, false, W_COUNT},
    {"agency", LOOK_LINE, W_DESK_AGENCY, W_DESK_AGENCY_HINT, 120, 0, false, W_COUNT},
    {"image_alt", LOOK_AREA, W_DESK_IMAGE_ALT, W_DESK_IMAGE_ALT_HINT, 1000, 2, true, W_DESK_PICTURE},
    {"image_caption", LOOK_AREA, W_DESK_IMAGE_CAPTION, W_COUNT, 1000, 2, true, W_COUNT},
    {"image_credit", LOOK_LINE, W_DESK_IMAGE_CREDIT, W_COUNT, 300, 0, true, W_COUNT},
    {"publish_at", LOOK_TIME, W_DESK_PUBLISH_AT, W_DESK_PUBLISH_AT_HINT, 30, 0, false, W_DESK_PART_WHEN},
    {"embargo_until", LOOK_TIME, W_DESK_EMBARGO, W_DESK_EMBARGO_HINT, 30, 0, false, W_COUNT},
    {"expires_at", LOOK_TIME, W_DESK_EXPIRES, W_DESK_EXPIRES_HINT, 30, 0, false, W_COUNT},
    {"slug", LOOK_LINE, W_DESK_SLUG, W_DESK_SLUG_HINT, 80, 0, false, W_COUNT},
    {"featured", LOOK_TICK, W_DESK_FEATURED, W_COUNT, 0, 0, false, W_COUNT},
    {"breaking", LOOK_TICK, W_DESK_BREAKING, W_DESK_BREAKING_HINT, 0, 0, false, W_COUNT},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

struct str content_label(struct desk_visit *v, const char *key) {
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(rows[i].key, key) == 0)
            return desk_word(v, rows[i].label);
    if (strcmp(key, "extra_fields") == 0)
        return desk_word(v, W_DESK_FIELDS);
    enum text_word list = manuscript_list_word(key);
    return desk_word(v, list != W_COUNT ? list : W_DESK_PICTURE); // its number and file name have no line in the form
}

// ---- showing -----------------------------------------------------------------------------------------------------------

struct str time_field_text(struct desk_visit *v, int64_t at_us) {
    return at_us == 0 ? STR_NONE : str_slice(desk_moment_text(v, at_us), 0, sizeof "2026-11-24T13:39" - 1);
}

static enum rc section_field(struct desk_visit *v, struct view_desk_form *form, enum text_lang lang, int64_t chosen) {
    struct section *sections;
    size_t count;
    enum rc rc = section_list(v->a, v->db, lang, &sections, &count);
    struct view_desk_field *f =
        desk_select(v, form, "section", W_DESK_SECTION, str_fmt(v->a, "%lld", (long long)chosen));
    if (chosen == 0)
        desk_choice(v, f, STR("0"), STR("—"));
    for (size_t i = 0; rc == RC_OK && i < count; i++) {
        struct staff_object object = {lang, sections[i].id, v->account->id};
        if (sections[i].id == chosen || staff_may(v->account, MAY_WRITE_ARTICLE, &object))
            desk_choice(v, f, str_fmt(v->a, "%lld", (long long)sections[i].id), sections[i].name);
    }
    return rc;
}

static struct view_desk_field *text_field(struct desk_visit *v, struct view_desk_form *form, const struct row *row,
                                          enum text_lang lang, struct str value) {
    struct view_desk_field *f = row->look == LOOK_LINE ? desk_line(v, form, row->key, row->label, value)
                                                       : desk_area(v, form, row->key, row->label, value, row->rows);
    f->max = row->max;
    f->lang = text_lang_code(lang);
    f->dir = str_from(text_lang_is_rtl(lang) ? "rtl" : "ltr");
    f->rich = row->look == LOOK_BODY;
    return f;
}

// Who writes without script sees words, not tags, as long as the text is nothing but paragraphs.
struct str body_field_text(struct desk_visit *v, struct html body) {
    size_t at;
    struct html clean;
    struct str plain = str_trim(html_to_text(v->a, body));
    struct buf b;
    buf_init(&b, 2 * plain.n + 16);
    for (struct str line; str_next(&plain, '\n', &line);) {
        if (line.n == 0)
            continue;
        if (b.n > 0)
            buf_c(&b, "\n\n");
        buf_str(&b, line);
    }
    struct str text = str_dup(v->a, buf_view(&b));
    buf_fini(&b);
    bool same = !str_find_char(text, '<', &at) &&
                html_clean(v->a, html_from_paragraphs(v->a, text).s, &clean) == RC_OK && str_eq(clean.s, body.s);
    return same ? text : body.s;
}

static enum rc field_show(struct desk_visit *v, struct view_desk_form *form, const struct row *row, enum text_lang lang,
                          const struct content *c) {
    const void *place = (const char *)c + content_field_find(row->key)->offset;
    struct view_desk_field *f = NULL;
    switch (row->look) {
    case LOOK_SECTION:
        return section_field(v, form, lang, c->section_id);
    case LOOK_TICK:
        f = desk_tick(v, form, row->key, row->label, *(const bool *)place);
        break;
    case LOOK_TIME:
        f = desk_line(v, form, row->key, row->label, time_field_text(v, *(const int64_t *)place));
        f->type = STR("datetime-local");
        break;
    case LOOK_BODY:
        f = text_field(v, form, row, lang, body_field_text(v, c->body));
        break;
    case LOOK_LINE:
    case LOOK_AREA:
        f = text_field(v, form, row, lang, *(const struct str *)place);
        break;
    }
    if (row->hint != W_COUNT)
        desk_hint(v, f, row->hint);
    return RC_OK;
}

static void part_show(struct desk_visit *v, struct view_desk_form *form, const struct row *row,
                      const struct content *c) {
    struct view_desk_field *part = desk_part(v, form, desk_word(v, row->part));
    if (row->of_picture)
        media_of_part(v, part, c->image.media_id);
}

enum rc content_form(struct desk_visit *v, struct view_desk_form *form, enum text_lang lang, const struct content *c) {
    enum rc rc = RC_OK;
    for (size_t i = 0; i < ROWS && rc == RC_OK; i++)
        if (!rows[i].of_picture || c->image.media_id != 0) {
            if (rows[i].part != W_COUNT)
                part_show(v, form, &rows[i], c);
            rc = field_show(v, form, &rows[i], lang, c);
        }
    return rc == RC_OK ? extra_fields_form(v, form, lang, c) : rc;
}

// ---- taking back -------------------------------------------------------------------------------------------------------

// A minute in the form stands for the whole moment that it was made from: what was not changed stays exact.
void time_field_take(struct desk_visit *v, const char *key, int64_t *at_us) {
    struct str typed = desk_field(v, key);
    int64_t parsed = 0;
    if (typed.n > 0 && !desk_moment(v, typed, &parsed))
        desk_problem(v, key, W_DESK_TIME_BAD);
    else if (!str_eq(time_field_text(v, *at_us), typed))
        *at_us = parsed;
}

// Browsers send lines of a text area with CR LF.
static struct str unix_lines(struct arena *a, struct str s) {
    char *out = arena_take(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '\r')
            out[n++] = s.p[i];
    return (struct str){out, n};
}

// From the rich editor comes HTML; who writes without script may leave an empty line between paragraphs instead.
struct html body_field_take(struct desk_visit *v, struct str typed) {
    size_t at;
    struct str s = unix_lines(v->a, typed);
    return str_find_char(s, '<', &at) ? html_stored(s) : html_from_paragraphs(v->a, s); // content_check cleans it
}

static void field_take(struct desk_visit *v, const struct row *row, struct content *c) {
    void *place = (char *)c + content_field_find(row->key)->offset;
    struct str typed = http_request_field(v->req, row->key);
    switch (row->look) {
    case LOOK_TICK:
        *(bool *)place = typed.n > 0;
        break;
    case LOOK_TIME:
        time_field_take(v, row->key, place);
        break;
    case LOOK_SECTION:
        if (!str_to_i64(typed, place))
            desk_problem(v, row->key, W_FORM_REQUIRED);
        break;
    case LOOK_BODY:
        c->body = body_field_take(v, typed);
        break;
    case LOOK_LINE:
    case LOOK_AREA:
        *(struct str *)place = str_trim(unix_lines(v->a, typed));
        break;
    }
}

enum rc content_take(struct desk_visit *v, struct content *c) {
    for (size_t i = 0; i < ROWS; i++)
        if (!rows[i].of_picture || c->image.media_id != 0)
            field_take(v, &rows[i], c);
    return extra_fields_take(v, c);
}
