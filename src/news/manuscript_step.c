// SPDX-License-Identifier: AGPL-3.0-or-later
// The steps of a manuscript from its first line to its archive. Which step is possible from which state stands in one
// table; who may take it is the desk's to say. What the public has changes here and nowhere else, in one write with the
// manuscript's row.
#include "news/manuscript.h"

#define FROM(state) (UINT32_C(1) << MANUSCRIPT_##state)
const struct step_rule step_rules[STEP_COUNT] = {
    //                  name          from                                        needs_text  only_pending
    [STEP_SUBMIT] = {"submit", FROM(DRAFT), false, false},
    [STEP_RETURN] = {"return", FROM(REVIEW), true, false},
    [STEP_PUBLISH] = {"publish", FROM(DRAFT) | FROM(REVIEW) | FROM(OUT), false, false},
    [STEP_UNSCHEDULE] = {"unschedule", FROM(OUT), false, true},
    [STEP_CORRECT] = {"correct", FROM(OUT), true, false},
    [STEP_WITHDRAW] = {"withdraw", FROM(OUT) | FROM(ARCHIVED), true, false},
    [STEP_RESTORE] = {"restore", FROM(WITHDRAWN), false, false},
    [STEP_ARCHIVE] = {"archive", FROM(DRAFT) | FROM(OUT) | FROM(WITHDRAWN), false, false},
    [STEP_REOPEN] = {"reopen", FROM(ARCHIVED), false, false},
    [STEP_BREAKING] = {"breaking", FROM(OUT), false, false},
    [STEP_NOT_BREAKING] = {"not_breaking", FROM(OUT), false, false},
};

bool step_is_possible(const struct manuscript *m, enum manuscript_step step, int64_t now_us) {
    const struct step_rule *rule = &step_rules[step];
    bool pending = m->state == MANUSCRIPT_OUT && m->publish_at > now_us;
    if ((rule->from & (UINT32_C(1) << m->state)) == 0 || (rule->only_pending && !pending))
        return false;
    if (step == STEP_WITHDRAW && m->state == MANUSCRIPT_ARCHIVED)
        return m->published_version != 0; // readers have, or had, something at its address
    if (step == STEP_BREAKING || step == STEP_NOT_BREAKING)
        return (step == STEP_NOT_BREAKING) == (m->breaking_until > now_us) && (!pending || step == STEP_NOT_BREAKING);
    // What nobody has read yet is taken back to the desk, not corrected or withdrawn.
    return !pending || (step != STEP_CORRECT && step != STEP_WITHDRAW);
}

struct step {
    struct arena *arena;
    struct db *db;
    const struct step_order *order;
    const struct audit_who *who;
    int64_t now_us;
    struct manuscript m;
    struct news_changes *changes;
    struct problem *problem;
};

static enum rc state_set(struct step *s, enum manuscript_state state) {
    struct db_stmt *st = db_sql(s->db, "UPDATE manuscripts SET state = $2, number = $3, published_version = $4, "
                                       "publish_at = $5, translation_group = $6 WHERE id = $1");
    db_bind_i64(st, 1, s->m.id);
    db_bind_i64(st, 2, state);
    db_bind_i64(st, 3, s->m.number);
    db_bind_i64(st, 4, s->m.published_version);
    db_bind_i64(st, 5, state == MANUSCRIPT_OUT ? s->m.publish_at : 0);
    db_bind_i64(st, 6, s->m.translation_group);
    s->m.state = state;
    enum rc rc = db_run(st);
    if (rc == RC_OK)
        rc = ahead_mark(s->db, s->m.id);
    return rc == RC_OK ? translations_mark(s->db, s->m.id) : rc;
}

// ---- publishing --------------------------------------------------------------------------------------------------------

// Readers had it, whatever became of it since: what nobody had is a draft.
static bool was_read(const struct article *art, int64_t now_us) {
    return art->state != ARTICLE_DRAFT && art->published_at <= now_us;
}

// At its time; without one at once, but not before an embargo ends. What readers had keeps the time it went out at; what
// was scheduled, and nobody had, has none to keep.
static int64_t time_of(const struct content *c, const struct article *old, int64_t now_us) {
    int64_t at = c->publish_at != 0 ? c->publish_at : was_read(old, now_us) ? old->published_at : now_us;
    return at < c->embargo_until ? c->embargo_until : at;
}

