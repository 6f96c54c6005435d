// SPDX-License-Identifier: AGPL-3.0-or-later
// One manuscript: what it is and where it stands, the text to write on, what may come next, what colleagues say. Saving
// goes through the version that was before the writer's eyes, so that nobody's words are lost.
#include "desk/mail.h"
#include "desk/manuscript.h"
#include "desk/routes.h"

enum { STEP_TEXT_CHARS = 2000 };

// ---- where it stands ---------------------------------------------------------------------------------------------------

static struct str by_whom(struct desk_visit *v, int64_t at_us, struct str name) {
    return name.n > 0 ? str_fmt(v->a, "%.*s · %.*s", STR_ARG(desk_date(v, at_us)), STR_ARG(name)) : desk_date(v, at_us);
}

static bool held_by_another(const struct desk_visit *v, const struct manuscript *m) {
    return m->lease.account_id != 0 && m->lease.until_us > v->now &&
           (m->lease.account_id != v->account->id || m->lease.session_id != v->session->id);
}

static void held_block(struct desk_visit *v, struct view_desk_page *page, const struct manuscript *m) {
    if (!held_by_another(v, m))
        return;
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    block->warning = true;
    block->text = text_phrase(v->a, v->lang, W_DESK_OPEN_BY, 0, m->lease.name, STR_NONE);
    if (!manuscript_may(v, m, MAY_TAKE_LEASE))
        return;
    struct view_desk_form *form = desk_form(v, block, manuscript_address(v, m->id, "/lease"), W_DESK_TAKE_OVER);
    form->quiet = true;
    desk_hidden(v, form, "over", STR("1"));
}

static enum rc asides_block(struct desk_visit *v, struct view_desk_page *page, const struct manuscript *m) {
    struct manuscript_aside *asides;
    size_t count;
    enum rc rc = aside_list(v->a, v->db, m->id, 0, &asides, &count);
    if (rc != RC_OK || count == 0)
        return rc;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_ASIDES));
    block->warning = true;
    block->text = desk_word(v, W_DESK_ASIDES_TEXT);
    for (size_t i = 0; i < count; i++)
        desk_link(v, &block->links, by_whom(v, asides[i].saved_at, asides[i].account_name),
                  manuscript_aside_address(v, m->id, asides[i].id, ""), STR_NONE);
    return RC_OK;
}

static void stale_block(struct desk_visit *v, struct view_desk_page *page, const struct manuscript *m) {
    if (!m->stale)
        return;
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    block->warning = true;
    block->text = desk_word(v, W_DESK_STALE);
    desk_link(v, &block->links, desk_word(v, W_DESK_SOURCE), manuscript_address(v, m->source_id, "/versions"),
              STR_NONE);
}

static void facts_block(struct desk_visit *v, struct view_desk_page *page, const struct manuscript *m) {
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    desk_fact(v, block, W_DESK_STATE, STR_NONE);
    manuscript_badge(v, m, &block->facts.items[0].badge, &block->facts.items[0].tone);
    if (m->state == MANUSCRIPT_OUT && m->version != m->published_version)
        block->facts.items[0].value = desk_word(v, W_DESK_NOT_YET_OUT);
    desk_fact(v, block, W_DESK_LANGUAGE_OF, text_lang_name(m->lang));
    desk_fact(v, block, W_DESK_SAVED, by_whom(v, m->saved_at, m->saved_by_name));
    if (m->owner_name.n > 0)
        desk_fact(v, block, W_DESK_BEGUN, by_whom(v, m->created_at, m->owner_name));
    if (m->publish_at != 0)
        desk_fact(v, block, W_DESK_PUBLISHED, desk_date(v, m->publish_at));
    if (m->state == MANUSCRIPT_OUT && m->breaking_until > v->now)
        desk_fact(v, block, W_DESK_BREAKING_UNTIL, desk_date(v, m->breaking_until));
    desk_link(v, &block->links, desk_word(v, W_DESK_PREVIEW), manuscript_address(v, m->id, "/preview"), STR_NONE);
    if (manuscript_may_edit(v, m))
        manuscript_lists_links(v, block, m);
    manuscript_comments_link(v, block, m);
    desk_link(v, &block->links, desk_word(v, W_DESK_VERSIONS), manuscript_address(v, m->id, "/versions"), STR_NONE);
    if (m->number != 0 && m->state == MANUSCRIPT_OUT && m->publish_at <= v->now)
        desk_link(v, &block->links, desk_word(v, W_DESK_PUBLIC_PAGE), link_short(v->a, m->number), STR_NONE);
    if (m->source_id != 0)
        desk_link(v, &block->links, desk_word(v, W_DESK_SOURCE), manuscript_address(v, m->source_id, ""), STR_NONE);
}

