// SPDX-License-Identifier: AGPL-3.0-or-later
// Messages of readers: taken, found, put away and forgotten. The reference that a reader gets is drawn, not counted, so that
// it tells nothing of other messages and cannot be guessed.
#include "news/internal.h"

enum { SAME_MINUTES = 10, FORGET_ROWS = 200, DRAWS = 8 };

static const char *const topic_names[MESSAGE_TOPICS] = {"", "programme", "correction", "reception", "other"};
static const char *const state_names[MESSAGE_STATES] = {"", "open", "answered", "trash"};

static bool name_find(const char *const *names, int count, struct str name, int *out) {
    for (int i = 1; i < count; i++)
        if (str_eq(name, str_from(names[i]))) {
            *out = i;
            return true;
        }
    return false;
}

struct str message_topic_name(enum message_topic topic) {
    return str_from(topic_names[topic]);
}

bool message_topic_find(struct str name, enum message_topic *out) {
    int i = MESSAGE_OTHER;
    bool found = name_find(topic_names, MESSAGE_TOPICS, name, &i);
    *out = (enum message_topic)i;
    return found;
}

struct str message_state_name(enum message_state state) {
    return str_from(state_names[state]);
}

bool message_state_find(struct str name, enum message_state *out) {
    int i = MESSAGE_OPEN;
    bool found = name_find(state_names, MESSAGE_STATES, name, &i);
    *out = (enum message_state)i;
    return found;
}

// ---- references --------------------------------------------------------------------------------------------------------

// Read out on the telephone, none of these is taken for another.
static const char signs[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

static struct str draw(struct arena *a) {
    uint64_t bits = random_u64();
    char text[MESSAGE_REFERENCE_CHARS];
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = i == 4 ? '-' : signs[bits & 31];
        bits = i == 4 ? bits : bits >> 5;
    }
    return str_dup(a, (struct str){text, sizeof text});
}

static bool is_reference(struct str s) {
    if (s.n != MESSAGE_REFERENCE_CHARS)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (i == 4 ? s.p[i] != '-' : s.p[i] == '\0' || strchr(signs, s.p[i]) == NULL)
            return false;
    return true;
}

bool message_reference_known(struct db *db, struct str reference) {
    if (!is_reference(reference))
        return false;
    struct db_stmt *st = db_sql(db, "SELECT 1 FROM messages WHERE reference = $1");
    db_bind_str(st, 1, reference);
    bool known = db_step(st);
    return db_end(st) == RC_OK && known;
}

// ---- taken ---------------------------------------------------------------------------------------------------------------

static enum rc same_find(struct arena *a, struct db *db, const struct message *m, int64_t now_us, struct str *out) {
    struct db_stmt *st =
        db_sql(db, "SELECT reference FROM messages WHERE received_at > $1 AND lang = $2 AND name = $3 AND "
                   "email = $4 AND body = $5 LIMIT 1");
    db_bind_i64(st, 1, now_us - SAME_MINUTES * 60 * US_PER_SECOND);
    db_bind_str(st, 2, text_lang_code(m->lang));
    db_bind_str(st, 3, m->name);
    db_bind_str(st, 4, m->email);
    db_bind_str(st, 5, m->text);
    *out = db_step(st) ? db_str_dup(a, st, 0) : STR_NONE;
    return db_end(st);
}

static enum rc count_since(struct db *db, int64_t since_us, int64_t *out) {
    struct db_stmt *st = db_sql(db, "SELECT COUNT(*) FROM messages WHERE received_at > $1");
    db_bind_i64(st, 1, since_us);
    *out = db_step(st) ? db_i64(st, 0) : 0;
    return db_end(st);
}

static enum rc row_add(struct db *db, const struct message *m, struct str reference, int64_t now_us) {
    struct db_stmt *st = db_sql(
        db, "INSERT INTO messages (id, reference, lang, topic, state, received_at, read_at, read_by, handled_at, "
            "handled_by, name, email, body) VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, '', $7, $8, $9)");
    db_bind_i64(st, 1, id_next());
    db_bind_str(st, 2, reference);
    db_bind_str(st, 3, text_lang_code(m->lang));
    db_bind_i64(st, 4, m->topic);
    db_bind_i64(st, 5, MESSAGE_OPEN);
    db_bind_i64(st, 6, now_us);
    db_bind_str(st, 7, m->name);
    db_bind_str(st, 8, m->email);
    db_bind_str(st, 9, m->text);
    return db_run(st);
}

