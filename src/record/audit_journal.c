// SPDX-License-Identifier: AGPL-3.0-or-later
// The audit's witness outside the database: a file to which each new head is appended and flushed after the commit
// that made it, and the check that holds rows, hashes and file against each other.
//
// A crash between commit and append leaves the file one head behind, never ahead: the next opening adds it. A line that
// a crash cut off is taken away then. Each head also goes to the log, from where it may leave the machine.
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/audit.h"

#define PATH_ROOM 4096

struct audit_journal {
    struct store *store;
    struct db *reader; // the writer's thread uses it, after each commit
    int fd;
    int64_t written; // number of the last head in the file
    uint64_t seen;   // audit_added when we last looked
};

static bool journal_path(const char *dir, char path[PATH_ROOM]) {
    int n = snprintf(path, PATH_ROOM, "%s/" AUDIT_JOURNAL_PATH, dir);
    return n > 0 && n < PATH_ROOM;
}

// ---- appending -----------------------------------------------------------------------------------------------------

static bool append(int fd, const char *head) {
    char line[AUDIT_HEAD_CHARS + 1];
    int n = snprintf(line, sizeof line, "%s\n", head);
    return n > 0 && (size_t)n < sizeof line && write(fd, line, (size_t)n) == n && fdatasync(fd) == 0;
}

static void catch_up(struct audit_journal *j) {
    char head[AUDIT_HEAD_CHARS];
    int64_t number = 0;
    struct digest hash;
    uint64_t seen = audit_added();
    if (audit_head(j->reader, head) != RC_OK || !audit_head_parse(str_from(head), &number, &hash))
        return;
    if (number > j->written) {
        if (!append(j->fd, head)) {
            log_error("record: the audit's head could not be written to " AUDIT_JOURNAL_PATH ": %s", strerror(errno));
            return;
        }
        log_info("audit: head %s", head);
        j->written = number;
    }
    j->seen = seen;
}

static void on_commit(void *arg) {
    struct audit_journal *j = arg;
    if (audit_added() != j->seen)
        catch_up(j);
}

// ---- opening -------------------------------------------------------------------------------------------------------

// Finds the last whole line and takes away what follows it.
static enum rc read_end(struct audit_journal *j) {
    char tail[2 * AUDIT_HEAD_CHARS];
    struct stat st;
    struct digest hash;
    if (fstat(j->fd, &st) != 0)
        return RC_IO;
    off_t from = st.st_size > (off_t)sizeof tail ? st.st_size - (off_t)sizeof tail : 0;
    ssize_t got = pread(j->fd, tail, sizeof tail, from);
    if (got < 0)
        return RC_IO;
    size_t end = (size_t)got;
    while (end > 0 && tail[end - 1] != '\n')
        end--;
    if (end < (size_t)got && ftruncate(j->fd, from + (off_t)end) != 0)
        return RC_IO;
    size_t start = end > 0 ? end - 1 : 0;
    while (start > 0 && tail[start - 1] != '\n')
        start--;
    if (end > 0 && !audit_head_parse((struct str){tail + start, end - 1 - start}, &j->written, &hash)) {
        log_error("record: the last line of " AUDIT_JOURNAL_PATH " is damaged; run siaran verify");
        j->written = 0;
    }
    return RC_OK;
}

// Opened by root for a station of another user (a command on a stopped one): that user must be able to go on.
static void give_to_owner(const char *dir, const char *path) {
    struct stat st;
    if (geteuid() == 0 && stat(dir, &st) == 0 && lchown(path, st.st_uid, st.st_gid) != 0)
        log_warn("record: %s cannot be given to the owner of %s: %s", path, dir, strerror(errno));
}

static enum rc open_file(struct audit_journal *j, const char *dir, struct problem *p) {
    char path[PATH_ROOM];
    if (!journal_path(dir, path))
        return problem_set(p, RC_TOO_BIG, "%s: the path is too long", dir);
    *strrchr(path, '/') = '\0';
    enum rc rc = file_make_dir(path, 0700, p);
    if (rc != RC_OK)
        return rc;
    give_to_owner(dir, path);
    must(journal_path(dir, path));
    j->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (j->fd < 0 || read_end(j) != RC_OK)
        return problem_set(p, errno == EACCES ? RC_DENIED : RC_IO, "cannot write %s: %s", path, strerror(errno));
    give_to_owner(dir, path);
    return RC_OK;
}

static void warn_of_loss(struct audit_journal *j) {
    int64_t number = 0;
    struct digest hash;
    if (audit_newest(j->reader, &number, &hash) != RC_OK)
        return;
    if (number > 0 && j->written == 0)
        log_warn("record: " AUDIT_JOURNAL_PATH " was missing or empty; it begins at audit row %lld", (long long)number);
    if (number < j->written)
        log_error("record: the audit log ends at row %lld, but " AUDIT_JOURNAL_PATH
                  " knows row %lld; run siaran verify",
                  (long long)number, (long long)j->written);
}

