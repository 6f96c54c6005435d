// SPDX-License-Identifier: AGPL-3.0-or-later
// Reads DIR/siaran.conf and DIR/desk.conf by the table, and writes the texts that are made from the table.
#include "main/config.h"
#include "courier/courier.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 16 };

static const char *const level_names[] = {"debug", "info", "warn", "error"};

static void *field_of(struct config *c, const struct config_row *row) {
    return (char *)c + row->offset;
}

// ---- values --------------------------------------------------------------------------------------------------

static enum rc set_number(int64_t *field, const struct config_row *row, struct str value, struct problem *p) {
    int64_t n;
    if (!str_to_i64(value, &n) || n < row->min || n > row->max)
        return problem_set(p, RC_INVALID, "%s is a number of %s from %lld to %lld, not \"%.*s\"", row->name, row->unit,
                           (long long)row->min, (long long)row->max, STR_ARG(value));
    *field = n;
    return RC_OK;
}

static enum rc set_switch(int64_t *field, const struct config_row *row, struct str value, struct problem *p) {
    if (!str_eq(value, STR("on")) && !str_eq(value, STR("off")))
        return problem_set(p, RC_INVALID, "%s is on or off, not \"%.*s\"", row->name, STR_ARG(value));
    *field = str_eq(value, STR("on"));
    return RC_OK;
}

static enum rc set_level(int64_t *field, const struct config_row *row, struct str value, struct problem *p) {
    for (int i = LOG_DEBUG; i <= LOG_ERROR; i++)
        if (str_eq(value, str_from(level_names[i]))) {
            *field = i;
            return RC_OK;
        }
    return problem_set(p, RC_INVALID, "%s is debug, info, warn or error, not \"%.*s\"", row->name, STR_ARG(value));
}

static bool only_of(struct str s, const char *more) {
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!plain && (c == '\0' || strchr(more, c) == NULL))
            return false;
    }
    return true;
}

static enum rc set_text(char *field, struct str value, const struct config_row *row, struct problem *p) {
    if (value.n >= CONFIG_TEXT_MAX)
        return problem_set(p, RC_INVALID, "%s is longer than %d characters", row->name, CONFIG_TEXT_MAX - 1);
    memcpy(field, value.n > 0 ? value.p : "", value.n);
    field[value.n] = '\0';
    return RC_OK;
}

// "https://host[:port]" and no more: it is put in front of "/..." to make an address.
static bool is_origin(struct str s) {
    if (str_starts(s, STR("https://")))
        s = str_slice(s, 8, s.n);
    else if (str_starts(s, STR("http://")))
        s = str_slice(s, 7, s.n);
    else
        return false;
    return s.n > 0 && only_of(s, ".-:[]") && s.p[0] != ':' && s.p[s.n - 1] != ':';
}

static enum rc set_origin(char *field, const struct config_row *row, struct str value, struct problem *p) {
    if (value.n > 0 && !is_origin(value))
        return problem_set(p, RC_INVALID, "%s is like https://www.example.org, without a path, not \"%.*s\"", row->name,
                           STR_ARG(value));
    return set_text(field, value, row, p);
}

// An origin and "/radio", as a proxy may have something under; like an origin it is put in front of "/...".
static bool is_base(struct str s) {
    size_t host = str_starts(s, STR("https://")) ? 8 : 7, at;
    if (s.n <= host || !str_find_char(str_slice(s, host, s.n), '/', &at))
        return is_origin(s);
    struct str path = str_slice(s, host + at, s.n), part;
    if (!is_origin(str_slice(s, 0, host + at)))
        return false;
    str_next(&path, '/', &part); // what stands before the first one
    while (str_next(&path, '/', &part))
        if (part.n == 0 || !only_of(part, "_-.~") || part.p[0] == '.')
            return false;
    return true;
}

