// SPDX-License-Identifier: AGPL-3.0-or-later
// The page that stands in for an answer that failed (private to src/site).
#ifndef SITE_ERROR_SHOW_H
#define SITE_ERROR_SHOW_H

#include "http/http.h"

// Makes the reply, of that status: nothing else is asked about the address.
void error_show(struct http_request *req, int status, struct http_reply *reply);

#endif
