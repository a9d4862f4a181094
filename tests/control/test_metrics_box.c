/* SPDX-License-Identifier: BSD-3-Clause */
/* The box between the control thread and readers: nothing torn, nothing older than before. */
#include "control/metrics/facts.h"

#include "tests/support/cmocka.h"

#include <stdlib.h>

static void a_reader_keeps_what_it_has_until_there_is_more(void **state)
{
	struct metrics_box box;
	struct metrics_facts *facts;
	const struct metrics_facts *seen;

	(void)state;
	metrics_box_init(&box);
	assert_null(metrics_box_read(&box));
	metrics_box_done(&box);
	facts = metrics_box_take(&box);
	facts->when_ms = 1;
	metrics_box_put(&box, facts);
	for (unsigned i = 0; i < 2; i++) {
		seen = metrics_box_read(&box);
		assert_int_equal(seen->when_ms, 1);
		metrics_box_done(&box);
	}
	/* The writer has it out, as during a long fill: the reader does not wait. */
	facts = metrics_box_take(&box);
	assert_ptr_not_equal(facts, seen);
	assert_int_equal(metrics_box_read(&box)->when_ms, 1);
	metrics_box_done(&box);
	facts->when_ms = 2;
	metrics_box_put(&box, facts);
	/* What nobody has seen is filled again, with its memory. */
	facts = metrics_box_take(&box);
	assert_int_equal(facts->when_ms, 2);
	facts->zones = malloc(sizeof(*facts->zones));
	metrics_box_put(&box, facts);
	assert_int_equal(metrics_box_read(&box)->when_ms, 2);
	metrics_box_done(&box);
	metrics_box_fini(&box);
}

enum { ROUNDS = 20000, READERS = 2 };

static void *read_all(void *context)
{
	struct metrics_box *box = context;
	int64_t last = 0;
	uintptr_t wrong = 0;

	while (last < ROUNDS) {
		const struct metrics_facts *facts = metrics_box_read(box);

		if (facts) {
			wrong += facts->when_ms < last ||
				facts->journal_bytes != (uint64_t)facts->when_ms ||
				facts->records[1] != (uint64_t)facts->when_ms;
			last = facts->when_ms;
		}
		metrics_box_done(box);
	}
	return (void *)wrong;
}

static void readers_beside_the_writer(void **state)
{
	struct metrics_box box;
	pthread_t readers[READERS];

	(void)state;
	metrics_box_init(&box);
	for (unsigned i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&readers[i], NULL, read_all, &box), 0);
	for (int64_t round = 1; round <= ROUNDS; round++) {
		struct metrics_facts *facts = metrics_box_take(&box);

		facts->when_ms = round;
		facts->journal_bytes = (uint64_t)round;
		facts->records[1] = (uint64_t)round;
		metrics_box_put(&box, facts);
	}
	for (unsigned i = 0; i < READERS; i++) {
		void *wrong;

		pthread_join(readers[i], &wrong);
		assert_null(wrong);
	}
	metrics_box_fini(&box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reader_keeps_what_it_has_until_there_is_more),
		cmocka_unit_test(readers_beside_the_writer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
