// SPDX-License-Identifier: AGPL-3.0-or-later
// Any bytes as a saved page of the old site: refused with a sentence, or an article whose every part is sound.
#include "import/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void line_check(struct str s, size_t most) {
    must(utf8_valid(s) && s.n <= most);
    for (size_t i = 0; i < s.n; i++)
        must((unsigned char)s.p[i] >= ' ' && s.p[i] != 0x7f);
}

static void page_check(struct arena *a, const struct imported_page *page) {
    struct html again;
    must(page->published_at > 0 && page->old_id >= 0 && page->reads >= 0);
    must(page->headline.n > 0);
    line_check(page->headline, 1200);
    line_check(page->byline, 1200);
    line_check(page->agency, 1200);
    line_check(page->image_file_name, 65536);
    line_check(page->image_alt, 1000);
    line_check(page->image_caption, 1000);
    line_check(page->image_credit, 300);
    must(html_clean(a, page->body.s, &again) == RC_OK && str_eq(again.s, page->body.s));
    must(str_trim(html_to_text(a, page->body)).n > 0);
    must(page->votes >= 0 && (!page->votes_estimated || page->votes > 0));
    if (page->votes_estimated)
        must(page->votes_sum >= page->votes && page->votes_sum <= page->votes * 5);
    for (size_t i = 0; i < page->tag_count; i++)
        line_check(page->tags[i], 120);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct import_page_setup setup = {.lang = LANG_FR};
    if (setup.zone == NULL) {
        text_start();
        must(text_zone_find(STR("Asia/Jakarta"), &setup.zone) == RC_OK);
    }
    struct arena *a = arena_new((size_t)64 << 20);
    struct imported_page page;
    struct problem p = {""};
    enum rc rc = import_page(a, (struct str){(const char *)data, size}, &setup, &page, &p);
    must(rc == RC_OK || rc == RC_INVALID || rc == RC_TOO_BIG);
    if (rc == RC_OK)
        page_check(a, &page);
    else
        must(p.text[0] != '\0');
    arena_free(&a);
    return 0;
}
