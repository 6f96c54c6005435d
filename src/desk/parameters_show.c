// SPDX-License-Identifier: AGPL-3.0-or-later
// The technical parameters, made from the table of the configuration itself: what is in force, and a form for each group
// of those that the desk may set. What siaran.conf says is shown and cannot be changed here: it is the way back for
// whoever has the machine (docs/decisions/0005-settings-at-the-desk.md).
#include "desk/names.h"
#include "desk/parameters.h"
#include "desk/parts.h"
#include "desk/routes.h"

static const struct {
    const char *name;
    enum text_word heading;
} groups[] = {
    {"backup", W_PARAM_GROUP_BACKUP},   {"mail", W_PARAM_GROUP_MAIL}, {"address", W_PARAM_GROUP_ADDRESS},
    {"readers", W_PARAM_GROUP_READERS}, {"log", W_PARAM_GROUP_LOG},   {"machine", W_PARAM_GROUP_MACHINE},
};
enum { GROUPS = sizeof groups / sizeof groups[0] };

struct editing {
    struct desk_visit *v;
    struct parameters_saving saving;
    const char *group;
    struct site_parameter *rows;
    size_t count;
    struct site_parameter_change changes[PARAMETER_FIELDS_MAX];
    struct str before[PARAMETER_FIELDS_MAX];
    size_t change_count;
    bool stale; // somebody else saved meanwhile
};

size_t parameters_all(struct desk_visit *v, struct site_parameter **out) {
    *out = NULL;
    return v->site->running != NULL ? v->site->running->parameters(v->site, v->a, out) : 0;
}

struct str parameter_label(struct desk_visit *v, const struct site_parameter *p) {
    enum text_word w;
    return text_word_find(str_fmt(v->a, "param_%s", p->name), &w) ? desk_word(v, w) : str_from(p->name);
}

// The password's own field stands for its file, unless siaran.conf names another.
static bool is_of(const struct site_parameter *p, const char *group) {
    return strcmp(p->group, group) == 0 && (p->in_file || strcmp(p->name, "smtp_password_file") != 0);
}

// The site's address has a way of its own.
static bool is_editable(const struct site_parameter *p) {
    return p->for_desk && !p->in_file && strcmp(p->name, "site_origin") != 0;
}

// ---- all of them -----------------------------------------------------------------------------------------------------

static void mark(struct desk_visit *v, struct view_desk_cell *cell, const struct site_parameter *p) {
    enum text_word w = p->waiting     ? W_PARAM_WAITING
                       : p->in_file   ? W_PARAM_IN_FILE
                       : p->own.n > 0 ? W_DESK_SET_HERE
                                      : W_COUNT;
    if (w == W_COUNT)
        return;
    cell->badge = desk_word(v, w);
    cell->tone = p->waiting ? STR("bad") : STR("plain");
}

// What its 0 stands for; W_COUNT: for none of it, or there is no 0.
static enum text_word zero_word(const struct site_parameter *p) {
    static const struct {
        const char *name;
        enum text_word word;
    } rows[] = {{"loops", W_PARAM_AUTOMATIC},
                {"workers", W_PARAM_AUTOMATIC},
                {"connections_per_address", W_PARAM_NO_LIMIT},
                {"backup_keep", W_PARAM_OFF}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].name, p->name) == 0)
            return rows[i].word;
    return W_COUNT;
}

static const struct unit {
    const char *name;              // in the table of the configuration
    enum text_word counted, alone; // alone: behind a label that does not say it; W_COUNT: every label does
} units[] = {
    {"threads", W_PARAM_N_THREADS, W_COUNT},   {"connections", W_PARAM_N_CONNECTIONS, W_COUNT},
    {"requests", W_PARAM_N_REQUESTS, W_COUNT}, {"seconds", W_PARAM_N_SECONDS, W_PARAM_IN_SECONDS},
    {"days", W_PARAM_N_DAYS, W_PARAM_IN_DAYS}, {"backups", W_PARAM_N_BACKUPS, W_COUNT},
    {"MiB", W_PARAM_N_MIB, W_PARAM_IN_MIB},
};