static enum rc article_before(struct arena *a, struct db *db, const struct manuscript *m, struct article *out) {
    *out = (struct article){0};
    return m->number != 0 ? article_load(a, db, m->number, out) : RC_OK;
}

static bool is_public(const struct article *art, int64_t now_us) {
    return art->state == ARTICLE_PUBLISHED && art->published_at <= now_us;
}

// Does what a reader sees of it change? Only then the page says "last modified".
static bool reads_otherwise(struct arena *a, const struct article *old, const struct content *c) {
    struct content before, after = *c;
    content_of_article(a, old, &before);
    after.publish_at = before.publish_at;
    after.embargo_until = before.embargo_until;
    after.expires_at = before.expires_at;
    after.featured = before.featured;
    after.breaking = before.breaking;
    after.slug = before.slug;
    return !content_eq(&before, &after);
}

static void article_fill(struct arena *a, const struct manuscript *m, const struct content *c,
                         const struct article *old, int64_t now_us, struct article *out) {
    content_to_article(c, out);
    out->id = old->id;
    out->number = old->number;
    out->version = old->version;
    out->lang = m->lang;
    out->translation_group = m->translation_group;
    out->state = ARTICLE_PUBLISHED;
    out->published_at = time_of(c, old, now_us);
    out->modified_at = old->modified_at;
    if (out->slug.n == 0)
        out->slug = old->slug; // an address that was printed stays
    out->reads_base = old->reads_base;
    out->votes_base_sum = old->votes_base_sum;
    out->votes_base_count = old->votes_base_count;
    out->votes_estimated = old->votes_estimated;
    if (old->id != 0 && is_public(old, now_us) && reads_otherwise(a, old, c))
        out->modified_at = now_us;
}

static size_t names_of(struct arena *a, struct str lines, const struct str **out) {
    struct str *names = ARENA_ARRAY(a, struct str, ARTICLE_LINKS_MAX), name;
    size_t n = 0;
    while (n < ARTICLE_LINKS_MAX && str_next(&lines, '\n', &name))
        if (name.n > 0)
            names[n++] = name;
    *out = names;
    return n;
}

static enum rc article_put(struct step *s, struct article *art) {
    struct article_links links;
    links.tag_count = names_of(s->arena, s->m.content.tags, &links.tags);
    links.people_count = names_of(s->arena, s->m.content.people, &links.people);
    return article_save(s->arena, s->db, art, &links, s->changes, s->problem);
}

static bool is_over(const struct article *art, int64_t now_us) {
    return art->expires_at != 0 && art->expires_at <= now_us;
}

// What goes out as breaking news for the first time stands in the banner from then on; what is published again, also out
// of the archive or after it was withdrawn, does not begin anew. What its time has taken down already would end another's
// banner for nothing.
static enum rc banner_follow(struct step *s, const struct article *old, const struct article *art) {
    bool was = old->breaking && was_read(old, s->now_us);
    if (art->breaking && !was && is_over(art, s->now_us))
        return breaking_drop(s->db, art->number, art->lang, s->now_us, s->changes);
    if (art->breaking && !was)
        return breaking_mark(s->db, art->number, art->lang, art->published_at, s->now_us, s->changes);
    if (!art->breaking && old->breaking)
        return breaking_drop(s->db, art->number, art->lang, s->now_us, s->changes);
    return RC_OK;
}

// What readers have stays before their eyes: an address that answered, be it with a notice, would answer 404 until then.
static bool would_vanish(const struct content *c, const struct article *old, int64_t now_us) {
    return was_read(old, now_us) && time_of(c, old, now_us) > now_us;
}

enum rc manuscript_lacks(struct arena *a, struct db *db, const struct manuscript *m, int64_t now_us,
                         const char *lacks_out[CONTENT_LACKS_MAX], size_t *count_out) {
    struct article old;
    *count_out = 0;
    enum rc rc = article_before(a, db, m, &old);
    if (rc != RC_OK)
        return rc;
    *count_out = content_lacks(a, db, m->lang, &m->content, lacks_out);
    if (old.id != 0 && would_vanish(&m->content, &old, now_us))
        lacks_out[(*count_out)++] = "need_no_later_time";
    return RC_OK;
}

