/* SPDX-License-Identifier: BSD-3-Clause */
/* control/array.c: what was added stays, room is made seldom, and no memory changes nothing. */
#include "tests/support/cmocka.h"

#include "control/array.h"
#include "tests/support/memory.h"

#include <stdlib.h>

enum { COUNT = 100000 };

static void what_was_added_stays(void **state)
{
	uint32_t *array = NULL;
	size_t capacity = 0, moves = 0;

	(void)state;
	for (uint32_t i = 0; i < COUNT; i++) {
		size_t before = capacity;

		array = array_grow(array, i, &capacity, sizeof(*array));
		assert_non_null(array);
		assert_true(capacity > i);
		moves += capacity != before;
		array[i] = i;
	}
	for (uint32_t i = 0; i < COUNT; i++)
		assert_int_equal(array[i], i);
	assert_true(moves < 20); /* it doubles: 2^20 is more than COUNT */
	free(array);
}

static void where_there_is_room_nothing_changes(void **state)
{
	size_t capacity = 0;
	char *array = array_grow(NULL, 0, &capacity, 1), *same;
	size_t before = capacity;

	(void)state;
	assert_non_null(array);
	memory_fail_after(0);
	same = array_grow(array, before - 1, &capacity, 1);
	assert_false(memory_fail_never());
	assert_ptr_equal(same, array);
	assert_int_equal(capacity, before);
	free(array);
}

static void no_memory_changes_nothing(void **state)
{
	size_t capacity = 0;
	char *array = array_grow(NULL, 0, &capacity, 1), *none;
	size_t before = capacity;

	(void)state;
	assert_non_null(array);
	array[before - 1] = 'x';
	memory_fail_after(0);
	none = array_grow(array, before, &capacity, 1);
	assert_true(memory_fail_never());
	assert_null(none);
	assert_int_equal(capacity, before);
	assert_int_equal(array[before - 1], 'x');
	free(array);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_added_stays),
		cmocka_unit_test(where_there_is_room_nothing_changes),
		cmocka_unit_test(no_memory_changes_nothing),
	};

	return cmocka_run_group_tests_name("array", tests, NULL, NULL);
}
