// SPDX-License-Identifier: AGPL-3.0-or-later
// A newcomer: a connection with the password of a source that is connected already. Mostly the source's encoder connected
// anew, before we noticed that its old connection is dead; but a second encoder may have been set up alike, or somebody only
// tries the password. So it waits beside the old one, which is heard until the newcomer gives sound that fits:
//
//   the place is empty, or who has it gives no sound --> it takes the place at once
//   its first piece with which one may begin         --> it takes the place, and goes on where the old one stopped
//   refused, or no sound for as long as a stall      --> it is closed, and the old one never noticed
//
// One waits for each source; who comes later takes the place of who waits.
#include "radio/inside.h"

bool newcomer_waits(const struct source *source) {
    return source->stream->newcomers[source->index] == source;
}

static bool has_waited(const struct source *source, int64_t now_us) {
    return now_us - source->came_us >= (int64_t)source->stream->setup->stall_ms * 1000;
}

static bool is_dead(const struct source *source, int64_t now_us) {
    bool is_dumb = source->is_stalled && !source_limps(source, now_us);
    return is_dumb || (source->delivered_us == 0 && has_waited(source, now_us));
}

static void take_place(struct source *fresh) {
    struct stream *s = fresh->stream;
    source_close(&s->sources[fresh->index], "its encoder connected anew");
    if (newcomer_waits(fresh))
        s->newcomers[fresh->index] = NULL;
    s->sources[fresh->index] = fresh;
}

void newcomer_come(struct source *fresh) {
    struct stream *s = fresh->stream;
    const struct source *old = s->sources[fresh->index];
    if (old == NULL || is_dead(old, clock_mono_us())) {
        take_place(fresh);
        return;
    }
    source_close(&s->newcomers[fresh->index], "its encoder connected anew once more");
    s->newcomers[fresh->index] = fresh;
}

// What it has not said itself goes on as well; and it need not show that it stays, as one that comes back has to.
void newcomer_take_over(struct source *fresh) {
    struct stream *s = fresh->stream;
    const struct source *old = s->sources[fresh->index];
    bool plays = s->active == (int)fresh->index;
    if (old != NULL && fresh->title.n == 0) {
        text_keep(&fresh->title, &fresh->title_memory, old->title);
        text_keep(&fresh->url, &fresh->url_memory, old->url);
    }
    if (old != NULL && plays) {
        fresh->delivered_us = old->delivered_us;
        fresh->began_us = old->began_us;
        fresh->is_stalled = old->is_stalled; // its trial begins anew
    }
    fresh->lead_at_us = clock_mono_us();
    take_place(fresh);
    if (plays)
        stream_go_on_with(s, fresh);
}

void newcomer_check(struct stream *s, unsigned index, int64_t now_us) {
    struct source *fresh = s->newcomers[index];
    const struct source *old = s->sources[index];
    if (fresh == NULL)
        return;
    if (old == NULL || is_dead(old, now_us))
        take_place(fresh);
    else if (has_waited(fresh, now_us))
        source_close(&s->newcomers[index], "this new connection gave no sound, and the one before it goes on");
}
