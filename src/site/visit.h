// SPDX-License-Identifier: AGPL-3.0-or-later
// One reader's visit to one page: what every handler needs at hand, and the steps each of them takes in the same order:
//   visit_begin   language and edition (full or text) from the address
//   visit_frame   masthead, menu and sections of the language
//   ...           the handler reads its own things and fills its view
//   visit_moved   anything but the one canonical address is answered with a 301
//   visit_send    the page goes to the reader and into the cache
#ifndef SITE_VISIT_H
#define SITE_VISIT_H

#include "news/news.h"
#include "render/render.h"
#include "render/views.h"

struct visit {
    struct http_request *req;
    struct http_reply *reply;
    struct site *site;
    struct db *db;
    struct arena *a;
    enum text_lang lang;
    bool lite;
    int64_t now;
    uint64_t generation; // of the editions when the visit began
    struct render_uses uses;
    bool own_query;           // the query is the one our own links carry: such a page is kept in memory
    struct section *sections; // of the language; for the colours of cards
    size_t section_count;
};

// RC_NOT_FOUND when the first part of the address is no language of this station.
// The database stands still from here until the answer is made (site_answered).
enum rc visit_begin(struct visit *v, struct http_request *req, struct http_reply *reply) MUST_USE;

// What a page tells its frame.
struct visit_page {
    struct str title, description;
    struct str address; // canonical, site-relative, full edition, with its query
    struct str og_type; // empty: "website"
    bool no_index;
};
enum rc visit_frame(struct visit *v, const struct visit_page *page, struct view_frame *out) MUST_USE;
// The frame without the database: for errors on a loop thread.
void visit_bare_frame(struct visit *v, const struct visit_page *page, struct view_frame *out);

// The address in the edition being read: itself, or its twin in the text edition.
struct str visit_link(const struct visit *v, struct str address);
// True when the request came to another address than this canonical one (without query): the reply is then a 301.
bool visit_moved(struct visit *v, struct str canonical);
// Marks of paging, 0 when not given; false when they are no numbers.
bool visit_marks(struct visit *v, int64_t *before_out, int64_t *after_out);
// Which part of a long text is read, from 1; false when it is no number.
bool visit_part(struct visit *v, size_t *part_out);
// A page behind a mark is a page of its own: its canonical address and its twin carry the query.
void visit_add_query(const struct visit *v, struct view_frame *frame);
// Lists of what is read most, or of what belongs together, are made again after ten minutes.
void visit_keep_ten_minutes(struct visit *v);
// Ends `out` too. A change that came while the page was made shortens its life to a second, so that no scope that was
// only known after reading can leave a stale page behind.
enum rc visit_send(struct visit *v, struct render_out *out, const struct render_page *page) MUST_USE;

// Writes the view with the template of the edition being read.
#define VISIT_SHOW(v, out, name, view) ((v)->lite ? tmpl_lite_##name((out), (view)) : tmpl_site_##name((out), (view)))

// A list of links under construction: room is taken once.
struct view_links links_new(struct arena *a, size_t room);
struct view_link *links_add(struct view_links *links, struct str label, struct str address);

#endif
