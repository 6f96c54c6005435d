// SPDX-License-Identifier: AGPL-3.0-or-later
// Letters: from the outbox's JSON to the bytes that a mail server takes. RFC 5322 (form), 2045 (quoted-printable), 2047
// (words beyond ASCII in headers), 3834 (made by a program: nobody's holiday answers it).
#include <jansson.h>
#include <sodium.h>
#include <time.h>

#include "courier/courier.h"

// An encoded word of 39 bytes has 64 characters: with the longest header's name before it a line stays below 76.
enum { WORD_BYTES = 39, WORD_CHARS = 52, PLAIN_CHARS = 60, LINE_CHARS = 76, HASH_HEX = 32 };

// ---- reading -------------------------------------------------------------------------------------------------------

static bool is_host_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

static bool is_local_char(char c) {
    return is_host_char(c) || (c != '\0' && strchr("!#$%&'*+/=?^_`{|}~", c) != NULL);
}

bool letter_address_ok(struct str s) {
    size_t at = 0;
    if (s.n > LETTER_ADDRESS_MAX || !str_find_char(s, '@', &at) || at == 0 || at + 1 >= s.n || s.p[0] == '-')
        return false;
    for (size_t i = 0; i < at; i++)
        if (!is_local_char(s.p[i]))
            return false;
    for (size_t i = at + 1; i < s.n; i++)
        if (!is_host_char(s.p[i]))
            return false;
    return true;
}

static bool is_line(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
            return false;
    return s.n > 0 && s.n <= LETTER_LINE_MAX;
}

static struct str text_of(struct arena *a, const json_t *object, const char *name) {
    const json_t *value = json_object_get(object, name);
    if (!json_is_string(value))
        return STR_NONE;
    return str_dup(a, (struct str){json_string_value(value), json_string_length(value)});
}

enum rc letter_read(struct arena *a, struct str payload, struct letter *out) {
    json_t *object = json_loadb(payload.p, payload.n, JSON_REJECT_DUPLICATES, NULL);
    struct str to = text_of(a, object, "to");
    *out = (struct letter){.to = str_c(a, to),
                           .name = text_of(a, object, "name"),
                           .title = text_of(a, object, "title"),
                           .text = text_of(a, object, "text"),
                           .at_us = json_integer_value(json_object_get(object, "at"))};
    json_decref(object);
    bool good = letter_address_ok(to) && is_line(out->name) && is_line(out->title) && out->text.n > 0 &&
                out->text.n <= LETTER_TEXT_MAX && out->at_us > 0 && out->at_us < INT64_C(250000000000) * US_PER_SECOND;
    return good ? RC_OK : RC_INVALID;
}

// ---- headers -------------------------------------------------------------------------------------------------------

// Words of letters and digits stand as they are; everything else as encoded words, one a line.
static bool is_plain(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (!is_host_char(s.p[i]) && s.p[i] != ' ')
            return false;
    return s.n <= PLAIN_CHARS;
}

static void put_words(struct buf *out, struct str s) {
    char text[WORD_CHARS + 1];
    if (is_plain(s)) {
        buf_str(out, s);
        return;
    }
    for (bool first = true; s.n > 0; first = false) {
        struct str part = utf8_cut(s, WORD_BYTES);
        must(sodium_bin2base64(text, sizeof text, (const unsigned char *)part.p, part.n,
                               sodium_base64_VARIANT_ORIGINAL) != NULL);
        buf_fmt(out, "%s=?UTF-8?B?%s?=", first ? "" : "\r\n ", text);
        s = str_slice(s, part.n, s.n);
    }
}

// In UTC, and in English whatever the process's locale.
static void put_date(struct buf *out, int64_t at_us) {
    static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t at = (time_t)(at_us / US_PER_SECOND);
    struct tm t;
    must(gmtime_r(&at, &t) != NULL);
    buf_fmt(out, "Date: %.3s, %02d %.3s %d %02d:%02d:%02d +0000\r\n", days + t.tm_wday * 3, t.tm_mday,
            months + t.tm_mon * 3, t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

static void put_message_id(struct buf *out, const char *from, struct str key) {
    struct digest hash;
    char hex[HASH_HEX];
    hash_sha256(key.p, key.n, &hash);
    hex_put(hex, hash.bytes, HASH_HEX / 2);
    buf_fmt(out, "Message-ID: <%.*s%s>\r\n", HASH_HEX, hex, strchr(from, '@'));
}

// ---- text ----------------------------------------------------------------------------------------------------------

// Quoted-printable (RFC 2045 6.7). A character's bytes are never torn apart by the line's end: some readers show the
// halves.
static size_t quoted_size(struct str s, size_t at, size_t n, bool at_end) {
    size_t size = 0;
    for (size_t i = at; i < at + n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool blank = c == ' ' || c == '\t';
        size += (c > ' ' && c < 0x7f && c != '=') || (blank && !at_end) ? 1 : 3;
    }
    return size;
}

static void put_quoted_line(struct buf *out, struct str line) {
    size_t used = 0;
    for (size_t at = 0; at < line.n;) {
        size_t next = at;
        (void)utf8_next(line, &next);
        bool at_end = next == line.n;
        size_t size = quoted_size(line, at, next - at, at_end);
        if (used + size >= LINE_CHARS) { // one for the sign of a soft end
            buf_c(out, "=\r\n");
            used = 0;
        }
        for (; at < next; at++)
            if (quoted_size(line, at, 1, at_end) == 1)
                buf_char(out, line.p[at]);
            else
                buf_fmt(out, "=%02X", (unsigned char)line.p[at]);
        used += size;
    }
    buf_c(out, "\r\n");
}

void letter_write(struct buf *out, const struct letter *letter, const char *from, struct str key) {
    struct str rest = letter->text, line;
    put_date(out, letter->at_us);
    buf_c(out, "From: ");
    put_words(out, letter->name);
    buf_fmt(out, "\r\n <%s>\r\nTo: <%s>\r\nSubject: ", from, letter->to);
    put_words(out, letter->title);
    buf_c(out, "\r\n");
    put_message_id(out, from, key);
    buf_c(out, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
               "Content-Transfer-Encoding: quoted-printable\r\nAuto-Submitted: auto-generated\r\n\r\n");
    while (str_next(&rest, '\n', &line)) {
        if (line.n > 0 && line.p[line.n - 1] == '\r')
            line.n--;
        put_quoted_line(out, line);
    }
}
