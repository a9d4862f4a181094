/* SPDX-License-Identifier: BSD-3-Clause */
/* A right reply of the pipeline passes; with any one byte changed it does not. */
#include "bench/reply_check.h"

#include "bench/frames.h"
#include "bench/query_frame.h"
#include "tests/support/cmocka.h"

#include <string.h>

static const struct population population = {"", LAYOUT_IPV4, 1000};

static bool right(const struct frames *f, const uint8_t *reply, enum outcome outcome)
{
	unsigned version;

	return reply_check_frame(f->pool, reply, f->burst.length[0]) &&
		reply_check_message(
			f->pool + f->payload, reply + f->payload, outcome, f->opt, &version) &&
		version == 0;
}

static void test_any_changed_byte_is_seen(void **state)
{
	struct frames *f = frames_new(&population, DRAW_HIT, false);
	struct workload workload;
	uint8_t reply[512];

	(void)state;
	assert_non_null(f);
	assert_true(workload_init(&workload, &population, population.records));
	frames_restore(f, 0, 1);
	frames_answer(f, &workload.serving);
	assert_in_range(f->burst.length[0], 1, sizeof(reply));
	memcpy(reply, f->buffer[0], f->burst.length[0]);
	assert_true(right(f, reply, OUTCOME_ANSWERED));
	assert_false(right(f, reply, OUTCOME_NXDOMAIN));
	assert_false(reply_check_frame(f->pool, reply, f->burst.length[0] - 1));
	for (unsigned i = 0; i < f->burst.length[0]; i++) {
		reply[i] ^= 0x10;
		assert_false(right(f, reply, OUTCOME_ANSWERED));
		reply[i] ^= 0x10;
	}
	workload_fini(&workload);
	frames_free(f);
}

static void test_a_query_is_no_reply(void **state)
{
	struct frames *f = frames_new(&population, DRAW_MISS, true);
	unsigned version;

	(void)state;
	assert_non_null(f);
	assert_false(reply_check_message(
		f->pool + f->payload, f->pool + f->payload, OUTCOME_NXDOMAIN, true, &version));
	assert_false(reply_check_frame(f->pool, f->pool, f->length[0]));
	frames_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_changed_byte_is_seen),
		cmocka_unit_test(test_a_query_is_no_reply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
