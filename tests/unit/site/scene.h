// SPDX-License-Identifier: AGPL-3.0-or-later
// A small station in a directory of its own, and requests to it as the dispatcher would hand them to a page: matched,
// decoded, with the form read. No socket, no thread but the writer's.
#ifndef TESTS_UNIT_SITE_SCENE_H
#define TESTS_UNIT_SITE_SCENE_H

#include <stdlib.h>
#include <unistd.h>

#include "../check.h"
#include "http/form.h"
#include "http/page.h"
#include "http/reply.h"
#include "http/route.h"
#include "site/site.h"

#include "render/render.h"

struct scene {
    char dir[64];
    struct site site;
    struct worker worker;
    struct arena *arena; // of the last request
    struct route_tree *routes;
    struct http_request req;
    struct http_field fields[8];
    struct http_reply reply;
    bool replied;
    char text[1 << 18]; // of the last answer's body, NUL-terminated
    int64_t article;    // the number of the article with everything on it
};

void scene_open(struct scene *s);
void scene_close(struct scene *s);
// `header` may be NULL; the status that the reader sees. The body is in s->text.
int scene_get(struct scene *s, const char *target, const char *header, const char *value);
// The page that stands in for an answer that failed with this status.
int scene_failure(struct scene *s, const char *target, int failed);
int scene_post(struct scene *s, const char *target, const char *body, const char *cookie);
bool scene_has(const struct scene *s, const char *text);
struct str scene_location(const struct scene *s); // of a redirect
struct str scene_cookie(const struct scene *s);   // "voter=..." of a Set-Cookie line

#endif
