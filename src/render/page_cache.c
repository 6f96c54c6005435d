// SPDX-License-Identifier: AGPL-3.0-or-later
// The pages that are ready. A reader's request meets one of three things here:
//
//   fresh page              HIT       nothing it shows has changed since it was made
//   none, nobody makes it   DISPATCH  and a flight is noted under the address
//   none, somebody does     WAIT      the waiter joins the flight; it is woken when the flight ends
//
// An entry belongs to its shard and holds one reference of its page; a HIT takes another under the shard's lock. An
// entry that turned out stale is dropped at once, so that what was withdrawn can show from nowhere. Shards evict by
// CLOCK: a page that was asked for since the hand last came by gets another round.
#include "render/page_cache.h"

#include <pthread.h>
#include <stdatomic.h>

enum { SHARDS_MAX = 64, SHARD_BYTES = 4 << 20, BUCKETS_MIN = 64 };

// The hit path reads a few words of this and, when something changed somewhere, the rows.
struct entry {
    uint64_t key;
    struct entry *chain;
    struct entry *before, *behind; // in the clock's ring
    struct http_page *page;
    int64_t until;
    uint64_t checked;     // generation at which all rows were found unchanged
    bool only_generation; // used too much to list: any change of anything ends it
    bool asked;
    bool plain; // a reader without gzip was here: the page has both bodies now
    size_t bytes;
    size_t row_count;
    struct row {
        edition_scope scope;
        uint32_t seen;
    } * rows;
    size_t target_n;
    char target[];
};

struct flight {
    struct flight *next;
    uint64_t key;
    struct http_waiter **waiters;
    size_t count, capacity;
    size_t target_n;
    char target[];
};

struct shard {
    pthread_mutex_t lock;
    struct entry **buckets;
    size_t bucket_count, pages, bytes, max_bytes;
    struct entry *hand;
    struct flight *flights;
    uint64_t hits, renders, stale, evicted, waits;
} __attribute__((aligned(64)));

struct page_cache {
    size_t shard_count; // a power of two
    struct shard shards[SHARDS_MAX];
};

// ---- making and freeing
// ----------------------------------------------------------------------------------------------

struct page_cache *page_cache_new(size_t max_bytes) {
    struct page_cache *c = MEM_NEW(struct page_cache);
    c->shard_count = 1;
    while (c->shard_count < SHARDS_MAX && max_bytes / (2 * c->shard_count) >= SHARD_BYTES) {
        c->shard_count *= 2;
    }
    for (size_t i = 0; i < c->shard_count; i++) {
        struct shard *s = &c->shards[i];
        must(pthread_mutex_init(&s->lock, NULL) == 0);
        s->max_bytes = max_bytes / c->shard_count;
        s->bucket_count = BUCKETS_MIN;
        s->buckets = mem_array(BUCKETS_MIN, sizeof(struct entry *));
    }
    return c;
}

static void entry_free(struct entry *e) {
    http_page_unref(&e->page);
    mem_free(e->rows);
    mem_free(e);
}

// Takes the entry out of chain and ring; the caller frees it.
static void entry_unlink(struct shard *s, struct entry *e) {
    struct entry **at = &s->buckets[e->key & (s->bucket_count - 1)];
    while (*at != e) {
        at = &(*at)->chain;
    }
    *at = e->chain;
    if (s->hand == e) {
        s->hand = e->behind == e ? NULL : e->behind;
    }
    e->before->behind = e->behind;
    e->behind->before = e->before;
    s->bytes -= e->bytes;
    s->pages--;
}

void page_cache_free(struct page_cache **c) {
    if (*c == NULL) {
        return;
    }
    for (size_t i = 0; i < (*c)->shard_count; i++) {
        struct shard *s = &(*c)->shards[i];
        must(s->flights == NULL); // who waits would wait for ever
        while (s->hand != NULL) {
            struct entry *e = s->hand;
            entry_unlink(s, e);
            entry_free(e);
        }
        mem_free(s->buckets);
        must(pthread_mutex_destroy(&s->lock) == 0);
    }
    mem_free(*c);
    *c = NULL;
}

// ---- finding
// -----------------------------------------------------------------------------------------------------------

