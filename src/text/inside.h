// SPDX-License-Identifier: AGPL-3.0-or-later
// What the files of this folder share: the languages' digits and plural forms, and text between UTF-8 and ICU's UTF-16.
#ifndef TEXT_INSIDE_H
#define TEXT_INSIDE_H

#include <unicode/utypes.h>

#include "text/text.h"

// Each is called once by text_start, in this order.
void number_start(void);
void words_start(void);
void date_start(void);
void fold_start(void);

const char *lang_locale(enum text_lang lang); // ICU's name, with the numerals: "ar@numbers=arab"

// Of number_write: 20 digits of 2 bytes and 6 separators of up to 3, and room for its last store of eight bytes.
enum { NUMBER_MAX_BYTES = 72 };

size_t number_write(enum text_lang lang, uint64_t n, char out[NUMBER_MAX_BYTES]); // grouped, in its digits
unsigned number_form(enum text_lang lang, uint64_t n);                            // FORM_ZERO .. FORM_OTHER

// UTF-16 in the arena, damaged bytes as U+FFFD. The count never exceeds the bytes given.
struct wide {
    UChar *p;
    int32_t n;
};
struct wide wide_from(struct arena *a, struct str s);
struct str wide_to(struct arena *a, const UChar *p, int32_t n);

#endif
