// SPDX-License-Identifier: AGPL-3.0-or-later
// The text of a backup's MANIFEST (private to src/main). Writer and checker make it by the same calls and compare.
#ifndef MAIN_MANIFEST_H
#define MAIN_MANIFEST_H

#include "util/util.h"

void manifest_begin(struct buf *m);
void manifest_add(struct buf *m, const struct digest *digest, int64_t size, const char *name);
// audit_head: the newest row of the audit log (audit_head); empty: none.
void manifest_end(struct buf *m, struct str audit_head);
// The head that stands in a manifest, borrowed; empty: none.
struct str manifest_audit_head(struct str manifest);

#endif