// "/x?" is "/x".
static struct str target_of(const struct http_request *req) {
    return req->query.n == 0 ? req->path : req->target;
}

// The low bits choose the bucket, so the shard is chosen by the high ones.
static struct shard *shard_of(struct page_cache *c, uint64_t key) {
    return &c->shards[(key >> 48) & (c->shard_count - 1)];
}

static struct entry *entry_find(const struct shard *s, uint64_t key, struct str target) {
    for (struct entry *e = s->buckets[key & (s->bucket_count - 1)]; e != NULL; e = e->chain) {
        if (e->key == key && e->target_n == target.n && memcmp(e->target, target.p, target.n) == 0) {
            return e;
        }
    }
    return NULL;
}

static struct flight **flight_find(struct shard *s, uint64_t key, struct str target) {
    struct flight **at = &s->flights;
    while (*at != NULL &&
           ((*at)->key != key || (*at)->target_n != target.n || memcmp((*at)->target, target.p, target.n) != 0)) {
        at = &(*at)->next;
    }
    return at;
}

// The generation is read before the rows: a change in between leaves an older generation noted, and is seen next time.
static bool entry_fresh(struct entry *e) {
    uint64_t generation = edition_generation();
    if (generation != e->checked) {
        if (e->only_generation) {
            return false;
        }
        for (size_t i = 0; i < e->row_count; i++) {
            if (edition_get(e->rows[i].scope) != e->rows[i].seen) {
                return false;
            }
        }
        e->checked = generation;
    }
    return e->until == INT64_MAX || clock_now_us() < e->until;
}

// ---- room
// ----------------------------------------------------------------------------------------------------------------

// Unlinks until there is room; what comes out is chained for freeing outside of the lock.
static struct entry *make_room(struct shard *s, size_t bytes, struct entry *out) {
    while (s->hand != NULL && s->bytes + bytes > s->max_bytes) {
        struct entry *e = s->hand;
        if (e->asked) {
            e->asked = false;
            s->hand = e->behind;
            continue;
        }
        entry_unlink(s, e);
        s->evicted++;
        e->chain = out;
        out = e;
    }
    return out;
}

static void entries_free(struct entry *e) {
    while (e != NULL) {
        struct entry *next = e->chain;
        entry_free(e);
        e = next;
    }
}

// Before the page unpacks itself for its first reader without gzip. Returns what had to go.
static struct entry *entry_becomes_plain(struct shard *s, struct entry *e) {
    size_t more = http_page_bytes(e->page, true) - http_page_bytes(e->page, false);
    e->plain = true;
    e->bytes += more;
    s->bytes += more;
    return make_room(s, 0, NULL);
}

// ---- flights
// -------------------------------------------------------------------------------------------------------------

static void flight_begin(struct shard *s, uint64_t key, struct str target) {
    struct flight *f = mem_new(sizeof(*f) + target.n);
    f->key = key;
    f->target_n = target.n;
    memcpy(f->target, target.p, target.n);
    f->next = s->flights;
    s->flights = f;
}

static void flight_join(struct flight *f, struct http_waiter *waiter) {
    if (f->count == f->capacity) {
        f->capacity = f->capacity == 0 ? 8 : f->capacity * 2;
        f->waiters = mem_grow(f->waiters, f->capacity, sizeof(*f->waiters));
    }
    f->waiters[f->count++] = waiter;
}

// Takes the flight of an address out, if there is one; woken outside of the lock by flight_end.
static struct flight *flight_take(struct shard *s, uint64_t key, struct str target) {
    struct flight **at = flight_find(s, key, target), *f = *at;
    if (f != NULL) {
        *at = f->next;
    }
    return f;
}

static void flight_end(struct flight *f, bool look_again) {
    if (f == NULL) {
        return;
    }
    for (size_t i = 0; i < f->count; i++) {
        http_waiter_wake(f->waiters[i], look_again);
    }
    mem_free(f->waiters);
    mem_free(f);
}

// ---- lookup
// --------------------------------------------------------------------------------------------------------------

static bool is_kept(const struct http_request *req) {
    if (req->method != HTTP_GET && req->method != HTTP_HEAD) {
        return false;
    }
    const struct http_route *route = req->route; // not found yet when a loop thread asks
    return route == NULL || route->cache == HTTP_CACHE_EDITION || route->cache == HTTP_CACHE_SHORT;
}

