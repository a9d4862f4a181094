/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The thread that takes what those who answer let others see (dataplane/observe.h) out of their
 * rings, some hundred times a second, and hands it to the sinks: who asks most, traces, captures.
 * No sink may keep it waiting for long: what finds no room in a ring meanwhile is lost, and
 * counted.
 */
#ifndef ARPAD_CONTROL_OBSERVER_OBSERVER_H
#define ARPAD_CONTROL_OBSERVER_OBSERVER_H

#include "control/failure.h"
#include "dataplane/observe.h"

#include <stdint.h>

enum { OBSERVER_SINKS_MAX = 4 };

/* Both are called in the observer's thread. */
struct observer_sink {
	/*
	 * One observation, sampled, traced or both; borrowed for the call. `when_ns`: since 1970.
	 * Of one ring they come in order; between rings they may be some milliseconds apart.
	 */
	void (*take)(void *context, const struct observation *observation, uint64_t when_ns);
	void (*turn)(void *context); /* after every round over all rings; may be NULL */
	void *context;
};

struct observer;

struct observer *observer_new(void); /* NULL: no memory */

/* Before observer_start; the ring or what is in the sink outlives the thread. -1: no room. */
int observer_add_ring(struct observer *observer, struct observe_ring *ring);
int observer_add_sink(struct observer *observer, const struct observer_sink *sink);

/*
 * Starts the thread, which runs enter(context) first, and waits for that. -1: one sentence. Control
 * thread.
 */
int observer_start(struct observer *observer, void (*enter)(void *context), void *context,
	struct failure *failure);

/* Joins the thread: no sink is called any more. Takes NULL, and one that was not started. */
void observer_stop(struct observer *observer);
void observer_free(struct observer *observer); /* stopped; takes NULL */

#endif
