// SPDX-License-Identifier: AGPL-3.0-or-later
// The file and port rules of a sandbox (private to src/net). Kernel interface: landlock(7), Documentation/userspace-api/
// landlock.rst.
#ifndef NET_LANDLOCK_H
#define NET_LANDLOCK_H

#include "net/net.h"

// Restricts this thread by the sandbox's paths and ports, as far as the kernel can; no_new_privs is set before. Without
// Landlock RC_OK, and a line in the log when something is left unenforced.
enum rc landlock_enter(const struct net_sandbox *sandbox, struct problem *p) MUST_USE;

#endif
