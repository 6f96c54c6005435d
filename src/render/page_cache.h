// SPDX-License-Identifier: AGPL-3.0-or-later
// Private to src/render: how a finished page gets into the cache.
#ifndef RENDER_PAGE_CACHE_H
#define RENDER_PAGE_CACHE_H

#include "render/render.h"

// Keeps a reference of its own and ends the flight of the request's address. False when the page was not kept: it is
// older than a change by now, or too big for the cache, or carries a query that is nobody's address.
bool page_cache_store(struct page_cache *c, const struct http_request *req, struct http_page *page,
                      const struct render_uses *uses, bool query_is_canonical);

#endif
