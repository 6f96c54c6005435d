// SPDX-License-Identifier: AGPL-3.0-or-later
// How many listen to the radio: now, and in a stretch of days, weeks or months; drawn, in tables, and as CSV. The terms are
// those of the field (audience/audience.h), and what each means stands at the end of the page.
#include <stdlib.h>

#include "desk/listening.h"
#include "desk/plot.h"
#include "desk/routes.h"

enum { ROWS_SHOWN = 15, HOURS_PLOTTED = 48 };

// ---- words ---------------------------------------------------------------------------------------------------------------

static struct str decimal(struct desk_visit *v, double value, int digits) {
    return value < 0 ? STR("–") : text_decimal(v->a, v->lang, value, digits);
}

// A unique number of one day is whole; a mean has a digit.
static struct str unique(struct desk_visit *v, const struct audience_sum *row) {
    return row->span_us <= US_PER_DAY ? desk_number_text(v, row->listener_days) : decimal(v, listening_unique(row), 1);
}

// Days of UTC, whatever the station's zone.
static struct str day_text(struct desk_visit *v, int64_t day, enum text_date_form form) {
    const struct text_zone *utc;
    must(text_zone_find(STR("UTC"), &utc) == RC_OK);
    return text_date(v->a, v->lang, utc, day * US_PER_DAY, form);
}

static struct str step_text(struct listening *x, const struct audience_sum *row) {
    struct desk_visit *v = x->v;
    if (x->ask.step == AUDIENCE_BY_DAY)
        return day_text(v, row->from_day, DATE_SHORT);
    if (x->ask.step == AUDIENCE_BY_MONTH)
        return day_text(v, row->from_day, DATE_MONTH);
    return str_fmt(v->a, "%.*s – %.*s", STR_ARG(day_text(v, row->from_day, DATE_SHORT)),
                   STR_ARG(day_text(v, row->to_day, DATE_SHORT)));
}

static struct str service_text(struct listening *x, struct str name) {
    const struct service *service = services_find(&x->air.services, name);
    return service != NULL ? service_title(service, text_lang_code(x->v->lang)) : name;
}

static struct str kind_text(struct desk_visit *v, struct str name) {
    static const enum text_word kinds[SESSION_KINDS] = {W_AUDIENCE_LIVE, W_AUDIENCE_SHIFT, W_AUDIENCE_HLS};
    for (int kind = 0; kind < SESSION_KINDS; kind++)
        if (str_eq(name, str_from(session_kind_word((enum session_kind)kind))))
            return desk_word(v, kinds[kind]);
    return name;
}

static struct str format_text(struct desk_visit *v, struct str name) {
    static const struct str formats[AUDIO_FORMATS] = {[AUDIO_MPEG] = STR("MP3"),
                                                      [AUDIO_AAC] = STR("AAC"),
                                                      [AUDIO_OGG] = STR("Ogg"),
                                                      [AUDIO_WEBM] = STR("WebM"),
                                                      [AUDIO_FLAC] = STR("FLAC")};
    for (int format = AUDIO_OTHER + 1; format < AUDIO_FORMATS; format++)
        if (str_eq(name, str_from(session_format_word((enum audio_format)format))))
            return formats[format];
    return desk_word(v, W_AUDIENCE_OTHER);
}

static struct str part_text(struct listening *x, enum audience_part part, struct str name) {
    struct desk_visit *v = x->v;
    if (part == AUDIENCE_SERVICE)
        return service_text(x, name);
    if (part == AUDIENCE_KIND)
        return kind_text(v, name);
    if (part == AUDIENCE_FORMAT)
        return format_text(v, name);
    if (part == AUDIENCE_COUNTRY)
        return str_eq(name, STR("-")) ? desk_word(v, W_AUDIENCE_UNKNOWN) : text_country(v->a, v->lang, name);
    struct str player = part == AUDIENCE_PLAYER ? player_name(name) : name;
    return player.n > 0 ? player : desk_word(v, W_AUDIENCE_OTHER);
}

