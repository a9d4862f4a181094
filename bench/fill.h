/* SPDX-License-Identifier: BSD-3-Clause */
/* How benchmarks change a table: the only file here that calls its writer. */
#ifndef ARPAD_BENCH_FILL_H
#define ARPAD_BENCH_FILL_H

#include "bench/population.h"
#include "dataplane/records/table_writer.h"

enum { FILL_BATCH_MAX = 4096 };

struct fill_change {
	struct prefix host;
	unsigned version; /* of the name it gets, see population_target */
	bool remove;	  /* it has a record, and loses it */
};

/*
 * Renders `n` changes, at most FILL_BATCH_MAX, and publishes them in their order; a host may come
 * more than once. What they unlink stays with the table: table_take_unlinked. Returns 0, or -ENOMEM
 * and none is published. Writer.
 */
int fill_apply(struct table *table, const struct fill_change *changes, unsigned n);

/* Gives hosts first to last - 1 their records. No reader may run. 0, or -ENOMEM. */
int fill_hosts(
	struct table *table, const struct population *population, uint64_t first, uint64_t last);

#endif
