/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The scratch of one burst: parallel arrays, one entry a frame, each stage filling its own and
 * reading those before it. Reset (n = 0) every time round: nothing leaks from burst to burst.
 */
#ifndef ARPAD_DATAPLANE_BURST_H
#define ARPAD_DATAPLANE_BURST_H

#include "dataplane/dns/query.h"
#include "dataplane/frame.h"
#include "dataplane/outcome.h"
#include "dataplane/records/table.h"

#include <stdint.h>

struct observation;

enum { BURST_MAX = 64 }; /* AF_XDP pays one send() a burst: 64 halves it against 32 */

struct burst {
	/* The caller fills these. */
	uint64_t now_us; /* any clock that does not go back; only rate limiting looks at it */
	unsigned n;	 /* frames, 0..BURST_MAX */
	uint8_t *frame[BURST_MAX];    /* first byte of the Ethernet header; written in place */
	uint32_t length[BURST_MAX];   /* in: bytes received; out: bytes to send, 0 = silence */
	uint32_t capacity[BURST_MAX]; /* bytes writable from frame[i] */
	unsigned punt_room;	      /* how many messages may be punted; counted down */

	/* The stages fill these. */
	struct frame_view view[BURST_MAX];
	struct query query[BURST_MAX];
	const struct owner *owner[BURST_MAX]; /* what to look up, NULL: nothing */
	struct found found[BURST_MAX];
	enum outcome outcome[BURST_MAX];
	uint64_t rate_hash[BURST_MAX]; /* of the client's prefix, where rates are limited */

	/* Frames that neighbor_answer replied to, first to last, and their lengths meanwhile. */
	uint8_t neighbor[BURST_MAX];
	uint32_t neighbor_bytes[BURST_MAX];

	/* Frames that are observed, first to last, and where each is copied to. */
	unsigned observed;
	uint8_t observed_frame[BURST_MAX];
	struct observation *observation[BURST_MAX];
};

#endif
