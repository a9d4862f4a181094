/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/histogram.h"

enum { STEPS = 8 }; /* buckets for each power of two */

/* Below STEPS each number has a bucket; above, a power of two has STEPS of them. */
static unsigned bucket_of(uint64_t ns)
{
	unsigned power;

	if (ns < STEPS)
		return (unsigned)ns;
	power = 63u - (unsigned)__builtin_clzll(ns);
	return (power - 2) * STEPS + (unsigned)(ns >> (power - 3)) % STEPS;
}

static uint64_t upper_end(unsigned bucket)
{
	if (bucket < STEPS)
		return bucket;
	return ((uint64_t)(STEPS + bucket % STEPS + 1) << (bucket / STEPS - 1)) - 1;
}

void histogram_add(struct histogram *histogram, uint64_t ns)
{
	histogram->bucket[bucket_of(ns)]++;
	histogram->count++;
	if (ns > histogram->longest)
		histogram->longest = ns;
}

uint64_t histogram_percentile(const struct histogram *histogram, double part)
{
	uint64_t left = (uint64_t)((double)histogram->count * part);

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS && histogram->count > 0; i++) {
		uint64_t end = upper_end(i);

		if (histogram->bucket[i] >= left)
			return end < histogram->longest ? end : histogram->longest;
		left -= histogram->bucket[i];
	}
	return histogram->longest;
}
