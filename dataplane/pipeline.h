/* SPDX-License-Identifier: BSD-3-Clause */
/* The data plane as a function: a burst of frames in, a burst of frames out. Start reading here. */
#ifndef ARPAD_DATAPLANE_PIPELINE_H
#define ARPAD_DATAPLANE_PIPELINE_H

#include "dataplane/burst.h"
#include "dataplane/counters.h"
#include "dataplane/link.h"
#include "dataplane/observe.h"
#include "dataplane/ratelimit.h"
#include "dataplane/serving.h"

/* What one worker answers with: filled before it runs, then its own. */
struct pipeline {
	const struct serving *serving; /* everyone's */
	const struct link *link;       /* the port's */
	struct counters *counters;     /* the worker's */
	struct ratelimit *limiter;     /* the worker's; NULL: none, whatever the policy */
	struct observe_ring *ring;     /* the worker's; NULL: nobody sees what it does */
};

/*
 * Answers every frame of the burst in place: burst->length[i] becomes what to send (0: nothing),
 * burst->outcome[i] says why, and the pipeline's counters have counted it. Worker thread; records
 * are borrowed only until it returns. No NIC, socket or EAL is needed.
 */
void pipeline_run(const struct pipeline *pipeline, struct burst *burst);

#endif
