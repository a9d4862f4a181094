/* SPDX-License-Identifier: BSD-3-Clause */
/* control/command/command_address.c: where we answer, as requests and replies. */
#include "tests/control/command_fixture.h"

#include "control/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define LISTED \
	"{\"address\":\"192.0.2.53\",\"port\":53,\"sources\":[\"configuration\"]}," \
	"{\"address\":\"192.0.2.54\",\"port\":53,\"sources\":[\"interface lo\"]}"
#define KEPT "\"kept\":\"until arpad ends; listen.addresses of the configuration keeps it\""
#define ADD(address) \
	"{\"id\":1,\"method\":\"address.add\",\"params\":{\"address\":\"" address "\"}}"
#define REMOVE(address) \
	"{\"id\":1,\"method\":\"address.remove\",\"params\":{\"address\":\"" address "\"}}"

static void expect_list(const char *rows)
{
	char reply[1024];

	snprintf(reply, sizeof(reply), "{\"id\":1,\"result\":[%s]}\n", rows);
	expect("{\"id\":1,\"method\":\"address.list\"}", reply);
}

static void added_and_removed(void **state)
{
	(void)state;
	expect_list(LISTED);
	expect(ADD("2001:DB8::1"),
		"{\"id\":1,\"result\":{\"address\":\"2001:db8::1\",\"port\":53,\"changed\":true,"
		"\"sources\":[\"arpactl\"]," KEPT "}}\n");
	expect(ADD("2001:db8::1"),
		"{\"id\":1,\"result\":{\"address\":\"2001:db8::1\",\"port\":53,\"changed\":false,"
		"\"sources\":[\"arpactl\"]," KEPT "}}\n");
	expect_list(LISTED ",{\"address\":\"2001:db8::1\",\"port\":53,\"sources\":[\"arpactl\"]}");
	expect(REMOVE("2001:db8::1"),
		"{\"id\":1,\"result\":{\"address\":\"2001:db8::1\",\"port\":53,\"changed\":true,"
		"\"sources\":[]}}\n");
	expect(REMOVE("2001:db8::1"),
		"{\"id\":1,\"result\":{\"address\":\"2001:db8::1\",\"port\":53,\"changed\":false,"
		"\"sources\":[]}}\n");
	expect_list(LISTED);
}

static void a_port_of_its_own(void **state)
{
	(void)state;
	expect(ADD("192.0.2.53@5353"),
		"{\"id\":1,\"result\":{\"address\":\"192.0.2.53\",\"port\":5353,\"changed\":true,"
		"\"sources\":[\"arpactl\"]," KEPT "}}\n");
	backend.book.one_port = true;
	expect_error(ADD("192.0.2.1@5353"), "invalid", "all addresses have one port, which is 53");
}

static void wanted_by_several(void **state)
{
	(void)state;
	expect(ADD("192.0.2.54"),
		"{\"id\":1,\"result\":{\"address\":\"192.0.2.54\",\"port\":53,\"changed\":true,"
		"\"sources\":[\"interface lo\",\"arpactl\"]," KEPT "}}\n");
	expect(REMOVE("192.0.2.54"),
		"{\"id\":1,\"result\":{\"address\":\"192.0.2.54\",\"port\":53,\"changed\":true,"
		"\"sources\":[\"interface lo\"]}}\n");
	expect_list(LISTED);
}

static void what_is_refused(void **state)
{
	(void)state;
	expect_error(REMOVE("192.0.2.53"), "invalid", "listen.addresses of the configuration");
	expect_error(REMOVE("192.0.2.54"), "invalid", "an address of lo, which listen.interfaces");
	expect_error(ADD("192.0.2"), "invalid", "neither an IPv4 nor an IPv6 address");
	expect_error(ADD("0.0.0.0"), "invalid", "not the address of one host");
	expect_error(ADD("::"), "invalid", "not the address of one host");
	expect_error(ADD("ff02::1"), "invalid", "not the address of one host");
	expect_error(ADD("255.255.255.255"), "invalid", "not the address of one host");
	expect_error(ADD("192.0.2.1@0"), "invalid", "not a port from 1 to 65535");
	expect_error("{\"method\":\"address.add\"}", "invalid", "address");
	expect_error("{\"method\":\"address.list\",\"params\":{\"address\":\"192.0.2.1\"}}",
		"invalid", "no parameter");
	expect_list(LISTED);
}

