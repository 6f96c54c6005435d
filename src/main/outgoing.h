// SPDX-License-Identifier: AGPL-3.0-or-later
// A thread that hands what is due in the outbox to the courier, one at a time, and writes down how it went (private to
// src/main).
#ifndef MAIN_OUTGOING_H
#define MAIN_OUTGOING_H

#include "main/background.h"
#include "render/render.h"

struct outgoing;
// What the parameters cannot deliver waits untouched. `site` is borrowed; channel_fd is its end.
struct outgoing *outgoing_start(struct site *site, int channel_fd);
// The parameters may have changed: what is delivered from now on goes by them. Any thread.
void outgoing_renew(struct outgoing *o);
void outgoing_stop(struct outgoing **o);

#endif
