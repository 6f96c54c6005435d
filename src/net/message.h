// SPDX-License-Identifier: AGPL-3.0-or-later
// The head of a message on a channel (private to src/net). Its reader is net_message_parse.
#ifndef NET_MESSAGE_H
#define NET_MESSAGE_H

#include "net/net.h"

struct message_head {
    uint32_t bytes, kind;
    uint64_t number;
    uint32_t fds, zero;
};
_Static_assert(sizeof(struct message_head) == NET_MESSAGE_HEAD, "the head has no holes");

void message_head_fill(struct message_head *head, const struct net_message *m);

#endif
