// SPDX-License-Identifier: AGPL-3.0-or-later
// Forms: a field without a problem keeps what its rule promises.
#include "http/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct http_field_rule rules[] = {
    {"t", HTTP_FIELD_TEXT, true, 2, 20, "text"},     {"n", HTTP_FIELD_NUMBER, false, -5, 50, "number"},
    {"w", HTTP_FIELD_WORD, false, 1, 8, "word"},     {"d", HTTP_FIELD_DATE, false, 0, 0, "date"},
    {"s", HTTP_FIELD_WORDS, false, 0, 3, "several"}, {"r", HTTP_FIELD_LINES, false, 0, 4, "rows"},
};
static const struct http_form form = {rules, 6, 65536};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 65536)
        return 0;
    struct arena *a = arena_new(64 << 20);
    struct http_field f[6];
    bool ok = form_read(a, &form, (struct str){(const char *)data, size}, f);
    for (size_t i = 0; i < 6; i++) {
        must(utf8_valid(f[i].value) && (!ok || f[i].problem == NULL));
        must(f[i].value.n == 0 || memchr(f[i].value.p, '\0', f[i].value.n) == NULL);
    }
    if (ok)
        must(utf8_count(f[0].value) >= 2 && utf8_count(f[0].value) <= 20);
    must(utf8_valid(form_find(a, (struct str){(const char *)data, size}, STR("t"))));
    int64_t number;
    if (f[1].problem == NULL && str_trim(f[1].value).n > 0)
        must(str_to_i64(f[1].value, &number) && number >= -5 && number <= 50);
    arena_free(&a);
    return 0;
}