// ---- the form ------------------------------------------------------------------------------------------------------------

struct part_words {
    enum text_word heading, first;
    const char *csv;
};
static const struct part_words part_words[AUDIENCE_PARTS] = {
    [AUDIENCE_SERVICE] = {W_AUDIENCE_SERVICES, W_AUDIENCE_SERVICE, "services"},
    [AUDIENCE_STREAM] = {W_AUDIENCE_STREAMS, W_AUDIENCE_STREAM, "streams"},
    [AUDIENCE_KIND] = {W_AUDIENCE_KINDS, W_AUDIENCE_KIND, "kinds"},
    [AUDIENCE_FORMAT] = {W_AUDIENCE_FORMATS, W_AUDIENCE_FORMAT, "formats"},
    [AUDIENCE_PLAYER] = {W_AUDIENCE_PLAYERS, W_AUDIENCE_PLAYER, "players"},
    [AUDIENCE_COUNTRY] = {W_AUDIENCE_COUNTRIES, W_AUDIENCE_COUNTRY, "countries"},
};
static const enum text_word all_words[AUDIENCE_PARTS] = {[AUDIENCE_SERVICE] = W_AUDIENCE_ALL_SERVICES,
                                                         [AUDIENCE_FORMAT] = W_AUDIENCE_ALL_FORMATS,
                                                         [AUDIENCE_PLAYER] = W_AUDIENCE_ALL_PLAYERS,
                                                         [AUDIENCE_COUNTRY] = W_AUDIENCE_ALL_COUNTRIES};

static void query_add(struct buf *b, const char *name, struct str value) {
    if (value.n == 0)
        return;
    buf_fmt(b, "&%s=", name);
    percent_encode_segment(b, value);
}

// The same question at another address, without what the field `except` asks for; NULL: with all of it.
static struct str address(struct listening *x, const char *path, struct str from, struct str to, const char *except) {
    struct buf b;
    buf_init(&b, 1 << 14);
    buf_fmt(&b, "/desk/audience%s?step=%s", path, listening_step_word(x->ask.step));
    const char *fields[AUDIENCE_PARTS + 2] = {"from", "to"};
    struct str values[AUDIENCE_PARTS + 2] = {from, to};
    size_t n = 2;
    for (int part = 0; part < AUDIENCE_PARTS; part++)
        if (audience_asks((enum audience_part)part)) {
            fields[n] = listening_part_field((enum audience_part)part);
            values[n++] = x->ask.only[part];
        }
    for (size_t i = 0; i < n; i++)
        if (except == NULL || strcmp(fields[i], except) != 0)
            query_add(&b, fields[i], values[i]);
    struct str made = str_dup(x->v->a, buf_view(&b));
    buf_fini(&b);
    return made;
}

static struct view_desk_link csv_link(struct listening *x, const char *file) {
    struct desk_visit *v = x->v;
    struct str from = figures_day_field(v, x->ask.from_day), to = figures_day_field(v, x->ask.to_day);
    return (struct view_desk_link){.label = desk_word(v, W_STATISTICS_CSV),
                                   .address = address(x, str_fmt(v->a, "/%s.csv", file).p, from, to, NULL)};
}

static int choice_compare(const void *l, const void *r) {
    return str_cmp(((const struct view_desk_choice *)l)->label, ((const struct view_desk_choice *)r)->label);
}

