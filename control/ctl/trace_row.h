/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A row of a trace as text, taken apart: where its packets went and their octets. What is no such
 * row is told from it, whatever it holds. Pure.
 */
#ifndef ARPAD_CONTROL_CTL_TRACE_ROW_H
#define ARPAD_CONTROL_CTL_TRACE_ROW_H

#include "control/ctl/pcapng.h"
#include "control/ctl/span.h"

enum {
	TRACE_ROW_OCTETS = 4096, /* of one packet; arpad keeps fewer */
	/* Room for a packet's block, whatever the row says. */
	TRACE_ROW_BLOCK_BYTES = PCAPNG_BLOCK_BYTES + PCAPNG_HEADERS_BYTES + TRACE_ROW_OCTETS +
		PCAPNG_COMMENT_MAX_BYTES,
};

struct trace_row {
	uint64_t time_ns; /* since 1970 */
	bool frames;	  /* its packets are frames, else messages */
	bool tcp;
	uint8_t family; /* of the two addresses: 4 or 6; 0: they are not there */
	uint8_t client[16], server[16];
	uint16_t client_port, server_port;
	struct span query, reply; /* base64 with its quotes; reply: may be nothing */
	uint32_t query_bytes, reply_bytes;
	char comment[PCAPNG_COMMENT_MAX_BYTES];
};

/* The places in the streams of a file that has messages of TCP: each of them is behind the last. */
struct trace_streams {
	uint32_t client, server;
};

/* False: the row has no packets, or is not as arpad writes it. */
bool trace_row_read(struct span row, struct trace_row *out);

/* Reads base64 (RFC 4648 section 4) in quotes. Its octets' count; -1: it is none, or too much. */
long trace_row_decode(struct span text, uint8_t *to, size_t room);

/*
 * Writes the block of the row's query, or of its reply; returns its length. 0: there is none, or it
 * is not as arpad writes it.
 */
size_t trace_row_block(const struct trace_row *row, bool reply, struct trace_streams *streams,
	uint8_t to[static TRACE_ROW_BLOCK_BYTES]);

#endif
