// SPDX-License-Identifier: AGPL-3.0-or-later
// The menu of a language: rows that point at sections, pages, the live page or an address. Editors change it by hand
// and often; an entry whose target went away is left out rather than printed broken.
#include "news/internal.h"

#define MENU_MAX 24

static struct str menu_address(struct arena *a, enum text_lang lang, const struct menu_entry *e, struct str name) {
    struct str code = text_lang_code(lang);
    switch (e->target) {
    case MENU_LIVE:
        return str_fmt(a, "/%.*s/live", STR_ARG(code));
    case MENU_SECTION:
    case MENU_PAGE:
        return str_fmt(a, "/%.*s/%.*s", STR_ARG(code), STR_ARG(name));
    case MENU_ADDRESS:
        break;
    }
    return e->address;
}

enum rc menu_list(struct arena *a, struct db *db, enum text_lang lang, struct menu_entry **out, size_t *count_out) {
    struct db_stmt *st = db_sql(db, "SELECT m.target, m.target_id, m.label, m.address, COALESCE(s.slug, p.path, ''), "
                                    "COALESCE(s.name, p.title, '') FROM menu_entries m "
                                    "LEFT JOIN sections s ON m.target = 1 AND s.id = m.target_id "
                                    "LEFT JOIN pages p ON m.target = 2 AND p.id = m.target_id AND p.state = 0 "
                                    "WHERE m.lang = $1 ORDER BY m.position LIMIT 24");
    _Static_assert(MENU_SECTION == 1 && MENU_PAGE == 2, "the SQL says so");
    db_bind_str(st, 1, text_lang_code(lang));
    struct menu_entry *rows = ARENA_ARRAY(a, struct menu_entry, MENU_MAX);
    size_t n = 0;
    while (n < MENU_MAX && db_step(st)) {
        struct menu_entry e = {.target = (enum menu_target)db_i64(st, 0), .target_id = db_i64(st, 1)};
        struct str name = db_str(st, 4);
        if ((e.target == MENU_SECTION || e.target == MENU_PAGE) && name.n == 0)
            continue;
        e.address = db_str_dup(a, st, 3);
        e.address = menu_address(a, lang, &e, name);
        e.label = db_str(st, 2).n > 0 ? db_str_dup(a, st, 2) : db_str_dup(a, st, 5);
        rows[n++] = e;
    }
    *out = rows;
    *count_out = n;
    return db_end(st);
}

static bool address_is_sound(struct str s) {
    bool web = str_starts(s, STR("https://")) || str_starts(s, STR("http://"));
    bool own = s.n > 0 && s.p[0] == '/' && !str_starts(s, STR("//"));
    return (web || own) && s.n <= 1000 && is_line(s);
}

static bool entry_is_sound(const struct menu_entry *e) {
    if (utf8_count(e->label) > 100 || !is_line(e->label))
        return false;
    switch (e->target) {
    case MENU_LIVE:
        return true;
    case MENU_SECTION:
    case MENU_PAGE:
        return e->target_id > 0;
    case MENU_ADDRESS:
        return e->label.n > 0 && address_is_sound(e->address);
    }
    return false;
}

static enum rc entry_write(struct db *db, enum text_lang lang, size_t position, const struct menu_entry *e) {
    struct db_stmt *st = db_sql(db, "INSERT INTO menu_entries (lang, position, target, target_id, label, address) "
                                    "VALUES ($1, $2, $3, $4, $5, $6)");
    db_bind_str(st, 1, text_lang_code(lang));
    db_bind_i64(st, 2, (int64_t)position);
    db_bind_i64(st, 3, e->target);
    db_bind_i64(st, 4, e->target == MENU_SECTION || e->target == MENU_PAGE ? e->target_id : 0);
    db_bind_str(st, 5, e->label);
    db_bind_str(st, 6, e->target == MENU_ADDRESS ? e->address : STR_NONE);
    return db_run(st);
}

enum rc menu_save(struct db *db, enum text_lang lang, const struct menu_entry *rows, size_t count,
                  struct news_changes *c) {
    if (count > MENU_MAX)
        return RC_TOO_BIG;
    for (size_t i = 0; i < count; i++)
        if (!entry_is_sound(&rows[i]))
            return RC_INVALID;
    struct db_stmt *st = db_sql(db, "DELETE FROM menu_entries WHERE lang = $1");
    db_bind_str(st, 1, text_lang_code(lang));
    enum rc rc = db_run(st);
    for (size_t i = 0; rc == RC_OK && i < count; i++)
        rc = entry_write(db, lang, i, &rows[i]);
    news_changes_note(c, EDITION_FRAME, lang, false);
    return rc;
}
