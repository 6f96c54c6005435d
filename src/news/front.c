// SPDX-License-Identifier: AGPL-3.0-or-later
// The front page of a language as its editors arrange it: what leads, what is pinned behind it and until when, which
// sections have a block and in which order. Everything else on it fills itself.
#include "news/internal.h"

// ---- reading -------------------------------------------------------------------------------------------------------------

enum rc front_load(struct arena *a, struct db *db, enum text_lang lang, struct front_arrangement *out) {
    struct db_stmt *st = db_sql(db, "SELECT f.position, f.number, f.until_at, a.headline, a.state, a.published_at, "
                                    "a.expires_at FROM front_pins f JOIN articles a ON a.number = f.number "
                                    "WHERE f.lang = $1 ORDER BY f.position");
    db_bind_str(st, 1, text_lang_code(lang));
    out->count = 0;
    while (out->count < FRONT_PINS_MAX && db_step(st))
        out->pins[out->count++] = (struct front_pin){.leads = db_i64(st, 0) == 0,
                                                     .number = db_i64(st, 1),
                                                     .until_at = db_i64(st, 2),
                                                     .headline = db_str_dup(a, st, 3),
                                                     .published = db_i64(st, 4) == ARTICLE_PUBLISHED,
                                                     .published_at = db_i64(st, 5),
                                                     .expires_at = db_i64(st, 6)};
    return db_end(st);
}

bool front_pin_shows(const struct front_pin *p, int64_t now_us, int64_t *until_out) {
    *until_out = INT64_MAX;
    bool over = p->until_at != 0 && p->until_at <= now_us, expired = p->expires_at != 0 && p->expires_at <= now_us;
    if (!p->published || over || expired)
        return false;
    if (p->published_at > now_us) {
        *until_out = p->published_at;
        return false;
    }
    if (p->until_at != 0)
        *until_out = p->until_at;
    if (p->expires_at != 0)
        *until_out = min_i64(*until_out, p->expires_at);
    return true;
}

static bool stands_before(const struct section *l, const struct section *r) {
    if ((l->front_position == 0) != (r->front_position == 0))
        return l->front_position != 0;
    if (l->front_position != r->front_position)
        return l->front_position < r->front_position;
    return l->position < r->position;
}

void front_order(struct section *rows, size_t count) {
    for (size_t i = 1; i < count; i++) {
        struct section s = rows[i];
        size_t k = i;
        for (; k > 0 && stands_before(&s, &rows[k - 1]); k--)
            rows[k] = rows[k - 1];
        rows[k] = s;
    }
}

