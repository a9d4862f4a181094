/* SPDX-License-Identifier: BSD-3-Clause */
/* idle.h: when a worker sleeps, and how long. */
#include "dataplane/idle.h"

#include "tests/support/cmocka.h"

/* Empty polls until the next sleep; its length goes to `*us`. */
static unsigned polls_until_sleep(struct idle *idle, uint32_t *us)
{
	unsigned polls = 0;

	do
		polls++;
	while ((*us = idle_empty(idle)) == 0);
	return polls;
}

static void sleeps_grow_to_the_bound(void **state)
{
	static const uint32_t expected[] = {10, 20, 40, 80, 100, 100, 100};
	struct idle idle;
	uint32_t us;

	(void)state;
	idle_init(&idle, 100);
	assert_int_equal(polls_until_sleep(&idle, &us), IDLE_POLLS);
	assert_int_equal(us, expected[0]);
	for (unsigned i = 1; i < sizeof(expected) / sizeof(expected[0]); i++) {
		assert_int_equal(polls_until_sleep(&idle, &us), 1);
		assert_int_equal(us, expected[i]);
	}
}

static void work_begins_it_anew(void **state)
{
	struct idle idle;
	uint32_t us;

	(void)state;
	idle_init(&idle, 10000);
	for (unsigned i = 0; i < 20; i++)
		polls_until_sleep(&idle, &us);
	assert_int_equal(us, 10000);
	idle_busy(&idle);
	assert_int_equal(polls_until_sleep(&idle, &us), IDLE_POLLS);
	assert_int_equal(us, IDLE_FIRST_US);
	/* One frame within as many polls is enough to stay awake. */
	idle_busy(&idle);
	for (unsigned i = 0; i < 10 * IDLE_POLLS; i++) {
		if (i % (IDLE_POLLS - 1) == 0)
			idle_busy(&idle);
		assert_int_equal(idle_empty(&idle), 0);
	}
}

static void a_bound_below_the_first_sleep_holds(void **state)
{
	struct idle idle;
	uint32_t us;

	(void)state;
	idle_init(&idle, 1);
	for (unsigned i = 0; i < 3; i++) {
		polls_until_sleep(&idle, &us);
		assert_int_equal(us, 1);
	}
}

static void a_worker_that_polls_never_sleeps(void **state)
{
	struct idle idle;

	(void)state;
	idle_init(&idle, 0);
	for (unsigned i = 0; i < 10 * IDLE_POLLS; i++)
		assert_int_equal(idle_empty(&idle), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sleeps_grow_to_the_bound),
		cmocka_unit_test(work_begins_it_anew),
		cmocka_unit_test(a_bound_below_the_first_sleep_holds),
		cmocka_unit_test(a_worker_that_polls_never_sleeps),
	};

	return cmocka_run_group_tests_name("dataplane/idle", tests, NULL, NULL);
}
