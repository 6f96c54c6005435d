// SPDX-License-Identifier: AGPL-3.0-or-later
// Sections at the desk: made, renamed, put in order, deleted. An address that a section had leads on to the new one with
// one 301; of a deleted section it says 410, or leads to the section that took its articles. A section goes only when
// nothing points at it: no entry of a menu, no account that is limited to it; who wants it gone is told where that is.
#include "news/internal.h"

static struct str section_words(struct arena *a, const struct section *s) {
    return str_fmt(a, "%.*s\n/%.*s/%.*s\n%.*s%s%s", STR_ARG(s->name), STR_ARG(text_lang_code(s->lang)),
                   STR_ARG(s->slug), STR_ARG(s->description), s->highlight ? "\nProgram Highlight" : "",
                   s->on_front ? "\n+ front page" : "");
}

enum rc names_audit(struct db *db, const struct audit_who *who, const char *verb, const char *kind, int64_t id,
                    struct str before, struct str after) {
    const struct audit_entry entry = {
        .who = *who, .verb = str_from(verb), .kind = str_from(kind), .id = id, .before = before, .after = after};
    return audit_add(db, &entry);
}

// ---- made and renamed ------------------------------------------------------------------------------------------------

static enum rc next_position(struct db *db, enum text_lang lang, int *out) {
    struct db_stmt *st = db_sql(db, "SELECT MAX(position) FROM sections WHERE lang = $1");
    db_bind_str(st, 1, text_lang_code(lang));
    *out = db_step(st) ? (int)db_i64(st, 0) + 1 : 1;
    return db_end(st);
}

static enum rc edit_check(const struct section_edit *edit, const struct section *s, struct problem *p) {
    if (s->name.n == 0 || utf8_count(s->name) > 60 || !is_line(s->name) || utf8_count(s->description) > 300 ||
        !is_line(s->description))
        return problem_set(p, RC_INVALID, "section_bad");
    if (!slug_is_sound(s->slug))
        return problem_set(p, RC_INVALID, "address_bad");
    return slug_is_reserved(s->slug) && edit->slug.n > 0 ? problem_set(p, RC_CONFLICT, "address_taken") : RC_OK;
}

// A name stands on cards, an address in every link to an article, also in its translations' pages and the sitemaps.
static void note_rename(const struct section *old, const struct section *s, struct news_changes *c) {
    news_changes_note(c, EDITION_CHANGED, s->lang, false);
    if (old->id != 0 && !str_eq(old->slug, s->slug))
        for (int lang = 0; lang < LANG_COUNT; lang++)
            news_changes_note(c, EDITION_FRAME, lang, true);
}

enum rc section_edit(struct arena *a, struct db *db, const struct audit_who *who, const struct section_edit *edit,
                     int64_t *id_out, struct news_changes *c, struct problem *p) {
    struct section old = {.lang = edit->lang}, s;
    struct merge running;
    enum rc rc = edit->id != 0 ? section_by_id(a, db, edit->id, &old) : next_position(db, edit->lang, &old.position);
    if (rc != RC_OK)
        return rc;
    if (edit->id != 0 && edit->base_version != old.version)
        return RC_BUSY;
    s = old;
    s.name = str_trim(edit->name);
    s.description = str_trim(edit->description);
    s.slug = text_slug(a, s.lang, edit->slug.n > 0 ? edit->slug : s.name);
    if (edit->slug.n == 0 && (s.slug.n == 0 || slug_is_reserved(s.slug))) // of a script without Latin letters
        s.slug = str_fmt(a, "section-%lld", (long long)(id_next() % 100000));
    s.highlight = edit->highlight;
    s.on_front = edit->on_front;
    rc = s.id != 0 && merge_get(db, MERGE_SECTION, s.id, &running) == RC_OK
             ? problem_set(p, RC_CONFLICT, "merge_running")
             : edit_check(edit, &s, p);
    if (rc == RC_OK)
        rc = section_save(db, &s, c);
    if (rc == RC_CONFLICT)
        return problem_set(p, rc, "address_taken");
    if (rc == RC_OK && old.id != 0 && !str_eq(old.slug, s.slug))
        rc = alias_put(db, ALIAS_SECTION, s.lang, old.slug, s.id);
    if (rc != RC_OK)
        return rc;
    note_rename(&old, &s, c);
    *id_out = s.id;
    return names_audit(db, who, old.id == 0 ? "begin" : "save", "section", s.id,
                       old.id == 0 ? STR_NONE : section_words(a, &old), section_words(a, &s));
}

// ---- in order --------------------------------------------------------------------------------------------------------

bool place_way_find(struct str name, enum place_way *out) {
    static const char *const names[] = {"up", "down", "before", "after"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_eq(name, str_from(names[i]))) {
            *out = (enum place_way)i;
            return true;
        }
    return false;
}

