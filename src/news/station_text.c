// SPDX-License-Identifier: AGPL-3.0-or-later
// The station text: articles, pages, sections, settings, menus and ways to listen in one file a person can write
// (docs/station-text.md). A text adds what is not there and changes what it says otherwise than last time: loading it
// twice changes nothing, and what it did not touch stays as the newsroom left it.
#include "news/internal.h"

#define TEXT_MAX ((size_t)16 << 20)
#define HEADERS_MAX 64
#define LIST_ITEMS 64
// No address can name these sites ('=' stands in no site's name), so keys of texts and old addresses never meet.
#define KEY_SITE STR("=text")
#define GROUP_SITE STR("=group")
#define WORDS_SITE STR("=words")

struct header {
    struct str key, value;
};
struct block {
    struct str kind, body;
    struct header headers[HEADERS_MAX];
    size_t header_count;
    unsigned line;
};
struct load {
    struct arena *a;
    struct db *db;
    const struct station_text_setup *setup;
    struct news_changes *c;
    struct problem *p;
    const struct text_zone *zone;
    int64_t now_us;
    struct extra_field *fields; // read when the first row asks, and again after a block that changed one
    size_t field_count;
    bool fields_read;
    struct {
        enum text_lang lang;
        size_t count;
        struct menu_entry entries[24];
        size_t way_count;
        struct listen_way ways[64];
    } lists[LANG_COUNT];
};

// ---- the form of the file
// ----------------------------------------------------------------------------------------------

static bool line_take(struct str *rest, struct str *line_out) {
    if (!str_next(rest, '\n', line_out))
        return false;
    if (line_out->n > 0 && line_out->p[line_out->n - 1] == '\r')
        line_out->n--;
    return true;
}

static bool is_block_start(struct str line) {
    return str_starts(line, STR("== "));
}

static enum rc header_take(struct load *l, struct block *b, struct str line, unsigned at) {
    size_t colon = 0;
    if (!str_find_char(line, ':', &colon) || colon == 0)
        return problem_set(l->p, RC_INVALID, "Line %u: expected \"key: value\".", at);
    if (b->header_count == HEADERS_MAX)
        return problem_set(l->p, RC_INVALID, "Line %u: more than %d keys in one block.", at, HEADERS_MAX);
    b->headers[b->header_count++] = (struct header){.key = str_trim(str_slice(line, 0, colon)),
                                                    .value = str_trim(str_slice(line, colon + 1, line.n))};
    return RC_OK;
}

// Reads the block that *rest begins with; the body runs to the next line that begins with "== ".
static enum rc block_take(struct load *l, struct str *rest, unsigned *line, struct block *out) {
    struct str text;
    *out = (struct block){.line = *line};
    (void)line_take(rest, &text);
    out->kind = str_trim(str_slice(text, 3, text.n));
    (*line)++;
    while (rest->n > 0 && !is_block_start(*rest) && line_take(rest, &text)) {
        (*line)++;
        if (str_trim(text).n == 0)
            break;
        enum rc rc = text.p[0] == '#' ? RC_OK : header_take(l, out, text, *line - 1);
        if (rc != RC_OK)
            return rc;
    }
    const char *from = rest->p;
    while (rest->n > 0 && !is_block_start(*rest) && line_take(rest, &text))
        (*line)++;
    if (from != NULL && rest->p != NULL)
        out->body = str_trim((struct str){from, (size_t)(rest->p - from)});
    return RC_OK;
}

static struct str value_of(const struct block *b, const char *key) {
    for (size_t i = 0; i < b->header_count; i++)
        if (str_eq(b->headers[i].key, str_from(key)))
            return b->headers[i].value;
    return STR_NONE;
}

static bool flag_of(const struct block *b, const char *key) {
    struct str v = value_of(b, key);
    return str_eq(v, STR("yes")) || str_eq(v, STR("1"));
}

static int64_t number_of(const struct block *b, const char *key) {
    int64_t n = 0;
    return str_to_i64(value_of(b, key), &n) ? n : 0;
}

static enum rc keys_check(struct load *l, const struct block *b, const char *allowed) {
    for (size_t i = 0; i < b->header_count; i++) {
        struct str rest = str_from(allowed), word;
        bool known = false;
        while (!known && str_next(&rest, ' ', &word))
            known = str_eq(word, b->headers[i].key);
        if (!known)
            return problem_set(l->p, RC_INVALID, "Line %u: \"%.*s\" is no key of a block \"%.*s\".", b->line,
                               STR_ARG(utf8_cut(b->headers[i].key, 40)), STR_ARG(utf8_cut(b->kind, 40)));
    }
    return RC_OK;
}

static enum rc lang_of(struct load *l, const struct block *b, enum text_lang *out) {
    if (text_lang_find(value_of(b, "lang"), out))
        return RC_OK;
    return problem_set(l->p, RC_INVALID, "Line %u: the block needs a \"lang:\" of the station's languages.", b->line);
}

static size_t list_of(struct str value, struct str out[LIST_ITEMS]) {
    size_t n = 0;
    struct str part;
    while (n < LIST_ITEMS && str_next(&value, ',', &part))
        if (str_trim(part).n > 0)
            out[n++] = str_trim(part);
    return n;
}

// ---- moments: "2026-11-20 13:39" in the station's zone, or an age "-3h"
// ----------------------------------------------

static bool age_read(struct str s, int64_t now_us, int64_t *out) {
    if (s.n < 3 || s.n > 8 || (s.p[0] != '-' && s.p[0] != '+'))
        return false;
    uint64_t n = 0;
    int64_t unit = s.p[s.n - 1] == 'm' ? 60 : s.p[s.n - 1] == 'h' ? 3600 : s.p[s.n - 1] == 'd' ? 86400 : 0;
    if (unit == 0 || !str_to_u64(str_slice(s, 1, s.n - 1), &n))
        return false;
    int64_t span = (int64_t)n * unit * US_PER_SECOND;
    *out = s.p[0] == '-' ? now_us - span : now_us + span;
    return *out > 0;
}

