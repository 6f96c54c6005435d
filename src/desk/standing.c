// SPDX-License-Identifier: AGPL-3.0-or-later
// In which language somebody works on the station's own pages, and other small things these pages share.
#include "desk/standing.h"

bool standing_may(const struct desk_visit *v, enum staff_action action, enum text_lang lang) {
    struct staff_object object = {lang, 0, 0};
    return (v->site->languages & (1u << lang)) != 0 && staff_may(v->account, action, &object);
}

bool standing_lang(const struct desk_visit *v, enum staff_action action, struct str code, enum text_lang *out) {
    if (text_lang_find(code, out))
        return standing_may(v, action, *out);
    if (standing_may(v, action, v->account->desk_lang)) {
        *out = v->account->desk_lang;
        return true;
    }
    for (int l = 0; l < LANG_COUNT; l++)
        if (standing_may(v, action, (enum text_lang)l)) {
            *out = (enum text_lang)l;
            return true;
        }
    return false;
}

void standing_tabs(struct desk_visit *v, struct view_desk_page *page, enum staff_action action, const char *address,
                   enum text_lang lang) {
    for (int l = 0; l < LANG_COUNT; l++) {
        if (!standing_may(v, action, (enum text_lang)l))
            continue;
        struct str code = text_lang_code((enum text_lang)l);
        desk_link(v, &page->tabs, text_lang_name((enum text_lang)l), str_fmt(v->a, "%s%.*s", address, STR_ARG(code)),
                  STR_NONE);
        page->tabs.items[page->tabs.n - 1].current = l == (int)lang;
    }
}

struct str standing_address(struct desk_visit *v, int64_t id, const char *rest) {
    return str_fmt(v->a, "/desk/pages/%lld%s", (long long)id, rest);
}

struct str standing_number(struct desk_visit *v, int64_t n) {
    return str_fmt(v->a, "%lld", (long long)n);
}

void standing_fail(struct desk_visit *v, const struct problem *p) {
    v->said = desk_reason(v, p);
    v->said_is_problem = true;
}

int64_t standing_depth(const struct page *p) {
    int64_t depth = 1;
    for (size_t i = 0; i < p->path.n; i++)
        depth += p->path.p[i] == '/';
    return depth;
}
