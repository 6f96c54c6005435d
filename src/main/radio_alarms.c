// SPDX-License-Identifier: AGPL-3.0-or-later
// What was told last stands in the setting radio_alarms, a line "STREAM BITS" for each stream and one for the radio itself,
// whose name is "-"; it is written in the transaction that adds the letters. A stream that is new counts as off air, which
// nobody has to be told: it goes on the air in silence.
#include "desk/services.h"
#include "main/radio_alarms.h"
#include "record/record.h"

enum { ALARM_ROWS_MAX = SERVICES_MAX * SERVICE_STREAMS_MAX + 1, ROOM = 64 << 20, NEW = 1 << SERVICES_ALARMS };

struct row {
    char stream[SERVICE_NAME_BYTES + 1];
    unsigned told;                       // bits, and NEW: that it is off air was told to nobody
    bool is_known;                       // of services.json
    int64_t differs_us[SERVICES_ALARMS]; // since when a bit is not as it was told; 0: it is
};

struct radio_alarms {
    struct site *site;
    struct row rows[ALARM_ROWS_MAX];
    size_t count;
    bool is_loaded, is_dirty;
};

struct radio_alarms *radio_alarms_new(struct site *site) {
    struct radio_alarms *r = MEM_NEW(struct radio_alarms);
    r->site = site;
    return r;
}

void radio_alarms_free(struct radio_alarms **alarms) {
    mem_free(*alarms);
    *alarms = NULL;
}

// ---- what was told -----------------------------------------------------------------------------------------------------

static struct row *row_add(struct radio_alarms *r, struct str stream, unsigned told) {
    if (r->count == ALARM_ROWS_MAX || stream.n > SERVICE_NAME_BYTES)
        return NULL;
    struct row *row = &r->rows[r->count++];
    *row = (struct row){.told = told};
    memcpy(row->stream, stream.p, stream.n);
    return row;
}

static struct row *row_find(struct radio_alarms *r, struct str stream, unsigned told) {
    for (size_t i = 0; i < r->count; i++)
        if (str_eq(str_from(r->rows[i].stream), stream))
            return &r->rows[i];
    return row_add(r, stream, told);
}

// Stations of before SERVICE_STALLED have the two bits behind it half as large.
static unsigned told_of(struct str name, unsigned bits) {
    if (str_eq(name, STR("-")))
        return bits != 0 ? SERVICES_RADIO_DEAD : 0;
    return (bits & SERVICES_RADIO_DEAD) != 0 ? (bits & ~(unsigned)SERVICES_RADIO_DEAD) | NEW : bits;
}

static void rows_load(struct radio_alarms *r, struct arena *a, struct db *db) {
    struct str rest = setting_get(a, db, "radio_alarms", LANG_COUNT), line, name;
    uint64_t bits;
    r->is_loaded = true;
    while (str_next(&rest, '\n', &line))
        if (str_next(&line, ' ', &name) && name.n > 0 && str_to_u64(line, &bits) && bits < 2 * NEW)
            (void)row_add(r, name, told_of(name, (unsigned)bits));
}

static struct str rows_text(struct radio_alarms *r, struct arena *a) {
    struct buf b;
    buf_init(&b, 1 << 16);
    for (size_t i = 0; i < r->count; i++)
        buf_fmt(&b, "%s %u\n", r->rows[i].stream, r->rows[i].told);
    struct str text = str_dup(a, buf_view(&b));
    buf_fini(&b);
    return text;
}

// ---- what is to be told --------------------------------------------------------------------------------------------------

struct telling {
    struct radio_alarms *r;
    struct arena *arena;
    struct services_alarm *alarms;
    size_t count;
    int64_t now;
};

static void bit_look(struct telling *t, struct row *row, unsigned bit, unsigned now, const struct services_alarm *of) {
    size_t at = (size_t)__builtin_ctz(bit);
    bool differs = ((row->told ^ now) & bit) != 0;
    if (!differs || row->differs_us[at] == 0 || row->differs_us[at] > t->now)
        row->differs_us[at] = differs ? t->now : 0;
    if (!differs || t->now - row->differs_us[at] < RADIO_ALARMS_HOLD_SECONDS * US_PER_SECOND)
        return;
    bool is_silent = bit == SERVICE_OFF_AIR && (row->told & NEW) != 0;
    if (!is_silent) {
        struct services_alarm *alarm = &t->alarms[t->count++];
        *alarm = *of;
        alarm->alarm = bit;
        alarm->is_over = (now & bit) == 0;
        alarm->at_us = row->differs_us[at];
    }
    row->told = (row->told ^ bit) & ~(is_silent ? (unsigned)NEW : 0U);
    row->differs_us[at] = 0;
    t->r->is_dirty = true;
}

