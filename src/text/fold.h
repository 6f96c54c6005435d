// SPDX-License-Identifier: AGPL-3.0-or-later
// Folding of one short word, without an arena; for this folder only.
#ifndef TEXT_FOLD_H
#define TEXT_FOLD_H

#include "text/inside.h"

enum { FOLD_SOURCE_MAX = 128, FOLD_MAX = 512 };

// Folds at most FOLD_SOURCE_MAX bytes; bytes written, 0 when nothing is left.
size_t fold_word(struct str s, char out[FOLD_MAX]);

#endif
