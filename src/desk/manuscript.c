// SPDX-License-Identifier: AGPL-3.0-or-later
// A manuscript as the desk knows it: who may do what to it, its state in words, the way to it.
#include "desk/manuscript.h"

static const struct {
    enum staff_action action;
    enum text_word word;
} steps[STEP_COUNT] = {
    [STEP_SUBMIT] = {MAY_SUBMIT, W_DESK_STEP_SUBMIT},
    [STEP_RETURN] = {MAY_EDIT_REVIEW, W_DESK_STEP_RETURN},
    [STEP_PUBLISH] = {MAY_PUBLISH, W_DESK_STEP_PUBLISH},
    [STEP_UNSCHEDULE] = {MAY_PUBLISH, W_DESK_STEP_UNSCHEDULE},
    [STEP_CORRECT] = {MAY_CORRECT, W_DESK_STEP_CORRECT},
    [STEP_WITHDRAW] = {MAY_WITHDRAW, W_DESK_STEP_WITHDRAW},
    [STEP_RESTORE] = {MAY_WITHDRAW, W_DESK_STEP_RESTORE},
    [STEP_ARCHIVE] = {MAY_ARCHIVE, W_DESK_STEP_ARCHIVE},
    [STEP_REOPEN] = {MAY_ARCHIVE, W_DESK_STEP_REOPEN},
    [STEP_BREAKING] = {MAY_PUBLISH, W_DESK_STEP_BREAKING},
    [STEP_NOT_BREAKING] = {MAY_PUBLISH, W_DESK_STEP_NOT_BREAKING},
};

bool manuscript_may(const struct desk_visit *v, const struct manuscript *m, enum staff_action action) {
    struct staff_object object = {m->lang, m->section_id, m->owner_id};
    return staff_may(v->account, action, &object);
}

bool manuscript_may_write_in(const struct desk_visit *v, enum text_lang lang) {
    struct staff_object object = {lang, 0, v->account->id};
    return (v->site->languages & (1u << lang)) != 0 && staff_may(v->account, MAY_WRITE_ARTICLE, &object);
}

bool manuscript_may_edit(const struct desk_visit *v, const struct manuscript *m) {
    return manuscript_may(v, m,
                          m->state == MANUSCRIPT_DRAFT ? MAY_WRITE_ARTICLE
                          : m->state == MANUSCRIPT_OUT ? MAY_EDIT_OUT
                                                       : MAY_EDIT_REVIEW);
}

bool manuscript_may_step(const struct desk_visit *v, const struct manuscript *m, enum manuscript_step step) {
    return step_is_possible(m, step, v->now) && manuscript_may(v, m, steps[step].action);
}

enum text_word manuscript_step_word(enum manuscript_step step) {
    return steps[step].word;
}

// Of one's own, where nothing else.
bool manuscripts_may_read_in(const struct desk_visit *v, enum text_lang lang) {
    return staff_may(v->account, MAY_READ_DESK, &(struct staff_object){lang, 0, v->account->id});
}

enum rc manuscripts_sections(struct desk_visit *v, enum text_lang lang, struct section **out, size_t *count_out) {
    size_t count, kept = 0;
    enum rc rc = section_list(v->a, v->db, lang, out, &count);
    for (size_t i = 0; rc == RC_OK && i < count; i++)
        if (staff_may(v->account, MAY_READ_DESK, &(struct staff_object){lang, (*out)[i].id, 0}))
            (*out)[kept++] = (*out)[i];
    *count_out = kept;
    return rc;
}

enum rc manuscript_find(struct desk_visit *v, struct manuscript *out) {
    enum rc rc = manuscript_load(v->a, v->db, desk_number(v, 0), out);
    return rc == RC_OK && !manuscript_may(v, out, MAY_READ_DESK) ? RC_DENIED : rc;
}

enum rc manuscript_find_to_edit(struct desk_visit *v, struct manuscript *out) {
    enum rc rc = manuscript_find(v, out);
    return rc == RC_OK && !manuscript_may_edit(v, out) ? RC_DENIED : rc;
}

struct str manuscript_address(struct desk_visit *v, int64_t id, const char *rest) {
    return str_fmt(v->a, "/desk/articles/%lld%s", (long long)id, rest);
}

struct str manuscript_title(struct desk_visit *v, struct str headline) {
    return headline.n > 0 ? headline : desk_word(v, W_DESK_UNTITLED);
}

