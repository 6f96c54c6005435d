// SPDX-License-Identifier: AGPL-3.0-or-later
// Names of players, each kept once for all who listen with it.
#include "radio/inside.h"

enum { AGENT_BYTES = 200, BUCKETS = 1024 };

struct agent {
    struct agent *next;
    uint32_t count, bucket;
    char text[];
};
struct agents {
    struct agent *buckets[BUCKETS];
};

const char *agent_keep(struct radio *r, struct str text) {
    text = utf8_valid(text) ? utf8_cut(text, AGENT_BYTES) : STR("");
    if (r->agents == NULL)
        r->agents = MEM_NEW(struct agents);
    uint32_t bucket = (uint32_t)(hash_key(text) % BUCKETS);
    for (struct agent *a = r->agents->buckets[bucket]; a != NULL; a = a->next)
        if (str_eq(str_from(a->text), text)) {
            a->count++;
            return a->text;
        }
    struct agent *fresh = mem_new(sizeof *fresh + text.n + 1);
    fresh->count = 1;
    fresh->bucket = bucket;
    memcpy(fresh->text, text.n > 0 ? text.p : "", text.n);
    fresh->next = r->agents->buckets[bucket];
    r->agents->buckets[bucket] = fresh;
    return fresh->text;
}

void agent_drop(struct radio *r, const char *text) {
    struct agent *a = (struct agent *)(uintptr_t)(text - offsetof(struct agent, text));
    if (--a->count > 0)
        return;
    struct agent **link = &r->agents->buckets[a->bucket];
    while (*link != a)
        link = &(*link)->next;
    *link = a->next;
    mem_free(a);
}
