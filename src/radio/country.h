// SPDX-License-Identifier: AGPL-3.0-or-later
// From which country an address is, by a MaxMind database (.mmdb) that the station's people bring: GeoLite2-Country,
// DB-IP's lite one or any other in which a record has country.iso_code. Private to src/radio.
#ifndef RADIO_COUNTRY_H
#define RADIO_COUNTRY_H

#include "net/net.h"

struct countries;
// Never fails: a file that cannot be used is said in the log. path NULL or empty: no country is ever known.
struct countries *countries_open(const char *path);
void countries_close(struct countries **c);
// Opens a file that took the place of the other; from a thread that may wait, whenever it likes. One that cannot be used
// leaves the other in use.
void countries_look(struct countries *c);
void countries_find(struct countries *c, const struct sockaddr *address, char out[3]); // "ID"; "-": not known

#endif
