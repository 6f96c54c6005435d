// SPDX-License-Identifier: AGPL-3.0-or-later
// What settings and alarms of the radio are called (private to src/desk).
#ifndef DESK_SERVICES_WORDS_H
#define DESK_SERVICES_WORDS_H

#include "desk/services.h"
#include "desk/visit.h"

// What a setting is called: "Title" of "title", "Title – Deutsch" of "title.de". False: there is no such setting.
bool services_label(struct desk_visit *v, struct str key, struct str *out);
// A moment in the station's time, to the second: "2026-11-23 13:00:05 UTC+7". What is masked begins within a sentence.
struct str services_span_text(struct desk_visit *v, int64_t at_us);
enum text_word services_alarm_word(unsigned alarm);  // of one bit: "off air"
enum text_word services_attend_word(unsigned alarm); // a sentence, {0}: the stream
// The bits of a stream whose `state` is of now, else only that it is not known.
struct str services_alarms_text(struct desk_visit *v, unsigned alarms);
// "main: Its sound has 48000 samples a second, the stream 44100."; "" without a reason.
struct str services_refusal_text(struct desk_visit *v, enum text_lang lang, const struct service_refusal *refusal);

#endif
