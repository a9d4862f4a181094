/* SPDX-License-Identifier: BSD-3-Clause */
/* One ethdev: its queues, each with a packet pool of its own, so that no two workers share one. */
#ifndef ARPAD_DATAPLANE_DPDK_PORT_H
#define ARPAD_DATAPLANE_DPDK_PORT_H

#include "dataplane/dataplane.h"
#include "dataplane/dpdk/eal_arguments.h"
#include "dataplane/link.h"

#include <stdbool.h>
#include <stdint.h>

struct rte_mempool;

struct port {
	char name[EAL_PORT_NAME_BYTES]; /* the interface, or the device without its parameters */
	uint16_t id;			/* EAL's */
	uint16_t queues;
	bool configured;
	struct link link;				  /* the workers read it */
	struct rte_mempool *pools[DATAPLANE_WORKERS_MAX]; /* one a queue */
};

/*
 * Sets up and starts port `index` of the configuration with its queues; with AF_XDP the driver
 * loads and attaches the XDP program here. Returns 0, or -errno with one sentence; in every case
 * port_close() is owed. Control thread, as all of these.
 */
int port_open(struct port *port, const struct dataplane_port *config, unsigned index,
	char error[static DATAPLANE_ERROR_BYTES]);

/* Stops and closes the port and frees its pools. No worker may poll it any more. */
void port_close(struct port *port);

bool port_stats(const struct port *port, struct dataplane_port_stats *stats);

#endif