enum rc front_sections(struct arena *a, struct db *db, enum text_lang lang, struct section **out, size_t *count_out) {
    size_t n, kept = 0;
    enum rc rc = section_list(a, db, lang, out, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        if (!(*out)[i].highlight)
            (*out)[kept++] = (*out)[i];
    *count_out = kept;
    front_order(*out, kept);
    return rc;
}

// ---- pins ----------------------------------------------------------------------------------------------------------------

static enum rc front_audit(struct db *db, const struct audit_who *who, struct str before, struct str after) {
    const struct audit_entry entry = {
        .who = *who, .verb = STR("save"), .kind = STR("front"), .before = before, .after = after};
    return str_eq(before, after) ? RC_OK : audit_add(db, &entry);
}

static struct str pins_words(struct arena *a, enum text_lang lang, const struct front_arrangement *f) {
    struct str out = text_lang_code(lang);
    const struct text_zone *utc;
    must(text_zone_find(STR("UTC"), &utc) == RC_OK);
    for (size_t i = 0; i < f->count; i++) {
        struct str day =
            f->pins[i].until_at != 0 ? text_date(a, LANG_EN, utc, f->pins[i].until_at, DATE_ISO) : STR("-");
        out = str_fmt(a, "%.*s\n%s%lld %.*s (%.*s)", STR_ARG(out), f->pins[i].leads ? "1: " : "",
                      (long long)f->pins[i].number, STR_ARG(f->pins[i].headline), STR_ARG(day));
    }
    return out;
}

static size_t place_of(const struct front_arrangement *f, int64_t number) {
    for (size_t i = 0; i < f->count; i++)
        if (f->pins[i].number == number)
            return i;
    return f->count;
}

static void take_out(struct front_arrangement *f, size_t at) {
    for (size_t i = at + 1; i < f->count; i++)
        f->pins[i - 1] = f->pins[i];
    f->count--;
}

static void put_in(struct front_arrangement *f, size_t at, const struct front_pin *pin) {
    for (size_t i = f->count; i > at; i--)
        f->pins[i] = f->pins[i - 1];
    f->pins[at] = *pin;
    f->count++;
}

// One leads at most: another that did stands first behind it.
static void put_lead(struct front_arrangement *f, struct front_pin *pin) {
    for (size_t i = 0; i < f->count; i++)
        f->pins[i].leads = false;
    pin->leads = true;
    put_in(f, 0, pin);
}

static enum rc pin(struct arena *a, struct db *db, enum text_lang lang, const struct front_change *change,
                   int64_t now_us, struct front_arrangement *f, struct problem *p) {
    struct article art;
    enum rc rc = article_load(a, db, change->number, &art);
    if (rc == RC_NOT_FOUND || (rc == RC_OK && (art.lang != lang || art.state != ARTICLE_PUBLISHED)))
        return problem_set(p, RC_INVALID, "front_no_article");
    if (rc != RC_OK)
        return rc;
    if (change->until_at != 0 && change->until_at <= now_us)
        return problem_set(p, RC_INVALID, "front_until_past");
    size_t at = place_of(f, change->number);
    struct front_pin new = {.number = change->number, .until_at = change->until_at, .headline = art.headline};
    if (at < f->count) {
        new.leads = f->pins[at].leads;
        take_out(f, at);
    }
    if (f->count == FRONT_PINS_MAX)
        return problem_set(p, RC_INVALID, "front_full");
    if (change->leads || new.leads)
        put_lead(f, &new);
    else
        put_in(f, at < f->count ? at : f->count, &new);
    return RC_OK;
}

static void move(const struct front_change *change, size_t at, struct front_arrangement *f) {
    struct front_pin moved = f->pins[at];
    size_t other = place_of(f, change->beside), to = at;
    if (change->way == FRONT_UP)
        to = at > 0 ? at - 1 : 0;
    else if (change->way == FRONT_DOWN)
        to = at + 1;
    else if (other < f->count)
        to = change->way == FRONT_BEFORE ? other - (other > at) : other + (other < at);
    take_out(f, at);
    if (change->way == FRONT_LEAD) {
        put_lead(f, &moved);
        return;
    }
    if (moved.leads) { // it stands first behind a lead that is automatic again
        moved.leads = false;
        put_in(f, 0, &moved);
        return;
    }
    size_t first = f->count > 0 && f->pins[0].leads ? 1 : 0;
    put_in(f, to < first ? first : to > f->count ? f->count : to, &moved);
}

static enum rc pins_write(struct db *db, enum text_lang lang, const struct front_arrangement *f) {
    struct db_stmt *st = db_sql(db, "DELETE FROM front_pins WHERE lang = $1");
    db_bind_str(st, 1, text_lang_code(lang));
    enum rc rc = db_run(st);
    for (size_t i = 0; rc == RC_OK && i < f->count; i++) {
        st = db_sql(db, "INSERT INTO front_pins (lang, position, number, until_at) VALUES ($1, $2, $3, $4)");
        db_bind_str(st, 1, text_lang_code(lang));
        db_bind_i64(st, 2, f->pins[i].leads ? 0 : (int64_t)i + 1);
        db_bind_i64(st, 3, f->pins[i].number);
        db_bind_i64(st, 4, f->pins[i].until_at);
        rc = db_run(st);
    }
    return rc;
}

enum rc front_pin_edit(struct arena *a, struct db *db, const struct audit_who *who, enum text_lang lang,
                       const struct front_change *change, int64_t now_us, struct news_changes *c, struct problem *p) {
    struct front_arrangement f;
    enum rc rc = front_load(a, db, lang, &f);
    if (rc != RC_OK)
        return rc;
    struct str before = pins_words(a, lang, &f);
    size_t at = place_of(&f, change->number);
    if (change->way != FRONT_PIN && at == f.count)
        return RC_OK; // taken off by somebody else
    if (change->way == FRONT_PIN)
        rc = pin(a, db, lang, change, now_us, &f, p);
    else if (change->way == FRONT_DROP)
        take_out(&f, at);
    else
        move(change, at, &f);
    if (rc == RC_OK)
        rc = pins_write(db, lang, &f);
    news_changes_note(c, EDITION_FRONT, lang, false);
    return rc == RC_OK ? front_audit(db, who, before, pins_words(a, lang, &f)) : rc;
}

// ---- sections ------------------------------------------------------------------------------------------------------------

static struct str sections_words(struct arena *a, enum text_lang lang, const struct section *rows, size_t n) {
    struct str out = text_lang_code(lang);
    for (size_t i = 0; i < n; i++)
        out = str_fmt(a, "%.*s\n%s%.*s", STR_ARG(out), rows[i].on_front ? "" : "- ", STR_ARG(rows[i].name));
    return out;
}

static size_t section_place(const struct section *rows, size_t n, int64_t id) {
    for (size_t i = 0; i < n; i++)
        if (rows[i].id == id)
            return i;
    return n;
}

static void section_move(struct section *rows, size_t n, size_t at, const struct front_change *change) {
    size_t other = section_place(rows, n, change->beside), to = at;
    if (change->way == FRONT_UP)
        to = at > 0 ? at - 1 : 0;
    else if (change->way == FRONT_DOWN)
        to = at + 1 < n ? at + 1 : at;
    else if (other < n)
        to = change->way == FRONT_BEFORE ? other - (other > at) : other + (other < at);
    struct section moved = rows[at];
    for (; at < to; at++)
        rows[at] = rows[at + 1];
    for (; at > to; at--)
        rows[at] = rows[at - 1];
    rows[to] = moved;
}

static enum rc sections_write(struct db *db, const struct section *rows, size_t n) {
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        struct db_stmt *st = db_sql(db, "UPDATE sections SET on_front = $2, front_position = $3 WHERE id = $1");
        db_bind_i64(st, 1, rows[i].id);
        db_bind_i64(st, 2, rows[i].on_front);
        db_bind_i64(st, 3, (int64_t)i + 1);
        rc = db_run(st);
    }
    return rc;
}