static enum http_lookup miss(struct shard *s, uint64_t key, struct str target, bool single,
                             struct http_waiter *(*waiter_make)(void *), void *context) {
    if (single) {
        struct flight *f = *flight_find(s, key, target);
        if (f != NULL && waiter_make != NULL) {
            flight_join(f, waiter_make(context));
            s->waits++;
            return HTTP_LOOKUP_WAIT;
        }
        if (f == NULL) {
            flight_begin(s, key, target);
        }
    }
    s->renders++;
    return HTTP_LOOKUP_DISPATCH;
}

// A fresh entry's page for one reader. What had to go for it is added to *dropped.
static struct http_page *hit(struct shard *s, struct entry *e, bool gzip, struct entry **dropped) {
    e->asked = true;
    s->hits++;
    struct http_page *page = http_page_ref(e->page);
    if (!gzip && !e->plain)
        *dropped = entry_becomes_plain(s, e);
    return page;
}

struct http_page *page_cache_ready(void *app, const struct http_request *req) {
    struct page_cache *c = ((struct site *)app)->cache;
    struct str target = target_of(req);
    uint64_t key = hash_key(target);
    struct shard *s = shard_of(c, key);
    struct http_page *page = NULL;
    struct entry *dropped = NULL;
    must(pthread_mutex_lock(&s->lock) == 0);
    struct entry *e = entry_find(s, key, target);
    if (e != NULL && entry_fresh(e))
        page = hit(s, e, req->gzip, &dropped);
    must(pthread_mutex_unlock(&s->lock) == 0);
    entries_free(dropped);
    return page;
}

enum http_lookup page_cache_lookup(void *app, const struct http_request *req, struct http_page **page_out,
                                   struct http_waiter *(*waiter_make)(void *), void *waiter_context) {
    struct page_cache *c = ((struct site *)app)->cache;
    *page_out = NULL;
    if (!is_kept(req) || req->roles != 0) {
        return HTTP_LOOKUP_DISPATCH;
    }
    struct str target = target_of(req);
    uint64_t key = hash_key(target);
    struct shard *s = shard_of(c, key);
    struct entry *dropped = NULL;
    enum http_lookup answer = HTTP_LOOKUP_HIT;
    must(pthread_mutex_lock(&s->lock) == 0);
    struct entry *e = entry_find(s, key, target);
    if (e != NULL && entry_fresh(e)) {
        *page_out = hit(s, e, req->gzip, &dropped);
    } else {
        if (e != NULL) {
            entry_unlink(s, e);
            s->stale++;
            e->chain = NULL;
            dropped = e;
        }
        answer = miss(s, key, target, req->query.n == 0 || dropped != NULL, waiter_make, waiter_context);
        if (answer == HTTP_LOOKUP_DISPATCH && dropped != NULL && dropped->asked)
            answer = HTTP_LOOKUP_SOON;
    }
    must(pthread_mutex_unlock(&s->lock) == 0);
    entries_free(dropped);
    return answer;
}

void page_cache_lookup_over(void *app, const struct http_request *req) {
    struct page_cache *c = ((struct site *)app)->cache;
    if (req->method != HTTP_GET && req->method != HTTP_HEAD) {
        return;
    }
    struct str target = target_of(req);
    uint64_t key = hash_key(target);
    struct shard *s = shard_of(c, key);
    must(pthread_mutex_lock(&s->lock) == 0);
    struct flight *f = flight_take(s, key, target);
    must(pthread_mutex_unlock(&s->lock) == 0);
    flight_end(f, false);
}

// ---- storing
// -------------------------------------------------------------------------------------------------------------

