// SPDX-License-Identifier: AGPL-3.0-or-later
// From what the newsroom stores to what a list or a page shows: cards, pictures, lists with paging, ways to listen.
#ifndef SITE_CARDS_H
#define SITE_CARDS_H

#include "site/visit.h"

// The colour of a section, 1..6, by its place among the language's sections; 0 when it is none of them.
int64_t section_tone(const struct visit *v, int64_t section_id);

// How wide a picture stands in the layout; says which sizes a browser should choose from.
enum picture_place { PICTURE_NONE, PICTURE_LEAD, PICTURE_CARD, PICTURE_STORY, PICTURE_GALLERY };
struct view_image picture_view(struct visit *v, const struct article_image *image, enum picture_place place);
// The address of its largest size; empty: it is not in the library.
struct str picture_whole(struct visit *v, int64_t media_id);

struct view_card card_view(struct visit *v, const struct article_card *card, enum picture_place place);
struct view_cards cards_view(struct visit *v, const struct article_card *cards, size_t count, enum picture_place place);
// Links to the same thing in other languages; label: the language's own name.
void translation_add(struct visit *v, struct view_links *links, enum text_lang lang, struct str address);
// Of a page that every language has, at an address of its own: all other languages.
struct view_links languages_view(struct visit *v, struct str (*address)(struct arena *a, enum text_lang lang));
struct view_links translations_view(struct visit *v, const struct article_card *cards, size_t count);
// For hreflang: this page, its translations, and x-default for what a reader of another language gets.
struct view_links alternates_view(struct visit *v, struct str here, const struct view_links *others);

// The list of a section, tag, author or stretch of time, with its paging. `address` is the list's own.
enum rc list_view(struct visit *v, const struct list_query *query, struct str address, struct view_list *out) MUST_USE;
// The three feeds of a list: "all", "section", "author" or "tag"; and their announcement in a page's head.
struct view_feeds feeds_view(struct visit *v, const char *kind, struct str slug, struct str title);
void frame_add_feeds(struct visit *v, struct view_frame *f, const struct view_feeds *more);
// The style sheet of the station's own colours; empty: it has none.
struct str colours_address(const struct settings *settings, struct arena *a);
struct view_ways ways_view(struct visit *v);

// The station's public services, those that speak the page's language first, with what is on now.
struct view_services services_view(struct visit *v);
// An address of the radio; empty: nobody knows where it is.
struct str radio_link(struct visit *v, const char *address);

#endif
