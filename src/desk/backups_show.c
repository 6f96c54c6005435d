// SPDX-License-Identifier: AGPL-3.0-or-later
// The station's backups: what there is, one more now, away with one, a copy to take along. Going back to one is no button:
// it takes the place of everything, accounts and the audit log included, so it is done by whoever has the machine, on a
// station that is stopped; the page says which lines to type.
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "desk/page.h"
#include "desk/parameters.h"
#include "desk/routes.h"

struct one {
    struct desk_visit *v;
    struct site_backup backup;
};

// ---- the list ----------------------------------------------------------------------------------------------------------

struct str backup_failure(struct desk_visit *v) {
    struct str why = setting_get(v->a, v->db, "backup_failure", LANG_COUNT), word, needed, room;
    int64_t needed_bytes, room_bytes;
    struct str rest = why;
    bool is_room = str_next(&rest, ' ', &word) && str_eq(word, STR("room")) && str_next(&rest, ' ', &needed) &&
                   str_next(&rest, ' ', &room) && str_to_i64(needed, &needed_bytes) && str_to_i64(room, &room_bytes);
    if (!is_room)
        return why;
    return text_phrase(v->a, v->lang, W_BACKUP_NO_ROOM, 0, desk_size_text(v, needed_bytes),
                       desk_size_text(v, room_bytes));
}

static void show_state(struct desk_visit *v, struct view_desk_page *page) {
    struct site_backup_state state;
    v->site->running->backup_look(v->site, &state);
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_BACKUP_NOW));
    if (state.running) {
        block->text = text_phrase(v->a, v->lang, W_BACKUP_RUNNING, 0, desk_size_text(v, state.done_bytes),
                                  desk_size_text(v, state.total_bytes));
        desk_link(v, &block->links, desk_word(v, W_PARAM_LOOK_AGAIN), STR("/desk/backups"), STR_NONE);
        return;
    }
    block->text = desk_word(v, W_BACKUP_NOW_TEXT);
    if (desk_may(v, MAY_EDIT_TECHNICAL))
        desk_form(v, block, STR("/desk/backups"), W_BACKUP_MAKE);
}

static void show_failure(struct desk_visit *v, struct view_desk_page *page) {
    struct str why = backup_failure(v);
    int64_t at = 0;
    if (why.n == 0)
        return;
    (void)str_to_i64(setting_get(v->a, v->db, "backup_tried_at", LANG_COUNT), &at);
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_BACKUP_FAILED));
    block->warning = true;
    block->text = str_fmt(v->a, "%.*s: %.*s", STR_ARG(desk_date(v, at)), STR_ARG(why));
}

// "03:00", in the language's digits.
static struct str hour_text(struct desk_visit *v, struct str hour) {
    const struct text_zone *utc;
    int64_t n = 0;
    (void)str_to_i64(hour, &n);
    must(text_zone_find(STR("UTC"), &utc) == RC_OK);
    return text_date(v->a, v->lang, utc, n * 3600 * US_PER_SECOND, DATE_TIME);
}

static void show_plan(struct desk_visit *v, struct view_desk_page *page) {
    struct site_parameter *rows;
    size_t count = parameters_all(v, &rows);
    struct str hour = STR_NONE, keep = STR_NONE;
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].name, "backup_hour") == 0)
            hour = rows[i].value;
        else if (strcmp(rows[i].name, "backup_keep") == 0)
            keep = rows[i].value;
    int64_t kept = 0;
    (void)str_to_i64(keep, &kept);
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_PARAM_GROUP_BACKUP));
    block->text = kept == 0
                      ? desk_word(v, W_BACKUP_PLAN_NONE)
                      : text_phrase(v->a, v->lang, W_BACKUP_PLAN, kept, hour_text(v, hour), desk_number_text(v, kept));
    if (desk_may(v, MAY_EDIT_TECHNICAL))
        desk_link(v, &block->links, desk_word(v, W_PARAM_CHANGE), STR("/desk/parameters/backup"), STR_NONE);
}