static bool digits_read(struct str s, size_t from, size_t to, int min, int max, int *out) {
    uint64_t n = 0;
    if (s.n < to || !str_to_u64(str_slice(s, from, to), &n) || n < (uint64_t)min || n > (uint64_t)max)
        return false;
    *out = (int)n;
    return true;
}

static bool moment_read(const struct load *l, struct str s, int64_t *out) {
    struct text_civil c = {0};
    if (age_read(s, l->now_us, out))
        return true;
    if (s.n != 16 || s.p[4] != '-' || s.p[7] != '-' || (s.p[10] != ' ' && s.p[10] != 'T') || s.p[13] != ':')
        return false;
    if (!digits_read(s, 0, 4, 1970, 9998, &c.year) || !digits_read(s, 5, 7, 1, 12, &c.month) ||
        !digits_read(s, 8, 10, 1, 31, &c.day) || !digits_read(s, 11, 13, 0, 23, &c.hour) ||
        !digits_read(s, 14, 16, 0, 59, &c.minute))
        return false;
    *out = text_civil_to_us(l->zone, c);
    return true;
}

static enum rc moment_of(struct load *l, const struct block *b, const char *key, int64_t otherwise, int64_t *out) {
    struct str v = value_of(b, key);
    *out = otherwise;
    if (v.n == 0 || moment_read(l, v, out))
        return RC_OK;
    return problem_set(l->p, RC_INVALID, "Line %u: \"%s: %.*s\" is neither like 2026-11-20 13:39 nor an age like -3h.",
                       b->line, key, STR_ARG(utf8_cut(v, 60)));
}

// ---- keys
// --------------------------------------------------------------------------------------------------------------

static int64_t key_number(struct str key) {
    return (int64_t)(hash_stable(key) >> 1) | 1;
}

static struct str key_of(struct load *l, const struct block *b, enum text_lang lang, struct str fallback) {
    struct str key = value_of(b, "key");
    struct str name = key.n > 0 ? key : fallback;
    return str_fmt(l->a, "%.*s/%.*s", STR_ARG(text_lang_code(lang)), STR_ARG(name));
}

// The group's first member stands for it; 0 when this block is the first.
static enum rc group_find(struct load *l, const struct block *b, enum legacy_kind kind, int64_t *group_out) {
    struct str name = value_of(b, "group");
    *group_out = 0;
    if (name.n == 0)
        return RC_OK;
    int64_t member = 0;
    enum rc rc = legacy_get(l->db, GROUP_SITE, kind, key_number(name), &member);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    struct db_stmt *st = kind == LEGACY_ITEM ? db_sql(l->db, "SELECT translation_group FROM articles WHERE number = $1")
                                             : db_sql(l->db, "SELECT translation_group FROM pages WHERE id = $1");
    db_bind_i64(st, 1, member);
    if (db_step(st))
        *group_out = db_i64(st, 0);
    return db_end(st);
}

static enum rc remember(struct load *l, const struct block *b, enum legacy_kind kind, struct str key, int64_t id,
                        bool first_of_group) {
    enum rc rc = legacy_put(l->db, KEY_SITE, kind, key_number(key), id);
    struct str group = value_of(b, "group");
    if (rc == RC_OK && group.n > 0 && first_of_group)
        rc = legacy_put(l->db, GROUP_SITE, kind, key_number(group), id);
    return rc;
}

// ---- what a block said when it was loaded last
// -------------------------------------------------------------------------

static int64_t words_key(struct load *l, const struct block *b, struct str key) {
    return key_number(str_fmt(l->a, "%.*s %.*s", STR_ARG(b->kind), STR_ARG(key)));
}

static int64_t words_number(struct load *l, const struct block *b) {
    int64_t n = key_number(b->body);
    for (size_t i = 0; i < b->header_count; i++)
        n = key_number(
            str_fmt(l->a, "%lld %.*s: %.*s", (long long)n, STR_ARG(b->headers[i].key), STR_ARG(b->headers[i].value)));
    return n;
}

static enum rc words_keep(struct load *l, const struct block *b, struct str key) {
    return legacy_put(l->db, WORDS_SITE, LEGACY_WORDS, words_key(l, b, key), words_number(l, b));
}

// Whether the block says something else than last time. What no text ever described (init made it, for example) is
// taken as described now.
static enum rc words_changed(struct load *l, const struct block *b, struct str key, bool *out) {
    int64_t before = 0;
    enum rc rc = legacy_get(l->db, WORDS_SITE, LEGACY_WORDS, words_key(l, b, key), &before);
    *out = rc == RC_OK && before != words_number(l, b);
    return rc == RC_NOT_FOUND ? words_keep(l, b, key) : rc;
}

// ---- bodies and pictures
// -----------------------------------------------------------------------------------------------

static enum rc body_of(struct load *l, const struct block *b, struct html *out) {
    bool plain = b->body.n == 0 || b->body.p[0] != '<';
    if (html_clean(l->a, plain ? html_from_paragraphs(l->a, b->body).s : b->body, out) != RC_OK)
        return problem_set(l->p, RC_INVALID, "Line %u: the text is too long or nested too deeply.", b->line);
    return RC_OK;
}

static enum rc picture_file(struct load *l, struct str name, struct article_image *out) {
    struct buf bytes;
    buf_init(&bytes, (size_t)32 << 20);
    enum rc rc = l->setup->load_file(l->setup->arg, name, &bytes);
    if (rc == RC_OK)
        rc = media_add_file(l->db, l->setup->dir, buf_view(&bytes), l->setup->trusted_svg, out->credit, &out->media_id);
    buf_fini(&bytes);
    return rc;
}

