// SPDX-License-Identifier: AGPL-3.0-or-later
// How many listen, how long, where and with what: sums of listening sessions, made of the lines that the radio process
// appends to DIR/radio/sessions (service.h), each counted exactly once.
//
// What is counted, in the terms of the field, so that numbers compare with those of others:
//
//   session   counts from 60 seconds on, and then from its first second; what ended before counts nowhere
//   TLH       total listening hours: what all sessions listened
//   SS        session starts: sessions that reached their 60 seconds, on the day on which they did
//   QHS       of these, those that reached 15 minutes, on the day on which they did
//   CUME      different listeners of a day. They are told apart by address (IPv6: /64) and player, of which only a hash is
//             kept, with a key that is made anew each day: so there is no such number of a week, but the mean of its days
//   ATSL      average time spent listening: TLH / SS
//   AAS       average active sessions: TLH / hours
//   peak      most sessions at the beginning of a minute
//
// A day is one of UTC, everywhere here: the hashes' key changes at its midnight, radio's figures are compared between
// stations by it, and a service that is heard around the world has no other midnight. What a program that is known to listen
// for nobody plays (player "bot") counts nowhere. Two sockets that one AppleCoreMedia opens at once are one session.
#ifndef AUDIENCE_AUDIENCE_H
#define AUDIENCE_AUDIENCE_H

#include "record/record.h"
#include "service/service.h"

// ---- reading in ----------------------------------------------------------------------------------------------------------

// Takes over what was appended since the last call: one transaction of at most some thousand lines, which holds the sums and
// how far the file is read. Also ends days that are over: hashes of listeners are deleted two hours after UTC's midnight,
// once the day's file is read, and the file when it is two days old. *more_out: call it again. Blocks on the disk and the
// writer; lines that are none are skipped, counted and named in the log.
enum rc audience_take(struct store *store, struct db *reader, const char *dir, int64_t now_us, bool *more_out) MUST_USE;

// ---- asking --------------------------------------------------------------------------------------------------------------

enum audience_part {
    AUDIENCE_SERVICE, // of the whole station only
    AUDIENCE_STREAM,
    AUDIENCE_KIND,   // session_kind_word
    AUDIENCE_FORMAT, // session_format_word
    AUDIENCE_PLAYER, // player_word
    AUDIENCE_COUNTRY,
    AUDIENCE_PARTS
};
enum audience_step { AUDIENCE_BY_DAY, AUDIENCE_BY_WEEK, AUDIENCE_BY_MONTH }; // weeks begin on Monday
enum {
    AUDIENCE_DAYS_MAX = 1100, // of one question
    AUDIENCE_NAMES_MAX = 4096 // that are remembered; later ones are "other"
};

// Parts of which one can be asked for: all of them but streams and kinds.
static inline bool audience_asks(enum audience_part part) {
    return part != AUDIENCE_STREAM && part != AUDIENCE_KIND;
}

struct audience_sum {
    struct str name;          // of a part; arena
    int64_t from_day, to_day; // of a step
    int64_t listened_us, sessions, quarters;
    int64_t listener_days; // sum of each day's listeners; not of parts
    int64_t peak;          // not of parts; -1: it is not known
    int64_t span_us;       // how much of it is over since the first listener, for the average
};
struct audience_ask {
    int64_t from_day, to_day; // inclusive, of UTC
    enum audience_step step;
    struct str only[AUDIENCE_PARTS]; // names, of those that audience_asks; empty: all
    int64_t now_us;
};
// Whether more is asked for than a service. Then there are no streams, kinds, hours and peaks, for these are counted of
// services only, and what was listened before audience.cells_from_day is not in the sums.
bool audience_is_narrow(const struct audience_ask *ask);

struct audience {
    struct audience_sum all;
    struct audience_sum *steps; // each that the stretch touches, oldest first, clamped to it
    size_t step_count;
    struct audience_sum *parts[AUDIENCE_PARTS]; // most listened first
    size_t part_counts[AUDIENCE_PARTS];
    int64_t hours_us[24], hour_peaks[24]; // by hour of the day, of all days
    struct str *known[AUDIENCE_PARTS];    // of those that audience_asks: everything that ever was, by name
    size_t known_counts[AUDIENCE_PARTS];
    int64_t first_day;      // of which anything is known; INT32_MAX: of none
    int64_t cells_from_day; // from which on it can be asked narrowly
};
// In one moment. A name that never was gives nothing.
enum rc audience_read(struct arena *a, struct db *db, const struct audience_ask *ask, struct audience *out) MUST_USE;
// Each day and service of the stretch (of what is asked for alone), for a spreadsheet: `name` is the service's.
enum rc audience_read_days(struct arena *a, struct db *db, const struct audience_ask *ask, struct audience_sum **out,
                           size_t *count_out) MUST_USE;

// For `siaran verify`: "audience-sums" and "audience-kept".
extern const struct verify_check audience_checks[];
extern const size_t audience_check_count;

#endif
