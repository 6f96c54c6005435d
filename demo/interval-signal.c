// SPDX-License-Identifier: AGPL-3.0-or-later
// interval-signal FILE.wav: writes the demo station's interval signal, five bells, as a WAV (11,025 Hz, 8 bits, one channel).
// interval-signal FILE.mp3 RATE KBPS: the same as what the demo's service plays round and round, until somebody sends.
#include <math.h>
#include <sndfile.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { RATE = 11025, SECONDS = 5, SAMPLES = RATE * SECONDS };

static const double notes[] = {392.00, 523.25, 440.00, 587.33, 523.25}; // g c a d c

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

// The bells at `t` seconds of the signal, between -1 and 1.
static double bells(double t) {
    double sum = 0;
    for (int n = 0; n < 5; n++)
        sum += bell(notes[n], t - 0.7 * n);
    return sum;
}

static int write_wav(const char *path) {
    FILE *f = fopen(path, "wb");
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
    for (int i = 0; i < SAMPLES; i++)
        put(f, (uint32_t)(128 + 80 * bells((double)i / RATE)), 1);
    return fclose(f) == 0 ? 0 : 1;
}

// Of one channel and a constant rate of bits; libsndfile counts from the most (0) to the least (1) of the rates there are.
static int write_mp3(const char *path, int rate, double kbps) {
    enum { LOOP_SECONDS = 8, LOOPS = 2 };
    SF_INFO info = {.samplerate = rate, .channels = 1, .format = SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III};
    SNDFILE *f = sf_open(path, SFM_WRITE, &info);
    double most = rate >= 32000 ? 320 : 160, least = rate >= 32000 ? 32 : 8, level = (most - kbps) / (most - least);
    int mode = SF_BITRATE_MODE_CONSTANT;
    if (f == NULL) {
        fprintf(stderr, "interval-signal: %s\n", sf_strerror(NULL));
        return 1;
    }
    bool set = sf_command(f, SFC_SET_COMPRESSION_LEVEL, &level, sizeof level) == SF_TRUE &&
               sf_command(f, SFC_SET_BITRATE_MODE, &mode, sizeof mode) == SF_TRUE; // in this order
    bool written = true;
    for (int i = 0; i < rate * LOOP_SECONDS * LOOPS; i++) {
        double sample = 0.55 * bells((double)(i % (rate * LOOP_SECONDS)) / rate);
        written = written && sf_writef_double(f, &sample, 1) == 1;
    }
    return sf_close(f) == 0 && set && written ? 0 : 1;
}

int main(int argc, char **argv) {
    if (argc == 2)
        return write_wav(argv[1]);
    return argc == 4 ? write_mp3(argv[1], atoi(argv[2]), atof(argv[3])) : 1;
}
