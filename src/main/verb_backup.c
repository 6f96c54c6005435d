// SPDX-License-Identifier: AGPL-3.0-or-later
// `siaran backup DIR FILE`: one consistent moment of a station, served or stopped. Whoever owns the station writes it.
//
// Between two transactions the writer moves the counters to the database, copies their cells, and copies the
// database; readers go on. Pictures never change once written, so they are taken afterwards: all that the copied
// database names are there.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "main/archive.h"
#include "main/command.h"
#include "main/path.h"

struct moment {
    struct station *station;
    const char *from, *to; // folders of the counters' cells
    const char *services_from, *services_to;
    char *head; // of the audit log: AUDIT_HEAD_CHARS
};

struct tally {
    struct command_call *call;
    uint64_t done;
};

static bool count_bytes(void *arg, uint64_t bytes) {
    struct tally *t = arg;
    t->done += bytes;
    command_progress(t->call, "KiB written", t->done >> 10, 0);
    return true;
}

static enum rc copy_file(const char *from, const char *to) {
    int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW),
        out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    static _Thread_local char chunk[1 << 16];
    ssize_t got = in >= 0 && out >= 0 ? 1 : -1;
    while (got > 0 && (got = read(in, chunk, sizeof chunk)) > 0)
        if (write(out, chunk, (size_t)got) != got)
            got = -1;
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return got == 0 ? RC_OK : RC_IO;
}

static enum rc copy_cells(const struct moment *m) {
    DIR *dir = opendir(m->from);
    if (dir == NULL)
        return errno == ENOENT ? RC_OK : RC_IO;
    enum rc rc = RC_OK;
    for (const struct dirent *e = readdir(dir); rc == RC_OK && e != NULL; e = readdir(dir)) {
        struct arena *a = arena_new(1 << 16);
        if (e->d_name[0] != '.')
            rc = copy_file(str_fmt(a, "%s/%s", m->from, e->d_name).p, str_fmt(a, "%s/%s", m->to, e->d_name).p);
        arena_free(&a);
    }
    closedir(dir);
    return rc;
}

// As the audit log of that moment knows them. A missing file is no service.
static enum rc copy_services(const struct moment *m) {
    enum rc rc = copy_file(m->services_from, m->services_to);
    if (rc == RC_OK || access(m->services_from, F_OK) == 0)
        return rc;
    (void)unlink(m->services_to);
    return RC_OK;
}

static enum rc in_the_moment(struct db *db, void *arg) {
    struct moment *m = arg;
    enum rc rc = RC_OK;
    if (m->station->counters != NULL)
        rc = counters_flush_in(m->station->counters, db, m->station->zone);
    if (rc == RC_OK)
        rc = audit_head(db, m->head);
    if (rc == RC_OK)
        rc = copy_services(m);
    return rc == RC_OK ? copy_cells(m) : rc;
}

static enum rc copy_moment(struct command_call *call, const char *part, char *head, struct problem *p) {
    struct station *s = call->station;
    struct moment m = {.station = s,
                       .head = head,
                       .from = str_fmt(call->arena, "%s/counters", s->dir).p,
                       .to = str_fmt(call->arena, "%s/counters", part).p,
                       .services_from = str_fmt(call->arena, "%s/services.json", s->dir).p,
                       .services_to = str_fmt(call->arena, "%s/services.json", part).p};
    enum rc rc = file_make_dir(m.to, 0700, p);
    if (rc == RC_OK)
        rc = store_copy(s->store, str_fmt(call->arena, "%s/siaran.db", part).p, in_the_moment, &m, p);
    if (s->counters != NULL)
        counters_flush_over(s->counters, s->zone);
    return rc;
}

