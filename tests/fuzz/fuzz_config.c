// SPDX-License-Identifier: AGPL-3.0-or-later
// Any bytes as siaran.conf: refused with a sentence that names file and line, or every value within its row's bounds.
// The commented example says what the defaults say.
#include "main/config.c"
#include "main/config_table.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void row_changed(void *arg, const struct config_row *row) {
    must(row >= config_rows && row < config_rows + config_row_count);
    *(size_t *)arg += 1;
}

static size_t differences(const struct config *a, const struct config *b) {
    size_t count = 0;
    config_compare(a, b, row_changed, &count);
    return count;
}

// Every line of the example, the comment mark taken off where it hides a default, is the default.
static void texts_check(const struct config *defaults) {
    static struct config c;
    struct buf text;
    struct problem p = {""};
    buf_init(&text, 1 << 20);
    config_write_example(&text);
    must(config_parse(&c, "example", buf_view(&text), &p) == RC_OK && differences(&c, defaults) == 0);
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '#' && text.p[i + 1] != ' ')
            text.p[i] = ' ';
    must(config_parse(&c, "example", buf_view(&text), &p) == RC_OK && differences(&c, defaults) == 0);
    config_write_help(&text);
    config_write_man(&text);
    must(!text.failed && utf8_valid(buf_view(&text)));
    must(config_load(&c, "/nonexistent", &p) == RC_OK && differences(&c, defaults) == 0);
    buf_fini(&text);
}

static void values_check(const struct config *c) {
    for (size_t i = 0; i < config_row_count; i++) {
        const struct config_row *row = &config_rows[i];
        const char *field = (const char *)c + row->offset;
        if (row->kind == CONFIG_NUMBER)
            must(*(const int64_t *)field >= row->min && *(const int64_t *)field <= row->max);
        if (row->kind == CONFIG_SWITCH)
            must(*(const int64_t *)field == 0 || *(const int64_t *)field == 1);
        if (row->kind == CONFIG_LEVEL)
            must(*(const int64_t *)field >= LOG_DEBUG && *(const int64_t *)field <= LOG_ERROR);
        if (row->kind == CONFIG_ORIGIN || row->kind == CONFIG_NAME)
            must(memchr(field, '\0', CONFIG_TEXT_MAX) != NULL &&
                 strpbrk(field, "/ \t\r\n\"<>'\\") == strchr(field, '/'));
    }
    must(c->trusted_proxies.count <= CONFIG_PROXIES_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct config defaults, c;
    static bool started;
    if (!started) {
        started = true;
        config_defaults(&defaults);
        texts_check(&defaults);
    }
    struct problem p = {""};
    if (config_parse(&c, "siaran.conf", (struct str){(const char *)data, size}, &p) == RC_OK) {
        values_check(&c);
        (void)differences(&c, &defaults);
    } else {
        must(strncmp(p.text, "siaran.conf ", 12) == 0);
    }
    // The same bytes as the desk's file: nothing is refused as a whole, and nothing leaves its bounds.
    config_defaults(&c);
    config_add_desk(&c, "desk.conf", (struct str){(const char *)data, size});
    values_check(&c);
    must(c.user[0] == '\0' && c.access_log_file[0] == '\0' && c.in_file == 0);
    return 0;
}
