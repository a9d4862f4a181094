/* SPDX-License-Identifier: BSD-3-Clause */
/* A ratio over milliseconds errs by what one look takes; over seconds that is nothing. */
#include "control/observer/observer_clock.h"

#include <time.h>

static uint64_t read_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void observer_clock_look(struct observer_clock *clock)
{
	uint64_t monotonic = read_ns(CLOCK_MONOTONIC), now = read_ns(CLOCK_REALTIME);

	observer_clock_set(clock, __builtin_ia32_rdtsc(), monotonic, now);
}

void observer_clock_set(
	struct observer_clock *clock, uint64_t cycles, uint64_t monotonic_ns, uint64_t now_ns)
{
	if (!clock->first_cycles) {
		clock->first_cycles = cycles;
		clock->first_ns = monotonic_ns;
	} else if (cycles > clock->first_cycles) {
		clock->ns_a_cycle = (double)(monotonic_ns - clock->first_ns) /
			(double)(cycles - clock->first_cycles);
	}
	clock->cycles = cycles;
	clock->now_ns = now_ns;
}

uint64_t observer_clock_time(const struct observer_clock *clock, uint64_t cycles)
{
	/* Later too: what came while this round drains. */
	int64_t apart = (int64_t)(cycles - clock->cycles);

	return clock->now_ns + (uint64_t)(int64_t)((double)apart * clock->ns_a_cycle);
}
