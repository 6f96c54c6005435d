// SPDX-License-Identifier: AGPL-3.0-or-later
// A connection over TLS whose answer comes out of a descriptor as plain bytes, so that who reads it need not know. libcurl
// verifies the other server and decrypts, on a thread for each tunnel: no handshake, no list of certificates and no loading of
// libcurl delays the sound of others.
//
//   the other server <- connected descriptor -> the tunnel's thread -> a pair of sockets -> who opened it
//
// Verified is the host's name against a certificate that libcurl_certificates() (net/libcurl.h) vouches for, from TLS 1.2 on;
// there is no way around it. Where the other side hangs up, or nothing came about, the plain descriptor comes to its end when
// all that came before has been read. Who reads slowly is waited for.
#ifndef RADIO_TUNNEL_H
#define RADIO_TUNNEL_H

#include "service/service.h"

struct tunnel;
// Takes over `fd`, which is connected and does not block. origin: "https://host:port". `ask` is what is sent through it, and
// all that is; both are copied. Never waits. *plain_out is the caller's: closing it ends the tunnel, whatever it is at.
// NULL: no thread or descriptor could be had, and fd is closed.
struct tunnel *tunnel_open(int fd, const char *origin, struct str ask, int *plain_out);
// When the plain descriptor has come to its end: what went wrong, in English. NULL: nothing, it was hung up on. The reason is
// SERVICE_REASON_NONE where it is not about who the other side is. Lives as long as the tunnel.
const char *tunnel_why(struct tunnel *tunnel, enum service_reason *reason_out);
void tunnel_drop(struct tunnel **tunnel); // beside closing the descriptor, before or after; NULL inside is fine

#endif
