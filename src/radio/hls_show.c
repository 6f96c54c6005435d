// SPDX-License-Identifier: AGPL-3.0-or-later
#include "radio/inside.h"

void hls_show(struct ask *ask) {
    client_refuse(ask, 404, NULL, "There is no such stream.");
}
