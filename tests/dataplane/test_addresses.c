/* SPDX-License-Identifier: BSD-3-Clause */
/* addresses.c: membership against a plain search, families apart, sets of every size. */
#include "dataplane/addresses.h"

#include "tests/support/cmocka.h"
#include "tests/support/memory.h"

#include <string.h>

static void empty_set_holds_nothing(void **state)
{
	static const uint8_t zero[16];
	struct addresses *set = addresses_new(NULL, 0, 5353);

	(void)state;
	assert_non_null(set);
	assert_int_equal(addresses_port(set), 5353);
	assert_false(addresses_hold(set, 4, zero));
	assert_false(addresses_hold(set, 6, zero));
	addresses_free(set);
	addresses_free(NULL);
}

static void families_are_apart(void **state)
{
	static const struct ip_address four = {4, {1, 2, 3, 4}};
	static const uint8_t six[16] = {1, 2, 3, 4};
	static const struct ip_address list6 = {6, {1, 2, 3, 4}};
	struct addresses *set = addresses_new(&four, 1, 53);

	(void)state;
	assert_true(addresses_hold(set, 4, six));
	assert_false(addresses_hold(set, 6, six));
	addresses_free(set);
	set = addresses_new(&list6, 1, 53);
	assert_true(addresses_hold(set, 6, six));
	assert_false(addresses_hold(set, 4, six));
	addresses_free(set);
}

/* So many that every slot of the smallest set is met. */
static void the_same_bytes_of_another_family_are_not_held(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 64; i++) {
		struct ip_address address = {i % 2 ? 6 : 4, {(uint8_t)i, 1, 2, 3}};
		struct addresses *set = addresses_new(&address, 1, 53);

		assert_true(addresses_hold(set, address.family, address.bytes));
		assert_false(addresses_hold(set, i % 2 ? 4 : 6, address.bytes));
		addresses_free(set);
	}
}

static void unspecified_addresses_can_be_held(void **state)
{
	static const struct ip_address both[] = {{4, {0}}, {6, {0}}};
	static const uint8_t zero[16];
	struct addresses *set = addresses_new(both, 2, 53);

	(void)state;
	assert_true(addresses_hold(set, 4, zero));
	assert_true(addresses_hold(set, 6, zero));
	addresses_free(set);
}

/* An address stated twice is held once more; every set size up to 300, all members, all others. */
static void sets_of_every_size_hold_their_members_alone(void **state)
{
	struct ip_address list[300];

	(void)state;
	for (unsigned i = 0; i < 300; i++)
		list[i] = (struct ip_address){i % 2 ? 6 : 4,
			{10, (uint8_t)(i / 256), (uint8_t)i, 1, [15] = (uint8_t)(i % 2)}};
	for (unsigned count = 0; count <= 300; count += 1 + count / 8) {
		struct addresses *set = addresses_new(list, count, 53);

		for (unsigned i = 0; i < 300; i++)
			assert_int_equal(
				addresses_hold(set, list[i].family, list[i].bytes), i < count);
		addresses_free(set);
	}
	list[1] = list[0];
	struct addresses *set = addresses_new(list, 2, 53);
	assert_true(addresses_hold(set, list[0].family, list[0].bytes));
	addresses_free(set);
}

static void the_first_ipv4_address_is_known(void **state)
{
	static const struct ip_address list[] = {{6, {9, 9, 9, 9}}, {4, {192, 0, 2, 1}},
		{4, {192, 0, 2, 2}}, {4, {0xff, 0xff, 0xff, 0xff}}};
	struct addresses *set = addresses_new(list, 4, 53);

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(addresses_first(set, list[i].bytes), i == 1);
	addresses_free(set);
	/* Of a set without one no address is the first. */
	set = addresses_new(list, 1, 53);
	for (unsigned i = 0; i < 4; i++)
		assert_false(addresses_first(set, list[i].bytes));
	addresses_free(set);
}

static void without_memory_there_is_no_set(void **state)
{
	(void)state;
	memory_fail_after(0);
	assert_null(addresses_new(NULL, 0, 53));
	assert_true(memory_fail_never());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_set_holds_nothing),
		cmocka_unit_test(families_are_apart),
		cmocka_unit_test(the_same_bytes_of_another_family_are_not_held),
		cmocka_unit_test(unspecified_addresses_can_be_held),
		cmocka_unit_test(sets_of_every_size_hold_their_members_alone),
		cmocka_unit_test(the_first_ipv4_address_is_known),
		cmocka_unit_test(without_memory_there_is_no_set),
	};

	return cmocka_run_group_tests_name("dataplane/addresses", tests, NULL, NULL);
}
