// SPDX-License-Identifier: AGPL-3.0-or-later
// Tells people when an alarm of the radio begins and when it is over (private to src/main): once, also when this process ends
// in between, and only of what lasts.
#ifndef MAIN_RADIO_ALARMS_H
#define MAIN_RADIO_ALARMS_H

#include "render/render.h"

enum { RADIO_ALARMS_HOLD_SECONDS = 10 }; // what comes and goes within it is told to nobody
struct radio_alarms;
struct radio_alarms *radio_alarms_new(struct site *site); // borrowed
void radio_alarms_free(struct radio_alarms **alarms);
void radio_alarms_look(struct radio_alarms *alarms, struct db *db); // main thread, each second; a reader of its own

#endif
