// SPDX-License-Identifier: AGPL-3.0-or-later
// The extra fields that the station defined, as forms and pages ask for them. Forms read all of them, pages those of their section.
#include "news/internal.h"

static const char *const kinds[EXTRA_KINDS] = {
    [EXTRA_LINE] = "line", [EXTRA_TEXT] = "text",     [EXTRA_NUMBER] = "number", [EXTRA_DATE] = "date",
    [EXTRA_LINK] = "link", [EXTRA_CHOICE] = "choice", [EXTRA_FLAG] = "flag"};

struct str extra_kind_name(enum extra_kind kind) {
    must(kind > 0 && kind < EXTRA_KINDS);
    return str_from(kinds[kind]);
}

bool extra_kind_find(struct str name, enum extra_kind *out) {
    for (int k = 1; k < EXTRA_KINDS; k++)
        if (str_eq(name, str_from(kinds[k]))) {
            *out = (enum extra_kind)k;
            return true;
        }
    return false;
}

bool extra_name_cell(struct arena *a, struct str typed, struct str *out) {
    (void)a;
    bool sound = typed.n > 0 && typed.n <= EXTRA_NAME_MAX && typed.p[0] != '-' && typed.p[typed.n - 1] != '-';
    for (size_t i = 0; i < typed.n && sound; i++)
        sound =
            (typed.p[i] >= 'a' && typed.p[i] <= 'z') || (typed.p[i] >= '0' && typed.p[i] <= '9') || typed.p[i] == '-';
    *out = typed;
    return sound;
}

// ---- reading ---------------------------------------------------------------------------------------------------------

static void field_read(struct arena *a, struct db_stmt *st, struct extra_field *out) {
    *out = (struct extra_field){.id = db_i64(st, 0),
                                .name = db_str_dup(a, st, 1),
                                .kind = (enum extra_kind)db_i64(st, 2),
                                .shown = db_i64(st, 3) != 0,
                                .everywhere = db_i64(st, 4) != 0,
                                .common = {db_str_dup(a, st, 5), db_str_dup(a, st, 6)},
                                .version = db_i64(st, 7)};
    if (out->kind < EXTRA_LINE || out->kind >= EXTRA_KINDS)
        out->kind = EXTRA_LINE; // verify says so
}

static struct extra_field *with_id(struct extra_field *fields, size_t count, int64_t id) {
    for (size_t i = 0; i < count; i++)
        if (fields[i].id == id)
            return &fields[i];
    return NULL;
}

static enum rc words_load(struct arena *a, struct db *db, struct extra_field *fields, size_t count) {
    struct db_stmt *st = db_sql(db, "SELECT field_id, lang, label, choices FROM extra_field_words");
    while (db_step(st)) {
        struct extra_field *f = with_id(fields, count, db_i64(st, 0));
        enum text_lang lang;
        if (f != NULL && text_lang_find(db_str(st, 1), &lang))
            f->words[lang] = (struct extra_words){db_str_dup(a, st, 2), db_str_dup(a, st, 3)};
    }
    return db_end(st);
}

// Room for one more: an array of n that was made by this doubles.
static void *room_for(struct arena *a, void *old, size_t n, size_t bytes) {
    if (n != 0 && (n & (n - 1)) != 0)
        return old;
    void *more = arena_take(a, (n == 0 ? 1 : 2 * n) * bytes);
    if (n > 0)
        memcpy(more, old, n * bytes);
    return more;
}

static enum rc sections_load(struct arena *a, struct db *db, struct extra_field *fields, size_t count) {
    struct db_stmt *st = db_sql(db, "SELECT field_id, section_id FROM extra_field_sections ORDER BY field_id, "
                                    "section_id");
    while (db_step(st)) {
        struct extra_field *f = with_id(fields, count, db_i64(st, 0));
        if (f == NULL)
            continue;
        f->sections = room_for(a, f->sections, f->section_count, sizeof *f->sections);
        f->sections[f->section_count++] = db_i64(st, 1);
    }
    return db_end(st);
}

enum rc extra_field_list(struct arena *a, struct db *db, struct extra_field **out, size_t *count_out) {
    _Static_assert(EXTRA_FIELDS_MAX == 200, "the SQL says so");
    struct db_stmt *st = db_sql(db, "SELECT id, name, kind, shown, everywhere, label, choices, version FROM "
                                    "extra_fields ORDER BY position, id LIMIT 200");
    *out = NULL;
    *count_out = 0;
    while (db_step(st)) {
        *out = room_for(a, *out, *count_out, sizeof **out);
        field_read(a, st, &(*out)[(*count_out)++]);
    }
    enum rc rc = db_end(st);
    if (rc == RC_OK && *count_out > 0)
        rc = words_load(a, db, *out, *count_out);
    return rc == RC_OK && *count_out > 0 ? sections_load(a, db, *out, *count_out) : rc;
}

