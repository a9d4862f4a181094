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

static void sizes_and_delays_have_their_buckets(void **state)
{
	static const struct {
		unsigned frames, bucket;
	} sizes[] = {{1, 0}, {2, 1}, {3, 2}, {4, 2}, {5, 3}, {8, 3}, {9, 4}, {33, 6}, {64, 6}};

	(void)state;
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		assert_int_equal(counters_burst_size(sizes[i].frames), sizes[i].bucket);
	assert_int_equal(counters_delay(0), 0);
	assert_int_equal(counters_delay(1), 1);
	assert_int_equal(counters_delay(3), 2);
	assert_int_equal(counters_delay(4), 3);
	assert_int_equal(counters_delay((1 << 16) - 1), COUNTERS_DELAYS - 2);
	assert_int_equal(counters_delay(1 << 16), COUNTERS_DELAYS - 1);
	assert_int_equal(counters_delay(UINT64_MAX), COUNTERS_DELAYS - 1);
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
		cmocka_unit_test(sizes_and_delays_have_their_buckets),
	};

	return cmocka_run_group_tests_name("dataplane/counters", tests, NULL, NULL);
}