// ---- the text ----------------------------------------------------------------------------------------------------------

static enum rc text_block(struct desk_visit *v, struct view_desk_page *page, const struct manuscript *m) {
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_TEXT));
    if (!manuscript_may_edit(v, m)) {
        block->text = desk_word(v, W_DESK_READ_ONLY);
        return RC_OK;
    }
    struct view_desk_form *form = desk_form(v, block, manuscript_address(v, m->id, ""), W_DESK_SAVE);
    form->autosave = manuscript_address(v, m->id, "/autosave");
    form->lease = manuscript_address(v, m->id, "/lease");
    if (m->state == MANUSCRIPT_OUT && !manuscript_may(v, m, MAY_PUBLISH))
        form->intro = desk_word(v, W_DESK_OUT_EDIT);
    desk_hidden(v, form, "version", str_fmt(v->a, "%lld", (long long)m->version));
    enum rc rc = content_form(v, form, m->lang, &m->content);
    desk_also(v, form, "then", "picture", W_DESK_PICTURE_SAVE_AND_CHOOSE);
    manuscript_lists_also(v, form);
    if (rc == RC_OK && m->source_id != 0 && m->stale)
        desk_tick(v, form, "source_checked", W_DESK_SOURCE_CHECKED, false);
    return rc;
}

// ---- what comes next ---------------------------------------------------------------------------------------------------

// What keeps it from being published is said above the button. False: nothing does.
static bool lacking(struct desk_visit *v, struct view_desk_block *block, const struct manuscript *m) {
    const char *lacks[CONTENT_LACKS_MAX];
    size_t n;
    if (manuscript_lacks(v->a, v->db, m, v->now, lacks, &n) != RC_OK || n == 0)
        return false;
    struct buf b;
    buf_init(&b, 8192);
    buf_str(&b, desk_word(v, W_DESK_LACKING));
    for (size_t i = 0; i < n; i++) {
        enum text_word w;
        must(text_word_find(str_fmt(v->a, "desk_%s", lacks[i]), &w));
        buf_char(&b, ' ');
        buf_str(&b, desk_word(v, w));
    }
    block->text = str_dup(v->a, buf_view(&b));
    buf_fini(&b);
    return true;
}

static enum text_word step_text_label(enum manuscript_step step) {
    return step == STEP_RETURN    ? W_DESK_NOTE_TO_WRITER
           : step == STEP_CORRECT ? W_DESK_CORRECTION_TEXT
                                  : W_DESK_NOTICE_TEXT;
}

// What publishing will do, before it is done, when nothing keeps it from it.
static struct str publish_intro(struct desk_visit *v, const struct content *c) {
    int64_t at = c->publish_at < c->embargo_until ? c->embargo_until : c->publish_at;
    struct str when = at > v->now ? text_phrase(v->a, v->lang, W_DESK_PUBLISH_THEN, 0, desk_date(v, at), STR_NONE)
                                  : desk_word(v, W_DESK_PUBLISH_NOW);
    return c->breaking ? str_fmt(v->a, "%.*s %.*s", STR_ARG(when), STR_ARG(desk_word(v, W_DESK_PUBLISH_BREAKING)))
                       : when;
}

// To take from the lists what readers have is meant, not slipped into.
static bool asks_if_sure(const struct manuscript *m, enum manuscript_step step) {
    return step == STEP_ARCHIVE && m->state == MANUSCRIPT_OUT;
}

// Each step that wants words has a field of that name: what was typed for one, and what was wrong with it, is that one's.
static void step_text(struct desk_visit *v, struct view_desk_form *form, const struct manuscript *m,
                      enum manuscript_step step) {
    struct view_desk_field *f = desk_area(v, form, "text", step_text_label(step), STR_NONE, 3);
    f->id = str_fmt(v->a, "text-%s", step_rules[step].name);
    f->max = STEP_TEXT_CHARS;
    f->required = true;
    f->lang = step == STEP_RETURN ? STR_NONE : text_lang_code(m->lang);
    f->dir = step == STEP_RETURN ? STR_NONE : str_from(text_lang_is_rtl(m->lang) ? "rtl" : "ltr");
    if (!str_eq(desk_field(v, "step"), str_from(step_rules[step].name))) {
        f->value = f->problem = STR_NONE;
        form->problems.n = 0;
    } else if (form->problems.n > 0) {
        form->problems.items[0].address = str_fmt(v->a, "#%.*s", STR_ARG(f->id));
    }
}

