// SPDX-License-Identifier: AGPL-3.0-or-later
// Extra fields at the desk and at an import: defined, worded, put in order, deleted. No article is touched by any of it.
#include "news/internal.h"

// "en/news ar/news", as far as the audit log takes it; "*" for all.
static struct str sections_words(struct arena *a, struct db *db, const struct extra_field *f) {
    struct buf b;
    struct section s;
    if (f->everywhere)
        return STR("*");
    buf_init(&b, 2 * AUDIT_TEXT_MAX);
    for (size_t i = 0; i < f->section_count && b.n < AUDIT_TEXT_MAX; i++)
        if (section_by_id(a, db, f->sections[i], &s) == RC_OK)
            buf_str(&b,
                    str_fmt(a, "%s%.*s/%.*s", b.n > 0 ? " " : "", STR_ARG(text_lang_code(s.lang)), STR_ARG(s.slug)));
    struct str out = str_dup(a, buf_view(&b));
    buf_fini(&b);
    return out;
}

static struct str field_words(struct arena *a, struct db *db, const struct extra_field *f) {
    return str_fmt(a, "%.*s (%.*s)\n%.*s%s\n%.*s\n%.*s", STR_ARG(f->name), STR_ARG(extra_kind_name(f->kind)),
                   STR_ARG(f->common.label), f->shown ? "" : " (-)", STR_ARG(sections_words(a, db, f)),
                   STR_ARG(f->common.choices));
}

// ---- the rules -------------------------------------------------------------------------------------------------------

static enum rc words_check(struct arena *a, struct extra_words *w, struct problem *p) {
    struct problem ignored;
    w->label = str_trim(w->label);
    if (!is_line(w->label) || utf8_count(w->label) > EXTRA_LABEL_MAX)
        return problem_set(p, RC_INVALID, "field_bad");
    return rows_check(a, &rows_choices, &w->choices, &ignored) == RC_OK
               ? RC_OK
               : problem_set(p, RC_INVALID, "field_choices_bad");
}

static enum rc all_words_check(struct arena *a, struct extra_field *f, struct problem *p) {
    enum rc rc = words_check(a, &f->common, p);
    if (rc == RC_OK && f->common.label.n == 0)
        rc = problem_set(p, RC_INVALID, "field_bad");
    for (int lang = 0; lang < LANG_COUNT && rc == RC_OK; lang++)
        rc = words_check(a, &f->words[lang], p);
    return rc == RC_OK && f->kind == EXTRA_CHOICE && f->common.choices.n == 0
               ? problem_set(p, RC_INVALID, "field_choices_bad")
               : rc;
}

static enum rc section_exists(struct db *db, int64_t id, struct problem *p) {
    struct db_stmt *st = db_sql(db, "SELECT 1 FROM sections WHERE id = $1");
    db_bind_i64(st, 1, id);
    bool found = db_step(st);
    enum rc rc = db_end(st);
    return rc == RC_OK && !found ? problem_set(p, RC_INVALID, "field_no_section") : rc;
}

// The most fields that a section of the field has beside it: with it they must find room in an article.
static enum rc room_check(struct db *db, const struct extra_field *f, struct problem *p) {
    struct db_stmt *st = db_sql(
        db,
        "SELECT (SELECT COUNT(*) FROM extra_fields WHERE everywhere = 1 AND id <> $1) + COALESCE((SELECT MAX(n) FROM "
        "(SELECT COUNT(*) AS n FROM extra_field_sections l WHERE l.field_id <> $1 AND ($2 = 1 OR l.section_id IN "
        "(SELECT section_id FROM extra_field_sections WHERE field_id = $1)) GROUP BY l.section_id) x), 0), "
        "(SELECT COUNT(*) FROM extra_fields WHERE id <> $1)");
    db_bind_i64(st, 1, f->id);
    db_bind_i64(st, 2, f->everywhere);
    bool read = db_step(st), full = read && (db_i64(st, 0) >= ROWS_MAX || db_i64(st, 1) >= EXTRA_FIELDS_MAX);
    enum rc rc = db_end(st);
    return rc == RC_OK && full ? problem_set(p, RC_INVALID, "field_full") : rc;
}

// ---- the rows --------------------------------------------------------------------------------------------------------

static enum rc next_position(struct db *db, int64_t *out) {
    struct db_stmt *st = db_sql(db, "SELECT MAX(position) FROM extra_fields");
    *out = db_step(st) ? db_i64(st, 0) + 1 : 1;
    return db_end(st);
}