enum rc front_section_edit(struct arena *a, struct db *db, const struct audit_who *who, enum text_lang lang,
                           const struct front_change *change, struct news_changes *c) {
    struct section *rows;
    size_t n;
    enum rc rc = front_sections(a, db, lang, &rows, &n);
    if (rc != RC_OK)
        return rc;
    size_t at = section_place(rows, n, change->number);
    if (at == n)
        return RC_NOT_FOUND;
    struct str before = sections_words(a, lang, rows, n);
    if (change->way == FRONT_SHOW || change->way == FRONT_HIDE)
        rows[at].on_front = change->way == FRONT_SHOW;
    else
        section_move(rows, n, at, change);
    rc = sections_write(db, rows, n);
    news_changes_note(c, EDITION_FRONT, lang, false);
    return rc == RC_OK ? front_audit(db, who, before, sections_words(a, lang, rows, n)) : rc;
}

bool front_way_find(struct str name, enum front_way *out) {
    static const char *const names[] = {
        [FRONT_UP] = "up",     [FRONT_DOWN] = "down", [FRONT_BEFORE] = "before", [FRONT_AFTER] = "after",
        [FRONT_LEAD] = "lead", [FRONT_DROP] = "drop", [FRONT_SHOW] = "show",     [FRONT_HIDE] = "hide"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_eq(name, str_from(names[i]))) {
            *out = (enum front_way)i;
            return true;
        }
    return false;
}
