// SPDX-License-Identifier: AGPL-3.0-or-later
// The names a language gives to months and days, for writing and for reading dates; for this folder only.
#ifndef TEXT_DATE_H
#define TEXT_DATE_H

#include "text/inside.h"

struct date_names {
    struct str months[12], short_months[12];             // inside a date
    struct str alone_months[12], short_alone_months[12]; // on their own
    struct str days[7], short_days[7];                   // from Sunday
};
const struct date_names *date_names_of(enum text_lang lang);
int date_weekday(const struct text_civil *c);       // 0 = Sunday
struct text_civil date_normal(struct text_civil c); // 31 April becomes 1 May

#endif
