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

// What the desk shows of a value is what it would be set with: each text gives the same value back.
static void words_check(const struct config *c) {
    static struct config again;
    struct arena *a = arena_new(1 << 18);
    for (size_t i = 0; i < config_row_count; i++) {
        again = *c;
        must(config_set(&again, &config_rows[i], config_value_text(a, c, &config_rows[i]), NULL) == RC_OK);
        must(differences(&again, c) == 0);
    }
    arena_free(&a);
}

// The desk's file counts as a plain file and not as a link; what the board is given, it gives.
static void files_check(void) {
    static struct config c, other;
    char dir[] = "/tmp/fuzz-config-XXXXXX", path[64], target[64];
    struct problem p = {""};
    must(mkdtemp(dir) != NULL);
    (void)snprintf(path, sizeof path, "%s/desk.conf", dir);
    (void)snprintf(target, sizeof target, "%s/target", dir);
    must(file_write(path, STR("idle_seconds = 7\nuser = root\n"), 0600, &p) == RC_OK);
    must(config_load(&c, dir, &p) == RC_OK && c.idle_seconds == 7 && c.user[0] == '\0');
    must(rename(path, target) == 0 && symlink(target, path) == 0);
    must(config_load(&c, dir, &p) == RC_OK && c.idle_seconds == 60);
    must(unlink(path) == 0 && link(target, path) == 0);
    must(config_load(&c, dir, &p) == RC_OK && c.idle_seconds == 60);
    must(unlink(path) == 0 && unlink(target) == 0 && rmdir(dir) == 0);
    struct config_board *board = config_board_new();
    c.idle_seconds = 9;
    config_board_put(board, &c);
    config_board_get(board, &other);
    must(differences(&c, &other) == 0);
    other.loops = 7; // waits for a new start of the station
    other.idle_seconds = 8;
    config_take_reloadable(&c, &other);
    must(c.idle_seconds == 8 && c.loops != 7);
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
        if (row->kind == CONFIG_ORIGIN || row->kind == CONFIG_BASE || row->kind == CONFIG_NAME)
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
        files_check();
    }
    struct problem p = {""};
    if (config_parse(&c, "siaran.conf", (struct str){(const char *)data, size}, &p) == RC_OK) {
        values_check(&c);
        words_check(&c);
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
