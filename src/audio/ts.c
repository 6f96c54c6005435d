// SPDX-License-Identifier: AGPL-3.0-or-later
// Frames in a transport stream (ISO 13818-1, 2.4.3 and 2.4.4; RFC 8216, 3.2): two tables, then packets of sound. Several
// frames share a PES packet, for each of these costs a header and what its last transport packet has left over; how many
// is chosen so that little is left. A segment's last PES packet is spread over as many as make them a multiple of sixteen.
#include "audio/inside.h"

enum {
    PACKET = 188,
    PACKET_HEAD = 4,
    ROOM = PACKET - PACKET_HEAD,
    PCR_BYTES = 8, // of an adaptation field that holds one
    PES_HEAD = 14,
    PES_LENGTH_AT = 6,     // what its length does not count
    PES_TICKS_MAX = 45000, // at most 700 ms are between two times (2.7.4)
    PES_BYTES_MAX = 1 << 15,
    PCR_TICKS = 8100, // at most 100 ms are between two of them (2.7.2)
    COUNTERS = 16,
};
enum { PID_PAT = 0, PID_SOUND = 0x100, PID_PMT = 0x1000, PROGRAM = 1, STREAM_ID = 0xc0 };
enum { TYPE_MPEG1 = 3, TYPE_MPEG2 = 4, TYPE_ADTS = 15 };
static const uint64_t no_pcr = UINT64_MAX, clock_mask = (UINT64_C(1) << 33) - 1;

// ---- packets -----------------------------------------------------------------------------------------------------------

struct packet {
    unsigned pid, counter;
    bool begins;  // a table, or a PES packet
    uint64_t pcr; // or no_pcr
};

static void pcr_put(uint8_t *p, uint64_t pcr) {
    p[0] = (uint8_t)(pcr >> 25);
    p[1] = (uint8_t)(pcr >> 17);
    p[2] = (uint8_t)(pcr >> 9);
    p[3] = (uint8_t)(pcr >> 1);
    p[4] = (uint8_t)((pcr & 1) << 7 | 0x7e); // and nothing of its 27 MHz
    p[5] = 0;
}

static void packet_put(struct buf *b, struct packet packet, struct str payload) {
    uint8_t bytes[PACKET];
    size_t field = ROOM - payload.n;
    memset(bytes, 0xff, sizeof bytes);
    bytes[0] = 0x47;
    bytes[1] = (uint8_t)((packet.begins ? 0x40 : 0) | packet.pid >> 8);
    bytes[2] = (uint8_t)packet.pid;
    bytes[3] = (uint8_t)((field > 0 ? 0x30 : 0x10) | packet.counter % COUNTERS);
    if (field > 0)
        bytes[4] = (uint8_t)(field - 1);
    if (field > 1) // every frame may be begun with: random_access_indicator
        bytes[5] = (uint8_t)((packet.pcr != no_pcr ? 0x10 : 0) | (packet.begins && packet.pid == PID_SOUND ? 0x40 : 0));
    if (packet.pcr != no_pcr)
        pcr_put(bytes + 6, packet.pcr & clock_mask);
    memcpy(bytes + PACKET - payload.n, payload.p, payload.n);
    buf_add(b, bytes, sizeof bytes);
}

// ---- tables ------------------------------------------------------------------------------------------------------------

static uint32_t table_sum(const uint8_t *p, size_t n) {
    uint32_t sum = UINT32_MAX;
    for (size_t i = 0; i < n; i++) {
        sum ^= (uint32_t)p[i] << 24;
        for (int bit = 0; bit < 8; bit++)
            sum = sum << 1 ^ ((sum & 1u << 31) != 0 ? 0x04c11db7 : 0);
    }
    return sum;
}

// Behind a pointer byte, with its sum; the rest of the packet stays ones, as it must.
static void table_put(struct buf *b, unsigned pid, int64_t number, const uint8_t *table, size_t n) {
    uint8_t bytes[ROOM];
    uint32_t sum = table_sum(table, n);
    memset(bytes, 0xff, sizeof bytes);
    bytes[0] = 0;
    memcpy(bytes + 1, table, n);
    for (int i = 0; i < 4; i++)
        bytes[1 + n + (size_t)i] = (uint8_t)(sum >> (24 - 8 * i));
    packet_put(b, (struct packet){pid, (unsigned)(number & (COUNTERS - 1)), true, no_pcr},
               (struct str){(const char *)bytes, sizeof bytes});
}

