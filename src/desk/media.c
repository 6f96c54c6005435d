// SPDX-License-Identifier: AGPL-3.0-or-later
// From an uploaded file to an entry of the library, and lists of entries.
#include <unistd.h>

#include "desk/media.h"
#include "desk/upload.h"

enum { THUMB_WIDTH = 320 };

struct str media_address(struct desk_visit *v, int64_t id, const char *rest) {
    return str_fmt(v->a, "/desk/media/%lld%s", (long long)id, rest);
}

struct str media_title(struct desk_visit *v, const struct media_entry *e) {
    return e->about.file_name.n > 0 ? e->about.file_name : str_fmt(v->a, "%lld", (long long)e->id);
}

bool media_may_edit(const struct desk_visit *v, const struct media_entry *e) {
    struct staff_object object = {.lang = LANG_COUNT, .owner = e->added_by};
    return staff_may(v->account, MAY_EDIT_MEDIA, &object);
}

const struct media_size *media_size_for(const struct media *m, int width) {
    const struct media_size *best = NULL;
    for (size_t i = 0; i < m->size_count; i++) {
        const struct media_size *s = &m->sizes[i];
        if (s->width == 0 || str_eq(s->ext, STR("webp")) || str_eq(s->ext, STR("avif")))
            continue;
        bool better = best == NULL ||
                      (best->width < width ? s->width > best->width : s->width >= width && s->width < best->width);
        if (better)
            best = s;
    }
    return best;
}

struct str media_measure(struct desk_visit *v, const struct media_entry *e) {
    if (e->kind == MEDIA_PICTURE)
        return str_fmt(v->a, "%d × %d", e->media.width, e->media.height);
    return media_extent(v->a, v->lang, e);
}

// ---- taking a file -----------------------------------------------------------------------------------------------------

struct taking {
    struct desk_visit *v;
    struct media_files files, old;
    struct media_report report;
    struct media_about about;
    struct str name_before; // of a replacement
    int64_t id, version;
    struct problem problem;
};

static enum rc note(struct db *db, const struct taking *t, const char *verb, struct str before) {
    struct audit_entry entry = {.who = desk_who(t->v),
                                .verb = str_from(verb),
                                .kind = STR("media"),
                                .id = t->id,
                                .before = before,
                                .after = t->about.file_name};
    return audit_add(db, &entry);
}

static enum rc add(struct db *db, void *arg) {
    struct taking *t = arg;
    struct audit_who who = desk_who(t->v);
    enum rc rc = media_add(db, &t->files, &t->report, &t->about, &who, &t->id, &t->problem);
    return rc == RC_OK ? note(db, t, "upload", STR_NONE) : rc;
}

static enum rc replace(struct db *db, void *arg) {
    struct taking *t = arg;
    struct audit_who who = desk_who(t->v);
    enum rc rc = media_replace(db, t->id, t->version, &t->files, &t->report, t->about.file_name, &who, &t->problem);
    return rc == RC_OK ? note(db, t, "replace", t->name_before) : rc;
}

static struct taking *taking_new(struct desk_visit *v, const struct http_file *file) {
    struct taking *t = ARENA_NEW(v->a, struct taking);
    t->v = v;
    t->about.file_name = upload_name(file);
    t->about.focal_x = t->about.focal_y = 500;
    return t;
}

// The numbers that matter: {0} and {1} of a reason's words.
static void reason_numbers(struct desk_visit *v, const struct media_report *r, struct str out[2]) {
    enum { MEGA = 1 << 20, MILLION = 1000000 };
    struct str width = desk_number_text(v, r->width), height = desk_number_text(v, r->height);
    struct str size = str_fmt(v->a, "%.*s × %.*s", STR_ARG(width), STR_ARG(height));
    switch (r->reason) {
    case MEDIA_FILE_TOO_BIG:
        out[0] = desk_number_text(v, MEDIA_PICTURE_BYTES / MEGA);
        out[1] = desk_number_text(v, MEDIA_AUDIO_BYTES / MEGA);
        break;
    case MEDIA_SIDE_TOO_LONG:
        out[0] = size;
        out[1] = desk_number_text(v, MEDIA_SIDE_MOST);
        break;
    case MEDIA_TOO_MANY_PIXELS:
        out[0] = size;
        out[1] = desk_number_text(v, MEDIA_PIXELS_MOST / MILLION);
        break;
    case MEDIA_TOO_MANY_FRAMES:
        out[0] = desk_number_text(v, MEDIA_FRAMES_MOST);
        break;
    case MEDIA_SOUND_TOO_LONG:
        out[0] = desk_number_text(v, MEDIA_AUDIO_SECONDS / 3600);
        break;
    default:
        break;
    }
}

