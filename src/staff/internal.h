// SPDX-License-Identifier: AGPL-3.0-or-later
// What the files of src/staff share.
#ifndef STAFF_INTERNAL_H
#define STAFF_INTERNAL_H

#include "staff/staff.h"

// Text that only its holder knows: 32 random bytes as 43 characters of base64url. The database keeps the SHA-256 of the
// text.
enum { TOKEN_BYTES = 32, TOKEN_CHARS = 43 };
struct str token_make(struct arena *a, struct digest *hash_out);
// False when the text cannot be one of ours; then nothing needs to be looked up.
bool token_hash(struct str token, struct digest *hash_out);
void base64url_put(char *out, size_t room, const void *bytes, size_t n); // NUL-terminated; room for it is a must
// Exactly n bytes, without padding.
bool base64url_get(struct str text, void *out, size_t n);
// Five bits a character, 5 bytes to 8 characters; n is a multiple of 5. out: n / 5 * 8 characters, no NUL.
void base32_put(char *out, const uint8_t *bytes, size_t n, const char alphabet[32]);

// One line of plain text: valid UTF-8, no control characters, 1 to `chars` characters.
bool staff_line_ok(struct str s, size_t chars);

// The audit's row about an account.
enum rc staff_audit(struct db *db, const struct audit_who *who, const char *verb, int64_t account_id, struct str before,
                    struct str after) MUST_USE;
// Who the account itself is, for calls that know only its number; the name lies in the arena.
enum rc staff_who(struct arena *a, struct db *db, int64_t account_id, struct audit_who *out) MUST_USE;

enum rc account_signed_in(struct db *db, int64_t account_id, int64_t now_us) MUST_USE; // last_login_at, audit
enum rc account_forget_proofs(struct db *db, int64_t account_id) MUST_USE;             // all of them
enum rc staff_links_end(struct db *db, int64_t account_id, int64_t now_us) MUST_USE;   // all purposes
// Whether the box of a code secret opens with the station's key.
bool totp_box_ok(struct db *db, struct str box);
// RFC 6238 for one 30 s step; six digits and a NUL.
void totp_code(const uint8_t *secret, size_t n, int64_t step, char code_out[7]);
// What a password costs a guesser who puts words, walks, years and repetitions together, in tenths of a bit. Words about
// the account and the station are nearly free. Everything is folded (text_fold).
unsigned password_price(struct arena *a, struct str folded, const struct str *context, size_t context_count);
extern const char password_words[]; // lower-case ASCII, separated by spaces

#endif
