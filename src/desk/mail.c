// SPDX-License-Identifier: AGPL-3.0-or-later
// What the letters say, and who gets one.
#include "desk/mail.h"
#include "desk/desk.h"
#include "desk/page.h"
#include "desk/services_words.h"

enum { READERS_MAX = 50, NOTICE_DAYS = 3, MESSAGE_MINUTES = 10 };

// ---- one letter ------------------------------------------------------------------------------------------------------

struct letter_words {
    enum text_word title, text;
    struct str about;    // {0} of the title
    struct str one, two; // {0} and {1} of the text
    struct str more;     // stands by itself, below; may be empty
    int64_t then;        // instead of it: when readers have it; 0: not said
    struct str address;  // of the station, from the slash on
};

static struct str letter_text(struct desk_visit *v, enum text_lang lang, struct str station,
                              const struct letter_words *w) {
    struct str text = text_phrase(v->a, lang, w->text, 0, w->one, w->two), more = w->more;
    if (w->then != 0)
        more = text_phrase(v->a, lang, W_DESK_PUBLISH_THEN, 0, desk_date_in(v, lang, w->then), STR_NONE);
    struct str foot = text_phrase(v->a, lang, W_MAIL_FOOT, 0, station, STR_NONE);
    return str_fmt(v->a, "%.*s\n\n%.*s%s%.*s%.*s\n\n-- \n%.*s\n", STR_ARG(text), STR_ARG(more),
                   more.n > 0 ? "\n\n" : "", STR_ARG(v->site->origin), STR_ARG(w->address), STR_ARG(foot));
}

static enum rc letter_add(struct desk_visit *v, struct db *db, const struct account *to, struct str key,
                          const struct letter_words *w, int64_t until, bool *sent_out) {
    struct str station = setting_get(v->a, db, "station_name", to->desk_lang);
    struct mail mail = {.to = to->login,
                        .name = station,
                        .title = text_phrase(v->a, to->desk_lang, w->title, 0, w->about, STR_NONE),
                        .text = letter_text(v, to->desk_lang, station, w),
                        .until_us = until};
    return mail_add(v->a, db, key, &mail, v->now, sent_out);
}

enum rc mail_link(struct desk_visit *v, struct db *db, const struct account *acc, struct str token, struct str key,
                  bool *sent_out) {
    struct str station = setting_get(v->a, db, "station_name", acc->desk_lang);
    struct letter_words w = {.title = acc->has_password ? W_MAIL_RESET_TITLE : W_MAIL_INVITE_TITLE,
                             .text = acc->has_password ? W_MAIL_RESET_TEXT : W_MAIL_INVITE_TEXT,
                             .about = station,
                             .one = station,
                             .more = acc->has_password ? text_word(acc->desk_lang, W_MAIL_NOT_ASKED) : STR_NONE,
                             .address = str_fmt(v->a, "/desk/link/%.*s", STR_ARG(token))};
    *sent_out = false;
    if (!v->site->sends_mail)
        return RC_OK;
    if (key.n == 0)
        key = str_fmt(v->a, "link-%lld", (long long)id_next());
    return letter_add(v, db, acc, key, &w, v->now + LINK_HOURS * 3600 * US_PER_SECOND, sent_out);
}

enum rc mail_test(struct desk_visit *v, struct db *db, struct str key, int64_t until, bool *sent_out) {
    struct str station = setting_get(v->a, db, "station_name", v->account->desk_lang);
    struct letter_words w = {.title = W_MAIL_TEST_TITLE,
                             .text = W_MAIL_TEST_TEXT,
                             .about = station,
                             .one = v->account->name,
                             .two = station,
                             .address = STR("/desk/parameters/mail")};
    return letter_add(v, db, v->account, key, &w, until, sent_out);
}

// ---- a reader wrote ----------------------------------------------------------------------------------------------------

