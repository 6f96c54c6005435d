// SPDX-License-Identifier: AGPL-3.0-or-later
// Redirects as the desk makes, changes and deletes them. What answers by itself needs none, and a target is where somebody
// arrives: it is asked whether something answers there, so that a slip of the hand is found by its writer and not by readers.
#include "news/internal.h"

// One that leads to the new source, and is led on with it.
struct along {
    struct redirect was;
    struct along *next;
};

struct edit {
    struct arena *a;
    struct db *db;
    const struct redirect_order *order;
    struct redirect old, now;
    struct along *along;
    struct redirect_edited *out;
    struct problem *p;
};

static bool may(const struct edit *e, struct str source, struct str target) {
    return e->order->may(e->order->arg, source, target);
}

static struct str words_of(struct arena *a, const struct redirect *r) {
    return str_fmt(a, "%.*s → %.*s", STR_ARG(r->source), STR_ARG(r->target.n > 0 ? r->target : STR("410")));
}

// What the two come to decides whose they are.
static enum rc take_addresses(struct edit *e) {
    const struct redirect_order *o = e->order;
    enum rc rc = redirect_source(e->a, o->origin, o->source, &e->now.source, e->p);
    if (rc == RC_OK && o->target.n > 0)
        rc = redirect_target(e->a, o->origin, o->target, &e->now.target, e->p);
    if (rc == RC_OK && !may(e, e->now.source, e->now.target))
        rc = problem_set(e->p, RC_INVALID, "redirect_denied");
    return rc;
}

static enum rc check_source(struct edit *e) {
    const struct redirect_order *o = e->order;
    if (address_is_live(e->db, o->languages, e->now.source, o->now_us))
        return problem_set(e->p, RC_INVALID, "redirect_source_live");
    struct db_stmt *st = db_sql(e->db, "SELECT id FROM redirects WHERE source = $1 AND id <> $2");
    db_bind_str(st, 1, e->now.source);
    db_bind_i64(st, 2, o->id);
    bool taken = db_step(st);
    enum rc rc = db_end(st);
    return rc == RC_OK && taken ? problem_set(e->p, RC_CONFLICT, "redirect_source_taken") : rc;
}

// Would a request for this address of ours be answered by a redirect from `source`?
static bool is_source_of(struct str source, struct str asked) {
    return str_eq(source, asked) || str_eq(source, redirect_path(asked));
}

static enum rc target_asked(struct edit *e, struct str *out) {
    struct problem unsaid;
    return redirect_source(e->a, STR_NONE, e->now.target, out, &unsaid);
}

// To its end: what leads on is asked where to. One step is enough, because no target is a source.
static enum rc take_target(struct edit *e) {
    const struct redirect_order *o = e->order;
    struct str asked;
    struct redirect next;
    if (e->now.target.n == 0 || e->now.target.p[0] != '/')
        return RC_OK;
    enum rc rc = target_asked(e, &asked);
    if (rc != RC_OK || is_source_of(e->now.source, asked))
        return problem_set(e->p, RC_INVALID, "redirect_target_loop");
    bool live = address_is_live(e->db, o->languages, e->now.target, o->now_us);
    struct str path = redirect_path(asked);
    rc = redirect_find(e->a, e->db, path, str_slice(asked, path.n + 1, asked.n), &next);
    if (rc == RC_NOT_FOUND || (rc == RC_OK && next.id == o->id))
        return live ? RC_OK : problem_set(e->p, RC_INVALID, "redirect_target_nowhere");
    if (rc != RC_OK)
        return rc;
    if (live || next.target.n == 0)
        return problem_set(e->p, RC_INVALID, live ? "redirect_target_leads" : "redirect_target_gone");
    e->now.target = next.target;
    if (!may(e, e->now.source, e->now.target))
        return problem_set(e->p, RC_INVALID, "redirect_denied");
    if (next.target.p[0] != '/')
        return RC_OK;
    rc = target_asked(e, &asked);
    return rc != RC_OK || is_source_of(e->now.source, asked) ? problem_set(e->p, RC_INVALID, "redirect_target_loop")
                                                             : RC_OK;
}

static enum rc write_row(struct edit *e) {
    struct db_stmt *st = db_sql(
        e->db,
        "INSERT INTO redirects (id, source, target, made_at, version, hits, hit_at) VALUES ($1, $2, $3, $4, 1, 0, "
        "0) ON CONFLICT (id) DO UPDATE SET source = excluded.source, target = excluded.target, "
        "version = redirects.version + 1");
    db_bind_i64(st, 1, e->now.id);
    db_bind_str(st, 2, e->now.source);
    db_bind_str(st, 3, e->now.target);
    db_bind_i64(st, 4, e->order->now_us);
    return db_run(st);
}

