// SPDX-License-Identifier: AGPL-3.0-or-later
// The kinds of import share the command (private to src/main).
#ifndef MAIN_IMPORT_H
#define MAIN_IMPORT_H

#include "main/command.h"

enum exit_code import_pages(struct command_call *call);
enum exit_code import_comments(struct command_call *call);
struct str import_base_name(struct str path); // borrowed

#endif
