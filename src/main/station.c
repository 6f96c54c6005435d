// SPDX-License-Identifier: AGPL-3.0-or-later
// Opens and closes a station's database and reads the settings every command needs.
#include "main/station.h"

void station_start(void) {
    static bool started;
    if (started)
        return;
    started = true;
    text_start();
    search_start();
}

static uint32_t languages_of(struct str codes) {
    uint32_t bits = 0;
    struct str code;
    while (str_next(&codes, ' ', &code)) {
        enum text_lang lang;
        if (text_lang_find(code, &lang))
            bits |= UINT32_C(1) << lang;
    }
    return bits;
}

// A station's settings are checked when they are written; one that went missing must not keep it from starting.
enum rc station_read_settings(struct station *s, struct problem *p) {
    struct arena *a = arena_new(1 << 16);
    struct str zone = setting_get(a, s->db, "station_zone", LANG_COUNT);
    s->languages = languages_of(setting_get(a, s->db, "languages", LANG_COUNT));
    if (s->languages == 0)
        s->languages = (UINT32_C(1) << LANG_COUNT) - 1;
    enum rc rc = text_zone_find(zone.n > 0 ? zone : STR("UTC"), &s->zone);
    if (rc != RC_OK)
        rc = problem_set(p, RC_INVALID, "the station's time zone \"%.*s\" is unknown here; is tzdata installed?",
                         STR_ARG(zone));
    if (!text_lang_find(setting_get(a, s->db, "default_lang", LANG_COUNT), &s->default_lang) ||
        (s->languages & (UINT32_C(1) << s->default_lang)) == 0)
        for (int lang = LANG_COUNT - 1; lang >= 0; lang--)
            if (s->languages & (UINT32_C(1) << lang))
                s->default_lang = (enum text_lang)lang;
    arena_free(&a);
    return rc;
}

struct str station_name(struct arena *a, struct station *s) {
    struct str name = setting_get(a, s->db, "station_name", s->default_lang);
    return name.n > 0 ? name : setting_get(a, s->db, "station_name", LANG_COUNT);
}

enum rc station_open(struct station *s, const char *dir, bool create, struct problem *p) {
    *s = (struct station){.dir = dir};
    enum rc rc = store_open(dir, create, &s->store, p);
    if (rc == RC_OK)
        rc = store_reader_new(s->store, &s->db, p);
    if (rc == RC_OK)
        rc = audit_journal_open(dir, s->store, &s->journal, p);
    if (rc == RC_OK)
        rc = station_read_settings(s, p);
    if (rc != RC_OK)
        station_close(s);
    return rc;
}

enum rc station_open_counters(struct station *s, struct problem *p) {
    return counters_open(s->dir, s->store, &s->counters, p);
}

void station_close(struct station *s) {
    if (s->counters != NULL)
        counters_close(&s->counters);
    audit_journal_close(&s->journal);
    if (s->db != NULL)
        store_reader_free(&s->db);
    if (s->store != NULL)
        store_close(&s->store);
}
