/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * control/store/store_kv.c, store_cursor.c, store_batch.c and store_flush.c beside a plain array:
 * whether what is read lies in the growing map, in frozen ones, in LMDB, or in several of them.
 */
#include "control/store/store_compact.h"
#include "control/store/store_lmdb.h"
#include "tests/control/store_fixture.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS = 100, ROUNDS = 300 };

/* What each key has; 0: nothing. */
struct model {
	int value[KEYS];
};

static struct store_bytes key_of(int number, char text[static 8])
{
	return (struct store_bytes){
		(const uint8_t *)text, (size_t)snprintf(text, 8, "k%03d", number)};
}

static int number_of(struct store_bytes key)
{
	char text[8] = "";

	assert_int_equal(key.count, 4);
	memcpy(text, key.octets, 4);
	return atoi(text + 1);
}

static int value_of(struct store_bytes value)
{
	int number;

	assert_int_equal(value.count, sizeof(number));
	memcpy(&number, value.octets, sizeof(number));
	return number;
}

static void put(struct model *model, int number, int value)
{
	char key[8];

	ok(store_kv_put(store, STORE_RRSETS, key_of(number, key),
		(struct store_bytes){(const uint8_t *)&value, sizeof(value)}, &failure));
	model->value[number] = value;
}

static void delete (struct model *model, int number)
{
	char key[8];
	int result = store_kv_delete(store, STORE_RRSETS, key_of(number, key), &failure);

	assert_int_equal(result, model->value[number] != 0);
	model->value[number] = 0;
}

static void write_some(struct model *model)
{
	for (int i = rand() % 30; i > 0; i--)
		if (rand() % 3 == 0)
			delete (model, rand() % KEYS);
		else
			put(model, rand() % KEYS, 1 + rand() % 1000);
}

/* The next number in a direction that the model has, or -1. */
static int neighbour(const struct model *model, int number, int step)
{
	for (number += step; number >= 0 && number < KEYS; number += step)
		if (model->value[number] != 0)
			return number;
	return -1;
}

static void assert_at(const struct model *model, int result, struct store_bytes key,
	struct store_bytes value, int number)
{
	assert_int_equal(result, number >= 0);
	if (number < 0)
		return;
	assert_int_equal(number_of(key), number);
	assert_int_equal(value_of(value), model->value[number]);
}

static void assert_walks(const struct model *model, struct store_cursor *cursor)
{
	struct store_bytes key = {0}, value = {0};
	char text[8];
	int at = -1, result;

	do {
		at = neighbour(model, at, 1);
		result = store_cursor_next(cursor, &key, &value, &failure);
		assert_at(model, result, key, value, at);
	} while (at >= 0);
	assert_int_equal(store_cursor_next(cursor, &key, &value, &failure), 0);
	at = KEYS;
	result = store_cursor_last(cursor, &key, &value, &failure);
	do {
		at = neighbour(model, at, -1);
		assert_at(model, result, key, value, at);
		if (result == 1)
			result = store_cursor_previous(cursor, &key, &value, &failure);
	} while (at >= 0);
	/* To and fro from anywhere. */
	for (int i = 0; i < 20; i++) {
		int from = rand() % KEYS;

		at = neighbour(model, from - 1, 1);
		result = store_cursor_seek(cursor, key_of(from, text), &key, &value, &failure);
		assert_at(model, result, key, value, at);
		for (int step = 0; step < 6 && at >= 0; step++) {
			bool forward = rand() % 2 == 0;

			at = neighbour(model, at, forward ? 1 : -1);
			result = forward ? store_cursor_next(cursor, &key, &value, &failure)
					 : store_cursor_previous(cursor, &key, &value, &failure);
			assert_at(model, result, key, value, at);
		}
	}
}

static void assert_same(const struct model *model)
{
	struct store_cursor *cursor;
	size_t count = 0;

	for (int i = 0; i < KEYS; i++) {
		struct store_bytes value;
		char key[8];
		int result = store_kv_get(store, STORE_RRSETS, key_of(i, key), &value, &failure);

		assert_int_equal(result, model->value[i] != 0);
		if (result == 1)
			assert_int_equal(value_of(value), model->value[i]);
		count += (size_t)result;
	}
	assert_int_equal(store_rrsets(store), count);
	ok(store_cursor_open(store, STORE_RRSETS, &cursor, &failure));
	assert_walks(model, cursor);
	store_cursor_close(cursor);
}

/* What the clock, or much to write, would do some time. */
static void move_on(void)
{
	switch (rand() % 7) {
	case 0:
		store_flush_seal(store);
		break;
	case 1:
		store_flush_settle(store, false);
		break;
	case 2:
		assert_int_equal(store_flush_all(store, 10000), 0);
		break;
	case 3:
		store_fixture_reopen();
		break;
	case 4:
		/* Over when it is over: other batches come meanwhile, or a stop. */
		if (!store->compact.running)
			ok(store_compact_begin(store, &failure));
		break;
	default:
		store_poll(store);
	}
}

static void batch(struct model *model)
{
	const struct model before = *model;
	bool bulk = rand() % 5 == 0;

	ok(store_begin(store, &failure));
	if (bulk && rand() % 2 == 0)
		ok(store_bulk_begin(store, &failure));
	for (int part = rand() % 4; part > 0; part--) {
		const struct model marked = *model;

		ok(store_mark(store, &failure));
		write_some(model);
		if (bulk && rand() % 3 == 0)
			ok(store_bulk_begin(store, &failure));
		write_some(model);
		if (rand() % 2 == 0) {
			ok(store_keep(store, &failure));
		} else {
			store_undo(store);
			*model = marked;
		}
		assert_same(model);
	}
	if (rand() % 3 != 0) {
		ok(store_commit(store, &failure));
		return;
	}
	store_abort(store);
	*model = before;
}

