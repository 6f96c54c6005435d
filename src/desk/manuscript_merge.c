// SPDX-License-Identifier: AGPL-3.0-or-later
// Two texts that grew from one: what does not collide has gone together by itself; where it collides, a person chooses.
// The text that came late stays kept aside until it was merged or put away.
#include "desk/manuscript.h"
#include "desk/diff.h"
#include "desk/routes.h"

struct merging {
    struct desk_visit *v;
    struct manuscript m;
    struct manuscript_aside aside;
    struct content base, merged;
    struct content_collision *collisions;
    size_t count;
    struct manuscript_put put;
};

// The choices by number in one field of words: "0-theirs 3-both".
static void choices_take(struct desk_visit *v, enum text_side choices[COLLISIONS_MAX]) {
    for (size_t i = 0; i < COLLISIONS_MAX; i++)
        choices[i] = TEXT_MINE;
    struct str words = desk_field(v, "take"), word;
    while (str_next(&words, ' ', &word)) {
        struct str number;
        uint64_t n;
        if (!str_next(&word, '-', &number) || !str_to_u64(number, &n) || n >= COLLISIONS_MAX)
            continue;
        choices[n] = str_eq(word, STR("theirs")) ? TEXT_THEIRS : str_eq(word, STR("both")) ? TEXT_BOTH : TEXT_MINE;
    }
}

static enum rc load(struct merging *g) {
    struct desk_visit *v = g->v;
    struct manuscript_version base;
    enum rc rc = manuscript_find_to_edit(v, &g->m); // before anything tells what is kept aside
    if (rc == RC_OK)
        rc = aside_load(v->a, v->db, desk_number(v, 1), &g->aside);
    if (rc == RC_OK && g->aside.manuscript_id != g->m.id)
        rc = RC_NOT_FOUND;
    if (rc == RC_OK)
        rc = version_base(v->a, v->db, g->m.id, g->aside.base_version, &base);
    if (rc != RC_OK)
        return rc;
    g->base = base.content;
    enum text_side choices[COLLISIONS_MAX];
    choices_take(v, choices);
    g->count = content_merge(v->a, &g->base, &g->aside.content, &g->m.content, choices, COLLISIONS_MAX, &g->merged,
                             &g->collisions);
    return RC_OK;
}

static struct str shown(struct desk_visit *v, const struct content_field *f, struct str text) {
    text = content_field_words(v, f, text);
    int64_t at;
    if (f->kind == CONTENT_TIME && str_to_i64(text, &at))
        text = desk_date(v, at);
    return text.n > 0 ? text : desk_word(v, W_DESK_NOTHING);
}

static struct str side_said(struct desk_visit *v, enum text_word side, const struct content_field *f, struct str text) {
    return str_fmt(v->a, "%.*s: %.*s", STR_ARG(desk_word(v, side)), STR_ARG(shown(v, f, text)));
}

// All have one name, and a choice carries its number: the form's row in the route table stays one.
static void collision_field(struct desk_visit *v, struct view_desk_form *form, const struct content_collision *c,
                            size_t i) {
    struct view_desk_field *f = desk_select(v, form, "take", W_DESK_CHOOSE, str_fmt(v->a, "%zu-mine", i));
    f->id = str_fmt(v->a, "take-%zu", i);
    f->label = content_label(v, c->field->key);
    f->hint = str_fmt(v->a, "%.*s — %.*s", STR_ARG(side_said(v, W_DESK_TAKE_MINE, c->field, c->mine)),
                      STR_ARG(side_said(v, W_DESK_TAKE_THEIRS, c->field, c->theirs)));
    desk_choice(v, f, str_fmt(v->a, "%zu-mine", i), desk_word(v, W_DESK_TAKE_MINE));
    desk_choice(v, f, str_fmt(v->a, "%zu-theirs", i), desk_word(v, W_DESK_TAKE_THEIRS));
    if (c->field->kind == CONTENT_BODY || c->field->kind == CONTENT_ROWS)
        desk_choice(v, f, str_fmt(v->a, "%zu-both", i), desk_word(v, W_DESK_TAKE_BOTH));
}

static enum rc page_show(struct merging *g, int status) {
    struct desk_visit *v = g->v;
    struct view_desk_page *page = desk_page(v, W_DESK_ASIDE);
    manuscript_crumbs(v, page, &g->m);
    page->intro = text_phrase(v->a, v->lang, W_DESK_ASIDE_TEXT, 0, g->m.saved_by_name, STR_NONE);
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    struct view_desk_form *form =
        desk_form(v, block, manuscript_aside_address(v, g->m.id, g->aside.id, ""), W_DESK_MERGE);
    desk_hidden(v, form, "version", str_fmt(v->a, "%lld", (long long)g->m.version));
    for (size_t i = 0; i < g->count; i++)
        collision_field(v, form, &g->collisions[i], i);
    block = desk_block(v, page, desk_word(v, W_DESK_THEIR_CHANGES));
    diff_contents(v, block, g->m.lang, &g->base, &g->m.content);
    block = desk_block(v, page, desk_word(v, W_DESK_MY_CHANGES));
    diff_contents(v, block, g->m.lang, &g->base, &g->aside.content);
    block = desk_block(v, page, desk_word(v, W_DESK_ASIDE_DROP));
    block->text = desk_word(v, W_DESK_ASIDE_DROP_TEXT);
    form = desk_form(v, block, manuscript_aside_address(v, g->m.id, g->aside.id, "/drop"), W_DESK_ASIDE_DROP);
    form->danger = true;
    form->id = STR("drop");
    return desk_send(v, page, status);
}

// Both texts as they are now, for whoever asks.
static enum rc begin(struct http_request *req, struct http_reply *reply, struct desk_visit *v, struct merging **out) {
    desk_begin(v, req, reply);
    struct merging *g = *out = ARENA_NEW(v->a, struct merging);
    g->v = v;
    return load(g);
}

enum rc aside_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct merging *g;
    enum rc rc = begin(req, reply, &v, &g);
    return rc == RC_OK ? page_show(g, 0) : rc;
}

enum rc aside_merge_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct merging *g;
    int64_t seen;
    enum rc rc = begin(req, reply, &v, &g);
    if (rc != RC_OK)
        return rc;
    if (!str_to_i64(desk_field(&v, "version"), &seen))
        return RC_INVALID;
    if (seen != g->m.version) { // a third text came while choosing: once more, against the newest
        desk_fail(&v, W_DESK_STEP_CONFLICT);
        return page_show(g, 409);
    }
    g->put.order =
        (struct manuscript_saving){.id = g->m.id, .kind = VERSION_MERGED, .content = g->merged, .settles = g->aside.id};
    rc = manuscript_put_and_go(&v, &g->put, "", "merged");
    return rc == RC_INVALID ? page_show(g, 422) : rc;
}

static enum rc drop(struct db *db, void *arg) {
    struct merging *g = arg;
    return aside_settle(db, g->aside.id);
}

enum rc aside_drop_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct merging *g;
    enum rc rc = begin(req, reply, &v, &g);
    if (rc == RC_OK)
        rc = store_write(v.site->store, STORE_DURABLE, drop, g);
    return rc == RC_OK ? desk_go(&v, manuscript_address(&v, g->m.id, ""), "put_away") : rc;
}
