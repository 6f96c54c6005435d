// SPDX-License-Identifier: AGPL-3.0-or-later
// See parameters.h.
#include "main/parameters.h"

// A path names a file of the machine, and an address believes a proxy: both stay with who can write the file.
static bool is_for_desk(const struct config_row *row) {
    return !row->needs_restart &&
           (row->kind == CONFIG_NUMBER || row->kind == CONFIG_SWITCH || row->kind == CONFIG_LEVEL);
}

static struct str own_value(struct arena *a, struct db *db, const struct config_row *row) {
    return setting_own(a, db, str_fmt(a, STATION_PARAMETER "%s", row->name).p, LANG_COUNT);
}

void parameters_apply(struct config *c, struct db *db) {
    struct arena *a = arena_new(1 << 16);
    for (size_t i = 0; i < config_row_count; i++) {
        struct problem problem = {""};
        struct str own = is_for_desk(&config_rows[i]) ? own_value(a, db, &config_rows[i]) : STR_NONE;
        if (own.n > 0 && config_set(c, &config_rows[i], own, &problem) != RC_OK)
            log_warn("a parameter set at the desk is left out: %s", problem.text);
    }
    arena_free(&a);
}

size_t parameters_list(const struct config *c, struct arena *a, struct db *db, struct site_parameter **out) {
    struct site_parameter *rows = ARENA_ARRAY(a, struct site_parameter, config_row_count);
    size_t n = 0;
    for (size_t i = 0; i < config_row_count; i++) {
        const struct config_row *row = &config_rows[i];
        if (!is_for_desk(row))
            continue;
        struct str own = own_value(a, db, row);
        rows[n++] = (struct site_parameter){.name = row->name,
                                            .unit = row->unit,
                                            .description = row->description,
                                            .own = own,
                                            .value = own.n > 0 ? own : config_value_text(a, c, row)};
    }
    *out = rows;
    return n;
}

enum rc parameters_check(struct str name, struct str value, struct problem *p) {
    struct config any;
    config_defaults(&any);
    for (size_t i = 0; i < config_row_count; i++)
        if (is_for_desk(&config_rows[i]) && str_eq(name, str_from(config_rows[i].name)))
            return value.n == 0 ? RC_OK : config_set(&any, &config_rows[i], value, p);
    return RC_NOT_FOUND;
}
