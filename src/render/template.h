// SPDX-License-Identifier: AGPL-3.0-or-later
// What the C that tools/tmplc writes is made of: for every kind of place in HTML a macro that chooses the writer by
// the type of the value. A type that may not stand there (html in an attribute, a bool as a hole) does not compile.
#ifndef RENDER_TEMPLATE_H
#define RENDER_TEMPLATE_H

#include "render/render.h"

#define TMPL_INTEGERS                                                                                                  \
    signed char : render_number,                                                                                       \
                  short : render_number,                                                                               \
                          int : render_number,                                                                         \
                                long : render_number,                                                                  \
                                       long long : render_number,                                                      \
                                                   unsigned char : render_number,                                      \
                                                                   unsigned short : render_number,                     \
                                                                                    unsigned : render_number,          \
                                                                                               unsigned long           \
        : render_unsigned,                                                                                             \
          unsigned long long : render_unsigned

#define TMPL_TEXT(o, x) _Generic((x), struct str : render_text, struct html : render_html, TMPL_INTEGERS)((o), (x))
#define TMPL_RCDATA(o, x) _Generic((x), struct str : render_text, TMPL_INTEGERS)((o), (x))
#define TMPL_ATTR(o, x) _Generic((x), struct str : render_attr, TMPL_INTEGERS)((o), (x))
#define TMPL_URL(o, x) _Generic((x), struct str : render_url)((o), (x))
#define TMPL_URL_PART(o, x) _Generic((x), TMPL_INTEGERS)((o), (x))
#define TMPL_URL_QUERY(o, x) _Generic((x), struct str : render_url_query, TMPL_INTEGERS)((o), (x))
#define TMPL_SRCSET(o, x) _Generic((x), struct str : render_srcset, TMPL_INTEGERS)((o), (x))
#define TMPL_SCRIPT(o, x) _Generic((x), struct str : render_script)((o), (x))
#define TMPL_JSON(o, x) _Generic((x), struct str : render_json, TMPL_INTEGERS)((o), (x))

// Lists are structs of many types that all begin alike; anything else of another size is refused.
struct tmpl_list {
    const void *items;
    size_t n;
};
#define TMPL_TRUTHS                                                                                                    \
    struct str : tmpl_str,                                                                                             \
                 struct html : tmpl_html,                                                                              \
                               struct render_spot : tmpl_spot,                                                         \
                                                    bool : tmpl_bool,                                                  \
                                                           signed char : tmpl_bytes,                                   \
                                                                         unsigned char : tmpl_bytes,                   \
                                                                                         short : tmpl_bytes,           \
                                                                                                 unsigned short        \
        : tmpl_bytes,                                                                                                  \
          int : tmpl_bytes,                                                                                            \
                unsigned : tmpl_bytes,                                                                                 \
                           long : tmpl_bytes,                                                                          \
                                  unsigned long : tmpl_bytes,                                                          \
                                                  long long : tmpl_bytes,                                              \
                                                              unsigned long long : tmpl_bytes
#define TMPL_TRUE(x) (_Generic((x), TMPL_TRUTHS, default : tmpl_list)(&(x), sizeof(x) + TMPL_MUST_BE_TRUTH(x)))
#define TMPL_MUST_BE_TRUTH(x)                                                                                          \
    (0 * sizeof(struct {                                                                                               \
         _Static_assert(_Generic((x), default                                                                          \
                                 : sizeof(x) == sizeof(struct tmpl_list), struct str : 1, struct html : 1,             \
                                   struct render_spot : 1, bool : 1, signed char : 1, unsigned char : 1, short : 1,    \
                                   unsigned short : 1, int : 1, unsigned : 1, long : 1, unsigned long : 1,             \
                                   long long : 1, unsigned long long : 1),                                             \
                        "an if takes text, html, numbers, bools, spots and lists");                                    \
         int unused;                                                                                                   \
     }))
static inline bool tmpl_str(const void *p, size_t size) {
    (void)size;
    return ((const struct str *)p)->n > 0;
}
static inline bool tmpl_html(const void *p, size_t size) {
    (void)size;
    return ((const struct html *)p)->s.n > 0;
}
static inline bool tmpl_spot(const void *p, size_t size) {
    (void)size;
    return ((const struct render_spot *)p)->phrase != NULL;
}
static inline bool tmpl_bool(const void *p, size_t size) {
    (void)size;
    return *(const bool *)p;
}
static inline bool tmpl_bytes(const void *p, size_t size) {
    static const unsigned char zero[sizeof(long long)];
    return memcmp(p, zero, size) != 0;
}
static inline bool tmpl_list(const void *p, size_t size) {
    struct tmpl_list list;
    must(size == sizeof(list));
    memcpy(&list, p, sizeof(list));
    return list.n > 0;
}

#endif