static enum rc fill_archive(struct command_call *call, struct archive_out *out, const char *part,
                            const struct archive_progress *progress, struct problem *p) {
    const char *dir = call->station->dir;
    struct arena *a = call->arena;
    enum rc rc = archive_add(out, str_fmt(a, "%s/siaran.db", part).p, "siaran.db", progress, p);
    if (rc == RC_OK)
        rc = archive_add_tree(out, str_fmt(a, "%s/counters", part).p, "counters", progress, p);
    if (rc == RC_OK)
        rc = archive_add_tree(out, str_fmt(a, "%s/media", dir).p, "media", progress, p);
    if (rc == RC_OK)
        rc = archive_add_tree(out, str_fmt(a, "%s/originals", dir).p, "originals", progress, p);
    // What is fed, and what plays when nobody feeds; the logs of what was sent are not part of a backup.
    if (rc == RC_OK)
        rc = archive_add_tree(out, str_fmt(a, "%s/radio/sounds", dir).p, "radio/sounds", progress, p);
    if (rc == RC_OK)
        rc = archive_add(out, str_fmt(a, "%s/services.json", part).p, "services.json", progress, p);
    if (rc == RC_NOT_FOUND)
        rc = RC_OK;
    // Without the mail server's password, which stands in a file of its own: a backup goes to many places.
    if (rc == RC_OK)
        rc = archive_add(out, str_fmt(a, "%s/desk.conf", dir).p, "desk.conf", progress, p);
    if (rc == RC_NOT_FOUND)
        rc = RC_OK;
    const char *conf = str_fmt(a, "%s/siaran.conf", dir).p;
    if (rc == RC_OK && access(conf, R_OK) != 0 && errno == EACCES)
        command_say(call, "%s is for another user's eyes and is not in the backup; keep a copy of it", conf);
    else if (rc == RC_OK)
        rc = archive_add(out, conf, "siaran.conf", progress, p);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static enum rc note_backup(struct db *db, void *arg) {
    return setting_set(db, "last_backup_at", LANG_COUNT, str_fmt(arg, "%lld", (long long)clock_now_us()));
}

enum exit_code command_backup_write(struct command_call *call, const struct archive_progress *progress) {
    const struct command_request *r = call->request;
    struct problem problem = {""};
    struct archive_out *out = NULL;
    const char *part = NULL;
    char head[AUDIT_HEAD_CHARS] = "";
    if (r->arg_count != 2 || r->args[1].n == 0 || r->args[1].p[0] != '/')
        return command_fail(call, EXIT_USAGE, "a backup needs the path of its file");
    const char *path = str_c(call->arena, r->args[1]);
    enum rc rc = archive_create(path, &out, &problem);
    if (rc == RC_OK)
        rc = path_make_part(call->arena, str_fmt(call->arena, "%s/backup", call->station->dir).p, &part, &problem);
    if (rc == RC_OK)
        rc = copy_moment(call, part, head, &problem);
    if (rc == RC_OK)
        archive_set_audit_head(out, str_from(head));
    if (rc == RC_OK)
        rc = fill_archive(call, out, part, progress, &problem);
    if (rc == RC_OK)
        rc = archive_finish(&out, &problem);
    if (part != NULL)
        path_remove_tree(part);
    archive_abandon(&out);
    if (rc != RC_OK)
        return command_fail(call, exit_code_of(rc), "%s",
                            problem.text[0] != '\0' ? problem.text : "the database could not be copied");
    if (store_write(call->station->store, STORE_DURABLE, note_backup, call->arena) != RC_OK)
        command_say(call, "that it was made could not be written down; the system page will not know of it");
    command_say(call, "backup written to %s", path);
    return EXIT_DONE;
}

enum exit_code command_backup(struct command_call *call) {
    struct tally tally = {.call = call};
    struct archive_progress progress = {.step = count_bytes, .arg = &tally};
    return command_backup_write(call, &progress);
}

enum exit_code verb_backup(const struct verb *verb, int argc, char **argv) {
    if (argc != 3 || argv[1][0] == '-' || argv[2][0] == '-')
        return verb_usage(verb, "give the station's directory and the file to write");
    struct arena *a = arena_new(1 << 16);
    struct command_request *request = MEM_NEW(struct command_request);
    request->args[0] = STR("backup");
    request->args[1] = str_from(path_absolute(a, argv[2]));
    request->arg_count = 2;
    enum exit_code code = command_send(argv[1], request);
    mem_free(request);
    arena_free(&a);
    return code;
}
