// SPDX-License-Identifier: AGPL-3.0-or-later
// A QR code (ISO/IEC 18004, by libqrencode) as the path of an SVG: no picture file, no script, and nobody else is asked.
#include <qrencode.h>

#include "render/qr.h"

enum { QUIET = 4, TEXT_MAX = 600 }; // modules of quiet ground around it, as the standard asks

bool qr_draw(struct arena *a, struct str text, struct view_qr *out) {
    if (text.n > TEXT_MAX)
        return false;
    QRcode *code = QRcode_encodeString8bit(str_c(a, text), 0, QR_ECLEVEL_M);
    if (code == NULL)
        return false;
    struct buf path;
    buf_init(&path, 1 << 20);
    for (int y = 0; y < code->width; y++)
        for (int x = 0; x < code->width; x++)
            if ((code->data[y * code->width + x] & 1) != 0)
                buf_fmt(&path, "M%d %dh1v1h-1z", x + QUIET, y + QUIET);
    out->path = str_dup(a, buf_view(&path));
    out->side = code->width + 2 * QUIET;
    buf_fini(&path);
    QRcode_free(code);
    return true;
}
