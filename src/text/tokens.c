// SPDX-License-Identifier: AGPL-3.0-or-later
// Cuts text into the words the search index knows. Scripts with spaces give folded words. Chinese, Japanese and
// Korean have none or few, so every character is a token and every two neighbours are one.
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include "text/fold.h"

enum kind { KIND_SPACE, KIND_WORD, KIND_CJK };

struct cutter {
    struct str s;
    bool query;
    enum rc (*token)(void *arg, const struct text_token *t);
    void *arg;
    char folded[FOLD_MAX];
};

static bool is_ascii_word(unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static enum kind kind_of(uint32_t c) {
    if (c < 0x80)
        return is_ascii_word((unsigned char)c) ? KIND_WORD : KIND_SPACE;
    UChar32 u = (UChar32)c;
    int8_t type = u_charType(u);
    bool letter = u_isalpha(u) || u_isdigit(u) || type == U_NON_SPACING_MARK || type == U_COMBINING_SPACING_MARK ||
                  type == U_LETTER_NUMBER || u == 0x200c || u == 0x200d;
    if (c >= 0x1100 && (letter || type == U_OTHER_SYMBOL)) {
        UErrorCode e = U_ZERO_ERROR;
        UScriptCode script = uscript_getScript(u, &e);
        if (script == USCRIPT_HAN || script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA ||
            script == USCRIPT_HANGUL || c == 0x30fc || c == 0xff70)
            return KIND_CJK;
    }
    return letter ? KIND_WORD : KIND_SPACE;
}

static bool is_voicing(uint32_t c) {
    return c == 0x3099 || c == 0x309a || c == 0xff9e || c == 0xff9f;
}

// Arabic writes the definite article, and a preposition or conjunction of one letter before it, as part of the word.
// A reader who searches for coral means "the coral" and "and the coral" too; so the index knows words without them
// (the prefixes of light stemming: Larkey, Ballesteros and Connell, 2007). Two letters at least must remain.
static struct str without_article(struct str word) {
    static const struct str prefixes[] = {
        {"\u0648\u0627\u0644", 6}, {"\u0628\u0627\u0644", 6}, {"\u0643\u0627\u0644", 6},
        {"\u0641\u0627\u0644", 6}, {"\u0627\u0644", 4},       {"\u0644\u0644", 4},
    };
    if (word.n == 0 || (unsigned char)word.p[0] < 0x80)
        return word;
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (str_starts(word, prefixes[i]) && word.n >= prefixes[i].n + 4)
            return str_slice(word, prefixes[i].n, word.n);
    return word;
}

static enum rc give(struct cutter *c, size_t start, size_t end, bool same) {
    struct text_token t = {.start = start, .end = end, .same_position = same};
    t.folded = without_article((struct str){c->folded, fold_word(str_slice(c->s, start, end), c->folded)});
    return t.folded.n == 0 ? RC_OK : c->token(c->arg, &t);
}

// From `start`, behind the first character at *at, to the end of the word.
static enum rc cut_word(struct cutter *c, size_t start, size_t *at) {
    while (*at < c->s.n) {
        if (is_ascii_word((unsigned char)c->s.p[*at])) {
            ++*at;
            continue;
        }
        size_t next = *at;
        if (kind_of(utf8_next(c->s, &next)) != KIND_WORD)
            break;
        *at = next;
    }
    return give(c, start, *at, false);
}

// The character behind *at with its voicing mark; false at the end of the run.
static bool next_character(const struct cutter *c, size_t *at) {
    size_t next = *at;
    if (next >= c->s.n || kind_of(utf8_next(c->s, &next)) != KIND_CJK)
        return false;
    *at = next;
    if (next < c->s.n && is_voicing(utf8_next(c->s, &next)))
        *at = next;
    return true;
}

static enum rc cut_run(struct cutter *c, size_t start, size_t *at) {
    bool alone = true;
    *at = start;
    next_character(c, at);
    for (size_t second = *at; next_character(c, at); second = *at) {
        enum rc rc = c->query ? RC_OK : give(c, start, second, false);
        if (rc == RC_OK)
            rc = give(c, start, *at, !c->query);
        if (rc != RC_OK)
            return rc;
        start = second;
        alone = false;
    }
    return c->query && !alone ? RC_OK : give(c, start, *at, false);
}

enum rc text_tokens(struct str s, bool query, enum rc (*token)(void *arg, const struct text_token *t), void *arg) {
    struct cutter c = {.s = s, .query = query, .token = token, .arg = arg};
    for (size_t at = 0; at < s.n;) {
        size_t start = at;
        enum kind kind = kind_of(utf8_next(s, &at));
        enum rc rc = RC_OK;
        if (kind == KIND_WORD)
            rc = cut_word(&c, start, &at);
        else if (kind == KIND_CJK)
            rc = cut_run(&c, start, &at);
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}
