// SPDX-License-Identifier: AGPL-3.0-or-later
// `siaran import DIR page FILE... [--lang --section --new-section --old-id --site]`: saved item pages of the old K2 site. Each file is
// one article and one transaction; one that is no such page is refused with its reason, and nothing of it is stored.
#include "import/import.h"
#include "main/command.h"
#include "main/import.h"

struct page_import {
    struct command_call *call;
    struct arena *arena; // of one file
    struct import_page_target target;
};

static bool has_word(const struct command_request *r, const char *word) {
    for (size_t i = 1; i < r->arg_count; i++)
        if (str_eq(r->args[i], str_from(word)))
            return true;
    return false;
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
    i->target = (struct import_page_target){.lang = setup->lang,
                                            .site = command_option(r, "--site"),
                                            .section = command_option(r, "--section"),
                                            .make_section = has_word(r, "--new-section")};
    if (i->target.make_section && i->target.section.n == 0)
        return command_fail(call, EXIT_USAGE, "--new-section goes with --section, which names it");
    struct problem problem = {""};
    enum rc rc = import_page_target_check(call->arena, call->station->db, &i->target, &problem);
    return rc == RC_OK ? EXIT_DONE
                       : command_fail(call, exit_code_of(rc), "nothing was imported: %s%s", exit_reason(rc, &problem),
                                      i->target.section.n > 0 ? " With --new-section it is made." : "");
}

enum exit_code import_pages(struct command_call *call) {
    const struct command_request *r = call->request;
    struct import_page_setup setup = {0};
    struct page_import *i = MEM_NEW(struct page_import);
    i->call = call;
    enum exit_code code = read_options(call, i, &setup);
    i->arena = arena_new((size_t)128 << 20);
    size_t count = code == EXIT_DONE ? r->file_count : 0;
    for (size_t f = 0; f < count; f++) {
        command_progress(call, "pages", f, count);
        const struct command_file *file = &r->files[f];
        struct import_page_done done;
        enum rc rc = import_page_bring(i->arena, call->station->store, file->bytes, &setup, &i->target, NULL, &done);
        if (rc == RC_OK)
            command_say(call, "%.*s: article %lld %s", STR_ARG(file->name), (long long)done.number,
                        done.added ? "added" : "was there already");
        else
            code = command_fail(call, exit_code_of(rc), "%.*s was %s: %s", STR_ARG(file->name),
                                rc == RC_IO ? "not stored" : "refused", exit_reason(rc, &done.problem));
        arena_reset(i->arena);
    }
    arena_free(&i->arena);
    mem_free(i);
    return code;
}
