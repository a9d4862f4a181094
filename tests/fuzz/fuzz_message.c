/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any bytes as a DNS message, over UDP and TCP: the reply fits, is a reply to this query, is no
 * longer than the query where there is nothing to say, and ldns can read it.
 */
#include "dataplane/dns/wire.h"
#include "dataplane/respond.h"

#include "tests/support/decode.h"
#include "tests/support/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct fixture fixture;

static void must(bool held, const char *what)
{
	if (held)
		return;
	fprintf(stderr, "fuzz_message: %s\n", what);
	abort();
}

/* LeakSanitizer does not look for pointers in the table's own mappings. */
static void tear_down(void)
{
	fixture_close(&fixture);
}

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
	(void)count;
	(void)arguments;
	fixture_open(&fixture);
	must(atexit(tear_down) == 0, "no room for an exit handler");
	return 0;
}

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
	must(decode_succeeds(reply, length), "ldns cannot decode the reply");
}

static void check(enum transport transport, const uint8_t *data, size_t size)
{
	/* Not one byte more than may be used, so that a sanitizer sees the next one touched. */
	size_t capacity = size < WIRE_UDP_EDNS_BYTES ? WIRE_UDP_EDNS_BYTES : size;
	uint8_t *message = malloc(capacity);
	enum outcome outcome = OUTCOMES;
	size_t length;

	must(message, "no memory");
	memcpy(message, data, size);
	length = respond(&fixture.serving, transport, message, size, capacity, &outcome);
	must(length <= capacity, "the reply is longer than its buffer");
	must(transport == TRANSPORT_TCP || length <= WIRE_UDP_EDNS_BYTES, "too long for UDP");
	must((length != 0) == (outcome >= OUTCOME_REPLIED_FIRST), "the outcome says otherwise");
	must(outcome < OUTCOMES, "no outcome");
	if (length != 0)
		check_reply(data, size, message, length, outcome);
	free(message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > WIRE_MESSAGE_MAX_BYTES)
		return 0;
	check(TRANSPORT_UDP, data, size);
	check(TRANSPORT_TCP, data, size);
	return 0;
}
