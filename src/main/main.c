// SPDX-License-Identifier: AGPL-3.0-or-later
// `siaran VERB DIR ...`: finds the verb in the table and runs it.
#include <fcntl.h>
#include <unistd.h>

#include "main/config.h"
#include "main/main.h"
#include "record/record.h"
#include "text/text.h"

static const char exit_codes[] = "Exit codes:\n"
                                 "  0  done\n"
                                 "  1  failed: disk, memory or network; the sentence on stderr says what\n"
                                 "  2  the command line or DIR/siaran.conf is wrong\n"
                                 "  3  refused: what was given breaks a rule, and nothing was changed\n"
                                 "  4  the station is in use by another process\n"
                                 "  5  verify found faults\n";

const struct verb verbs[] = {
    {"init", "DIR [--demo] [--name NAME] [--zone ZONE] [--languages \"en id\"]",
     "make a new station, empty or with the demo broadcaster", verb_init},
    {"serve", "DIR [--http ADDR:PORT] [--radio ADDR:PORT] [--clock FILE]", "serve a station until SIGTERM or Ctrl-C",
     verb_serve},
    {"import",
     "DIR page FILE... [--lang LANG] [--section SLUG [--new-section]] [--old-id N] [--site NAME] | DIR comments FILE... [--site NAME] | DIR text FILE...",
     "bring in saved K2 pages and comments, or articles and pages in the station text form", verb_import},
    {"article", "DIR correct|withdraw NUMBER --text TEXT", "correct or withdraw a published article, publicly",
     verb_article},
    {"user",
     "DIR add LOGIN --name NAME --role ROLE... [--lang LANG...] | reset LOGIN | block LOGIN | unblock LOGIN | list",
     "who may work at the station; add and reset print a link that sets a password, once", verb_user},
    {"service",
     "DIR list | show NAME | set NAME [KEY=VALUE...] | stream SERVICE STREAM [KEY=VALUE...] | source SERVICE STREAM SOURCE encoder|relay URL|file PATH | password SERVICE STREAM SOURCE | admin-password | addresses on|off | order SERVICE [STREAM [SOURCE]] PLACE | remove SERVICE [STREAM [SOURCE]] | mask|unmask|pin|unpin STREAM FROM TO | spans STREAM | check",
     "what can be tuned in to: services, their streams, and the sources that feed these", verb_service},
    {"cut", "DIR SERVICE[/STREAM] FROM TO OUT",
     "write what a stream sent between two moments (2026-11-23T13:00:00Z, -1800: seconds ago, now) into OUT, or - for stdout",
     verb_cut},
    {"verify", "DIR", "recompute everything that can be derived, and compare", verb_verify},
    {"backup", "DIR FILE", "write one consistent moment, counters and media included, into FILE", verb_backup},
    {"restore", "DIR FILE", "make a station from a backup", verb_restore},
    {"stat", "DIR", "what a served station's page cache did since it was started", verb_stat},
    {"routes", "[radio]", "list every address the station answers", verb_routes},
    {"bench-data", "DIR COUNT | --words", "make a station with COUNT invented articles, for measuring",
     verb_bench_data},
};
const size_t verb_count = sizeof verbs / sizeof verbs[0];

static enum exit_code show_help(void) {
    puts("Siaran serves a public broadcaster's website.\n\nusage: siaran VERB DIR ...   (DIR: the station's data "
         "directory)\n");
    for (size_t i = 0; i < verb_count; i++)
        printf("  %s%s%s\n      %s\n", verbs[i].name, verbs[i].usage[0] != '\0' ? " " : "", verbs[i].usage,
               verbs[i].help);
    printf(
        "  --help-config\n      every parameter of DIR/siaran.conf\n  --help, --version; VERB --help says what one verb takes"
        "\n\n%s",
        exit_codes);
    return EXIT_DONE;
}

static enum exit_code show_config(void (*write)(struct buf *out)) {
    struct buf text;
    buf_init(&text, 1 << 20);
    write(&text);
    fwrite(text.p, 1, text.n, stdout);
    buf_fini(&text);
    return EXIT_DONE;
}

static enum exit_code show_verb(const struct verb *verb) {
    verb_usage_put(stdout, verb);
    printf("\n%s.\nThe manual, man siaran, says more.\n\n%s", verb->help, exit_codes);
    return EXIT_DONE;
}

// The table's usage says which options a verb has, and which of them have a value behind them.
static bool is_option(const char *usage, const char *word, bool *has_value_out) {
    size_t n = strlen(word);
    for (const char *at = strstr(usage, word); n > 2 && at != NULL; at = strstr(at + n, word))
        if ((at == usage || strchr(" [|", at[-1]) != NULL) && (at[n] == '\0' || strchr(" ]|", at[n]) != NULL)) {
            *has_value_out = at[n] == ' ' && at[n + 1] != '[' && at[n + 1] != '|';
            return true;
        }
    return false;
}

// Anywhere but in the place of an option's value.
static bool asks_for_help(const struct verb *verb, int argc, char **argv) {
    bool has_value;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || (i == 1 && strcmp(argv[i], "-h") == 0))
            return true;
        if (argv[i][0] == '-' && is_option(verb->usage, argv[i], &has_value) && has_value)
            i++;
    }
    return false;
}

static enum exit_code check_options(const struct verb *verb, int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        bool has_value = false;
        if (argv[i][0] != '-' || argv[i][1] == '\0' || (argv[i][1] >= '0' && argv[i][1] <= '9')) // a number is none
            continue;
        if (!is_option(verb->usage, argv[i], &has_value))
            return verb_usage(verb, "there is no option %s", argv[i]);
        if (has_value && ++i == argc)
            return verb_usage(verb, "%s needs a value", argv[i - 1]);
    }
    return EXIT_DONE;
}

static enum exit_code run_verb(const struct verb *verb, int argc, char **argv) {
    if (asks_for_help(verb, argc, argv))
        return show_verb(verb);
    enum exit_code code = check_options(verb, argc, argv);
    return code == EXIT_DONE ? verb->run(verb, argc, argv) : code;
}

static enum exit_code run_word(const char *word, int argc, char **argv) {
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0)
        return show_help();
    if (strcmp(word, "--version") == 0) {
        puts("siaran " SIARAN_VERSION);
        return EXIT_DONE;
    }
    if (strcmp(word, "--help-config") == 0)
        return show_config(config_write_help);
    if (strcmp(word, "--help-config-man") == 0)
        return show_config(config_write_man);
    for (size_t i = 0; i < verb_count; i++)
        if (strcmp(word, verbs[i].name) == 0)
            return run_verb(&verbs[i], argc, argv);
    return fail(EXIT_USAGE, "there is no verb \"%s\"; siaran --help lists them", word);
}

// What is opened later must not become one of the three: a file would be written to as an output, or be kept by a child that
// closes all others.
static void fill_standard(void) {
    int fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd < STDERR_FILENO)
        fd = dup(fd);
    if (fd > STDERR_FILENO)
        close(fd);
}

int main(int argc, char **argv) {
    fill_standard();
    if (argc < 2)
        return (int)fail(EXIT_USAGE, "say what to do: siaran VERB DIR ...; siaran --help lists the verbs");
    log_name("siaran");
    log_backtrace_on_crash();
    hash_start();
    enum exit_code code = run_word(argv[1], argc - 1, argv + 1);
    // A full disk behind stdout is a failure too.
    if (fflush(stdout) != 0 && code == EXIT_DONE)
        code = fail(EXIT_FAILED, "writing the output failed");
    return (int)code;
}
