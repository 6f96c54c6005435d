// SPDX-License-Identifier: AGPL-3.0-or-later
#include "radio/reader.h"

#include <pthread.h>

enum { LOGS_MAX = SERVICES_MAX * SERVICE_STREAMS_MAX, WAITING_MAX = 4096 };

struct open_log {
    char stream[SERVICE_NAME_BYTES + 1];
    struct audio_log_reader *reader;
};
struct logs {
    char *dir;
    struct hls *hls;
    struct open_log open[LOGS_MAX];
    size_t n;
};

struct queue {
    struct read_job *first, **last;
};
struct reader {
    struct net_loop *loop;
    pthread_t thread;
    pthread_mutex_t lock; // of what follows; never held while something is read
    pthread_cond_t work;
    struct queue asked, over;
    size_t waiting; // of asked
    bool stopping;
    struct logs logs; // the thread's
};

static void put(struct queue *q, struct read_job *job) {
    job->next = NULL;
    *q->last = job;
    q->last = &job->next;
}

static struct read_job *take_all(struct queue *q) {
    struct read_job *first = q->first;
    q->first = NULL;
    q->last = &q->first;
    return first;
}

// ---- the logs ----------------------------------------------------------------------------------------------------------

struct hls *logs_hls(struct logs *logs) {
    return logs->hls;
}

static void log_forget(struct logs *logs, const char *stream) {
    for (size_t i = 0; i < logs->n; i++)
        if (strcmp(logs->open[i].stream, stream) == 0) {
            audio_log_reader_close(&logs->open[i].reader);
            logs->open[i] = logs->open[--logs->n];
            return;
        }
}

struct audio_log_reader *logs_of(struct logs *logs, const char *stream) {
    char folder[4200];
    for (size_t i = 0; i < logs->n; i++)
        if (strcmp(logs->open[i].stream, stream) == 0)
            return logs->open[i].reader;
    if (logs->n == LOGS_MAX)
        log_forget(logs, logs->open[0].stream);
    struct open_log *open = &logs->open[logs->n];
    int n = snprintf(folder, sizeof folder, "%s/radio/%s", logs->dir, stream);
    if (n < 0 || (size_t)n >= sizeof folder || audio_log_reader_open(folder, &open->reader, NULL) != RC_OK)
        return NULL;
    (void)snprintf(open->stream, sizeof open->stream, "%s", stream);
    logs->n++;
    return open->reader;
}

// ---- the thread --------------------------------------------------------------------------------------------------------

static void finish(struct read_job *job) {
    for (struct read_job *next; job != NULL; job = next) {
        next = job->next;
        job->done(job);
    }
}

static void give_back(void *arg) {
    struct reader *reader = arg;
    pthread_mutex_lock(&reader->lock);
    struct read_job *over = take_all(&reader->over);
    pthread_mutex_unlock(&reader->lock);
    finish(over);
}

static void *run(void *arg) {
    struct reader *reader = arg;
    pthread_mutex_lock(&reader->lock);
    while (!reader->stopping) {
        struct read_job *job = reader->asked.first;
        if (job == NULL) {
            pthread_cond_wait(&reader->work, &reader->lock);
            continue;
        }
        reader->asked.first = job->next;
        reader->waiting--;
        if (job->next == NULL)
            reader->asked.last = &reader->asked.first;
        pthread_mutex_unlock(&reader->lock);
        if (!atomic_load(&job->is_off)) {
            job->read(job, &reader->logs);
            job->is_read = true;
        }
        pthread_mutex_lock(&reader->lock);
        bool is_first = reader->over.first == NULL;
        put(&reader->over, job);
        if (is_first)
            net_loop_post(reader->loop, give_back, reader);
    }
    pthread_mutex_unlock(&reader->lock);
    return NULL;
}

void reader_ask(struct reader *reader, struct read_job *job) {
    job->is_read = false;
    pthread_mutex_lock(&reader->lock);
    put(&reader->asked, job);
    reader->waiting++;
    pthread_cond_signal(&reader->work);
    pthread_mutex_unlock(&reader->lock);
}

bool reader_is_full(struct reader *reader) {
    pthread_mutex_lock(&reader->lock);
    bool is_full = reader->waiting >= WAITING_MAX;
    pthread_mutex_unlock(&reader->lock);
    return is_full;
}

struct forgetting {
    struct read_job job;
    char stream[SERVICE_NAME_BYTES + 1];
};

static void forget_read(struct read_job *job, struct logs *logs) {
    log_forget(logs, ((struct forgetting *)job)->stream);
}

static void forget_done(struct read_job *job) {
    mem_free((struct forgetting *)job);
}

void reader_forget(struct reader *reader, const char *stream) {
    struct forgetting *forgetting = MEM_NEW(struct forgetting);
    forgetting->job = (struct read_job){.read = forget_read, .done = forget_done};
    (void)snprintf(forgetting->stream, sizeof forgetting->stream, "%s", stream);
    reader_ask(reader, &forgetting->job);
}

struct reader *reader_start(struct net_loop *loop, const char *dir) {
    struct reader *reader = MEM_NEW(struct reader);
    size_t n = strlen(dir) + 1;
    reader->loop = loop;
    reader->asked.last = &reader->asked.first;
    reader->over.last = &reader->over.first;
    reader->logs.dir = mem_new(n);
    memcpy(reader->logs.dir, dir, n);
    reader->logs.hls = hls_new(dir);
    must(pthread_mutex_init(&reader->lock, NULL) == 0);
    must(pthread_cond_init(&reader->work, NULL) == 0);
    must(pthread_create(&reader->thread, NULL, run, reader) == 0);
    return reader;
}

void reader_stop(struct reader **reader_ref) {
    struct reader *reader = *reader_ref;
    if (reader == NULL)
        return;
    *reader_ref = NULL;
    pthread_mutex_lock(&reader->lock);
    reader->stopping = true;
    pthread_cond_signal(&reader->work);
    pthread_mutex_unlock(&reader->lock);
    pthread_join(reader->thread, NULL);
    finish(take_all(&reader->over));
    finish(take_all(&reader->asked));
    while (reader->logs.n > 0)
        log_forget(&reader->logs, reader->logs.open[0].stream);
    hls_free(&reader->logs.hls);
    pthread_mutex_destroy(&reader->lock);
    pthread_cond_destroy(&reader->work);
    mem_free(reader->logs.dir);
    mem_free(reader);
}
