// SPDX-License-Identifier: AGPL-3.0-or-later
// The page that stands in for an answer that failed, in the language of the address, else of the reader's browser.
#include "site/contact_show.h"
#include "site/error_show.h"
#include "site/legacy_redirect.h"
#include "site/redirect_answer.h"
#include "site/visit.h"
#include "site/routes.h"
#include "templates.h"

struct wording {
    int status;
    enum text_word title, text;
    bool search;
};

static const struct wording *wording_of(int status) {
    static const struct wording rows[] = {
        {400, W_ERROR_400_TITLE, W_ERROR_400_TEXT, false}, {403, W_ERROR_403_TITLE, W_ERROR_403_TEXT, false},
        {404, W_ERROR_404_TITLE, W_ERROR_404_TEXT, true},  {405, W_ERROR_405_TITLE, W_ERROR_405_TEXT, false},
        {410, W_ERROR_410_TITLE, W_ERROR_410_TEXT, true},  {413, W_ERROR_413_TITLE, W_ERROR_413_TEXT, false},
        {414, W_ERROR_414_TITLE, W_ERROR_414_TEXT, false}, {421, W_ERROR_421_TITLE, W_ERROR_421_TEXT, false},
        {422, W_ERROR_422_TITLE, W_ERROR_422_TEXT, false}, {429, W_ERROR_429_TITLE, W_ERROR_429_TEXT, false},
        {431, W_ERROR_431_TITLE, W_ERROR_431_TEXT, false}, {501, W_ERROR_501_TITLE, W_ERROR_501_TEXT, false},
        {503, W_ERROR_503_TITLE, W_ERROR_503_TEXT, false}, {500, W_ERROR_500_TITLE, W_ERROR_500_TEXT, false},
    };
    size_t count = sizeof(rows) / sizeof(rows[0]);
    for (size_t i = 0; i < count; i++)
        if (rows[i].status == status)
            return &rows[i];
    return status < 500 ? &rows[0] : &rows[count - 1];
}

static enum text_lang language_of(const struct site *site, const struct http_request *req, bool lite) {
    struct str rest = str_slice(req->path, lite ? 6 : 1, req->path.n), code;
    enum text_lang lang;
    if (str_next(&rest, '/', &code) && text_lang_find(code, &lang) && (site->languages & (1u << lang)) != 0)
        return lang;
    return text_lang_negotiate(http_request_header(req, "Accept-Language"), site->languages, site->default_lang);
}

// Reading the menu may fail for the very reason the page failed: then the frame does without.
static void fill_frame(struct visit *v, const struct visit_page *page, struct view_frame *frame) {
    if (v->db == NULL || visit_frame(v, page, frame) != RC_OK) {
        *frame = (struct view_frame){0};
        visit_bare_frame(v, page, frame);
    }
}

void error_show(struct http_request *req, int status, struct http_reply *reply) {
    struct worker *worker = req->worker;
    struct visit v = {.req = req, .reply = reply, .site = req->app, .a = req->arena};
    const struct wording *words = wording_of(status);
    v.now = clock_now_us();
    v.db = worker != NULL && status < 500 ? worker->db : NULL;
    v.lite = str_starts(req->path, STR("/lite/"));
    v.lang = language_of(v.site, req, v.lite);
    render_uses_init(&v.uses);

    struct view_error *view = ARENA_NEW(v.a, struct view_error);
    struct visit_page page = {.title = text_word(v.lang, words->title), .no_index = true};
    fill_frame(&v, &page, &view->frame);
    view->status = str_fmt(v.a, "%d", status);
    view->heading = page.title;
    view->text = text_word(v.lang, words->text);
    view->search = words->search && v.db != NULL;
    struct render_out out;
    render_out_init(&out, v.lang);
    VISIT_SHOW(&v, &out, error, view);
    // Nothing is remembered of a failure: the next try may succeed.
    render_until(&v.uses, 0);
    struct render_page answer = {.status = status, .no_index = true};
    if (render_reply(req, reply, &out, &v.uses, &answer) != RC_OK) {
        reply->status = status;
        reply->content_type = STR("text/plain; charset=utf-8");
        buf_str(&reply->body, view->heading);
    }
    render_out_fini(&out);
}

// Nothing answers at this address, or no more: does the desk say what became of it, or an import where it leads?
static bool is_answered(struct http_request *req, struct http_reply *reply, int status) {
    if (req->worker == NULL || (status != 404 && status != 410))
        return false;
    enum rc rc = redirect_answer(req, reply);
    return rc == RC_OK || (rc == RC_NOT_FOUND && status == 404 && legacy_path_answer(req, reply) == RC_OK);
}

void site_error(void *app, struct http_request *req, int status, struct http_reply *reply) {
    (void)app; // the request's too
    if (!is_answered(req, reply, status) && !contact_give_back(req, reply, status))
        error_show(req, status, reply);
}

// ---- programs that read without a reader
// ---------------------------------------------------------------------------------

static bool contains_nocase(struct str text, struct str word) {
    for (size_t at = 0; at + word.n <= text.n; at++)
        if (str_eq_nocase(str_slice(text, at, at + word.n), word))
            return true;
    return false;
}

bool site_is_bot(struct str user_agent) {
    // Crawlers name themselves; link previews and fetching libraries have no reader either.
    static const char *const signs[] = {
        "bot",     "crawl",       "spider",     "slurp",         "preview", "facebookexternalhit",
        "embedly", "feedfetcher", "wget",       "curl/",         "python-", "go-http",
        "java/",   "headless",    "lighthouse", "httpclient",    "monitor", "scrapy",
        "archive", "validator",   "whatsapp",   "mediapartners",
    };
    if (user_agent.n == 0)
        return true;
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
        if (contains_nocase(user_agent, str_from(signs[i])))
            return true;
    return false;
}
