// SPDX-License-Identifier: AGPL-3.0-or-later
// What is read of the logs keeps the loop of the sound from nothing, and nothing that was asked for is forgotten.
#include <unistd.h>

#include "../check.h"
#include "radio/reader.h"

enum { JOBS = 5, TICK_MS = 10, TICKS = 3 };

struct scene {
    struct net_loop *loop;
    struct reader *reader;
    int hang[2]; // the first job waits for a byte of it, as for a disk
    size_t read[JOBS], reads, done[JOBS], dones;
    struct net_timer timer;
    unsigned ticks;
};
struct job {
    struct read_job job; // first
    struct scene *scene;
    size_t number;
};

static void read_it(struct read_job *read_job, struct logs *logs) {
    struct job *job = (struct job *)read_job;
    char byte;
    if (job->number == 0)
        assert_int_equal(1, read(job->scene->hang[0], &byte, 1));
    assert_non_null(logs_hls(logs));
    assert_null(logs_of(logs, "nobody"));
    job->scene->read[job->scene->reads++] = job->number;
}

static void done_with(struct read_job *read_job) {
    struct job *job = (struct job *)read_job;
    struct scene *s = job->scene;
    s->done[s->dones++] = job->number;
    assert_int_equal(read_job->is_read, job->number < s->reads);
    if (s->dones == JOBS)
        net_loop_stop(s->loop);
}

static void tick(struct net_timer *t) {
    struct scene *s = (struct scene *)((char *)t - offsetof(struct scene, timer));
    assert_int_equal(s->dones, 0);
    if (++s->ticks == TICKS)
        assert_int_equal(1, write(s->hang[1], "x", 1)); // the disk answers
    else
        net_timer_set(s->loop, t, TICK_MS);
}

static void begin(struct scene *s, struct job jobs[JOBS]) {
    *s = (struct scene){.loop = net_loop_new()};
    assert_int_equal(0, pipe(s->hang));
    s->reader = reader_start(s->loop, "/nonexistent");
    for (size_t i = 0; i < JOBS; i++) {
        jobs[i] = (struct job){.job = {.read = read_it, .done = done_with}, .scene = s, .number = i};
        reader_ask(s->reader, &jobs[i].job);
    }
    reader_forget(s->reader, "nobody");
}

static void end(struct scene *s) {
    net_loop_free(&s->loop);
    close(s->hang[0]);
    close(s->hang[1]);
}

static void the_loop_goes_on_while_a_disk_hangs(void **state) {
    (void)state;
    struct scene s;
    struct job jobs[JOBS];
    begin(&s, jobs);
    s.timer.due = tick;
    net_timer_set(s.loop, &s.timer, TICK_MS);
    net_loop_run(s.loop);
    assert_int_equal(s.ticks, TICKS);
    for (size_t i = 0; i < JOBS; i++) {
        assert_int_equal(s.read[i], i);
        assert_int_equal(s.done[i], i);
    }
    reader_stop(&s.reader);
    assert_null(s.reader);
    reader_stop(&s.reader); // twice is fine
    end(&s);
}

static void who_waits_when_it_stops_is_told(void **state) {
    (void)state;
    struct scene s;
    struct job jobs[JOBS];
    begin(&s, jobs);
    assert_int_equal(1, write(s.hang[1], "x", 1));
    reader_stop(&s.reader); // nobody runs the loop: what was read and what was not come back all the same
    assert_int_equal(s.dones, JOBS);
    end(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_loop_goes_on_while_a_disk_hangs),
                                       cmocka_unit_test(who_waits_when_it_stops_is_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
