// SPDX-License-Identifier: AGPL-3.0-or-later
// A chained hash table in 64 shards. Only keyed hashes are kept, never addresses; a row goes away when nobody is
// connected from there and its bucket is full again.
#include "http/address_table.h"

#include <netinet/in.h>
#include <pthread.h>

enum { SHARDS = 64, SLOTS = 256 };

struct bucket {
    bool used; // since it was full
    double tokens;
    int64_t filled_us;
};
struct row {
    struct row *next;
    uint64_t key;
    unsigned connections;
    struct bucket posts[ADDRESS_SPANS];
};
struct shard {
    pthread_mutex_t lock;
    struct row *slots[SLOTS];
    unsigned posts; // since the last sweep
};
struct address_table {
    struct shard shards[SHARDS];
};

struct address_table *address_table_new(void) {
    struct address_table *t = MEM_NEW(struct address_table);
    for (size_t i = 0; i < SHARDS; i++)
        must(pthread_mutex_init(&t->shards[i].lock, NULL) == 0);
    return t;
}

static void free_shard(struct shard *s) {
    for (size_t i = 0; i < SLOTS; i++)
        while (s->slots[i] != NULL) {
            struct row *row = s->slots[i];
            s->slots[i] = row->next;
            mem_free(row);
        }
    pthread_mutex_destroy(&s->lock);
}

void address_table_free(struct address_table **t) {
    if (*t == NULL)
        return;
    for (size_t i = 0; i < SHARDS; i++)
        free_shard(&(*t)->shards[i]);
    mem_free(*t);
    *t = NULL;
}

uint64_t address_key(const struct sockaddr *sa) {
    char bytes[9] = {0};
    if (sa->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, sa, sizeof(in));
        bytes[0] = 4;
        memcpy(bytes + 1, &in.sin_addr, 4);
    } else if (sa->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, sa, sizeof(in6));
        bool mapped = IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr);
        bytes[0] = mapped ? 4 : 6;
        memcpy(bytes + 1, in6.sin6_addr.s6_addr + (mapped ? 12 : 0), mapped ? 4 : 8);
    } else {
        return 0;
    }
    uint64_t key = hash_key((struct str){bytes, sizeof(bytes)});
    return key != 0 ? key : 1;
}

static struct shard *shard_of(struct address_table *t, uint64_t key) {
    return &t->shards[key % SHARDS];
}

static struct row **find(struct shard *s, uint64_t key) {
    struct row **at = &s->slots[key / SHARDS % SLOTS];
    while (*at != NULL && (*at)->key != key)
        at = &(*at)->next;
    return at;
}

static struct row *find_or_add(struct shard *s, uint64_t key) {
    struct row **at = find(s, key);
    if (*at == NULL) {
        *at = MEM_NEW(struct row);
        (*at)->key = key;
    }
    return *at;
}

static void drop_if_idle(struct row **at) {
    struct row *row = *at;
    for (int i = 0; i < ADDRESS_SPANS; i++)
        if (row->posts[i].used)
            return;
    if (row->connections > 0)
        return;
    *at = row->next;
    mem_free(row);
}

bool address_enter(struct address_table *t, uint64_t key, unsigned limit) {
    if (key == 0)
        return true;
    struct shard *s = shard_of(t, key);
    pthread_mutex_lock(&s->lock);
    struct row *row = find_or_add(s, key);
    bool ok = limit == 0 || row->connections < limit;
    row->connections += ok ? 1 : 0;
    pthread_mutex_unlock(&s->lock);
    return ok;
}

void address_leave(struct address_table *t, uint64_t key) {
    if (key == 0)
        return;
    struct shard *s = shard_of(t, key);
    pthread_mutex_lock(&s->lock);
    struct row **at = find(s, key);
    must(*at != NULL && (*at)->connections > 0);
    (*at)->connections--;
    drop_if_idle(at);
    pthread_mutex_unlock(&s->lock);
}

static const int64_t span_us[ADDRESS_SPANS] = {60 * US_PER_SECOND, 3600 * US_PER_SECOND};

static void refill(struct bucket *b, int64_t span, unsigned most, int64_t now_us) {
    if (!b->used)
        *b = (struct bucket){true, most, now_us};
    double gained = (double)(now_us - b->filled_us) * most / (double)span;
    b->tokens += gained > 0 ? gained : 0;
    if (b->tokens > most)
        b->tokens = most;
    b->filled_us = now_us;
}

// Every thousand posts, so that the table stays as small as the number of those who posted lately.
static void sweep(struct shard *s, int64_t now_us) {
    s->posts = 0;
    for (size_t i = 0; i < SLOTS; i++)
        for (struct row **at = &s->slots[i]; *at != NULL;) {
            struct row *row = *at;
            for (int span = 0; span < ADDRESS_SPANS; span++)
                if (row->posts[span].used && now_us - row->posts[span].filled_us > span_us[span])
                    row->posts[span].used = false;
            drop_if_idle(at);
            if (*at == row)
                at = &row->next;
        }
}

bool address_may_post(struct address_table *t, uint64_t key, enum address_span span, unsigned most, int64_t now_us) {
    if (key == 0 || most == 0)
        return true;
    struct shard *s = shard_of(t, key);
    pthread_mutex_lock(&s->lock);
    if (++s->posts >= 1000)
        sweep(s, now_us);
    struct bucket *b = &find_or_add(s, key)->posts[span];
    refill(b, span_us[span], most, now_us);
    bool ok = b->tokens >= 1;
    b->tokens -= ok ? 1 : 0;
    pthread_mutex_unlock(&s->lock);
    return ok;
}

void address_post_undo(struct address_table *t, uint64_t key, enum address_span span) {
    if (key == 0)
        return;
    struct shard *s = shard_of(t, key);
    pthread_mutex_lock(&s->lock);
    struct row *row = *find(s, key);
    if (row != NULL && row->posts[span].used) // else it was full again meanwhile
        row->posts[span].tokens += 1;         // the next refill cuts it to what a full one holds
    pthread_mutex_unlock(&s->lock);
}