// What was ever listened to, and what is asked for even where that never was: else the form would say "all".
static void part_choose(struct listening *x, struct view_desk_form *form, enum audience_part part) {
    struct desk_visit *v = x->v;
    struct str asked = x->ask.only[part];
    bool known = asked.n == 0;
    if (x->a.known_counts[part] < 2 && asked.n == 0)
        return;
    struct view_desk_field *f = desk_select(v, form, listening_part_field(part), part_words[part].first, asked);
    desk_choice(v, f, STR_NONE, desk_word(v, all_words[part]));
    for (size_t i = 0; i < x->a.known_counts[part]; i++) {
        struct str name = x->a.known[part][i];
        desk_choice(v, f, name, part_text(x, part, name));
        known |= str_eq(name, asked);
    }
    if (!known)
        desk_choice(v, f, asked, part_text(x, part, asked));
    qsort(f->choices.items + 1, f->choices.n - 1, sizeof f->choices.items[0], choice_compare);
}

static void chosen_add(struct listening *x, struct view_desk_form *form, enum text_word what, struct str value,
                       const char *field) {
    struct desk_visit *v = x->v;
    if (value.n > 0)
        desk_link(v, &form->only, str_fmt(v->a, "%.*s: %.*s", STR_ARG(desk_word(v, what)), STR_ARG(value)),
                  address(x, "", desk_field(v, "from"), desk_field(v, "to"), field), STR_NONE);
}

static void chosen(struct listening *x, struct view_desk_form *form) {
    struct desk_visit *v = x->v;
    if (desk_field(v, "from").n > 0)
        chosen_add(x, form, W_STATISTICS_FROM, day_text(v, x->ask.from_day, DATE_SHORT), "from");
    if (desk_field(v, "to").n > 0)
        chosen_add(x, form, W_STATISTICS_TO, day_text(v, x->ask.to_day, DATE_SHORT), "to");
    for (int part = 0; part < AUDIENCE_PARTS; part++)
        if (x->ask.only[part].n > 0)
            chosen_add(x, form, part_words[part].first, part_text(x, (enum audience_part)part, x->ask.only[part]),
                       listening_part_field((enum audience_part)part));
}

static void filter(struct listening *x, struct view_desk_page *page) {
    struct desk_visit *v = x->v;
    struct view_desk_form *form = desk_form(v, desk_block(v, page, STR_NONE), STR("/desk/audience"), W_DESK_SHOW);
    form->get = form->in_line = form->quiet = true;
    struct view_desk_field *f =
        desk_select(v, form, "step", W_AUDIENCE_STEP, str_from(listening_step_word(x->ask.step)));
    desk_choice(v, f, STR("day"), desk_word(v, W_AUDIENCE_DAYS));
    desk_choice(v, f, STR("week"), desk_word(v, W_AUDIENCE_WEEKS));
    desk_choice(v, f, STR("month"), desk_word(v, W_AUDIENCE_MONTHS));
    desk_line(v, form, "from", W_STATISTICS_FROM, desk_field(v, "from"))->type = STR("date");
    desk_line(v, form, "to", W_STATISTICS_TO, desk_field(v, "to"))->type = STR("date");
    for (int part = 0; part < AUDIENCE_PARTS; part++)
        if (audience_asks((enum audience_part)part))
            part_choose(x, form, (enum audience_part)part);
    if (desk_form_ok(v))
        chosen(x, form);
}

// ---- now -----------------------------------------------------------------------------------------------------------------

static void show_now(struct listening *x, struct view_desk_page *page) {
    struct desk_visit *v = x->v;
    const struct service_state *state = &x->air.state;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_AUDIENCE_NOW));
    int64_t all = 0;
    if (!x->air.radio_runs) {
        block->empty = desk_word(v, W_AUDIENCE_NOT_RUNNING);
        return;
    }
    for (size_t i = 0; i < state->count; i++)
        all += (int64_t)state->rows[i].listeners;
    desk_fact(v, block, W_AUDIENCE_NOW_ALL, desk_number_text(v, all));
    desk_fact(v, block, W_AUDIENCE_SINCE, desk_date(v, state->started_us));
    if (state->count == 0)
        return;
    struct view_desk_table *table = desk_table(v, block, W_AUDIENCE_NOW);
    const enum text_word columns[] = {W_AUDIENCE_STREAM, W_AUDIENCE_SERVICE, W_AUDIENCE_NOW_LISTENERS,
                                      W_AUDIENCE_NOW_PEAK};
    desk_columns(v, table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < state->count; i++) {
        desk_row(v, table);
        desk_cell(v, table, state->rows[i].stream)->head = true;
        desk_cell(v, table, service_text(x, state->rows[i].service));
        desk_cell(v, table, desk_number_text(v, (int64_t)state->rows[i].listeners))->number = true;
        desk_cell(v, table, desk_number_text(v, (int64_t)state->rows[i].peak))->number = true;
    }
}

