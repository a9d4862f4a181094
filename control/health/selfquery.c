/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/health/selfquery.h"

#include <string.h>

void selfquery_write(struct selfquery *query, uint16_t id, const struct zone *zone)
{
	static const uint8_t nothing[] = "\7in-addr\4arpa";
	uint8_t *at = query->message + WIRE_HEADER_BYTES;

	memset(query->message, 0, WIRE_HEADER_BYTES);
	wire_put16(query->message + WIRE_ID, id);
	wire_put16(query->message + WIRE_QDCOUNT, 1);
	if (zone) {
		const struct owner apex = zone_apex(zone);

		at += owner_write(&apex, at);
	} else {
		memcpy(at, nothing, sizeof(nothing));
		at += sizeof(nothing);
	}
	wire_put16(at, WIRE_TYPE_SOA);
	wire_put16(at + 2, WIRE_CLASS_IN);
	query->zone = zone != NULL;
	query->length = (size_t)(at + WIRE_QUESTION_FIXED - query->message);
}

bool selfquery_is_right(const struct selfquery *query, const uint8_t *reply, size_t length)
{
	const size_t question = query->length - WIRE_HEADER_BYTES;
	unsigned flags, wanted = query->zone ? WIRE_AA | WIRE_NOERROR : WIRE_REFUSED;

	if (length < query->length || wire_get16(reply + WIRE_QDCOUNT) != 1 ||
		wire_get16(reply + WIRE_ID) != wire_get16(query->message + WIRE_ID) ||
		memcmp(reply + WIRE_HEADER_BYTES, query->message + WIRE_HEADER_BYTES, question) !=
			0)
		return false;
	flags = wire_get16(reply + WIRE_FLAGS);
	if (!(flags & WIRE_QR) || (flags & (WIRE_AA | WIRE_RCODE_MASK)) != wanted)
		return false;
	/* An SOA with very long names is cut. Else name, by a pointer, and type: RFC 1035 4.1.3. */
	return !query->zone || (flags & WIRE_TC) ||
		(wire_get16(reply + WIRE_ANCOUNT) == 1 && length >= query->length + 4 &&
			wire_get16(reply + query->length) == WIRE_QNAME_POINTER &&
			wire_get16(reply + query->length + 2) == WIRE_TYPE_SOA);
}
