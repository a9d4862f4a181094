/* SPDX-License-Identifier: BSD-3-Clause */
/* control/command/command_observe.c: who asks most, as requests and replies. */
#include "tests/control/command_fixture.h"

#include "control/observer/tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define TOP(params) "{\"id\":1,\"method\":\"server.top\",\"params\":{" params "}}"

static int open_with_tally(void **state)
{
	if (open_all(state) != 0)
		return -1;
	backend.command.tally = tally_new();
	tally_advance(backend.command.tally, 5000);
	return backend.command.tally == NULL;
}

static int close_with_tally(void **state)
{
	tally_free(backend.command.tally);
	backend.command.tally = NULL;
	return close_all(state);
}

/* One of IPv6 that asks for the type of 8.b.d.0.1.0.0.2.ip6.arpa, and is told `rcode`. */
static void ask(uint8_t client, uint16_t type, uint8_t rcode, enum outcome outcome)
{
	struct observation seen = {.why = OBSERVE_SAMPLED,
		.one_in = 1,
		.path = OBSERVE_KERNEL_UDP,
		.family = 6,
		.outcome = (uint8_t)outcome,
		.client = {0x20, 0x01, 0x0d, 0xb8, [15] = client}};
	static const char labels[] = "\0018\001b\001d\0010\0011\0010\0010\0012\003ip6\004arpa";
	size_t length = 12;

	seen.query[5] = 1;
	memcpy(seen.query + length, labels, sizeof(labels));
	length += sizeof(labels);
	seen.query[length] = (uint8_t)(type >> 8);
	seen.query[length + 1] = (uint8_t)type;
	seen.query[length + 3] = 1;
	seen.query_kept = (uint16_t)(length + 4);
	seen.reply[3] = rcode;
	seen.reply_kept = outcome == OUTCOME_RATE_DROPPED ? 0 : 12;
	tally_take(backend.command.tally, &seen, 0);
}

#define HEAD(what, total) \
	"{\"id\":1,\"result\":{\"what\":\"" what "\",\"seconds\":2.0,\"total\":" total \
	",\"one_in\":1,\"rows\":["
#define ROW(name, count, share) \
	"{\"name\":\"" name "\",\"count\":" count \
	",\"error\":0,\"sampling_error\":0,\"share\":" share "}"

static void rows_of_each_kind(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		ask(1, 12, 0, OUTCOME_ANSWERED);
	ask(2, 65280, 3, OUTCOME_NXDOMAIN);
	tally_advance(backend.command.tally, 7000);
	expect(TOP("\"what\":\"clients\""),
		HEAD("clients", "4") ROW("2001:db8::1", "3", "0.75") "," ROW(
			"2001:db8::2", "1", "0.25") "]}}\n");
	expect(TOP("\"what\":\"clients\",\"count\":1,\"seconds\":10"),
		HEAD("clients", "4") ROW("2001:db8::1", "3", "0.75") "]}}\n");
	expect(TOP("\"what\":\"client-prefixes\",\"seconds\":0"),
		HEAD("client-prefixes", "4") ROW("2001:db8::/56", "4", "1.0") "]}}\n");
	expect(TOP("\"what\":\"addresses\""), HEAD("addresses", "4") "]}}\n");
	expect(TOP("\"what\":\"prefixes\""),
		HEAD("prefixes", "4") ROW("2001:db8::/32", "4", "1.0") "]}}\n");
	expect(TOP("\"what\":\"types\""),
		HEAD("types", "4")
			ROW("PTR", "3", "0.75") "," ROW("TYPE65280", "1", "0.25") "]}}\n");
	expect(TOP("\"what\":\"rcodes\""),
		HEAD("rcodes", "4")
			ROW("NOERROR", "3", "0.75") "," ROW("NXDOMAIN", "1", "0.25") "]}}\n");
	expect(TOP("\"what\":\"outcomes\""),
		HEAD("outcomes", "4")
			ROW("answered", "3", "0.75") "," ROW("nxdomain", "1", "0.25") "]}}\n");
}

static void rcodes_that_are_rare(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		ask(1, 12, 0, OUTCOME_RATE_DROPPED);
	for (unsigned i = 0; i < 2; i++)
		ask(1, 12, 7, OUTCOME_BADCOOKIE);
	ask(1, 12, 14, OUTCOME_ANSWERED);
	tally_advance(backend.command.tally, 7000);
	expect(TOP("\"what\":\"rcodes\""),
		HEAD("rcodes", "6") ROW("no reply", "3", "0.5") "," ROW(
			"BADCOOKIE", "2", "0.33333333333333331") "," ROW("RCODE14", "1",
			"0.16666666666666666") "]}}\n");
}

static void nobody_asked(void **state)
{
	(void)state;
	expect(TOP("\"what\":\"clients\""),
		"{\"id\":1,\"result\":{\"what\":\"clients\",\"seconds\":0.0,\"total\":0,\"one_in\":"
		"0,\"rows\":[]}}\n");
}

static void what_is_refused(void **state)
{
	(void)state;
	expect_error(TOP(""), "invalid", "what");
	expect_error(TOP("\"what\":\"client\""), "invalid", "is none of clients, client-prefixes");
	expect_error(TOP("\"what\":\"types\",\"count\":0"), "invalid", "count: 0 is not from 1");
	expect_error(TOP("\"what\":\"types\",\"count\":1025"), "invalid", "from 1 to 1024");
	expect_error(TOP("\"what\":\"types\",\"seconds\":61"), "invalid", "from 0 to 60");
	expect_error(TOP("\"what\":\"types\",\"seconds\":-1"), "invalid", "from 0 to 60");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			rows_of_each_kind, open_with_tally, close_with_tally),
		cmocka_unit_test_setup_teardown(
			rcodes_that_are_rare, open_with_tally, close_with_tally),
		cmocka_unit_test_setup_teardown(nobody_asked, open_with_tally, close_with_tally),
		cmocka_unit_test_setup_teardown(what_is_refused, open_with_tally, close_with_tally),
	};

	return cmocka_run_group_tests_name("command_observe", tests, NULL, NULL);
}
