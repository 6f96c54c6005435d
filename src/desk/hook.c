// SPDX-License-Identifier: AGPL-3.0-or-later
// What another program is told of an article: that something happened, and where to look.
#include <jansson.h>
#include <stdlib.h>

#include "desk/mail.h"
#include "render/render.h"

static const char *event_of(enum manuscript_step step) {
    return step == STEP_PUBLISH    ? "published"
           : step == STEP_CORRECT  ? "corrected"
           : step == STEP_WITHDRAW ? "withdrawn"
                                   : NULL;
}

static json_t *text_of(struct str s) {
    return json_stringn(s.p != NULL ? s.p : "", s.n);
}

static struct str payload_of(struct desk_visit *v, const struct manuscript *m, const char *event, int64_t at) {
    struct str address = str_fmt(v->a, "%.*s/n/%lld", STR_ARG(v->site->origin), (long long)m->number);
    json_t *o = json_object();
    bool good = json_object_set_new(o, "event", json_string(event)) == 0 &&
                json_object_set_new(o, "number", json_integer(m->number)) == 0 &&
                json_object_set_new(o, "lang", text_of(text_lang_code(m->lang))) == 0 &&
                json_object_set_new(o, "headline", text_of(m->headline)) == 0 &&
                json_object_set_new(o, "address", text_of(address)) == 0 &&
                json_object_set_new(o, "at", text_of(text_date(v->a, LANG_EN, v->site->zone, at, DATE_ISO))) == 0;
    char *text = good ? json_dumps(o, JSON_COMPACT) : NULL;
    json_decref(o);
    struct str payload = str_dup(v->a, str_from(text));
    free(text);
    return payload;
}

// What was to be told at a time to come, when that is not the time any more.
static bool ends_schedule(enum manuscript_step step) {
    return step == STEP_PUBLISH || step == STEP_UNSCHEDULE || step == STEP_ARCHIVE;
}

enum rc hook_step(struct desk_visit *v, struct db *db, const struct manuscript *m, enum manuscript_step step) {
    const char *event = event_of(step);
    struct str prefix = str_fmt(v->a, "article-%lld-", (long long)m->number);
    enum rc rc = m->number != 0 && ends_schedule(step) ? outbox_cancel(v->a, db, prefix, v->now) : RC_OK;
    if (rc != RC_OK || !v->site->calls_hook || event == NULL)
        return rc;
    int64_t due = step == STEP_PUBLISH && m->publish_at > v->now ? m->publish_at : v->now;
    struct str key = str_fmt(v->a, "%.*s%lld", STR_ARG(prefix), (long long)id_next());
    rc = outbox_add(db, STR("hook"), key, payload_of(v, m, event, due), due);
    return rc == RC_BUSY ? RC_OK : rc; // nobody's publication waits for another program
}
