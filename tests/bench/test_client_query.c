/* SPDX-License-Identifier: BSD-3-Clause */
/* What the good clients of bench/paths ask, and which replies they take. */
#include "bench/paths/client_query.h"
#include "dataplane/dns/query.h"
#include "dataplane/dns/wire.h"
#include "tests/support/cmocka.h"

#include <string.h>

static const struct client_cookie no_cookie;

static size_t reply_to(const uint8_t *query, size_t bytes, uint8_t *reply)
{
	static const uint8_t answer[] = {0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 9, 0, 1, 0};

	memcpy(reply, query, bytes);
	reply[WIRE_FLAGS] |= 0x84;
	reply[WIRE_ANCOUNT + 1] = 1;
	memcpy(reply + bytes, answer, sizeof(answer));
	return bytes + sizeof(answer);
}

static void queries_ask_for_the_address(void **state)
{
	uint8_t wire[CLIENT_QUERY_MAX];
	struct query query;

	(void)state;
	size_t bytes = client_query(255, 0x1234, &no_cookie, wire);
	assert_int_equal(query_read(wire, bytes, &query), QUERY_OK);
	assert_memory_equal(wire + WIRE_HEADER_BYTES, "\0010\0011\0010\00210\7in-addr\4arpa", 23);
	assert_int_equal(wire_get16(wire), 0x1234);
}

static void a_cookie_is_learned_and_sent_back(void **state)
{
	struct client_cookie cookie = {CLIENT_COOKIE_BYTES, "clients!"};
	uint8_t wire[CLIENT_QUERY_MAX], reply[64] = {0};
	static const uint8_t option[] = {0, 10, 0, 24};

	(void)state;
	memcpy(reply + 64 - 28, option, 4);
	memcpy(reply + 64 - 24, "clients!and the server's", 24);
	assert_false(client_cookie_learn(&cookie, reply, 39));
	assert_true(client_cookie_learn(&cookie, reply, sizeof(reply)));
	assert_int_equal(cookie.bytes, CLIENT_SERVER_COOKIE_BYTES);

	size_t bytes = client_query(0, 1, &cookie, wire);
	assert_memory_equal(wire + bytes - 28, reply + 64 - 28, 28);
	assert_int_equal(wire_get16(wire + bytes - 30), 28);

	reply[64 - 24] ^= 1; /* a cookie for someone else */
	assert_false(client_cookie_learn(&cookie, reply, sizeof(reply)));
	reply[64 - 27] = 11; /* another option */
	assert_false(client_cookie_learn(&cookie, reply, sizeof(reply)));
}

static void only_the_right_reply_counts(void **state)
{
	uint8_t query[CLIENT_QUERY_MAX], reply[CLIENT_QUERY_MAX + 16];

	(void)state;
	size_t asked = client_query(7, 99, &no_cookie, query);
	size_t bytes = reply_to(query, asked, reply);
	assert_true(client_reply_right(query, asked, reply, bytes));
	assert_false(client_reply_right(query, asked, query, asked));
	for (size_t cut = 0; cut <= asked; cut++)
		assert_false(client_reply_right(query, asked, reply, cut));
	/* Id, QR, TC, RCODE, ANCOUNT, and an octet of the name. */
	static const struct {
		size_t at;
		uint8_t bits;
	} wrong[] = {{1, 1}, {2, 0x80}, {2, 2}, {3, 3}, {7, 1}, {13, 1}};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		reply[wrong[i].at] ^= wrong[i].bits;
		assert_false(client_reply_right(query, asked, reply, bytes));
		reply[wrong[i].at] ^= wrong[i].bits;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queries_ask_for_the_address),
		cmocka_unit_test(a_cookie_is_learned_and_sent_back),
		cmocka_unit_test(only_the_right_reply_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
