// SPDX-License-Identifier: AGPL-3.0-or-later
// Result codes by name, and sentences for people.
#include "util/util.h"

const char *rc_name(enum rc rc) {
    switch (rc) {
    case RC_OK:
        return "ok";
    case RC_NOT_FOUND:
        return "not_found";
    case RC_GONE:
        return "gone";
    case RC_CONFLICT:
        return "conflict";
    case RC_INVALID:
        return "invalid";
    case RC_DENIED:
        return "denied";
    case RC_BUSY:
        return "busy";
    case RC_TOO_BIG:
        return "too_big";
    case RC_IO:
        return "io";
    }
    must_fail("a result code of the enum", __FILE__, __LINE__);
}

enum rc problem_set(struct problem *p, enum rc rc, const char *fmt, ...) {
    if (p == NULL)
        return rc;
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(p->text, sizeof p->text, fmt, args);
    va_end(args);
    must(n >= 0);
    if ((size_t)n >= sizeof p->text) {
        struct str cut = utf8_cut((struct str){p->text, sizeof p->text - 1}, sizeof p->text - 1);
        p->text[cut.n] = '\0';
    }
    p->text[sizeof p->text - 1] = '\0';
    return rc;
}

void must_fail(const char *cond, const char *file, int line) {
    log_error("this cannot happen: %s (%s:%d)", cond, file, line);
    abort();
}
