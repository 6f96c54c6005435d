// SPDX-License-Identifier: AGPL-3.0-or-later
// One medium: what it shows in each language, whose it is, which part of it matters, where it is used, and another file in
// its place.
#include "desk/manuscript.h"
#include "desk/media.h"
#include "desk/routes.h"

enum { USES_SHOWN = 50, LARGE_WIDTH = 960 };

// ---- showing -----------------------------------------------------------------------------------------------------------

static void facts(struct desk_visit *v, struct view_desk_page *page, const struct media_entry *e) {
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    const struct media_size *size = media_size_for(&e->media, LARGE_WIDTH);
    if (size != NULL)
        desk_focal(v, block,
                   &(struct view_desk_focal){.src = link_media(v->a, size->sha256, size->ext),
                                             .alt = media_title(v, e),
                                             .width = size->width,
                                             .height = size->height});
    desk_fact(v, block,
              e->kind == MEDIA_PICTURE    ? W_DESK_MEDIA_SIZE
              : e->kind == MEDIA_DOCUMENT ? W_DESK_MEDIA_KIND
                                          : W_DESK_MEDIA_LENGTH,
              media_measure(v, e));
    desk_fact(v, block, W_DESK_MEDIA_ADDED,
              str_fmt(v->a, "%.*s · %.*s", STR_ARG(desk_date(v, e->added_at)), STR_ARG(e->added_by_name)));
    if (e->kind != MEDIA_PICTURE && e->media.size_count > 0)
        desk_link(v, &block->links, desk_word(v, e->kind == MEDIA_AUDIO ? W_DESK_MEDIA_LISTEN : W_DESK_MEDIA_OPEN),
                  link_media(v->a, e->media.sizes[0].sha256, e->media.sizes[0].ext), STR_NONE);
}

static const char *alt_name(struct desk_visit *v, int lang) {
    return str_fmt(v->a, "alt_%.*s", STR_ARG(text_lang_code((enum text_lang)lang))).p;
}

// Whose medium it is says everything of it; words in a language are also of those who write in it.
static bool may_say(struct desk_visit *v, const struct media_entry *e, int lang) {
    return (v->site->languages & (1u << lang)) != 0 &&
           (media_may_edit(v, e) || manuscript_may_write_in(v, (enum text_lang)lang));
}

static bool may_say_any(struct desk_visit *v, const struct media_entry *e) {
    for (int l = 0; l < LANG_COUNT; l++)
        if (may_say(v, e, l))
            return true;
    return false;
}

static void alt_fields(struct desk_visit *v, struct view_desk_form *form, const struct media_entry *e) {
    for (int l = 0; l < LANG_COUNT; l++) {
        if (!may_say(v, e, l))
            continue;
        enum text_lang lang = (enum text_lang)l;
        struct view_desk_field *f = desk_area(v, form, alt_name(v, l), W_DESK_IMAGE_ALT, e->about.alts[l], 2);
        f->label = str_fmt(v->a, "%.*s (%.*s)", STR_ARG(f->label), STR_ARG(text_lang_name(lang)));
        f->lang = text_lang_code(lang);
        f->dir = text_lang_is_rtl(lang) ? STR("rtl") : STR("ltr");
        f->max = MEDIA_ALT_MAX / 2;
    }
}

static void focal_field(struct desk_visit *v, struct view_desk_form *form, const char *name, enum text_word label,
                        unsigned value) {
    struct view_desk_field *f = desk_line(v, form, name, label, str_fmt(v->a, "%u", value));
    f->type = STR("number");
    f->input_mode = STR("numeric");
}

static void edit_form(struct desk_visit *v, struct view_desk_page *page, const struct media_entry *e) {
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    struct view_desk_form *form = desk_form(v, block, media_address(v, e->id, ""), W_DESK_SAVE);
    desk_hidden(v, form, "version", str_fmt(v->a, "%lld", (long long)e->version));
    if (e->kind == MEDIA_PICTURE)
        alt_fields(v, form, e);
    struct view_desk_field *f = desk_line(v, form, "credit", W_DESK_MEDIA_CREDIT, e->about.credit);
    f->max = MEDIA_CREDIT_MAX;
    f = desk_line(v, form, "file_name", W_DESK_MEDIA_NAME, e->about.file_name);
    f->max = MEDIA_NAME_MAX;
    if (e->kind != MEDIA_PICTURE)
        return;
    focal_field(v, form, "focal_x", W_DESK_FOCAL_X, e->about.focal_x);
    desk_hint(v, &form->fields.items[form->fields.n - 1], W_DESK_FOCAL_HINT);
    focal_field(v, form, "focal_y", W_DESK_FOCAL_Y, e->about.focal_y);
}

