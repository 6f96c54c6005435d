// SPDX-License-Identifier: AGPL-3.0-or-later
// Passkeys between the browser (assets/desk.js, navigator.credentials) and staff: what is asked for, as JSON, and what
// comes back, as base64url in the fields of an ordinary form.
#include <sodium.h>

#include "desk/parts.h"
#include "desk/routes.h"

void passkey_form(struct desk_visit *v, struct view_desk_block *block, struct str action, bool create) {
    static const char *const made[] = {"client_data", "attestation"};
    static const char *const given[] = {"credential", "client_data", "authenticator_data", "signature"};
    struct view_desk_form *form = desk_form(v, block, action, create ? W_DESK_PASSKEY_ADD : W_DESK_PASSKEY_USE);
    form->passkey = create ? STR("create") : STR("get");
    form->challenge = STR("/desk/challenge");
    form->no_script = desk_word(v, W_DESK_PASSKEY_NO_SCRIPT);
    for (size_t i = 0; i < (create ? 2 : 4); i++)
        desk_hidden(v, form, create ? made[i] : given[i], STR_NONE);
}

struct str passkey_bytes(struct desk_visit *v, const char *name) {
    struct str text = http_request_field(v->req, name);
    unsigned char *bytes = arena_take(v->a, text.n + 1);
    size_t n = 0;
    if (text.n == 0 || sodium_base642bin(bytes, text.n + 1, text.p, text.n, NULL, &n, NULL,
                                         sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return STR_NONE;
    return (struct str){(const char *)bytes, n};
}

struct passkey_proof passkey_proof_of(struct desk_visit *v) {
    return (struct passkey_proof){passkey_bytes(v, "credential"), passkey_bytes(v, "client_data"),
                                  passkey_bytes(v, "authenticator_data"), passkey_bytes(v, "signature")};
}

// ---- what the browser is asked for ---------------------------------------------------------------------------------------

static void put_bytes(struct desk_visit *v, struct buf *out, const void *bytes, size_t n) {
    size_t room = sodium_base64_encoded_len(n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *text = arena_take(v->a, room);
    sodium_bin2base64(text, room, bytes, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    buf_fmt(out, "\"%s\"", text);
}

static void put_text(struct buf *out, struct str text) {
    struct render_out o;
    render_out_init(&o, LANG_EN);
    render_json(&o, text);
    buf_str(out, buf_view(&o.body));
    render_out_fini(&o);
}

static struct str host_of(struct str origin) {
    size_t at;
    struct str host = origin;
    if (str_find(origin, STR("://"), &at))
        host = str_slice(origin, at + 3, origin.n);
    return str_find_char(host, ':', &at) ? str_slice(host, 0, at) : host;
}

// The keys the account has: one of them is to be used, and none of them added again.
static void put_known(struct desk_visit *v, struct buf *out) {
    struct passkey *keys;
    size_t count = 0;
    bool listed = v->session != NULL && passkey_list(v->a, v->db, v->session->account.id, &keys, &count) == RC_OK;
    buf_c(out, ",\"known\":[");
    for (size_t i = 0; listed && i < count; i++) {
        if (i > 0)
            buf_char(out, ',');
        put_bytes(v, out, keys[i].credential.p, keys[i].credential.n);
    }
    buf_char(out, ']');
}

void passkey_describe(struct desk_visit *v, const uint8_t challenge[32], bool create) {
    struct buf *out = &v->reply->body;
    v->reply->content_type = STR("application/json");
    buf_c(out, "{\"challenge\":");
    put_bytes(v, out, challenge, 32);
    buf_c(out, ",\"rp\":{\"id\":");
    put_text(out, host_of(v->site->origin));
    buf_c(out, ",\"name\":");
    put_text(out, station_name_of(v));
    buf_char(out, '}');
    put_known(v, out);
    if (create) {
        const struct account *acc = &v->session->account;
        uint8_t id[8];
        for (int i = 0; i < 8; i++)
            id[i] = (uint8_t)((uint64_t)acc->id >> (8 * i));
        buf_c(out, ",\"user\":{\"id\":");
        put_bytes(v, out, id, sizeof(id));
        buf_c(out, ",\"name\":");
        put_text(out, acc->login);
        buf_c(out, ",\"displayName\":");
        put_text(out, acc->name);
        buf_char(out, '}');
    }
    buf_char(out, '}');
}

struct challenging {
    int64_t session_id;
    uint8_t challenge[32];
};

static enum rc make_challenge(struct db *db, void *arg) {
    struct challenging *c = arg;
    return session_challenge(db, c->session_id, c->challenge);
}

enum rc challenge_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct challenging c = {v.session->id, {0}};
    enum rc rc = store_write(v.site->store, STORE_DURABLE, make_challenge, &c);
    if (rc == RC_OK)
        passkey_describe(&v, c.challenge, true);
    return rc;
}
