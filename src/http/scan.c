// SPDX-License-Identifier: AGPL-3.0-or-later
// Which bytes belong to which class; see scan.h.
#include "http/scan.h"

enum {
    TEXT = SCAN_TEXT,
    TOKEN = SCAN_TOKEN | TEXT,
    TARGET = SCAN_TARGET | TEXT,
    BOTH = TOKEN | TARGET,
    HOST = BOTH | SCAN_HOST,
};

const uint8_t scan_classes[256] = {
    ['\t'] = TEXT,  [' '] = TEXT,   ['!'] = BOTH,         ['"'] = TEXT,   ['#'] = TOKEN,          ['$' ... '\''] = BOTH,
    ['('] = TARGET, [')'] = TARGET, ['*'] = BOTH,         ['+'] = BOTH,   [','] = TARGET,         ['-'] = HOST,
    ['.'] = HOST,   ['/'] = TARGET, ['0' ... '9'] = HOST, [':'] = TARGET, [';'] = TARGET,         ['<'] = TEXT,
    ['='] = TARGET, ['>'] = TEXT,   ['?'] = TARGET,       ['@'] = TARGET, ['A' ... 'Z'] = HOST,   ['['] = TARGET,
    ['\\'] = TEXT,  [']'] = TARGET, ['^'] = BOTH,         ['_'] = HOST,   ['`'] = BOTH,           ['a' ... 'z'] = HOST,
    ['{'] = TARGET, ['|'] = BOTH,   ['}'] = TARGET,       ['~'] = BOTH,   [0x80 ... 0xff] = TEXT,
};
