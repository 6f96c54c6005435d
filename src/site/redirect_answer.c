// SPDX-License-Identifier: AGPL-3.0-or-later
// What the desk says of an address at which nothing answers. The answer is kept by nobody (a browser asks again, and so
// does the page cache), so a redirect that is made or changed holds from the next request on.
#include "site/redirect_answer.h"

#include "render/render.h"
#include "site/error_show.h"

// Who reads the text edition goes on reading it.
static struct str in_edition(const struct http_request *req, struct str target) {
    bool lite = str_starts(req->path, STR("/lite/")) && !str_starts(target, STR("/lite/"));
    return lite && redirect_lang(target) != LANG_COUNT ? link_lite(req->arena, target) : target;
}

enum rc redirect_answer(struct http_request *req, struct http_reply *reply) {
    struct worker *worker = req->worker;
    struct redirect r;
    if (req->method != HTTP_GET && req->method != HTTP_HEAD)
        return RC_NOT_FOUND;
    enum rc rc = redirect_find(req->arena, worker->db, req->path, req->query, &r);
    if (rc != RC_OK)
        return rc;
    struct str location = redirect_location(req->arena, in_edition(req, r.target));
    if (r.target.n > 0 && location.n == 0)
        return RC_NOT_FOUND;
    redirect_hits_add(worker->site->redirect_hits, r.id);
    if (r.target.n == 0)
        error_show(req, 410, reply);
    else
        http_reply_redirect(reply, 301, location);
    return RC_OK;
}
