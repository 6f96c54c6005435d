// SPDX-License-Identifier: AGPL-3.0-or-later
// The newsroom's checks of `siaran verify`: everything that was derived is computed again and compared, every link is
// followed. A check reports at most a hundred faults by name and says how many it left out.
#include "news/internal.h"

#define FAULTS_MAX 100

// Each row of the statement is a fault: column 0 says what, column 1 what it is about.
static enum rc rows_are_faults(const struct verify_context *v, struct db_stmt *st, const char *check,
                               const char *sentence) {
    size_t n = 0;
    while (db_step(st)) {
        if (++n > FAULTS_MAX)
            continue;
        struct arena *a = arena_new(65536);
        struct str text =
            str_fmt(a, "%s %lld: %s", sentence, (long long)db_i64(st, 0), str_c(a, utf8_cut(db_str(st, 1), 200)));
        v->fault(v->arg, check, text);
        arena_free(&a);
    }
    if (n > FAULTS_MAX)
        v->fault(v->arg, check, STR("and more of the same"));
    return db_end(st);
}

static enum rc check_votes(const struct verify_context *v) {
    struct db_stmt *st = db_sql(
        v->db,
        "SELECT a.number, 'the totals are not base plus votes' FROM articles a LEFT JOIN (SELECT number AS number, "
        "SUM(value) AS stars, COUNT(*) AS n FROM votes GROUP BY number) t ON t.number = a.number WHERE "
        "a.votes_sum <> a.votes_base_sum + COALESCE(t.stars, 0) OR a.votes_count <> a.votes_base_count + "
        "COALESCE(t.n, 0)");
    enum rc rc = rows_are_faults(v, st, "votes-sum", "article");
    if (rc != RC_OK)
        return rc;
    st = db_sql(v->db, "SELECT number, 'a vote for no article, or not of 1 to 5 stars' FROM votes WHERE value < 1 OR "
                       "value > 5 OR number NOT IN (SELECT number FROM articles)");
    return rows_are_faults(v, st, "votes-sum", "number");
}

// What is indexed must be what the article says now.
static bool doc_differs(struct db_stmt *st) {
    struct arena *a = arena_new((size_t)32 << 20);
    bool differs = !str_eq(db_str(st, 1), db_str(st, 4)) || !str_eq(db_str(st, 2), db_str(st, 5)) ||
                   !str_eq(html_to_text(a, html_stored(db_str(st, 3))), db_str(st, 6));
    arena_free(&a);
    return differs;
}

static enum rc check_docs(const struct verify_context *v) {
    struct db_stmt *st = db_sql(
        v->db, "SELECT a.number, 'published, but not in the search' FROM articles a WHERE a.state = 2 AND NOT EXISTS "
               "(SELECT 1 FROM search_docs d WHERE d.number = a.number) UNION ALL SELECT d.number, 'in the search, but "
               "not published' FROM search_docs d WHERE NOT EXISTS (SELECT 1 FROM articles a WHERE a.number = d.number "
               "AND a.state = 2)");
    enum rc rc = rows_are_faults(v, st, "search-docs", "article");
    if (rc != RC_OK)
        return rc;
    st = db_sql(v->db,
                "SELECT a.number, a.headline, a.standfirst, a.body, d.headline, d.standfirst, d.body FROM articles a "
                "CROSS JOIN search_docs d WHERE a.state = 2 AND d.number = a.number");
    size_t n = 0;
    while (db_step(st))
        if (doc_differs(st) && ++n <= FAULTS_MAX) {
            struct arena *a = arena_new(4096);
            v->fault(v->arg, "search-docs",
                     str_fmt(a, "article %lld: the search holds another text", (long long)db_i64(st, 0)));
            arena_free(&a);
        }
    return db_end(st);
}

static enum rc check_translations(const struct verify_context *v) {
    struct db_stmt *st = db_sql(
        v->db,
        "SELECT MIN(number), 'two translations into one language' FROM articles GROUP BY translation_group, lang "
        "HAVING COUNT(*) > 1 UNION ALL SELECT number, 'no translation group' FROM articles WHERE "
        "translation_group = 0 UNION ALL SELECT MIN(id), 'two translations of a page into one language' FROM pages "
        "GROUP BY translation_group, lang HAVING COUNT(*) > 1");
    enum rc rc = rows_are_faults(v, st, "translations", "number");
    if (rc != RC_OK)
        return rc;
    st = db_sql(v->db, "SELECT a.number, 'the section is of another language' FROM articles a LEFT JOIN sections s "
                       "ON s.id = a.section_id WHERE s.lang IS DISTINCT FROM a.lang");
    return rows_are_faults(v, st, "translations", "article");
}

