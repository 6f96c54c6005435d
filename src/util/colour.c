// SPDX-License-Identifier: AGPL-3.0-or-later
// Colours and how well they can be read: relative luminance and contrast ratio as WCAG 2.2 defines them.
#include <math.h>

#include "util/util.h"

bool colour_parse(struct str text, struct colour *out) {
    uint8_t rgb[3];
    if (text.n != 7 || text.p[0] != '#' || !hex_get(str_slice(text, 1, 7), rgb, sizeof rgb))
        return false;
    *out = (struct colour){rgb[0], rgb[1], rgb[2]};
    return true;
}

struct str colour_text(struct arena *a, struct colour c) {
    return str_fmt(a, "#%02x%02x%02x", c.red, c.green, c.blue);
}

static double linear(uint8_t part) {
    double c = part / 255.0;
    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double luminance(struct colour c) {
    return 0.2126 * linear(c.red) + 0.7152 * linear(c.green) + 0.0722 * linear(c.blue);
}

// Cut, not rounded: 4.499 is not 4.5.
int colour_contrast(struct colour l, struct colour r) {
    double a = luminance(l), b = luminance(r);
    return (int)(100 * (fmax(a, b) + 0.05) / (fmin(a, b) + 0.05));
}

static uint8_t mixed(uint8_t from, uint8_t to, int percent) {
    return (uint8_t)((from * (100 - percent) + to * percent + 50) / 100);
}

struct colour colour_readable(struct colour c, struct colour ground, int least) {
    bool darker = luminance(ground) > 0.18; // where black and white are read equally well
    uint8_t end = darker ? 0 : 255;
    struct colour best = c;
    for (int percent = 0; percent <= 100 && colour_contrast(best, ground) < least; percent++)
        best = (struct colour){mixed(c.red, end, percent), mixed(c.green, end, percent), mixed(c.blue, end, percent)};
    return best;
}
