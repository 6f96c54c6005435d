// SPDX-License-Identifier: AGPL-3.0-or-later
// libcurl, loaded when the courier starts and not with the program: it brings some thirty libraries along, which every
// other process and every command would map and none would use.
#ifndef COURIER_LIBCURL_H
#define COURIER_LIBCURL_H

#include <curl/curl.h>

#include "util/util.h"

// What deliver.c calls: curl_NAME as libcurl.NAME.
#define LIBCURL_CALLS(X)                                                                                               \
    X(global_init)                                                                                                     \
    X(easy_init)                                                                                                       \
    X(easy_setopt)                                                                                                     \
    X(easy_perform)                                                                                                    \
    X(easy_getinfo)                                                                                                    \
    X(easy_strerror)                                                                                                   \
    X(easy_cleanup)                                                                                                    \
    X(slist_append)                                                                                                    \
    X(slist_free_all)

struct libcurl {
#define LIBCURL_FIELD(name) __typeof__(curl_##name) *name;
    LIBCURL_CALLS(LIBCURL_FIELD)
#undef LIBCURL_FIELD
};
extern struct libcurl libcurl;

// Once per process, before any other call. RC_IO: not installed.
enum rc libcurl_load(struct problem *p) MUST_USE;

#endif
