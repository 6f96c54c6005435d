// SPDX-License-Identifier: AGPL-3.0-or-later
// The courier process: takes one thing at a time that the station owes to the world outside (record's outbox), delivers
// it, and says how that went. It never sees the database; it can reach only the ports of the servers that the
// parameters name, and speaks with them by libcurl.
//
//   mail   RFC 5321 to the station's mail server; the letter is RFC 5322 with RFC 2045 and 2047, text in UTF-8
//   hook   HTTPS POST of the payload to hook_url, with an Idempotency-Key
//
// Whoever asks keeps the thing until it hears COURIER_DONE: so what is delivered may be delivered again, and the other end
// knows a repetition by its Message-ID or Idempotency-Key, which follow from the key.
#ifndef COURIER_COURIER_H
#define COURIER_COURIER_H

#include "util/util.h"

// ---- question and answer -------------------------------------------------------------------------------------------

enum { COURIER_KIND_ASK = 1, COURIER_KIND_REPORT = 2, COURIER_KIND_RENEW = 3 }; // of net's messages
enum {
    COURIER_CONNECT_SECONDS = 15,
    COURIER_SECONDS = 60, // for one delivery as a whole
    COURIER_ERROR_MAX = 300,
};
enum courier_outcome {
    COURIER_DONE = 1,
    COURIER_LATER = 2, // not now: no connection, a busy server, wrong login
    COURIER_NEVER = 3, // refused for good, or nothing that could be delivered
};
struct courier_order {
    struct str kind, key, payload; // as in the outbox
};
struct courier_report {
    enum courier_outcome outcome;
    struct str error; // one printable line for the system page, without a secret; at most COURIER_ERROR_MAX bytes
};
// RENEW, answered with the same: the courier ends, and the next one begins with the newest parameters.
// As bytes of a message. An order is "kind NUL key NUL payload". RC_TOO_BIG: more than a message holds.
enum rc courier_order_write(struct buf *out, const struct courier_order *order) MUST_USE;
enum rc courier_order_read(struct str bytes, struct courier_order *out) MUST_USE; // RC_INVALID; views of bytes
void courier_report_write(struct buf *out, const struct courier_report *report);
enum rc courier_report_read(struct str bytes, struct courier_report *out) MUST_USE; // RC_INVALID; views of bytes

// ---- letters -------------------------------------------------------------------------------------------------------

enum { LETTER_ADDRESS_MAX = 200, LETTER_LINE_MAX = 500, LETTER_TEXT_MAX = 16384, LETTER_MAX = 1 << 17 };

// An address as our headers and commands carry it: ASCII, one @, letters, digits and .!#$%&'*+/=?^_`{|}~- before it, a
// host name behind it. Narrower than RFC 5321 4.1.2: no quoted local parts, so nothing needs escaping.
bool letter_address_ok(struct str address);

// The payload of kind "mail": a JSON object of these fields, all of them there.
struct letter {
    char *to;         // an address
    struct str name;  // of the sender, as people read it
    struct str title; // one line
    struct str text;
    int64_t at_us; // of the Date header
};
// RC_INVALID: no such object, a wrong address, a control character in a line, too long. arena.
enum rc letter_read(struct arena *a, struct str payload, struct letter *out) MUST_USE;
// The letter as it goes to the server: lines end in CRLF and have 76 characters at most, every byte is ASCII. What
// stands in a header is encoded (RFC 2047), so no text can end it.
void letter_write(struct buf *out, const struct letter *letter, const char *from, struct str key);

// ---- the process -----------------------------------------------------------------------------------------------------

#define COURIER_PASSWORD_FILE "smtp-password"
enum { COURIER_TEXT_MAX = 256, COURIER_PASSWORD_MAX = 1 << 10 };
struct courier_process { // a row of the parent's table; texts may be empty
    int channel_fd;
    const char *dir;
    const char *smtp_server; // "smtp://host:587" (STARTTLS; none to loopback), "smtps://host:465" (TLS at once)
    // The file: from dir when it does not begin with "/". COURIER_PASSWORD_FILE may be missing: then there is none.
    const char *smtp_user, *smtp_password_file;
    const char *mail_from;
    const char *hook_url; // "https://host/path", or http:// to loopback
};
int courier_process_main(void *context); // struct courier_process
// What the parameters may say: of printable ASCII without blanks, no user or password in it. A mail server has no path; a
// hook's address is http:// only on this machine.
bool courier_smtp_server_ok(const char *url);
bool courier_hook_url_ok(const char *url);
// Whether that kind can be delivered with these parameters.
bool courier_can(const struct courier_process *c, struct str kind);

#endif
