/* SPDX-License-Identifier: BSD-3-Clause */
/* Grace periods with every reader played by one thread, so that each order of events is exact. */
#include "dataplane/dpdk/grace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { READERS = 3 };

static int setup(void **state)
{
	*state = grace_new(READERS);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	grace_free(*state);
	return 0;
}

static void test_no_reader_passes_at_once(void **state)
{
	struct grace_periods *grace = *state;

	assert_true(grace_passed(grace, grace_start(grace)));
}

static void test_waits_for_every_reader(void **state)
{
	struct grace_periods *grace = *state;

	for (unsigned i = 0; i < READERS; i++)
		grace_online(grace, i);
	uint64_t token = grace_start(grace);
	for (unsigned i = 0; i < READERS; i++) {
		assert_false(grace_passed(grace, token));
		grace_quiescent(grace, i);
	}
	assert_true(grace_passed(grace, token));
	for (unsigned i = 0; i < READERS; i++)
		grace_offline(grace, i);
}

static void test_earlier_quiescence_does_not_count(void **state)
{
	struct grace_periods *grace = *state;

	grace_online(grace, 0);
	grace_quiescent(grace, 0);
	uint64_t token = grace_start(grace);
	assert_false(grace_passed(grace, token));
	grace_quiescent(grace, 0);
	assert_true(grace_passed(grace, token));
	grace_offline(grace, 0);
}

static void test_a_later_token_covers_earlier_ones(void **state)
{
	struct grace_periods *grace = *state;

	grace_online(grace, 1);
	uint64_t first = grace_start(grace);
	uint64_t second = grace_start(grace);
	grace_quiescent(grace, 1);
	assert_true(grace_passed(grace, second));
	assert_true(grace_passed(grace, first));
	uint64_t third = grace_start(grace);
	assert_false(grace_passed(grace, third));
	assert_true(grace_passed(grace, second));
	grace_offline(grace, 1);
}

static void test_leaving_reader_is_not_waited_for(void **state)
{
	struct grace_periods *grace = *state;

	grace_online(grace, 0);
	grace_online(grace, 1);
	uint64_t token = grace_start(grace);
	grace_quiescent(grace, 0);
	assert_false(grace_passed(grace, token));
	grace_offline(grace, 1);
	assert_true(grace_passed(grace, token));
	grace_offline(grace, 0);
}

static void test_reader_that_joins_later_is_not_waited_for(void **state)
{
	struct grace_periods *grace = *state;
	uint64_t token = grace_start(grace);

	grace_online(grace, 2);
	assert_true(grace_passed(grace, token));
	grace_offline(grace, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_no_reader_passes_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_waits_for_every_reader, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_earlier_quiescence_does_not_count, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_later_token_covers_earlier_ones, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_leaving_reader_is_not_waited_for, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_reader_that_joins_later_is_not_waited_for, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
