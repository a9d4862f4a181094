/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All that looks at the server instead of serving: what it logs of its counters, and the threads
 * and timers that tell others how it is. Control thread.
 */
#ifndef ARPAD_CONTROL_MONITORING_H
#define ARPAD_CONTROL_MONITORING_H

#include "control/drop_log.h"
#include "control/failure.h"
#include "control/health/health.h"
#include "control/metrics/metrics.h"
#include "control/observer/trace_server.h"
#include "control/ratelimit_log.h"
#include "dataplane/observe.h"

#include <sched.h>

struct observer;
struct server;
struct tally;

struct monitoring {
	struct health health;
	struct ratelimit_log rate_log;
	struct drop_log drop_log;
	struct observer *observer;
	struct observe_ring *listener_ring;
	struct trace_part trace;
	struct tally *tally; /* the observer's thread writes it */
	uint64_t messages;   /* that came, a second ago */
	struct metrics_shared shared;
	struct metrics *metrics; /* NULL: not wanted */
};

/* Sockets, files and memory, while the process is root. -1: the failure; monitoring_close undoes.
 */
int monitoring_open(struct server *server, struct failure *failure);

/* Threads, when the server answers; on the CPUs of `all` that workers leave. -1: the failure. */
int monitoring_start(struct server *server, const cpu_set_t *all, struct failure *failure);

/* Ends the threads, before anything that they look at ends. Also of a server half open. */
void monitoring_stop(struct server *server);

/* Frees the rest. */
void monitoring_close(struct server *server);

/* By work of this thread that takes long, now and then. */
void monitoring_working(struct server *server);

/* Once a second, from the first second of the loop on. */
void monitoring_second(struct server *server);

#endif
