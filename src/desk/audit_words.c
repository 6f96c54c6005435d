// SPDX-License-Identifier: AGPL-3.0-or-later
// See audit_words.h. The forms that are read here are written by: staff/account_save.c (describe), news/station_settings.c
// (described), desk/parameters_show.c, desk/backups_show.c, main/backups.c, news/section_edit.c, news/extra_field_edit.c,
// news/manuscript_step.c, news/message.c, news/comment.c, desk/services_change.c and import/page.c. What has another form is shown as it is.
#include "desk/audit_words.h"
#include "desk/services_words.h"
#include "desk/parts.h"

// PREFIX_KEY, where KEY is the program's own word: "sign-in", "command line".
static bool find_word(struct desk_visit *v, const char *prefix, struct str key, enum text_word *out) {
    struct str name = str_fmt(v->a, "%s_%.*s", prefix, STR_ARG(key));
    char *p = arena_take(v->a, name.n + 1);
    for (size_t i = 0; i < name.n; i++)
        p[i] = name.p[i] == '-' || name.p[i] == ' ' ? '_' : name.p[i];
    return text_word_find((struct str){p, name.n}, out);
}

static struct str word_or_itself(struct desk_visit *v, const char *prefix, struct str key) {
    enum text_word w;
    return find_word(v, prefix, key, &w) ? desk_word(v, w) : key;
}

struct str audit_kind_text(struct desk_visit *v, struct str kind) {
    return word_or_itself(v, "audit_kind", kind);
}

struct str audit_verb_text(struct desk_visit *v, struct str verb) {
    return word_or_itself(v, "audit_verb", verb);
}

struct str audit_who_text(struct desk_visit *v, const struct audit_who *who) {
    return who->account_id == 0 ? word_or_itself(v, "audit_who", who->name) : who->name;
}

// ---- what changed ------------------------------------------------------------------------------------------------------

static bool kind_is(const struct audit_entry *e, const char *kind) {
    return str_eq(e->kind, str_from(kind));
}

// "KEY: VALUE" or "KEY:"; false: it is none.
static bool split(struct str line, struct str *key, struct str *value) {
    size_t at;
    if (!str_find_char(line, ':', &at))
        return false;
    *key = str_slice(line, 0, at);
    *value = str_trim(str_slice(line, at + 1, line.n));
    return true;
}

static struct str part(struct desk_visit *v, struct str label, struct str value) {
    return text_phrase(v->a, v->lang, W_AUDIT_PART, 0, label, desk_isolated(v, value));
}

static struct str roles_text(struct desk_visit *v, struct str names) {
    struct str out = STR(""), name;
    while (str_next(&names, ' ', &name))
        out = str_fmt(v->a, "%.*s%s%.*s", STR_ARG(out), out.n > 0 ? ", " : "",
                      STR_ARG(word_or_itself(v, "desk_role", name)));
    return out;
}

static struct str account_line(struct desk_visit *v, struct str line) {
    struct str key, value;
    enum text_word label;
    if (!split(line, &key, &value) || !find_word(v, "audit_part", key, &label))
        return line;
    if (label == W_AUDIT_PART_ROLES)
        value = roles_text(v, value);
    else if (label == W_AUDIT_PART_STATE || str_eq(value, STR("all")))
        value = word_or_itself(v, "audit_value", value);
    return part(v, desk_word(v, label), value);
}

// KEY as its page calls it; "KEY (LANG)" is that of one language.
static struct str setting_label(struct desk_visit *v, struct str key) {
    size_t at;
    enum text_word w;
    struct str name = str_find_char(key, ' ', &at) ? str_slice(key, 0, at) : key;
    if (!find_word(v, "audit_part", name, &w) && !find_word(v, "param", name, &w) && !station_setting_label(name, &w))
        return key;
    if (name.n + 3 >= key.n)
        return desk_word(v, w);
    return text_phrase(v->a, v->lang, W_AUDIT_IN_LANGUAGE, 0, desk_word(v, w), str_slice(key, name.n + 2, key.n - 1));
}

static struct str setting_line(struct desk_visit *v, struct str line) {
    struct str key, value;
    if (!split(line, &key, &value))
        return setting_label(v, line);
    if (str_eq(key, STR("access_log")))
        value = desk_word(v, str_eq(value, STR("on")) ? W_PARAM_ON : W_PARAM_OFF);
    else if (str_eq(key, STR("smtp_password")))
        value = word_or_itself(v, "audit_value", value);
    return part(v, setting_label(v, key), value);
}

static struct str section_line(struct desk_visit *v, struct str line) {
    if (str_eq(line, STR("Program Highlight")))
        return desk_word(v, W_PROGRAM_HIGHLIGHT);
    return str_eq(line, STR("+ front page")) ? str_fmt(v->a, "+ %.*s", STR_ARG(desk_word(v, W_AUDIT_KIND_FRONT)))
                                             : line;
}

// "NAME (KIND)" is its first line; a name has no space.
static struct str field_line(struct desk_visit *v, struct str line) {
    size_t at;
    enum text_word w;
    if (!str_find_char(line, ' ', &at) || at + 3 >= line.n || line.p[line.n - 1] != ')' ||
        !find_word(v, "desk_field_kind", str_slice(line, at + 2, line.n - 1), &w))
        return line;
    return text_phrase(v->a, v->lang, W_AUDIT_IN_LANGUAGE, 0, str_slice(line, 0, at), desk_word(v, w));
}