static size_t index_of(const struct section *rows, size_t n, int64_t id) {
    size_t i = 0;
    while (i < n && rows[i].id != id)
        i++;
    return i;
}

size_t place_to(size_t n, size_t from, enum place_way way, size_t beside) {
    if (way == PLACE_UP)
        return from > 0 ? from - 1 : from;
    if (way == PLACE_DOWN)
        return from + 1 < n ? from + 1 : from;
    if (beside >= n || beside == from)
        return from;
    return way == PLACE_BEFORE ? (beside > from ? beside - 1 : beside) : (beside > from ? beside : beside + 1);
}

size_t place_after(size_t i, size_t from, size_t to) {
    return i == from ? to : from < to ? i - (i > from && i <= to) : i + (i >= to && i < from);
}

static enum rc position_set(struct db *db, int64_t id, int position) {
    struct db_stmt *st = db_sql(db, "UPDATE sections SET position = $2 WHERE id = $1");
    db_bind_i64(st, 1, id);
    db_bind_i64(st, 2, position);
    return db_run(st);
}

enum rc section_reorder(struct arena *a, struct db *db, const struct audit_who *who, int64_t id, enum place_way way,
                        int64_t beside, struct news_changes *c) {
    struct section *rows, section;
    size_t n;
    enum rc rc = section_by_id(a, db, id, &section);
    if (rc == RC_OK)
        rc = section_list(a, db, section.lang, &rows, &n);
    if (rc != RC_OK)
        return rc;
    size_t from = index_of(rows, n, id), to = from < n ? place_to(n, from, way, index_of(rows, n, beside)) : from;
    if (from == to)
        return RC_OK;
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        rc = position_set(db, rows[i].id, (int)place_after(i, from, to) + 1);
    news_changes_note(c, EDITION_FRAME, section.lang, false);
    news_changes_note(c, EDITION_FRONT, section.lang, false);
    struct str before = str_fmt(a, "%zu", from + 1), after = str_fmt(a, "%zu", to + 1);
    return rc == RC_OK ? names_audit(db, who, "move", "section", id, before, after) : rc;
}

// ---- deleted ---------------------------------------------------------------------------------------------------------

static enum rc pointed_at(struct db *db, int64_t id, const char **by_out) {
    _Static_assert(MENU_SECTION == 1, "the SQL says so");
    struct db_stmt *st =
        db_sql(db, "SELECT (SELECT COUNT(*) FROM menu_entries WHERE target = 1 AND target_id = $1), "
                   "(SELECT COUNT(*) FROM account_sections l WHERE l.section_id = $1), "
                   "(SELECT COUNT(*) FROM (SELECT 1 FROM articles WHERE section_id = $1 LIMIT 1) x) "
                   "+ (SELECT COUNT(*) FROM (SELECT 1 FROM manuscripts WHERE section_id = $1 LIMIT 1) y)");
    db_bind_i64(st, 1, id);
    bool read = db_step(st);
    *by_out = NULL;
    if (read && db_i64(st, 2) > 0)
        *by_out = "section_not_empty";
    if (read && db_i64(st, 1) > 0)
        *by_out = "section_has_accounts";
    if (read && db_i64(st, 0) > 0)
        *by_out = "section_in_menu";
    return db_end(st);
}

enum rc section_delete(struct arena *a, struct db *db, const struct audit_who *who, int64_t id, int64_t to_id,
                       int64_t now_us, struct news_changes *c, struct problem *p) {
    struct section section, to = {.id = 0};
    const char *by;
    enum rc rc = section_by_id(a, db, id, &section);
    if (rc == RC_OK && to_id != 0)
        rc = section_by_id(a, db, to_id, &to);
    if (rc != RC_OK)
        return rc;
    if (to_id == id || (to_id != 0 && to.lang != section.lang))
        return problem_set(p, RC_INVALID, "merge_bad");
    rc = pointed_at(db, id, &by);
    if (rc != RC_OK)
        return rc;
    if (by != NULL && (to_id == 0 || strcmp(by, "section_not_empty") != 0))
        return problem_set(p, RC_DENIED, "%s", by);
    rc = to_id != 0 ? extra_fields_fit(db, id, to_id, p) : RC_OK;
    if (rc != RC_OK)
        return rc;
    const struct merge m = {.kind = MERGE_SECTION, .from_id = id, .to_id = to_id, .begun_at = now_us};
    rc = merge_begin(db, who, &m, p);
    news_changes_note(c, EDITION_SECTION, id, false);
    return rc == RC_OK ? names_audit(db, who, to_id == 0 ? "delete" : "merge", "section", id,
                                     section_words(a, &section), to_id == 0 ? STR_NONE : section_words(a, &to))
                       : rc;
}
