// SPDX-License-Identifier: AGPL-3.0-or-later
// Whether the station is well. On top stands what needs somebody, each with what to do; below it the figures. What costs
// more than a moment (the checks of `siaran verify`) is not asked here.
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "desk/page.h"
#include "desk/parameters.h"
#include "desk/parts.h"
#include "desk/routes.h"
#include "desk/services_words.h"

enum { BACKUP_DAYS = 7, LETTERS_SHOWN = 50, JOURNAL_MOST_MB = 512, FREE_LEAST_PERCENT = 10, BUSY_SHARE = 2 };
#define FREE_LEAST (INT64_C(1) << 30)

struct looking {
    struct desk_visit *v;
    struct site_now now;
    int64_t disk_free, disk_all, database, journal, media;
    int64_t letters[OUTBOX_DEAD + 1];
    int64_t backup_at;
    struct view_desk_block *attention;
};

// ---- looking ---------------------------------------------------------------------------------------------------------

static int64_t file_bytes(struct arena *a, const char *dir, const char *name) {
    struct stat st;
    return stat(str_fmt(a, "%s/%s", dir, name).p, &st) == 0 ? st.st_size : 0;
}

static enum rc look(struct looking *l) {
    struct desk_visit *v = l->v;
    struct statvfs fs;
    v->site->look(v->site, &l->now);
    if (statvfs(v->site->dir, &fs) == 0) {
        l->disk_free = (int64_t)(fs.f_bavail * fs.f_frsize);
        l->disk_all = (int64_t)(fs.f_blocks * fs.f_frsize);
    }
    l->database = file_bytes(v->a, v->site->dir, "siaran.db");
    l->journal = file_bytes(v->a, v->site->dir, "siaran.db-wal");
    if (!str_to_i64(setting_get(v->a, v->db, "last_backup_at", LANG_COUNT), &l->backup_at))
        l->backup_at = 0;
    return outbox_count(v->db, l->letters);
}

// ---- what needs attention --------------------------------------------------------------------------------------------

// The last cell's address is where it is mended, if there is such a page.
static struct view_desk_cell *attend(struct looking *l, enum text_word w, struct str one, struct str two) {
    struct desk_visit *v = l->v;
    struct view_desk_table *table = &l->attention->tables.items[0];
    desk_row(v, table);
    return desk_cell(v, table, text_phrase(v->a, v->lang, w, 0, one, two));
}

static void attend_disk(struct looking *l) {
    if (l->disk_all > 0 && (l->disk_free < FREE_LEAST || l->disk_free / (l->disk_all / 100 + 1) < FREE_LEAST_PERCENT))
        attend(l, W_SYSTEM_DISK_LOW, desk_size_text(l->v, l->disk_free), STR_NONE);
    if (l->journal > (int64_t)JOURNAL_MOST_MB << 20)
        attend(l, W_SYSTEM_JOURNAL_BIG, desk_size_text(l->v, l->journal), STR_NONE);
}

static void attend_backup(struct looking *l) {
    struct desk_visit *v = l->v;
    static const char *const page = "/desk/backups";
    struct str failure = backup_failure(v);
    if (failure.n > 0)
        attend(l, W_SYSTEM_BACKUP_FAILED, failure, STR_NONE)->address = str_from(page);
    if (l->backup_at == 0)
        attend(l, W_SYSTEM_BACKUP_NONE, STR_NONE, STR_NONE)->address = str_from(page);
    else if (v->now - l->backup_at > BACKUP_DAYS * US_PER_DAY)
        attend(l, W_SYSTEM_BACKUP_OLD, desk_date(v, l->backup_at), STR_NONE)->address = str_from(page);
}

// As people call it; the log calls it by its own name.
static struct str process_text(struct desk_visit *v, const char *name) {
    enum text_word w;
    return text_word_find(str_fmt(v->a, "process_%s", name), &w) ? desk_word(v, w) : str_dup(v->a, str_from(name));
}

