// SPDX-License-Identifier: AGPL-3.0-or-later
// `siaran import DIR comments FILE... [--site NAME]`: what readers wrote on the old site, from an export of its table
// #__k2_comments. Rows go in by the hundred, each hundred one transaction; one that cannot be taken is named and left out,
// and the last line says what became of all.
#include "import/import.h"
#include "main/command.h"
#include "main/import.h"

enum { BATCH = 100, NAMED = 20 }; // rows that are left out are named so often, then only counted

struct comments_import {
    struct command_call *call;
    struct arena *arena; // of one batch
    struct str site;
    struct imported_comment rows[BATCH];
    unsigned lines[BATCH];
    enum rc results[BATCH];
    bool added[BATCH];
    size_t n;
    uint64_t read, new, known, lost; // of a file
    struct news_changes changes;
};

static enum rc write_batch(struct db *db, void *arg) {
    struct comments_import *i = arg;
    i->changes = (struct news_changes){0};
    for (size_t k = 0; k < i->n; k++) {
        i->results[k] = import_comment_place(i->arena, db, i->site, &i->rows[k], &i->added[k], &i->changes);
        if (i->results[k] == RC_IO)
            return RC_IO;
    }
    return RC_OK;
}

static void left_out(struct comments_import *i, const struct command_file *file, unsigned line, const char *why) {
    if (++i->lost <= NAMED)
        command_say(i->call, "%.*s, line %u left out: %s", STR_ARG(file->name), line, why);
}

static const char *why_not(enum rc rc) {
    return rc == RC_NOT_FOUND ? "its item was not imported"
           : rc == RC_TOO_BIG ? "its article has as many as may be"
                              : "it is not sound";
}

static enum rc store_batch(struct comments_import *i, const struct command_file *file) {
    enum rc rc = i->n > 0 ? store_write(i->call->station->store, STORE_DURABLE, write_batch, i) : RC_OK;
    if (rc == RC_OK && i->n > 0)
        news_changes_raise(&i->changes);
    for (size_t k = 0; k < i->n && rc == RC_OK; k++) {
        if (i->results[k] != RC_OK)
            left_out(i, file, i->lines[k], why_not(i->results[k]));
        else if (i->added[k])
            i->new ++;
        else
            i->known++;
    }
    i->n = 0;
    arena_reset(i->arena);
    return rc;
}

static enum rc import_one(struct comments_import *i, const struct command_file *file, struct problem *p) {
    struct import_comments reader;
    struct problem why = {""};
    enum rc one = RC_OK, rc = import_comments_begin(file->bytes, &reader, p);
    i->read = i->new = i->known = i->lost = 0;
    while (rc == RC_OK && import_comments_next(i->arena, &reader, &i->rows[i->n], &one, &why)) {
        i->read++;
        if (one != RC_OK)
            left_out(i, file, reader.at, why.text);
        else
            i->lines[i->n++] = reader.at;
        command_progress(i->call, "bytes of comments", file->bytes.n - reader.rest.n, file->bytes.n);
        if (i->n == BATCH)
            rc = store_batch(i, file);
    }
    return rc == RC_OK ? store_batch(i, file) : rc;
}

enum exit_code import_comments(struct command_call *call) {
    const struct command_request *r = call->request;
    enum exit_code code = EXIT_DONE;
    struct comments_import *i = MEM_NEW(struct comments_import);
    i->call = call;
    i->site = command_option(r, "--site");
    i->arena = arena_new((size_t)512 << 20);
    for (size_t f = 0; f < r->file_count; f++) {
        struct problem p = {""};
        enum rc rc = import_one(i, &r->files[f], &p);
        if (rc != RC_OK) {
            code = command_fail(call, exit_code_of(rc), "%.*s was %s: %s", STR_ARG(r->files[f].name),
                                rc == RC_IO ? "not stored" : "refused", exit_reason(rc, &p));
            continue;
        }
        command_say(call,
                    "%.*s: %llu comments read, %llu added, %llu were there already or deleted for good, %llu left out",
                    STR_ARG(r->files[f].name), (unsigned long long)i->read, (unsigned long long)i->new,
                    (unsigned long long)i->known, (unsigned long long)i->lost);
    }
    arena_free(&i->arena);
    mem_free(i);
    return code;
}
