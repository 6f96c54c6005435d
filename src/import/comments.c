// SPDX-License-Identifier: AGPL-3.0-or-later
// Comments of the old site from an export of its table #__k2_comments: comma, semicolon or tab separated values with a
// line of names (RFC 4180 quoting), or one JSON object a line. Columns go by Joomla's names: itemID, commentText and
// commentDate (UTC, "2019-05-02 10:15:00") are needed; id, userName and published are taken when they are there, and
// every other one, addresses of readers above all, is not even looked at.
#include <jansson.h>

#include "import/comments.h"
#include "import/page_parts.h"

enum { CELL_BYTES = 1 << 18, LINE_BYTES = 1 << 19 };

static const char *const names[IMPORT_COMMENT_COLUMNS] = {"id",          "itemID",      "userName",
                                                          "commentDate", "commentText", "published"};
enum { ID, ITEM, NAME, DATE, TEXT, PUBLISHED };

// ---- one comment ---------------------------------------------------------------------------------------------------------

// Valid UTF-8 without control characters.
static void line_put(struct buf *b, struct str line) {
    for (size_t at = 0; at < line.n;) {
        size_t from = at;
        uint32_t c = utf8_next(line, &at);
        bool control = c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfffd;
        if (control)
            buf_char(b, ' ');
        else
            buf_str(b, str_slice(line, from, at));
    }
}

static struct str lines_of(struct arena *a, struct str body) {
    struct buf b;
    struct str line;
    bool gap = false;
    buf_init(&b, 2 * CELL_BYTES);
    while (str_next(&body, '\n', &line)) {
        struct buf one;
        buf_init(&one, CELL_BYTES + 16);
        line_put(&one, line);
        struct str words = str_trim(buf_view(&one));
        if (words.n > 0 && b.n > 0)
            buf_c(&b, gap ? "\n\n" : "\n");
        gap = words.n == 0;
        buf_str(&b, words);
        buf_fini(&one);
    }
    struct str out = b.failed ? STR_NONE : str_dup(a, buf_view(&b));
    buf_fini(&b);
    return out;
}

bool import_comment_words(struct arena *a, struct str name, struct str body, struct imported_comment *out) {
    out->name = utf8_cut_chars(page_line(a, name), COMMENT_NAME_MAX);
    out->body = lines_of(a, body);
    return out->body.n > 0 && utf8_count(out->body) <= COMMENT_CHARS_MAX;
}

// Exports of some years have markup in them: K2 wrote breaks and links into what it stored.
static struct str plain_of(struct arena *a, struct str text) {
    static const char *const signs[] = {"<br", "</a>", "</p>", "&amp;", "&quot;", "&lt;", "&gt;", "&#0", "&#3"};
    size_t at;
    bool html = false, breaks = str_find(text, STR("<br"), &at) || str_find(text, STR("</p>"), &at);
    for (size_t i = 0; i < sizeof signs / sizeof signs[0] && !html; i++)
        html = str_find(text, str_from(signs[i]), &at);
    if (!html)
        return text;
    struct buf b;
    struct html clean;
    buf_init(&b, 8 * CELL_BYTES);
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '\n' && !breaks)
            buf_c(&b, "<br>");
        else
            buf_char(&b, text.p[i]);
    struct str out = html_clean(a, buf_view(&b), &clean) == RC_OK ? html_to_text(a, clean) : text;
    buf_fini(&b);
    return out;
}

static bool digits(struct str s, size_t from, size_t to, int *out) {
    uint64_t n;
    if (s.n < to || !str_to_u64(str_slice(s, from, to), &n))
        return false;
    *out = (int)n;
    return true;
}

// "2019-05-02 10:15:00", in UTC as Joomla stores it.
static bool date_read(struct str s, int64_t *out) {
    struct text_civil c;
    if (!extra_date_read(str_slice(s, 0, 10), &c) || !digits(s, 11, 13, &c.hour) || !digits(s, 14, 16, &c.minute) ||
        (s.p[10] != ' ' && s.p[10] != 'T') || s.p[13] != ':')
        return false;
    if (s.n >= 19 && (s.p[16] != ':' || !digits(s, 17, 19, &c.second)))
        return false;
    if (c.hour > 23 || c.minute > 59 || c.second > 59)
        return false;
    *out = (text_day_of(c) * 86400 + c.hour * 3600 + c.minute * 60 + c.second) * US_PER_SECOND;
    return *out > 0;
}