static void stream_look(struct telling *t, const struct site_on_air *air, const struct service *s,
                        const struct service_stream *stream) {
    const struct service_on_air *now = service_state_find(&air->state, stream->name);
    struct row *row = row_find(t->r, stream->name, SERVICE_OFF_AIR | NEW);
    struct services_alarm of = {.service = s->name, .stream = stream->name};
    if (row == NULL)
        return;
    row->is_known = true;
    if (now == NULL || !air->radio_runs) // what it was is what is known
        return;
    if ((now->alarms & SERVICE_REFUSED) != 0) // an old one has nothing to do with what is now
        of.refusal = now->refusal;
    for (unsigned bit = 1; bit <= SERVICE_STALLED; bit <<= 1)
        bit_look(t, row, bit, now->alarms, &of);
}

static void radio_look(struct telling *t, const struct site_on_air *air) {
    struct row *row = row_find(t->r, STR("-"), 0);
    const struct services_alarm of = {.stream = STR_NONE};
    if (row == NULL)
        return;
    row->is_known = true;
    bit_look(t, row, SERVICES_RADIO_DEAD, air->radio_runs || air->services.count == 0 ? 0 : SERVICES_RADIO_DEAD, &of);
}

static void forget_unknown(struct radio_alarms *r) {
    size_t kept = 0;
    for (size_t i = 0; i < r->count; i++) {
        if (!r->rows[i].is_known) {
            r->is_dirty = true;
            continue;
        }
        r->rows[kept] = r->rows[i];
        r->rows[kept++].is_known = false;
    }
    r->count = kept;
}

static enum rc tell(struct db *db, void *arg) {
    struct telling *t = arg;
    enum rc rc = setting_set(db, "radio_alarms", LANG_COUNT, rows_text(t->r, t->arena));
    for (size_t i = 0; i < t->count && rc == RC_OK; i++)
        rc = services_alarm_tell(t->r->site, t->arena, db, &t->alarms[i]);
    return rc;
}

// What could not be written down is looked for again in the next second, from what was told before.
static void write_down(struct telling *t) {
    struct radio_alarms *r = t->r;
    if (store_write(r->site->store, STORE_DURABLE, tell, t) != RC_OK) {
        log_warn("alarms of the radio could not be told");
        r->is_loaded = false;
        r->count = 0;
    }
    for (size_t i = 0; i < t->count; i++)
        log_warn("radio: %s%.*s: %s %s", t->alarms[i].stream.n > 0 ? "stream " : "itself", STR_ARG(t->alarms[i].stream),
                 services_alarm_name(t->alarms[i].alarm), t->alarms[i].is_over ? "is over" : "began");
    r->is_dirty = false;
}

static size_t streams_of(const struct services *services) {
    size_t n = 0;
    for (size_t i = 0; i < services->count; i++)
        n += services->rows[i].stream_count;
    return n;
}

void radio_alarms_look(struct radio_alarms *r, struct db *db) {
    struct arena *a = arena_new(ROOM);
    struct site_on_air air;
    struct telling t = {.r = r, .arena = a, .now = clock_now_us()};
    r->site->on_air(r->site, a, &air);
    t.alarms = ARENA_ARRAY(a, struct services_alarm, (streams_of(&air.services) + 1) * SERVICES_ALARMS);
    if (!r->is_loaded)
        rows_load(r, a, db);
    radio_look(&t, &air);
    for (size_t i = 0; i < air.services.count; i++)
        for (size_t k = 0; k < air.services.rows[i].stream_count; k++)
            stream_look(&t, &air, &air.services.rows[i], &air.services.rows[i].streams[k]);
    forget_unknown(r);
    if (r->is_dirty)
        write_down(&t);
    arena_free(&a);
}
