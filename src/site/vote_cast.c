// SPDX-License-Identifier: AGPL-3.0-or-later
// "Rate this item": one vote per reader and item; voting again changes it. The reader is a random number in a signed
// cookie that only /vote ever sees. What is stored is a keyed hash of that number and the item, so that a reader's
// votes cannot be laid side by side, by the station either. The answer leads back to the article, whose page has the
// thanks for each number of stars ready and shows the one named behind '#'.
#include <sodium.h>

#include "render/render.h"
#include "site/routes.h"

enum { VOTER_BYTES = 16, MAC_BYTES = crypto_auth_hmacsha256_BYTES, COOKIE_BYTES = VOTER_BYTES + MAC_BYTES };

static void keyed_hash(const struct site *site, char purpose, const uint8_t voter[VOTER_BYTES], int64_t number,
                       uint8_t out[MAC_BYTES]) {
    uint8_t text[1 + VOTER_BYTES + 8];
    text[0] = (uint8_t)purpose;
    memcpy(text + 1, voter, VOTER_BYTES);
    for (int i = 0; i < 8; i++)
        text[1 + VOTER_BYTES + i] = (uint8_t)((uint64_t)number >> (8 * i));
    (void)crypto_auth_hmacsha256(out, text, sizeof(text), site->vote_key);
}

// Reads who votes from the cookie; false when there is none, or one that we did not sign.
static bool voter_of(const struct site *site, struct str cookie, uint8_t voter[VOTER_BYTES]) {
    uint8_t bytes[COOKIE_BYTES], mac[MAC_BYTES];
    if (cookie.n != sizeof(bytes) * 2 || !hex_get(cookie, bytes, sizeof(bytes)))
        return false;
    keyed_hash(site, 'c', bytes, 0, mac);
    if (sodium_memcmp(mac, bytes + VOTER_BYTES, MAC_BYTES) != 0)
        return false;
    memcpy(voter, bytes, VOTER_BYTES);
    return true;
}

static void set_cookie(const struct site *site, const uint8_t voter[VOTER_BYTES], struct http_reply *reply) {
    uint8_t bytes[COOKIE_BYTES];
    char hex[COOKIE_BYTES * 2];
    memcpy(bytes, voter, VOTER_BYTES);
    keyed_hash(site, 'c', voter, 0, bytes + VOTER_BYTES);
    hex_put(hex, bytes, sizeof(bytes));
    http_reply_cookie(reply, "voter", (struct str){hex, sizeof(hex)},
                      str_starts(site->origin, STR("https://"))
                          ? "Path=/vote; Max-Age=31536000; HttpOnly; SameSite=Lax; Secure"
                          : "Path=/vote; Max-Age=31536000; HttpOnly; SameSite=Lax");
}

struct ballot {
    int64_t number, at;
    int value;
    uint8_t voter[MAC_BYTES];
    struct news_changes changes;
};

static enum rc cast(struct db *db, void *arg) {
    struct ballot *b = arg;
    int64_t sum, count;
    b->changes = (struct news_changes){0};
    return vote_cast(db, b->number, b->voter, b->value, b->at, &sum, &count, &b->changes);
}

static enum rc count_vote(struct site *site, struct ballot *b, const uint8_t voter[VOTER_BYTES]) {
    keyed_hash(site, 'v', voter, b->number, b->voter);
    enum rc rc = store_write(site->store, STORE_DURABLE, cast, b);
    if (rc == RC_OK)
        news_changes_raise(&b->changes);
    return rc;
}

enum rc vote_cast_post(struct http_request *req, struct http_reply *reply) {
    struct worker *worker = req->worker;
    struct ballot *ballot = ARENA_NEW(req->arena, struct ballot);
    struct article art = {0};
    int64_t until, value = 0;
    uint8_t voter[VOTER_BYTES];
    ballot->at = clock_now_us();
    if (!str_to_i64(req->params[0], &ballot->number) || ballot->number <= 0)
        return RC_NOT_FOUND;
    enum rc rc = article_show(req->arena, worker->db, ballot->number, ballot->at, &art, &until);
    if (rc != RC_OK)
        return rc;
    struct str address = link_article_of(req->arena, &art);
    if (!req->form_ok || !str_to_i64(http_request_field(req, "value"), &value)) {
        // No star was chosen: back to the stars.
        http_reply_redirect(reply, 303, str_fmt(req->arena, "%.*s#rating", STR_ARG(address)));
        return RC_OK;
    }
    ballot->value = (int)value;
    if (!voter_of(worker->site, http_request_cookie(req, "voter"), voter))
        random_bytes(voter, sizeof(voter));
    rc = count_vote(worker->site, ballot, voter);
    if (rc != RC_OK)
        return rc;
    set_cookie(worker->site, voter, reply);
    http_reply_redirect(reply, 303, str_fmt(req->arena, "%.*s#voted-%d", STR_ARG(address), ballot->value));
    return RC_OK;
}