// Those that led to what is a source now lead to its target. Behind the path may stand a query, if the source has none,
// and a fragment: '?' and '#', and the signs that follow them.
static enum rc along_find(struct edit *e) {
    bool alone = redirect_path(e->now.source).n == e->now.source.n;
    struct str s = e->now.source;
    struct db_stmt *st =
        db_sql(e->db, "SELECT id, source, target FROM redirects WHERE id <> $2 AND (target = $1 OR (target > $3 AND "
                      "target < $4) OR (target > $5 AND target < $6))");
    db_bind_str(st, 1, s);
    db_bind_i64(st, 2, e->now.id);
    db_bind_str(st, 3, str_fmt(e->a, "%.*s#", STR_ARG(s)));
    db_bind_str(st, 4, str_fmt(e->a, "%.*s$", STR_ARG(s)));
    db_bind_str(st, 5, str_fmt(e->a, "%.*s?", STR_ARG(s)));
    db_bind_str(st, 6, str_fmt(e->a, "%.*s%c", STR_ARG(s), alone ? '@' : '?'));
    while (db_step(st)) {
        struct along *one = ARENA_NEW(e->a, struct along);
        one->was = (struct redirect){
            .id = db_i64(st, 0), .source = db_str_dup(e->a, st, 1), .target = db_str_dup(e->a, st, 2)};
        one->next = e->along;
        e->along = one;
    }
    return db_end(st);
}

// Nobody leads with their own redirect another's elsewhere: asked of each before anything is written.
static enum rc along_check(struct edit *e) {
    enum rc rc = along_find(e);
    for (const struct along *one = e->along; rc == RC_OK && one != NULL; one = one->next)
        if (!may(e, one->was.source, one->was.target) || !may(e, one->was.source, e->now.target)) {
            e->out->denied = one->was.source;
            rc = problem_set(e->p, RC_INVALID, "redirect_along_denied");
        }
    return rc;
}

static enum rc along_write(struct edit *e, const struct audit_who *who, const struct redirect *was) {
    struct redirect now = *was;
    now.target = e->now.target;
    struct db_stmt *st = db_sql(e->db, "UPDATE redirects SET target = $2, version = version + 1 WHERE id = $1");
    db_bind_i64(st, 1, was->id);
    db_bind_str(st, 2, now.target);
    enum rc rc = db_run(st);
    return rc == RC_OK ? names_audit(e->db, who, "save", "redirect", was->id, words_of(e->a, was), words_of(e->a, &now))
                       : rc;
}

static enum rc begin(struct edit *e) {
    const struct redirect_order *o = e->order;
    enum rc rc = o->id != 0 ? redirect_by_id(e->a, e->db, o->id, &e->old) : RC_OK;
    if (rc != RC_OK)
        return rc;
    if (o->id != 0 && !may(e, e->old.source, e->old.target))
        return RC_DENIED;
    e->now = (struct redirect){.id = o->id != 0 ? o->id : id_next()};
    return o->id != 0 && o->base_version != e->old.version ? RC_BUSY : RC_OK;
}

enum rc redirect_edit(struct arena *a, struct db *db, const struct audit_who *who, const struct redirect_order *order,
                      struct redirect_edited *out, struct problem *p) {
    struct edit e = {.a = a, .db = db, .order = order, .out = out, .p = p};
    *out = (struct redirect_edited){.id = 0};
    enum rc rc = begin(&e);
    if (rc == RC_OK)
        rc = take_addresses(&e);
    if (rc == RC_OK)
        rc = check_source(&e);
    if (rc == RC_OK)
        rc = take_target(&e);
    if (rc == RC_OK)
        rc = along_check(&e);
    if (rc == RC_OK)
        rc = write_row(&e);
    for (const struct along *one = e.along; rc == RC_OK && one != NULL; one = one->next)
        rc = along_write(&e, who, &one->was);
    if (rc != RC_OK)
        return rc;
    out->id = e.now.id;
    return names_audit(db, who, order->id == 0 ? "begin" : "save", "redirect", e.now.id,
                       order->id == 0 ? STR_NONE : words_of(a, &e.old), words_of(a, &e.now));
}

enum rc redirect_delete(struct arena *a, struct db *db, const struct audit_who *who, int64_t id) {
    struct redirect r;
    enum rc rc = redirect_by_id(a, db, id, &r);
    if (rc != RC_OK)
        return rc;
    struct db_stmt *st = db_sql(db, "DELETE FROM redirects WHERE id = $1");
    db_bind_i64(st, 1, id);
    rc = db_run(st);
    return rc == RC_OK ? names_audit(db, who, "delete", "redirect", id, words_of(a, &r), STR_NONE) : rc;
}
