/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How many packets are due by now at a rate. After a pause (another process had the CPU) at most
 * one batch is made up for: a flood of what was missed would be another load than the one asked
 * for.
 */
#ifndef ARPAD_BENCH_PATHS_PACE_H
#define ARPAD_BENCH_PATHS_PACE_H

#include <stdint.h>
#include <time.h>

enum {
	PACE_BATCH = 64,	   /* packets; a receive ring of a veth holds 256 */
	PACE_PAUSE_NS = 50 * 1000, /* between looks at the clock */
};

struct pace {
	double per_ns;
	uint64_t from_ns; /* what was due until then has been given out */
};

static inline uint64_t pace_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline struct pace pace_init(double per_second, uint64_t now_ns)
{
	return (struct pace){per_second / 1e9, now_ns};
}

/* 0 to PACE_BATCH packets, which the caller sends now. */
static inline unsigned pace_due(struct pace *pace, uint64_t now_ns)
{
	double due = (double)(now_ns - pace->from_ns) * pace->per_ns;

	if (due >= PACE_BATCH) {
		pace->from_ns = now_ns;
		return PACE_BATCH;
	}
	pace->from_ns += (uint64_t)((double)(unsigned)due / pace->per_ns);
	return (unsigned)due;
}

static inline void pace_pause(void)
{
	clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){.tv_nsec = PACE_PAUSE_NS}, NULL);
}

#endif