void manuscript_badge(struct desk_visit *v, const struct manuscript *m, struct str *badge_out, struct str *tone_out) {
    static const struct {
        enum text_word word;
        const char *tone;
    } rows[] = {
        [MANUSCRIPT_DRAFT] = {W_DESK_STATE_DRAFT, "plain"},
        [MANUSCRIPT_REVIEW] = {W_DESK_STATE_REVIEW, "plain"},
        [MANUSCRIPT_OUT] = {W_DESK_STATE_OUT, "good"},
        [MANUSCRIPT_WITHDRAWN] = {W_DESK_STATE_WITHDRAWN, "bad"},
        [MANUSCRIPT_ARCHIVED] = {W_DESK_STATE_ARCHIVED, "plain"},
    };
    bool pending = m->state == MANUSCRIPT_OUT && m->publish_at > v->now;
    *badge_out = desk_word(v, pending ? W_DESK_STATE_SCHEDULED : rows[m->state].word);
    *tone_out = pending ? STR("plain") : str_from(rows[m->state].tone);
}

void manuscript_crumbs(struct desk_visit *v, struct view_desk_page *page, const struct manuscript *m) {
    desk_crumb(v, page, desk_word(v, W_DESK_ARTICLES), STR("/desk/articles"));
    if (m != NULL)
        desk_crumb(v, page, manuscript_title(v, m->headline), manuscript_address(v, m->id, ""));
}

// ---- one way to save ---------------------------------------------------------------------------------------------------

struct putting {
    struct desk_visit *v;
    struct manuscript_put *put;
    struct problem problem;
    bool section_denied;
};

// At the field, of a form that has it.
static void say_section_denied(struct desk_visit *v) {
    if (desk_field(v, "section").n > 0)
        desk_problem(v, "section", W_DESK_SECTION_DENIED);
    else
        desk_fail(v, W_DESK_SECTION_DENIED);
}

// Into another section only with the right to write there, whatever brings it: a form, an older version, a merge.
static enum rc section_check(struct putting *p, struct db *db) {
    struct manuscript m;
    int64_t section_id = p->put->order.content.section_id;
    enum rc rc = manuscript_load(p->v->a, db, p->put->order.id, &m);
    if (rc != RC_OK || section_id == m.section_id)
        return rc;
    m.section_id = section_id;
    p->section_denied = !manuscript_may_edit(p->v, &m);
    return p->section_denied ? RC_INVALID : RC_OK;
}

static enum rc put_write(struct db *db, void *arg) {
    struct putting *p = arg;
    struct audit_who who = desk_who(p->v);
    enum rc rc = section_check(p, db);
    return rc != RC_OK ? rc
                       : manuscript_save(p->v->a, db, &who, &p->put->order, p->v->now, &p->put->saved, &p->put->id,
                                         &p->problem);
}

enum rc manuscript_put(struct desk_visit *v, struct manuscript_put *put) {
    struct putting p = {.v = v, .put = put};
    if (!str_to_i64(desk_field(v, "version"), &put->order.base_version))
        return RC_INVALID;
    enum rc rc = store_write(v->site->store, STORE_DURABLE, put_write, &p);
    if (rc != RC_INVALID && rc != RC_TOO_BIG)
        return rc;
    if (p.section_denied) {
        say_section_denied(v);
        return RC_INVALID;
    }
    v->said = desk_reason(v, &p.problem);
    v->said_is_problem = true;
    return RC_INVALID;
}

struct str manuscript_aside_address(struct desk_visit *v, int64_t id, int64_t aside, const char *rest) {
    return manuscript_address(v, id, str_fmt(v->a, "/aside/%lld%s", (long long)aside, rest).p);
}

enum rc manuscript_go(struct desk_visit *v, const struct manuscript_put *put, const char *rest, const char *said) {
    bool late = put->saved == SAVED_ASIDE;
    return desk_go(
        v, late ? manuscript_aside_address(v, put->order.id, put->id, "") : manuscript_address(v, put->order.id, rest),
        late ? NULL : said);
}

enum rc manuscript_put_and_go(struct desk_visit *v, struct manuscript_put *put, const char *rest, const char *said) {
    enum rc rc = manuscript_put(v, put);
    return rc == RC_OK ? manuscript_go(v, put, rest, said) : rc;
}

enum rc manuscript_keep(struct desk_visit *v, const struct manuscript *m, const struct content *c, const char *rest,
                        const char *said) {
    struct manuscript_put *put = ARENA_NEW(v->a, struct manuscript_put);
    put->order = (struct manuscript_saving){.id = m->id, .kind = VERSION_SAVED, .content = *c};
    return manuscript_put_and_go(v, put, rest, said);
}
