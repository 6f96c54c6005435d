// SPDX-License-Identifier: AGPL-3.0-or-later
// How the site's address is changed without locking anybody out: a wrong one would refuse every request, this desk's
// included. So nothing is changed before the new address has proved itself:
//
//   wished    the new address is typed; from now on requests to it are answered too, beside the one in force
//   reached   a secret link below it was opened and arrived here, encrypted as the address says
//   used      only now it can be stored; the site process begins anew with it
//
// A wish lives in memory only: a new start, or another wish, forgets it.
#include <sodium.h>

#include "desk/parameters.h"
#include "desk/routes.h"

enum { ORIGIN_MAX = 200, TOKEN_BYTES = 16 };

struct changing {
    struct parameters_saving saving; // first
    struct site_parameter_change change;
    struct str before;
};

bool desk_awaits_host(struct site *site, struct str host) {
    if (site->desk == NULL)
        return false;
    struct desk_wish *wish = &site->desk->wish;
    pthread_mutex_lock(&wish->lock);
    bool awaits = wish->origin[0] != '\0' && http_origin_has_host(str_from(wish->origin), host);
    pthread_mutex_unlock(&wish->lock);
    return awaits;
}

// ---- the page --------------------------------------------------------------------------------------------------------

static struct desk_wish wish_now(struct desk_visit *v) {
    pthread_mutex_lock(&v->desk->wish.lock);
    struct desk_wish wish = v->desk->wish;
    pthread_mutex_unlock(&v->desk->wish.lock);
    return wish;
}

static void show_wish(struct desk_visit *v, struct view_desk_block *block) {
    const struct desk_wish wish = wish_now(v);
    struct str origin = str_dup(v->a, str_from(wish.origin));
    if (origin.n == 0)
        return;
    desk_fact(v, block, W_ORIGIN_WISHED, origin);
    if (wish.reached) {
        desk_fact(v, block, W_ORIGIN_PROOF, desk_word(v, W_ORIGIN_REACHED));
        struct view_desk_form *form = desk_form(v, block, STR("/desk/parameters/address/use"), W_ORIGIN_USE);
        form->danger = true;
        desk_hidden(v, form, "origin", origin);
        desk_tick(v, form, "sure", W_ORIGIN_SURE, false);
        return;
    }
    desk_fact(v, block, W_ORIGIN_PROOF, desk_word(v, wish.plain ? W_ORIGIN_PLAIN : W_ORIGIN_NOT_REACHED));
    struct str link = str_fmt(v->a, "%.*s/desk/origin/%s", STR_ARG(origin), wish.token);
    desk_link(v, &block->links, desk_word(v, W_ORIGIN_OPEN), link, link);
}

void origin_show(struct desk_visit *v, struct view_desk_page *page, const struct site_parameter *origin) {
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_ORIGIN));
    block->id = STR("origin");
    desk_fact(v, block, W_ORIGIN_NOW, v->site->origin);
    if (origin->in_file) {
        block->text = desk_word(v, W_PARAM_FIXED_TEXT);
        return;
    }
    block->text = text_phrase(v->a, v->lang, W_ORIGIN_TEXT, 0,
                              str_fmt(v->a, "site_origin = %.*s", STR_ARG(v->site->origin)), STR_NONE);
    show_wish(v, block);
    struct view_desk_form *form = desk_form(v, block, STR("/desk/parameters/address/wish"), W_ORIGIN_TRY);
    form->quiet = true;
    struct view_desk_field *f = desk_line(v, form, "origin", W_ORIGIN_NEW, STR_NONE);
    f->max = ORIGIN_MAX;
    f->input_mode = STR("url");
    f->code = true;
    desk_hint(v, f, W_ORIGIN_HINT);
}

static enum rc show(struct desk_visit *v, int status) {
    struct site_parameter *rows;
    size_t count = parameters_all(v, &rows);
    struct view_desk_page *page = desk_page(v, W_ORIGIN);
    desk_crumb(v, page, desk_word(v, W_DESK_PARAMETERS), STR("/desk/parameters"));
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].name, "site_origin") == 0)
            origin_show(v, page, &rows[i]);
    return desk_send(v, page, status);
}

static bool is_fixed(struct desk_visit *v) {
    struct site_parameter *rows;
    size_t count = parameters_all(v, &rows);
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].name, "site_origin") == 0)
            return rows[i].in_file;
    return true;
}

// ---- wishing ---------------------------------------------------------------------------------------------------------

// The desk opens under https, and on this very machine; an address at which it would not open is none.
static bool is_safe(struct str origin) {
    struct str local = STR("http://localhost");
    return str_starts(origin, STR("https://")) ||
           (str_starts(origin, local) && (origin.n == local.n || origin.p[local.n] == ':'));
}

