// SPDX-License-Identifier: AGPL-3.0-or-later
// From the outbox to the courier. Claimed in one write, reported in another; a claim outlives what the courier may take,
// so that nothing is given away twice while it works. A courier that ends over a thing is a failed try; if this process
// ends, the claim runs out. Either way the thing goes out again under the same key.
#include <stdatomic.h>

#include "courier/courier.h"
#include "main/outgoing.h"
#include "net/net.h"
#include "record/record.h"

enum { RENEW_MS = 5000, ASK_MS = (COURIER_SECONDS + 15) * 1000, PRUNE_ROWS = 100, PRUNE_SECONDS = 3600 };
#define LEASE_US ((COURIER_SECONDS + 60) * US_PER_SECOND)

struct outgoing {
    struct site *site;
    struct net_channel *channel;
    struct background *background;
    int64_t pruned_us; // monotonic
    atomic_bool renew; // the courier goes by parameters that may be old
};

struct piece {
    struct arena *a;
    struct str kind;
    struct outbox_item item;
    bool taken;
    struct courier_report report;
    int64_t now;
};

static enum rc claim(struct db *db, void *arg) {
    struct piece *p = arg;
    struct outbox_item *items;
    size_t count = 0;
    enum rc rc = outbox_claim(p->a, db, p->kind, p->now, LEASE_US, 1, &items, &count);
    p->taken = rc == RC_OK && count > 0;
    if (p->taken)
        p->item = items[0];
    return rc;
}

static enum rc settle(struct db *db, void *arg) {
    struct piece *p = arg;
    if (p->report.outcome == COURIER_DONE)
        return outbox_done(db, p->item.id, p->item.attempts, p->now);
    return outbox_failed(db, p->item.id, p->item.attempts, p->report.error, p->report.outcome == COURIER_NEVER, p->now);
}

static enum rc prune(struct db *db, void *arg) {
    (void)arg;
    return outbox_prune(db, clock_now_us(), PRUNE_ROWS);
}

static struct courier_report ask(struct outgoing *o, struct background *b, struct piece *p) {
    struct courier_order order = {p->item.kind, p->item.key, p->item.payload};
    struct courier_report report = {COURIER_LATER, STR("the courier did not answer in time")};
    struct net_message answer;
    struct buf body;
    buf_init(&body, NET_MESSAGE_BYTES);
    if (courier_order_write(&body, &order) != RC_OK) {
        buf_fini(&body);
        return (struct courier_report){COURIER_NEVER, STR("it is too long")};
    }
    struct net_message question = {.kind = COURIER_KIND_ASK, .body = buf_view(&body)};
    background_away(b);
    enum rc rc = net_channel_ask(o->channel, p->a, &question, &answer, ASK_MS);
    background_back(b);
    buf_fini(&body);
    if (rc == RC_GONE)
        report.error = STR("the courier ended over it");
    else if (rc == RC_OK && (answer.kind != COURIER_KIND_REPORT || courier_report_read(answer.body, &report) != RC_OK))
        report = (struct courier_report){COURIER_LATER, STR("the courier's report could not be read")};
    if (rc == RC_OK)
        net_message_close(&answer);
    return report;
}

// True: one was taken, and then the next may be due as well.
static bool deliver_next(struct outgoing *o, struct background *b, struct arena *a, struct db *db, struct str kind) {
    struct piece p = {.a = a, .kind = kind, .now = clock_now_us()};
    bool mail = str_eq(kind, STR("mail"));
    bool can = mail ? o->site->sends_mail : o->site->calls_hook;
    int64_t due = can ? outbox_next_due(db, kind) : 0;
    if (due == 0 || due > p.now || store_write(o->site->store, STORE_DURABLE, claim, &p) != RC_OK || !p.taken)
        return false;
    int64_t until = mail ? mail_until(p.item.payload) : 0;
    if (until != 0 && until <= p.now)
        p.report = (struct courier_report){COURIER_NEVER, STR("it could not be sent while it was of use")};
    else
        p.report = ask(o, b, &p);
    p.now = clock_now_us();
    enum rc rc = store_write(o->site->store, STORE_DURABLE, settle, &p);
    if (rc != RC_OK && rc != RC_CONFLICT) // then the claim runs out
        log_warn("what became of an item of the outbox could not be written down");
    return true;
}

// Between two deliveries, so that none is cut short. One that crashed is new anyway; one that does not answer in time
// ends when it comes to it.
static void renew(struct outgoing *o, struct background *b, struct arena *a) {
    struct net_message question = {.kind = COURIER_KIND_RENEW}, answer;
    background_away(b);
    enum rc rc = net_channel_ask(o->channel, a, &question, &answer, RENEW_MS);
    background_back(b);
    if (rc == RC_OK)
        net_message_close(&answer);
}

static bool work(struct background *b, struct arena *a, struct db *db, void *arg) {
    struct outgoing *o = arg;
    int64_t mono = clock_mono_us();
    if (atomic_exchange(&o->renew, false))
        renew(o, b, a);
    if (mono - o->pruned_us >= PRUNE_SECONDS * US_PER_SECOND) {
        o->pruned_us = mono;
        if (store_write(o->site->store, STORE_RELAXED, prune, NULL) != RC_OK)
            log_warn("old items of the outbox could not be forgotten");
    }
    bool any = deliver_next(o, b, a, db, STR("mail"));
    return deliver_next(o, b, a, db, STR("hook")) || any;
}

struct outgoing *outgoing_start(struct site *site, int channel_fd) {
    struct outgoing *o = MEM_NEW(struct outgoing);
    o->site = site;
    o->channel = net_channel_new(channel_fd);
    o->background = background_start(site->store, "outgoing", work, o);
    return o;
}

void outgoing_renew(struct outgoing *o) {
    atomic_store(&o->renew, true);
}

void outgoing_stop(struct outgoing **outgoing) {
    struct outgoing *o = *outgoing;
    *outgoing = NULL;
    if (!background_stop(&o->background))
        return;
    net_channel_free(&o->channel);
    mem_free(o);
}
