// SPDX-License-Identifier: AGPL-3.0-or-later
// One row per entry: group, label, a sentence for the home page, address, what one must be able to do to see it, and to
// how much: an entry leads to a page that opens. The page decides again.
#include "desk/menu.h"
#include "desk/page.h"

enum { EVERYBODY = -1 };
enum reach {
    SOMETHING,  // to anything at all: the page shows what it may be done to
    A_LANGUAGE, // to a language as a whole: whoever has only sections of it has nothing there
};

struct entry {
    enum text_word group, label, note;
    const char *address;
    int action; // enum staff_action, or EVERYBODY
    enum reach reach;
};
static const struct entry entries[] = {
    {W_DESK_GROUP_WORK, W_DESK_HOME, W_DESK_HOME, "/desk/", EVERYBODY, SOMETHING},
    {W_DESK_GROUP_WORK, W_DESK_ARTICLES, W_DESK_ARTICLES_NOTE, "/desk/articles", MAY_READ_DESK, SOMETHING},
    {W_DESK_GROUP_WORK, W_DESK_PUBLISHED_LIST, W_DESK_PUBLISHED_LIST_NOTE, "/desk/published", MAY_READ_DESK, SOMETHING},
    {W_DESK_GROUP_WORK, W_DESK_MEDIA, W_DESK_MEDIA_NOTE, "/desk/media", MAY_ADD_MEDIA, SOMETHING},
    {W_DESK_GROUP_WORK, W_DESK_MESSAGES, W_DESK_MESSAGES_NOTE, "/desk/messages", MAY_READ_MESSAGES, A_LANGUAGE},
    {W_DESK_GROUP_STATION, W_DESK_FRONT, W_DESK_FRONT_NOTE, "/desk/front", MAY_EDIT_PAGES, A_LANGUAGE},
    {W_DESK_GROUP_STATION, W_DESK_PAGES, W_DESK_PAGES_NOTE, "/desk/pages", MAY_EDIT_PAGES, A_LANGUAGE},
    {W_DESK_GROUP_STATION, W_DESK_SECTIONS, W_DESK_SECTIONS_NOTE, "/desk/sections", MAY_EDIT_SECTIONS, A_LANGUAGE},
    {W_DESK_GROUP_STATION, W_DESK_TAGS, W_DESK_TAGS_NOTE, "/desk/tags", MAY_EDIT_SECTIONS, A_LANGUAGE},
    {W_DESK_GROUP_STATION, W_DESK_NAMES, W_DESK_PEOPLE_NOTE, "/desk/people", MAY_EDIT_PEOPLE, SOMETHING},
    {W_DESK_GROUP_STATION, W_DESK_FIELDS, W_DESK_FIELDS_NOTE, "/desk/fields", MAY_EDIT_SETTINGS, SOMETHING},
    {W_DESK_GROUP_STATION, W_DESK_MENUS, W_DESK_MENUS_NOTE, "/desk/menus", MAY_EDIT_SETTINGS, SOMETHING},
    {W_DESK_GROUP_STATION, W_DESK_REDIRECTS, W_DESK_REDIRECTS_NOTE, "/desk/redirects", MAY_EDIT_REDIRECTS, A_LANGUAGE},
    {W_DESK_GROUP_STATION, W_DESK_STATION, W_DESK_STATION_NOTE, "/desk/station", MAY_EDIT_SETTINGS, SOMETHING},
    {W_DESK_GROUP_STATION, W_DESK_SERVICES, W_DESK_SERVICES_NOTE, "/desk/services", MAY_EDIT_TECHNICAL, SOMETHING},
    {W_DESK_GROUP_STATION, W_DESK_PARAMETERS, W_DESK_PARAMETERS_NOTE, "/desk/parameters", MAY_EDIT_TECHNICAL,
     SOMETHING},
    {W_DESK_GROUP_STATION, W_DESK_ACCOUNTS, W_DESK_ACCOUNTS_NOTE, "/desk/accounts", MAY_EDIT_ACCOUNTS, SOMETHING},
    {W_DESK_GROUP_STATION, W_DESK_STATISTICS, W_DESK_STATISTICS_NOTE, "/desk/statistics", MAY_READ_STATISTICS,
     SOMETHING},
    {W_DESK_GROUP_STATION, W_AUDIENCE, W_AUDIENCE_NOTE, "/desk/audience", MAY_READ_STATISTICS, SOMETHING},
    {W_DESK_GROUP_STATION, W_IMPORT, W_IMPORT_NOTE, "/desk/import", MAY_PUBLISH, SOMETHING},
    {W_DESK_GROUP_STATION, W_DESK_SYSTEM, W_DESK_SYSTEM_NOTE, "/desk/system", MAY_READ_SYSTEM, SOMETHING},
    {W_DESK_GROUP_STATION, W_BACKUPS, W_BACKUPS_NOTE, "/desk/backups", MAY_READ_SYSTEM, SOMETHING},
    {W_DESK_GROUP_STATION, W_DESK_AUDIT, W_DESK_AUDIT_NOTE, "/desk/audit", MAY_READ_AUDIT, SOMETHING},
    {W_DESK_GROUP_OWN, W_DESK_ACCOUNT, W_DESK_ACCOUNT_NOTE, "/desk/account", EVERYBODY, SOMETHING},
};

static bool has_a_language(const struct account *account, enum staff_action action) {
    for (int l = 0; l < LANG_COUNT; l++)
        if (staff_may(account, action, &(struct staff_object){.lang = (enum text_lang)l}))
            return true;
    return false;
}

static bool sees(const struct desk_visit *v, const struct entry *e) {
    enum staff_action action = (enum staff_action)e->action;
    return e->action == EVERYBODY ||
           (e->reach == A_LANGUAGE ? has_a_language(v->account, action) : staff_may_somewhere(v->account, action));
}

static bool is_below(struct str path, struct str address) {
    return str_starts(path, address) && (path.n == address.n || path.p[address.n] == '/');
}

// The page itself, one below it, or one of those that are reached from it and have addresses of their own.
static bool is_here(const struct desk_visit *v, const struct entry *e) {
    struct str path = v->req->path, address = str_from(e->address);
    if (str_eq(address, STR("/desk/")))
        return str_eq(path, address);
    return is_below(path, address) || (e->label == W_DESK_SERVICES &&
                                       (is_below(path, STR("/desk/streams")) || is_below(path, STR("/desk/radio"))));
}

void desk_menu(struct desk_visit *v, struct view_desk_frame *frame) {
    enum { COUNT = sizeof(entries) / sizeof(entries[0]) };
    frame->menus.items = ARENA_ARRAY(v->a, struct view_desk_menu, COUNT);
    struct view_desk_menu *menu = NULL;
    enum text_word group = W_COUNT;
    for (size_t i = 0; i < COUNT; i++) {
        const struct entry *e = &entries[i];
        if (!sees(v, e))
            continue;
        if (menu == NULL || e->group != group) {
            menu = &frame->menus.items[frame->menus.n++];
            menu->label = desk_word(v, e->group);
            group = e->group;
        }
        desk_link(v, &menu->entries, desk_word(v, e->label), str_from(e->address), STR_NONE);
        menu->entries.items[menu->entries.n - 1].current = is_here(v, e);
    }
}

void desk_menu_tiles(struct desk_visit *v, struct view_desk_links *out) {
    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
        if (entries[i].note != entries[i].label && sees(v, &entries[i]))
            desk_link(v, out, desk_word(v, entries[i].label), str_from(entries[i].address),
                      desk_word(v, entries[i].note));
}
