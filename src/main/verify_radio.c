// SPDX-License-Identifier: AGPL-3.0-or-later
// What `siaran verify` looks at of the radio: services.json with the files it names, and every stream's log, those of streams
// that are no more too.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "main/command.h"
#include "service/service.h"

enum { ROOM = 64 << 20 };

static void fault(const struct verify_context *v, const char *check, struct arena *a, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

static void fault(const struct verify_context *v, const char *check, struct arena *a, const char *fmt, ...) {
    va_list args;
    char text[1024];
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (n >= 0)
        v->fault(v->arg, check, str_dup(a, str_from(text)));
}

static enum rc services_run(const struct verify_context *v) {
    struct arena *a = arena_new(ROOM);
    struct services services;
    struct problem p = {""};
    enum rc rc = services_load(a, v->dir, &services, &p);
    if (rc == RC_OK)
        rc = services_check(v->dir, &services, &p);
    if (rc == RC_INVALID)
        fault(v, "services", a, "%s", p.text);
    arena_free(&a);
    return rc == RC_INVALID ? RC_OK : rc;
}

struct log_look {
    const struct verify_context *v;
    const char *stream;
    struct arena *a;
};

static void log_fault(void *arg, const char *file, uint64_t at, const char *what) {
    struct log_look *look = arg;
    fault(look->v, "radio-logs", look->a, "stream %s, %s, byte %llu: %s", look->stream, file, (unsigned long long)at,
          what);
}

static void log_run(const struct verify_context *v, const char *folder, const char *stream) {
    struct arena *a = arena_new(ROOM);
    struct log_look look = {v, stream, a};
    struct audio_log_faults faults = {.take = log_fault, .arg = &look};
    struct problem p = {""};
    enum rc rc = audio_log_verify(str_fmt(a, "%s/%s", folder, stream).p, &faults, &p);
    if (rc != RC_OK && faults.faults == 0)
        fault(v, "radio-logs", a, "stream %s: %s", stream, p.text[0] != '\0' ? p.text : rc_name(rc));
    arena_free(&a);
}

static bool is_log(int folder, const char *name) {
    struct stat st;
    return name[0] != '.' && strcmp(name, "sounds") != 0 && strcmp(name, "sessions") != 0 &&
           fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static enum rc logs_run(const struct verify_context *v) {
    struct arena *a = arena_new(1 << 16);
    const char *path = str_fmt(a, "%s/radio", v->dir).p;
    DIR *folder = opendir(path);
    enum rc rc = folder != NULL || errno == ENOENT ? RC_OK : RC_IO;
    for (const struct dirent *e = folder != NULL ? readdir(folder) : NULL; e != NULL; e = readdir(folder))
        if (is_log(dirfd(folder), e->d_name))
            log_run(v, path, e->d_name);
    if (folder != NULL)
        closedir(folder);
    arena_free(&a);
    return rc;
}

const struct verify_check radio_checks[] = {
    {"services", "services.json keeps every rule, and its files have the sound of their streams", services_run},
    {"radio-logs", "every stream's log is what its index vouches for", logs_run},
};
const size_t radio_check_count = sizeof radio_checks / sizeof radio_checks[0];
