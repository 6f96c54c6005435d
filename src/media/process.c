// SPDX-License-Identifier: AGPL-3.0-or-later
// The decoder process. It waits for a question, works, answers; in a sandbox that lets it do little else. A second
// thread watches the clock: work that takes too long is answered for, and the process ends.
//
//   ends with   0   after a batch, or after a file that took too long: the next question meets a fresh process
//               1   the sandbox or libvips could not be had
//               by a signal: a file it could not survive; the asker learns it from the parent
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "media/inside.h"
#include "net/net.h"

enum { ANSWER_MS = 5000, ARENA_BYTES = 1 << 17, NICE = 10 };
enum { BATCH_SPENT_MS = 30000, SPENT_SECONDS = BATCH_SPENT_MS / 1000 + MEDIA_AVIF_SECONDS + 10 };
// Address space, of which the libraries themselves take a good part. The address sanitizer takes terabytes.
#ifdef __SANITIZE_ADDRESS__
#define MEMORY_BYTES 0
#else
#define MEMORY_BYTES (UINT64_C(2560) << 20)
#endif

struct decoder {
    int channel_fd;
    pthread_mutex_t lock; // of what follows
    pthread_cond_t changed;
    bool working;
    uint64_t number;
    int64_t until_us;
};

static void answer(struct decoder *d, uint64_t number, const struct media_report *report) {
    char bytes[MEDIA_REPORT_BYTES];
    media_report_write(bytes, report);
    struct net_message m = {.kind = MEDIA_KIND_REPORT, .number = number, .body = {bytes, sizeof bytes}};
    enum rc rc = net_message_send(d->channel_fd, &m, ANSWER_MS);
    if (rc != RC_OK)
        log_warn("an answer could not be sent (%s)", rc_name(rc));
}

// ---- the watching thread -------------------------------------------------------------------------------------------

_Noreturn static void give_up(struct decoder *d) {
    answer(d, d->number, &(struct media_report){.reason = MEDIA_TOO_SLOW});
    log_warn("a file took too long");
    _exit(0);
}

static void *watch(void *arg) {
    struct decoder *d = arg;
    pthread_mutex_lock(&d->lock);
    for (;;) {
        if (!d->working) {
            pthread_cond_wait(&d->changed, &d->lock);
            continue;
        }
        if (clock_mono_us() >= d->until_us)
            give_up(d);
        struct timespec until = {.tv_sec = d->until_us / US_PER_SECOND, .tv_nsec = d->until_us % US_PER_SECOND * 1000};
        pthread_cond_timedwait(&d->changed, &d->lock, &until);
    }
    return NULL;
}

static void start_watch(struct decoder *d) {
    pthread_condattr_t attributes;
    pthread_t thread;
    pthread_mutex_init(&d->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&d->changed, &attributes);
    must(pthread_create(&thread, NULL, watch, d) == 0);
}

static void set_working(struct decoder *d, bool working, uint64_t number, int seconds) {
    pthread_mutex_lock(&d->lock);
    d->working = working;
    d->number = number;
    d->until_us = clock_mono_us() + seconds * US_PER_SECOND;
    pthread_cond_signal(&d->changed);
    pthread_mutex_unlock(&d->lock);
}

// ---- questions -----------------------------------------------------------------------------------------------------

static void work(struct decoder *d, const struct net_message *m) {
    struct media_request request;
    struct media_report report;
    if (m->kind != MEDIA_KIND_ASK || m->fd_count != 2 || media_request_read(m->body, &request) != RC_OK) {
        log_warn("a question that breaks the form was thrown away");
        return;
    }
    set_working(d, true, m->number, request.task == MEDIA_TASK_AVIF ? MEDIA_AVIF_SECONDS : MEDIA_SECONDS);
    media_decode(m->fds[0], m->fds[1], &request, &report);
    set_working(d, false, 0, 0);
    answer(d, m->number, &report);
}

static bool batch_is_over(int files) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return files >= MEDIA_BATCH || (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 >= BATCH_SPENT_MS;
}

static void serve(struct decoder *d) {
    struct arena *a = arena_new(ARENA_BYTES);
    for (int files = 0; !batch_is_over(files);) {
        struct net_message m;
        arena_reset(a);
        enum rc rc = net_message_receive(a, d->channel_fd, &m, -1);
        if (rc == RC_OK) {
            work(d, &m);
            net_message_close(&m);
            files++;
        } else if (rc == RC_IO)
            break; // the channel itself is gone
    }
    arena_free(&a);
}

static enum rc enter_sandbox(int channel_fd, struct problem *p) {
    struct net_sandbox sandbox = {.keep = &channel_fd,
                                  .keep_count = 1,
                                  .threads = true,
                                  .memory_bytes = MEMORY_BYTES,
                                  .cpu_seconds = SPENT_SECONDS,
                                  .file_bytes = MEDIA_OUTPUT_BYTES,
                                  .files = 32};
    return net_sandbox_enter(&sandbox, p);
}

int media_process_main(void *context) {
    static struct decoder decoder;
    struct problem problem = {""};
    decoder = (struct decoder){.channel_fd = ((struct media_process *)context)->channel_fd};
    log_name("media");
    prctl(PR_SET_NAME, "siaran-media");
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); // a size that grows too large is an error of its write
    // Readers come first; one arena of memory, so that the limit is met by use and not by reservation.
    (void)setpriority(PRIO_PROCESS, 0, NICE);
    (void)mallopt(M_ARENA_MAX, 1);
    enum rc rc = media_decoder_start(&problem);
    if (rc == RC_OK)
        rc = enter_sandbox(decoder.channel_fd, &problem);
    if (rc != RC_OK) {
        log_error("%s", problem.text);
        return 1;
    }
    start_watch(&decoder);
    serve(&decoder);
    return 0;
}
