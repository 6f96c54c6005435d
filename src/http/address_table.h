// SPDX-License-Identifier: AGPL-3.0-or-later
// Who is connected how often, and who posted how much lately. An IPv6 network of 64 bits counts as one address.
#ifndef HTTP_ADDRESS_TABLE_H
#define HTTP_ADDRESS_TABLE_H

#include "net/net.h"

struct address_table; // shared by all loops
struct address_table *address_table_new(void);
void address_table_free(struct address_table **t);

// A keyed hash of the address; 0 for those that are not counted (unix sockets).
uint64_t address_key(const struct sockaddr *sa);
// False when the address has `limit` connections already (0 = no limit); every true is followed by one leave.
bool address_enter(struct address_table *t, uint64_t key, unsigned limit);
void address_leave(struct address_table *t, uint64_t key);
// A token bucket of `most` posts in a minute or in an hour, two for each address, refilled evenly; 0: no limit. False: too
// many.
enum address_span { ADDRESS_MINUTE, ADDRESS_HOUR, ADDRESS_SPANS };
bool address_may_post(struct address_table *t, uint64_t key, enum address_span span, unsigned most, int64_t now_us);
// Takes back one that was let through: nothing came of it. Never more than a full bucket.
void address_post_undo(struct address_table *t, uint64_t key, enum address_span span);

#endif