// ---- tables --------------------------------------------------------------------------------------------------------------

// Which columns there are: different listeners and the peak are not known of every part.
enum { WITH_UNIQUE = 1, WITH_PEAK = 2 };

static void columns_add(struct desk_visit *v, struct view_desk_table *table, enum text_word first, unsigned with) {
    const enum text_word columns[] = {first,
                                      W_AUDIENCE_TLH_COLUMN,
                                      W_AUDIENCE_SS_COLUMN,
                                      W_AUDIENCE_AAS_COLUMN,
                                      W_AUDIENCE_ATSL_COLUMN,
                                      W_AUDIENCE_QHS_COLUMN};
    desk_columns(v, table, columns, sizeof columns / sizeof columns[0]);
    if (with & WITH_UNIQUE)
        desk_column(v, table, desk_word(v, W_AUDIENCE_CUME_COLUMN));
    if (with & WITH_PEAK)
        desk_column(v, table, desk_word(v, W_AUDIENCE_PEAK));
}

static void row_add(struct desk_visit *v, struct view_desk_table *table, struct str name,
                    const struct audience_sum *row, unsigned with) {
    desk_row(v, table);
    desk_cell(v, table, name)->head = true;
    desk_cell(v, table, decimal(v, listening_hours(row), 1))->number = true;
    desk_cell(v, table, desk_number_text(v, row->sessions))->number = true;
    desk_cell(v, table, decimal(v, listening_average(row), 1))->number = true;
    desk_cell(v, table, decimal(v, listening_minutes(row), 1))->number = true;
    desk_cell(v, table, desk_number_text(v, row->quarters))->number = true;
    if (with & WITH_UNIQUE)
        desk_cell(v, table, unique(v, row))->number = true;
    if (with & WITH_PEAK)
        desk_cell(v, table, desk_number_text(v, row->peak))->number = true;
}

// ---- drawings ------------------------------------------------------------------------------------------------------------

// Hours, or minutes while there are few of them: what is drawn is a whole number.
static bool draws_minutes(const struct listening *x) {
    return listening_hours(&x->a.all) < HOURS_PLOTTED;
}

static struct plot_value value_of(struct listening *x, struct str label, const struct audience_sum *row) {
    struct desk_visit *v = x->v;
    double hours = listening_hours(row), value = draws_minutes(x) ? hours * 60 : hours;
    struct str text = desk_number_text(v, (int64_t)(value + .5));
    return (struct plot_value){.label = label,
                               .value = (int64_t)(value + .5),
                               .title = str_fmt(v->a, "%.*s: %.*s", STR_ARG(label), STR_ARG(text))};
}

static void legend(struct listening *x, struct view_desk_block *block) {
    if (block->plots.n > 0)
        block->plots.items[0].series =
            desk_word(x->v, draws_minutes(x) ? W_AUDIENCE_PLOT_MINUTES : W_AUDIENCE_PLOT_HOURS);
}

