// SPDX-License-Identifier: AGPL-3.0-or-later
// AVIF sizes, later: they take some ten times longer to make than the others, so nobody waits for them. Which pictures
// still want them stands in the database; a crash loses nothing.
#include <fcntl.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "main/avif.h"

enum { LOOK_SECONDS = 2, STOP_MS = 500 };

struct avif {
    struct site *site;
    struct db *db;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping, at_picture;
};

struct made {
    int64_t id;
    char original[65];
    struct media_files files;
};

static enum rc keep(struct db *db, void *arg) {
    const struct made *m = arg;
    return media_avif_add(db, m->id, m->original, &m->files);
}

static int open_original(struct avif *v, struct arena *a, struct made *m) {
    struct media_entry e;
    if (media_entry_get(a, v->db, m->id, &e) != RC_OK || e.original_sha256.n != 64)
        return -1;
    memcpy(m->original, e.original_sha256.p, 64);
    return open(
        str_fmt(a, "%s/originals/%.2s/%s.%.*s", v->site->dir, m->original, m->original, STR_ARG(e.original_ext)).p,
        O_RDONLY | O_CLOEXEC);
}

static bool is_stopping(struct avif *v) {
    pthread_mutex_lock(&v->lock);
    bool stopping = v->stopping;
    pthread_mutex_unlock(&v->lock);
    return stopping;
}

// Around the decoder's work. Who comes back while the station ends stays here: what it would need is being closed.
static void set_at_picture(struct avif *v, bool at_picture) {
    pthread_mutex_lock(&v->lock);
    while (!at_picture && v->stopping)
        pthread_cond_wait(&v->changed, &v->lock);
    v->at_picture = at_picture;
    pthread_cond_broadcast(&v->changed);
    pthread_mutex_unlock(&v->lock);
}

// True: something was done, look again at once.
static bool make_next(struct avif *v, struct arena *a) {
    struct made m = {.id = media_avif_next(v->db)};
    struct media_report report = {.reason = MEDIA_BROKEN};
    if (m.id == 0)
        return false;
    int fd = open_original(v, a, &m);
    struct media_request request = {.task = MEDIA_TASK_AVIF, .focal_x = 500, .focal_y = 500};
    enum rc rc = RC_OK;
    set_at_picture(v, true);
    if (fd >= 0)
        rc = media_shelf_receive(v->site->shelf, v->site->intake, fd, &request, &report, &m.files);
    set_at_picture(v, false);
    if (fd >= 0)
        close(fd);
    // Not the picture's fault: later.
    if (rc != RC_OK || report.reason == MEDIA_QUEUE_FULL || report.reason == MEDIA_NO_DECODER)
        return false;
    rc = store_write(v->site->store, STORE_DURABLE, keep, &m);
    if (rc == RC_OK)
        media_raise(m.id);
    media_shelf_release(v->site->shelf, v->db, &m.files);
    return rc == RC_OK;
}

static bool wait_a_while(struct avif *v) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += LOOK_SECONDS;
    pthread_mutex_lock(&v->lock);
    if (!v->stopping)
        pthread_cond_timedwait(&v->changed, &v->lock, &until);
    bool go_on = !v->stopping;
    pthread_mutex_unlock(&v->lock);
    return go_on;
}

static void *work(void *arg) {
    struct avif *v = arg;
    struct arena *a = arena_new(1 << 20);
    while (wait_a_while(v))
        while (!is_stopping(v) && make_next(v, a))
            arena_reset(a);
    arena_free(&a);
    return NULL;
}

struct avif *avif_start(struct site *site) {
    struct avif *v = MEM_NEW(struct avif);
    struct problem problem = {""};
    v->site = site;
    pthread_mutex_init(&v->lock, NULL);
    pthread_cond_init(&v->changed, NULL);
    must(store_reader_new(site->store, &v->db, &problem) == RC_OK);
    must(pthread_create(&v->thread, NULL, work, v) == 0);
    return v;
}

bool avif_stop(struct avif **avif) {
    struct avif *v = *avif;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += STOP_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    *avif = NULL;
    pthread_mutex_lock(&v->lock);
    // It may just be done, and then it ends.
    while (v->at_picture && pthread_cond_timedwait(&v->changed, &v->lock, &until) == 0)
        ;
    v->stopping = true;
    bool left = v->at_picture;
    pthread_cond_broadcast(&v->changed);
    pthread_mutex_unlock(&v->lock);
    if (left)
        return false;
    pthread_join(v->thread, NULL);
    store_reader_free(&v->db);
    pthread_cond_destroy(&v->changed);
    pthread_mutex_destroy(&v->lock);
    mem_free(v);
    return true;
}
