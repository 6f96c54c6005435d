// SPDX-License-Identifier: AGPL-3.0-or-later
// The words a new station begins with, in each language: names of sections and pages, and texts that say no more
// than is true of a station that has written nothing yet.
#ifndef NEWS_STATION_STARTER_H
#define NEWS_STATION_STARTER_H

#include "text/text.h"

enum starter_page {
    STARTER_PROFILE,
    STARTER_HISTORY,
    STARTER_VISION,
    STARTER_CONTACT,
    STARTER_ZONE,
    STARTER_SERVICE,
    STARTER_REPORT,
    STARTER_PAGES
};

struct starter_words {
    const char *news, *news_about, *highlight, *highlight_about;
    const char *titles[STARTER_PAGES];
    const char *profile_body, *zone_body, *empty_body;
};
extern const struct starter_words starter_words[LANG_COUNT];

#endif
