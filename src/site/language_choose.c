// SPDX-License-Identifier: AGPL-3.0-or-later
// "/": to the front page in the best of the reader's languages. No cookie: whoever chose another language by a link is
// already at that language's address.
#include "site/legacy_redirect.h"
#include "site/redirect_answer.h"
#include "site/routes.h"
#include "site/visit.h"

static struct str chosen_front(struct http_request *req) {
    struct worker *worker = req->worker;
    struct site *site = worker->site;
    return link_front(req->arena, text_lang_negotiate(http_request_header(req, "Accept-Language"), site->languages,
                                                      site->default_lang));
}

// The old site's plain addresses worked without index.php too: "/?option=com_k2&view=item&id=22183".
enum rc language_choose_get(struct http_request *req, struct http_reply *reply) {
    size_t at;
    if (req->query.n > 0) { // "/?p=3"; what only says where a click came from is no address
        enum rc rc = redirect_answer(req, reply);
        if (rc != RC_NOT_FOUND)
            return rc;
    }
    if (str_find(req->query, STR("option=com_"), &at)) {
        enum rc rc = legacy_redirect(req, reply);
        if (rc != RC_NOT_FOUND)
            return rc;
    }
    http_reply_header(reply, "Vary", STR("Accept-Language"));
    http_reply_redirect(reply, 302, chosen_front(req));
    return RC_OK;
}

enum rc lite_choose_get(struct http_request *req, struct http_reply *reply) {
    http_reply_header(reply, "Vary", STR("Accept-Language"));
    http_reply_redirect(reply, 302, link_lite(req->arena, chosen_front(req)));
    return RC_OK;
}

// "/en" is meant as "/en/"; "/index.php?option=com_k2..." as what the old site had there.
enum rc language_slash_get(struct http_request *req, struct http_reply *reply) {
    struct visit v;
    if (visit_begin(&v, req, reply) != RC_OK)
        return legacy_redirect(req, reply);
    http_reply_redirect(reply, 301, visit_link(&v, link_front(v.a, v.lang)));
    return RC_OK;
}

// "/en/news/" is no address of its own; what leads elsewhere without the slash does so with it, in one step.
enum rc slash_strip_get(struct http_request *req, struct http_reply *reply) {
    enum rc rc = redirect_answer(req, reply);
    if (rc == RC_NOT_FOUND)
        rc = legacy_path_answer(req, reply); // an old address is left in one step
    if (rc != RC_NOT_FOUND)
        return rc;
    struct str path = str_slice(req->path, 0, req->path.n - 1);
    if (req->query.n > 0)
        path = str_fmt(req->arena, "%.*s?%.*s", STR_ARG(path), STR_ARG(req->query));
    http_reply_redirect(reply, 301, path);
    return RC_OK;
}
