// SPDX-License-Identifier: AGPL-3.0-or-later
// What was typed into the contact form when the form was not taken (private to src/site).
#ifndef SITE_CONTACT_SHOW_H
#define SITE_CONTACT_SHOW_H

#include "http/http.h"

// Too many came from this reader's place: the form again, with everything in it. False: it is another failure, or form.
bool contact_give_back(struct http_request *req, struct http_reply *reply, int status);

#endif
