// SPDX-License-Identifier: AGPL-3.0-or-later
// What surrounds every page of a language: head, masthead, the menu the station keeps as data, its sections, and the
// footer with the other languages.
#include <pthread.h>

#include "site/cards.h"
#include "site/visit.h"

// What the mastheads last said, so that a page made without the database still says whose it is.
static struct {
    pthread_mutex_t lock;
    char text[LANG_COUNT][512];
    size_t bytes[LANG_COUNT];
} last_names = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void name_remember(enum text_lang lang, struct str name) {
    name = utf8_cut(name, sizeof last_names.text[0]);
    must(pthread_mutex_lock(&last_names.lock) == 0);
    if (name.n > 0)
        memcpy(last_names.text[lang], name.p, name.n);
    last_names.bytes[lang] = name.n;
    pthread_mutex_unlock(&last_names.lock);
}

static struct str name_remembered(struct arena *a, enum text_lang lang) {
    must(pthread_mutex_lock(&last_names.lock) == 0);
    struct str name = str_dup(a, (struct str){last_names.text[lang], last_names.bytes[lang]});
    pthread_mutex_unlock(&last_names.lock);
    return name;
}

static struct str locale_of(enum text_lang lang) {
    static const struct str locales[LANG_COUNT] = {
        [LANG_EN] = {"en_US", 5}, [LANG_ID] = {"id_ID", 5}, [LANG_AR] = {"ar_AR", 5},
        [LANG_ZH] = {"zh_CN", 5}, [LANG_JA] = {"ja_JP", 5}, [LANG_FR] = {"fr_FR", 5},
        [LANG_DE] = {"de_DE", 5}, [LANG_ES] = {"es_ES", 5}, [LANG_NL] = {"nl_NL", 5},
    };
    return locales[lang];
}

static struct str direction(enum text_lang lang) {
    return text_lang_is_rtl(lang) ? STR("rtl") : STR("ltr");
}

// The entry itself, or the branch the page stands in.
static bool leads_here(struct str entry, struct str page) {
    return entry.n > 0 && str_starts(page, entry) &&
           (page.n == entry.n || page.p[entry.n] == '/' || page.p[entry.n] == '?');
}

// A station of one language has nothing to choose.
static void fill_languages(struct visit *v, struct view_frame *f) {
    if ((v->site->languages & (v->site->languages - 1)) == 0)
        return;
    f->languages = links_new(v->a, LANG_COUNT);
    for (int l = 0; l < LANG_COUNT; l++) {
        enum text_lang lang = (enum text_lang)l;
        if ((v->site->languages & (1u << lang)) == 0)
            continue;
        translation_add(v, &f->languages, lang, link_front(v->a, lang));
        f->languages.items[f->languages.n - 1].current = lang == v->lang;
    }
}

// Fixed places have no name of their own: the language's word for them.
static struct str menu_label(struct visit *v, const struct menu_entry *e) {
    if (e->label.n > 0)
        return e->label;
    return text_word(v->lang, e->target == MENU_LIVE      ? W_LIVE_STREAMING
                              : e->target == MENU_ARCHIVE ? W_ARCHIVE
                              : e->target == MENU_SEARCH  ? W_SEARCH
                                                          : W_HOME);
}

static enum rc fill_menu(struct visit *v, struct str here, struct view_frame *f) {
    struct menu_entry *entries;
    size_t count;
    enum rc rc = menu_list(v->a, v->db, v->lang, &entries, &count);
    if (rc != RC_OK)
        return rc;
    f->menu = links_new(v->a, count);
    for (size_t i = 0; i < count; i++) {
        struct view_link *link = links_add(&f->menu, menu_label(v, &entries[i]), visit_link(v, entries[i].address));
        link->current = leads_here(entries[i].address, here);
    }
    return RC_OK;
}

// Program Highlight stands in the menu already.
static enum rc fill_sections(struct visit *v, struct str here, struct view_frame *f) {
    enum rc rc = section_list(v->a, v->db, v->lang, &v->sections, &v->section_count);
    if (rc != RC_OK)
        return rc;
    f->sections = links_new(v->a, v->section_count);
    for (size_t i = 0; i < v->section_count; i++) {
        const struct section *s = &v->sections[i];
        if (s->highlight)
            continue;
        struct str address = link_section(v->a, v->lang, s->slug);
        struct view_link *link = links_add(&f->sections, s->name, visit_link(v, address));
        link->current = leads_here(address, here);
        link->tone = section_tone(v, s->id);
    }
    return RC_OK;
}

