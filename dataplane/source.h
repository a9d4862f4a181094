/* SPDX-License-Identifier: BSD-3-Clause */
/* Source addresses that no reply may go to, be it DNS, ARP, ND or an echo. */
#ifndef ARPAD_DATAPLANE_SOURCE_H
#define ARPAD_DATAPLANE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* 0/8, 127/8, multicast, class E and broadcast are no one's to be answered (RFC 1122 3.2.1.3). */
static inline bool source_ipv4_bad(const uint8_t *source)
{
	return source[0] == 0 || source[0] == 127 || source[0] >= 224;
}

/*
 * Multicast; and ::/96, with the unspecified, the loopback and the IPv4-compatible addresses, and
 * ::ffff:0:0/96, the IPv4-mapped ones, none of which is on a wire (RFC 4291 2.5.2 to 2.5.5, 2.7).
 */
static inline bool source_ipv6_bad(const uint8_t *source)
{
	static const uint8_t zero[10];

	if (source[0] == 0xff)
		return true;
	if (memcmp(source, zero, 10) != 0)
		return false;
	return source[10] == source[11] && (source[10] == 0 || source[10] == 0xff);
}

#endif