static enum rc publish(struct step *s) {
    const char *lacks[CONTENT_LACKS_MAX];
    struct article old, art;
    size_t lacking;
    enum rc rc = manuscript_lacks(s->arena, s->db, &s->m, s->now_us, lacks, &lacking);
    if (rc == RC_OK && lacking > 0)
        rc = problem_set(s->problem, RC_INVALID, "%s", lacks[0]);
    if (rc == RC_OK)
        rc = article_before(s->arena, s->db, &s->m, &old);
    if (rc != RC_OK)
        return rc;
    article_fill(s->arena, &s->m, &s->m.content, &old, s->now_us, &art);
    rc = article_put(s, &art);
    if (rc == RC_OK)
        rc = banner_follow(s, &old, &art);
    if (rc != RC_OK)
        return rc;
    s->m.number = art.number;
    s->m.translation_group = art.translation_group;
    s->m.published_version = s->m.version;
    s->m.publish_at = art.published_at;
    return state_set(s, MANUSCRIPT_OUT);
}

enum rc manuscript_as_article(struct arena *a, struct db *db, const struct manuscript *m, const struct content *content,
                              int64_t now_us, struct article *out) {
    struct article old;
    const struct str *names;
    enum rc rc = article_before(a, db, m, &old);
    if (rc != RC_OK)
        return rc;
    article_fill(a, m, content, &old, now_us, out);
    rc = section_by_id(a, db, content->section_id, &out->section);
    if (rc != RC_OK && rc != RC_NOT_FOUND) // none chosen yet: the page has no section line
        return rc;
    size_t n = names_of(a, content->people, &names);
    out->people = ARENA_ARRAY(a, struct person, n + 1);
    for (; out->people_count < n; out->people_count++)
        out->people[out->people_count].name = names[out->people_count];
    n = names_of(a, content->tags, &names);
    out->tags = ARENA_ARRAY(a, struct tag, n + 1);
    for (; out->tag_count < n; out->tag_count++)
        out->tags[out->tag_count] = (struct tag){.lang = m->lang, .name = names[out->tag_count]};
    out->corrections = old.corrections;
    out->correction_count = old.correction_count;
    out->votes_sum = old.votes_sum;
    out->votes_count = old.votes_count;
    return RC_OK;
}

// ---- taking back ---------------------------------------------------------------------------------------------------------

// The article leaves the public's lists without a notice: unscheduled, or archived.
static enum rc article_hide(struct step *s, enum article_state state) {
    struct article art;
    if (s->m.number == 0)
        return RC_OK;
    enum rc rc = article_load(s->arena, s->db, s->m.number, &art);
    if (rc != RC_OK)
        return rc;
    struct article_links links = {0};
    struct str tags[ARTICLE_LINKS_MAX], people[ARTICLE_LINKS_MAX];
    for (; links.tag_count < art.tag_count; links.tag_count++)
        tags[links.tag_count] = art.tags[links.tag_count].name;
    for (; links.people_count < art.people_count; links.people_count++)
        people[links.people_count] = art.people[links.people_count].name;
    links.tags = tags;
    links.people = people;
    art.state = state;
    rc = article_save(s->arena, s->db, &art, &links, s->changes, s->problem);
    return rc == RC_OK ? breaking_drop(s->db, s->m.number, s->m.lang, s->now_us, s->changes) : rc;
}

static enum rc unschedule(struct step *s) {
    enum rc rc = article_hide(s, ARTICLE_DRAFT);
    s->m.published_version = 0;
    return rc == RC_OK ? state_set(s, MANUSCRIPT_REVIEW) : rc;
}

// What readers had keeps its page at its address, and what was withdrawn its notice; what nobody had is a draft.
static enum rc archive(struct step *s) {
    struct article art;
    enum rc rc = article_before(s->arena, s->db, &s->m, &art);
    bool had = is_public(&art, s->now_us) || art.state == ARTICLE_WITHDRAWN || art.state == ARTICLE_ARCHIVED;
    if (rc == RC_OK && art.state != ARTICLE_WITHDRAWN)
        rc = article_hide(s, had ? ARTICLE_ARCHIVED : ARTICLE_DRAFT);
    if (!had)
        s->m.published_version = 0;
    return rc == RC_OK ? state_set(s, MANUSCRIPT_ARCHIVED) : rc;
}

