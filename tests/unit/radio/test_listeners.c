// SPDX-License-Identifier: AGPL-3.0-or-later
// Who listens to a stream is found in every slice, also where each is gone as soon as it was found.
#include "../check.h"
#include "radio/inside.h"

static void add(struct radio *r, unsigned slice, struct listener *l, const struct stream *s) {
    l->stream = (struct stream *)(uintptr_t)s;
    l->next = r->slices[slice];
    l->prev = &r->slices[slice];
    if (l->next != NULL)
        l->next->prev = &l->next;
    r->slices[slice] = l;
}

static void gone(struct listener *l) {
    *l->prev = l->next;
    if (l->next != NULL)
        l->next->prev = l->prev;
    memset(l, 0, sizeof *l);
}

static void test_all_of_a_stream_are_found(void **state) {
    static const struct {
        unsigned slice;
        bool is_ours;
    } places[] = {{0, true},  {0, true},  {3, false},         {3, true},
                  {3, false}, {7, false}, {SLICES - 1, true}, {SLICES - 1, true}};
    enum { N = sizeof places / sizeof places[0], OURS = 5 };
    static struct radio radio; // too large for a stack
    static struct stream ours = {.radio = &radio}, other = {.radio = &radio};
    (void)state;
    for (int are_closed = 0; are_closed < 2; are_closed++) {
        struct listener all[N] = {0};
        struct listener_walk walk = {0}, nobody = {0};
        size_t n = 0;
        memset(&radio, 0, sizeof radio);
        assert_null(listener_next(&ours, &nobody));
        for (size_t i = 0; i < N; i++)
            add(&radio, places[i].slice, &all[i], places[i].is_ours ? &ours : &other);
        for (struct listener *l; (l = listener_next(&ours, &walk)) != NULL; n++) {
            assert_ptr_equal(l->stream, &ours);
            l->id++;
            if (are_closed)
                gone(l);
        }
        assert_int_equal(n, OURS);
        assert_null(listener_next(&ours, &walk));
        for (size_t i = 0; i < N && !are_closed; i++)
            assert_int_equal(all[i].id, places[i].is_ours);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all_of_a_stream_are_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
