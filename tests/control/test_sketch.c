/* SPDX-License-Identifier: BSD-3-Clause */
/* sketch.c and ranking.c against exact counts: whatever comes, the truth is within the bounds, and
 * whoever has more than his share of the memory is there. */
#include "control/observer/ranking.h"
#include "control/observer/sketch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS = 4096, CAPACITY = 64, PARTS = 3 };

static const struct hash_key secret = {{11, 22, 33, 44}};
static uint64_t random_state = 88172645463325252u;

static uint64_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static struct prefix key_of(unsigned number)
{
	return (struct prefix){.high = (uint64_t)number << 40,
		.low = number % 3,
		.family = number % 2 ? ARPA_FAMILY_IPV4 : ARPA_FAMILY_IPV6,
		.bits = (uint8_t)(number % 129)};
}

static unsigned number_of(const struct prefix *key)
{
	return (unsigned)(key->high >> 40);
}

/* Of any kind: all alike, a few that have most, or one after the other in turn. */
static unsigned draw(unsigned kind, unsigned step)
{
	unsigned number = (unsigned)(next_random() % KEYS);

	if (kind == 0)
		return number;
	if (kind == 1)
		return number & (unsigned)(next_random() % KEYS) & (unsigned)next_random();
	return kind == 2 ? step % KEYS : step % (CAPACITY + 1);
}

static uint32_t weight_of(unsigned kind)
{
	return kind % 2 ? 1 : (uint32_t)(1 + next_random() % 300);
}

static void check_sketch(const struct sketch *sketch, const uint64_t *truth, uint64_t total)
{
	bool there[KEYS] = {false};
	uint64_t sum = 0;

	assert_int_equal(sketch->total, total);
	for (unsigned i = 0; i < sketch->used; i++) {
		const struct sketch_entry *entry = &sketch->entry[i];
		unsigned number = number_of(&entry->key);

		assert_false(there[number]);
		there[number] = true;
		assert_true(truth[number] <= entry->count);
		assert_true(truth[number] >= entry->count - entry->error);
		assert_true(entry->error <= total / sketch->capacity);
		sum += entry->count;
	}
	/* The counts of the entries are all that came. */
	assert_int_equal(sum, total);
	for (unsigned number = 0; number < KEYS; number++) {
		if (there[number])
			continue;
		assert_true(truth[number] <= sketch_least(sketch));
		assert_true(truth[number] <= total / sketch->capacity);
	}
}

static void the_truth_is_within_the_bounds(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < 8; kind++) {
		static uint64_t truth[KEYS];
		struct sketch sketch;
		uint64_t total = 0;

		memset(truth, 0, sizeof(truth));
		assert_int_equal(sketch_init(&sketch, CAPACITY, &secret), 0);
		for (unsigned step = 0; step < 50000; step++) {
			unsigned number = draw(kind % 4, step);
			uint32_t weight = weight_of(kind / 4);
			struct prefix key = key_of(number);

			sketch_add(&sketch, &key, weight);
			truth[number] += weight;
			total += weight;
			if (step % 4999 == 0)
				check_sketch(&sketch, truth, total);
		}
		check_sketch(&sketch, truth, total);
		sketch_clear(&sketch);
		assert_int_equal(sketch.used + sketch_least(&sketch) + sketch.total, 0);
		sketch_fini(&sketch);
	}
}

static void few_keys_are_counted_exactly(void **state)
{
	struct sketch sketch;

	(void)state;
	assert_int_equal(sketch_init(&sketch, 1, &secret), 0);
	for (unsigned i = 0; i < 5; i++)
		sketch_add(&sketch, &(struct prefix){.high = 7}, 3);
	assert_int_equal(sketch.entry[0].count, 15);
	assert_int_equal(sketch.entry[0].error, 0);
	/* One place: the newcomer takes it, and what he may not have had is known. */
	sketch_add(&sketch, &(struct prefix){.high = 8}, 1);
	assert_int_equal(sketch.used, 1);
	assert_int_equal(sketch.entry[0].key.high, 8);
	assert_int_equal(sketch.entry[0].count, 16);
	assert_int_equal(sketch.entry[0].error, 15);
	sketch_fini(&sketch);
}

