// SPDX-License-Identifier: AGPL-3.0-or-later
// Requests on DIR/control: whatever is accepted, written again, is the same bytes.
#include "main/control_frame.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct command_request request;
    size_t announced;
    if (size < CONTROL_HEAD_BYTES || control_head_parse(data, &announced) != RC_OK)
        return 0;
    struct str body = {(const char *)data + CONTROL_HEAD_BYTES, size - CONTROL_HEAD_BYTES};
    must(announced <= COMMAND_BYTES);
    if (control_parse(body, &request) != RC_OK)
        return 0;
    must(request.arg_count > 0 && request.arg_count <= COMMAND_ARGS_MAX);
    must(request.file_count <= COMMAND_FILES_MAX);
    struct buf again;
    buf_init(&again, size);
    control_put(&again, &request);
    must(!again.failed && str_eq(str_slice(buf_view(&again), CONTROL_HEAD_BYTES, again.n), body));
    buf_fini(&again);
    return 0;
}
