/* SPDX-License-Identifier: BSD-3-Clause */
/* Writing replies over the query they answer. */
#include "dataplane/dns/reply.h"

#include "dataplane/dns/wire.h"

#include <string.h>

static void put_counts(uint8_t *message, uint16_t qd, uint16_t an, uint16_t ns, uint16_t ar)
{
	wire_put16(message + WIRE_QDCOUNT, qd);
	wire_put16(message + WIRE_ANCOUNT, an);
	wire_put16(message + WIRE_NSCOUNT, ns);
	wire_put16(message + WIRE_ARCOUNT, ar);
}

static size_t put_authority(uint8_t *out, const struct reply *reply)
{
	wire_put16(out, 0xc000 | reply->authority_owner); /* RFC 1035 4.1.4 */
	memcpy(out + 2, reply->authority, reply->authority_bytes);
	return 2 + (size_t)reply->authority_bytes;
}

size_t reply_write(uint8_t *message, size_t limit, const struct query *query,
	const struct reply *reply, bool *truncated)
{
	bool authority = reply->authority_count != 0;
	bool opt = query->edns.present;
	size_t at = query->question_end;
	size_t whole = at + reply->answer_bytes + (authority ? 2 + reply->authority_bytes : 0u) +
		(opt ? WIRE_OPT_BYTES : 0u);
	uint16_t flags = WIRE_QR | (query->flags & WIRE_RD) | (reply->rcode & WIRE_RCODE_MASK);

	if (reply->authoritative)
		flags |= WIRE_AA;
	*truncated = whole > limit;
	if (*truncated) {
		flags |= WIRE_TC;
		put_counts(message, 1, 0, 0, opt);
	} else {
		put_counts(message, 1, reply->answer_count, reply->authority_count, opt);
		if (reply->answer_count != 0) {
			memcpy(message + at, reply->answer, reply->answer_bytes);
			at += reply->answer_bytes;
		}
		if (authority)
			at += put_authority(message + at, reply);
	}
	wire_put16(message + WIRE_FLAGS, flags);
	if (opt)
		at += edns_write(message + at, &query->edns, reply->rcode);
	return at;
}

size_t reply_header_only(uint8_t *message, enum wire_rcode rcode)
{
	uint16_t opcode = wire_get16(message + WIRE_FLAGS) & WIRE_OPCODE_MASK;

	wire_put16(message + WIRE_FLAGS, WIRE_QR | opcode | (uint16_t)rcode);
	put_counts(message, 0, 0, 0, 0);
	return WIRE_HEADER_BYTES;
}
