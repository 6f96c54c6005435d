// SPDX-License-Identifier: AGPL-3.0-or-later
// How much was read and voted, by day, language, section, article and the site readers came from. The engine's own grouping would sort all rows for
// each of the four: one pass adds every row to all of them, and asks for an article's place once.
#include <pthread.h>
#include <stdlib.h>

#include "news/internal.h"

enum { SECTIONS_FIRST = 64, NOWHERE = UINT16_MAX, NOT_YET = 0 };

struct place {
    uint16_t section; // index + 1 in sections; NOT_YET, or NOWHERE: not to be summed
    uint8_t lang;
};
struct stand {
    int64_t section_id;
    uint8_t lang; // LANG_COUNT: there is no such article
    bool is_known;
};
struct sums {
    int64_t reads, raw;
    uint32_t votes, stars;
};
struct tally {
    const struct statistics_ask *ask;
    struct statistics *out;
    struct arena *a;
    struct db *db;
    struct stand *stands; // these three by article number
    struct place *places;
    struct sums *reads;
    int64_t most;
    void *room; // where the three stand
    size_t room_bytes;
    bool learned;        // a stand that was not known
    uint64_t generation; // of `known` when this moment began
    struct day_moment moment;
    size_t section_room;
};

// ---- what is known of all articles -------------------------------------------------------------------------------------
// Two hundred thousand lookups take longer than all the rest: where articles stand is remembered from one question to the
// next, and forgotten of those that changed.

static struct {
    pthread_mutex_t lock;
    uint64_t generation; // +1 at each change, after its commit
    struct stand *stands;
    int64_t count;
} known = {.lock = PTHREAD_MUTEX_INITIALIZER};

void statistics_forget(int64_t number) {
    must(pthread_mutex_lock(&known.lock) == 0);
    known.generation++;
    if (number == 0)
        known.count = 0;
    else if (number > 0 && number < known.count)
        known.stands[number].is_known = false;
    pthread_mutex_unlock(&known.lock);
}

// Before the moment begins: what it reads is as new as this, or newer.
static void known_generation(struct tally *t) {
    must(pthread_mutex_lock(&known.lock) == 0);
    t->generation = known.generation;
    pthread_mutex_unlock(&known.lock);
}

static void known_take(struct tally *t) {
    int64_t count = 0;
    must(pthread_mutex_lock(&known.lock) == 0);
    if (t->generation == known.generation)
        count = known.count < t->most + 1 ? known.count : t->most + 1;
    if (count > 0)
        memcpy(t->stands, known.stands, (size_t)count * sizeof *t->stands);
    pthread_mutex_unlock(&known.lock);
    memset(t->stands + count, 0, (size_t)(t->most + 1 - count) * sizeof *t->stands);
    t->learned = count == 0;
}

static void known_give(struct tally *t) {
    must(pthread_mutex_lock(&known.lock) == 0);
    if (t->learned && t->generation == known.generation) { // nothing changed since this moment began
        known.count = t->most + 1;
        known.stands = mem_grow(known.stands, (size_t)known.count, sizeof *known.stands);
        memcpy(known.stands, t->stands, (size_t)known.count * sizeof *known.stands);
    }
    pthread_mutex_unlock(&known.lock);
}

// ---- room to add in -------------------------------------------------------------------------------------------------
// Megabytes that are new to the process each time cost more than the adding: one room is kept for whoever comes next.

static struct {
    pthread_mutex_t lock;
    void *room;
    size_t bytes;
} spare = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void room_take(struct tally *t) {
    size_t count = (size_t)t->most + 1, bytes = count * (sizeof *t->reads + sizeof *t->stands + sizeof *t->places);
    must(pthread_mutex_lock(&spare.lock) == 0);
    t->room = spare.room;
    t->room_bytes = spare.bytes;
    spare.room = NULL;
    spare.bytes = 0;
    pthread_mutex_unlock(&spare.lock);
    if (t->room_bytes < bytes) {
        mem_free(t->room);
        t->room = mem_new(bytes);
        t->room_bytes = bytes;
    }
    t->reads = t->room;
    t->stands = (struct stand *)(t->reads + count);
    t->places = (struct place *)(t->stands + count);
    memset(t->reads, 0, count * sizeof *t->reads);
    memset(t->places, 0, count * sizeof *t->places);
}

