// SPDX-License-Identifier: AGPL-3.0-or-later
// What the desk's templates see. A desk page is a heading, perhaps one main action, and blocks one below the other: text,
// facts, forms, tables. Pages are put together from these by src/desk/page.h, so that every form and every table of the
// desk looks, reads and answers to the keyboard alike. Part of render/views.h, which includes it.
#ifndef RENDER_DESK_VIEWS_H
#define RENDER_DESK_VIEWS_H

#include "render/qr.h"
#include "render/render.h"

struct view_desk_link {
    struct str label, address;
    struct str note; // a line below the label
    bool current;
    bool number; // of a column: numbers stand below it
};
struct view_desk_links {
    struct view_desk_link *items;
    size_t n;
};
struct view_desk_menu {
    struct str label;
    struct view_desk_links entries;
};

struct view_desk_frame {
    struct str lang, dir;
    struct str title, station;
    struct str stylesheet, script, icon_svg;
    struct str editor; // the script of the rich-text editor; empty: the page has no text to write
    struct str site;   // address of the public site
    struct str home;
    struct str user;      // who is signed in; empty: nobody, and there is no menu
    struct str token;     // of this session's forms
    struct str said;      // what the last step did
    bool said_is_problem; // ... or why it did not
    struct {
        struct view_desk_menu *items;
        size_t n;
    } menus;
    struct view_desk_links crumbs;
};

struct view_desk_choice {
    struct str value, label, hint;
    struct str id;
    bool chosen;
};
struct view_desk_field {
    struct str name, id, label, hint, value, problem;
    struct str type;         // of an input: "text", "email", "password"
    struct str autocomplete; // empty: "off"
    struct str input_mode;   // empty: none
    struct str placeholder;  // of a line: what holds while it is empty
    struct str step;         // of a moment: "1" with seconds; empty: whole minutes
    struct str lang, dir;    // of what is typed, where it is not the desk's; empty: the browser finds out
    int64_t max;             // characters; 0: no limit said
    int64_t rows;            // of a text area
    bool line, area, select, checks, radios, tick, file, hidden,
        part;              // exactly one; part: below it begins another thing
    struct str tick_value; // of a tick
    struct str src;        // of a part: its picture; empty: none
    int64_t width, height;
    bool several;                // files, not one
    bool grows;                  // of a select: script adds what is uploaded on this page
    struct str accept;           // what kinds the browser offers to choose; empty: all
    bool rich;                   // of an area: HTML; the script of editor/ makes it a page to write on
    bool required, ticked, code; // code: set in digits of one width
    struct {
        struct view_desk_choice *items;
        size_t n;
    } choices;
};
struct view_desk_form {
    struct str id, action, submit;
    struct str heading, intro;
    struct str token;            // empty: a form without a session
    struct str passkey;          // "create", "get": assets/desk.js asks the browser for a passkey and fills it in
    struct str challenge;        // where it fetches what to ask for
    struct str no_script;        // what stands there without script
    struct str autosave, lease;  // addresses that assets/desk.js sends the form to while somebody writes; empty: none
    struct view_desk_link other; // beside the button
    struct str also_name;        // what further buttons send
    struct view_desk_links also; // these; address: the value
    bool files;                  // some of its fields are
    bool one_by_one;             // assets/desk.js sends each file by itself
    int64_t most;                // bytes of each; 0: it is not said before
    struct str too_large;        // what is said of a larger one
    bool get;                    // asks, changes nothing
    bool danger, quiet;          // quiet: not the page's main action
    bool in_line;                // fields beside one another: filters
    struct view_desk_links only; // those that hold; address: the page without it
    struct {
        struct view_desk_field *items;
        size_t n;
    } fields;
    struct view_desk_links problems; // to the fields
};

struct view_desk_cell {
    struct str label; // of its column: stands before it where the table has no room
    struct str text, address, note;
    struct str badge, tone;                        // a word on a coloured ground; tone: "good", "bad", "plain"
    struct str action, button, name, value, token; // a small form of one button
    bool head;                                     // names its row
    bool number;                                   // set to the end of the line
    bool current;                                  // "this one"
    bool whole;                                    // on one line where the table has room
    bool breaks;                                   // a word of it is longer than a column is wide: an address, a hash
};
struct view_desk_row {
    struct {
        struct view_desk_cell *items;
        size_t n;
    } cells;
};
struct view_desk_table {
    struct str caption;
    struct view_desk_links columns;
    struct {
        struct view_desk_row *items;
        size_t n;
    } rows;
    struct view_desk_link more;
};

