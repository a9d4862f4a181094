/* SPDX-License-Identifier: BSD-3-Clause */
/* control/store/store*.c against real LMDB: what is committed stays, what is not never was. */
#include "tests/control/store_fixture.h"

#include "control/store/store_codec.h"

#include <fcntl.h>
#include <lmdb.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ZONE = 1 }; /* any number keys contents */

static void put(const char *owner, const char *name)
{
	const struct prefix prefix = at(owner);
	const struct owner key = owner_from_prefix(&prefix);
	struct rrset_buffer set = ptr_set(60, name, NULL);
	const struct stored stored = {.rrset = rrset_buffer_view(&set)};

	ok(store_put_rrset(store, ZONE, &key, &stored, &failure));
	rrset_buffer_free(&set);
}

static bool has(const char *owner, const char *name)
{
	const struct prefix prefix = at(owner);
	const struct owner key = owner_from_prefix(&prefix);
	struct rrset_buffer set = {0};
	char text[PRESENTATION_NAME_BYTES] = "";

	if (store_get_rrset(store, ZONE, &key, WIRE_TYPE_PTR, &set, &failure) == 0)
		presentation_write_name(set.rdata + 2, text);
	else
		assert_int_equal(failure.code, FAILURE_NOT_FOUND);
	rrset_buffer_free(&set);
	return strcmp(text, name) == 0;
}

static void a_commit_survives_and_an_abort_leaves_nothing(void **state)
{
	uint64_t sequence;

	(void)state;
	ok(store_begin(store, &failure));
	put("192.0.2.1", "a.");
	ok(store_next_sequence(store, &sequence, &failure));
	assert_int_equal(sequence, 1);
	assert_true(has("192.0.2.1", "a."));
	ok(store_commit(store, &failure));
	ok(store_begin(store, &failure));
	put("192.0.2.2", "b.");
	ok(store_next_sequence(store, &sequence, &failure));
	store_abort(store);
	assert_int_equal(store_sequence(store), 1);
	store_fixture_reopen();
	assert_true(has("192.0.2.1", "a."));
	assert_false(has("192.0.2.2", "b."));
	assert_int_equal(store_rrsets(store), 1);
	assert_int_equal(store_sequence(store), 1);
}

static void undo_spares_the_rest_of_the_batch(void **state)
{
	uint64_t sequence;

	(void)state;
	ok(store_begin(store, &failure));
	/* The first part is undone in another way than those behind one that was kept. */
	for (int part = 0; part < 5; part++) {
		char owner[32];

		snprintf(owner, sizeof(owner), "192.0.2.%d", part);
		ok(store_mark(store, &failure));
		put(owner, "a.");
		ok(store_next_sequence(store, &sequence, &failure));
		if (part % 2 == 0)
			store_undo(store);
		else
			ok(store_keep(store, &failure));
		assert_int_equal(store_rrsets(store), (part + 1) / 2);
	}
	assert_int_equal(store_sequence(store), 2);
	ok(store_commit(store, &failure));
	store_fixture_reopen();
	assert_false(has("192.0.2.0", "a."));
	assert_true(has("192.0.2.1", "a."));
	assert_false(has("192.0.2.2", "a."));
	assert_true(has("192.0.2.3", "a."));
	assert_false(has("192.0.2.4", "a."));
	assert_int_equal(store_sequence(store), 2);
}

static void an_empty_first_part_may_be_undone(void **state)
{
	(void)state;
	ok(store_begin(store, &failure));
	ok(store_mark(store, &failure));
	store_undo(store);
	ok(store_mark(store, &failure));
	ok(store_keep(store, &failure));
	ok(store_mark(store, &failure));
	put("192.0.2.1", "a.");
	ok(store_keep(store, &failure));
	ok(store_commit(store, &failure));
	store_fixture_reopen();
	assert_true(has("192.0.2.1", "a."));
}

static void closing_aborts(void **state)
{
	(void)state;
	ok(store_begin(store, &failure));
	ok(store_mark(store, &failure));
	put("192.0.2.1", "a.");
	store_fixture_reopen();
	assert_false(has("192.0.2.1", "a."));
}

