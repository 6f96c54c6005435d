// SPDX-License-Identifier: AGPL-3.0-or-later
// Extra fields: what a value may be, what two people made of one text's, definitions kept, and those of an import.
#include "newsroom.h"

#include "../../../src/news/internal.h"

static struct extra_field field_of(enum extra_kind kind) {
    return (struct extra_field){
        .kind = kind, .name = STR("x"), .common = {STR("X"), STR("free\tFree of charge\nticket\tBy ticket")}};
}

static void test_values(void **state) {
    struct station *s = *state;
    static char long_line[302], long_text[4002];
    memset(long_line, 'a', sizeof long_line - 1);
    memset(long_text, 'a', sizeof long_text - 1);
    const struct {
        enum extra_kind kind;
        const char *typed, *stored; // NULL: refused
        enum extra_fault fault;
    } cases[] = {
        {EXTRA_LINE, " a  b ", "a  b", EXTRA_FINE},
        {EXTRA_LINE, "", "", EXTRA_FINE},
        {EXTRA_LINE, "a\nb", NULL, EXTRA_NO_LINE},
        {EXTRA_LINE, long_line, NULL, EXTRA_TOO_LONG},
        {EXTRA_LINE, "\xff", NULL, EXTRA_TOO_LONG},
        {EXTRA_TEXT, "\n a \n\nb\tc\n\n",
         "a\xe2\x90\xa4\xe2\x90\xa4"
         "b c",
         EXTRA_FINE},
        {EXTRA_TEXT, "a\x01", NULL, EXTRA_NO_LINE},
        {EXTRA_TEXT, long_text, NULL, EXTRA_TOO_LONG},
        {EXTRA_NUMBER, "0", "0", EXTRA_FINE},
        {EXTRA_NUMBER, "-0012.50", "-12.50", EXTRA_FINE},
        {EXTRA_NUMBER, "\xd9\xa1\xd9\xa2\xd9\xab\xd9\xa5", "12.5", EXTRA_FINE},
        {EXTRA_NUMBER, "\xef\xbc\x97", "7", EXTRA_FINE},
        {EXTRA_NUMBER,
         "\xe2\x88\x92"
         "3",
         "-3", EXTRA_FINE},
        {EXTRA_NUMBER, "12345678901.1234", "12345678901.1234", EXTRA_FINE},
        {EXTRA_NUMBER, "123456789012", NULL, EXTRA_NO_NUMBER},
        {EXTRA_NUMBER, "12345678901.12345", NULL, EXTRA_NO_NUMBER},
        {EXTRA_NUMBER, "1,250", NULL, EXTRA_NO_NUMBER},
        {EXTRA_NUMBER, "1.", NULL, EXTRA_NO_NUMBER},
        {EXTRA_NUMBER, ".5", NULL, EXTRA_NO_NUMBER},
        {EXTRA_NUMBER, "-", NULL, EXTRA_NO_NUMBER},
        {EXTRA_NUMBER, "1e9", NULL, EXTRA_NO_NUMBER},
        {EXTRA_DATE, "2024-02-29", "2024-02-29", EXTRA_FINE},
        {EXTRA_DATE, "1945-08-17", "1945-08-17", EXTRA_FINE},
        {EXTRA_DATE, "2023-02-29", NULL, EXTRA_NO_DATE},
        {EXTRA_DATE, "2023-13-01", NULL, EXTRA_NO_DATE},
        {EXTRA_DATE, "23-1-1", NULL, EXTRA_NO_DATE},
        {EXTRA_LINK, "https://example.org", "https://example.org", EXTRA_FINE},
        {EXTRA_LINK, "https://example.org/a   b c", "https://example.org/a b c", EXTRA_FINE},
        {EXTRA_LINK, "www.example.org", "https://www.example.org", EXTRA_FINE},
        {EXTRA_LINK, "/en/live", "/en/live", EXTRA_FINE},
        {EXTRA_LINK, "mailto:a@b.c", "mailto:a@b.c", EXTRA_FINE},
        {EXTRA_LINK, "//example.org", NULL, EXTRA_NO_LINK},
        {EXTRA_LINK, "/\\example.org", NULL, EXTRA_NO_LINK},
        {EXTRA_LINK, "javascript:alert(1)", NULL, EXTRA_NO_LINK},
        {EXTRA_LINK, "https://", NULL, EXTRA_NO_LINK},
        {EXTRA_LINK, "https://a\"b.org", NULL, EXTRA_NO_LINK},
        {EXTRA_CHOICE, "free", "free", EXTRA_FINE},
        {EXTRA_CHOICE, "gold", NULL, EXTRA_NO_CHOICE},
        {EXTRA_FLAG, "yes", "yes", EXTRA_FINE},
        {EXTRA_FLAG, "1", NULL, EXTRA_NO_CHOICE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct extra_field f = field_of(cases[i].kind);
        struct str stored, again;
        enum extra_fault fault = extra_value_take(s->arena, &f, str_from(cases[i].typed), &stored);
        if (fault != cases[i].fault)
            fail_msg("case %zu (%s): %d", i, cases[i].typed, (int)fault);
        if (fault != EXTRA_FINE)
            continue;
        assert_str_(stored, str_from(cases[i].stored), __FILE__, __LINE__);
        // What a form shows of it is taken as the same again.
        assert_int_equal(extra_value_take(s->arena, &f, extra_value_typed(s->arena, stored), &again), EXTRA_FINE);
        assert_str_(again, stored, __FILE__, __LINE__);
    }
    double number;
    int decimals;
    assert_true(extra_number_read(STR("-12.50"), &number, &decimals));
    assert_true(number > -12.5001 && number < -12.4999 && decimals == 2);
    assert_false(extra_number_read(STR("twelve"), &number, &decimals));
}

static void test_two_people(void **state) {
    struct station *s = *state;
    const struct {
        const char *base, *mine, *theirs, *merged;
        size_t collisions;
    } cases[] = {
        {"a\t1\nb\t1", "a\t2\nb\t1", "a\t1\nb\t2", "a\t2\nb\t2", 0},
        {"", "b\t1", "a\t1", "a\t1\nb\t1", 0},
        {"", "a\tmine", "a\ttheirs", "a\tmine", 1},
        {"a\t1\nb\t1", "b\t1", "a\t1\nb\t2", "b\t2", 0},
        {"a\t1", "", "a\t2", "", 1},
        {"a\t1", "a\t2", "", "a\t2", 1},
        {"a\t1", "a\t1", "", "", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct content base = {.extra_fields = str_from(cases[i].base)},
                       mine = {.extra_fields = str_from(cases[i].mine)},
                       theirs = {.extra_fields = str_from(cases[i].theirs)}, merged;
        struct content_collision *collisions;
        size_t n = content_merge(s->arena, &base, &mine, &theirs, NULL, 0, &merged, &collisions);
        if (n != cases[i].collisions)
            fail_msg("case %zu: %zu collisions", i, n);
        assert_str_(merged.extra_fields, str_from(cases[i].merged), __FILE__, __LINE__);
    }
    const enum text_side theirs_side[] = {TEXT_THEIRS};
    struct content base = {0}, mine = {.extra_fields = STR("a\tm")}, theirs = {.extra_fields = STR("a\tt")}, merged;
    struct content_collision *collisions;
    assert_int_equal(content_merge(s->arena, &base, &mine, &theirs, theirs_side, 1, &merged, &collisions), 1);
    assert_str(merged.extra_fields, "a\tt");
}

// ---- definitions -----------------------------------------------------------------------------------------------------

struct defining {
    struct station *s;
    struct extra_field_edit edit;
    int64_t id, section;
    enum text_lang lang;
    struct str label;
    bool may_not;
    struct extra_field made;
    struct news_changes changes;
    struct problem problem;
};

static enum rc define(struct db *db, void *arg) {
    struct defining *d = arg;
    const struct audit_who who = {1, STR("Ana")};
    d->changes = (struct news_changes){0};
    return extra_field_edit(d->s->arena, db, &who, &d->edit, &d->id, &d->changes, &d->problem);
}

static enum rc ensure(struct db *db, void *arg) {
    struct defining *d = arg;
    d->changes = (struct news_changes){0};
    const struct extra_wanted w = {d->lang, d->section, d->label, EXTRA_LINE, !d->may_not};
    const struct audit_who who = {1, STR("Ana")};
    return extra_field_ensure(d->s->arena, db, &who, &w, &d->made, &d->changes, &d->problem);
}

static void test_an_import_finds_or_defines(void **state) {
    struct station *s = *state;
    struct section en = newsroom_section(s, LANG_EN), ar = newsroom_section(s, LANG_AR);
    struct defining d = {.s = s, .lang = LANG_EN, .section = en.id, .label = STR("Venue")};
    assert_int_equal(store_write(s->store, STORE_DURABLE, ensure, &d), RC_OK);
    assert_str(d.made.name, "venue");
    assert_true(d.changes.count > 0);
    int64_t venue = d.made.id;
    assert_int_equal(store_write(s->store, STORE_DURABLE, ensure, &d), RC_OK);
    assert_true(d.made.id == venue && d.changes.count == 0);
    d.lang = LANG_AR; // the common label is found in every language, and the section added
    d.section = ar.id;
    d.may_not = true;
    assert_int_equal(store_write(s->store, STORE_DURABLE, ensure, &d), RC_DENIED);
    assert_true(d.problem.text[0] != '\0');
    d.may_not = false;
    assert_int_equal(store_write(s->store, STORE_DURABLE, ensure, &d), RC_OK);
    assert_true(d.made.id == venue && extra_field_is_of(&d.made, ar.id) && extra_field_is_of(&d.made, en.id));
    struct extra_field read; // whoever has it open at the desk is told that it changed
    assert_int_equal(extra_field_by_id(s->arena, s->reader, venue, &read), RC_OK);
    assert_true(read.version == 2 && read.section_count == 2);
    struct audit_entry *entries;
    size_t count;
    bool more;
    const struct audit_query q = {.kind = STR("field"), .id = venue, .limit = 9};
    assert_int_equal(audit_list(s->arena, s->reader, &q, &entries, &count, &more), RC_OK);
    assert_int_equal(count, 2);
    assert_str(entries[0].verb, "save");
    assert_false(str_eq(entries[0].before, entries[0].after));
    assert_str(entries[1].verb, "begin");
    d.label = STR("\xd9\x85\xd9\x83\xd8\xa7\xd9\x86"); // without Latin letters of its own: some name is made
    assert_int_equal(store_write(s->store, STORE_DURABLE, ensure, &d), RC_OK);
    assert_true(d.made.id != venue && d.made.name.n > 0);
    for (int i = 0; i < ROWS_MAX; i++) {
        d.label = str_fmt(s->arena, "Label %d", i);
        enum rc rc = store_write(s->store, STORE_DURABLE, ensure, &d);
        assert_int_equal(rc, i + 2 < ROWS_MAX ? RC_OK : RC_TOO_BIG);
    }
    assert_true(d.problem.text[0] != '\0');
}

static void test_what_is_refused(void **state) {
    struct station *s = *state;
    struct defining d = {.s = s};
    d.edit.field = field_of(EXTRA_CHOICE);
    d.edit.field.everywhere = true;
    assert_int_equal(store_write(s->store, STORE_DURABLE, define, &d), RC_OK);
    assert_int_equal(store_write(s->store, STORE_DURABLE, define, &d), RC_CONFLICT);
    assert_string_equal(d.problem.text, "field_name_taken");
    d.edit.field.id = d.id;
    assert_int_equal(store_write(s->store, STORE_DURABLE, define, &d), RC_BUSY);
    d.edit.base_version = 1;
    d.edit.field.name = STR("another"); // a name never changes
    assert_int_equal(store_write(s->store, STORE_DURABLE, define, &d), RC_OK);
    struct extra_field f;
    assert_int_equal(extra_field_by_id(s->arena, s->reader, d.id, &f), RC_OK);
    assert_str(f.name, "x");
    assert_true(f.version == 2);
    assert_int_equal(extra_field_by_id(s->arena, s->reader, 5, &f), RC_NOT_FOUND);
    d = (struct defining){.s = s};
    d.edit.field = field_of(EXTRA_LINE);
    d.edit.field.name = STR("Big");
    assert_int_equal(store_write(s->store, STORE_DURABLE, define, &d), RC_INVALID);
    d.edit.field.name = STR("small");
    d.edit.field.words[LANG_DE].label = STR("zwei\nZeilen");
    assert_int_equal(store_write(s->store, STORE_DURABLE, define, &d), RC_INVALID);
    d.edit.field = field_of(EXTRA_CHOICE);
    d.edit.field.name = STR("small");
    d.edit.field.common.choices = STR_NONE;
    assert_int_equal(store_write(s->store, STORE_DURABLE, define, &d), RC_INVALID);
    assert_string_equal(d.problem.text, "field_choices_bad");
}

// ---- in order ----------------------------------------------------------------------------------------------------------

struct ordering {
    struct station *s;
    int64_t id, beside;
    enum place_way way;
    struct news_changes changes;
};

static enum rc reorder_field(struct db *db, void *arg) {
    struct ordering *o = arg;
    const struct audit_who who = {1, STR("Ana")};
    return extra_field_reorder(o->s->arena, db, &who, o->id, o->way, o->beside, &o->changes);
}

static enum rc reorder_section(struct db *db, void *arg) {
    struct ordering *o = arg;
    const struct audit_who who = {1, STR("Ana")};
    return section_reorder(o->s->arena, db, &who, o->id, o->way, o->beside, &o->changes);
}

// One step moves one thing and leaves the others in their order, for fields as for sections.
static void test_in_order(void **state) {
    struct station *s = *state;
    struct defining d = {.s = s};
    int64_t ids[4];
    static const struct {
        size_t moved, beside; // of ids
        enum place_way way;
        const char *order;
    } steps[] = {
        {0, 0, PLACE_DOWN, "bacd"},   {3, 3, PLACE_UP, "badc"},   {1, 2, PLACE_AFTER, "adcb"},
        {2, 0, PLACE_BEFORE, "cadb"}, {2, 2, PLACE_UP, "cadb"},   {1, 1, PLACE_DOWN, "cadb"},
        {2, 1, PLACE_AFTER, "adbc"},  {3, 3, PLACE_DOWN, "abdc"}, {2, 3, PLACE_BEFORE, "abcd"},
    };
    for (int i = 0; i < 4; i++) {
        d.edit.field = field_of(EXTRA_LINE);
        d.edit.field.name = str_fmt(s->arena, "%c", 'a' + i);
        assert_int_equal(store_write(s->store, STORE_DURABLE, define, &d), RC_OK);
        ids[i] = d.id;
    }
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct ordering o = {.s = s, .id = ids[steps[i].moved], .beside = ids[steps[i].beside], .way = steps[i].way};
        struct extra_field *fields;
        size_t n;
        char order[5] = "";
        assert_int_equal(store_write(s->store, STORE_DURABLE, reorder_field, &o), RC_OK);
        assert_int_equal(extra_field_list(s->arena, s->reader, &fields, &n), RC_OK);
        for (size_t k = 0; k < n && k < 4; k++)
            order[k] = fields[k].name.p[0];
        if (strcmp(order, steps[i].order) != 0)
            fail_msg("step %zu: %s", i, order);
    }
    struct section *before, *after;
    size_t n;
    assert_int_equal(section_list(s->arena, s->reader, LANG_EN, &before, &n), RC_OK);
    assert_true(n >= 2);
    struct ordering o = {.s = s, .id = before[0].id, .beside = before[n - 1].id, .way = PLACE_AFTER};
    assert_int_equal(store_write(s->store, STORE_DURABLE, reorder_section, &o), RC_OK);
    assert_int_equal(section_list(s->arena, s->reader, LANG_EN, &after, &n), RC_OK);
    for (size_t i = 0; i < n; i++)
        assert_true(after[i].id == before[(i + 1) % n].id);
}

// ---- sections become one -----------------------------------------------------------------------------------------------

struct merging {
    struct station *s;
    int64_t from, to;
    bool more;
    struct news_changes changes;
    struct problem problem;
};

static enum rc merge_first(struct db *db, void *arg) {
    struct merging *m = arg;
    const struct audit_who who = {1, STR("Ana")};
    return section_delete(m->s->arena, db, &who, m->from, m->to, NOW, &m->changes, &m->problem);
}

static enum rc merge_next(struct db *db, void *arg) {
    struct merging *m = arg;
    m->changes = (struct news_changes){0};
    return merge_step(db, &m->changes, &m->more);
}

static void add_fields(struct station *s, int64_t section, int from, int to) {
    struct defining d = {.s = s, .lang = LANG_EN, .section = section};
    for (int i = from; i < to; i++) {
        d.label = str_fmt(s->arena, "Label %d", i);
        assert_int_equal(store_write(s->store, STORE_DURABLE, ensure, &d), RC_OK);
    }
}

static size_t fields_of_section(struct station *s, int64_t section, int64_t *version_out) {
    struct extra_field *fields;
    size_t n, count = 0;
    assert_int_equal(extra_field_list(s->arena, s->reader, &fields, &n), RC_OK);
    for (size_t i = 0; i < n; i++)
        count += extra_field_is_of(&fields[i], section);
    *version_out = fields[0].version;
    return count;
}

static enum rc section_make(struct db *db, void *arg) {
    struct merging *m = arg;
    struct section section = {.lang = LANG_EN, .name = STR("Culture"), .slug = STR("culture"), .position = 9};
    enum rc rc = section_save(db, &section, &m->changes);
    m->from = section.id;
    return rc;
}

// A merge that would give the surviving section too many fields is refused; of those that came meanwhile, only so many
// go over as there is room for.
static void test_fields_of_sections_that_become_one(void **state) {
    struct station *s = *state;
    struct merging m = {.s = s, .to = newsroom_section(s, LANG_EN).id};
    struct section gone;
    int64_t version;
    assert_int_equal(store_write(s->store, STORE_DURABLE, section_make, &m), RC_OK);
    add_fields(s, m.from, 0, 8);
    add_fields(s, m.to, 6, ROWS_MAX); // two are of both
    assert_int_equal(fields_of_section(s, m.to, &version), ROWS_MAX - 6);
    add_fields(s, m.from, 8, 9);
    assert_int_equal(store_write(s->store, STORE_DURABLE, merge_first, &m), RC_OK);
    add_fields(s, m.to, ROWS_MAX, ROWS_MAX + 4); // room for two of the six
    assert_int_equal(fields_of_section(s, m.to, &version), ROWS_MAX - 2);
    assert_int_equal(version, 1);
    do {
        assert_int_equal(store_write(s->store, STORE_DURABLE, merge_next, &m), RC_OK);
    } while (m.more);
    assert_int_equal(section_by_id(s->arena, s->reader, m.from, &gone), RC_NOT_FOUND);
    assert_int_equal(fields_of_section(s, m.to, &version), ROWS_MAX);
    assert_int_equal(version, 2); // of the first: whoever has it open is told that its sections changed
    assert_int_equal(fields_of_section(s, m.from, &version), 0);
    assert_int_equal(store_write(s->store, STORE_DURABLE, section_make, &m), RC_OK);
    add_fields(s, m.from, 50, 51);
    assert_int_equal(store_write(s->store, STORE_DURABLE, merge_first, &m), RC_INVALID);
    assert_string_equal(m.problem.text, "field_full");
}

// ---- what a page reads ---------------------------------------------------------------------------------------------------

// Only what readers see in the section, in order, with the words of their language.
static void test_the_fields_of_a_page(void **state) {
    struct station *s = *state;
    struct section en = newsroom_section(s, LANG_EN), ar = newsroom_section(s, LANG_AR);
    struct defining d = {.s = s};
    struct extra_field *fields;
    size_t n;
    for (int i = 0; i < 4; i++) { // of both, hidden, of another section, of this one
        d.edit.field = field_of(i == 3 ? EXTRA_CHOICE : EXTRA_LINE);
        d.edit.field.name = str_fmt(s->arena, "f%d", i);
        d.edit.field.everywhere = i < 2;
        d.edit.field.shown = i != 1;
        d.edit.field.sections = i == 2 ? &ar.id : &en.id;
        d.edit.field.section_count = i >= 2;
        d.edit.field.words[LANG_DE].label = str_fmt(s->arena, "Feld %d", i);
        assert_int_equal(store_write(s->store, STORE_DURABLE, define, &d), RC_OK);
    }
    assert_int_equal(extra_field_shown(s->arena, s->reader, en.id, LANG_DE, &fields, &n), RC_OK);
    assert_int_equal(n, 2);
    assert_str(fields[0].name, "f0");
    assert_str(fields[1].name, "f3");
    assert_str(extra_field_label(&fields[1], LANG_DE), "Feld 3");
    assert_true(fields[1].kind == EXTRA_CHOICE && fields[1].common.choices.n > 0);
    assert_int_equal(extra_field_shown(s->arena, s->reader, ar.id, LANG_EN, &fields, &n), RC_OK);
    assert_int_equal(n, 2);
    assert_str(fields[1].name, "f2");
    assert_true(str_eq(extra_field_label(&fields[1], LANG_EN), d.edit.field.common.label));
    assert_int_equal(extra_field_list(s->arena, s->reader, &fields, &n), RC_OK);
    assert_true(n == 4 && fields[2].section_count == 1 && fields[2].sections[0] == ar.id);
}

// ---- in a station text -------------------------------------------------------------------------------------------------

static enum rc load(struct db *db, void *arg) {
    struct job *j = arg;
    return station_text_load(j->s->arena, db, j->text, NULL, &j->changes, &j->problem);
}

static void test_in_a_station_text(void **state) {
    struct station *s = *state;
    struct job *j = ARENA_NEW(s->arena, struct job);
    struct article art;
    j->s = s;
    j->text =
        STR("== field\nname: price\nkind: number\nlabel: Price\nlabel-de: Preis\n\n"
            "== field\nname: entry\nkind: choice\nlabel: Entry\nchoices: free = Free of charge | ticket = By ticket\n\n"
            "== article\nlang: en\nsection: news\nheadline: A fair\nfield: price | 012.50\nfield: entry | free\n\n"
            "Words.\n");
    if (newsroom_write(j, load) != RC_OK)
        fail_msg("%s", j->problem.text);
    assert_int_equal(article_load(s->arena, s->reader, 1, &art), RC_OK);
    assert_str(art.extra_fields, "entry\tfree\nprice\t12.50");
    assert_int_equal(newsroom_write(j, load), RC_OK);
    int64_t version = art.version;
    assert_int_equal(article_load(s->arena, s->reader, 1, &art), RC_OK);
    assert_true(art.version == version);
    static const char *const bad[] = {
        "== field\nkind: number\nlabel: Price\n",
        "== field\nname: x\nkind: colour\nlabel: Price\n",
        "== field\nname: x\nkind: line\n",
        "== field\nname: x\nkind: line\nlabel: X\nsections: en/nowhere\n",
        "== article\nlang: en\nsection: news\nheadline: Another\nfield: nothing | 1\n\nWords.\n",
        "== article\nlang: en\nsection: news\nheadline: Another\nfield: price | much\n\nWords.\n",
        "== article\nlang: en\nsection: news\nheadline: Another\nfield: price\n\nWords.\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        j->text = str_from(bad[i]);
        if (newsroom_write(j, load) != RC_INVALID)
            fail_msg("%s", bad[i]);
        assert_true(j->problem.text[0] != '\0');
    }
}

int main(void) {
    text_start();
    const struct CMUnitTest tests[] = {NEWSROOM_TEST(test_values),
                                       NEWSROOM_TEST(test_two_people),
                                       NEWSROOM_TEST(test_an_import_finds_or_defines),
                                       NEWSROOM_TEST(test_what_is_refused),
                                       NEWSROOM_TEST(test_in_order),
                                       NEWSROOM_TEST(test_fields_of_sections_that_become_one),
                                       NEWSROOM_TEST(test_the_fields_of_a_page),
                                       NEWSROOM_TEST(test_in_a_station_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