// "1234 abcd...": the number of the newest row of the audit log that is in it.
static struct str audit_row(struct desk_visit *v, const struct site_backup *backup) {
    struct str rest = backup->audit_head, row;
    return str_next(&rest, ' ', &row) && row.n > 0 ? text_phrase(v->a, v->lang, W_BACKUP_AUDIT, 0, row, STR_NONE)
                                                   : STR_NONE;
}

static struct str kind_of(struct desk_visit *v, const struct site_backup *backup) {
    return desk_word(v, backup->daily ? W_BACKUP_DAILY : W_BACKUP_ASKED);
}

static enum rc show_list(struct desk_visit *v, struct view_desk_page *page) {
    struct site_backup *rows;
    size_t count;
    enum rc rc = v->site->running->backups(v->site, v->a, &rows, &count);
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_BACKUPS));
    if (count == 0)
        block->empty = desk_word(v, W_BACKUP_NONE);
    if (rc != RC_OK || count == 0)
        return rc;
    struct view_desk_table *table = desk_table(v, block, W_BACKUPS);
    desk_column(v, table, desk_word(v, W_BACKUP_TIME));
    desk_column(v, table, desk_word(v, W_BACKUP_SIZE));
    desk_column(v, table, desk_word(v, W_BACKUP_KIND));
    for (size_t i = 0; i < count; i++) {
        desk_row(v, table);
        struct view_desk_cell *cell = desk_cell(v, table, desk_date(v, rows[i].at_us));
        cell->address = str_fmt(v->a, "/desk/backups/%.*s", STR_ARG(rows[i].name));
        cell->note = audit_row(v, &rows[i]);
        desk_cell(v, table, desk_size_text(v, rows[i].bytes))->number = true;
        desk_cell(v, table, kind_of(v, &rows[i]));
    }
    return RC_OK;
}

enum rc backups_list_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    if (!desk_may(&v, MAY_READ_SYSTEM))
        return RC_DENIED;
    if (v.site->running == NULL)
        return RC_NOT_FOUND;
    struct view_desk_page *page = desk_page(&v, W_BACKUPS);
    desk_intro(&v, page, W_BACKUPS_NOTE);
    show_failure(&v, page);
    show_state(&v, page);
    enum rc rc = show_list(&v, page);
    show_plan(&v, page);
    return rc == RC_OK ? desk_send(&v, page, 0) : rc;
}

// ---- one of them -------------------------------------------------------------------------------------------------------

static enum rc find(struct one *o) {
    struct desk_visit *v = o->v;
    struct site_backup *rows;
    size_t count;
    if (v->site->running == NULL)
        return RC_NOT_FOUND;
    enum rc rc = v->site->running->backups(v->site, v->a, &rows, &count);
    for (size_t i = 0; rc == RC_OK && i < count; i++)
        if (str_eq(rows[i].name, v->req->params[0])) {
            o->backup = rows[i];
            return RC_OK;
        }
    return rc == RC_OK ? RC_NOT_FOUND : rc;
}

static struct str address_of(const struct one *o, const char *more) {
    return str_fmt(o->v->a, "/desk/backups/%.*s%s", STR_ARG(o->backup.name), more);
}

// As a shell reads it: in quotes, unless it is plain.
static struct str shell_word(struct arena *a, struct str path) {
    struct buf out;
    bool plain = path.n > 0;
    for (size_t i = 0; i < path.n; i++)
        plain = plain && (isalnum((unsigned char)path.p[i]) || strchr("/._-", path.p[i]) != NULL);
    if (plain)
        return path;
    buf_init(&out, 4 * PATH_MAX + 16);
    buf_char(&out, '\'');
    for (size_t i = 0; i < path.n; i++)
        if (path.p[i] == '\'')
            buf_c(&out, "'\\''");
        else
            buf_char(&out, path.p[i]);
    buf_char(&out, '\'');
    struct str word = str_dup(a, buf_view(&out));
    buf_fini(&out);
    return word;
}

