// SPDX-License-Identifier: AGPL-3.0-or-later
// What templates see: finished words, addresses, numbers and lists of the same. Whoever fills one of these has already
// decided what is shown; a template only says where. Everything is borrowed from the request's arena.
#ifndef RENDER_VIEWS_H
#define RENDER_VIEWS_H

#include "render/desk_views.h"
#include "render/render.h"

// ---- small parts ----------------------------------------------------------------------------------------------------

struct view_link {
    struct str label, address;
    struct str lang; // language code of the target, when it differs from the page's
    struct str dir;  // "rtl" or "ltr", with lang
    bool current;    // the page shown, or the branch it is in
    int64_t tone;    // section colour 1..6, 0 = none
};
struct view_links {
    struct view_link *items;
    size_t n;
};

struct view_feed {
    struct str type; // media type
    struct str name; // "RSS"
    struct str title, address;
};
struct view_feeds {
    struct view_feed *items;
    size_t n;
};

struct view_image {
    struct str src;         // empty: no picture
    struct str srcset;      // of the same type as src
    struct str webp_srcset; // empty: none
    struct str avif_srcset; // empty: none, or not made yet
    struct str sizes;       // for the layout it stands in
    struct str alt, caption, credit;
    struct str whole; // address of the largest that every browser reads
    int64_t width, height;
    bool eager; // above the fold: loaded first
};

struct view_card {
    struct str address, headline, standfirst, byline;
    struct str date, date_iso;
    struct str section, section_address;
    struct str lang, dir; // of a translation
    int64_t tone;
    struct view_image image;
};
struct view_cards {
    struct view_card *items;
    size_t n;
};

// Newer and older, or next; empty address: there is none.
struct view_paging {
    struct str newer, older;
    struct str newer_label, older_label;
};

// ---- the frame: head, masthead, menu and footer of a language
// ---------------------------------------------------------

struct view_frame {
    struct str lang, dir;
    struct str title;       // of the page, for the tab
    struct str description; // for search engines and share previews
    struct str site_name;   // "Suara Nusantara"
    struct str tagline, footer_note;
    struct str front;          // address of the language's front page
    struct str address;        // canonical, absolute; empty on errors
    struct str lite;           // the text edition's twin; empty on errors
    struct str full;           // in the text edition: the full page
    struct str previous, next; // of a list, absolute
    struct str search, archive, live, contact;
    struct str stylesheet, lite_stylesheet, icon_svg, icon_png;
    struct str colours; // style sheet of the station's own colours; empty: none
    struct str listen, player, player_style,
        player_bar;       // scripts, sheet and markup of the player; empty: nothing can be heard
    struct str icon;      // the station's own picture; empty: the built-in ones
    struct str icon_type; // media type of it
    struct str logo;      // the station's own picture in the masthead; empty: the built-in mark
    int64_t logo_width, logo_height;
    struct str phone, phone_address, place; // of the station
    struct str og_type, og_title, og_image, og_image_alt, og_locale;
    struct str today; // the station's date in words
    struct str year;  // the station's, in digits of the language
    struct str email, email_address;
    bool no_index;
    struct view_link breaking; // the article in the banner; empty address: none
    struct view_links menu;    // the old site's four entries and what the station added
    struct view_links sections;
    struct view_links languages;  // front pages, for the footer and the chooser
    struct view_links alternates; // absolute, for hreflang; x-default among them
    struct view_feeds feeds;      // of the language, then of the page's own list
};

// ---- pages ----------------------------------------------------------------------------------------------------------

struct view_line {
    struct str text;
};
struct view_lines {
    struct view_line *items;
    size_t n;
};
struct view_correction {
    struct str date, date_iso, text; // its first line
    struct view_lines more;
};
struct view_vote {
    struct str id, text; // "voted-4", "Thank you. You gave 4 of 5 stars."
};
struct view_stars {
    int64_t value;
    struct str label; // "4 stars"
};
struct view_rating {
    struct str action;  // "/vote/22183"
    struct str count;   // "(0 votes)"
    struct str average; // "Rated 4.2 of 5"; empty without votes
    struct str width;   // of the filled part of the star bar, 120 being all five
    struct {
        struct view_stars *items;
        size_t n;
    } stars;
    struct {
        struct view_vote *items;
        size_t n;
    } thanks;
};

