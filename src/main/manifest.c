// SPDX-License-Identifier: AGPL-3.0-or-later
// Lines of a backup's manifest, and the names that may stand in one.
#include "main/archive.h"
#include "main/manifest.h"

enum { MANIFEST_MAX = 256 << 20, NAME_MAX_BYTES = 200 };

static void put_digest(struct buf *m, const struct digest *digest) {
    char hex[64];
    hex_put(hex, digest->bytes, sizeof digest->bytes);
    buf_add(m, hex, sizeof hex);
}

void manifest_begin(struct buf *m) {
    buf_init(m, MANIFEST_MAX);
    buf_c(m, "siaran-backup 1\n");
}

void manifest_add(struct buf *m, const struct digest *digest, int64_t size, const char *name) {
    put_digest(m, digest);
    buf_fmt(m, " %lld %s\n", (long long)size, name);
}

void manifest_end(struct buf *m, struct str audit_head) {
    struct digest digest;
    if (audit_head.n > 0)
        buf_fmt(m, "audit %.*s\n", STR_ARG(audit_head));
    hash_sha256(m->p, m->n, &digest);
    buf_c(m, "end ");
    put_digest(m, &digest);
    buf_char(m, '\n');
}

// No other line begins like this: they begin with a hash, or are the first and the last.
struct str manifest_audit_head(struct str manifest) {
    size_t at;
    struct str line;
    if (!str_find(manifest, STR("\naudit "), &at))
        return STR_NONE;
    struct str rest = str_slice(manifest, at + sizeof "\naudit " - 1, manifest.n);
    return str_next(&rest, '\n', &line) ? line : STR_NONE;
}

static bool is_plain_part(struct str part) {
    if (part.n == 0 || part.p[0] == '.')
        return false;
    for (size_t i = 0; i < part.n; i++) {
        char c = part.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!plain && c != '.' && c != '-' && c != '_')
            return false;
    }
    return true;
}

bool archive_name_ok(struct str name) {
    if (str_eq(name, STR("siaran.db")) || str_eq(name, STR("siaran.conf")) || str_eq(name, STR("desk.conf")) ||
        str_eq(name, STR("services.json")))
        return true;
    if (name.n > NAME_MAX_BYTES || !(str_starts(name, STR("counters/")) || str_starts(name, STR("media/")) ||
                                     str_starts(name, STR("originals/")) || str_starts(name, STR("radio/sounds/"))))
        return false;
    struct str part;
    while (str_next(&name, '/', &part))
        if (!is_plain_part(part))
            return false;
    return true;
}
