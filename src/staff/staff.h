// SPDX-License-Identifier: AGPL-3.0-or-later
// Who may work at the station: accounts, what they may do, how they prove who they are, and their sessions. No HTTP, no
// HTML, nothing of what the newsroom writes. A byline (record's person) is never an account, and deleting an account
// never changes a byline.
//
// Reads take a connection and an arena. Calls marked "in a write" run inside store_write; those that take `who` write
// the audit's row themselves, in the same transaction, so that no caller can forget it. Secrets (passwords, codes,
// session and link tokens) come in as text and are stored as hashes only; none is ever logged or put into the audit.
// Rules: OWASP ASVS 5.0 chapters 6 and 7, NIST SP 800-63B-4.
#ifndef STAFF_STAFF_H
#define STAFF_STAFF_H

#include "record/record.h"
#include "store/store.h"
#include "text/text.h"
#include "util/util.h"

// ---- accounts --------------------------------------------------------------------------------------------------------

// Bits, as they stand in route tables. An account may have several.
enum staff_role {
    STAFF_REPORTER = 1 << 0,   // writes and submits
    STAFF_EDITOR = 1 << 1,     // reviews, publishes, corrects, withdraws
    STAFF_TRANSLATOR = 1 << 2, // makes articles from those of another language, submits
    STAFF_ENGINEER = 1 << 3,   // streams, system page, technical settings; no articles
    STAFF_INTEGRITY = 1 << 4,  // integrity zone
    STAFF_ADMIN = 1 << 5,      // accounts, station settings, everything an editor may in every language
};
enum {
    STAFF_EVERY_ROLE = (1 << 6) - 1,
    STAFF_HALF_IN = 1 << 6, // not a role: a session whose second proof is outstanding; may see the login steps only
    STAFF_SECTIONS_MAX = 32,
};
struct str staff_role_name(enum staff_role role); // "reporter"; static; the desk translates it
bool staff_role_find(struct str name, enum staff_role *out);

enum account_state {
    ACCOUNT_ACTIVE = 1,
    ACCOUNT_BLOCKED = 2,
    ACCOUNT_DELETED = 3
}; // deleted: kept for the audit's names

struct account {
    int64_t id;         // 0: new
    struct str login;   // e-mail address, ASCII, lower case; unique among those not deleted
    struct str name;    // as colleagues see it
    uint32_t roles;     // enum staff_role
    uint32_t languages; // bits of enum text_lang; 0: all
    int64_t sections[STAFF_SECTIONS_MAX];
    size_t section_count;     // 0: all sections of the languages
    enum text_lang desk_lang; // the language of the desk's own words
    enum account_state state;
    bool has_password, has_totp;
    int64_t passkey_count, recovery_left;
    int64_t created_at, last_login_at; // us UTC, 0: never
    int64_t version;                   // +1 at each save
};
enum rc account_by_id(struct arena *a, struct db *db, int64_t id, struct account *out) MUST_USE;
enum rc account_by_login(struct arena *a, struct db *db, struct str login, struct account *out) MUST_USE;
// All but the deleted, by name.
enum rc account_list(struct arena *a, struct db *db, struct account **out, size_t *count_out) MUST_USE;
// In a write; id 0 adds. RC_INVALID with a sentence (address, name, no role, section of another language), RC_CONFLICT:
// login taken or version moved. The last active administrator can be neither blocked, deleted nor demoted: RC_DENIED.
// Every session of an account that loses rights ends.
enum rc account_save(struct arena *a, struct db *db, const struct audit_who *who, struct account *acc,
                     struct problem *p) MUST_USE;
// In a write: proofs, sessions and links go; login and name stay for the audit.
enum rc account_delete(struct arena *a, struct db *db, const struct audit_who *who, int64_t id,
                       struct problem *p) MUST_USE;
struct audit_who account_who(const struct account *acc); // borrows the name
bool staff_has_accounts(struct db *db);                  // false: the first start

// ---- what one may do ---------------------------------------------------------------------------------------------------

