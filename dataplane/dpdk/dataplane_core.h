/* SPDX-License-Identifier: BSD-3-Clause */
/* What dataplane.c builds and undoes, and dataplane_running.c works on. Nobody else's. */
#ifndef ARPAD_DATAPLANE_DPDK_DATAPLANE_CORE_H
#define ARPAD_DATAPLANE_DPDK_DATAPLANE_CORE_H

#include "dataplane/dataplane.h"
#include "dataplane/dpdk/announcer.h"
#include "dataplane/dpdk/exception.h"
#include "dataplane/dpdk/grace.h"
#include "dataplane/dpdk/port.h"
#include "dataplane/dpdk/worker.h"

#include <stdatomic.h>
#include <stdbool.h>

struct dataplane {
	struct port ports[DATAPLANE_PORTS_MAX];
	unsigned port_count;
	struct worker *workers; /* an array; each starts on a cache line of its own */
	const struct port *worker_ports[DATAPLANE_WORKERS_MAX];
	int worker_cores[DATAPLANE_WORKERS_MAX];
	unsigned worker_count;
	struct announcer announcer;  /* of all ports that DPDK owns */
	bool addresses_new;	     /* since their groups were joined */
	unsigned reader;	     /* the number of the reader that is no worker */
	unsigned launched;	     /* workers 0..launched-1 run */
	unsigned punt_next;	     /* listener: the worker whose messages it takes first */
	struct grace_periods *grace; /* readers: the workers, then the one that is none */
	struct exception *exception; /* NULL: without EAL */
	bool eal;		     /* is up */
	atomic_bool stop;	     /* control: wo, workers: ro */
};

#endif
