// SPDX-License-Identifier: AGPL-3.0-or-later
// What was read and voted in a stretch of days: drawn, in tables, and as CSV (RFC 4180) for a spreadsheet. Everybody sees
// what belongs to their own desks.
#include "desk/figures.h"
#include "desk/plot.h"
#include "desk/routes.h"
#include "news/news.h"

enum { DAYS_SHOWN = 30 };

struct seeing {
    struct desk_visit *v;
    struct statistics_ask ask;
    struct statistics s;
    struct section *sections; // to choose from
    size_t section_count;
};

// ---- what is asked -----------------------------------------------------------------------------------------------------

static bool may_see(void *arg, enum text_lang lang, int64_t section_id) {
    struct desk_visit *v = arg;
    struct staff_object object = {lang, section_id, 0};
    return staff_may(v->account, MAY_READ_STATISTICS, &object);
}

static struct str day_text(struct seeing *x, int64_t day) {
    int64_t at = text_civil_to_us(x->v->site->zone, text_day_civil(day));
    return text_date(x->v->a, x->v->lang, x->v->site->zone, at, DATE_SHORT);
}

static enum rc ask_take(struct seeing *x) {
    struct desk_visit *v = x->v;
    int64_t today = text_day_of(text_civil_of(v->site->zone, v->now)), section = 0;
    x->ask = (struct statistics_ask){.to_day = today, .zone = v->site->zone, .may = may_see, .may_arg = v};
    bool good = v->req->form_ok && figures_day_take(v, "to", &x->ask.to_day);
    x->ask.from_day = x->ask.to_day - DAYS_SHOWN + 1;
    good = good && figures_day_take(v, "from", &x->ask.from_day);
    if (!good || x->ask.from_day > x->ask.to_day || x->ask.to_day - x->ask.from_day >= STATISTICS_DAYS_MAX)
        desk_problem_text(
            v, "from",
            text_phrase(v->a, v->lang, W_STATISTICS_RANGE, 0, desk_number_text(v, STATISTICS_DAYS_MAX), STR_NONE));
    x->ask.one_lang = text_lang_find(desk_field(v, "lang"), &x->ask.lang);
    enum rc rc = x->ask.one_lang ? section_list(v->a, v->db, x->ask.lang, &x->sections, &x->section_count) : RC_OK;
    (void)str_to_i64(desk_field(v, "section"), &section);
    for (size_t i = 0; i < x->section_count; i++) // one of another language: all
        if (x->sections[i].id == section)
            x->ask.section_id = section;
    return rc;
}

static enum rc begin(struct seeing *x, struct desk_visit *v) {
    x->v = v;
    if (!staff_may_somewhere(v->account, MAY_READ_STATISTICS))
        return RC_DENIED;
    enum rc rc = ask_take(x);
    return rc == RC_OK && desk_form_ok(v) ? statistics_read(v->a, v->db, &x->ask, &x->s) : rc;
}

// ---- the form ------------------------------------------------------------------------------------------------------------

static void filter(struct seeing *x, struct view_desk_page *page) {
    struct desk_visit *v = x->v;
    struct view_desk_form *form = desk_form(v, desk_block(v, page, STR_NONE), STR("/desk/statistics"), W_DESK_SHOW);
    form->get = form->in_line = form->quiet = true;
    desk_line(v, form, "from", W_STATISTICS_FROM, figures_day_field(v, x->ask.from_day))->type = STR("date");
    desk_line(v, form, "to", W_STATISTICS_TO, figures_day_field(v, x->ask.to_day))->type = STR("date");
    struct view_desk_field *f =
        desk_select(v, form, "lang", W_DESK_LANGUAGE_OF, x->ask.one_lang ? text_lang_code(x->ask.lang) : STR_NONE);
    desk_choice(v, f, STR_NONE, desk_word(v, W_DESK_ALL_LANGUAGES));
    desk_choose_language(v, f);
    if (x->section_count == 0)
        return;
    f = desk_select(v, form, "section", W_DESK_SECTION, str_fmt(v->a, "%lld", (long long)x->ask.section_id));
    desk_choice(v, f, STR("0"), desk_word(v, W_DESK_ALL_SECTIONS));
    for (size_t i = 0; i < x->section_count; i++)
        desk_choice(v, f, str_fmt(v->a, "%lld", (long long)x->sections[i].id), x->sections[i].name);
}

