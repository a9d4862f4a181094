/* SPDX-License-Identifier: BSD-3-Clause */
/* trace.follow as requests: who may, what is refused, rows, and the end. */
#include "control/observer/trace.h"
#include "tests/control/command_fixture.h"
#include "tests/control/observation_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct prefix acme_prefix = {
	UINT64_C(0xc000020000000000), 0, ARPA_FAMILY_IPV4, 25}; /* 192.0.2.0/25 */
static const struct tenant acme = {"acme", &acme_prefix, 1, 0};

static int begin(void **state)
{
	const struct trace_server nothing = {NULL, NULL, NULL, NULL, NULL};

	if (open_all(state) != 0)
		return -1;
	backend.command.traces = traces_new(&nothing);
	return backend.command.traces ? 0 : -1;
}

static int end(void **state)
{
	command_session_free(session);
	session = NULL;
	assert_int_equal(traces_count(backend.command.traces), 0);
	traces_free(backend.command.traces);
	return close_all(state);
}

static void act_as(enum role role, const struct tenant *tenant)
{
	session->actor.role = role;
	session->actor.tenant = tenant;
}

static void see(uint8_t host)
{
	struct observation seen;

	observation_make(&seen, OBSERVE_KERNEL_UDP, 4, host);
	seen.why = OBSERVE_TRACED | OBSERVE_SAMPLED;
	seen.one_in = 1;
	seen.filters = UINT16_MAX;
	traces_take(backend.command.traces, &seen, OBSERVATION_WHEN);
}

static struct request *request_of(const char *params)
{
	char line[512];
	struct request *request;

	snprintf(
		line, sizeof(line), "{\"id\":1,\"method\":\"trace.follow\",\"params\":%s}", params);
	for (char *c = line; *c; c++)
		if (*c == '\'')
			*c = '"';
	request = request_parse(session, line, strlen(line));
	command_run(&backend.command, &request, 1);
	return request;
}

/* The next reply line, or "" while there is nothing; for free(). */
static char *next(struct request *request, enum request_progress wanted)
{
	struct text out = {.octets = NULL};

	assert_int_equal(request_reply(request, &out), wanted);
	text_add(&out, "", 1);
	return out.octets;
}

static void expect_part(struct request *request, enum request_progress wanted, const char *part)
{
	char *line = next(request, wanted);

	if (!strstr(line, part))
		fail_msg("%s is not in %s", part, line);
	free(line);
}

static void test_rows_then_the_end(void **state)
{
	struct request *request = request_of("{'name':'192.0.2.0/30','count':3}");
	char *nothing = next(request, REQUEST_WAIT);

	(void)state;
	assert_string_equal(nothing, "");
	free(nothing);
	see(1);
	see(9); /* not in it */
	see(2);
	expect_part(request, REQUEST_WAIT, "\"address\":\"192.0.2.2\"");
	see(3);
	see(3);
	expect_part(request, REQUEST_DONE,
		",{\"end\":\"count\",\"rows\":3,\"dropped\":0,\"missed\":0}]");
	request_free(request);
	assert_int_equal(traces_count(backend.command.traces), 0);
}

static void test_losses_are_told_while_it_runs(void **state)
{
	struct request *request = request_of("{'name':'192.0.2.1','count':100000}");
	enum request_progress progress;

	(void)state;
	free(next(request, REQUEST_WAIT));
	for (unsigned i = 0; i < TRACE_QUEUE + 3; i++)
		see(1);
	do {
		struct text out = {.octets = NULL};

		progress = request_reply(request, &out);
		text_add(&out, "", 1);
		if (progress == REQUEST_WAIT)
			assert_non_null(strstr(out.octets, "{\"dropped\":3,\"missed\":0}]"));
		text_free(&out);
	} while (progress == REQUEST_MORE);
	free(next(request, REQUEST_WAIT)); /* and once only */
	request_free(request);
	command_session_end(session);
	assert_int_equal(traces_count(backend.command.traces), 0);
}

static void test_packets_come_when_they_are_asked_for(void **state)
{
	struct request *request =
		request_of("{'client':'198.51.100.0/24','count':1,'packets':true}");

	(void)state;
	free(next(request, REQUEST_WAIT));
	see(1);
	expect_part(request, REQUEST_DONE, "\"query\":\"EjQBAAABAAAAAAAAATEBMgEwAzE5Mgd");
	request_free(request);
}

static void test_a_capture_takes_what_is_sampled(void **state)
{
	struct request *request = request_of("{'count':1}");

	(void)state;
	free(next(request, REQUEST_WAIT));
	see(200);
	expect_part(request, REQUEST_DONE, "\"one_in\":1}");
	request_free(request);
}

static void test_what_is_refused(void **state)
{
	(void)state;
	refuses("trace.follow", "{'count':0}", "invalid", "count is 1 to 1000000");
	refuses("trace.follow", "{'seconds':86401}", "invalid", "seconds is 1 to 86400");
	refuses("trace.follow", "{'name':'192.0.2.1/24'}", "invalid", "192.0.2.1/24");
	refuses("trace.follow", "{'client':'x'}", "invalid", "x");
	refuses("trace.follow", "{'address':'192.0.2.1'}", "invalid", "no parameter");
}

static void test_who_may(void **state)
{
	struct request *request;

	(void)state;
	act_as(ROLE_VIEWER, NULL);
	refuses("trace.follow", "{'name':'192.0.2.1'}", "denied", "needs the role");
	act_as(ROLE_TENANT, &acme);
	refuses("trace.follow", "{'name':'192.0.2.0/24'}", "denied", "within its prefixes");
	refuses("trace.follow", "{'name':'2001:db8::1'}", "denied", "within its prefixes");
	refuses("trace.follow", "{'client':'192.0.2.1'}", "denied", "within its prefixes");
	refuses("trace.follow", "{}", "denied", "within its prefixes");
	refuses("trace.follow", "{'name':'192.0.2.1','packets':true}", "denied", "packets");
	request = request_of("{'name':'192.0.2.1','client':'198.51.100.7','count':1}");
	free(next(request, REQUEST_WAIT));
	see(1);
	expect_part(request, REQUEST_DONE, "192.0.2.1");
	request_free(request);
}

static void test_a_prefix_that_is_taken_away_ends_it(void **state)
{
	static const struct tenant left = {"acme", NULL, 0, 0};
	struct request *request;

	(void)state;
	act_as(ROLE_TENANT, &acme);
	request = request_of("{'name':'192.0.2.1'}");
	free(next(request, REQUEST_WAIT));
	see(1);
	act_as(ROLE_TENANT, &left);
	expect_part(request, REQUEST_DONE, "\"error\":");
	request_free(request);
	assert_int_equal(traces_count(backend.command.traces), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rows_then_the_end, begin, end),
		cmocka_unit_test_setup_teardown(test_losses_are_told_while_it_runs, begin, end),
		cmocka_unit_test_setup_teardown(
			test_packets_come_when_they_are_asked_for, begin, end),
		cmocka_unit_test_setup_teardown(test_a_capture_takes_what_is_sampled, begin, end),
		cmocka_unit_test_setup_teardown(test_what_is_refused, begin, end),
		cmocka_unit_test_setup_teardown(test_who_may, begin, end),
		cmocka_unit_test_setup_teardown(
			test_a_prefix_that_is_taken_away_ends_it, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
