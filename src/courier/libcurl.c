// SPDX-License-Identifier: AGPL-3.0-or-later
#include "courier/libcurl.h"

#include <dlfcn.h>

struct libcurl libcurl;

enum rc libcurl_load(struct problem *p) {
    void *curl = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (curl == NULL)
        return problem_set(p, RC_IO, "libcurl cannot be loaded: %s", dlerror());
#define LIBCURL_FIND(name)                                                                                             \
    libcurl.name = (__typeof__(curl_##name) *)dlsym(curl, "curl_" #name);                                              \
    if (libcurl.name == NULL)                                                                                          \
        return problem_set(p, RC_IO, "libcurl has no curl_%s", #name);
    LIBCURL_CALLS(LIBCURL_FIND)
#undef LIBCURL_FIND
    return RC_OK;
}
