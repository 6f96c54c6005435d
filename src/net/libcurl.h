// SPDX-License-Identifier: AGPL-3.0-or-later
// libcurl, loaded when something is to be fetched or delivered by it and not with the program: it brings some thirty libraries
// along, which every other process and every command would map and none would use. The courier loads it at its start, the
// radio with the first relay over https.
#ifndef NET_LIBCURL_H
#define NET_LIBCURL_H

#include <curl/curl.h>

#include "util/util.h"

// What is called of it: curl_NAME as libcurl.NAME.
#define LIBCURL_CALLS(X)                                                                                               \
    X(global_init)                                                                                                     \
    X(easy_init)                                                                                                       \
    X(easy_setopt)                                                                                                     \
    X(easy_perform)                                                                                                    \
    X(easy_getinfo)                                                                                                    \
    X(easy_send)                                                                                                       \
    X(easy_recv)                                                                                                       \
    X(easy_strerror)                                                                                                   \
    X(easy_cleanup)                                                                                                    \
    X(multi_init)                                                                                                      \
    X(multi_add_handle)                                                                                                \
    X(multi_remove_handle)                                                                                             \
    X(multi_perform)                                                                                                   \
    X(multi_info_read)                                                                                                 \
    X(multi_poll)                                                                                                      \
    X(multi_cleanup)                                                                                                   \
    X(slist_append)                                                                                                    \
    X(slist_free_all)

struct libcurl {
#define LIBCURL_FIELD(name) __typeof__(curl_##name) *name;
    LIBCURL_CALLS(LIBCURL_FIELD)
#undef LIBCURL_FIELD
};
extern struct libcurl libcurl;

// Before any other call, from any thread; what is there already is not loaded again. May wait for the disk. RC_IO: not
// installed; the next call tries again.
enum rc libcurl_load(struct problem *p) MUST_USE;

// The file of certificates that are trusted, as PEM: what the environment's SSL_CERT_FILE names, as with other programs of
// OpenSSL, else this system's list. NULL: it has none. Borrowed for as long as the environment does not change.
const char *libcurl_certificates(void);

#endif
