// SPDX-License-Identifier: AGPL-3.0-or-later
// What is handed on as it came: documents and video, what they are by content, and when they are not taken.
#include "../check.h"

#include "corpus.h"

#include "../../../src/media/inside.h"

static void put(struct buf *b, uint32_t n, int bytes) {
    for (int i = 0; i < bytes; i++)
        buf_char(b, (char)(i < 4 ? n >> 8 * i & 0xff : 0));
}

// A ZIP of stored entries; a name may carry its content behind '='.
static void zip_make(struct buf *b, const char *const *names) {
    struct buf directory;
    unsigned count = 0;
    buf_init(b, 1 << 16);
    buf_init(&directory, 1 << 16);
    for (; names[count] != NULL; count++) {
        struct str content = str_from(names[count]), name = STR_NONE;
        must(str_next(&content, '=', &name));
        size_t at = b->n;
        for (int twice = 0; twice < 2; twice++) {
            struct buf *to = twice == 0 ? b : &directory;
            buf_c(to, twice == 0 ? "PK\3\4" : "PK\1\2");
            put(to, 20, twice == 0 ? 2 : 4);
            put(to, 0, 4); // flags, method
            put(to, 0, 8); // time, checksum
            put(to, (uint32_t)content.n, 4);
            put(to, (uint32_t)content.n, 4);
            put(to, (uint32_t)name.n, 2);
            put(to, 0, 2);
            if (twice == 1) {
                put(to, 0, 10);
                put(to, (uint32_t)at, 4);
            }
            buf_str(to, name);
            if (twice == 0)
                buf_str(to, content);
        }
    }
    size_t at = b->n;
    buf_str(b, buf_view(&directory));
    buf_c(b, "PK\5\6");
    put(b, 0, 4);
    put(b, count, 2);
    put(b, count, 2);
    put(b, (uint32_t)directory.n, 4);
    put(b, (uint32_t)at, 4);
    put(b, 0, 2);
    buf_fini(&directory);
}

static enum media_reason sniff(struct str bytes, struct media_header *h) {
    struct media_source s = media_source_memory(bytes);
    return media_sniff(&s, false, h);
}

static void test_archives_and_office_files(void **state) {
    static const struct {
        const char *names[4];
        const char *ext; // NULL: refused
    } rows[] = {
        {{"notes.txt=a"}, "zip"},
        {{"[Content_Types].xml=a", "word/document.xml=b"}, "docx"},
        {{"[Content_Types].xml=a", "xl/workbook.xml=b"}, "xlsx"},
        {{"[Content_Types].xml=a", "ppt/presentation.xml=b"}, "pptx"},
        {{"[Content_Types].xml=a", "word/document.xml=b", "word/vbaProject.bin=c"}, NULL},
        {{"[Content_Types].xml=a", "other.xml=b"}, "zip"},
        {{"word/document.xml=b"}, "zip"},
        {{"mimetype=application/vnd.oasis.opendocument.text", "content.xml=a"}, "odt"},
        {{"mimetype=application/vnd.oasis.opendocument.spreadsheet", "content.xml=a"}, "ods"},
        {{"mimetype=application/vnd.oasis.opendocument.presentation", "content.xml=a"}, "odp"},
        {{"mimetype=application/vnd.oasis.opendocument.text", "Basic/Standard/Module1.xml=a"}, NULL},
        {{"mimetype=application/epub+zip", "a=b"}, "zip"},
    };
    struct media_header h;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf b;
        zip_make(&b, rows[i].names);
        enum media_reason reason = sniff(buf_view(&b), &h);
        if ((reason == MEDIA_TAKEN) != (rows[i].ext != NULL) ||
            (rows[i].ext != NULL && !str_eq(media_type_ext(h.type), str_from(rows[i].ext))))
            fail_msg("archive %zu: %d, %s", i, reason, h.other != NULL ? h.other : media_type_ext(h.type).p);
        // Cut anywhere it is none any more, and never more than that.
        for (size_t n = 4; n < b.n; n++)
            assert_int_not_equal(sniff((struct str){b.p, n}, &h), MEDIA_TAKEN);
        buf_fini(&b);
    }
}

