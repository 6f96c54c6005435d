// SPDX-License-Identifier: AGPL-3.0-or-later
// How often somebody may guess. Three counts are kept of failures:
//
//   an account, from strangers      the first failure costs a second, then two, four ... a minute: a thousand addresses
//                                   together guess one password a minute
//   an account, from a known device free for ten failures, then the same: so strangers never keep the owner out
//   an address, whatever accounts   free for twenty failures, then the same: against one guess at each account
//
// A count is forgotten an hour after its last failure. Known is a device that shows it, or an address from which the
// account was opened within the last weeks of this process. The tables are small sets of eight by a keyed hash; a full
// set forgets its oldest, so nothing grows, whatever is tried.
#include <arpa/inet.h>
#include <pthread.h>

#include "staff/internal.h"

enum {
    WAYS = 8,
    FAILURE_SETS = 4096,
    KNOWN_SETS = 512,
    SPENT_SETS = 512,
    FREE_OF_STRANGERS = 0,
    FREE_OF_KNOWN = 10,
    FREE_OF_ADDRESS = 20,
    WAIT_MOST_SECONDS = 60,
};
#define FORGET_US (INT64_C(3600) * US_PER_SECOND)

struct entry {
    uint64_t key; // 0: empty
    int64_t at_us;
    uint32_t count;
};
struct table {
    struct entry *entries;
    size_t sets;
};
struct login_tries {
    pthread_mutex_t lock;
    struct table failures, known, spent;
};

static void table_init(struct table *t, size_t sets) {
    t->entries = mem_array(sets * WAYS, sizeof *t->entries);
    t->sets = sets;
}

struct login_tries *login_tries_new(void) {
    struct login_tries *t = MEM_NEW(struct login_tries);
    must(pthread_mutex_init(&t->lock, NULL) == 0);
    table_init(&t->failures, FAILURE_SETS);
    table_init(&t->known, KNOWN_SETS);
    table_init(&t->spent, SPENT_SETS);
    return t;
}

void login_tries_free(struct login_tries **t_ref) {
    struct login_tries *t = *t_ref;
    if (t == NULL)
        return;
    *t_ref = NULL;
    pthread_mutex_destroy(&t->lock);
    mem_free(t->failures.entries);
    mem_free(t->known.entries);
    mem_free(t->spent.entries);
    mem_free(t);
}

// ---- tables ------------------------------------------------------------------------------------------------------------

static struct entry *find(const struct table *t, uint64_t key) {
    struct entry *set = &t->entries[key % t->sets * WAYS];
    for (size_t i = 0; i < WAYS; i++)
        if (set[i].key == key)
            return &set[i];
    return NULL;
}

// The key's entry, or the oldest of its set, emptied.
static struct entry *take(struct table *t, uint64_t key) {
    struct entry *found = find(t, key), *set = &t->entries[key % t->sets * WAYS];
    if (found != NULL)
        return found;
    found = set;
    for (size_t i = 1; i < WAYS; i++)
        if (set[i].key == 0 || (found->key != 0 && set[i].at_us < found->at_us))
            found = &set[i];
    *found = (struct entry){.key = key};
    return found;
}

// ---- keys --------------------------------------------------------------------------------------------------------------

// Of IPv6 a provider gives away 2^64 at once: they count as one.
static struct str network_of(struct str address, char room[INET6_ADDRSTRLEN]) {
    char text[INET6_ADDRSTRLEN];
    struct in6_addr v6;
    if (address.n >= sizeof text)
        return str_slice(address, 0, sizeof text);
    memcpy(text, address.n > 0 ? address.p : "", address.n);
    text[address.n] = '\0';
    if (inet_pton(AF_INET6, text, &v6) != 1 || IN6_IS_ADDR_V4MAPPED(&v6))
        return address;
    memset(v6.s6_addr + 8, 0, 8);
    must(inet_ntop(AF_INET6, &v6, room, INET6_ADDRSTRLEN) != NULL);
    return str_from(room);
}

