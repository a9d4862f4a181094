/* SPDX-License-Identifier: BSD-3-Clause */
/* One ethdev: its queues, each with a packet pool of its own, so that no two workers share one. */
#ifndef ARPAD_DATAPLANE_DPDK_PORT_H
#define ARPAD_DATAPLANE_DPDK_PORT_H

#include "dataplane/dataplane.h"
#include "dataplane/dpdk/eal_arguments.h"
#include "dataplane/link.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct rte_mempool;

struct port {
	char name[EAL_PORT_NAME_BYTES]; /* the interface, or the device without its parameters */
	uint16_t id;			/* EAL's */
	uint16_t queues;
	bool configured;
	bool watched;	     /* on its removal an event comes; owned.c, as the rest of these */
	bool every_group;    /* more than ours are wanted: never a list */
	bool link_up;	     /* as last seen */
	uint32_t speed_mbps; /* 0: not known */
	enum dataplane_groups groups;
	atomic_bool removed; /* EAL's interrupt thread: wo, control: ro */
	uint8_t rss_key[64]; /* the driver may keep a pointer to it; 40 and 52 are usual */
	struct link link;    /* the workers read it */
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

/* Whether it is DPDK's alone, and no kernel shares it. */
static inline bool port_is_owned(const struct port *port)
{
	return port->link.alone;
}

bool port_stats(const struct port *port, struct dataplane_port_stats *stats);

#endif
