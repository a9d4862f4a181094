/* SPDX-License-Identifier: BSD-3-Clause */
/* What workers may still read, kept until a grace period has passed. One token a batch. */
#ifndef ARPAD_CONTROL_RECLAIM_H
#define ARPAD_CONTROL_RECLAIM_H

#include "dataplane/records/table_writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where grace periods come from: the data plane, or a test. Neither call blocks. */
struct grace {
	uint64_t (*start)(void *context);
	bool (*passed)(void *context, uint64_t token);
	void *context;
};

struct reclaim;

struct reclaim *reclaim_new(const struct grace *grace); /* copies `grace`; NULL: no memory */

/* Makes sure that the next `things` calls of reclaim_add cannot fail. 0, or -ENOMEM. */
int reclaim_reserve(struct reclaim *reclaim, size_t things);

/* Takes one unlinked thing into the batch being filled. 0, or -ENOMEM (then the caller keeps it).
 */
int reclaim_add(struct reclaim *reclaim, struct unlinked thing);

/*
 * Takes all that `table` unlinked, and closes the batch with a grace token. 0, or -ENOMEM: what
 * there was no room for stays with the table, safe, until the next batch.
 */
int reclaim_batch(struct reclaim *reclaim, struct table *table);

/* Frees every batch whose grace period has passed; returns how many things still wait. */
size_t reclaim_poll(struct reclaim *reclaim);

size_t reclaim_waiting(const struct reclaim *reclaim);

/* Frees everything at once. Only when no reader is left. Takes NULL. */
void reclaim_free(struct reclaim *reclaim);

#endif
