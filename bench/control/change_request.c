/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/control/change_request.h"

#include "dataplane/dns/wire.h"

#include <stdio.h>
#include <string.h>

enum {
	TYPE_SOA = 6,
	TYPE_PTR = 12,
	CLASS_IN = 1,
	CLASS_ANY = 255,
	FLAGS_UPDATE = 5 << 11,
	NAME_BYTES = 31, /* of a change, on the wire */
	HEX_DIGITS = 16,
};

static const uint8_t apex[] = "\00210\7in-addr\4arpa";

static char *put_text(char *at, const char *text)
{
	size_t bytes = strlen(text);

	memcpy(at, text, bytes);
	return at + bytes;
}

static char *put_octet(char *at, unsigned octet)
{
	if (octet >= 100)
		*at++ = (char)('0' + octet / 100);
	if (octet >= 10)
		*at++ = (char)('0' + octet / 10 % 10);
	*at++ = (char)('0' + octet % 10);
	return at;
}

static char *put_digits(char *at, uint64_t number)
{
	for (unsigned i = HEX_DIGITS; i-- > 0;)
		*at++ = "0123456789abcdef"[number >> 4 * i & 15];
	return at;
}

size_t change_line(char line[static CHANGE_LINE_MAX], uint32_t host, uint64_t number)
{
	char *at = put_text(line, "{\"id\":1,\"method\":\"ptr.set\",\"params\":{\"address\":\"10");

	for (unsigned shift = 24; shift > 0; shift -= 8) {
		*at++ = '.';
		at = put_octet(at, host >> (shift - 8) & 255);
	}
	at = put_text(at, "\",\"name\":\"c");
	at = put_digits(at, number);
	at = put_text(at, ".example.net.\"}}\n");
	return (size_t)(at - line);
}

bool change_line_done(const char *line, size_t bytes)
{
	static const char result[] = "{\"id\":1,\"result\":";

	return bytes >= sizeof(result) && memcmp(line, result, sizeof(result) - 1) == 0;
}

static uint8_t *put_head(uint8_t *at, uint16_t id, uint16_t flags, const uint16_t counts[4])
{
	wire_put16(at, id);
	wire_put16(at + 2, flags);
	for (unsigned i = 0; i < 4; i++)
		wire_put16(at + 4 + 2 * i, counts[i]);
	return at + WIRE_HEADER_BYTES;
}

static uint8_t *put_owner(uint8_t *at, uint32_t host)
{
	for (unsigned shift = 0; shift < 24; shift += 8) {
		char *end = put_octet((char *)at + 1, host >> shift & 255);

		*at = (uint8_t)(end - (char *)at - 1);
		at = (uint8_t *)end;
	}
	memcpy(at, apex, sizeof(apex));
	return at + sizeof(apex);
}

static uint8_t *put_type(uint8_t *at, uint16_t type, uint16_t class)
{
	wire_put16(at, type);
	wire_put16(at + 2, class);
	return at + 4;
}

static uint8_t *put_name(uint8_t *at, uint64_t number)
{
	static const char tail[] = "\7example\3net";

	*at++ = 1 + HEX_DIGITS;
	*at++ = 'c';
	at = (uint8_t *)put_digits((char *)at, number);
	memcpy(at, tail, sizeof(tail));
	return at + sizeof(tail);
}

size_t change_update(
	uint8_t message[static CHANGE_MESSAGE_MAX], uint32_t host, uint64_t number, uint16_t id)
{
	uint8_t *at = put_head(message, id, FLAGS_UPDATE, (const uint16_t[4]){1, 0, 2, 0});

	memcpy(at, apex, sizeof(apex));
	at = put_type(at + sizeof(apex), TYPE_SOA, CLASS_IN);
	/* Section 2.5.2: class ANY, no TTL, no RDATA: delete the RRset. */
	at = put_type(put_owner(at, host), TYPE_PTR, CLASS_ANY);
	memset(at, 0, 6);
	at = put_type(put_owner(at + 6, host), TYPE_PTR, CLASS_IN);
	wire_put32(at, CHANGE_TTL);
	wire_put16(at + 4, NAME_BYTES);
	at = put_name(at + 6, number);
	return (size_t)(at - message);
}

bool change_update_done(const uint8_t *reply, size_t bytes, uint16_t id)
{
	return bytes >= WIRE_HEADER_BYTES && wire_get16(reply) == id && (reply[2] & 0x80) != 0 &&
		(reply[3] & 15) == 0;
}

size_t change_query(uint8_t message[static CHANGE_MESSAGE_MAX], uint32_t host, uint16_t id)
{
	uint8_t *at = put_head(message, id, 0, (const uint16_t[4]){1, 0, 0, 0});

	at = put_type(put_owner(at, host), TYPE_PTR, CLASS_IN);
	return (size_t)(at - message);
}

bool change_answered(const uint8_t *reply, size_t bytes, uint64_t number)
{
	uint8_t name[NAME_BYTES];

	put_name(name, number);
	return bytes > WIRE_HEADER_BYTES + NAME_BYTES && (reply[3] & 15) == 0 &&
		wire_get16(reply + 6) == 1 &&
		memcmp(reply + bytes - NAME_BYTES, name, NAME_BYTES) == 0;
}