static enum rc row_write(struct db *db, const struct extra_field *f) {
    int64_t position;
    enum rc rc = next_position(db, &position);
    if (rc != RC_OK)
        return rc;
    struct db_stmt *st = db_sql(
        db,
        "INSERT INTO extra_fields (id, name, kind, position, shown, everywhere, label, choices, version) VALUES "
        "($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO UPDATE SET kind = $3, shown = $5, everywhere = $6, "
        "label = $7, choices = $8, version = $9");
    db_bind_i64(st, 1, f->id);
    db_bind_str(st, 2, f->name);
    db_bind_i64(st, 3, f->kind);
    db_bind_i64(st, 4, position);
    db_bind_i64(st, 5, f->shown);
    db_bind_i64(st, 6, f->everywhere);
    db_bind_str(st, 7, f->common.label);
    db_bind_str(st, 8, f->common.choices);
    db_bind_i64(st, 9, f->version);
    return db_run(st);
}

static enum rc parts_clear(struct db *db, int64_t id) {
    struct db_stmt *st = db_sql(db, "DELETE FROM extra_field_words WHERE field_id = $1");
    db_bind_i64(st, 1, id);
    enum rc rc = db_run(st);
    if (rc != RC_OK)
        return rc;
    st = db_sql(db, "DELETE FROM extra_field_sections WHERE field_id = $1");
    db_bind_i64(st, 1, id);
    return db_run(st);
}

static enum rc words_put(struct db *db, int64_t id, enum text_lang lang, const struct extra_words *w) {
    if (w->label.n == 0 && w->choices.n == 0)
        return RC_OK;
    struct db_stmt *st =
        db_sql(db, "INSERT INTO extra_field_words (field_id, lang, label, choices) VALUES ($1, $2, $3, $4)");
    db_bind_i64(st, 1, id);
    db_bind_str(st, 2, text_lang_code(lang));
    db_bind_str(st, 3, w->label);
    db_bind_str(st, 4, w->choices);
    return db_run(st);
}

static enum rc section_put(struct db *db, int64_t id, int64_t section_id) {
    struct db_stmt *st = db_sql(db, "INSERT INTO extra_field_sections (field_id, section_id) VALUES ($1, $2) "
                                    "ON CONFLICT (field_id, section_id) DO NOTHING");
    db_bind_i64(st, 1, id);
    db_bind_i64(st, 2, section_id);
    return db_run(st);
}

static enum rc parts_write(struct db *db, const struct extra_field *f, struct problem *p) {
    enum rc rc = parts_clear(db, f->id);
    for (int lang = 0; lang < LANG_COUNT && rc == RC_OK; lang++)
        rc = words_put(db, f->id, (enum text_lang)lang, &f->words[lang]);
    for (size_t i = 0; i < f->section_count && !f->everywhere && rc == RC_OK; i++) {
        rc = section_exists(db, f->sections[i], p);
        if (rc == RC_OK)
            rc = section_put(db, f->id, f->sections[i]);
    }
    return rc;
}

static enum rc field_write(struct db *db, const struct extra_field *f, struct news_changes *c, struct problem *p) {
    enum rc rc = row_write(db, f);
    if (rc == RC_CONFLICT)
        return problem_set(p, rc, "field_name_taken");
    if (rc == RC_OK)
        rc = parts_write(db, f, p);
    news_changes_note(c, EDITION_EXTRA, 0, false);
    return rc == RC_OK ? room_check(db, f, p) : rc;
}

// `old` NULL: it is new. Without `who` not audited.
static enum rc field_store(struct arena *a, struct db *db, const struct audit_who *who, const struct extra_field *old,
                           const struct extra_field *f, struct news_changes *c, struct problem *p) {
    enum rc rc = field_write(db, f, c, p);
    if (rc != RC_OK || who == NULL)
        return rc;
    return names_audit(db, who, old == NULL ? "begin" : "save", "field", f->id,
                       old == NULL ? STR_NONE : field_words(a, db, old), field_words(a, db, f));
}

// ---- one field -------------------------------------------------------------------------------------------------------

// Of a label in a script without Latin letters it is a number.
static struct str name_from(struct arena *a, enum text_lang lang, struct str label, int64_t id) {
    struct str slug = text_slug(a, lang, label);
    slug = utf8_cut(slug, EXTRA_NAME_MAX);
    while (slug.n > 0 && slug.p[slug.n - 1] == '-')
        slug.n--;
    return slug.n > 0 ? slug : str_fmt(a, "field-%lld", (long long)(id % 1000000));
}

