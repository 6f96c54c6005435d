// SPDX-License-Identifier: AGPL-3.0-or-later
// Orders to the courier and the letters in them: what is taken is written as lines of ASCII that nothing inside can end,
// and with exactly the headers that a letter has. A tab in the text may stay one (RFC 2045, 6.7).
#include "courier/letter.c"
#include "courier/wire.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_lines(struct str rest) {
    struct str line;
    size_t headers = 0;
    bool in_text = false;
    while (str_next(&rest, '\n', &line)) {
        // An address cannot be folded, and may be longer than a line should be (RFC 5322, 2.1.1: 998 at most).
        size_t most = !in_text && str_starts(line, STR("To: <")) ? LETTER_ADDRESS_MAX + 8 : 77;
        must(line.n == 0 ? rest.n == 0 : line.p[line.n - 1] == '\r' && line.n <= most);
        for (size_t i = 0; i + 1 < line.n; i++)
            must((line.p[i] >= ' ' && line.p[i] < 0x7f) || (in_text && line.p[i] == '\t'));
        in_text = in_text || line.n == 1;
        headers += !in_text && line.n > 1 && line.p[0] != ' ';
    }
    must(headers == 9);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str bytes = {(const char *)data, size};
    struct courier_report report;
    struct courier_order order;
    struct letter letter;
    (void)courier_report_read(bytes, &report);
    if (courier_order_read(bytes, &order) != RC_OK)
        order = (struct courier_order){STR("mail"), STR("key"), bytes};
    struct arena *a = arena_new(1 << 22);
    if (letter_read(a, order.payload, &letter) == RC_OK) {
        struct buf out;
        buf_init(&out, LETTER_MAX);
        letter_write(&out, &letter, "desk@station.test", order.key);
        must(!out.failed);
        check_lines(buf_view(&out));
        buf_fini(&out);
    }
    arena_free(&a);
    return 0;
}