static enum import_fault comment_make(struct arena *a, const struct str cells[IMPORT_COMMENT_COLUMNS],
                                      struct imported_comment *out) {
    *out = (struct imported_comment){.published = !str_eq(cells[PUBLISHED], STR("0"))};
    if (!str_to_i64(cells[ITEM], &out->item_id) || out->item_id <= 0)
        return IMPORT_BAD_ITEM;
    if (!str_to_i64(cells[ID], &out->old_id) || out->old_id < 0)
        out->old_id = 0;
    if (!date_read(cells[DATE], &out->written_at))
        return IMPORT_BAD_DATE;
    return import_comment_words(a, plain_of(a, cells[NAME]), plain_of(a, cells[TEXT]), out) ? IMPORT_FINE
                                                                                            : IMPORT_BAD_WORDS;
}

enum text_word import_fault_word(enum import_fault fault) {
    static const enum text_word words[IMPORT_FAULTS] = {
        [IMPORT_NOT_TEXT] = W_IMPORT_FAULT_TEXT,      [IMPORT_NO_COLUMNS] = W_IMPORT_FAULT_COLUMNS,
        [IMPORT_BAD_LINE] = W_IMPORT_FAULT_LINE,      [IMPORT_BAD_ITEM] = W_IMPORT_FAULT_ITEM,
        [IMPORT_BAD_DATE] = W_IMPORT_FAULT_DATE,      [IMPORT_BAD_WORDS] = W_IMPORT_FAULT_WORDS,
        [IMPORT_NO_ARTICLE] = W_IMPORT_FAULT_ARTICLE, [IMPORT_ARTICLE_FULL] = W_IMPORT_FAULT_FULL,
    };
    must(fault > IMPORT_FINE && fault < IMPORT_FAULTS);
    return words[fault];
}

// ---- separated values ----------------------------------------------------------------------------------------------------

// The next cell; *end_out when it was the line's last. False: it is too long, or its quotes do not end.
static bool cell_take(struct import_comments *r, struct buf *cell, bool *end_out) {
    struct str s = r->rest;
    size_t i = 0;
    bool quoted = s.n > 0 && s.p[0] == '"';
    buf_clear(cell);
    for (i = quoted; i < s.n; i++) {
        if (quoted && s.p[i] == '"') {
            if (i + 1 == s.n || s.p[i + 1] != '"')
                break;
            i++;
        } else if (!quoted && (s.p[i] == r->separator || s.p[i] == '\n')) {
            break;
        }
        r->line += s.p[i] == '\n';
        buf_char(cell, s.p[i]);
    }
    if (quoted && i == s.n) {
        r->rest = STR_NONE;
        return false;
    }
    i += quoted;
    while (i < s.n && s.p[i] != r->separator && s.p[i] != '\n') // what stands behind the quotes is nothing
        i++;
    *end_out = i >= s.n || s.p[i] == '\n';
    r->line += i < s.n && s.p[i] == '\n';
    r->rest = str_slice(s, i + 1, s.n);
    return !cell->failed;
}

static bool line_take(struct arena *a, struct import_comments *r, struct str cells[IMPORT_COMMENT_COLUMNS]) {
    struct buf cell;
    bool end = false, sound = true;
    buf_init(&cell, CELL_BYTES);
    for (int column = 0; !end; column++) {
        if (!cell_take(r, &cell, &end)) {
            sound = false;
            end = end || r->rest.n == 0;
        }
        for (int k = 0; k < IMPORT_COMMENT_COLUMNS && sound; k++)
            if (r->columns[k] == column)
                cells[k] = str_dup(a, str_trim(buf_view(&cell)));
    }
    buf_fini(&cell);
    return sound;
}

static void separator_find(struct import_comments *r) {
    size_t at, end = r->rest.n;
    (void)str_find_char(r->rest, '\n', &end);
    struct str line = str_slice(r->rest, 0, end);
    r->separator = str_find_char(line, '\t', &at) ? '\t' : str_find_char(line, ';', &at) ? ';' : ',';
}

static bool header_take(struct import_comments *r) {
    struct buf cell;
    bool end = false, sound = true;
    buf_init(&cell, 1024);
    separator_find(r);
    for (int column = 0; !end && sound; column++) {
        sound = cell_take(r, &cell, &end);
        for (int k = 0; k < IMPORT_COMMENT_COLUMNS && sound; k++)
            if (r->columns[k] < 0 && str_eq_nocase(str_trim(buf_view(&cell)), str_from(names[k])))
                r->columns[k] = column;
    }
    buf_fini(&cell);
    return sound && r->columns[ITEM] >= 0 && r->columns[DATE] >= 0 && r->columns[TEXT] >= 0;
}