static bool check(struct desk_visit *v, struct str origin) {
    struct problem p = {""};
    if (origin.n == 0)
        desk_problem(v, "origin", W_FORM_REQUIRED);
    else if (origin.n > ORIGIN_MAX || v->site->running->parameter_check(STR("site_origin"), origin, &p) != RC_OK ||
             !is_safe(origin))
        desk_problem(v, "origin", W_ORIGIN_BAD);
    else if (str_eq_nocase(origin, v->site->origin))
        desk_problem(v, "origin", W_ORIGIN_SAME);
    return desk_form_ok(v);
}

enum rc origin_wish_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    if (!desk_is_fresh(&v, "/desk/parameters/address"))
        return RC_OK;
    if (v.site->running == NULL || is_fixed(&v))
        return RC_NOT_FOUND;
    struct str origin = desk_field(&v, "origin");
    if (!check(&v, origin))
        return show(&v, 422);
    struct desk_wish *wish = &v.desk->wish;
    uint8_t bytes[TOKEN_BYTES];
    randombytes_buf(bytes, sizeof bytes);
    pthread_mutex_lock(&wish->lock);
    (void)snprintf(wish->origin, sizeof wish->origin, "%.*s", STR_ARG(origin));
    sodium_bin2hex(wish->token, sizeof wish->token, bytes, sizeof bytes);
    wish->reached = wish->plain = false;
    pthread_mutex_unlock(&wish->lock);
    return desk_go(&v, STR("/desk/parameters/address"), NULL);
}

// ---- arriving --------------------------------------------------------------------------------------------------------

// Nobody is signed in at an address that is not the station's yet: the link itself is the secret.
enum rc origin_reach_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct desk_wish *wish = &v.desk->wish;
    pthread_mutex_lock(&wish->lock);
    struct str origin = str_from(wish->origin);
    bool known = origin.n > 0 && str_eq(req->params[0], str_from(wish->token));
    bool here = known && http_origin_has_host(origin, req->host);
    bool as_said = req->secure == str_starts(origin, STR("https://"));
    if (here) {
        wish->reached = as_said;
        wish->plain = !as_said;
    }
    origin = str_dup(v.a, origin);
    pthread_mutex_unlock(&wish->lock);
    if (!known)
        return RC_NOT_FOUND;
    struct view_desk_page *page = desk_page_named(&v, origin);
    page->narrow = true;
    struct view_desk_block *block = desk_block(&v, page, STR_NONE);
    block->text = desk_word(&v, !here ? W_ORIGIN_NOT_HERE : as_said ? W_ORIGIN_ARRIVED : W_ORIGIN_PLAIN);
    block->warning = !here || !as_said;
    return desk_send(&v, page, 0);
}

// ---- using it --------------------------------------------------------------------------------------------------------

static enum rc save(struct db *db, void *arg) {
    struct changing *c = arg;
    enum rc rc = parameter_audit(c->saving.v, db, "site_origin", c->before, c->change.value);
    return rc == RC_OK ? parameters_prepare_next(&c->saving, db) : rc;
}

enum rc origin_use_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    if (!desk_is_fresh(&v, "/desk/parameters/address"))
        return RC_OK;
    if (v.site->running == NULL || is_fixed(&v))
        return RC_NOT_FOUND;
    const struct desk_wish wish = wish_now(&v);
    struct changing c = {.change = {STR("site_origin"), desk_field(&v, "origin")}, .before = v.site->origin};
    c.saving = (struct parameters_saving){.v = &v, .saved = {.changes = &c.change, .count = 1}};
    if (!wish.reached || !str_eq(c.change.value, str_from(wish.origin)))
        desk_fail(&v, W_ORIGIN_NOT_REACHED);
    if (desk_field(&v, "sure").n == 0)
        desk_problem(&v, "sure", W_FORM_REQUIRED);
    if (!desk_form_ok(&v))
        return show(&v, 422);
    enum rc rc = parameters_save(&c.saving, save, &c);
    if (rc == RC_IO && c.saving.problem.text[0] != '\0') {
        desk_fail(&v, W_PARAM_NOT_STORED);
        return show(&v, 500);
    }
    if (rc != RC_OK)
        return rc;
    if (!v.site->running->parameters_taken(v.site))
        return desk_go(&v, STR("/desk/parameters"), "parameters_later");
    // A page instead of a redirect: browsers follow none to another site from a form of ours (CSP form-action).
    struct view_desk_page *page = desk_page(&v, W_ORIGIN);
    struct view_desk_block *block = desk_block(&v, page, STR_NONE);
    block->text = desk_word(&v, W_ORIGIN_MOVED);
    struct str address = str_fmt(v.a, "%.*s/desk/", STR_ARG(c.change.value));
    desk_link(&v, &block->links, address, address, STR_NONE);
    rc = desk_send(&v, page, 0);
    v.site->running->begin_anew(v.site);
    return rc;
}
