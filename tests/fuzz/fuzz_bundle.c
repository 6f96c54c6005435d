// SPDX-License-Identifier: AGPL-3.0-or-later
// Any bytes as a file of packed pages: refused with a sentence, or pages whose names and sizes are within what is promised,
// and no more of them than were asked for.
#include <sys/mman.h>
#include <unistd.h>

#include "import/import.h"

enum { FILES = 3 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void page_check(void *arg, struct str name, struct str bytes) {
    size_t at;
    must(++*(size_t *)arg <= FILES);
    must(import_is_page_name(name) && utf8_valid(name));
    must(name.p[0] != '.' && !str_find_char(name, '/', &at) && !str_find_char(name, '\\', &at));
    must(bytes.n <= IMPORT_PAGE_MAX + (1 << 17));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int fd = memfd_create("bundle", MFD_CLOEXEC);
    must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    (void)import_is_bundle((struct str){(const char *)data, size < 512 ? size : 512});
    struct problem p = {""};
    size_t pages = 0, skipped = 0;
    enum rc rc = import_bundle_walk(fd, FILES, page_check, &pages, &skipped, &p);
    must(rc == RC_OK || ((rc == RC_INVALID || rc == RC_TOO_BIG) && p.text[0] != '\0'));
    close(fd);
    return 0;
}
