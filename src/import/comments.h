// SPDX-License-Identifier: AGPL-3.0-or-later
// What the readers of pages and of exports share about comments (private to src/import).
#ifndef IMPORT_COMMENTS_H
#define IMPORT_COMMENTS_H

#include "import/import.h"

// Name and words in the form that comment_is_sound asks for: no control characters, lines trimmed, not two empty ones in
// a row. False: there are no words, or too many.
bool import_comment_words(struct arena *a, struct str name, struct str body, struct imported_comment *out);

#endif
