// SPDX-License-Identifier: AGPL-3.0-or-later
// Tells the service manager how the station is doing: the datagrams of sd_notify(3) to $NOTIFY_SOCKET (private to
// src/main). Without that variable, or when nobody listens there, nothing happens.
#ifndef MAIN_NOTIFY_H
#define MAIN_NOTIFY_H

#include "util/util.h"

void notify_ready(struct str status); // one line for `systemctl status`
void notify_reloading(void);
void notify_stopping(void);

#endif
