/* SPDX-License-Identifier: BSD-3-Clause */
/* Writing replies over the query they answer. */
#include "dataplane/dns/reply.h"

enum { POINTER_BYTES = 2 };

void reply_set_owners(uint8_t *rr, uint16_t count, size_t owner)
{
	for (; count > 0; count--) {
		wire_put16(rr, (uint16_t)(0xc000 | owner));
		rr += POINTER_BYTES + WIRE_RR_FIXED + wire_get16(rr + POINTER_BYTES + 8);
	}
}

size_t reply_add_rr(struct reply *reply, enum reply_section section, size_t owner,
	const uint8_t *rr, size_t bytes)
{
	uint8_t *to = reply_take(reply, POINTER_BYTES + bytes);

	if (!to)
		return 0;
	wire_put16(to, (uint16_t)(0xc000 | owner));
	memcpy(to + POINTER_BYTES, rr, bytes);
	reply->count[section]++;
	return (size_t)(to - reply->message);
}

static void put_counts(uint8_t *message, uint16_t qd, uint16_t an, uint16_t ns, uint16_t ar)
{
	wire_put32(message + WIRE_QDCOUNT, (uint32_t)qd << 16 | an);
	wire_put32(message + WIRE_NSCOUNT, (uint32_t)ns << 16 | ar);
}

size_t reply_finish(struct reply *reply, const struct query *query, uint16_t rcode,
	bool authoritative, const struct edns_reply *opt)
{
	uint16_t flags = WIRE_QR | (query->flags & WIRE_RD) | (rcode & WIRE_RCODE_MASK);

	if (authoritative)
		flags |= WIRE_AA;
	if (reply->truncated)
		flags |= WIRE_TC;
	wire_put16(reply->message + WIRE_FLAGS, flags);
	if (opt) {
		reply->count[REPLY_ADDITIONAL]++;
		reply->at += edns_write(reply->message + reply->at, opt);
	}
	put_counts(reply->message, 1, reply->count[REPLY_ANSWER], reply->count[REPLY_AUTHORITY],
		reply->count[REPLY_ADDITIONAL]);
	return reply->at;
}

size_t reply_header_only(uint8_t *message, enum wire_rcode rcode)
{
	uint16_t opcode = wire_get16(message + WIRE_FLAGS) & WIRE_OPCODE_MASK;

	wire_put16(message + WIRE_FLAGS, WIRE_QR | opcode | (uint16_t)rcode);
	put_counts(message, 0, 0, 0, 0);
	return WIRE_HEADER_BYTES;
}
