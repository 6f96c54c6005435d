// SPDX-License-Identifier: AGPL-3.0-or-later
// What readers get: the pages of the public site, their text edition, votes, old addresses and error pages.
#ifndef SITE_SITE_H
#define SITE_SITE_H

#include "http/http.h"
#include "util/util.h"

extern const struct http_route site_routes[];
extern const size_t site_route_count;

// http_server_setup.error: the page that stands in for an answer with this status, in the reader's language. `app` is
// the struct site; on a loop thread (req->worker NULL) it does without the database.
void site_error(void *app, struct http_request *req, int status, struct http_reply *reply);

// http_server_setup.answered: the moment in which a page read the database is over.
void site_answered(void *app, struct http_request *req);

// http_server_setup.is_bot: programs that fetch pages without a reader. They are served, and not counted.
bool site_is_bot(struct str user_agent);

// http_server_setup.came_from: counts the host whose page a reader of an article came from, unless it is our own.
void site_came_from(void *app, const struct http_request *req, int64_t number, struct str referer);

struct site;
// Lets go of the built-in files' answers that are kept in the site. No request may run.
void site_assets_forget(struct site *site);

#endif
