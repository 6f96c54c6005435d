// SPDX-License-Identifier: AGPL-3.0-or-later
// `siaran import DIR comments FILE... [--site NAME]`: what readers wrote on the old site, from an export of its table
// #__k2_comments. A row that cannot be taken is named and left out, and the last line says what became of all.
#include "import/import.h"
#include "main/command.h"
#include "main/import.h"

enum { NAMED = 20 }; // rows that are left out are named so often, then only counted

struct comments_import {
    struct command_call *call;
    const struct command_file *file;
    unsigned named;
};

static void left_out(void *arg, unsigned line, enum import_fault why) {
    struct comments_import *i = arg;
    if (i->named++ < NAMED)
        command_say(i->call, "%.*s, line %u left out: %.*s", STR_ARG(i->file->name), line,
                    STR_ARG(text_word(LANG_EN, import_fault_word(why))));
}

static void progress(void *arg, size_t bytes) {
    const struct comments_import *i = arg;
    command_progress(i->call, "bytes of comments", bytes, i->file->bytes.n);
}

static enum exit_code import_one(struct command_call *call, const struct command_file *file, struct arena *a) {
    struct comments_import i = {.call = call, .file = file};
    struct import_comments_done done;
    const struct import_comments_order order = {.site = command_option(call->request, "--site"),
                                                .name = file->name,
                                                .left_out = left_out,
                                                .progress = progress,
                                                .arg = &i};
    struct problem p = {""};
    enum rc rc = import_comments_bring(a, call->station->store, file->bytes, &order, &done);
    if (done.fault != IMPORT_FINE)
        rc = problem_word(&p, RC_INVALID, import_fault_word(done.fault), 0, STR_NONE);
    if (rc != RC_OK)
        return command_fail(call, exit_code_of(rc), "%.*s was %s: %s", STR_ARG(file->name),
                            rc == RC_IO ? "not stored" : "refused", exit_reason(rc, &p));
    command_say(call,
                "%.*s: %llu comments read, %llu added, %llu were there already or deleted for good, %llu left out",
                STR_ARG(file->name), (unsigned long long)done.read, (unsigned long long)done.added,
                (unsigned long long)done.known, (unsigned long long)done.left_out);
    return EXIT_DONE;
}

enum exit_code import_comments(struct command_call *call) {
    const struct command_request *r = call->request;
    enum exit_code code = EXIT_DONE;
    struct arena *a = arena_new((size_t)512 << 20);
    for (size_t f = 0; f < r->file_count; f++) {
        enum exit_code one = import_one(call, &r->files[f], a);
        code = one != EXIT_DONE ? one : code;
    }
    arena_free(&a);
    return code;
}
