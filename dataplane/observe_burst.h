/* SPDX-License-Identifier: BSD-3-Clause */
/* The frames of a burst that are observed: copied as they came, and again as they leave. */
#ifndef ARPAD_DATAPLANE_OBSERVE_BURST_H
#define ARPAD_DATAPLANE_OBSERVE_BURST_H

#include "dataplane/burst.h"
#include "dataplane/observe.h"

/*
 * Where observe_due: chooses and copies, after query_read and before the first reply is written.
 * Frames for the kernel, and those of neighbours that are answered already, are passed over. Worker
 * thread, a registered reader.
 */
void observe_burst_begin(
	const struct observe_terms *terms, struct observe_ring *ring, struct burst *burst);

/* After the last stage: adds the replies and gives all to the reader. */
void observe_burst_end(struct observe_ring *ring, struct burst *burst);

#endif
