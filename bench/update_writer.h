/* SPDX-License-Identifier: BSD-3-Clause */
/* The control thread's part: changes in batches, each published and handed to reclamation. */
#ifndef ARPAD_BENCH_UPDATE_WRITER_H
#define ARPAD_BENCH_UPDATE_WRITER_H

#include "bench/fill.h"
#include "bench/workload.h"
#include "control/reclaim.h"

struct writer {
	struct table *table;
	const struct population *population; /* whose hosts it changes */
	struct reclaim *reclaim;
	uint64_t random;
	unsigned version;
	uint8_t *spare_present; /* records / 50 hosts that come and go */
	uint64_t changes;
	size_t waited_most; /* things that awaited a grace period at once */
};

/* `population`: the hosts that are in the table. False: no memory. */
bool writer_init(struct writer *writer, struct table *table, const struct population *population,
	const struct grace *grace);

/* No reader may be left. */
void writer_fini(struct writer *writer);

/*
 * Of `n` random changes, eight in ten give a host another name; in the rest, one that has no query
 * gets a record or loses it. False: no memory. Waits when readers are far behind.
 */
bool writer_mixed(struct writer *writer, unsigned n);

/* Gives hosts first to last - 1 of a larger population their records, `n` a batch. */
bool writer_grow(struct writer *writer, const struct population *larger, uint64_t first,
	uint64_t last, unsigned n);

/* One change, then waits for its grace period: false after a second, or without memory. */
struct writer_moments {
	uint64_t published, grace_over; /* cycles_now */
};
bool writer_one(
	struct writer *writer, const struct fill_change *change, struct writer_moments *moments);

#endif