enum kind { OF_STRANGERS = 's', OF_KNOWN = 'k', OF_ADDRESS = 'a', KNOWN_ADDRESS = 'n', SPENT = 't' };

static uint64_t key_of(enum kind kind, struct str login, struct str address) {
    char room[INET6_ADDRSTRLEN], text[512];
    struct str network = network_of(address, room);
    int n = snprintf(text, sizeof text, "%c%.*s\n%.*s", kind, STR_ARG(str_slice(login, 0, 300)), STR_ARG(network));
    must(n > 0 && (size_t)n < sizeof text);
    uint64_t key = hash_key((struct str){text, (size_t)n});
    return key != 0 ? key : 1;
}

// ---- counting ------------------------------------------------------------------------------------------------------------

static int64_t wait_us(const struct table *t, uint64_t key, uint32_t free_failures, int64_t mono_us) {
    const struct entry *e = find(t, key);
    if (e == NULL || e->count <= free_failures || mono_us - e->at_us >= FORGET_US)
        return 0;
    uint32_t over = e->count - free_failures - 1;
    int64_t seconds = over < 6 ? INT64_C(1) << over : WAIT_MOST_SECONDS;
    int64_t left = e->at_us + seconds * US_PER_SECOND - mono_us;
    return left > 0 ? left : 0;
}

static void count(struct table *t, uint64_t key, int64_t mono_us) {
    struct entry *e = take(t, key);
    if (mono_us - e->at_us >= FORGET_US)
        e->count = 0;
    e->count += e->count < UINT32_MAX;
    e->at_us = mono_us;
}

static bool is_known(const struct login_tries *t, struct str login, struct str address, bool known) {
    return known || find(&t->known, key_of(KNOWN_ADDRESS, login, address)) != NULL;
}

int64_t login_tries_wait_ms(struct login_tries *t, struct str login, struct str address, bool known, int64_t mono_us) {
    pthread_mutex_lock(&t->lock);
    int64_t wait = is_known(t, login, address, known)
                       ? wait_us(&t->failures, key_of(OF_KNOWN, login, STR_NONE), FREE_OF_KNOWN, mono_us)
                       : wait_us(&t->failures, key_of(OF_STRANGERS, login, STR_NONE), FREE_OF_STRANGERS, mono_us);
    int64_t of_address =
        known ? 0 : wait_us(&t->failures, key_of(OF_ADDRESS, STR_NONE, address), FREE_OF_ADDRESS, mono_us);
    pthread_mutex_unlock(&t->lock);
    wait = wait > of_address ? wait : of_address;
    return (wait + 999) / 1000;
}

void login_tries_failed(struct login_tries *t, struct str login, struct str address, bool known, int64_t mono_us) {
    pthread_mutex_lock(&t->lock);
    bool as_known = is_known(t, login, address, known);
    count(&t->failures, key_of(as_known ? OF_KNOWN : OF_STRANGERS, login, STR_NONE), mono_us);
    count(&t->failures, key_of(OF_ADDRESS, STR_NONE, address), mono_us);
    pthread_mutex_unlock(&t->lock);
}

// The strangers' count stays: the owner's coming home gives a guesser no new start.
void login_tries_passed(struct login_tries *t, struct str login, struct str address) {
    pthread_mutex_lock(&t->lock);
    take(&t->known, key_of(KNOWN_ADDRESS, login, address))->at_us = clock_mono_us();
    struct entry *own = find(&t->failures, key_of(OF_KNOWN, login, STR_NONE));
    if (own != NULL)
        *own = (struct entry){0};
    pthread_mutex_unlock(&t->lock);
}

bool login_ticket_spend(struct login_tries *t, struct str ticket, int64_t mono_us) {
    uint64_t key = key_of(SPENT, ticket, STR_NONE);
    pthread_mutex_lock(&t->lock);
    bool first = find(&t->spent, key) == NULL;
    if (first)
        take(&t->spent, key)->at_us = mono_us;
    pthread_mutex_unlock(&t->lock);
    return first;
}