enum rc message_add(struct arena *a, struct db *db, const struct message *m, int64_t now_us, struct str *reference_out,
                    bool *added_out) {
    int64_t hour = 0;
    must(m->lang < LANG_COUNT && m->topic >= MESSAGE_PROGRAMME && m->topic < MESSAGE_TOPICS);
    must(m->name.n > 0 && m->text.n > 0 && utf8_valid(m->name) && utf8_valid(m->email) && utf8_valid(m->text));
    must(utf8_count(m->name) <= MESSAGE_NAME_MAX && utf8_count(m->text) <= MESSAGE_TEXT_MAX);
    *added_out = false;
    enum rc rc = same_find(a, db, m, now_us, reference_out);
    if (rc != RC_OK || reference_out->n > 0)
        return rc;
    rc = count_since(db, now_us - 3600 * US_PER_SECOND, &hour);
    if (rc != RC_OK || hour >= MESSAGES_HOUR_MAX)
        return rc == RC_OK ? RC_BUSY : rc;
    *reference_out = draw(a);
    for (int i = 0; i < DRAWS && message_reference_known(db, *reference_out); i++)
        *reference_out = draw(a);
    rc = row_add(db, m, *reference_out, now_us);
    *added_out = rc == RC_OK;
    return rc;
}

// ---- found ---------------------------------------------------------------------------------------------------------------

#define COLUMNS "id, reference, lang, topic, state, received_at, read_at, read_by, handled_at, handled_by, name, email"
_Static_assert(MESSAGES_SHOWN == 50, "the SQL says so");
_Static_assert(MESSAGE_OPEN == 1, "the SQL says so");

static void row_read(struct arena *a, struct db_stmt *st, struct message *out) {
    *out = (struct message){.id = db_i64(st, 0),
                            .reference = db_str_dup(a, st, 1),
                            .topic = (enum message_topic)db_i64(st, 3),
                            .state = (enum message_state)db_i64(st, 4),
                            .received_at = db_i64(st, 5),
                            .read_at = db_i64(st, 6),
                            .read_by = db_i64(st, 7),
                            .handled_at = db_i64(st, 8),
                            .handled_by = db_str_dup(a, st, 9),
                            .name = db_str_dup(a, st, 10),
                            .email = db_str_dup(a, st, 11)};
    if (!text_lang_find(db_str(st, 2), &out->lang))
        out->lang = LANG_COUNT;
}

enum rc message_by_id(struct arena *a, struct db *db, int64_t id, struct message *out) {
    struct db_stmt *st = db_sql(db, "SELECT " COLUMNS ", body FROM messages WHERE id = $1");
    db_bind_i64(st, 1, id);
    bool found = db_step(st);
    if (found) {
        row_read(a, st, out);
        out->text = db_str_dup(a, st, 12);
    }
    enum rc rc = db_end(st);
    return rc != RC_OK ? rc : found ? RC_OK : RC_NOT_FOUND;
}

// " en id ": a row's code with a space on both sides stands in it.
static struct str codes_of(struct arena *a, uint32_t languages) {
    struct str out = STR(" ");
    for (int lang = 0; lang < LANG_COUNT; lang++)
        if ((languages & UINT32_C(1) << lang) != 0)
            out = str_fmt(a, "%.*s%.*s ", STR_ARG(out), STR_ARG(text_lang_code((enum text_lang)lang)));
    return out;
}

enum rc message_list(struct arena *a, struct db *db, const struct messages_query *q, struct message **out,
                     size_t *count_out, bool *more_out) {
    struct db_stmt *st =
        db_sql(db, "SELECT " COLUMNS " FROM messages WHERE state = $1 AND (received_at < $2 OR (received_at = $2 AND "
                   "id < $3)) AND $4 LIKE '% ' || lang || ' %' ESCAPE '!' ORDER BY received_at DESC, id DESC LIMIT 51");
    db_bind_i64(st, 1, q->state);
    db_bind_i64(st, 2, q->before_at > 0 ? q->before_at : INT64_MAX);
    db_bind_i64(st, 3, q->before_id);
    db_bind_str(st, 4, codes_of(a, q->languages));
    *out = ARENA_ARRAY(a, struct message, MESSAGES_SHOWN);
    *count_out = 0;
    *more_out = false;
    while (db_step(st)) {
        *more_out = *count_out == MESSAGES_SHOWN;
        if (*more_out)
            break;
        row_read(a, st, &(*out)[(*count_out)++]);
    }
    return db_end(st);
}

enum rc message_unread(struct arena *a, struct db *db, uint32_t languages, int64_t *out) {
    struct db_stmt *st = db_sql(db, "SELECT COUNT(*) FROM messages WHERE state = 1 AND read_at = 0 AND "
                                    "$1 LIKE '% ' || lang || ' %' ESCAPE '!'");
    db_bind_str(st, 1, codes_of(a, languages));
    *out = db_step(st) ? db_i64(st, 0) : 0;
    return db_end(st);
}

// ---- read, put away, deleted ---------------------------------------------------------------------------------------------

struct place {
    int64_t read_by;
    enum message_state state;
};