enum rc audit_journal_open(const char *dir, struct store *s, struct audit_journal **out, struct problem *p) {
    struct audit_journal *j = MEM_NEW(struct audit_journal);
    j->store = s;
    j->fd = -1;
    enum rc rc = open_file(j, dir, p);
    if (rc == RC_OK)
        rc = store_reader_new(s, &j->reader, p);
    if (rc != RC_OK) {
        if (j->fd >= 0)
            close(j->fd);
        mem_free(j);
        return rc;
    }
    warn_of_loss(j);
    catch_up(j);
    store_on_commit(s, on_commit, j);
    *out = j;
    return RC_OK;
}

void audit_journal_close(struct audit_journal **j_ref) {
    struct audit_journal *j = *j_ref;
    if (j == NULL)
        return;
    *j_ref = NULL;
    store_off_commit(j->store, on_commit, j);
    store_reader_free(&j->reader);
    close(j->fd);
    mem_free(j);
}

enum rc audit_journal_begin(const char *dir, struct str head, struct problem *p) {
    char path[PATH_ROOM], line[AUDIT_HEAD_CHARS + 1];
    if (!audit_head_valid(head) || !journal_path(dir, path))
        return problem_set(p, RC_INVALID, "\"%.*s\" is no head of an audit log", STR_ARG(head));
    *strrchr(path, '/') = '\0';
    enum rc rc = file_make_dir(path, 0700, p);
    int n = snprintf(line, sizeof line, "%.*s\n", STR_ARG(head));
    must(n > 0 && (size_t)n < sizeof line && journal_path(dir, path));
    return rc == RC_OK ? file_write(path, (struct str){line, (size_t)n}, 0600, p) : rc;
}

// ---- checking ------------------------------------------------------------------------------------------------------

#define CHECK "audit-chain"

struct heads {
    FILE *file;
    off_t size, read; // what was there when the check began: a head may be ahead of the rows we see, else
    int64_t number;   // of the line we stand at; INT64_MAX at the end
    struct digest hash;
};

static void heads_open(const struct verify_context *v, struct heads *h) {
    char path[PATH_ROOM];
    struct stat st;
    *h = (struct heads){.number = 0};
    h->file = journal_path(v->dir, path) ? fopen(path, "re") : NULL;
    if (h->file != NULL && fstat(fileno(h->file), &st) == 0)
        h->size = st.st_size;
}

static void heads_next(const struct verify_context *v, struct heads *h) {
    char line[AUDIT_HEAD_CHARS + 2];
    int64_t last = h->number;
    h->number = INT64_MAX;
    while (h->file != NULL && h->read < h->size && fgets(line, sizeof line, h->file) != NULL) {
        struct str text = str_from(line);
        int64_t number;
        h->read += (off_t)text.n;
        if (!str_ends(text, STR("\n")) && h->read >= h->size)
            return; // cut off by a crash; the next opening mends it
        if (!audit_head_parse(str_trim(text), &number, &h->hash) || number < last)
            verify_fault(v, CHECK, "a line of " AUDIT_JOURNAL_PATH " is damaged, behind row %lld", (long long)last);
        else {
            h->number = number;
            return;
        }
    }
}

static void row_check(const struct verify_context *v, struct db_stmt *st, int64_t expected, struct digest *newest) {
    struct audit_entry e = audit_row(st);
    struct str stored = db_str(st, 9);
    if (e.number != expected)
        verify_fault(v, CHECK, "row %lld follows row %lld", (long long)e.number, (long long)expected - 1);
    audit_hash(newest, &e, newest);
    if (!str_eq(stored, (struct str){(const char *)newest->bytes, sizeof newest->bytes}))
        verify_fault(v, CHECK, "row %lld is not what its hash was made of", (long long)e.number);
    // The rows behind are held against what is stored, so that one fault is told once.
    if (stored.n == sizeof newest->bytes)
        memcpy(newest->bytes, stored.p, stored.n);
}

static void heads_compare(const struct verify_context *v, struct heads *h, int64_t number, const struct digest *hash) {
    while (h->number <= number) {
        if (h->number < number)
            verify_fault(v, CHECK, AUDIT_JOURNAL_PATH " knows row %lld, the log does not", (long long)h->number);
        else if (memcmp(h->hash.bytes, hash->bytes, sizeof hash->bytes) != 0)
            verify_fault(v, CHECK, "row %lld has another hash than " AUDIT_JOURNAL_PATH " says", (long long)number);
        heads_next(v, h);
    }
}

enum rc audit_check(const struct verify_context *v) {
    struct heads heads;
    struct digest hash = {{0}};
    int64_t number = 0;
    heads_open(v, &heads);
    heads_next(v, &heads);
    heads_compare(v, &heads, 0, &hash);
    struct db_stmt *st = db_sql(v->db, "SELECT number, at, account_id, who, verb, kind, thing_id, before, after, hash "
                                       "FROM audit ORDER BY number");
    while (db_step(st)) {
        row_check(v, st, number + 1, &hash);
        number = db_i64(st, 0);
        heads_compare(v, &heads, number, &hash);
    }
    if (heads.number != INT64_MAX)
        verify_fault(v, CHECK, "the log ends at row %lld, but " AUDIT_JOURNAL_PATH " knows row %lld", (long long)number,
                     (long long)heads.number);
    if (number > 0 && heads.size == 0)
        verify_fault(v, CHECK, AUDIT_JOURNAL_PATH " is missing or empty");
    if (heads.file != NULL)
        fclose(heads.file);
    return db_end(st);
}
