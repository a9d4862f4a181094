/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All that looks at the server instead of serving: what it logs of its counters, and the threads
 * and timers that tell others how it is. Control thread.
 */
#ifndef ARPAD_CONTROL_MONITORING_H
#define ARPAD_CONTROL_MONITORING_H

#include "control/health/health.h"
#include "control/ratelimit_log.h"

struct server;

struct monitoring {
	struct health health;
	struct ratelimit_log rate_log;
};

/* Once a second, from the first second of the loop on. */
void monitoring_second(struct server *server);

#endif
