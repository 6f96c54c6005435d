// SPDX-License-Identifier: AGPL-3.0-or-later
// What an article carries beside its text: see extras.h. Each thing of the media library is one that the page depends on.
#include "site/extras.h"
#include "site/cards.h"

// A link needs a name, also of a picture that came along with an import and that nobody described.
static void name_it(struct visit *v, struct view_image *image, size_t number) {
    if (image->alt.n == 0)
        image->alt = text_phrase(v->a, v->lang, W_PICTURE_N, 0, text_number(v->a, v->lang, (int64_t)number), STR_NONE);
}

struct view_images gallery_view(struct visit *v, struct str rows) {
    struct view_images out = {ARENA_ARRAY(v->a, struct view_image, ROWS_MAX), 0};
    struct article_image picture;
    while (out.n < ROWS_MAX && gallery_next(&rows, &picture)) {
        struct view_image *image = &out.items[out.n];
        *image = picture_view(v, &picture, PICTURE_GALLERY);
        if (v->lite)
            image->whole = picture_whole(v, picture.media_id);
        if (image->whole.n == 0)
            continue; // it is not in the library any more
        name_it(v, image, ++out.n);
    }
    return out;
}

// ---- sound, video, documents -------------------------------------------------------------------------------------------

static bool file_view(struct visit *v, int64_t id, struct str title, struct view_file *out) {
    struct media_entry e;
    enum media_type type;
    render_use(&v->uses, EDITION_MEDIA, id);
    if (media_entry_get(v->a, v->db, id, &e) != RC_OK || e.kind == MEDIA_PICTURE || e.media.size_count == 0 ||
        !media_type_of_ext(e.media.sizes[0].ext, &type))
        return false;
    *out = (struct view_file){.title = title,
                              .type = media_type_mime(type),
                              .name = media_saved_name(v->a, e.about.file_name, e.media.sizes[0].ext),
                              .sound = e.kind == MEDIA_AUDIO,
                              .video = e.kind == MEDIA_VIDEO};
    out->address = link_media(v->a, e.media.sizes[0].sha256, e.media.sizes[0].ext);
    out->note = media_extent(v->a, v->lang, &e);
    return true;
}

void files_fill(struct visit *v, struct str rows, struct view_article *out) {
    struct view_file file;
    struct str title;
    int64_t id;
    out->sounds.items = ARENA_ARRAY(v->a, struct view_file, ROWS_MAX);
    out->videos.items = ARENA_ARRAY(v->a, struct view_file, ROWS_MAX);
    out->documents.items = ARENA_ARRAY(v->a, struct view_file, ROWS_MAX);
    for (size_t i = 0; i < ROWS_MAX && file_next(&rows, &id, &title); i++) {
        if (!file_view(v, id, title, &file))
            continue;
        if (file.sound)
            out->sounds.items[out->sounds.n++] = file;
        else if (file.video)
            out->videos.items[out->videos.n++] = file;
        else
            out->documents.items[out->documents.n++] = file;
    }
}

// ---- embeds --------------------------------------------------------------------------------------------------------------

void embeds_fill(struct visit *v, struct str rows, int64_t number, struct view_article *out) {
    struct list_row row;
    struct embed e;
    out->embeds.items = ARENA_ARRAY(v->a, struct view_embed, ROWS_MAX);
    for (size_t place = 1; place <= ROWS_MAX && rows_next(&rows, &row); place++) {
        if (!embed_find(v->a, row.cells[0], &e))
            continue;
        struct view_embed *view = &out->embeds.items[out->embeds.n++];
        view->title = row.cells[1].n > 0 ? row.cells[1] : e.provider;
        view->plays = e.frame.n > 0 && number != 0 && !v->lite;
        view->address = view->plays ? link_embed(v->a, v->lang, number, place) : e.address;
        view->note =
            text_phrase(v->a, v->lang, view->plays ? W_EMBED_NOTE : W_EMBED_LINK_NOTE, 0, e.provider, STR_NONE);
    }
}

// ---- extra fields --------------------------------------------------------------------------------------------------------

struct view_lines lines_view(struct visit *v, struct str text) {
    struct view_lines out = {0};
    struct str line;
    size_t room = 1;
    for (size_t i = 0; i < text.n; i++)
        room += text.p[i] == '\n';
    out.items = ARENA_ARRAY(v->a, struct view_line, room);
    while (str_next(&text, '\n', &line))
        if (line.n > 0)
            out.items[out.n++].text = line;
    return out;
}

static void link_fill(struct str value, struct view_extra *out) {
    struct str words;
    if (!extra_link_read(value, &out->address, &words)) {
        out->address = STR_NONE;
        return;
    }
    size_t at = 0;
    struct str bare = str_find(out->address, STR("://"), &at) ? str_slice(out->address, at + 3, value.n)
                      : str_find_char(out->address, ':', &at) ? str_slice(out->address, at + 1, value.n)
                                                              : out->address;
    out->text = words.n > 0 ? words : bare;
}