struct view_images {
    struct view_image *items;
    size_t n;
};

// Sound, a video or a document of the library.
struct view_file {
    struct str title, address, type; // media type
    struct str note;                 // "3:05", "PDF, 1.2 MB"
    struct str name;                 // to save it under
    bool sound, video;               // neither: a document
};
// A thing of another site: nothing of it is asked for before somebody follows its address.
struct view_embed {
    struct str title, address, note;
    bool plays; // on a page of ours; else it is only a link
};

// What the station says of the article beyond its text.
struct view_extra {
    struct str label;
    struct str text;    // one line; empty: `lines`
    struct str address; // of a link; empty: none
    struct str iso;     // of a date; empty: none
    struct view_lines lines;
};

// What a reader of the old site wrote.
struct view_comment {
    struct str id, name, date, date_iso; // id: empty when its number there is not known
    struct view_lines lines;
};
struct view_comments {
    struct view_comment *items;
    size_t n;
};

struct view_article {
    struct view_frame frame;
    struct view_links crumbs;
    struct str date_line, date_iso;
    struct str headline, standfirst;
    struct str byline; // as printed; empty when there are people, or none at all
    struct view_links people;
    struct view_rating rating;
    struct view_image image;
    struct html body;
    struct view_images gallery;
    struct {
        struct view_file *items;
        size_t n;
    } sounds, videos, documents;
    struct {
        struct view_embed *items;
        size_t n;
    } embeds;
    struct {
        struct view_extra *items;
        size_t n;
    } extras;
    struct str comments_heading;           // "12 comments"; empty: none
    int64_t comment_count;                 // of all pages
    struct view_comments comments, folded; // of this page: those one sees at once, and those behind a click
    struct str folded_label;               // "38 more"
    struct view_paging comment_pages;
    struct str agency; // "(Reuters)"
    struct view_links tags;
    struct str section, section_address;
    int64_t tone;
    struct render_spot reads;
    struct str modified, modified_iso; // empty unless it differs
    struct {
        struct view_correction *items;
        size_t n;
    } corrections;
    struct view_links translations;
    struct view_links share;
    struct str short_address;      // absolute
    struct view_card newer, older; // empty address: none
    struct view_cards related;
    // for the JSON data block, all absolute
    struct str json_image, json_modified, json_section_address, json_author;
    struct str json_logo;          // absolute
    struct view_links json_people; // absolute
    // the text edition's parts
    struct str part; // "Part 2 of 3"; empty when it is one
    bool first_part, last_part;
    struct view_paging parts;
};

// The page that holds the frame of another site's thing.
struct view_embed_page {
    struct view_frame frame;
    struct view_links crumbs;
    struct str title, note;
    struct html frame_html;
    struct view_link article, own; // back to it; the thing at its own site
};

// An article that was taken back: what stands at its address.
struct view_withdrawn {
    struct view_frame frame;
    struct str headline;
    struct view_lines notice; // none: the station's own words
};

struct view_block {
    struct str name, address;
    int64_t tone;
    struct view_card lead; // the block's first, with its picture
    struct view_cards cards;
};
struct view_way {
    struct str kind, label, value, note;
    struct str address; // empty: nothing to click, a frequency
};
struct view_ways {
    struct view_way *items;
    size_t n;
};

// What can be tuned in to. Addresses are absolute, and empty while nobody knows where the radio is.
struct view_stream {
    struct str name, label; // "MP3, 128 kbit/s"
    struct str type;        // media type
    struct str mount, url;
    struct str m3u, pls, hls; // of players; hls may be empty: this one has none
    bool low_data;
};
struct view_streams {
    struct view_stream *items;
    size_t n;
};
struct view_service {
    struct str name, title, description, spoken; // spoken: names of languages
    struct str address;                          // of its place on the live page
    bool on_air;
    struct str now, since, since_iso; // what it says that it plays; may be empty
    struct str since_in;              // "since {}", for another time
    struct str start_iso;             // when the programme that is on began; empty: not known
    struct view_stream first, low;    // to play and, of less data, as a choice; empty url: there is none
    struct view_streams streams;
    struct str hls;    // of all of them that have it, for a player to choose; empty: fewer than two have
    struct view_qr qr; // side 0: none
};
struct view_services {
    struct view_service *items;
    size_t n;
};

