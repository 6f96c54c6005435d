// SPDX-License-Identifier: AGPL-3.0-or-later
// Dates as each language writes them, and the clock on the wall of a time zone.
//
// ICU gives the patterns, the names of months and days and a zone's changes of offset, all read once into tables that
// never change; writing a date is then arithmetic and copying, without locks. The calendar is always the Gregorian.
// The unit test holds the results against ICU's own formatter.
#include <pthread.h>
#include <stdatomic.h>

#include <unicode/ucal.h>
#include <unicode/udat.h>
#include <unicode/udatpg.h>
#include <unicode/ustring.h>

#include "text/date.h"

// ---- zones
// -----------------------------------------------------------------------------------------------------------

struct change {
    int64_t at_us;
    int32_t offset_s; // from then on
};

struct text_zone {
    const struct text_zone *next;
    char name[64];
    int32_t first_offset_s;
    size_t count;
    struct change *changes;
};

static const struct text_zone *_Atomic zones; // only ever grows at the head
static pthread_mutex_t zones_lock = PTHREAD_MUTEX_INITIALIZER;

// Changes of offset between 1850 and 2100 are read; outside, the first or last offset holds.
static const double zone_from_ms = -3786825600000.0;
static const double zone_to_ms = 4102444800000.0;

static int32_t offset_at(UCalendar *cal, double ms) {
    UErrorCode e = U_ZERO_ERROR;
    ucal_setMillis(cal, ms, &e);
    int32_t offset = ucal_get(cal, UCAL_ZONE_OFFSET, &e) + ucal_get(cal, UCAL_DST_OFFSET, &e);
    must(U_SUCCESS(e));
    return offset / 1000;
}

static void read_changes(struct text_zone *z, UCalendar *cal) {
    UErrorCode e = U_ZERO_ERROR;
    double ms = zone_from_ms;
    int32_t now = offset_at(cal, ms);
    size_t room = 0;
    z->first_offset_s = now;
    while (ucal_getTimeZoneTransitionDate(cal, UCAL_TZ_TRANSITION_NEXT, &ms, &e) && U_SUCCESS(e) && ms < zone_to_ms) {
        int32_t offset = offset_at(cal, ms);
        if (offset == now)
            continue; // only the name changed
        if (z->count == room) {
            room = room * 2 + 16;
            z->changes = mem_grow(z->changes, room, sizeof *z->changes);
        }
        z->changes[z->count++] = (struct change){(int64_t)(ms * 1000), offset};
        now = offset;
    }
}

static const struct text_zone *known_zone(struct str name) {
    const struct text_zone *z = atomic_load_explicit(&zones, memory_order_acquire);
    while (z != NULL && !str_eq(str_from(z->name), name))
        z = z->next;
    return z;
}

// ICU takes an unknown name for UTC, so the name is looked up first. NULL when tzdb does not know it.
static struct text_zone *make_zone(struct str name) {
    UChar wide[64];
    UChar canonical[64];
    UErrorCode e = U_ZERO_ERROR;
    struct text_zone *z = MEM_NEW(struct text_zone);
    memcpy(z->name, name.p, name.n);
    u_uastrcpy(wide, z->name);
    ucal_getCanonicalTimeZoneID(wide, (int32_t)name.n, canonical, 64, NULL, &e);
    UCalendar *cal = U_SUCCESS(e) ? ucal_open(wide, (int32_t)name.n, "en", UCAL_GREGORIAN, &e) : NULL;
    if (U_FAILURE(e)) {
        mem_free(z);
        return NULL;
    }
    read_changes(z, cal);
    ucal_close(cal);
    return z;
}