static void words_form(struct desk_visit *v, struct view_desk_page *page, const struct media_entry *e) {
    struct view_desk_form *form =
        desk_form(v, desk_block(v, page, STR_NONE), media_address(v, e->id, "/words"), W_DESK_SAVE);
    desk_hidden(v, form, "version", str_fmt(v->a, "%lld", (long long)e->version));
    alt_fields(v, form, e);
}

// Readers have it, or they who ask may read what readers do not have.
static bool may_see(struct desk_visit *v, int64_t number, struct article *art) {
    int64_t until;
    if (article_show(v->a, v->db, number, v->now, art, &until) == RC_OK)
        return true;
    if (article_load(v->a, v->db, number, art) != RC_OK)
        return false;
    struct staff_object object = {art->lang, art->section_id, 0};
    return staff_may(v->account, MAY_READ_DESK, &object);
}

// What it is used in, with the way there: of what only the newsroom has, to those of it who may read it.
static struct str owner_title(struct desk_visit *v, const struct media_use *use, struct str *address_out) {
    struct manuscript m;
    struct article art;
    if (use->place == MEDIA_PLACE_MANUSCRIPT && manuscript_load(v->a, v->db, use->owner_id, &m) == RC_OK) {
        if (!manuscript_may(v, &m, MAY_READ_DESK))
            return desk_word(v, W_DESK_MEDIA_ELSEWHERE);
        *address_out = manuscript_address(v, m.id, "");
        return manuscript_title(v, m.headline);
    }
    if (use->place == MEDIA_PLACE_LOGO || use->place == MEDIA_PLACE_ICON) {
        if (desk_may(v, MAY_EDIT_SETTINGS))
            *address_out = STR("/desk/station");
        return desk_word(v, W_DESK_STATION);
    }
    if (use->place == MEDIA_PLACE_LEAD || use->place == MEDIA_PLACE_BODY) {
        if (!may_see(v, use->owner_id, &art))
            return desk_word(v, W_DESK_MEDIA_ELSEWHERE);
        *address_out = link_short(v->a, art.number);
        return art.headline;
    }
    return str_fmt(v->a, "%lld", (long long)use->owner_id);
}

static enum rc uses_block(struct desk_visit *v, struct view_desk_page *page, const struct media_entry *e) {
    static const enum text_word places[] = {
        [MEDIA_PLACE_LEAD] = W_DESK_PLACE_LEAD, [MEDIA_PLACE_BODY] = W_DESK_PLACE_BODY,
        [MEDIA_PLACE_PAGE] = W_DESK_PLACE_PAGE, [MEDIA_PLACE_MANUSCRIPT] = W_DESK_PLACE_MANUSCRIPT,
        [MEDIA_PLACE_LOGO] = W_DESK_LOGO,       [MEDIA_PLACE_ICON] = W_DESK_ICON};
    struct media_use *uses;
    size_t count;
    enum rc rc = media_where_used(v->a, v->db, e->id, USES_SHOWN, &uses, &count);
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_MEDIA_USED));
    if (rc != RC_OK || count == 0) {
        block->empty = desk_word(v, W_DESK_MEDIA_UNUSED);
        return rc;
    }
    struct view_desk_table *table = desk_table(v, block, W_DESK_MEDIA_USED);
    desk_column(v, table, desk_word(v, W_DESK_HEADLINE));
    desk_column(v, table, desk_word(v, W_DESK_MEDIA_PLACE));
    desk_column(v, table, desk_word(v, W_DESK_LANGUAGE_OF));
    for (size_t i = 0; i < count; i++) {
        struct str address = STR_NONE;
        desk_row(v, table);
        struct view_desk_cell *cell = desk_cell(v, table, owner_title(v, &uses[i], &address));
        cell->address = address;
        desk_cell(v, table, desk_word(v, places[uses[i].place]));
        desk_cell(v, table, uses[i].lang < LANG_COUNT ? text_lang_name(uses[i].lang) : STR("—"));
    }
    return RC_OK;
}