// Newest first in the table; from the left in the drawing.
static void show_steps(struct listening *x, struct view_desk_page *page) {
    static const enum text_word headings[] = {W_STATISTICS_DAYS, W_AUDIENCE_BY_WEEK, W_AUDIENCE_BY_MONTH};
    static const enum text_word firsts[] = {W_STATISTICS_DAY, W_AUDIENCE_WEEK, W_AUDIENCE_MONTH};
    struct desk_visit *v = x->v;
    size_t n = x->a.step_count;
    unsigned with = audience_is_narrow(&x->ask) ? WITH_UNIQUE : WITH_UNIQUE | WITH_PEAK;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, headings[x->ask.step]));
    struct plot_value *values = ARENA_ARRAY(v->a, struct plot_value, n);
    block->text = text_phrase(v->a, v->lang, W_AUDIENCE_LATE, 0, day_text(v, x->ask.from_day, DATE_SHORT),
                              day_text(v, x->ask.to_day, DATE_SHORT));
    for (size_t i = 0; i < n; i++)
        values[i] = value_of(x, step_text(x, &x->a.steps[i]), &x->a.steps[i]);
    for (size_t i = 0; i < n && x->ask.step == AUDIENCE_BY_WEEK; i++) // there is no room for two days
        values[i].label = day_text(v, x->a.steps[i].from_day, DATE_SHORT);
    plot_columns(v, block,
                 text_phrase(v->a, v->lang, W_AUDIENCE_PLOT, 0, day_text(v, x->ask.from_day, DATE_SHORT),
                             day_text(v, x->ask.to_day, DATE_SHORT)),
                 values, n);
    legend(x, block);
    struct view_desk_table *table = desk_table(v, block, headings[x->ask.step]);
    columns_add(v, table, firsts[x->ask.step], with);
    table->more = csv_link(x, "periods");
    row_add(v, table, desk_word(v, W_STATISTICS_SUM), &x->a.all, with);
    for (size_t i = n; i-- > 0;)
        if (x->a.steps[i].listened_us > 0)
            row_add(v, table, step_text(x, &x->a.steps[i]), &x->a.steps[i], with);
}

static void show_hours(struct listening *x, struct view_desk_page *page) {
    enum { HOURS = 24 };
    struct desk_visit *v = x->v;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_AUDIENCE_HOURS));
    struct plot_value values[HOURS];
    struct view_desk_table *table = desk_table(v, block, W_AUDIENCE_HOURS);
    const enum text_word columns[] = {W_AUDIENCE_HOUR, W_AUDIENCE_TLH_COLUMN, W_AUDIENCE_PEAK};
    desk_columns(v, table, columns, sizeof columns / sizeof columns[0]);
    table->more = csv_link(x, "hours");
    for (int hour = 0; hour < HOURS; hour++) {
        struct audience_sum row = {.listened_us = x->a.hours_us[hour], .peak = x->a.hour_peaks[hour]};
        values[hour] = value_of(x, text_number(v->a, v->lang, hour), &row);
        if (row.listened_us == 0)
            continue;
        desk_row(v, table);
        desk_cell(v, table, values[hour].label)->head = true;
        desk_cell(v, table, decimal(v, listening_hours(&row), 1))->number = true;
        desk_cell(v, table, desk_number_text(v, row.peak))->number = true;
    }
    plot_columns(v, block, desk_word(v, W_AUDIENCE_HOURS), values, HOURS);
    legend(x, block);
}

// Of a long list the first; the file has all.
static void show_part(struct listening *x, struct view_desk_page *page, enum audience_part part) {
    struct desk_visit *v = x->v;
    const struct part_words *words = &part_words[part];
    const struct audience_sum *rows = x->a.parts[part];
    size_t n = x->a.part_counts[part], shown = n < ROWS_SHOWN ? n : ROWS_SHOWN;
    unsigned with = part == AUDIENCE_SERVICE ? WITH_UNIQUE : 0;
    if (n == 0)
        return;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, words->heading));
    struct plot_value *values = ARENA_ARRAY(v->a, struct plot_value, n);
    struct view_desk_table *table = desk_table(v, block, words->heading);
    columns_add(v, table, words->first, with);
    table->more = csv_link(x, words->csv);
    for (size_t i = 0; i < shown; i++) {
        values[i] = value_of(x, part_text(x, part, rows[i].name), &rows[i]);
        row_add(v, table, values[i].label, &rows[i], with);
    }
    struct audience_sum rest = {.span_us = x->a.all.span_us};
    for (size_t i = shown; i < n; i++) {
        rest.listened_us += rows[i].listened_us;
        rest.sessions += rows[i].sessions;
        rest.quarters += rows[i].quarters;
    }
    if (shown < n)
        row_add(v, table,
                text_phrase(v->a, v->lang, W_AUDIENCE_REST, 0, desk_number_text(v, (int64_t)(n - shown)), STR_NONE),
                &rest, 0);
    plot_bars(v, block, desk_word(v, words->heading), values, shown);
    legend(x, block);
}

