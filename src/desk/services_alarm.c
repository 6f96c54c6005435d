// SPDX-License-Identifier: AGPL-3.0-or-later
// What is told of the radio's alarms: to people by mail, to another program by its hook.
#include <jansson.h>
#include <stdlib.h>

#include "desk/mail.h"
#include "desk/page.h"
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
    {SERVICE_STALLED, "stalled", W_SERVICE_ALARM_STALLED, W_SERVICE_ATTEND_STALLED},
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

struct str services_refusal_text(struct desk_visit *v, enum text_lang lang, const struct service_refusal *refusal) {
    static const enum text_word words[SERVICE_REASONS] = {
        [SERVICE_REASON_NOISE] = W_SERVICE_REASON_NOISE,
        [SERVICE_REASON_RATE] = W_SERVICE_REASON_RATE,
        [SERVICE_REASON_TYPE] = W_SERVICE_REASON_TYPE,
        [SERVICE_REASON_NO_HTTP] = W_SERVICE_REASON_NO_HTTP,
        [SERVICE_REASON_NO_TLS] = W_SERVICE_REASON_NO_TLS,
        [SERVICE_REASON_UNTRUSTED] = W_SERVICE_REASON_UNTRUSTED,
        [SERVICE_REASON_EXPIRED] = W_SERVICE_REASON_EXPIRED,
        [SERVICE_REASON_OTHER_NAME] = W_SERVICE_REASON_OTHER_NAME,
        [SERVICE_REASON_UNSAFE] = W_SERVICE_REASON_UNSAFE,
        [SERVICE_REASON_NOWHERE] = W_SERVICE_REASON_NOWHERE,
        [SERVICE_REASON_GONE] = W_SERVICE_REASON_GONE,
        [SERVICE_REASON_DENIED] = W_SERVICE_REASON_DENIED,
        [SERVICE_REASON_CHUNKS] = W_SERVICE_REASON_CHUNKS,
        [SERVICE_REASON_OTHER_SOUND] = W_SERVICE_REASON_OTHER_SOUND,
        [SERVICE_REASON_ROUND] = W_SERVICE_REASON_ROUND,
        [SERVICE_REASON_NO_ADDRESS] = W_SERVICE_REASON_NO_ADDRESS,
        [SERVICE_REASON_ENDLESS] = W_SERVICE_REASON_ENDLESS,
        [SERVICE_REASON_LIST_SHORT] = W_SERVICE_REASON_LIST_SHORT,
        [SERVICE_REASON_LIST_EMPTY] = W_SERVICE_REASON_LIST_EMPTY,
        [SERVICE_REASON_LIST_HLS] = W_SERVICE_REASON_LIST_HLS,
        [SERVICE_REASON_LIST_ENDLESS] = W_SERVICE_REASON_LIST_ENDLESS,
    };
    if (refusal->reason == SERVICE_REASON_NONE)
        return STR_NONE;
    struct desk_visit in = {.a = v->a, .lang = lang};
    struct str sentence = text_phrase(v->a, lang, words[refusal->reason], 0, desk_isolated(&in, refusal->is),
                                      desk_isolated(&in, refusal->should));
    return str_fmt(v->a, "%.*s: %.*s", STR_ARG(desk_isolated(&in, refusal->source)), STR_ARG(sentence));
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
    text_put(o, "detail", service_refusal_text(a, &alarm->refusal), &good);
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
