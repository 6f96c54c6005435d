// SPDX-License-Identifier: AGPL-3.0-or-later
// See parameters.h.
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "courier/courier.h"
#include "main/parameters.h"

enum { FILE_MAX = 1 << 16, PARAMETERS_MAX = 64 };

// ---- desk.conf -------------------------------------------------------------------------------------------------------

static const char *desk_path(struct arena *a, const char *dir) {
    return str_fmt(a, "%s/desk.conf", dir).p;
}

// The file's values by row, in the arena; STR_NONE where it says nothing.
static enum rc read_own(const char *dir, struct arena *a, struct str own[PARAMETERS_MAX], struct problem *p) {
    struct buf text;
    must(config_row_count <= PARAMETERS_MAX);
    memset(own, 0, sizeof(struct str) * PARAMETERS_MAX);
    buf_init(&text, FILE_MAX);
    enum rc rc = file_read(desk_path(a, dir), &text, p);
    struct lines lines = {.rest = str_dup(a, buf_view(&text))};
    struct str key, value;
    while (rc == RC_OK && lines_next(&lines, '=', &key, &value)) {
        const struct config_row *row = config_row_find(key);
        if (row != NULL && row->desk && value.n > 0)
            own[row - config_rows] = value;
    }
    buf_fini(&text);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static enum rc write_own(const char *path, const struct str own[PARAMETERS_MAX], struct problem *p) {
    struct buf text;
    buf_init(&text, FILE_MAX);
    buf_c(&text, "# Written by the desk. What siaran.conf says counts before this.\n");
    for (size_t i = 0; i < config_row_count; i++)
        if (own[i].n > 0)
            buf_fmt(&text, "%s = %.*s\n", config_rows[i].name, STR_ARG(own[i]));
    enum rc rc = text.failed ? RC_TOO_BIG : file_write(path, buf_view(&text), 0600, p);
    buf_fini(&text);
    return rc;
}

// ---- what the desk shows -----------------------------------------------------------------------------------------------

static enum site_parameter_kind kind_of(const struct config_row *row) {
    return row->kind == CONFIG_NUMBER   ? SITE_PARAMETER_NUMBER
           : row->kind == CONFIG_SWITCH ? SITE_PARAMETER_SWITCH
           : row->kind == CONFIG_LEVEL  ? SITE_PARAMETER_LEVEL
                                        : SITE_PARAMETER_LINE;
}

// The newest value waits for a new site process; of what only the parent can take over, what is set waits for it.
static bool is_waiting(const struct parameters *p, struct arena *a, const struct config_row *row,
                       const struct site_parameter *shown) {
    struct str newest = config_value_text(a, p->newest, row);
    if (row->when == CONFIG_WITH_SITE)
        return !str_eq(newest, config_value_text(a, p->begun, row));
    if (row->when != CONFIG_WITH_STATION || shown->in_file || !row->desk)
        return false;
    return !str_eq(newest, shown->own.n > 0 ? shown->own : str_from(row->otherwise));
}

size_t parameters_list(const struct parameters *p, struct arena *a, struct site_parameter **out) {
    struct site_parameter *rows = ARENA_ARRAY(a, struct site_parameter, config_row_count);
    struct str own[PARAMETERS_MAX];
    struct problem problem = {""};
    if (read_own(p->dir, a, own, &problem) != RC_OK)
        log_error("%s", problem.text);
    for (size_t i = 0; i < config_row_count; i++) {
        const struct config_row *row = &config_rows[i];
        const struct config *in_force = row->when == CONFIG_WITH_SITE ? p->begun : p->newest;
        rows[i] = (struct site_parameter){.name = row->name,
                                          .group = row->group,
                                          .unit = row->unit,
                                          .description = row->description,
                                          .otherwise = row->otherwise,
                                          .kind = kind_of(row),
                                          .when = (enum site_parameter_when)row->when,
                                          .min = row->min,
                                          .max = row->max,
                                          .value = config_value_text(a, in_force, row),
                                          .own = own[i],
                                          .in_file = (p->newest->in_file & UINT64_C(1) << i) != 0,
                                          .for_desk = row->desk};
        rows[i].waiting = is_waiting(p, a, row, &rows[i]);
    }
    *out = rows;
    return config_row_count;
}

enum rc parameters_check(struct str name, struct str value, struct problem *p) {
    static const char *const marks = "\r\n";
    struct config any;
    const struct config_row *row = config_row_find(name);
    if (row == NULL || !row->desk)
        return RC_NOT_FOUND;
    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] == '\0' || strchr(marks, value.p[i]) != NULL)
            return problem_set(p, RC_INVALID, "%s is one line", row->name);
    config_defaults(&any);
    return value.n == 0 ? RC_OK : config_set(&any, row, value, p);
}