// "harbour.jpg" is one file; "harbour" stands for the sizes there are of it: harbour-480.jpg, harbour-960.webp, ...
static enum rc picture_sizes(struct load *l, struct str name, struct article_image *out) {
    static const char *const sizes[] = {"480.jpg", "960.jpg", "1440.jpg", "480.webp", "960.webp", "1440.webp"};
    size_t dot = 0;
    if (str_find_char(name, '.', &dot))
        return picture_file(l, name, out);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        enum rc rc = picture_file(l, str_fmt(l->a, "%.*s-%s", STR_ARG(name), sizes[i]), out);
        if (rc != RC_OK && rc != RC_NOT_FOUND)
            return rc;
    }
    return out->media_id != 0 ? RC_OK : RC_NOT_FOUND;
}

static enum rc picture_of(struct load *l, const struct block *b, struct article_image *out) {
    struct str name = value_of(b, "picture");
    *out = (struct article_image){
        .alt = value_of(b, "alt"), .caption = value_of(b, "caption"), .credit = value_of(b, "credit")};
    if (name.n == 0)
        return RC_OK;
    if (l->setup == NULL || l->setup->load_file == NULL) {
        out->file_name = name;
        return RC_OK;
    }
    enum rc rc = picture_sizes(l, name, out);
    if (rc == RC_OK)
        return RC_OK;
    return problem_set(l->p, rc, "Line %u: the picture \"%.*s\" cannot be taken.", b->line,
                       STR_ARG(utf8_cut(name, 120)));
}

// "harbour | What it shows. | Caption | Whose it is": the parts of a key that stands several times.
static size_t parts_of(struct str value, struct str out[ROW_CELLS_MAX]) {
    struct str part;
    size_t n = 0;
    for (size_t i = 0; i < ROW_CELLS_MAX; i++)
        out[i] = STR_NONE;
    while (n < ROW_CELLS_MAX && str_next(&value, '|', &part))
        out[n++] = str_trim(part);
    return n;
}

static enum rc gallery_row(struct load *l, const struct block *b, struct str value, struct list_row *out) {
    struct str parts[ROW_CELLS_MAX];
    (void)parts_of(value, parts);
    struct article_image picture = {.credit = parts[3]};
    enum rc rc = picture_sizes(l, parts[0], &picture);
    if (rc != RC_OK)
        return problem_set(l->p, rc, "Line %u: the picture \"%.*s\" cannot be taken.", b->line,
                           STR_ARG(utf8_cut(parts[0], 120)));
    *out = (struct list_row){{str_fmt(l->a, "%lld", (long long)picture.media_id), parts[1], parts[2], parts[3]}};
    return RC_OK;
}

static enum rc file_row(struct load *l, const struct block *b, struct str value, struct list_row *out) {
    struct str parts[ROW_CELLS_MAX];
    struct buf bytes;
    int64_t id = 0;
    (void)parts_of(value, parts);
    buf_init(&bytes, (size_t)64 << 20);
    enum rc rc = l->setup->load_file(l->setup->arg, parts[0], &bytes);
    if (rc == RC_OK)
        rc = media_add_whole(l->db, l->setup->dir, buf_view(&bytes), parts[0], &id);
    buf_fini(&bytes);
    if (rc != RC_OK)
        return problem_set(l->p, rc, "Line %u: the file \"%.*s\" cannot be taken.", b->line,
                           STR_ARG(utf8_cut(parts[0], 120)));
    *out = (struct list_row){{str_fmt(l->a, "%lld", (long long)id), parts[1]}};
    return RC_OK;
}

static enum rc embed_row(struct load *l, const struct block *b, struct str value, struct list_row *out) {
    struct str parts[ROW_CELLS_MAX];
    (void)l, (void)b;
    (void)parts_of(value, parts);
    *out = (struct list_row){{parts[0], parts[1]}}; // article_save looks at the address
    return RC_OK;
}

static enum rc fields_get(struct load *l) {
    enum rc rc = l->fields_read ? RC_OK : extra_field_list(l->a, l->db, &l->fields, &l->field_count);
    l->fields_read = rc == RC_OK;
    return rc;
}

// "venue | The old harbour": the value as one types it at the desk.
static enum rc extra_row(struct load *l, const struct block *b, struct str value, struct list_row *out) {
    size_t bar = value.n;
    bool parted = str_find_char(value, '|', &bar);
    struct str name = str_trim(str_slice(value, 0, bar)), typed = str_trim(str_slice(value, bar + 1, value.n)), taken;
    enum rc rc = fields_get(l);
    if (rc != RC_OK)
        return rc;
    const struct extra_field *f = parted ? extra_field_named(l->fields, l->field_count, name) : NULL;
    if (f == NULL)
        return problem_set(l->p, RC_INVALID, "Line %u: there is no field \"%.*s\" (\"field: venue | The harbour\").",
                           b->line, STR_ARG(utf8_cut(name, 60)));
    if (extra_value_take(l->a, f, typed, &taken) != EXTRA_FINE)
        return problem_set(l->p, RC_INVALID, "Line %u: \"%.*s\" is no value of the field \"%.*s\" (a %.*s).", b->line,
                           STR_ARG(utf8_cut(typed, 60)), STR_ARG(name), STR_ARG(extra_kind_name(f->kind)));
    *out = (struct list_row){{name, taken}};
    return RC_OK;
}

