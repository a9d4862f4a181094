/* SPDX-License-Identifier: BSD-3-Clause */
/* What bench/control sends, and which replies it takes for acknowledgements and fresh answers. */
#include "bench/control/change_request.h"
#include "dataplane/dns/query.h"
#include "dataplane/dns/wire.h"
#include "tests/support/cmocka.h"

#include <stdio.h>
#include <string.h>

static const uint32_t host = 255 << 16 | 10 << 8 | 7;
static const char owner[] = "\0017\00210\003255\00210\7in-addr\4arpa";

static void a_line_is_one_request(void **state)
{
	char line[CHANGE_LINE_MAX];
	size_t bytes = change_line(line, host, 0x1a2b);

	(void)state;
	line[bytes] = '\0';
	assert_string_equal(line,
		"{\"id\":1,\"method\":\"ptr.set\",\"params\":{\"address\":\"10.255.10.7\","
		"\"name\":\"c0000000000001a2b.example.net.\"}}\n");
}

static void only_a_result_is_an_acknowledgement(void **state)
{
	static const char done[] = "{\"id\":1,\"result\":{\"seq\":1}}";
	static const char refused[] = "{\"id\":1,\"error\":{\"code\":1}}";

	(void)state;
	assert_true(change_line_done(done, strlen(done)));
	assert_false(change_line_done(refused, strlen(refused)));
	assert_false(change_line_done(done, 3));
}

static void an_update_deletes_and_adds(void **state)
{
	uint8_t wire[CHANGE_MESSAGE_MAX];
	size_t bytes = change_update(wire, host, 1, 0x1234);
	const uint8_t *at = wire + WIRE_HEADER_BYTES;

	(void)state;
	assert_memory_equal(wire, "\x12\x34\x28\0\0\1\0\0\0\2\0\0", WIRE_HEADER_BYTES);
	assert_memory_equal(at, "\00210\7in-addr\4arpa\0\0\6\0\1", 21);
	at += 21;
	assert_memory_equal(at, owner, sizeof(owner));
	assert_memory_equal(at + sizeof(owner), "\0\14\0\377\0\0\0\0\0\0", 10);
	at += sizeof(owner) + 10;
	assert_memory_equal(at, owner, sizeof(owner));
	assert_memory_equal(at + sizeof(owner), "\0\14\0\1\0\0\1\54\0\37", 10);
	at += sizeof(owner) + 10;
	assert_memory_equal(at, "\021c0000000000000001\7example\3net", 31);
	assert_int_equal(at + 31 - wire, bytes);
}

static void an_update_is_done_by_its_reply(void **state)
{
	uint8_t reply[WIRE_HEADER_BYTES] = {0x12, 0x34, 0xa8, 0};

	(void)state;
	assert_true(change_update_done(reply, sizeof(reply), 0x1234));
	assert_false(change_update_done(reply, sizeof(reply), 0x1235));
	assert_false(change_update_done(reply, sizeof(reply) - 1, 0x1234));
	reply[3] = 5;
	assert_false(change_update_done(reply, sizeof(reply), 0x1234));
	memcpy(reply + 2, "\x28\0", 2);
	assert_false(change_update_done(reply, sizeof(reply), 0x1234));
}

static void an_answer_is_fresh_or_stale(void **state)
{
	uint8_t reply[CHANGE_MESSAGE_MAX + 64];
	struct query query;
	size_t bytes = change_query(reply, host, 7);
	static const uint8_t answer[] = {0xc0, 12, 0, 12, 0, 1, 0, 0, 1, 44, 0, 31};

	(void)state;
	assert_int_equal(query_read(reply, bytes, &query), QUERY_OK);
	assert_memory_equal(reply + WIRE_HEADER_BYTES, owner, sizeof(owner));
	reply[2] |= 0x84;
	reply[7] = 1;
	memcpy(reply + bytes, answer, sizeof(answer));
	memcpy(reply + bytes + 12, "\021c00000000000000ff\7example\3net", 31);
	bytes += 12 + 31;
	assert_true(change_answered(reply, bytes, 255));
	assert_false(change_answered(reply, bytes, 254));
	reply[3] |= 3;
	assert_false(change_answered(reply, bytes, 255));
	assert_false(change_answered(reply, 20, 255));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_one_request),
		cmocka_unit_test(only_a_result_is_an_acknowledgement),
		cmocka_unit_test(an_update_deletes_and_adds),
		cmocka_unit_test(an_update_is_done_by_its_reply),
		cmocka_unit_test(an_answer_is_fresh_or_stale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