// The same question, answered as CSV.
static struct str csv_address(struct seeing *x, const char *of) {
    struct desk_visit *v = x->v;
    struct str from = figures_day_field(v, x->ask.from_day), to = figures_day_field(v, x->ask.to_day);
    struct str lang = x->ask.one_lang ? text_lang_code(x->ask.lang) : STR("");
    return str_fmt(v->a, "/desk/statistics/%s.csv?from=%.*s&to=%.*s&lang=%.*s&section=%lld", of, STR_ARG(from),
                   STR_ARG(to), STR_ARG(lang), (long long)x->ask.section_id);
}

// ---- drawings and tables -------------------------------------------------------------------------------------------------

static struct str average_text(struct desk_visit *v, const struct statistics_sum *row) {
    return row->votes == 0 ? STR("–") : text_decimal(v->a, v->lang, (double)row->stars / (double)row->votes, 1);
}

static void numbers_add(struct desk_visit *v, struct view_desk_table *table, const struct statistics_sum *row) {
    desk_cell(v, table, desk_number_text(v, row->reads))->number = true;
    desk_cell(v, table, desk_number_text(v, row->raw))->number = true;
    desk_cell(v, table, desk_number_text(v, row->votes))->number = true;
    desk_cell(v, table, average_text(v, row))->number = true;
}

static struct view_desk_table *table_begin(struct seeing *x, struct view_desk_block *block, enum text_word caption,
                                           enum text_word first, const char *csv) {
    struct desk_visit *v = x->v;
    struct view_desk_table *table = desk_table(v, block, caption);
    const enum text_word columns[] = {first, W_STATISTICS_READS, W_STATISTICS_RAW, W_STATISTICS_VOTES,
                                      W_STATISTICS_AVERAGE};
    desk_columns(v, table, columns, sizeof columns / sizeof columns[0]);
    table->more = (struct view_desk_link){.label = desk_word(v, W_STATISTICS_CSV), .address = csv_address(x, csv)};
    return table;
}

static void row_add(struct desk_visit *v, struct view_desk_table *table, struct str name,
                    const struct statistics_sum *row) {
    desk_row(v, table);
    desk_cell(v, table, name)->head = true;
    numbers_add(v, table, row);
}

static struct plot_value value_of(struct desk_visit *v, struct str label, const struct statistics_sum *row) {
    struct str reads = desk_number_text(v, row->reads), raw = desk_number_text(v, row->raw);
    return (struct plot_value){.label = label,
                               .value = row->reads,
                               .faint = row->raw,
                               .title =
                                   str_fmt(v->a, "%.*s: %.*s / %.*s", STR_ARG(label), STR_ARG(reads), STR_ARG(raw))};
}

static void legend(struct desk_visit *v, struct view_desk_block *block) {
    if (block->plots.n == 0)
        return;
    block->plots.items[0].series = desk_word(v, W_STATISTICS_READS);
    block->plots.items[0].faint_series = desk_word(v, W_STATISTICS_RAW);
}

// Newest first in the table, as one looks for yesterday; from the left in the drawing.
static void show_days(struct seeing *x, struct view_desk_page *page) {
    struct desk_visit *v = x->v;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_STATISTICS_DAYS));
    struct plot_value *values = ARENA_ARRAY(v->a, struct plot_value, x->s.day_count);
    block->text = desk_word(v, W_STATISTICS_WHAT);
    for (size_t i = 0; i < x->s.day_count; i++)
        values[i] = value_of(v, day_text(x, x->s.days[i].key), &x->s.days[i]);
    plot_columns(v, block,
                 text_phrase(v->a, v->lang, W_STATISTICS_PLOT, 0, values[0].label, values[x->s.day_count - 1].label),
                 values, x->s.day_count);
    legend(v, block);
    struct view_desk_table *table = table_begin(x, block, W_STATISTICS_DAYS, W_STATISTICS_DAY, "days");
    row_add(v, table, desk_word(v, W_STATISTICS_SUM), &x->s.all);
    for (size_t i = x->s.day_count; i-- > 0;)
        if (x->s.days[i].raw > 0 || x->s.days[i].votes > 0)
            row_add(v, table, values[i].label, &x->s.days[i]);
}

