// SPDX-License-Identifier: AGPL-3.0-or-later
// The thread that has AVIF sizes made of new pictures, one at a time, while no upload waits (private to src/main).
#ifndef MAIN_AVIF_H
#define MAIN_AVIF_H

#include "render/render.h"

struct avif;
struct avif *avif_start(struct site *site); // uses store, shelf, intake and dir until avif_stop
// False: it is at a picture, which may take longer than the station has to end. Then it is left alone with the shelf and
// the intake, which must stay until the process ends; it touches nothing else any more. The picture is made again.
bool avif_stop(struct avif **avif) MUST_USE;

#endif