static const struct unit *unit_of(const struct site_parameter *p) {
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(units[i].name, p->unit) == 0)
            return &units[i];
    return NULL;
}

static struct str hour_text(struct desk_visit *v, int64_t hour) {
    struct text_civil c = {.year = 2000, .month = 1, .day = 1, .hour = (int)hour};
    return text_date(v->a, v->lang, v->site->zone, text_civil_to_us(v->site->zone, c), DATE_TIME);
}

static struct str number_value(struct desk_visit *v, const struct site_parameter *p, int64_t n) {
    enum text_word zero = zero_word(p);
    const struct unit *unit = unit_of(p);
    if (n == 0 && zero != W_COUNT)
        return desk_word(v, zero);
    if (strcmp(p->unit, "hour") == 0)
        return hour_text(v, n);
    return unit != NULL ? text_phrase(v->a, v->lang, unit->counted, n, STR_NONE, STR_NONE) : desk_number_text(v, n);
}

// A value as it is written in the file, in words.
static struct str in_words(struct desk_visit *v, const struct site_parameter *p, struct str value) {
    int64_t n;
    if (p->kind == SITE_PARAMETER_SWITCH)
        return desk_word(v, str_eq(value, STR("on")) ? W_PARAM_ON : W_PARAM_OFF);
    if (value.n == 0)
        return STR("–");
    return p->kind == SITE_PARAMETER_NUMBER && str_to_i64(value, &n) ? number_value(v, p, n) : value;
}

// For whoever types one: as it is written, and what a 0 says.
static struct str as_typed(struct desk_visit *v, const struct site_parameter *p, struct str value) {
    enum text_word zero = zero_word(p);
    if (zero == W_COUNT || !str_eq(value, STR("0")))
        return value;
    return text_phrase(v->a, v->lang, W_PARAM_AS_TYPED, 0, value, desk_word(v, zero));
}

static void show_group(struct desk_visit *v, struct view_desk_page *page, size_t g, const struct site_parameter *rows,
                       size_t count) {
    struct view_desk_table *table =
        desk_table(v, desk_block(v, page, desk_word(v, groups[g].heading)), groups[g].heading);
    desk_column(v, table, desk_word(v, W_DESK_NAME));
    desk_column(v, table, desk_word(v, W_DESK_VALUE));
    for (size_t i = 0; i < count; i++) {
        if (!is_of(&rows[i], groups[g].name))
            continue;
        desk_row(v, table);
        desk_cell(v, table, parameter_label(v, &rows[i]))->note = str_from(rows[i].name);
        mark(v, desk_cell(v, table, in_words(v, &rows[i], rows[i].value)), &rows[i]);
    }
    table->more = (struct view_desk_link){.label = desk_word(v, W_PARAM_CHANGE),
                                          .address = str_fmt(v->a, "/desk/parameters/%s", groups[g].name)};
}

// What was set and is not in force yet, with the button where one helps.
static void show_waiting(struct desk_visit *v, struct view_desk_page *page, const struct site_parameter *rows,
                         size_t count) {
    bool site = false, station = false;
    for (size_t i = 0; i < count; i++) {
        site = site || (rows[i].waiting && rows[i].when == SITE_PARAMETER_WITH_SITE);
        station = station || (rows[i].waiting && rows[i].when == SITE_PARAMETER_WITH_STATION);
    }
    if (site) {
        struct view_desk_block *block = desk_block(v, page, desk_word(v, W_PARAM_RESTART));
        block->text = desk_word(v, W_PARAM_RESTART_TEXT);
        block->warning = true;
        desk_form(v, block, STR("/desk/parameters/restart"), W_PARAM_RESTART);
    }
    if (station) {
        struct view_desk_block *block = desk_block(v, page, desk_word(v, W_PARAM_STATION));
        block->text = desk_word(v, W_PARAM_STATION_TEXT);
        block->warning = true;
    }
}

enum rc parameters_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct site_parameter *rows;
    desk_begin(&v, req, reply);
    size_t count = parameters_all(&v, &rows);
    struct view_desk_page *page = desk_page(&v, W_DESK_PARAMETERS);
    desk_intro(&v, page, W_DESK_PARAMETERS_NOTE);
    show_waiting(&v, page, rows, count);
    for (size_t g = 0; g < GROUPS; g++)
        show_group(&v, page, g, rows, count);
    return desk_send(&v, page, 0);
}