static struct str named_sum(struct seeing *x, const struct statistics_sum *row) {
    struct desk_visit *v = x->v;
    struct str lang = text_lang_name(row->lang);
    return x->ask.one_lang ? row->label : str_fmt(v->a, "%.*s – %.*s", STR_ARG(row->label), STR_ARG(lang));
}

static void show_sections(struct seeing *x, struct view_desk_page *page) {
    struct desk_visit *v = x->v;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_STATISTICS_SECTIONS));
    struct plot_value *values = ARENA_ARRAY(v->a, struct plot_value, x->s.section_count);
    for (size_t i = 0; i < x->s.section_count; i++)
        values[i] = value_of(v, named_sum(x, &x->s.sections[i]), &x->s.sections[i]);
    plot_bars(v, block, desk_word(v, W_STATISTICS_SECTIONS), values, x->s.section_count);
    legend(v, block);
    struct view_desk_table *table = table_begin(x, block, W_STATISTICS_SECTIONS, W_DESK_SECTION, "sections");
    for (size_t i = 0; i < x->s.section_count; i++)
        row_add(v, table, values[i].label, &x->s.sections[i]);
}

static void show_langs(struct seeing *x, struct view_desk_page *page) {
    struct desk_visit *v = x->v;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_STATISTICS_LANGS));
    struct plot_value values[LANG_COUNT];
    size_t n = 0;
    struct view_desk_table *table = table_begin(x, block, W_STATISTICS_LANGS, W_DESK_LANGUAGE_OF, "languages");
    for (int l = 0; l < LANG_COUNT; l++) {
        if (x->s.langs[l].raw == 0 && x->s.langs[l].votes == 0)
            continue;
        values[n] = value_of(v, text_lang_name((enum text_lang)l), &x->s.langs[l]);
        row_add(v, table, values[n++].label, &x->s.langs[l]);
    }
    plot_bars(v, block, desk_word(v, W_STATISTICS_LANGS), values, n);
    legend(v, block);
}

static void show_articles(struct seeing *x, struct view_desk_page *page) {
    struct desk_visit *v = x->v;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_STATISTICS_ARTICLES));
    struct plot_value *values = ARENA_ARRAY(v->a, struct plot_value, x->s.article_count);
    struct view_desk_table *table = table_begin(x, block, W_STATISTICS_ARTICLES, W_DESK_HEADLINE, "articles");
    for (size_t i = 0; i < x->s.article_count; i++) {
        const struct statistics_sum *row = &x->s.articles[i];
        values[i] = value_of(v, row->label, row);
        desk_row(v, table);
        struct view_desk_cell *cell = desk_cell(v, table, row->label);
        cell->head = true;
        cell->address = str_fmt(v->a, "/n/%lld", (long long)row->key);
        numbers_add(v, table, row);
    }
    plot_bars(v, block, desk_word(v, W_STATISTICS_ARTICLES), values, x->s.article_count);
    legend(v, block);
}

// Readers only: a program that sends an invented address is not counted at all.
static void show_hosts(struct seeing *x, struct view_desk_page *page) {
    struct desk_visit *v = x->v;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_STATISTICS_HOSTS));
    block->text = desk_word(v, W_STATISTICS_HOSTS_WHAT);
    struct plot_value *values = ARENA_ARRAY(v->a, struct plot_value, x->s.host_count);
    struct view_desk_table *table = desk_table(v, block, W_STATISTICS_HOSTS);
    desk_column(v, table, desk_word(v, W_STATISTICS_HOST));
    desk_column(v, table, desk_word(v, W_STATISTICS_READS));
    table->more = (struct view_desk_link){.label = desk_word(v, W_STATISTICS_CSV), .address = csv_address(x, "hosts")};
    desk_row(v, table);
    desk_cell(v, table, desk_word(v, W_STATISTICS_NO_HOST))->head = true;
    desk_cell(v, table, desk_number_text(v, x->s.all.reads - x->s.from_hosts))->number = true;
    for (size_t i = 0; i < x->s.host_count; i++) {
        const struct statistics_sum *row = &x->s.hosts[i];
        values[i] = value_of(v, row->label, row);
        desk_row(v, table);
        desk_cell(v, table, row->label)->head = true;
        desk_cell(v, table, desk_number_text(v, row->reads))->number = true;
    }
    plot_bars(v, block, desk_word(v, W_STATISTICS_HOSTS), values, x->s.host_count);
}

