/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every point at which a commit or a flush may be cut short by a loss of power, and every call of
 * theirs that may fail: what was acknowledged is there, all of it, and what was refused is not.
 */
#include "control/log.h"
#include "control/store/store_lmdb.h"
#include "tests/control/disk_shim.h"
#include "tests/control/store_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHANGES_MAX = 64, KEYS_PER_CHANGE = 2, VALUE_BYTES = 900, NEVER = -1 };

/* A change, and how many events there were when it was tried and answered. */
struct change {
	bool kept, answered;
	size_t tried, told;
};

static struct change change[CHANGES_MAX];
static int changes;
static const char *base, *image;

static struct store_bytes key_of(int number, int part, char text[static 16])
{
	return (struct store_bytes){
		(const uint8_t *)text, (size_t)snprintf(text, 16, "%03d-%d", number, part)};
}

static int put_part(int number, int part)
{
	uint8_t value[VALUE_BYTES];
	char key[16];

	memset(value, number + part, sizeof(value));
	return store_kv_put(store, part == 0 ? STORE_RRSETS : STORE_JOURNAL,
		key_of(number, part, key), (struct store_bytes){value, sizeof(value)}, &failure);
}

/* One change of two tables; its sequence number is its own number and 1. */
static void try_change(void)
{
	struct change *made = &change[changes];
	uint64_t sequence;

	*made = (struct change){.tried = disk_shim_events()};
	if (store_begin(store, &failure) == 0) {
		if (put_part(changes, 0) == 0 && put_part(changes, 1) == 0 &&
			store_next_sequence(store, &sequence, &failure) == 0)
			made->kept = store_commit(store, &failure) == 0;
		else
			store_abort(store);
	}
	made->answered = true;
	made->told = disk_shim_events();
	changes++;
}

/* Commits, a change that is undone, a flush, commits behind it, and a bulk commit. */
static void scenario(void)
{
	for (int i = 0; i < 3; i++)
		try_change();
	if (store_begin(store, &failure) == 0) {
		put_part(999, 0);
		store_abort(store);
	}
	store_flush_all(store, 5000);
	try_change();
	store_flush_seal(store);
	try_change();
	store_flush_all(store, 5000);
	if (store_begin(store, &failure) == 0) {
		store_bulk_begin(store, &failure);
		store_abort(store);
	}
	try_change();
}

/* How many of a change's keys are there. */
static int parts_of(int number)
{
	struct store_bytes value;
	char key[16];
	int parts = 0;

	for (int part = 0; part < KEYS_PER_CHANGE; part++) {
		int found = store_kv_get(store, part == 0 ? STORE_RRSETS : STORE_JOURNAL,
			key_of(number, part, key), &value, &failure);

		if (found == 1)
			assert_int_equal(value.octets[VALUE_BYTES - 1], (uint8_t)(number + part));
		assert_true(found >= 0);
		parts += found;
	}
	return parts;
}

/*
 * Of what is open: acknowledged changes are whole, refused ones are not there, others are whole or
 * not there. `events`: what was answered by then. -1, or the change that is not as it should be.
 */
static int find_wrong(size_t events)
{
	size_t kept = 0;

	for (int i = 0; i < changes; i++) {
		bool answered = change[i].answered && change[i].told <= events;
		int parts = parts_of(i);

		if (parts != 0 && parts != KEYS_PER_CHANGE)
			return i;
		if (answered && change[i].kept != (parts == KEYS_PER_CHANGE))
			return i;
		kept += parts == KEYS_PER_CHANGE;
	}
	assert_int_equal(store_rrsets(store), kept);
	if (parts_of(999) != 0)
		return 999;
	return NEVER;
}

static int told_before(size_t events)
{
	int told = 0;

	for (int i = 0; i < changes; i++)
		told += change[i].answered && change[i].told <= events;
	return told;
}

static int wrong_in_image(size_t events)
{
	int wrong;

	if (store_open(image, &store, &failure) != 0) {
		store = NULL;
		/* Nothing was acknowledged, and it is refused by a sentence: a new one is made. */
		return failure.code == FAILURE_STORE_ERROR && told_before(events) == 0 ? NEVER : 0;
	}
	wrong = find_wrong(events);
	store_close(store);
	store = NULL;
	return wrong;
}

/* The images with something wrong, of all. */
static size_t try_images(size_t *tried)
{
	size_t wrong = 0;

	*tried = 0;
	for (size_t events = 0; events <= disk_shim_events(); events++) {
		size_t images = disk_shim_is_last(events);

		for (size_t number = 0; number < images; number++, ++*tried) {
			images = disk_shim_image(base, image, events, number);
			wrong += wrong_in_image(events) != NEVER;
		}
	}
	return wrong;
}

