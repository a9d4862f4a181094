/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the one writer and the readers share. The writer tells in `state` what it has done to each
 * key, before and after; so a reader knows what a search between two looks at it may return.
 */
#ifndef ARPAD_TESTS_STRESS_STRESS_H
#define ARPAD_TESTS_STRESS_STRESS_H

#include "control/reclaim.h"
#include "dataplane/records/table_writer.h"
#include "dataplane/serving.h"
#include "tests/stress/grace_source.h"
#include "tests/stress/model.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* A key's state: the version last put or being put, how often it was removed, and: */
enum {
	STATE_BUSY = 1,	   /* a change is under way: the one before may still be seen */
	STATE_PRESENT = 2, /* after the last change that is done */
	STATE_LEAVING = 4, /* the change under way is a removal, which is counted already */
	STATE_FLAGS = STATE_BUSY | STATE_PRESENT | STATE_LEAVING,
	STATE_VERSION_SHIFT = 3,
	STATE_REMOVES_SHIFT = 36, /* 28 bits: a round removes no key as often */
};

static inline uint32_t state_version(uint64_t state)
{
	return (uint32_t)(state >> STATE_VERSION_SHIFT);
}

/* Whether a key was there at each moment between two looks at its state. */
static inline bool state_stayed(uint64_t before, uint64_t after)
{
	return (before & STATE_PRESENT) && !(before & STATE_LEAVING) &&
		before >> STATE_REMOVES_SHIFT == after >> STATE_REMOVES_SHIFT;
}

struct stress {
	struct table *table;
	struct serving serving;
	struct policy policy;
	struct grace_source grace;
	_Atomic(uint32_t) active;		     /* keys in play: 0 to active - 1 */
	_Atomic(bool) stop;			     /* for the readers */
	_Atomic(uint32_t) zone_version[MODEL_ZONES]; /* the newest that is published */
	_Atomic(uint64_t) state[MODEL_KEYS];
};

/* One reader thread's work and what came of it. */
struct reader {
	struct stress *stress;
	unsigned index;
	uint64_t random;
	uint64_t searches, hits, exact; /* exact: the key did not change during the search */
	uint64_t replies, ancestors;
	uint32_t zone_seen[MODEL_ZONES];
	uint32_t seen[MODEL_KEYS]; /* the newest version of each key */
};

/* Searches and checks until stress->stop; `reader` is a struct reader. */
void *reader_main(void *reader);

struct writer {
	struct stress *stress;
	struct reclaim *reclaim;
	uint64_t random;
	uint32_t version;
	uint32_t in_play; /* keys from this on have been removed */
	bool pages_early; /* the mutant: pages are freed before their grace period */
	uint64_t batches, puts, removes, pages, /* pages: puts into one */
		moves,				/* of a host from its page to a record */
		grows, shrinks,			/* batches with which arrays began to */
		freed_late;			/* most things that waited at once */
};

/* One batch of changes, published and handed to reclamation. */
void writer_batch(struct writer *writer);

/*
 * Removes every key; the table must be empty then, down to the last empty non-terminal. No reader
 * runs: permanent keys go too.
 */
void writer_empty(struct writer *writer);

/* First zones, and their end. No reader runs. */
void writer_zones_init(struct writer *writer);
void writer_zones_fini(struct writer *writer);

/* Prints "stress: ..." and ends the process with STRESS_CAUGHT. Any thread. */
enum { STRESS_CAUGHT = 3 };
_Noreturn void stress_caught(const char *what, uint32_t key, uint64_t had, uint64_t want);

#endif
