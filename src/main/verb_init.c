// SPDX-License-Identifier: AGPL-3.0-or-later
// `siaran init DIR`: a new station, made beside DIR and moved there when it is whole. With --demo the invented
// broadcaster that is embedded in the program is loaded into it.
#include "demo_files.h"
#include "main/config.h"
#include "main/main.h"
#include "main/path.h"
#include "main/station.h"
#include "news/news.h"
#include "service/service.h"

enum { DEMO_FILE_BYTES = 1 << 20 };

struct options {
    const char *dir, *name, *zone, *languages;
    bool demo;
};

static bool read_options(int argc, char **argv, struct options *o) {
    *o = (struct options){.name = "Siaran", .zone = "Asia/Jakarta", .languages = "en id ar zh ja fr de es nl"};
    for (int i = 1; i < argc; i++) {
        const char **value = strcmp(argv[i], "--name") == 0        ? &o->name
                             : strcmp(argv[i], "--zone") == 0      ? &o->zone
                             : strcmp(argv[i], "--languages") == 0 ? &o->languages
                                                                   : NULL;
        if (strcmp(argv[i], "--demo") == 0)
            o->demo = true;
        else if (value != NULL) {
            if (++i == argc)
                return false;
            *value = argv[i];
        } else if (o->dir == NULL && argv[i][0] != '-')
            o->dir = argv[i];
        else
            return false;
    }
    return o->dir != NULL;
}

struct making {
    struct arena *arena;
    struct str name, zone;
    uint32_t languages;
    const char *dir; // where it is made
    struct problem *problem;
    struct news_changes changes;
    size_t file; // of the demo
};

static enum rc parse_languages(struct str codes, uint32_t *out, struct problem *p) {
    struct str code;
    *out = 0;
    while (str_next(&codes, ' ', &code)) {
        enum text_lang lang;
        if (code.n == 0)
            continue;
        if (!text_lang_find(code, &lang))
            return problem_set(p, RC_INVALID, "\"%.*s\" is none of the languages en id ar zh ja fr de es nl",
                               STR_ARG(code));
        *out |= UINT32_C(1) << lang;
    }
    return *out != 0 ? RC_OK : problem_set(p, RC_INVALID, "a station needs at least one language");
}

static enum rc write_station(struct db *db, void *arg) {
    struct making *m = arg;
    m->changes = (struct news_changes){0};
    return station_init(m->arena, db, m->name, m->zone, m->languages, &m->changes, m->problem);
}

// ---- the demo ------------------------------------------------------------------------------------------------

static enum rc load_demo_file(void *arg, struct str name, struct buf *out) {
    (void)arg;
    for (size_t i = 0; i < demo_files_count; i++)
        if (str_eq(name, str_from(demo_files[i].name))) {
            buf_add(out, demo_files[i].bytes, demo_files[i].size);
            return out->failed ? RC_TOO_BIG : RC_OK;
        }
    return RC_NOT_FOUND;
}

static enum rc write_demo_file(struct db *db, void *arg) {
    struct making *m = arg;
    const struct demo_files_row *file = &demo_files[m->file];
    struct station_text_setup setup = {.dir = m->dir, .trusted_svg = true, .load_file = load_demo_file};
    m->changes = (struct news_changes){0};
    return station_text_load(m->arena, db, (struct str){(const char *)file->bytes, file->size}, &setup, &m->changes,
                             m->problem);
}

// The next text of the demo in the order of names, or demo_files_count.
static size_t next_text(const char *after) {
    size_t best = demo_files_count;
    for (size_t i = 0; i < demo_files_count; i++)
        if (str_ends(str_from(demo_files[i].name), STR(".txt")) &&
            (after == NULL || strcmp(demo_files[i].name, after) > 0) &&
            (best == demo_files_count || strcmp(demo_files[i].name, demo_files[best].name) < 0))
            best = i;
    return best;
}

static enum rc load_demo(struct station *s, struct making *m, struct problem *p) {
    const char *after = NULL;
    while ((m->file = next_text(after)) < demo_files_count) {
        after = demo_files[m->file].name;
        enum rc rc = store_write(s->store, STORE_RELAXED, write_demo_file, m);
        arena_reset(m->arena);
        if (rc != RC_OK) {
            struct problem inner = *p;
            return problem_set(p, rc, "the demo's %s was refused: %s", after, exit_reason(rc, &inner));
        }
    }
    return RC_OK;
}

// ---- the station ---------------------------------------------------------------------------------------------

static enum rc write_config(struct arena *a, const char *dir, struct problem *p) {
    struct buf text;
    buf_init(&text, 1 << 20);
    config_write_example(&text);
    enum rc rc = file_write(str_fmt(a, "%s/siaran.conf", dir).p, buf_view(&text), 0644, p);
    buf_fini(&text);
    return rc;
}

