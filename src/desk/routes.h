// SPDX-License-Identifier: AGPL-3.0-or-later
// The handlers of the desk's routes (routes.c says what each is for). Those of rows with roles find v.session filled, and
// v.account too unless the row is open to half-finished logins.
#ifndef DESK_ROUTES_H
#define DESK_ROUTES_H

#include "http/http.h"

#define DESK_HANDLER(name) enum rc name(struct http_request *req, struct http_reply *reply)

DESK_HANDLER(home_slash_get);
DESK_HANDLER(home_show_get);
DESK_HANDLER(login_show_get);
DESK_HANDLER(login_show_post);
DESK_HANDLER(login_challenge_post);
DESK_HANDLER(login_passkey_post);
DESK_HANDLER(statistics_show_get);
DESK_HANDLER(statistics_csv_get);
DESK_HANDLER(system_show_get);
DESK_HANDLER(system_retry_post);
DESK_HANDLER(forgot_show_get);
DESK_HANDLER(forgot_show_post);
DESK_HANDLER(link_show_get);
DESK_HANDLER(link_show_post);
DESK_HANDLER(second_show_get);
DESK_HANDLER(second_show_post);
DESK_HANDLER(second_passkey_post);
DESK_HANDLER(setup_show_get);
DESK_HANDLER(challenge_post);
DESK_HANDLER(totp_begin_post);
DESK_HANDLER(totp_confirm_post);
DESK_HANDLER(totp_remove_post);
DESK_HANDLER(passkey_add_post);
DESK_HANDLER(passkey_remove_post);
DESK_HANDLER(recovery_make_post);
DESK_HANDLER(prove_show_get);
DESK_HANDLER(prove_show_post);
DESK_HANDLER(prove_passkey_post);
DESK_HANDLER(sign_out_post);
DESK_HANDLER(account_show_get);
DESK_HANDLER(account_show_post);
DESK_HANDLER(account_password_post);
DESK_HANDLER(session_end_post);
DESK_HANDLER(sessions_end_post);
DESK_HANDLER(kept_list_get);
DESK_HANDLER(kept_show_get);
DESK_HANDLER(kept_drop_post);
DESK_HANDLER(accounts_show_get);
DESK_HANDLER(account_new_get);
DESK_HANDLER(account_new_post);
DESK_HANDLER(account_edit_get);
DESK_HANDLER(account_edit_post);
DESK_HANDLER(account_link_post);
DESK_HANDLER(account_delete_post);
DESK_HANDLER(audit_show_get);
DESK_HANDLER(station_show_get);
DESK_HANDLER(station_show_post);
DESK_HANDLER(station_languages_post);
DESK_HANDLER(parameters_show_get);
DESK_HANDLER(parameter_show_get);
DESK_HANDLER(parameter_show_post);
DESK_HANDLER(manuscripts_list_get);
DESK_HANDLER(manuscript_new_get);
DESK_HANDLER(manuscript_new_post);
DESK_HANDLER(manuscript_open_post);
DESK_HANDLER(manuscript_show_get);
DESK_HANDLER(manuscript_save_post);
DESK_HANDLER(manuscript_autosave_post);
DESK_HANDLER(manuscript_lease_post);
DESK_HANDLER(manuscript_note_post);
DESK_HANDLER(manuscript_step_post);
DESK_HANDLER(manuscript_preview_get);
DESK_HANDLER(versions_list_get);
DESK_HANDLER(version_show_get);
DESK_HANDLER(version_restore_post);
DESK_HANDLER(aside_show_get);
DESK_HANDLER(aside_merge_post);
DESK_HANDLER(aside_drop_post);
DESK_HANDLER(standing_list_get);
DESK_HANDLER(standing_new_get);
DESK_HANDLER(standing_new_post);
DESK_HANDLER(standing_edit_get);
DESK_HANDLER(standing_edit_post);
DESK_HANDLER(standing_move_post);
DESK_HANDLER(standing_state_post);
DESK_HANDLER(standing_delete_post);
DESK_HANDLER(standing_version_get);
DESK_HANDLER(standing_version_post);
DESK_HANDLER(menus_first_get);
DESK_HANDLER(menus_show_get);
DESK_HANDLER(menus_save_post);
DESK_HANDLER(menus_move_post);
DESK_HANDLER(fronts_first_get);
DESK_HANDLER(fronts_show_get);
DESK_HANDLER(fronts_pin_post);
DESK_HANDLER(fronts_pins_post);
DESK_HANDLER(fronts_sections_post);
DESK_HANDLER(published_list_get);
DESK_HANDLER(manuscript_list_get);
DESK_HANDLER(manuscript_list_post);
DESK_HANDLER(manuscript_list_add_get);
DESK_HANDLER(manuscript_list_add_post);
DESK_HANDLER(manuscript_picture_get);
DESK_HANDLER(manuscript_picture_post);
DESK_HANDLER(media_list_get);
DESK_HANDLER(media_new_get);
DESK_HANDLER(media_new_post);
DESK_HANDLER(media_show_one_get);
DESK_HANDLER(media_edit_post);
DESK_HANDLER(media_replace_post);
DESK_HANDLER(media_delete_post);

#endif
