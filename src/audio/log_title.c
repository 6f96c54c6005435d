// SPDX-License-Identifier: AGPL-3.0-or-later
// What was said to play. Each part begins with what was being said then, so one part is enough for a moment.
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "audio/log.h"

// Empty where there is none.
static void titles_load(const struct audio_log_reader *r, uint32_t number, struct buf *b) {
    char name[LOG_NAME_BYTES];
    log_name_of(LOG_TITLES, &(struct log_head){.part = number}, name);
    int fd = openat(r->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    buf_clear(b);
    while (fd >= 0 && b->n < b->max) {
        size_t room = b->max - b->n < 65536 ? b->max - b->n : 65536;
        char *to = buf_reserve(b, room);
        ssize_t n = to != NULL ? pread(fd, to, room, (off_t)b->n) : 0;
        if (n <= 0)
            break;
        b->n += (size_t)n;
    }
    if (fd >= 0)
        close(fd);
}

enum rc audio_log_title_at(struct audio_log_reader *reader, int64_t moment_us, struct arena *a,
                           struct audio_log_said *out) {
    struct audio_log_place place;
    struct log_title title, last = {0};
    struct buf b;
    enum rc rc = log_find(reader, moment_us, &place);
    if (rc != RC_OK)
        return rc;
    buf_init(&b, LOG_TITLES_MAX);
    titles_load(reader, place.part, &b);
    for (struct str rest = buf_view(&b); log_title_next(&rest, &title);)
        if (title.moment_us <= moment_us)
            last = title;
    *out = (struct audio_log_said){last.moment_us, str_dup(a, last.text)};
    buf_fini(&b);
    return last.text.n > 0 ? RC_OK : RC_NOT_FOUND;
}

struct saying {
    int64_t from_us, to_us;
    struct arena *a;
    struct audio_log_said *said;
    size_t n;
};

// Those of one part; false: there is no room for more.
static bool said_take(struct saying *s, const struct log_time *time, uint32_t part, struct str rest) {
    struct log_title title;
    while (log_title_next(&rest, &title)) {
        if (title.is_again || title.moment_us < s->from_us || title.moment_us >= s->to_us ||
            log_time_hides(time, part, title.moment_us))
            continue;
        if (s->n == AUDIO_LOG_SAID_MAX)
            return false;
        size_t at = s->n++;
        for (; at > 0 && s->said[at - 1].since_us > title.moment_us; at--) // of parts that lie over one another
            s->said[at] = s->said[at - 1];
        s->said[at] = (struct audio_log_said){title.moment_us, str_dup(s->a, title.text)};
    }
    return true;
}

enum rc audio_log_titles(struct audio_log_reader *reader, int64_t from_us, int64_t to_us, struct arena *a,
                         struct audio_log_said **said_out, size_t *n_out) {
    struct saying s = {.from_us = from_us, .to_us = to_us, .a = a};
    const struct log_stay *stay;
    struct buf b;
    bool fits = true;
    s.said = *said_out = ARENA_ARRAY(a, struct audio_log_said, AUDIO_LOG_SAID_MAX);
    (void)!log_time_look(&reader->time, reader->dir); // else what was seen before counts
    buf_init(&b, LOG_TITLES_MAX);
    size_t first = log_time_at(&reader->time, from_us);
    for (size_t i = first; fits && (stay = log_time_get(&reader->time, i)) != NULL && stay->from_us < to_us; i++) {
        if (stay->is_rest && i > first) // it was looked at with what is in front of it
            continue;
        titles_load(reader, stay->part, &b);
        fits = said_take(&s, &reader->time, stay->part, buf_view(&b));
    }
    buf_fini(&b);
    *n_out = s.n;
    return fits ? RC_OK : RC_TOO_BIG;
}
