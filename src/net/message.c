// SPDX-License-Identifier: AGPL-3.0-or-later
// The form of a message on a channel: filled by the sender, believed by the receiver only when everything fits.
#include "net/message.h"

void message_head_fill(struct message_head *head, const struct net_message *m) {
    *head = (struct message_head){
        .bytes = (uint32_t)m->body.n, .kind = m->kind, .number = m->number, .fds = (uint32_t)m->fd_count};
}

enum rc net_message_parse(struct str bytes, size_t fd_count, struct net_message *out) {
    struct message_head head;
    *out = (struct net_message){.fd_count = 0};
    if (bytes.n < sizeof head || bytes.n > sizeof head + NET_MESSAGE_BYTES)
        return RC_INVALID;
    memcpy(&head, bytes.p, sizeof head);
    if (head.bytes != bytes.n - sizeof head || head.fds != fd_count || fd_count > NET_MESSAGE_FDS || head.zero != 0)
        return RC_INVALID;
    out->kind = head.kind;
    out->number = head.number;
    out->body = str_slice(bytes, sizeof head, bytes.n);
    out->fd_count = fd_count;
    return RC_OK;
}
