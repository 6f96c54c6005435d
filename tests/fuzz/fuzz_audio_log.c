// SPDX-License-Identifier: AGPL-3.0-or-later
// What stands in a log's files, whoever put it there: heads, records, titles and spans. What is taken keeps within its
// bounds, and written again it is the same. The first byte says what it is; sums are mended, or nothing would get past.
// And whole logs whose records are what came: listed as runs and as segments they keep within their bounds too.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audio/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD, RECORD, TITLES, SPANS, LISTS, KINDS, MENDED = 128 };

static void sum_put(char *p, uint32_t sum) {
    for (int i = 0; i < 4; i++)
        p[i] = (char)(uint8_t)(sum >> (8 * i));
}

static void head_try(char *p, size_t n, bool is_mended) {
    struct log_head head;
    uint8_t again[LOG_HEAD_BYTES];
    char name[LOG_NAME_BYTES];
    if (n < LOG_HEAD_BYTES)
        return;
    if (is_mended)
        sum_put(p + 32, log_sum((struct str){p, 32}));
    if (!log_head_get((const uint8_t *)p, &head))
        return;
    log_head_put(&head, again);
    must(memcmp(again, p, sizeof again) == 0);
    log_name_of(LOG_SOUND, &head, name);
    must(strchr(name, '/') == NULL && strlen(name) >= 26);
}

static void record_try(char *p, size_t n, bool is_mended) {
    struct log_run run;
    uint8_t again[LOG_RECORD_BYTES];
    if (n < LOG_RECORD_BYTES)
        return;
    if (is_mended)
        sum_put(p + 52, log_sum((struct str){p, 52}));
    if (!log_run_get((const uint8_t *)p, &run))
        return;
    must(run.bytes <= LOG_RUN_MAX && run.offset <= LOG_PART_MAX && log_run_end(&run) >= run.moment_us);
    log_run_put(&run, again);
    must(memcmp(again, p, sizeof again) == 0);
}

// The title in front as it would be were its sum right.
static void title_mend(char *p, size_t n) {
    size_t text = n < LOG_TITLE_HEAD ? 0 : (uint8_t)p[4] | (size_t)(uint8_t)p[5] << 8;
    struct buf b;
    if (n < LOG_TITLE_HEAD || text > n - LOG_TITLE_HEAD)
        return;
    buf_init(&b, 1 << 17);
    buf_add(&b, p, 20);
    buf_add(&b, p + LOG_TITLE_HEAD, text);
    sum_put(p + 20, log_sum(buf_view(&b)));
    buf_fini(&b);
}

static void titles_try(char *p, size_t n, bool is_mended) {
    struct str rest = {p, n};
    struct log_title title, again;
    struct buf b;
    if (is_mended)
        title_mend(p, n);
    buf_init(&b, 1 << 12);
    while (log_title_next(&rest, &title)) {
        must(title.text.n <= AUDIO_TITLE_BYTES && utf8_valid(title.text) && title.moment_us >= 0);
        buf_clear(&b);
        log_title_put(&b, &title);
        struct str one = buf_view(&b);
        must(log_title_next(&one, &again) && str_eq(again.text, title.text) && again.moment_us == title.moment_us);
    }
    must(rest.n == 0);
    buf_fini(&b);
}

static void spans_try(char *p, size_t n, bool is_mended) {
    struct arena *a = arena_new(1 << 18);
    struct audio_log_span *spans, *again;
    size_t count, count_again;
    struct buf b;
    if (is_mended && n >= LOG_SPANS_HEAD) {
        size_t whole = (n - LOG_SPANS_HEAD) / LOG_SPAN_BYTES;
        n = LOG_SPANS_HEAD + whole * LOG_SPAN_BYTES;
        sum_put(p + 8, (uint32_t)whole);
        sum_put(p + 12, log_sum((struct str){p + LOG_SPANS_HEAD, n - LOG_SPANS_HEAD}));
    }
    if (log_spans_get((struct str){p, n}, a, &spans, &count)) {
        must(count <= LOG_SPANS_MAX);
        buf_init(&b, LOG_SPANS_FILE_MAX);
        log_spans_put(&b, spans, count);
        must(log_spans_get(buf_view(&b), a, &again, &count_again) && count == count_again);
        for (size_t i = 0; i < count; i++)
            must(spans[i].to_us > spans[i].from_us && again[i].from_us == spans[i].from_us &&
                 log_spans_find(spans, count, spans[i].from_us, spans[i].to_us) != NULL);
        buf_fini(&b);
    }
    arena_free(&a);
}

// ---- whole logs --------------------------------------------------------------------------------------------------------

enum { FRAME = 72, RECORD_IN = 8, LOG_RECORDS = 200, SEGMENTS = 12 };

static void file_put(const char *dir, const char *name, struct str bytes) {
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    must(fd >= 0 && write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n);
    close(fd);
}

