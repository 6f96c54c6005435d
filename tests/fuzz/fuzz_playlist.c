// SPDX-License-Identifier: AGPL-3.0-or-later
// A playlist that somebody else wrote: what comes out of it is an address that can be asked for, or nothing.
#include "audio/audio.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *a = arena_new(4 << 20);
    struct str all = {(const char *)data, size}, type = STR_NONE, path = STR_NONE, address;
    struct str rest = all;
    if (str_next(&rest, '\n', &type) && str_next(&rest, '\n', &path))
        (void)audio_playlist_is(type, path);
    enum rc rc = audio_playlist_first(a, all, &address);
    must(rc == RC_OK || rc == RC_NOT_FOUND || rc == RC_INVALID || (rc == RC_TOO_BIG && size > AUDIO_PLAYLIST_BYTES));
    must((rc == RC_OK) == (address.n > 0) && address.n <= AUDIO_PLAYLIST_ADDRESS_BYTES);
    for (size_t i = 0; i < address.n; i++)
        must((unsigned char)address.p[i] > ' ' && address.p[i] != 0x7f);
    arena_free(&a);
    return 0;
}