static void room_give(struct tally *t) {
    void *over = t->room;
    must(pthread_mutex_lock(&spare.lock) == 0);
    if (spare.bytes < t->room_bytes) {
        over = spare.room;
        spare.room = t->room;
        spare.bytes = t->room_bytes;
    }
    pthread_mutex_unlock(&spare.lock);
    mem_free(over);
}

// ---- where an article stands -----------------------------------------------------------------------------------------

static bool is_asked(const struct statistics_ask *ask, enum text_lang lang, int64_t section_id) {
    return (!ask->one_lang || ask->lang == lang) && (ask->section_id == 0 || ask->section_id == section_id) &&
           (ask->may == NULL || ask->may(ask->may_arg, lang, section_id));
}

static uint16_t section_index(struct tally *t, int64_t id, enum text_lang lang) {
    struct statistics *s = t->out;
    for (size_t i = 0; i < s->section_count; i++)
        if (s->sections[i].key == id)
            return (uint16_t)(i + 1);
    if (s->section_count + 1 >= NOWHERE)
        return NOWHERE;
    if (s->section_count == t->section_room) {
        struct statistics_sum *grown = ARENA_ARRAY(t->a, struct statistics_sum, t->section_room * 2);
        memcpy(grown, s->sections, s->section_count * sizeof *grown);
        s->sections = grown;
        t->section_room *= 2;
    }
    s->sections[s->section_count++] = (struct statistics_sum){.key = id, .lang = lang};
    return (uint16_t)s->section_count;
}

static enum rc stand_find(struct tally *t, int64_t number, struct stand *out) {
    struct db_stmt *st = db_sql(t->db, "SELECT lang, section_id FROM articles WHERE number = $1");
    db_bind_i64(st, 1, number);
    t->learned = true;
    *out = (struct stand){.lang = LANG_COUNT, .is_known = true};
    enum text_lang lang;
    if (db_step(st) && text_lang_find(db_str(st, 0), &lang))
        *out = (struct stand){db_i64(st, 1), (uint8_t)lang, true};
    return db_end(st);
}

static enum rc stands_find_all(struct tally *t) {
    struct db_stmt *st = db_sql(t->db, "SELECT number, lang, section_id FROM articles ORDER BY number");
    enum text_lang lang;
    while (db_step(st))
        if (db_i64(st, 0) <= t->most && text_lang_find(db_str(st, 1), &lang))
            t->stands[db_i64(st, 0)] = (struct stand){db_i64(st, 2), (uint8_t)lang, true};
    return db_end(st);
}

static enum rc place_find(struct tally *t, int64_t number, struct place *out) {
    struct stand *stand = &t->stands[number];
    enum rc rc = stand->is_known ? RC_OK : stand_find(t, number, stand);
    bool asked = stand->lang < LANG_COUNT && is_asked(t->ask, (enum text_lang)stand->lang, stand->section_id);
    *out = (struct place){.section = NOWHERE};
    if (rc == RC_OK && asked)
        *out = (struct place){section_index(t, stand->section_id, (enum text_lang)stand->lang), stand->lang};
    return rc;
}

static enum rc place_of(struct tally *t, int64_t number, struct place *out) {
    *out = (struct place){.section = NOWHERE};
    if (number < 1 || number > t->most)
        return RC_OK; // begun after this moment's greatest number was read: not in it
    enum rc rc = t->places[number].section == NOT_YET ? place_find(t, number, &t->places[number]) : RC_OK;
    *out = t->places[number];
    return rc;
}

// ---- adding ----------------------------------------------------------------------------------------------------------

static void add(struct statistics_sum *to, const struct statistics_sum *what) {
    to->reads += what->reads;
    to->raw += what->raw;
    to->votes += what->votes;
    to->stars += what->stars;
}

static enum rc add_everywhere(struct tally *t, int64_t day, int64_t number, const struct statistics_sum *what) {
    struct place place;
    enum rc rc = place_of(t, number, &place);
    if (rc != RC_OK || place.section == NOWHERE)
        return rc;
    add(&t->out->days[day - t->ask->from_day], what);
    add(&t->out->langs[place.lang], what);
    add(&t->out->sections[place.section - 1], what);
    struct sums *article = &t->reads[number];
    article->reads += what->reads;
    article->raw += what->raw;
    article->votes += (uint32_t)what->votes;
    article->stars += (uint32_t)what->stars;
    add(&t->out->all, what);
    return RC_OK;
}

