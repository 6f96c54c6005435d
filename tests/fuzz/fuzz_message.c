// SPDX-License-Identifier: AGPL-3.0-or-later
// Messages on a channel; the first byte is how many descriptors came along. What is accepted, sent again, has the same head.
#include "net/message.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct net_message m;
    if (size == 0)
        return 0;
    struct str bytes = {(const char *)data + 1, size - 1};
    if (net_message_parse(bytes, data[0], &m) != RC_OK) {
        must(m.body.n == 0 && m.fd_count == 0);
        return 0;
    }
    must(m.body.n + NET_MESSAGE_HEAD == bytes.n && m.fd_count == data[0]);
    struct message_head head;
    message_head_fill(&head, &m);
    must(memcmp(&head, bytes.p, sizeof head) == 0);
    return 0;
}
