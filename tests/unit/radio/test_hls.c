// SPDX-License-Identifier: AGPL-3.0-or-later
// HLS as players take it: what they are told once stays so, whatever ends and begins anew meanwhile, and what they get is
// what the encoder sent.

#include "../audio/log_kit.h"
#include "radio/hls.h"

#define FIRST (NOON / AUDIO_SEGMENT_US)
#define S US_PER_SECOND

static struct service_stream mp3 = {.format = AUDIO_MPEG, .has_hls = true};

// A station's folder with the log of one stream in it.
struct station {
    char dir[32], log_dir[48];
    struct kit kit; // whose folder is the log's
    struct hls *hls;
};

static struct station station_new(int64_t at) {
    struct station s = {.dir = "/tmp/siaran-hls-XXXXXX", .kit = {.at = at}};
    assert_non_null(mkdtemp(s.dir));
    mp3.name = STR("voice");
    (void)snprintf(s.log_dir, sizeof s.log_dir, "%s/radio", s.dir);
    assert_int_equal(mkdir(s.log_dir, 0700), 0);
    (void)snprintf(s.kit.folder, sizeof s.kit.folder, "%s/radio/voice", s.dir);
    buf_init(&s.kit.sent, 1 << 28);
    s.hls = hls_new(s.dir);
    return s;
}

static void station_free(struct station *s) {
    hls_free(&s->hls);
    assert_null(s->hls);
    kit_free(&s->kit);
    assert_int_equal(rmdir(s->log_dir), 0);
    assert_int_equal(rmdir(s->dir), 0);
}

static enum rc ask(struct station *s, struct hls_ask what, struct buf *b) {
    buf_clear(b);
    return hls_playlist(s->hls, &mp3, &what, b);
}

static enum rc segment_of(struct hls *hls, int64_t number, enum hls_kind kind, int64_t now_us, struct buf *b) {
    return hls_segment(hls, &mp3, &(struct hls_name){.number = number, .kind = kind}, now_us, b);
}

static bool has(const struct buf *b, const char *text) {
    size_t at;
    return str_find(buf_view(b), str_from(text), &at);
}

static struct str line_next(struct str *rest) {
    struct str line = STR_NONE;
    (void)str_next(rest, '\n', &line);
    return line;
}

// ---- what a playlist says ----------------------------------------------------------------------------------------------

