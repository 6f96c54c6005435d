// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/libcurl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

struct libcurl libcurl;

static enum rc load(struct problem *p) {
    void *curl = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (curl == NULL)
        return problem_set(p, RC_IO, "libcurl cannot be loaded: %s", dlerror());
#define LIBCURL_FIND(name)                                                                                             \
    libcurl.name = (__typeof__(curl_##name) *)dlsym(curl, "curl_" #name);                                              \
    if (libcurl.name == NULL)                                                                                          \
        return problem_set(p, RC_IO, "libcurl has no curl_%s", #name);
    LIBCURL_CALLS(LIBCURL_FIND)
#undef LIBCURL_FIND
    return libcurl.global_init(CURL_GLOBAL_ALL) == CURLE_OK ? RC_OK
                                                            : problem_set(p, RC_IO, "libcurl cannot be started");
}

enum rc libcurl_load(struct problem *p) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static bool is_loaded;
    pthread_mutex_lock(&lock);
    enum rc rc = is_loaded ? RC_OK : load(p);
    is_loaded = rc == RC_OK;
    pthread_mutex_unlock(&lock);
    return rc;
}

const char *libcurl_certificates(void) {
    static const char *const places[] = {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                                         "/etc/ssl/cert.pem"};
    const char *named = getenv("SSL_CERT_FILE");
    if (named != NULL && named[0] != '\0')
        return named;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (file_exists(places[i]))
            return places[i];
    return NULL;
}