// What a decoder calls it is looked up, never shown: a file may have taken the decoder over.
static struct str other_words(struct desk_visit *v, const struct media_report *r) {
    enum text_word w = W_MEDIA_OTHER_UNKNOWN;
    (void)text_word_find(str_fmt(v->a, "media_other_%s", r->other), &w);
    return desk_word(v, w);
}

static struct str reason_words(struct desk_visit *v, const struct media_report *r) {
    struct str parts[2] = {STR_NONE, STR_NONE};
    enum text_word w;
    must(text_word_find(str_fmt(v->a, "media_refused_%s", media_reason_name(r->reason)), &w));
    if (r->reason == MEDIA_OTHER_KIND)
        parts[0] = other_words(v, r);
    else
        reason_numbers(v, r, parts);
    return text_phrase(v->a, v->lang, w, 0, parts[0], parts[1]);
}

// Nothing is kept of a file that the decoder, the shelf or the database refused.
static enum rc take(struct taking *t, const struct http_file *file, store_write_fn write, struct str *why) {
    struct desk_visit *v = t->v;
    struct media_request request = {.task = MEDIA_TASK_TAKE, .focal_x = t->about.focal_x, .focal_y = t->about.focal_y};
    enum rc rc = media_shelf_receive(v->site->shelf, v->site->intake, file->fd, &request, &t->report, &t->files);
    if (rc == RC_OK && t->report.reason == MEDIA_TAKEN) {
        rc = store_write(v->site->store, STORE_DURABLE, write, t);
        media_shelf_release(v->site->shelf, v->db, &t->files);
        if (rc == RC_INVALID)
            *why = desk_reason(v, &t->problem);
        return rc;
    }
    if (rc == RC_IO)
        t->report.reason = MEDIA_NO_ROOM;
    else if (rc != RC_OK)
        t->report.reason = MEDIA_CRASHED; // the decoder's answer did not agree with its bytes
    *why = reason_words(v, &t->report);
    return RC_INVALID;
}

enum rc media_take(struct desk_visit *v, const struct http_file *file, struct str credit, int64_t *id_out,
                   struct str *why_out) {
    struct taking *t = taking_new(v, file);
    t->about.credit = credit;
    enum rc rc = take(t, file, add, why_out);
    *id_out = t->id;
    return rc;
}

enum rc media_take_place(struct desk_visit *v, const struct http_file *file, int64_t id, int64_t version,
                         struct str *why_out) {
    struct taking *t = taking_new(v, file);
    struct media_entry e;
    enum rc rc = media_entry_get(v->a, v->db, id, &e);
    if (rc == RC_OK)
        rc = media_shelf_hold(v->site->shelf, v->db, id, &t->old);
    if (rc != RC_OK)
        return rc;
    t->id = id;
    t->version = version;
    t->name_before = e.about.file_name;
    t->about.focal_x = e.about.focal_x;
    t->about.focal_y = e.about.focal_y;
    rc = take(t, file, replace, why_out);
    media_shelf_release(v->site->shelf, v->db, &t->old);
    if (rc == RC_OK)
        media_raise(id);
    return rc;
}

enum rc media_take_back(struct desk_visit *v, int64_t earlier_id, int64_t id, int64_t version, struct str *why_out) {
    struct media_earlier rows[MEDIA_EARLIER_MAX];
    struct http_file file = {.fd = -1};
    size_t count, at = 0;
    enum rc rc = media_earlier_list(v->a, v->db, id, rows, &count);
    while (rc == RC_OK && at < count && rows[at].id != earlier_id)
        at++;
    if (rc == RC_OK && at == count)
        return RC_CONFLICT; // it was taken back or forgotten in the meantime
    if (rc == RC_OK)
        rc = media_shelf_read(v->site->shelf, &rows[at].file, &file.fd);
    if (rc != RC_OK)
        return rc;
    file.name = rows[at].file_name;
    file.bytes = (uint64_t)rows[at].file.bytes;
    rc = media_take_place(v, &file, id, version, why_out);
    close(file.fd);
    return rc;
}

void media_file_field(struct desk_visit *v, struct view_desk_form *form, bool several) {
    upload_field(v, form, several, media_types_accepted(v->a), desk_word(v, W_DESK_FILES_HINT));
}

// ---- a grid ------------------------------------------------------------------------------------------------------------

static struct str grid_address(struct desk_visit *v, const struct media_grid *grid, struct str lang, int64_t before) {
    struct str words = desk_field(v, "q"), kind = desk_field(v, "kind");
    struct buf b;
    buf_init(&b, 2048);
    buf_fmt(&b, "%s?kind=%.*s", grid->path, STR_ARG(kind));
    if (lang.n > 0)
        buf_fmt(&b, "&missing=%.*s", STR_ARG(lang));
    if (words.n > 0) {
        buf_c(&b, "&q=");
        percent_encode_segment(&b, words);
    }
    if (before != 0)
        buf_fmt(&b, "&before=%lld", (long long)before);
    struct str out = str_dup(v->a, buf_view(&b));
    buf_fini(&b);
    return out;
}

