// SPDX-License-Identifier: AGPL-3.0-or-later
// What is read of the logs keeps the loop of the sound from nothing, and nothing that was asked for is forgotten.
#include <unistd.h>

#include "../check.h"
#include "radio/reader.h"

enum { JOBS = 5, URGENT = 3, OFF = 2, TICK_MS = 10, TICKS = 3, MANY = 5000 };

struct scene {
    struct net_loop *loop;
    struct reader *reader;
    int begun[2], hang[2]; // the first job says that it began, and waits for a byte, as for a disk
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
    char byte = 'x';
    if (job->number == 0) {
        assert_int_equal(1, write(job->scene->begun[1], &byte, 1));
        assert_int_equal(1, read(job->scene->hang[0], &byte, 1));
    }
    assert_non_null(logs_hls(logs));
    assert_null(logs_of(logs, "nobody", 1));
    job->scene->read[job->scene->reads++] = job->number;
}

static void done_with(struct read_job *read_job) {
    struct job *job = (struct job *)read_job;
    struct scene *s = job->scene;
    s->done[s->dones++] = job->number;
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

// The first hangs when the others come.
static void begin(struct scene *s, struct job jobs[JOBS]) {
    char byte;
    *s = (struct scene){.loop = net_loop_new()};
    assert_int_equal(0, pipe(s->hang));
    assert_int_equal(0, pipe(s->begun));
    s->reader = reader_start(s->loop, "/nonexistent", "test");
    for (size_t i = 0; i < JOBS; i++) {
        jobs[i] = (struct job){.job = {.read = read_it, .done = done_with}, .scene = s, .number = i};
        assert_int_equal(RC_OK, reader_ask(s->reader, &jobs[i].job, i == URGENT));
        if (i == 0)
            assert_int_equal(1, read(s->begun[0], &byte, 1));
    }
    atomic_store(&jobs[OFF].job.is_off, true);
}

static void end(struct scene *s) {
    net_loop_free(&s->loop);
    for (int i = 0; i < 2; i++) {
        close(s->hang[i]);
        close(s->begun[i]);
    }
}

static void the_loop_goes_on_while_a_disk_hangs(void **state) {
    (void)state;
    static const size_t order[JOBS] = {0, URGENT, 1, OFF, 4}, reads[] = {0, URGENT, 1, 4};
    struct scene s;
    struct job jobs[JOBS];
    begin(&s, jobs);
    s.timer.due = tick;
    net_timer_set(s.loop, &s.timer, TICK_MS);
    net_loop_run(s.loop);
    assert_int_equal(s.ticks, TICKS);
    assert_memory_equal(s.done, order, sizeof order);
    assert_int_equal(s.reads, JOBS - 1); // what nobody wants any more is not read
    assert_memory_equal(s.read, reads, sizeof reads);
    reader_stop(&s.reader);
    assert_null(s.reader);
    reader_stop(&s.reader); // twice is fine
    end(&s);
}

static void who_waits_when_it_stops_gets_it_back(void **state) {
    (void)state;
    struct scene s;
    struct job jobs[JOBS];
    begin(&s, jobs);
    assert_int_equal(1, write(s.hang[1], "x", 1));
    reader_stop(&s.reader); // nobody runs the loop
    assert_int_equal(s.dones, JOBS);
    end(&s);
}

static void count_done(struct read_job *read_job) {
    ((struct job *)read_job)->scene->ticks++;
}

static void too_many_are_refused(void **state) {
    (void)state;
    struct scene s;
    struct job jobs[JOBS], *many = mem_array(MANY, sizeof *many);
    unsigned taken = 0;
    begin(&s, jobs);
    for (size_t i = 0; i < MANY; i++) {
        many[i] = (struct job){.job = {.read = read_it, .done = count_done, .is_off = true}, .scene = &s};
        taken += reader_ask(s.reader, &many[i].job, false) == RC_OK;
    }
    assert_in_range(taken, MANY / 2, MANY - 1);
    assert_int_equal(1, write(s.hang[1], "x", 1));
    reader_stop(&s.reader);
    assert_int_equal(s.ticks, taken);
    mem_free(many);
    end(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_loop_goes_on_while_a_disk_hangs),
                                       cmocka_unit_test(who_waits_when_it_stops_gets_it_back),
                                       cmocka_unit_test(too_many_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
