/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a kernel does for its network cards, for a port that DPDK owns: which frames the card lets
 * through, and what becomes of link and MTU. All of it is the control thread's.
 */
#ifndef ARPAD_DATAPLANE_DPDK_OWNED_H
#define ARPAD_DATAPLANE_DPDK_OWNED_H

#include "dataplane/addresses.h"
#include "dataplane/dpdk/port.h"

struct rte_eth_conf;
struct rte_eth_dev_info;

/*
 * Asks for clients to be spread over the queues by addresses and ports, over IPv4 and IPv6, UDP and
 * TCP, as far as the card can, with a key of this start's own: who knows the key can aim all
 * frames at one queue.
 */
void owned_spread(
	struct port *port, const struct rte_eth_dev_info *info, struct rte_eth_conf *conf);

/* Checks what the card needs of our buffers. Returns 0, or -errno with one sentence. */
int owned_check(const struct port *port, const struct rte_eth_dev_info *info,
	char error[static DATAPLANE_ERROR_BYTES]);

/*
 * After the start of the port: no promiscuity, VLAN tags stay in the frame, and its removal is
 * heard of. Returns 0, or -errno with one sentence. owned_close before the port is closed.
 */
int owned_open(struct port *port, char error[static DATAPLANE_ERROR_BYTES]);
void owned_close(struct port *port);

/*
 * Lets through the groups that neighbours ask for `addresses` by, and all nodes (RFC 4861 7.2.1);
 * a card that holds no such list gets all groups. Sets port->groups.
 */
void owned_join(struct port *port, const struct ip_address *addresses, size_t count);

/* Reads link and MTU anew; a few register reads. Returns whether the link came up since. */
bool owned_follow(struct port *port);

#endif
