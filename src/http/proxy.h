// SPDX-License-Identifier: AGPL-3.0-or-later
// Who a client is behind a proxy, believed only from configured addresses.
#ifndef HTTP_PROXY_H
#define HTTP_PROXY_H

#include "http/request_parser.h"

bool proxy_is_trusted(const struct http_server_setup *setup, const struct sockaddr *peer);
// Replaces req.peer and req.secure by what a trusted proxy says; setup->trusted_proxies alone is looked at.
void proxy_apply(const struct http_server_setup *setup, struct request_head *h);

#endif
