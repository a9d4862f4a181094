/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/rate.h"

/* More than any counter grows between two readings, and less than what a reset looks like. */
static const uint64_t growth_max = UINT64_C(1) << 62;

uint64_t rate_growth(uint64_t before, uint64_t now)
{
	uint64_t growth = now - before;

	return now >= before || growth < growth_max ? growth : now;
}

double rate_per_second(uint64_t before, uint64_t now, double seconds)
{
	return seconds > 0 ? (double)rate_growth(before, now) / seconds : 0;
}

double rate_ratio(uint64_t part, uint64_t whole)
{
	return whole ? (double)part / (double)whole : 0;
}
