// SPDX-License-Identifier: AGPL-3.0-or-later
// Opens and closes a station's database and reads the settings every command needs.
#include "main/station.h"

#include "news/news.h"

void station_start(void) {
    static bool started;
    if (started)
        return;
    started = true;
    text_start();
    search_start();
}

enum rc station_read_settings(struct station *s, struct problem *p) {
    struct arena *a = arena_new(1 << 16);
    struct station_values values;
    enum rc rc = station_values_read(a, s->db, &values, p);
    arena_free(&a);
    if (rc != RC_OK)
        return rc;
    s->zone = values.zone;
    s->languages = values.languages;
    s->default_lang = values.default_lang;
    return RC_OK;
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
