/* SPDX-License-Identifier: BSD-3-Clause */
/* Times in nanoseconds, counted in buckets that are at most an eighth wide: constant memory. */
#ifndef ARPAD_BENCH_HISTOGRAM_H
#define ARPAD_BENCH_HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_BUCKETS = 64 * 8 };

struct histogram {
	uint64_t bucket[HISTOGRAM_BUCKETS];
	uint64_t count, longest;
};

void histogram_add(struct histogram *histogram, uint64_t ns);

/* The upper end of the bucket that `part` (0 to 1) of all times do not exceed; 0: no times. */
uint64_t histogram_percentile(const struct histogram *histogram, double part);

#endif
