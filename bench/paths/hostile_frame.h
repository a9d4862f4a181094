/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What an attacker sends: frames of many kinds, and spoofed sources for them. Pure; `seed` is the
 * state of the random numbers, so that a run can be repeated.
 */
#ifndef ARPAD_BENCH_PATHS_HOSTILE_FRAME_H
#define ARPAD_BENCH_PATHS_HOSTILE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	HOSTILE_FRAME_MAX = 640,
	HOSTILE_SOURCES_6 = 1 << 24, /* the /56s of 2001:db8::/32 */
	HOSTILE_SOURCES_4 = 1 << 16, /* the hosts of 198.19.0.0/16 */
};

enum hostile_kind {
	HOSTILE_ADDRESS,   /* PTR of a random address of 10.0.0.0/8 */
	HOSTILE_NAME,	   /* random labels below 10.in-addr.arpa, of random types */
	HOSTILE_ELSEWHERE, /* a name in no zone */
	HOSTILE_MUTATED,   /* a query with a few octets changed, cut off or added */
	HOSTILE_NOISE,	   /* random octets for a message */
	HOSTILE_PACKET,	   /* UDP lengths, checksums and ports that are wrong */
	HOSTILE_DNS_KINDS,

	/* For the kernel: what no XDP program or worker answers. */
	HOSTILE_SYN = HOSTILE_DNS_KINDS, /* TCP SYN to ports 22, 53, 179 */
	HOSTILE_DATAGRAM,		 /* UDP to a port where nobody listens */
	HOSTILE_FRAGMENT,		 /* the second piece of a datagram */
	HOSTILE_KINDS,
};

/*
 * Writes a frame of that kind, over IPv6 or IPv4 (HOSTILE_SYN and later: IPv4 only), and returns
 * its length. MAC addresses are the caller's to set.
 */
size_t hostile_frame(
	enum hostile_kind kind, bool ipv6, uint64_t *seed, uint8_t frame[static HOSTILE_FRAME_MAX]);

/*
 * Gives the frame source number `n`, modulo HOSTILE_SOURCES_6 or _4: consecutive numbers are far
 * apart. Checksums stay as right, or as wrong, as they were (RFC 1624).
 */
void hostile_spoof(uint8_t *frame, uint32_t n);

#endif
