// SPDX-License-Identifier: AGPL-3.0-or-later
// The log: one line per event on stderr, written by a single write so that lines of several processes do not mix; and
// the last words of a crashing process.
#include <errno.h>
#include <execinfo.h>
#include <signal.h>
#include <unistd.h>

#include "util/util.h"

enum { LINE_MAX_BYTES = 2048, FRAMES = 48 };

static const char *process_name = "siaran";
static enum log_level threshold = LOG_INFO;

void log_name(const char *process) {
    process_name = process;
}

void log_threshold(enum log_level least) {
    threshold = least;
}

static size_t put_prefix(char *line, enum log_level level) {
    static const char *const names[] = {"debug", "info", "warn", "error"};
    time_t now = (time_t)(clock_now_us() / US_PER_SECOND);
    struct tm t;
    gmtime_r(&now, &t);
    int n = snprintf(line, 128, "%04d-%02d-%02dT%02d:%02d:%02dZ %s %s: ", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday,
                     t.tm_hour, t.tm_min, t.tm_sec, names[level], process_name);
    return n < 0 ? 0 : n > 127 ? 127 : (size_t)n;
}

// Control bytes become \xNN, so that nothing from outside can forge a line of its own.
static size_t put_text(char *line, size_t at, const char *text) {
    for (; *text != '\0' && at < LINE_MAX_BYTES - 6; text++) {
        unsigned char c = (unsigned char)*text;
        if (c >= 0x20 && c != 0x7F) {
            line[at++] = (char)c;
        } else {
            line[at++] = '\\';
            line[at++] = 'x';
            hex_put(line + at, &c, 1);
            at += 2;
        }
    }
    return at;
}

void log_line(enum log_level level, const char *fmt, ...) {
    if (level < threshold)
        return;
    int saved = errno;
    char text[LINE_MAX_BYTES], line[LINE_MAX_BYTES];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    size_t at = put_prefix(line, level);
    at = put_text(line, at, n < 0 ? "(unprintable)" : text);
    line[at++] = '\n';
    (void)!write(STDERR_FILENO, line, at);
    errno = saved;
}

static void write_backtrace(int number) {
    static const char head[] = "crash: backtrace follows\n";
    void *frames[FRAMES];
    (void)!write(STDERR_FILENO, head, sizeof head - 1);
    backtrace_symbols_fd(frames, backtrace(frames, FRAMES), STDERR_FILENO);
    // The handler was installed for one signal only: this one ends the process as the kernel meant it.
    raise(number);
}

void log_backtrace_on_crash(void) {
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
    void *warm[1];
    (void)backtrace(warm, 1); // loads the unwinder now: in a handler it may not allocate
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct sigaction sa = {.sa_handler = write_backtrace, .sa_flags = (int)SA_RESETHAND | SA_NODEFER};
        sigaction(numbers[i], &sa, NULL);
    }
}