// Eight bytes make a record: how much later it is, how long, which flags, how many frames.
static void records_make(const uint8_t *p, size_t n, int64_t begun_us, struct buf *index, struct buf *sound) {
    static const uint8_t head[FRAME] = {0xff, 0xe3, 0x18, 0xc0};
    uint8_t bytes[LOG_RECORD_BYTES];
    int64_t moment = begun_us;
    for (size_t i = 0; i < n / RECORD_IN && i < LOG_RECORDS; i++, p += RECORD_IN) {
        moment += ((int64_t)p[0] << 8 | p[1]) * 400 - (p[6] == 255 ? 1000000 : 0);
        size_t at = sound->n;
        for (int frame = 0; frame <= p[4] % 8; frame++)
            buf_add(sound, head, sizeof head);
        struct log_run run = {.offset = at,
                              .moment_us = moment > 0 ? moment : 0,
                              .bytes = (uint32_t)(sound->n - at),
                              .lasts_us = (uint32_t)(p[2] << 8 | p[3]) * (p[6] == 254 ? 30000 : 20),
                              .flags = p[5] & 0x31,
                              .sum = p[6] == 253 ? 0 : log_sum(str_slice(buf_view(sound), at, sound->n))};
        log_run_put(&run, bytes);
        bytes[0] ^= p[7] == 255 ? 1 : 0; // damaged
        buf_add(index, bytes, sizeof bytes);
    }
}

static void log_list(const char *dir, int64_t begun_us) {
    struct audio_log_reader *r;
    struct audio_segment segments[SEGMENTS], one;
    struct audio_log_put_back back;
    uint32_t breaks, times[SEGMENTS];
    struct buf b;
    must(audio_log_reader_open(dir, &r, NULL) == RC_OK);
    buf_init(&b, AUDIO_SEGMENT_BYTES);
    int64_t first = begun_us / AUDIO_SEGMENT_US - 2;
    enum rc rc = audio_log_segments(r, AUDIO_MPEG, first, SEGMENTS, segments, &breaks);
    must(rc == RC_OK && breaks <= 2 * LOG_RECORDS);
    must(audio_log_put_back(r, &back) == RC_OK && back.times == 0);
    must(audio_log_segments_times(r, first, SEGMENTS, times) == RC_OK && times[0] == 0);
    for (size_t i = 0; i < SEGMENTS; i++) {
        must(segments[i].lasts_us <= AUDIO_SEGMENT_LASTS_US && segments[i].bytes <= AUDIO_SEGMENT_BYTES);
        must(segments[i].runs == 0 || segments[i].moment_us / AUDIO_SEGMENT_US == first + (int64_t)i);
        buf_clear(&b);
        rc = audio_log_segment(r, AUDIO_MPEG, first + (int64_t)i, &b, &one);
        must(one.bytes == b.n && one.lasts_us <= AUDIO_SEGMENT_LASTS_US && (rc == RC_OK) == (one.runs > 0));
    }
    buf_fini(&b);
    audio_log_reader_close(&r);
}

static void folder_remove(const char *folder, const struct log_head *parts, size_t n) {
    char name[LOG_NAME_BYTES], path[128];
    for (size_t i = 0; i < n; i++)
        for (enum log_file file = LOG_INDEX; file <= LOG_SOUND; file++) {
            log_name_of(file, &parts[i], name);
            (void)snprintf(path, sizeof path, "%s/%s", folder, name);
            (void)unlink(path);
        }
    (void)rmdir(folder);
}

static void part_put(const char *folder, const struct log_head *part, const char *p, size_t n, bool is_torn) {
    char name[LOG_NAME_BYTES];
    uint8_t head[LOG_HEAD_BYTES];
    struct buf index, sound;
    buf_init(&index, 1 << 20);
    buf_init(&sound, 1 << 20);
    log_head_put(part, head);
    buf_add(&index, head, sizeof head);
    records_make((const uint8_t *)p, n, part->begun_us, &index, &sound);
    index.n -= is_torn && index.n >= LOG_HEAD_BYTES + 7 ? 7 : 0;
    log_name_of(LOG_INDEX, part, name);
    file_put(folder, name, buf_view(&index));
    log_name_of(LOG_SOUND, part, name);
    file_put(folder, name, buf_view(&sound));
    buf_fini(&index);
    buf_fini(&sound);
}

// Three parts of the same bytes, the second and third where the last ones say: behind the one before, or over it.
static void lists_try(char *p, size_t n, bool is_mended) {
    char folder[] = "/tmp/siaran-fuzz-XXXXXX";
    const int64_t begun_us = INT64_C(1795953600) * US_PER_SECOND;
    struct log_head parts[] = {{.format = AUDIO_MPEG, .part = 1, .begun_us = begun_us},
                               {.format = AUDIO_MPEG, .part = 2, .begun_us = begun_us},
                               {.format = AUDIO_MPEG, .part = 3, .begun_us = begun_us}};
    size_t count = n >= 2 ? 3 : 1, third = n / count;
    must(mkdtemp(folder) != NULL);
    for (size_t i = 0; i < count; i++) {
        parts[i].begun_us += i > 0 ? (int8_t)p[n - i] * US_PER_SECOND / 2 : 0;
        part_put(folder, &parts[i], p + i * third, third, !is_mended && i + 1 == count);
    }
    log_list(folder, begun_us);
    folder_remove(folder, parts, count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static void (*const tries[KINDS])(char *, size_t, bool) = {head_try, record_try, titles_try, spans_try, lists_try};
    if (size < 1 || size > 1 << 16)
        return 0;
    char *copy = mem_new(size);
    memcpy(copy, data + 1, size - 1);
    tries[data[0] % MENDED % KINDS](copy, size - 1, data[0] >= MENDED);
    mem_free(copy);
    return 0;
}
