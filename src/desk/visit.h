// SPDX-License-Identifier: AGPL-3.0-or-later
// One visit to the desk: who it is, and where. Handlers begin with desk_begin and end with desk_send or desk_go.
#ifndef DESK_VISIT_H
#define DESK_VISIT_H

#include <pthread.h>

#include "desk/desk.h"
#include "staff/staff.h"

// A new address of the site that has to prove itself (origin_show.c).
struct desk_wish {
    pthread_mutex_t lock;
    char origin[256], token[33];
    bool reached; // somebody arrived through it, as encrypted as it says
    bool plain;   // somebody arrived, but not as encrypted as it says
};
struct desk {
    struct desk_wish wish;
    struct login_tries *tries;
    uint8_t ticket_key[32]; // of logins that begin with a passkey
    uint8_t device_key[32]; // signs the cookie of a device that logged in before
};

enum { DESK_PROBLEMS_MAX = 16 };
struct desk_problem {
    const char *field;
    struct str text;
};

struct desk_visit {
    struct http_request *req;
    struct http_reply *reply;
    struct site *site;
    struct desk *desk;
    struct db *db; // NULL on a loop thread
    struct arena *a;
    struct session *session; // NULL: nobody is signed in
    struct account *account; // NULL with it, and while the second proof is outstanding
    enum text_lang lang;     // of the desk's words
    int64_t now;
    struct str said; // what the page says on top
    bool said_is_problem;
    struct desk_problem problems[DESK_PROBLEMS_MAX];
    size_t problem_count;
};
void desk_begin(struct desk_visit *v, struct http_request *req, struct http_reply *reply);

// Whether a session may be held here: under https, or on this very machine. Browsers give passkeys and __Host- cookies
// to no other place.
bool desk_place_is_safe(const struct http_request *req);
struct str desk_token(struct desk_visit *v);
struct audit_who desk_who(const struct desk_visit *v);
struct str desk_word(const struct desk_visit *v, enum text_word w);
bool desk_may(const struct desk_visit *v, enum staff_action action); // to the station as a whole

// Answers with 303; `said` is a key behind "desk_said_" that the next page shows, or NULL.
enum rc desk_go(struct desk_visit *v, struct str address, const char *said);
// A way back that came with a request: an address of the desk, else `otherwise`.
struct str desk_way(const struct desk_visit *v, const char *otherwise);
// The number in the address's hole; 0 when there is none.
int64_t desk_number(const struct desk_visit *v, size_t hole);
// A field's text, trimmed. Of what was not sent: "".
struct str desk_field(const struct desk_visit *v, const char *name);
void desk_problem(struct desk_visit *v, const char *field, enum text_word w);
// What was refused, in the desk's language: named by a key ("desk_" before it) or by a word; else as it stands. arena.
struct str desk_reason(struct desk_visit *v, const struct problem *p);
void desk_problem_text(struct desk_visit *v, const char *field, struct str text);
void desk_fail(struct desk_visit *v, enum text_word w); // said on top of the page
bool desk_form_ok(const struct desk_visit *v);          // nothing wrong so far

// ---- cookies ---------------------------------------------------------------------------------------------------------

struct str desk_cookie(const struct http_request *req, const char *name); // "session", "device", "ticket"
void desk_cookie_set(struct desk_visit *v, const char *name, struct str value,
                     int seconds); // 0: until the browser ends
void desk_cookie_end(struct desk_visit *v, const char *name);
bool desk_device_known(struct desk_visit *v, int64_t account_id);
void desk_device_remember(struct desk_visit *v, int64_t account_id);
struct str desk_device_name(struct desk_visit *v); // "Firefox on Linux"
struct str desk_peer(const struct desk_visit *v);  // the address as text, without a port

// ---- proofs ------------------------------------------------------------------------------------------------------------

// What accounts and proofs are changed with asks for a proof given a few minutes ago. False: the reply is on its way to
// it, and comes back to `back`; NULL: to this page, or to the form that was sent, which is kept meanwhile.
bool desk_is_fresh(struct desk_visit *v, const char *back);
// Keeps what came with the request for an account; the address where it is given back, empty when there was nothing.
struct str desk_keep(struct desk_visit *v, int64_t account_id);
// May the visitor set a proof up: a new account that has none yet, or one that is fully in and has just proved itself.
bool desk_may_set_proofs(struct desk_visit *v);
// After a proof: the new session's cookie, the device remembered.
void desk_signed_in(struct desk_visit *v, int64_t account_id, struct str login, struct str token);

#endif