static enum rc add_day(struct tally *t, const struct day_reads *d) {
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < d->count; i++) {
        struct statistics_sum row = {.reads = d->rows[i].reads, .raw = d->rows[i].raw};
        rc = add_everywhere(t, d->day, d->rows[i].number, &row);
    }
    return rc;
}

static enum rc add_reads(struct tally *t) {
    enum rc rc = RC_OK;
    for (int64_t day = t->ask->from_day; rc == RC_OK && day <= t->ask->to_day; day++) {
        struct day_reads *d;
        rc = day_reads_get(t->db, day, &t->moment, &d);
        if (rc == RC_OK)
            rc = add_day(t, d);
        day_reads_release(d);
    }
    return rc;
}

static enum rc add_votes(struct tally *t) {
    const struct statistics_ask *ask = t->ask;
    struct db_stmt *st =
        db_sql(t->db, "SELECT voted_at, number, value FROM votes WHERE voted_at >= $1 AND voted_at < $2");
    db_bind_i64(st, 1, text_civil_to_us(ask->zone, text_day_civil(ask->from_day)));
    db_bind_i64(st, 2, text_civil_to_us(ask->zone, text_day_civil(ask->to_day + 1)));
    enum rc rc = RC_OK;
    while (rc == RC_OK && db_step(st)) {
        struct statistics_sum row = {.votes = 1, .stars = db_i64(st, 2)};
        int64_t day = text_day_of(text_civil_of(ask->zone, db_i64(st, 0)));
        rc = day >= ask->from_day && day <= ask->to_day ? add_everywhere(t, day, db_i64(st, 1), &row) : RC_OK;
    }
    enum rc end = db_end(st);
    return rc != RC_OK ? rc : end;
}

// ---- the most of many -------------------------------------------------------------------------------------------------

static int by_reads(const void *pa, const void *pb) {
    const struct statistics_sum *a = pa, *b = pb;
    if (a->reads != b->reads)
        return a->reads > b->reads ? -1 : 1;
    if (a->raw != b->raw)
        return a->raw > b->raw ? -1 : 1;
    return a->key < b->key ? -1 : a->key > b->key;
}

// A place in the list for a row that is read more than its last: the list is short, what could stand in it is much.
static void list_highest(struct statistics_sum *list, size_t *count, size_t most, const struct statistics_sum *row) {
    bool full = *count == most;
    if (full && by_reads(row, &list[*count - 1]) > 0)
        return;
    size_t at = full ? *count - 1 : (*count)++;
    for (; at > 0 && by_reads(row, &list[at - 1]) < 0; at--)
        list[at] = list[at - 1];
    list[at] = *row;
}

// ---- where readers came from ----------------------------------------------------------------------------------------------

static enum rc sum_hosts(struct tally *t, struct statistics_sum *hosts) {
    struct db_stmt *st =
        db_sql(t->db, "SELECT number, host_id, reads FROM referrer_days WHERE day >= $1 AND day <= $2");
    db_bind_i64(st, 1, t->ask->from_day);
    db_bind_i64(st, 2, t->ask->to_day);
    enum rc rc = RC_OK;
    while (rc == RC_OK && db_step(st)) {
        int64_t host = db_i64(st, 1), reads = db_i64(st, 2);
        struct place place;
        rc = place_of(t, db_i64(st, 0), &place);
        if (rc != RC_OK || place.section == NOWHERE || host < 1 || host > REFERRER_HOSTS_MAX)
            continue;
        hosts[host].reads += reads;
        t->out->from_hosts += reads;
    }
    enum rc end = db_end(st);
    return rc != RC_OK ? rc : end;
}

static enum rc host_name(struct tally *t, struct statistics_sum *row) {
    struct db_stmt *st = db_sql(t->db, "SELECT host FROM referrer_hosts WHERE id = $1");
    db_bind_i64(st, 1, row->key);
    if (db_step(st))
        row->label = db_str_dup(t->a, st, 0);
    return db_end(st);
}

