/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A struct query and rendered sections -> the reply, in place in the query's buffer: the question
 * stays byte for byte as it came (0x20 case included), and owners point at it with 0xC00C.
 */
#ifndef ARPAD_DATAPLANE_DNS_REPLY_H
#define ARPAD_DATAPLANE_DNS_REPLY_H

#include "dataplane/dns/query.h"
#include "dataplane/dns/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What to say. Sections are borrowed, in wire form, and copied. */
struct reply {
	uint16_t rcode;		  /* enum wire_rcode */
	bool authoritative;	  /* AA */
	uint16_t answer_count;	  /* RRs in `answer`; each starts with its owner pointer 0xC00C */
	uint16_t authority_count; /* 0 or 1 */
	uint16_t authority_owner; /* offset in the message of the authority RR's owner */
	uint32_t answer_bytes;
	uint32_t authority_bytes;
	const uint8_t *answer;
	const uint8_t *authority; /* one RR without its owner: TYPE to the end of RDATA */
};

/*
 * Writes the reply over `message`, whose header and question are those that query_read read, and
 * returns its length, at most `limit`. The buffer must hold `limit` bytes, and `limit` must be at
 * least WIRE_UDP_PLAIN_BYTES. Sections that do not fit are left out whole and TC is set
 * (RFC 2181 9); `*truncated` tells. RD is copied, RA 0, AD, CD and Z 0 (RFC 4035 3.1.6, RFC 8906).
 */
size_t reply_write(uint8_t *message, size_t limit, const struct query *query,
	const struct reply *reply, bool *truncated);

/*
 * Writes the 12-byte reply to a message whose question cannot be trusted: ID and opcode as they
 * came, QR, `rcode`, every other flag and every count 0 (RFC 8906 3.1.4). Returns 12. The
 * message must have at least 12 bytes.
 */
size_t reply_header_only(uint8_t *message, enum wire_rcode rcode);

#endif