static struct ranking_part part_of(const struct sketch *sketch)
{
	return (struct ranking_part){
		sketch->entry, sketch->used, sketch_least(sketch), sketch->weight_most};
}

static void parts_together_hold_the_truth(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 20; round++) {
		static uint64_t truth[KEYS];
		static struct ranking_row rows[KEYS];
		struct ranking_part parts[PARTS];
		struct sketch sketch[PARTS];
		uint64_t total = 0, before = UINT64_MAX;
		bool there[KEYS] = {false};
		int count;

		memset(truth, 0, sizeof(truth));
		for (unsigned p = 0; p < PARTS; p++) {
			assert_int_equal(sketch_init(&sketch[p], CAPACITY, &secret), 0);
			for (unsigned step = 0; step < 2000 * p; step++) {
				unsigned number = draw(round % 4, step + p);
				struct prefix key = key_of(number);

				sketch_add(&sketch[p], &key, 1);
				truth[number]++;
				total++;
			}
			parts[p] = part_of(&sketch[p]);
		}
		count = ranking_merge(parts, PARTS, rows, KEYS);
		assert_true(count >= CAPACITY);
		for (int i = 0; i < count; i++) {
			unsigned number = number_of(&rows[i].key);
			uint64_t least = rows[i].count - rows[i].error;

			assert_false(there[number]);
			there[number] = true;
			assert_true(truth[number] <= rows[i].count);
			assert_true(truth[number] >= least);
			assert_true(least <= before);
			assert_int_equal(rows[i].spread, 0); /* all was seen */
			before = least;
		}
		for (unsigned number = 0; number < KEYS; number++)
			assert_true(there[number] || truth[number] <= total / CAPACITY);
		/* Fewer rows are the first of them. */
		assert_int_equal(ranking_merge(parts, PARTS, rows, 5), 5);
		for (unsigned p = 0; p < PARTS; p++)
			sketch_fini(&sketch[p]);
	}
}

/* Messages of known number, of which each is sampled by chance: nearly always within the spread. */
static void the_spread_holds_what_chance_does(void **state)
{
	static const unsigned truths[] = {64, 640, 6400, 64000};
	enum { ONE_IN = 64, ROUNDS = 300 };

	(void)state;
	for (size_t t = 0; t < sizeof(truths) / sizeof(truths[0]); t++) {
		unsigned missed = 0, judged = 0;

		for (unsigned round = 0; round < ROUNDS; round++) {
			struct sketch sketch;
			struct ranking_part part;
			struct ranking_row row;

			assert_int_equal(sketch_init(&sketch, 4, &secret), 0);
			for (unsigned i = 0; i < truths[t]; i++)
				if (next_random() % ONE_IN == 0)
					sketch_add(&sketch, &(struct prefix){.high = 1}, ONE_IN);
			part = part_of(&sketch);
			if (ranking_merge(&part, 1, &row, 1) == 1) {
				judged++;
				missed += truths[t] > row.count + row.spread ||
					truths[t] + row.spread < row.count;
			}
			sketch_fini(&sketch);
		}
		/* 5 of 100, and what is likely for 300 rounds: 15 +- 3 standard deviations. */
		assert_true(judged > ROUNDS / 2);
		assert_true(missed <= 27);
	}
}

static void nothing_makes_no_rows(void **state)
{
	struct ranking_row row;
	struct ranking_part part = {.count = 0};

	(void)state;
	assert_int_equal(ranking_merge(NULL, 0, &row, 1), 0);
	assert_int_equal(ranking_merge(&part, 1, &row, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_truth_is_within_the_bounds),
		cmocka_unit_test(few_keys_are_counted_exactly),
		cmocka_unit_test(parts_together_hold_the_truth),
		cmocka_unit_test(the_spread_holds_what_chance_does),
		cmocka_unit_test(nothing_makes_no_rows),
	};

	return cmocka_run_group_tests_name("sketch", tests, NULL, NULL);
}
