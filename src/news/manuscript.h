// SPDX-License-Identifier: AGPL-3.0-or-later
// What the files about manuscripts share.
#ifndef NEWS_MANUSCRIPT_H
#define NEWS_MANUSCRIPT_H

#include "news/internal.h"

_Static_assert(MANUSCRIPT_DRAFT == 1 && MANUSCRIPT_REVIEW == 2 && MANUSCRIPT_OUT == 3 && MANUSCRIPT_WITHDRAWN == 4 &&
                   MANUSCRIPT_ARCHIVED == 5,
               "the SQL of src/news says so");

// All columns of `manuscripts m`.
#define MANUSCRIPT_COLUMNS                                                                                             \
    "m.id, m.number, m.lang, m.section_id, m.state, m.headline, m.version, m.published_version, m.publish_at, "        \
    "m.owner_id, m.owner_name, m.created_at, m.saved_at, m.saved_by, m.saved_by_name, m.translation_group, "           \
    "m.source_id, m.source_version, m.lease_account, m.lease_name, m.lease_session, m.lease_until, m.stale "
void manuscript_read(struct arena *a, struct db_stmt *st, struct manuscript *out);

// Replaces the row's saved_* columns and what is derived from the content, and adds the version. In a write.
struct version_new {
    int64_t manuscript_id, version, at_us;
    enum version_kind kind;
    const struct audit_who *who;
    enum text_lang lang;
};
enum rc version_add(struct arena *a, struct db *db, const struct version_new *v, const struct content *content);
// After what the public has of a text changed: which of its translations are behind it now. In a write.
enum rc translations_mark(struct db *db, int64_t source_id);
// After its state, its version or its published version changed: does the desk have newer words than readers? In a write.
enum rc ahead_mark(struct db *db, int64_t id);
enum rc manuscript_audit(struct db *db, const struct audit_who *who, const char *verb, int64_t id, struct str before,
                         struct str after);

#endif
