/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any bytes as a DNS message, over UDP or TCP, under any policy: the reply fits, is a reply to this
 * query, is no longer than the query where there is nothing to say, its owners point back to names,
 * and ldns can read it. The first octet of the input chooses policy and transport.
 */
#include "dataplane/dns/name.h"
#include "dataplane/dns/query.h"
#include "dataplane/dns/reply.h"
#include "dataplane/respond.h"

#include "tests/fuzz/fuzz_fixture.h"
#include "tests/support/decode.h"

#include <stdlib.h>
#include <string.h>

static void check_reply(const uint8_t *query, size_t size, const uint8_t *reply, size_t length,
	enum outcome outcome)
{
	uint16_t flags = wire_get16(reply + WIRE_FLAGS), asked = wire_get16(query + WIRE_FLAGS);

	must(length >= WIRE_HEADER_BYTES, "the reply is shorter than a header");
	must(memcmp(reply, query, 2) == 0, "the ID changed");
	must(flags & WIRE_QR, "QR is not set");
	must(!((flags ^ asked) & WIRE_OPCODE_MASK), "the opcode changed");
	must(!(flags & (WIRE_RA | 0x40 | WIRE_AD | WIRE_CD)), "a flag that is never set");
	if (wire_get16(reply + WIRE_QDCOUNT) == 0)
		must(length == WIRE_HEADER_BYTES && length <= size, "a bare reply with more");
	if (outcome == OUTCOME_FORMERR)
		must(flags == (WIRE_QR | (asked & WIRE_OPCODE_MASK) | WIRE_FORMERR),
			"FORMERR flags");
	if (outcome == OUTCOME_REFUSED || outcome == OUTCOME_NOTIMP)
		must(wire_get16(reply + WIRE_ANCOUNT) == 0 && wire_get16(reply + WIRE_NSCOUNT) == 0,
			"a refusal that says more");
	must(decode_succeeds(reply, length), "ldns cannot decode the reply");
}

/* A name may begin at `at`: it is walked with its pointers, each of which must lead back. */
static void check_name(const uint8_t *reply, size_t length, size_t at)
{
	unsigned bytes = 0;

	while (at < length && reply[at] != 0) {
		size_t to;

		if (reply[at] <= WIRE_LABEL_MAX_BYTES) {
			bytes += 1u + reply[at];
			must(bytes < WIRE_NAME_MAX_BYTES, "a name is longer than 255 octets");
			at += 1u + reply[at];
			continue;
		}
		must(reply[at] >= 0xc0 && at + 1 < length, "neither a label nor a pointer");
		to = wire_get16(reply + at) & REPLY_POINTER_MAX;
		must(to >= WIRE_HEADER_BYTES && to < at, "a pointer that does not lead back");
		at = to;
	}
	must(at < length, "a name without an end");
}

/* Every RR is whole, nothing follows the last, and every owner is a name. */
static void check_rrs(const uint8_t *reply, size_t length)
{
	size_t at = WIRE_HEADER_BYTES;
	unsigned rrs = 0;

	for (unsigned i = WIRE_ANCOUNT; i <= WIRE_ARCOUNT; i += 2)
		rrs += wire_get16(reply + i);
	if (wire_get16(reply + WIRE_QDCOUNT) == 1)
		at += name_length(reply + at, length - at) + WIRE_QUESTION_FIXED;
	for (; rrs > 0; rrs--) {
		must(at < length, "an RR is missing");
		check_name(reply, length, at);
		at += reply[at] == 0 ? 1 : 2; /* the OPT's root, or a pointer */
		must(length - at >= WIRE_RR_FIXED, "an RR is cut");
		at += WIRE_RR_FIXED + (size_t)wire_get16(reply + at + 8);
		must(at <= length, "RDATA is cut");
	}
	must(at == length, "octets after the last RR");
}

static size_t limit_of(
	const struct policy *policy, enum transport transport, const uint8_t *data, size_t size)
{
	struct query query;

	if (transport == TRANSPORT_TCP)
		return WIRE_MESSAGE_MAX_BYTES;
	query_read(data, size, &query);
	return edns_udp_limit(&query.edns, policy->udp_bytes);
}

static void check(
	enum fixture_policy policy, enum transport transport, const uint8_t *data, size_t size)
{
	/* Not one octet more than may be used, so that a sanitizer sees the next one touched. */
	size_t capacity = size < 4096 ? 4096 : size;
	const struct client client = fixture_client(transport);
	uint8_t *message = malloc(capacity);
	enum outcome outcome = OUTCOMES;
	size_t length;

	must(message, "no memory");
	memcpy(message, data, size);
	fixture_use(&fuzz_fixture, policy);
	length = respond(&fuzz_fixture.serving, &client, message, size, capacity, &outcome);
	must(length <= capacity, "the reply is longer than its buffer");
	must(length <= limit_of(&fuzz_fixture.policy[policy], transport, data, size),
		"the reply is longer than the client can take");
	must((length != 0) == (outcome >= OUTCOME_REPLIED_FIRST), "the outcome says otherwise");
	must(outcome < OUTCOMES, "no outcome");
	if (length != 0) {
		check_rrs(message, length);
		check_reply(data, size, message, length, outcome);
	}
	free(message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || size - 1 > WIRE_MESSAGE_MAX_BYTES)
		return 0;
	check(data[0] / 2 % FIXTURE_POLICIES, data[0] % 2 ? TRANSPORT_TCP : TRANSPORT_UDP, data + 1,
		size - 1);
	return 0;
}
