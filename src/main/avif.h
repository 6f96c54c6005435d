// SPDX-License-Identifier: AGPL-3.0-or-later
// A thread that asks the decoder for AVIF sizes of pictures that were taken (private to src/main). It gives way to
// everybody who uploads.
#ifndef MAIN_AVIF_H
#define MAIN_AVIF_H

#include "main/background.h"
#include "render/render.h"

struct background *avif_start(struct site *site); // after the station is open and the shelf is there

#endif
