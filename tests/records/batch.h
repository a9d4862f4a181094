/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A batch of changes, published as the control side does: hosts with one PTR record into pages,
 * all else as records; new things before old ones go. With a model it is told all of that.
 */
#ifndef ARPAD_TESTS_RECORDS_BATCH_H
#define ARPAD_TESTS_RECORDS_BATCH_H

#include "dataplane/records/host_pages.h"
#include "tests/support/model.h"

enum { BATCH_MAX = 1024, BATCH_NAME_MAX_BYTES = 255 };

/* What an owner is to have: `targets` PTR records with the same name; none: nothing. */
struct batch_change {
	struct owner owner; /* its labels, if any, are borrowed */
	unsigned targets;
	uint32_t ttl;
	uint8_t bytes;
	uint8_t name[BATCH_NAME_MAX_BYTES];
	struct record *record; /* made for it */
};

/* A zeroed struct is empty. */
struct batch {
	struct batch_change change[BATCH_MAX];
	unsigned count;
	struct host_pages pages;
};

/* Notes a change, unless the owner has one in this batch. `name` is a wire name. */
void batch_put(struct batch *batch, const struct owner *owner, unsigned targets, uint32_t ttl,
	const uint8_t *name, size_t bytes);
void batch_remove(struct batch *batch, const struct owner *owner);

/* Makes the pages and records and reserves room. 0, or -ENOMEM and nothing is left of it. */
int batch_make(struct batch *batch, struct table *table);

/* Publishes what batch_make made, and empties the batch. `model` may be NULL. */
void batch_publish(struct batch *batch, struct table *table, struct model *model);

/* Frees what batches keep of each other. */
void batch_fini(struct batch *batch);

/* Frees all that the table unlinked; nobody reads. */
void batch_free_unlinked(struct table *table);

#endif
