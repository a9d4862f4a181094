/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From the TSC, which is all that a worker knows of time, to the time of day: by the last look at
 * both clocks, and their ratio since the first. One thread.
 */
#ifndef ARPAD_CONTROL_OBSERVER_OBSERVER_CLOCK_H
#define ARPAD_CONTROL_OBSERVER_OBSERVER_CLOCK_H

#include <stdint.h>

struct observer_clock {
	uint64_t first_cycles, first_ns; /* CLOCK_MONOTONIC */
	uint64_t cycles, now_ns;	 /* the last look; since 1970 */
	double ns_a_cycle;
};

/* Zeroed before the first. Once a round: what was seen since is told by it. */
void observer_clock_look(struct observer_clock *clock);

/* The same with the clocks given. Pure. */
void observer_clock_set(
	struct observer_clock *clock, uint64_t cycles, uint64_t monotonic_ns, uint64_t now_ns);

/* When the TSC was `cycles`, in nanoseconds since 1970. */
uint64_t observer_clock_time(const struct observer_clock *clock, uint64_t cycles);

#endif
