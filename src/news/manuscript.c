// SPDX-License-Identifier: AGPL-3.0-or-later
// One manuscript read whole. Lists: manuscript_list.c.
#include "news/manuscript.h"

struct str manuscript_state_name(enum manuscript_state state) {
    static const struct str names[] = {[MANUSCRIPT_DRAFT] = STR("draft"),
                                       [MANUSCRIPT_REVIEW] = STR("review"),
                                       [MANUSCRIPT_OUT] = STR("out"),
                                       [MANUSCRIPT_WITHDRAWN] = STR("withdrawn"),
                                       [MANUSCRIPT_ARCHIVED] = STR("archived")};
    must(state >= MANUSCRIPT_DRAFT && state <= MANUSCRIPT_ARCHIVED);
    return names[state];
}

void manuscript_read(struct arena *a, struct db_stmt *st, struct manuscript *out) {
    *out = (struct manuscript){.id = db_i64(st, 0),
                               .number = db_i64(st, 1),
                               .section_id = db_i64(st, 3),
                               .state = (enum manuscript_state)db_i64(st, 4),
                               .headline = db_str_dup(a, st, 5),
                               .version = db_i64(st, 6),
                               .published_version = db_i64(st, 7),
                               .publish_at = db_i64(st, 8),
                               .owner_id = db_i64(st, 9),
                               .owner_name = db_str_dup(a, st, 10),
                               .created_at = db_i64(st, 11),
                               .saved_at = db_i64(st, 12),
                               .saved_by = db_i64(st, 13),
                               .saved_by_name = db_str_dup(a, st, 14),
                               .translation_group = db_i64(st, 15),
                               .source_id = db_i64(st, 16),
                               .source_version = db_i64(st, 17),
                               .lease = {.account_id = db_i64(st, 18),
                                         .name = db_str_dup(a, st, 19),
                                         .session_id = db_i64(st, 20),
                                         .until_us = db_i64(st, 21)},
                               .stale = db_i64(st, 22) != 0};
    (void)text_lang_find(db_str(st, 2), &out->lang);
}

enum rc manuscript_load(struct arena *a, struct db *db, int64_t id, struct manuscript *out) {
    struct db_stmt *st = db_sql(db, "SELECT " MANUSCRIPT_COLUMNS "FROM manuscripts m WHERE m.id = $1");
    db_bind_i64(st, 1, id);
    bool found = db_step(st);
    if (found)
        manuscript_read(a, st, out);
    enum rc rc = db_end(st);
    if (rc != RC_OK || !found)
        return rc != RC_OK ? rc : RC_NOT_FOUND;
    struct manuscript_version newest;
    rc = version_load(a, db, id, out->version, &newest);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_IO : rc; // a manuscript without its newest version is damage
    out->content = newest.content;
    return breaking_until(db, out->number, out->lang, &out->breaking_until);
}
