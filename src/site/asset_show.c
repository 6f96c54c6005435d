// SPDX-License-Identifier: AGPL-3.0-or-later
// Serves the built-in files of assets/ at the addresses link_asset gives.
#include <stdatomic.h>

#include "asset_files.h"
#include "render/render.h"
#include "site/routes.h"
#include "site/site.h"

static const struct asset_files_row *row_of(struct str name) {
    for (size_t i = 0; i < asset_files_count; i++)
        if (str_eq(str_from(asset_files[i].name), name))
            return &asset_files[i];
    return NULL;
}

static struct str type_of(struct str name) {
    static const struct {
        struct str end, type;
    } types[] = {
        {{".css", 4}, {"text/css; charset=utf-8", 23}},
        {{".js", 3}, {"text/javascript; charset=utf-8", 30}},
        {{".svg", 4}, {"image/svg+xml", 13}},
        {{".png", 4}, {"image/png", 9}},
        {{".ico", 4}, {"image/x-icon", 12}},
    };
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (str_ends(name, types[i].end))
            return types[i].type;
    return STR("application/octet-stream");
}

static enum rc make_row(struct http_request *req, struct http_reply *reply, const struct asset_files_row *row) {
    struct render_uses uses;
    struct render_out out;
    render_uses_init(&uses);
    render_out_init(&out, LANG_EN);
    render_raw(&out, (const char *)row->bytes, row->size);
    struct render_page page = {.content_type = type_of(str_from(row->name))};
    enum rc rc = render_reply(req, reply, &out, &uses, &page);
    render_out_fini(&out);
    return rc;
}

// Compressed once in the life of the process. Two who ask for it first at the same moment both make it; one is kept.
static enum rc send_row(struct http_request *req, struct http_reply *reply, const struct asset_files_row *row) {
    struct site *site = req->app;
    size_t at = (size_t)(row - asset_files);
    must(at < SITE_ASSETS_MAX);
    struct http_page *kept = atomic_load(&site->assets[at]), *none = NULL;
    if (kept != NULL) {
        http_page_unref(&reply->page);
        reply->page = http_page_ref(kept);
        return RC_OK;
    }
    enum rc rc = make_row(req, reply, row);
    if (rc != RC_OK)
        return rc;
    struct http_page *made = http_page_ref(reply->page);
    if (!atomic_compare_exchange_strong(&site->assets[at], &none, made))
        http_page_unref(&made);
    return RC_OK;
}

void site_assets_forget(struct site *site) {
    for (size_t i = 0; i < SITE_ASSETS_MAX; i++) {
        struct http_page *page = atomic_exchange(&site->assets[i], NULL);
        http_page_unref(&page);
    }
}

enum rc asset_show_get(struct http_request *req, struct http_reply *reply) {
    for (size_t i = 0; i < asset_files_count; i++)
        if (str_eq(link_asset(req->arena, asset_files[i].name), req->path))
            return send_row(req, reply, &asset_files[i]);
    return RC_NOT_FOUND;
}

// Browsers ask for it without being told.
enum rc favicon_show_get(struct http_request *req, struct http_reply *reply) {
    const struct asset_files_row *row = row_of(STR("favicon.ico"));
    return row != NULL ? send_row(req, reply, row) : RC_NOT_FOUND;
}
