// SPDX-License-Identifier: AGPL-3.0-or-later
// The desk's first page: what waits for somebody, and what one may do here.
#include "desk/manuscript.h"
#include "desk/menu.h"
#include "desk/names.h"
#include "desk/parts.h"
#include "desk/routes.h"

enum rc home_slash_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    return desk_go(&v, STR("/desk/"), NULL);
}

// What readers wrote and nobody looked at yet.
static enum rc messages_block(struct desk_visit *v, struct view_desk_page *page) {
    int64_t unread = 0;
    uint32_t languages = messages_languages(v);
    enum rc rc = languages != 0 ? message_unread(v->a, v->db, languages, &unread) : RC_OK;
    if (rc != RC_OK || unread == 0)
        return rc;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_MESSAGES));
    block->text = text_phrase(v->a, v->lang, W_DESK_MESSAGES_UNREAD, unread, desk_number_text(v, unread), STR_NONE);
    desk_link(v, &block->links, desk_word(v, W_DESK_MESSAGES_LOOK), STR("/desk/messages"), STR_NONE);
    return rc;
}

enum rc home_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct kept_form *kept;
    size_t count = 0;
    desk_begin(&v, req, reply);
    struct str hello = text_phrase(v.a, v.lang, W_DESK_HELLO, 0, v.account->name, STR_NONE);
    struct view_desk_page *page = desk_page_named(&v, hello);
    enum rc rc = kept_list(v.a, v.db, v.account->id, &kept, &count);
    if (rc != RC_OK)
        return rc;
    if (count > 0) {
        struct view_desk_block *block = desk_block(&v, page, desk_word(&v, W_DESK_KEPT));
        block->text = desk_word(&v, W_DESK_KEPT_TEXT);
        desk_link(&v, &block->links, desk_word(&v, W_DESK_KEPT_LOOK), STR("/desk/kept"), STR_NONE);
    }
    if (v.account->recovery_left <= 2) {
        struct view_desk_block *block = desk_block(&v, page, STR_NONE);
        block->warning = true;
        block->text = desk_word(&v, W_DESK_RECOVERY_FEW);
        desk_link(&v, &block->links, desk_word(&v, W_DESK_RECOVERY_NEW), STR("/desk/account"), STR_NONE);
    }
    rc = messages_block(&v, page);
    if (rc == RC_OK && staff_may_somewhere(v.account, MAY_READ_DESK))
        rc = manuscripts_home(&v, page);
    if (rc == RC_OK && staff_may_somewhere(v.account, MAY_READ_SYSTEM))
        rc = system_home(&v, page);
    if (rc != RC_OK)
        return rc;
    desk_menu_tiles(&v, &desk_block(&v, page, desk_word(&v, W_DESK_MAY))->links);
    return desk_send(&v, page, 0);
}