static void show_meanings(struct desk_visit *v, struct view_desk_page *page) {
    static const enum text_word words[][2] = {
        {W_AUDIENCE_SESSION, W_AUDIENCE_SESSION_IS}, {W_AUDIENCE_TLH, W_AUDIENCE_TLH_IS},
        {W_AUDIENCE_SS, W_AUDIENCE_SS_IS},           {W_AUDIENCE_AAS, W_AUDIENCE_AAS_IS},
        {W_AUDIENCE_ATSL, W_AUDIENCE_ATSL_IS},       {W_AUDIENCE_QHS, W_AUDIENCE_QHS_IS},
        {W_AUDIENCE_CUME, W_AUDIENCE_CUME_IS},       {W_AUDIENCE_PEAK, W_AUDIENCE_PEAK_IS},
        {W_STATISTICS_DAY, W_AUDIENCE_DAY_IS},
    };
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_AUDIENCE_MEANINGS));
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        desk_fact(v, block, words[i][0], desk_word(v, words[i][1]));
}

// What a narrow question leaves out, where it does.
static void say_narrow(struct listening *x, struct view_desk_page *page) {
    struct desk_visit *v = x->v;
    if (!audience_is_narrow(&x->ask))
        return;
    desk_block(v, page, STR_NONE)->text = desk_word(v, W_AUDIENCE_NARROW);
    if (x->a.cells_from_day > x->a.first_day && x->a.cells_from_day < INT32_MAX &&
        x->ask.from_day < x->a.cells_from_day)
        desk_block(v, page, STR_NONE)->text = text_phrase(v->a, v->lang, W_AUDIENCE_NARROW_SINCE, 0,
                                                          day_text(v, x->a.cells_from_day, DATE_SHORT), STR_NONE);
}

static void show_stretch(struct listening *x, struct view_desk_page *page) {
    show_steps(x, page);
    if (!audience_is_narrow(&x->ask))
        show_hours(x, page);
    for (int part = AUDIENCE_SERVICE; part < AUDIENCE_PARTS; part++)
        if (x->ask.only[part].n == 0 && (part != AUDIENCE_SERVICE || x->a.part_counts[part] > 1))
            show_part(x, page, (enum audience_part)part);
}

enum rc audience_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct listening *x = ARENA_NEW(v.a, struct listening);
    enum rc rc = listening_begin(x, &v);
    if (rc != RC_OK)
        return rc;
    struct view_desk_page *page = desk_page(&v, W_AUDIENCE);
    desk_intro(&v, page, W_AUDIENCE_NOTE);
    if (desk_form_ok(&v))
        desk_action(&v, page, W_AUDIENCE_CSV_DAYS, csv_link(x, "days").address);
    filter(x, page);
    if (!desk_form_ok(&v))
        return desk_send(&v, page, 422);
    say_narrow(x, page);
    show_now(x, page);
    if (x->a.all.listened_us == 0)
        desk_block(&v, page, STR_NONE)->empty = desk_word(&v, W_AUDIENCE_NONE);
    else
        show_stretch(x, page);
    show_meanings(&v, page);
    return desk_send(&v, page, 0);
}
