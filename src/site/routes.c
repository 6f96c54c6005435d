// SPDX-License-Identifier: AGPL-3.0-or-later
// Every address of the public site, one row each. The dispatcher enforces what a row says before its handler runs. The
// text edition has the same rows below /lite, with the same handlers: they see from the address which one is read.
#include "news/news.h"
#include "site/routes.h"

enum { NUMBER_MAX = 1 << 24, KEY_BITS = 62 };

static const struct http_field_rule list_rules[] = {
    {"before", HTTP_FIELD_NUMBER, false, 1, NUMBER_MAX, "the article number this page comes after"},
    {"after", HTTP_FIELD_NUMBER, false, 1, NUMBER_MAX, "the article number this page comes before"},
    {"part", HTTP_FIELD_NUMBER, false, 1, 1000, "which part of a long text"},
};
static const struct http_form list_form = {list_rules, sizeof(list_rules) / sizeof(list_rules[0]), 0};

static const struct http_field_rule search_rules[] = {
    {"q", HTTP_FIELD_TEXT, false, 0, 200, "the words"},
    {"section", HTTP_FIELD_TEXT, false, 0, 100, "a section's slug; empty: all"},
    {"from", HTTP_FIELD_DATE, false, 0, 0, "published on this day or later"},
    {"to", HTTP_FIELD_DATE, false, 0, 0, "published on this day or before"},
    {"sort", HTTP_FIELD_WORD, false, 1, 20, "newest or relevance"},
    {"before", HTTP_FIELD_NUMBER, false, 1, INT64_C(1) << KEY_BITS, "key of the last hit seen, newest first"},
    {"skip", HTTP_FIELD_NUMBER, false, 0, 2000, "hits already seen, best match first"},
};
static const struct http_form search_form = {search_rules, sizeof(search_rules) / sizeof(search_rules[0]), 0};

static const struct http_field_rule vote_rules[] = {
    {"value", HTTP_FIELD_NUMBER, true, 1, 5, "stars"},
};
static const struct http_form vote_form = {vote_rules, sizeof(vote_rules) / sizeof(vote_rules[0]), 1024};

// Every character may be four bytes, each as %XX.
static const struct http_field_rule contact_rules[] = {
    {"name", HTTP_FIELD_TEXT, true, 1, MESSAGE_NAME_MAX, "who writes"},
    {"email", HTTP_FIELD_TEXT, false, 0, MAIL_MAX, "where an answer goes; empty: none is wanted"},
    {"topic", HTTP_FIELD_WORD, true, 1, 20, "what it is about"},
    {"message", HTTP_FIELD_TEXT, true, 1, MESSAGE_TEXT_MAX, "what the station should read"},
    {"homepage", HTTP_FIELD_TEXT, false, 0, 1000, "a trap: only programs fill it"},
};
static const struct http_form contact_form = {contact_rules, sizeof(contact_rules) / sizeof(contact_rules[0]), 1 << 17};

