// SPDX-License-Identifier: AGPL-3.0-or-later
// Addresses that the desk made lead on (private to src/site).
#ifndef SITE_REDIRECT_ANSWER_H
#define SITE_REDIRECT_ANSWER_H

#include "http/http.h"

// Ask when nothing else answers, once: it counts. RC_OK: the reply is made, the 301 or the page of what is gone (410);
// RC_NOT_FOUND: nobody said anything about it.
enum rc redirect_answer(struct http_request *req, struct http_reply *reply) MUST_USE;

#endif
