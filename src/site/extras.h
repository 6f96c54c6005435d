// SPDX-License-Identifier: AGPL-3.0-or-later
// What an article carries beside its text, as its page shows it.
#ifndef SITE_EXTRAS_H
#define SITE_EXTRAS_H

#include "site/visit.h"

// The pictures of a gallery; in the text edition only what leads to them.
struct view_images gallery_view(struct visit *v, struct str rows);
// Sounds, videos and documents into their places of the view.
void files_fill(struct visit *v, struct str rows, struct view_article *out);
// Number 0: there is no page for their frames yet, each leads to its own site.
void embeds_fill(struct visit *v, struct str rows, int64_t number, struct view_article *out);
// The station's own fields that this article fills in and readers see.
enum rc extra_fields_fill(struct visit *v, const struct article *art, struct view_article *out) MUST_USE;
// A page of what readers of the old site wrote, oldest first, from 1; `address` is the article's full page. RC_NOT_FOUND:
// there is no such page.
enum rc comments_fill(struct visit *v, int64_t number, struct str address, size_t page,
                      struct view_article *out) MUST_USE;

// The lines of a text that are not empty.
struct view_lines lines_view(struct visit *v, struct str text);

#endif
