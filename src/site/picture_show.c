// SPDX-License-Identifier: AGPL-3.0-or-later
// "/picture/ID": a picture as bodies name it, so that it can be replaced everywhere: leads to its file of today.
#include "render/render.h"
#include "site/routes.h"

enum { BODY_WIDTH = 960 };

// What every browser reads: the narrowest that is wide enough, else the widest.
static const struct media_size *size_for_body(const struct media *m) {
    const struct media_size *best = NULL;
    for (size_t i = 0; i < m->size_count; i++) {
        const struct media_size *s = &m->sizes[i];
        if (str_eq(s->ext, STR("webp")) || str_eq(s->ext, STR("avif")))
            continue;
        if (best == NULL || (best->width < BODY_WIDTH && s->width > best->width))
            best = s;
    }
    return best;
}

enum rc picture_show_get(struct http_request *req, struct http_reply *reply) {
    struct worker *worker = req->worker;
    struct media m;
    int64_t id;
    if (!str_to_i64(req->params[0], &id) || id <= 0)
        return RC_NOT_FOUND;
    enum rc rc = media_get(req->arena, worker->db, id, &m);
    const struct media_size *size = rc == RC_OK ? size_for_body(&m) : NULL;
    if (size == NULL)
        return rc == RC_OK ? RC_NOT_FOUND : rc;
    http_reply_redirect(reply, 302, link_media(req->arena, size->sha256, size->ext));
    return RC_OK;
}