// ---- the password ------------------------------------------------------------------------------------------------------

static const char *password_path(struct arena *a, const char *dir, const char *file) {
    return file[0] == '/' ? file : str_fmt(a, "%s/%s", dir, file).p;
}

enum site_password parameters_password(const struct parameters *p) {
    const struct config_row *row = config_row_find(STR("smtp_password_file"));
    struct arena *a = arena_new(1 << 14);
    enum site_password found = SITE_PASSWORD_IN_FILE;
    if ((p->newest->in_file & UINT64_C(1) << (row - config_rows)) == 0)
        found = file_exists(password_path(a, p->dir, COURIER_PASSWORD_FILE)) ? SITE_PASSWORD_SET : SITE_PASSWORD_NONE;
    arena_free(&a);
    return found;
}

// A file that this process may not look at changes nothing here; the courier's user may read it all the same.
uint64_t parameters_mail_mark(const struct parameters *p) {
    struct arena *a = arena_new(1 << 16);
    struct str text = STR("");
    struct stat st;
    for (size_t i = 0; i < config_row_count; i++)
        if (strcmp(config_rows[i].group, "mail") == 0)
            text = str_fmt(a, "%.*s\n%.*s", STR_ARG(text), STR_ARG(config_value_text(a, p->newest, &config_rows[i])));
    if (stat(password_path(a, p->dir, p->newest->smtp_password_file), &st) == 0)
        text = str_fmt(a, "%.*s\n%llu %lld %lld %ld", STR_ARG(text), (unsigned long long)st.st_ino,
                       (long long)st.st_size, (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
    uint64_t mark = hash_stable(text);
    arena_free(&a);
    return mark;
}

// ---- saving ------------------------------------------------------------------------------------------------------------

// The new content of FILE waits in FILE.MARK.next; an empty one stands for no file.
static const char *const saved_files[] = {"desk.conf", COURIER_PASSWORD_FILE};
enum { SAVED_FILES = sizeof saved_files / sizeof saved_files[0] };
#define NEXT ".next"
#define MARK_KEY "parameters_mark" // in the settings: of what was committed last

static const char *next_path(struct arena *a, const char *dir, const char *file, const char *mark) {
    return str_fmt(a, "%s/%s.%s" NEXT, dir, file, mark).p;
}

static enum rc prepare_files(const char *dir, struct arena *a, const struct site_parameters_saved *s,
                             struct problem *p) {
    struct str own[PARAMETERS_MAX];
    enum rc rc = read_own(dir, a, own, p);
    for (size_t i = 0; rc == RC_OK && i < s->count; i++) {
        const struct config_row *row = config_row_find(s->changes[i].name);
        if (row == NULL || !row->desk)
            return RC_NOT_FOUND;
        own[row - config_rows] = s->changes[i].value;
    }
    if (rc == RC_OK && s->count > 0)
        rc = write_own(next_path(a, dir, "desk.conf", s->mark), own, p);
    if (rc != RC_OK || !s->password_too)
        return rc;
    if (s->password.n > SITE_PASSWORD_MAX)
        return RC_TOO_BIG;
    struct str line = s->password.n > 0 ? str_fmt(a, "%.*s\n", STR_ARG(s->password)) : STR("");
    return file_write(next_path(a, dir, COURIER_PASSWORD_FILE, s->mark), line, 0600, p);
}

enum rc parameters_prepare(const char *dir, struct arena *a, struct db *db, struct site_parameters_saved *s,
                           struct problem *p) {
    if (s->mark[0] == '\0')
        (void)snprintf(s->mark, sizeof s->mark, "%016llx", (unsigned long long)random_u64());
    enum rc rc = setting_set(db, MARK_KEY, LANG_COUNT, str_from(s->mark));
    return rc == RC_OK ? prepare_files(dir, a, s, p) : rc;
}

// RC_NOT_FOUND: nothing waits for it.
static enum rc put_file(const char *dir, const char *file, const char *mark, struct problem *p) {
    struct arena *a = arena_new(1 << 14);
    const char *next = next_path(a, dir, file, mark), *path = str_fmt(a, "%s/%s", dir, file).p;
    struct stat st;
    bool there = stat(next, &st) == 0;
    enum rc rc = there ? RC_OK : errno == ENOENT ? RC_NOT_FOUND : RC_IO;
    if (there && st.st_size == 0)
        rc = (unlink(path) == 0 || errno == ENOENT) && unlink(next) == 0 ? RC_OK : RC_IO;
    else if (there)
        rc = rename(next, path) == 0 ? RC_OK : RC_IO;
    if (rc == RC_IO)
        rc = problem_set(p, RC_IO, "cannot replace %s: %s", path, strerror(errno));
    arena_free(&a);
    return rc;
}

// The password first: of a change that cannot be put, desk.conf, which says most, stays what it was.
static enum rc put_files(const char *dir, const char *mark, bool *any_out, struct problem *p) {
    enum rc rc = RC_OK;
    *any_out = false;
    for (size_t i = SAVED_FILES; rc == RC_OK && i-- > 0;) {
        rc = put_file(dir, saved_files[i], mark, p);
        *any_out = *any_out || rc == RC_OK;
        if (rc == RC_NOT_FOUND)
            rc = RC_OK;
    }
    file_sync_folder(dir);
    return rc;
}

enum rc parameters_put(const char *dir, const struct site_parameters_saved *s, struct problem *p) {
    bool any;
    return put_files(dir, s->mark, &any, p);
}

void parameters_drop(const char *dir, const struct site_parameters_saved *s) {
    struct arena *a = arena_new(1 << 14);
    for (size_t i = 0; i < SAVED_FILES; i++)
        (void)unlink(next_path(a, dir, saved_files[i], s->mark));
    arena_free(&a);
}

// All but those of `kept`; empty: all.
static void drop_all(struct arena *a, const char *dir, struct str kept) {
    struct str kept_end = str_fmt(a, ".%.*s" NEXT, STR_ARG(kept));
    DIR *d = opendir(dir);
    for (const struct dirent *e = d != NULL ? readdir(d) : NULL; e != NULL; e = readdir(d))
        for (size_t i = 0; i < SAVED_FILES; i++)
            if (str_starts(str_from(e->d_name), str_fmt(a, "%s.", saved_files[i])) &&
                str_ends(str_from(e->d_name), STR(NEXT)) && !(kept.n > 0 && str_ends(str_from(e->d_name), kept_end)))
                (void)unlink(str_fmt(a, "%s/%s", dir, e->d_name).p);
    if (d != NULL)
        closedir(d);
}

bool parameters_finish(struct arena *a, struct db *db, const char *dir) {
    struct str mark = setting_own(a, db, MARK_KEY, LANG_COUNT);
    struct problem p = {""};
    bool any = false, put = mark.n == 0 || put_files(dir, str_c(a, mark), &any, &p) == RC_OK;
    if (!put)
        log_error("%s", p.text);
    drop_all(a, dir, put ? STR_NONE : mark);
    return any;
}

// ---- from the database -------------------------------------------------------------------------------------------------

enum rc parameters_move(struct arena *a, struct db *db, const char *dir, struct site_parameters_saved *s,
                        bool *moved_out, struct problem *p) {
    struct site_parameter_change *changes = ARENA_ARRAY(a, struct site_parameter_change, config_row_count);
    struct str own[PARAMETERS_MAX];
    enum rc rc = read_own(dir, a, own, p);
    s->changes = changes;
    s->count = 0;
    *moved_out = false;
    for (size_t i = 0; rc == RC_OK && i < config_row_count; i++) {
        const char *key = str_fmt(a, "parameter.%s", config_rows[i].name).p;
        struct str name = str_from(config_rows[i].name), value = setting_own(a, db, key, LANG_COUNT);
        if (value.n == 0)
            continue;
        rc = setting_unset(db, key, LANG_COUNT);
        if (own[i].n == 0 && parameters_check(name, value, p) == RC_OK)
            changes[s->count++] = (struct site_parameter_change){name, value};
        *moved_out = true;
    }
    return rc == RC_OK && *moved_out ? parameters_prepare(dir, a, db, s, p) : rc;
}
