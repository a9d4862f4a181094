/* SPDX-License-Identifier: BSD-3-Clause */
/* control/rrset_buffer.c */
#include "tests/control/support.h"

#include <errno.h>
#include <string.h>

static void items_are_walked_in_order(void **state)
{
	struct rrset_buffer set = ptr_set(60, "a.example", "b.example", NULL);
	const struct rrset view = rrset_buffer_view(&set);
	uint32_t offset = 0;
	uint16_t bytes;

	(void)state;
	assert_int_equal(view.count, 2);
	assert_memory_equal(rrset_next(&view, &offset, &bytes), "\1a\7example", 11);
	assert_int_equal(bytes, 11);
	assert_memory_equal(rrset_next(&view, &offset, &bytes), "\1b\7example", 11);
	assert_null(rrset_next(&view, &offset, &bytes));
	rrset_buffer_free(&set);
}

static void repeated_rdata_counts_once_and_names_ignore_case(void **state)
{
	struct rrset_buffer set = ptr_set(60, "a.example", "A.EXAMPLE", "a.example", NULL);

	(void)state;
	assert_int_equal(set.count, 1);
	rrset_buffer_reset(&set, 16, 60);
	assert_int_equal(rrset_buffer_add(&set, (const uint8_t *)"\1a", 2), 0);
	assert_int_equal(rrset_buffer_add(&set, (const uint8_t *)"\1A", 2), 0);
	assert_int_equal(rrset_buffer_add(&set, (const uint8_t *)"\1A", 2), 0);
	assert_int_equal(set.count, 2);
	rrset_buffer_free(&set);
}

static void a_full_buffer_still_renders(void **state)
{
	struct rrset_buffer set = {0};
	const struct prefix owner = at("192.0.2.7");
	const struct owner key = owner_from_prefix(&owner);
	uint8_t rdata[3] = {0};
	struct record *record;
	struct rrset view;
	int result = 0;
	unsigned i;

	(void)state;
	rrset_buffer_reset(&set, 16, 60);
	for (i = 0; result == 0; i++) {
		rdata[0] = (uint8_t)(i >> 8);
		rdata[1] = (uint8_t)i;
		result = rrset_buffer_add(&set, rdata, sizeof(rdata));
	}
	assert_int_equal(result, -E2BIG);
	assert_int_equal(set.count, i - 1);
	view = rrset_buffer_view(&set);
	record = record_new(&key, &view, 1);
	assert_non_null(record);
	assert_true(record_first(record)->wire_bytes <= RRSET_RDATA_MAX_BYTES);
	record_free(record);
	rrset_buffer_free(&set);
}

static void a_copy_is_equal_and_its_own(void **state)
{
	struct rrset_buffer set = ptr_set(60, "a.example", NULL), copy = {0};
	struct rrset view = rrset_buffer_view(&set), copied;

	(void)state;
	assert_int_equal(rrset_buffer_copy(&copy, &view), 0);
	copied = rrset_buffer_view(&copy);
	assert_true(rrset_equal(&view, &copied));
	copied.ttl++;
	assert_false(rrset_equal(&view, &copied));
	rrset_buffer_free(&set);
	assert_memory_equal(copy.rdata, "\0\13\1a\7example", 13);
	rrset_buffer_free(&copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_are_walked_in_order),
		cmocka_unit_test(repeated_rdata_counts_once_and_names_ignore_case),
		cmocka_unit_test(a_full_buffer_still_renders),
		cmocka_unit_test(a_copy_is_equal_and_its_own),
	};

	return cmocka_run_group_tests_name("rrset_buffer", tests, NULL, NULL);
}
