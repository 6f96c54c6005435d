// SPDX-License-Identifier: AGPL-3.0-or-later
// The menu of a language: rows that point at sections, pages, the live page or an address. Editors change it by hand
// and often; an entry whose target went away is left out rather than printed broken.
#include "news/internal.h"

static struct str menu_address(struct arena *a, enum text_lang lang, const struct menu_entry *e, struct str name) {
    struct str code = text_lang_code(lang);
    switch (e->target) {
    case MENU_LIVE:
        return str_fmt(a, "/%.*s/live", STR_ARG(code));
    case MENU_ARCHIVE:
        return str_fmt(a, "/%.*s/archive", STR_ARG(code));
    case MENU_SEARCH:
        return str_fmt(a, "/%.*s/search", STR_ARG(code));
    case MENU_FRONT:
        return str_fmt(a, "/%.*s/", STR_ARG(code));
    case MENU_SECTION:
    case MENU_PAGE:
        return str_fmt(a, "/%.*s/%.*s", STR_ARG(code), STR_ARG(name));
    case MENU_ADDRESS:
        break;
    }
    return e->address;
}

static void entry_read(struct arena *a, enum text_lang lang, struct db_stmt *st, struct menu_entry *out) {
    struct str path = db_str(st, 4);
    *out = (struct menu_entry){.target = (enum menu_target)db_i64(st, 0),
                               .target_id = db_i64(st, 1),
                               .label = db_str_dup(a, st, 2),
                               .address = db_str_dup(a, st, 3),
                               .name = db_str_dup(a, st, 5),
                               .hidden = db_i64(st, 6) != 0};
    bool named = out->target == MENU_SECTION || out->target == MENU_PAGE;
    out->lost = named && (path.n == 0 || db_i64(st, 7) != PAGE_PUBLISHED);
    out->address = menu_address(a, lang, out, path);
}

enum rc menu_all(struct arena *a, struct db *db, enum text_lang lang, struct menu_entry **out, size_t *count_out) {
    struct db_stmt *st = db_sql(db, "SELECT m.target, m.target_id, m.label, m.address, COALESCE(s.slug, p.path, ''), "
                                    "COALESCE(s.name, p.title, ''), m.hidden, COALESCE(p.state, 0) FROM menu_entries m "
                                    "LEFT JOIN sections s ON m.target = 1 AND s.id = m.target_id "
                                    "LEFT JOIN pages p ON m.target = 2 AND p.id = m.target_id "
                                    "WHERE m.lang = $1 ORDER BY m.position LIMIT 24");
    _Static_assert(MENU_SECTION == 1 && MENU_PAGE == 2 && MENU_MAX == 24, "the SQL says so");
    db_bind_str(st, 1, text_lang_code(lang));
    struct menu_entry *rows = ARENA_ARRAY(a, struct menu_entry, MENU_MAX);
    size_t n = 0;
    while (n < MENU_MAX && db_step(st))
        entry_read(a, lang, st, &rows[n++]);
    *out = rows;
    *count_out = n;
    return db_end(st);
}

