// SPDX-License-Identifier: AGPL-3.0-or-later
// "/n/22183": the short link printed on every article and read out on air.
#include "render/render.h"
#include "site/routes.h"

enum rc short_link_get(struct http_request *req, struct http_reply *reply) {
    struct worker *worker = req->worker;
    struct article art = {0};
    int64_t number, until;
    if (!str_to_i64(req->params[0], &number) || number <= 0)
        return RC_NOT_FOUND;
    enum rc rc = article_show(req->arena, worker->db, number, clock_now_us(), &art, &until);
    if (rc != RC_OK && rc != RC_GONE)
        return rc;
    http_reply_redirect(reply, 301, link_article_of(req->arena, &art));
    return RC_OK;
}
