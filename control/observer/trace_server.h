/* SPDX-License-Identifier: BSD-3-Clause */
/* Traces and dnstap as parts of the server: what they need of it, and what it needs of them. */
#ifndef ARPAD_CONTROL_OBSERVER_TRACE_SERVER_H
#define ARPAD_CONTROL_OBSERVER_TRACE_SERVER_H

#include "control/failure.h"

#include <sched.h>

struct event;
struct report_facts;
struct server;

/* Part of struct monitoring. */
struct trace_part {
	struct traces *traces;
	struct event *tick; /* while there are traces */
	struct dnstap *dnstap;
};

/* All are the control thread's, called by what is called alike in monitoring.h. */
int trace_server_open(struct server *server, struct failure *failure);
/* Before the observer's thread starts, whose sinks it adds. */
int trace_server_start(struct server *server, const cpu_set_t *all, struct failure *failure);
/* After the observer's thread has ended. */
void trace_server_stop(struct server *server);
void trace_server_close(struct server *server);
void trace_server_second(struct server *server);

void trace_server_gather(const struct server *server, struct report_facts *facts);

#endif