enum rc menu_list(struct arena *a, struct db *db, enum text_lang lang, struct menu_entry **out, size_t *count_out) {
    struct menu_entry *rows;
    size_t n, kept = 0;
    enum rc rc = menu_all(a, db, lang, &rows, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        if (rows[i].hidden || rows[i].lost)
            continue;
        rows[kept] = rows[i];
        if (rows[kept].label.n == 0)
            rows[kept].label = rows[kept].name;
        kept++;
    }
    *out = rows;
    *count_out = kept;
    return rc;
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
    case MENU_ARCHIVE:
    case MENU_SEARCH:
    case MENU_FRONT:
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
    struct db_stmt *st = db_sql(db, "INSERT INTO menu_entries (lang, position, target, target_id, label, address, "
                                    "hidden) VALUES ($1, $2, $3, $4, $5, $6, $7)");
    db_bind_str(st, 1, text_lang_code(lang));
    db_bind_i64(st, 2, (int64_t)position);
    db_bind_i64(st, 3, e->target);
    db_bind_i64(st, 4, e->target == MENU_SECTION || e->target == MENU_PAGE ? e->target_id : 0);
    db_bind_str(st, 5, e->label);
    db_bind_str(st, 6, e->target == MENU_ADDRESS ? e->address : STR_NONE);
    db_bind_i64(st, 7, e->hidden);
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

// ---- changed at the desk -------------------------------------------------------------------------------------------------

static struct str menu_words(struct arena *a, enum text_lang lang, const struct menu_entry *rows, size_t n) {
    struct buf b;
    buf_init(&b, 1 << 16);
    buf_str(&b, text_lang_code(lang));
    for (size_t i = 0; i < n; i++)
        buf_fmt(&b, "\n%s%.*s (%.*s)", rows[i].hidden ? "- " : "",
                STR_ARG(rows[i].label.n > 0 ? rows[i].label : rows[i].name), STR_ARG(rows[i].address));
    struct str out = str_dup(a, buf_view(&b));
    buf_fini(&b);
    return out;
}

int64_t menu_mark(struct arena *a, const struct menu_entry *rows, size_t count) {
    struct buf b;
    buf_init(&b, 1 << 16);
    for (size_t i = 0; i < count; i++)
        buf_fmt(&b, "%d %lld %d %.*s %.*s\n", (int)rows[i].target, (long long)rows[i].target_id, rows[i].hidden,
                STR_ARG(rows[i].label), STR_ARG(rows[i].address));
    int64_t mark = (int64_t)(hash_stable(str_dup(a, buf_view(&b))) >> 1);
    buf_fini(&b);
    return mark;
}

static void rows_move(struct menu_entry *rows, size_t from, size_t to) {
    struct menu_entry moved = rows[from];
    for (; from < to; from++)
        rows[from] = rows[from + 1];
    for (; from > to; from--)
        rows[from] = rows[from - 1];
    rows[to] = moved;
}

static enum rc change_apply(const struct menu_change *change, struct menu_entry *rows, size_t *n) {
    if (change->at > *n || (change->at == *n && change->kind != MENU_PUT))
        return RC_NOT_FOUND;
    switch (change->kind) {
    case MENU_PUT:
        if (change->at == MENU_MAX)
            return RC_TOO_BIG;
        bool hidden = change->at < *n && rows[change->at].hidden;
        rows[change->at] = change->entry;
        rows[change->at].hidden = hidden;
        *n += change->at == *n;
        break;
    case MENU_DROP:
        rows_move(rows, change->at, *n - 1);
        (*n)--;
        break;
    case MENU_HIDE:
    case MENU_SHOW:
        rows[change->at].hidden = change->kind == MENU_HIDE;
        break;
    case MENU_MOVE:
        if (change->to < *n)
            rows_move(rows, change->at, change->to);
        break;
    }
    return RC_OK;
}

// A section or page of the very language.
static enum rc target_check(struct arena *a, struct db *db, enum text_lang lang, const struct menu_entry *e) {
    struct section section = {.lang = lang};
    struct page page = {.lang = lang};
    enum rc rc = e->target == MENU_SECTION ? section_by_id(a, db, e->target_id, &section)
                 : e->target == MENU_PAGE  ? page_by_id(a, db, e->target_id, &page)
                                           : RC_OK;
    return rc == RC_NOT_FOUND || (rc == RC_OK && (section.lang != lang || page.lang != lang)) ? RC_INVALID : rc;
}

enum rc menu_edit(struct arena *a, struct db *db, const struct audit_who *who, enum text_lang lang, int64_t mark,
                  const struct menu_change *change, struct news_changes *c) {
    struct menu_entry *rows, *before;
    size_t n, before_n;
    enum rc rc = menu_all(a, db, lang, &before, &before_n);
    if (rc == RC_OK && menu_mark(a, before, before_n) != mark)
        return RC_BUSY;
    if (rc == RC_OK)
        rc = menu_all(a, db, lang, &rows, &n);
    if (rc == RC_OK && change->kind == MENU_PUT)
        rc = target_check(a, db, lang, &change->entry);
    if (rc == RC_OK)
        rc = change_apply(change, rows, &n);
    if (rc == RC_OK)
        rc = menu_save(db, lang, rows, n, c);
    if (rc == RC_OK)
        rc = menu_all(a, db, lang, &rows, &n);
    if (rc != RC_OK || menu_mark(a, rows, n) == mark)
        return rc;
    const struct audit_entry entry = {.who = *who,
                                      .verb = STR("save"),
                                      .kind = STR("menu"),
                                      .before = menu_words(a, lang, before, before_n),
                                      .after = menu_words(a, lang, rows, n)};
    return audit_add(db, &entry);
}
