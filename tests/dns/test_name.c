/* SPDX-License-Identifier: BSD-3-Clause */
/* dns/name.c: lengths at every boundary, pointers, comparison, and no byte past the end. */
#include "dataplane/dns/name.h"

#include "tests/support/cmocka.h"
#include "tests/support/guard.h"

#include <string.h>

/* `labels` labels of `bytes` and a last one of `last` (0: none), then the root. */
static size_t build(uint8_t *name, unsigned labels, uint8_t bytes, uint8_t last)
{
	size_t at = 0;

	for (unsigned i = 0; i <= labels; i++) {
		uint8_t label = i < labels ? bytes : last;

		if (label == 0)
			break;
		name[at] = label;
		memset(name + at + 1, 'a', label);
		at += 1 + (size_t)label;
	}
	name[at] = 0;
	return at + 1;
}

static void root_is_one_byte(void **state)
{
	(void)state;
	assert_int_equal(name_length((const uint8_t *)"", 1), 1);
	assert_int_equal(name_skip((const uint8_t *)"", 1), 1);
}

static void label_of_63_is_taken_and_64_is_not(void **state)
{
	uint8_t name[80];
	size_t bytes = build(name, 1, 63, 0);

	(void)state;
	assert_int_equal(name_length(name, bytes), 65);
	assert_int_equal(name_skip(name, bytes), 65);
	bytes = build(name, 1, 64, 0);
	assert_int_equal(name_length(name, bytes), 0);
	assert_int_equal(name_skip(name, bytes), 0);
}

static void name_of_255_is_taken_and_256_is_not(void **state)
{
	uint8_t name[300];

	(void)state;
	assert_int_equal(build(name, 3, 63, 61), 255);
	assert_int_equal(name_length(name, sizeof(name)), 255);
	assert_int_equal(name_skip(name, sizeof(name)), 255);
	assert_int_equal(name_length(name, 255), 255);
	assert_int_equal(build(name, 3, 63, 62), 256);
	assert_int_equal(name_length(name, sizeof(name)), 0);
	assert_int_equal(name_skip(name, sizeof(name)), 0);
	assert_int_equal(build(name, 127, 1, 0), 255);
	assert_int_equal(name_length(name, sizeof(name)), 255);
}

static void every_other_label_type_is_refused(void **state)
{
	uint8_t name[300] = {0};

	(void)state;
	for (unsigned type = 64; type < 256; type++) {
		name[0] = (uint8_t)type;
		assert_int_equal(name_length(name, sizeof(name)), 0);
		assert_int_equal(name_skip(name, sizeof(name)), type >= 0xc0 ? 2 : 0);
	}
}

static void pointer_ends_a_skipped_name(void **state)
{
	static const uint8_t name[] = {1, 'a', 0xc0, 0x0c, 0xff};

	(void)state;
	assert_int_equal(name_skip(name, 5), 4);
	assert_int_equal(name_skip(name, 4), 4);
	assert_int_equal(name_skip(name, 3), 0);
	assert_int_equal(name_skip(name, 2), 0);
}

static void every_prefix_of_a_name_is_malformed_and_not_over_read(void **state)
{
	uint8_t name[255];
	struct guard guard;

	(void)state;
	build(name, 3, 63, 61);
	guard_open(&guard, sizeof(name));
	for (size_t bytes = 0; bytes < sizeof(name); bytes++) {
		const uint8_t *at = guard_place(&guard, name, bytes);

		assert_int_equal(name_length(at, bytes), 0);
		assert_int_equal(name_skip(at, bytes), 0);
	}
	guard_close(&guard);
}

static void case_is_folded_for_ascii_letters_alone(void **state)
{
	(void)state;
	for (unsigned octet = 0; octet < 256; octet++)
		assert_int_equal(name_lower((uint8_t)octet),
			octet >= 'A' && octet <= 'Z' ? octet + 32 : octet);
}

static void equal_compares_every_label(void **state)
{
	(void)state;
	assert_true(name_equal((const uint8_t *)"\1a\2bC", (const uint8_t *)"\1A\2Bc"));
	assert_true(name_equal((const uint8_t *)"", (const uint8_t *)""));
	assert_false(name_equal((const uint8_t *)"\1a", (const uint8_t *)"\1b"));
	assert_false(name_equal((const uint8_t *)"\1a\1b", (const uint8_t *)"\1a"));
	assert_false(name_equal((const uint8_t *)"\1a", (const uint8_t *)"\1a\1b"));
	/* '[' is '{' with the case bit, and neither is a letter. */
	assert_false(name_equal((const uint8_t *)"\1[", (const uint8_t *)"\1{"));
	assert_false(name_equal((const uint8_t *)"\3a\1b", (const uint8_t *)"\1a\1b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(root_is_one_byte),
		cmocka_unit_test(label_of_63_is_taken_and_64_is_not),
		cmocka_unit_test(name_of_255_is_taken_and_256_is_not),
		cmocka_unit_test(every_other_label_type_is_refused),
		cmocka_unit_test(pointer_ends_a_skipped_name),
		cmocka_unit_test(every_prefix_of_a_name_is_malformed_and_not_over_read),
		cmocka_unit_test(case_is_folded_for_ascii_letters_alone),
		cmocka_unit_test(equal_compares_every_label),
	};

	return cmocka_run_group_tests_name("dns/name", tests, NULL, NULL);
}
