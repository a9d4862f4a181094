/* SPDX-License-Identifier: BSD-3-Clause */
/* control/store/store_recent.c beside a plain array: the same entries in the same order, and
 * undone. */
#include "control/store/store_recent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS = 512, ROUNDS = 400, WRITES = 64 };

/* What each key has; 0: no entry, -1: deleted. */
struct model {
	int value[KEYS];
};

static struct store_bytes key_of(unsigned number, char text[static 8])
{
	/* Of different lengths, some the beginning of others. */
	int bytes = snprintf(text, 8, "%0*u", number % 3 == 0 ? 3 : 5, number);

	return (struct store_bytes){(const uint8_t *)text, (size_t)bytes};
}

static void put(struct store_recent *recent, struct model *model, unsigned number, int value)
{
	char key[8];
	const struct store_bytes bytes = {(const uint8_t *)&value, sizeof(value)};

	assert_int_equal(store_recent_put(recent, STORE_RRSETS, key_of(number, key),
				 value < 0 ? NULL : &bytes),
		0);
	model->value[number] = value;
}

static int value_of(const struct store_recent_entry *entry)
{
	int value;

	if (entry->deleted)
		return -1;
	assert_int_equal(entry->value_bytes, sizeof(value));
	memcpy(&value, entry->value, sizeof(value));
	return value;
}

static int order(const struct store_recent_entry *a, const struct store_recent_entry *b)
{
	size_t bytes = a->key_bytes < b->key_bytes ? a->key_bytes : b->key_bytes;
	int difference = memcmp(a->key, b->key, bytes);

	return difference != 0 ? difference : (int)a->key_bytes - (int)b->key_bytes;
}

/* Every key by search, and all of them in order forwards and back. */
static void assert_same(const struct store_recent *recent, const struct model *model)
{
	const struct store_recent_entry *entry, *last = NULL;
	size_t count = 0;
	char key[8];

	for (unsigned i = 0; i < KEYS; i++) {
		entry = store_recent_find(recent, STORE_RRSETS, key_of(i, key));
		assert_int_equal(entry == NULL, model->value[i] == 0);
		if (entry != NULL)
			assert_int_equal(value_of(entry), model->value[i]);
		count += entry != NULL;
	}
	assert_int_equal(store_recent_count(recent), count);
	for (entry = store_recent_first(recent, STORE_RRSETS); entry != NULL;
		entry = store_recent_next(entry), count--) {
		assert_true(last == NULL || order(last, entry) < 0);
		assert_ptr_equal(store_recent_previous(entry), last);
		last = entry;
	}
	assert_int_equal(count, 0);
	assert_ptr_equal(store_recent_last(recent, STORE_RRSETS), last);
}

static void random_writes_are_kept_or_undone(void **state)
{
	struct store_recent *recent = store_recent_new();
	struct model model = {{0}}, marked;

	(void)state;
	srand(1);
	for (int round = 0; round < ROUNDS; round++) {
		size_t mark = store_recent_mark(recent);

		marked = model;
		for (int i = rand() % WRITES; i > 0; i--)
			put(recent, &model, (unsigned)rand() % KEYS,
				rand() % 3 == 0 ? -1 : 1 + rand() % 1000);
		if (rand() % 2 == 0) {
			store_recent_undo(recent, mark);
			model = marked;
		} else if (rand() % 4 == 0) {
			store_recent_forget(recent);
		}
		assert_same(recent, &model);
	}
	store_recent_free(recent);
}

static void a_place_between_keys_has_neighbours(void **state)
{
	struct store_recent *recent = store_recent_new();
	struct model model = {{0}};
	const struct store_bytes between = {(const uint8_t *)"00100x", 6};
	char key[8];

	(void)state;
	assert_null(store_recent_seek(recent, STORE_RRSETS, between));
	assert_null(store_recent_below(recent, STORE_RRSETS, between));
	put(recent, &model, 100, 1);
	put(recent, &model, 101, 2);
	assert_int_equal(value_of(store_recent_seek(recent, STORE_RRSETS, between)), 2);
	assert_int_equal(value_of(store_recent_below(recent, STORE_RRSETS, between)), 1);
	assert_int_equal(value_of(store_recent_seek(recent, STORE_RRSETS, key_of(100, key))), 1);
	assert_null(store_recent_below(recent, STORE_RRSETS, key_of(100, key)));
	assert_null(store_recent_seek(recent, STORE_ZONES, between));
	store_recent_free(recent);
}

static void memory_of_what_was_undone_is_given_back(void **state)
{
	struct store_recent *recent = store_recent_new();
	uint8_t large[100000] = {1};
	const struct store_bytes key = {large, 8}, value = {large, sizeof(large)};
	size_t before = store_recent_bytes(recent);

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(store_recent_put(recent, STORE_META, key, &value), 0);
	assert_true(store_recent_bytes(recent) >= before + 100 * sizeof(large));
	store_recent_undo(recent, 0);
	/* The list of writes keeps its room. */
	assert_true(store_recent_bytes(recent) < before + sizeof(large));
	assert_int_equal(store_recent_count(recent), 0);
	store_recent_free(recent);
	store_recent_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_writes_are_kept_or_undone),
		cmocka_unit_test(a_place_between_keys_has_neighbours),
		cmocka_unit_test(memory_of_what_was_undone_is_given_back),
	};

	return cmocka_run_group_tests_name("store_recent", tests, NULL, NULL);
}
