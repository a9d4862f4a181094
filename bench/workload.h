/* SPDX-License-Identifier: BSD-3-Clause */
/* A population in a table, and all else that answers need. Cases of one population share it. */
#ifndef ARPAD_BENCH_WORKLOAD_H
#define ARPAD_BENCH_WORKLOAD_H

#include "bench/population.h"
#include "dataplane/records/table_writer.h"
#include "dataplane/serving.h"

/* Random draws of a case: too many for a cache to learn them, whatever the table's size. */
enum { WORKLOAD_QUERIES = 1 << 20 };

struct workload {
	const struct population *population;
	struct table *table;
	struct serving serving;
	uint64_t bytes; /* anonymous and hugepage memory that filling the table took */
	unsigned users;
};

/* Built when first taken; give it back with workload_drop. NULL: no memory. */
struct workload *workload_take(const struct population *population);
void workload_drop(struct workload *workload);

/* The one that is built, or NULL. */
const struct workload *workload_built(const struct population *population);

/* At most so much memory building it takes; 0: it is built. */
uint64_t workload_need(const struct population *population);

/* One of one's own: its table has the first `records` hosts. For those who change it. */
bool workload_init(
	struct workload *workload, const struct population *population, uint64_t records);
void workload_fini(struct workload *workload);

#endif
