/* SPDX-License-Identifier: BSD-3-Clause */
/* control/reclaim.c: nothing is freed before its grace period, everything after. */
#include "tests/control/support.h"

static uint64_t started, passed_up_to;
static size_t freed;

static uint64_t start(void *context)
{
	(void)context;
	return ++started;
}

static bool passed(void *context, uint64_t token)
{
	(void)context;
	return token <= passed_up_to;
}

static void count_free(void *memory)
{
	(void)memory;
	freed++;
}

static const struct grace grace = {start, passed, NULL};
static const struct unlinked thing = {NULL, count_free};

static int set_up(void **state)
{
	static const uint8_t seed[TABLE_SEED_BYTES] = {1};

	started = passed_up_to = freed = 0;
	*state = table_new(1, seed);
	return *state == NULL;
}

static int tear_down(void **state)
{
	table_free(*state);
	return 0;
}

static void add(struct reclaim *reclaim, size_t count)
{
	while (count-- > 0)
		assert_int_equal(reclaim_add(reclaim, thing), 0);
}

static void a_batch_waits_for_its_own_token(void **state)
{
	struct reclaim *reclaim = reclaim_new(&grace);

	add(reclaim, 3);
	assert_int_equal(reclaim_batch(reclaim, *state), 0);
	add(reclaim, 2);
	assert_int_equal(reclaim_batch(reclaim, *state), 0);
	assert_int_equal(started, 2);
	assert_int_equal(reclaim_poll(reclaim), 5);
	assert_int_equal(freed, 0);
	passed_up_to = 1;
	assert_int_equal(reclaim_poll(reclaim), 2);
	assert_int_equal(freed, 3);
	passed_up_to = 2;
	assert_int_equal(reclaim_poll(reclaim), 0);
	assert_int_equal(freed, 5);
	reclaim_free(reclaim);
}

static void what_is_not_batched_waits(void **state)
{
	struct reclaim *reclaim = reclaim_new(&grace);

	(void)state;
	passed_up_to = 100;
	add(reclaim, 1);
	assert_int_equal(reclaim_poll(reclaim), 1);
	assert_int_equal(freed, 0);
	reclaim_free(reclaim);
	assert_int_equal(freed, 1);
}

static void a_large_batch_has_one_token(void **state)
{
	struct reclaim *reclaim = reclaim_new(&grace);

	assert_int_equal(reclaim_reserve(reclaim, 10000), 0);
	add(reclaim, 10000);
	assert_int_equal(reclaim_batch(reclaim, *state), 0);
	assert_int_equal(started, 1);
	assert_int_equal(reclaim_waiting(reclaim), 10000);
	passed_up_to = 1;
	assert_int_equal(reclaim_poll(reclaim), 0);
	assert_int_equal(freed, 10000);
	reclaim_free(reclaim);
}

static void an_empty_batch_asks_for_no_token(void **state)
{
	struct reclaim *reclaim = reclaim_new(&grace);

	assert_int_equal(reclaim_batch(reclaim, *state), 0);
	assert_int_equal(started, 0);
	reclaim_free(reclaim);
}

static void the_table_hands_over_what_it_unlinked(void **state)
{
	struct reclaim *reclaim = reclaim_new(&grace);
	struct rrset_buffer set = ptr_set(60, "a.example", NULL);
	const struct rrset view = rrset_buffer_view(&set);

	for (int round = 0; round < 2; round++)
		for (int host = 0; host < 600; host++) {
			const struct table_room room = {.owners = 1, .ancestors = 4};
			struct prefix address = at("192.0.2.0");
			struct owner owner;

			address.high += (uint64_t)host << 32;
			owner = owner_from_prefix(&address);
			assert_int_equal(table_reserve(*state, &room), 0);
			table_put(*state, record_new(&owner, &view, 1));
		}
	assert_int_equal(reclaim_batch(reclaim, *state), 0);
	assert_true(reclaim_waiting(reclaim) >= 600);
	passed_up_to = 1;
	assert_int_equal(reclaim_poll(reclaim), 0);
	rrset_buffer_free(&set);
	reclaim_free(reclaim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_batch_waits_for_its_own_token, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_not_batched_waits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_large_batch_has_one_token, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			an_empty_batch_asks_for_no_token, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_table_hands_over_what_it_unlinked, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("reclaim", tests, NULL, NULL);
}