static enum rc set_base(char *field, const struct config_row *row, struct str value, struct problem *p) {
    if (value.n > 0 && !is_base(value))
        return problem_set(
            p, RC_INVALID,
            "%s is like https://radio.example.org or https://www.example.org/radio, with no slash at its "
            "end, not \"%.*s\"",
            row->name, STR_ARG(value));
    return set_text(field, value, row, p);
}

static enum rc set_name(char *field, const struct config_row *row, struct str value, struct problem *p) {
    if (!only_of(value, "_-.") || (value.n > 0 && value.p[0] == '-'))
        return problem_set(p, RC_INVALID, "%s is the name of a user, not \"%.*s\"", row->name, STR_ARG(value));
    return set_text(field, value, row, p);
}

static enum rc set_line(char *field, const struct config_row *row, struct str value, struct problem *p) {
    for (size_t i = 0; i < value.n; i++)
        if ((unsigned char)value.p[i] < ' ')
            return problem_set(p, RC_INVALID, "%s is %s, without control characters", row->name,
                               row->kind == CONFIG_PATH ? "the path of a file" : "one line");
    return set_text(field, value, row, p);
}

static enum rc set_mail(char *field, const struct config_row *row, struct str value, struct problem *p) {
    if (value.n > 0 && !letter_address_ok(value))
        return problem_set(p, RC_INVALID, "%s is an e-mail address, not \"%.*s\"", row->name, STR_ARG(value));
    return set_text(field, value, row, p);
}

static enum rc set_server(char *field, const struct config_row *row, struct str value, struct problem *p) {
    enum rc rc = set_line(field, row, value, p);
    if (rc != RC_OK || value.n == 0)
        return rc;
    if (row->kind == CONFIG_SMTP && !courier_smtp_server_ok(field))
        return problem_set(p, RC_INVALID,
                           "%s is like smtp://mail.example.org:587 or smtps://mail.example.org, not "
                           "\"%.*s\"",
                           row->name, STR_ARG(value));
    if (row->kind == CONFIG_HOOK && !courier_hook_url_ok(field))
        return problem_set(p, RC_INVALID,
                           "%s is like https://www.example.org/news (http:// to this machine only), not "
                           "\"%.*s\"",
                           row->name, STR_ARG(value));
    return RC_OK;
}

// A proxy's port differs from connection to connection, so only its host is given.
static enum rc set_proxies(struct config_proxies *field, const struct config_row *row, struct str value,
                           struct problem *p) {
    struct config_proxies list = {.count = 0};
    struct str part;
    while (str_next(&value, ' ', &part)) {
        if (part.n == 0)
            continue;
        char text[80];
        bool v6 = memchr(part.p, ':', part.n) != NULL && part.p[0] != '[';
        int n = snprintf(text, sizeof text, v6 ? "[%.*s]:0" : "%.*s:0", STR_ARG(part));
        if (list.count == CONFIG_PROXIES_MAX)
            return problem_set(p, RC_INVALID, "%s names more than %d proxies", row->name, CONFIG_PROXIES_MAX);
        if (n < 0 || (size_t)n >= sizeof text ||
            net_address_parse((struct str){text, (size_t)n}, &list.rows[list.count], NULL) != RC_OK)
            return problem_set(p, RC_INVALID, "%s: \"%.*s\" is no address like 127.0.0.1 or ::1", row->name,
                               STR_ARG(part));
        list.count++;
    }
    *field = list;
    return RC_OK;
}

