// SPDX-License-Identifier: AGPL-3.0-or-later
// What the audit's rows, its journal and its check share (private to src/record).
#ifndef RECORD_AUDIT_H
#define RECORD_AUDIT_H

#include "record/record.h"

#define AUDIT_JOURNAL_PATH "journal/audit-heads" // in DIR

// The hash of a row, from the one before (zeros before the first).
void audit_hash(const struct digest *before, const struct audit_entry *entry, struct digest *out);
// Goes up with every row added in this process, kept or rolled back: unchanged means that no head can be new.
uint64_t audit_added(void);
// The newest row's number and hash; 0 and zeros of an empty log.
enum rc audit_newest(struct db *db, int64_t *number_out, struct digest *hash_out) MUST_USE;
// Reads "NUMBER HASH".
bool audit_head_parse(struct str text, int64_t *number_out, struct digest *hash_out);
// The row a statement stands at, of the columns number, at, account_id, who, verb, kind, thing_id, before, after;
// texts are borrowed from it.
struct audit_entry audit_row(struct db_stmt *st);

enum rc audit_check(const struct verify_context *v) MUST_USE;  // "audit-chain"
enum rc outbox_check(const struct verify_context *v) MUST_USE; // "outbox"

// Tells one fault of a check, formatted. (verify.c)
void verify_fault(const struct verify_context *v, const char *check, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