// ---- the demo's service: the interval signal, round and round, until an encoder comes before it -------------------------

static enum rc write_sound(struct making *m, struct arena *a, struct str name, struct problem *p) {
    struct buf bytes;
    buf_init(&bytes, DEMO_FILE_BYTES);
    enum rc rc = load_demo_file(NULL, name, &bytes);
    if (rc == RC_OK)
        rc = file_write(str_fmt(a, "%s/radio/sounds/%.*s", m->dir, STR_ARG(name)).p, buf_view(&bytes), 0640, p);
    buf_fini(&bytes);
    return rc;
}

static enum rc write_sounds(struct making *m, const struct service_stream *stream, struct problem *p) {
    enum rc rc = RC_OK;
    for (size_t i = 0; i < stream->source_count && rc == RC_OK; i++)
        if (stream->sources[i].kind == SERVICE_FILE)
            rc = write_sound(m, m->arena, stream->sources[i].address, p);
    return rc;
}

static enum rc read_services(struct arena *a, struct services *out, struct problem *p) {
    struct buf bytes;
    buf_init(&bytes, DEMO_FILE_BYTES);
    enum rc rc = load_demo_file(NULL, STR("services.json"), &bytes);
    if (rc == RC_OK)
        rc = services_parse(a, buf_view(&bytes), out, p);
    buf_fini(&bytes);
    return rc;
}

static enum rc write_services(struct making *m, struct problem *p) {
    struct arena *a = m->arena;
    struct services services;
    enum rc rc = read_services(a, &services, p);
    if (rc == RC_OK)
        rc = file_make_dir(str_fmt(a, "%s/radio", m->dir).p, 0750, p);
    if (rc == RC_OK)
        rc = file_make_dir(str_fmt(a, "%s/radio/sounds", m->dir).p, 0750, p);
    for (size_t i = 0; i < services.count && rc == RC_OK; i++)
        for (size_t k = 0; k < services.rows[i].stream_count && rc == RC_OK; k++)
            rc = write_sounds(m, &services.rows[i].streams[k], p);
    if (rc == RC_OK)
        rc = services_save(m->dir, &services, p);
    arena_reset(a);
    return rc;
}

// ---- the whole ------------------------------------------------------------------------------------------------

static enum rc fill_station(struct making *m, bool demo, struct problem *p) {
    struct station station;
    enum rc rc = station_open(&station, m->dir, true, p);
    if (rc != RC_OK)
        return rc;
    rc = store_write(station.store, STORE_DURABLE, write_station, m);
    if (rc == RC_OK && demo)
        rc = load_demo(&station, m, p);
    if (rc == RC_OK && demo)
        rc = write_services(m, p);
    station_close(&station);
    return rc;
}

static enum rc make_station(const struct options *o, struct arena *a, struct problem *p) {
    struct making m = {.name = str_trim(str_from(o->name)), .zone = str_from(o->zone), .problem = p};
    const struct text_zone *zone;
    station_start();
    enum rc rc = parse_languages(str_from(o->languages), &m.languages, p);
    if (rc == RC_OK && (m.name.n == 0 || m.name.n > 200 || !utf8_valid(m.name)))
        rc = problem_set(p, RC_INVALID, "a station's name is 1 to 200 bytes of UTF-8");
    if (rc == RC_OK && text_zone_find(m.zone, &zone) != RC_OK)
        rc = problem_set(p, RC_INVALID, "there is no time zone \"%s\"; write it like Asia/Jakarta", o->zone);
    if (rc == RC_OK)
        rc = path_is_free(o->dir, p);
    if (rc == RC_OK)
        rc = path_make_part(a, o->dir, &m.dir, p);
    if (rc != RC_OK)
        return rc;
    m.arena = arena_new((size_t)256 << 20);
    rc = fill_station(&m, o->demo, p);
    if (rc == RC_OK)
        rc = write_config(a, m.dir, p);
    if (rc == RC_OK)
        rc = path_finish_part(m.dir, o->dir, p);
    if (rc != RC_OK)
        path_remove_tree(m.dir);
    arena_free(&m.arena);
    return rc;
}

enum exit_code verb_init(const struct verb *verb, int argc, char **argv) {
    struct options o;
    struct problem problem = {""};
    if (!read_options(argc, argv, &o))
        return verb_usage(verb, "give a new directory, and options with their values");
    struct arena *a = arena_new(1 << 20);
    enum rc rc = make_station(&o, a, &problem);
    arena_free(&a);
    if (rc != RC_OK)
        return fail(exit_code_of(rc), "%s", problem.text[0] != '\0' ? problem.text : "the station could not be made");
    printf("station made in %s; siaran serve %s serves it\n", o.dir, o.dir);
    return EXIT_DONE;
}