enum rc extra_field_edit(struct arena *a, struct db *db, const struct audit_who *who,
                         const struct extra_field_edit *edit, int64_t *id_out, struct news_changes *c,
                         struct problem *p) {
    struct extra_field old = {0}, f = edit->field;
    enum rc rc = f.id != 0 ? extra_field_by_id(a, db, f.id, &old) : RC_OK;
    if (rc != RC_OK)
        return rc;
    if (f.id != 0 && edit->base_version != old.version)
        return RC_BUSY;
    bool adds = f.id == 0;
    f.id = adds ? id_next() : f.id;
    f.version = old.version + 1;
    rc = all_words_check(a, &f, p);
    if (rc != RC_OK)
        return rc;
    f.name = !adds ? old.name : f.name.n > 0 ? f.name : name_from(a, LANG_EN, f.common.label, f.id);
    if (!extra_name_cell(a, f.name, &f.name))
        return problem_set(p, RC_INVALID, "field_name_bad");
    rc = field_store(a, db, who, adds ? NULL : &old, &f, c, p);
    if (rc == RC_OK)
        *id_out = f.id;
    return rc;
}

enum rc extra_field_delete(struct arena *a, struct db *db, const struct audit_who *who, int64_t id,
                           struct news_changes *c) {
    struct extra_field f;
    enum rc rc = extra_field_by_id(a, db, id, &f);
    if (rc != RC_OK)
        return rc;
    struct str before = field_words(a, db, &f);
    rc = parts_clear(db, id);
    if (rc != RC_OK)
        return rc;
    struct db_stmt *st = db_sql(db, "DELETE FROM extra_fields WHERE id = $1");
    db_bind_i64(st, 1, id);
    rc = db_run(st);
    news_changes_note(c, EDITION_EXTRA, 0, false);
    return rc == RC_OK ? names_audit(db, who, "delete", "field", id, before, STR_NONE) : rc;
}

// ---- in order --------------------------------------------------------------------------------------------------------

static size_t index_of(const struct extra_field *fields, size_t n, int64_t id) {
    size_t i = 0;
    while (i < n && fields[i].id != id)
        i++;
    return i;
}

static enum rc position_set(struct db *db, int64_t id, size_t position) {
    struct db_stmt *st = db_sql(db, "UPDATE extra_fields SET position = $2 WHERE id = $1");
    db_bind_i64(st, 1, id);
    db_bind_i64(st, 2, (int64_t)position);
    return db_run(st);
}

enum rc extra_field_reorder(struct arena *a, struct db *db, const struct audit_who *who, int64_t id, enum place_way way,
                            int64_t beside, struct news_changes *c) {
    struct extra_field *fields;
    size_t n;
    enum rc rc = extra_field_list(a, db, &fields, &n);
    if (rc != RC_OK)
        return rc;
    size_t from = index_of(fields, n, id);
    if (from == n)
        return RC_NOT_FOUND;
    size_t to = place_to(n, from, way, index_of(fields, n, beside));
    if (from == to)
        return RC_OK;
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        rc = position_set(db, fields[i].id, place_after(i, from, to) + 1);
    news_changes_note(c, EDITION_EXTRA, 0, false);
    struct str before = str_fmt(a, "%zu", from + 1), after = str_fmt(a, "%zu", to + 1);
    return rc == RC_OK ? names_audit(db, who, "move", "field", id, before, after) : rc;
}

// ---- at a merge of sections --------------------------------------------------------------------------------------------

// The fields that a section has, or two have together.
static enum rc fields_count(struct db *db, int64_t section_id, int64_t other_id, int64_t *out) {
    struct db_stmt *st =
        db_sql(db, "SELECT COUNT(*) FROM extra_fields f WHERE f.everywhere = 1 OR EXISTS (SELECT 1 FROM "
                   "extra_field_sections l WHERE l.field_id = f.id AND l.section_id IN ($1, $2))");
    db_bind_i64(st, 1, section_id);
    db_bind_i64(st, 2, other_id);
    *out = db_step(st) ? db_i64(st, 0) : 0;
    return db_end(st);
}

enum rc extra_fields_fit(struct db *db, int64_t from_id, int64_t to_id, struct problem *p) {
    int64_t n;
    enum rc rc = fields_count(db, from_id, to_id, &n);
    return rc == RC_OK && n > ROWS_MAX ? problem_set(p, RC_INVALID, "field_full") : rc;
}

