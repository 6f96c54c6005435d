// SPDX-License-Identifier: AGPL-3.0-or-later
// The old site's date line, from any bytes: refused, or a moment of the zone; what we write for that moment in English
// is read back as the same minute.
#include "text/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct text_zone *zone;
    if (zone == NULL) {
        text_start();
        must(text_zone_find(STR("Asia/Jakarta"), &zone) == RC_OK);
    }
    if (size == 0)
        return 0;
    int64_t at = 0, back = 0;
    struct str line = {(const char *)data + 1, size - 1};
    if (text_date_parse_k2(line, zone, (enum text_lang)(data[0] % LANG_COUNT), &at) != RC_OK)
        return 0;
    must(text_civil_of(zone, at).year <= 9999);
    struct arena *a = arena_new(1 << 16);
    struct str written = text_date(a, LANG_EN, zone, at, DATE_FULL);
    must(text_date_parse_k2(written, zone, LANG_EN, &back) == RC_OK && back == at);
    arena_free(&a);
    return 0;
}