static enum rc message_letter(struct desk_visit *v, struct db *db, const struct account *to, const struct message *m) {
    enum text_lang lang = to->desk_lang;
    enum text_word topic;
    must(text_word_find(str_fmt(v->a, "contact_topic_%.*s", STR_ARG(message_topic_name(m->topic))), &topic));
    struct letter_words w = {.title = W_MAIL_MESSAGE_TITLE,
                             .text = W_MAIL_MESSAGE_TEXT,
                             .about = text_lang_name(m->lang),
                             .one = text_lang_name(m->lang),
                             .two = text_word(lang, topic),
                             .address = STR("/desk/messages")};
    struct str key = str_fmt(v->a, "message-%.*s-%lld-%lld", STR_ARG(text_lang_code(m->lang)), (long long)to->id,
                             (long long)(v->now / (MESSAGE_MINUTES * 60 * US_PER_SECOND)));
    bool sent;
    return letter_add(v, db, to, key, &w, v->now + NOTICE_DAYS * US_PER_DAY, &sent);
}

static enum rc message_letters(struct desk_visit *v, struct db *db, const struct message *m) {
    struct account *all;
    size_t count, letters = 0;
    struct staff_object object = {m->lang, 0, 0};
    enum rc rc = account_list(v->a, db, &all, &count);
    for (size_t i = 0; rc == RC_OK && i < count && letters < READERS_MAX; i++)
        if (all[i].state == ACCOUNT_ACTIVE && staff_may(&all[i], MAY_READ_MESSAGES, &object)) {
            rc = message_letter(v, db, &all[i], m);
            letters++;
        }
    return rc;
}

enum rc desk_message_came(struct site *site, struct arena *a, struct db *db, const struct message *m, int64_t now_us) {
    struct desk_visit v = {.a = a, .site = site, .now = now_us};
    struct str station = setting_get(a, db, "contact_email", m->lang);
    if (!site->sends_mail)
        return RC_OK;
    struct account itself = {.login = station, .desk_lang = m->lang};
    return station.n > 0 ? message_letter(&v, db, &itself, m) : message_letters(&v, db, m);
}

// ---- the radio ---------------------------------------------------------------------------------------------------------

static enum rc alarm_letter(struct desk_visit *v, struct db *db, const struct account *to,
                            const struct services_alarm *alarm) {
    enum text_lang lang = to->desk_lang;
    struct str of = alarm->stream.n > 0 ? alarm->stream : text_word(lang, W_PROCESS_RADIO);
    struct str name = text_word(lang, services_alarm_word(alarm->alarm));
    struct letter_words w = {.title = alarm->is_over ? W_MAIL_ALARM_OVER_TITLE : W_MAIL_ALARM_TITLE,
                             .text = alarm->is_over ? W_MAIL_ALARM_OVER_TEXT : services_attend_word(alarm->alarm),
                             .about = str_fmt(v->a, "%.*s: %.*s", STR_ARG(of), STR_ARG(name)),
                             .one = of,
                             .two = name,
                             .more = alarm->is_over ? STR_NONE : services_refusal_text(v, lang, &alarm->refusal),
                             .address = alarm->stream.n > 0
                                            ? str_fmt(v->a, "/desk/streams/%.*s", STR_ARG(alarm->stream))
                                            : STR("/desk/services")};
    struct str key = str_fmt(v->a, "radio-%.*s-%u-%d-%lld-%lld", STR_ARG(alarm->stream), alarm->alarm, alarm->is_over,
                             (long long)alarm->at_us, (long long)to->id);
    bool sent;
    return letter_add(v, db, to, key, &w, v->now + NOTICE_DAYS * US_PER_DAY, &sent);
}

