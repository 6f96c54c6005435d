// SPDX-License-Identifier: AGPL-3.0-or-later
// services.json (first byte even) and run/radio.json (odd), whoever wrote them: what is taken keeps every rule, and written
// again it is the same.
#include "service/service.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void services_try(struct arena *a, struct str json) {
    struct services first, again;
    struct problem p;
    struct buf b, c;
    if (services_parse(a, json, &first, &p) != RC_OK) {
        must(p.text[0] != '\0' && first.count == 0);
        return;
    }
    must(services_check(NULL, &first, &p) == RC_OK);
    buf_init(&b, 16 << 20);
    buf_init(&c, 16 << 20);
    services_write(&first, &b);
    if (b.n <= SERVICES_FILE_BYTES) {
        must(services_parse(a, buf_view(&b), &again, &p) == RC_OK);
        services_write(&again, &c);
        must(str_eq(buf_view(&b), buf_view(&c)));
    }
    buf_fini(&b);
    buf_fini(&c);
}

static void state_try(struct arena *a, struct str json) {
    struct service_state first, again;
    struct problem p;
    struct buf b;
    if (service_state_parse(a, json, &first, &p) != RC_OK) {
        must(p.text[0] != '\0' && first.count == 0);
        return;
    }
    buf_init(&b, 16 << 20);
    service_state_write(&first, &b);
    must(service_state_parse(a, buf_view(&b), &again, &p) == RC_OK && again.count == first.count);
    buf_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1)
        return 0;
    struct arena *a = arena_new(256 << 20);
    struct str json = {(const char *)data + 1, size - 1};
    if (data[0] % 2 == 0)
        services_try(a, json);
    else
        state_try(a, json);
    arena_free(&a);
    return 0;
}
