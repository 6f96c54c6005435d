// SPDX-License-Identifier: AGPL-3.0-or-later
// `siaran import DIR page FILE... [--lang --section --old-id --site]`: saved item pages of the old K2 site. Each file is
// one article and one transaction; one that is no such page is refused with its reason, and nothing of it is stored.
#include "import/import.h"
#include "main/command.h"
#include "main/import.h"

struct page_import {
    struct command_call *call;
    struct arena *arena; // of one file
    const struct imported_page *page;
    struct import_page_target target;
    int64_t number;
    bool added;
    struct news_changes changes;
    struct problem problem;
};

static enum rc write_page(struct db *db, void *arg) {
    struct page_import *i = arg;
    i->changes = (struct news_changes){0};
    i->problem = (struct problem){""};
    return import_page_store(i->arena, db, i->page, &i->target, &i->number, &i->added, &i->changes, &i->problem);
}

static enum rc import_one(struct page_import *i, const struct command_file *file,
                          const struct import_page_setup *setup) {
    struct imported_page page;
    i->problem = (struct problem){""};
    enum rc rc = import_page(i->arena, file->bytes, setup, &page, &i->problem);
    if (rc != RC_OK)
        return rc;
    i->page = &page;
    rc = store_write(i->call->station->store, STORE_DURABLE, write_page, i);
    if (rc == RC_OK)
        news_changes_raise(&i->changes);
    i->page = NULL;
    return rc;
}

static enum exit_code read_options(struct command_call *call, struct page_import *i, struct import_page_setup *setup) {
    const struct command_request *r = call->request;
    struct str lang = command_option(r, "--lang"), old_id = command_option(r, "--old-id");
    setup->lang = call->station->default_lang;
    setup->zone = call->station->zone;
    if (lang.p != NULL && !text_lang_find(lang, &setup->lang))
        return command_fail(call, EXIT_USAGE, "--lang takes one of en id ar zh ja fr de es nl");
    if (old_id.p != NULL && (!str_to_i64(old_id, &setup->old_id) || setup->old_id <= 0))
        return command_fail(call, EXIT_USAGE, "--old-id takes the number of the old item");
    if (old_id.p != NULL && r->file_count != 1)
        return command_fail(call, EXIT_USAGE, "--old-id names one item, so give one file");
    struct str section = command_option(r, "--section");
    i->target = (struct import_page_target){
        .lang = setup->lang, .site = command_option(r, "--site"), .section = section, .make_section = section.n > 0};
    return EXIT_DONE;
}

enum exit_code import_pages(struct command_call *call) {
    const struct command_request *r = call->request;
    struct import_page_setup setup = {0};
    struct page_import *i = MEM_NEW(struct page_import);
    i->call = call;
    enum exit_code code = read_options(call, i, &setup);
    i->arena = arena_new((size_t)128 << 20);
    for (size_t f = 0; code != EXIT_USAGE && f < r->file_count; f++) {
        command_progress(call, "pages", f, r->file_count);
        const struct command_file *file = &r->files[f];
        enum rc rc = import_one(i, file, &setup);
        if (rc == RC_OK)
            command_say(call, "%.*s: article %lld %s", STR_ARG(file->name), (long long)i->number,
                        i->added ? "added" : "was there already");
        else
            code = command_fail(call, exit_code_of(rc), "%.*s was %s: %s", STR_ARG(file->name),
                                rc == RC_IO ? "not stored" : "refused", exit_reason(rc, &i->problem));
        arena_reset(i->arena);
    }
    arena_free(&i->arena);
    mem_free(i);
    return code;
}