// Told to everybody who may look; to be taken back by those who may replace.
static enum rc earlier_block(struct desk_visit *v, struct view_desk_page *page, const struct media_entry *e, bool may) {
    static const enum text_word labels[] = {W_DESK_MEDIA_NAME, W_DESK_MEDIA_REPLACED, W_DESK_WHO};
    _Static_assert(MEDIA_EARLIER_MAX == 5, "the words say five");
    struct media_earlier rows[MEDIA_EARLIER_MAX];
    size_t count;
    enum rc rc = media_earlier_list(v->a, v->db, e->id, rows, &count);
    if (rc != RC_OK || count == 0)
        return rc;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_MEDIA_EARLIER));
    block->text = desk_word(v, W_DESK_MEDIA_EARLIER_TEXT);
    struct view_desk_table *table = desk_table(v, block, W_DESK_MEDIA_EARLIER);
    desk_columns(v, table, labels, sizeof labels / sizeof labels[0]);
    for (size_t i = 0; i < count; i++) {
        desk_row(v, table);
        desk_cell(v, table, rows[i].file_name)->note = text_bytes(v->a, v->lang, rows[i].file.bytes);
        desk_cell(v, table, desk_date(v, rows[i].replaced_at));
        desk_cell(v, table, rows[i].replaced_by_name);
    }
    if (!may)
        return RC_OK;
    struct view_desk_form *form =
        desk_form(v, desk_block(v, page, STR_NONE), media_address(v, e->id, "/earlier"), W_DESK_MEDIA_TAKE_BACK);
    form->quiet = true;
    desk_hidden(v, form, "version", str_fmt(v->a, "%lld", (long long)e->version));
    struct view_desk_field *f = desk_select(v, form, "earlier", W_DESK_FILE, STR_NONE);
    for (size_t i = 0; i < count; i++)
        desk_choice(
            v, f, str_fmt(v->a, "%lld", (long long)rows[i].id),
            str_fmt(v->a, "%.*s · %.*s", STR_ARG(rows[i].file_name), STR_ARG(desk_date(v, rows[i].replaced_at))));
    return RC_OK;
}

static void change_forms(struct desk_visit *v, struct view_desk_page *page, const struct media_entry *e) {
    struct str version = str_fmt(v->a, "%lld", (long long)e->version);
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_MEDIA_REPLACE));
    block->text = desk_word(v, W_DESK_MEDIA_REPLACE_TEXT);
    struct view_desk_form *form = desk_form(v, block, media_address(v, e->id, "/replace"), W_DESK_MEDIA_REPLACE);
    form->quiet = true;
    desk_hidden(v, form, "version", version);
    media_file_field(v, form, false);
    if (e->use_count > 0)
        return;
    block = desk_block(v, page, desk_word(v, W_DESK_MEDIA_DELETE));
    block->text = desk_word(v, W_DESK_MEDIA_DELETE_TEXT);
    form = desk_form(v, block, media_address(v, e->id, "/delete"), W_DESK_MEDIA_DELETE);
    form->danger = true;
    desk_hidden(v, form, "version", version);
    desk_tick(v, form, "sure", W_DESK_MEDIA_DELETE_SURE, false)->required = true;
}

static enum rc show(struct desk_visit *v, const struct media_entry *e, int status) {
    struct view_desk_page *page = desk_page_named(v, media_title(v, e));
    desk_crumb(v, page, desk_word(v, W_DESK_MEDIA), STR("/desk/media"));
    facts(v, page, e);
    bool may = media_may_edit(v, e);
    if (may)
        edit_form(v, page, e);
    else if (e->kind == MEDIA_PICTURE && may_say_any(v, e))
        words_form(v, page, e);
    enum rc rc = uses_block(v, page, e);
    if (rc == RC_OK)
        rc = earlier_block(v, page, e, may);
    if (may)
        change_forms(v, page, e);
    return rc == RC_OK ? desk_send(v, page, status) : rc;
}