enum rc text_zone_find(struct str name, const struct text_zone **out) {
    if (name.n == 0 || name.n >= sizeof(((struct text_zone *)NULL)->name))
        return RC_INVALID;
    for (size_t i = 0; i < name.n; i++)
        if ((unsigned char)name.p[i] <= 32 || (unsigned char)name.p[i] > 126)
            return RC_INVALID;
    const struct text_zone *z = known_zone(name);
    if (z == NULL) {
        pthread_mutex_lock(&zones_lock);
        z = known_zone(name);
        struct text_zone *made = z == NULL ? make_zone(name) : NULL;
        if (made != NULL) {
            made->next = atomic_load_explicit(&zones, memory_order_relaxed);
            atomic_store_explicit(&zones, made, memory_order_release);
            z = made;
        }
        pthread_mutex_unlock(&zones_lock);
    }
    *out = z;
    return z != NULL ? RC_OK : RC_INVALID;
}

struct str text_zone_name(const struct text_zone *zone) {
    return str_from(zone->name);
}

static int32_t zone_offset(const struct text_zone *z, int64_t at_us) {
    size_t low = 0;
    size_t high = z->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (z->changes[middle].at_us <= at_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? z->first_offset_s : z->changes[low - 1].offset_s;
}

// ---- civil dates
// -----------------------------------------------------------------------------------------------------

static int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

// Days since 1970-01-01; years begin in March so that the leap day is the last of its year.
static int64_t days_of(int64_t year, int64_t month, int64_t day) {
    year += floor_div(month - 1, 12);
    month -= floor_div(month - 1, 12) * 12;
    year -= month <= 2 ? 1 : 0;
    int64_t era = floor_div(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static void date_of_days(int64_t days, struct text_civil *c) {
    days += 719468;
    int64_t era = floor_div(days, 146097);
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    c->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    c->month = (int)(month < 10 ? month + 3 : month - 9);
    c->year = (int)(year_of_era + era * 400 + (c->month <= 2 ? 1 : 0));
}

int date_weekday(const struct text_civil *c) {
    return (int)((days_of(c->year, c->month, c->day) % 7 + 11) % 7); // 1970-01-01 was a Thursday
}

struct text_civil date_normal(struct text_civil c) {
    date_of_days(days_of(c.year, c.month, c.day), &c);
    return c;
}

int64_t text_day_of(struct text_civil c) {
    return days_of(c.year, c.month, c.day);
}

struct text_civil text_day_civil(int64_t day) {
    struct text_civil c = {0};
    date_of_days(day, &c);
    return c;
}

struct text_civil text_civil_of(const struct text_zone *zone, int64_t at_us) {
    struct text_civil c = {0};
    int64_t s = floor_div(at_us, US_PER_SECOND) + zone_offset(zone, at_us);
    int64_t days = floor_div(s, 86400);
    int of_day = (int)(s - days * 86400);
    date_of_days(days, &c);
    c.hour = of_day / 3600;
    c.minute = of_day / 60 % 60;
    c.second = of_day % 60;
    return c;
}

static int clamp(int v, int least, int most) {
    return v < least ? least : v > most ? most : v;
}

int64_t text_civil_to_us(const struct text_zone *zone, struct text_civil c) {
    int64_t local = days_of(clamp(c.year, -9999, 99999), c.month, c.day) * 86400 + (int64_t)c.hour * 3600 +
                    (int64_t)c.minute * 60 + c.second;
    // Offsets are within a day of UTC, so these two are before and behind any change that matters.
    int32_t before = zone_offset(zone, (local - 86400) * US_PER_SECOND);
    int32_t behind = zone_offset(zone, (local + 86400) * US_PER_SECOND);
    int64_t early = (local - (before > behind ? before : behind)) * US_PER_SECOND;
    int64_t late = (local - (before > behind ? behind : before)) * US_PER_SECOND;
    if (zone_offset(zone, early) * US_PER_SECOND + early == local * US_PER_SECOND)
        return early;
    if (zone_offset(zone, late) * US_PER_SECOND + late == local * US_PER_SECOND)
        return late;
    // The hour does not exist: the first instant behind the gap, which is the change itself.
    for (size_t i = 0; i < zone->count; i++)
        if (zone->changes[i].at_us > early && zone->changes[i].at_us <= late)
            return zone->changes[i].at_us;
    return late;
}

// ---- how each language writes them
// -------------------------------------------------------------------------------------

enum { PATTERN_MAX = 64, FORMS_BY_PATTERN = DATE_YEAR + 1 };

static struct writing {
    struct date_names names;
    const char *pattern[FORMS_BY_PATTERN];
    struct str digits[10];
} writings[LANG_COUNT];

static struct arena *kept; // names and digits, for the life of the process

const struct date_names *date_names_of(enum text_lang lang) {
    return &writings[lang].names;
}

static void read_names(UDateFormat *f, UDateFormatSymbolType type, int32_t first, int32_t count, struct str *out) {
    for (int32_t i = 0; i < count; i++) {
        UChar wide[64];
        UErrorCode e = U_ZERO_ERROR;
        int32_t n = udat_getSymbols(f, type, i + first, wide, 64, &e);
        must(U_SUCCESS(e) && n > 0);
        out[i] = wide_to(kept, wide, n);
    }
}

static void read_patterns(enum text_lang lang, struct writing *w) {
    static const char *const skeletons[FORMS_BY_PATTERN] = {"yMMMMEEEEdHm", "yMMMMd", "yMMMd", "Hm", "yMMMM", "y"};
    UErrorCode e = U_ZERO_ERROR;
    UDateTimePatternGenerator *generator = udatpg_open(lang_locale(lang), &e);
    for (int i = 0; i < FORMS_BY_PATTERN; i++) {
        UChar skeleton[32];
        UChar pattern[PATTERN_MAX];
        u_uastrcpy(skeleton, skeletons[i]);
        int32_t n = udatpg_getBestPattern(generator, skeleton, -1, pattern, PATTERN_MAX, &e);
        must(U_SUCCESS(e));
        w->pattern[i] = wide_to(kept, pattern, n).p;
    }
    udatpg_close(generator);
    if (lang != LANG_EN)
        return;
    static const char *const english[] = {"EEEE, dd MMMM yyyy HH:mm", "d MMMM y", "d MMM y"};
    for (int i = 0; i < 3; i++)
        w->pattern[i] = english[i];
}

void date_start(void) {
    if (kept != NULL)
        return;
    kept = arena_new(1 << 20);
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        struct writing *w = &writings[lang];
        UErrorCode e = U_ZERO_ERROR;
        UDateFormat *f = udat_open(UDAT_NONE, UDAT_FULL, lang_locale((enum text_lang)lang), NULL, 0, NULL, 0, &e);
        must(U_SUCCESS(e));
        read_names(f, UDAT_MONTHS, 0, 12, w->names.months);
        read_names(f, UDAT_SHORT_MONTHS, 0, 12, w->names.short_months);
        read_names(f, UDAT_STANDALONE_MONTHS, 0, 12, w->names.alone_months);
        read_names(f, UDAT_STANDALONE_SHORT_MONTHS, 0, 12, w->names.short_alone_months);
        read_names(f, UDAT_WEEKDAYS, 1, 7, w->names.days);
        read_names(f, UDAT_SHORT_WEEKDAYS, 1, 7, w->names.short_days);
        udat_close(f);
        for (unsigned d = 0; d < 10; d++)
            w->digits[d] = text_number(kept, (enum text_lang)lang, d);
        read_patterns((enum text_lang)lang, w);
    }
}

static void put_number(struct buf *b, const struct writing *w, int n, int least_digits) {
    int digits[10];
    int count = 0;
    n = n < 0 ? -n : n;
    do {
        digits[count++] = n % 10;
        n /= 10;
    } while (n > 0);
    while (count < least_digits && count < 10)
        digits[count++] = 0;
    while (count > 0)
        buf_str(b, w->digits[digits[--count]]);
}

static void put_month(struct buf *b, const struct writing *w, int month, bool alone, int width) {
    const struct date_names *names = &w->names;
    if (width <= 2)
        put_number(b, w, month, width);
    else if (width == 3)
        buf_str(b, (alone ? names->short_alone_months : names->short_months)[month - 1]);
    else
        buf_str(b, (alone ? names->alone_months : names->months)[month - 1]);
}

static void put_field(struct buf *b, const struct writing *w, const struct text_civil *c, char field, int width) {
    int weekday = date_weekday(c);
    switch (field) {
    case 'y':
        if (width == 2)
            put_number(b, w, c->year % 100, 2);
        else
            put_number(b, w, c->year, width);
        break;
    case 'M':
    case 'L':
        put_month(b, w, c->month, field == 'L', width);
        break;
    case 'd':
        put_number(b, w, c->day, width);
        break;
    case 'E':
    case 'c':
        buf_str(b, (width <= 3 ? w->names.short_days : w->names.days)[weekday]);
        break;
    case 'H':
        put_number(b, w, c->hour, width);
        break;
    case 'm':
        put_number(b, w, c->minute, width);
        break;
    case 's':
        put_number(b, w, c->second, width);
        break;
    default:
        must(false && "a pattern field no form asks for");
    }
}

static void put_pattern(struct buf *b, const struct writing *w, const char *p, const struct text_civil *c) {
    bool quoted = false;
    for (size_t i = 0; p[i] != '\0';) {
        if (p[i] == '\'' && p[i + 1] != '\'') {
            quoted = !quoted;
            i++;
        } else if (p[i] == '\'') {
            buf_char(b, '\'');
            i += 2;
        } else if (!quoted && ((p[i] >= 'a' && p[i] <= 'z') || (p[i] >= 'A' && p[i] <= 'Z'))) {
            size_t width = 1;
            while (p[i + width] == p[i])
                width++;
            put_field(b, w, c, p[i], (int)width);
            i += width;
        } else {
            buf_char(b, p[i++]);
        }
    }
}

static void put_iso(struct buf *b, const struct text_civil *c, int32_t offset_s) {
    int minutes = (offset_s < 0 ? -offset_s : offset_s) / 60;
    buf_fmt(b, "%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d", c->year, c->month, c->day, c->hour, c->minute, c->second,
            offset_s < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

static void put_rfc822(struct buf *b, const struct text_civil *c, int32_t offset_s) {
    const struct date_names *names = &writings[LANG_EN].names;
    int minutes = (offset_s < 0 ? -offset_s : offset_s) / 60;
    int weekday = date_weekday(c);
    // The first three letters of the full names: CLDR abbreviates September as "Sept" in some of its versions.
    buf_fmt(b, "%.3s, %02d %.3s %04d %02d:%02d:%02d %c%02d%02d", names->days[weekday].p, c->day,
            names->months[c->month - 1].p, c->year, c->hour, c->minute, c->second, offset_s < 0 ? '-' : '+',
            minutes / 60, minutes % 60);
}

struct str text_zone_offset(struct arena *a, const struct text_zone *zone, int64_t at_us) {
    int32_t offset_s = zone_offset(zone, at_us);
    int minutes = (offset_s < 0 ? -offset_s : offset_s) / 60;
    if (minutes == 0)
        return STR("UTC");
    struct str rest = minutes % 60 > 0 ? str_fmt(a, ":%02d", minutes % 60) : STR("");
    return str_fmt(a, "UTC%s%d%.*s", offset_s < 0 ? "−" : "+", minutes / 60, STR_ARG(rest));
}

struct str text_date(struct arena *a, enum text_lang lang, const struct text_zone *zone, int64_t at_us,
                     enum text_date_form form) {
    const struct writing *w = &writings[lang];
    struct text_civil c = text_civil_of(zone, at_us);
    struct buf b;
    buf_init(&b, 1024);
    if (form == DATE_ISO)
        put_iso(&b, &c, zone_offset(zone, at_us));
    else if (form == DATE_RFC822)
        put_rfc822(&b, &c, zone_offset(zone, at_us));
    else
        put_pattern(&b, w, w->pattern[form], &c);
    struct str s = str_dup(a, buf_view(&b));
    buf_fini(&b);
    return s;
}