// A list that the desk made stays when the text has none of the kind.
static enum rc list_rows(struct load *l, const struct block *b, const char *key, const struct rows_rule *rule,
                         enum rc (*row)(struct load *, const struct block *, struct str, struct list_row *),
                         struct str *out) {
    struct list_row rows[ROWS_MAX];
    size_t n = 0;
    enum rc rc = RC_OK;
    for (size_t i = 0; i < b->header_count && rc == RC_OK; i++) {
        if (!str_eq(b->headers[i].key, str_from(key)))
            continue;
        if (n == rule->most)
            return problem_set(l->p, RC_INVALID, "Line %u: \"%s\" stands at most %zu times.", b->line, key, rule->most);
        rc = row(l, b, b->headers[i].value, &rows[n++]);
    }
    if (rc == RC_OK && n > 0)
        *out = rows_write(l->a, rule, rows, n);
    return rc;
}

// Without files to take there are none.
static enum rc lists_of(struct load *l, const struct block *b, struct article *art) {
    bool files = l->setup != NULL && l->setup->load_file != NULL;
    enum rc rc = files ? list_rows(l, b, "gallery", &rows_gallery, gallery_row, &art->gallery) : RC_OK;
    if (rc == RC_OK && files)
        rc = list_rows(l, b, "file", &rows_files, file_row, &art->files);
    if (rc == RC_OK)
        rc = list_rows(l, b, "field", &rows_extra, extra_row, &art->extra_fields);
    return rc == RC_OK ? list_rows(l, b, "embed", &rows_embeds, embed_row, &art->embeds) : rc;
}

// ---- articles
// ----------------------------------------------------------------------------------------------------------

// "12 of 52": twelve votes that make 52 stars.
static enum rc votes_of(struct load *l, const struct block *b, struct article *art) {
    struct str v = value_of(b, "votes");
    size_t at = 0;
    if (v.n == 0)
        return RC_OK;
    if (str_find(v, STR(" of "), &at) && str_to_i64(str_slice(v, 0, at), &art->votes_base_count) &&
        str_to_i64(str_slice(v, at + 4, v.n), &art->votes_base_sum))
        return RC_OK;
    return problem_set(l->p, RC_INVALID, "Line %u: votes are written as \"12 of 52\" (votes of stars).", b->line);
}

// "program-highlight" finds the language's highlight section, whatever it is called there.
static enum rc highlight_of(struct load *l, enum text_lang lang, int64_t *out) {
    struct db_stmt *st =
        db_sql(l->db, "SELECT id FROM sections WHERE lang = $1 AND highlight = 1 ORDER BY position, id LIMIT 1");
    db_bind_str(st, 1, text_lang_code(lang));
    bool found = db_step(st);
    if (found)
        *out = db_i64(st, 0);
    enum rc rc = db_end(st);
    return rc != RC_OK ? rc : found ? RC_OK : RC_NOT_FOUND;
}

static enum rc section_of(struct load *l, const struct block *b, enum text_lang lang, int64_t *out) {
    struct section s;
    struct str slug = value_of(b, "section");
    enum rc rc = section_by_slug(l->a, l->db, lang, slug, &s);
    if (rc == RC_NOT_FOUND && str_eq(slug, STR("program-highlight")))
        return highlight_of(l, lang, out);
    if (rc == RC_NOT_FOUND)
        return problem_set(l->p, RC_INVALID, "Line %u: there is no section \"%.*s\" in that language.", b->line,
                           STR_ARG(utf8_cut(slug, 80)));
    *out = s.id;
    return rc;
}

static enum rc state_of(struct load *l, const struct block *b, enum article_state otherwise, enum article_state *out) {
    static const char *const names[] = {"draft", "review", "published", "withdrawn", "archived"};
    struct str v = value_of(b, "state");
    *out = otherwise;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_eq(v, str_from(names[i]))) {
            *out = (enum article_state)i;
            return RC_OK;
        }
    return v.n == 0 ? RC_OK : problem_set(l->p, RC_INVALID, "Line %u: there is no such state.", b->line);
}

// Reads and votes of elsewhere are where counting begins: they are taken once.
static enum rc numbers_begin(struct load *l, const struct block *b, struct article *art) {
    art->reads_base = number_of(b, "reads");
    return votes_of(l, b, art);
}

// An article that is there keeps its address, its state and its moment of publication unless the text names others; an
// age names none, for it counts from each loading.
static enum rc moments_of(struct load *l, const struct block *b, struct article *art) {
    struct str published = value_of(b, "published");
    bool old = art->id != 0, aged = published.n > 0 && (published.p[0] == '-' || published.p[0] == '+');
    enum rc rc = RC_OK;
    if (!old || !aged)
        rc = moment_of(l, b, "published", old ? art->published_at : l->now_us, &art->published_at);
    if (rc == RC_OK)
        rc = moment_of(l, b, "modified", old ? l->now_us : 0, &art->modified_at);
    return rc == RC_OK ? moment_of(l, b, "expires", 0, &art->expires_at) : rc;
}

static enum rc article_fill(struct load *l, const struct block *b, struct article *art) {
    bool old = art->id != 0;
    art->headline = value_of(b, "headline");
    if (value_of(b, "slug").n > 0)
        art->slug = value_of(b, "slug");
    art->standfirst = value_of(b, "standfirst");
    art->byline = value_of(b, "by");
    art->agency = value_of(b, "agency");
    if (!old || value_of(b, "notice").n > 0)
        art->withdrawal_notice = value_of(b, "notice");
    art->featured = flag_of(b, "featured");
    enum rc rc = section_of(l, b, art->lang, &art->section_id);
    if (rc == RC_OK)
        rc = state_of(l, b, old ? art->state : ARTICLE_PUBLISHED, &art->state);
    if (rc == RC_OK)
        rc = moments_of(l, b, art);
    if (rc == RC_OK && !old)
        rc = numbers_begin(l, b, art);
    if (rc == RC_OK)
        rc = body_of(l, b, &art->body);
    if (rc == RC_OK)
        rc = picture_of(l, b, &art->image);
    return rc == RC_OK ? lists_of(l, b, art) : rc;
}