// ---- one group -------------------------------------------------------------------------------------------------------

static struct str with(struct desk_visit *v, struct str text, struct str more) {
    return str_fmt(v->a, "%.*s %.*s", STR_ARG(text), STR_ARG(more));
}

static struct str default_text(struct desk_visit *v, const struct site_parameter *p) {
    struct str value = str_from(p->otherwise);
    bool zero = str_eq(value, STR("0")) && zero_word(p) != W_COUNT;
    return desk_isolated(v, zero ? as_typed(v, p, value) : in_words(v, p, value));
}

static struct str hint(struct desk_visit *v, const struct site_parameter *p) {
    enum text_word about;
    // The table is English.
    struct str text = text_word_find(str_fmt(v->a, "param_about_%s", p->name), &about)
                          ? desk_word(v, about)
                          : desk_isolated(v, str_from(p->description));
    if (p->otherwise[0] != '\0')
        text = with(v, text, text_phrase(v->a, v->lang, W_PARAM_DEFAULT, 0, default_text(v, p), STR_NONE));
    if (p->kind == SITE_PARAMETER_NUMBER)
        text = with(v, text,
                    text_phrase(v->a, v->lang, W_PARAM_RANGE, 0, str_fmt(v->a, "%lld", (long long)p->min),
                                str_fmt(v->a, "%lld", (long long)p->max)));
    if (p->when != SITE_PARAMETER_AT_ONCE)
        text =
            with(v, text, desk_word(v, p->when == SITE_PARAMETER_WITH_SITE ? W_PARAM_WITH_SITE : W_PARAM_WITH_STATION));
    return text;
}

static void choices(struct desk_visit *v, struct view_desk_field *f, const struct site_parameter *p) {
    static const char *const levels[] = {"debug", "info", "warn", "error"};
    desk_choice(v, f, STR_NONE,
                text_phrase(v->a, v->lang, W_PARAM_AS_TYPED, 0, desk_word(v, W_PARAM_DEFAULT_CHOICE),
                            in_words(v, p, str_from(p->otherwise))));
    if (p->kind == SITE_PARAMETER_SWITCH) {
        desk_choice(v, f, STR("on"), desk_word(v, W_PARAM_ON));
        desk_choice(v, f, STR("off"), desk_word(v, W_PARAM_OFF));
        return;
    }
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        desk_choice(v, f, str_from(levels[i]), str_from(levels[i]));
}

static const char *field_name(struct desk_visit *v, size_t place) {
    return str_fmt(v->a, "p%zu", place + 1).p;
}

static void add_field(struct desk_visit *v, struct view_desk_form *form, const struct site_parameter *p, size_t place) {
    const char *name = field_name(v, place);
    bool chosen = p->kind == SITE_PARAMETER_SWITCH || p->kind == SITE_PARAMETER_LEVEL;
    struct view_desk_field *f =
        chosen ? desk_select(v, form, name, W_DESK_VALUE, p->own) : desk_line(v, form, name, W_DESK_VALUE, p->own);
    f->label = parameter_label(v, p);
    const struct unit *unit = unit_of(p);
    if (unit != NULL && unit->alone != W_COUNT)
        f->label = text_phrase(v->a, v->lang, W_PARAM_AS_TYPED, 0, f->label, desk_word(v, unit->alone));
    f->hint = hint(v, p);
    if (f->problem.n > 0)
        form->problems.items[form->problems.n - 1].label = f->label;
    if (chosen)
        return choices(v, f, p);
    f->code = true;
    f->placeholder = as_typed(v, p, p->value);
    f->max = p->kind == SITE_PARAMETER_NUMBER ? 20 : 255;
    f->input_mode = p->kind == SITE_PARAMETER_NUMBER ? STR("numeric") : STR_NONE;
}