static void tables_put(struct buf *b, int64_t number, uint8_t type) {
    const uint8_t pat[] = {0, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, PROGRAM, 0xe0 | PID_PMT >> 8, PID_PMT & 0xff};
    const uint8_t pmt[] = {2,
                           0xb0,
                           18,
                           0,
                           PROGRAM,
                           0xc1,
                           0,
                           0,
                           0xe0 | PID_SOUND >> 8,
                           PID_SOUND & 0xff,
                           0xf0,
                           0,
                           type,
                           0xe0 | PID_SOUND >> 8,
                           PID_SOUND & 0xff,
                           0xf0,
                           0};
    table_put(b, PID_PAT, number, pat, sizeof pat);
    table_put(b, PID_PMT, number, pmt, sizeof pmt);
}

// ---- sound -------------------------------------------------------------------------------------------------------------

struct frame {
    uint32_t bytes, samples, rate;
    uint8_t type; // of the stream it belongs to
};

static bool frame_at(enum audio_format format, struct str rest, struct frame *out) {
    struct audio_mpeg mpeg;
    struct audio_adts adts;
    const uint8_t *p = (const uint8_t *)rest.p;
    if (format == AUDIO_MPEG && rest.n >= AUDIO_MPEG_HEAD && audio_mpeg_read(p, &mpeg))
        *out = (struct frame){mpeg.bytes, mpeg.samples, mpeg.rate, mpeg.is_lsf ? TYPE_MPEG2 : TYPE_MPEG1};
    else if (format == AUDIO_AAC && rest.n >= AUDIO_ADTS_HEAD && audio_adts_read(p, &adts))
        *out = (struct frame){adts.bytes, adts.samples, adts.rate, TYPE_ADTS};
    else
        return false;
    return out->bytes > 0 && out->bytes <= rest.n;
}

struct pes {
    struct str frames;
    uint64_t begin, ticks, lead; // when the first is due, how long they last, how much earlier they come
    uint32_t packets, clocks;
};

static void pes_count(struct pes *pes) {
    size_t bytes = PES_HEAD + pes->frames.n;
    pes->clocks = (uint32_t)(pes->ticks / PCR_TICKS + 1);
    pes->packets = (uint32_t)((bytes + PCR_BYTES * pes->clocks + ROOM - 1) / ROOM);
    if (pes->packets < pes->clocks)
        pes->packets = pes->clocks;
}

struct muxer {
    enum audio_format format;
    struct str rest;
    uint64_t base, samples; // the moment of the first frame of this rate, and what came since
    uint32_t rate, counter;
};

static uint64_t ticks_of(uint64_t samples, uint32_t rate) {
    return (samples * 90000 + rate / 2) / rate;
}

static void rate_take(struct muxer *m) {
    struct frame frame;
    if (!frame_at(m->format, m->rest, &frame) || frame.rate == m->rate)
        return;
    m->base += m->rate > 0 ? ticks_of(m->samples, m->rate) : 0;
    m->samples = 0;
    m->rate = frame.rate;
}

// The frames that waste least of those that come next, all of one rate.
static struct pes pes_next(struct muxer *m) {
    struct frame frame;
    struct pes pes = {0}, best = {0};
    uint64_t samples, best_samples = 0;
    rate_take(m);
    samples = m->samples;
    for (struct str rest = m->rest; frame_at(m->format, rest, &frame); rest = str_slice(rest, frame.bytes, rest.n)) {
        uint64_t begin = ticks_of(m->samples, frame.rate),
                 ticks = ticks_of(samples + frame.samples, frame.rate) - begin;
        bool is_over = ticks > PES_TICKS_MAX || pes.frames.n + frame.bytes > PES_BYTES_MAX || frame.rate != m->rate;
        if (pes.frames.n > 0 && is_over)
            break;
        samples += frame.samples;
        pes.frames = str_slice(m->rest, 0, pes.frames.n + frame.bytes);
        pes.begin = m->base + begin;
        pes.ticks = ticks;
        pes.lead = 2 * ticks_of(frame.samples, frame.rate);
        pes_count(&pes);
        if ((uint64_t)pes.packets * best.frames.n <= (uint64_t)best.packets * pes.frames.n) {
            best = pes;
            best_samples = samples;
        }
    }
    m->rest = str_slice(m->rest, best.frames.n, m->rest.n);
    m->samples = best_samples;
    return best;
}

