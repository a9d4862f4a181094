/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ethernet, VLAN tags, IPv4, IPv6, UDP: open a frame to its DNS payload, close it to a reply. Every
 * frame is hostile and is checked in full, whatever an XDP program promised.
 */
#ifndef ARPAD_DATAPLANE_FRAME_H
#define ARPAD_DATAPLANE_FRAME_H

#include "dataplane/addresses.h"
#include "dataplane/checksum.h"
#include "dataplane/link.h"
#include "dataplane/outcome.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The most that stands before a DNS message: Ethernet, two tags, IPv6, UDP; and from IP on. */
enum { FRAME_IP_HEADERS_MAX_BYTES = 40 + 8, FRAME_HEADERS_MAX_BYTES = 14 + 8 + 40 + 8 };

/* Where things are in an opened frame, as offsets from its first byte. */
struct frame_view {
	uint16_t ip;		/* the IP header */
	uint16_t udp;		/* the UDP header */
	uint16_t payload;	/* the DNS message */
	uint16_t payload_bytes; /* by the UDP length, not the frame's: padding is not payload */
	uint8_t family;		/* 4 or 6 */

	/* Between frame_open and frame_close, theirs: the sum of what a reply leaves as it is. */
	uint16_t kept_bytes; /* of the payload; 0: not said by frame_keep */
	uint64_t kept_sum;
};

/*
 * Checks the frame of `length` bytes, which came by `link`, and fills `view`. Returns OUTCOMES when
 * it is a datagram to one of `ours`, else the outcome (a silent one) that says why not. Any worker.
 */
enum outcome frame_open(const uint8_t *frame, size_t length, const struct link *link,
	const struct addresses *ours, struct frame_view *view);

/* The same for `n` frames, without a call for each. */
void frame_open_bulk(uint8_t *const *frames, const uint32_t *lengths, unsigned n,
	const struct link *link, const struct addresses *ours, struct frame_view *views,
	enum outcome *outcomes);

/*
 * Finds what stands behind the VLAN tags, if there are any: sets view->ip, to be read only after
 * OUTCOMES (IP) and OUTCOME_NOT_IP. `length` is at least that of an Ethernet header.
 */
enum outcome frame_pass_tags(const uint8_t *frame, size_t length, struct frame_view *view);

/* Offset of the client's address, 4 or 16 octets by view->family. */
static inline size_t frame_source(const struct frame_view *view)
{
	return view->ip + (view->family == 4 ? 12u : 8u);
}

/*
 * Eight octets of the IP header, as memory has them, that hold the client's prefix: IPv6's first
 * half of the source, or IPv4's source as the last four.
 */
static inline uint64_t frame_source_word(const uint8_t *frame, const struct frame_view *view)
{
	uint64_t word;

	memcpy(&word, frame + view->ip + 8, sizeof(word));
	return word;
}

/*
 * How long a DNS reply may be: by the buffer of `capacity` bytes, and by the link's MTU, whose
 * bytes count from the IP header on, so tags take nothing of it. 0 where not even the headers fit.
 */
static inline size_t frame_reply_room(
	const struct frame_view *view, size_t capacity, uint16_t mtu_bytes)
{
	size_t mtu = (size_t)view->ip + mtu_bytes; /* as an offset into the frame */
	size_t end = capacity < mtu ? capacity : mtu;

	return end > view->payload ? end - view->payload : 0;
}

/* The sum of the payload from `bytes` on, at least one. Only for frame_keep. */
uint64_t frame_behind(const uint8_t *frame, const struct frame_view *view, size_t bytes);

/*
 * Says, before the reply is written, that a reply of `bytes` or more leaves the payload as it is
 * from the end of the DNS header up to `bytes`: the question. So frame_close need not sum it again.
 * `bytes` is more than WIRE_HEADER_BYTES and at most view->payload_bytes.
 */
static inline void frame_keep(const uint8_t *frame, struct frame_view *view, size_t bytes)
{
	view->kept_bytes = (uint16_t)bytes;
	/* To add the complement is to take away. */
	if (bytes < view->payload_bytes)
		view->kept_sum = checksum_add(view->kept_sum, ~frame_behind(frame, view, bytes));
}

/*
 * Turns the frame round: swaps MAC addresses, IP addresses and ports, keeps VLAN tags, sets
 * lengths, hop limit and checksums for a DNS message of `payload_bytes`, at least
 * WIRE_HEADER_BYTES, that stands at view->payload. Returns the length to send. The UDP checksum is
 * always computed, and never 0 (RFC 8200 8.1, RFC 768).
 */
size_t frame_close(uint8_t *frame, const struct frame_view *view, size_t payload_bytes);

/*
 * The same for `n` frames, without a call for each: `lengths` are of the messages, then of the
 * frames; 0, no reply, stays 0.
 */
void frame_close_bulk(
	uint8_t *const *frames, const struct frame_view *views, uint32_t *lengths, unsigned n);

#endif
