// SPDX-License-Identifier: AGPL-3.0-or-later
// Day files as the radio process appends them, and what becomes of them.
#ifndef TESTS_UNIT_AUDIENCE_LISTENING_H
#define TESTS_UNIT_AUDIENCE_LISTENING_H

#include <fcntl.h>

#include "../record/station.h"
#include "audience/audience.h"

#define SECOND US_PER_SECOND
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY INT64_C(20422)          // Sunday, 2025-11-30
#define MIDNIGHT (DAY * US_PER_DAY) // with which it begins

static inline const struct session_part *part_at(struct session_part *p, int64_t from_us, int64_t to_us) {
    *p = (struct session_part){.from_us = from_us,
                               .to_us = to_us,
                               .service = STR("voice"),
                               .stream = STR("voice-mp3"),
                               .format = AUDIO_MPEG,
                               .listener = 1,
                               .session = 1,
                               .player = STR("vlc"),
                               .country = "ID"};
    return p;
}

static inline void bytes_append(struct station *s, int64_t day, struct str bytes) {
    struct problem p = {0};
    char folder[512];
    (void)snprintf(folder, sizeof folder, "%s", scratch_path(&s->scratch, "radio"));
    assert_int_equal(file_make_dir(folder, 0700, &p), RC_OK);
    (void)snprintf(folder, sizeof folder, "%s", scratch_path(&s->scratch, "radio/sessions"));
    assert_int_equal(file_make_dir(folder, 0700, &p), RC_OK);
    int fd = open(session_file(s->arena, s->scratch.dir, day).p, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.p, bytes.n), bytes.n);
    close(fd);
}

static inline void part_append(struct station *s, const struct session_part *part) {
    struct buf b;
    buf_init(&b, SESSION_LINE_BYTES);
    session_line_write(part, &b);
    bytes_append(s, session_day(part->from_us), buf_view(&b));
    buf_fini(&b);
}

static inline void take_all(struct station *s, int64_t now_us) {
    bool more = true;
    for (int i = 0; more; i++) {
        assert_true(i < 1000);
        assert_int_equal(audience_take(s->store, s->reader, s->scratch.dir, now_us, &more), RC_OK);
    }
}

static inline struct audience read_days(struct station *s, int64_t from_day, int64_t to_day, const char *service) {
    struct audience out;
    struct audience_ask ask = {.from_day = from_day,
                               .to_day = to_day,
                               .only = {[AUDIENCE_SERVICE] = str_from(service)},
                               .now_us = (to_day + 1) * US_PER_DAY};
    assert_int_equal(audience_read(s->arena, s->reader, &ask, &out), RC_OK);
    return out;
}

static inline int64_t number_of(struct db_stmt *st) {
    int64_t n = db_step(st) ? db_i64(st, 0) : -1;
    assert_int_equal(db_end(st), RC_OK);
    return n;
}

struct found {
    size_t n;
    char first[300];
};
static inline void fault_note(void *arg, const char *check, struct str text) {
    struct found *f = arg;
    if (f->n++ == 0)
        (void)snprintf(f->first, sizeof f->first, "%s: %.*s", check, STR_ARG(text));
}
static inline size_t faults_of(struct station *s, struct found *f) {
    struct verify_context v = {.db = s->reader, .dir = s->scratch.dir, .fault = fault_note, .arg = f};
    *f = (struct found){0};
    for (size_t i = 0; i < audience_check_count; i++)
        assert_int_equal(audience_checks[i].run(&v), RC_OK);
    return f->n;
}
static inline void assert_sound(struct station *s) {
    struct found f;
    if (faults_of(s, &f) > 0)
        fail_msg("%s", f.first);
}

#endif