static void test_a_playlist_of_a_young_stream(void **state) {
    (void)state;
    struct station s = station_new(NOON + 1500000);
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(ask(&s, (struct hls_ask){.now_us = NOON}, &b), RC_NOT_FOUND); // no log
    struct audio_log *log = kit_open(&s.kit, AUDIO_MPEG);
    assert_int_equal(ask(&s, (struct hls_ask){.now_us = NOON}, &b), RC_NOT_FOUND); // nothing in it
    audio_log_mark(log, AUDIO_LOG_SOURCE);
    kit_frames(&s.kit, log, 160);
    assert_int_equal(audio_log_flush(log, NULL), RC_OK);
    assert_int_equal(ask(&s, (struct hls_ask){.now_us = NOON + 5700000}, &b), RC_NOT_FOUND); // not over
    assert_int_equal(segment_of(s.hls, FIRST, HLS_TS, NOON + 5700000, &b), RC_NOT_FOUND);
    kit_frames(&s.kit, log, 100);
    audio_log_mark(log, AUDIO_LOG_GAP);
    s.kit.at = NOON + 22 * S;
    kit_frames(&s.kit, log, 270);
    assert_int_equal(audio_log_flush(log, NULL), RC_OK);
    static const char expected[] = "#EXTM3U\n#EXT-X-VERSION:8\n#EXT-X-TARGETDURATION:7\n"
                                   "#EXT-X-MEDIA-SEQUENCE:299325600\n#EXT-X-DISCONTINUITY-SEQUENCE:0\n"
                                   "#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-11-29T12:00:01.500Z\n"
                                   "#EXTINF:4.70204,\n299325600.ts\n"
                                   "#EXT-X-PROGRAM-DATE-TIME:2026-11-29T12:00:06.201Z\n"
                                   "#EXTINF:2.08979,\n299325601.ts\n"
                                   "#EXT-X-PROGRAM-DATE-TIME:2026-11-29T12:00:12.000Z\n#EXT-X-GAP\n"
                                   "#EXTINF:6.00000,\n299325602-gap.ts\n"
                                   "#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-11-29T12:00:22.000Z\n"
                                   "#EXTINF:2.08979,\n299325603.ts\n";
    assert_int_equal(ask(&s, (struct hls_ask){.now_us = NOON + 30 * S}, &b), RC_OK);
    assert_str_(buf_view(&b), str_from(expected), __FILE__, __LINE__);
    static const struct {
        int64_t number, now_us;
        bool is_there;
    } cases[] = {{0, 30 * S, true}, {1, 30 * S, true},        {2, 30 * S, false},         {3, 30 * S, true},
                 {3, 26 * S, true}, {4, 30 * S, false},       {1, 20 * S, true},          {4, 40 * S, false},
                 {4, 52 * S, true}, {1000000, 30 * S, false}, {-FIRST - 1, 30 * S, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct hls *fresh = hls_new(s.dir); // has seen nothing else yet
        enum rc rc = segment_of(fresh, FIRST + cases[i].number, HLS_TS, NOON + cases[i].now_us, &b);
        assert_int_equal(rc, cases[i].is_there ? RC_OK : RC_NOT_FOUND);
        hls_free(&fresh);
    }
    audio_log_close(&log);
    buf_fini(&b);
    station_free(&s);
}

// ---- spans -------------------------------------------------------------------------------------------------------------

static void test_the_list_of_a_span(void **state) {
    (void)state;
    struct station s = station_new(NOON);
    struct audio_log *log = kit_open(&s.kit, AUDIO_MPEG);
    struct buf b;
    buf_init(&b, 1 << 20);
    kit_frames(&s.kit, log, 60 * 60 * 38); // almost an hour
    assert_int_equal(audio_log_flush(log, NULL), RC_OK);
    int64_t now = s.kit.at + 600 * S;
    struct hls_programme programmes[] = {
        {STR("p\"1"), STR("Warta \"Berita\"\nNusantara"), NOON + 60 * S, NOON + 600 * S},
        {STR("p2"), STR("Later"), NOON + 3000 * S, NOON + 3600 * S}};
    struct hls_ask over = {.now_us = now,
                           .from_us = NOON + 62 * S + 500000,
                           .to_us = NOON + 121 * S,
                           .programmes = programmes,
                           .programme_count = 2,
                           .programmes_number = 1};
    assert_int_equal(ask(&s, over, &b), RC_OK);
    assert_true(str_starts(buf_view(&b), STR("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:7\n"
                                             "#EXT-X-MEDIA-SEQUENCE:299325610\n#EXT-X-DISCONTINUITY-SEQUENCE:0\n"
                                             "#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-START:TIME-OFFSET=2.")));
    assert_true(has(&b,
                    "PRECISE=YES\n#EXT-X-DATERANGE:ID=\"p'1\",START-DATE=\"2026-11-29T12:01:00.000Z\",DURATION=540.000,"
                    "X-TITLE=\"Warta 'Berita' Nusantara\"\n#EXT-X-PROGRAM-DATE-TIME:2026-11-29T12:01:0"));
    assert_true(!has(&b, "Later") && !has(&b, "299325609.ts") && !has(&b, "299325621.ts") && !has(&b, "GAP"));
    assert_true(str_ends(buf_view(&b), STR("\n299325620.ts\n#EXT-X-ENDLIST\n")));
    over.programmes_number = 2;
    programmes[0].title = STR("Renamed");
    assert_int_equal(ask(&s, over, &b), RC_OK);
    assert_true(has(&b, "Renamed"));
    // One that goes on, and one that nobody ended.
    now = s.kit.at;
    struct hls_ask going = {.now_us = now, .from_us = now - 20 * S, .to_us = now + 600 * S, .kind = HLS_PACKED};
    assert_int_equal(ask(&s, going, &b), RC_OK);
    assert_true(has(&b, "PLAYLIST-TYPE:EVENT") && !has(&b, "ENDLIST") && has(&b, ".mp3\n"));
    size_t before = b.n;
    kit_frames(&s.kit, log, 12 * 38);
    assert_int_equal(audio_log_flush(log, NULL), RC_OK);
    going.now_us += 12 * S;
    assert_int_equal(ask(&s, going, &b), RC_OK);
    assert_true(b.n > before);
    going.to_us = 0;
    assert_int_equal(ask(&s, going, &b), RC_OK);
    assert_true(has(&b, "PLAYLIST-TYPE:EVENT") && !has(&b, "ENDLIST"));
    static const struct {
        int64_t from_s, to_s;
        enum rc rc;
    } wrong[] = {{100, 100, RC_INVALID},      {200, 100, RC_INVALID},     {100, 21701, RC_TOO_BIG},
                 {-1000, -500, RC_NOT_FOUND}, {7200, 7300, RC_NOT_FOUND}, {100, 21700, RC_OK}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct hls_ask w = {.now_us = now, .from_us = NOON + wrong[i].from_s * S, .to_us = NOON + wrong[i].to_s * S};
        assert_int_equal(ask(&s, w, &b), wrong[i].rc);
    }
    audio_log_close(&log);
    buf_fini(&b);
    station_free(&s);
}

// ---- masks -------------------------------------------------------------------------------------------------------------

static void mask(const struct station *s, int64_t from_us, int64_t to_us) {
    struct audio_log_span span = {NOON + from_us, NOON + to_us};
    assert_int_equal(audio_log_span_add(s->kit.folder, AUDIO_LOG_MASKED, span, NULL), RC_OK);
}

static void unmask(const struct station *s, int64_t from_us, int64_t to_us) {
    struct audio_log_span span = {NOON + from_us, NOON + to_us};
    assert_int_equal(audio_log_span_remove(s->kit.folder, AUDIO_LOG_MASKED, span, NULL), RC_OK);
}

// A list from FIRST on, with those from `first` to `last` as gaps and nothing else of it changed.
static void with_gaps(const struct buf *list, int64_t first, int64_t last, struct buf *out) {
    int64_t i = 0;
    buf_clear(out);
    for (struct str rest = buf_view(list); rest.n > 0;) {
        struct str line = line_next(&rest);
        bool is_gap = i >= first && i <= last;
        if (str_starts(line, STR("#EXT-X-VERSION")))
            buf_c(out, "#EXT-X-VERSION:8");
        else if (str_starts(line, STR("#")))
            buf_fmt(out, "%s%.*s", is_gap && str_starts(line, STR("#EXTINF")) ? "#EXT-X-GAP\n" : "", STR_ARG(line));
        else
            buf_fmt(out, "%lld%s.ts", (long long)(FIRST + i++), is_gap ? "-gap" : "");
        buf_char(out, '\n');
    }
}

enum { HEARD = 9 };
// Each of the first segments is all of its sound, or refused where it is masked.
static void hear(struct station *s, int64_t first, int64_t last, uint64_t sound[HEARD], struct buf *b) {
    for (int64_t i = 0; i < HEARD; i++) {
        bool is_masked = i >= first && i <= last;
        buf_clear(b);
        assert_int_equal(segment_of(s->hls, FIRST + i, HLS_TS, s->kit.at, b), is_masked ? RC_NOT_FOUND : RC_OK);
        sound[i] = sound[i] == 0 ? hash_stable(buf_view(b)) : sound[i];
        assert_true(is_masked ? b->n == 0 : hash_stable(buf_view(b)) == sound[i]);
    }
}

// What a cache holds of a name stays right, for the name has those bytes or none; and whoever follows the list counts on.
static void test_a_mask_changes_no_bytes_behind_a_name(void **state) {
    (void)state;
    struct station s = station_new(NOON);
    struct audio_log *log = kit_open(&s.kit, AUDIO_MPEG);
    struct buf whole, b, expected;
    uint64_t sound[HEARD] = {0};
    buf_init(&whole, 1 << 20);
    buf_init(&b, 1 << 20);
    buf_init(&expected, 1 << 20);
    kit_frames(&s.kit, log, 38 * 33);
    audio_log_mark(log, AUDIO_LOG_SOURCE); // a break counts within what is masked too
    kit_frames(&s.kit, log, 38 * 23);
    audio_log_close(&log);
    struct hls_ask live = {.now_us = s.kit.at};
    assert_int_equal(ask(&s, live, &whole), RC_OK);
    assert_true(!has(&whole, "GAP") && has(&whole, "#EXT-X-DISCONTINUITY\n"));
    hear(&s, 0, -1, sound, &b);
    static const struct {
        int64_t from_us, to_us, first, last;
    } masks[] = {{14 * S, 16 * S, 2, 2},          // inside one
                 {18 * S - 200000, 19 * S, 2, 3}, // over an end
                 {-S, 13 * S, 0, 2},              // at the list's begin, which stays where it was
                 {32 * S, 38 * S, 5, 6},          // over the break
                 {0, 3600 * S, 0, HEARD}};        // all there is
    for (size_t m = 0; m < sizeof masks / sizeof masks[0]; m++) {
        mask(&s, masks[m].from_us, masks[m].to_us);
        with_gaps(&whole, masks[m].first, masks[m].last, &expected);
        assert_int_equal(ask(&s, live, &b), RC_OK);
        assert_str_(buf_view(&b), buf_view(&expected), __FILE__, __LINE__);
        hear(&s, masks[m].first, masks[m].last, sound, &b);
        unmask(&s, masks[m].from_us, masks[m].to_us);
        assert_int_equal(ask(&s, live, &b), RC_OK);
        assert_str_(buf_view(&b), buf_view(&whole), __FILE__, __LINE__);
        hear(&s, 0, -1, sound, &b);
    }
    buf_fini(&whole);
    buf_fini(&b);
    buf_fini(&expected);
    station_free(&s);
}

// The lines behind a span's head, up to its end if it has one; and where the first stands.
static struct str entries(const struct buf *list, int64_t *first_out) {
    static const char sequence[] = "\n#EXT-X-MEDIA-SEQUENCE:", start[] = "PRECISE=YES\n";
    struct str text = buf_view(list), end = STR("#EXT-X-ENDLIST\n"), line;
    size_t at;
    assert_true(str_find(text, str_from(sequence), &at));
    text = str_slice(text, at + sizeof sequence - 1, text.n);
    assert_true(str_next(&text, '\n', &line) && str_to_i64(line, first_out));
    assert_true(str_find(text, str_from(start), &at));
    text = str_slice(text, at + sizeof start - 1, text.n);
    return str_ends(text, end) ? str_slice(text, 0, text.n - end.n) : text;
}

// Sound and silence by turns, and masks over both ends and the middle: who follows the span to its end and over it sees it grow.
static void test_a_span_that_is_followed_loses_nothing(void **state) {
    (void)state;
    struct station s = station_new(NOON);
    struct audio_log *log = kit_open(&s.kit, AUDIO_MPEG);
    struct buf b, before;
    struct hls_ask span = {.from_us = NOON + 6 * S, .to_us = NOON + 100 * S};
    bool is_masked = false, is_over = false;
    buf_init(&b, 1 << 20);
    buf_init(&before, 1 << 20);
    for (int64_t second = 1; second <= 130; second++) {
        bool is_silent = (second > 40 && second <= 70) || second > 80;
        if (is_silent)
            audio_log_mark(log, AUDIO_LOG_GAP);
        else if (s.kit.at < NOON + (second - 1) * S)
            s.kit.at = NOON + (second - 1) * S;
        while (!is_silent && s.kit.at + FRAME_US <= NOON + second * S)
            kit_frames(&s.kit, log, 1);
        assert_int_equal(audio_log_flush(log, NULL), RC_OK);
        if (!is_masked) {
            mask(&s, 5 * S, 13 * S);
            mask(&s, 25 * S, 26 * S);
            mask(&s, 74 * S, 82 * S);
        }
        is_masked = true;
        span.now_us = NOON + second * S;
        if (ask(&s, span, &b) != RC_OK) {
            assert_true(second < 20 && before.n == 0);
            continue;
        }
        int64_t first;
        struct str now = entries(&b, &first);
        assert_true(first == FIRST + 1 && str_starts(now, buf_view(&before)));
        assert_true(!is_over || str_eq(now, buf_view(&before)));
        is_over = has(&b, "\n#EXT-X-ENDLIST\n");
        buf_clear(&before);
        buf_str(&before, now);
    }
    assert_true(is_over && has(&before, "#EXT-X-GAP\n#EXTINF:6") && has(&before, "\n299325602-gap.ts\n"));
    assert_true(has(&before, "\n299325603.ts\n") && has(&before, "\n299325604-gap.ts\n"));
    assert_true(has(&before, "\n299325608-gap.ts\n") && has(&before, "\n299325611.ts\n")); // silence, and sound again
    assert_true(str_ends(buf_view(&before), STR("\n299325613-gap.ts\n")));                 // and silence to the end
    // For those who come an hour later it begins and ends with what can be heard.
    assert_true(has(&b, "PLAYLIST-TYPE:EVENT"));
    span.now_us = span.to_us + 3600 * S;
    assert_int_equal(ask(&s, span, &b), RC_OK);
    assert_true(has(&b, "PLAYLIST-TYPE:VOD") && has(&b, "#EXT-X-MEDIA-SEQUENCE:299325603\n"));
    assert_true(has(&b, "\n299325604-gap.ts\n"));
    assert_true(str_ends(buf_view(&b), STR("\n299325611.ts\n#EXT-X-ENDLIST\n")));
    mask(&s, 0, 100 * S);
    assert_int_equal(ask(&s, span, &b), RC_NOT_FOUND);
    span.now_us -= S;
    assert_int_equal(ask(&s, span, &b), RC_OK);
    assert_false(has(&b, "0.ts\n") || has(&b, "1.ts\n"));
    audio_log_close(&log);
    buf_fini(&b);
    buf_fini(&before);
    station_free(&s);
}

// ---- following ---------------------------------------------------------------------------------------------------------

enum { NUMBERS = 800 };
struct seen { // what a player was told of a segment, the first time
    bool is_told, is_gap;
    unsigned breaks;
    char time[32], lasts[16];
    uint64_t bytes; // their hash
};

static struct seen told[NUMBERS];

static int64_t number_of(struct str line, const char *tag) {
    int64_t n = -1;
    assert_true(str_starts(line, str_from(tag)) && str_to_i64(str_slice(line, strlen(tag), line.n), &n));
    return n;
}

// Reads a playlist as RFC 8216 says, compares it with what was told before; the last number in it.
static int64_t follow(struct str rest, int64_t *first_out) {
    assert_str(line_next(&rest), "#EXTM3U");
    int64_t version = number_of(line_next(&rest), "#EXT-X-VERSION:");
    assert_str(line_next(&rest), "#EXT-X-TARGETDURATION:7");
    int64_t number = *first_out = number_of(line_next(&rest), "#EXT-X-MEDIA-SEQUENCE:");
    unsigned breaks = (unsigned)number_of(line_next(&rest), "#EXT-X-DISCONTINUITY-SEQUENCE:");
    struct seen now = {.is_told = true};
    while (rest.n > 0) {
        struct str line = line_next(&rest);
        if (str_eq(line, STR("#EXT-X-DISCONTINUITY")))
            breaks++;
        else if (str_eq(line, STR("#EXT-X-GAP")))
            now.is_gap = true;
        else if (str_starts(line, STR("#EXT-X-PROGRAM-DATE-TIME:")))
            (void)snprintf(now.time, sizeof now.time, "%.*s", STR_ARG(str_slice(line, 25, line.n)));
        else if (str_starts(line, STR("#EXTINF:"))) {
            (void)snprintf(now.lasts, sizeof now.lasts, "%.*s", STR_ARG(str_slice(line, 8, line.n)));
            assert_true(line.p[8] < '7' || (line.p[8] == '7' && line.p[10] < '5'));
        } else {
            struct hls_name named;
            char gap[32];
            (void)snprintf(gap, sizeof gap, "%lld-gap.ts", (long long)number);
            assert_true(now.is_gap == str_eq(line, str_from(gap)));
            assert_true(now.is_gap != hls_name_read(line, AUDIO_MPEG, &named));
            assert_true(now.is_gap || (named.number == number && named.kind == HLS_TS && named.times == 0));
            assert_true(!now.is_gap || version >= 8);
            struct seen *before = &told[number - FIRST];
            now.breaks = breaks;
            now.bytes = before->bytes;
            if (before->is_told && memcmp(before, &now, sizeof now) != 0)
                fail_msg("%lld: %u %s %s %d was %u %s %s %d", (long long)number, now.breaks, now.time, now.lasts,
                         now.is_gap, before->breaks, before->time, before->lasts, before->is_gap);
            *before = now;
            now = (struct seen){.is_told = true};
            number++;
        }
    }
    return number - 1;
}

// Sources change, time is lost, the log's writer and the program end and begin anew; a player asks every few seconds.
static void test_what_was_told_stays_so(void **state) {
    (void)state;
    uint64_t seed = random_u64(), x = seed | 1;
    print_message("seed %llu\n", (unsigned long long)seed);
    struct station s = station_new(NOON + 1800 * S);
    struct audio_log *log = kit_open(&s.kit, AUDIO_MPEG);
    struct buf b, heard;
    int64_t now = s.kit.at, first = 0, last = 0, lost_us = 0;
    memset(told, 0, sizeof told);
    buf_init(&b, 1 << 22);
    buf_init(&heard, 1 << 28);
    while (now < NOON + (NUMBERS - 10) * AUDIO_SEGMENT_US) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        now += (int64_t)(x % 4000) * 1000;
        if (x >> 20 & 1)
            audio_log_mark(log, AUDIO_LOG_SOURCE);
        if ((x >> 21) % 24 == 0 && now > s.kit.at) { // silence, of which the source knows nothing
            lost_us = (int64_t)(x >> 33) % 40000000;
            s.kit.at = now + lost_us;
            audio_log_mark(log, AUDIO_LOG_GAP);
        }
        while (s.kit.at + FRAME_US <= now)
            kit_frames(&s.kit, log, 1);
        assert_int_equal(audio_log_flush(log, NULL), RC_OK);
        if ((x >> 40) % 32 == 0) {
            audio_log_close(&log);
            log = kit_open(&s.kit, AUDIO_MPEG);
        }
        if ((x >> 45) % 16 == 0) {
            hls_free(&s.hls);
            s.hls = hls_new(s.dir);
        }
        enum rc rc = ask(&s, (struct hls_ask){.now_us = now}, &b);
        assert_true(rc == RC_OK || (rc == RC_NOT_FOUND && last == 0));
        int64_t first_before = first, last_before = last;
        last = rc == RC_OK ? follow(buf_view(&b), &first) : 0;
        assert_true(last >= last_before && first >= first_before && last - first < HLS_WINDOW);
        for (int64_t n = first; rc == RC_OK && n <= last; n += n < last_before - 3 ? 37 : 1) {
            buf_clear(&b);
            enum rc got = segment_of(s.hls, n, HLS_TS, now, &b);
            assert_int_equal(got, told[n - FIRST].is_gap ? RC_NOT_FOUND : RC_OK);
            uint64_t hash = hash_stable(buf_view(&b));
            assert_true(told[n - FIRST].bytes == 0 || told[n - FIRST].bytes == hash);
            told[n - FIRST].bytes = hash;
        }
    }
    // All that was sent, once, in its order.
    for (int64_t n = FIRST; n <= last; n++) {
        buf_clear(&b);
        if (segment_of(s.hls, n, HLS_PACKED, now, &b) == RC_OK)
            buf_str(&heard, str_slice(buf_view(&b), 73, b.n));
    }
    assert_true(heard.n > 0 && str_starts(buf_view(&s.kit.sent), buf_view(&heard)));
    assert_true(s.kit.sent.n - heard.n < 60 * 38 * FRAME);
    assert_true(told[last - FIRST].breaks > 20);
    audio_log_close(&log);
    buf_fini(&b);
    buf_fini(&heard);
    station_free(&s);
}

