/* SPDX-License-Identifier: BSD-3-Clause */
/* The load's thread: what it makes, which failure counts, and that no signal interrupts it. */
#include "control/load_thread.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct work {
	pthread_t thread; /* that ran it */
	sigset_t blocked;
	int result;
};

static int work(void *context, struct failure *failure)
{
	struct work *mine = context;

	mine->thread = pthread_self();
	pthread_sigmask(SIG_BLOCK, NULL, &mine->blocked);
	if (mine->result != 0)
		return failure_set(failure, FAILURE_STORE_ERROR, "the store is damaged");
	return 0;
}

static void what_it_made_is_there_after_the_join(void **state)
{
	struct work mine = {.result = 0};
	struct load_thread load = {.running = false};
	struct failure failure;

	(void)state;
	assert_int_equal(load_thread_start(&load, work, &mine, &failure), 0);
	assert_true(load.running);
	assert_int_equal(load_thread_join(&load, &failure), 0);
	assert_false(load.running);
	assert_false(pthread_equal(mine.thread, pthread_self()));
	assert_true(load.ended.tv_sec > 0);
}

static void no_signal_comes_to_it(void **state)
{
	struct work mine = {.result = 0};
	struct load_thread load = {.running = false};
	struct failure failure;
	sigset_t after;

	(void)state;
	assert_int_equal(load_thread_start(&load, work, &mine, &failure), 0);
	assert_int_equal(load_thread_join(&load, &failure), 0);
	pthread_sigmask(SIG_BLOCK, NULL, &after);
	assert_int_equal(sigismember(&mine.blocked, SIGTERM), 1);
	assert_int_equal(sigismember(&mine.blocked, SIGHUP), 1);
	assert_int_equal(sigismember(&after, SIGTERM), 0);
}

static void its_failure_replaces_another(void **state)
{
	struct work mine = {.result = -1};
	struct load_thread load = {.running = false};
	struct failure failure;

	(void)state;
	assert_int_equal(load_thread_start(&load, work, &mine, &failure), 0);
	failure_set(&failure, FAILURE_INTERNAL, "a port does not open");
	assert_int_equal(load_thread_join(&load, &failure), -1);
	assert_int_equal(failure.code, FAILURE_STORE_ERROR);
	assert_string_equal(failure.text, "the store is damaged");
}

static void another_failure_stays_where_it_succeeds(void **state)
{
	struct work mine = {.result = 0};
	struct load_thread load = {.running = false};
	struct failure failure;

	(void)state;
	assert_int_equal(load_thread_start(&load, work, &mine, &failure), 0);
	failure_set(&failure, FAILURE_INTERNAL, "a port does not open");
	assert_int_equal(load_thread_join(&load, &failure), 0);
	assert_string_equal(failure.text, "a port does not open");
}

static void what_never_started_is_joined_at_once(void **state)
{
	struct load_thread load = {.running = false};
	struct failure failure;

	(void)state;
	assert_int_equal(load_thread_join(&load, &failure), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_made_is_there_after_the_join),
		cmocka_unit_test(no_signal_comes_to_it),
		cmocka_unit_test(its_failure_replaces_another),
		cmocka_unit_test(another_failure_stays_where_it_succeeds),
		cmocka_unit_test(what_never_started_is_joined_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