static bool is_corrected(const struct article *art, struct str text) {
    for (size_t i = 0; i < art->correction_count; i++)
        if (str_eq(art->corrections[i].text, text))
            return true;
    return false;
}

static enum rc corrections_add(struct load *l, const struct block *b, const struct article *art) {
    struct problem why = {0};
    for (size_t i = 0; i < b->header_count; i++) {
        struct str v = b->headers[i].value;
        size_t bar = 0;
        int64_t at = 0;
        if (!str_eq(b->headers[i].key, STR("correction")))
            continue;
        // Without a moment it was made an hour after publication.
        if (str_find_char(v, '|', &bar) && moment_read(l, str_trim(str_slice(v, 0, bar)), &at))
            v = str_slice(v, bar + 1, v.n);
        else
            at = min_i64(art->published_at + 3600 * US_PER_SECOND, l->now_us);
        if (is_corrected(art, str_trim(v)))
            continue;
        enum rc rc = article_correct(l->a, l->db, art->number, v, at, l->c, &why);
        if (rc != RC_OK)
            return problem_set(l->p, rc, "Line %u: a correction is empty or too long.", b->line);
    }
    return RC_OK;
}

// "2019-05-02 10:15 | Ana | What she wrote."
static enum rc comments_add(struct load *l, const struct block *b, const struct article *art) {
    for (size_t i = 0; i < b->header_count; i++) {
        struct str parts[ROW_CELLS_MAX];
        bool added;
        if (!str_eq(b->headers[i].key, STR("comment")))
            continue;
        size_t n = parts_of(b->headers[i].value, parts);
        struct comment c = {.number = art->number, .name = parts[1], .body = parts[2]};
        enum rc rc =
            n == 3 && moment_read(l, parts[0], &c.written_at) ? comment_add(l->a, l->db, &c, &added, l->c) : RC_INVALID;
        if (rc != RC_OK)
            return problem_set(l->p, rc, "Line %u: a comment is written as \"2019-05-02 10:15 | Name | Words\".",
                               b->line);
    }
    return RC_OK;
}

static enum rc article_store(struct load *l, const struct block *b, struct str key, struct article *art) {
    struct str tags[LIST_ITEMS], people[LIST_ITEMS];
    int64_t group = 0;
    enum rc rc = article_fill(l, b, art);
    if (rc == RC_OK)
        rc = group_find(l, b, LEGACY_ITEM, &group);
    if (group != 0)
        art->translation_group = group;
    struct article_links links = {.tags = tags, .people = people};
    links.tag_count = list_of(value_of(b, "tags"), tags);
    links.people_count = list_of(value_of(b, "by"), people);
    struct problem why = {0};
    if (rc == RC_OK && (rc = article_save(l->a, l->db, art, &links, l->c, &why)) != RC_OK)
        return problem_set(l->p, rc, "Line %u: %.400s", b->line, why.text);
    if (rc == RC_OK)
        rc = corrections_add(l, b, art);
    if (rc == RC_OK)
        rc = comments_add(l, b, art);
    if (rc == RC_OK)
        rc = words_keep(l, b, key);
    return rc == RC_OK ? remember(l, b, LEGACY_ITEM, key, art->number, group == 0) : rc;
}

static enum rc article_block(struct load *l, const struct block *b) {
    struct article art = {0};
    enum text_lang lang = LANG_EN;
    enum rc rc = lang_of(l, b, &lang);
    if (rc == RC_OK)
        rc = keys_check(l, b,
                        "lang key slug headline standfirst section by agency tags group picture alt caption credit "
                        "published modified expires reads votes featured state notice correction gallery file embed "
                        "field comment");
    if (rc != RC_OK)
        return rc;
    struct str slug = value_of(b, "slug"), key = key_of(l, b, lang, slug.n > 0 ? slug : value_of(b, "headline"));
    int64_t known = 0;
    bool changed = true;
    rc = legacy_get(l->db, KEY_SITE, LEGACY_ITEM, key_number(key), &known);
    if (rc == RC_OK)
        rc = words_changed(l, b, key, &changed);
    if (known != 0 && changed && rc == RC_OK)
        rc = article_load(l->a, l->db, known, &art);
    art.lang = lang;
    if ((rc != RC_OK && (rc != RC_NOT_FOUND || known != 0)) || !changed)
        return rc;
    return article_store(l, b, key, &art);
}

// ---- pages, sections, people, settings
// ---------------------------------------------------------------------------------

static enum rc page_parent(struct load *l, const struct block *b, struct page *page) {
    struct str path = value_of(b, "parent");
    struct page parent;
    if (path.n == 0)
        return RC_OK;
    enum rc rc = page_by_path(l->a, l->db, page->lang, path, &parent);
    page->parent_id = rc == RC_OK ? parent.id : 0;
    return rc == RC_NOT_FOUND ? problem_set(l->p, RC_INVALID, "Line %u: there is no page \"%.*s\".", b->line,
                                            STR_ARG(utf8_cut(path, 120)))
                              : rc;
}

// A text that names the path of a page, one that `init` made for example, gives that page its words, once.
static enum rc page_existing(struct load *l, const struct block *b, struct page *page, bool *skip_out) {
    struct page old;
    struct str path = value_of(b, "path");
    *skip_out = false;
    if (path.n == 0)
        return RC_OK;
    enum rc rc = page_by_path(l->a, l->db, page->lang, path, &old);
    if (rc == RC_NOT_FOUND)
        return problem_set(l->p, RC_INVALID, "Line %u: there is no page \"%.*s\".", b->line,
                           STR_ARG(utf8_cut(path, 120)));
    if (rc != RC_OK)
        return rc;
    page->id = old.id;
    page->parent_id = old.parent_id;
    page->translation_group = old.translation_group;
    page->slug = old.slug;
    page->integrity = old.integrity;
    page->position = old.position;
    page->state = old.state;
    page->title = page->title.n > 0 ? page->title : old.title;
    *skip_out = str_eq(old.title, page->title) && str_eq(old.body.s, page->body.s);
    return RC_OK;
}

