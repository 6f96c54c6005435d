// SPDX-License-Identifier: AGPL-3.0-or-later
// The asker's side of the decoder: one question at a time, the others wait in the order they came. What it answers is
// checked by media_report_read; what it wrote, by who keeps it.
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/media.h"
#include "net/net.h"

// Beyond the decoder's own time for a file: it may be starting again.
enum { SPARE_MS = 10000, TRIES = 2, ARENA_BYTES = 1 << 17 };

struct media_intake {
    struct net_channel *channel;
    pthread_mutex_t lock;
    pthread_cond_t turn;
    uint64_t next, served; // tickets
};

struct media_intake *media_intake_new(int channel_fd) {
    struct media_intake *i = MEM_NEW(struct media_intake);
    i->channel = net_channel_new(channel_fd);
    pthread_mutex_init(&i->lock, NULL);
    pthread_cond_init(&i->turn, NULL);
    return i;
}

void media_intake_free(struct media_intake **intake) {
    struct media_intake *i = *intake;
    if (i == NULL)
        return;
    net_channel_free(&i->channel);
    pthread_cond_destroy(&i->turn);
    pthread_mutex_destroy(&i->lock);
    mem_free(i);
    *intake = NULL;
}

// ---- turns ---------------------------------------------------------------------------------------------------------

static bool take_turn(struct media_intake *i, bool gives_way) {
    pthread_mutex_lock(&i->lock);
    bool room = i->next - i->served < (gives_way ? 1 : MEDIA_WAITING_MAX);
    if (room) {
        uint64_t ticket = i->next++;
        while (i->served != ticket)
            pthread_cond_wait(&i->turn, &i->lock);
    }
    pthread_mutex_unlock(&i->lock);
    return room;
}

static void end_turn(struct media_intake *i) {
    pthread_mutex_lock(&i->lock);
    i->served++;
    pthread_cond_broadcast(&i->turn);
    pthread_mutex_unlock(&i->lock);
}

// ---- the question --------------------------------------------------------------------------------------------------

// The same file, for reading only; also one without a name.
static int reopen(int fd) {
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static enum rc ask_once(struct media_intake *i, int in_fd, int out_fd, const struct media_request *request,
                        struct media_report *out) {
    char body[MEDIA_REQUEST_BYTES];
    int seconds = request->task == MEDIA_TASK_AVIF ? MEDIA_AVIF_SECONDS : MEDIA_SECONDS;
    struct arena *a = arena_new(ARENA_BYTES);
    struct net_message question = {
        .kind = MEDIA_KIND_ASK, .body = {body, sizeof body}, .fds = {in_fd, out_fd}, .fd_count = 2};
    struct net_message answer;
    struct stat st;
    media_request_write(body, request);
    enum rc rc = ftruncate(out_fd, 0) == 0
                     ? net_channel_ask(i->channel, a, &question, &answer, seconds * 1000 + SPARE_MS)
                     : RC_IO;
    if (rc == RC_OK) {
        bool sound = answer.kind == MEDIA_KIND_REPORT && fstat(out_fd, &st) == 0;
        // A word that breaks the form is as good as a crash.
        rc = sound && media_report_read(answer.body, (uint64_t)st.st_size, out) == RC_OK ? RC_OK : RC_GONE;
        net_message_close(&answer);
    }
    arena_free(&a);
    return rc;
}

static void ask(struct media_intake *i, int in_fd, int out_fd, const struct media_request *request,
                struct media_report *out) {
    enum rc rc = RC_GONE;
    int in = reopen(in_fd);
    for (int n = 0; in >= 0 && rc == RC_GONE && n < TRIES; n++)
        rc = ask_once(i, in, out_fd, request, out);
    if (in >= 0)
        close(in);
    if (rc == RC_OK)
        return;
    log_warn("a file could not be looked at (%s)", rc_name(rc));
    *out = (struct media_report){.reason = in < 0 || rc == RC_IO ? MEDIA_NO_ROOM
                                           : rc == RC_GONE       ? MEDIA_CRASHED
                                                                 : MEDIA_NO_DECODER};
}

void media_intake_ask(struct media_intake *i, int in_fd, int out_fd, const struct media_request *request,
                      struct media_report *out) {
    *out = (struct media_report){.reason = MEDIA_QUEUE_FULL};
    if (!take_turn(i, request->task == MEDIA_TASK_AVIF))
        return;
    ask(i, in_fd, out_fd, request, out);
    end_turn(i);
}
