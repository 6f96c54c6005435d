// SPDX-License-Identifier: AGPL-3.0-or-later
// Comparing lists of texts: what they have in common, what changed, and how two changes of one text go together.
// All three stand on one thing, the longest common subsequence of two lists.
#include <unicode/ubrk.h>
#include <unicode/utext.h>

#include "text/inside.h"

enum { SEARCHED_MAX = 4 << 20, ITEMS_MAX = UINT16_MAX }; // cells of the table; its cells hold lengths

// ---- what stays ----------------------------------------------------------------------------------------------------

struct lists {
    const struct str *left, *right;
    size_t left_n, right_n, head; // what is left of the lists, and what both begin with
};

static void share_ends(struct lists *l) {
    while (l->left_n > 0 && l->right_n > 0 && str_eq(l->left[0], l->right[0])) {
        l->left++;
        l->right++;
        l->left_n--;
        l->right_n--;
        l->head++;
    }
    while (l->left_n > 0 && l->right_n > 0 && str_eq(l->left[l->left_n - 1], l->right[l->right_n - 1])) {
        l->left_n--;
        l->right_n--;
    }
}

// length[i][j]: of the longest common subsequence of what begins at left i and right j.
static uint16_t *lengths_make(const struct lists *l) {
    size_t width = l->right_n + 1;
    uint16_t *length = mem_array((l->left_n + 1) * width, sizeof *length);
    for (size_t i = l->left_n; i-- > 0;)
        for (size_t j = l->right_n; j-- > 0;) {
            uint16_t down = length[(i + 1) * width + j], along = length[i * width + j + 1];
            length[i * width + j] = str_eq(l->left[i], l->right[j]) ? (uint16_t)(length[(i + 1) * width + j + 1] + 1)
                                    : down >= along                 ? down
                                                                    : along;
        }
    return length;
}

static size_t middle_pairs(const struct lists *l, struct text_pair *out) {
    if (l->left_n == 0 || l->right_n == 0 || l->left_n > ITEMS_MAX || l->right_n > ITEMS_MAX ||
        l->left_n * l->right_n > SEARCHED_MAX)
        return 0;
    uint16_t *length = lengths_make(l);
    size_t width = l->right_n + 1, n = 0;
    for (size_t i = 0, j = 0; i < l->left_n && j < l->right_n;) {
        if (str_eq(l->left[i], l->right[j])) {
            out[n++] = (struct text_pair){l->head + i, l->head + j};
            i++;
            j++;
        } else if (length[(i + 1) * width + j] >= length[i * width + j + 1]) {
            i++;
        } else {
            j++;
        }
    }
    mem_free(length);
    return n;
}

size_t text_common(struct arena *a, const struct str *left, size_t left_n, const struct str *right, size_t right_n,
                   struct text_pair **out) {
    struct lists l = {left, right, left_n, right_n, 0};
    size_t n = 0, shorter = left_n < right_n ? left_n : right_n;
    struct text_pair *pairs = ARENA_ARRAY(a, struct text_pair, shorter + 1);
    share_ends(&l);
    for (; n < l.head; n++)
        pairs[n] = (struct text_pair){n, n};
    n += middle_pairs(&l, pairs + n);
    for (size_t i = l.head + l.left_n, j = l.head + l.right_n; i < left_n; i++, j++)
        pairs[n++] = (struct text_pair){i, j};
    *out = pairs;
    return n;
}

// ---- what changed --------------------------------------------------------------------------------------------------

size_t text_diff(struct arena *a, const struct str *left, size_t left_n, const struct str *right, size_t right_n,
                 struct text_piece **out) {
    struct text_pair *pairs;
    size_t pair_n = text_common(a, left, left_n, right, right_n, &pairs), n = 0, i = 0, j = 0;
    struct text_piece *pieces = ARENA_ARRAY(a, struct text_piece, left_n + right_n + 1);
    for (size_t k = 0; k <= pair_n; k++) {
        struct text_pair next = k < pair_n ? pairs[k] : (struct text_pair){left_n, right_n};
        while (i < next.left)
            pieces[n++] = (struct text_piece){TEXT_REMOVED, left[i++]};
        while (j < next.right)
            pieces[n++] = (struct text_piece){TEXT_ADDED, right[j++]};
        if (k < pair_n) {
            pieces[n++] = (struct text_piece){TEXT_SAME, left[i++]};
            j++;
        }
    }
    *out = pieces;
    return n;
}

