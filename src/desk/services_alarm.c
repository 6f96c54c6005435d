// SPDX-License-Identifier: AGPL-3.0-or-later
// What is told of the radio's alarms: to people by mail, to another program by its hook.
#include <jansson.h>
#include <stdlib.h>

#include "desk/mail.h"
#include "desk/services_words.h"

static const struct {
    unsigned alarm;
    const char *name;
    enum text_word word, attend;
} rows[SERVICES_ALARMS] = {
    {SERVICE_OFF_AIR, "off-air", W_SERVICE_ALARM_OFF_AIR, W_SERVICE_ATTEND_OFF_AIR},
    {SERVICE_FELL_BACK, "fell-back", W_SERVICE_ALARM_FELL_BACK, W_SERVICE_ATTEND_FELL_BACK},
    {SERVICE_SILENT, "silent", W_SERVICE_ALARM_SILENT, W_SERVICE_ATTEND_SILENT},
    {SERVICE_NOT_KEPT, "not-kept", W_SERVICE_ALARM_NOT_KEPT, W_SERVICE_ATTEND_NOT_KEPT},
    {SERVICE_REFUSED, "refused", W_SERVICE_ALARM_REFUSED, W_SERVICE_ATTEND_REFUSED},
    {SERVICES_RADIO_DEAD, "radio-dead", W_SERVICE_ALARM_DEAD, W_SERVICE_ATTEND_DEAD},
};

static size_t row_of(unsigned alarm) {
    size_t i = 0;
    while (rows[i].alarm != alarm) {
        i++;
        must(i < SERVICES_ALARMS);
    }
    return i;
}

const char *services_alarm_name(unsigned alarm) {
    return rows[row_of(alarm)].name;
}

enum text_word services_alarm_word(unsigned alarm) {
    return rows[row_of(alarm)].word;
}

enum text_word services_attend_word(unsigned alarm) {
    return rows[row_of(alarm)].attend;
}

struct str services_alarms_text(struct desk_visit *v, unsigned alarms) {
    struct str out = STR_NONE;
    for (size_t i = 0; i < SERVICES_ALARMS; i++)
        if (alarms & rows[i].alarm)
            out =
                str_fmt(v->a, "%.*s%s%.*s", STR_ARG(out), out.n > 0 ? " · " : "", STR_ARG(desk_word(v, rows[i].word)));
    return out;
}

static void text_put(json_t *o, const char *key, struct str s, bool *good) {
    *good = *good && json_object_set_new(o, key, json_stringn(s.p != NULL ? s.p : "", s.n)) == 0;
}

static enum rc hook_alarm(struct arena *a, struct db *db, const struct services_alarm *alarm) {
    json_t *o = json_object();
    bool good = true;
    text_put(o, "event", STR("radio-alarm"), &good);
    text_put(o, "alarm", str_from(rows[row_of(alarm->alarm)].name), &good);
    text_put(o, "state", alarm->is_over ? STR("over") : STR("began"), &good);
    text_put(o, "service", alarm->service, &good);
    text_put(o, "stream", alarm->stream, &good);
    text_put(o, "detail", alarm->detail, &good);
    text_put(o, "at", services_moment_text(a, alarm->at_us), &good);
    char *text = good ? json_dumps(o, JSON_COMPACT) : NULL;
    json_decref(o);
    must(text != NULL); // names and UTF-8 as the state's parser let them through
    struct str payload = str_dup(a, str_from(text));
    free(text);
    enum rc rc = outbox_add(db, STR("hook"), str_fmt(a, "radio-%lld", (long long)id_next()), payload, clock_now_us());
    return rc == RC_BUSY ? RC_OK : rc; // too many wait: the letters and the desk tell it
}

enum rc services_alarm_tell(struct site *site, struct arena *a, struct db *db, const struct services_alarm *alarm) {
    struct desk_visit v = {.a = a, .site = site, .now = clock_now_us()};
    bool is_letter = site->sends_mail && !(alarm->is_over && alarm->alarm == SERVICE_REFUSED);
    enum rc rc = is_letter ? mail_alarm(&v, db, alarm) : RC_OK;
    return rc == RC_OK && site->calls_hook ? hook_alarm(a, db, alarm) : rc;
}
