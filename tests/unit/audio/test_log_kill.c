// SPDX-License-Identifier: AGPL-3.0-or-later
// The log and other programs: a writer that is killed in the middle, and a player that is given an hour's file.

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "log_kit.h"

// Writes until it is killed; says after each flush how many frames are kept.
static _Noreturn void write_for_ever(const char *folder, int64_t at, uint32_t first, int told) {
    struct kit k = {.at = at, .frames = first};
    struct audio_log *log = NULL;
    (void)snprintf(k.folder, sizeof k.folder, "%s", folder);
    buf_init(&k.sent, 1 << 28);
    if (audio_log_open(folder, AUDIO_MPEG, &log, NULL) != RC_OK)
        _exit(1);
    for (uint32_t n = 1;; n = n % 300 + 37) {
        kit_frames(&k, log, n);
        audio_log_title(log, STR("Somebody - Something"), k.at);
        buf_clear(&k.sent);
        if (audio_log_flush(log, NULL) != RC_OK || write(told, &k.frames, sizeof k.frames) != sizeof k.frames)
            _exit(1);
    }
}

// The newest number that was told.
static uint32_t told_last(int fd, bool is_over, uint32_t before) {
    uint32_t n;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    while (poll(&p, 1, is_over ? 0 : -1) == 1 && read(fd, &n, sizeof n) == sizeof n) {
        before = n;
        if (!is_over)
            break;
    }
    return before;
}

static void test_a_killed_writer_loses_what_it_had_not_flushed(void **state) {
    (void)state;
    uint64_t seed = random_u64(), x = seed | 1;
    print_message("seed %llu\n", (unsigned long long)seed);
    struct kit k = kit_new(NOON);
    struct buf heard;
    uint32_t first = 0;
    buf_init(&heard, 1 << 28);
    for (int times = 0; times < 12; times++) {
        int pipes[2];
        assert_int_equal(pipe(pipes), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            write_for_ever(k.folder, NOON + (int64_t)first * FRAME_US, first, pipes[1]);
        close(pipes[1]);
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        uint32_t flushed = 0;
        for (uint64_t i = 0; i <= x % 40; i++)
            flushed = told_last(pipes[0], false, flushed);
        for (volatile uint64_t spin = 0; spin < (x >> 20) % 200000; spin++) // into the middle of what it does then
            ;
        assert_int_equal(kill(child, SIGKILL), 0);
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        flushed = told_last(pipes[0], true, flushed);
        close(pipes[0]);

        // Opened anew it is whole, and has every frame that was flushed, each once, in its order.
        struct audio_log *log = kit_open(&k, AUDIO_MPEG);
        audio_log_close(&log);
        struct audio_log_faults faults = {0};
        struct problem p = {0};
        if (audio_log_verify(k.folder, &faults, &p) != RC_OK)
            fail_msg("%s", p.text);
        buf_clear(&heard);
        (void)kit_hear_from(&k, 0, 1 << 20, &heard);
        uint32_t n = 0, number = 0;
        for (size_t at = 0; at < heard.n; at += FRAME, n++) {
            uint64_t said;
            struct str digits = str_slice(buf_view(&heard), at + 100, at + 116), one;
            (void)str_next(&digits, '\0', &one);
            assert_true(str_to_u64(one, &said) && said >= number && said <= number + 400);
            number = (uint32_t)said + 1; // what was not flushed when it was killed is not there
        }
        assert_true(number >= flushed && heard.n % FRAME == 0 && n > 0);
        first = number + 50;
    }
    buf_fini(&heard);
    kit_free(&k);
}

// ---- players -----------------------------------------------------------------------------------------------------------

static bool can_run(const char *program) {
    return access(program, X_OK) == 0;
}

// What ffmpeg says of a file that it plays through, in b; its status.
static int play(const char *path, struct buf *b) {
    int pipes[2], status;
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)dup2(pipes[1], 1);
        (void)dup2(pipes[1], 2);
        close(pipes[0]);
        (void)execl("/usr/bin/ffmpeg", "ffmpeg", "-nostdin", "-v", "error", "-i", path, "-f", "null", "-",
                    (char *)NULL);
        _exit(127);
    }
    close(pipes[1]);
    buf_clear(b);
    char said[512];
    for (ssize_t n; (n = read(pipes[0], said, sizeof said)) > 0;)
        buf_add(b, said, (size_t)n);
    close(pipes[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// The second hour of a stream begins in the middle of a chain: its file has the headers again and is played like any other.
static void test_a_player_plays_an_hours_file(void **state) {
    (void)state;
    static const struct {
        const char *file, *ending;
        enum audio_format format;
    } samples[] = {{"vorbis", "ogg", AUDIO_OGG},
                   {"opus", "ogg", AUDIO_OGG},
                   {"flac", "ogg", AUDIO_OGG},
                   {"webm", "webm", AUDIO_WEBM}};
    if (!can_run("/usr/bin/ffmpeg"))
        skip();
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct kit k = kit_new(NOON);
        struct buf file, said;
        struct str bytes = sample(samples[i].file, &file);
        struct audio_log *log = kit_open(&k, samples[i].format);
        kit_sample(&k, log, samples[i].format, bytes, 3600 * US_PER_SECOND);
        audio_log_close(&log);
        buf_init(&said, 1 << 20);
        for (int hour = 0; hour < 2; hour++) {
            char name[64], path[512];
            (void)snprintf(name, sizeof name, "2026-11-29T%dZ-%08d.%s", 12 + hour, hour + 1, samples[i].ending);
            kit_path(&k, name, path);
            int status = play(path, &said);
            if (status != 0 || said.n > 0)
                fail_msg("%s, %s: %d %.*s", samples[i].file, name, status, STR_ARG(buf_view(&said)));
        }
        buf_fini(&file);
        buf_fini(&said);
        kit_free(&k);
    }
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_killed_writer_loses_what_it_had_not_flushed),
        cmocka_unit_test(test_a_player_plays_an_hours_file),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
