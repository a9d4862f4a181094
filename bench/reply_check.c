/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/reply_check.h"

#include "bench/query_frame.h"
#include "dataplane/dns/wire.h"

#include <string.h>

static bool header_right(const uint8_t *message, enum outcome outcome, bool opt)
{
	bool hit = outcome == OUTCOME_ANSWERED;
	uint16_t flags = wire_get16(message + WIRE_FLAGS);
	uint16_t rcode = outcome == OUTCOME_NXDOMAIN ? WIRE_NXDOMAIN : WIRE_NOERROR;

	return (flags & WIRE_QR) && (flags & WIRE_AA) && (flags & WIRE_RCODE_MASK) == rcode &&
		wire_get16(message + WIRE_QDCOUNT) == 1 &&
		wire_get16(message + WIRE_ANCOUNT) == hit &&
		wire_get16(message + WIRE_NSCOUNT) == !hit &&
		wire_get16(message + WIRE_ARCOUNT) == opt;
}

size_t reply_check_question(const uint8_t *query, struct prefix *host)
{
	const uint8_t *name = query + WIRE_HEADER_BYTES;
	size_t bytes = 0;

	while (name[bytes])
		bytes += 1u + name[bytes];
	bytes++;
	return arpa_parse(name, bytes, host) == ARPA_EXACT ? bytes + WIRE_QUESTION_FIXED : 0;
}

bool reply_check_message(const uint8_t *query, const uint8_t *reply, enum outcome outcome, bool opt,
	unsigned *version)
{
	bool hit = outcome == OUTCOME_ANSWERED;
	struct prefix host;
	size_t question = reply_check_question(query, &host);
	const uint8_t *rr = reply + WIRE_HEADER_BYTES + question;

	if (question == 0 || wire_get16(reply) != wire_get16(query) ||
		memcmp(reply + WIRE_HEADER_BYTES, query + WIRE_HEADER_BYTES, question) != 0 ||
		!header_right(reply, outcome, opt) ||
		wire_get16(rr + 2) != (hit ? WIRE_TYPE_PTR : WIRE_TYPE_SOA))
		return false;
	return !hit || population_target_read(&host, rr + 2 + WIRE_RR_FIXED, version);
}

/* Ethernet, IPv4 without options, UDP. */
enum { IP = 14, SOURCE = IP + 12, TARGET = IP + 16, UDP = IP + 20, IP_BYTES = 20, ADDRESS = 4 };

bool reply_check_frame(const uint8_t *query, const uint8_t *reply, size_t bytes)
{
	if (bytes < query_payload(ARPA_FAMILY_IPV4) || memcmp(reply, query + 6, 6) != 0 ||
		memcmp(reply + 6, query, 6) != 0 || wire_get16(reply + 12) != 0x0800 ||
		memcmp(reply + SOURCE, query + TARGET, ADDRESS) != 0 ||
		memcmp(reply + TARGET, query + SOURCE, ADDRESS) != 0 ||
		memcmp(reply + UDP, query + UDP + 2, 2) != 0 ||
		memcmp(reply + UDP + 2, query + UDP, 2) != 0)
		return false;
	return wire_get16(reply + IP + 2) == bytes - IP &&
		wire_get16(reply + UDP + 4) == bytes - UDP &&
		query_checksum(reply + IP, IP_BYTES, 0) == 0 &&
		query_udp_right(reply + IP, bytes - IP);
}
