/* SPDX-License-Identifier: BSD-3-Clause */
/* Where grace periods come from, both ends: the writer's struct grace and the readers' reports. */
#ifndef ARPAD_TESTS_STRESS_GRACE_SOURCE_H
#define ARPAD_TESTS_STRESS_GRACE_SOURCE_H

#include "control/reclaim.h"

struct grace_source {
	struct grace grace;
	/* Called by the reader itself, with grace.context. */
	void (*online)(void *context, unsigned reader);
	void (*quiescent)(void *context, unsigned reader);
	void (*offline)(void *context, unsigned reader);
	void (*free)(void *context);
};

/* For that many readers, none online yet. False: no memory. */
bool grace_source_qsbr(struct grace_source *source, unsigned readers);
bool grace_source_dpdk(struct grace_source *source, unsigned readers);

#endif