enum rc media_show_one_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct media_entry e;
    desk_begin(&v, req, reply);
    enum rc rc = media_entry_get(v.a, v.db, desk_number(&v, 0), &e);
    return rc == RC_OK ? show(&v, &e, 0) : rc;
}

// ---- changing ----------------------------------------------------------------------------------------------------------

struct changing {
    struct desk_visit *v;
    struct media_entry e; // as it was
    struct media_about about;
    struct media_files held;
    int64_t version;
    struct problem problem;
};

static void describe(struct buf *b, const char *name, struct str lang, struct str was, struct str value) {
    if (str_eq(was, value) || value.n == 0)
        return;
    buf_fmt(b, "%s%s", b->n > 0 ? "; " : "", name);
    if (lang.n > 0)
        buf_fmt(b, " (%.*s)", STR_ARG(lang));
    buf_fmt(b, ": %.*s", STR_ARG(value));
}

// What `about` says that `other` does not, for the audit; a medium's name stands there in any case.
static struct str described(struct arena *a, const struct media_about *other, const struct media_about *about) {
    struct str focal = str_fmt(a, "%u, %u", about->focal_x, about->focal_y);
    struct str other_focal = str_fmt(a, "%u, %u", other->focal_x, other->focal_y);
    struct buf b;
    buf_init(&b, 1 << 16);
    buf_str(&b, about->file_name);
    describe(&b, "credit", STR_NONE, str_trim(other->credit), str_trim(about->credit));
    describe(&b, "focal point", STR_NONE, other_focal, focal);
    for (int l = 0; l < LANG_COUNT; l++)
        describe(&b, "alt", text_lang_code((enum text_lang)l), str_trim(other->alts[l]), str_trim(about->alts[l]));
    struct str out = str_dup(a, buf_view(&b));
    buf_fini(&b);
    return out;
}

static enum rc note(struct db *db, const struct changing *c, const char *verb, struct str before, struct str after) {
    struct audit_entry entry = {.who = desk_who(c->v),
                                .verb = str_from(verb),
                                .kind = STR("media"),
                                .id = c->e.id,
                                .before = before,
                                .after = after};
    return audit_add(db, &entry);
}

static enum rc edit(struct db *db, void *arg) {
    struct changing *c = arg;
    enum rc rc = media_edit(db, c->e.id, c->version, &c->about, &c->problem);
    return rc == RC_OK ? note(db, c, "edit", described(c->v->a, &c->about, &c->e.about),
                              described(c->v->a, &c->e.about, &c->about))
                       : rc;
}

static enum rc delete (struct db *db, void *arg) {
    struct changing *c = arg; const struct media_about nothing = {0};
    enum rc rc = media_delete(db, c->e.id, c->version, &c->problem);
    return rc == RC_OK ? note(db, c, "delete", described(c->v->a, &nothing, &c->e.about), STR("")) : rc;
}

// What is in the address, for those who may do more with it than look.
static enum rc find(struct desk_visit *v, bool words_only, struct changing **out) {
    struct changing *c = ARENA_NEW(v->a, struct changing);
    *out = c;
    c->v = v;
    enum rc rc = media_entry_get(v->a, v->db, desk_number(v, 0), &c->e);
    if (rc == RC_OK && !(words_only ? may_say_any(v, &c->e) : media_may_edit(v, &c->e)))
        return RC_DENIED;
    if (rc == RC_OK && !str_to_i64(desk_field(v, "version"), &c->version))
        return RC_INVALID;
    c->about = c->e.about;
    return rc;
}

static enum rc begin(struct desk_visit *v, struct changing **out) {
    return find(v, false, out);
}

// What was refused is shown on top, with everything that was typed.
static enum rc refused(struct changing *c, enum rc rc, struct str why) {
    struct desk_visit *v = c->v;
    if (rc == RC_CONFLICT)
        desk_fail(v, W_DESK_MEDIA_CONFLICT);
    else if (rc == RC_DENIED)
        desk_fail(v, W_DESK_MEDIA_IN_USE);
    else if (rc == RC_INVALID && why.n > 0) {
        v->said = why;
        v->said_is_problem = true;
    } else if (rc != RC_INVALID)
        return rc;
    struct media_entry now;
    enum rc found = media_entry_get(v->a, v->db, c->e.id, &now);
    return found == RC_OK ? show(v, &now, rc == RC_INVALID ? 422 : 409) : found;
}

