// SPDX-License-Identifier: AGPL-3.0-or-later
// What the page of listening statistics and its files for spreadsheets share.
#ifndef DESK_LISTENING_H
#define DESK_LISTENING_H

#include "audience/audience.h"
#include "desk/figures.h"

struct listening {
    struct desk_visit *v;
    struct audience_ask ask;
    struct audience a;
    struct site_on_air air; // services' titles, and who listens now
};
// Reads what is asked for. RC_DENIED. With a problem in the form nothing is read: desk_form_ok.
enum rc listening_begin(struct listening *x, struct desk_visit *v) MUST_USE;

const char *listening_step_word(enum audience_step step); // "day", in addresses
// The field that asks for one of a part; of those that audience_asks.
const char *listening_part_field(enum audience_part part);
// Of the numbers of a row; < 0: there is none.
double listening_hours(const struct audience_sum *sum);   // TLH
double listening_average(const struct audience_sum *sum); // AAS
double listening_unique(const struct audience_sum *sum);  // CUME: of a day, or the mean of days
double listening_minutes(const struct audience_sum *sum); // ATSL

#endif
