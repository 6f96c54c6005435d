// SPDX-License-Identifier: AGPL-3.0-or-later
// Lines of listening sessions: what is taken is in one day and is written again as the same part. And any bytes as the
// User-Agent give a word that a line may hold.
#include "service/service.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str line = {(const char *)data, size};
    struct session_part part, same, named;
    struct buf b;
    must(strlen(player_word(line)) > 0 && player_name(str_from(player_word(line))).n < 40);
    if (!session_line_parse(line, &part))
        return 0;
    must(part.to_us >= part.from_us && part.to_us - part.from_us <= US_PER_DAY && part.before_us <= part.from_us);
    struct arena *a = arena_new(4096);
    must(session_file(a, "/s", session_day(part.from_us)).n >= strlen("/s/radio/sessions/1970-01-01.tsv"));
    arena_free(&a);
    named = part;
    named.player = str_from(player_word(line));
    buf_init(&b, SESSION_LINE_BYTES);
    session_line_write(&named, &b);
    must(!b.failed && session_line_parse(str_slice(buf_view(&b), 0, b.n - 1), &same));
    must(same.from_us == part.from_us && same.to_us == part.to_us && str_eq(same.service, part.service) &&
         str_eq(same.stream, part.stream) && same.kind == part.kind && same.format == part.format &&
         same.bytes == part.bytes && same.listener == part.listener && same.before_us == part.before_us &&
         same.session == part.session && str_eq(same.player, named.player) && strcmp(same.country, part.country) == 0);
    buf_fini(&b);
    return 0;
}