static void random_batches_read_as_written(void **state)
{
	struct model model = {{0}};

	(void)state;
	srand(2);
	for (int round = 0; round < ROUNDS; round++) {
		batch(&model);
		assert_same(&model);
		move_on();
		assert_same(&model);
	}
}

static void a_snapshot_sees_one_moment(void **state)
{
	struct model model = {{0}}, then;
	struct store_snapshot *snapshot;
	struct store_cursor *cursor;

	(void)state;
	srand(3);
	for (int round = 0; round < 50; round++) {
		batch(&model);
		then = model;
		ok(store_snapshot_open(store, &snapshot, &failure));
		for (int i = 0; i < 3; i++) {
			batch(&model);
			store_flush_seal(store);
			store_poll(store);
			ok(store_cursor_open_at(snapshot, STORE_RRSETS, &cursor, &failure));
			assert_walks(&then, cursor);
			store_cursor_close(cursor);
		}
		store_snapshot_close(snapshot);
		assert_same(&model);
	}
}

static void a_compacted_file_has_all(void **state)
{
	struct model model = {{0}};
	uint64_t before, after;
	struct store_snapshot *snapshot;
	int result;

	(void)state;
	srand(4);
	for (int round = 0; round < 30; round++) {
		batch(&model);
		ok(store_compact_begin(store, &failure));
		assert_int_equal(store_compact_begin(store, &failure), -1);
		assert_failure(&failure, FAILURE_BUSY, "try again when that is over");
		assert_int_equal(store_snapshot_open(store, &snapshot, &failure), -1);
		assert_failure(&failure, FAILURE_BUSY, "try again later");
		while ((result = store_compact_result(store, &before, &after, &failure)) == 1) {
			batch(&model);
			assert_same(&model);
		}
		ok(result);
		assert_true(after > 0);
		assert_same(&model);
		if (round % 3 == 0)
			store_fixture_reopen();
		assert_same(&model);
	}
}

/* Until it is refused, with LMDB standing still. Returns how many batches were kept. */
static int fill_maps(const uint8_t *value, size_t bytes)
{
	enum { BATCHES_MAX = 1000, PUTS = 30 };

	for (int batch = 0; batch < BATCHES_MAX; batch++) {
		if (store_begin(store, &failure) != 0)
			return batch;
		for (int i = 0; i < PUTS; i++) {
			char key[8];

			ok(store_kv_put(store, STORE_META, key_of(i, key),
				(struct store_bytes){value, bytes}, &failure));
		}
		ok(store_commit(store, &failure));
	}
	return BATCHES_MAX;
}

static void changes_are_refused_when_lmdb_is_far_behind(void **state)
{
	enum { BYTES = 100000 };
	uint8_t *value = calloc(1, BYTES);
	struct timespec never = {.tv_sec = LONG_MAX}, now = {0};
	int batches;

	(void)state;
	store->retry = never;
	batches = fill_maps(value, BYTES);
	assert_in_range(batches, 50, 200);
	assert_failure(&failure, FAILURE_BUSY, "slower than the changes; try again later");
	assert_int_equal(store_begin(store, &failure), -1);
	store->retry = now;
	assert_int_equal(store_flush_all(store, 60000), 0);
	ok(store_begin(store, &failure));
	ok(store_commit(store, &failure));
	free(value);
}

/* Larger than a frame of the log may be. */
static void a_large_batch_goes_to_lmdb(void **state)
{
	enum { COUNT = 100000 };
	uint8_t value[64] = {1};
	struct store_bytes read;
	char key[16];

	(void)state;
	ok(store_begin(store, &failure));
	for (int i = 0; i < COUNT; i++) {
		int bytes = snprintf(key, sizeof(key), "%08d", i);

		if (i == COUNT / 2)
			ok(store_mark(store, &failure));
		ok(store_kv_put(store, STORE_RRSETS,
			(struct store_bytes){(const uint8_t *)key, (size_t)bytes},
			(struct store_bytes){value, sizeof(value)}, &failure));
	}
	assert_true(store_is_bulk(store));
	assert_int_equal(store_rrsets(store), COUNT);
	store_undo(store);
	assert_int_equal(store_rrsets(store), COUNT / 2);
	ok(store_commit(store, &failure));
	store_fixture_reopen();
	assert_int_equal(store_rrsets(store), COUNT / 2);
	assert_int_equal(
		store_kv_get(store, STORE_RRSETS,
			(struct store_bytes){(const uint8_t *)"00049999", 8}, &read, &failure),
		1);
	assert_int_equal(
		store_kv_get(store, STORE_RRSETS,
			(struct store_bytes){(const uint8_t *)"00050000", 8}, &read, &failure),
		0);
}

int main(void)
{
#define CASE(name) \
	cmocka_unit_test_setup_teardown(name, store_fixture_set_up, store_fixture_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(random_batches_read_as_written),
		CASE(a_snapshot_sees_one_moment),
		CASE(a_compacted_file_has_all),
		CASE(changes_are_refused_when_lmdb_is_far_behind),
		CASE(a_large_batch_goes_to_lmdb),
	};

	return cmocka_run_group_tests_name("store_kv", tests, NULL, NULL);
}