static enum rc page_fill(struct load *l, const struct block *b, struct page *page) {
    if (value_of(b, "title").n > 0)
        page->title = value_of(b, "title");
    if (value_of(b, "slug").n > 0)
        page->slug = value_of(b, "slug");
    if (value_of(b, "path").n == 0) {
        page->position = (int)number_of(b, "position");
        page->integrity = flag_of(b, "integrity");
    }
    page->modified_at = l->now_us;
    enum rc rc = body_of(l, b, &page->body);
    return rc == RC_OK ? page_parent(l, b, page) : rc;
}

static enum rc page_store(struct load *l, const struct block *b, struct str key, struct page *page) {
    int64_t group = 0;
    bool skip = false, old = page->id != 0;
    enum rc rc = page_fill(l, b, page);
    if (rc == RC_OK)
        rc = group_find(l, b, LEGACY_PAGE, &group);
    if (group != 0)
        page->translation_group = group;
    if (rc == RC_OK && !old)
        rc = page_existing(l, b, page, &skip);
    struct problem why = {0};
    if (rc == RC_OK && !skip && (rc = page_save(l->a, l->db, page, l->c, &why)) != RC_OK)
        return problem_set(l->p, rc, "Line %u: %.400s", b->line, why.text);
    if (rc == RC_OK)
        rc = words_keep(l, b, key);
    return rc == RC_OK ? remember(l, b, LEGACY_PAGE, key, page->id, group == 0) : rc;
}

static enum rc page_block(struct load *l, const struct block *b) {
    struct page page = {0};
    enum text_lang lang = LANG_EN;
    enum rc rc = lang_of(l, b, &lang);
    if (rc == RC_OK)
        rc = keys_check(l, b, "lang key slug title parent path position integrity group");
    if (rc != RC_OK)
        return rc;
    struct str path = value_of(b, "path"), slug = value_of(b, "slug");
    struct str fallback = path.n > 0 ? path : slug.n > 0 ? slug : value_of(b, "title");
    fallback = str_fmt(l->a, "%.*s//%.*s", STR_ARG(value_of(b, "parent")), STR_ARG(fallback));
    struct str key = key_of(l, b, lang, fallback);
    int64_t known = 0;
    bool changed = true;
    rc = legacy_get(l->db, KEY_SITE, LEGACY_PAGE, key_number(key), &known);
    if (rc == RC_OK)
        rc = words_changed(l, b, key, &changed);
    if (known != 0 && changed && rc == RC_OK)
        rc = page_by_id(l->a, l->db, known, &page);
    page.lang = lang;
    if ((rc != RC_OK && (rc != RC_NOT_FOUND || known != 0)) || !changed)
        return rc;
    return page_store(l, b, key, &page);
}

static enum rc section_block(struct load *l, const struct block *b) {
    struct section s = {.name = value_of(b, "name"), .slug = value_of(b, "slug")}, old;
    enum rc rc = lang_of(l, b, &s.lang);
    if (rc == RC_OK)
        rc = keys_check(l, b, "lang slug name description highlight on_front position");
    if (rc != RC_OK)
        return rc;
    s.slug = text_slug(l->a, s.lang, s.slug.n > 0 ? s.slug : s.name);
    struct str key = str_fmt(l->a, "%.*s/%.*s", STR_ARG(text_lang_code(s.lang)), STR_ARG(s.slug));
    bool changed = true;
    rc = section_by_slug(l->a, l->db, s.lang, s.slug, &old);
    if (rc == RC_OK) {
        s.id = old.id;
        rc = words_changed(l, b, key, &changed);
    }
    if ((rc != RC_OK && rc != RC_NOT_FOUND) || !changed)
        return rc;
    s.description = value_of(b, "description");
    s.highlight = flag_of(b, "highlight");
    s.on_front = flag_of(b, "on_front");
    s.position = (int)number_of(b, "position");
    rc = section_save(l->db, &s, l->c);
    return rc == RC_OK
               ? words_keep(l, b, key)
               : problem_set(l->p, rc, "Line %u: the section's name or address is not sound, or taken.", b->line);
}

static enum rc person_block(struct load *l, const struct block *b) {
    struct person person;
    enum rc rc = keys_check(l, b, "name");
    struct str name = value_of(b, "name");
    if (rc == RC_OK && (name.n == 0 || utf8_count(name) > 120 || !is_line(name) || b->body.n > 4000))
        return problem_set(l->p, RC_INVALID, "Line %u: a person needs a name, and at most 4,000 bytes about them.",
                           b->line);
    if (rc == RC_OK)
        rc = person_ensure(l->a, l->db, name, &person);
    bool changed = false;
    if (rc == RC_OK && b->body.n > 0)
        rc = words_changed(l, b, name, &changed);
    if (rc != RC_OK || b->body.n == 0 || (person.bio.n > 0 && !changed))
        return rc;
    struct db_stmt *st = db_sql(l->db, "UPDATE people SET bio = $2 WHERE id = $1");
    db_bind_i64(st, 1, person.id);
    db_bind_str(st, 2, b->body);
    news_changes_note(l->c, EDITION_PERSON, person.id, false);
    rc = db_run(st);
    return rc == RC_OK ? words_keep(l, b, name) : rc;
}

