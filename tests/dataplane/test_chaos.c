/* SPDX-License-Identifier: BSD-3-Clause */
/* chaos.c: which name tells which text, the longest text, and where there is nothing to tell. */
#include "dataplane/chaos.h"

#include "tests/support/cmocka.h"
#include "tests/support/fixture.h"

#include <string.h>

static struct policy policy;
static uint8_t message[WIRE_UDP_PLAIN_BYTES];
static struct reply reply;

static bool ask(const char *name, uint16_t qtype)
{
	size_t bytes = fixture_name(name, message + WIRE_HEADER_BYTES);
	struct query q = {.qtype = qtype,
		.qclass = WIRE_CLASS_CH,
		.qname_bytes = (uint16_t)bytes,
		.question_end = (uint16_t)(WIRE_HEADER_BYTES + bytes + WIRE_QUESTION_FIXED)};

	reply_begin(&reply, message, sizeof(message), 0, &q);
	return chaos_answer(&policy, &q, &reply);
}

static int set_up(void **state)
{
	(void)state;
	policy = policy_default();
	policy.identity = (struct policy_text){2, "id"};
	policy.version = (struct policy_text){3, "ver"};
	return 0;
}

static void each_name_tells_its_text(void **state)
{
	static const struct {
		const char *name, *text;
	} cases[] = {{"id.server", "id"}, {"hostname.bind", "id"}, {"version.bind", "ver"},
		{"version.server", "ver"}, {"VERSION.Server", "ver"}};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t text = strlen(cases[i].text), start;

		assert_true(ask(cases[i].name, WIRE_TYPE_TXT));
		start = reply.at - 13 - text;
		assert_int_equal(reply.count[REPLY_ANSWER], 1);
		assert_memory_equal(message + start, "\xc0\x0c\0\x10\0\3\0\0\0\0\0", 11);
		assert_int_equal(message[start + 11], 1 + text);
		assert_int_equal(message[start + 12], text);
		assert_memory_equal(message + start + 13, cases[i].text, text);
		assert_true(ask(cases[i].name, WIRE_TYPE_ANY));
		assert_false(ask(cases[i].name, WIRE_TYPE_PTR));
	}
}

static void other_names_tell_nothing(void **state)
{
	static const char *const names[] = {
		"", "server", "id", "a.id.server", "ids.erver", "authors.bind", "version.binds"};

	(void)state;
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_false(ask(names[i], WIRE_TYPE_TXT));
		assert_int_equal(reply.count[REPLY_ANSWER], 0);
	}
}

static void text_that_is_not_configured_is_not_told(void **state)
{
	(void)state;
	policy.identity.bytes = 0;
	assert_false(ask("id.server", WIRE_TYPE_TXT));
	assert_true(ask("version.server", WIRE_TYPE_TXT));
	policy.version.bytes = 0;
	assert_false(ask("version.bind", WIRE_TYPE_TXT));
}

static void longest_text_fits(void **state)
{
	(void)state;
	policy.version.bytes = POLICY_TEXT_MAX_BYTES;
	memset(policy.version.text, 'v', POLICY_TEXT_MAX_BYTES);
	assert_true(ask("version.bind", WIRE_TYPE_TXT));
	assert_false(reply.truncated);
	assert_int_equal(reply.at, WIRE_HEADER_BYTES + 14 + 4 + 12 + 1 + 255);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_name_tells_its_text, set_up),
		cmocka_unit_test_setup(other_names_tell_nothing, set_up),
		cmocka_unit_test_setup(text_that_is_not_configured_is_not_told, set_up),
		cmocka_unit_test_setup(longest_text_fits, set_up),
	};

	return cmocka_run_group_tests_name("dataplane/chaos", tests, NULL, NULL);
}
