/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/paths/client_query.h"

#include "bench/query_frame.h"
#include "dataplane/dns/wire.h"

#include <string.h>

enum {
	FIRST_ADDRESS = 10 << 24 | 1,
	OPTION_COOKIE = 10, /* RFC 7873 section 4 */
	OPTION_HEAD = 4,    /* code and length */
};

_Static_assert(QUERY_MESSAGE_MAX + OPTION_HEAD + CLIENT_SERVER_COOKIE_BYTES <= CLIENT_QUERY_MAX,
	"a query with a cookie fits");

size_t client_query(uint32_t index, uint16_t id, const struct client_cookie *cookie,
	uint8_t query[static CLIENT_QUERY_MAX])
{
	struct prefix owner = {.family = ARPA_FAMILY_IPV4, .bits = 32};

	owner.high = (uint64_t)(FIRST_ADDRESS + index) << 32;
	size_t at = query_message(&owner, cookie->bytes != 0, id, query);
	if (!cookie->bytes)
		return at;
	wire_put16(query + at - 2, (uint16_t)(OPTION_HEAD + cookie->bytes));
	wire_put16(query + at, OPTION_COOKIE);
	wire_put16(query + at + 2, (uint16_t)cookie->bytes);
	memcpy(query + at + OPTION_HEAD, cookie->octets, cookie->bytes);
	return at + OPTION_HEAD + cookie->bytes;
}

/* The question's end in a query of ours, or 0. */
static size_t question_end(const uint8_t *query, size_t bytes)
{
	size_t at = WIRE_HEADER_BYTES;

	while (at < bytes && query[at])
		at += 1u + query[at];
	at += 1 + WIRE_QUESTION_FIXED;
	return at <= bytes ? at : 0;
}

bool client_reply_right(
	const uint8_t *query, size_t query_bytes, const uint8_t *reply, size_t reply_bytes)
{
	size_t end = question_end(query, query_bytes);

	return end && reply_bytes > end && memcmp(query, reply, 2) == 0 &&
		(wire_get16(reply + WIRE_FLAGS) & (WIRE_QR | WIRE_TC | WIRE_RCODE_MASK)) ==
		WIRE_QR &&
		wire_get16(reply + WIRE_ANCOUNT) > 0 &&
		memcmp(query + WIRE_HEADER_BYTES, reply + WIRE_HEADER_BYTES,
			end - WIRE_HEADER_BYTES) == 0;
}

bool client_cookie_learn(struct client_cookie *cookie, const uint8_t *reply, size_t bytes)
{
	static const uint8_t head[OPTION_HEAD] = {0, OPTION_COOKIE, 0, CLIENT_SERVER_COOKIE_BYTES};
	const uint8_t *last = reply + bytes - CLIENT_SERVER_COOKIE_BYTES;

	if (bytes < WIRE_HEADER_BYTES + sizeof(head) + CLIENT_SERVER_COOKIE_BYTES ||
		memcmp(last - sizeof(head), head, sizeof(head)) != 0 ||
		memcmp(last, cookie->octets, CLIENT_COOKIE_BYTES) != 0)
		return false;
	memcpy(cookie->octets, last, CLIENT_SERVER_COOKIE_BYTES);
	cookie->bytes = CLIENT_SERVER_COOKIE_BYTES;
	return true;
}
