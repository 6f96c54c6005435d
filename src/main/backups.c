// SPDX-License-Identifier: AGPL-3.0-or-later
// See backups.h. A file is called by its moment in UTC and by who wanted it, "20261129-030000-daily.tar"; that name is all
// that is known of it, besides what stands in it. It has this name only when it is whole (archive.h).
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "main/archive.h"
#include "main/background.h"
#include "main/backups.h"
#include "main/command.h"
#include "main/path.h"

enum { LIST_MAX = 1000, LIST_ROOM = 2 * LIST_MAX, STAMP = 15, NAME_ROOM = 32, SPARE_BYTES = 64 << 20 };
#define FOLDER "backups"

struct backups {
    struct station *station;
    const struct backups_plan *plan;
    struct background *background;
    struct background *ending; // the same, for its own thread
    atomic_bool asked;
    int64_t begun_at; // of the process: a station that never made one waits for the hour
    int64_t tried_at; // by this process; its own thread. The database says it too, unless it could not be written
    pthread_mutex_t lock;
    struct site_backup_state state;
};

// Into the audit log, and into the settings: the system page tells a failure until the next one succeeds.
struct outcome {
    struct arena *a;
    int64_t at;
    struct str name;    // of its file
    struct str failure; // empty: it succeeded
    bool given_up;      // because the station ends: none that failed; it is due again
};

// ---- names -------------------------------------------------------------------------------------------------------------

static bool digits(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n > 0;
}

static int number(struct str s, size_t from, size_t to) {
    uint64_t n = 0;
    (void)str_to_u64(str_slice(s, from, to), &n);
    return (int)n;
}

// False: no name that this file gave.
static bool name_read(struct str name, int64_t *at_out, bool *daily_out) {
    const struct text_zone *utc;
    struct str kind = str_slice(name, STAMP, name.n);
    if (name.n <= STAMP || name.p[8] != '-' || !digits(str_slice(name, 0, 8)) || !digits(str_slice(name, 9, STAMP)) ||
        text_zone_find(STR("UTC"), &utc) != RC_OK)
        return false;
    *daily_out = str_eq(kind, STR("-daily.tar"));
    struct text_civil c = {.year = number(name, 0, 4),
                           .month = number(name, 4, 6),
                           .day = number(name, 6, 8),
                           .hour = number(name, 9, 11),
                           .minute = number(name, 11, 13),
                           .second = number(name, 13, 15)};
    *at_out = text_civil_to_us(utc, c);
    return *daily_out || str_eq(kind, STR("-asked.tar"));
}

static struct str name_make(struct arena *a, int64_t at_us, bool daily) {
    const struct text_zone *utc;
    must(text_zone_find(STR("UTC"), &utc) == RC_OK);
    struct text_civil c = text_civil_of(utc, at_us);
    return str_fmt(a, "%04d%02d%02d-%02d%02d%02d-%s.tar", c.year, c.month, c.day, c.hour, c.minute, c.second,
                   daily ? "daily" : "asked");
}

static const char *path_of(struct arena *a, const char *dir, struct str name) {
    return str_fmt(a, "%s/" FOLDER "/%.*s", dir, STR_ARG(name)).p;
}

// ---- the list ----------------------------------------------------------------------------------------------------------

struct found { // a backup's file, of which nothing has been read
    int64_t at_us, bytes;
    bool daily;
    char name[NAME_ROOM];
};

static int newest_first(const void *x, const void *y) {
    const struct found *a = x, *b = y;
    return a->at_us < b->at_us ? 1 : a->at_us > b->at_us ? -1 : strcmp(b->name, a->name);
}