static struct entry *entry_make(uint64_t key, const struct http_request *req, struct http_page *page,
                                const struct render_uses *uses) {
    struct str target = target_of(req);
    struct entry *e = mem_new(sizeof(*e) + target.n);
    e->key = key;
    e->target_n = target.n;
    memcpy(e->target, target.p, target.n);
    e->page = http_page_ref(page);
    e->until = uses->until;
    e->checked = uses->generation;
    e->only_generation = uses->too_many;
    if (uses->too_many) {
        int64_t soon = clock_now_us() + US_PER_SECOND;
        e->until = soon < e->until ? soon : e->until;
    }
    e->row_count = uses->count;
    e->rows = mem_array(uses->count > 0 ? uses->count : 1, sizeof(*e->rows));
    for (size_t i = 0; i < uses->count; i++) {
        e->rows[i] = (struct row){uses->rows[i].scope, uses->rows[i].seen};
    }
    e->plain = !req->gzip;
    e->bytes = http_page_bytes(page, e->plain) + sizeof(*e) + target.n + uses->count * sizeof(*e->rows);
    return e;
}

static void buckets_grow(struct shard *s) {
    size_t count = s->bucket_count * 2;
    struct entry **buckets = mem_array(count, sizeof(struct entry *));
    for (size_t i = 0; i < s->bucket_count; i++) {
        for (struct entry *e = s->buckets[i], *next; e != NULL; e = next) {
            next = e->chain;
            e->chain = buckets[e->key & (count - 1)];
            buckets[e->key & (count - 1)] = e;
        }
    }
    mem_free(s->buckets);
    s->buckets = buckets;
    s->bucket_count = count;
}

// Behind the hand, so that it has a whole round before it is looked at.
static void entry_link(struct shard *s, struct entry *e) {
    if (s->pages >= s->bucket_count) {
        buckets_grow(s);
    }
    struct entry **bucket = &s->buckets[e->key & (s->bucket_count - 1)];
    e->chain = *bucket;
    *bucket = e;
    if (s->hand == NULL) {
        s->hand = e->before = e->behind = e;
    } else {
        e->behind = s->hand;
        e->before = s->hand->before;
        e->before->behind = e;
        e->behind->before = e;
    }
    s->bytes += e->bytes;
    s->pages++;
}

bool page_cache_store(struct page_cache *c, const struct http_request *req, struct http_page *page,
                      const struct render_uses *uses, bool query_is_canonical) {
    struct str target = target_of(req);
    uint64_t key = hash_key(target);
    struct shard *s = shard_of(c, key);
    struct entry *e = entry_make(key, req, page, uses), *out = NULL;
    bool allowed = req->query.n == 0 || query_is_canonical;
    bool fits = e->bytes <= s->max_bytes;
    must(pthread_mutex_lock(&s->lock) == 0);
    bool fresh = entry_fresh(e), keep = allowed && fits && fresh;
    if (keep) {
        struct entry *old = entry_find(s, key, target);
        if (old != NULL) {
            entry_unlink(s, old);
            old->chain = out;
            out = old;
        }
        out = make_room(s, e->bytes, out);
        entry_link(s, e);
    }
    struct flight *f = flight_take(s, key, target);
    must(pthread_mutex_unlock(&s->lock) == 0);
    // A change during the render: one of those who wait renders anew for the others. A page that is over as soon as it
    // is made is made by each of them.
    bool lasts = !uses->too_many && (uses->until == INT64_MAX || clock_now_us() < uses->until);
    flight_end(f, keep || (allowed && fits && lasts));
    entries_free(out);
    if (!keep) {
        entry_free(e);
    }
    return keep;
}

// ---- numbers
// -------------------------------------------------------------------------------------------------------------

void page_cache_get_stats(struct page_cache *c, struct page_cache_stats *out) {
    *out = (struct page_cache_stats){0};
    for (size_t i = 0; i < c->shard_count; i++) {
        struct shard *s = &c->shards[i];
        must(pthread_mutex_lock(&s->lock) == 0);
        out->hits += s->hits;
        out->renders += s->renders;
        out->stale += s->stale;
        out->evicted += s->evicted;
        out->waits += s->waits;
        out->bytes += s->bytes;
        out->pages += s->pages;
        must(pthread_mutex_unlock(&s->lock) == 0);
    }
}

bool page_cache_holds(struct page_cache *c, struct str target) {
    uint64_t key = hash_key(target);
    struct shard *s = shard_of(c, key);
    must(pthread_mutex_lock(&s->lock) == 0);
    struct entry *e = entry_find(s, key, target);
    bool holds = e != NULL && entry_fresh(e);
    must(pthread_mutex_unlock(&s->lock) == 0);
    return holds;
}