static enum rc place_find(struct db *db, int64_t id, struct place *out) {
    struct db_stmt *st = db_sql(db, "SELECT read_by, state FROM messages WHERE id = $1");
    db_bind_i64(st, 1, id);
    bool found = db_step(st);
    if (found)
        *out = (struct place){db_i64(st, 0), (enum message_state)db_i64(st, 1)};
    enum rc rc = db_end(st);
    return rc != RC_OK ? rc : found ? RC_OK : RC_NOT_FOUND;
}

enum rc message_opened(struct db *db, const struct audit_who *who, int64_t id, int64_t now_us) {
    struct place place;
    enum rc rc = place_find(db, id, &place);
    if (rc != RC_OK || place.read_by == who->account_id)
        return rc;
    struct db_stmt *st = db_sql(db, "UPDATE messages SET read_at = $2, read_by = $3 WHERE id = $1");
    db_bind_i64(st, 1, id);
    db_bind_i64(st, 2, now_us);
    db_bind_i64(st, 3, who->account_id);
    rc = db_run(st);
    return rc == RC_OK ? names_audit(db, who, "read", "message", id, STR_NONE, STR_NONE) : rc;
}

enum rc message_put(struct db *db, const struct audit_who *who, int64_t id, enum message_state state, int64_t now_us) {
    struct place place;
    enum rc rc = place_find(db, id, &place);
    if (rc != RC_OK || place.state == state)
        return rc;
    struct db_stmt *st = db_sql(db, "UPDATE messages SET state = $2, handled_at = $3, handled_by = $4 WHERE id = $1");
    db_bind_i64(st, 1, id);
    db_bind_i64(st, 2, state);
    db_bind_i64(st, 3, now_us);
    db_bind_str(st, 4, who->name);
    rc = db_run(st);
    return rc == RC_OK
               ? names_audit(db, who, "move", "message", id, message_state_name(place.state), message_state_name(state))
               : rc;
}

enum rc message_delete(struct db *db, const struct audit_who *who, int64_t id) {
    struct db_stmt *st = db_sql(db, "DELETE FROM messages WHERE id = $1");
    db_bind_i64(st, 1, id);
    enum rc rc = db_run(st);
    if (rc == RC_OK && db_changes(db) == 0)
        rc = RC_NOT_FOUND;
    return rc == RC_OK ? names_audit(db, who, "delete", "message", id, STR_NONE, STR_NONE) : rc;
}

// ---- forgotten -----------------------------------------------------------------------------------------------------------

struct forgetting {
    int64_t before_us, gone;
};

static enum rc forget_some(struct db *db, void *arg) {
    struct forgetting *f = arg;
    _Static_assert(FORGET_ROWS == 200, "the SQL says so");
    struct db_stmt *st = db_sql(db, "DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE received_at < $1 "
                                    "ORDER BY received_at LIMIT 200)");
    db_bind_i64(st, 1, f->before_us);
    enum rc rc = db_run(st);
    f->gone = db_changes(db);
    return rc;
}

static enum rc oldest_find(struct db *db, int64_t *out) {
    struct db_stmt *st = db_sql(db, "SELECT MIN(received_at) FROM messages");
    bool found = db_step(st) && !db_is_null(st, 0);
    *out = found ? db_i64(st, 0) : INT64_MAX;
    return db_end(st);
}

enum rc messages_forget(struct store *store, struct db *db, int64_t before_us) {
    struct forgetting f = {.before_us = before_us, .gone = FORGET_ROWS};
    int64_t oldest = 0;
    enum rc rc = oldest_find(db, &oldest);
    while (rc == RC_OK && oldest < before_us && f.gone == FORGET_ROWS)
        rc = store_write(store, STORE_DURABLE, forget_some, &f);
    return rc;
}

// ---- the check -----------------------------------------------------------------------------------------------------------

static const char *message_fault(const struct message *m) {
    if (!is_reference(m->reference))
        return "its reference is none";
    if (m->lang == LANG_COUNT)
        return "its language is none of ours";
    if (m->topic < MESSAGE_PROGRAMME || m->topic >= MESSAGE_TOPICS || m->state < MESSAGE_OPEN ||
        m->state >= MESSAGE_STATES)
        return "its topic or state is none";
    if (m->name.n == 0 || m->text.n == 0 || (m->email.n > 0 && !mail_is_sound(m->email)))
        return "its name, address or text cannot be";
    return NULL;
}

enum rc check_messages(const struct verify_context *v) {
    struct db_stmt *st = db_sql(v->db, "SELECT " COLUMNS ", body FROM messages ORDER BY id");
    while (db_step(st)) {
        struct arena *a = arena_new(1 << 18);
        struct message m;
        row_read(a, st, &m);
        m.text = db_str(st, 12);
        const char *fault = message_fault(&m);
        if (fault != NULL)
            v->fault(v->arg, "messages", str_fmt(a, "message %lld: %s", (long long)m.id, fault));
        arena_free(&a);
    }
    return db_end(st);
}
