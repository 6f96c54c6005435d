// SPDX-License-Identifier: AGPL-3.0-or-later
// A thread that hands what is due in the outbox to the courier, one at a time, and writes down how it went (private to
// src/main).
#ifndef MAIN_OUTGOING_H
#define MAIN_OUTGOING_H

#include "courier/courier.h"
#include "main/background.h"

struct outgoing;
// What the parameters cannot deliver waits untouched. `courier` and `store` are borrowed; channel_fd is the site's end.
struct outgoing *outgoing_start(struct store *store, const struct courier_process *courier, int channel_fd);
void outgoing_stop(struct outgoing **o);

#endif
