// SPDX-License-Identifier: AGPL-3.0-or-later
// Colleagues and one text: who has it open, and what they say to one another about it. A lease keeps two people from
// writing at once by mistake; what saves their words when they do is the version each save names.
#include "news/manuscript.h"

#define NOTE_CHARS 2000
#define NOTES_MAX 200

// ---- leases ------------------------------------------------------------------------------------------------------------

static enum rc lease_read(struct arena *a, struct db *db, int64_t id, struct lease *out) {
    struct db_stmt *st =
        db_sql(db, "SELECT lease_account, lease_name, lease_session, lease_until FROM manuscripts WHERE id = $1");
    db_bind_i64(st, 1, id);
    bool found = db_step(st);
    if (found)
        *out = (struct lease){db_i64(st, 0), db_str_dup(a, st, 1), db_i64(st, 2), db_i64(st, 3)};
    enum rc rc = db_end(st);
    return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}

enum rc lease_take(struct arena *a, struct db *db, int64_t manuscript_id, const struct audit_who *who,
                   int64_t session_id, bool take_over, int64_t now_us, struct lease *held_out) {
    enum rc rc = lease_read(a, db, manuscript_id, held_out);
    if (rc != RC_OK)
        return rc;
    bool free_now = held_out->account_id == 0 || held_out->until_us <= now_us;
    bool own = held_out->account_id == who->account_id && held_out->session_id == session_id;
    if (!free_now && !own && !take_over)
        return RC_BUSY;
    struct db_stmt *st = db_sql(db, "UPDATE manuscripts SET lease_account = $2, lease_name = $3, lease_session = $4, "
                                    "lease_until = $5 WHERE id = $1");
    db_bind_i64(st, 1, manuscript_id);
    db_bind_i64(st, 2, who->account_id);
    db_bind_str(st, 3, who->name);
    db_bind_i64(st, 4, session_id);
    db_bind_i64(st, 5, now_us + LEASE_SECONDS * US_PER_SECOND);
    rc = db_run(st);
    bool taken = rc == RC_OK && !free_now && !own;
    return taken ? manuscript_audit(db, who, "take-over", manuscript_id, held_out->name, who->name) : rc;
}

enum rc lease_drop(struct db *db, int64_t manuscript_id, int64_t account_id, int64_t session_id) {
    struct db_stmt *st = db_sql(db, "UPDATE manuscripts SET lease_account = 0, lease_name = '', lease_session = 0, "
                                    "lease_until = 0 WHERE id = $1 AND lease_account = $2 AND lease_session = $3");
    db_bind_i64(st, 1, manuscript_id);
    db_bind_i64(st, 2, account_id);
    db_bind_i64(st, 3, session_id);
    return db_run(st);
}

// ---- notes -------------------------------------------------------------------------------------------------------------

enum rc note_add(struct db *db, const struct audit_who *who, int64_t manuscript_id, struct str note, int64_t now_us) {
    note = str_trim(note);
    if (note.n == 0 || !utf8_valid(note) || utf8_count(note) > NOTE_CHARS)
        return RC_INVALID;
    struct db_stmt *st = db_sql(
        db, "INSERT INTO manuscript_notes (id, manuscript_id, version, written_at, account_id, account_name, note) "
            "SELECT $1, m.id, m.version, $3, $4, $5, $6 FROM manuscripts m WHERE m.id = $2");
    db_bind_i64(st, 1, id_next());
    db_bind_i64(st, 2, manuscript_id);
    db_bind_i64(st, 3, now_us);
    db_bind_i64(st, 4, who->account_id);
    db_bind_str(st, 5, who->name);
    db_bind_str(st, 6, note);
    enum rc rc = db_run(st);
    return rc == RC_OK && db_changes(db) == 0 ? RC_NOT_FOUND : rc;
}

enum rc note_list(struct arena *a, struct db *db, int64_t manuscript_id, struct manuscript_note **out,
                  size_t *count_out) {
    struct db_stmt *st = db_sql(
        db,
        "SELECT id, version, written_at, account_id, account_name, note FROM (SELECT id, version, written_at, "
        "account_id, account_name, note FROM manuscript_notes WHERE manuscript_id = $1 ORDER BY id DESC LIMIT 200) n "
        "ORDER BY id");
    db_bind_i64(st, 1, manuscript_id);
    *out = ARENA_ARRAY(a, struct manuscript_note, NOTES_MAX);
    *count_out = 0;
    while (*count_out < NOTES_MAX && db_step(st))
        (*out)[(*count_out)++] = (struct manuscript_note){.id = db_i64(st, 0),
                                                          .version = db_i64(st, 1),
                                                          .written_at = db_i64(st, 2),
                                                          .account_id = db_i64(st, 3),
                                                          .account_name = db_str_dup(a, st, 4),
                                                          .note = db_str_dup(a, st, 5)};
    return db_end(st);
}