// Whole, because nobody knows where it will be typed.
static struct str station_dir(struct desk_visit *v) {
    char *whole = realpath(v->site->dir, NULL);
    struct str dir = str_dup(v->a, str_from(whole != NULL ? whole : v->site->dir));
    free(whole);
    return dir;
}

static struct str path_in(struct desk_visit *v, const char *more, struct str name) {
    return shell_word(v->a, str_fmt(v->a, "%.*s%s%.*s", STR_ARG(station_dir(v)), more, STR_ARG(name)));
}

// The old station stays beside the new one until somebody removes it.
static void show_lines(const struct one *o, struct view_desk_page *page, enum text_word heading, struct str stop,
                       struct str start) {
    struct desk_visit *v = o->v;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, heading));
    struct str dir = path_in(v, "", STR("")), before = path_in(v, ".before", STR(""));
    struct str file = path_in(v, ".before/backups/", o->backup.name);
    desk_code(v, block, stop);
    desk_code(v, block, str_fmt(v->a, "mv %.*s %.*s", STR_ARG(dir), STR_ARG(before)));
    desk_code(v, block, str_fmt(v->a, "siaran restore %.*s %.*s", STR_ARG(dir), STR_ARG(file)));
    desk_code(v, block, start);
}

static void show_way_back(const struct one *o, struct view_desk_page *page) {
    struct desk_visit *v = o->v;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_BACKUP_RESTORE));
    block->text = desk_word(v, W_BACKUP_RESTORE_TEXT);
    show_lines(o, page, W_BACKUP_RESTORE_UNIT, STR("systemctl stop siaran"), STR("systemctl start siaran"));
    // Its first process is this one's parent (main/serve).
    show_lines(o, page, W_BACKUP_RESTORE_HAND, str_fmt(v->a, "kill %lld", (long long)getppid()),
               str_fmt(v->a, "siaran serve %.*s", STR_ARG(path_in(v, "", STR("")))));
}

static enum rc show(const struct one *o, int status) {
    struct desk_visit *v = o->v;
    struct view_desk_page *page = desk_page_named(v, desk_date(v, o->backup.at_us));
    desk_crumb(v, page, desk_word(v, W_BACKUPS), STR("/desk/backups"));
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    desk_fact(v, block, W_BACKUP_FILE,
              str_fmt(v->a, "%.*s/backups/%.*s", STR_ARG(station_dir(v)), STR_ARG(o->backup.name)));
    desk_fact(v, block, W_BACKUP_SIZE, desk_size_text(v, o->backup.bytes));
    desk_fact(v, block, W_BACKUP_KIND, kind_of(v, &o->backup));
    if (o->backup.audit_head.n > 0)
        desk_fact(v, block, W_BACKUP_AUDIT_HEAD, o->backup.audit_head);
    if (desk_may(v, MAY_EDIT_ACCOUNTS)) {
        block = desk_block(v, page, desk_word(v, W_BACKUP_DOWNLOAD));
        block->text = desk_word(v, W_BACKUP_DOWNLOAD_TEXT);
        desk_link(v, &block->links, desk_word(v, W_BACKUP_DOWNLOAD), address_of(o, "/file"), STR_NONE);
    }
    show_way_back(o, page);
    if (desk_may(v, MAY_EDIT_TECHNICAL)) {
        block = desk_block(v, page, desk_word(v, W_BACKUP_DELETE));
        struct view_desk_form *form = desk_form(v, block, address_of(o, "/delete"), W_BACKUP_DELETE);
        form->danger = true;
        desk_tick(v, form, "sure", W_BACKUP_DELETE_SURE, false);
    }
    return desk_send(v, page, status);
}

enum rc backup_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct one o = {.v = &v};
    if (!desk_may(&v, MAY_READ_SYSTEM))
        return RC_DENIED;
    enum rc rc = find(&o);
    return rc == RC_OK ? show(&o, 0) : rc;
}

// ---- what is done with them --------------------------------------------------------------------------------------------