static void deleting_what_is_not_there_is_said(void **state)
{
	const struct prefix address = at("192.0.2.1");
	const struct owner owner = owner_from_prefix(&address);

	(void)state;
	ok(store_begin(store, &failure));
	assert_int_equal(store_delete_rrset(store, ZONE, &owner, WIRE_TYPE_PTR, &failure), -1);
	assert_failure(&failure, FAILURE_NOT_FOUND, "no such record at 192.0.2.1");
	assert_int_equal(store_delete_zone(store, &owner, &failure), -1);
	assert_failure(&failure, FAILURE_NOT_FOUND, "no zone 192.0.2.1");
	put("192.0.2.1", "a.");
	ok(store_delete_rrset(store, ZONE, &owner, WIRE_TYPE_PTR, &failure));
	assert_int_equal(store_rrsets(store), 0);
}

struct walked {
	char text[512];
	int stop_after;
};

static int walk(void *context, const struct owner *owner, const struct stored *stored)
{
	struct walked *walked = context;
	char name[PRESENTATION_NAME_BYTES];

	assert_int_equal(stored->rrset.count, 1);
	strcat(walked->text, presentation_write_owner(owner, name));
	strcat(walked->text, " ");
	return --walked->stop_after == 0 ? 7 : 0;
}

static const char *each(const char *within, const char *after, int stop_after)
{
	static struct walked walked;
	const struct prefix prefix = at(within ? within : "::"), marker = at(after ? after : "::");
	const struct owner below = owner_from_prefix(&prefix), behind = owner_from_prefix(&marker);
	int result;

	walked = (struct walked){.stop_after = stop_after};
	result = store_each_rrset(store, ZONE, within ? &below : NULL, after ? &behind : NULL, walk,
		&walked, &failure);
	assert_int_equal(result, stop_after > 0 ? 7 : 0);
	return walked.text;
}

static void walks_are_in_address_order_and_bounded(void **state)
{
	static const char *const owners[] = {"2001:db8::1", "192.0.2.255", "192.0.2.0",
		"192.0.2.0/24", "192.0.3.0", "192.0.1.255", "192.0.0.0/16", "192.0.2.128", "::/0",
		"2001:db8::/32", "255.255.255.255", "0.0.0.0/0"};

	(void)state;
	ok(store_begin(store, &failure));
	for (size_t i = 0; i < sizeof(owners) / sizeof(owners[0]); i++)
		put(owners[i], "a.");
	for (int committed = 0; committed < 2; committed++) {
		assert_string_equal(each(NULL, NULL, 0),
			"0.0.0.0/0 192.0.0.0/16 192.0.1.255 192.0.2.0/24 192.0.2.0 192.0.2.128 "
			"192.0.2.255 192.0.3.0 255.255.255.255 ::/0 2001:db8::/32 2001:db8::1 ");
		assert_string_equal(each("192.0.2.0/24", NULL, 0),
			"192.0.2.0/24 192.0.2.0 192.0.2.128 192.0.2.255 ");
		assert_string_equal(each("192.0.2.0/24", "192.0.2.0/24", 0),
			"192.0.2.0 192.0.2.128 192.0.2.255 ");
		assert_string_equal(
			each("192.0.2.0/24", "192.0.2.3", 0), "192.0.2.128 192.0.2.255 ");
		assert_string_equal(each("192.0.2.0/24", "10.0.0.0", 2), "192.0.2.0/24 192.0.2.0 ");
		assert_string_equal(each("192.0.2.0/24", "192.0.2.255", 0), "");
		assert_string_equal(each(NULL, "255.255.255.255", 1), "::/0 ");
		assert_string_equal(
			each("::/0", "192.0.2.0", 0), "::/0 2001:db8::/32 2001:db8::1 ");
		if (committed == 0)
			ok(store_commit(store, &failure));
	}
}

static int join_zone(void *context, const struct owner *apex, uint32_t zone)
{
	(void)zone;
	char name[PRESENTATION_NAME_BYTES];

	strcat(context, presentation_write_owner(apex, name));
	strcat(context, " ");
	return 0;
}

