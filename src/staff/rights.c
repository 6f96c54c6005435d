// SPDX-License-Identifier: AGPL-3.0-or-later
// The one table of who may do what. What is not in it may nobody.
//
// In a newsroom: a reporter keeps what he began until he hands it in; from then on it is the desk's, and the desk is
// who has the language and the section. What is out he may write anew, for an editor to publish. A translator reads everything, because the source is in another language, and
// writes in his own languages. An editor decides about what his desk publishes. Pictures and people have no language,
// so an editor's hand on them reaches the whole station. Engineers keep it running and have no business with articles;
// the integrity officer's work is elsewhere too: what a complaint is about is public, and a draft is nobody's but the
// newsroom's. An administrator is the editor of every desk and the only one who lets people in.
#include "staff/staff.h"

enum reach { NEVER, OWN, WITHIN, ALWAYS };

enum { ROLES = 6 };

static const struct {
    enum staff_action action;
    uint8_t reporter, editor, translator, engineer, integrity, admin; // enum reach
} table[MAY_COUNT] = {
    {MAY_READ_DESK, WITHIN, ALWAYS, ALWAYS, NEVER, NEVER, ALWAYS},
    {MAY_WRITE_ARTICLE, OWN, WITHIN, WITHIN, NEVER, NEVER, ALWAYS},
    {MAY_EDIT_REVIEW, NEVER, WITHIN, NEVER, NEVER, NEVER, ALWAYS},
    {MAY_EDIT_OUT, OWN, WITHIN, WITHIN, NEVER, NEVER, ALWAYS},
    {MAY_SUBMIT, OWN, WITHIN, WITHIN, NEVER, NEVER, ALWAYS},
    {MAY_PUBLISH, NEVER, WITHIN, NEVER, NEVER, NEVER, ALWAYS},
    {MAY_CORRECT, NEVER, WITHIN, NEVER, NEVER, NEVER, ALWAYS},
    {MAY_WITHDRAW, NEVER, WITHIN, NEVER, NEVER, NEVER, ALWAYS},
    {MAY_ARCHIVE, NEVER, WITHIN, NEVER, NEVER, NEVER, ALWAYS},
    {MAY_TAKE_LEASE, OWN, WITHIN, OWN, NEVER, NEVER, ALWAYS},
    {MAY_ADD_MEDIA, ALWAYS, ALWAYS, ALWAYS, NEVER, NEVER, ALWAYS},
    {MAY_EDIT_MEDIA, OWN, ALWAYS, WITHIN, NEVER, NEVER, ALWAYS},
    {MAY_EDIT_PAGES, NEVER, WITHIN, NEVER, NEVER, NEVER, ALWAYS},
    {MAY_EDIT_SECTIONS, NEVER, WITHIN, NEVER, NEVER, NEVER, ALWAYS},
    {MAY_EDIT_PEOPLE, NEVER, ALWAYS, NEVER, NEVER, NEVER, ALWAYS},
    {MAY_EDIT_REDIRECTS, NEVER, WITHIN, NEVER, NEVER, NEVER, ALWAYS},
    {MAY_READ_MESSAGES, NEVER, WITHIN, NEVER, NEVER, NEVER, ALWAYS},
    {MAY_EDIT_SETTINGS, NEVER, NEVER, NEVER, NEVER, NEVER, ALWAYS},
    {MAY_EDIT_TECHNICAL, NEVER, NEVER, NEVER, ALWAYS, NEVER, ALWAYS},
    {MAY_EDIT_ACCOUNTS, NEVER, NEVER, NEVER, NEVER, NEVER, ALWAYS},
    {MAY_READ_AUDIT, NEVER, NEVER, NEVER, NEVER, NEVER, ALWAYS},
    {MAY_READ_SYSTEM, NEVER, NEVER, NEVER, ALWAYS, NEVER, ALWAYS},
    {MAY_READ_STATISTICS, WITHIN, ALWAYS, WITHIN, ALWAYS, NEVER, ALWAYS},
};

// The most that one of the account's roles gives.
static enum reach reach_of(const struct account *acc, enum staff_action action) {
    uint8_t most = NEVER;
    if (acc->state != ACCOUNT_ACTIVE)
        return NEVER;
    for (size_t i = 0; i < MAY_COUNT; i++) {
        if (table[i].action != action)
            continue;
        const uint8_t of[ROLES] = {table[i].reporter, table[i].editor,    table[i].translator,
                                   table[i].engineer, table[i].integrity, table[i].admin};
        for (unsigned role = 0; role < ROLES; role++)
            if ((acc->roles & 1U << role) != 0 && of[role] > most)
                most = of[role];
    }
    return (enum reach)most;
}

static bool has_section(const struct account *acc, int64_t id) {
    for (size_t i = 0; i < acc->section_count; i++)
        if (acc->sections[i] == id)
            return true;
    return false;
}

static bool has_language(const struct account *acc, enum text_lang lang) {
    return lang < LANG_COUNT && (acc->languages & UINT32_C(1) << lang) != 0;
}

// One's own: what it does not have yet, a language or a section, does not matter.
static bool is_own(const struct account *acc, const struct staff_object *o) {
    return o->owner != 0 && o->owner == acc->id &&
           (acc->languages == 0 || o->lang == LANG_COUNT || has_language(acc, o->lang)) &&
           (acc->section_count == 0 || o->section_id == 0 || has_section(acc, o->section_id));
}

// The whole station or a whole language belongs to accounts without that limit only.
static bool is_within(const struct account *acc, const struct staff_object *o) {
    return (acc->languages == 0 || has_language(acc, o->lang)) &&
           (acc->section_count == 0 || has_section(acc, o->section_id));
}

bool staff_may(const struct account *acc, enum staff_action action, const struct staff_object *object) {
    switch (reach_of(acc, action)) {
    case ALWAYS:
        return true;
    case WITHIN:
        return is_within(acc, object) || is_own(acc, object);
    case OWN:
        return is_own(acc, object);
    case NEVER:
        break;
    }
    return false;
}

bool staff_may_somewhere(const struct account *acc, enum staff_action action) {
    return reach_of(acc, action) != NEVER;
}
