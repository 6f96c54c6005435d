// SPDX-License-Identifier: AGPL-3.0-or-later
// What a person edits of an article, as one thing: the table of its fields, and what follows from the table: stored
// form, equality, the merge of two people's changes. A field added to the table is stored, compared and merged.
#include <jansson.h>

#include "news/internal.h"

#define FIELD(key_, kind_, member_)                                                                                    \
    { .key = key_, .kind = kind_, .offset = offsetof(struct content, member_) }
#define ROWS(rule_, member_)                                                                                           \
    { .key = #member_, .kind = CONTENT_ROWS, .offset = offsetof(struct content, member_), .rows = rule_ }
const struct content_field content_fields[] = {
    FIELD("headline", CONTENT_LINE, headline),
    FIELD("standfirst", CONTENT_LINE, standfirst),
    FIELD("section", CONTENT_NUMBER, section_id),
    FIELD("byline", CONTENT_LINE, byline),
    FIELD("people", CONTENT_LINES, people),
    FIELD("dateline", CONTENT_LINE, dateline),
    FIELD("agency", CONTENT_LINE, agency),
    FIELD("body", CONTENT_BODY, body),
    FIELD("image", CONTENT_NUMBER, image.media_id),
    FIELD("image_alt", CONTENT_LINE, image.alt),
    FIELD("image_caption", CONTENT_LINE, image.caption),
    FIELD("image_credit", CONTENT_LINE, image.credit),
    FIELD("image_file_name", CONTENT_LINE, image.file_name),
    ROWS(&rows_gallery, gallery),
    ROWS(&rows_files, files),
    ROWS(&rows_embeds, embeds),
    ROWS(&rows_extra, extra_fields),
    FIELD("tags", CONTENT_LINES, tags),
    FIELD("slug", CONTENT_LINE, slug),
    FIELD("featured", CONTENT_FLAG, featured),
    FIELD("breaking", CONTENT_FLAG, breaking),
    FIELD("publish_at", CONTENT_TIME, publish_at),
    FIELD("embargo_until", CONTENT_TIME, embargo_until),
    FIELD("expires_at", CONTENT_TIME, expires_at),
};
const size_t content_field_count = sizeof content_fields / sizeof content_fields[0];

const struct content_field *content_field_find(const char *key) {
    for (size_t i = 0; i < content_field_count; i++)
        if (strcmp(content_fields[i].key, key) == 0)
            return &content_fields[i];
    must(false && "there is no such field of a content");
    return NULL;
}

// ---- a field of a content --------------------------------------------------------------------------------------------

static void *place_of(struct content *c, const struct content_field *f) {
    return (char *)c + f->offset;
}

static const void *place_in(const struct content *c, const struct content_field *f) {
    return (const char *)c + f->offset;
}

static bool is_text(const struct content_field *f) {
    return f->kind == CONTENT_LINE || f->kind == CONTENT_LINES || f->kind == CONTENT_ROWS || f->kind == CONTENT_BODY;
}

_Static_assert(offsetof(struct html, s) == 0, "a body is reached as the text in it");

static struct str text_in(const struct content *c, const struct content_field *f) {
    return *(const struct str *)place_in(c, f);
}

static int64_t number_in(const struct content *c, const struct content_field *f) {
    return f->kind == CONTENT_FLAG ? *(const bool *)place_in(c, f) : *(const int64_t *)place_in(c, f);
}

static void number_put(struct content *c, const struct content_field *f, int64_t n) {
    if (f->kind == CONTENT_FLAG)
        *(bool *)place_of(c, f) = n != 0;
    else
        *(int64_t *)place_of(c, f) = n;
}

static void field_copy(struct content *to, const struct content *from, const struct content_field *f) {
    if (is_text(f))
        *(struct str *)place_of(to, f) = text_in(from, f);
    else
        number_put(to, f, number_in(from, f));
}

static bool field_eq(const struct content *l, const struct content *r, const struct content_field *f) {
    return is_text(f) ? str_eq(text_in(l, f), text_in(r, f)) : number_in(l, f) == number_in(r, f);
}

bool content_eq(const struct content *l, const struct content *r) {
    for (size_t i = 0; i < content_field_count; i++)
        if (!field_eq(l, r, &content_fields[i]))
            return false;
    return true;
}

struct str content_field_text(struct arena *a, const struct content *c, const struct content_field *f) {
    return is_text(f) ? text_in(c, f) : str_fmt(a, "%lld", (long long)number_in(c, f));
}

// ---- the stored form -------------------------------------------------------------------------------------------------

struct str content_json(struct arena *a, const struct content *c) {
    json_t *object = json_object();
    for (size_t i = 0; i < content_field_count; i++) {
        const struct content_field *f = &content_fields[i];
        struct str s = is_text(f) ? text_in(c, f) : STR_NONE;
        json_t *value = is_text(f) ? json_stringn(s.n > 0 ? s.p : "", s.n) : json_integer(number_in(c, f));
        must(value != NULL && json_object_set_new(object, f->key, value) == 0); // content_check saw valid UTF-8
    }
    char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
    must(text != NULL);
    struct str out = str_dup(a, str_from(text));
    free(text);
    json_decref(object);
    return out;
}

static enum rc field_from_json(struct arena *a, const json_t *object, const struct content_field *f,
                               struct content *out) {
    const json_t *value = json_object_get(object, f->key);
    if (value == NULL)
        return RC_OK; // stored before there was such a field
    if (is_text(f) != json_is_string(value) || is_text(f) == json_is_integer(value))
        return RC_INVALID;
    if (is_text(f))
        *(struct str *)place_of(out, f) = str_dup(a, (struct str){json_string_value(value), json_string_length(value)});
    else
        number_put(out, f, json_integer_value(value));
    return RC_OK;
}

enum rc content_from_json(struct arena *a, struct str json, struct content *out) {
    json_t *object = json_loadb(json.n > 0 ? json.p : "", json.n, JSON_REJECT_DUPLICATES, NULL);
    enum rc rc = json_is_object(object) ? RC_OK : RC_INVALID;
    *out = (struct content){0};
    for (size_t i = 0; i < content_field_count && rc == RC_OK; i++)
        rc = field_from_json(a, object, &content_fields[i], out);
    json_decref(object);
    return rc;
}

// ---- what may be kept, and what may be published ----------------------------------------------------------------------

// One line each, trimmed, none empty, none twice.
static enum rc lines_check(struct arena *a, struct str *lines, struct problem *p) {
    struct str rest = *lines, line, seen[ARTICLE_LINKS_MAX];
    struct buf b;
    size_t n = 0;
    enum rc rc = RC_OK;
    buf_init(&b, lines->n + 1);
    while (rc == RC_OK && str_next(&rest, '\n', &line)) {
        line = str_trim(line);
        bool twice = line.n == 0;
        for (size_t i = 0; i < n && !twice; i++)
            twice = str_eq(seen[i], line);
        if (twice)
            continue;
        if (n == ARTICLE_LINKS_MAX || utf8_count(line) > 120 || !is_line(line)) {
            rc = problem_word(p, RC_INVALID, W_REASON_NAMES_BAD, ARTICLE_LINKS_MAX, STR_NONE);
            continue;
        }
        seen[n++] = line;
        if (b.n > 0)
            buf_char(&b, '\n');
        buf_str(&b, line);
    }
    if (rc == RC_OK)
        *lines = str_dup(a, buf_view(&b));
    buf_fini(&b);
    return rc;
}

// A line that was typed in a browser's field of several lines becomes one.
static void lines_join(struct arena *a, struct content *c) {
    for (size_t i = 0; i < content_field_count; i++) {
        if (content_fields[i].kind != CONTENT_LINE)
            continue;
        struct str *s = place_of(c, &content_fields[i]);
        char *copy = arena_take(a, s->n + 1);
        size_t n = 0;
        for (size_t k = 0; k < s->n; k++) {
            bool space = s->p[k] == ' ' || s->p[k] == '\n' || s->p[k] == '\r' || s->p[k] == '\t';
            if (!space)
                copy[n++] = s->p[k];
            else if (n > 0 && copy[n - 1] != ' ')
                copy[n++] = ' ';
        }
        *s = str_trim((struct str){copy, n});
    }
}

static enum rc all_rows_check(struct arena *a, struct content *c, struct problem *p) {
    enum rc rc = RC_OK;
    for (size_t i = 0; i < content_field_count && rc == RC_OK; i++)
        if (content_fields[i].kind == CONTENT_ROWS)
            rc = rows_check(a, content_fields[i].rows, place_of(c, &content_fields[i]), p);
    return rc;
}

enum rc content_check(struct arena *a, struct content *c, struct problem *p) {
    if (c->body.s.n > ARTICLE_BODY_BYTES)
        return problem_word(p, RC_TOO_BIG, W_REASON_BODY_BAD, 0, STR_NONE);
    if (!utf8_valid(c->body.s) || html_clean(a, c->body.s, &c->body) != RC_OK)
        return problem_word(p, RC_INVALID, W_REASON_BODY_BAD, 0, STR_NONE);
    lines_join(a, c);
    enum rc rc = lines_check(a, &c->people, p);
    if (rc == RC_OK)
        rc = lines_check(a, &c->tags, p);
    if (rc == RC_OK)
        rc = all_rows_check(a, c, p);
    if (rc != RC_OK)
        return rc;
    if (c->publish_at < 0 || c->embargo_until < 0 || c->expires_at < 0)
        return problem_word(p, RC_INVALID, W_REASON_DATE_EARLY, 0, STR_NONE);
    struct article art;
    content_to_article(c, &art);
    return article_lines_check(&art, p);
}

static void lack(const char **out, size_t *n, bool lacking, const char *key) {
    if (lacking)
        out[(*n)++] = key;
}

static bool section_is_of(struct db *db, int64_t id, enum text_lang lang) {
    struct db_stmt *st = db_sql(db, "SELECT lang FROM sections WHERE id = $1");
    db_bind_i64(st, 1, id);
    bool is = db_step(st) && str_eq(db_str(st, 0), text_lang_code(lang));
    return db_end(st) == RC_OK && is;
}

bool content_lacks_alt(const struct content *c) {
    bool lacking = c->image.media_id != 0 && c->image.alt.n == 0;
    struct article_image picture;
    for (struct str rest = c->gallery; gallery_next(&rest, &picture);)
        lacking = lacking || picture.alt.n == 0;
    return lacking;
}

static bool is_credited(struct arena *a, struct db *db, const struct article_image *picture) {
    struct media media;
    return picture->credit.n > 0 || (media_get(a, db, picture->media_id, &media) == RC_OK && media.credit.n > 0);
}

static void gallery_lacks(struct arena *a, struct db *db, const struct content *c, const char **out, size_t *n) {
    struct article_image picture;
    bool described = true, credited = true;
    for (struct str rest = c->gallery; gallery_next(&rest, &picture);) {
        described = described && picture.alt.n > 0;
        credited = credited && is_credited(a, db, &picture);
    }
    lack(out, n, !described, "need_gallery_alt");
    lack(out, n, !credited, "need_gallery_credit");
}

static bool all_titled(struct str rows) {
    struct list_row row;
    while (rows_next(&rows, &row))
        if (row.cells[1].n == 0)
            return false;
    return true;
}

size_t content_lacks(struct arena *a, struct db *db, enum text_lang lang, const struct content *c,
                     const char *lacks_out[CONTENT_LACKS_MAX]) {
    size_t n = 0;
    bool pictured = c->image.media_id != 0;
    lack(lacks_out, &n, c->headline.n == 0, "need_headline");
    lack(lacks_out, &n, !section_is_of(db, c->section_id, lang), "need_section");
    lack(lacks_out, &n, str_trim(html_to_text(a, c->body)).n == 0, "need_body");
    lack(lacks_out, &n, pictured && c->image.alt.n == 0, "need_alt");
    lack(lacks_out, &n, pictured && !is_credited(a, db, &c->image), "need_credit");
    gallery_lacks(a, db, c, lacks_out, &n);
    lack(lacks_out, &n, !all_titled(c->files), "need_file_title");
    lack(lacks_out, &n, !all_titled(c->embeds), "need_embed_title");
    lack(lacks_out, &n, c->expires_at != 0 && c->expires_at <= c->publish_at, "need_later_expiry");
    lack(lacks_out, &n, c->publish_at != 0 && c->publish_at < c->embargo_until, "need_end_of_embargo");
    return n;
}

// ---- two people's changes ------------------------------------------------------------------------------------------------

struct merging {
    struct arena *arena;
    const enum text_side *choices;
    size_t choice_count;
    struct content_collision *collisions;
    size_t n;
};

// Whose side the collision takes; one too many to be shown takes mine, the other text is kept as a version anyway.
static enum text_side collide(struct merging *m, const struct content_field *f, struct str base, struct str mine,
                              struct str theirs) {
    if (m->n == COLLISIONS_MAX)
        return TEXT_MINE;
    size_t i = m->n++;
    m->collisions[i] = (struct content_collision){f, base, mine, theirs};
    return i < m->choice_count ? m->choices[i] : TEXT_MINE;
}

static struct str range_text(struct arena *a, struct text_list l, struct text_range r) {
    struct buf b;
    buf_init(&b, 2 * ARTICLE_BODY_BYTES);
    for (size_t i = r.from; i < r.to; i++)
        buf_str(&b, l.items[i]);
    struct str out = str_dup(a, buf_view(&b));
    buf_fini(&b);
    return out;
}

// Rows, each with its line's end, so that they can be put one behind another; else the blocks of a body.
static struct text_list parts_of(struct arena *a, const struct content *c, const struct content_field *f) {
    struct str *parts, rest = text_in(c, f), line;
    size_t n = 0;
    if (f->kind == CONTENT_BODY) {
        n = html_blocks(a, c->body, &parts);
        return (struct text_list){parts, n};
    }
    parts = ARENA_ARRAY(a, struct str, ROWS_MAX);
    while (n < ROWS_MAX && str_next(&rest, '\n', &line))
        parts[n++] = str_fmt(a, "%.*s\n", STR_ARG(line));
    return (struct text_list){parts, n};
}

static void parts_merge(struct merging *m, const struct content_field *f, const struct content *base,
                        const struct content *mine, const struct content *theirs, struct content *out) {
    struct arena *a = m->arena;
    struct text_list b = parts_of(a, base, f), x = parts_of(a, mine, f), y = parts_of(a, theirs, f);
    struct text_chunk *chunks;
    struct buf merged;
    size_t n = text_merge(a, b, x, y, &chunks);
    buf_init(&merged, 3 * ARTICLE_BODY_BYTES);
    for (size_t i = 0; i < n; i++) {
        struct text_chunk *c = &chunks[i];
        struct str my = range_text(a, x, c->mine), their = range_text(a, y, c->theirs);
        enum text_side side = c->side == TEXT_BOTH        ? TEXT_MINE
                              : c->side != TEXT_COLLISION ? c->side
                                                          : collide(m, f, range_text(a, b, c->base), my, their);
        if (side != TEXT_THEIRS)
            buf_str(&merged, my);
        if (side != TEXT_MINE)
            buf_str(&merged, their);
    }
    must(!merged.failed);
    // Blocks that html_clean wrote, one after another; rows that both added stand there once.
    struct str text = str_dup(a, buf_view(&merged));
    struct problem ignored;
    // Too many together stay as they are here and are refused when they are saved, so that none is lost.
    if (f->kind == CONTENT_ROWS && rows_check(a, f->rows, &text, &ignored) != RC_OK)
        log_info("news: two lists together are longer than one may be");
    *(struct str *)place_of(out, f) = text;
    buf_fini(&merged);
}

// The row of a key as a line; "": none.
static struct str line_of(struct arena *a, struct str rows, struct str key) {
    struct list_row row;
    while (rows_next(&rows, &row))
        if (str_eq(row.cells[0], key))
            return str_fmt(a, "%.*s\t%.*s", STR_ARG(row.cells[0]), STR_ARG(row.cells[1]));
    return STR_NONE;
}

// Each row for itself, as if it were a field of the content.
static struct str row_merge(struct merging *m, const struct content_field *f, struct str base, struct str mine,
                            struct str theirs) {
    if (str_eq(mine, theirs) || str_eq(base, theirs))
        return mine;
    if (str_eq(base, mine))
        return theirs;
    return collide(m, f, base, mine, theirs) == TEXT_THEIRS ? theirs : mine;
}

static void keyed_merge(struct merging *m, const struct content_field *f, const struct content *base,
                        const struct content *mine, const struct content *theirs, struct content *out) {
    struct arena *a = m->arena;
    struct str all[] = {text_in(mine, f), text_in(theirs, f)}, merged = STR_NONE;
    struct list_row row;
    struct problem ignored;
    for (size_t side = 0; side < 2; side++)
        for (struct str rest = all[side]; rows_next(&rest, &row);) {
            struct str key = row.cells[0], x = line_of(a, all[0], key);
            if (side == 1 && x.n > 0)
                continue; // seen among mine
            struct str line = row_merge(m, f, line_of(a, text_in(base, f), key), x, line_of(a, all[1], key));
            merged = line.n == 0    ? merged
                     : merged.n > 0 ? str_fmt(a, "%.*s\n%.*s", STR_ARG(merged), STR_ARG(line))
                                    : line;
        }
    if (rows_check(a, f->rows, &merged, &ignored) != RC_OK)
        log_info("news: the rows of two texts together are more than one may have");
    *(struct str *)place_of(out, f) = merged;
}

static void field_merge(struct merging *m, const struct content_field *f, const struct content *base,
                        const struct content *mine, const struct content *theirs, struct content *out) {
    if (field_eq(mine, theirs, f) || field_eq(base, theirs, f)) {
        field_copy(out, mine, f);
    } else if (field_eq(base, mine, f)) {
        field_copy(out, theirs, f);
    } else if (f->kind == CONTENT_ROWS && f->rows->keyed) {
        keyed_merge(m, f, base, mine, theirs, out);
    } else if (f->kind == CONTENT_BODY || f->kind == CONTENT_ROWS) {
        parts_merge(m, f, base, mine, theirs, out);
    } else {
        enum text_side side = collide(m, f, content_field_text(m->arena, base, f),
                                      content_field_text(m->arena, mine, f), content_field_text(m->arena, theirs, f));
        field_copy(out, side == TEXT_THEIRS ? theirs : mine, f);
    }
}

size_t content_merge(struct arena *a, const struct content *base, const struct content *mine,
                     const struct content *theirs, const enum text_side *choices, size_t choice_count,
                     struct content *merged_out, struct content_collision **collisions_out) {
    struct merging m = {a, choices, choices != NULL ? choice_count : 0,
                        ARENA_ARRAY(a, struct content_collision, COLLISIONS_MAX), 0};
    *merged_out = (struct content){0};
    for (size_t i = 0; i < content_field_count; i++)
        field_merge(&m, &content_fields[i], base, mine, theirs, merged_out);
    *collisions_out = m.collisions;
    return m.n;
}

// ---- content and article -----------------------------------------------------------------------------------------------

void content_to_article(const struct content *c, struct article *out) {
    *out = (struct article){.section_id = c->section_id,
                            .slug = c->slug,
                            .headline = c->headline,
                            .standfirst = c->standfirst,
                            .byline = c->byline,
                            .dateline = c->dateline,
                            .agency = c->agency,
                            .body = c->body,
                            .image = c->image,
                            .gallery = c->gallery,
                            .files = c->files,
                            .embeds = c->embeds,
                            .extra_fields = c->extra_fields,
                            .featured = c->featured,
                            .breaking = c->breaking,
                            .published_at = c->publish_at,
                            .expires_at = c->expires_at};
}

static struct str names_joined(struct arena *a, struct str (*name)(const void *rows, size_t i), const void *rows,
                               size_t n) {
    struct buf b;
    buf_init(&b, 1 << 16);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_char(&b, '\n');
        buf_str(&b, name(rows, i));
    }
    struct str out = str_dup(a, buf_view(&b));
    buf_fini(&b);
    return out;
}

static struct str person_name(const void *rows, size_t i) {
    return ((const struct person *)rows)[i].name;
}

static struct str tag_name(const void *rows, size_t i) {
    return ((const struct tag *)rows)[i].name;
}

void content_of_article(struct arena *a, const struct article *art, struct content *out) {
    *out = (struct content){.headline = art->headline,
                            .standfirst = art->standfirst,
                            .slug = art->slug,
                            .byline = art->byline,
                            .dateline = art->dateline,
                            .agency = art->agency,
                            .people = names_joined(a, person_name, art->people, art->people_count),
                            .tags = names_joined(a, tag_name, art->tags, art->tag_count),
                            .section_id = art->section_id,
                            .image = art->image,
                            .gallery = art->gallery,
                            .files = art->files,
                            .embeds = art->embeds,
                            .extra_fields = art->extra_fields,
                            .featured = art->featured,
                            .breaking = art->breaking,
                            .publish_at = art->published_at,
                            .expires_at = art->expires_at,
                            .body = art->body};
}