static void zones_are_kept(void **state)
{
	const struct prefix first = at("192.0.2.0/24"), second = at("2001:db8::/32");
	const struct owner one = owner_from_prefix(&first), two = owner_from_prefix(&second);
	uint32_t zone = 0;
	char text[256] = "";

	(void)state;
	ok(store_begin(store, &failure));
	ok(store_put_zone(store, &two, &zone, &failure));
	ok(store_put_zone(store, &one, &zone, &failure));
	ok(store_commit(store, &failure));
	ok(store_each_zone(store, join_zone, text, &failure));
	assert_string_equal(text, "192.0.2.0/24 2001:db8::/32 ");
}

static void a_large_rrset_fits(void **state)
{
	const struct prefix address = at("192.0.2.1");
	const struct owner owner = owner_from_prefix(&address);
	struct rrset_buffer set = {0}, read = {0};
	struct stored stored = {.details_bytes = 0};
	struct rrset again;
	uint8_t octets[200];

	(void)state;
	rrset_buffer_reset(&set, 16, 5);
	for (int i = 0; i < 280; i++) {
		memset(octets, i, sizeof(octets));
		octets[0] = (uint8_t)(i >> 8);
		assert_int_equal(rrset_buffer_add(&set, octets, sizeof(octets)), 0);
	}
	stored.rrset = rrset_buffer_view(&set);
	ok(store_begin(store, &failure));
	ok(store_put_rrset(store, ZONE, &owner, &stored, &failure));
	ok(store_commit(store, &failure));
	ok(store_get_rrset(store, ZONE, &owner, 16, &read, &failure));
	again = rrset_buffer_view(&read);
	assert_true(rrset_equal(&stored.rrset, &again));
	rrset_buffer_free(&set);
	rrset_buffer_free(&read);
}

/* Writes a value into a closed store behind its back. */
static void raw_put(const char *database, const void *key, size_t key_bytes, const void *value,
	size_t value_bytes)
{
	MDB_val k = {key_bytes, (void *)(uintptr_t)key},
		v = {value_bytes, (void *)(uintptr_t)value};
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;

	assert_int_equal(mdb_env_create(&env), 0);
	mdb_env_set_maxdbs(env, 4);
	mdb_env_set_mapsize(env, 1 << 28);
	assert_int_equal(mdb_env_open(env, directory, 0, 0600), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, database, 0, &dbi), 0);
	assert_int_equal(mdb_put(txn, dbi, &k, &v, 0), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
}

static void close_store(void)
{
	store_close(store);
	store = NULL;
}

static void damaged_values_are_an_error(void **state)
{
	static const uint8_t good[] = "\0\0\0\74\0\1ccccmmmmssssssss\0\13\1a\7example";
	/* The TTL's top bit, that of the details, the count, the item's length, the labels'. */
	static const size_t octets[] = {0, 4, 5, 22, 23, 24, 26};
	const struct prefix address = at("192.0.2.1");
	const struct owner owner = owner_from_prefix(&address);
	uint8_t key[STORE_KEY_MAX_BYTES];
	size_t key_bytes = store_write_key(ZONE, &owner, WIRE_TYPE_PTR, key);
	struct rrset_buffer set = {0};
	struct walked walked = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(octets) / sizeof(octets[0]); i++) {
		uint8_t value[sizeof(good)];

		memcpy(value, good, sizeof(good));
		value[octets[i]] ^= 0x80;
		close_store();
		raw_put("rrset", key, key_bytes, value, sizeof(value));
		ok(store_open(directory, &store, &failure));
		assert_int_equal(
			store_get_rrset(store, ZONE, &owner, WIRE_TYPE_PTR, &set, &failure), -1);
		assert_failure(&failure, FAILURE_STORE_ERROR, "damaged: the records of type 12");
		assert_int_equal(
			store_each_rrset(store, ZONE, NULL, NULL, walk, &walked, &failure), -1);
		assert_failure(&failure, FAILURE_STORE_ERROR, "192.0.2.1 are unreadable");
	}
	for (size_t cut = 0; cut < sizeof(good); cut++) {
		close_store();
		raw_put("rrset", key, key_bytes, good, cut);
		ok(store_open(directory, &store, &failure));
		assert_int_equal(
			store_get_rrset(store, ZONE, &owner, WIRE_TYPE_PTR, &set, &failure), -1);
		assert_int_equal(failure.code, FAILURE_STORE_ERROR);
	}
	rrset_buffer_free(&set);
}

