// SPDX-License-Identifier: AGPL-3.0-or-later
// The one form of addresses that redirects are kept and found by, and lines of a pasted list. Pure.
//
//   /a//b/./c/                /a/b/c               empty parts, "." and a slash at the end say nothing
//   /%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1  /أخبار        as people read it; only what would end a part stays %XX
//   /x?b=2&amp;a=1+1          /x?a=1%201&b=2       pairs in order, "&amp;" of a page's source, '+' is a space
//   /x?utm_source=y&fbclid=z  /x                   what only says where a click came from
//   /lite/en/x                /en/x                (sources) the text edition's twin leads to the target's
#include "news/internal.h"

enum { PAIRS_MAX = 32, TYPED_MAX = 4096 };

struct form {
    struct arena *a;
    struct buf out;
    const char *fault; // key of words, without what it is about
};

// ---- characters --------------------------------------------------------------------------------------------------------

// Marks of direction, joiners and the like: not to be seen, so not to be left as they are.
static bool is_unseen(uint32_t c) {
    return (c >= 0x80 && c < 0xa0) || c == 0xad || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff0 && c <= 0xffff) || c == 0xa0 || c == 0x3000;
}

static void put_encoded(struct buf *b, const char *bytes, size_t n) {
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)bytes[i];
        const char code[] = {'%', digits[c >> 4], digits[c & 15]};
        buf_add(b, code, sizeof code);
    }
}

// What may stand as it is: letters and digits, the unreserved signs, `more`, and what is not ASCII.
static void put_part(struct buf *b, struct str s, const char *more) {
    for (size_t at = 0; at < s.n;) {
        size_t from = at;
        uint32_t c = utf8_next(s, &at);
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     (c != 0 && c < 0x80 && (strchr("-._~", (int)c) != NULL || strchr(more, (int)c) != NULL)) ||
                     (c >= 0x80 && !is_unseen(c));
        if (plain)
            buf_add(b, s.p + from, at - from);
        else
            put_encoded(b, s.p + from, at - from);
    }
}

static bool decode(struct form *f, struct str s, bool plus_is_space, struct str *out) {
    char *copy = str_c(f->a, s);
    for (size_t i = 0; plus_is_space && i < s.n; i++)
        if (copy[i] == '+')
            copy[i] = ' ';
    if (!percent_decode(f->a, (struct str){copy, s.n}, out) || !utf8_valid(*out))
        return false;
    for (size_t i = 0; i < out->n; i++)
        if ((unsigned char)out->p[i] < ' ' || out->p[i] == 0x7f)
            return false;
    return true;
}

// ---- path, query, fragment ---------------------------------------------------------------------------------------------

static bool put_path(struct form *f, struct str path) {
    struct str part, text;
    size_t before = f->out.n;
    while (str_next(&path, '/', &part)) {
        if (!decode(f, part, false, &text) || str_eq(text, STR("..")))
            return false;
        if (text.n == 0 || str_eq(text, STR(".")))
            continue;
        buf_char(&f->out, '/');
        put_part(&f->out, text, "!$&'()*+,;=:@");
    }
    if (f->out.n == before)
        buf_char(&f->out, '/');
    return true;
}

static bool tells_only_the_click(struct str name) {
    static const char *const names[] = {"fbclid", "gclid", "dclid", "msclkid", "yclid", "igshid", "mc_cid", "mc_eid"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_eq(name, str_from(names[i])))
            return true;
    return str_starts(name, STR("utm_"));
}

static int pair_cmp(const void *l, const void *r) {
    return str_cmp(*(const struct str *)l, *(const struct str *)r);
}

