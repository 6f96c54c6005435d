// SPDX-License-Identifier: AGPL-3.0-or-later
// What several pages of getting in share.
#ifndef DESK_PARTS_H
#define DESK_PARTS_H

#include "desk/page.h"

// "This cannot be done here, because": the desk without TLS.
enum rc unsafe_page(struct desk_visit *v) MUST_USE;
// A form that came too late or from an old page: its fields, to be looked at and sent again. `token` empty: after
// signing in.
void give_back(struct desk_visit *v, struct view_desk_page *page, struct str path, const struct http_field *fields,
               size_t count);

struct str login_fold(struct arena *a, struct str login); // as accounts keep it
// Begins a session for an account that gave its first proof (half_in) or both; the cookie is set, an older session of
// this browser ends. *out: the address to go to.
enum rc login_begin(struct desk_visit *v, int64_t account_id, struct str login, bool half_in, struct str *out) MUST_USE;
struct str login_way_in(struct desk_visit *v, int64_t account_id); // where one goes when fully in
// False, and said on the page, when this try comes too soon.
bool login_may_try(struct desk_visit *v, struct str login, int64_t account_id);
void login_failed(struct desk_visit *v, struct str login, int64_t account_id);

void passkey_form(struct desk_visit *v, struct view_desk_block *block, struct str action, bool create);
struct str passkey_bytes(struct desk_visit *v, const char *field); // base64url; STR_NONE when it is not
struct passkey_proof passkey_proof_of(struct desk_visit *v);
void passkey_describe(struct desk_visit *v, const uint8_t challenge[32], bool create); // into the reply, as JSON
struct str station_name_of(struct desk_visit *v);

// What the station's page calls a setting of the news (news.h); false: it has none of that name.
bool station_setting_label(struct str key, enum text_word *out);

void totp_start_form(struct desk_visit *v, struct view_desk_block *block);
void codes_block(struct desk_visit *v, struct view_desk_page *page, const struct str *codes);

// For the desk's first page: what on the system page needs somebody; nothing when all is well.
enum rc system_home(struct desk_visit *v, struct view_desk_page *page) MUST_USE;

#endif
