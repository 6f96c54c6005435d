// SPDX-License-Identifier: AGPL-3.0-or-later
// Commands that read or change a station, served or stopped (private to src/main). The same function runs in the site
// process, asked through DIR/control, or in the command line's own process, which then holds the lock.
#ifndef MAIN_COMMAND_H
#define MAIN_COMMAND_H

#include "main/main.h"
#include "main/station.h"
#include "util/util.h"

enum {
    COMMAND_ARGS_MAX = 256,
    COMMAND_ARG_BYTES = 1 << 16,
    COMMAND_FILES_MAX = 1024,
    COMMAND_FILE_BYTES = 8 << 20,
    COMMAND_BYTES = 64 << 20, // a whole request
};

struct command_file {
    struct str name, bytes;
};
// What a command wants done: its words and the contents of the files named on the command line.
struct command_request {
    struct str args[COMMAND_ARGS_MAX]; // args[0]: the command's name
    size_t arg_count;
    struct command_file files[COMMAND_FILES_MAX];
    size_t file_count;
};

// Where a command's words go: to the terminal, or through the socket to it.
enum command_stream { COMMAND_LINE = 'l', COMMAND_ERROR = 'e', COMMAND_PROGRESS = 'p' };
struct command_out {
    void (*write)(struct command_out *out, enum command_stream stream, struct str text);
    int64_t started_us, shown_us; // of progress
};
struct command_call {
    struct station *station;
    const struct command_request *request;
    struct command_out *out;
    struct arena *arena;
};
struct command {
    const char *name;
    enum exit_code (*run)(struct command_call *call);
};

enum exit_code command_run(struct command_call *call); // by args[0]
void command_say(struct command_call *call, const char *fmt, ...) PRINTF_LIKE(2, 3);
enum exit_code command_fail(struct command_call *call, enum exit_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);
// Says how far it is, when it takes longer than a second and four times a second at most.
void command_progress(struct command_call *call, const char *what, uint64_t done, uint64_t total);
// The value behind "--name" in the request, or STR_NONE.
struct str command_option(const struct command_request *request, const char *name);

void command_out_terminal(struct command_out *out); // stdout, stderr; progress on stderr when it is a terminal

// From the command line: runs the request on the station in dir, through its control socket when it is served.
enum exit_code command_send(const char *dir, const struct command_request *request);
// The same on a stopped station whose lock the caller holds.
enum exit_code command_run_stopped(const char *dir, const struct command_request *request);

enum exit_code command_import(struct command_call *call);
enum exit_code command_article(struct command_call *call);
enum exit_code command_verify(struct command_call *call);
enum exit_code command_backup(struct command_call *call);
struct archive_progress;
// The same with somebody else's progress; the call's station may be served.
enum exit_code command_backup_write(struct command_call *call, const struct archive_progress *progress);
enum exit_code command_stat(struct command_call *call);
extern const struct verify_check radio_checks[]; // verify_radio.c
extern const size_t radio_check_count;
enum exit_code command_user(struct command_call *call);
enum exit_code command_service(struct command_call *call);

#endif
