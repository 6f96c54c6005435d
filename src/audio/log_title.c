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

// Those of one part; false: there is no room for more.
static bool said_take(struct str rest, int64_t from_us, int64_t to_us, struct arena *a, struct audio_log_said *said,
                      size_t *n) {
    struct log_title title;
    while (log_title_next(&rest, &title)) {
        if (title.is_again || title.moment_us < from_us || title.moment_us >= to_us)
            continue;
        if (*n == AUDIO_LOG_SAID_MAX)
            return false;
        said[(*n)++] = (struct audio_log_said){title.moment_us, str_dup(a, title.text)};
    }
    return true;
}

enum rc audio_log_titles(struct audio_log_reader *reader, int64_t from_us, int64_t to_us, struct arena *a,
                         struct audio_log_said **said_out, size_t *n_out) {
    struct audio_log_place place;
    struct log_head head;
    struct buf b;
    bool fits = true;
    *n_out = 0;
    *said_out = ARENA_ARRAY(a, struct audio_log_said, AUDIO_LOG_SAID_MAX);
    if (log_find(reader, from_us, &place) != RC_OK)
        return RC_OK;
    buf_init(&b, LOG_TITLES_MAX);
    for (uint32_t part = place.part; part != 0 && fits; part = log_part_after(reader, part, true)) {
        if (log_head_read(reader->dir, part, &head) == RC_OK && head.begun_us >= to_us)
            break;
        titles_load(reader, part, &b);
        fits = said_take(buf_view(&b), from_us, to_us, a, *said_out, n_out);
    }
    buf_fini(&b);
    return fits ? RC_OK : RC_TOO_BIG;
}
