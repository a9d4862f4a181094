/* SPDX-License-Identifier: BSD-3-Clause */
/* Two clocks: one cheap enough for every burst and the same on every core, one of CPU time. */
#ifndef ARPAD_BENCH_CYCLES_H
#define ARPAD_BENCH_CYCLES_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Ticks of cycles_ns. */
static inline uint64_t cycles_now(void)
{
#ifdef __x86_64__
	return __builtin_ia32_rdtsc();
#else
	return clock_ns(CLOCK_MONOTONIC);
#endif
}

/* Nanoseconds a tick, measured over a tenth of a second. */
static inline double cycles_ns(void)
{
	const struct timespec pause = {.tv_nsec = 100000000};
	uint64_t ns = clock_ns(CLOCK_MONOTONIC), ticks = cycles_now();

	nanosleep(&pause, NULL);
	ticks = cycles_now() - ticks;
	return (double)(clock_ns(CLOCK_MONOTONIC) - ns) / (double)ticks;
}

#endif
