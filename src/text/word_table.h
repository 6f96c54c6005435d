// SPDX-License-Identifier: AGPL-3.0-or-later
// What tools/words makes of i18n/*.txt, for this folder only. In a form's text the byte 1 stands for the plural's
// number, 2 for {0}, 3 for {1}.
#ifndef TEXT_WORD_TABLE_H
#define TEXT_WORD_TABLE_H

#include "text/text.h"

enum {
    FORM_EXACT_0,
    FORM_EXACT_1,
    FORM_EXACT_2,
    FORM_ZERO,
    FORM_ONE,
    FORM_TWO,
    FORM_FEW,
    FORM_MANY,
    FORM_OTHER,
    FORM_COUNT
};
enum { WORD_USES_NUMBER = 1, WORD_USES_0 = 2, WORD_USES_1 = 4 };

struct word_row {
    unsigned uses;                // WORD_USES_...
    struct str forms[FORM_COUNT]; // p NULL = the language has no such form; plain texts have FORM_OTHER only
};

extern const struct str word_keys[W_COUNT];
extern const struct word_row word_rows[LANG_COUNT][W_COUNT];

#endif
