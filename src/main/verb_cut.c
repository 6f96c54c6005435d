// SPDX-License-Identifier: AGPL-3.0-or-later
// `siaran cut DIR SERVICE[/STREAM] FROM TO OUT`: what was sent from one moment to another, to the frame. Readers of a log need
// no lock, so it is read by this very process, whether the station is served or not.
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "desk/services.h"
#include "main/main.h"

// "2026-11-23T13:00:00Z", "-1800" (so many seconds ago) or "now".
static bool moment_read(const char *word, int64_t now, int64_t *out) {
    uint64_t ago;
    if (strcmp(word, "now") == 0) {
        *out = now;
        return true;
    }
    if (word[0] != '-')
        return services_moment(str_from(word), out);
    if (!str_to_u64(str_from(word + 1), &ago) || ago > (uint64_t)(now / US_PER_SECOND))
        return false;
    *out = now - (int64_t)ago * US_PER_SECOND;
    return true;
}

// A service means its first stream; a stream may be named by itself, also one that is no more and whose log is left.
static enum rc stream_find(struct arena *a, const char *dir, struct str name, struct str *out, struct problem *p) {
    struct services services;
    struct str service;
    size_t slash;
    enum rc rc = services_load(a, dir, &services, p);
    if (rc != RC_OK)
        return rc;
    bool is_whole = str_find_char(name, '/', &slash);
    service = is_whole ? str_slice(name, 0, slash) : name;
    *out = is_whole ? str_slice(name, slash + 1, name.n) : STR_NONE;
    const struct service *s = services_find(&services, service);
    if (is_whole && s != NULL && service_stream_in((struct service *)(uintptr_t)s, *out) != NULL)
        return RC_OK;
    if (!is_whole && s != NULL && s->stream_count > 0) {
        *out = s->streams[0].name;
        return RC_OK;
    }
    *out = name;
    if (!is_whole && name.n > 0 && name.p[0] != '.' && file_exists(services_log_folder(a, dir, name)))
        return RC_OK;
    return problem_set(p, RC_NOT_FOUND, "there is no %s \"%.*s\"", is_whole ? "stream" : "service or stream",
                       STR_ARG(utf8_cut(name, 80)));
}

static enum exit_code tell(struct arena *a, const struct audio_log_cut *cut, bool is_stdout) {
    fprintf(is_stdout ? stderr : stdout, "%llu bytes, %lld.%03lld seconds, from %.*s to %.*s, %s%u\n",
            (unsigned long long)cut->bytes, (long long)(cut->lasts_us / US_PER_SECOND),
            (long long)(cut->lasts_us % US_PER_SECOND / 1000), STR_ARG(services_moment_text(a, cut->from_us)),
            STR_ARG(services_moment_text(a, cut->to_us)),
            "times something was left out or is missing: ", cut->left_out);
    return EXIT_DONE;
}

static enum exit_code write_cut(struct arena *a, const char *folder, struct audio_log_span span, const char *path) {
    struct audio_log_cut cut = {0};
    struct problem p = {""};
    bool is_stdout = strcmp(path, "-") == 0;
    int fd = is_stdout ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return errno == EEXIST ? fail(EXIT_REFUSED, "%s is there already", path)
                               : fail(EXIT_FAILED, "cannot write %s: %s", path, strerror(errno));
    enum rc rc = audio_log_cut(folder, span, fd, &cut, &p);
    if (rc == RC_OK && !is_stdout && fsync(fd) != 0 && errno != EINVAL)
        rc = problem_set(&p, RC_IO, "writing %s failed: %s", path, strerror(errno));
    if (!is_stdout)
        close(fd);
    if (rc == RC_OK)
        return tell(a, &cut, is_stdout);
    if (!is_stdout)
        (void)unlink(path);
    if (rc == RC_NOT_FOUND)
        return fail(EXIT_REFUSED, "nothing is kept of that time");
    return fail(rc == RC_INVALID ? EXIT_REFUSED : exit_code_of(rc), "%s", p.text[0] != '\0' ? p.text : rc_name(rc));
}

enum exit_code verb_cut(const struct verb *verb, int argc, char **argv) {
    if (argc != 6 || argv[1][0] == '-')
        return verb_usage(verb, "give the station's directory, a service, two moments and the file to write");
    struct arena *a = arena_new(64 << 20);
    struct audio_log_span span;
    struct str stream;
    struct problem p = {""};
    int64_t now = clock_now_us();
    enum exit_code code;
    enum rc rc = stream_find(a, argv[1], str_from(argv[2]), &stream, &p);
    if (rc != RC_OK)
        code = fail(rc == RC_NOT_FOUND || rc == RC_INVALID ? EXIT_REFUSED : exit_code_of(rc), "%s", p.text);
    else if (!moment_read(argv[3], now, &span.from_us) || !moment_read(argv[4], now, &span.to_us))
        code =
            fail(EXIT_USAGE, "a moment is written as 2026-11-23T13:00:00Z, as -1800 (so many seconds ago) or as now");
    else if (span.to_us <= span.from_us)
        code = fail(EXIT_USAGE, "it ends before it begins");
    else
        code = write_cut(a, services_log_folder(a, argv[1], stream), span, argv[5]);
    arena_free(&a);
    return code;
}