static struct str numbered_line(struct desk_visit *v, struct str line) {
    struct str number = str_starts(line, STR("article ")) ? str_slice(line, 8, line.n) : STR_NONE;
    int64_t n;
    return number.n > 0 && str_to_i64(number, &n)
               ? str_fmt(v->a, "%.*s %.*s", STR_ARG(desk_word(v, W_AUDIT_KIND_ARTICLE)), STR_ARG(number))
               : line;
}

static struct str counted_line(struct desk_visit *v, struct str line) {
    struct str key, value;
    return split(line, &key, &value) && str_eq(key, STR("+ comments"))
               ? part(v, desk_word(v, W_AUDIT_PART_COMMENTS), value)
               : line;
}

static struct str backup_line(struct desk_visit *v, struct str line) {
    struct str key, value;
    return split(line, &key, &value) && str_eq(key, STR("not deleted"))
               ? part(v, desk_word(v, W_AUDIT_PART_NOT_DELETED), value)
               : line;
}

// What a failure is put down as.
static bool failure_text(struct desk_visit *v, struct str text, struct str *out) {
    static const struct {
        struct str text;
        enum text_word word;
    } rows[] = {{STR("not stored: a file could not be replaced"), W_AUDIT_NOT_STORED},
                {STR("given up, because the station ended"), W_AUDIT_GIVEN_UP},
                {STR("not enough room on the disk"), W_AUDIT_NO_ROOM}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (str_eq(text, rows[i].text)) {
            *out = desk_word(v, rows[i].word);
            return true;
        }
    return false;
}

// "2026-11-23T06:00:05Z – 2026-11-23T06:10:00Z" below the name of a stream: what was masked or pinned.
static bool span_line(struct desk_visit *v, struct str line, struct str *out) {
    struct str dash = STR(" – ");
    int64_t from, to;
    for (size_t at = 0; at + dash.n < line.n; at++)
        if (str_starts(str_slice(line, at, line.n), dash) && services_moment(str_slice(line, 0, at), &from) &&
            services_moment(str_slice(line, at + dash.n, line.n), &to)) {
            *out =
                str_fmt(v->a, "%.*s – %.*s", STR_ARG(services_span_text(v, from)), STR_ARG(services_span_text(v, to)));
            return true;
        }
    return false;
}

// "KEY: VALUE" below the name of a service, a stream ("voice-mp3") or a source ("voice-mp3/main").
static struct str service_line(struct desk_visit *v, struct str line) {
    struct str key, value, label;
    if (span_line(v, line, &value))
        return value;
    if (!split(line, &key, &value) || !services_label(v, key, &label))
        return line;
    if (str_eq(key, STR("kind")))
        value = word_or_itself(v, "service_kind", value);
    else if (str_eq(value, STR("on")) || str_eq(value, STR("off")))
        value = desk_word(v, str_eq(value, STR("on")) ? W_PARAM_ON : W_PARAM_OFF);
    return part(v, label, value);
}

static struct str line_text(struct desk_visit *v, const struct audit_entry *e, struct str line) {
    return kind_is(e, "account")                                                   ? account_line(v, line)
           : kind_is(e, "setting")                                                 ? setting_line(v, line)
           : kind_is(e, "section")                                                 ? section_line(v, line)
           : kind_is(e, "field")                                                   ? field_line(v, line)
           : kind_is(e, "comment")                                                 ? numbered_line(v, line)
           : kind_is(e, "article")                                                 ? counted_line(v, line)
           : kind_is(e, "backup")                                                  ? backup_line(v, line)
           : kind_is(e, "service") || kind_is(e, "stream") || kind_is(e, "source") ? service_line(v, line)
                                                                                   : line;
}

// Of a step of a manuscript and of a message that was moved: from which state. A manuscript's other rows hold headlines.
static bool state_text(struct desk_visit *v, const struct audit_entry *e, struct str text, struct str *out) {
    bool message = kind_is(e, "message") && str_eq(e->verb, STR("move"));
    bool step = kind_is(e, "manuscript") && !str_eq(e->verb, STR("save")) && !str_eq(e->verb, STR("take-over"));
    enum text_word w;
    if (!message && !(step && text.p == e->before.p))
        return false;
    if (!find_word(v, message ? "desk_messages" : "desk_state", text, &w))
        return false;
    *out = desk_word(v, w);
    return true;
}

static struct str side_text(struct desk_visit *v, const struct audit_entry *e, struct str text) {
    struct str out = STR(""), line;
    if (state_text(v, e, text, &out) || (str_eq(e->verb, STR("fail")) && failure_text(v, text, &out)))
        return out;
    for (bool more = false; str_next(&text, '\n', &line); more = true)
        out = str_fmt(v->a, "%.*s%s%.*s", STR_ARG(out), more ? "\n" : "", STR_ARG(line_text(v, e, line)));
    return out;
}

// The mark in front makes whoever goes by the first letter go by the desk's language, whatever it begins with.
struct str audit_change_text(struct desk_visit *v, const struct audit_entry *e) {
    bool rtl = text_lang_is_rtl(v->lang);
    struct str before = desk_isolated(v, side_text(v, e, e->before));
    struct str after = desk_isolated(v, side_text(v, e, e->after));
    if (e->before.n == 0 || e->after.n == 0)
        return str_fmt(v->a, "%s%.*s", rtl ? "\u200f" : "", STR_ARG(e->before.n == 0 ? after : before));
    return str_fmt(v->a, "%s%.*s %s %.*s", rtl ? "\u200f" : "", STR_ARG(before), rtl ? "←" : "→", STR_ARG(after));
}