enum rc config_set(struct config *c, const struct config_row *row, struct str value, struct problem *p) {
    void *field = field_of(c, row);
    switch (row->kind) {
    case CONFIG_ADDRESS:
        return net_address_parse(value, field, p);
    case CONFIG_ADDRESSES:
        return set_proxies(field, row, value, p);
    case CONFIG_ORIGIN:
        return set_origin(field, row, value, p);
    case CONFIG_BASE:
        return set_base(field, row, value, p);
    case CONFIG_NAME:
        return set_name(field, row, value, p);
    case CONFIG_PATH:
    case CONFIG_TEXT:
        return set_line(field, row, value, p);
    case CONFIG_MAIL:
        return set_mail(field, row, value, p);
    case CONFIG_SMTP:
    case CONFIG_HOOK:
        return set_server(field, row, value, p);
    case CONFIG_NUMBER:
        return set_number(field, row, value, p);
    case CONFIG_SWITCH:
        return set_switch(field, row, value, p);
    case CONFIG_LEVEL:
        return set_level(field, row, value, p);
    }
    must(false);
    return RC_INVALID;
}

static struct str number_text(struct arena *a, const struct config_row *row, const void *field) {
    int64_t n;
    memcpy(&n, field, sizeof n);
    if (row->kind == CONFIG_SWITCH)
        return n != 0 ? STR("on") : STR("off");
    if (row->kind == CONFIG_LEVEL)
        return n >= LOG_DEBUG && n <= LOG_ERROR ? str_from(level_names[n]) : STR("");
    return str_fmt(a, "%lld", (long long)n);
}

// Without the port that no proxy has, and without the brackets that only a port needs.
static struct str proxies_text(struct arena *a, const struct config_proxies *list) {
    struct str text = STR("");
    for (size_t i = 0; i < list->count; i++) {
        struct str one = net_address_text(a, &list->rows[i]);
        if (str_ends(one, STR(":0")))
            one = str_slice(one, 0, one.n - 2);
        if (one.n > 1 && one.p[0] == '[')
            one = str_slice(one, 1, one.n - 1);
        text = str_fmt(a, "%.*s%s%.*s", STR_ARG(text), i > 0 ? " " : "", STR_ARG(one));
    }
    return text;
}

struct str config_value_text(struct arena *a, const struct config *c, const struct config_row *row) {
    const void *field = (const char *)c + row->offset;
    switch (row->kind) {
    case CONFIG_ADDRESS:
        return net_address_text(a, field);
    case CONFIG_ADDRESSES:
        return proxies_text(a, field);
    case CONFIG_NUMBER:
    case CONFIG_SWITCH:
    case CONFIG_LEVEL:
        return number_text(a, row, field);
    case CONFIG_ORIGIN:
    case CONFIG_BASE:
    case CONFIG_NAME:
    case CONFIG_PATH:
    case CONFIG_TEXT:
    case CONFIG_MAIL:
    case CONFIG_SMTP:
    case CONFIG_HOOK:
        break;
    }
    return str_dup(a, str_from(field));
}

// ---- the file ------------------------------------------------------------------------------------------------

void config_defaults(struct config *c) {
    *c = (struct config){0};
    for (size_t i = 0; i < config_row_count; i++)
        must(config_set(c, &config_rows[i], str_from(config_rows[i].otherwise), NULL) == RC_OK);
}

const struct config_row *config_row_find(struct str name) {
    for (size_t i = 0; i < config_row_count; i++)
        if (str_eq(name, str_from(config_rows[i].name)))
            return &config_rows[i];
    return NULL;
}

static enum rc parse_line(struct config *c, struct str key, struct str value, uint64_t *seen, struct problem *p) {
    const struct config_row *row = config_row_find(key);
    if (value.p == NULL)
        return problem_set(p, RC_INVALID, "\"%.*s\" is not of the form key = value", STR_ARG(key));
    if (row == NULL)
        return problem_set(p, RC_INVALID, "there is no parameter \"%.*s\"; siaran --help-config lists them",
                           STR_ARG(key));
    uint64_t bit = UINT64_C(1) << (row - config_rows);
    if (*seen & bit)
        return problem_set(p, RC_INVALID, "%s is given twice", row->name);
    *seen |= bit;
    return config_set(c, row, value, p);
}

