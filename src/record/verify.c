// SPDX-License-Identifier: AGPL-3.0-or-later
// What `siaran verify` checks of the things that all domains share. Each check computes again what is derived and
// compares; it changes nothing.
#include <sys/stat.h>

#include "record/audit.h"
#include "record/cells.h"
#include "record/media_inside.h"
#include "record/search_query.h"

#define PATH_ROOM 4096
#define FILE_MOST (64u << 20)

void verify_fault(const struct verify_context *v, const char *check, const char *fmt, ...) {
    char text[512];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    size_t size = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    v->fault(v->arg, check, (struct str){text, size});
}

// ---- the file
// ----------------------------------------------------------------------------------------------------------

struct engine_fault {
    const struct verify_context *v;
    bool foreign_keys;
};

static void engine_fault(void *arg, struct str text) {
    const struct engine_fault *f = arg;
    if (str_starts(text, STR("foreign key: ")) == f->foreign_keys)
        verify_fault(f->v, f->foreign_keys ? "foreign-keys" : "database", "%.*s", STR_ARG(text));
}

static enum rc check_database(const struct verify_context *v) {
    struct engine_fault f = {v, false};
    return store_check(v->db, engine_fault, &f);
}

static enum rc check_foreign_keys(const struct verify_context *v) {
    struct engine_fault f = {v, true};
    return store_check(v->db, engine_fault, &f);
}

// ---- reads
// -------------------------------------------------------------------------------------------------------------

static void cell_compare(const struct verify_context *v, const struct cells *cells, struct db_stmt *st) {
    int64_t number = db_i64(st, 0), reads = db_i64(st, 1), raw = db_i64(st, 2);
    uint64_t cell_reads = 0, cell_raw = 0;
    if (number >= 1 && number < cells->capacity) {
        cell_reads = cells->cell[number].reads;
        cell_raw = cells->cell[number].raw;
    }
    if (reads < 0 || raw < 0 || (uint64_t)reads > cell_reads || (uint64_t)raw > cell_raw)
        verify_fault(v, "reads-cells", "article %lld: the database says %lld reads (%lld raw), its cell %llu (%llu)",
                     (long long)number, (long long)reads, (long long)raw, (unsigned long long)cell_reads,
                     (unsigned long long)cell_raw);
}

// The rows are read before the cells, which may only have grown since.
static enum rc check_reads_cells(const struct verify_context *v) {
    struct db_stmt *st = db_sql(v->db, "SELECT MAX(epoch) FROM read_epochs");
    int64_t epoch = db_step(st) ? db_i64(st, 0) : 0;
    enum rc rc = db_end(st);
    if (rc != RC_OK || epoch == 0)
        return rc;
    struct cells cells;
    struct problem p = {0};
    rc = cells_open(v->dir, epoch, true, &cells, &p);
    if (rc != RC_OK) {
        verify_fault(v, "reads-cells", "%s", p.text);
        return RC_OK;
    }
    st = db_sql(v->db, "SELECT number, reads, raw_reads FROM read_totals WHERE epoch = $1");
    db_bind_i64(st, 1, epoch);
    while (db_step(st))
        cell_compare(v, &cells, st);
    cells_close(&cells);
    return db_end(st);
}

static enum rc check_reads_days(const struct verify_context *v) {
    struct db_stmt *st = db_sql(
        v->db, "SELECT number, CAST(SUM(total) AS BIGINT), CAST(SUM(total_raw) AS BIGINT), "
               "CAST(SUM(days) AS BIGINT), CAST(SUM(days_raw) AS BIGINT) FROM ("
               "SELECT number, reads AS total, raw_reads AS total_raw, 0 AS days, 0 AS days_raw FROM read_totals "
               "UNION ALL SELECT number, 0, 0, reads, raw_reads FROM read_days) AS both_tables "
               "GROUP BY number HAVING SUM(total) <> SUM(days) OR SUM(total_raw) <> SUM(days_raw)");
    while (db_step(st))
        verify_fault(v, "reads-days", "article %lld: %lld reads (%lld raw) in all, but its days sum to %lld (%lld)",
                     (long long)db_i64(st, 0), (long long)db_i64(st, 1), (long long)db_i64(st, 2),
                     (long long)db_i64(st, 3), (long long)db_i64(st, 4));
    return db_end(st);
}

// ---- search
// ------------------------------------------------------------------------------------------------------------

static enum rc check_search_index(const struct verify_context *v) {
    bool same = false;
    if (search_compare(v->db, &same) != RC_OK)
        verify_fault(v, "search-index", "the full-text index cannot be read");
    else if (!same)
        verify_fault(v, "search-index", "the full-text index and the texts differ");
    return RC_OK;
}

// ---- people
// ------------------------------------------------------------------------------------------------------------

static bool slug_is_plain(struct str slug) {
    if (slug.n == 0 || slug.n > 100 || slug.p[0] == '-' || slug.p[slug.n - 1] == '-')
        return false;
    for (size_t i = 0; i < slug.n; i++) {
        char c = slug.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            return false;
    }
    return true;
}

static enum rc check_people_slugs(const struct verify_context *v) {
    struct db_stmt *st = db_sql(v->db, "SELECT id, slug, name FROM people ORDER BY id");
    while (db_step(st))
        if (!slug_is_plain(db_str(st, 1)) || db_str(st, 2).n == 0)
            verify_fault(v, "people-slugs", "person %lld: \"%.*s\" cannot stand in an address, or the name is empty",
                         (long long)db_i64(st, 0), STR_ARG(db_str(st, 1)));
    return db_end(st);
}

const struct verify_check record_checks[] = {
    {"database", "The database file is whole: every page, index and row.", check_database},
    {"foreign-keys", "Every row that names another row names one that exists.", check_foreign_keys},
    {"reads-cells", "No read count in the database is above its cell.", check_reads_cells},
    {"reads-days", "The reads of an article's days sum to its total over all epochs.", check_reads_days},
    {"search-index", "The full-text index holds exactly the words of the texts.", check_search_index},
    {"media-files", "Every file of a picture or sound, originals too, is there in its length.", check_media_files},
    {"media-hash", "Every such file holds what its name says.", check_media_hash},
    {"media-sizes", "Every picture is of the kind and size that its row says.", check_media_sizes},
    {"media-orphans", "No file lies in media, originals or tmp that nothing names.", check_media_orphans},
    {"media-words", "The media library is searched by exactly the words of its texts.", check_media_words},
    {"people-slugs", "Every person has a name and a slug that can stand in an address.", check_people_slugs},
    {"audit-chain", "Every row of the audit log hashes to what is stored, and the journal's heads agree.", audit_check},
    {"outbox", "Every item of the outbox is in a state that can be.", outbox_check},
};
const size_t record_check_count = sizeof record_checks / sizeof record_checks[0];