// Another number as soon as anybody set anything of the group.
static struct str version_of(const struct editing *e) {
    struct str text = STR("");
    for (size_t i = 0; i < e->count; i++)
        if (is_of(&e->rows[i], e->group))
            text = str_fmt(e->v->a, "%.*s\n%s=%.*s", STR_ARG(text), e->rows[i].name, STR_ARG(e->rows[i].own));
    return str_fmt(e->v->a, "%016llx", (unsigned long long)hash_stable(text));
}

// What cannot be set here stands there as it is.
static void show_fixed(struct editing *e, struct view_desk_page *page) {
    struct desk_visit *v = e->v;
    struct view_desk_block *block = NULL;
    for (size_t i = 0; i < e->count; i++) {
        const struct site_parameter *p = &e->rows[i];
        if (!is_of(p, e->group) || (p->for_desk && !p->in_file))
            continue;
        if (block == NULL) {
            block = desk_block(v, page, desk_word(v, W_PARAM_FIXED));
            block->text = desk_word(v, W_PARAM_FIXED_TEXT);
        }
        desk_fact(v, block, W_DESK_VALUE, in_words(v, p, p->value));
        struct view_desk_fact *fact = &block->facts.items[block->facts.n - 1];
        fact->name = str_fmt(v->a, "%.*s (%s)", STR_ARG(parameter_label(v, p)), p->name);
        if (p->in_file) {
            fact->badge = desk_word(v, W_PARAM_IN_FILE);
            fact->tone = STR("plain");
        }
    }
}

// What a colleague saved meanwhile, beside what was typed.
static void show_beside(struct editing *e, struct view_desk_page *page) {
    struct desk_visit *v = e->v;
    struct names_field fields[PARAMETER_FIELDS_MAX];
    size_t n = 0, place = 0;
    for (size_t i = 0; i < e->count; i++) {
        if (!is_of(&e->rows[i], e->group))
            continue;
        const char *name = field_name(v, place++);
        if (is_editable(&e->rows[i]) && n < PARAMETER_FIELDS_MAX)
            fields[n++] =
                (struct names_field){.name = name, .theirs = e->rows[i].own, .called = parameter_label(v, &e->rows[i])};
    }
    names_beside(v, page, fields, n);
}

static enum rc show(struct editing *e, int status) {
    struct desk_visit *v = e->v;
    enum text_word heading = W_DESK_PARAMETERS;
    for (size_t g = 0; g < GROUPS; g++)
        if (strcmp(groups[g].name, e->group) == 0)
            heading = groups[g].heading;
    struct view_desk_page *page = desk_page(v, heading);
    desk_crumb(v, page, desk_word(v, W_DESK_PARAMETERS), STR("/desk/parameters"));
    if (e->stale)
        show_beside(e, page);
    bool mail = strcmp(e->group, "mail") == 0;
    struct view_desk_form *form = desk_form(v, desk_block(v, page, STR_NONE), v->req->path, W_DESK_SAVE);
    desk_hidden(v, form, "version", version_of(e));
    size_t place = 0;
    for (size_t i = 0; i < e->count; i++) {
        if (!is_of(&e->rows[i], e->group))
            continue;
        if (is_editable(&e->rows[i]))
            add_field(v, form, &e->rows[i], place);
        if (strcmp(e->rows[i].name, "smtp_user") == 0)
            mail_password_fields(v, form);
        place++;
    }
    for (size_t i = 0; i < e->count; i++)
        if (is_of(&e->rows[i], e->group) && strcmp(e->rows[i].name, "site_origin") == 0)
            origin_show(v, page, &e->rows[i]);
    show_fixed(e, page);
    enum rc rc = mail ? mail_tests_show(v, page) : RC_OK;
    return rc == RC_OK ? desk_send(v, page, status) : rc;
}

// RC_NOT_FOUND: no group of that name.
static enum rc begin(struct editing *e, struct desk_visit *v) {
    *e = (struct editing){.v = v};
    for (size_t g = 0; g < GROUPS; g++)
        if (str_eq(v->req->params[0], str_from(groups[g].name)))
            e->group = groups[g].name;
    if (e->group == NULL)
        return RC_NOT_FOUND;
    e->count = parameters_all(v, &e->rows);
    return e->count > 0 ? RC_OK : RC_NOT_FOUND;
}

