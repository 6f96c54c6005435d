// SPDX-License-Identifier: AGPL-3.0-or-later
// The readable end of an article's address: the title in Latin letters, digits and hyphens.
#include <pthread.h>

#include <unicode/utrans.h>
#include <unicode/ustring.h>

#include "text/inside.h"

enum { SLUG_MAX = 80, TITLE_MAX = 1000 };

// ICU's transliterators are not for several threads at once: each thread has its own.
static _Thread_local UTransliterator *mine;
static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static pthread_key_t key;

static void close_mine(void *transliterator) {
    utrans_close(transliterator);
}

static void make_key(void) {
    must(pthread_key_create(&key, close_mine) == 0);
}

static UTransliterator *latin(void) {
    if (mine != NULL)
        return mine;
    UChar id[32];
    UErrorCode e = U_ZERO_ERROR;
    pthread_once(&key_once, make_key);
    u_uastrcpy(id, "Any-Latin; Latin-ASCII");
    mine = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &e);
    must(U_SUCCESS(e));
    pthread_setspecific(key, mine);
    return mine;
}

// German readers expect "Muenchen"; elsewhere the accent just goes.
static struct str spell_umlauts(struct arena *a, struct str s) {
    static const struct {
        struct str from, to;
    } rows[] = {{STR("ä"), STR("ae")}, {STR("ö"), STR("oe")}, {STR("ü"), STR("ue")},
                {STR("Ä"), STR("ae")}, {STR("Ö"), STR("oe")}, {STR("Ü"), STR("ue")}};
    char *out = arena_take(a, s.n + 1); // two bytes become two
    memcpy(out, s.p, s.n);
    for (size_t i = 0; i + 1 < s.n; i++)
        for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++)
            if (memcmp(out + i, rows[k].from.p, 2) == 0)
                memcpy(out + i, rows[k].to.p, 2);
    return (struct str){out, s.n};
}

static struct str to_latin(struct arena *a, struct str s) {
    struct wide w = wide_from(a, s);
    UErrorCode e = U_ZERO_ERROR;
    int32_t room = w.n * 12 + 64;
    UChar *text = ARENA_ARRAY(a, UChar, (size_t)room);
    int32_t n = w.n;
    int32_t limit = w.n;
    memcpy(text, w.p, (size_t)w.n * sizeof *text);
    utrans_transUChars(latin(), text, &n, room, 0, &limit, &e);
    return U_SUCCESS(e) ? wide_to(a, text, n) : STR_NONE;
}

static bool has_high_bytes(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] >= 128)
            return true;
    return false;
}

// Letters and digits stay, an apostrophe joins, everything else is one hyphen. What passes the limit is cut at the
// last hyphen, or hard when the first word alone is longer.
static struct str hyphenate(struct arena *a, struct str s) {
    char *out = arena_take(a, SLUG_MAX + 1);
    size_t n = 0;
    size_t whole = 0; // end of the last complete word
    bool gap = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c + ('a' - 'A'));
        if (c == '\'')
            continue;
        if ((c < 'a' || c > 'z') && (c < '0' || c > '9')) {
            gap = n > 0;
            whole = n;
            continue;
        }
        if (n + (gap ? 2 : 1) > SLUG_MAX)
            return (struct str){out, gap || whole == 0 ? n : whole};
        if (gap)
            out[n++] = '-';
        gap = false;
        out[n++] = c;
    }
    return (struct str){out, n};
}

struct str text_slug(struct arena *a, enum text_lang lang, struct str title) {
    title = utf8_cut(title, TITLE_MAX);
    if (lang == LANG_DE && title.n > 0)
        title = spell_umlauts(a, title);
    return hyphenate(a, has_high_bytes(title) ? to_latin(a, title) : title);
}