static enum rc check_tags(const struct verify_context *v) {
    struct db_stmt *st = db_sql(
        v->db,
        "SELECT l.number, 'a tag link differs from its article or its tag' FROM article_tags l LEFT JOIN articles a "
        "ON a.id = l.article_id LEFT JOIN tags t ON t.id = l.tag_id WHERE a.number IS DISTINCT FROM l.number OR "
        "a.state IS DISTINCT FROM l.state OR a.published_at IS DISTINCT FROM l.published_at OR t.lang IS DISTINCT "
        "FROM a.lang");
    return rows_are_faults(v, st, "tag-links", "article");
}

static enum rc check_people(const struct verify_context *v) {
    struct db_stmt *st = db_sql(
        v->db,
        "SELECT l.number, 'a byline link differs from its article or person' FROM article_people l LEFT JOIN "
        "articles a ON a.id = l.article_id LEFT JOIN people p ON p.id = l.person_id WHERE a.number IS DISTINCT FROM "
        "l.number OR a.state IS DISTINCT FROM l.state OR a.published_at IS DISTINCT FROM l.published_at OR a.lang "
        "IS DISTINCT FROM l.lang OR p.id IS NULL");
    return rows_are_faults(v, st, "people-links", "article");
}

static enum rc check_menu(const struct verify_context *v) {
    struct db_stmt *st = db_sql(
        v->db,
        "SELECT m.position, 'an entry of the menu (' || m.lang || ') leads nowhere' FROM menu_entries m WHERE "
        "(m.target = 1 AND NOT EXISTS (SELECT 1 FROM sections s WHERE s.id = m.target_id AND s.lang = m.lang)) OR "
        "(m.target = 2 AND NOT EXISTS (SELECT 1 FROM pages p WHERE p.id = m.target_id AND p.lang = m.lang)) OR "
        "(m.target = 3 AND m.address = '') OR m.target < 0 OR m.target > 6");
    return rows_are_faults(v, st, "menu-targets", "entry");
}

static enum rc check_front(const struct verify_context *v) {
    struct db_stmt *st = db_sql(
        v->db, "SELECT f.number, 'pinned to a front page (' || f.lang || ') that is not its own, or twice' FROM "
               "front_pins f WHERE NOT EXISTS (SELECT 1 FROM articles a WHERE a.number = f.number AND a.lang = f.lang) "
               "OR EXISTS (SELECT 1 FROM front_pins g WHERE g.lang = f.lang AND g.number = f.number AND g.position < "
               "f.position)");
    return rows_are_faults(v, st, "front-pins", "article");
}

static enum rc check_breaking(const struct verify_context *v) {
    struct db_stmt *st = db_sql(v->db, "SELECT b.number, 'marked as breaking news, and not there' FROM breaking b "
                                       "WHERE NOT EXISTS (SELECT 1 FROM articles a WHERE a.number = b.number)");
    return rows_are_faults(v, st, "breaking", "article");
}

static enum rc slugs_in(const struct verify_context *v, struct db_stmt *st, const char *what, bool may_be_empty) {
    struct arena *a = arena_new((size_t)1 << 20);
    while (db_step(st)) {
        enum text_lang lang = LANG_EN;
        struct str slug = db_str(st, 2);
        bool sound = text_lang_find(db_str(st, 1), &lang) && (may_be_empty || slug.n > 0);
        if (!sound || !str_eq(slug, text_slug(a, lang, slug)))
            v->fault(v->arg, "slugs",
                     str_fmt(a, "%s %lld: \"%.*s\" is no address", what, (long long)db_i64(st, 0),
                             STR_ARG(utf8_cut(slug, 100))));
        arena_reset(a);
    }
    arena_free(&a);
    return db_end(st);
}

static enum rc check_slugs(const struct verify_context *v) {
    enum rc rc = slugs_in(v, db_sql(v->db, "SELECT number, lang, slug FROM articles"), "article", true);
    if (rc == RC_OK)
        rc = slugs_in(v, db_sql(v->db, "SELECT id, lang, slug FROM sections"), "section", false);
    if (rc == RC_OK)
        rc = slugs_in(v, db_sql(v->db, "SELECT id, lang, slug FROM pages"), "page", false);
    if (rc == RC_OK)
        rc = slugs_in(v, db_sql(v->db, "SELECT id, lang, slug FROM tags"), "tag", false);
    if (rc != RC_OK)
        return rc;
    struct db_stmt *st =
        db_sql(v->db, "SELECT s.id, 'a section and a page share the address ' || s.slug FROM sections s "
                      "CROSS JOIN pages p WHERE p.lang = s.lang AND p.path = s.slug");
    return rows_are_faults(v, st, "slugs", "section");
}

