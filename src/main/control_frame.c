// SPDX-License-Identifier: AGPL-3.0-or-later
// The bytes of a control request, written and read back. The reader trusts nothing: every size is compared with what
// is left and with its limit before it is used.
#include "main/control.h"

static const char magic[8] = {'S', 'I', 'A', 'R', 'A', 'N', '0', '1'};

static uint64_t get_number(const uint8_t *p, size_t n) {
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++)
        value = value << 8 | p[i];
    return value;
}

static void put_number(struct buf *out, uint64_t value, size_t n) {
    for (size_t i = n; i > 0; i--)
        buf_char(out, (char)(uint8_t)(value >> (8 * (i - 1))));
}

enum rc control_head_parse(const uint8_t head[CONTROL_HEAD_BYTES], size_t *size_out) {
    if (memcmp(head, magic, sizeof magic) != 0)
        return RC_INVALID;
    uint64_t size = get_number(head + 8, 8);
    if (size > COMMAND_BYTES)
        return RC_TOO_BIG;
    *size_out = (size_t)size;
    return RC_OK;
}

static bool take_u32(struct str *rest, uint32_t *out) {
    if (rest->n < 4)
        return false;
    *out = (uint32_t)get_number((const uint8_t *)rest->p, 4);
    *rest = str_slice(*rest, 4, rest->n);
    return true;
}

static enum rc take_text(struct str *rest, size_t max, struct str *out) {
    uint32_t size;
    if (!take_u32(rest, &size))
        return RC_INVALID;
    if (size > max)
        return RC_TOO_BIG;
    if (size > rest->n)
        return RC_INVALID;
    *out = str_slice(*rest, 0, size);
    *rest = str_slice(*rest, size, rest->n);
    return RC_OK;
}

static enum rc take_count(struct str *rest, size_t max, size_t *out) {
    uint32_t count;
    if (!take_u32(rest, &count))
        return RC_INVALID;
    *out = count;
    return count <= max ? RC_OK : RC_TOO_BIG;
}

// Words are given to code that expects text.
static bool is_word(struct str s) {
    return utf8_valid(s) && (s.n == 0 || memchr(s.p, '\0', s.n) == NULL);
}

static enum rc take_args(struct str *rest, struct command_request *out) {
    size_t count;
    enum rc rc = take_count(rest, COMMAND_ARGS_MAX, &count);
    for (size_t i = 0; rc == RC_OK && i < count; i++) {
        rc = take_text(rest, COMMAND_ARG_BYTES, &out->args[i]);
        if (rc == RC_OK && !is_word(out->args[i]))
            rc = RC_INVALID;
        if (rc == RC_OK)
            out->arg_count++;
    }
    return rc;
}

static enum rc take_files(struct str *rest, struct command_request *out) {
    size_t count;
    enum rc rc = take_count(rest, COMMAND_FILES_MAX, &count);
    for (size_t i = 0; rc == RC_OK && i < count; i++) {
        rc = take_text(rest, COMMAND_ARG_BYTES, &out->files[i].name);
        if (rc == RC_OK && !is_word(out->files[i].name))
            rc = RC_INVALID;
        if (rc == RC_OK)
            rc = take_text(rest, COMMAND_FILE_BYTES, &out->files[i].bytes);
        if (rc == RC_OK)
            out->file_count++;
    }
    return rc;
}

enum rc control_parse(struct str body, struct command_request *out) {
    out->arg_count = 0;
    out->file_count = 0;
    enum rc rc = take_args(&body, out);
    if (rc == RC_OK)
        rc = take_files(&body, out);
    if (rc == RC_OK && (body.n != 0 || out->arg_count == 0))
        rc = RC_INVALID;
    return rc;
}

static void put_text(struct buf *out, struct str text) {
    put_number(out, text.n, 4);
    buf_str(out, text);
}

void control_put(struct buf *out, const struct command_request *request) {
    uint64_t size = 8;
    for (size_t i = 0; i < request->arg_count; i++)
        size += 4 + request->args[i].n;
    for (size_t i = 0; i < request->file_count; i++)
        size += 8 + request->files[i].name.n + request->files[i].bytes.n;
    buf_add(out, magic, sizeof magic);
    put_number(out, size, 8);
    put_number(out, request->arg_count, 4);
    for (size_t i = 0; i < request->arg_count; i++)
        put_text(out, request->args[i]);
    put_number(out, request->file_count, 4);
    for (size_t i = 0; i < request->file_count; i++) {
        put_text(out, request->files[i].name);
        put_text(out, request->files[i].bytes);
    }
}
