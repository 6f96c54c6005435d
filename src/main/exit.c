// SPDX-License-Identifier: AGPL-3.0-or-later
// How a command that failed says so: a sentence on stderr and an exit code.
#include <stdarg.h>

#include "main/main.h"

enum exit_code exit_code_of(enum rc rc) {
    switch (rc) {
    case RC_OK:
        return EXIT_DONE;
    case RC_BUSY:
        return EXIT_BUSY;
    case RC_NOT_FOUND:
    case RC_GONE:
    case RC_CONFLICT:
    case RC_INVALID:
    case RC_TOO_BIG:
        return EXIT_REFUSED;
    case RC_DENIED:
    case RC_IO:
        break;
    }
    return EXIT_FAILED;
}

const char *exit_reason(enum rc rc, const struct problem *p) {
    if (p->text[0] != '\0')
        return p->text;
    return rc == RC_IO ? "writing to the database failed; is the disk full?" : rc_name(rc);
}

enum exit_code fail(enum exit_code code, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    fputs("siaran: ", stderr);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
    return code;
}

void verb_usage_put(FILE *out, const struct verb *verb) {
    const char *bar, *at = verb->usage;
    fprintf(out, "usage: siaran %s%s", verb->name, at[0] != '\0' ? " " : "");
    for (; (bar = strstr(at, " | ")) != NULL; at = bar + 3)
        fprintf(out, "%.*s |\n    ", (int)(bar - at), at);
    fprintf(out, "%s\n", at);
}

enum exit_code verb_usage(const struct verb *verb, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    fprintf(stderr, "siaran %s: ", verb->name);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
    verb_usage_put(stderr, verb);
    return EXIT_USAGE;
}
