// SPDX-License-Identifier: AGPL-3.0-or-later
// The handlers of the site's routes (routes.c says what each is for). A handler without a language in its address ends
// in legacy_redirect, one that finds nothing in RC_NOT_FOUND; the dispatcher makes the error page.
#ifndef SITE_ROUTES_H
#define SITE_ROUTES_H

#include "http/http.h"
#include "site/site.h"

enum rc language_choose_get(struct http_request *req, struct http_reply *reply);
enum rc lite_choose_get(struct http_request *req, struct http_reply *reply);
enum rc language_slash_get(struct http_request *req, struct http_reply *reply);
enum rc front_show_get(struct http_request *req, struct http_reply *reply);
enum rc colours_show_get(struct http_request *req, struct http_reply *reply);
enum rc place_show_get(struct http_request *req, struct http_reply *reply); // section or standing page
enum rc embed_show_get(struct http_request *req, struct http_reply *reply);
enum rc article_show_get(struct http_request *req, struct http_reply *reply);
enum rc page_show_get(struct http_request *req, struct http_reply *reply);
enum rc tag_show_get(struct http_request *req, struct http_reply *reply);
enum rc author_show_get(struct http_request *req, struct http_reply *reply);
enum rc archive_show_get(struct http_request *req, struct http_reply *reply);
enum rc search_show_get(struct http_request *req, struct http_reply *reply);
enum rc live_show_get(struct http_request *req, struct http_reply *reply);
enum rc player_show_get(struct http_request *req, struct http_reply *reply);
enum rc contact_show_get(struct http_request *req, struct http_reply *reply);
enum rc contact_show_post(struct http_request *req, struct http_reply *reply);
enum rc contact_sent_get(struct http_request *req, struct http_reply *reply);
enum rc short_link_get(struct http_request *req, struct http_reply *reply);
enum rc preview_show_get(struct http_request *req, struct http_reply *reply);
enum rc slash_strip_get(struct http_request *req, struct http_reply *reply);
enum rc vote_cast_post(struct http_request *req, struct http_reply *reply);
enum rc asset_show_get(struct http_request *req, struct http_reply *reply);
enum rc favicon_show_get(struct http_request *req, struct http_reply *reply);
enum rc picture_show_get(struct http_request *req, struct http_reply *reply);
enum rc media_show_get(struct http_request *req, struct http_reply *reply);

#endif