static void attend_processes(struct looking *l) {
    struct str names = STR_NONE;
    for (size_t i = 0; i < l->now.process_count; i++)
        if (l->now.processes[i].crashes > 0)
            names = str_fmt(l->v->a, "%.*s%s%.*s", STR_ARG(names), names.n > 0 ? ", " : "",
                            STR_ARG(process_text(l->v, l->now.processes[i].name)));
    if (names.n > 0)
        attend(l, W_SYSTEM_CRASHED, names, STR_NONE);
    for (int i = 0; i < HTTP_QUEUE_COUNT; i++)
        if (l->now.waiting[i] > l->now.room[i] / BUSY_SHARE)
            attend(l, W_SYSTEM_QUEUE_LONG, desk_number_text(l->v, l->now.waiting[i]), STR_NONE);
    if (geteuid() == 0)
        attend(l, W_SYSTEM_ROOT, STR_NONE, STR_NONE);
    if (!l->now.origin_set)
        attend(l, W_SYSTEM_NO_ORIGIN, STR_NONE, STR_NONE)->address = STR("/desk/parameters/address");
}

static void attend_stream(struct looking *l, const struct service_on_air *row) {
    for (unsigned alarm = 1; alarm <= SERVICE_STALLED; alarm <<= 1)
        if (row->alarms & alarm)
            attend(l, services_attend_word(alarm), row->stream, STR_NONE)->address =
                str_fmt(l->v->a, "/desk/streams/%.*s", STR_ARG(row->stream));
}

static void attend_radio(struct looking *l) {
    struct site *site = l->v->site;
    struct site_on_air now;
    enum site_radio_problem problem = atomic_load(&site->radio_problem);
    if (problem != SITE_RADIO_WELL)
        attend(l, problem == SITE_RADIO_NOT_HTTPS ? W_SYSTEM_RADIO_NOT_HTTPS : W_SYSTEM_RADIO_NO_ORIGIN, STR_NONE,
               STR_NONE)
            ->address = STR("/desk/parameters/address");
    if (site->on_air == NULL)
        return;
    site->on_air(site, l->v->a, &now);
    if (now.services.count > 0 && !now.radio_runs)
        attend(l, W_SERVICE_ATTEND_DEAD, STR_NONE, STR_NONE)->address = STR("/desk/services");
    for (size_t i = 0; now.radio_runs && i < now.state.count; i++)
        if (services_stream(&now.services, now.state.rows[i].stream, NULL) != NULL)
            attend_stream(l, &now.state.rows[i]);
}

static void attend_letters(struct looking *l) {
    if (!l->v->site->sends_mail)
        attend(l, W_SYSTEM_NO_MAIL, STR_NONE, STR_NONE)->address = STR("/desk/parameters/mail");
    if (l->letters[OUTBOX_DEAD] > 0)
        attend(l, W_SYSTEM_LETTERS_DEAD, desk_number_text(l->v, l->letters[OUTBOX_DEAD]), STR_NONE);
}

// False: nothing does.
static bool show_attention(struct looking *l, struct view_desk_page *page) {
    struct desk_visit *v = l->v;
    l->attention = desk_block(v, page, desk_word(v, W_SYSTEM_ATTENTION));
    struct view_desk_table *table = desk_table(v, l->attention, W_SYSTEM_ATTENTION);
    desk_column(v, table, desk_word(v, W_SYSTEM_WHAT_TO_DO));
    attend_disk(l);
    attend_processes(l);
    attend_radio(l);
    attend_backup(l);
    attend_letters(l);
    if (table->rows.n > 0)
        return true;
    l->attention->tables.n = 0;
    l->attention->text = desk_word(v, W_SYSTEM_WELL);
    return false;
}

enum rc system_home(struct desk_visit *v, struct view_desk_page *page) {
    struct looking *l = ARENA_NEW(v->a, struct looking);
    l->v = v;
    enum rc rc = look(l);
    if (rc == RC_OK && !show_attention(l, page))
        page->blocks.n--;
    return rc;
}

// ---- figures ---------------------------------------------------------------------------------------------------------