enum staff_action {
    MAY_READ_DESK,     // see articles of the desk, published or not
    MAY_WRITE_ARTICLE, // create; edit while draft
    MAY_EDIT_REVIEW,   // edit what is in review, withdrawn or archived
    MAY_EDIT_OUT,      // write what is scheduled or published anew; readers get it when somebody publishes that
    MAY_SUBMIT,        // draft -> in review, and back
    MAY_PUBLISH,       // publish, schedule, change the time, unschedule
    MAY_CORRECT,       // add a public correction
    MAY_WITHDRAW,      // withdraw with a notice, restore
    MAY_ARCHIVE,
    MAY_TAKE_LEASE,     // take over another's lock
    MAY_ADD_MEDIA,      // upload
    MAY_EDIT_MEDIA,     // alt text, credit, focal point, replace everywhere
    MAY_EDIT_PAGES,     // standing pages, front-page arrangement of a language
    MAY_EDIT_SECTIONS,  // sections and tags
    MAY_EDIT_PEOPLE,    // bylines
    MAY_EDIT_REDIRECTS, // old addresses that lead on
    MAY_READ_MESSAGES,  // of readers of a language, answer and delete them
    MAY_EDIT_SETTINGS,  // the station's, and its menus
    MAY_EDIT_TECHNICAL, // streams, technical parameters
    MAY_EDIT_ACCOUNTS,
    MAY_READ_AUDIT,
    MAY_READ_SYSTEM,
    MAY_READ_STATISTICS,
    MAY_COUNT
};
// What it would be done to. lang = LANG_COUNT: of no language, or the station as a whole; section_id 0: none yet, or the
// language as a whole; owner 0: nobody's.
struct staff_object {
    enum text_lang lang;
    int64_t section_id;
    int64_t owner; // account id of who began it
};
// The one table (rights.c): role x action -> one of
//   never
//   own      what the account began, unless it lies in a language or section that the account does not have (any more)
//   within   own, and everything in the account's languages and sections; a limited account does not have the whole
//   always
// The most that one of the account's roles gives counts. Blocked and deleted accounts may nothing.
bool staff_may(const struct account *acc, enum staff_action action, const struct staff_object *object);
// Whether there can be an object to which it may be done: for menus and buttons, never instead of staff_may.
bool staff_may_somewhere(const struct account *acc, enum staff_action action);

// ---- passwords ---------------------------------------------------------------------------------------------------------

// 15 to 256 characters of UTF-8 without control characters, not common, not made of the login, the name or the
// station's name. No composition rules. RC_INVALID with a sentence that helps.
//
// Common: at this length lists of leaked passwords say little, because what people choose is put together from the
// same few parts ("Password123456!!", "qwertyuiop12345", "dragondragondragon"). So the password is folded (case, accents,
// "p@$$w0rd") and cut into the cheapest parts a guesser would try: one of some hundred words (password_words.c, our own
// list), walks on a keyboard, runs of letters or digits, years and dates, repetitions, words about the account. Each
// part has a price in bits (password_common.c); under PASSWORD_BITS in all it is refused. Four or more words that are
// not in the list, or 15 random characters, are far above.
enum { PASSWORD_CHARS_MIN = 15, PASSWORD_CHARS_MAX = 256, PASSWORD_BITS = 40 };
enum rc password_check(const struct account *acc, struct str station, struct str password, struct problem *p) MUST_USE;
// Argon2id, t=2, m=64 MiB (libsodium), over the password in NFC. Costs about 100 ms and 64 MiB: call it on the login queue's single thread only.
struct password_hash {
    char text[128]; // NUL-terminated
};
enum rc password_make(struct str password, struct password_hash *out) MUST_USE; // RC_BUSY: no memory for it now
// In a write; ends every session of the account but that one (0: all) and its open links.
enum rc password_set(struct db *db, const struct audit_who *who, int64_t account_id, const struct password_hash *hash,
                     int64_t but_session_id) MUST_USE;
// Compares with the stored hash; an account that is unknown (0), has none, or is not active costs the same time.
// RC_OK, RC_DENIED, RC_BUSY. The login queue's thread, too.
enum rc password_verify(struct db *db, int64_t account_id, struct str password) MUST_USE;

// ---- second proofs -------------------------------------------------------------------------------------------------------

// TOTP (RFC 6238: SHA-1, 6 digits, 30 s; +-1 step; a used step is refused): 20 random bytes, kept under the station's
// key. `begin` makes a secret that counts only after `confirm` saw a code of it.
enum rc totp_begin(struct arena *a, struct db *db, int64_t account_id, struct str *base32_out) MUST_USE; // in a write
enum rc totp_confirm(struct db *db, const struct audit_who *who, int64_t account_id, struct str code,
                     int64_t now_us) MUST_USE; // in a write; RC_DENIED: not its code; RC_NOT_FOUND: none was begun
// In a write; six digits, spaces between them do not matter. RC_DENIED.
enum rc totp_use(struct db *db, int64_t account_id, struct str code, int64_t now_us) MUST_USE;
enum rc totp_remove(struct db *db, const struct audit_who *who, int64_t account_id) MUST_USE; // in a write
// otpauth://totp/..., for a link or a QR code; arena
struct str totp_address(struct arena *a, struct str base32, struct str station, struct str login);

