/* SPDX-License-Identifier: BSD-3-Clause */
/* What two readings of a counter say together. Pure. */
#ifndef ARPAD_CONTROL_CTL_RATE_H
#define ARPAD_CONTROL_CTL_RATE_H

#include <stdint.h>

/*
 * How much a counter grew: over the end of 64 bits too. One that fell back was set to 0 in between
 * (a driver's, when its port starts again), and has grown by what it is now.
 */
uint64_t rate_growth(uint64_t before, uint64_t now);

/* The growth a second; 0 in no time. */
double rate_per_second(uint64_t before, uint64_t now, double seconds);

/* One growth by another, 0 by nothing: frames a burst, or a share of 0 to 1. */
double rate_ratio(uint64_t part, uint64_t whole);

#endif
