/* SPDX-License-Identifier: BSD-3-Clause */
/* The data plane as a function: a burst of frames in, a burst of frames out. Start reading here. */
#ifndef ARPAD_DATAPLANE_PIPELINE_H
#define ARPAD_DATAPLANE_PIPELINE_H

#include "dataplane/burst.h"
#include "dataplane/counters.h"
#include "dataplane/serving.h"

/*
 * Answers every frame of the burst in place: burst->length[i] becomes what to send (0: nothing),
 * burst->outcome[i] says why, and `counters` (the caller's own) has counted it. Worker thread;
 * records are borrowed only until it returns. No NIC, socket or EAL is needed.
 */
void pipeline_run(struct burst *burst, const struct serving *serving, struct counters *counters);

#endif