static bool pair_read(struct form *f, struct str pair, struct str *out) {
    struct str name = pair, value = STR_NONE;
    size_t at;
    if (str_find_char(pair, '=', &at)) {
        name = str_slice(pair, 0, at);
        value = str_slice(pair, at + 1, pair.n);
    }
    if (!decode(f, name, true, &name) || !decode(f, value, true, &value))
        return false;
    *out = STR_NONE;
    if (tells_only_the_click(name) || name.n == 0)
        return true;
    struct buf b;
    buf_init(&b, 4 * TYPED_MAX);
    put_part(&b, name, "!$'()*,:@/");
    buf_char(&b, '=');
    put_part(&b, value, "!$'()*,:@/");
    *out = str_dup(f->a, buf_view(&b));
    buf_fini(&b);
    return true;
}

static bool put_query(struct form *f, struct str query) {
    struct str pairs[PAIRS_MAX], pair;
    size_t n = 0;
    while (str_next(&query, '&', &pair)) {
        if (str_starts(pair, STR("amp;")))
            pair = str_slice(pair, 4, pair.n);
        if (pair.n == 0)
            continue;
        if (n == PAIRS_MAX || !pair_read(f, pair, &pairs[n]))
            return false;
        n += pairs[n].n > 0;
    }
    qsort(pairs, n, sizeof pairs[0], pair_cmp);
    for (size_t i = 0; i < n; i++) {
        buf_char(&f->out, i == 0 ? '?' : '&');
        buf_str(&f->out, pairs[i]);
    }
    return true;
}

static bool put_fragment(struct form *f, struct str fragment) {
    struct str text;
    if (fragment.n == 0)
        return true;
    if (!decode(f, fragment, false, &text))
        return false;
    buf_char(&f->out, '#');
    put_part(&f->out, text, "!$&'()*+,;=:@/?");
    return true;
}

static struct str cut_behind(struct str *s, char sign) {
    size_t at;
    struct str behind = STR_NONE;
    if (str_find_char(*s, sign, &at)) {
        behind = str_slice(*s, at + 1, s->n);
        *s = str_slice(*s, 0, at);
    }
    return behind;
}

// ---- whose address it is -----------------------------------------------------------------------------------------------

static bool scheme_take(struct str *s, struct str scheme) {
    if (s->n < scheme.n || !str_eq_nocase(str_slice(*s, 0, scheme.n), scheme))
        return false;
    *s = str_slice(*s, scheme.n, s->n);
    return true;
}

static struct str without_www(struct str host) {
    return host.n > 4 && str_eq_nocase(str_slice(host, 0, 4), STR("www.")) ? str_slice(host, 4, host.n) : host;
}

// "https://www.example.org/x" of the site at https://example.org is "/x": whatever the scheme, with or without "www.".
static bool is_own_host(struct str origin, struct str host) {
    if (!scheme_take(&origin, STR("https://")))
        (void)scheme_take(&origin, STR("http://"));
    return origin.n > 0 && str_eq_nocase(without_www(origin), without_www(host));
}

static struct str host_take(struct str *s) {
    size_t n = 0;
    while (n < s->n && strchr("/?#", s->p[n]) == NULL)
        n++;
    struct str host = str_slice(*s, 0, n);
    *s = str_slice(*s, n, s->n);
    return host;
}

// A name or number of a host in ASCII, with or without a port; nobody's name in front of it.
static bool host_is_sound(struct str host) {
    struct str port = cut_behind(&host, ':'), label;
    uint64_t number = 1;
    size_t labels = 0;
    if (host.n == 0 || host.n > 253 ||
        (port.p != NULL && (!str_to_u64(port, &number) || number == 0 || number > 65535)))
        return false;
    while (str_next(&host, '.', &label)) {
        if (label.n == 0 || label.n > 63 || label.p[0] == '-' || label.p[label.n - 1] == '-')
            return false;
        for (size_t i = 0; i < label.n; i++) {
            char c = label.p[i], lower = (char)(c | 0x20);
            if (!(lower >= 'a' && lower <= 'z') && !(c >= '0' && c <= '9') && c != '-')
                return false;
        }
        labels++;
    }
    return labels > 1;
}