enum rc mail_alarm(struct desk_visit *v, struct db *db, const struct services_alarm *alarm) {
    struct account *all;
    size_t count, letters = 0;
    enum rc rc = account_list(v->a, db, &all, &count);
    for (size_t i = 0; rc == RC_OK && i < count && letters < READERS_MAX; i++)
        if (all[i].state == ACCOUNT_ACTIVE && staff_may_somewhere(&all[i], MAY_EDIT_TECHNICAL)) {
            rc = alarm_letter(v, db, &all[i], alarm);
            letters++;
        }
    return rc;
}

// ---- notices -----------------------------------------------------------------------------------------------------------

struct notice {
    enum text_word title, text;
    bool to_editors; // else to its author
    bool with_note;  // what was said with the step
};

static bool notice_of(enum manuscript_step step, bool pending, struct notice *out) {
    switch (step) {
    case STEP_SUBMIT:
        *out = (struct notice){W_MAIL_SUBMITTED_TITLE, W_MAIL_SUBMITTED_TEXT, true, false};
        return true;
    case STEP_RETURN:
        *out = (struct notice){W_MAIL_RETURNED_TITLE, W_MAIL_RETURNED_TEXT, false, true};
        return true;
    case STEP_PUBLISH:
        *out = pending ? (struct notice){W_MAIL_SCHEDULED_TITLE, W_MAIL_SCHEDULED_TEXT, false, false}
                       : (struct notice){W_MAIL_PUBLISHED_TITLE, W_MAIL_PUBLISHED_TEXT, false, false};
        return true;
    case STEP_UNSCHEDULE:
        *out = (struct notice){W_MAIL_UNSCHEDULED_TITLE, W_MAIL_UNSCHEDULED_TEXT, false, false};
        return true;
    default:
        return false;
    }
}

static bool edits(const struct account *acc, const struct manuscript *m, uint32_t role) {
    struct staff_object object = {m->lang, m->section_id, m->owner_id};
    return (acc->roles & role) != 0 && staff_may(acc, MAY_PUBLISH, &object);
}

// The desk's editors; where there is none, whoever lets people in.
static uint32_t role_of_editors(const struct account *all, size_t count, const struct manuscript *m) {
    for (size_t i = 0; i < count; i++)
        if (edits(&all[i], m, STAFF_EDITOR))
            return STAFF_EDITOR;
    return STAFF_ADMIN;
}

static bool is_reader(const struct desk_visit *v, const struct account *acc, const struct manuscript *m,
                      const struct notice *notice, uint32_t role) {
    if (acc->state != ACCOUNT_ACTIVE || acc->id == v->account->id)
        return false;
    return notice->to_editors ? edits(acc, m, role) : acc->id == m->owner_id;
}

enum rc mail_step(struct desk_visit *v, struct db *db, const struct manuscript *m, const struct step_order *order) {
    struct notice notice;
    struct account *all;
    size_t count, letters = 0;
    bool sent;
    bool pending = m->state == MANUSCRIPT_OUT && m->publish_at > v->now;
    if (!v->site->sends_mail || !notice_of(order->step, pending, &notice))
        return RC_OK;
    enum rc rc = account_list(v->a, db, &all, &count);
    struct letter_words w = {.title = notice.title,
                             .text = notice.text,
                             .about = m->headline,
                             .one = v->account->name,
                             .two = m->headline,
                             .more = notice.with_note ? order->text : STR_NONE,
                             .then = pending ? m->publish_at : 0,
                             .address = str_fmt(v->a, "/desk/articles/%lld", (long long)m->id)};
    uint32_t role = rc == RC_OK ? role_of_editors(all, count, m) : 0;
    int64_t event = id_next();
    for (size_t i = 0; rc == RC_OK && i < count && letters < READERS_MAX; i++)
        if (is_reader(v, &all[i], m, &notice, role)) {
            struct str key = str_fmt(v->a, "step-%lld-%lld", (long long)event, (long long)all[i].id);
            rc = letter_add(v, db, &all[i], key, &w, v->now + NOTICE_DAYS * US_PER_DAY, &sent);
            letters++;
        }
    return rc;
}
