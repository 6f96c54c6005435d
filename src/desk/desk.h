// SPDX-License-Identifier: AGPL-3.0-or-later
// The newsroom's desk: pages below /desk for those who work at the station. Server-rendered, usable without script; who
// may see a page stands in its route's row, what exactly one may do there in staff's table of rights.
#ifndef DESK_DESK_H
#define DESK_DESK_H

#include "http/http.h"
#include "render/render.h"
#include "store/store.h"
#include "util/util.h"

extern const struct http_route desk_routes[];
extern const size_t desk_route_count;

// What the desk keeps between requests; site.desk. Makes its keys at first use.
enum rc desk_open(struct store *store, struct db *db, struct desk **out) MUST_USE;
void desk_close(struct desk **desk);

// While nobody has an account: a new link that makes the first administrator; earlier ones end. RC_NOT_FOUND: there are
// accounts. The address is a secret: it is shown once, to whoever starts the station.
enum rc desk_first_link(struct site *site, struct arena *a, struct db *db, struct str *address_out) MUST_USE;

// Whether requests to this host are answered too, because it may become the site's address. Any thread.
bool desk_awaits_host(struct site *site, struct str host);

// site_running.message_came: a letter to the station's own address, else to those who may read it; one in some minutes.
enum rc desk_message_came(struct site *site, struct arena *a, struct db *db, const struct message *m,
                          int64_t now_us) MUST_USE;

// http_server_setup.session_of; `app` is the struct site.
enum rc desk_session_of(void *app, struct http_request *req);
// http_server_setup.error for the desk's addresses: to the login, back with what was typed, or a page that says what
// failed.
bool desk_owns(struct str path);
void desk_error(void *app, struct http_request *req, int status, struct http_reply *reply);

#endif
