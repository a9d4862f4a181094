/* SPDX-License-Identifier: BSD-3-Clause */
/* The text format: families, labels whatever they hold, times, and buckets that add up. */
#include "control/metrics/exposition.h"

#include "tests/support/cmocka.h"

#include <stdlib.h>
#include <string.h>

static struct text text;
static struct exposition exposition = {.text = &text};

static int clear(void **state)
{
	(void)state;
	text_free(&text);
	return 0;
}

static void assert_text(const char *expected)
{
	assert_false(text.failed);
	text_add(&text, "", 1);
	assert_string_equal(text.octets, expected);
}

static void a_family_says_what_it_is_before_its_samples(void **state)
{
	(void)state;
	exposition_gauge(&exposition, "a_bytes", "What a is.");
	exposition_sample(&exposition, 18446744073709551615u, NULL);
	exposition_counter(&exposition, "b_total", "What b is.");
	exposition_sample(&exposition, 0, "x", "1", NULL);
	exposition_sample(&exposition, 7, "x", "2", "y", "3", NULL);
	assert_text("# HELP a_bytes What a is.\n# TYPE a_bytes gauge\n"
		    "a_bytes 18446744073709551615\n"
		    "# HELP b_total What b is.\n# TYPE b_total counter\n"
		    "b_total{x=\"1\"} 0\nb_total{x=\"2\",y=\"3\"} 7\n");
}

static void a_label_may_hold_anything(void **state)
{
	(void)state;
	exposition.family = "a";
	exposition_sample(&exposition, 1, "x", "C:\\d \"q\"\nnext\t\x01\x7f\xc3\xa4} 5", NULL);
	exposition_sample(&exposition, 1, "x", "", NULL);
	assert_text("a{x=\"C:\\\\d \\\"q\\\"\\nnext??\?\?\?} 5\"} 1\na{x=\"\"} 1\n");
}

static void times_are_seconds_without_idle_zeros(void **state)
{
	(void)state;
	exposition.family = "t";
	exposition_seconds(&exposition, 0, NULL);
	exposition_seconds(&exposition, 1, NULL);
	exposition_seconds(&exposition, 250, "x", "y", NULL);
	exposition_seconds(&exposition, 1500000000, NULL);
	exposition_seconds(&exposition, 10000000000, NULL);
	assert_text("t 0\nt 0.000000001\nt{x=\"y\"} 0.00000025\nt 1.5\nt 10\n");
}

static void buckets_are_cumulative(void **state)
{
	const uint64_t bucket[] = {1, 0, 5, 2};
	const struct exposition_buckets sizes = {bucket, 3, 1, 40, false};

	(void)state;
	exposition_histogram(&exposition, "h", "What h is.");
	exposition_buckets(&exposition, &sizes);
	assert_text("# HELP h What h is.\n# TYPE h histogram\n"
		    "h_bucket{le=\"1\"} 1\nh_bucket{le=\"2\"} 1\nh_bucket{le=\"4\"} 6\n"
		    "h_bucket{le=\"+Inf\"} 8\nh_sum 40\nh_count 8\n");
}

static void buckets_of_time(void **state)
{
	const uint64_t bucket[] = {0, 3, 0};
	const struct exposition_buckets times = {bucket, 2, 250, 1250, true};

	(void)state;
	exposition_histogram(&exposition, "h_seconds", "What h is.");
	exposition_buckets(&exposition, &times);
	assert_text("# HELP h_seconds What h is.\n# TYPE h_seconds histogram\n"
		    "h_seconds_bucket{le=\"0.00000025\"} 0\nh_seconds_bucket{le=\"0.0000005\"} 3\n"
		    "h_seconds_bucket{le=\"+Inf\"} 3\nh_seconds_sum 0.00000125\n"
		    "h_seconds_count 3\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_family_says_what_it_is_before_its_samples, clear),
		cmocka_unit_test_teardown(a_label_may_hold_anything, clear),
		cmocka_unit_test_teardown(times_are_seconds_without_idle_zeros, clear),
		cmocka_unit_test_teardown(buckets_are_cumulative, clear),
		cmocka_unit_test_teardown(buckets_of_time, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
