/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tells the links of ports that DPDK owns of our addresses: when a link comes up and when an
 * address is added, so that neighbours who knew another MAC address learn ours at once. Control
 * thread.
 */
#ifndef ARPAD_DATAPLANE_DPDK_ANNOUNCER_H
#define ARPAD_DATAPLANE_DPDK_ANNOUNCER_H

#include "dataplane/addresses.h"
#include "dataplane/dataplane.h"
#include "dataplane/dpdk/handover.h"
#include "dataplane/link.h"

#include <stddef.h>
#include <stdint.h>

enum {
	/* Each a second or more apart: RFC 4861 7.2.6 allows 3, RFC 5227 2.3 wants 2. */
	ANNOUNCER_ROUNDS = 3,
	/* On one port, of one call: thousands of addresses are no burst, and no load. */
	ANNOUNCER_FRAMES = 64,
};

/* The addresses in the order of their coming, and how often each has yet to be told by each port.
 */
struct announcer {
	struct ip_address *addresses;
	uint8_t (*left)[DATAPLANE_PORTS_MAX];
	size_t count, room;
	size_t next[DATAPLANE_PORTS_MAX]; /* where the next call goes on */
};

/* Takes one that is all zero, or has been used. */
void announcer_fini(struct announcer *announcer);

/* To be told by every port. One that is there already stays as it is. 0 or -ENOMEM. */
int announcer_add(struct announcer *announcer, const struct ip_address *address);
void announcer_remove(struct announcer *announcer, const struct ip_address *address);

/* All are to be told by `port` once more. */
void announcer_repeat(struct announcer *announcer, unsigned port);

/*
 * Tells what is to be told by `port`, each address once at most, by the worker that `handover`
 * leads to. Call it once a second. What the worker has no frame for waits for the next call.
 */
void announcer_send(struct announcer *announcer, unsigned port, const struct link *link,
	struct handover *handover);

#endif
