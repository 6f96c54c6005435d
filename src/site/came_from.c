// SPDX-License-Identifier: AGPL-3.0-or-later
// Readers who follow a link on another site. Moving about on our own pages is nobody else's merit.
#include "record/record.h"
#include "render/render.h"
#include "site/site.h"

// The request's host and the station's public one, which may be another behind a proxy.
static bool is_ours(const struct site *site, const struct http_request *req, struct str host) {
    char room[REFERRER_HOST_BYTES];
    size_t colon = req->host.n;
    (void)str_find_char(req->host, ':', &colon);
    struct str asked = str_slice(req->host, 0, colon);
    if (str_starts(asked, STR("www.")))
        asked = str_slice(asked, 4, asked.n);
    return str_eq(host, asked) || str_eq(host, referrer_host(site->origin, room));
}

void site_came_from(void *app, const struct http_request *req, int64_t number, struct str referer) {
    struct site *site = app;
    char room[REFERRER_HOST_BYTES];
    struct str host = referrer_host(referer, room);
    if (host.n > 0 && !is_ours(site, req, host))
        referrers_count(site->referrers, number, host);
}
