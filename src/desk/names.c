// SPDX-License-Identifier: AGPL-3.0-or-later
#include "desk/names.h"

enum { STEPS_AT_ONCE = 12 };

int names_refused(struct desk_visit *v, enum rc *rc, const struct problem *p) {
    enum rc was = *rc;
    if (was == RC_BUSY)
        desk_fail(v, W_DESK_THING_STALE);
    else if ((was == RC_INVALID || was == RC_CONFLICT || was == RC_DENIED) && p->text[0] != '\0')
        standing_fail(v, p);
    else if (was != RC_INVALID || v->req->form_ok)
        return 0;
    *rc = RC_OK;
    return was == RC_INVALID ? 422 : 409;
}

static struct str side_words(struct desk_visit *v, const struct names_field *f, struct str value) {
    if (f->is_tick)
        return desk_word(v, value.n > 0 ? W_DESK_YES : W_DESK_NO);
    return value.n > 0 ? value : desk_word(v, W_DESK_NOTHING);
}

void names_beside(struct desk_visit *v, struct view_desk_page *page, const struct names_field *fields, size_t n) {
    struct view_desk_table *table = NULL;
    for (size_t i = 0; i < n; i++) {
        const struct names_field *f = &fields[i];
        struct str mine = desk_field(v, f->name);
        if (f->is_tick ? (mine.n > 0) == (f->theirs.n > 0) : str_eq(mine, f->theirs))
            continue;
        if (table == NULL) {
            table = desk_table(v, desk_block(v, page, desk_word(v, W_DESK_BESIDE)), W_DESK_BESIDE);
            desk_column(v, table, desk_word(v, W_DESK_FIELD));
            desk_column(v, table, desk_word(v, W_DESK_BESIDE_THEIRS));
            desk_column(v, table, desk_word(v, W_DESK_BESIDE_MINE));
        }
        desk_row(v, table);
        desk_cell(v, table, f->called.n > 0 ? f->called : desk_word(v, f->label))->head = true;
        desk_cell(v, table, side_words(v, f, f->theirs));
        desk_cell(v, table, side_words(v, f, mine));
    }
}

bool names_merging(struct desk_visit *v, struct view_desk_block *block, enum merge_kind kind, int64_t id) {
    struct merge m;
    if (merge_get(v->db, kind, id, &m) != RC_OK)
        return false;
    block->text = text_phrase(v->a, v->lang, W_DESK_MERGE_UNDER_WAY, m.moved, desk_number_text(v, m.moved), STR_NONE);
    block->warning = true;
    return true;
}

struct going_on {
    struct news_changes changes;
    bool more;
};

static enum rc step(struct db *db, void *arg) {
    struct going_on *g = arg;
    g->changes = (struct news_changes){0};
    return merge_step(db, &g->changes, &g->more);
}

// Whatever goes wrong here is tried again by the thread that does the rest.
void names_go_on(struct desk_visit *v) {
    struct going_on *g = ARENA_NEW(v->a, struct going_on);
    g->more = true;
    for (int i = 0; g->more && i < STEPS_AT_ONCE; i++) {
        if (store_write(v->site->store, STORE_DURABLE, step, g) != RC_OK)
            return;
        news_changes_raise(&g->changes);
    }
}

enum rc names_aliases(struct desk_visit *v, struct view_desk_block *block, enum alias_kind kind, int64_t id) {
    struct str *words, line = STR_NONE;
    size_t n;
    enum rc rc = alias_list(v->a, v->db, kind, id, &words, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        line = i == 0 ? words[i] : str_fmt(v->a, "%.*s, %.*s", STR_ARG(line), STR_ARG(words[i]));
    if (line.n > 0)
        desk_fact(v, block, W_DESK_ALIASES, line);
    return rc;
}

void names_filter(struct desk_visit *v, struct view_desk_block *block, const char *action, const char *hidden_name,
                  struct str hidden_value) {
    struct view_desk_form *form = desk_form(v, block, str_from(action), W_DESK_SHOW);
    form->get = form->in_line = form->quiet = true;
    form->id = STR("words-filter"); // beside the form that makes one, with the same address
    if (hidden_name != NULL)
        desk_hidden(v, form, hidden_name, hidden_value);
    struct view_desk_field *f = desk_line(v, form, "q", W_DESK_WORDS, desk_field(v, "q"));
    f->type = STR("search");
    f->max = 100;
}

struct str names_next(struct desk_visit *v, const char *address, struct str query, struct str after) {
    struct buf b;
    struct str q = desk_field(v, "q");
    buf_init(&b, 8192);
    buf_fmt(&b, "%s?%.*s", address, STR_ARG(query));
    if (q.n > 0) {
        buf_fmt(&b, "%sq=", query.n > 0 ? "&" : "");
        percent_encode_segment(&b, q);
    }
    buf_fmt(&b, "%safter=", query.n > 0 || q.n > 0 ? "&" : "");
    percent_encode_segment(&b, after);
    struct str out = str_dup(v->a, buf_view(&b));
    buf_fini(&b);
    return out;
}

static struct str counted(struct desk_visit *v, int64_t n) {
    return n > NAMES_COUNTED ? str_fmt(v->a, "> %.*s", STR_ARG(desk_number_text(v, NAMES_COUNTED)))
                             : desk_number_text(v, n);
}

void names_table(struct desk_visit *v, struct view_desk_block *block, enum text_word caption, const char *address,
                 struct str query, const struct name_row *rows, size_t n, bool more) {
    if (n == 0) {
        block->empty = desk_word(v, W_DESK_LIST_NONE);
        return;
    }
    struct view_desk_table *table = desk_table(v, block, caption);
    desk_column(v, table, desk_word(v, W_DESK_NAME));
    desk_column(v, table, desk_word(v, W_DESK_SLUG));
    desk_column(v, table, desk_word(v, W_DESK_ARTICLES));
    table->columns.items[2].number = true;
    for (size_t i = 0; i < n; i++) {
        desk_row(v, table);
        struct view_desk_cell *cell = desk_cell(v, table, rows[i].name);
        cell->address = str_fmt(v->a, "%s/%lld", address, (long long)rows[i].id);
        if (rows[i].deleted) {
            cell->badge = desk_word(v, W_DESK_DELETED);
            cell->tone = STR("plain");
        }
        desk_cell(v, table, rows[i].slug);
        desk_cell(v, table, counted(v, rows[i].articles))->number = true;
    }
    if (more)
        table->more = (struct view_desk_link){.label = desk_word(v, W_DESK_MORE_ROWS),
                                              .address = names_next(v, address, query, rows[n - 1].slug)};
}
