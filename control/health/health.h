/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whether we should be asked: workers and the listener's thread are asked a query once a second and
 * must come round; what that says is the readiness, and what systemd's watchdog is fed by. Control
 * thread, but for health_loading.
 */
#ifndef ARPAD_CONTROL_HEALTH_HEALTH_H
#define ARPAD_CONTROL_HEALTH_HEALTH_H

#include "control/command/command.h"
#include "control/failure.h"
#include "control/health/liveness.h"
#include "control/health/notify.h"
#include "control/health/readiness.h"
#include "control/health/selfquery.h"
#include "dataplane/dataplane.h"

#include <jansson.h>
#include <stddef.h>

struct event;
struct server;

/* A thread that answers, and the query that it was asked last. */
struct health_watch {
	struct liveness live;
	struct selfquery query;
};

struct health {
	struct readiness readiness;
	struct notify notify;
	struct health_watch worker[DATAPLANE_WORKERS_MAX], listener;
	struct liveness store;
	unsigned turn;	     /* of queries: zones and addresses are asked in turn */
	struct event *drain; /* armed between a drain and the steering's end; NULL: none yet */
	uint64_t fed_ms, told_ms, worked_ms; /* CLOCK_MONOTONIC: watchdog, status, long work */
	uint64_t told_replies;		     /* in all, when the status was told */
};

/* First of all: nothing is ready yet, and systemd is told so. */
void health_open(struct health *health);

/* While records are read at the start: any thread. Systemd waits on as long as it is called. */
void health_loading(struct health *health, size_t records);

/* Everything serves. */
void health_serving(struct server *server);

/* Once a second, from the first second of the loop on. */
void health_second(struct server *server);

/* Called by long work of this thread, as often as it likes: only that can feed the watchdog then.
 */
void health_working(struct server *server);

/* Before and after the configuration is read again; `done` false: systemd is told of the begin. */
void health_reloading(struct server *server, bool done);

/*
 * Takes the host out, or back in. First nobody should ask us any more, and after
 * health.drain-delay-ms the workers get no more packets; back, the other way round. 1: done, 0: it
 * was so, -1: the failure, and nothing has changed. Without a steered port that is all.
 */
int health_drain(struct server *server, bool drain, struct command_steering *steering,
	struct failure *failure);

/* The end has begun. */
void health_stopping(struct health *health);
void health_close(struct health *health);

/* The result of server.health: a new reference, or NULL without memory. */
json_t *health_report(const struct server *server);

#endif