// Over what is there.
static enum rc add_file(struct config *c, const char *path, struct str text, struct problem *p) {
    struct lines lines = {.rest = text};
    struct str key, value;
    uint64_t seen = 0;
    if (!utf8_valid(text))
        return problem_set(p, RC_INVALID, "%s is not UTF-8 text", path);
    while (lines_next(&lines, '=', &key, &value)) {
        struct problem inner = {""};
        if (parse_line(c, key, value, &seen, &inner) != RC_OK)
            return problem_set(p, RC_INVALID, "%s line %u: %s", path, lines.number, inner.text);
    }
    c->in_file = seen;
    c->at_desk &= ~seen;
    return RC_OK;
}

enum rc config_parse(struct config *c, const char *path, struct str text, struct problem *p) {
    config_defaults(c);
    return add_file(c, path, text, p);
}

void config_add_desk(struct config *c, const char *path, struct str text) {
    struct lines lines = {.rest = text};
    struct str key, value;
    while (lines_next(&lines, '=', &key, &value)) {
        const struct config_row *row = config_row_find(key);
        bool counts = row != NULL && row->desk && value.p != NULL && utf8_valid(value) &&
                      config_set(c, row, value, NULL) == RC_OK;
        if (counts)
            c->at_desk |= UINT64_C(1) << (row - config_rows);
        else
            log_warn("%s line %u is left out: no parameter of the desk's, or not a value of it", path, lines.number);
    }
}

// The site process writes it, and the parent, who may be root, reads it: no link leads to another's file.
static void load_desk(struct config *c, const char *dir) {
    struct arena *a = arena_new(1 << 16);
    const char *path = str_fmt(a, "%s/desk.conf", dir).p;
    static char text[FILE_MAX];
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1) {
        ssize_t got = read(fd, text, sizeof text);
        if (got > 0)
            config_add_desk(c, path, (struct str){text, (size_t)got});
    } else if (fd >= 0)
        log_warn("%s is not a plain file; it is left out", path);
    if (fd >= 0)
        close(fd);
    arena_free(&a);
}

enum rc config_load(struct config *c, const char *dir, struct problem *p) {
    struct arena *a = arena_new(1 << 16);
    struct buf text;
    buf_init(&text, FILE_MAX);
    const char *path = str_fmt(a, "%s/siaran.conf", dir).p;
    config_defaults(c);
    load_desk(c, dir);
    enum rc rc = file_read(path, &text, p);
    if (rc == RC_OK)
        rc = add_file(c, path, buf_view(&text), p);
    else if (rc == RC_NOT_FOUND)
        rc = RC_OK;
    buf_fini(&text);
    arena_free(&a);
    return rc;
}

static size_t size_of(const struct config_row *row) {
    switch (row->kind) {
    case CONFIG_ADDRESS:
        return sizeof(struct net_address);
    case CONFIG_ADDRESSES:
        return sizeof(struct config_proxies);
    case CONFIG_ORIGIN:
    case CONFIG_BASE:
    case CONFIG_NAME:
    case CONFIG_PATH:
    case CONFIG_TEXT:
    case CONFIG_MAIL:
    case CONFIG_SMTP:
    case CONFIG_HOOK:
        return CONFIG_TEXT_MAX;
    case CONFIG_NUMBER:
    case CONFIG_SWITCH:
    case CONFIG_LEVEL:
        return sizeof(int64_t);
    }
    return 0;
}

// Fields are compared as bytes: both sides began as zeroed memory.
void config_compare(const struct config *a, const struct config *b,
                    void (*changed)(void *arg, const struct config_row *row), void *arg) {
    for (size_t i = 0; i < config_row_count; i++) {
        const struct config_row *row = &config_rows[i];
        if (memcmp((const char *)a + row->offset, (const char *)b + row->offset, size_of(row)) != 0)
            changed(arg, row);
    }
}