struct noting {
    struct desk_visit *v;
    struct str verb, before, after;
};

static enum rc note(struct db *db, void *arg) {
    const struct noting *n = arg;
    struct audit_entry entry = {
        .who = desk_who(n->v), .verb = n->verb, .kind = STR("backup"), .before = n->before, .after = n->after};
    return audit_add(db, &entry);
}

enum rc backups_list_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    if (!desk_may(&v, MAY_EDIT_TECHNICAL))
        return RC_DENIED;
    if (v.site->running == NULL)
        return RC_NOT_FOUND;
    struct site_backup_state state;
    v.site->running->backup_look(v.site, &state);
    if (state.running)
        return desk_go(&v, STR("/desk/backups"), "backup_running");
    // The row first, and it says no more than what is true by then: what comes of it gets a row of its own.
    struct noting n = {.v = &v, .verb = STR("ask")};
    enum rc rc = store_write(v.site->store, STORE_DURABLE, note, &n);
    if (rc != RC_OK)
        return rc;
    bool begun = v.site->running->backup_begin(v.site);
    return desk_go(&v, STR("/desk/backups"), begun ? "backup_begun" : "backup_running");
}

// It holds every account, every unpublished text and the station's keys: for administrators who have just proved
// themselves, and written down.
enum rc backup_file_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct stat st;
    int fd;
    desk_begin(&v, req, reply);
    struct one o = {.v = &v};
    if (!desk_may(&v, MAY_EDIT_ACCOUNTS))
        return RC_DENIED;
    enum rc rc = find(&o);
    if (rc != RC_OK || !desk_is_fresh(&v, NULL))
        return rc;
    struct noting n = {.v = &v, .verb = STR("download"), .after = o.backup.name};
    rc = v.site->running->backup_open(v.site, v.a, o.backup.name, &fd);
    if (rc != RC_OK)
        return rc;
    rc = fstat(fd, &st) == 0 ? RC_OK : RC_IO;
    if (rc == RC_OK && req->method == HTTP_GET)
        rc = store_write(v.site->store, STORE_DURABLE, note, &n);
    if (rc != RC_OK) {
        close(fd);
        return rc;
    }
    reply->status = 200;
    reply->content_type = STR("application/x-tar");
    reply->file_fd = fd;
    reply->file_bytes = st.st_size;
    reply->file_modified_us = (int64_t)st.st_mtime * US_PER_SECOND;
    http_reply_header(reply, "X-Content-Type-Options", STR("nosniff"));
    http_reply_header(reply, "Content-Disposition",
                      str_fmt(v.a, "attachment; filename=\"%.*s\"", STR_ARG(o.backup.name)));
    return RC_OK;
}

enum rc backup_delete_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct one o = {.v = &v};
    if (!desk_may(&v, MAY_EDIT_TECHNICAL))
        return RC_DENIED;
    enum rc rc = find(&o);
    if (rc != RC_OK || !desk_is_fresh(&v, "/desk/backups"))
        return rc;
    if (!desk_form_ok(&v) || desk_field(&v, "sure").n == 0)
        return show(&o, 422);
    struct noting n = {.v = &v, .verb = STR("delete"), .before = o.backup.name};
    rc = store_write(v.site->store, STORE_DURABLE, note, &n);
    if (rc == RC_OK)
        rc = v.site->running->backup_delete(v.site, v.a, o.backup.name);
    // No file goes without a row; one that stayed after all gets another.
    if (rc == RC_IO) {
        n = (struct noting){
            .v = &v, .verb = STR("fail"), .after = str_fmt(v.a, "not deleted: %.*s", STR_ARG(n.before))};
        if (store_write(v.site->store, STORE_DURABLE, note, &n) != RC_OK)
            log_error("that %.*s was not deleted could not be written down", STR_ARG(o.backup.name));
    }
    return rc == RC_OK || rc == RC_NOT_FOUND ? desk_go(&v, STR("/desk/backups"), "deleted") : rc;
}