static void take_focal(struct desk_visit *v, const char *name, unsigned *out) {
    int64_t n;
    if (str_to_i64(desk_field(v, name), &n))
        *out = (unsigned)n;
}

// False: some are in a language that is not theirs; those stay as they are.
static bool take_alts(struct changing *c) {
    struct desk_visit *v = c->v;
    bool all = true;
    for (int l = 0; l < LANG_COUNT; l++) {
        if (http_request_field(v->req, alt_name(v, l)).p == NULL)
            continue;
        if (may_say(v, &c->e, l))
            c->about.alts[l] = desk_field(v, alt_name(v, l));
        else
            all = false;
    }
    return all;
}

static enum rc keep(struct changing *c) {
    struct desk_visit *v = c->v;
    enum rc rc = store_write(v->site->store, STORE_DURABLE, edit, c);
    if (rc != RC_OK)
        return refused(c, rc, desk_reason(v, &c->problem));
    media_raise(c->e.id);
    return desk_go(v, media_address(v, c->e.id, ""), "saved");
}

enum rc media_edit_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct changing *c;
    desk_begin(&v, req, reply);
    enum rc rc = begin(&v, &c);
    if (rc != RC_OK)
        return rc;
    if (!desk_form_ok(&v))
        return refused(c, RC_INVALID, STR_NONE);
    (void)take_alts(c);
    c->about.credit = desk_field(&v, "credit");
    c->about.file_name = desk_field(&v, "file_name");
    take_focal(&v, "focal_x", &c->about.focal_x);
    take_focal(&v, "focal_y", &c->about.focal_y);
    return keep(c);
}

enum rc media_words_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct changing *c;
    desk_begin(&v, req, reply);
    enum rc rc = find(&v, true, &c);
    if (rc != RC_OK)
        return rc;
    if (!desk_form_ok(&v))
        return refused(c, RC_INVALID, STR_NONE);
    if (!take_alts(c))
        return RC_DENIED;
    return keep(c);
}

enum rc media_replace_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct changing *c;
    struct str why = STR_NONE;
    desk_begin(&v, req, reply);
    enum rc rc = begin(&v, &c);
    if (rc != RC_OK)
        return rc;
    if (req->file_count == 0) {
        desk_problem(&v, "file", W_DESK_FILES_NONE);
        return refused(c, RC_INVALID, STR_NONE);
    }
    rc = media_take_place(&v, &req->files[0], c->e.id, c->version, &why);
    return rc == RC_OK ? desk_go(&v, media_address(&v, c->e.id, ""), "replaced") : refused(c, rc, why);
}

enum rc media_earlier_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct changing *c;
    struct str why = STR_NONE;
    int64_t earlier_id;
    desk_begin(&v, req, reply);
    enum rc rc = begin(&v, &c);
    if (rc != RC_OK)
        return rc;
    if (!str_to_i64(desk_field(&v, "earlier"), &earlier_id))
        return RC_INVALID;
    rc = media_take_back(&v, earlier_id, c->e.id, c->version, &why);
    return rc == RC_OK ? desk_go(&v, media_address(&v, c->e.id, ""), "replaced") : refused(c, rc, why);
}

enum rc media_delete_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct changing *c;
    desk_begin(&v, req, reply);
    enum rc rc = begin(&v, &c);
    if (rc != RC_OK)
        return rc;
    if (desk_field(&v, "sure").n == 0)
        return desk_go(&v, media_address(&v, c->e.id, ""), "not_sure");
    rc = media_shelf_hold(v.site->shelf, v.db, c->e.id, &c->held);
    if (rc != RC_OK)
        return rc;
    rc = store_write(v.site->store, STORE_DURABLE, delete, c);
    media_shelf_release(v.site->shelf, v.db, &c->held);
    if (rc != RC_OK)
        return refused(c, rc, STR_NONE);
    media_raise(c->e.id);
    return desk_go(&v, STR("/desk/media"), "deleted");
}
