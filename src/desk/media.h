// SPDX-License-Identifier: AGPL-3.0-or-later
// What the pages of the media library share (private to src/desk).
#ifndef DESK_MEDIA_H
#define DESK_MEDIA_H

#include "desk/page.h"

enum { MEDIA_GRID = 24 }; // entries a page

struct str media_address(struct desk_visit *v, int64_t id, const char *rest); // "/desk/media/IDrest"
// Its file's name; of one that came without (an import, the demo) its number, so that every link has words.
struct str media_title(struct desk_visit *v, const struct media_entry *e);
// How large it is: a picture in pixels, sound and video in time, a document in bytes.
struct str media_measure(struct desk_visit *v, const struct media_entry *e);
bool media_may_edit(const struct desk_visit *v, const struct media_entry *e);
// The narrowest size that every browser reads and that is at least `width` wide, else the widest; NULL: none.
const struct media_size *media_size_for(const struct media *m, int width);
// The picture of a form's part; none when there is no such entry, or nothing of it to be drawn.
void media_of_part(struct desk_visit *v, struct view_desk_field *part, int64_t id);

// Asks the decoder about a file that came with the request and puts it into the library, with its uploader's word on
// whose it is. RC_INVALID: it was not taken, and *why_out says why to the person who sent it.
enum rc media_take(struct desk_visit *v, const struct http_file *file, struct str credit, int64_t *id_out,
                   struct str *why_out) MUST_USE;
// The same with another's place: the files of entry `id`, whose newest version must be `version` (else RC_CONFLICT).
enum rc media_take_place(struct desk_visit *v, const struct http_file *file, int64_t id, int64_t version,
                         struct str *why_out) MUST_USE;

// The same with one of its own earlier files. RC_CONFLICT: also when it is none (any more).
enum rc media_take_back(struct desk_visit *v, int64_t earlier_id, int64_t id, int64_t version,
                        struct str *why_out) MUST_USE;

// A filter and a grid of entries, as the query in the address asks. `choose` NULL: each leads to its page; else to be
// chosen with a button of a form of that action, which carries `version`. kind 0: as asked.
struct media_grid {
    const char *path;   // of the page
    const char *choose; // action
    struct str version;
    int kind;
};
enum rc media_grid_show(struct desk_visit *v, struct view_desk_block *block, const struct media_grid *grid) MUST_USE;
// The fields of a form that uploads.
void media_file_field(struct desk_visit *v, struct view_desk_form *form, bool several);

#endif
