// SPDX-License-Identifier: AGPL-3.0-or-later
// Any bytes as a template, for the compiler; and the same bytes as a value, for the writers behind its holes: what
// they write must hold no byte that could end the place it stands in.
#include "render/render.h"

int tmplc_main(int argc, char **argv);
#define main tmplc_main
#define fprintf(stream, ...) ((stream) == stderr ? 0 : fprintf(stream, __VA_ARGS__))
#include "tmplc.c"
#undef main
#define is_space place_is_space
#define is_letter place_is_letter
#include "tmplc_place.c"
#undef is_space
#include "tmplc_emit.c"
#include "tmplc_lex.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compile_bytes(const uint8_t *data, size_t size) {
    struct template all[2] = {
        {.file = "a.html",
         .relative = "a.html",
         .function = "tmpl_a",
         .source = (char *)(uintptr_t)data,
         .source_n = size},
        {.file = "b.html", .relative = "b.html", .function = "tmpl_b"},
    };
    compile(all, 2, &all[0]);
    must(all[0].failed || all[0].code_n > 0);
    free(all[0].code);
}

static void write_value(void (*write)(struct render_out *o, struct str s), struct str s, const char *never) {
    struct render_out o;
    render_out_init(&o, LANG_EN);
    write(&o, s);
    for (size_t i = 0; i < o.body.n; i++) {
        must(o.body.p[i] == '\0' || strchr(never, o.body.p[i]) == NULL);
    }
    render_out_fini(&o);
}

static void write_address(struct str s) {
    struct render_out o;
    render_out_init(&o, LANG_EN);
    render_url(&o, s);
    struct str out = buf_view(&o.body);
    size_t colon = out.n, end = 0;
    (void)str_find_char(out, ':', &colon);
    while (end < out.n && strchr("/?#", out.p[end]) == NULL) {
        end++;
    }
    struct str scheme = str_slice(out, 0, colon);
    must(colon == out.n || colon > end || str_eq_nocase(scheme, STR("http")) || str_eq_nocase(scheme, STR("https")) ||
         str_eq_nocase(scheme, STR("mailto")) || str_eq_nocase(scheme, STR("tel")));
    render_out_fini(&o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str s = {(const char *)data, size};
    compile_bytes(data, size);
    write_value(render_text, s, "<>");
    write_value(render_attr, s, "<>\"'");
    write_value(render_url, s, "<>\"' \t\n\r\\");
    write_value(render_url_query, s, "<>\"' &=#?/\\");
    write_value(render_srcset, s, "<>\"'\t\n\r\\");
    write_value(render_json, s, "<>&\n\r");
    write_address(s);
    struct render_out o;
    render_out_init(&o, LANG_EN);
    render_html(&o, html_stored(s));
    render_raw(&o, "x", 1);
    render_number(&o, -(int64_t)size);
    render_unsigned(&o, size);
    render_put_spot(&o, (struct render_spot){0});
    render_out_fini(&o);
    return 0;
}
