/* SPDX-License-Identifier: BSD-3-Clause */
/* The rate over time, the burst after a rest, and clocks that stand still, go back or jump. */
#include "dataplane/token_bucket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { START_NS = 1000000 };

static const uint64_t second_ns = TOKEN_BUCKET_SECOND_NS;

static void starts_full(void **state)
{
	struct token_bucket slow = token_bucket_full(1, START_NS);
	struct token_bucket fast = token_bucket_full(100000, START_NS);

	(void)state;
	assert_int_equal(token_bucket_look(&slow, START_NS), TOKEN_BUCKET_LEAST);
	assert_int_equal(token_bucket_look(&fast, START_NS), 1000);
}

static void gives_the_rate_and_no_more(void **state)
{
	struct token_bucket bucket = token_bucket_full(12345, START_NS);
	uint64_t now = START_NS, taken = 0;

	(void)state;
	/* Uneven steps of 1 to 97 us, for about ten seconds, everything taken at once. */
	for (unsigned i = 0; now < START_NS + 10 * second_ns; i++) {
		uint64_t there = token_bucket_look(&bucket, now);

		token_bucket_take(&bucket, there);
		taken += there;
		now += 1000 * (1 + i % 97);
	}
	uint64_t passed_ns = bucket.at_ns - START_NS;
	assert_int_equal(taken, 123 + passed_ns * 12345 / second_ns);
}

static void fills_up_in_a_rest_and_no_further(void **state)
{
	struct token_bucket bucket = token_bucket_full(100000, START_NS);

	(void)state;
	token_bucket_take(&bucket, 1000);
	assert_int_equal(token_bucket_look(&bucket, START_NS), 0);
	assert_int_equal(token_bucket_look(&bucket, START_NS + 5000000), 500);
	assert_int_equal(token_bucket_look(&bucket, START_NS + 9999999), 999);
	assert_int_equal(token_bucket_look(&bucket, START_NS + second_ns), 1000);
	token_bucket_take(&bucket, 1000);
	assert_int_equal(token_bucket_look(&bucket, UINT64_MAX), 1000);
}

static void a_clock_that_goes_back_gives_nothing(void **state)
{
	struct token_bucket bucket = token_bucket_full(UINT32_MAX, START_NS);

	(void)state;
	assert_int_equal(token_bucket_look(&bucket, START_NS), UINT32_MAX / 100);
	token_bucket_take(&bucket, UINT32_MAX / 100);
	assert_int_equal(token_bucket_look(&bucket, 0), 0);
	assert_int_equal(token_bucket_look(&bucket, START_NS), 0);
	assert_int_equal(token_bucket_look(&bucket, START_NS + 1), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_full),
		cmocka_unit_test(gives_the_rate_and_no_more),
		cmocka_unit_test(fills_up_in_a_rest_and_no_further),
		cmocka_unit_test(a_clock_that_goes_back_gives_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
