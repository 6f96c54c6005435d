// SPDX-License-Identifier: AGPL-3.0-or-later
// What stands in a log's files, whoever put it there: heads, records, titles and spans. What is taken keeps within its
// bounds, and written again it is the same. The first byte says what it is; sums are mended, or nothing would get past.
#include "audio/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD, RECORD, TITLES, SPANS, KINDS, MENDED = 128 };

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static void (*const tries[KINDS])(char *, size_t, bool) = {head_try, record_try, titles_try, spans_try};
    if (size < 1 || size > 1 << 16)
        return 0;
    char *copy = mem_new(size);
    memcpy(copy, data + 1, size - 1);
    tries[data[0] % MENDED % KINDS](copy, size - 1, data[0] >= MENDED);
    mem_free(copy);
    return 0;
}
