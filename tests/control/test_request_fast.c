/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * control/command/request_fast.c against the JSON reader: what it takes, that takes as the same
 * request, with the right parameters; and it takes what clients write.
 */
#include "tests/control/command_fixture.h"
#include "tests/control/random_rrset.h"
#include "tests/control/request_compare.h"
#include "tests/control/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 200000, LINE_BYTES = 512 };

/* Whether the whole line was taken; then it is the same request. */
static bool is_taken(const char *line, size_t bytes)
{
	enum compared result = request_compare(line, bytes);

	if (result == COMPARED_DIFFERENT)
		fail_msg("read differently: %.*s", (int)bytes, line);
	return result == COMPARED_WHOLE;
}

static void what_clients_write_is_taken(void **state)
{
	static const char *const lines[] = {
		"{\"id\":1,\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.7\",\"name\":"
		"\"a.example.net.\"}}",
		/* As json.dumps of Python writes it. */
		"{\"id\": 1, \"method\": \"ptr.set\", \"params\": {\"address\": \"192.0.2.7\", "
		"\"names\": [\"a.\", \"b.\"], \"ttl\": 300}}",
		"{\"id\":\"x-1\",\"method\":\"ptr.unset\",\"params\":{\"address\":\"2001:db8::1\"}"
		"}",
		"{\"id\":-7,\"method\":\"server.stats\",\"params\":{\"explain\":true}}",
		"{\"id\":0,\"method\":\"server.stats\",\"params\":{\"explain\":false}}",
		"{\"id\":0,\"method\":\"server.status\",\"params\":{}}",
		"{\"id\":999999999999999999,\"method\":\"server.status\"}",
		"\t{ \"id\" : 1 , \"method\" : \"server.status\" }",
		"{\"id\":\"a\\n\\\"\\\\\\/\",\"method\":\"zone.list\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (!is_taken(lines[i], strlen(lines[i])))
			fail_msg("not taken: %s", lines[i]);
}

static void what_is_wrong_or_rare_is_left(void **state)
{
	static const char *const lines[] = {
		"",
		"{",
		"{\"id\":1}",
		"{\"id\":1,\"method\":\"no.such\"}",
		"{\"id\":1,\"method\":\"server.statu\"}",
		"{\"id\":1,\"method\":\"server.statuss\"}",
		"{\"id\":1.5,\"method\":\"server.status\"}",
		"{\"id\":1e3,\"method\":\"server.status\"}",
		"{\"id\":-0,\"method\":\"server.status\"}",
		"{\"id\":- 1,\"method\":\"server.status\"}",
		"{\"id\":00,\"method\":\"server.status\"}",
		"{\"id\":[1],\"method\":\"server.status\"}",
		"{\"id\":9999999999999999999,\"method\":\"server.status\"}",
		"{\"method\":\"server.status\",\"id\":1}",
		"{\"id\":1,\"method\":\"server.status\",\"params\":[]}",
		"{\"id\":1,\"method\":\"server.status\",\"params\":{},}",
		"{\"id\":1,\"method\":\"server.status\",\"params\":{},\"more\":1}",
		"{\"id\":1,\"method\":\"server.stats\",\"params\":{\"explain\":1}}",
		"{\"id\":1,\"method\":\"server.stats\",\"params\":{\"explain\":true,\"explain\":"
		"true}}",
		"{\"id\":1,\"method\":\"ptr.show\",\"params\":{}}",
		"{\"id\":1,\"method\":\"ptr.unset\",\"params\":{\"adress\":\"192.0.2.1\"}}",
		"{\"id\":1,\"method\":\"ptr.unset\",\"params\":{\"address\":\"\\u0041\"}}",
		"{\"id\":1,\"method\":\"ptr.unset\",\"params\":{\"address\":\"\xc3\xa9\"}}",
		"{\"id\":1,\"method\":\"ptr.unset\",\"params\":{\"address\":\"a\\",
		"{\"id\":1,\"method\":\"ptr.set\",\"params\":{\"address\":\"a\",\"names\":[\"a\",]}"
		"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (is_taken(lines[i], strlen(lines[i])))
			fail_msg("taken: %s", lines[i]);
}

/* Lines of clients with octets changed, cut and doubled. */
static void lines_gone_wrong_are_read_alike(void **state)
{
	static const char octets[] = "\\\\\"\"{}[]:,0123-.eE tnrubf/\x01\xff\xc3\xa9";
	static const char *const lines[] = {
		("{\"id\":12,\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.7\","
		 "\"names\":"
		 "[\"a.\",\"b\\\\.\"],\"ttl\":300}}"),
		"{\"id\": \"i\", \"method\": \"server.stats\", \"params\": {\"explain\": true}}",
		"{\"id\":-3,\"method\":\"ptr.list\",\"params\":{\"prefix\":\"::/0\",\"limit\":10}}",
	};
	unsigned taken = 0;

	(void)state;
	for (uint64_t i = 0; i < ROUNDS; i++) {
		const char *line = lines[i % 3];
		size_t bytes = strlen(line), at;
		char copy[LINE_BYTES];
		uint64_t seed = i;

		memcpy(copy, line, bytes);
		for (uint32_t left = random_below(&seed, 3); left > 0; left--)
			copy[random_below(&seed, (uint32_t)bytes)] =
				octets[random_below(&seed, sizeof(octets) - 1)];
		at = random_below(&seed, (uint32_t)bytes);
		if (random_below(&seed, 4) == 0) { /* one octet is doubled */
			memmove(copy + at + 1, copy + at, bytes - at);
			bytes++;
		}
		taken += is_taken(copy, bytes - (random_below(&seed, 4) == 0 ? at : 0));
	}
	assert_true(taken > ROUNDS / 10 && taken < ROUNDS);
}

/* Arrays, through the door that the socket has. */
static void arrays_gone_wrong_are_read_alike(void **state)
{
	static const char octets[] = "[]{},: \"1";
	static const char line[] =
		"[{\"id\":1,\"method\":\"zone.list\"},{\"id\":2,\"method\":\"ptr.show\","
		"\"params\":{\"address\":\"192.0.2.1\"}}]";
	char copy[sizeof(line)];

	(void)state;
	for (uint64_t i = 0; i < ROUNDS; i++) {
		size_t bytes = sizeof(line) - 1;
		uint64_t seed = i;

		memcpy(copy, line, bytes);
		for (uint32_t left = random_below(&seed, 3); left > 0; left--)
			copy[random_below(&seed, (uint32_t)bytes)] =
				octets[random_below(&seed, sizeof(octets) - 1)];
		bytes -= random_below(&seed, 4) == 0 ? random_below(&seed, (uint32_t)bytes) : 0;
		if (!request_compare_line(session, copy, bytes))
			fail_msg("read differently: %.*s", (int)bytes, copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_clients_write_is_taken),
		cmocka_unit_test(what_is_wrong_or_rare_is_left),
		cmocka_unit_test(lines_gone_wrong_are_read_alike),
		cmocka_unit_test_setup_teardown(
			arrays_gone_wrong_are_read_alike, open_all, close_all),
	};

	return cmocka_run_group_tests_name("request_fast", tests, NULL, NULL);
}
