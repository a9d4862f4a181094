/* SPDX-License-Identifier: BSD-3-Clause */
/* One worker: one queue pair, one core, one reader of the table. */
#ifndef ARPAD_DATAPLANE_DPDK_WORKER_H
#define ARPAD_DATAPLANE_DPDK_WORKER_H

#include "dataplane/burst.h"
#include "dataplane/counters.h"
#include "dataplane/dpdk/backlog.h"
#include "dataplane/dpdk/grace.h"
#include "dataplane/dpdk/handover.h"
#include "dataplane/idle.h"
#include "dataplane/pipeline.h"
#include "dataplane/probe.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct rte_mbuf;

/* Filled by the control thread before the launch; from then on the worker's, but for `stop`. */
struct worker {
	struct counters counters; /* worker: wo, any thread: ro */
	struct handover handover; /* between it and other threads */
	bool kernel;		  /* the port has an exception path */
	uint16_t port, queue;
	unsigned reader; /* its number among the grace period's readers */
	struct pipeline pipeline;
	uint64_t us_a_cycle; /* of the TSC, times 2^64 */
	struct grace_periods *grace;
	const atomic_bool *stop; /* control: wo */
	struct idle idle;
	struct burst burst;
	struct rte_mbuf *mbuf[BURST_MAX]; /* those of the burst, in its order */
	struct backlog backlog;
	/* Queries of our own, counted apart and limited by nothing: those of clients stay true. */
	struct probe probe;
	struct pipeline probing;
	struct counters probing_counters;
};

/* Answers until *stop; has the signature that rte_eal_remote_launch wants. */
int worker_run(void *worker);

#endif
