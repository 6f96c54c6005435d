// SPDX-License-Identifier: AGPL-3.0-or-later
// DIR/control: how the command line speaks with a station that is served (private to src/main). Only the station's own
// user and root get through. Numbers are big-endian.
//
//   request   "SIARAN01", u64 size of what follows; u32 words, each u32 size + bytes;
//             u32 files, each u32 size + name, u32 size + bytes
//   answer    frames of one byte kind, u32 size, bytes: kind 'l' line, 'e' error sentence, 'p' progress,
//             'x' exit code (one byte), which is the last
#ifndef MAIN_CONTROL_H
#define MAIN_CONTROL_H

#include "main/command.h"
#include "net/net.h"

enum { CONTROL_HEAD_BYTES = 16, CONTROL_LINE_MAX = 4096 };

// The size that a request's head announces. RC_INVALID: another protocol; RC_TOO_BIG.
enum rc control_head_parse(const uint8_t head[CONTROL_HEAD_BYTES], size_t *size_out) MUST_USE;
// The rest of the request; everything is borrowed from body. RC_INVALID on anything that does not fit exactly,
// RC_TOO_BIG above a limit of command.h.
enum rc control_parse(struct str body, struct command_request *out) MUST_USE;
void control_put(struct buf *out, const struct command_request *request); // head and all; check out->failed

// The address of DIR/control, also when the path is longer than a socket's name may be: then dir_fd (-1 else) keeps
// a short way to it open and is to be closed after use.
enum rc control_address(const char *dir, struct net_address *out, int *dir_fd_out, struct problem *p) MUST_USE;

// Answers requests one after another on a thread of its own until stopped.
struct control;
struct control *control_start(int listen_fd, struct station *station);
void control_stop(struct control **c); // after the command that runs now

// The client's side. RC_NOT_FOUND: nobody answers there.
enum rc control_send(const char *dir, const struct command_request *request, struct command_out *out,
                     enum exit_code *code_out, struct problem *p) MUST_USE;

// Whole reads and writes on a blocking descriptor; false at its end or on failure.
bool control_read_all(int fd, void *p, size_t n);
bool control_write_all(int fd, const void *p, size_t n);

#endif