static void damaged_keys_are_an_error(void **state)
{
	/* Zone 1; then an unknown family, bits past 32, bits past the length, off a label, an IPv4
	 * address as IPv6, an upper-case label, labels that do not fill the key. */
	static const char *const keys[] = {"\0\0\0\1\5\300\0\2\1\40\0\0\14",
		"\0\0\0\1\4\300\0\2\1\41\0\0\14", "\0\0\0\1\4\300\0\2\1\30\0\0\14",
		"\0\0\0\1\4\300\0\2\0\31\0\0\14", "\0\0\0\1\6\300\0\2\1\40\0\0\14",
		"\0\0\0\1\0\0\1A\0\0\0\0\14", "\0\0\0\1\0\0\5a\0\0\0\0\14"};
	struct walked walked = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		store_close(store);
		directory_remove(directory);
		directory = directory_make();
		ok(store_open(directory, &store, &failure));
		close_store();
		raw_put("rrset", keys[i], 13, "\0\0\0\74\0\1ccccmmmmssssssss\0\1\0", 25);
		ok(store_open(directory, &store, &failure));
		assert_int_equal(
			store_each_rrset(store, ZONE, NULL, NULL, walk, &walked, &failure), -1);
		assert_failure(&failure, FAILURE_STORE_ERROR, "a key is unreadable");
	}
}

static void a_newer_format_is_refused(void **state)
{
	(void)state;
	close_store();
	raw_put("meta", "format", 6, "\0\0\0\0\0\0\0\4", 8);
	assert_int_equal(store_open(directory, &store, &failure), -1);
	assert_failure(&failure, FAILURE_STORE_ERROR, "has format 4");
	raw_put("meta", "format", 6, "\0\0\0", 3);
	assert_int_equal(store_open(directory, &store, &failure), -1);
	assert_failure(&failure, FAILURE_STORE_ERROR, "its head is unreadable");
}

static void a_second_opening_is_refused(void **state)
{
	struct store *second = NULL;
	char pid[32];

	(void)state;
	assert_int_equal(store_open(directory, &second, &failure), -1);
	assert_null(second);
	snprintf(pid, sizeof(pid), "by process %ld;", (long)getpid());
	assert_failure(&failure, FAILURE_BUSY, pid);
	assert_failure(&failure, FAILURE_BUSY, directory);
	store_fixture_reopen();
}

static void a_directory_is_made_one_level_deep(void **state)
{
	char path[256], deep[300];
	struct store *other;
	struct stat status;

	(void)state;
	snprintf(path, sizeof(path), "%s-made", directory);
	ok(store_open(path, &other, &failure));
	store_close(other);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0750);
	snprintf(deep, sizeof(deep), "%s/no/such", path);
	assert_int_equal(store_open(deep, &other, &failure), -1);
	assert_failure(&failure, FAILURE_STORE_ERROR, "the directory above it does not exist");
	snprintf(deep, sizeof(deep), "%s/data.mdb", path);
	assert_int_equal(store_open(deep, &other, &failure), -1);
	assert_failure(&failure, FAILURE_STORE_ERROR, "is no directory");
	directory_remove(strdup(path));
}

/* Fills the store with `count` records, a commit each hundred. */
static void fill(int count)
{
	ok(store_begin(store, &failure));
	for (int i = 0; i < count; i++) {
		char owner[32];

		snprintf(owner, sizeof(owner), "10.0.%d.%d", i / 256, i % 256);
		put(owner, "some.host.example.");
		if (i % 100 == 99) {
			ok(store_commit(store, &failure));
			ok(store_begin(store, &failure));
		}
	}
	ok(store_commit(store, &failure));
}