static void pes_head(const struct pes *pes, uint8_t out[PES_HEAD]) {
    size_t length = PES_HEAD - PES_LENGTH_AT + pes->frames.n;
    uint64_t at = pes->begin & clock_mask;
    const uint8_t head[PES_HEAD] = {0,
                                    0,
                                    1,
                                    STREAM_ID,
                                    (uint8_t)(length >> 8),
                                    (uint8_t)length,
                                    0x84, // data_alignment_indicator: a frame begins here
                                    0x80, // a PTS
                                    5,
                                    (uint8_t)(0x21 | (at >> 29 & 0x0e)),
                                    (uint8_t)(at >> 22),
                                    (uint8_t)(at >> 14 | 1),
                                    (uint8_t)(at >> 7),
                                    (uint8_t)(at << 1 | 1)};
    memcpy(out, head, sizeof head);
}

// As much as the others get, or what they would have no room for.
static size_t share(size_t left, size_t room, uint32_t packets_behind, uint32_t clocks_behind) {
    size_t room_behind = ROOM * (size_t)packets_behind - PCR_BYTES * (size_t)clocks_behind;
    size_t even = (left + packets_behind) / (packets_behind + 1), least = left > room_behind ? left - room_behind : 0;
    size_t take = even > least ? even : least;
    return take < room ? take : room;
}

static void pes_put(struct buf *b, struct muxer *m, const struct pes *pes, struct buf *whole) {
    uint8_t head[PES_HEAD];
    uint32_t clocks = pes->clocks;
    pes_head(pes, head);
    buf_clear(whole);
    buf_add(whole, head, sizeof head);
    buf_str(whole, pes->frames);
    size_t at = 0;
    for (uint32_t i = 0; i < pes->packets; i++) {
        bool has_pcr = i == 0 || i * pes->clocks / pes->packets != (i - 1) * pes->clocks / pes->packets;
        clocks -= has_pcr ? 1 : 0;
        size_t take = share(whole->n - at, has_pcr ? ROOM - PCR_BYTES : ROOM, pes->packets - 1 - i, clocks);
        uint64_t pcr = pes->begin + pes->ticks * at / whole->n - pes->lead;
        packet_put(b, (struct packet){PID_SOUND, m->counter++, i == 0, has_pcr ? pcr : no_pcr},
                   str_slice(buf_view(whole), at, at + take));
        at += take;
    }
    must(at == whole->n);
}

bool audio_ts(struct buf *b, enum audio_format format, struct str frames, int64_t moment_us, int64_t number) {
    struct muxer m = {.format = format, .rest = frames, .base = audio_clock(moment_us)};
    struct frame frame;
    struct str rest = frames;
    uint8_t type = 0;
    while (rest.n > 0 && frame_at(format, rest, &frame)) {
        type = type != 0 ? type : frame.type;
        rest = str_slice(rest, frame.bytes, rest.n);
    }
    if (rest.n > 0 || type == 0)
        return false;
    struct buf whole;
    buf_init(&whole, PES_HEAD + PES_BYTES_MAX + AUDIO_PIECE_MAX);
    tables_put(b, number, type);
    while (m.rest.n > 0) {
        struct pes pes = pes_next(&m);
        if (m.rest.n == 0)
            pes.packets += (COUNTERS - (m.counter + pes.packets) % COUNTERS) % COUNTERS;
        pes_put(b, &m, &pes, &whole);
    }
    buf_fini(&whole);
    return true;
}
