// SPDX-License-Identifier: AGPL-3.0-or-later
// What the desk's pages of services, streams and sources share (private to src/desk). They read DIR/services.json themselves,
// for what the site process keeps of it may be a second old.
#ifndef DESK_SERVICES_PARTS_H
#define DESK_SERVICES_PARTS_H

#include "desk/names.h"
#include "desk/services_words.h"
#include "desk/upload.h"

struct services_visit {
    struct desk_visit *v;
    struct services services;
    struct site_on_air now;
    struct str names[3]; // of what the address names: service, stream and source; empty: not so deep
    struct service *service;
    struct service_stream *stream;
    struct service_source *source;
    bool is_stale;   // somebody saved it in the meantime
    bool is_settled; // a stream took the rate of a file with what was saved
    char secret[SERVICE_SECRET_CHARS + 1];
    struct problem problem;               // of services.json
    const struct upload_outcome *uploads; // what became of files that came along
    size_t upload_count;
};

// RC_NOT_FOUND: there is no such service, stream or source. RC_INVALID with *out_reply: services.json is damaged, and the
// page that says so is sent. `deep`: 0 the list, 1 a service, 2 a stream, 3 a source, by the address's holes.
enum rc services_begin(struct services_visit *s, struct desk_visit *v, struct http_request *req,
                       struct http_reply *reply, int deep, bool *answered_out) MUST_USE;

// One change upon what is there then: make is given what the address names, found anew.
typedef enum rc (*services_make)(struct services_visit *s, struct services_change *c);
// What came of it, with problems at their fields; then *services* are what is there now. 0: it is done; else the status to
// show the form with. Anything else is a failure of the request, in *rc.
int services_do(struct services_visit *s, services_make make, enum rc *rc);
// The key of what the next page says: `said`, or that a stream took the rate of a file.
const char *services_said(const struct services_visit *s, const char *said);

// The page that was posted from, shown with what is wrong: `status` as services_do gives it.
typedef enum rc (*services_page)(struct services_visit *s, int status);
typedef struct str (*services_to)(struct services_visit *s, const char *rest);
// A post that makes one change and goes on. One that deletes has its box ticked, or goes back to `from`.
struct services_post {
    int deep;
    services_make make;
    services_page page;
    services_to to, from; // from: NULL of what does not delete
    const char *said;
};
enum rc services_post(struct http_request *req, struct http_reply *reply, const struct services_post *post) MUST_USE;

// The fields of settings, by their keys, and back. A stale form is RC_CONFLICT.
void services_fields(struct services_visit *s, struct view_desk_form *form, const struct service_setting *rows,
                     size_t n);
void services_beside(struct services_visit *s, struct view_desk_page *page, const struct service_setting *rows,
                     size_t n);
struct str services_version(struct services_visit *s, const struct service_setting *rows, size_t n);
enum rc services_is_fresh(struct services_visit *s, const struct service_setting *rows, size_t n) MUST_USE;

// The row of a table: what a stream plays now.
void services_state_cells(struct services_visit *s, struct view_desk_table *table, const struct service_stream *stream);
// A button that deletes, with its box.
void services_delete_block(struct services_visit *s, struct view_desk_page *page, struct str action,
                           enum text_word text);
// Where an item of an ordered list goes; RC_INVALID: nowhere.
enum rc services_place(struct services_visit *s, const void *rows, size_t count,
                       struct str (*name_of)(const void *rows, size_t at), size_t *to_out) MUST_USE;
void services_ways(struct services_visit *s, struct view_desk_sort_item *item, size_t at, size_t count);
// The page with a password that is shown once. `stream` NULL: the admin's.
enum rc services_secret(struct services_visit *s, const struct service_stream *stream, struct str back) MUST_USE;

struct str services_fault_text(struct desk_visit *v, const struct service_wrong *w);

// The page of a stream (streams_show.c).
enum rc streams_page(struct services_visit *s, int status) MUST_USE;
// The files that sources can play: those that there are, with a form for more, and as choices of a field (sounds_show.c).
void sounds_show(struct services_visit *s, struct view_desk_page *page);
struct view_desk_field *sounds_field(struct services_visit *s, struct view_desk_form *form, const char *name,
                                     struct str value);

struct str radio_address(struct services_visit *s, const char *rest);    // "/desk/services" + rest
struct str services_address(struct services_visit *s, const char *rest); // "/desk/services/voice" + rest
struct str streams_address(struct services_visit *s, const char *rest);
struct str sources_address(struct services_visit *s, const char *rest);

#endif
