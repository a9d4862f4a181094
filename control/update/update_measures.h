/* SPDX-License-Identifier: BSD-3-Clause */
/* How long the ends of batches took. The control thread writes, any reads. */
#ifndef ARPAD_CONTROL_UPDATE_MEASURES_H
#define ARPAD_CONTROL_UPDATE_MEASURES_H

#include "control/metrics/latency.h"

struct update_measures {
	struct latency commit;	  /* until what changed was durable */
	struct latency publish;	  /* from there until queries were answered by it */
	_Atomic(uint64_t) failed; /* commits that the store refused */
};

#endif