static void show_facts(struct looking *l, struct view_desk_page *page) {
    struct desk_visit *v = l->v;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_SYSTEM_DISK));
    desk_fact(
        v, block, W_SYSTEM_FREE,
        text_phrase(v->a, v->lang, W_SYSTEM_OF, 0, desk_size_text(v, l->disk_free), desk_size_text(v, l->disk_all)));
    desk_fact(v, block, W_SYSTEM_DATABASE, desk_size_text(v, l->database));
    desk_fact(v, block, W_SYSTEM_JOURNAL, desk_size_text(v, l->journal));
    desk_fact(v, block, W_SYSTEM_MEDIA, desk_size_text(v, l->media));
    desk_fact(v, block, W_SYSTEM_USED, desk_size_text(v, l->database + l->journal + l->media));
    desk_fact(v, block, W_SYSTEM_BACKUP, l->backup_at != 0 ? desk_date(v, l->backup_at) : desk_word(v, W_DESK_NEVER));
    desk_fact(v, block, W_SYSTEM_VERSION, str_from(l->now.version));
    desk_fact(v, block, W_SYSTEM_CERTIFICATE, desk_word(v, W_SYSTEM_CERTIFICATE_PROXY));
}

static void show_processes(struct looking *l, struct view_desk_page *page) {
    struct desk_visit *v = l->v;
    struct view_desk_table *table =
        desk_table(v, desk_block(v, page, desk_word(v, W_SYSTEM_PROCESSES)), W_SYSTEM_PROCESSES);
    desk_column(v, table, desk_word(v, W_DESK_NAME));
    desk_column(v, table, desk_word(v, W_SYSTEM_PROCESS_NUMBER));
    desk_column(v, table, desk_word(v, W_SYSTEM_SINCE));
    desk_column(v, table, desk_word(v, W_SYSTEM_CRASHES));
    for (size_t i = 0; i < l->now.process_count; i++) {
        desk_row(v, table);
        struct str log_name = str_dup(v->a, str_from(l->now.processes[i].name));
        struct view_desk_cell *name = desk_cell(v, table, process_text(v, l->now.processes[i].name));
        name->head = true;
        name->note = str_eq(name->text, log_name) ? STR_NONE : log_name;
        desk_cell(v, table, str_fmt(v->a, "%lld", (long long)l->now.processes[i].pid))->number = true;
        desk_cell(v, table, desk_date(v, l->now.processes[i].started_at));
        desk_cell(v, table, desk_number_text(v, l->now.processes[i].crashes))->number = true;
    }
}

static void queue_row(struct desk_visit *v, struct view_desk_table *table, enum text_word name, int64_t waiting,
                      int64_t room) {
    desk_row(v, table);
    desk_cell(v, table, desk_word(v, name))->head = true;
    desk_cell(v, table, desk_number_text(v, waiting))->number = true;
    desk_cell(v, table, desk_number_text(v, room))->number = true;
}

static void show_queues(struct looking *l, struct view_desk_page *page) {
    static const enum text_word names[HTTP_QUEUE_COUNT] = {W_SYSTEM_QUEUE_PAGES, W_SYSTEM_QUEUE_SEARCHES,
                                                           W_SYSTEM_QUEUE_WRITES, W_SYSTEM_QUEUE_LOGINS,
                                                           W_SYSTEM_QUEUE_UPLOADS};
    struct desk_visit *v = l->v;
    struct view_desk_table *table = desk_table(v, desk_block(v, page, desk_word(v, W_SYSTEM_QUEUES)), W_SYSTEM_QUEUES);
    desk_column(v, table, desk_word(v, W_DESK_NAME));
    desk_column(v, table, desk_word(v, W_SYSTEM_WAITING));
    desk_column(v, table, desk_word(v, W_SYSTEM_ROOM));
    for (int i = 0; i < HTTP_QUEUE_COUNT; i++)
        queue_row(v, table, names[i], l->now.waiting[i], l->now.room[i]);
    queue_row(v, table, W_SYSTEM_QUEUE_LETTERS, l->letters[OUTBOX_WAITING] + l->letters[OUTBOX_CLAIMED],
              OUTBOX_OPEN_MAX);
}

