/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ARP and IPv6 neighbour discovery for our addresses, where no kernel shares the port and so none
 * does it for us. Stateless: a reply goes back to who asked, and nothing is remembered.
 */
#ifndef ARPAD_DATAPLANE_NEIGHBOR_H
#define ARPAD_DATAPLANE_NEIGHBOR_H

#include "dataplane/addresses.h"
#include "dataplane/link.h"
#include "dataplane/outcome.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	NEIGHBOR_ANNOUNCE_BYTES = 86, /* Ethernet, IPv6, an advertisement with one option */
	/* Only where the solicitation came to a group without the sender's own address. */
	NEIGHBOR_GROWTH_BYTES = 8,
};

/* Whether frame_open refused a frame for what it is, and not for being wrong: another may want it.
 */
static inline bool neighbor_may_want(enum outcome refused)
{
	return refused == OUTCOME_NOT_IP || refused == OUTCOME_NOT_UDP ||
		refused == OUTCOME_NOT_OURS;
}

/*
 * Answers a frame that frame_open refused so, in place: ARP requests (RFC 826, RFC 5227),
 * neighbour solicitations (RFC 4861 7.2) and echo requests (dataplane/echo.h) for one of `ours`,
 * VLAN tags as received. *length is that of the frame, then of the reply.
 *
 * OUTCOME_NEIGHBOR and OUTCOME_ECHO: a reply stands there, never longer than what came, but by
 * NEIGHBOR_GROWTH_BYTES where RFC 4861 7.2.4 demands it. OUTCOME_TO_KERNEL: another's matter, be
 * it right or wrong. Any other outcome says why the frame is to be dropped. In these cases frame
 * and length are as they came. Any worker.
 *
 * Advertisements override (O): whether one of our addresses is anycast on this very link, where
 * RFC 4861 7.2.7 wants it clear, cannot be seen from it; anycast by routing is unicast here. They
 * never say that we route (R). What is not in `ours`, a link-local address too, is the kernel's.
 */
enum outcome neighbor_answer(uint8_t *frame, uint32_t *length, uint32_t capacity,
	const struct addresses *ours, const struct link *link);

/*
 * Writes the frame that tells a link of our address: an ARP announcement (RFC 5227 2.3) or an
 * unsolicited advertisement (RFC 4861 7.2.6). Returns its length; 0: such an address has no place
 * on a link (loopback, unspecified, multicast). Any thread.
 */
size_t neighbor_announce(const struct ip_address *address, const uint8_t *mac,
	uint8_t frame[static NEIGHBOR_ANNOUNCE_BYTES]);

/* The group MAC address that solicitations for an IPv6 address go to (RFC 4291 2.7.1, RFC 2464 7).
 */
void neighbor_group_mac(const uint8_t *address, uint8_t mac[static LINK_MAC_BYTES]);

#endif
