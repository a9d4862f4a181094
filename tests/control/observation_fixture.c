/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/control/observation_fixture.h"

#include "dataplane/dns/wire.h"

#include <stdio.h>
#include <string.h>

/* Returns its length. */
static uint16_t put_message(uint8_t *at, uint8_t host, bool reply)
{
	static const uint8_t rest[] = "\1"
				      "2\1"
				      "0\3"
				      "192\7in-addr\4arpa";
	char label[8];
	int digits = snprintf(label, sizeof(label), "%u", host);
	uint8_t *name = at + WIRE_HEADER_BYTES;

	memset(at, 0, WIRE_HEADER_BYTES);
	wire_put16(at + WIRE_ID, 0x1234);
	wire_put16(at + WIRE_FLAGS, reply ? WIRE_QR | WIRE_AA | WIRE_RD | WIRE_NXDOMAIN : WIRE_RD);
	wire_put16(at + WIRE_QDCOUNT, 1);
	*name++ = (uint8_t)digits;
	memcpy(name, label, (size_t)digits);
	memcpy(name + digits, rest, sizeof(rest));
	name += (size_t)digits + sizeof(rest);
	wire_put16(name, WIRE_TYPE_PTR);
	wire_put16(name + 2, 1);
	return (uint16_t)(name + 4 - at);
}

void observation_make(
	struct observation *seen, enum observe_path path, uint8_t family, uint8_t host)
{
	static const uint8_t client_4[4] = {198, 51, 100, 7}, server_4[4] = {192, 0, 2, 53};
	static const uint8_t client_6[16] = {0x20, 1, 0xd, 0xb8, 0, 7, [15] = 7},
			     server_6[16] = {0x20, 1, 0xd, 0xb8, [15] = 0x53};
	uint16_t start = path != OBSERVE_WORKER ? 0 : family == 4 ? 42 : 62;

	memset(seen, 0, sizeof(*seen));
	seen->path = (uint8_t)path;
	seen->family = family;
	seen->outcome = OUTCOME_NXDOMAIN;
	seen->client_port = 40123;
	seen->server_port = 53;
	memcpy(seen->client, family == 4 ? client_4 : client_6, family == 4 ? 4 : 16);
	memcpy(seen->server, family == 4 ? server_4 : server_6, family == 4 ? 4 : 16);
	memset(seen->query, 0xee, start);
	memset(seen->reply, 0xdd, start);
	seen->query_message = seen->reply_message = start;
	seen->query_kept = (uint16_t)(start + put_message(seen->query + start, host, false));
	seen->reply_kept = (uint16_t)(start + put_message(seen->reply + start, host, true));
	seen->query_bytes = seen->query_kept;
	seen->reply_bytes = seen->reply_kept;
}