enum rc extra_field_shown(struct arena *a, struct db *db, int64_t section_id, enum text_lang lang,
                          struct extra_field **out, size_t *count_out) {
    _Static_assert(ROWS_MAX == 32, "the SQL says so");
    struct db_stmt *st = db_sql(
        db, "SELECT f.id, f.name, f.kind, f.shown, f.everywhere, f.label, f.choices, f.version, COALESCE(w.label, ''), "
            "COALESCE(w.choices, '') FROM extra_fields f LEFT JOIN extra_field_words w ON w.field_id = f.id AND "
            "w.lang = $2 WHERE f.shown = 1 AND (f.everywhere = 1 OR EXISTS (SELECT 1 FROM extra_field_sections l "
            "WHERE l.field_id = f.id AND l.section_id = $1)) ORDER BY f.position, f.id LIMIT 32");
    db_bind_i64(st, 1, section_id);
    db_bind_str(st, 2, text_lang_code(lang));
    *out = NULL;
    *count_out = 0;
    while (db_step(st)) {
        *out = room_for(a, *out, *count_out, sizeof **out);
        struct extra_field *f = &(*out)[(*count_out)++];
        field_read(a, st, f);
        f->words[lang] = (struct extra_words){db_str_dup(a, st, 8), db_str_dup(a, st, 9)};
    }
    return db_end(st);
}

enum rc extra_field_by_id(struct arena *a, struct db *db, int64_t id, struct extra_field *out) {
    struct extra_field *fields;
    size_t count;
    enum rc rc = extra_field_list(a, db, &fields, &count);
    if (rc != RC_OK)
        return rc;
    const struct extra_field *found = with_id(fields, count, id);
    if (found != NULL)
        *out = *found;
    return found != NULL ? RC_OK : RC_NOT_FOUND;
}

const struct extra_field *extra_field_named(const struct extra_field *fields, size_t count, struct str name) {
    for (size_t i = 0; i < count; i++)
        if (str_eq(fields[i].name, name))
            return &fields[i];
    return NULL;
}

// ---- what it says ----------------------------------------------------------------------------------------------------

bool extra_field_is_of(const struct extra_field *f, int64_t section_id) {
    for (size_t i = 0; i < f->section_count && !f->everywhere; i++)
        if (f->sections[i] == section_id)
            return true;
    return f->everywhere;
}

struct str extra_field_label(const struct extra_field *f, enum text_lang lang) {
    return f->words[lang].label.n > 0 ? f->words[lang].label : f->common.label;
}

struct str extra_value_of(struct str rows, struct str name) {
    struct list_row row;
    while (rows_next(&rows, &row))
        if (str_eq(row.cells[0], name))
            return row.cells[1];
    return STR_NONE;
}

struct str extra_choice_words(const struct extra_field *f, enum text_lang lang, struct str stored) {
    struct str words = extra_value_of(f->words[lang].choices, stored);
    if (words.n == 0)
        words = extra_value_of(f->common.choices, stored);
    return words.n > 0 ? words : stored;
}

// ---- verification ----------------------------------------------------------------------------------------------------

static const char *words_fault(struct arena *a, const struct extra_words *w) {
    struct str same = w->choices;
    struct problem ignored;
    if (!is_line(w->label) || utf8_count(w->label) > EXTRA_LABEL_MAX)
        return "a label is no line";
    return rows_check(a, &rows_choices, &same, &ignored) != RC_OK || !str_eq(same, w->choices)
               ? "its choices are not in their one form"
               : NULL;
}

static const char *field_fault(struct arena *a, const struct extra_field *f) {
    struct str name;
    if (!extra_name_cell(a, f->name, &name) || f->common.label.n == 0)
        return "its name or label is not sound";
    const char *fault = words_fault(a, &f->common);
    for (int lang = 0; lang < LANG_COUNT && fault == NULL; lang++)
        fault = words_fault(a, &f->words[lang]);
    return fault;
}

static enum rc check_pointers(const struct verify_context *v) {
    struct db_stmt *st = db_sql(
        v->db,
        "SELECT field_id, 'words of no field' FROM extra_field_words WHERE field_id NOT IN (SELECT id FROM "
        "extra_fields) UNION ALL SELECT field_id, 'a section of no field, or a field of no section' FROM "
        "extra_field_sections WHERE field_id NOT IN (SELECT id FROM extra_fields) OR section_id NOT IN (SELECT "
        "id FROM sections) UNION ALL SELECT id, 'there is no such kind' FROM extra_fields WHERE kind < 1 OR kind "
        "> 7 LIMIT 100");
    _Static_assert(EXTRA_KINDS == 8, "the SQL says so");
    while (db_step(st)) {
        struct arena *a = arena_new(65536);
        v->fault(v->arg, "extra-fields",
                 str_fmt(a, "field %lld: %s", (long long)db_i64(st, 0), str_c(a, db_str(st, 1))));
        arena_free(&a);
    }
    return db_end(st);
}

enum rc check_extra_fields(const struct verify_context *v) {
    struct arena *a = arena_new((size_t)32 << 20);
    struct extra_field *fields;
    size_t count;
    enum rc rc = extra_field_list(a, v->db, &fields, &count);
    for (size_t i = 0; rc == RC_OK && i < count; i++) {
        const char *fault = field_fault(a, &fields[i]);
        if (fault != NULL)
            v->fault(v->arg, "extra-fields", str_fmt(a, "field %lld: %s", (long long)fields[i].id, fault));
    }
    arena_free(&a);
    return rc == RC_OK ? check_pointers(v) : rc;
}
