/* SPDX-License-Identifier: BSD-3-Clause */
/* Queries as messages and as frames to one of the addresses that workload.c serves. */
#ifndef ARPAD_BENCH_QUERY_FRAME_H
#define ARPAD_BENCH_QUERY_FRAME_H

#include "dataplane/addresses.h"
#include "dataplane/dns/arpa.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	QUERY_MESSAGE_MAX = 128, /* the longest query made here has 101 bytes */
	QUERY_FRAME_MAX = 192,	 /* in Ethernet, IPv6 and UDP: 62 bytes more */
	QUERY_SERVERS = 2,
};

/* Where frames go: 198.18.0.1 and 2001:db8::1. */
extern const struct ip_address query_server[QUERY_SERVERS];

/* Writes a PTR query for `owner`, RD set, with or without OPT, and returns its length. */
size_t query_message(const struct prefix *owner, bool opt, uint16_t id,
	uint8_t message[static QUERY_MESSAGE_MAX]);

/*
 * Writes a frame that carries such a query over the owner's family, its checksums right, and
 * returns its length. Clients differ in address and port by `id`.
 */
size_t query_frame(
	const struct prefix *owner, bool opt, uint16_t id, uint8_t frame[static QUERY_FRAME_MAX]);

/*
 * The same around any message, which need not be one: over IPv4 (4) or IPv6 (6), to `frame` with
 * room for 62 bytes more than the message has. Returns the frame's length.
 */
size_t query_frame_around(
	uint8_t family, const uint8_t *message, size_t message_bytes, uint16_t id, uint8_t *frame);

/* The one's complement checksum (RFC 1071) that begins with `sum`; 0 over what contains its own. */
uint16_t query_checksum(const uint8_t *bytes, size_t count, uint32_t sum);

/* Whether the UDP checksum of an IPv4 packet without options is right, or 0: none (RFC 768). */
bool query_udp_right(const uint8_t *ip, size_t bytes);

/* Where the DNS message begins in a frame of `family`. */
static inline size_t query_payload(uint8_t family)
{
	return 14u + (family == ARPA_FAMILY_IPV4 ? 20u : 40u) + 8u;
}

#endif
