// SPDX-License-Identifier: AGPL-3.0-or-later
// What the command line's verbs share (private to src/main): exit codes and the table of verbs. One verb, one file.
#ifndef MAIN_MAIN_H
#define MAIN_MAIN_H

#include "util/util.h"

#define SIARAN_VERSION "0.1.0"

// Documented in --help and in the man page.
enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,  // disk, memory, network: the sentence says what
    EXIT_USAGE = 2,   // the command line or the configuration file is wrong
    EXIT_REFUSED = 3, // what was given breaks a rule; nothing was changed
    EXIT_BUSY = 4,    // the station is in use by another process
    EXIT_DAMAGED = 5, // verify found faults
};
enum exit_code exit_code_of(enum rc rc);
// Why something failed, in words: the problem's own sentence where there is one. Borrowed from p, or static.
const char *exit_reason(enum rc rc, const struct problem *p);

// One clear sentence on stderr.
enum exit_code fail(enum exit_code code, const char *fmt, ...) PRINTF_LIKE(2, 3);

struct verb {
    const char *name;
    const char *usage;                                                     // what follows "siaran VERB"
    const char *help;                                                      // one line
    enum exit_code (*run)(const struct verb *verb, int argc, char **argv); // argv[0] is the verb
};
extern const struct verb verbs[];
extern const size_t verb_count;

void verb_usage_put(FILE *out, const struct verb *verb); // "usage: ...", each of several forms on a line of its own
enum exit_code verb_usage(const struct verb *verb, const char *fmt, ...) PRINTF_LIKE(2, 3); // EXIT_USAGE

enum exit_code verb_init(const struct verb *verb, int argc, char **argv);
enum exit_code verb_serve(const struct verb *verb, int argc, char **argv);
enum exit_code verb_import(const struct verb *verb, int argc, char **argv);
enum exit_code verb_article(const struct verb *verb, int argc, char **argv);
enum exit_code verb_user(const struct verb *verb, int argc, char **argv);
enum exit_code verb_service(const struct verb *verb, int argc, char **argv);
enum exit_code verb_cut(const struct verb *verb, int argc, char **argv);
enum exit_code verb_verify(const struct verb *verb, int argc, char **argv);
enum exit_code verb_backup(const struct verb *verb, int argc, char **argv);
enum exit_code verb_restore(const struct verb *verb, int argc, char **argv);
enum exit_code verb_stat(const struct verb *verb, int argc, char **argv);
enum exit_code verb_routes(const struct verb *verb, int argc, char **argv);
enum exit_code verb_bench_data(const struct verb *verb, int argc, char **argv);

#endif