// What it says is not shown: a letter may hold a link that lets somebody in.
static enum rc show_letters(struct looking *l, struct view_desk_page *page, enum outbox_state state,
                            enum text_word heading) {
    struct desk_visit *v = l->v;
    struct outbox_item *items;
    size_t count = 0;
    enum rc rc = outbox_list(v->a, v->db, state, LETTERS_SHOWN, &items, &count);
    if (rc != RC_OK || count == 0)
        return rc;
    bool may_retry = state == OUTBOX_DEAD && desk_may(v, MAY_EDIT_TECHNICAL);
    struct view_desk_table *table = desk_table(v, desk_block(v, page, desk_word(v, heading)), heading);
    desk_column(v, table, desk_word(v, W_SYSTEM_LETTER));
    desk_column(v, table, desk_word(v, state == OUTBOX_DEAD ? W_SYSTEM_SINCE : W_SYSTEM_NEXT_TRY));
    desk_column(v, table, desk_word(v, W_SYSTEM_TRIES));
    desk_column(v, table, desk_word(v, W_SYSTEM_ERROR));
    if (may_retry)
        desk_column(v, table, desk_word(v, W_SYSTEM_RETRY));
    for (size_t i = 0; i < count; i++) {
        bool mail = str_eq(items[i].kind, STR("mail"));
        desk_row(v, table);
        struct view_desk_cell *cell = desk_cell(v, table, mail ? mail_to(v->a, items[i].payload) : items[i].key);
        cell->note = mail ? items[i].key : items[i].kind;
        cell->head = true;
        desk_cell(v, table, desk_date(v, items[i].due_at));
        desk_cell(v, table, desk_number_text(v, items[i].attempts))->number = true;
        desk_cell(v, table, items[i].error);
        if (may_retry)
            desk_button(v, table, "/desk/system/retry", "id", str_fmt(v->a, "%lld", (long long)items[i].id),
                        W_SYSTEM_RETRY);
    }
    return RC_OK;
}

enum rc system_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct looking *l = ARENA_NEW(v.a, struct looking);
    l->v = &v;
    if (!desk_may(&v, MAY_READ_SYSTEM))
        return RC_DENIED;
    enum rc rc = look(l);
    if (rc == RC_OK)
        rc = media_library_bytes(v.db, &l->media); // adds up the whole library: here only
    if (rc != RC_OK)
        return rc;
    struct view_desk_page *page = desk_page(&v, W_DESK_SYSTEM);
    desk_intro(&v, page, W_DESK_SYSTEM_NOTE);
    (void)show_attention(l, page);
    show_facts(l, page);
    show_processes(l, page);
    show_queues(l, page);
    rc = show_letters(l, page, OUTBOX_DEAD, W_SYSTEM_DEAD);
    if (rc == RC_OK)
        rc = show_letters(l, page, OUTBOX_WAITING, W_SYSTEM_QUEUE_LETTERS);
    return rc == RC_OK ? desk_send(&v, page, 0) : rc;
}

// ---- once more -------------------------------------------------------------------------------------------------------

static enum rc retry(struct db *db, void *arg) {
    struct desk_visit *v = arg;
    int64_t id = 0;
    struct audit_entry entry = {.who = desk_who(v), .verb = STR("retry"), .kind = STR("outbox")};
    if (!str_to_i64(desk_field(v, "id"), &id))
        return RC_INVALID;
    entry.id = id;
    enum rc rc = outbox_retry(db, id, v->now);
    return rc == RC_OK ? audit_add(db, &entry) : rc;
}

enum rc system_retry_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    if (!desk_may(&v, MAY_EDIT_TECHNICAL))
        return RC_DENIED;
    if (!req->form_ok)
        return RC_INVALID;
    enum rc rc = store_write(v.site->store, STORE_DURABLE, retry, &v);
    // Somebody else pressed the button first, or it was forgotten meanwhile.
    return rc == RC_OK || rc == RC_NOT_FOUND ? desk_go(&v, STR("/desk/system"), rc == RC_OK ? "retried" : NULL) : rc;
}