struct view_front {
    struct view_frame frame;
    bool empty; // a station without articles
    struct view_card lead;
    struct view_cards second;
    struct view_cards latest;
    struct {
        struct view_block *items;
        size_t n;
    } blocks;
    struct view_block highlights; // empty name: no such section
    struct view_cards most_read;
    struct str on_air; // what is on air now, as the station wrote it; empty: not known
    struct view_services services;
    struct view_ways ways;
};

// Section, author, tag, and a day of the archive.
struct view_list {
    struct view_frame frame;
    struct view_links crumbs;
    struct str kicker; // "Author", "Tag"; empty for a section
    struct str heading, count, description;
    int64_t tone;
    struct view_cards cards;
    struct view_paging paging;
    struct view_feeds feeds; // of this list
    bool first_page;
};

struct view_bin {
    struct str label, address, count;
};
struct view_archive {
    struct view_frame frame;
    struct view_links crumbs;
    struct str heading;
    struct {
        struct view_bin *items;
        size_t n;
    } bins;
};

struct view_snippet {
    struct str text;
    bool match;
};
struct view_hit {
    struct view_card card;
    struct {
        struct view_snippet *items;
        size_t n;
    } snippet;
};
struct view_option {
    struct str value, label;
    bool chosen;
};
struct view_search {
    struct view_frame frame;
    struct str action;
    struct str words, from, to; // as typed
    struct str words_problem, from_problem, to_problem, section_problem;
    struct {
        struct view_option *items;
        size_t n;
    } sections;
    struct view_option newest, relevant;
    bool asked; // there was a query: results or their absence are shown
    bool wrong; // something typed cannot be searched
    struct str count;
    struct {
        struct view_hit *items;
        size_t n;
    } hits;
    struct str more;
};

// What a reader writes to the station: as typed, each with what is wrong with it.
struct view_contact_form {
    struct str action;
    struct str failure; // of the whole; empty: none
    struct str name, email, text;
    struct str name_problem, email_problem, topic_problem, text_problem, trap_problem;
    int64_t name_max, email_max, text_max; // characters
    struct {
        struct view_option *items;
        size_t n;
    } topics;
    struct str text_hint, privacy, privacy_backups;
};
struct view_contact {
    struct view_frame frame;
    struct str heading;
    struct html body; // of the station's own page at this address; empty: it has none
    struct view_contact_form form;
    bool other_ways;      // the frame has an address, a number or a place
    struct str reference; // of what was just sent; empty: the form is shown
    struct str sent;      // the sentence that holds it
    struct view_links translations;
};

struct view_page {
    struct view_frame frame;
    struct view_links crumbs;
    struct str heading;
    struct html body;
    struct view_links children;
    struct view_links branch; // the tree's root and the siblings: the page's own menu
    struct str branch_name;
    struct view_links translations;
    struct str modified, modified_iso;
    bool integrity;
    struct str part;
    bool first_part, last_part;
    struct view_paging parts;
};

struct view_live {
    struct view_frame frame;
    struct view_services services;
    struct view_ways ways;
};

// The bar that assets/player.js puts below every page while somebody listens.
struct view_minutes {
    int64_t minutes;
    struct str label;
};
struct view_player {
    struct str lang, dir, live; // live: address of the page
    struct str events, now;     // absolute: what changes, and what there is
    struct str behind, sleeps;  // sentences with {} where a time goes
    struct view_services services;
    struct {
        struct view_minutes *items;
        size_t n;
    } sleep;
};

struct view_error {
    struct view_frame frame;
    struct str status; // "404"
    struct str heading, text;
    bool search; // offer the search form
};

#endif
