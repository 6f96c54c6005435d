// SPDX-License-Identifier: AGPL-3.0-or-later
// Accept-Language of any bytes gives an allowed language; the old site's date line gives a date or a refusal.
#include "text/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct text_zone *zone;
    struct str s = {(const char *)data, size};
    if (zone == NULL) {
        text_start();
        must(text_zone_find(STR("Europe/Berlin"), &zone) == RC_OK);
    }
    uint32_t allowed = size > 0 ? (uint32_t)data[0] | 1u << LANG_NL : 1u << LANG_NL;
    enum text_lang lang = text_lang_negotiate(s, allowed, LANG_NL);
    must((allowed >> lang & 1) == 1);
    int64_t at = 0;
    if (text_date_parse_k2(s, zone, LANG_FR, &at) == RC_OK)
        must(text_civil_of(zone, at).year <= 10000);
    return 0;
}