static void put_host(struct buf *b, struct str host) {
    buf_c(b, "https://");
    for (size_t i = 0; i < host.n; i++)
        buf_char(b, host.p[i] >= 'A' && host.p[i] <= 'Z' ? (char)(host.p[i] - 'A' + 'a') : host.p[i]);
}

static struct str without_lite(struct str path) {
    while (str_starts(path, STR("/lite/")) && path.n > 6)
        path = str_slice(path, 5, path.n);
    return path;
}

// ---- whole addresses ---------------------------------------------------------------------------------------------------

static bool has_scheme(struct str s) {
    size_t n = 0;
    while (n < s.n && s.p[n] != ':' && strchr("/?#", s.p[n]) == NULL)
        n++;
    return n > 0 && n < s.n && s.p[n] == ':';
}

static void put_local(struct form *f, struct str s, bool with_fragment) {
    struct str fragment = cut_behind(&s, '#'), query = cut_behind(&s, '?');
    if (s.n > 0 && s.p[0] != '/')
        f->fault = "bad";
    else if (!put_path(f, s) || !put_query(f, query) || (with_fragment && !put_fragment(f, fragment)))
        f->fault = "bad";
}

// Of another site: nothing is known of what its parts mean, so they stay as they are, but for what may stand in no address.
static void put_foreign(struct form *f, struct str s) {
    char hex[2];
    if (!utf8_valid(s))
        f->fault = "bad";
    for (size_t i = 0; f->fault == NULL && i < s.n; i++) {
        bool coded = s.p[i] == '%' && s.n - i > 2 && hex_get(str_slice(s, i + 1, i + 3), hex, 1);
        if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
            f->fault = "bad";
        else if (coded || (unsigned char)s.p[i] >= 0x80 || strchr("%<>\"\\^`{|} ", s.p[i]) == NULL)
            buf_char(&f->out, s.p[i]);
        else
            put_encoded(&f->out, &s.p[i], 1);
    }
}

// The front page of a language is the one address of ours that ends in a slash.
static void put_front_slash(struct form *f) {
    struct str path = without_lite(redirect_path(buf_view(&f->out)));
    enum text_lang lang;
    if (path.n < 3 || !text_lang_find(str_slice(path, 1, path.n), &lang))
        return;
    struct str behind = str_dup(f->a, str_slice(buf_view(&f->out), redirect_path(buf_view(&f->out)).n, f->out.n));
    f->out.n -= behind.n;
    buf_char(&f->out, '/');
    buf_str(&f->out, behind);
}

static enum rc form_end(struct form *f, const char *of, struct str *out, struct problem *p) {
    if (f->fault == NULL && (f->out.failed || f->out.n > REDIRECT_BYTES_MAX))
        f->fault = "long";
    *out = f->fault == NULL ? str_dup(f->a, buf_view(&f->out)) : STR_NONE;
    buf_fini(&f->out);
    return f->fault == NULL ? RC_OK : problem_set(p, RC_INVALID, "redirect_%s_%s", of, f->fault);
}

static struct str typed_of(struct form *f, struct arena *a, struct str typed) {
    *f = (struct form){.a = a};
    buf_init(&f->out, 4 * TYPED_MAX);
    typed = str_trim(typed);
    if (typed.n > TYPED_MAX)
        f->fault = "long";
    else if (typed.n == 0)
        f->fault = "bad";
    return typed;
}

enum rc redirect_source(struct arena *a, struct str origin, struct str typed, struct str *out, struct problem *p) {
    struct form f;
    struct str s = typed_of(&f, a, typed);
    if (f.fault == NULL && (scheme_take(&s, STR("https://")) || scheme_take(&s, STR("http://")))) {
        if (!is_own_host(origin, host_take(&s)))
            f.fault = "other";
    } else if (f.fault == NULL && (s.p[0] != '/' || str_starts(s, STR("//")))) {
        f.fault = "bad";
    }
    if (f.fault == NULL)
        put_local(&f, s, false);
    enum rc rc = form_end(&f, "source", out, p);
    *out = without_lite(*out);
    return rc;
}

