// SPDX-License-Identifier: AGPL-3.0-or-later
// Cookie header values (RFC 6265 5.4 as sent by browsers).
#ifndef HTTP_COOKIE_H
#define HTTP_COOKIE_H

#include "util/util.h"

// The value of the first cookie of that name in one header value; borrowed from it. STR_NONE when absent or when the
// value holds bytes no cookie may hold.
struct str cookie_find(struct str header, struct str name);

#endif
