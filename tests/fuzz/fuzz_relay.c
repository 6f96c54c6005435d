// SPDX-License-Identifier: AGPL-3.0-or-later
// What another server answers to a relay: its head, where that leads, and titles between the sound. However it is cut, the same
// sound and the same titles come out, and not a byte more than was sent.
#include "radio/inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct heard {
    uint64_t sound, bytes, titles, sum;
};

static bool sound(void *arg, const char *p, size_t n) {
    struct heard *h = arg;
    must(n > 0);
    for (size_t i = 0; i < n; i++)
        h->sound = h->sound * 31 + (uint8_t)p[i];
    h->bytes += n;
    return true;
}

static bool title(void *arg, struct str text) {
    struct heard *h = arg;
    must(text.n < 255 * 16);
    h->titles++;
    h->sum = h->sum * 31 + hash_stable(text);
    return true;
}

static struct heard split(uint32_t metaint, const char *p, size_t n, size_t step) {
    struct heard h = {0};
    struct audio_icy_split s = {.metaint = metaint, .arg = &h, .sound = sound, .title = title};
    for (size_t at = 0; at < n; at += step)
        must(audio_icy_split_feed(&s, p + at, n - at < step ? n - at : step));
    audio_icy_split_fini(&s);
    must(h.bytes <= n);
    return h;
}

// Where it leads to can be put into a request, and leads to itself.
static void lead(struct str text) {
    struct relay_address from, to, again;
    char whole[RELAY_ORIGIN_BYTES + SERVICE_ADDRESS_BYTES];
    must(relay_address_read(STR("https://[::1]:8443/b/c?d"), &from));
    if (!relay_address_follow(&from, text, &to))
        return;
    must(to.host[0] != '\0' && to.path[0] == '/' && strpbrk(to.path, "\r\n #") == NULL);
    relay_address_origin(&to, whole);
    must(strpbrk(whole, "\r\n @") == NULL);
    memcpy(whole + strlen(whole), to.path, strlen(to.path) + 1);
    must(relay_address_read(str_from(whole), &again) && memcmp(&to, &again, sizeof to) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2)
        return 0;
    hash_start();
    struct str all = {(const char *)data + 2, size - 2};
    size_t end = 0;
    struct relay_answer said = {0};
    bool has_end = str_find(all, STR("\r\n\r\n"), &end);
    if (has_end && relay_head(str_slice(all, 0, end), STR("/a.m3u"), (enum audio_format)(data[0] % AUDIO_FORMATS),
                              &said) == RELAY_ELSEWHERE) {
        must(said.location.n > 0);
        lead(said.location);
    }
    uint32_t metaint = said.metaint > 0 ? said.metaint : 1 + (uint32_t)data[0];
    struct str body = str_slice(all, has_end ? end + 4 : 0, all.n);
    struct heard once = split(metaint, body.p, body.n, body.n + 1);
    struct heard parts = split(metaint, body.p, body.n, 1 + data[1] % 40);
    must(memcmp(&once, &parts, sizeof once) == 0);
    return 0;
}
