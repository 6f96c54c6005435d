// SPDX-License-Identifier: AGPL-3.0-or-later
// Dates: what is read is written in the one form, and that reads back the same.
#include "http/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int64_t at, back;
    char out[HTTP_DATE_BYTES];
    if (!http_date_get((struct str){(const char *)data, size}, &at) || at < 0)
        return 0;
    http_date_put(out, at);
    if (at < INT64_C(253402300800) * US_PER_SECOND)
        must(http_date_get((struct str){out, sizeof(out)}, &back) && back == at);
    return 0;
}
