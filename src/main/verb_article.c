// SPDX-License-Identifier: AGPL-3.0-or-later
// `siaran article DIR correct|withdraw NUMBER --text TEXT`: attaches a public correction to an article, or withdraws
// it and leaves the notice at its address.
#include "main/command.h"
#include "news/news.h"

enum { TEXT_MAX = 2000 };

struct edit {
    struct arena *arena;
    int64_t number;
    struct str text;
    bool withdraw;
    struct news_changes changes;
    struct problem problem;
};

static enum rc write_edit(struct db *db, void *arg) {
    struct edit *e = arg;
    e->changes = (struct news_changes){0};
    int64_t now = clock_now_us();
    return e->withdraw ? article_withdraw(e->arena, db, e->number, e->text, now, &e->changes, &e->problem)
                       : article_correct(e->arena, db, e->number, e->text, now, &e->changes, &e->problem);
}

static bool text_ok(struct str text) {
    return text.n > 0 && text.n <= TEXT_MAX && utf8_valid(text) && memchr(text.p, '\0', text.n) == NULL;
}

enum exit_code command_article(struct command_call *call) {
    const struct command_request *r = call->request;
    struct edit edit = {.arena = call->arena, .text = str_trim(command_option(r, "--text"))};
    if (r->arg_count != 5 || !str_to_i64(r->args[2], &edit.number) || edit.number <= 0)
        return command_fail(call, EXIT_USAGE, "an article is named by its number");
    edit.withdraw = str_eq(r->args[1], STR("withdraw"));
    if (!edit.withdraw && !str_eq(r->args[1], STR("correct")))
        return command_fail(call, EXIT_USAGE, "an article can be corrected or withdrawn");
    if (!text_ok(edit.text))
        return command_fail(call, EXIT_REFUSED, "--text takes what readers are told, 1 to %d bytes of UTF-8", TEXT_MAX);
    enum rc rc = store_write(call->station->store, STORE_DURABLE, write_edit, &edit);
    if (rc == RC_NOT_FOUND)
        return command_fail(call, EXIT_REFUSED, "there is no article %lld", (long long)edit.number);
    if (rc == RC_GONE || rc == RC_CONFLICT)
        return command_fail(call, EXIT_REFUSED, "article %lld is not published, or withdrawn already",
                            (long long)edit.number);
    if (rc != RC_OK)
        return command_fail(call, exit_code_of(rc), "article %lld was not changed: %s", (long long)edit.number,
                            exit_reason(rc, &edit.problem));
    news_changes_raise(&edit.changes);
    command_say(call, "article %lld %s", (long long)edit.number, edit.withdraw ? "withdrawn" : "corrected");
    return EXIT_DONE;
}

enum exit_code verb_article(const struct verb *verb, int argc, char **argv) {
    if (argc != 6 || argv[1][0] == '-')
        return verb_usage(verb, "give the station's directory, what to do, the article's number and --text");
    struct command_request *request = MEM_NEW(struct command_request);
    request->args[0] = STR("article");
    for (int i = 2; i < argc; i++)
        request->args[i - 1] = str_from(argv[i]);
    request->arg_count = (size_t)argc - 1;
    enum exit_code code = command_send(argv[1], request);
    mem_free(request);
    return code;
}
