/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A struct query and rendered RRs -> the reply, in place in the query's buffer: the question stays
 * byte for byte as it came (0x20 case included), and owners are pointers into the message.
 */
#ifndef ARPAD_DATAPLANE_DNS_REPLY_H
#define ARPAD_DATAPLANE_DNS_REPLY_H

#include "dataplane/dns/edns.h"
#include "dataplane/dns/query.h"
#include "dataplane/dns/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum reply_section { REPLY_ANSWER, REPLY_AUTHORITY, REPLY_ADDITIONAL, REPLY_SECTIONS };

/* A reply being written. */
struct reply {
	uint8_t *message;
	size_t at;    /* end of what is written */
	size_t limit; /* end of what may be written, the OPT's place left out */
	uint16_t count[REPLY_SECTIONS];
	bool truncated; /* something did not fit: nothing more is added, and TC is set */
};

enum { REPLY_POINTER_MAX = 0x3fff }; /* RFC 1035 4.1.4: 14 bits */

/*
 * Starts after the question. At most `limit` bytes will be written, `opt_bytes` of them by
 * reply_finish; the buffer must hold them, and `limit` be at least WIRE_UDP_PLAIN_BYTES.
 */
static inline void reply_begin(struct reply *reply, uint8_t *message, size_t limit,
	size_t opt_bytes, const struct query *query)
{
	*reply = (struct reply){
		.message = message, .at = query->question_end, .limit = limit - opt_bytes};
}

/* Room for `bytes` more, or NULL and the end of adding. Only for what adds, below. */
static inline uint8_t *reply_take(struct reply *reply, size_t bytes)
{
	uint8_t *to = reply->message + reply->at;

	if (reply->truncated || bytes > reply->limit - reply->at) {
		reply->truncated = true;
		return NULL;
	}
	reply->at += bytes;
	return to;
}

/* Points the owners of `count` RRs at offset `owner`. Only for reply_add. */
void reply_set_owners(uint8_t *rr, uint16_t count, size_t owner);

/*
 * Adds `count` rendered RRs, each starting with the owner pointer 0xC00C, whole or not at all
 * (RFC 2181 9). The owner becomes a pointer to the name at offset `owner`, at most
 * REPLY_POINTER_MAX. Returns the offset of the first RR, or 0 when it did not fit.
 */
static inline size_t reply_add(struct reply *reply, enum reply_section section, size_t owner,
	const uint8_t *rrs, size_t bytes, uint16_t count)
{
	uint8_t *to = reply_take(reply, bytes);

	if (!to)
		return 0;
	memcpy(to, rrs, bytes);
	if (owner != WIRE_HEADER_BYTES)
		reply_set_owners(to, count, owner);
	reply->count[section] += count;
	return (size_t)(to - reply->message);
}

/* Writes the header of a reply with one question: its flags, and how many RRs each section has. */
static inline void reply_header(
	uint8_t *message, uint16_t flags, uint16_t answers, uint16_t authority, uint16_t additional)
{
	/* Flags, QDCOUNT, ANCOUNT and NSCOUNT lie side by side: one store. */
	uint64_t word = __builtin_bswap64(
		(uint64_t)flags << 48 | UINT64_C(1) << 32 | (uint32_t)answers << 16 | authority);

	memcpy(message + WIRE_FLAGS, &word, sizeof(word));
	wire_put16(message + WIRE_ARCOUNT, additional);
}

/* Adds one RR given without its owner: TYPE to the end of RDATA. Returns as reply_add. */
size_t reply_add_rr(struct reply *reply, enum reply_section section, size_t owner,
	const uint8_t *rr, size_t bytes);

/*
 * Writes header and OPT (`opt` may be NULL) and returns the reply's length. RD is copied, RA 0;
 * AD, CD and Z 0 (RFC 4035 3.1.6, RFC 8906 3.1.3).
 */
size_t reply_finish(struct reply *reply, const struct query *query, uint16_t rcode,
	bool authoritative, const struct edns_reply *opt);

/*
 * Writes the 12-byte reply to a message whose question cannot be trusted: ID and opcode as they
 * came, QR, `rcode`, every other flag and every count 0 (RFC 8906 3.1.4). Returns 12. The
 * message must have at least 12 bytes.
 */
size_t reply_header_only(uint8_t *message, enum wire_rcode rcode);

#endif