static enum rc withdraw(struct step *s) {
    enum rc rc = article_withdraw(s->arena, s->db, s->m.number, s->order->text, s->now_us, s->changes, s->problem);
    if (rc == RC_OK)
        rc = breaking_drop(s->db, s->m.number, s->m.lang, s->now_us, s->changes);
    return rc == RC_OK ? state_set(s, MANUSCRIPT_WITHDRAWN) : rc;
}

// What was taken down by its time would be marked in vain.
static enum rc mark_breaking(struct step *s) {
    struct article art;
    enum rc rc = article_load(s->arena, s->db, s->m.number, &art);
    if (rc == RC_OK && (!is_public(&art, s->now_us) || is_over(&art, s->now_us)))
        rc = problem_set(s->problem, RC_INVALID, "breaking_not_public");
    return rc == RC_OK ? breaking_mark(s->db, s->m.number, s->m.lang, s->now_us, s->now_us, s->changes) : rc;
}

static enum rc correct(struct step *s) {
    enum rc rc = article_correct(s->arena, s->db, s->m.number, s->order->text, s->now_us, s->changes, s->problem);
    return rc == RC_TOO_BIG ? problem_word(s->problem, rc, W_REASON_CORRECTIONS_FULL, 0, STR_NONE) : rc;
}

static enum rc give_back(struct step *s) {
    enum rc rc = note_add(s->db, s->who, s->m.id, s->order->text, s->now_us);
    if (rc == RC_INVALID) // not empty, and UTF-8
        rc = problem_word(s->problem, rc, W_FORM_TOO_LONG, 0, STR_NONE);
    return rc == RC_OK ? state_set(s, MANUSCRIPT_DRAFT) : rc;
}

// ---- one order -----------------------------------------------------------------------------------------------------------

static enum rc step_take(struct step *s) {
    switch (s->order->step) {
    case STEP_SUBMIT:
        return state_set(s, MANUSCRIPT_REVIEW);
    case STEP_RETURN:
        return give_back(s);
    case STEP_PUBLISH:
        return publish(s);
    case STEP_UNSCHEDULE:
        return unschedule(s);
    case STEP_CORRECT:
        return correct(s);
    case STEP_WITHDRAW:
        return withdraw(s);
    case STEP_RESTORE:
    case STEP_REOPEN:
        return state_set(s, MANUSCRIPT_DRAFT);
    case STEP_ARCHIVE:
        return archive(s);
    case STEP_BREAKING:
        return mark_breaking(s);
    case STEP_NOT_BREAKING:
        return breaking_drop(s->db, s->m.number, s->m.lang, s->now_us, s->changes);
    case STEP_COUNT:
        break;
    }
    return RC_INVALID;
}

static enum rc order_check(const struct step *s) {
    if (s->order->step >= STEP_COUNT)
        return RC_INVALID;
    if (s->m.version != s->order->version)
        return problem_word(s->problem, RC_CONFLICT, W_REASON_STALE, 0, STR_NONE);
    if (!step_is_possible(&s->m, s->order->step, s->now_us))
        return problem_set(s->problem, RC_DENIED, "step_denied");
    bool wanting = step_rules[s->order->step].needs_text && str_trim(s->order->text).n == 0;
    return wanting ? problem_set(s->problem, RC_INVALID, "say_why") : RC_OK;
}

enum rc manuscript_do(struct arena *a, struct db *db, const struct audit_who *who, const struct step_order *order,
                      int64_t now_us, int64_t *number_out, struct news_changes *c, struct problem *p) {
    struct step s = {.arena = a, .db = db, .order = order, .who = who, .now_us = now_us, .changes = c, .problem = p};
    enum rc rc = manuscript_load(a, db, order->id, &s.m);
    if (rc == RC_OK)
        rc = order_check(&s);
    struct str was = rc == RC_OK ? manuscript_state_name(s.m.state) : STR_NONE;
    if (rc == RC_OK)
        rc = step_take(&s);
    if (rc == RC_OK)
        rc = manuscript_audit(db, who, step_rules[order->step].name, s.m.id, was,
                              order->text.n > 0 ? order->text : s.m.headline);
    *number_out = s.m.number;
    return rc;
}
