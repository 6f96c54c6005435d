// SPDX-License-Identifier: AGPL-3.0-or-later
// A new station is made in a folder beside the place where it will be, and moved there when it is whole (private to
// src/main): whoever looks finds a station or none, never half of one.
#ifndef MAIN_PATH_H
#define MAIN_PATH_H

#include "util/util.h"

// RC_OK when nothing or an empty folder is at path; RC_CONFLICT "there is already a station in DIR", RC_CONFLICT when
// other things are there.
enum rc path_is_free(const char *path, struct problem *p) MUST_USE;
// A new folder beside `path`, on the same disk; arena.
enum rc path_make_part(struct arena *a, const char *path, const char **part_out, struct problem *p) MUST_USE;
// Makes everything in `part` safe on disk and moves it to `path`.
enum rc path_finish_part(const char *part, const char *path, struct problem *p) MUST_USE;
void path_remove_tree(const char *path); // everything below, links not followed
// `path` made absolute by the working directory; arena.
const char *path_absolute(struct arena *a, const char *path);

#endif