struct view_feeds feeds_view(struct visit *v, const char *kind, struct str slug, struct str title) {
    static const struct {
        struct str type, name;
        const char *ext;
    } kinds[] = {{{"application/rss+xml", 19}, {"RSS", 3}, "rss"},
                 {{"application/atom+xml", 20}, {"Atom", 4}, "atom"},
                 {{"application/feed+json", 21}, {"JSON Feed", 9}, "json"}};
    struct view_feeds out = {ARENA_ARRAY(v->a, struct view_feed, 3), 3};
    for (size_t i = 0; i < 3; i++)
        out.items[i] = (struct view_feed){kinds[i].type, kinds[i].name,
                                          str_fmt(v->a, "%.*s (%.*s)", STR_ARG(title), STR_ARG(kinds[i].name)),
                                          link_feed(v->a, v->lang, kind, slug, kinds[i].ext)};
    return out;
}

void frame_add_feeds(struct visit *v, struct view_frame *f, const struct view_feeds *more) {
    struct view_feeds all = {ARENA_ARRAY(v->a, struct view_feed, f->feeds.n + more->n), f->feeds.n + more->n};
    for (size_t i = 0; i < all.n; i++)
        all.items[i] = i < f->feeds.n ? f->feeds.items[i] : more->items[i - f->feeds.n];
    f->feeds = all;
}

static void fill_player(struct visit *v, struct view_frame *f) {
    f->listen = link_asset(v->a, "listen.js");
    f->player = link_asset(v->a, "player.js");
    f->player_style = link_asset(v->a, "player.css");
    f->player_bar = link_player(v->a, v->lang);
}

static void fill_head(struct visit *v, const struct visit_page *page, struct view_frame *f) {
    struct arena *a = v->a;
    f->lang = text_lang_code(v->lang);
    f->dir = direction(v->lang);
    f->description = page->description;
    f->no_index = page->no_index;
    f->og_type = page->og_type.n > 0 ? page->og_type : STR("website");
    f->og_locale = locale_of(v->lang);
    f->stylesheet = link_asset(a, "site.css");
    f->lite_stylesheet = link_asset(a, "lite.css");
    f->icon_svg = link_asset(a, "icon.svg");
    f->icon_png = link_asset(a, "icon.png");
    f->front = visit_link(v, link_front(a, v->lang));
    f->search = visit_link(v, link_search(a, v->lang, STR_NONE));
    f->archive = visit_link(v, link_archive(a, v->lang, 0, 0, 0));
    f->live = visit_link(v, link_live(a, v->lang));
    f->contact = visit_link(v, link_contact(a, v->lang));
    if (!v->lite && atomic_load(&v->site->can_be_heard))
        fill_player(v, f);
    if (page->address.n > 0) {
        f->address = link_absolute(a, v->site->origin, page->address);
        f->lite = link_lite(a, page->address);
        f->full = page->address;
    }
}

// A file of about that height that every browser reads; NULL: there is no such picture any more.
static const struct media_size *picture_of(struct visit *v, struct str number, int height) {
    struct media m;
    int64_t id;
    const struct media_size *best = NULL;
    if (!str_to_i64(number, &id))
        return NULL;
    render_use(&v->uses, EDITION_MEDIA, id);
    if (media_get(v->a, v->db, id, &m) != RC_OK)
        return NULL;
    for (size_t i = 0; i < m.size_count; i++) {
        const struct media_size *s = &m.sizes[i];
        bool known = !str_eq(s->ext, STR("webp")) && !str_eq(s->ext, STR("avif"));
        if (known && (best == NULL || (best->height < height && s->height > best->height)))
            best = s;
    }
    return best;
}

static void fill_look(struct visit *v, const struct settings *s, struct view_frame *f) {
    enum { LOGO_HEIGHT = 88, ICON_HEIGHT = 64 };
    f->colours = colours_address(s, v->a);
    const struct media_size *logo = picture_of(v, settings_value(s, "logo_media"), LOGO_HEIGHT);
    if (logo != NULL) {
        f->logo = link_media(v->a, logo->sha256, logo->ext);
        f->logo_width = logo->width;
        f->logo_height = logo->height;
    }
    const struct media_size *icon = picture_of(v, settings_value(s, "icon_media"), ICON_HEIGHT);
    if (icon != NULL) {
        f->icon = link_media(v->a, icon->sha256, icon->ext);
        f->icon_type = str_eq(icon->ext, STR("jpg"))   ? STR("image/jpeg")
                       : str_eq(icon->ext, STR("svg")) ? STR("image/svg+xml")
                                                       : STR("image/png");
    }
}