static void step_form(struct desk_visit *v, struct view_desk_block *block, const struct manuscript *m,
                      enum manuscript_step step) {
    struct view_desk_form *form =
        desk_form(v, block, manuscript_address(v, m->id, "/step"), manuscript_step_word(step));
    form->id = str_fmt(v->a, "step-%s", step_rules[step].name);
    form->quiet = step != STEP_SUBMIT && step != STEP_PUBLISH;
    form->danger = step == STEP_WITHDRAW || step == STEP_ARCHIVE;
    if (step == STEP_ARCHIVE && m->published_version != 0)
        form->intro = desk_word(v, W_DESK_ARCHIVE_NOTE);
    if (step == STEP_PUBLISH && !lacking(v, block, m))
        form->intro = publish_intro(v, &m->content);
    desk_hidden(v, form, "step", str_from(step_rules[step].name));
    desk_hidden(v, form, "version", str_fmt(v->a, "%lld", (long long)m->version));
    if (asks_if_sure(m, step))
        desk_tick(v, form, "sure", W_DESK_SURE, false)->required = true;
    if (step_rules[step].needs_text)
        step_text(v, form, m, step);
}

static void steps_block(struct desk_visit *v, struct view_desk_page *page, const struct manuscript *m) {
    struct view_desk_block *block = NULL;
    for (int step = 0; step < STEP_COUNT; step++) {
        if (!manuscript_may_step(v, m, (enum manuscript_step)step))
            continue;
        if (block == NULL)
            block = desk_block(v, page, desk_word(v, W_DESK_NEXT));
        step_form(v, block, m, (enum manuscript_step)step);
    }
}

static void translate_block(struct desk_visit *v, struct view_desk_page *page, const struct manuscript *m) {
    struct view_desk_block *block = NULL;
    struct view_desk_field *f = NULL;
    for (int l = 0; l < LANG_COUNT; l++) {
        struct staff_object object = {(enum text_lang)l, 0, v->account->id};
        if (l == (int)m->lang || (v->site->languages & (1u << l)) == 0 ||
            !staff_may(v->account, MAY_WRITE_ARTICLE, &object))
            continue;
        if (block == NULL) {
            block = desk_block(v, page, desk_word(v, W_DESK_TRANSLATE));
            struct view_desk_form *form = desk_form(v, block, STR("/desk/articles/new"), W_DESK_TRANSLATE_BEGIN);
            form->quiet = true;
            form->id = STR("translate");
            desk_hidden(v, form, "source", str_fmt(v->a, "%lld", (long long)m->id));
            f = desk_select(v, form, "lang", W_DESK_LANGUAGE_OF, STR_NONE);
        }
        desk_choice(v, f, text_lang_code((enum text_lang)l), text_lang_name((enum text_lang)l));
    }
}

static enum rc notes_block(struct desk_visit *v, struct view_desk_page *page, const struct manuscript *m) {
    struct manuscript_note *notes;
    size_t count;
    enum rc rc = note_list(v->a, v->db, m->id, &notes, &count);
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_NOTES));
    block->id = STR("notes");
    if (rc != RC_OK)
        return rc;
    if (count == 0)
        block->empty = desk_word(v, W_DESK_NOTES_NONE);
    struct view_desk_table *table = count > 0 ? desk_table(v, block, W_DESK_NOTES) : NULL;
    for (size_t i = 0; i < count; i++) {
        if (i == 0) {
            desk_column(v, table, desk_word(v, W_DESK_WHO));
            desk_column(v, table, desk_word(v, W_DESK_NOTE));
        }
        desk_row(v, table);
        struct view_desk_cell *cell = desk_cell(v, table, notes[i].account_name);
        cell->note = desk_date(v, notes[i].written_at);
        desk_cell(v, table, notes[i].note);
    }
    struct view_desk_form *form = desk_form(v, block, manuscript_address(v, m->id, "/note"), W_DESK_NOTE_ADD);
    form->quiet = true;
    form->id = STR("note-form");
    struct view_desk_field *f = desk_area(v, form, "note", W_DESK_NOTE, STR_NONE, 2);
    f->max = STEP_TEXT_CHARS;
    f->required = true;
    return RC_OK;
}

