// SPDX-License-Identifier: AGPL-3.0-or-later
// What is changed of DIR/services.json and of a stream's log, by whoever holds the station: the desk's pages and
// `siaran service`. The file and the audit log change together, and one change follows another.
#ifndef DESK_SERVICES_H
#define DESK_SERVICES_H

#include "record/record.h"
#include "service/service.h"
#include "store/store.h"
#include "text/text.h"

struct services_change {
    struct arena *arena;
    const char *dir;
    struct audit_who who;
    // In the write, on the services as they are then; texts live as long as the arena. May be run again. What it returns
    // but RC_OK refuses the change, with *problem where it has something to say.
    enum rc (*make)(struct services_change *c, struct services *services);
    void *arg;

    struct services services;        // as they are now: changed, or those that refused it
    bool is_wrong;                   // RC_INVALID because of `wrong`, which `problem` says in English
    struct service_wrong wrong;      // texts of the services as they would have been
    bool is_committed;               // of services_change itself
    struct service_settled *settled; // streams that took the rate of a file, which nobody typed
    size_t settled_count;
    struct problem problem;
};
// RC_INVALID: it breaks a rule. RC_IO with a problem: the file could not be written; the audit log says so too.
enum rc services_change(struct store *store, struct services_change *c) MUST_USE;

// A span of a stream's log that is masked or pinned, or no more.
struct services_span {
    struct arena *arena;
    const char *dir;
    struct audit_who who;
    struct str stream; // of services.json
    enum audio_log_span_kind kind;
    struct audio_log_span span;
    bool is_removal;
    struct problem problem;
};
// RC_NOT_FOUND: there is no such span to be removed.
enum rc services_span_put(struct store *store, struct services_span *s) MUST_USE;

// "2026-11-23T13:00:00Z", or with another offset from UTC ("+07:00"), with or without seconds and their fractions.
bool services_moment(struct str text, int64_t *out);
struct str services_moment_text(struct arena *a, int64_t at_us); // the same in UTC
const char *services_log_folder(struct arena *a, const char *dir, struct str stream);

// ---- alarms --------------------------------------------------------------------------------------------------------------

// What is told of a stream, or of the radio as a whole: enum service_alarm, and beside it that its process does not run.
enum { SERVICES_RADIO_DEAD = SERVICE_STALLED << 1, SERVICES_ALARMS = 7 };
struct services_alarm {
    struct str service, stream; // empty: of the radio
    struct service_refusal refusal;
    unsigned alarm; // one bit
    bool is_over;
    int64_t at_us;
};
// In a write: a letter to each who looks after the technical side, and a call of the hook:
// {"event": "radio-alarm", "alarm": "off-air", "state": "began" or "over", "service", "stream", "detail", "at"}. A refused
// source's end is no letter.
const char *services_alarm_name(unsigned alarm); // of one bit: "off-air"
struct site;
enum rc services_alarm_tell(struct site *site, struct arena *a, struct db *db,
                            const struct services_alarm *alarm) MUST_USE;

#endif
