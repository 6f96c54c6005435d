// SPDX-License-Identifier: AGPL-3.0-or-later
// Sitemaps (sitemaps.org) and the news sitemap: the handlers of their routes.
#ifndef FEEDS_SITEMAP_H
#define FEEDS_SITEMAP_H

#include "http/http.h"
#include "render/render.h"

enum rc sitemap_index(struct http_request *req, struct http_reply *reply);
enum rc sitemap_file(struct http_request *req, struct http_reply *reply); // "{lang}-{n}.xml"; 0: all but the articles
enum rc sitemap_news(struct http_request *req, struct http_reply *reply);
// Sections and standing pages of a language.
enum rc sitemap_places(struct http_request *req, enum text_lang lang, struct render_uses *uses,
                       struct render_out *o) MUST_USE;

struct xml;
void sitemap_urlset(struct xml *x, const char *extra_name, const char *extra_namespace);
void sitemap_date(struct http_request *req, struct xml *x, const char *name, int64_t at_us);
void sitemap_alternate(struct http_request *req, struct xml *x, enum text_lang lang, struct str address);
struct str sitemap_address(struct http_request *req, struct str address); // absolute
enum rc sitemap_reply(struct http_request *req, struct http_reply *reply, struct render_out *o,
                      const struct render_uses *uses, enum rc rc) MUST_USE;

#endif