static enum rc setting_block(struct load *l, const struct block *b) {
    static const char *const known[] = {"station_name", "station_tagline", "station_zone", "default_lang",  "languages",
                                        "footer_note",  "contact_email",   "on_air_label", "front_sections"};
    enum text_lang lang = LANG_COUNT;
    if (value_of(b, "lang").n > 0 && lang_of(l, b, &lang) != RC_OK)
        return RC_INVALID;
    for (size_t i = 0; i < b->header_count; i++) {
        const char *key = NULL;
        for (size_t k = 0; k < sizeof known / sizeof known[0]; k++)
            if (str_eq(b->headers[i].key, str_from(known[k])))
                key = known[k];
        if (str_eq(b->headers[i].key, STR("lang")))
            continue;
        if (key == NULL || b->headers[i].value.n > 2000 || !is_line(b->headers[i].value))
            return problem_set(l->p, RC_INVALID, "Line %u: \"%.*s\" is no setting, or its value is not sound.", b->line,
                               STR_ARG(utf8_cut(b->headers[i].key, 40)));
        if (str_eq(setting_get(l->a, l->db, key, lang), b->headers[i].value))
            continue;
        enum rc rc = setting_set(l->db, key, lang, b->headers[i].value);
        if (rc != RC_OK)
            return rc;
        for (int frame = 0; frame < LANG_COUNT; frame++)
            if (lang == LANG_COUNT || (int)lang == frame)
                news_changes_note(l->c, EDITION_FRAME, frame, false);
    }
    return RC_OK;
}

// ---- extra fields ---------------------------------------------------------------------------------------------------

// "free = Free of charge | ticket = By ticket", as rows.
static struct str choices_of(struct load *l, struct str value) {
    struct str part, out = STR_NONE;
    while (str_next(&value, '|', &part)) {
        size_t at = part.n;
        if (!str_find_char(part, '=', &at))
            at = part.n;
        struct str key = str_trim(str_slice(part, 0, at)), words = str_trim(str_slice(part, at + 1, part.n));
        out = str_fmt(l->a, "%.*s%s%.*s\t%.*s", STR_ARG(out), out.n > 0 ? "\n" : "", STR_ARG(key), STR_ARG(words));
    }
    return out;
}

// "en/science, de/wissenschaft"; none: everywhere.
static enum rc field_sections(struct load *l, const struct block *b, struct extra_field *f) {
    struct str items[LIST_ITEMS];
    struct section s;
    size_t n = list_of(value_of(b, "sections"), items), slash;
    f->everywhere = n == 0;
    f->sections = ARENA_ARRAY(l->a, int64_t, n + 1);
    for (size_t i = 0; i < n; i++) {
        enum text_lang lang;
        if (!str_find_char(items[i], '/', &slash) || !text_lang_find(str_slice(items[i], 0, slash), &lang) ||
            section_by_slug(l->a, l->db, lang, str_slice(items[i], slash + 1, items[i].n), &s) != RC_OK)
            return problem_set(l->p, RC_INVALID, "Line %u: there is no section \"%.*s\" (\"en/science\").", b->line,
                               STR_ARG(utf8_cut(items[i], 80)));
        f->sections[f->section_count++] = s.id;
    }
    return RC_OK;
}

static enum rc field_fill(struct load *l, const struct block *b, struct extra_field *f) {
    struct extra_field_edit edit;
    struct problem why = {0};
    int64_t id;
    f->common = (struct extra_words){value_of(b, "label"), choices_of(l, value_of(b, "choices"))};
    for (int i = 0; i < LANG_COUNT; i++) {
        struct str code = text_lang_code((enum text_lang)i);
        f->words[i].label = value_of(b, str_fmt(l->a, "label-%.*s", STR_ARG(code)).p);
        f->words[i].choices = choices_of(l, value_of(b, str_fmt(l->a, "choices-%.*s", STR_ARG(code)).p));
    }
    f->shown = !str_eq(value_of(b, "shown"), STR("no"));
    if (!extra_kind_find(value_of(b, "kind"), &f->kind))
        return problem_set(l->p, RC_INVALID, "Line %u: there is no such kind of field.", b->line);
    enum rc rc = field_sections(l, b, f);
    if (rc != RC_OK)
        return rc;
    edit = (struct extra_field_edit){.field = *f, .base_version = f->version};
    rc = extra_field_edit(l->a, l->db, NULL, &edit, &id, l->c, &why);
    return rc == RC_OK || rc == RC_IO
               ? rc
               : problem_set(l->p, RC_INVALID, "Line %u: the field is not sound (%s).", b->line, why.text);
}

static enum rc field_block(struct load *l, const struct block *b) {
    struct extra_field f = {.name = value_of(b, "name")};
    bool changed = true;
    enum rc rc = keys_check(l, b,
                            "name kind label choices shown sections label-en label-id label-ar label-zh label-ja "
                            "label-fr label-de label-es label-nl choices-en choices-id choices-ar choices-zh "
                            "choices-ja choices-fr choices-de choices-es choices-nl");
    if (rc == RC_OK && f.name.n == 0)
        rc = problem_set(l->p, RC_INVALID, "Line %u: a field needs a name.", b->line);
    if (rc == RC_OK)
        rc = fields_get(l);
    if (rc != RC_OK)
        return rc;
    const struct extra_field *old = extra_field_named(l->fields, l->field_count, f.name);
    if (old != NULL) {
        f.id = old->id;
        f.version = old->version;
        rc = words_changed(l, b, f.name, &changed);
    }
    if (rc != RC_OK || !changed)
        return rc;
    rc = field_fill(l, b, &f);
    l->fields_read = false;
    return rc == RC_OK ? words_keep(l, b, f.name) : rc;
}

// ---- menu and ways to listen: the blocks of a language together replace its list ----------------------------------