static enum rc add_hosts(struct tally *t) {
    struct statistics_sum *hosts = mem_array(REFERRER_HOSTS_MAX + 1, sizeof *hosts);
    enum rc rc = sum_hosts(t, hosts);
    for (int64_t id = 1; rc == RC_OK && id <= REFERRER_HOSTS_MAX; id++) {
        hosts[id].key = id;
        if (hosts[id].reads > 0)
            list_highest(t->out->hosts, &t->out->host_count, STATISTICS_HOSTS_MAX, &hosts[id]);
    }
    mem_free(hosts);
    for (size_t i = 0; rc == RC_OK && i < t->out->host_count; i++)
        rc = host_name(t, &t->out->hosts[i]);
    return rc;
}

// ---- the most read, with their names -----------------------------------------------------------------------------------

static void choose(struct tally *t, int64_t number) {
    const struct sums *sums = &t->reads[number];
    if (sums->raw == 0 && sums->votes == 0)
        return;
    struct statistics_sum row = {.key = number,
                                 .lang = (enum text_lang)t->places[number].lang,
                                 .reads = sums->reads,
                                 .raw = sums->raw,
                                 .votes = sums->votes,
                                 .stars = sums->stars};
    list_highest(t->out->articles, &t->out->article_count, STATISTICS_ARTICLES_MAX, &row);
}

static enum rc headline_of(struct tally *t, struct statistics_sum *row) {
    struct db_stmt *st = db_sql(t->db, "SELECT headline FROM articles WHERE number = $1");
    db_bind_i64(st, 1, row->key);
    if (db_step(st))
        row->label = db_str_dup(t->a, st, 0);
    return db_end(st);
}

static enum rc names_find(struct tally *t) {
    struct statistics *s = t->out;
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < s->section_count; i++) {
        struct section section;
        rc = section_by_id(t->a, t->db, s->sections[i].key, &section);
        s->sections[i].label = rc == RC_OK ? section.name : STR_NONE;
    }
    for (size_t i = 0; rc == RC_OK && i < s->article_count; i++)
        rc = headline_of(t, &s->articles[i]);
    return rc;
}

static enum rc tally_fill(struct tally *t) {
    enum rc rc = t->learned ? stands_find_all(t) : RC_OK;
    if (rc == RC_OK)
        rc = add_reads(t);
    if (rc == RC_OK)
        rc = add_votes(t);
    if (rc == RC_OK)
        rc = add_hosts(t);
    for (int64_t number = 1; rc == RC_OK && number <= t->most; number++)
        choose(t, number);
    qsort(t->out->sections, t->out->section_count, sizeof *t->out->sections, by_reads);
    return rc == RC_OK ? names_find(t) : rc;
}

enum rc statistics_read(struct arena *a, struct db *db, const struct statistics_ask *ask, struct statistics *out) {
    *out = (struct statistics){0};
    if (ask->to_day < ask->from_day || ask->to_day - ask->from_day >= STATISTICS_DAYS_MAX)
        return RC_INVALID;
    struct tally t = {.ask = ask, .out = out, .a = a, .db = db, .section_room = SECTIONS_FIRST};
    out->day_count = (size_t)(ask->to_day - ask->from_day + 1);
    out->days = ARENA_ARRAY(a, struct statistics_sum, out->day_count);
    out->sections = ARENA_ARRAY(a, struct statistics_sum, SECTIONS_FIRST);
    out->articles = ARENA_ARRAY(a, struct statistics_sum, STATISTICS_ARTICLES_MAX);
    out->hosts = ARENA_ARRAY(a, struct statistics_sum, STATISTICS_HOSTS_MAX);
    for (size_t i = 0; i < out->day_count; i++)
        out->days[i].key = ask->from_day + (int64_t)i;
    for (int l = 0; l < LANG_COUNT; l++)
        out->langs[l].key = l;
    known_generation(&t);
    t.moment = (struct day_moment){text_day_of(text_civil_of(ask->zone, clock_now_us())), counters_past_changes()};
    db_read_begin(db);
    enum rc rc = article_number_most(db, &t.most);
    if (rc == RC_OK) {
        room_take(&t);
        known_take(&t);
        rc = tally_fill(&t);
        known_give(&t);
        room_give(&t);
    }
    db_read_end(db);
    return rc;
}