// ---- names and master playlists ----------------------------------------------------------------------------------------

static void test_names_of_segments(void **state) {
    (void)state;
    static const struct {
        const char *name;
        enum audio_format format;
        int64_t number; // -1: none
        enum hls_kind kind;
        uint32_t times;
    } cases[] = {{"299325600.ts", AUDIO_MPEG, 299325600, HLS_TS, 0},
                 {"299325600-2.ts", AUDIO_MPEG, 299325600, HLS_TS, 2},
                 {"12-0.ts", AUDIO_MPEG, -1, HLS_TS, 0},
                 {"12-.ts", AUDIO_MPEG, -1, HLS_TS, 0},
                 {"12-1-1.ts", AUDIO_MPEG, -1, HLS_TS, 0},
                 {"0.mp3", AUDIO_MPEG, 0, HLS_PACKED, 0},
                 {"12.aac", AUDIO_AAC, 12, HLS_PACKED, 0},
                 {"12.ts", AUDIO_AAC, 12, HLS_TS, 0},
                 {"12.aac", AUDIO_MPEG, -1, HLS_TS, 0},
                 {"12.mp3", AUDIO_AAC, -1, HLS_TS, 0},
                 {"012.ts", AUDIO_MPEG, -1, HLS_TS, 0},
                 {"12", AUDIO_MPEG, -1, HLS_TS, 0},
                 {"12.", AUDIO_MPEG, -1, HLS_TS, 0},
                 {".ts", AUDIO_MPEG, -1, HLS_TS, 0},
                 {"-1.ts", AUDIO_MPEG, -1, HLS_TS, 0},
                 {"1234567890123.ts", AUDIO_MPEG, -1, HLS_TS, 0},
                 {"12.ts.ts", AUDIO_MPEG, -1, HLS_TS, 0},
                 {"", AUDIO_MPEG, -1, HLS_TS, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct hls_name name;
        bool found = hls_name_read(str_from(cases[i].name), cases[i].format, &name);
        assert_int_equal(found, cases[i].number >= 0);
        assert_true(!found ||
                    (name.number == cases[i].number && name.kind == cases[i].kind && name.times == cases[i].times));
    }
    assert_string_equal(hls_media_type(AUDIO_MPEG, HLS_TS), "video/mp2t");
    assert_string_equal(hls_media_type(AUDIO_MPEG, HLS_PACKED), "audio/mpeg");
    assert_string_equal(hls_media_type(AUDIO_AAC, HLS_PACKED), "audio/aac");
}

static void test_a_master_playlist(void **state) {
    (void)state;
    struct station s = station_new(NOON);
    struct audio_log *log = kit_open(&s.kit, AUDIO_MPEG);
    struct buf b, segment;
    buf_init(&b, 1 << 20);
    buf_init(&segment, 1 << 22);
    kit_frames(&s.kit, log, 38 * 60);
    audio_log_close(&log);
    struct service_stream streams[3] = {mp3, mp3, mp3};
    streams[0].name = STR("absent"); // never on the air
    streams[2].is_hidden = true;
    struct service service = {.streams = streams, .stream_count = 3};
    assert_int_equal(hls_master(s.hls, &service, s.kit.at, STR("5e55-10n\n#"), &b), RC_OK);
    struct str rest = buf_view(&b);
    unsigned peak, average;
    assert_str(line_next(&rest), "#EXTM3U");
    assert_str(line_next(&rest), "#EXT-X-VERSION:3");
    struct arena *a = arena_new(1 << 16);
    const char *inf = str_c(a, line_next(&rest));
    assert_int_equal(
        sscanf(inf, "#EXT-X-STREAM-INF:BANDWIDTH=%u,AVERAGE-BANDWIDTH=%u,CODECS=\"mp4a.40.34\"", &peak, &average), 2);
    assert_str(line_next(&rest), "voice/live.m3u8?s=5e55-10n");
    assert_int_equal(rest.n, 0);
    assert_true(peak >= average && average > 128000 && peak < 160000);
    assert_int_equal(segment_of(s.hls, FIRST + 3, HLS_TS, s.kit.at, &segment), RC_OK);
    assert_true(segment.n * 8 / 6 < peak);
    buf_clear(&b);
    service.stream_count = 1;
    assert_int_equal(hls_master(s.hls, &service, s.kit.at, STR_NONE, &b), RC_NOT_FOUND);
    arena_free(&a);
    buf_fini(&b);
    buf_fini(&segment);
    station_free(&s);
}

static int64_t sequence_of(const struct buf *b) {
    struct str rest = buf_view(b), line;
    int64_t sequence = -1;
    while (str_next(&rest, '\n', &line))
        if (str_starts(line, STR("#EXT-X-MEDIA-SEQUENCE:")))
            assert_true(str_to_i64(str_slice(line, 22, line.n), &sequence));
    return sequence;
}

// The clock was a day ahead. Who follows the list goes on with it, and nobody gets one time's sound under another's name.
static void test_a_clock_is_put_back(void **state) {
    (void)state;
    static const int64_t day = 24 * 3600 * S;
    struct station s = station_new(NOON + day);
    struct audio_log *log = kit_open(&s.kit, AUDIO_MPEG);
    struct hls_name name = {.number = FIRST + day / AUDIO_SEGMENT_US, .kind = HLS_TS};
    struct buf b;
    char text[64];
    buf_init(&b, 1 << 24);
    kit_frames(&s.kit, log, 38 * 20);
    assert_int_equal(audio_log_flush(log, NULL), RC_OK);
    assert_int_equal(ask(&s, (struct hls_ask){.now_us = s.kit.at}, &b), RC_OK);
    assert_int_equal(hls_segment(s.hls, &mp3, &name, s.kit.at, &b), RC_OK);
    hls_free(&s.hls); // asked again before there is any sound
    s.hls = hls_new(s.dir);
    (void)!ask(&s, (struct hls_ask){.now_us = NOON}, &b);
    s.kit.at = NOON;
    audio_log_mark(log, AUDIO_LOG_GAP);
    kit_frames(&s.kit, log, 38 * 20);
    assert_int_equal(audio_log_flush(log, NULL), RC_OK);
    assert_int_equal(ask(&s, (struct hls_ask){.now_us = s.kit.at}, &b), RC_OK);
    int64_t sequence = sequence_of(&b);
    assert_true(sequence > name.number + HLS_WINDOW);
    (void)snprintf(text, sizeof text, "\n%lld-1.ts\n", (long long)FIRST);
    assert_true(has(&b, text) && has(&b, "#EXT-X-PROGRAM-DATE-TIME:2026-11-29T12:00:00.000Z"));
    // What was called so before is gone; by its new name it is what is there of that time now.
    assert_int_equal(hls_segment(s.hls, &mp3, &name, s.kit.at, &b), RC_NOT_FOUND);
    name.number = FIRST;
    assert_int_equal(hls_segment(s.hls, &mp3, &name, s.kit.at, &b), RC_NOT_FOUND);
    name.times = 1;
    assert_int_equal(hls_segment(s.hls, &mp3, &name, s.kit.at, &b), RC_OK);
    // The sequence stays what it is over a restart.
    audio_log_close(&log);
    hls_free(&s.hls);
    s.hls = hls_new(s.dir);
    assert_int_equal(ask(&s, (struct hls_ask){.now_us = s.kit.at}, &b), RC_OK);
    assert_int_equal(sequence_of(&b), sequence);
    buf_fini(&b);
    station_free(&s);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_playlist_of_a_young_stream),
        cmocka_unit_test(test_the_list_of_a_span),
        cmocka_unit_test(test_a_mask_changes_no_bytes_behind_a_name),
        cmocka_unit_test(test_a_span_that_is_followed_loses_nothing),
        cmocka_unit_test(test_what_was_told_stays_so),
        cmocka_unit_test(test_names_of_segments),
        cmocka_unit_test(test_a_master_playlist),
        cmocka_unit_test(test_a_clock_is_put_back),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
