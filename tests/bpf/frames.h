/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames for the XDP program, and a second opinion on where each belongs. */
#ifndef ARPAD_TESTS_BPF_FRAMES_H
#define ARPAD_TESTS_BPF_FRAMES_H

#include "bpf/steer_map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FRAMES_ETHERNET_BYTES = 14,
	FRAMES_TAG_BYTES = 4,
	FRAMES_UDP_BYTES = 8,
	FRAMES_PORT = 53,
};

/* The tags of a frame, outermost first. */
struct frames_tags {
	const char *name;
	unsigned count;
	uint16_t type[3];
	bool ours; /* such a frame may be for us */
};

extern const struct frames_tags frames_tags[];
extern const size_t frames_tags_count;

struct frames_frame {
	uint8_t bytes[256];
	size_t length;
	size_t ip, udp; /* offsets */
};

extern const uint8_t frames_mac[6], frames_ipv4[4], frames_ipv6[16];

void frames_put16(uint8_t *at, unsigned value);

/* A UDP datagram to our MAC address, address and port. */
struct frames_frame frames_make(unsigned family, const struct frames_tags *tags);

/*
 * The verdict on a frame of at least 14 octets while steering is on, `socket` behind its queue or
 * not: the rule once more, octet by octet, without the program's structure.
 */
enum steer_verdict frames_judge(const uint8_t *frame, size_t length, bool socket);

#endif
