/* SPDX-License-Identifier: BSD-3-Clause */
/* Durations in buckets whose bounds double. One thread adds, any reads. */
#ifndef ARPAD_CONTROL_METRICS_LATENCY_H
#define ARPAD_CONTROL_METRICS_LATENCY_H

#include "dataplane/counters.h"

#include <stdint.h>
#include <time.h>

enum {
	LATENCY_FIRST_US = 16,
	LATENCY_BOUNDS = 21, /* up to 16 us, 32 us, ... 16.8 s; one bucket more for all above */
};

struct latency {
	_Atomic(uint64_t) bucket[LATENCY_BOUNDS + 1];
	_Atomic(uint64_t) sum_us;
};

/* CLOCK_MONOTONIC. */
static inline uint64_t latency_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* The owner only. */
static inline void latency_add(struct latency *latency, uint64_t us)
{
	uint64_t steps = us / LATENCY_FIRST_US;
	unsigned bits = steps ? 64u - (unsigned)__builtin_clzll(steps) : 0;

	counter_add(&latency->bucket[bits < LATENCY_BOUNDS ? bits : LATENCY_BOUNDS], 1);
	counter_add(&latency->sum_us, us);
}

#endif
