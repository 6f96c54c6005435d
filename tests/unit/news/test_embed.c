// SPDX-License-Identifier: AGPL-3.0-or-later
// Addresses of other sites: what is known, in which form it is kept, and where its frame is.
#include "../check.h"

#include "news/news.h"

static void test_addresses(void **state) {
    static const struct {
        const char *typed, *address, *frame; // NULL: not known; "": no frame
    } rows[] = {
        {"https://www.youtube.com/watch?v=aB3_-678901", "https://www.youtube.com/watch?v=aB3_-678901",
         "https://www.youtube-nocookie.com/embed/aB3_-678901"},
        {" youtu.be/aB3_-678901?si=tracked ", "https://www.youtube.com/watch?v=aB3_-678901",
         "https://www.youtube-nocookie.com/embed/aB3_-678901"},
        {"http://M.YouTube.com/shorts/aB3_-678901#t=3", "https://www.youtube.com/watch?v=aB3_-678901",
         "https://www.youtube-nocookie.com/embed/aB3_-678901"},
        {"https://www.youtube.com/watch?list=x&v=aB3_-678901&t=9s", "https://www.youtube.com/watch?v=aB3_-678901",
         "https://www.youtube-nocookie.com/embed/aB3_-678901"},
        {"https://www.youtube.com/watch?v=short", NULL, NULL},
        {"https://www.youtube.com/watch?v=aB3_-67890\"", NULL, NULL},
        {"https://www.youtube.com/@radio", NULL, NULL},
        {"https://youtube.com.evil.example/watch?v=aB3_-678901", NULL, NULL},
        {"https://evil.example/youtube.com/watch?v=aB3_-678901", NULL, NULL},
        {"https://user@www.youtube.com/watch?v=aB3_-678901", NULL, NULL},
        {"https://www.youtube.com:443/watch?v=aB3_-678901", NULL, NULL},
        {"javascript://www.youtube.com/watch?v=aB3_-678901", NULL, NULL},
        {"https://vimeo.com/76979871", "https://vimeo.com/76979871", "https://player.vimeo.com/video/76979871?dnt=1"},
        {"https://player.vimeo.com/video/76979871?h=ab12&x=1", "https://vimeo.com/76979871/ab12",
         "https://player.vimeo.com/video/76979871?dnt=1&h=ab12"},
        {"https://vimeo.com/channels/staff", NULL, NULL},
        {"https://soundcloud.com/radio-x/letters?in=y", "https://soundcloud.com/radio-x/letters",
         "https://w.soundcloud.com/player/?url=https%3A%2F%2Fsoundcloud.com%2Fradio-x%2Fletters"},
        {"https://soundcloud.com/radio-x", NULL, NULL},
        {"https://open.spotify.com/intl-de/episode/4rOoJ6Egrf8K2IrywzwOMk?si=q",
         "https://open.spotify.com/episode/4rOoJ6Egrf8K2IrywzwOMk",
         "https://open.spotify.com/embed/episode/4rOoJ6Egrf8K2IrywzwOMk"},
        {"https://archive.org/details/radio_1951.tape", "https://archive.org/details/radio_1951.tape",
         "https://archive.org/embed/radio_1951.tape"},
        {"https://x.com/radio/status/123?s=20", "https://x.com/radio/status/123", ""},
        {"https://www.facebook.com/radio/posts/123", "https://www.facebook.com/radio/posts/123", ""},
        {"https://www.instagram.com/p/Cx_1-a/", "https://www.instagram.com/p/Cx_1-a", ""},
        {"https://x.com/radio\"onclick", NULL, NULL},
        {"https://example.org/video/1", NULL, NULL},
        {"", NULL, NULL},
        {"\xff", NULL, NULL},
        {"https://", NULL, NULL},
    };
    (void)state;
    struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct embed e;
        bool known = embed_find(a, str_from(rows[i].typed), &e);
        if (known != (rows[i].address != NULL))
            fail_msg("%s: %s", rows[i].typed, known ? "known" : "not known");
        if (!known)
            continue;
        assert_str_(e.address, str_from(rows[i].address), __FILE__, __LINE__);
        assert_str_(e.frame, str_from(rows[i].frame), __FILE__, __LINE__);
        assert_true(str_starts(e.frame, e.origin) && (e.frame.n > 0) == (e.origin.n > 0));
    }
    arena_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_addresses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