static enum rc check_paths(const struct verify_context *v) {
    struct db_stmt *st = db_sql(
        v->db,
        "SELECT p.id, 'the path ' || p.path || ' is not that of its place' FROM pages p LEFT JOIN pages q ON q.id = "
        "p.parent_id WHERE (p.parent_id = 0 AND p.path <> p.slug) OR (p.parent_id <> 0 AND (q.id IS NULL OR "
        "q.lang <> p.lang OR p.path <> q.path || '/' || p.slug))");
    return rows_are_faults(v, st, "page-paths", "page");
}

// The newest version of a page is what its row says, and an address that a page had is not another's now.
static enum rc check_page_versions(const struct verify_context *v) {
    struct db_stmt *st = db_sql(
        v->db,
        "SELECT p.id, 'its newest version says something else' FROM pages p LEFT JOIN page_versions w ON w.page_id = "
        "p.id AND w.version = p.version WHERE w.page_id IS NULL OR w.title <> p.title OR w.slug <> p.slug OR "
        "w.body <> p.body OR p.state < 0 OR p.state > 2 OR EXISTS (SELECT 1 FROM page_versions n WHERE n.page_id = "
        "p.id AND n.version > p.version) UNION ALL SELECT f.page_id, 'the former address ' || f.path || ' leads "
        "nowhere or is another page''s' FROM page_paths f WHERE (f.page_id <> 0 AND NOT EXISTS (SELECT 1 FROM pages p "
        "WHERE p.id = f.page_id AND p.lang = f.lang)) OR EXISTS (SELECT 1 FROM pages p WHERE p.lang = f.lang AND "
        "p.path = f.path)");
    return rows_are_faults(v, st, "page-versions", "page");
}

static enum rc bodies_in(const struct verify_context *v, struct db_stmt *st, const char *what) {
    while (db_step(st)) {
        struct arena *a = arena_new((size_t)64 << 20);
        struct html clean;
        if (html_clean(a, db_str(st, 1), &clean) != RC_OK || !str_eq(clean.s, db_str(st, 1)))
            v->fault(v->arg, "bodies-clean",
                     str_fmt(a, "%s %lld: the text is not as the cleaner writes it", what, (long long)db_i64(st, 0)));
        arena_free(&a);
    }
    return db_end(st);
}

static enum rc check_bodies(const struct verify_context *v) {
    enum rc rc = bodies_in(v, db_sql(v->db, "SELECT number, body FROM articles"), "article");
    return rc == RC_OK ? bodies_in(v, db_sql(v->db, "SELECT id, body FROM pages"), "page") : rc;
}

static enum rc check_counts(const struct verify_context *v) {
    struct db_stmt *st = db_sql(
        v->db,
        "SELECT s.id, 'the count of ' || s.slug || ' is wrong' FROM sections s LEFT JOIN section_counts c ON "
        "c.section_id = s.id WHERE COALESCE(c.published, 0) <> (SELECT COUNT(*) FROM articles a WHERE a.section_id = "
        "s.id AND a.state = 2) UNION ALL SELECT c.section_id, 'a count of no section' FROM section_counts c WHERE "
        "NOT EXISTS (SELECT 1 FROM sections s WHERE s.id = c.section_id)");
    return rows_are_faults(v, st, "section-counts", "section");
}

static enum rc check_blocks(const struct verify_context *v) {
    _Static_assert(ARTICLE_BLOCK == 2500, "the SQL below says so");
    struct db_stmt *st = db_sql(
        v->db,
        "SELECT b.block, 'the row of the sitemap block (' || b.lang || ') is wrong' FROM article_blocks b LEFT JOIN "
        "(SELECT lang AS lang, (number - 1) / 2500 + 1 AS block, COUNT(*) AS n, MAX(CASE WHEN modified_at > "
        "published_at THEN modified_at ELSE published_at END) AS changed_at FROM articles WHERE state = 2 "
        "GROUP BY lang, (number - 1) / 2500 + 1) t ON t.lang = b.lang AND t.block = b.block WHERE b.published <> "
        "COALESCE(t.n, 0) OR b.changed_at <> COALESCE(t.changed_at, 0) UNION ALL SELECT MIN(a.number), 'no row for its "
        "sitemap block' FROM articles a LEFT JOIN article_blocks b ON b.lang = a.lang AND b.block = (a.number - 1) / "
        "2500 + 1 WHERE a.state = 2 AND b.block IS NULL HAVING COUNT(*) > 0");
    return rows_are_faults(v, st, "article-blocks", "number");
}

