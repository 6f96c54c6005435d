// SPDX-License-Identifier: AGPL-3.0-or-later
// Orders and reports as bytes.
#include "courier/courier.h"
#include "net/net.h"

enum rc courier_order_write(struct buf *out, const struct courier_order *order) {
    if (order->kind.n + order->key.n + order->payload.n + 2 > NET_MESSAGE_BYTES)
        return RC_TOO_BIG;
    buf_str(out, order->kind);
    buf_char(out, '\0');
    buf_str(out, order->key);
    buf_char(out, '\0');
    buf_str(out, order->payload);
    return out->failed ? RC_TOO_BIG : RC_OK;
}

enum rc courier_order_read(struct str bytes, struct courier_order *out) {
    *out = (struct courier_order){.payload = bytes};
    if (!str_next(&out->payload, '\0', &out->kind) || !str_next(&out->payload, '\0', &out->key))
        return RC_INVALID;
    bool whole = out->kind.n > 0 && out->key.n > 0 && out->payload.n > 0;
    return whole && utf8_valid(bytes) && memchr(out->payload.p, '\0', out->payload.n) == NULL ? RC_OK : RC_INVALID;
}

void courier_report_write(struct buf *out, const struct courier_report *report) {
    struct str error = utf8_cut(report->error, COURIER_ERROR_MAX);
    buf_char(out, (char)report->outcome);
    for (size_t i = 0; i < error.n; i++)
        buf_char(out, error.p[i] >= ' ' && error.p[i] < 0x7f ? error.p[i] : '?');
}

enum rc courier_report_read(struct str bytes, struct courier_report *out) {
    if (bytes.n == 0 || bytes.n > 1 + COURIER_ERROR_MAX || bytes.p[0] < COURIER_DONE || bytes.p[0] > COURIER_NEVER)
        return RC_INVALID;
    *out = (struct courier_report){(enum courier_outcome)bytes.p[0], str_slice(bytes, 1, bytes.n)};
    for (size_t i = 0; i < out->error.n; i++)
        if (out->error.p[i] < ' ' || out->error.p[i] >= 0x7f)
            return RC_INVALID;
    return RC_OK;
}