enum rc redirect_target(struct arena *a, struct str origin, struct str typed, struct str *out, struct problem *p) {
    struct form f;
    struct str s = typed_of(&f, a, typed), host = STR_NONE;
    bool secure = f.fault == NULL && scheme_take(&s, STR("https://"));
    if (secure || (f.fault == NULL && scheme_take(&s, STR("http://")))) {
        host = host_take(&s);
        if (is_own_host(origin, host))
            host = STR_NONE;
        else if (!secure || !host_is_sound(host))
            f.fault = secure ? "host" : "scheme";
    } else if (f.fault == NULL && (s.p[0] != '/' || str_starts(s, STR("//")))) {
        f.fault = has_scheme(s) || s.p[0] == '/' ? "scheme" : "bad";
    }
    if (f.fault == NULL && host.n > 0) {
        put_host(&f.out, host);
        put_foreign(&f, s);
    } else if (f.fault == NULL) {
        put_local(&f, s, true);
        put_front_slash(&f);
    }
    return form_end(&f, "target", out, p);
}

bool redirect_asked(struct arena *a, struct str path, struct str query, struct str *out) {
    struct form f;
    struct problem unsaid;
    typed_of(&f, a, path);
    if (query.n > TYPED_MAX)
        f.fault = "long";
    if (f.fault == NULL && (!put_path(&f, path) || !put_query(&f, query)))
        f.fault = "bad";
    enum rc rc = form_end(&f, "source", out, &unsaid);
    *out = without_lite(*out);
    return rc == RC_OK;
}

struct str redirect_location(struct arena *a, struct str target) {
    struct buf b;
    if (!(target.n > 0 && target.p[0] == '/' && !str_starts(target, STR("//"))) && !str_starts(target, STR("https://")))
        return STR_NONE;
    buf_init(&b, 4 * REDIRECT_BYTES_MAX);
    for (size_t i = 0; i < target.n; i++)
        if ((unsigned char)target.p[i] > ' ' && (unsigned char)target.p[i] < 0x7f)
            buf_char(&b, target.p[i]);
        else
            put_encoded(&b, &target.p[i], 1);
    struct str out = b.failed ? STR_NONE : str_dup(a, buf_view(&b));
    buf_fini(&b);
    return out;
}

struct str redirect_path(struct str address) {
    (void)cut_behind(&address, '#');
    (void)cut_behind(&address, '?');
    return address;
}

enum text_lang redirect_lang(struct str address) {
    struct str path = redirect_path(address), part;
    enum text_lang lang;
    if (path.n == 0 || path.p[0] != '/')
        return LANG_COUNT;
    path = without_lite(path);
    path = str_slice(path, 1, path.n);
    return str_next(&path, '/', &part) && text_lang_find(part, &lang) ? lang : LANG_COUNT;
}

// ---- a pasted list -------------------------------------------------------------------------------------------------------

static bool word_next(struct str *s, struct str *out) {
    *s = str_trim(*s);
    size_t n = 0;
    while (n < s->n && s->p[n] != ' ' && s->p[n] != '\t')
        n++;
    *out = str_slice(*s, 0, n);
    *s = str_slice(*s, n, s->n);
    return n > 0;
}

bool redirect_line_next(struct str *rest, struct redirect_line *line) {
    struct str text, word;
    while (str_next(rest, '\n', &text)) {
        line->number++;
        text = str_trim(text);
        if (text.n == 0 || text.p[0] == '#')
            continue;
        line->text = text;
        line->sound = word_next(&text, &line->source) && word_next(&text, &line->target) && !word_next(&text, &word);
        if (line->sound && (str_eq_nocase(line->target, STR("gone")) || str_eq(line->target, STR("410"))))
            line->target = STR_NONE;
        return true;
    }
    return false;
}