// A value that its field would not take today, because somebody gave it another kind, is shown as it stands.
static void value_fill(struct visit *v, const struct extra_field *f, struct str value, struct view_extra *out) {
    struct text_civil day;
    double number;
    int decimals;
    out->text = value;
    switch (f->kind) {
    case EXTRA_TEXT:
        out->text = STR_NONE;
        out->lines = lines_view(v, extra_value_typed(v->a, value));
        break;
    case EXTRA_NUMBER:
        if (extra_number_read(value, &number, &decimals))
            out->text = text_decimal(v->a, v->lang, number, decimals);
        break;
    case EXTRA_DATE:
        if (!extra_date_read(value, &day))
            break;
        day.hour = 12;
        out->iso = value;
        out->text = text_date(v->a, v->lang, v->site->zone, text_civil_to_us(v->site->zone, day), DATE_DAY);
        break;
    case EXTRA_LINK:
        link_fill(value, out);
        break;
    case EXTRA_CHOICE:
        out->text = extra_choice_words(f, v->lang, value);
        break;
    case EXTRA_FLAG:
        out->text = str_eq(value, STR("yes"))  ? text_word(v->lang, W_YES)
                    : str_eq(value, STR("no")) ? text_word(v->lang, W_NO)
                                               : value;
        break;
    case EXTRA_LINE:
    case EXTRA_KINDS:
        break;
    }
}

enum rc extra_fields_fill(struct visit *v, const struct article *art, struct view_article *out) {
    struct extra_field *fields;
    size_t n;
    if (art->extra_fields.n == 0)
        return RC_OK;
    render_use(&v->uses, EDITION_EXTRA, 0);
    enum rc rc = extra_field_shown(v->a, v->db, art->section_id, v->lang, &fields, &n);
    if (rc == RC_OK && n > 0)
        out->extras.items = ARENA_ARRAY(v->a, struct view_extra, n);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        struct str value = extra_value_of(art->extra_fields, fields[i].name);
        if (value.n == 0)
            continue;
        struct view_extra *view = &out->extras.items[out->extras.n++];
        view->label = extra_field_label(&fields[i], v->lang);
        value_fill(v, &fields[i], value, view);
    }
    return rc;
}

// ---- archived comments ---------------------------------------------------------------------------------------------------

enum { COMMENTS_SEEN = 10, COMMENTS_ON_PAGE = 100 };

static struct view_comment comment_view(struct visit *v, const struct comment *c) {
    struct view_comment out = {.name = c->name.n > 0 ? c->name : text_word(v->lang, W_COMMENT_NO_NAME)};
    out.date = text_date(v->a, v->lang, v->site->zone, c->written_at, DATE_SHORT);
    out.date_iso = text_date(v->a, v->lang, v->site->zone, c->written_at, DATE_ISO);
    if (c->old_id != 0) // links of the old site end in it
        out.id = str_fmt(v->a, "comment%lld", (long long)c->old_id);
    out.lines = lines_view(v, c->body);
    return out;
}

static struct str page_address(struct visit *v, struct str address, size_t page) {
    return page == 1 ? address : str_fmt(v->a, "%.*s?part=%zu", STR_ARG(address), page);
}

static void comment_pages_fill(struct visit *v, struct str address, size_t page, size_t pages,
                               struct view_article *out) {
    struct view_paging *p = &out->comment_pages;
    p->newer_label = text_word(v->lang, W_COMMENTS_EARLIER);
    p->older_label = text_word(v->lang, W_COMMENTS_LATER);
    if (page > 1)
        p->newer = str_fmt(v->a, "%.*s#comments", STR_ARG(page_address(v, address, page - 1)));
    if (page < pages)
        p->older = str_fmt(v->a, "%.*s#comments", STR_ARG(page_address(v, address, page + 1)));
}

enum rc comments_fill(struct visit *v, int64_t number, struct str address, size_t page, struct view_article *out) {
    struct comments_part part;
    enum rc rc = comment_part(v->a, v->db, number, false, page, COMMENTS_ON_PAGE, &part);
    if (rc != RC_OK)
        return rc;
    if (page > part.parts)
        return RC_NOT_FOUND;
    if (part.count == 0) // as nearly always
        return RC_OK;
    // A handful more is not worth a click.
    size_t seen = page == 1 && part.count > COMMENTS_SEEN + COMMENTS_SEEN / 2 ? COMMENTS_SEEN : part.count;
    struct view_comment *views = ARENA_ARRAY(v->a, struct view_comment, part.count);
    for (size_t i = 0; i < part.count; i++)
        views[i] = comment_view(v, &part.rows[i]);
    out->comments = (struct view_comments){views, seen};
    out->folded = (struct view_comments){views + seen, part.count - seen};
    out->comment_count = (int64_t)part.all;
    out->comments_heading = text_phrase(v->a, v->lang, W_COMMENTS_COUNT, out->comment_count, STR_NONE, STR_NONE);
    if (out->folded.n > 0)
        out->folded_label = text_phrase(v->a, v->lang, W_COMMENTS_MORE, (int64_t)out->folded.n, STR_NONE, STR_NONE);
    comment_pages_fill(v, address, page, part.parts, out);
    return RC_OK;
}
