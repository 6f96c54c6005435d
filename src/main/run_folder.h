// SPDX-License-Identifier: AGPL-3.0-or-later
// DIR/run as the parent meets it (private to src/main). The parent may be root and the folder is the station's user's, who
// could put a link there that leads anywhere: so each step goes by descriptor, and no link is followed.
#ifndef MAIN_RUN_FOLDER_H
#define MAIN_RUN_FOLDER_H

#include "util/util.h"

// Its descriptor, the caller's to close; -1 with errno.
int run_folder_open(const char *dir);
// Replaces a file there at once, and makes the folder where it is missing. Everybody who reaches the folder may read it, whatever the umask says.
enum rc run_file_write(const char *dir, const char *name, struct str text, struct problem *p) MUST_USE;

#endif
