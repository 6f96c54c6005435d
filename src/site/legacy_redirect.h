// SPDX-License-Identifier: AGPL-3.0-or-later
#ifndef SITE_LEGACY_REDIRECT_H
#define SITE_LEGACY_REDIRECT_H

#include "http/http.h"
#include "util/util.h"

// For an address that is none of ours: when the old K2 site had it and what it named is known here, one 301 to the
// canonical address; RC_NOT_FOUND otherwise.
enum rc legacy_redirect(struct http_request *req, struct http_reply *reply) MUST_USE;
// For a path at which nothing answers: one 301 when an imported page said that it had it; RC_NOT_FOUND otherwise.
enum rc legacy_path_answer(struct http_request *req, struct http_reply *reply) MUST_USE;

#endif
