// SPDX-License-Identifier: AGPL-3.0-or-later
// The table of commands, and how they speak.
#include <errno.h>
#include <stdarg.h>
#include <unistd.h>

#include "main/command.h"

static const struct command commands[] = {
    {"import", command_import}, {"article", command_article}, {"verify", command_verify},   {"backup", command_backup},
    {"stat", command_stat},     {"user", command_user},       {"service", command_service},
};

enum exit_code command_run(struct command_call *call) {
    struct str name = call->request->arg_count > 0 ? call->request->args[0] : STR_NONE;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (str_eq(name, str_from(commands[i].name)))
            return commands[i].run(call);
    return command_fail(call, EXIT_USAGE, "there is no command \"%.*s\"", STR_ARG(name));
}

PRINTF_LIKE(3, 0)
PRINTF_LIKE(3, 0)
static void speak(struct command_call *call, enum command_stream stream, const char *fmt, va_list args) {
    char text[2048];
    int n = vsnprintf(text, sizeof text, fmt, args);
    if (n < 0)
        return;
    size_t size = (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    call->out->write(call->out, stream, utf8_cut((struct str){text, size}, size));
}

void command_say(struct command_call *call, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    speak(call, COMMAND_LINE, fmt, args);
    va_end(args);
}

enum exit_code command_fail(struct command_call *call, enum exit_code code, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    speak(call, COMMAND_ERROR, fmt, args);
    va_end(args);
    return code;
}

void command_progress(struct command_call *call, const char *what, uint64_t done, uint64_t total) {
    int64_t now = clock_mono_us();
    if (call->out->started_us == 0)
        call->out->started_us = now;
    if (now - call->out->started_us < US_PER_SECOND || now - call->out->shown_us < US_PER_SECOND / 4)
        return;
    call->out->shown_us = now;
    char text[200];
    int n = total > 0 ? snprintf(text, sizeof text, "%s: %llu of %llu", what, (unsigned long long)done,
                                 (unsigned long long)total)
                      : snprintf(text, sizeof text, "%s: %llu", what, (unsigned long long)done);
    if (n > 0 && (size_t)n < sizeof text)
        call->out->write(call->out, COMMAND_PROGRESS, (struct str){text, (size_t)n});
}

struct str command_option(const struct command_request *request, const char *name) {
    for (size_t i = 1; i + 1 < request->arg_count; i++)
        if (str_eq(request->args[i], str_from(name)))
            return request->args[i + 1];
    return STR_NONE;
}

// ---- the terminal --------------------------------------------------------------------------------------------

static void write_terminal(struct command_out *out, enum command_stream stream, struct str text) {
    bool terminal = isatty(STDERR_FILENO);
    if (stream == COMMAND_PROGRESS) {
        if (terminal)
            fprintf(stderr, "\r\033[K%.*s", STR_ARG(text));
        return;
    }
    // The line of progress gives way to what is said.
    if (terminal && out->shown_us != 0)
        fputs("\r\033[K", stderr);
    out->shown_us = 0;
    if (stream == COMMAND_LINE)
        printf("%.*s\n", STR_ARG(text));
    else
        fprintf(stderr, "siaran: %.*s\n", STR_ARG(text));
}

void command_out_terminal(struct command_out *out) {
    *out = (struct command_out){.write = write_terminal};
}

enum exit_code command_run_stopped(const char *dir, const struct command_request *request) {
    struct station station;
    struct problem problem = {""};
    station_start();
    enum rc rc = station_open(&station, dir, false, &problem);
    if (rc != RC_OK)
        return fail(exit_code_of(rc), "%s", problem.text);
    struct command_out out;
    command_out_terminal(&out);
    struct command_call call = {
        .station = &station, .request = request, .out = &out, .arena = arena_new((size_t)1 << 30)};
    enum exit_code code = command_run(&call);
    if (isatty(STDERR_FILENO) && out.shown_us != 0)
        fputs("\r\033[K", stderr);
    arena_free(&call.arena);
    station_close(&station);
    return code;
}
