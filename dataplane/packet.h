/* SPDX-License-Identifier: BSD-3-Clause */
/* What ARP, ND and echo share: a frame that was not for frame.c, and ICMPv6's checksum. */
#ifndef ARPAD_DATAPLANE_PACKET_H
#define ARPAD_DATAPLANE_PACKET_H

#include "dataplane/addresses.h"
#include "dataplane/checksum.h"
#include "dataplane/link.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PACKET_IPV4_BYTES = 20,
	PACKET_IPV6_BYTES = 40,
	PACKET_ICMP = 1,    /* RFC 792 */
	PACKET_ICMPV6 = 58, /* RFC 4443 1 */
	PACKET_GROUP = 1,   /* bit of a MAC address's first octet: multicast or broadcast */
};

struct packet {
	uint8_t *frame;
	size_t net;	 /* offset of what is behind the Ethernet header and its tags */
	size_t room;	 /* bytes from there to the end of what came */
	size_t capacity; /* bytes from there to the end of the buffer */
	const struct addresses *ours;
	const struct link *link;
};

static inline bool packet_to_group(const struct packet *packet)
{
	return packet->frame[0] & PACKET_GROUP;
}

/* The sum of an ICMPv6 message with its pseudo-header (RFC 8200 8.1); `bytes` at least 4. */
static inline uint64_t packet_icmpv6_sum(const uint8_t *ip, size_t bytes)
{
	uint64_t sum =
		(uint64_t)__builtin_bswap16(PACKET_ICMPV6) + __builtin_bswap16((uint16_t)bytes);

	return checksum_bytes(ip + PACKET_IPV6_BYTES, bytes, checksum_bytes(ip + 8, 32, sum));
}

#endif
