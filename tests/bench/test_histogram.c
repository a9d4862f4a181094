/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/histogram.h"

#include "tests/support/cmocka.h"

static void test_empty(void **state)
{
	struct histogram histogram = {.count = 0};

	(void)state;
	assert_int_equal(histogram_percentile(&histogram, 0.99), 0);
}

static void test_small_times_are_exact(void **state)
{
	struct histogram histogram = {.count = 0};

	(void)state;
	for (uint64_t ns = 0; ns < 8; ns++)
		histogram_add(&histogram, ns);
	assert_int_equal(histogram_percentile(&histogram, 0.5), 3);
	assert_int_equal(histogram_percentile(&histogram, 1), 7);
	assert_int_equal(histogram.longest, 7);
}

/* A bucket is at most an eighth wide, so what is told is at most an eighth too much. */
static void test_large_times_are_nearly_right(void **state)
{
	(void)state;
	for (uint64_t ns = 8; ns < UINT64_MAX / 3; ns += ns / 4 + 1) {
		struct histogram histogram = {.count = 0};

		histogram_add(&histogram, ns);
		histogram_add(&histogram, UINT64_MAX);
		uint64_t told = histogram_percentile(&histogram, 0.5);
		assert_true(told >= ns && told - ns <= ns / 8);
		assert_int_equal(histogram_percentile(&histogram, 1), UINT64_MAX);
	}
}

static void test_percentiles(void **state)
{
	struct histogram histogram = {.count = 0};

	(void)state;
	for (unsigned i = 0; i < 9900; i++)
		histogram_add(&histogram, 5);
	for (unsigned i = 0; i < 100; i++)
		histogram_add(&histogram, 1000000);
	assert_int_equal(histogram_percentile(&histogram, 0.5), 5);
	assert_int_equal(histogram_percentile(&histogram, 0.99), 5);
	assert_int_equal(histogram_percentile(&histogram, 0.9999), 1000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_small_times_are_exact),
		cmocka_unit_test(test_large_times_are_nearly_right),
		cmocka_unit_test(test_percentiles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
