// SPDX-License-Identifier: AGPL-3.0-or-later
// A delimiter begins with CR and holds no other, so bytes that turned out not to be one are content up to the byte that
// differed, and that byte may begin the next.
#include "http/multipart.h"

enum { FIRST, DATA, BEHIND, BEHIND_LF, HEAD, DASH, END, END_LF, OVER };

// ---- the boundary ------------------------------------------------------------------------------------------------------

// RFC 2046 5.1.1, bchars.
static bool is_boundary(struct str s) {
    if (s.n == 0 || s.n > MULTIPART_BOUNDARY_MAX || s.p[s.n - 1] == ' ')
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i], lower = (char)(c | 0x20);
        bool plain = (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9');
        if (!plain && (c == '\0' || strchr("'()+_,-./:=? ", c) == NULL))
            return false;
    }
    return true;
}

// "name=value" or name="value" from the start of *s, behind which it moves. In a quoted value %22, %0D and %0A are what
// browsers write for a quote and line ends, and a backslash only means something before a quote: old browsers sent
// whole Windows paths. `out` has room for `room` bytes; false: no parameter, or too long.
static bool take_quoted(struct str *s, char *out, size_t room, size_t *n_out) {
    size_t at = 0, n = 0;
    while (at < s->n && s->p[at] != '"') {
        if (s->p[at] == '\\' && at + 1 < s->n && s->p[at + 1] == '"')
            at++;
        if (n == room)
            return false;
        out[n++] = s->p[at++];
    }
    if (at == s->n)
        return false;
    *s = str_slice(*s, at + 1, s->n);
    *n_out = n;
    return true;
}

static bool is_token_end(char c) {
    return c == ';' || c == ' ' || c == '\t' || c == '"';
}

static bool take_token(struct str *s, char *out, size_t room, size_t *n_out) {
    size_t n = 0;
    while (n < s->n && !is_token_end(s->p[n])) {
        if (n == room)
            return false;
        out[n] = s->p[n];
        n++;
    }
    *s = str_slice(*s, n, s->n);
    *n_out = n;
    return n > 0;
}

bool multipart_boundary(struct str type, struct str *out) {
    struct str part, head;
    size_t at;
    if (!str_next(&type, ';', &head) || !str_eq_nocase(str_trim(head), STR("multipart/form-data")))
        return false;
    bool found = false;
    while (str_next(&type, ';', &part)) {
        part = str_trim(part);
        if (!str_find_char(part, '=', &at) || !str_eq_nocase(str_slice(part, 0, at), STR("boundary")))
            continue;
        struct str value = str_slice(part, at + 1, part.n);
        if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
            value = str_slice(value, 1, value.n - 1);
        if (found || !is_boundary(value))
            return false;
        *out = value;
        found = true;
    }
    return found;
}

// ---- the head of a part ------------------------------------------------------------------------------------------------

static size_t decode_name(char *text, size_t n) {
    static const struct {
        const char *code;
        char byte;
    } rows[] = {{"%22", '"'}, {"%0D", '\r'}, {"%0A", '\n'}};
    size_t out = 0;
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        for (size_t k = 0; k < 3 && c == '%'; k++)
            if (i + 2 < n && memcmp(text + i, rows[k].code, 3) == 0) {
                c = rows[k].byte;
                i += 2;
                break;
            }
        text[out++] = c;
    }
    return out;
}

static bool is_name(struct str s) {
    if (!utf8_valid(s))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return false;
    return true;
}

static bool take_value(struct str *s, char *out, size_t room, struct str *value_out) {
    size_t n;
    bool quoted = s->n > 0 && s->p[0] == '"';
    if (quoted)
        *s = str_slice(*s, 1, s->n);
    if (quoted ? !take_quoted(s, out, room, &n) : !take_token(s, out, room, &n))
        return false;
    n = decode_name(out, n);
    out[n] = '\0';
    *value_out = (struct str){out, n};
    return is_name(*value_out);
}

// form-data; name="..."; filename="..."
static bool read_disposition(struct multipart *m, struct str s, struct multipart_part *part) {
    struct str kind;
    size_t at;
    if (part->name.p != NULL || !str_next(&s, ';', &kind) || !str_eq_nocase(str_trim(kind), STR("form-data")))
        return false;
    for (s = str_trim(s); s.n > 0; s = str_trim(s)) {
        if (!str_find_char(s, '=', &at))
            return false;
        struct str key = str_slice(s, 0, at);
        s = str_slice(s, at + 1, s.n);
        bool is_file = str_eq_nocase(key, STR("filename"));
        struct str *value = is_file ? &part->file_name : &part->name;
        if ((!is_file && !str_eq_nocase(key, STR("name"))) || value->p != NULL ||
            !take_value(&s, is_file ? m->file_name : m->name, is_file ? MULTIPART_FILE_MAX : MULTIPART_NAME_MAX, value))
            return false;
        s = str_trim(s);
        if (s.n > 0 && s.p[0] != ';')
            return false;
        s = str_slice(s, 1, s.n);
    }
    return part->name.n > 0;
}

