/* SPDX-License-Identifier: BSD-3-Clause */
/* counters.h: lines of their own, counting, and wrapping like any unsigned number. */
#include "dataplane/counters.h"

#include "tests/support/cmocka.h"

static void blocks_of_two_workers_share_no_cache_line(void **state)
{
	(void)state;
	assert_int_equal(_Alignof(struct counters), 64);
	assert_int_equal(sizeof(struct counters) % 64, 0);
}

static void adding_adds(void **state)
{
	static struct counters c;

	(void)state;
	for (unsigned i = 0; i < OUTCOMES; i++)
		counter_add(&c.outcome[i], i + 1);
	counter_add(&c.outcome[3], 0);
	for (unsigned i = 0; i < OUTCOMES; i++)
		assert_int_equal(counter_read(&c.outcome[i]), i + 1);
	assert_int_equal(counter_read(&c.bursts), 0);
	counter_add(&c.bursts, UINT64_MAX);
	counter_add(&c.bursts, 2);
	assert_int_equal(counter_read(&c.bursts), 1);
	assert_int_equal(counter_read(&c.empty_polls), 0);
}

static void raising_keeps_the_most(void **state)
{
	static struct counters c;

	(void)state;
	counter_raise(&c.tx_backlog, 7);
	counter_raise(&c.tx_backlog, 3);
	assert_int_equal(counter_read(&c.tx_backlog), 7);
	counter_raise(&c.tx_backlog, 8);
	assert_int_equal(counter_read(&c.tx_backlog), 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_of_two_workers_share_no_cache_line),
		cmocka_unit_test(adding_adds),
		cmocka_unit_test(raising_keeps_the_most),
	};

	return cmocka_run_group_tests_name("dataplane/counters", tests, NULL, NULL);
}
