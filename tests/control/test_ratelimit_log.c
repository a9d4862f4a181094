/* SPDX-License-Identifier: BSD-3-Clause */
/* What the log says of rate limiting: one line a minute at most, and none while nothing is limited.
 */
#include "control/ratelimit_log.h"
#include "tests/control/log_capture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void nothing_limited_is_no_line(void **state)
{
	struct ratelimit_totals totals = {.exempt_cookie = 5, .exempt_prefix = 6};
	struct ratelimit_log log = {.wait_s = 0};

	(void)state;
	for (unsigned second = 0; second < 200; second++)
		ratelimit_log_second(&log, false, &totals);
	assert_string_equal(log_capture_end(), "");
}

static void a_line_has_what_came_since_the_last(void **state)
{
	struct ratelimit_totals totals = {.limited = {0, 1, 2, 3, 4}};
	struct ratelimit_log log = {.wait_s = 0};

	(void)state;
	ratelimit_log_second(&log, false, &totals);
	/* 59 seconds of silence, whatever happens in them. */
	for (unsigned second = 1; second < 60; second++) {
		totals.limited[RATELIMIT_NXDOMAIN] += 10;
		ratelimit_log_second(&log, false, &totals);
	}
	totals.limited[RATELIMIT_REFERRALS]++;
	ratelimit_log_second(&log, true, &totals);
	/* Then a quiet hour. */
	for (unsigned second = 0; second < 3600; second++)
		ratelimit_log_second(&log, true, &totals);
	assert_string_equal(log_capture_end(),
		"WARNING rate-limit answers=1 nxdomain=2 errors=3 referrals=4 - "
		"rate limit: 10 replies above their rate were cut short or dropped: "
		"1 answers, 2 nxdomain, 3 errors, 4 referrals; see \"arpactl stats\"\n"
		"WARNING rate-limit answers=0 nxdomain=590 errors=0 referrals=1 - "
		"rate limit: 591 replies above their rate were sent (log only): "
		"0 answers, 590 nxdomain, 0 errors, 1 referrals; see \"arpactl stats\"\n");
}

static void totals_are_of_all_threads(void **state)
{
	static struct counters counters[2];
	struct ratelimit_totals totals = {.slipped = 0};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		for (unsigned c = 0; c < RATELIMIT_CLASSES; c++)
			counter_add(&counters[i].rate_limited[c], 10 * c + i);
		counter_add(&counters[i].outcome[OUTCOME_RATE_SLIPPED], 100 + i);
		counter_add(&counters[i].outcome[OUTCOME_RATE_DROPPED], 200 + i);
		counter_add(&counters[i].rate_exempt_cookie, 300 + i);
		counter_add(&counters[i].rate_exempt_prefix, 400 + i);
		ratelimit_totals_add(&totals, &counters[i]);
	}
	for (unsigned c = 0; c < RATELIMIT_CLASSES; c++)
		assert_int_equal(totals.limited[c], 20 * c + 1);
	assert_int_equal(totals.slipped, 201);
	assert_int_equal(totals.dropped, 401);
	assert_int_equal(totals.exempt_cookie, 601);
	assert_int_equal(totals.exempt_prefix, 801);
}

static void each_class_has_its_name(void **state)
{
	(void)state;
	assert_string_equal(ratelimit_class_name(RATELIMIT_NONE), "none");
	assert_string_equal(ratelimit_class_name(RATELIMIT_ANSWERS), "answers");
	assert_string_equal(ratelimit_class_name(RATELIMIT_NXDOMAIN), "nxdomain");
	assert_string_equal(ratelimit_class_name(RATELIMIT_ERRORS), "errors");
	assert_string_equal(ratelimit_class_name(RATELIMIT_REFERRALS), "referrals");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			nothing_limited_is_no_line, log_capture_begin, log_capture_close),
		cmocka_unit_test_setup_teardown(
			a_line_has_what_came_since_the_last, log_capture_begin, log_capture_close),
		cmocka_unit_test(totals_are_of_all_threads),
		cmocka_unit_test(each_class_has_its_name),
	};

	return cmocka_run_group_tests_name("control/ratelimit_log", tests, NULL, NULL);
}