enum rc statistics_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct seeing *x = ARENA_NEW(v.a, struct seeing);
    enum rc rc = begin(x, &v);
    if (rc != RC_OK)
        return rc;
    struct view_desk_page *page = desk_page(&v, W_DESK_STATISTICS);
    desk_intro(&v, page, W_DESK_STATISTICS_NOTE);
    filter(x, page);
    if (!desk_form_ok(&v))
        return desk_send(&v, page, 422);
    if (x->s.all.raw == 0 && x->s.all.votes == 0) {
        desk_block(&v, page, STR_NONE)->empty = desk_word(&v, W_STATISTICS_NONE);
        return desk_send(&v, page, 0);
    }
    show_days(x, page);
    show_articles(x, page);
    show_sections(x, page);
    show_langs(x, page);
    show_hosts(x, page);
    return desk_send(&v, page, 0);
}

// ---- CSV -----------------------------------------------------------------------------------------------------------------

static void csv_numbers(struct buf *b, const struct statistics_sum *row) {
    buf_fmt(b, ",%lld,%lld,%lld,%lld\r\n", (long long)row->reads, (long long)row->raw, (long long)row->votes,
            (long long)row->stars);
}

static void csv_days(struct seeing *x, struct buf *b) {
    buf_c(b, "day,readers,answers,votes,stars\r\n");
    for (size_t i = 0; i < x->s.day_count; i++) {
        buf_str(b, figures_day_field(x->v, x->s.days[i].key));
        csv_numbers(b, &x->s.days[i]);
    }
}

static void csv_langs(struct seeing *x, struct buf *b) {
    buf_c(b, "language,readers,answers,votes,stars\r\n");
    for (int l = 0; l < LANG_COUNT; l++) {
        if (x->s.langs[l].raw == 0 && x->s.langs[l].votes == 0)
            continue;
        buf_str(b, text_lang_code((enum text_lang)l));
        csv_numbers(b, &x->s.langs[l]);
    }
}

static void csv_named(struct buf *b, const char *head, const struct statistics_sum *rows, size_t count) {
    buf_fmt(b, "%s,language,name,readers,answers,votes,stars\r\n", head);
    for (size_t i = 0; i < count; i++) {
        struct str lang = text_lang_code(rows[i].lang);
        buf_fmt(b, "%lld,%.*s,", (long long)rows[i].key, STR_ARG(lang));
        figures_csv_text(b, rows[i].label);
        csv_numbers(b, &rows[i]);
    }
}

static void csv_hosts(struct seeing *x, struct buf *b) {
    buf_c(b, "host,readers\r\n");
    for (size_t i = 0; i < x->s.host_count; i++) {
        figures_csv_text(b, x->s.hosts[i].label);
        buf_fmt(b, ",%lld\r\n", (long long)x->s.hosts[i].reads);
    }
}

static bool csv_write(struct seeing *x, struct str name, struct buf *b) {
    if (str_eq(name, STR("days.csv")))
        csv_days(x, b);
    else if (str_eq(name, STR("languages.csv")))
        csv_langs(x, b);
    else if (str_eq(name, STR("hosts.csv")))
        csv_hosts(x, b);
    else if (str_eq(name, STR("sections.csv")))
        csv_named(b, "section", x->s.sections, x->s.section_count);
    else if (str_eq(name, STR("articles.csv")))
        csv_named(b, "article", x->s.articles, x->s.article_count);
    else
        return false;
    return true;
}

enum rc statistics_csv_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct seeing *x = ARENA_NEW(v.a, struct seeing);
    enum rc rc = begin(x, &v);
    if (rc != RC_OK || !desk_form_ok(&v))
        return rc != RC_OK ? rc : RC_INVALID;
    if (!csv_write(x, req->params[0], &reply->body))
        return RC_NOT_FOUND;
    figures_csv_send(&v, reply, req->params[0]);
    return RC_OK;
}
