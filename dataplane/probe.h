/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A query that the server asks itself: one frame that a worker answers between two bursts as if its
 * port had brought it. It takes no packet buffer, and neither side ever waits for the other.
 */
#ifndef ARPAD_DATAPLANE_PROBE_H
#define ARPAD_DATAPLANE_PROBE_H

#include "dataplane/addresses.h"
#include "dataplane/link.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>

enum {
	PROBE_MESSAGE_MAX_BYTES = 512, /* the longest query and reply: RFC 1035 4.2.1 */
	PROBE_FRAME_BYTES = 1024,      /* room for a reply with its headers */
};

/* Whose move it is: the control thread's, but for PROBE_ASKED. */
enum probe_state { PROBE_IDLE, PROBE_ASKED, PROBE_ANSWERED };

struct probe {
	alignas(64) _Atomic(unsigned) state; /* of enum probe_state; in a line of its own */
	alignas(64) uint32_t length;	     /* of the frame; 0: it was not answered */
	alignas(64) uint8_t frame[PROBE_FRAME_BYTES];
};

/*
 * Writes a frame from a client that nobody is (192.0.0.8 or 100::1) to `to`, UDP port `port`, by
 * `link`, with the DNS message of `length` octets, 12 to PROBE_MESSAGE_MAX_BYTES. Returns the
 * frame's length. Control thread.
 */
uint32_t probe_write(uint8_t frame[static PROBE_FRAME_BYTES], const struct link *link,
	const struct ip_address *to, uint16_t port, const uint8_t *message, size_t length);

/*
 * Finds the DNS message of a reply to a frame of probe_write. Returns its octets, 0: this is none.
 * Control thread.
 */
size_t probe_read(const uint8_t *frame, uint32_t length, const uint8_t **message);

#endif
