// SPDX-License-Identifier: AGPL-3.0-or-later
// `siaran stat DIR`: what a served station's page cache did since it was started, one "name value" a line. From them
// follows how much a change cost: what is rendered again is counted in `renders`.
#include "main/command.h"
#include "render/render.h"

enum exit_code command_stat(struct command_call *call) {
    if (call->station->cache == NULL)
        return command_fail(call, EXIT_REFUSED, "%s is not served: it has no numbers", call->station->dir);
    struct page_cache_stats s;
    page_cache_get_stats(call->station->cache, &s);
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {{"pages", s.pages}, {"bytes", s.bytes},     {"hits", s.hits},  {"renders", s.renders},
                {"stale", s.stale}, {"evicted", s.evicted}, {"waits", s.waits}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        command_say(call, "%s %llu", rows[i].name, (unsigned long long)rows[i].value);
    return EXIT_DONE;
}

enum exit_code verb_stat(const struct verb *verb, int argc, char **argv) {
    if (argc != 2 || argv[1][0] == '-')
        return verb_usage(verb, "give the station's directory");
    struct command_request *request = MEM_NEW(struct command_request);
    request->args[0] = STR("stat");
    request->arg_count = 1;
    enum exit_code code = command_send(argv[1], request);
    mem_free(request);
    return code;
}
