// SPDX-License-Identifier: AGPL-3.0-or-later
// What became of files that somebody uploaded: a page says it of all of them, and to script of one at a time, in JSON
// (private to src/desk).
#ifndef DESK_UPLOAD_H
#define DESK_UPLOAD_H

#include "desk/page.h"

// The name alone, also of who sent a whole path, and no longer than there is room for; "-": it has none.
struct str upload_name(const struct http_file *file);

struct upload_outcome {
    struct str name, why; // why not; empty: taken
    struct str address;   // of what it became
    struct str choice; // of the page's lists of files, one more, as it is called there; empty: there are no such lists
};
void uploads_show(struct desk_visit *v, struct view_desk_page *page, const struct upload_outcome *all, size_t count);
bool upload_wants_json(const struct desk_visit *v);
enum rc upload_json(struct desk_visit *v, const struct upload_outcome *one) MUST_USE;
// The field of a form that uploads; name: "files" for several.
struct view_desk_field *upload_field(struct desk_visit *v, struct view_desk_form *form, bool several, struct str accept,
                                     struct str hint);

#endif
