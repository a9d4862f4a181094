/* SPDX-License-Identifier: BSD-3-Clause */
/* A data plane without ports: grace periods for the reader that is no worker, and no EAL. */
#include "dataplane/dataplane.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <unistd.h>

static int set_up(void **state)
{
	static const struct dataplane_config config = {.program = "test"};
	char error[DATAPLANE_ERROR_BYTES];
	struct dataplane *dataplane;

	if (dataplane_open(&config, &dataplane, error) != 0)
		return -1;
	*state = dataplane;
	return 0;
}

static int tear_down(void **state)
{
	dataplane_close(*state);
	return 0;
}

static void an_ordinary_user_can_open_it_again_and_again(void **state)
{
	void *again;

	(void)state;
	if (getuid() == 0)
		assert_int_equal(seteuid(65534), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(set_up(&again), 0);
		tear_down(&again);
	}
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
}

static void never_called(void *context)
{
	(void)context;
	fail_msg("there is no thread to run this in");
}

static void it_has_no_worker_and_starts_none(void **state)
{
	static struct serving serving;
	struct dataplane_port_stats stats;
	char error[DATAPLANE_ERROR_BYTES];

	assert_int_equal(dataplane_workers(*state), 0);
	assert_int_equal(
		dataplane_enter_threads(*state, never_called, never_called, NULL, error), 0);
	assert_int_equal(dataplane_start(*state, &serving, error), 0);
	assert_int_equal(dataplane_workers(*state), 0);
	assert_false(dataplane_port_stats(*state, 0, &stats));
}

static void the_reader_holds_up_grace_periods_while_it_is_online(void **state)
{
	uint64_t token = dataplane_grace_start(*state);

	assert_true(dataplane_grace_passed(*state, token));
	for (int i = 0; i < 3; i++) {
		dataplane_reader_online(*state);
		token = dataplane_grace_start(*state);
		assert_false(dataplane_grace_passed(*state, token));
		dataplane_reader_quiescent(*state);
		assert_true(dataplane_grace_passed(*state, token));
		token = dataplane_grace_start(*state);
		assert_false(dataplane_grace_passed(*state, token));
		dataplane_reader_offline(*state);
		assert_true(dataplane_grace_passed(*state, token));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ordinary_user_can_open_it_again_and_again),
		cmocka_unit_test_setup_teardown(
			it_has_no_worker_and_starts_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_reader_holds_up_grace_periods_while_it_is_online, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