static void open_watched(void)
{
	store_close(store);
	store = NULL;
	changes = 0;
	disk_shim_watch(directory);
	ok(store_open(directory, &store, &failure));
}

/* Leaves the store as a killed process does, and looks at what is there. */
static void end_recording(void)
{
	disk_shim_stop();
	disk_shim_watch(NULL);
	store_close(store);
	store = NULL;
}

static void no_crash_loses_or_keeps_a_part(void **state)
{
	size_t tried;

	(void)state;
	open_watched();
	disk_shim_record(base, false);
	scenario();
	for (int i = 0; i < changes; i++)
		assert_true(change[i].kept);
	end_recording();
	assert_int_equal(try_images(&tried), 0);
	print_message("%zu events, %zu images\n", disk_shim_events(), tried);
	assert_true(tried > 200);
}

/* From an empty directory on: the files are made meanwhile. */
static void no_crash_of_a_first_start_does(void **state)
{
	size_t tried;

	(void)state;
	store_close(store);
	store = NULL;
	disk_shim_copy(image, directory); /* which is empty */
	disk_shim_watch(directory);
	disk_shim_record(base, false);
	changes = 0;
	ok(store_open(directory, &store, &failure));
	scenario();
	end_recording();
	assert_int_equal(try_images(&tried), 0);
	print_message("%zu events, %zu images\n", disk_shim_events(), tried);
}

/* The negative control: what is acknowledged before it is durable is found out. */
static void a_sync_that_does_nothing_is_caught(void **state)
{
	size_t tried;

	(void)state;
	open_watched();
	disk_shim_record(base, true);
	scenario();
	end_recording();
	assert_true(try_images(&tried) > 0);
}

/* As kill -9 leaves it: what the page cache has. */
static void assert_killed(size_t call, int error)
{
	struct store *living = store;
	int wrong;

	disk_shim_copy(directory, image);
	disk_shim_watch(NULL);
	wrong = wrong_in_image(disk_shim_events());
	store = living;
	if (wrong != NEVER)
		fail_msg("call %zu failing with %d: change %d is wrong", call, error, wrong);
}

static void one_failed_call(size_t call, int error)
{
	open_watched();
	disk_shim_record(base, false);
	disk_shim_fail(call, error);
	scenario();
	disk_shim_stop();
	assert_int_equal(find_wrong(SIZE_MAX), NEVER);
	assert_killed(call, error);
	/* And it goes on by itself. */
	try_change();
	assert_true(change[changes - 1].kept);
	store_fixture_reopen();
	assert_int_equal(find_wrong(SIZE_MAX), NEVER);
}

static void empty_store(void)
{
	disk_shim_watch(NULL);
	store_close(store);
	disk_shim_copy(base, directory);
	ok(store_open(directory, &store, &failure));
}

static void no_failing_call_loses_or_keeps_a_part(void **state)
{
	static const int errors[] = {EIO, ENOSPC, 0};
	size_t calls;

	(void)state;
	open_watched();
	disk_shim_record(base, false);
	scenario();
	calls = disk_shim_calls();
	disk_shim_stop();
	empty_store();
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		for (size_t call = 1; call <= calls; call++) {
			one_failed_call(call, errors[i]);
			empty_store();
		}
	print_message("%zu calls\n", calls);
	assert_true(calls > 20);
}

/* What was refused is refused for good: also when power is lost right behind the answer. */
static void a_refused_change_never_shows(void **state)
{
	size_t calls, tried, refused = 0;

	(void)state;
	open_watched();
	try_change();
	calls = disk_shim_calls();
	empty_store();
	for (size_t call = 1; call <= calls; call++) {
		open_watched();
		disk_shim_record(base, false);
		disk_shim_fail(call, EIO);
		try_change();
		refused += !change[0].kept;
		try_change();
		end_recording();
		assert_int_equal(try_images(&tried), 0);
		empty_store();
	}
	assert_true(refused > 0);
}

static int set_up(void **state)
{
	base = directory_make();
	image = directory_make();
	return store_fixture_set_up(state);
}

static int tear_down(void **state)
{
	disk_shim_watch(NULL);
	directory_remove(base);
	directory_remove(image);
	return store_fixture_tear_down(state);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(no_crash_loses_or_keeps_a_part),
		CASE(no_crash_of_a_first_start_does),
		CASE(a_sync_that_does_nothing_is_caught),
		CASE(no_failing_call_loses_or_keeps_a_part),
		CASE(a_refused_change_never_shows),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests_name("store_crash", tests, NULL, NULL);
}
