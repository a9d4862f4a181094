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

/* The unspecified, the loopback and IPv4-mapped addresses, and multicast (RFC 4291 2.5, 2.7). */
static inline bool source_ipv6_bad(const uint8_t *source)
{
	static const uint8_t zero[10];

	if (source[0] == 0xff)
		return true;
	if (memcmp(source, zero, 10) != 0)
		return false;
	if (source[10] == 0xff && source[11] == 0xff)
		return true;
	return memcmp(source + 10, zero, 5) == 0 && source[15] <= 1;
}

#endif
