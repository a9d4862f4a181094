/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All that looks at the server instead of serving: what it logs of its counters, and the threads
 * and timers that tell others how it is. Control thread.
 */
#ifndef ARPAD_CONTROL_MONITORING_H
#define ARPAD_CONTROL_MONITORING_H

#include "control/failure.h"
#include "control/health/readiness.h"
#include "control/metrics/metrics.h"
#include "control/ratelimit_log.h"

#include <sched.h>

struct server;

struct monitoring {
	struct readiness readiness;
	struct ratelimit_log rate_log;
	struct metrics_shared shared;
	struct metrics *metrics; /* NULL: not wanted */
	cpu_set_t all;		 /* that the process may use; its threads leave the workers' */
};

/* Before privileges are dropped: opens what root opens. -1: one sentence. */
int monitoring_open(struct server *server, struct failure *failure);

/* After the threads that answer: starts those that look. */
int monitoring_start(struct server *server, const cpu_set_t *all, struct failure *failure);

/* Once a second, from the first second of the loop on. */
void monitoring_second(struct server *server);

/* First of all that ends: joins its threads, which read what others own. Any state of opening. */
void monitoring_stop(struct server *server);
void monitoring_close(struct server *server);

#endif