static void test_documents(void **state) {
    static const struct {
        struct str bytes;
        const char *ext;
    } rows[] = {
        {{"%PDF-1.4\n1 0 obj\n%%EOF\n", 24}, "pdf"},
        {{"%PDF-1.4\n1 0 obj\n", 17}, NULL},
        {{"Words.\nMore words.\r\n\tEnd", 24}, "txt"},
        {{"\xef\xbb\xbf\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7", 13}, "txt"},
        {{"Words.\0", 7}, NULL},
        {{"Words \x1b[31m", 11}, NULL},
        {{"Words \xff", 7}, NULL},
        {{"<!doctype html><p>x", 19}, NULL},
        {{"{\\rtf1 x}", 9}, NULL},
    };
    struct media_header h;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool taken = sniff(rows[i].bytes, &h) == MEDIA_TAKEN;
        if (taken != (rows[i].ext != NULL) || (taken && !str_eq(media_type_ext(h.type), str_from(rows[i].ext))))
            fail_msg("document %zu", i);
    }
    // Characters across the pieces in which a long text is read.
    struct buf b;
    buf_init(&b, 1 << 18);
    buf_char(&b, 'x');
    while (b.n < 200000)
        buf_c(&b, "\xe6\x96\x87");
    assert_int_equal(sniff(buf_view(&b), &h), MEDIA_TAKEN);
    assert_int_equal(h.type, MEDIA_TXT);
    b.n--;
    assert_int_equal(sniff(buf_view(&b), &h), MEDIA_NOT_KNOWN);
    buf_fini(&b);
}

#define EBML "\x1a\x45\xdf\xa3\x87\x42\x82\x84webm"
#define INFO "\x15\x49\xa9\x66\x8e\x2a\xd7\xb1\x83\x0f\x42\x40\x44\x89\x84\x45\x7a\x00\x00" // 4,000 ms
#define TRACK(type) "\x16\x54\xae\x6b\x85\xae\x83\x83\x81" type
#define CLUSTER "\x1f\x43\xb6\x75\x80"
#define LIVE "\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff"
#define ROW(bytes, kind, ms)                                                                                           \
    { {bytes, sizeof(bytes) - 1}, kind, ms }

static void test_webm(void **state) {
    static const struct {
        struct str bytes;
        enum media_type type;
        int64_t ms; // -1: cut off
    } rows[] = {
        ROW(EBML LIVE INFO TRACK("\x01") CLUSTER, MEDIA_WEBM, 4000),
        ROW(EBML LIVE TRACK("\x01") INFO CLUSTER, MEDIA_WEBM, 4000),
        ROW(EBML LIVE TRACK("\x01") CLUSTER, MEDIA_WEBM, 0),
        ROW(EBML LIVE INFO TRACK("\x01"), MEDIA_WEBM, -1),
        ROW(EBML LIVE INFO TRACK("\x02") CLUSTER, MEDIA_UNKNOWN, -1),
        ROW("\x1a\x45\xdf\xa3\x8b\x42\x82\x88matroska" LIVE INFO TRACK("\x01") CLUSTER, MEDIA_UNKNOWN, -1),
        ROW(EBML "\x18\x53\x80\x67\xbf" INFO TRACK("\x01") CLUSTER, MEDIA_UNKNOWN, -1), // longer than the file
        ROW("\x1a\x45\xdf\xa3", MEDIA_UNKNOWN, -1),
        ROW(EBML "\0", MEDIA_UNKNOWN, -1),
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct media_source s = media_source_memory(rows[i].bytes);
        const char *other = NULL;
        int64_t ms;
        if (webm_kind(&s, &other) != rows[i].type || (rows[i].type == MEDIA_UNKNOWN) != (other != NULL))
            fail_msg("webm %zu: %s", i, other != NULL ? other : "taken");
        assert_int_equal(webm_duration(&s, &ms), rows[i].ms >= 0);
        if (rows[i].ms >= 0)
            assert_int_equal(ms, rows[i].ms);
    }
}

static void test_mp4_video(void **state) {
    struct buf b;
    struct media_header h;
    int64_t ms;
    (void)state;
    corpus_mp4(&b, "isom", "vide", "avc1", 90);
    struct media_source s = media_source_memory(buf_view(&b));
    assert_int_equal(media_sniff(&s, false, &h), MEDIA_TAKEN);
    assert_int_equal(h.type, MEDIA_MP4);
    assert_int_equal(boxes_video(&s, &ms), MEDIA_TAKEN);
    assert_int_equal(ms, 90000);
    s.memory.n -= 5;
    s.bytes -= 5;
    assert_int_equal(boxes_video(&s, &ms), MEDIA_BROKEN);
    buf_fini(&b);
    corpus_mp4(&b, "isom", "vide", "encv", 90);
    s = media_source_memory(buf_view(&b));
    assert_int_equal(boxes_video(&s, &ms), MEDIA_PROTECTED);
    buf_fini(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_archives_and_office_files),
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_webm),
        cmocka_unit_test(test_mp4_video),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
