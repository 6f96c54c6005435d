// SPDX-License-Identifier: AGPL-3.0-or-later
// interval-signal FILE: writes the demo station's interval signal, five bells, as a WAV (11,025 Hz, 8 bits, one channel).
#include <math.h>
#include <stdint.h>
#include <stdio.h>

enum { RATE = 11025, SECONDS = 5, SAMPLES = RATE * SECONDS };

static void put(FILE *f, uint32_t n, int bytes) {
    for (int i = 0; i < bytes; i++)
        fputc((int)(n >> 8 * i & 0xff), f);
}

// A struck bell: a tone and two that do not quite belong to it, dying away.
static double bell(double hertz, double t) {
    const double turn = 6.283185307179586;
    return t < 0 ? 0
                 : exp(-2.2 * t) * (0.6 * sin(turn * hertz * t) + 0.25 * sin(turn * 2.76 * hertz * t) * exp(-3 * t) +
                                    0.15 * sin(turn * 0.5 * hertz * t));
}

int main(int argc, char **argv) {
    static const double notes[] = {392.00, 523.25, 440.00, 587.33, 523.25}; // g c a d c
    FILE *f = argc == 2 ? fopen(argv[1], "wb") : NULL;
    if (f == NULL)
        return 1;
    fputs("RIFF", f);
    put(f, 36 + SAMPLES, 4);
    fputs("WAVEfmt ", f);
    put(f, 16, 4);
    put(f, 1, 2);
    put(f, 1, 2);
    put(f, RATE, 4);
    put(f, RATE, 4);
    put(f, 1, 2);
    put(f, 8, 2);
    fputs("data", f);
    put(f, SAMPLES, 4);
    for (int i = 0; i < SAMPLES; i++) {
        double sum = 0;
        for (int n = 0; n < 5; n++)
            sum += bell(notes[n], (double)i / RATE - 0.7 * n);
        put(f, (uint32_t)(128 + 80 * sum), 1);
    }
    return fclose(f) == 0 ? 0 : 1;
}
