// SPDX-License-Identifier: AGPL-3.0-or-later
#include "radio/resolver.h"

#include <netdb.h>
#include <pthread.h>

struct resolver {
    pthread_mutex_t lock;
    struct net_loop *loop; // NULL: it stopped
    unsigned holders;      // the process and each thread
    struct look_up *over;  // looked up, and not told yet
};

// It outlives whoever asked when that ends first.
struct look_up {
    struct resolver *resolver;
    struct look_up *next;                               // of `over`
    void (*done)(void *arg, const struct found *found); // NULL: nobody waits any more
    void *arg;
    char host[256], port[8];
    struct found found;
};

struct resolver *resolver_new(struct net_loop *loop) {
    struct resolver *resolver = MEM_NEW(struct resolver);
    must(pthread_mutex_init(&resolver->lock, NULL) == 0);
    resolver->loop = loop;
    resolver->holders = 1;
    return resolver;
}

// With the lock, which is given back.
static void let_go(struct resolver *resolver) {
    bool is_last = --resolver->holders == 0;
    pthread_mutex_unlock(&resolver->lock);
    if (!is_last)
        return;
    must(pthread_mutex_destroy(&resolver->lock) == 0);
    mem_free(resolver);
}

static struct look_up *take_all(struct resolver *resolver) {
    struct look_up *first = resolver->over;
    resolver->over = NULL;
    return first;
}

static void tell(void *arg) {
    struct resolver *resolver = arg;
    pthread_mutex_lock(&resolver->lock);
    struct look_up *look = take_all(resolver);
    pthread_mutex_unlock(&resolver->lock);
    for (struct look_up *next; look != NULL; look = next) {
        next = look->next;
        if (look->done != NULL)
            look->done(look->arg, &look->found);
        mem_free(look);
    }
}

void resolver_stop(struct resolver **resolver_ref) {
    struct resolver *resolver = *resolver_ref;
    if (resolver == NULL)
        return;
    *resolver_ref = NULL;
    pthread_mutex_lock(&resolver->lock);
    resolver->loop = NULL;
    for (struct look_up *look = take_all(resolver), *next; look != NULL; look = next) {
        next = look->next;
        mem_free(look);
    }
    let_go(resolver);
}

// The loop is there as long as the lock is held: whoever stops takes it first.
static void give_back(struct look_up *look) {
    struct resolver *resolver = look->resolver;
    pthread_mutex_lock(&resolver->lock);
    if (resolver->loop == NULL)
        mem_free(look);
    else {
        bool is_first = resolver->over == NULL;
        look->next = resolver->over;
        resolver->over = look;
        if (is_first)
            net_loop_post(resolver->loop, tell, resolver);
    }
    let_go(resolver);
}

static void *look_up_run(void *arg) {
    struct look_up *look = arg;
    struct addrinfo want = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG}, *found = NULL;
    if (getaddrinfo(look->host, look->port, &want, &found) != 0)
        found = NULL;
    for (const struct addrinfo *a = found; a != NULL && look->found.n < FOUND_MAX; a = a->ai_next)
        if (a->ai_addrlen <= sizeof look->found.addresses[0]) {
            memcpy(&look->found.addresses[look->found.n], a->ai_addr, a->ai_addrlen);
            look->found.bytes[look->found.n++] = a->ai_addrlen;
        }
    if (found != NULL)
        freeaddrinfo(found);
    give_back(look);
    return NULL;
}

static void hold(struct resolver *resolver) {
    pthread_mutex_lock(&resolver->lock);
    resolver->holders++;
    pthread_mutex_unlock(&resolver->lock);
}

struct look_up *resolver_ask(struct resolver *resolver, const char *host, const char *port,
                             void (*done)(void *arg, const struct found *found), void *arg) {
    struct look_up *look = MEM_NEW(struct look_up);
    pthread_t thread;
    *look = (struct look_up){.resolver = resolver, .done = done, .arg = arg};
    must(strlen(host) < sizeof look->host && strlen(port) < sizeof look->port);
    memcpy(look->host, host, strlen(host));
    memcpy(look->port, port, strlen(port));
    hold(resolver);
    if (pthread_create(&thread, NULL, look_up_run, look) == 0) {
        pthread_detach(thread);
        return look;
    }
    pthread_mutex_lock(&resolver->lock);
    let_go(resolver);
    mem_free(look);
    return NULL;
}

void look_up_forget(struct look_up **look_ref) {
    if (*look_ref != NULL)
        (*look_ref)->done = NULL;
    *look_ref = NULL;
}