size_t text_words_of(struct arena *a, enum text_lang lang, struct str s, struct str **out) {
    UErrorCode e = U_ZERO_ERROR;
    UText *text = utext_openUTF8(NULL, s.n > 0 ? s.p : "", (int64_t)s.n, &e);
    UBreakIterator *words = ubrk_open(UBRK_WORD, lang_locale(lang), NULL, 0, &e);
    must(U_SUCCESS(e));
    ubrk_setUText(words, text, &e);
    must(U_SUCCESS(e));
    size_t count = 0, room = 64;
    struct str *items = ARENA_ARRAY(a, struct str, room);
    int32_t from = ubrk_first(words);
    for (int32_t to = ubrk_next(words); to != UBRK_DONE; from = to, to = ubrk_next(words)) {
        if (count == room) {
            struct str *more = ARENA_ARRAY(a, struct str, room * 2);
            memcpy(more, items, room * sizeof *items);
            items = more;
            room *= 2;
        }
        items[count++] = str_slice(s, (size_t)from, (size_t)to);
    }
    ubrk_close(words);
    utext_close(text);
    *out = items;
    return count;
}

// ---- how two changes go together -----------------------------------------------------------------------------------

#define GONE SIZE_MAX // the item of the base is not in this copy

static size_t *places_of(struct arena *a, struct text_list base, struct text_list copy) {
    struct text_pair *pairs;
    size_t n = text_common(a, base.items, base.n, copy.items, copy.n, &pairs);
    size_t *place = ARENA_ARRAY(a, size_t, base.n + 1);
    for (size_t i = 0; i < base.n; i++)
        place[i] = GONE;
    for (size_t i = 0; i < n; i++)
        place[pairs[i].left] = pairs[i].right;
    return place;
}

static bool range_eq(struct text_list l, struct text_range lr, struct text_list r, struct text_range rr) {
    if (lr.to - lr.from != rr.to - rr.from)
        return false;
    for (size_t i = 0; i < lr.to - lr.from; i++)
        if (!str_eq(l.items[lr.from + i], r.items[rr.from + i]))
            return false;
    return true;
}

struct merge {
    struct text_list base, mine, theirs;
    const size_t *mine_at, *theirs_at;
    struct text_chunk *chunks;
    size_t n;
};

static enum text_side side_of(const struct merge *m, const struct text_chunk *c) {
    if (range_eq(m->mine, c->mine, m->theirs, c->theirs))
        return TEXT_BOTH;
    if (range_eq(m->base, c->base, m->mine, c->mine))
        return TEXT_THEIRS;
    return range_eq(m->base, c->base, m->theirs, c->theirs) ? TEXT_MINE : TEXT_COLLISION;
}

static void chunk_add(struct merge *m, struct text_chunk c) {
    if (c.base.from == c.base.to && c.mine.from == c.mine.to && c.theirs.from == c.theirs.to)
        return;
    c.side = side_of(m, &c);
    m->chunks[m->n++] = c;
}

// Is every item that stayed in its place within the chunk? Then neighbouring paragraphs that two people rewrote can be
// told apart, though nothing unchanged stands between them.
static bool in_step(const struct merge *m, const struct text_chunk *c) {
    size_t n = c->base.to - c->base.from;
    if (c->mine.to - c->mine.from != n || c->theirs.to - c->theirs.from != n)
        return false;
    for (size_t i = 0; i < n; i++) {
        size_t mine = m->mine_at[c->base.from + i], theirs = m->theirs_at[c->base.from + i];
        if ((mine != GONE && mine != c->mine.from + i) || (theirs != GONE && theirs != c->theirs.from + i))
            return false;
    }
    return true;
}

static void unstable_add(struct merge *m, struct text_chunk c) {
    if (!in_step(m, &c)) {
        chunk_add(m, c);
        return;
    }
    for (size_t i = 0; i < c.base.to - c.base.from; i++)
        chunk_add(m, (struct text_chunk){.base = {c.base.from + i, c.base.from + i + 1},
                                         .mine = {c.mine.from + i, c.mine.from + i + 1},
                                         .theirs = {c.theirs.from + i, c.theirs.from + i + 1}});
}

size_t text_merge(struct arena *a, struct text_list base, struct text_list mine, struct text_list theirs,
                  struct text_chunk **out) {
    struct merge m = {.base = base, .mine = mine, .theirs = theirs};
    m.mine_at = places_of(a, base, mine);
    m.theirs_at = places_of(a, base, theirs);
    m.chunks = ARENA_ARRAY(a, struct text_chunk, base.n + mine.n + theirs.n + 1);
    size_t b = 0, x = 0, y = 0;
    for (size_t k = 0; k <= base.n; k++) {
        bool end = k == base.n;
        if (!end && (m.mine_at[k] == GONE || m.theirs_at[k] == GONE))
            continue;
        size_t mine_to = end ? mine.n : m.mine_at[k], theirs_to = end ? theirs.n : m.theirs_at[k];
        unstable_add(&m, (struct text_chunk){.base = {b, k}, .mine = {x, mine_to}, .theirs = {y, theirs_to}});
        if (!end)
            chunk_add(&m, (struct text_chunk){.base = {k, k + 1},
                                              .mine = {mine_to, mine_to + 1},
                                              .theirs = {theirs_to, theirs_to + 1}});
        b = k + 1;
        x = mine_to + 1;
        y = theirs_to + 1;
    }
    *out = m.chunks;
    return m.n;
}
