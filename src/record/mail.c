// SPDX-License-Identifier: AGPL-3.0-or-later
// Letters on their way into the outbox: the JSON that the courier reads (courier/courier.h says which fields).
#include <jansson.h>
#include <stdlib.h>

#include "record/audit.h"

// One line: what could end it is a space.
static struct str line_of(struct arena *a, struct str s) {
    s = utf8_cut(str_trim(s), MAIL_LINE_MAX);
    char *p = arena_take(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        p[i] = (unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f ? ' ' : s.p[i];
    return (struct str){p, s.n};
}

// Line ends stay; what no reader of mail shows becomes a space.
static struct str text_of(struct arena *a, struct str s) {
    s = utf8_cut(s, MAIL_TEXT_MAX);
    char *p = arena_take(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        p[i] = ((unsigned char)s.p[i] < ' ' && s.p[i] != '\n') || s.p[i] == 0x7f ? ' ' : s.p[i];
    return (struct str){p, s.n};
}

static bool set(json_t *object, const char *name, struct str value) {
    return json_object_set_new(object, name, json_stringn(value.p != NULL ? value.p : "", value.n)) == 0;
}

static enum rc payload_of(struct arena *a, const struct mail *m, int64_t now_us, struct str *out) {
    json_t *object = json_object();
    bool good = set(object, "to", m->to) && set(object, "name", line_of(a, m->name)) &&
                set(object, "title", line_of(a, m->title)) && set(object, "text", text_of(a, m->text)) &&
                json_object_set_new(object, "at", json_integer(now_us)) == 0 &&
                json_object_set_new(object, "until", json_integer(m->until_us)) == 0;
    char *text = good ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    *out = str_dup(a, str_from(text));
    free(text);
    return out->n > 0 ? RC_OK : RC_INVALID; // no UTF-8
}

enum rc mail_add(struct arena *a, struct db *db, struct str key, const struct mail *m, int64_t now_us,
                 bool *added_out) {
    struct str payload;
    *added_out = false;
    enum rc rc = payload_of(a, m, now_us, &payload);
    if (rc == RC_OK)
        rc = outbox_add(db, STR("mail"), key, payload, now_us);
    if (rc == RC_BUSY) {
        log_warn("mail: too many letters wait already; one more was not written");
        return RC_OK;
    }
    *added_out = rc == RC_OK && db_changes(db) > 0;
    return rc;
}

int64_t mail_until(struct str payload) {
    json_t *object = json_loadb(payload.p, payload.n, 0, NULL);
    int64_t until = json_integer_value(json_object_get(object, "until"));
    json_decref(object);
    return until;
}

struct str mail_to(struct arena *a, struct str payload) {
    json_t *object = json_loadb(payload.p, payload.n, 0, NULL);
    const char *to = json_string_value(json_object_get(object, "to"));
    struct str copy = str_dup(a, str_from(to));
    json_decref(object);
    return copy;
}
