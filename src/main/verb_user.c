// SPDX-License-Identifier: AGPL-3.0-or-later
// `siaran user DIR add|reset|block|unblock|list`: who may work at the station, and the way back in when nobody can get
// in any more. A link that it prints is the only secret it shows; nobody's password passes through here.
#include "main/command.h"
#include "main/config.h"
#include "main/serve.h"
#include "staff/staff.h"

enum user_action { USER_ADD, USER_RESET, USER_BLOCK, USER_UNBLOCK, USER_LIST };

static const struct {
    const char *name;
    enum user_action action;
    bool takes_login;
} actions[] = {
    {"add", USER_ADD, true},         {"reset", USER_RESET, true}, {"block", USER_BLOCK, true},
    {"unblock", USER_UNBLOCK, true}, {"list", USER_LIST, false},
};

static const struct audit_who command_line = {0, STR("command line")};

struct change {
    struct arena *arena;
    enum user_action action;
    struct account account;
    struct str login, token;
    struct problem problem;
};

// ---- writing -------------------------------------------------------------------------------------------------------

static enum rc make_link(struct db *db, struct change *c, enum link_purpose purpose) {
    if (c->account.state != ACCOUNT_ACTIVE)
        return problem_set(&c->problem, RC_DENIED, "%.*s is blocked; unblock it first", STR_ARG(c->account.login));
    return staff_link_make(c->arena, db, &command_line, purpose, c->account.id, clock_now_us(), &c->token);
}

static enum rc write_add(struct db *db, void *arg) {
    struct change *c = arg;
    struct account fresh = c->account; // the write may run again
    enum rc rc = account_save(c->arena, db, &command_line, &fresh, &c->problem);
    if (rc != RC_OK)
        return rc;
    struct change added = *c;
    added.account = fresh;
    rc = make_link(db, &added, LINK_INVITE);
    c->token = added.token;
    return rc;
}

static enum rc write_known(struct db *db, void *arg) {
    struct change *c = arg;
    enum rc rc = account_by_login(c->arena, db, c->login, &c->account);
    if (rc == RC_NOT_FOUND)
        return problem_set(&c->problem, rc, "there is no account %.*s", STR_ARG(c->login));
    if (rc != RC_OK || c->action == USER_RESET)
        return rc == RC_OK ? make_link(db, c, LINK_RESET) : rc;
    c->account.state = c->action == USER_BLOCK ? ACCOUNT_BLOCKED : ACCOUNT_ACTIVE;
    return account_save(c->arena, db, &command_line, &c->account, &c->problem);
}

// ---- words ---------------------------------------------------------------------------------------------------------

// Where the desk is: as it is served, or as the configuration says.
static enum rc origin_of(struct command_call *call, struct str *out, struct problem *p) {
    if (call->station->origin != NULL) {
        *out = str_from(call->station->origin);
        return RC_OK;
    }
    struct config *config = ARENA_NEW(call->arena, struct config);
    enum rc rc = config_load(config, call->station->dir, p);
    *out = config->site_origin[0] != '\0' ? str_from(config->site_origin)
                                          : str_fmt(call->arena, "http://localhost:%u", serve_port(&config->http));
    return rc;
}

static enum exit_code tell(struct command_call *call, const struct change *c, enum rc rc) {
    if (rc != RC_OK)
        return command_fail(call, rc == RC_IO || rc == RC_BUSY ? exit_code_of(rc) : EXIT_REFUSED, "%s",
                            c->problem.text[0] != '\0' ? c->problem.text : rc_name(rc));
    if (c->token.n == 0) {
        command_say(call, "%.*s is %s", STR_ARG(c->account.login), c->action == USER_BLOCK ? "blocked" : "active");
        return EXIT_DONE;
    }
    struct str origin;
    struct problem problem = {""};
    rc = origin_of(call, &origin, &problem);
    if (rc != RC_OK)
        return command_fail(call, exit_code_of(rc), "%s", problem.text);
    command_say(call, "%s; this link sets a password, once, within %d hours:",
                c->action == USER_ADD ? "the account was added" : "second proofs stay as they are", LINK_HOURS);
    command_say(call, "%.*s/desk/link/%.*s", STR_ARG(origin), STR_ARG(c->token));
    return EXIT_DONE;
}

static void put_names(struct buf *b, const struct account *acc) {
    for (uint32_t role = 1; role < STAFF_EVERY_ROLE; role <<= 1)
        if (acc->roles & role)
            buf_fmt(b, " %.*s", STR_ARG(staff_role_name((enum staff_role)role)));
    buf_c(b, acc->languages == 0 ? ", all languages" : ",");
    for (int lang = 0; lang < LANG_COUNT; lang++)
        if (acc->languages & UINT32_C(1) << lang)
            buf_fmt(b, " %.*s", STR_ARG(text_lang_code((enum text_lang)lang)));
}

