// SPDX-License-Identifier: AGPL-3.0-or-later
// Referer fields: a host is a name in lower case, and found again when it is asked for as an address.
#include "record/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char room[REFERRER_HOST_BYTES], again[8 + REFERRER_HOST_BYTES], back[REFERRER_HOST_BYTES];
    struct str host = referrer_host((struct str){(const char *)data, size}, room);
    if (host.n == 0)
        return 0;
    for (size_t i = 0; i < host.n; i++)
        must(strchr("abcdefghijklmnopqrstuvwxyz0123456789-.", host.p[i]) != NULL && host.p[i] != '\0');
    memcpy(again, "https://", 8);
    memcpy(again + 8, host.p, host.n);
    struct str same = referrer_host((struct str){again, 8 + host.n}, back);
    must(str_eq(same, host) || str_starts(host, STR("www.")));
    return 0;
}