// ---- JSON lines ------------------------------------------------------------------------------------------------------------

static struct str json_cell(struct arena *a, const json_t *object, const char *name) {
    const json_t *v = json_object_get(object, name);
    if (json_is_string(v))
        return str_dup(a, str_trim((struct str){json_string_value(v), json_string_length(v)}));
    return json_is_integer(v) ? str_fmt(a, "%lld", (long long)json_integer_value(v))
           : json_is_false(v) ? STR("0")
                              : STR_NONE;
}

static bool json_take(struct arena *a, struct import_comments *r, struct str cells[IMPORT_COMMENT_COLUMNS]) {
    struct str line = STR_NONE;
    (void)str_next(&r->rest, '\n', &line);
    r->line++;
    if (line.n > LINE_BYTES)
        return false;
    json_t *object = json_loadb(line.n > 0 ? line.p : "", line.n, JSON_REJECT_DUPLICATES, NULL);
    for (int k = 0; k < IMPORT_COMMENT_COLUMNS && json_is_object(object); k++)
        cells[k] = json_cell(a, object, names[k]);
    bool sound = json_is_object(object);
    json_decref(object);
    return sound;
}

// ---- the file --------------------------------------------------------------------------------------------------------------

static void blank_lines_skip(struct import_comments *r) {
    while (r->rest.n > 0 && (r->rest.p[0] == '\n' || r->rest.p[0] == '\r' || r->rest.p[0] == ' ')) {
        r->line += r->rest.p[0] == '\n';
        r->rest = str_slice(r->rest, 1, r->rest.n);
    }
}

static enum import_fault begin(struct str bytes, struct import_comments *r) {
    if (bytes.n == 0 || memchr(bytes.p, 0, bytes.n) != NULL || !utf8_valid(bytes))
        return IMPORT_NOT_TEXT;
    for (int k = 0; k < IMPORT_COMMENT_COLUMNS; k++)
        r->columns[k] = -1;
    if (str_starts(r->rest, STR("\xef\xbb\xbf")))
        r->rest = str_slice(r->rest, 3, r->rest.n);
    blank_lines_skip(r);
    r->json = r->rest.n > 0 && r->rest.p[0] == '{';
    return r->json || header_take(r) ? IMPORT_FINE : IMPORT_NO_COLUMNS;
}

enum rc import_comments_begin(struct str bytes, struct import_comments *r) {
    *r = (struct import_comments){.rest = bytes, .line = 1};
    r->fault = begin(bytes, r);
    return r->fault == IMPORT_FINE ? RC_OK : RC_INVALID;
}

bool import_comments_next(struct arena *a, struct import_comments *r, struct imported_comment *out) {
    struct str cells[IMPORT_COMMENT_COLUMNS] = {STR_NONE};
    blank_lines_skip(r);
    if (r->rest.n == 0)
        return false;
    r->at = r->line;
    bool sound = r->json ? json_take(a, r, cells) : line_take(a, r, cells);
    r->fault = sound ? comment_make(a, cells, out) : IMPORT_BAD_LINE;
    return true;
}

// ---- storing ---------------------------------------------------------------------------------------------------------------

enum rc import_comment_store(struct arena *a, struct db *db, struct str site, int64_t number,
                             const struct imported_comment *c, bool *added_out, struct news_changes *changes) {
    struct comment comment = {.number = number,
                              .site = site,
                              .old_id = c->old_id,
                              .written_at = c->written_at,
                              .name = c->name,
                              .body = c->body,
                              .hidden = !c->published,
                              .reason = c->published ? STR_NONE : STR("not published on the old site")};
    return comment_add(a, db, &comment, added_out, changes);
}

enum rc import_comment_place(struct arena *a, struct db *db, struct str site, const struct imported_comment *c,
                             bool *added_out, struct news_changes *changes) {
    struct article_where where;
    int64_t number;
    *added_out = false;
    enum rc rc = legacy_get(db, site, LEGACY_ITEM, c->item_id, &number);
    if (rc == RC_OK)
        rc = article_where(db, number, &where);
    return rc == RC_OK ? import_comment_store(a, db, site, number, c, added_out, changes) : rc;
}