enum rc manuscript_page(struct desk_visit *v, const struct manuscript *m, int status) {
    struct view_desk_page *page = desk_page_named(v, manuscript_title(v, m->headline));
    manuscript_crumbs(v, page, NULL);
    held_block(v, page, m);
    stale_block(v, page, m);
    enum rc rc = asides_block(v, page, m);
    facts_block(v, page, m);
    if (rc == RC_OK)
        rc = text_block(v, page, m);
    steps_block(v, page, m);
    if (rc == RC_OK)
        rc = notes_block(v, page, m);
    translate_block(v, page, m);
    return rc == RC_OK ? desk_send(v, page, status) : rc;
}

enum rc manuscript_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct manuscript m;
    desk_begin(&v, req, reply);
    enum rc rc = manuscript_find(&v, &m);
    return rc == RC_OK ? manuscript_page(&v, &m, 0) : rc;
}

// ---- saving ------------------------------------------------------------------------------------------------------------

struct saving {
    struct desk_visit *v;
    struct manuscript m;
    struct manuscript_put put;
};

// RC_INVALID: the problems are noted, the form is shown again.
static enum rc take_and_save(struct saving *s, enum version_kind kind) {
    struct desk_visit *v = s->v;
    enum rc rc = manuscript_find_to_edit(v, &s->m);
    if (rc != RC_OK)
        return rc;
    struct content *content = &s->put.order.content;
    s->put.order = (struct manuscript_saving){
        .id = s->m.id, .kind = kind, .content = s->m.content, .source_checked = desk_field(v, "source_checked").n > 0};
    rc = content_take(v, content);
    if (rc != RC_OK || !desk_form_ok(v))
        return rc != RC_OK ? rc : RC_INVALID;
    return manuscript_put(v, &s->put);
}

// To the page that the pressed button names, else back to the text.
static const char *rest_of(const struct desk_visit *v) {
    struct str then = desk_field(v, "then");
    const char *list = manuscript_list_rest(then);
    return str_eq(then, STR("picture")) ? "/picture" : list != NULL ? list : "";
}

enum rc manuscript_save_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct saving *s = ARENA_NEW(v.a, struct saving);
    s->v = &v;
    enum rc rc = take_and_save(s, VERSION_SAVED);
    if (rc == RC_INVALID)
        return manuscript_page(&v, &s->m, 422);
    return rc == RC_OK ? manuscript_go(&v, &s->put, rest_of(&v), "saved") : rc;
}

// For script, while somebody writes: what became of it, as JSON. "aside": where both texts are brought together.
enum rc manuscript_autosave_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct saving *s = ARENA_NEW(v.a, struct saving);
    s->v = &v;
    enum rc rc = take_and_save(s, VERSION_AUTO);
    if (rc != RC_OK && rc != RC_INVALID)
        return rc;
    reply->content_type = STR("application/json");
    reply->status = rc == RC_OK ? 200 : 422;
    if (rc == RC_INVALID)
        buf_c(&reply->body, "{\"saved\":false}");
    else if (s->put.saved == SAVED_ASIDE)
        buf_fmt(&reply->body, "{\"saved\":true,\"aside\":\"%.*s\"}",
                STR_ARG(manuscript_aside_address(&v, s->m.id, s->put.id, "")));
    else
        buf_fmt(&reply->body, "{\"saved\":true,\"version\":%lld}", (long long)s->put.id);
    return RC_OK;
}

// ---- leases and notes --------------------------------------------------------------------------------------------------

struct talk {
    struct desk_visit *v;
    struct manuscript m;
    struct lease held;
};

static enum rc take_lease(struct db *db, void *arg) {
    struct talk *t = arg;
    struct audit_who who = desk_who(t->v);
    return lease_take(t->v->a, db, t->m.id, &who, t->v->session->id, desk_field(t->v, "over").n > 0, t->v->now,
                      &t->held);
}

static enum rc drop_lease(struct db *db, void *arg) {
    struct talk *t = arg;
    return lease_drop(db, t->m.id, t->v->account->id, t->v->session->id);
}

// By script while the page is open, and by the button "take over".
enum rc manuscript_lease_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct talk t = {.v = &v};
    desk_begin(&v, req, reply);
    bool over = desk_field(&v, "over").n > 0, drop = desk_field(&v, "drop").n > 0;
    enum rc rc = manuscript_find_to_edit(&v, &t.m);
    if (rc == RC_OK && over && !manuscript_may(&v, &t.m, MAY_TAKE_LEASE))
        rc = RC_DENIED;
    if (rc == RC_OK)
        rc = store_write(v.site->store, STORE_RELAXED, drop ? drop_lease : take_lease, &t);
    if (rc == RC_OK && over)
        return desk_go(&v, manuscript_address(&v, t.m.id, ""), "taken");
    if (rc != RC_OK && rc != RC_BUSY)
        return rc;
    reply->content_type = STR("application/json");
    buf_fmt(&reply->body, "{\"held\":%s}", rc == RC_OK ? "true" : "false");
    return RC_OK;
}