enum rc parameter_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct editing *e = ARENA_NEW(v.a, struct editing);
    enum rc rc = begin(e, &v);
    if (rc == RC_OK && !desk_is_fresh(&v, NULL))
        return RC_OK;
    return rc == RC_OK ? show(e, 0) : rc;
}

// ---- changes ---------------------------------------------------------------------------------------------------------

// "10.0.0.1", "::1" and "[::1]" as one text each; "" when it is no address.
static struct str host_text(struct arena *a, struct str word) {
    struct net_address address;
    size_t at;
    bool v6 = str_find_char(word, ':', &at) && word.p[0] != '[';
    struct str whole = v6 ? str_fmt(a, "[%.*s]:0", STR_ARG(word)) : str_fmt(a, "%.*s:0", STR_ARG(word));
    return net_address_parse(whole, &address, NULL) == RC_OK ? net_address_text(a, &address) : STR("");
}

// Without the proxy that one comes through, one's next request would look unencrypted, and the desk would not open.
static void check_proxies(struct desk_visit *v, const char *field, struct str list) {
    struct net_address via = v->req->via;
    struct str own = net_address_text(v->a, &via), word;
    size_t colon = own.n;
    while (colon > 0 && own.p[colon - 1] != ':')
        colon--;
    own = colon > 0 ? host_text(v->a, str_slice(own, 0, colon - 1)) : STR("");
    if (!v->req->secure || own.n == 0)
        return;
    while (str_next(&list, ' ', &word))
        if (word.n > 0 && str_eq(host_text(v->a, word), own))
            return;
    own = str_slice(own, 0, own.n - 2);
    desk_problem_text(v, field, text_phrase(v->a, v->lang, W_PARAM_PROXY_YOURS, 0, own, STR_NONE));
}

// The program's own sentence is English; in other languages one that leads to what stands at the field.
static struct str why_not(struct desk_visit *v, const struct problem *problem) {
    return v->lang == LANG_EN ? str_dup(v->a, str_from(problem->text)) : desk_word(v, W_PARAM_WRONG);
}

static enum rc check_one(struct editing *e, const struct site_parameter *p, const char *field, struct str value) {
    struct problem problem = {""};
    enum rc rc = e->v->site->running->parameter_check(str_from(p->name), value, &problem);
    if (rc == RC_INVALID)
        desk_problem_text(e->v, field, why_not(e->v, &problem));
    else if (rc != RC_OK)
        return rc;
    else if (strcmp(p->name, "trusted_proxies") == 0 && !str_eq(value, p->own))
        check_proxies(e->v, field, value);
    if (!str_eq(value, p->own)) {
        must(e->change_count < PARAMETER_FIELDS_MAX);
        e->before[e->change_count] = p->own;
        e->changes[e->change_count++] = (struct site_parameter_change){str_from(p->name), value};
    }
    return RC_OK;
}

static enum rc check(struct editing *e) {
    size_t place = 0;
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < e->count; i++) {
        if (!is_of(&e->rows[i], e->group))
            continue;
        const char *field = field_name(e->v, place++);
        if (is_editable(&e->rows[i]))
            rc = check_one(e, &e->rows[i], field, desk_field(e->v, field));
    }
    return rc;
}

enum rc parameter_audit(struct desk_visit *v, struct db *db, const char *name, struct str before, struct str after) {
    struct audit_entry entry = {.who = desk_who(v), .verb = STR("change"), .kind = STR("setting")};
    entry.before = before.n > 0 ? str_fmt(v->a, "%s: %.*s", name, STR_ARG(before)) : STR("");
    entry.after = after.n > 0 ? str_fmt(v->a, "%s: %.*s", name, STR_ARG(after)) : STR("");
    if (before.n == 0 && after.n == 0)
        entry.after = str_from(name);
    return audit_add(db, &entry);
}

enum rc parameters_prepare_next(struct parameters_saving *s, struct db *db) {
    return s->v->site->running->parameters_prepare(s->v->site, s->v->a, db, &s->saved, &s->problem);
}

struct saving_write { // the caller's write, and the files behind it
    struct parameters_saving *saving;
    store_write_fn fn;
    void *arg;
};