static enum rc check_legacy(const struct verify_context *v) {
    _Static_assert(LEGACY_ITEM == 1 && LEGACY_CATEGORY == 2 && LEGACY_AUTHOR == 3 && LEGACY_PAGE == 4 &&
                       LEGACY_TAG == 5 && LEGACY_DOWNLOAD == 6 && LEGACY_PATH == 8,
                   "the SQL below says so");
    struct db_stmt *st = db_sql(
        v->db, "SELECT l.old_id, 'the old address of \"' || l.site || '\" leads nowhere' FROM legacy_addresses l WHERE "
               "(l.kind IN (1, 6, 8) AND NOT EXISTS (SELECT 1 FROM articles t WHERE t.number = l.new_id)) OR "
               "(l.kind = 2 AND NOT EXISTS (SELECT 1 FROM sections t WHERE t.id = l.new_id)) OR "
               "(l.kind = 3 AND NOT EXISTS (SELECT 1 FROM people t WHERE t.id = l.new_id)) OR "
               "(l.kind = 4 AND NOT EXISTS (SELECT 1 FROM pages t WHERE t.id = l.new_id)) OR "
               "(l.kind = 5 AND NOT EXISTS (SELECT 1 FROM tags t WHERE t.id = l.new_id))");
    return rows_are_faults(v, st, "legacy-targets", "old id");
}

static enum rc check_manuscript_rows(const struct verify_context *v) {
    struct db_stmt *st = db_sql(
        v->db,
        "SELECT m.id, 'the newest version is missing' FROM manuscripts m WHERE NOT EXISTS (SELECT 1 FROM "
        "manuscript_versions w WHERE w.manuscript_id = m.id AND w.version = m.version) UNION ALL "
        "SELECT m.id, 'the published version is missing' FROM manuscripts m WHERE m.published_version <> 0 AND NOT "
        "EXISTS (SELECT 1 FROM manuscript_versions w WHERE w.manuscript_id = m.id AND w.version = "
        "m.published_version) UNION ALL "
        "SELECT m.id, 'the public has something else than its state says' FROM manuscripts m LEFT JOIN articles a ON "
        "a.number = m.number WHERE (m.state = 3 AND a.state IS DISTINCT FROM 2) OR (m.state = 4 AND a.state IS "
        "DISTINCT FROM 3) OR (m.state = 3 AND a.published_at <> m.publish_at) OR (m.state = 5 AND a.state = 2) OR (m.number <> 0 AND a.id "
        "IS NULL) "
        "UNION ALL SELECT m.id, 'a version belongs to no manuscript' FROM manuscript_versions w LEFT JOIN manuscripts "
        "m ON m.id = w.manuscript_id WHERE m.id IS NULL UNION ALL SELECT m.id, 'its mark of being behind its source is wrong' "
        "FROM manuscripts m LEFT JOIN manuscripts o ON o.id = m.source_id WHERE m.stale <> CASE WHEN m.source_id <> 0 "
        "AND m.source_version < o.published_version THEN 1 ELSE 0 END "
        "UNION ALL SELECT id, 'its mark of having newer words than readers is wrong' FROM manuscripts WHERE ahead <> CASE "
        "WHEN state = 3 AND version <> published_version THEN 1 ELSE 0 END "
        "UNION ALL SELECT MIN(id), 'two manuscripts of one article' "
        "FROM manuscripts WHERE number <> 0 GROUP BY number HAVING COUNT(*) > 1");
    return rows_are_faults(v, st, "manuscripts", "manuscript");
}

struct word_count {
    struct arena *arena;
    struct str seen[MANUSCRIPT_WORDS_MAX];
    size_t n, taken;
};

static enum rc word_note(void *arg, const struct text_token *t) {
    struct word_count *w = arg;
    if (w->taken++ >= MANUSCRIPT_WORDS_MAX)
        return RC_OK;
    for (size_t i = 0; i < w->n; i++)
        if (str_eq(w->seen[i], t->folded))
            return RC_OK;
    w->seen[w->n++] = str_dup(w->arena, t->folded);
    return RC_OK;
}