// A file's type is found from its bytes, never from what is said here: other headers only may not lie about an encoding.
static bool read_line(struct multipart *m, struct str line, struct multipart_part *part) {
    size_t at;
    if (!str_find_char(line, ':', &at) || at == 0)
        return false;
    for (size_t i = 0; i < line.n; i++)
        if (((unsigned char)line.p[i] < 0x20 && line.p[i] != '\t') || line.p[i] == 0x7f)
            return false;
    struct str key = str_slice(line, 0, at), value = str_trim(str_slice(line, at + 1, line.n));
    if (str_eq_nocase(key, STR("Content-Disposition")))
        return read_disposition(m, value, part);
    if (!str_eq_nocase(key, STR("Content-Transfer-Encoding")))
        return true;
    return str_eq_nocase(value, STR("binary")) || str_eq_nocase(value, STR("8bit")) ||
           str_eq_nocase(value, STR("7bit"));
}

// m->head ends in the empty line.
static bool read_head(struct multipart *m, struct multipart_part *part) {
    struct str rest = {m->head, m->head_bytes};
    size_t at;
    *part = (struct multipart_part){STR_NONE, STR_NONE};
    while (str_find(rest, STR("\r\n"), &at) && at > 0) {
        if (!read_line(m, str_slice(rest, 0, at), part))
            return false;
        rest = str_slice(rest, at + 2, rest.n);
    }
    return part->name.n > 0;
}

// ---- the states --------------------------------------------------------------------------------------------------------

void multipart_init(struct multipart *m, struct str boundary, const struct multipart_taker *taker) {
    must(boundary.n > 0 && boundary.n <= MULTIPART_BOUNDARY_MAX);
    m->taker = *taker;
    memcpy(m->delimiter, "\r\n--", 4);
    memcpy(m->delimiter + 4, boundary.p, boundary.n);
    m->delimiter_bytes = 4 + boundary.n;
    m->matched = 2; // the first delimiter has no line before it
    m->borrowed = 0;
    m->state = FIRST;
    m->head_bytes = 0;
}

static enum multipart_result feed_head(struct multipart *m, char byte) {
    struct multipart_part part;
    if (m->head_bytes == sizeof m->head)
        return MULTIPART_BAD;
    m->head[m->head_bytes++] = byte;
    bool empty = m->head_bytes == 2 && memcmp(m->head, "\r\n", 2) == 0;
    bool ended = m->head_bytes >= 4 && memcmp(m->head + m->head_bytes - 4, "\r\n\r\n", 4) == 0;
    if (empty)
        return MULTIPART_BAD; // nobody says what it is
    if (!ended)
        return MULTIPART_MORE;
    if (!read_head(m, &part))
        return MULTIPART_BAD;
    m->state = DATA;
    m->matched = 2; // a part may be empty: the line end of its head is then also the delimiter's
    m->borrowed = 2;
    return m->taker.begin(m->taker.context, &part) ? MULTIPART_MORE : MULTIPART_STOPPED;
}

static enum multipart_result feed_byte(struct multipart *m, char byte) {
    static const struct {
        int state;
        char byte;
        int next;
    } rows[] = {{BEHIND, '\r', BEHIND_LF}, {BEHIND, '-', DASH}, {BEHIND_LF, '\n', HEAD},
                {DASH, '-', END},          {END, '\r', END_LF}, {END_LF, '\n', OVER}};
    if (m->state == HEAD)
        return feed_head(m, byte);
    if (m->state == FIRST) {
        if (byte != m->delimiter[m->matched++])
            return MULTIPART_BAD;
        if (m->matched == m->delimiter_bytes)
            m->state = BEHIND;
        return MULTIPART_MORE;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].state == m->state && rows[i].byte == byte) {
            m->state = rows[i].next;
            m->head_bytes = 0;
            return MULTIPART_MORE;
        }
    return MULTIPART_BAD;
}

static bool give(struct multipart *m, struct str piece) {
    return piece.n == 0 || m->taker.data(m->taker.context, piece);
}

// What looked like a delimiter was content, but for a line end that is the head's.
static bool give_matched(struct multipart *m) {
    struct str piece = {m->delimiter + m->borrowed, m->matched - m->borrowed};
    m->matched = 0;
    m->borrowed = 0;
    return give(m, piece);
}

// Content up to and with the delimiter behind it; *at moves behind what was used.
static enum multipart_result feed_data(struct multipart *m, struct str s, size_t *at) {
    if (m->matched == 0) {
        const char *cr = memchr(s.p + *at, '\r', s.n - *at);
        size_t end = cr != NULL ? (size_t)(cr - s.p) : s.n;
        bool on = give(m, str_slice(s, *at, end));
        m->matched = cr != NULL ? 1 : 0;
        *at = cr != NULL ? end + 1 : end;
        return on ? MULTIPART_MORE : MULTIPART_STOPPED;
    }
    if (s.p[*at] != m->delimiter[m->matched])
        return give_matched(m) ? MULTIPART_MORE : MULTIPART_STOPPED;
    (*at)++;
    if (++m->matched < m->delimiter_bytes)
        return MULTIPART_MORE;
    m->state = BEHIND;
    m->borrowed = 0;
    return m->taker.end(m->taker.context) ? MULTIPART_MORE : MULTIPART_STOPPED;
}

enum multipart_result multipart_feed(struct multipart *m, struct str bytes) {
    enum multipart_result result = MULTIPART_MORE;
    size_t at = 0;
    while (at < bytes.n && result == MULTIPART_MORE)
        result = m->state == DATA ? feed_data(m, bytes, &at) : feed_byte(m, bytes.p[at++]);
    return result;
}

bool multipart_is_complete(const struct multipart *m) {
    return m->state == END || m->state == OVER;
}
