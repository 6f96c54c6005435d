// SPDX-License-Identifier: AGPL-3.0-or-later
#include <dlfcn.h>
#include <stdio.h>

#include "media/libvips.h"

struct libvips libvips;

// An object pointer into a function pointer, which ISO C has no cast for (POSIX dlsym(3) demands that it works).
static bool find(void *library, const char *name, void *function_out) {
    void *at = dlsym(library, name);
    memcpy(function_out, &at, sizeof at);
    return at != NULL;
}

enum rc libvips_load(struct problem *p) {
    char name[32]; // the binary interface whose headers we were compiled with, by libtool's rule
    (void)snprintf(name, sizeof name, "libvips.so.%d", VIPS_LIBRARY_CURRENT - VIPS_LIBRARY_AGE);
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        return problem_set(p, RC_IO, "libvips cannot be loaded: %s", dlerror());
    bool all = find(library, "g_free", &libvips.free) && find(library, "g_strfreev", &libvips.free_names) &&
               find(library, "g_object_unref", &libvips.unref);
#define LIBVIPS_FIND(name) all = all && find(library, "vips_" #name, &libvips.name);
    LIBVIPS_CALLS(LIBVIPS_FIND)
#undef LIBVIPS_FIND
    return all ? RC_OK : problem_set(p, RC_IO, "libvips is not the version that this program was built with");
}
