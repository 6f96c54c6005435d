// SPDX-License-Identifier: AGPL-3.0-or-later
// What machines read of the station: news feeds, sitemaps and robots.txt.
#ifndef FEEDS_FEEDS_H
#define FEEDS_FEEDS_H

#include "http/http.h"

extern const struct http_route feeds_routes[];
extern const size_t feeds_route_count;

#endif
