/* SPDX-License-Identifier: BSD-3-Clause */
/* Counters for others as part of the server: the listener and its thread, DPDK's telemetry. */
#ifndef ARPAD_CONTROL_METRICS_METRICS_SERVER_H
#define ARPAD_CONTROL_METRICS_METRICS_SERVER_H

#include "control/failure.h"

#include <sched.h>

struct server;

/* The socket, while the process is root. -1: the failure; metrics_close is owed. Control thread. */
int metrics_server_open(struct server *server, struct failure *failure);

/* The thread, on the CPUs of `all` that workers leave; metrics_stop ends it. -1: the failure. */
int metrics_server_start(struct server *server, const cpu_set_t *all, struct failure *failure);

#endif
