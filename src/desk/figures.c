// SPDX-License-Identifier: AGPL-3.0-or-later
#include "desk/figures.h"

bool figures_day_take(struct desk_visit *v, const char *name, int64_t *out) {
    struct str day = desk_field(v, name);
    uint64_t y = 0, m = 0, d = 0;
    if (day.n == 0)
        return true;
    if (day.n != 10 || !str_to_u64(str_slice(day, 0, 4), &y) || !str_to_u64(str_slice(day, 5, 7), &m) ||
        !str_to_u64(str_slice(day, 8, 10), &d))
        return false;
    *out = text_day_of((struct text_civil){.year = (int)y, .month = (int)m, .day = (int)d});
    return true;
}

struct str figures_day_field(struct desk_visit *v, int64_t day) {
    struct text_civil c = text_day_civil(day);
    return str_fmt(v->a, "%04d-%02d-%02d", c.year, c.month, c.day);
}

void figures_csv_text(struct buf *b, struct str s) {
    bool formula = s.n > 0 && strchr("=+-@\t\r", s.p[0]) != NULL;
    buf_c(b, "\"");
    if (formula)
        buf_c(b, "'");
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            buf_c(b, "\"");
        buf_char(b, s.p[i]);
    }
    buf_c(b, "\"");
}

void figures_csv_send(struct desk_visit *v, struct http_reply *reply, struct str name) {
    reply->status = 200;
    reply->content_type = STR("text/csv; charset=utf-8; header=present");
    http_reply_header(reply, "Content-Disposition", str_fmt(v->a, "attachment; filename=\"%.*s\"", STR_ARG(name)));
}