// Ten single-use codes of 120 bits ("k7qf-2mzx-..., 24 characters), shown once. So long because ASVS 6.5.2 wants 112
// bits before a plain hash is enough. Making new ones ends the old. Read back without case or hyphens, o as 0, i and l
// as 1.
enum { RECOVERY_CODES = 10 };
enum rc recovery_make(struct arena *a, struct db *db, const struct audit_who *who, int64_t account_id,
                      struct str codes_out[RECOVERY_CODES]) MUST_USE;              // in a write
enum rc recovery_use(struct db *db, int64_t account_id, struct str code) MUST_USE; // in a write; RC_DENIED; audited

// Passkeys (WebAuthn Level 3; ES256 and EdDSA; attestation none; user verification required; checked with libfido2).
// The relying party is the host of the station's origin. Challenges are 32 random bytes bound to the session, or before
// there is one to a ticket (below).
enum { PASSKEYS_MAX = 20, PASSKEY_NAME_MAX = 100, PASSKEY_ID_MAX = 1023 };
struct passkey {
    int64_t id;
    struct str name;       // the owner's word for it
    struct str credential; // id bytes
    int64_t created_at, used_at;
};
enum rc passkey_list(struct arena *a, struct db *db, int64_t account_id, struct passkey **out,
                     size_t *count_out) MUST_USE;
struct passkey_offer { // of navigator.credentials.create, bytes as received
    struct str client_data, attestation_object;
};
struct passkey_proof { // of navigator.credentials.get
    struct str credential, client_data, authenticator_data, signature;
};
// In a write. RC_INVALID with a sentence; RC_CONFLICT: that key is known already; RC_TOO_BIG: PASSKEYS_MAX are there.
enum rc passkey_add(struct arena *a, struct db *db, const struct audit_who *who, int64_t account_id, struct str name,
                    struct str origin, const uint8_t challenge[32], const struct passkey_offer *offer, int64_t now_us,
                    struct problem *p) MUST_USE;
// Checks origin, relying party, user presence and verification, signature; a counter that went back: RC_DENIED and
// logged. *account_out: whose it is, an active account. RC_DENIED for everything that is wrong.
enum rc passkey_use(struct arena *a, struct db *db, struct str origin, const uint8_t challenge[32],
                    const struct passkey_proof *proof, int64_t now_us, int64_t *account_out) MUST_USE; // in a write
enum rc passkey_remove(struct db *db, const struct audit_who *who, int64_t account_id,
                       int64_t passkey_id) MUST_USE; // in a write
// The challenge of a login that begins with a passkey, when there is no session yet. The ticket goes into a cookie and
// holds time and randomness under a key of the station (secret "login-ticket"); the challenge follows from it, so a
// flood of login pages fills nothing. After passkey_use said yes, login_ticket_spend (tries, below) lets it count once.
enum { LOGIN_TICKET_CHARS = 54, LOGIN_TICKET_MINUTES = 5 };
void login_ticket_make(const uint8_t key[32], int64_t now_us, char ticket_out[LOGIN_TICKET_CHARS + 1]);
// RC_INVALID: not made by us; RC_GONE: too old.
enum rc login_ticket_challenge(const uint8_t key[32], struct str ticket, int64_t now_us,
                               uint8_t challenge_out[32]) MUST_USE;

// ---- sessions --------------------------------------------------------------------------------------------------------------

enum {
    SESSION_IDLE_MINUTES = 60,
    SESSION_HOURS = 12,         // absolute
    SESSION_HALF_MINUTES = 10,  // with the second proof outstanding
    SESSION_FRESH_MINUTES = 10, // since the last proof: enough for accounts, second factors and the like
    SESSION_TOKEN_CHARS = 43,   // 256 random bits, base64url
};
struct session {
    int64_t id;
    struct account account;
    bool half_in; // first proof given, second outstanding
    int64_t begun_at, seen_at, proved_at;
    struct str device;     // "Firefox on Linux", from the User-Agent, for the owner's list; 100 characters at most
    char form_token[44];   // what every form of this session carries, NUL-terminated; made from the session's token,
                           // so session_find fills it and session_list does not
    uint8_t challenge[32]; // of the WebAuthn step under way
    bool has_challenge;
};
// Begins one and gives the token for the cookie, the only time it is seen. In a write; audited as "sign-in", unless
// half_in: then session_prove does. RC_DENIED: the account is not active.
enum rc session_begin(struct arena *a, struct db *db, int64_t account_id, bool half_in, struct str device,
                      int64_t now_us, struct str *token_out) MUST_USE;
// Whose session it is: RC_NOT_FOUND, RC_GONE (ended or expired within the last days; the account is filled: what it
// typed can be kept for it).
enum rc session_find(struct arena *a, struct db *db, struct str token, int64_t now_us, struct session *out) MUST_USE;
// Noted at most once a minute, in a write; session_wants_touch says whether it is time.
bool session_wants_touch(const struct session *s, int64_t now_us);
enum rc session_touch(struct db *db, int64_t session_id, int64_t now_us) MUST_USE;
// A further proof was given: a new token (the old one ends), half_in false, proved_at now. In a write.
enum rc session_prove(struct arena *a, struct db *db, int64_t session_id, int64_t now_us,
                      struct str *token_out) MUST_USE;
