/* SPDX-License-Identifier: BSD-3-Clause */
/* How rare a sample is, once a second: as many as the observer's thread takes with ease. Pure. */
#ifndef ARPAD_CONTROL_OBSERVER_SAMPLING_H
#define ARPAD_CONTROL_OBSERVER_SAMPLING_H

#include <stdint.h>

enum { SAMPLING_A_SECOND = 2000 };

/* The power of two of which 1 in so many of `rate` a second are at most SAMPLING_A_SECOND. */
static inline uint32_t sampling_one_in(uint64_t rate)
{
	uint32_t one_in = 1;

	while (rate / one_in > SAMPLING_A_SECOND && one_in < 1u << 30)
		one_in *= 2;
	return one_in;
}

#endif
