// SPDX-License-Identifier: AGPL-3.0-or-later
// `siaran import DIR text FILE...`: articles, pages, sections and menus in the station text form, with the pictures
// they name given beside them. `import DIR page` is in import_page.c.
#include "main/command.h"
#include "main/import.h"
#include "news/news.h"

struct text_import {
    struct command_call *call;
    struct str text;
    struct station_text_setup setup;
    struct news_changes changes;
    struct problem problem;
};

static enum rc load_sent_file(void *arg, struct str name, struct buf *out) {
    const struct text_import *t = arg;
    const struct command_request *r = t->call->request;
    for (size_t i = 0; i < r->file_count; i++)
        if (str_eq(import_base_name(r->files[i].name), name)) {
            buf_str(out, r->files[i].bytes);
            return out->failed ? RC_TOO_BIG : RC_OK;
        }
    return RC_NOT_FOUND;
}

static enum rc write_text(struct db *db, void *arg) {
    struct text_import *t = arg;
    t->changes = (struct news_changes){0};
    return station_text_load(t->call->arena, db, t->text, &t->setup, &t->changes, &t->problem);
}

static enum exit_code import_text(struct command_call *call, const struct command_file *file) {
    struct text_import t = {.call = call, .text = file->bytes};
    t.setup = (struct station_text_setup){.dir = call->station->dir, .load_file = load_sent_file, .arg = &t};
    enum rc rc = store_write(call->station->store, STORE_DURABLE, write_text, &t);
    if (rc != RC_OK)
        return command_fail(call, exit_code_of(rc), "%.*s was %s: %s", STR_ARG(file->name),
                            rc == RC_IO ? "not stored" : "refused", exit_reason(rc, &t.problem));
    news_changes_raise(&t.changes);
    command_say(call, "%.*s imported", STR_ARG(file->name));
    return EXIT_DONE;
}

struct str import_base_name(struct str path) {
    size_t from = path.n;
    while (from > 0 && path.p[from - 1] != '/')
        from--;
    return str_slice(path, from, path.n);
}

static enum exit_code import_texts(struct command_call *call) {
    enum exit_code code = EXIT_DONE;
    for (size_t i = 0; i < call->request->file_count; i++) {
        const struct command_file *file = &call->request->files[i];
        command_progress(call, "files", i, call->request->file_count);
        if (!str_ends(file->name, STR(".txt")))
            continue;
        enum exit_code one = import_text(call, file);
        if (one != EXIT_DONE)
            code = one;
    }
    return code;
}

enum exit_code command_import(struct command_call *call) {
    const struct command_request *r = call->request;
    if (r->arg_count < 2 || r->file_count == 0)
        return command_fail(call, EXIT_USAGE, "an import needs a kind and files");
    if (str_eq(r->args[1], STR("text")))
        return import_texts(call);
    if (str_eq(r->args[1], STR("page")))
        return import_pages(call);
    if (str_eq(r->args[1], STR("comments")))
        return import_comments(call);
    return command_fail(call, EXIT_USAGE, "there is no kind of import \"%.*s\"; page, comments and text are known",
                        STR_ARG(r->args[1]));
}

// ---- the command line ----------------------------------------------------------------------------------------

static bool is_option(const char *word) {
    static const char *const options[] = {"--lang", "--section", "--old-id", "--site"};
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        if (strcmp(word, options[i]) == 0)
            return true;
    return false;
}

struct gathering {
    struct command_request *request;
    struct buf bytes[COMMAND_FILES_MAX];
    size_t total;
};

static enum exit_code add_file(struct gathering *g, const char *path) {
    struct command_request *r = g->request;
    struct problem problem = {""};
    if (r->file_count == COMMAND_FILES_MAX)
        return fail(EXIT_USAGE, "give at most %d files at a time", COMMAND_FILES_MAX);
    struct buf *bytes = &g->bytes[r->file_count];
    buf_init(bytes, COMMAND_FILE_BYTES);
    enum rc rc = file_read(path, bytes, &problem);
    if (rc != RC_OK)
        return fail(exit_code_of(rc), "%s", problem.text);
    g->total += bytes->n + strlen(path) + 8;
    r->files[r->file_count++] = (struct command_file){str_from(path), buf_view(bytes)};
    return g->total < COMMAND_BYTES
               ? EXIT_DONE
               : fail(EXIT_USAGE, "the files are more than %d MiB together; give fewer at a time", COMMAND_BYTES >> 20);
}

// Words: import, the kind, then the options with their values; everything else is a file.
static enum exit_code gather(const struct verb *verb, struct gathering *g, int argc, char **argv) {
    struct command_request *r = g->request;
    r->args[r->arg_count++] = STR("import");
    r->args[r->arg_count++] = str_from(argv[2]);
    for (int i = 3; i < argc; i++) {
        if (is_option(argv[i])) {
            if (i + 1 == argc || r->arg_count + 2 > COMMAND_ARGS_MAX)
                return verb_usage(verb, "%s needs a value", argv[i]);
            r->args[r->arg_count++] = str_from(argv[i]);
            r->args[r->arg_count++] = str_from(argv[++i]);
            continue;
        }
        if (strcmp(argv[i], "--new-section") == 0) {
            if (r->arg_count == COMMAND_ARGS_MAX)
                return verb_usage(verb, "these are too many options");
            r->args[r->arg_count++] = str_from(argv[i]);
            continue;
        }
        if (argv[i][0] == '-')
            return verb_usage(verb, "there is no option %s", argv[i]);
        enum exit_code code = add_file(g, argv[i]);
        if (code != EXIT_DONE)
            return code;
    }
    return r->file_count > 0 ? EXIT_DONE : verb_usage(verb, "name at least one file");
}

static bool is_kind(const char *word) {
    return strcmp(word, "page") == 0 || strcmp(word, "text") == 0 || strcmp(word, "comments") == 0;
}

enum exit_code verb_import(const struct verb *verb, int argc, char **argv) {
    if (argc < 4 || argv[1][0] == '-' || !is_kind(argv[2]))
        return verb_usage(verb, "give the station's directory, page, comments or text, and files");
    struct gathering *g = MEM_NEW(struct gathering);
    g->request = MEM_NEW(struct command_request);
    enum exit_code code = gather(verb, g, argc, argv);
    if (code == EXIT_DONE)
        code = command_send(argv[1], g->request);
    for (size_t i = 0; i < COMMAND_FILES_MAX; i++)
        buf_fini(&g->bytes[i]);
    mem_free(g->request);
    mem_free(g);
    return code;
}