static enum rc write_note(struct db *db, void *arg) {
    struct talk *t = arg;
    struct audit_who who = desk_who(t->v);
    return note_add(db, &who, t->m.id, desk_field(t->v, "note"), t->v->now);
}

enum rc manuscript_note_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct talk t = {.v = &v};
    desk_begin(&v, req, reply);
    enum rc rc = manuscript_find(&v, &t.m);
    if (rc == RC_OK)
        rc = req->form_ok ? store_write(v.site->store, STORE_DURABLE, write_note, &t) : RC_INVALID;
    if (rc == RC_INVALID)
        return manuscript_page(&v, &t.m, 422);
    return rc == RC_OK ? desk_go(&v, manuscript_address(&v, t.m.id, ""), "noted") : rc;
}

// ---- steps -------------------------------------------------------------------------------------------------------------

struct stepping {
    struct desk_visit *v;
    struct manuscript m;
    struct step_order order;
    int64_t number;
    struct news_changes changes;
    struct problem problem;
};

static enum rc take_step(struct db *db, void *arg) {
    struct stepping *s = arg;
    struct audit_who who = desk_who(s->v);
    s->changes = (struct news_changes){0};
    enum rc rc = manuscript_do(s->v->a, db, &who, &s->order, s->v->now, &s->number, &s->changes, &s->problem);
    if (rc == RC_OK)
        rc = manuscript_load(s->v->a, db, s->m.id, &s->m);
    if (rc == RC_OK)
        rc = mail_step(s->v, db, &s->m, &s->order);
    return rc == RC_OK ? hook_step(s->v, db, &s->m, s->order.step) : rc;
}

static bool step_find(struct str name, enum manuscript_step *out) {
    for (int i = 0; i < STEP_COUNT; i++)
        if (str_eq(name, str_from(step_rules[i].name))) {
            *out = (enum manuscript_step)i;
            return true;
        }
    return false;
}

static enum rc step_refused(struct stepping *s, enum rc rc) {
    struct desk_visit *v = s->v;
    struct str typed = desk_field_problem(v, "text");
    v->said = rc == RC_CONFLICT  ? desk_word(v, W_DESK_STEP_CONFLICT)
              : rc == RC_DENIED  ? desk_word(v, W_DESK_STEP_DENIED)
              : typed.n > 0      ? typed
              : !v->req->form_ok ? desk_word(v, W_DESK_SAY_WHY)
                                 : desk_reason(v, &s->problem);
    v->said_is_problem = true;
    enum rc found = manuscript_find(v, &s->m); // as it is now
    return found == RC_OK ? manuscript_page(v, &s->m, rc == RC_CONFLICT ? 409 : 422) : found;
}

enum rc manuscript_step_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct stepping *s = ARENA_NEW(v.a, struct stepping);
    s->v = &v;
    enum rc rc = manuscript_find(&v, &s->m);
    if (rc != RC_OK)
        return rc;
    s->order.id = s->m.id;
    s->order.text = desk_field(&v, "text");
    if (!step_find(desk_field(&v, "step"), &s->order.step) || !str_to_i64(desk_field(&v, "version"), &s->order.version))
        return RC_INVALID;
    if (!req->form_ok)
        return step_refused(s, RC_INVALID);
    if (!manuscript_may_step(&v, &s->m, s->order.step))
        return step_is_possible(&s->m, s->order.step, v.now) ? RC_DENIED : step_refused(s, RC_DENIED);
    if (asks_if_sure(&s->m, s->order.step) && desk_field(&v, "sure").n == 0)
        return desk_go(&v, manuscript_address(&v, s->m.id, ""), "not_sure");
    rc = store_write(v.site->store, STORE_DURABLE, take_step, s);
    if (rc == RC_INVALID || rc == RC_CONFLICT || rc == RC_DENIED || rc == RC_TOO_BIG)
        return step_refused(s, rc);
    if (rc != RC_OK)
        return rc;
    news_changes_raise(&s->changes);
    return desk_go(&v, manuscript_address(&v, s->m.id, ""), step_rules[s->order.step].name);
}