void config_take_reloadable(struct config *now, const struct config *fresh) {
    for (size_t i = 0; i < config_row_count; i++) {
        const struct config_row *row = &config_rows[i];
        if (row->when != CONFIG_WITH_STATION)
            memcpy((char *)now + row->offset, (const char *)fresh + row->offset, size_of(row));
    }
    now->in_file = fresh->in_file;
    now->at_desk = fresh->at_desk;
}

// ---- the board -----------------------------------------------------------------------------------------------

struct config_board *config_board_new(void) {
    void *memory = mmap(NULL, sizeof(struct config_board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    must(memory != MAP_FAILED);
    return memory;
}

void config_board_put(struct config_board *board, const struct config *c) {
    unsigned next = atomic_load(&board->number) + 1;
    board->values[next % 2] = *c;
    atomic_store(&board->number, next);
}

// Two changes while this copies would write into what is being read: then it is read again.
void config_board_get(struct config_board *board, struct config *out) {
    unsigned number;
    do {
        number = atomic_load(&board->number);
        *out = board->values[number % 2];
        atomic_thread_fence(memory_order_acquire);
    } while (atomic_load(&board->number) != number);
}

// ---- texts made from the table -------------------------------------------------------------------------------

// Breaks a description into lines of at most `width` characters, each after `prefix`.
static void write_wrapped(struct buf *out, const char *prefix, struct str text, size_t width) {
    size_t used = 0;
    struct str word;
    while (str_next(&text, ' ', &word)) {
        if (used > 0 && used + 1 + word.n > width) {
            buf_char(out, '\n');
            used = 0;
        }
        if (used == 0)
            buf_c(out, prefix);
        else
            buf_char(out, ' ');
        buf_str(out, word);
        used += word.n + 1;
    }
    buf_char(out, '\n');
}

static void write_range(struct buf *out, const struct config_row *row) {
    if (row->kind == CONFIG_NUMBER)
        buf_fmt(out, "%lld to %lld %s; ", (long long)row->min, (long long)row->max, row->unit);
    buf_fmt(out, "default: %s", row->otherwise[0] != '\0' ? row->otherwise : "empty");
    buf_c(out, row->when != CONFIG_AT_ONCE ? "; a change needs a restart" : "; a change needs a reload only");
    if (!row->desk)
        buf_c(out, "; the desk cannot set it");
}

void config_write_help(struct buf *out) {
    buf_c(out, "Parameters of DIR/siaran.conf, one \"key = value\" a line:\n\n");
    for (size_t i = 0; i < config_row_count; i++) {
        buf_fmt(out, "%s\n", config_rows[i].name);
        write_wrapped(out, "    ", str_from(config_rows[i].description), 96);
        buf_c(out, "    (");
        write_range(out, &config_rows[i]);
        buf_c(out, ")\n");
    }
}

void config_write_example(struct buf *out) {
    buf_c(out,
          "# Technical parameters of this station. Every line is commented out and shows the default.\n"
          "# After a change: reload (systemctl reload, or SIGHUP to the first process), or restart where it says so.\n"
          "# What stands here counts; what does not may be set at the desk, which keeps it in desk.conf.\n");
    for (size_t i = 0; i < config_row_count; i++) {
        const struct config_row *row = &config_rows[i];
        buf_char(out, '\n');
        write_wrapped(out, "# ", str_from(row->description), 96);
        buf_c(out, "# (");
        write_range(out, row);
        buf_fmt(out, ")\n#%s =%s%s\n", row->name, row->otherwise[0] != '\0' ? " " : "", row->otherwise);
    }
}

void config_write_man(struct buf *out) {
    for (size_t i = 0; i < config_row_count; i++) {
        buf_fmt(out, ".TP\n.B %s\n", config_rows[i].name);
        write_wrapped(out, "", str_from(config_rows[i].description), 96);
        buf_c(out, "(");
        write_range(out, &config_rows[i]);
        buf_c(out, ")\n");
    }
}