// clang-format off
#define PAGE(pattern_, handler_, form_, cache_, queue_, counted_, purpose_)                                            \
    {.method = HTTP_GET, .pattern = pattern_, .handler = handler_, .form = form_, .cache = HTTP_CACHE_##cache_,        \
     .queue = HTTP_QUEUE_##queue_, .counted = counted_, .purpose = purpose_}
#define BOTH(pattern_, handler_, form_, cache_, queue_, counted_, purpose_)                                            \
    PAGE(pattern_, handler_, form_, cache_, queue_, counted_, purpose_),                                               \
    PAGE("/lite" pattern_, handler_, form_, cache_, queue_, counted_, purpose_ " Text edition.")
#define SENT(pattern_, handler_, form_, purpose_)                                                                      \
    {.per_hour = MESSAGES_HOUR_FROM_ONE_MAX,                                                                           \
     .method = HTTP_POST, .pattern = pattern_, .handler = handler_, .guard = HTTP_GUARD_PUBLIC_FORM, .form = form_,    \
     .cache = HTTP_CACHE_NEVER, .queue = HTTP_QUEUE_WRITE, .audit = false, .purpose = purpose_}

const struct http_route site_routes[] = {
    // pattern                                  handler              form          cache    queue   counted  purpose
    PAGE("/",                                   language_choose_get, NULL,         NEVER,   PAGE,   false, "To the front page in the reader's language."),
    PAGE("/lite/",                              lite_choose_get,     NULL,         NEVER,   PAGE,   false, "To the text edition's front page in the reader's language."),
    PAGE("/lite",                               lite_choose_get,     NULL,         NEVER,   PAGE,   false, "The same without its slash."),
    PAGE("/{lang}",                             language_slash_get,  NULL,         NEVER,   PAGE,   false, "A language without its slash, and old addresses."),
    PAGE("/lite/{lang}",                        language_slash_get,  NULL,         NEVER,   PAGE,   false, "A language without its slash."),
    BOTH("/{lang}/",                             front_show_get,      NULL,         EDITION, PAGE,   false, "The front page of a language."),
    BOTH("/{lang}/{place}",                      place_show_get,      &list_form,   EDITION, PAGE,   false, "A section's articles, newest first, or a standing page."),
    BOTH("/{lang}/{section}/{item}",             article_show_get,    &list_form,   EDITION, PAGE,   true,  "An article by its number; a standing page below another."),
    BOTH("/{lang}/{path*}",                      page_show_get,       &list_form,   EDITION, PAGE,   false, "A standing page anywhere in its tree, and old addresses."),
    PAGE("/{lang}/embed/{number}/{place}",      embed_show_get,      NULL,         EDITION, PAGE,   false, "Another site's frame that an article carries, for who asked for it."),
    BOTH("/{lang}/tag/{slug}",                   tag_show_get,        &list_form,   EDITION, PAGE,   false, "The articles that carry a tag."),
    BOTH("/{lang}/author/{slug}",                author_show_get,     &list_form,   EDITION, PAGE,   false, "The articles of a person."),
    BOTH("/{lang}/archive",                      archive_show_get,    NULL,         EDITION, PAGE,   false, "The years that have articles."),
    BOTH("/{lang}/archive/{year}",               archive_show_get,    NULL,         EDITION, PAGE,   false, "The months of a year that have articles."),
    BOTH("/{lang}/archive/{year}/{month}",       archive_show_get,    NULL,         EDITION, PAGE,   false, "The days of a month that have articles."),
    BOTH("/{lang}/archive/{year}/{month}/{day}", archive_show_get,    &list_form,   EDITION, PAGE,   false, "The articles of a day."),
    BOTH("/{lang}/search",                       search_show_get,     &search_form, NEVER,   SEARCH, false, "Search in the articles of a language."),
    BOTH("/{lang}/live",                         live_show_get,       NULL,         EDITION, PAGE,   false, "Live Streaming: the ways to listen."),
    PAGE("/{lang}/live/player",                 player_show_get,     NULL,         EDITION, PAGE,   false, "What the player's script puts below the pages."),
    BOTH("/{lang}/{place}/",                    slash_strip_get,     NULL,         NEVER,   PAGE,   false, "An address with a slash too many."),
    BOTH("/{lang}/{place}/{item}/",             slash_strip_get,     NULL,         NEVER,   PAGE,   false, "An address with a slash too many."),
    BOTH("/{lang}/{place}/{item}/{more}/",      slash_strip_get,     NULL,         NEVER,   PAGE,   false, "An address with a slash too many."),
    PAGE("/n/{number}",                         short_link_get,      NULL,         NEVER,   PAGE,   false, "The short link of an article."),
    PAGE("/preview/{lang}/{token}",             preview_show_get,    NULL,         NEVER,   PAGE,   false, "A text of the newsroom as it would look, by a link that runs out."),
    PAGE("/assets/{name}",                      asset_show_get,      NULL,         FOREVER, PAGE,   false, "Style sheets and icons, named by their content."),
    PAGE("/colours/{name}",                     colours_show_get,    NULL,         FOREVER, PAGE,   false, "The station's own colours, named by themselves."),
    PAGE("/favicon.ico",                        favicon_show_get,    NULL,         SHORT,   PAGE,   false, "The icon browsers ask for by themselves."),
    PAGE("/picture/{id}",                       picture_show_get,    NULL,         NEVER,   PAGE,   false, "A picture as texts name it: leads to its file of today."),
    PAGE("/media/{file}",                       media_show_get,      NULL,         FOREVER, PAGE,   false, "A picture by the hash of its bytes."),
    BOTH("/{lang}/contact",                      contact_show_get,     NULL,         EDITION, PAGE,   false, "How to reach the station, and a form to write to it."),
    BOTH("/{lang}/contact/sent/{reference}",     contact_sent_get,     NULL,         NEVER,   PAGE,   false, "That a message has arrived, with its reference."),
    SENT("/{lang}/contact",                      contact_show_post,    &contact_form, "A reader's message to the station."),
    SENT("/lite/{lang}/contact",                 contact_show_post,    &contact_form, "A reader's message to the station. Text edition."),
    {.method = HTTP_POST, .pattern = "/vote/{number}", .handler = vote_cast_post, .guard = HTTP_GUARD_PUBLIC_FORM,
     .form = &vote_form, .cache = HTTP_CACHE_NEVER, .queue = HTTP_QUEUE_WRITE, .audit = false,
     .purpose = "A reader's rating of an article, one to five stars."},
};
// clang-format on
const size_t site_route_count = sizeof(site_routes) / sizeof(site_routes[0]);
