/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Captures as other programs read them: blocks of pcapng (draft-ietf-opsawg-pcapng) in this
 * machine's byte order, and the headers that messages without a frame get in front. Pure.
 */
#ifndef ARPAD_CONTROL_CTL_PCAPNG_H
#define ARPAD_CONTROL_CTL_PCAPNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The interfaces of every file: frames as they came, and IP packets that we made up around
 * messages. */
enum pcapng_interface { PCAPNG_FRAMES, PCAPNG_MESSAGES };

enum {
	PCAPNG_START_BYTES = 512,  /* room for pcapng_start */
	PCAPNG_BLOCK_BYTES = 64,   /* of a packet's block beside its octets and its comment */
	PCAPNG_HEADERS_BYTES = 62, /* IPv6, TCP, and the message's length */
	PCAPNG_COMMENT_MAX_BYTES = 1024,
};

/* What every file begins with; returns its length. */
size_t pcapng_start(uint8_t to[static PCAPNG_START_BYTES], const char *program);

struct pcapng_packet {
	enum pcapng_interface interface;
	uint64_t time_ns; /* since 1970 */
	bool outbound;
	const uint8_t *octets;
	size_t kept, bytes; /* how many octets there are, and were on the wire */
	const char *comment;
};

/*
 * Writes the packet's block and returns its length; `to` has room for PCAPNG_BLOCK_BYTES,
 * packet->kept and the comment, of which PCAPNG_COMMENT_MAX_BYTES are written at most.
 */
size_t pcapng_packet_write(const struct pcapng_packet *packet, uint8_t *to);

struct pcapng_message {
	uint8_t family; /* 4 or 6 */
	bool tcp;
	const uint8_t *source, *destination; /* as in a packet */
	uint16_t source_port, destination_port;
	const uint8_t *octets;
	size_t kept, bytes;
	uint32_t sequence, acknowledged; /* of TCP */
};

/*
 * Writes the headers that go in front of the message; returns their length. A message that is not
 * whole has no good checksum.
 */
size_t pcapng_headers_write(
	const struct pcapng_message *message, uint8_t to[static PCAPNG_HEADERS_BYTES]);

#endif
