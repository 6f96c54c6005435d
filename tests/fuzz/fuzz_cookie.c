// SPDX-License-Identifier: AGPL-3.0-or-later
// Cookie headers: a value found lies inside the header and holds only what a cookie may.
#include "http/cookie.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str header = {(const char *)data, size};
    struct str value = cookie_find(header, STR("s"));
    if (value.n > 0)
        must(value.p >= header.p && value.p + value.n <= header.p + header.n);
    for (size_t i = 0; i < value.n; i++)
        must(value.p[i] > 0x20 && value.p[i] < 0x7f && value.p[i] != ';');
    return 0;
}