static enum rc write_piece(struct db *db, void *arg) {
    struct saving_write *w = arg;
    return w->fn(db, w->arg);
}

static enum rc put_files(void *arg) {
    struct parameters_saving *s = ((struct saving_write *)arg)->saving;
    s->committed = true;
    return s->v->site->running->parameters_put(s->v->site, &s->saved, &s->problem);
}

static enum rc note_failure(struct db *db, void *arg) {
    const struct parameters_saving *s = arg;
    struct audit_entry entry = {.who = desk_who(s->v), .verb = STR("fail"), .kind = STR("setting")};
    entry.after = STR("not stored: a file could not be replaced");
    return audit_add(db, &entry);
}

enum rc parameters_save(struct parameters_saving *s, store_write_fn fn, void *arg) {
    struct saving_write w = {s, fn, arg};
    enum rc rc = store_write_then(s->v->site->store, write_piece, put_files, &w);
    if (rc == RC_OK)
        return rc;
    s->v->site->running->parameters_drop(s->v->site, &s->saved);
    if (s->problem.text[0] != '\0')
        log_error("%s", s->problem.text);
    if (s->committed && store_write(s->v->site->store, STORE_DURABLE, note_failure, s) != RC_OK)
        log_error("that the parameters were not stored could not be written down");
    return rc;
}

// Inside the write, behind which no other begins before the files are put: of two who save at the same time one comes
// second, and is shown what the first saved.
static bool is_stale(struct editing *e) {
    e->count = parameters_all(e->v, &e->rows);
    e->stale = !str_eq(desk_field(e->v, "version"), version_of(e));
    return e->stale;
}

static enum rc save(struct db *db, void *arg) {
    struct editing *e = arg;
    struct desk_visit *v = e->v;
    if (is_stale(e))
        return RC_CONFLICT;
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < e->change_count; i++)
        rc = parameter_audit(v, db, str_c(v->a, e->changes[i].name), e->before[i], e->changes[i].value);
    if (rc == RC_OK && strcmp(e->group, "mail") == 0)
        rc = mail_password_take(&e->saving, db);
    bool any = e->change_count > 0 || e->saving.saved.password_too;
    return rc == RC_OK && any ? parameters_prepare_next(&e->saving, db) : rc;
}

enum rc parameter_show_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct editing *e = ARENA_NEW(v.a, struct editing);
    enum rc rc = begin(e, &v);
    if (rc != RC_OK || !desk_is_fresh(&v, NULL))
        return rc;
    rc = check(e);
    if (rc != RC_OK)
        return rc;
    bool mail = strcmp(e->group, "mail") == 0;
    if (mail && !mail_password_check(&v))
        return show(e, 422);
    if (!desk_form_ok(&v))
        return show(e, 422);
    e->saving = (struct parameters_saving){.v = &v, .saved = {.changes = e->changes, .count = e->change_count}};
    rc = parameters_save(&e->saving, save, e);
    if (e->stale) {
        desk_fail(&v, W_PARAM_CHANGED_MEANWHILE);
        return show(e, 409);
    }
    if (rc == RC_IO && e->saving.problem.text[0] != '\0') {
        desk_fail(&v, W_PARAM_NOT_STORED);
        return show(e, 500);
    }
    if (rc != RC_OK)
        return rc;
    bool taken = v.site->running->parameters_taken(v.site);
    return desk_go(&v, mail ? req->path : STR("/desk/parameters"), taken ? "parameters" : "parameters_later");
}

static enum rc note_anew(struct db *db, void *arg) {
    struct desk_visit *v = arg;
    struct audit_entry entry = {.who = desk_who(v), .verb = STR("restart"), .kind = STR("site")};
    return audit_add(db, &entry);
}

enum rc parameters_restart_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    if (!desk_is_fresh(&v, "/desk/parameters"))
        return RC_OK;
    if (v.site->running == NULL)
        return RC_NOT_FOUND;
    enum rc rc = store_write(v.site->store, STORE_DURABLE, note_anew, &v);
    if (rc != RC_OK)
        return rc;
    v.site->running->begin_anew(v.site);
    return desk_go(&v, STR("/desk/parameters"), "begun_anew");
}
