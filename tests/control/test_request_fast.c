/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * control/request_fast.c against the JSON reader: what it takes, that takes as the same request,
 * with the right parameters; and it takes what clients write.
 */
#include "control/request_fast.h"

#include "tests/control/random_rrset.h"
#include "tests/control/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 200000, LINE_BYTES = 512 };

static bool same_id(const json_t *slow, const json_t *fast)
{
	return fast ? json_equal(slow, fast) : slow == NULL;
}

/* As request.c judges what the JSON reader made of it. */
static bool is_same(json_t *slow, const struct request_parts *parts)
{
	json_t *params = json_object_get(slow, "params"), *none = json_object();
	struct failure failure;
	bool same = json_object_size(slow) == (params ? 3 : 2) &&
		same_id(json_object_get(slow, "id"), parts->id) &&
		strcmp(json_string_value(json_object_get(slow, "method")), parts->method->name) ==
			0 &&
		json_equal(params ? params : none, parts->params) &&
		command_check_params(parts->method, parts->params, &failure) == 0;

	json_decref(none);
	return same;
}

/* Whether the whole line was taken; then it is the same request. */
static bool is_taken(const char *line, size_t bytes)
{
	char *exact = malloc(bytes + 1); /* so that a read behind the end is seen */
	struct request_parts parts;
	const char *end;
	json_t *slow;

	memcpy(exact, line, bytes);
	end = request_fast_read(exact, exact + bytes, &parts);
	if (end) {
		slow = json_loadb(exact, (size_t)(end - exact), JSON_REJECT_DUPLICATES, NULL);
		if (!slow || !is_same(slow, &parts))
			fail_msg("read differently: %.*s", (int)bytes, line);
		json_decref(slow);
		json_decref(parts.id);
		json_decref(parts.params);
	}
	free(exact);
	return end && (size_t)(end - exact) == bytes;
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
		"{\"id\":1,\"method\":\"ptr.unset\",\"params\":{}}",
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
		"{\"id\":12,\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.7\",\"names\":"
		"[\"a.\",\"b\\\\.\"],\"ttl\":300}}",
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_clients_write_is_taken),
		cmocka_unit_test(what_is_wrong_or_rare_is_left),
		cmocka_unit_test(lines_gone_wrong_are_read_alike),
	};

	return cmocka_run_group_tests_name("request_fast", tests, NULL, NULL);
}