static enum exit_code list(struct command_call *call) {
    struct account *rows;
    size_t count;
    enum rc rc = account_list(call->arena, call->station->db, &rows, &count);
    if (rc != RC_OK)
        return command_fail(call, exit_code_of(rc), "the accounts could not be read");
    for (size_t i = 0; i < count; i++) {
        struct buf b;
        buf_init(&b, 1024);
        put_names(&b, &rows[i]);
        command_say(call, "%-8s %.*s (%.*s):%.*s%s", rows[i].state == ACCOUNT_ACTIVE ? "active" : "blocked",
                    STR_ARG(rows[i].login), STR_ARG(rows[i].name), STR_ARG(buf_view(&b)),
                    rows[i].has_password || rows[i].passkey_count > 0 ? "" : ", no password yet");
        buf_fini(&b);
    }
    return EXIT_DONE;
}

// ---- the request -----------------------------------------------------------------------------------------------------

// "--name NAME --role ROLE... --lang LL...", each option before its value.
static enum rc read_option(struct account *acc, struct str name, struct str value, struct problem *p) {
    enum staff_role role;
    enum text_lang lang;
    if (str_eq(name, STR("--name"))) {
        acc->name = value;
        return RC_OK;
    }
    if (str_eq(name, STR("--role"))) {
        if (!staff_role_find(value, &role))
            return problem_set(p, RC_INVALID,
                               "a role is reporter, editor, translator, engineer, integrity or admin, "
                               "not \"%.*s\"",
                               STR_ARG(value));
        acc->roles |= role;
        return RC_OK;
    }
    if (!str_eq(name, STR("--lang")))
        return problem_set(p, RC_INVALID, "there is no option \"%.*s\"", STR_ARG(name));
    if (!text_lang_find(value, &lang))
        return problem_set(p, RC_INVALID, "there is no language \"%.*s\"", STR_ARG(value));
    acc->languages |= UINT32_C(1) << lang;
    return RC_OK;
}

static enum exit_code add(struct command_call *call, struct change *c) {
    const struct command_request *r = call->request;
    c->account = (struct account){.login = c->login, .desk_lang = call->station->default_lang, .state = ACCOUNT_ACTIVE};
    for (size_t i = 3; i < r->arg_count; i += 2) {
        if (i + 1 == r->arg_count)
            return command_fail(call, EXIT_USAGE, "\"%.*s\" needs a value", STR_ARG(r->args[i]));
        if (read_option(&c->account, r->args[i], r->args[i + 1], &c->problem) != RC_OK)
            return command_fail(call, EXIT_USAGE, "%s", c->problem.text);
    }
    return tell(call, c, store_write(call->station->store, STORE_DURABLE, write_add, c));
}

enum exit_code command_user(struct command_call *call) {
    const struct command_request *r = call->request;
    struct change c = {.arena = call->arena};
    for (size_t i = 0; r->arg_count > 1 && i < sizeof actions / sizeof actions[0]; i++) {
        if (!str_eq(r->args[1], str_from(actions[i].name)))
            continue;
        size_t words = actions[i].takes_login ? 3 : 2;
        if (r->arg_count < words || (actions[i].action != USER_ADD && r->arg_count > words))
            return command_fail(call, EXIT_USAGE, "user %s takes %s", actions[i].name,
                                actions[i].takes_login ? "the login, an e-mail address" : "nothing");
        c.action = actions[i].action;
        if (c.action == USER_LIST)
            return list(call);
        if (!utf8_valid(r->args[2]))
            return command_fail(call, EXIT_USAGE, "the login is no text");
        c.login = r->args[2];
        return c.action == USER_ADD ? add(call, &c)
                                    : tell(call, &c, store_write(call->station->store, STORE_DURABLE, write_known, &c));
    }
    return command_fail(call, EXIT_USAGE, "a user can be added, reset, blocked, unblocked or listed");
}

enum exit_code verb_user(const struct verb *verb, int argc, char **argv) {
    if (argc < 3 || argc > COMMAND_ARGS_MAX || argv[1][0] == '-')
        return verb_usage(verb, "give the station's directory and what to do");
    struct command_request *request = MEM_NEW(struct command_request);
    request->args[0] = STR("user");
    for (int i = 2; i < argc; i++)
        request->args[i - 1] = str_from(argv[i]);
    request->arg_count = (size_t)argc - 1;
    enum exit_code code = command_send(argv[1], request);
    mem_free(request);
    return code;
}
