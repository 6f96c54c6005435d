// SPDX-License-Identifier: AGPL-3.0-or-later
// DIR/services.json and what is looked up in it.
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "service/inside.h"

static enum rc text_load(const char *dir, const char *name, struct buf *b, struct problem *p) {
    struct arena *a = arena_new(1 << 14);
    enum rc rc = file_read(str_fmt(a, "%s/%s", dir, name).p, b, p);
    arena_free(&a);
    return rc;
}

enum rc services_load(struct arena *a, const char *dir, struct services *out, struct problem *p) {
    struct buf b;
    *out = (struct services){0};
    buf_init(&b, SERVICES_FILE_BYTES);
    enum rc rc = text_load(dir, "services.json", &b, p);
    if (rc == RC_OK)
        rc = services_parse(a, buf_view(&b), out, p);
    else if (rc == RC_NOT_FOUND)
        rc = RC_OK;
    else if (rc == RC_TOO_BIG)
        rc = RC_INVALID;
    buf_fini(&b);
    return rc;
}

// What is there must be what was changed.
static enum rc settle_on(const char *dir, struct services *services, struct problem *p) {
    struct arena *a = arena_new(16 << 20);
    struct services there;
    enum rc rc = services_load(a, dir, &there, p);
    if (rc == RC_OK && there.number != services->number)
        rc = problem_set(p, RC_CONFLICT, "the services were changed by somebody else meanwhile");
    struct service_settled *settled;
    if (rc == RC_OK)
        (void)services_settle(a, dir, &there, services, &settled);
    arena_free(&a);
    return rc;
}

static enum rc replace(const char *dir, struct services *services, struct problem *p) {
    struct arena *a = arena_new(1 << 14);
    struct buf b;
    buf_init(&b, SERVICES_FILE_BYTES);
    services->number++;
    services_write(services, &b);
    enum rc rc = b.failed ? problem_set(p, RC_TOO_BIG, "all services together are more than services.json may hold")
                          : file_write(str_fmt(a, "%s/services.json", dir).p, buf_view(&b), 0600, p);
    if (rc != RC_OK)
        services->number--;
    buf_fini(&b);
    arena_free(&a);
    return rc;
}

// The lock of the folder, not of the file, which is another one after each change.
enum rc services_save(const char *dir, struct services *services, struct problem *p) {
    enum rc rc = services_check(dir, services, p);
    if (rc != RC_OK)
        return rc;
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || flock(fd, LOCK_EX) != 0)
        rc = problem_set(p, RC_IO, "%s cannot be locked: %s", dir, strerror(errno));
    if (rc == RC_OK)
        rc = settle_on(dir, services, p);
    if (rc == RC_OK)
        rc = replace(dir, services, p);
    if (fd >= 0)
        close(fd);
    return rc;
}

const struct service *services_find(const struct services *services, struct str name) {
    for (size_t i = 0; i < services->count; i++)
        if (str_eq(services->rows[i].name, name))
            return &services->rows[i];
    return NULL;
}

static const struct service_stream *stream_where(const struct services *services, struct str is, bool is_mount,
                                                 const struct service **service_out) {
    for (size_t i = 0; i < services->count; i++)
        for (size_t k = 0; k < services->rows[i].stream_count; k++) {
            const struct service_stream *stream = &services->rows[i].streams[k];
            if (!str_eq(is_mount ? stream->mount : stream->name, is))
                continue;
            if (service_out != NULL)
                *service_out = &services->rows[i];
            return stream;
        }
    return NULL;
}

const struct service_stream *services_mount(const struct services *services, struct str mount,
                                            const struct service **service_out) {
    return stream_where(services, mount, true, service_out);
}

const struct service_stream *services_stream(const struct services *services, struct str name,
                                             const struct service **service_out) {
    return stream_where(services, name, false, service_out);
}

enum rc service_state_load(struct arena *a, const char *dir, struct service_state *out, struct problem *p) {
    struct buf b;
    *out = (struct service_state){0};
    buf_init(&b, SERVICE_STATE_BYTES);
    enum rc rc = text_load(dir, "run/radio.json", &b, p);
    if (rc == RC_OK)
        rc = service_state_parse(a, buf_view(&b), out, p);
    buf_fini(&b);
    return rc;
}
