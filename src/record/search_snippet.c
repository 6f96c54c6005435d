// SPDX-License-Identifier: AGPL-3.0-or-later
// The lines under a search result: the stretch of text in which most parts of the query occur, what matched marked.
// Made for the twenty results on the page only, from the stored text, which is read no further than to the first stretch
// that has all parts.
#include "record/search_query.h"

#define TEXT_MOST 65536u // bytes looked at
#define WINDOW_BYTES 240u
#define LEAD_BYTES 60u // shown before the first match
#define MATCHES_MOST 400u
#define LOOK_FIRST 64u // words read before the first look whether they are enough

struct word {
    uint64_t hash;
    uint32_t from, to; // bytes
    uint32_t position;
};
struct match {
    size_t from, to;
    size_t part;
};
struct word_list {
    const struct search_plan *plan;
    struct word *words; // owned
    size_t count, room;
    uint32_t position;
    size_t look_at; // the count of words at which to see whether they are enough
    struct match matches[MATCHES_MOST];
    size_t match_count;
};

// Whether the part's words stand in a row from word `at` on; *to_out is the end of the last.
static bool part_stands(const struct word_list *l, size_t at, const struct search_part *part, size_t *to_out) {
    if (l->words[at].hash != part->tokens[0])
        return false;
    size_t to = l->words[at].to, found = 1;
    uint32_t first = l->words[at].position;
    for (size_t i = at + 1; i < l->count && found < part->token_count; i++) {
        const struct word *w = &l->words[i];
        if (w->position > first + found)
            return false;
        if (w->position == first + found && w->hash == part->tokens[found]) {
            to = w->to > to ? w->to : to;
            found++;
        }
    }
    *to_out = to;
    return found == part->token_count;
}

static void matches_find(struct word_list *l) {
    const struct search_plan *plan = l->plan;
    l->match_count = 0;
    for (size_t i = 0; i < l->count; i++) {
        for (size_t p = 0; p < plan->count && l->match_count < MATCHES_MOST; p++) {
            size_t to = 0;
            if (!plan->parts[p].exclude && part_stands(l, i, &plan->parts[p], &to))
                l->matches[l->match_count++] = (struct match){l->words[i].from, to, p};
        }
    }
}

// How many different parts begin within a window from this match.
static int worth(const struct match *matches, size_t count, size_t at) {
    uint32_t seen = 0;
    for (size_t i = at; i < count && matches[i].from < matches[at].from + WINDOW_BYTES - LEAD_BYTES; i++)
        seen |= 1u << matches[i].part;
    return __builtin_popcount(seen);
}

static int worth_most(const struct search_plan *plan) {
    int parts = 0;
    for (size_t p = 0; p < plan->count; p++)
        parts += !plan->parts[p].exclude;
    return parts;
}

// Whether a stretch with every part has been read to its end.
static bool has_all(struct word_list *l) {
    matches_find(l);
    int most = worth_most(l->plan);
    for (size_t i = 0; i < l->match_count; i++)
        if (l->matches[i].from + WINDOW_BYTES <= l->words[l->count - 1].to)
            if (worth(l->matches, l->match_count, i) == most)
                return true;
    return false;
}

// RC_BUSY: no more words are wanted.
static enum rc word_keep(void *arg, const struct text_token *t) {
    struct word_list *l = arg;
    if (l->count == l->room) {
        l->room = l->room > 0 ? l->room * 2 : 512;
        l->words = mem_grow(l->words, l->room, sizeof(struct word));
    }
    if (!t->same_position)
        l->position++;
    l->words[l->count++] = (struct word){hash_key(t->folded), (uint32_t)t->start, (uint32_t)t->end, l->position};
    if (l->count < l->look_at)
        return RC_OK;
    l->look_at *= 2;
    return has_all(l) ? RC_BUSY : RC_OK;
}

static size_t best_match(const struct match *matches, size_t count) {
    size_t best = 0;
    int best_worth = 0;
    for (size_t i = 0; i < count; i++) {
        int here = worth(matches, count, i);
        if (here > best_worth) {
            best = i;
            best_worth = here;
        }
    }
    return best;
}

// Back from `at` to a place where a word begins, at most `most` bytes; CJK text has no spaces and is cut anywhere.
static size_t window_start(struct str s, size_t at, size_t most) {
    if (at <= most)
        return 0;
    for (size_t i = at - most; i < at; i++)
        if (s.p[i] == ' ' || s.p[i] == '\n')
            return i + 1;
    size_t i = at - most;
    while (i < at && ((unsigned char)s.p[i] & 0xc0) == 0x80)
        i++;
    return i;
}

static size_t window_end(struct str s, size_t from, size_t least) {
    if (s.n - from <= WINDOW_BYTES)
        return s.n;
    size_t end = from + utf8_cut(str_slice(s, from, s.n), WINDOW_BYTES).n;
    for (size_t i = end; i > least && i > end - 40; i--)
        if (s.p[i - 1] == ' ' || s.p[i - 1] == '\n')
            return i - 1;
    return end > least ? end : least;
}

static void text_add(struct buf *b, struct str s) {
    for (size_t i = 0; i < s.n; i++)
        buf_char(b, (unsigned char)s.p[i] < ' ' ? ' ' : s.p[i]);
}

// Overlapping matches (CJK pairs, a phrase and its words) become one mark.
static void window_write(struct buf *b, struct str s, size_t from, size_t to, const struct match *matches,
                         size_t count) {
    size_t at = from;
    for (size_t i = 0; i < count && matches[i].from < to;) {
        size_t mark = matches[i].from, end = matches[i].to;
        for (i++; i < count && matches[i].from <= end; i++)
            end = matches[i].to > end ? matches[i].to : end;
        if (mark < at || end > to)
            continue;
        text_add(b, str_slice(s, at, mark));
        buf_char(b, '\x02');
        text_add(b, str_slice(s, mark, end));
        buf_char(b, '\x03');
        at = end;
    }
    text_add(b, str_slice(s, at, to));
}

static bool snippet_of(struct buf *b, const struct search_plan *plan, struct str s, bool even_without) {
    struct word_list *list = MEM_NEW(struct word_list);
    *list = (struct word_list){.plan = plan, .look_at = LOOK_FIRST};
    s = utf8_cut(s, TEXT_MOST);
    if (text_tokens(s, false, word_keep, list) == RC_OK)
        matches_find(list);
    const struct match *matches = list->matches;
    size_t count = list->match_count;
    bool show = count > 0 || (even_without && s.n > 0);
    if (show) {
        size_t best = best_match(matches, count);
        size_t from = count > 0 ? window_start(s, matches[best].from, LEAD_BYTES) : 0;
        size_t to = window_end(s, from, count > 0 ? matches[best].to : from);
        buf_c(b, from > 0 ? "\xe2\x80\xa6" : "");
        window_write(b, s, from, to, matches, count);
        buf_c(b, to < s.n ? "\xe2\x80\xa6" : "");
    }
    mem_free(list->words);
    mem_free(list);
    return show;
}

struct str search_snippet(struct arena *a, const struct search_plan *plan, struct str standfirst, struct str body) {
    struct buf b;
    buf_init(&b, 8192);
    // Matched in the headline alone: the beginning is shown.
    bool shown =
        snippet_of(&b, plan, body, false) || snippet_of(&b, plan, standfirst, true) || snippet_of(&b, plan, body, true);
    struct str snippet = shown && !b.failed ? str_dup(a, buf_view(&b)) : STR("");
    buf_fini(&b);
    return snippet;
}
