// SPDX-License-Identifier: AGPL-3.0-or-later
// services.json, looked at each second by a thread of its own (r->files): a disk that hangs stops no sound. What was read is
// taken over by the loop.
#include <sys/stat.h>

#include "radio/inside.h"

enum { SERVICES_ARENA = 8 << 20 };

struct file_stamp file_stamp_of(const char *path) {
    struct stat st;
    if (stat(path, &st) != 0)
        return (struct file_stamp){.is_known = true};
    return (struct file_stamp){.is_known = true,
                               .size = st.st_size,
                               .time = st.st_mtim.tv_sec * INT64_C(1000000000) + st.st_mtim.tv_nsec,
                               .inode = (int64_t)st.st_ino};
}

bool file_stamp_is(const struct file_stamp *a, const struct file_stamp *b) {
    return a->is_known == b->is_known && a->size == b->size && a->time == b->time && a->inode == b->inode;
}

struct services_job {
    struct read_job read; // first
    struct radio *radio;
    struct file_stamp seen;
    struct arena *arena; // NULL: it is what it was, or cannot be used
    struct services services;
};

static void read_file(struct read_job *read, struct logs *logs) {
    struct services_job *job = (struct services_job *)read;
    const char *dir = job->radio->setup->dir;
    struct problem problem = {""};
    char path[4200];
    (void)logs;
    int n = snprintf(path, sizeof path, "%s/services.json", dir);
    must(n > 0 && (size_t)n < sizeof path);
    struct file_stamp seen = file_stamp_of(path);
    if (file_stamp_is(&seen, &job->seen))
        return;
    job->seen = seen;
    job->arena = arena_new(SERVICES_ARENA);
    enum rc rc = services_load(job->arena, dir, &job->services, &problem);
    if (rc == RC_OK)
        return;
    if (rc == RC_IO || rc == RC_DENIED) // which may pass
        job->seen = (struct file_stamp){0};
    log_error("%s; the services stay what they were", problem.text);
    arena_free(&job->arena);
}

static void take(struct read_job *read) {
    struct services_job *job = (struct services_job *)read;
    struct radio *r = job->radio;
    r->services_asked = false;
    r->services_seen = job->seen;
    if (job->arena != NULL && !r->stopping)
        radio_services_take(r, &job->services, job->arena);
    else
        arena_free(&job->arena);
    mem_free(job);
}

static struct services_job *job_new(struct radio *r) {
    struct services_job *job = MEM_NEW(struct services_job);
    *job = (struct services_job){.read = {.read = read_file, .done = take}, .radio = r, .seen = r->services_seen};
    return job;
}

void radio_services_look(struct radio *r) {
    if (r->services_asked)
        return;
    struct services_job *job = job_new(r);
    r->services_asked = reader_ask(r->files, &job->read, true) == RC_OK;
    if (!r->services_asked)
        mem_free(job);
}

void radio_services_begin(struct radio *r) {
    struct services_job *job = job_new(r);
    read_file(&job->read, NULL);
    take(&job->read);
}