// The first in order. The texts keep the values of the others, which staff see beside the form.
static enum rc fields_copy(struct db *db, int64_t from_id, int64_t to_id) {
    int64_t has;
    enum rc rc = fields_count(db, to_id, to_id, &has);
    if (rc != RC_OK || has >= ROWS_MAX)
        return rc;
    struct db_stmt *st = db_sql(
        db, "INSERT INTO extra_field_sections (field_id, section_id) SELECT l.field_id, $2 FROM extra_field_sections l "
            "INNER JOIN extra_fields f ON f.id = l.field_id WHERE l.section_id = $1 AND NOT EXISTS (SELECT 1 FROM "
            "extra_field_sections x WHERE x.field_id = l.field_id AND x.section_id = $2) ORDER BY f.position, f.id "
            "LIMIT $3");
    db_bind_i64(st, 1, from_id);
    db_bind_i64(st, 2, to_id);
    db_bind_i64(st, 3, ROWS_MAX - has);
    return db_run(st);
}

enum rc extra_fields_give(struct db *db, int64_t from_id, int64_t to_id) {
    struct db_stmt *st = db_sql(db, "UPDATE extra_fields SET version = version + 1 WHERE id IN (SELECT field_id FROM "
                                    "extra_field_sections WHERE section_id = $1)");
    db_bind_i64(st, 1, from_id);
    enum rc rc = db_run(st);
    if (rc == RC_OK && to_id != 0)
        rc = fields_copy(db, from_id, to_id);
    if (rc != RC_OK)
        return rc;
    st = db_sql(db, "DELETE FROM extra_field_sections WHERE section_id = $1");
    db_bind_i64(st, 1, from_id);
    return db_run(st);
}

// ---- at an import ----------------------------------------------------------------------------------------------------

static const struct extra_field *field_labelled(const struct extra_field *fields, size_t n, enum text_lang lang,
                                                struct str label) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(extra_field_label(&fields[i], lang), label))
            return &fields[i];
    return NULL;
}

// Another field may have the name already: of another language, where the same letters mean something else.
static struct str name_free(struct arena *a, const struct extra_field *fields, size_t n, enum text_lang lang,
                            struct str label, int64_t id) {
    struct str name = name_from(a, lang, label, id);
    if (extra_field_named(fields, n, name) == NULL)
        return name;
    return str_fmt(a, "%.*s-%lld", STR_ARG(utf8_cut(name, EXTRA_NAME_MAX - 8)), (long long)(id % 1000000));
}

static enum rc import_refused(enum rc rc, struct problem *p) {
    return problem_word(p, rc == RC_INVALID ? RC_TOO_BIG : rc, W_REASON_FIELDS_FULL, 0, STR_NONE);
}

static enum rc undefined(const struct extra_wanted *w, bool elsewhere, struct problem *p) {
    return problem_word(p, RC_DENIED, elsewhere ? W_REASON_FIELD_ELSEWHERE : W_REASON_FIELD_UNDEFINED, 0, w->label);
}

// `found` with the section, or a new field.
static struct extra_field field_wanted(struct arena *a, const struct extra_field *fields, size_t n,
                                       const struct extra_field *found, const struct extra_wanted *w) {
    struct extra_field f = {.kind = w->kind, .shown = true};
    if (found != NULL)
        f = *found;
    f.version++;
    if (found == NULL) {
        f.id = id_next();
        f.name = name_free(a, fields, n, w->lang, w->label, f.id);
        f.common.label = f.words[w->lang].label = w->label;
    }
    int64_t *sections = ARENA_ARRAY(a, int64_t, f.section_count + 1);
    for (size_t i = 0; i < f.section_count; i++)
        sections[i] = f.sections[i];
    sections[f.section_count++] = w->section_id;
    f.sections = sections;
    return f;
}

enum rc extra_field_ensure(struct arena *a, struct db *db, const struct audit_who *who, const struct extra_wanted *w,
                           struct extra_field *out, struct news_changes *c, struct problem *p) {
    struct extra_field *fields;
    size_t n;
    enum rc rc = extra_field_list(a, db, &fields, &n);
    if (rc != RC_OK)
        return rc;
    const struct extra_field *found = field_labelled(fields, n, w->lang, w->label);
    if (found != NULL && extra_field_is_of(found, w->section_id)) {
        *out = *found;
        return RC_OK;
    }
    if (!w->may_define)
        return undefined(w, found != NULL, p);
    *out = field_wanted(a, fields, n, found, w);
    rc = all_words_check(a, out, p);
    if (rc == RC_OK)
        rc = field_store(a, db, who, found, out, c, p);
    return rc == RC_OK || rc == RC_IO ? rc : import_refused(rc, p);
}
