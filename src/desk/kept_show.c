// SPDX-License-Identifier: AGPL-3.0-or-later
// What was typed when a session was over: listed, shown, sent again with a fresh token, or dropped. The sender's address
// decides what becomes of it, as if it had come in time.
#include "desk/parts.h"
#include "desk/routes.h"

enum rc kept_list_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct kept_form *forms;
    size_t count;
    desk_begin(&v, req, reply);
    enum rc rc = kept_list(v.a, v.db, v.account->id, &forms, &count);
    if (rc != RC_OK)
        return rc;
    struct view_desk_page *page = desk_page(&v, W_DESK_KEPT);
    desk_intro(&v, page, W_DESK_KEPT_TEXT);
    struct view_desk_block *block = desk_block(&v, page, STR_NONE);
    if (count == 0) {
        block->empty = desk_word(&v, W_DESK_KEPT_NONE);
        return desk_send(&v, page, 0);
    }
    struct view_desk_table *table = desk_table(&v, block, W_DESK_KEPT);
    desk_column(&v, table, desk_word(&v, W_DESK_PAGE));
    desk_column(&v, table, desk_word(&v, W_DESK_WHEN));
    for (size_t i = 0; i < count; i++) {
        desk_row(&v, table);
        desk_cell(&v, table, forms[i].path)->address = str_fmt(v.a, "/desk/kept/%lld", (long long)forms[i].id);
        desk_cell(&v, table, desk_date(&v, forms[i].kept_at));
    }
    return desk_send(&v, page, 0);
}

// "a=b&c=d", written by desk_keep: every part decodes.
static size_t read_fields(struct arena *a, struct str encoded, struct http_field **out) {
    struct http_field *fields = ARENA_ARRAY(a, struct http_field, 256);
    struct str part;
    size_t n = 0, at;
    while (n < 256 && str_next(&encoded, '&', &part))
        if (str_find_char(part, '=', &at) && percent_decode(a, str_slice(part, 0, at), &fields[n].name) &&
            percent_decode(a, str_slice(part, at + 1, part.n), &fields[n].value))
            n++;
    *out = fields;
    return n;
}

enum rc kept_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct kept_form kept;
    struct http_field *fields;
    desk_begin(&v, req, reply);
    enum rc rc = kept_load(v.a, v.db, v.account->id, desk_number(&v, 0), &kept);
    if (rc != RC_OK)
        return rc;
    size_t count = read_fields(v.a, kept.fields, &fields);
    struct view_desk_page *page = desk_page(&v, W_DESK_KEPT_ONE);
    desk_crumb(&v, page, desk_word(&v, W_DESK_KEPT), STR("/desk/kept"));
    desk_intro(&v, page, W_DESK_KEPT_ONE_TEXT);
    desk_fact(&v, desk_block(&v, page, STR_NONE), W_DESK_WHEN, desk_date(&v, kept.kept_at));
    give_back(&v, page, kept.path, fields, count);
    struct view_desk_block *block = desk_block(&v, page, STR_NONE);
    struct view_desk_form *drop = desk_form(&v, block, STR("/desk/kept"), W_DESK_KEPT_DROP);
    drop->quiet = true;
    desk_hidden(&v, drop, "id", str_fmt(v.a, "%lld", (long long)kept.id));
    return desk_send(&v, page, 0);
}

struct dropping {
    int64_t account_id, id;
};
static enum rc drop(struct db *db, void *arg) {
    const struct dropping *d = arg;
    return kept_drop(db, d->account_id, d->id);
}

enum rc kept_drop_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct dropping d = {v.account->id, 0};
    if (!str_to_i64(desk_field(&v, "id"), &d.id))
        return RC_NOT_FOUND;
    enum rc rc = store_write(v.site->store, STORE_DURABLE, drop, &d);
    return rc == RC_OK ? desk_go(&v, STR("/desk/kept"), "dropped") : rc;
}