static void no_more_than_the_limit(void **state)
{
	char line[200];

	(void)state;
	log_set_level(LOG_ERROR);
	for (unsigned i = 0; i < ADDRESS_BOOK_MAX - 2; i++) {
		snprintf(line, sizeof(line), ADD("198.18.%u.%u"), i >> 8, i & 255);
		free(run(line));
	}
	expect_error(ADD("203.0.113.1"), "too-large", "more than the 4096 addresses");
	free(run(REMOVE("198.18.0.0")));
	log_set_level(LOG_INFO);
	expect(ADD("203.0.113.1"),
		"{\"id\":1,\"result\":{\"address\":\"203.0.113.1\",\"port\":53,\"changed\":true,"
		"\"sources\":[\"arpactl\"]," KEPT "}}\n");
}

#define RESULT(steering, changed, delay) \
	"{\"id\":1,\"result\":{\"steering\":\"" steering "\",\"changed\":" changed \
	",\"delay_ms\":" delay "}}\n"

static void draining(void **state)
{
	static const char on[] = "{\"id\":1,\"method\":\"server.drain\"}";
	static const char off[] = "{\"id\":1,\"method\":\"server.undrain\"}";

	(void)state;
	expect(off, RESULT("on", "false", "0"));
	expect(on, RESULT("draining", "true", "0"));
	expect(on, RESULT("draining", "false", "0"));
	expect(off, RESULT("on", "true", "0"));
	backend.drain_delay_ms = 5000;
	expect(on, RESULT("draining", "true", "5000"));
	expect(off, RESULT("on", "true", "0"));
	backend.steered = false;
	expect(on, RESULT("none", "true", "0"));
	expect(off, RESULT("none", "true", "0"));
}
#undef RESULT

static void health(void **state)
{
	(void)state;
	expect("{\"id\":1,\"method\":\"server.health\"}",
		"{\"id\":1,\"result\":{\"ready\":true,\"reasons\":[]}}\n");
}

/* A commit that fails takes back what it would have stored, and only that is said to have failed.
 */
static void a_failed_commit_does_not_deny_what_was_done(void **state)
{
	static const char *const lines[] = {
		"{\"id\":1,\"method\":\"zone.add\",\"params\":{\"zone\":\"192.0.2.0/24\"}}",
		ADD("2001:db8::1"),
		"{\"id\":1,\"method\":\"zone.show\",\"params\":{\"zone\":\"192.0.2.0/24\"}}",
	};
	struct rlimit before, none;
	char *got;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	none = (struct rlimit){0, before.rlim_max};
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	got = run_batch(lines, 3);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_non_null(strstr(got, "{\"id\":1,\"error\""));
	assert_non_null(strstr(got, "\"sources\":[\"arpactl\"]"));
	assert_null(strstr(got, "\"soa\""));
	free(got);
	expect_list(LISTED ",{\"address\":\"2001:db8::1\",\"port\":53,\"sources\":[\"arpactl\"]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(added_and_removed, open_all, close_all),
		cmocka_unit_test_setup_teardown(a_port_of_its_own, open_all, close_all),
		cmocka_unit_test_setup_teardown(wanted_by_several, open_all, close_all),
		cmocka_unit_test_setup_teardown(what_is_refused, open_all, close_all),
		cmocka_unit_test_setup_teardown(no_more_than_the_limit, open_all, close_all),
		cmocka_unit_test_setup_teardown(draining, open_all, close_all),
		cmocka_unit_test_setup_teardown(health, open_all, close_all),
		cmocka_unit_test_setup_teardown(
			a_failed_commit_does_not_deny_what_was_done, open_all, close_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
