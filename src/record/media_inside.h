// SPDX-License-Identifier: AGPL-3.0-or-later
// What the files about media share (private to src/record).
#ifndef RECORD_MEDIA_INSIDE_H
#define RECORD_MEDIA_INSIDE_H

#include "record/record.h"

#define MEDIA_PATH_ROOM 4096

bool media_hash_is_plain(struct str sha256); // 64 lower-case hex digits
// The mark's name in DIR/tmp, and back. Only folder, hash and type of the file are filled.
bool media_mark_parse(struct str name, struct media_kept_file *out);
enum rc media_mark_make(const char *dir, const struct media_kept_file *f);
bool media_file_is_named(struct db *db, const struct media_kept_file *f); // by any row
// (derived) words of a medium, written again. In a write.
enum rc media_words_write(struct db *db, int64_t id) MUST_USE;
// Calls word(arg, w) for each different token of the three texts joined; `most` of them.
enum rc media_words_of(struct str text, enum rc (*word)(void *arg, struct str w), void *arg) MUST_USE;
// File name, credit and alternative texts of a medium, a line each.
enum rc media_text_of(struct arena *a, struct db *db, int64_t id, struct str *out) MUST_USE;

// Puts bytes in their place as media_shelf_put does, for our own drawings inside a write; their mark stays until the
// next start.
enum rc media_bytes_put(const char *dir, const struct media_kept_file *f, struct str bytes) MUST_USE;

// In the write of a replacement, before the rows change: what the medium has now becomes the newest of its earlier files,
// unless the new one is the same; what is too old is forgotten.
enum rc media_earlier_keep(struct db *db, int64_t id, const char *new_sha256, const struct audit_who *who) MUST_USE;
enum rc media_earlier_drop(struct db *db, int64_t id) MUST_USE; // all, with the medium itself

// verify_media.c
enum rc check_media_files(const struct verify_context *v);
enum rc check_media_hash(const struct verify_context *v);
enum rc check_media_sizes(const struct verify_context *v);
enum rc check_media_orphans(const struct verify_context *v);
enum rc check_media_words(const struct verify_context *v);

#endif
