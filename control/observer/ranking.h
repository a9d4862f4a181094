/* SPDX-License-Identifier: BSD-3-Clause */
/* Several sketches of the same kind of key, such as those of a minute's parts, as one list. Pure.
 */
#ifndef ARPAD_CONTROL_OBSERVER_RANKING_H
#define ARPAD_CONTROL_OBSERVER_RANKING_H

#include "control/observer/sketch.h"

#include <stddef.h>

/* What a sketch held, copied. */
struct ranking_part {
	const struct sketch_entry *entries;
	unsigned count;
	uint64_t least;	      /* sketch_least */
	uint32_t weight_most; /* of the sketch */
};

/*
 * The weights that were added for the key are at least count - error and at most count. What they
 * are an estimate of, the messages themselves, is in 95 of 100 cases at least count - error -
 * spread and at most count + spread.
 */
struct ranking_row {
	struct prefix key;
	uint64_t count, error, spread;
};

/*
 * Writes the first `most` rows, those with the highest lower bounds first; returns how many, or -1:
 * no memory.
 */
int ranking_merge(const struct ranking_part *parts, unsigned part_count, struct ranking_row *rows,
	unsigned most);

#endif