static bool words_differ(const struct verify_context *v, struct arena *a, int64_t id, const struct content *c) {
    struct word_count *w = ARENA_NEW(a, struct word_count);
    w->arena = a;
    const struct str texts[] = {c->headline, c->byline, c->people, c->tags};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        (void)text_tokens(texts[i], false, word_note, w);
    size_t stored = 0;
    bool differ = false;
    struct db_stmt *st = db_sql(v->db, "SELECT word FROM manuscript_words WHERE manuscript_id = $1");
    db_bind_i64(st, 1, id);
    for (; db_step(st); stored++) {
        bool known = false;
        for (size_t i = 0; i < w->n && !known; i++)
            known = str_eq(w->seen[i], db_str(st, 0));
        differ = differ || !known;
    }
    return db_end(st) != RC_OK || differ || stored != w->n;
}

static const char *manuscript_fault(const struct verify_context *v, struct arena *a, struct db_stmt *st) {
    struct content c;
    if (content_from_json(a, db_str(st, 4), &c) != RC_OK)
        return "its newest version cannot be read";
    if (!str_eq(c.headline, db_str(st, 1)) || c.section_id != db_i64(st, 2))
        return "its headline or section is not that of its newest version";
    if (content_lacks_alt(&c) != (db_i64(st, 3) != 0))
        return "its mark of a missing alternative text is wrong";
    struct html clean;
    if (html_clean(a, c.body.s, &clean) != RC_OK || !str_eq(clean.s, c.body.s))
        return "its text is not as the cleaner writes it";
    return words_differ(v, a, db_i64(st, 0), &c) ? "its search words are not those of its newest version" : NULL;
}

static enum rc check_manuscripts(const struct verify_context *v) {
    enum rc rc = check_manuscript_rows(v);
    if (rc != RC_OK)
        return rc;
    struct db_stmt *st =
        db_sql(v->db, "SELECT m.id, m.headline, m.section_id, m.lacks_alt, w.content FROM manuscripts m CROSS JOIN "
                      "manuscript_versions w WHERE w.manuscript_id = m.id AND w.version = m.version");
    size_t n = 0;
    while (db_step(st)) {
        struct arena *a = arena_new((size_t)64 << 20);
        const char *fault = manuscript_fault(v, a, st);
        if (fault != NULL && ++n <= FAULTS_MAX)
            v->fault(v->arg, "manuscripts", str_fmt(a, "manuscript %lld: %s", (long long)db_i64(st, 0), fault));
        arena_free(&a);
    }
    return db_end(st);
}

const struct verify_check news_checks[] = {
    {"votes-sum", "each article's stars and votes are the imported base plus the votes cast", check_votes},
    {"search-docs", "the search holds every published article as it reads now, and nothing else", check_docs},
    {"translations", "a translation group has one article or page of a language, in a section of that language",
     check_translations},
    {"tag-links", "links to tags carry their article's number, state and date", check_tags},
    {"people-links", "links to people carry their article's number, state, date and language", check_people},
    {"media-uses", "where pictures are used is what articles, pages, manuscripts and settings say", check_media_uses},
    {"article-lists", "galleries and what else articles carry are in their one form and name what there is",
     check_lists},
    {"extra-fields", "every extra field has words and sections that there are", check_extra_fields},
    {"comments", "archived comments are of an article, sound, and none that was deleted is back", check_comments},
    {"menu-targets", "every entry of a menu leads to a section, a page, a fixed place or an address", check_menu},
    {"slugs", "every address is made of Latin letters, digits and hyphens, and none is taken twice", check_slugs},
    {"page-paths", "a page's path is its parent's with its own name behind", check_paths},
    {"front-pins", "what is pinned to a front page is an article of its language, once", check_front},
    {"breaking", "what is marked as breaking news is an article", check_breaking},
    {"page-versions", "the newest version of a page is what its row says; former addresses lead to pages",
     check_page_versions},
    {"bodies-clean", "every stored text is exactly what the HTML cleaner writes", check_bodies},
    {"section-counts", "each section's count is that of its published articles", check_counts},
    {"article-blocks", "each block of a sitemap counts its published articles and knows their last change",
     check_blocks},
    {"manuscripts", "every manuscript has its newest version, what is derived from it, and the public has what it says",
     check_manuscripts},
    {"aliases", "a word that something had leads to what there is, and nothing lives by it", check_aliases},
    {"merges", "what is merged and what it is merged into are there", check_merges},
    {"redirects", "redirects are in their one form, and none leads to another or to itself", check_redirects},
    {"messages", "messages of readers have a reference, a language of ours, a topic and a state", check_messages},
    {"legacy-targets", "every old address leads to something that exists", check_legacy},
};
const size_t news_check_count = sizeof news_checks / sizeof news_checks[0];