struct view_desk_fact {
    struct str name, value, badge, tone;
};
struct view_desk_code {
    struct str text;
};

struct view_desk_piece {
    struct str text;
    bool added, removed; // neither: it stayed
};
struct view_desk_diff {
    struct str label; // empty: goes on with the field above
    struct str lang, dir;
    struct {
        struct view_desk_piece *items;
        size_t n;
    } pieces;
};

// A list in an order that people give it: by the buttons of its items, and with script by dragging (assets/desk.js), which
// sends the item's form with way "before", "after" or "into" and the id of the item beside which it fell.
struct view_desk_sort_item {
    struct str id, label, address, note, badge, tone;
    int64_t depth; // 1: outermost
    struct str action, token, mark;
    struct view_desk_links buttons; // address: what is sent as "way"
};
struct view_desk_sort {
    struct str label;
    bool tree; // an item can fall into another
    struct {
        struct view_desk_sort_item *items;
        size_t n;
    } items;
};

// A drawing of numbers, in units of an SVG that is `width` wide; desk/plot.h measures it. The table below it says the same.
struct view_desk_plot_line {
    struct str label;
    int64_t y, label_y;
};
struct view_desk_plot_label {
    struct str text;
    int64_t x, y;
    bool middle, end; // what of the text stands at x; neither: its beginning
};
struct view_desk_plot_bar {
    int64_t x, y, width, height;
    bool faint;       // of the two series the one that is larger and matters less
    struct str title; // what a pointer shows
};
struct view_desk_plot {
    struct str label; // what is drawn, for those who do not see it
    int64_t width, height, left, right;
    struct {
        struct view_desk_plot_line *items;
        size_t n;
    } lines;
    struct {
        struct view_desk_plot_bar *items;
        size_t n;
    } bars;
    struct {
        struct view_desk_plot_label *items;
        size_t n;
    } labels;
    struct str series, faint_series; // the legend; empty: none
};

// A medium in a grid. The button chooses it: a small form of its own.
struct view_desk_picture {
    struct str label, note, address;
    struct str src;  // empty: it has nothing to be seen, but a
    struct str sign; // for its kind
    int64_t width, height;
    struct str action, button, value, version, token; // empty: no button
};
// A picture on which a point is set: assets/desk.js writes it into the fields focal_x and focal_y of the page.
struct view_desk_focal {
    struct str src, alt;
    int64_t width, height;
};

// A page of this site as it looks in a window of some size: an <iframe>, made by desk_window.
struct view_desk_window {
    struct str label;
    struct html frame;
};

struct view_desk_block {
    struct str id, heading, text;
    bool warning;                 // the text is one
    struct str empty;             // what stands where there is nothing yet
    struct view_desk_links links; // tiles
    struct {
        struct view_desk_fact *items;
        size_t n;
    } facts;
    struct {
        struct view_desk_picture *items;
        size_t n;
    } pictures;
    struct view_desk_link more; // behind the pictures, or what stands where there is nothing yet
    struct {
        struct view_desk_focal *items; // one at most
        size_t n;
    } focal;
    struct {
        struct view_qr *items; // one at most, like codes' list shown before the forms
        size_t n;
    } qr;
    struct {
        struct view_desk_code *items;
        size_t n;
    } codes;
    struct {
        struct view_desk_diff *items;
        size_t n;
    } diffs;
    struct {
        struct view_desk_sort *items;
        size_t n;
    } sorts;
    struct {
        struct view_desk_plot *items;
        size_t n;
    } plots;
    struct {
        struct view_desk_window *items; // with one the page lets this site into its frames
        size_t n;
    } windows;
    struct {
        struct view_desk_table *items;
        size_t n;
    } tables;
    struct {
        struct view_desk_form *items;
        size_t n;
    } forms;
};

struct view_desk_page {
    struct view_desk_frame frame;
    struct str heading, intro;
    struct view_desk_links tabs;
    struct view_desk_link action; // the page's one main link; empty: none, or it is a form's button
    bool narrow;                  // a single short form, in the middle
    struct {
        struct view_desk_block *items;
        size_t n;
    } blocks;
};

#endif
