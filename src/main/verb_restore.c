// SPDX-License-Identifier: AGPL-3.0-or-later
// `siaran restore DIR FILE`: a new station from a backup. The file is read twice: once to see that it is whole, once
// to unpack it beside DIR; only then does DIR appear, and everything derived is verified.
#include <unistd.h>

#include "main/archive.h"
#include "main/command.h"
#include "main/lock.h"
#include "main/path.h"

struct tally {
    int64_t started_us, shown_us;
    uint64_t done;
};

static bool count_bytes(void *arg, uint64_t bytes) {
    struct tally *t = arg;
    t->done += bytes;
    int64_t now = clock_mono_us();
    if (!isatty(STDERR_FILENO) || now - t->started_us < US_PER_SECOND || now - t->shown_us < US_PER_SECOND / 4)
        return true;
    t->shown_us = now;
    fprintf(stderr, "\r\033[K%llu KiB read", (unsigned long long)(t->done >> 10));
    return true;
}

static enum rc restore(struct arena *a, const char *dir, const char *file, struct problem *p) {
    struct tally tally = {.started_us = clock_mono_us()};
    struct archive_progress progress = {.step = count_bytes, .arg = &tally};
    const char *part = NULL;
    enum rc rc = path_is_free(dir, p);
    if (rc == RC_OK)
        rc = archive_check(file, &progress, p);
    if (rc == RC_OK)
        rc = path_make_part(a, dir, &part, p);
    if (rc == RC_OK)
        rc = archive_unpack(file, part, &progress, p);
    if (rc == RC_OK)
        rc = path_finish_part(part, dir, p);
    if (rc != RC_OK && part != NULL)
        path_remove_tree(part);
    if (tally.shown_us != 0)
        fputs("\r\033[K", stderr);
    return rc;
}

static enum exit_code verify_restored(const char *dir) {
    struct command_request *request = MEM_NEW(struct command_request);
    request->args[0] = STR("verify");
    request->arg_count = 1;
    enum exit_code code = command_send(dir, request);
    mem_free(request);
    return code;
}

enum exit_code verb_restore(const struct verb *verb, int argc, char **argv) {
    struct problem problem = {""};
    if (argc != 3 || argv[1][0] == '-' || argv[2][0] == '-')
        return verb_usage(verb, "give the directory to make and the backup's file");
    struct arena *a = arena_new(1 << 20);
    enum rc rc = restore(a, argv[1], argv[2], &problem);
    arena_free(&a);
    if (rc != RC_OK)
        return fail(exit_code_of(rc), "%s", problem.text);
    return verify_restored(argv[1]);
}