static void a_file_cut_anywhere_never_crashes(void **state)
{
	char path[256];
	struct stat status;

	(void)state;
	fill(3000);
	close_store();
	snprintf(path, sizeof(path), "%s/data.mdb", directory);
	assert_int_equal(stat(path, &status), 0);
	for (off_t bytes = status.st_size; bytes > 0; bytes -= 3000) {
		struct walked walked = {0};
		const struct prefix reached = at("10.0.11.250");
		const struct owner after = owner_from_prefix(&reached);

		assert_int_equal(truncate(path, bytes), 0);
		if (store_open(directory, &store, &failure) == 0) {
			store_each_rrset(store, ZONE, NULL, &after, walk, &walked, &failure);
			store_close(store);
			store = NULL;
		}
		assert_int_not_equal(failure.code, FAILURE_INTERNAL);
	}
	unlink(path);
	ok(store_open(directory, &store, &failure));
}

static void a_foreign_file_is_refused(void **state)
{
	char path[256] = "";
	int file;

	(void)state;
	close_store();
	snprintf(path, sizeof(path), "%s/data.mdb", directory);
	file = open(path, O_WRONLY | O_TRUNC);
	assert_int_equal(write(file, path, sizeof(path)), sizeof(path));
	for (int i = 0; i < 100; i++)
		assert_int_equal(write(file, path, sizeof(path)), sizeof(path));
	close(file);
	assert_int_equal(store_open(directory, &store, &failure), -1);
	assert_failure(&failure, FAILURE_STORE_ERROR, "damaged: its file is no LMDB file");
}

/* In a child, in a mount namespace of its own: a store on a disk of 600 KiB. 0, or what broke. */
static int fill_a_small_disk(void)
{
	char owner[32], last[32] = "";
	int i, result = 0;

	if (unshare(CLONE_NEWNS) != 0 ||
		mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) != 0 ||
		mount("none", directory, "tmpfs", 0, "size=600k") != 0)
		return 77;
	if (store_open(directory, &store, &failure) != 0)
		return 1;
	for (i = 0; result == 0 && i < 65536; i++) {
		snprintf(owner, sizeof(owner), "10.0.%d.%d", i / 256, i % 256);
		if (store_begin(store, &failure) != 0)
			break;
		put(owner, "some.host.example.");
		result = store_commit(store, &failure);
		if (result == 0)
			snprintf(last, sizeof(last), "%s", owner);
	}
	if (failure.code != FAILURE_STORE_FULL)
		return 2;
	for (int opened = 0; opened < 2; opened++) {
		if (!has(last, "some.host.example.") || has(owner, "some.host.example.") ||
			store_rrsets(store) != (size_t)i - 1)
			return 3;
		store_fixture_reopen();
	}
	store_close(store);
	return 0;
}

static void a_full_disk_changes_nothing(void **state)
{
	pid_t child;
	int status;

	(void)state;
	close_store();
	child = fork();
	if (child == 0)
		_exit(fill_a_small_disk());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
#define CASE(name) \
	cmocka_unit_test_setup_teardown(name, store_fixture_set_up, store_fixture_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_commit_survives_and_an_abort_leaves_nothing),
		CASE(undo_spares_the_rest_of_the_batch),
		CASE(an_empty_first_part_may_be_undone),
		CASE(closing_aborts),
		CASE(deleting_what_is_not_there_is_said),
		CASE(walks_are_in_address_order_and_bounded),
		CASE(zones_are_kept),
		CASE(a_large_rrset_fits),
		CASE(damaged_values_are_an_error),
		CASE(damaged_keys_are_an_error),
		CASE(a_newer_format_is_refused),
		CASE(a_second_opening_is_refused),
		CASE(a_directory_is_made_one_level_deep),
		CASE(a_file_cut_anywhere_never_crashes),
		CASE(a_foreign_file_is_refused),
		CASE(a_full_disk_changes_nothing),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