static void filter(struct desk_visit *v, struct view_desk_block *block, const struct media_grid *grid) {
    struct view_desk_form *form = desk_form(v, block, str_from(grid->path), W_DESK_SHOW);
    form->get = form->in_line = form->quiet = true;
    form->id = STR("media-filter"); // a page's form to upload may have the same action
    struct view_desk_field *f = desk_line(v, form, "q", W_DESK_WORDS, desk_field(v, "q"));
    f->type = STR("search");
    f->max = 100;
    if (grid->kind != 0)
        return;
    f = desk_select(v, form, "kind", W_DESK_MEDIA_KIND, desk_field(v, "kind"));
    desk_choice(v, f, STR_NONE, desk_word(v, W_DESK_MEDIA_ALL));
    desk_choice(v, f, STR("picture"), desk_word(v, W_DESK_MEDIA_PICTURES));
    desk_choice(v, f, STR("sound"), desk_word(v, W_DESK_MEDIA_SOUND));
    desk_choice(v, f, STR("video"), desk_word(v, W_DESK_MEDIA_VIDEO));
    desk_choice(v, f, STR("document"), desk_word(v, W_DESK_MEDIA_DOCUMENTS));
    f = desk_select(v, form, "missing", W_DESK_MEDIA_MISSING, desk_field(v, "missing"));
    desk_choice(v, f, STR_NONE, STR("—"));
    desk_choose_language(v, f);
}

static struct str note_of(struct desk_visit *v, const struct media_entry *e) {
    struct str what = media_measure(v, e);
    return e->about.credit.n > 0 ? str_fmt(v->a, "%.*s · %.*s", STR_ARG(what), STR_ARG(e->about.credit)) : what;
}

void media_of_part(struct desk_visit *v, struct view_desk_field *part, int64_t id) {
    struct media_entry e;
    if (media_entry_get(v->a, v->db, id, &e) != RC_OK)
        return;
    const struct media_size *size = media_size_for(&e.media, THUMB_WIDTH);
    if (size == NULL)
        return;
    part->src = link_media(v->a, size->sha256, size->ext);
    part->width = size->width;
    part->height = size->height;
}

static void entry_show(struct desk_visit *v, struct view_desk_block *block, const struct media_entry *e,
                       const struct media_grid *grid) {
    struct view_desk_picture *p = desk_picture(v, block, media_title(v, e), media_address(v, e->id, ""));
    const struct media_size *size = media_size_for(&e->media, THUMB_WIDTH);
    p->note = note_of(v, e);
    p->sign = e->kind == MEDIA_DOCUMENT ? STR("▤") : e->kind == MEDIA_VIDEO ? STR("▶") : STR("♪");
    if (size != NULL) {
        p->src = link_media(v->a, size->sha256, size->ext);
        p->width = size->width;
        p->height = size->height;
    }
    if (grid->choose == NULL)
        return;
    p->action = str_from(grid->choose);
    p->token = desk_token(v);
    p->value = str_fmt(v->a, "%lld", (long long)e->id);
    p->version = grid->version;
    p->button = desk_word(v, W_DESK_PICTURE_USE);
}

enum rc media_grid_show(struct desk_visit *v, struct view_desk_block *block, const struct media_grid *grid) {
    struct str kind = desk_field(v, "kind"), missing = desk_field(v, "missing");
    struct media_query q = {.words = desk_field(v, "q"), .limit = MEDIA_GRID, .kind = grid->kind};
    struct media_entry *rows;
    size_t count;
    bool more;
    if (grid->kind == 0)
        q.kind = str_eq(kind, STR("picture"))    ? MEDIA_PICTURE
                 : str_eq(kind, STR("sound"))    ? MEDIA_AUDIO
                 : str_eq(kind, STR("video"))    ? MEDIA_VIDEO
                 : str_eq(kind, STR("document")) ? MEDIA_DOCUMENT
                                                 : 0;
    q.missing_alt = text_lang_find(missing, &q.lang);
    (void)str_to_i64(desk_field(v, "before"), &q.before);
    filter(v, block, grid);
    enum rc rc = media_library(v->a, v->db, &q, &rows, &count, &more);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < count; i++)
        entry_show(v, block, &rows[i], grid);
    if (count == 0)
        block->empty = desk_word(v, W_DESK_MEDIA_NONE);
    if (more)
        block->more = (struct view_desk_link){.label = desk_word(v, W_DESK_OLDER),
                                              .address = grid_address(v, grid, missing, rows[count - 1].id)};
    return RC_OK;
}
