// SPDX-License-Identifier: AGPL-3.0-or-later
#include "radio/reader.h"

#include <pthread.h>

enum { LOGS_MAX = SERVICES_MAX * SERVICE_STREAMS_MAX, WAITING_MAX = 4096 };

struct open_log {
    char stream[SERVICE_NAME_BYTES + 1];
    uint64_t id;
    struct audio_log_reader *reader;
};
struct logs {
    const char *dir; // the reader's
    struct hls *hls;
    struct open_log open[LOGS_MAX];
    size_t n;
};
struct reader {
    struct net_loop *loop;
    struct net_pool *pool; // of one thread, whose worker is the logs
    char *dir;
    pthread_mutex_t lock;
    struct read_job *over; // read, and not given back yet; the last first
};

// ---- the logs ----------------------------------------------------------------------------------------------------------

static void *logs_new(void *context) {
    const struct reader *reader = context;
    struct logs *logs = MEM_NEW(struct logs);
    logs->dir = reader->dir;
    logs->hls = hls_new(reader->dir);
    return logs;
}

static void logs_free(void *worker) {
    struct logs *logs = worker;
    for (size_t i = 0; i < logs->n; i++)
        audio_log_reader_close(&logs->open[i].reader);
    hls_free(&logs->hls);
    mem_free(logs);
}

struct hls *logs_hls(struct logs *logs) {
    return logs->hls;
}

static void log_close(struct logs *logs, size_t i) {
    audio_log_reader_close(&logs->open[i].reader);
    logs->open[i] = logs->open[--logs->n];
}

struct audio_log_reader *logs_of(struct logs *logs, const char *stream, uint64_t id) {
    char folder[4200];
    for (size_t i = 0; i < logs->n; i++)
        if (strcmp(logs->open[i].stream, stream) == 0) {
            if (logs->open[i].id == id)
                return logs->open[i].reader;
            log_close(logs, i);
            break;
        }
    if (logs->n == LOGS_MAX)
        log_close(logs, 0);
    struct open_log *open = &logs->open[logs->n];
    int n = snprintf(folder, sizeof folder, "%s/radio/%s", logs->dir, stream);
    if (n < 0 || (size_t)n >= sizeof folder || audio_log_reader_open(folder, &open->reader, NULL) != RC_OK)
        return NULL;
    (void)snprintf(open->stream, sizeof open->stream, "%s", stream);
    open->id = id;
    logs->n++;
    return open->reader;
}

// ---- the orders --------------------------------------------------------------------------------------------------------

static void give_back(void *arg) {
    struct reader *reader = arg;
    struct read_job *first = NULL;
    pthread_mutex_lock(&reader->lock);
    for (struct read_job *job = reader->over, *next; job != NULL; job = next) { // in the order of reading
        next = (struct read_job *)job->job.next;
        job->job.next = (struct net_job *)first;
        first = job;
    }
    reader->over = NULL;
    pthread_mutex_unlock(&reader->lock);
    for (struct read_job *next; first != NULL; first = next) {
        next = (struct read_job *)first->job.next;
        first->done(first);
    }
}

static void read_it(struct net_job *net_job, void *worker) {
    struct read_job *job = (struct read_job *)net_job;
    struct reader *reader = job->reader;
    if (!atomic_load(&job->is_off))
        job->read(job, worker);
    pthread_mutex_lock(&reader->lock);
    bool is_first = reader->over == NULL;
    job->job.next = (struct net_job *)reader->over;
    reader->over = job;
    pthread_mutex_unlock(&reader->lock);
    if (is_first)
        net_loop_post(reader->loop, give_back, reader);
}

enum rc reader_ask(struct reader *reader, struct read_job *job, bool urgent) {
    job->job = (struct net_job){.run = read_it};
    job->reader = reader;
    return net_pool_add(reader->pool, &job->job, urgent);
}

struct reader *reader_start(struct net_loop *loop, const char *dir, const char *name) {
    struct reader *reader = MEM_NEW(struct reader);
    struct net_pool_setup setup = {.name = name,
                                   .threads = 1,
                                   .queue_limit = WAITING_MAX,
                                   .worker_new = logs_new,
                                   .worker_free = logs_free,
                                   .context = reader};
    size_t n = strlen(dir) + 1;
    reader->loop = loop;
    reader->dir = mem_new(n);
    memcpy(reader->dir, dir, n);
    must(pthread_mutex_init(&reader->lock, NULL) == 0);
    reader->pool = net_pool_new(&setup);
    return reader;
}

void reader_stop(struct reader **reader_ref) {
    struct reader *reader = *reader_ref;
    if (reader == NULL)
        return;
    *reader_ref = NULL;
    net_pool_free(&reader->pool);
    give_back(reader); // the loop does not run any more
    pthread_mutex_destroy(&reader->lock);
    mem_free(reader->dir);
    mem_free(reader);
}
