// SPDX-License-Identifier: AGPL-3.0-or-later
// `siaran verify DIR`: recomputes everything that can be derived, one line a check, and names each fault.
#include "audience/audience.h"
#include "main/command.h"
#include "news/news.h"
#include "staff/staff.h"

struct tally {
    struct command_call *call;
    uint64_t faults;
};

static void report_fault(void *arg, const char *check, struct str text) {
    struct tally *t = arg;
    t->faults++;
    command_say(t->call, "FAULT %s %.*s", check, STR_ARG(text));
}

static enum rc run_check(struct command_call *call, const struct verify_check *check, uint64_t *faults) {
    struct tally tally = {.call = call};
    struct verify_context context = {.db = call->station->db,
                                     .dir = call->station->dir,
                                     .counters = call->station->counters,
                                     .fault = report_fault,
                                     .arg = &tally};
    enum rc rc = check->run(&context);
    if (rc != RC_OK)
        report_fault(&tally, check->name, str_fmt(call->arena, "the check could not be made (%s)", rc_name(rc)));
    if (tally.faults == 0)
        command_say(call, "ok    %s  %s", check->name, check->purpose);
    *faults += tally.faults;
    return rc;
}

enum exit_code command_verify(struct command_call *call) {
    const struct {
        const struct verify_check *checks;
        size_t count;
    } lists[] = {
        {record_checks, record_check_count}, {news_checks, news_check_count},         {staff_checks, staff_check_count},
        {radio_checks, radio_check_count},   {audience_checks, audience_check_count},
    };
    uint64_t faults = 0;
    size_t all = 0, done = 0;
    call->out->started_us = clock_mono_us();
    for (size_t l = 0; l < sizeof lists / sizeof lists[0]; l++)
        all += lists[l].count;
    for (size_t l = 0; l < sizeof lists / sizeof lists[0]; l++)
        for (size_t i = 0; i < lists[l].count; i++) {
            command_progress(call, lists[l].checks[i].name, done++, all);
            // A check that could not be made is a fault of its own and has been told.
            (void)run_check(call, &lists[l].checks[i], &faults);
        }
    if (faults == 0)
        return EXIT_DONE;
    return command_fail(call, EXIT_DAMAGED, "the station has %llu fault%s", (unsigned long long)faults,
                        faults == 1 ? "" : "s");
}

enum exit_code verb_verify(const struct verb *verb, int argc, char **argv) {
    if (argc != 2 || argv[1][0] == '-')
        return verb_usage(verb, "give the station's directory");
    struct command_request *request = MEM_NEW(struct command_request);
    request->args[0] = STR("verify");
    request->arg_count = 1;
    enum exit_code code = command_send(argv[1], request);
    mem_free(request);
    return code;
}