static bool is_backup(int folder, const char *file, struct found *out) {
    struct stat st;
    if (strlen(file) >= NAME_ROOM || !name_read(str_from(file), &out->at_us, &out->daily) ||
        fstatat(folder, file, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
        return false;
    out->bytes = st.st_size;
    memcpy(out->name, file, strlen(file) + 1);
    return true;
}

static size_t keep_newest(struct found *files, size_t count) {
    qsort(files, count, sizeof files[0], newest_first);
    return count < LIST_MAX ? count : LIST_MAX;
}

// The newest LIST_MAX, newest first; a folder gives its files in no order, so that each is looked at. `files` has room
// for LIST_ROOM.
static enum rc find_newest(const char *dir, struct arena *a, bool dailies_only, struct found *files,
                           size_t *count_out) {
    DIR *folder = opendir(str_fmt(a, "%s/" FOLDER, dir).p);
    size_t count = 0;
    *count_out = 0;
    if (folder == NULL)
        return errno == ENOENT ? RC_OK : RC_IO;
    for (const struct dirent *e = readdir(folder); e != NULL; e = readdir(folder)) {
        if (!is_backup(dirfd(folder), e->d_name, &files[count]) || (dailies_only && !files[count].daily))
            continue;
        if (++count == LIST_ROOM)
            count = keep_newest(files, count);
    }
    closedir(folder);
    *count_out = keep_newest(files, count);
    return RC_OK;
}

static struct found *files_new(void) {
    return mem_new(LIST_ROOM * sizeof(struct found));
}

enum rc backups_list(const char *dir, struct arena *a, struct site_backup **out, size_t *count_out) {
    struct found *files = files_new();
    enum rc rc = find_newest(dir, a, false, files, count_out);
    *out = ARENA_ARRAY(a, struct site_backup, LIST_MAX);
    for (size_t i = 0; i < *count_out; i++) {
        struct str name = str_dup(a, str_from(files[i].name));
        (*out)[i] = (struct site_backup){.name = name,
                                         .at_us = files[i].at_us,
                                         .bytes = files[i].bytes,
                                         .daily = files[i].daily,
                                         .audit_head = archive_audit_head(a, path_of(a, dir, name))};
    }
    mem_free(files);
    return rc;
}

enum rc backups_open(const char *dir, struct arena *a, struct str name, int *fd_out) {
    int64_t at;
    bool daily;
    if (!name_read(name, &at, &daily))
        return RC_NOT_FOUND;
    *fd_out = open(path_of(a, dir, name), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    return *fd_out >= 0 ? RC_OK : errno == ENOENT ? RC_NOT_FOUND : RC_IO;
}

enum rc backups_delete(const char *dir, struct arena *a, struct str name) {
    int64_t at;
    bool daily;
    if (!name_read(name, &at, &daily))
        return RC_NOT_FOUND;
    if (unlink(path_of(a, dir, name)) == 0)
        return RC_OK;
    return errno == ENOENT ? RC_NOT_FOUND : RC_IO;
}

// ---- making one --------------------------------------------------------------------------------------------------------

// Where the words of the command go: its last complaint is what the desk tells.
struct listener {
    struct command_out out; // first
    struct backups *backups;
    char failure[300];
};

static void hear(struct command_out *out, enum command_stream stream, struct str text) {
    struct listener *l = (struct listener *)out;
    if (stream == COMMAND_ERROR)
        (void)snprintf(l->failure, sizeof l->failure, "%.*s", STR_ARG(utf8_cut(text, sizeof l->failure - 1)));
}

static bool count_bytes(void *arg, uint64_t bytes) {
    struct backups *b = arg;
    pthread_mutex_lock(&b->lock);
    b->state.done_bytes += (int64_t)bytes;
    pthread_mutex_unlock(&b->lock);
    return !background_is_ending(b->ending);
}

static int64_t file_bytes(struct arena *a, const char *dir, const char *name) {
    struct stat st;
    return stat(str_fmt(a, "%s/%s", dir, name).p, &st) == 0 ? st.st_size : 0;
}

// What the file will have, about; while it is made the copied database stands beside it.
static bool has_room(struct backups *b, struct arena *a, struct db *db, int64_t *total_out, struct str *failure_out) {
    const char *dir = b->station->dir;
    struct statvfs fs;
    int64_t media = 0, database = file_bytes(a, dir, "siaran.db") + file_bytes(a, dir, "siaran.db-wal");
    if (media_library_bytes(db, &media) != RC_OK || statvfs(dir, &fs) != 0) {
        *failure_out = STR("how much room there is could not be found out");
        return false;
    }
    *total_out = database + media;
    int64_t needed = *total_out + database + SPARE_BYTES, room = (int64_t)(fs.f_bavail * fs.f_frsize);
    if (room >= needed)
        return true;
    *failure_out = str_fmt(a, "room %lld %lld", (long long)needed, (long long)room); // desk/backups_show.c reads it
    return false;
}

// What came of it: that somebody asked for one was written down by the desk.
static enum rc audit_outcome(struct db *db, const struct outcome *o) {
    struct audit_entry entry = {.who = {.name = STR("station")}, .verb = STR("make"), .kind = STR("backup")};
    entry.after = o->name;
    if (o->failure.n > 0) {
        entry.verb = STR("fail");
        entry.after = o->given_up                            ? STR("given up, because the station ended")
                      : str_starts(o->failure, STR("room ")) ? STR("not enough room on the disk")
                                                             : o->failure;
    }
    return audit_add(db, &entry);
}

static enum rc note_outcome(struct db *db, void *arg) {
    const struct outcome *o = arg;
    enum rc rc = audit_outcome(db, o);
    if (rc != RC_OK || o->given_up)
        return rc;
    rc = setting_set(db, "backup_tried_at", LANG_COUNT, str_fmt(o->a, "%lld", (long long)o->at));
    if (rc == RC_OK)
        rc = o->failure.n > 0 ? setting_set(db, "backup_failure", LANG_COUNT, o->failure)
                              : setting_unset(db, "backup_failure", LANG_COUNT);
    return rc;
}

static void set_state(struct backups *b, bool running, int64_t total) {
    pthread_mutex_lock(&b->lock);
    b->state = (struct site_backup_state){
        .running = running, .started_at = running ? clock_now_us() : 0, .total_bytes = total};
    pthread_mutex_unlock(&b->lock);
}

static struct str write_file(struct backups *b, struct arena *a, struct str name) {
    struct command_request *request = MEM_NEW(struct command_request);
    struct problem problem = {""};
    struct listener listener = {.out = {.write = hear}, .backups = b};
    request->args[0] = STR("backup");
    request->args[1] = str_from(path_absolute(a, path_of(a, b->station->dir, name)));
    request->arg_count = 2;
    struct command_call call = {.station = b->station, .request = request, .out = &listener.out, .arena = a};
    struct archive_progress progress = {.step = count_bytes, .arg = b};
    struct str failure = STR_NONE;
    if (file_make_dir(path_of(a, b->station->dir, STR("")), 0700, &problem) != RC_OK)
        failure = str_dup(a, str_from(problem.text));
    else if (command_backup_write(&call, &progress) != EXIT_DONE)
        failure = listener.failure[0] != '\0' ? str_dup(a, str_from(listener.failure)) : STR("it failed");
    mem_free(request);
    return failure;
}

// By their names alone. Those behind the newest LIST_MAX, if there ever are any, have their turn on the next days.
static void drop_old(struct backups *b, struct arena *a) {
    struct found *files = files_new();
    size_t count, keep = (size_t)b->plan->keep;
    if (find_newest(b->station->dir, a, true, files, &count) != RC_OK)
        log_warn("the old backups could not be looked through");
    for (size_t i = keep; i < count; i++)
        if (backups_delete(b->station->dir, a, str_from(files[i].name)) != RC_OK)
            log_warn("the old backup %s could not be deleted", files[i].name);
    mem_free(files);
}

static void make(struct backups *b, struct arena *a, struct db *db, bool daily) {
    struct outcome o = {.a = a, .at = clock_now_us()};
    int64_t total = 0;
    b->tried_at = o.at;
    o.name = name_make(a, o.at, daily);
    set_state(b, true, 0);
    if (has_room(b, a, db, &total, &o.failure)) {
        set_state(b, true, total);
        o.failure = write_file(b, a, o.name);
    }
    if (daily && o.failure.n == 0)
        drop_old(b, a);
    o.given_up = o.failure.n > 0 && background_is_ending(b->ending);
    if (o.failure.n > 0 && !o.given_up)
        log_error("the backup was not made: %.*s", STR_ARG(o.failure));
    if (store_write(b->station->store, STORE_DURABLE, note_outcome, &o) != RC_OK)
        log_warn("how the backup went could not be written down");
    set_state(b, false, 0);
}

// ---- the day's ---------------------------------------------------------------------------------------------------------

// The last moment at which the clock of the station's zone showed the hour.
static int64_t last_hour(const struct text_zone *zone, int64_t hour, int64_t now) {
    struct text_civil c = text_civil_of(zone, now);
    c.hour = (int)hour;
    c.minute = c.second = 0;
    int64_t at = text_civil_to_us(zone, c);
    if (at <= now)
        return at;
    struct text_civil before = text_day_civil(text_day_of(c) - 1);
    before.hour = (int)hour;
    return text_civil_to_us(zone, before);
}

// A disk on which no backup has room may have none for the note that one was tried either: what this process remembers
// counts beside it, or it would try again without a pause.
static bool is_due(struct backups *b, struct arena *a, struct db *db) {
    int64_t tried = 0;
    if (b->plan->keep == 0)
        return false;
    if (!str_to_i64(setting_get(a, db, "backup_tried_at", LANG_COUNT), &tried) || tried == 0)
        tried = b->begun_at;
    if (tried < b->tried_at)
        tried = b->tried_at;
    return last_hour(b->station->zone, b->plan->hour, clock_now_us()) > tried;
}

static bool work(struct background *background, struct arena *a, struct db *db, void *arg) {
    struct backups *b = arg;
    b->ending = background;
    bool daily = is_due(b, a, db);
    if (!daily && !atomic_exchange(&b->asked, false))
        return false;
    struct arena *large = arena_new((size_t)1 << 28);
    make(b, large, db, daily);
    arena_free(&large);
    return true;
}

// ---- start, stop, questions --------------------------------------------------------------------------------------------

static void remove_part(struct arena *a, const char *folder, const char *name) {
    const char *path = str_fmt(a, "%s/%s", folder, name).p;
    log_info("removing %s, which a backup that was cut off left", path);
    path_remove_tree(path);
}

// "backup.part-XXXXXX" beside the database, "NAME.tar.part" among the backups: nobody else makes one while a site runs.
static void sweep(const char *dir) {
    static const struct {
        const char *folder, *begin, *end;
    } places[] = {{"", "backup.part-", ""}, {"/" FOLDER, "", ".tar.part"}};
    struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const char *folder = str_fmt(a, "%s%s", dir, places[i].folder).p;
        DIR *d = opendir(folder);
        for (const struct dirent *e = d != NULL ? readdir(d) : NULL; e != NULL; e = readdir(d))
            if (str_starts(str_from(e->d_name), str_from(places[i].begin)) &&
                str_ends(str_from(e->d_name), str_from(places[i].end)) && e->d_name[0] != '.')
                remove_part(a, folder, e->d_name);
        if (d != NULL)
            closedir(d);
    }
    arena_free(&a);
}

struct backups *backups_start(struct station *station, const struct backups_plan *plan) {
    struct backups *b = MEM_NEW(struct backups);
    b->station = station;
    b->plan = plan;
    b->begun_at = clock_now_us();
    pthread_mutex_init(&b->lock, NULL);
    sweep(station->dir);
    b->background = background_start(station->store, "backups", work, b);
    return b;
}

void backups_stop(struct backups **backups) {
    struct backups *b = *backups;
    *backups = NULL;
    must(background_stop(&b->background)); // it waits for no other process
    pthread_mutex_destroy(&b->lock);
    mem_free(b);
}

bool backups_ask(struct backups *b) {
    struct site_backup_state state;
    backups_look(b, &state);
    return !state.running && !atomic_exchange(&b->asked, true);
}

void backups_look(struct backups *b, struct site_backup_state *out) {
    pthread_mutex_lock(&b->lock);
    *out = b->state;
    pthread_mutex_unlock(&b->lock);
    out->running = out->running || atomic_load(&b->asked);
}
