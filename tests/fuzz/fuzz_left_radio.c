// SPDX-License-Identifier: AGPL-3.0-or-later
// Any bytes as run/radio.lock: what is taken has a port, a moment, and the terms that were asked for.
#include "main/left_radio.c"
#include "main/run_folder.c"
#include "main/serve.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct str terms = {"asked 8000\n", sizeof "asked 8000\n" - 1};
    struct str text = {(const char *)data, size};
    struct left_radio left;
    if (!left_radio_parse(text, terms, &left))
        return 0;
    must(serve_port(&left.bound) != 0 && left.since_us >= 0 && text.n > terms.n);
    must(str_eq(str_slice(text, text.n - terms.n, text.n), terms));
    return 0;
}
