// SPDX-License-Identifier: AGPL-3.0-or-later
// What can be tuned in to and what is on the air, as the site process knows it (private to src/main): the newest
// DIR/services.json and DIR/run/radio.json, looked at each second. Pages ask for it by site->on_air, and are made anew when
// what they show of it has changed; whoever else has to act on a change subscribes.
#ifndef MAIN_ON_AIR_H
#define MAIN_ON_AIR_H

#include "render/render.h"
#include "service/service.h"

struct on_air;
// Takes a first look. `configured`: the parameter radio_origin, "" when it is not set; `site_origin_set`: whether the site's
// own is, without which all of it is on this machine alone.
struct on_air *on_air_new(struct site *site, const char *configured, bool site_origin_set);
void on_air_free(struct on_air **o); // no page is made any more

// A new state was read, or the last one became old: then every stream of it is off the air. Both hold until it returns. On
// the main thread. Before the first state `before` is of no stream.
typedef void (*on_air_fn)(void *arg, const struct service_state *before, const struct service_state *now);
enum { ON_AIR_SUBSCRIBERS = 4 };
void on_air_subscribe(struct on_air *o, on_air_fn fn, void *arg); // main thread

void on_air_look(struct on_air *o); // main thread, each second
// Any thread; text in the arena. site->on_air leads here.
void on_air_get(struct on_air *o, struct arena *a, struct site_on_air *out);

#endif