bool session_is_fresh(const struct session *s, int64_t now_us);
enum rc session_challenge(struct db *db, int64_t session_id, uint8_t out[32]) MUST_USE; // in a write; makes a new one
// In a write, in the one that uses it: gives it and forgets it, so that it counts once. RC_NOT_FOUND.
enum rc session_challenge_take(struct db *db, int64_t session_id, uint8_t out[32]) MUST_USE;
enum rc session_end(struct db *db, int64_t session_id) MUST_USE;                             // in a write
enum rc session_end_all(struct db *db, int64_t account_id, int64_t but_session_id) MUST_USE; // in a write
enum rc session_list(struct arena *a, struct db *db, int64_t account_id, int64_t now_us, struct session **out,
                     size_t *count_out) MUST_USE;
bool session_token_matches(const struct session *s, struct str form_token); // constant time

// ---- what was typed when a session ended -----------------------------------------------------------------------------

// A form that came too late, kept for its account until it is sent again or dropped; KEPT_FORM_DAYS at most, and the newest
// KEPT_FORMS_MAX of an account.
enum { KEPT_FORMS_MAX = 20, KEPT_FORM_DAYS = 14, KEPT_FORM_BYTES = 2 << 20 };
struct kept_form {
    int64_t id;
    struct str path;   // the address it was sent to
    struct str fields; // application/x-www-form-urlencoded, without secrets
    int64_t kept_at;
};
// In a write. RC_TOO_BIG over KEPT_FORM_BYTES.
enum rc kept_save(struct db *db, int64_t account_id, struct str path, struct str fields, int64_t now_us,
                  int64_t *id_out) MUST_USE;
enum rc kept_load(struct arena *a, struct db *db, int64_t account_id, int64_t id, struct kept_form *out) MUST_USE;
// Newest first, without fields.
enum rc kept_list(struct arena *a, struct db *db, int64_t account_id, struct kept_form **out,
                  size_t *count_out) MUST_USE;
enum rc kept_drop(struct db *db, int64_t account_id, int64_t id) MUST_USE; // in a write; RC_NOT_FOUND

// ---- one-time links ------------------------------------------------------------------------------------------------------

// The first administrator, an invitation, a reset. A reset keeps the second proofs. 256 random bits, kept as a hash.
enum link_purpose { LINK_FIRST_ADMIN = 1, LINK_INVITE = 2, LINK_RESET = 3 };
enum { LINK_HOURS = 24, LINK_FIRST_HOURS = 24 * 7 };
enum { LINK_TOKEN_CHARS = 43 };
// In a write; ends earlier links of the same purpose and account. LINK_FIRST_ADMIN: account 0, and it ends by itself as
// soon as there is an account.
enum rc staff_link_make(struct arena *a, struct db *db, const struct audit_who *who, enum link_purpose purpose,
                        int64_t account_id, int64_t now_us, struct str *token_out) MUST_USE;
enum rc staff_link_find(struct db *db, struct str token, int64_t now_us, enum link_purpose *purpose_out,
                        int64_t *account_out) MUST_USE; // RC_NOT_FOUND, RC_GONE (used or too old)
enum rc staff_link_use(struct db *db, struct str token, int64_t now_us, enum link_purpose *purpose_out,
                       int64_t *account_out) MUST_USE; // in a write; once

// ---- tries ---------------------------------------------------------------------------------------------------------------

// Limits guessing by account and by address without locking the owner out: tries of one account from addresses that
// never logged in to it are slowed (1, 2, 4 ... 60 s each); an address or device cookie that did log in before keeps its
// own, generous count. In memory, keyed hashes of addresses, bounded (oldest forgotten). Any thread.
struct login_tries;
struct login_tries *login_tries_new(void);
void login_tries_free(struct login_tries **t);
// Milliseconds to wait before this try may be made; 0: now. Known: the device proved itself before (signed cookie).
// `address` as text, without a port; of IPv6 the first 64 bits count.
int64_t login_tries_wait_ms(struct login_tries *t, struct str login, struct str address, bool known, int64_t mono_us);
void login_tries_failed(struct login_tries *t, struct str login, struct str address, bool known, int64_t mono_us);
void login_tries_passed(struct login_tries *t, struct str login, struct str address);
// True the first time; then never again while the ticket is young enough to be used.
bool login_ticket_spend(struct login_tries *t, struct str ticket, int64_t mono_us);

extern const struct verify_check staff_checks[];
extern const size_t staff_check_count;

#endif
