// SPDX-License-Identifier: AGPL-3.0-or-later
// Timers by slot. A timer's time is rounded up to the slot's, so it is never early and late by a slot at most.
//
// `next` is only a lower bound: moving the timer that stood there leaves it behind, and the price is one wake-up that
// finds nothing and looks for the true next slot. Keeping it exact would cost every request something instead.
#include "net/wheel.h"

static int64_t slot_of(int64_t at_ms) {
    return (at_ms + WHEEL_SLOT_MS - 1) / WHEEL_SLOT_MS;
}

static void link_timer(struct wheel *w, struct net_timer *t, int64_t slot) {
    struct net_timer **head = &w->slots[slot % WHEEL_SLOTS];
    t->at_ms = slot * WHEEL_SLOT_MS;
    t->next = *head;
    t->prev = head;
    if (t->next != NULL)
        t->next->prev = &t->next;
    *head = t;
}

void wheel_init(struct wheel *w, int64_t now_ms) {
    w->done = now_ms / WHEEL_SLOT_MS;
    w->next = INT64_MAX;
}

void wheel_set(struct wheel *w, struct net_timer *t, int64_t at_ms) {
    int64_t slot = slot_of(at_ms);
    if (slot <= w->done)
        slot = w->done + 1;
    if (t->prev != NULL) {
        if (t->at_ms == slot * WHEEL_SLOT_MS)
            return;
        wheel_clear(t);
    }
    link_timer(w, t, slot);
    if (slot < w->next)
        w->next = slot;
}

void wheel_clear(struct net_timer *t) {
    if (t->prev == NULL)
        return;
    *t->prev = t->next;
    if (t->next != NULL)
        t->next->prev = t->prev;
    t->next = NULL;
    t->prev = NULL;
}

// The timers are moved to a list of their own first: what `due` sets again goes into a slot, not into this list, and
// what it clears leaves this list like any other.
static void run_slot(struct wheel *w, int64_t slot) {
    struct net_timer *list = w->slots[slot % WHEEL_SLOTS];
    w->slots[slot % WHEEL_SLOTS] = NULL;
    if (list != NULL)
        list->prev = &list;
    while (list != NULL) {
        struct net_timer *t = list;
        wheel_clear(t);
        if (t->at_ms > slot * WHEEL_SLOT_MS)
            link_timer(w, t, t->at_ms / WHEEL_SLOT_MS);
        else
            t->due(t);
    }
}

static void find_next(struct wheel *w) {
    w->next = INT64_MAX;
    for (int64_t slot = w->done + 1; slot <= w->done + WHEEL_SLOTS; slot++)
        if (w->slots[slot % WHEEL_SLOTS] != NULL) {
            w->next = slot;
            return;
        }
}

// After a long sleep of the machine more than one turn may have passed: then every slot is looked at once, in the last
// turn of the wheel, and what was due in an earlier one runs then.
void wheel_turn(struct wheel *w, int64_t now_ms) {
    int64_t now_slot = now_ms / WHEEL_SLOT_MS;
    if (now_slot < w->next || now_slot <= w->done)
        return;
    int64_t from = w->next > w->done ? w->next : w->done + 1;
    if (now_slot - from >= WHEEL_SLOTS)
        from = now_slot - WHEEL_SLOTS + 1;
    for (int64_t slot = from; slot <= now_slot; slot++) {
        w->done = slot;
        run_slot(w, slot);
    }
    find_next(w);
}

int64_t wheel_wait_ms(const struct wheel *w, int64_t now_ms) {
    if (w->next == INT64_MAX)
        return -1;
    int64_t wait = w->next * WHEEL_SLOT_MS - now_ms;
    return wait < 0 ? 0 : wait;
}