static enum rc menu_block(struct load *l, const struct block *b) {
    enum text_lang lang = LANG_EN;
    enum rc rc = lang_of(l, b, &lang);
    if (rc == RC_OK)
        rc = keys_check(l, b, "lang label live section page address");
    if (rc != RC_OK)
        return rc;
    struct menu_entry e = {.label = value_of(b, "label"), .address = value_of(b, "address")};
    struct section section;
    struct page page;
    if (value_of(b, "section").n > 0) {
        e.target = MENU_SECTION;
        rc = section_by_slug(l->a, l->db, lang, value_of(b, "section"), &section);
        e.target_id = rc == RC_OK ? section.id : 0;
    } else if (value_of(b, "page").n > 0) {
        e.target = MENU_PAGE;
        rc = page_by_path(l->a, l->db, lang, value_of(b, "page"), &page);
        e.target_id = rc == RC_OK ? page.id : 0;
    } else {
        e.target = e.address.n > 0 ? MENU_ADDRESS : MENU_LIVE;
    }
    if (rc != RC_OK || l->lists[lang].count == 24)
        return problem_set(l->p, RC_INVALID, "Line %u: the entry leads nowhere, or the menu is full.", b->line);
    l->lists[lang].entries[l->lists[lang].count++] = e;
    return RC_OK;
}

static enum rc listen_block(struct load *l, const struct block *b) {
    static const char *const kinds[] = {"stream", "shortwave", "satellite", "other"};
    enum text_lang lang = LANG_EN;
    enum rc rc = lang_of(l, b, &lang);
    if (rc == RC_OK)
        rc = keys_check(l, b, "lang kind label value note");
    if (rc != RC_OK)
        return rc;
    struct listen_way w = {.kind = LISTEN_OTHER,
                           .label = value_of(b, "label"),
                           .value = value_of(b, "value"),
                           .note = value_of(b, "note")};
    for (size_t i = 0; i < 4; i++)
        if (str_eq(value_of(b, "kind"), str_from(kinds[i])))
            w.kind = (enum listen_kind)i;
    if (l->lists[lang].way_count == 64)
        return problem_set(l->p, RC_INVALID, "Line %u: too many ways to listen.", b->line);
    l->lists[lang].ways[l->lists[lang].way_count++] = w;
    return RC_OK;
}

static bool ways_are_stored(struct load *l, enum text_lang lang) {
    struct listen_way *rows;
    size_t n;
    if (listen_list(l->a, l->db, lang, &rows, &n) != RC_OK || n != l->lists[lang].way_count)
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct listen_way *w = &l->lists[lang].ways[i];
        if (rows[i].kind != w->kind || !str_eq(rows[i].label, w->label) || !str_eq(rows[i].value, w->value) ||
            !str_eq(rows[i].note, w->note))
            return false;
    }
    return true;
}

static enum rc lists_store(struct load *l) {
    for (enum text_lang lang = 0; lang < LANG_COUNT; lang++) {
        enum rc rc = RC_OK;
        if (l->lists[lang].count > 0)
            rc = menu_save(l->db, lang, l->lists[lang].entries, l->lists[lang].count, l->c);
        if (rc == RC_OK && l->lists[lang].way_count > 0 && !ways_are_stored(l, lang))
            rc = listen_save(l->db, lang, l->lists[lang].ways, l->lists[lang].way_count, l->c);
        if (rc != RC_OK)
            return problem_set(l->p, rc, "The menu or the ways to listen of \"%.*s\" are not sound.",
                               STR_ARG(text_lang_code(lang)));
    }
    return RC_OK;
}

// ---- the whole text
// ----------------------------------------------------------------------------------------------------

static enum rc block_store(struct load *l, const struct block *b) {
    static const struct {
        const char *kind;
        enum rc (*store)(struct load *l, const struct block *b);
    } kinds[] = {{"article", article_block}, {"page", page_block}, {"section", section_block}, {"person", person_block},
                 {"setting", setting_block}, {"menu", menu_block}, {"listen", listen_block},   {"field", field_block}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (str_eq(b->kind, str_from(kinds[i].kind)))
            return kinds[i].store(l, b);
    return problem_set(l->p, RC_INVALID, "Line %u: \"== %.*s\" is no kind of block.", b->line,
                       STR_ARG(utf8_cut(b->kind, 40)));
}

static enum rc preamble_skip(struct load *l, struct str *rest, unsigned *line) {
    struct str text;
    while (rest->n > 0 && !is_block_start(*rest) && line_take(rest, &text)) {
        (*line)++;
        if (str_trim(text).n > 0 && text.p[0] != '#')
            return problem_set(l->p, RC_INVALID, "Line %u: a station text begins with a block such as \"== article\".",
                               *line - 1);
    }
    return RC_OK;
}

enum rc station_text_load(struct arena *a, struct db *db, struct str text, const struct station_text_setup *setup,
                          struct news_changes *c, struct problem *p) {
    if (text.n > TEXT_MAX)
        return problem_set(p, RC_TOO_BIG, "The text is longer than 16 MiB.");
    if (!utf8_valid(text) || memchr(text.p != NULL ? text.p : "", 0, text.n) != NULL)
        return problem_set(p, RC_INVALID, "The text is not UTF-8.");
    struct load *l = ARENA_NEW(a, struct load);
    // Field by field: the whole is too large for a temporary on the stack. The arena gives it zeroed.
    l->a = a;
    l->db = db;
    l->setup = setup;
    l->c = c;
    l->p = p;
    l->now_us = clock_now_us();
    if (text_zone_find(setting_get(a, db, "station_zone", LANG_COUNT), &l->zone) != RC_OK)
        return problem_set(p, RC_INVALID, "The station has no time zone: was it made with init?");
    if (str_starts(text, STR("\xef\xbb\xbf")))
        text = str_slice(text, 3, text.n);
    unsigned line = 1;
    struct block *b = ARENA_NEW(a, struct block);
    enum rc rc = preamble_skip(l, &text, &line);
    while (rc == RC_OK && text.n > 0) {
        rc = block_take(l, &text, &line, b);
        if (rc == RC_OK)
            rc = block_store(l, b);
    }
    return rc == RC_OK ? lists_store(l) : rc;
}