static void fill_contact(struct visit *v, const struct settings *s, struct view_frame *f) {
    f->email = settings_value(s, "contact_email");
    if (f->email.n > 0)
        f->email_address = link_mail(v->a, f->email);
    f->phone = settings_value(s, "contact_phone");
    if (f->phone.n > 0) {
        struct buf digits;
        buf_init(&digits, 80);
        for (size_t i = 0; i < f->phone.n; i++)
            if ((f->phone.p[i] >= '0' && f->phone.p[i] <= '9') || (f->phone.p[i] == '+' && digits.n == 0))
                buf_char(&digits, f->phone.p[i]);
        f->phone_address = str_fmt(v->a, "tel:%.*s", STR_ARG(buf_view(&digits)));
        buf_fini(&digits);
    }
    f->place = settings_value(s, "contact_address");
}

// The footer's year is the station's: pages are made anew at its end.
static void fill_year(struct visit *v, struct view_frame *f) {
    struct text_civil c = text_civil_of(v->site->zone, v->now);
    f->year = text_date(v->a, v->lang, v->site->zone, v->now, DATE_YEAR);
    // Chinese and Japanese say "2026年"; behind the sign stands the number alone.
    if (str_ends(f->year, STR("年")))
        f->year.n -= STR("年").n;
    render_until(&v->uses, text_civil_to_us(v->site->zone, (struct text_civil){c.year + 1, 1, 1, 0, 0, 0}));
}

static struct str title_of(struct visit *v, struct str title, struct str name) {
    if (title.n == 0 || name.n == 0)
        return title.n == 0 ? name : title;
    return str_fmt(v->a, "%.*s · %.*s", STR_ARG(title), STR_ARG(name));
}

// The article is read to know that it is the one: what changes it changes this page too.
static enum rc fill_breaking(struct visit *v, struct str here, struct view_frame *f) {
    struct breaking b;
    render_use(&v->uses, EDITION_BREAKING, v->lang);
    enum rc rc = breaking_load(v->a, v->db, v->lang, v->now, &b);
    if (rc != RC_OK)
        return rc;
    render_until(&v->uses, b.until_at);
    if (b.number != 0)
        render_use(&v->uses, EDITION_ITEM, b.number);
    if (!b.shows)
        return RC_OK;
    struct str address = link_article(v->a, &b.card);
    f->breaking = (struct view_link){
        .label = b.card.headline, .address = visit_link(v, address), .current = str_eq(address, here)};
    return RC_OK;
}

void visit_bare_frame(struct visit *v, const struct visit_page *page, struct view_frame *f) {
    fill_head(v, page, f);
    fill_languages(v, f);
    struct str name = name_remembered(v->a, v->lang);
    f->site_name = name.n > 0 ? name : text_word(v->lang, W_HOME);
    f->title = title_of(v, page->title, name);
}

enum rc visit_frame(struct visit *v, const struct visit_page *page, struct view_frame *f) {
    struct settings s;
    render_use(&v->uses, EDITION_FRAME, v->lang);
    enum rc rc = settings_load(v->a, v->db, v->lang, &s);
    if (rc != RC_OK)
        return rc;
    fill_head(v, page, f);
    fill_languages(v, f);
    fill_year(v, f);
    f->site_name = settings_value(&s, "station_name");
    name_remember(v->lang, f->site_name);
    f->feeds = feeds_view(v, "all", STR_NONE, f->site_name);
    f->tagline = settings_value(&s, "station_tagline");
    f->footer_note = settings_value(&s, "footer_note");
    fill_look(v, &s, f);
    fill_contact(v, &s, f);
    f->title = title_of(v, page->title, f->site_name);
    f->og_title = page->title.n > 0 ? page->title : f->title;
    rc = fill_breaking(v, page->address, f);
    if (rc == RC_OK)
        rc = fill_sections(v, page->address, f);
    return rc == RC_OK ? fill_menu(v, page->address, f) : rc;
}
