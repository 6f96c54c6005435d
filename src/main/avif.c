// SPDX-License-Identifier: AGPL-3.0-or-later
// AVIF sizes, later: they take some ten times longer to make than the others, so nobody waits for them. Which pictures
// still want them stands in the database; a crash loses nothing.
#include <fcntl.h>
#include <unistd.h>

#include "main/avif.h"

struct made {
    int64_t id;
    char original[65];
    struct media_files files;
};

static enum rc keep(struct db *db, void *arg) {
    const struct made *m = arg;
    return media_avif_add(db, m->id, m->original, &m->files);
}

static int open_original(const struct site *site, struct db *db, struct arena *a, struct made *m) {
    struct media_entry e;
    if (media_entry_get(a, db, m->id, &e) != RC_OK || e.original_sha256.n != 64)
        return -1;
    memcpy(m->original, e.original_sha256.p, 64);
    return open(str_fmt(a, "%s/originals/%.2s/%s.%.*s", site->dir, m->original, m->original, STR_ARG(e.original_ext)).p,
                O_RDONLY | O_CLOEXEC);
}

static bool make_next(struct background *b, struct arena *a, struct db *db, void *arg) {
    struct site *site = arg;
    struct made m = {.id = media_avif_next(db)};
    struct media_report report = {.reason = MEDIA_BROKEN};
    if (m.id == 0)
        return false;
    int fd = open_original(site, db, a, &m);
    struct media_request request = {.task = MEDIA_TASK_AVIF, .focal_x = 500, .focal_y = 500};
    enum rc rc = RC_OK;
    background_away(b);
    if (fd >= 0)
        rc = media_shelf_receive(site->shelf, site->intake, fd, &request, &report, &m.files);
    background_back(b);
    if (fd >= 0)
        close(fd);
    // Not the picture's fault: later.
    if (rc != RC_OK || report.reason == MEDIA_QUEUE_FULL || report.reason == MEDIA_NO_DECODER)
        return false;
    rc = store_write(site->store, STORE_DURABLE, keep, &m);
    if (rc == RC_OK)
        media_raise(m.id);
    media_shelf_release(site->shelf, db, &m.files);
    return rc == RC_OK;
}

struct background *avif_start(struct site *site) {
    return background_start(site->store, "avif", make_next, site);
}
