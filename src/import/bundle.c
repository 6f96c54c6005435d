// SPDX-License-Identifier: AGPL-3.0-or-later
// Many saved pages in one file: a zip or a tar, as whoever saved a site packs them. Read from front to back, only these two
// forms, no compression around them, nothing written to the disk; what stands in it is bounded before it is unpacked.
#include <archive.h>
#include <archive_entry.h>
#include <unistd.h>

#include "import/import.h"

enum { CHUNK = 1 << 16, MAGIC_AT = 257 };

bool import_is_bundle(struct str head) {
    return str_starts(head, STR("PK\x03\x04")) || str_eq(str_slice(head, MAGIC_AT, MAGIC_AT + 5), STR("ustar"));
}

bool import_is_page_name(struct str name) {
    static const char *const ends[] = {".html", ".htm", ".txt"};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        size_t n = strlen(ends[i]);
        if (name.n > n && str_eq_nocase(str_slice(name, name.n - n, name.n), str_from(ends[i])))
            return true;
    }
    return false;
}

static struct str base_name(const char *path) {
    struct str s = str_from(path != NULL ? path : "");
    size_t from = s.n;
    while (from > 0 && s.p[from - 1] != '/' && s.p[from - 1] != '\\')
        from--;
    s = str_slice(s, from, s.n);
    return utf8_valid(s) ? s : STR("?");
}

// RC_OK with out->failed: the entry goes on, and is larger than a page may be. RC_INVALID: the bundle breaks off.
static enum rc read_entry(struct archive *from, struct buf *out) {
    static _Thread_local char chunk[CHUNK];
    for (;;) {
        la_ssize_t got = archive_read_data(from, chunk, sizeof chunk);
        if (got < 0)
            return RC_INVALID;
        if (got == 0)
            return RC_OK;
        buf_add(out, chunk, (size_t)got);
        if (out->failed)
            return RC_OK;
    }
}

static enum rc take_entry(struct archive *from, struct archive_entry *entry, size_t *left, import_take_fn take,
                          void *arg, struct problem *p) {
    struct buf bytes;
    buf_init(&bytes, IMPORT_PAGE_MAX + 2 * CHUNK); // full: larger than a page, whatever the pieces
    enum rc rc = read_entry(from, &bytes);
    if (rc == RC_OK && bytes.n > *left)
        rc = problem_word(p, RC_TOO_BIG, W_REASON_PACK_BIG, (int64_t)(IMPORT_BUNDLE_MAX >> 20), STR_NONE);
    else if (rc == RC_OK) {
        *left -= bytes.n;
        take(arg, base_name(archive_entry_pathname(entry)), buf_view(&bytes));
    }
    buf_fini(&bytes);
    return rc;
}

static bool is_wanted(struct archive_entry *entry) {
    struct str name = base_name(archive_entry_pathname(entry));
    return archive_entry_filetype(entry) == AE_IFREG && archive_entry_hardlink(entry) == NULL && name.n > 0 &&
           name.p[0] != '.' && import_is_page_name(name);
}

static enum rc walk(struct archive *from, size_t files_max, import_take_fn take, void *arg, size_t *skipped_out,
                    struct problem *p) {
    struct archive_entry *entry;
    size_t left = IMPORT_BUNDLE_MAX, files = 0, entries = 0;
    for (;;) {
        int result = archive_read_next_header(from, &entry);
        if (result == ARCHIVE_EOF)
            return RC_OK;
        if ((result != ARCHIVE_OK && result != ARCHIVE_WARN) || ++entries > IMPORT_ENTRIES_MAX)
            return RC_INVALID;
        if (!is_wanted(entry)) {
            *skipped_out += archive_entry_filetype(entry) == AE_IFREG;
            continue;
        }
        if (++files > files_max)
            return problem_word(p, RC_TOO_BIG, W_REASON_PACK_MANY, (int64_t)files_max, STR_NONE);
        enum rc rc = take_entry(from, entry, &left, take, arg, p);
        if (rc != RC_OK)
            return rc;
    }
}

enum rc import_bundle_walk(int fd, size_t files_max, import_take_fn take, void *arg, size_t *skipped_out,
                           struct problem *p) {
    struct archive *from = archive_read_new();
    must(from != NULL);
    *skipped_out = 0;
    archive_read_support_format_tar(from);
    // By its directory only: then what is passed over is not unpacked, however large it would be.
    archive_read_support_format_zip_seekable(from);
    (void)lseek(fd, 0, SEEK_SET); // a pipe is read from where it is
    enum rc rc = archive_read_open_fd(from, fd, CHUNK) == ARCHIVE_OK ? walk(from, files_max, take, arg, skipped_out, p)
                                                                     : RC_INVALID;
    archive_read_free(from);
    if (rc == RC_INVALID)
        return problem_word(p, rc, W_REASON_PACK_DAMAGED, 0, STR_NONE);
    return rc;
}
