// SPDX-License-Identifier: AGPL-3.0-or-later
// Names are looked up while the loop goes on; who ends first, the asker, the resolver or the look-up, the others live on.
#include <netdb.h>
#include <netinet/in.h>
#include <semaphore.h>

#include "../threads.h"
#include "radio/resolver.h"

// In place of the C library's: the name server answers when the test lets it.
static sem_t asked, answers;
static struct sockaddr_in six[6];
static struct addrinfo chain[6];

int getaddrinfo(const char *host, const char *port, const struct addrinfo *want, struct addrinfo **out) {
    (void)port;
    (void)want;
    sem_post(&asked);
    sem_wait(&answers);
    if (strcmp(host, "nobody.test") == 0)
        return EAI_NONAME;
    for (size_t i = 0; i < 6; i++) {
        six[i] = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = (in_port_t)i};
        chain[i] = (struct addrinfo){.ai_addr = (struct sockaddr *)&six[i],
                                     .ai_addrlen = sizeof six[i],
                                     .ai_next = i < 5 ? &chain[i + 1] : NULL};
    }
    *out = chain;
    return 0;
}

void freeaddrinfo(struct addrinfo *found) {
    assert_ptr_equal(found, chain);
}

struct scene {
    struct net_loop *loop;
    size_t told, found;
};

static void told(void *arg, const struct found *found) {
    struct scene *s = arg;
    s->told++;
    s->found += found->n;
    if (found->n > 1)
        assert_int_equal(((const struct sockaddr_in *)&found->addresses[1])->sin_port, 1);
    net_loop_stop(s->loop);
}

static struct look_up *ask(struct resolver *resolver, const char *host, struct scene *s) {
    struct look_up *look = resolver_ask(resolver, host, "80", told, s);
    assert_non_null(look);
    assert_int_equal(sem_wait(&asked), 0);
    return look;
}

static void who_waits_is_told(void **state) {
    struct scene s = {.loop = net_loop_new()};
    struct resolver *resolver = resolver_new(s.loop);
    (void)state;
    ask(resolver, "far.test", &s);
    sem_post(&answers);
    net_loop_run(s.loop);
    assert_int_equal(s.found, FOUND_MAX);
    struct look_up *forgotten = ask(resolver, "far.test", &s);
    look_up_forget(&forgotten);
    assert_null(forgotten);
    ask(resolver, "nobody.test", &s);
    sem_post(&answers);
    sem_post(&answers);
    net_loop_run(s.loop);
    assert_int_equal(s.told, 2);
    assert_int_equal(s.found, FOUND_MAX);
    resolver_stop(&resolver);
    assert_null(resolver);
    net_loop_free(&s.loop);
}

// What it would have told stands nowhere any more; the sanitizer sees who touches it.
static void a_look_up_that_ends_after_the_loop_harms_nobody(void **state) {
    struct scene s = {.loop = net_loop_new()};
    struct resolver *resolver = resolver_new(s.loop);
    (void)state;
    for (int i = 0; i < 3; i++)
        ask(resolver, "far.test", &s);
    resolver_stop(&resolver);
    net_loop_free(&s.loop);
    for (int i = 0; i < 3; i++)
        sem_post(&answers);
    threads_end();
    assert_int_equal(s.told, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(who_waits_is_told),
                                       cmocka_unit_test(a_look_up_that_ends_after_the_loop_harms_nobody)};
    sem_init(&asked, 0, 0);
    sem_init(&answers, 0, 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
