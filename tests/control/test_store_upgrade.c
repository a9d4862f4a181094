/* SPDX-License-Identifier: BSD-3-Clause */
/* control/store/store_upgrade.c: a store of format 2, made here octet by octet, is one of today's
 * after it was opened, or stays as it was. */
#include "tests/control/store_fixture.h"

#include "control/store/store_codec.h"
#include "dataplane/dns/wire.h"

#include <lmdb.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { ZONE = 3, HOSTS = 5000, SEQUENCE = 77 };

/* A closed store's LMDB, opened by the test itself. */
struct raw {
	MDB_env *env;
	MDB_txn *txn;
};

static void raw_open(struct raw *raw)
{
	assert_int_equal(mdb_env_create(&raw->env), 0);
	mdb_env_set_maxdbs(raw->env, 8);
	mdb_env_set_mapsize(raw->env, 1 << 28);
	assert_int_equal(mdb_env_open(raw->env, directory, 0, 0600), 0);
	assert_int_equal(mdb_txn_begin(raw->env, NULL, 0, &raw->txn), 0);
}

static void raw_close(struct raw *raw)
{
	assert_int_equal(mdb_txn_commit(raw->txn), 0);
	mdb_env_close(raw->env);
}

static void raw_put(struct raw *raw, const char *table, const void *key, size_t key_bytes,
	const void *value, size_t value_bytes)
{
	MDB_val k = {key_bytes, (void *)(uintptr_t)key};
	MDB_val v = {value_bytes, (void *)(uintptr_t)value};
	MDB_dbi dbi;

	assert_int_equal(mdb_dbi_open(raw->txn, table, MDB_CREATE, &dbi), 0);
	assert_int_equal(mdb_put(raw->txn, dbi, &k, &v, 0), 0);
}

static uint64_t raw_format(void)
{
	MDB_val key = {6, (void *)(uintptr_t) "format"}, value;
	uint64_t format = 0;
	struct raw raw;
	MDB_dbi dbi;

	raw_open(&raw);
	assert_int_equal(mdb_dbi_open(raw.txn, "meta", 0, &dbi), 0);
	assert_int_equal(mdb_get(raw.txn, dbi, &key, &value), 0);
	format = ((const uint8_t *)value.mv_data)[7];
	raw_close(&raw);
	return format;
}

static struct owner host_of(unsigned number)
{
	const struct prefix host = {(UINT64_C(0x0a000000) + number) << 32, 0, ARPA_FAMILY_IPV4, 32};

	return owner_from_prefix(&host);
}

/* A value of format 2: TTL, count, items. */
static void put_old_ptr(struct raw *raw, unsigned number, unsigned names)
{
	static const uint8_t item[] = "\0\13\1a\7example";
	const struct owner owner = host_of(number);
	uint8_t key[STORE_KEY_MAX_BYTES], value[6 + 300 * sizeof(item)];

	wire_put32(value, 60 + number);
	wire_put16(value + 4, (uint16_t)names);
	for (unsigned i = 0; i < names; i++)
		memcpy(value + 6 + i * sizeof(item), item, sizeof(item));
	raw_put(raw, "rrset", key, store_write_key(ZONE, &owner, WIRE_TYPE_PTR, key), value,
		6 + names * sizeof(item));
}

/* Some RRsets are so large that a page of them is full before it has many. */
static unsigned names_of(unsigned number)
{
	return number % 100 == 0 ? 250 : 1 + number % 3;
}

static void make_old(struct raw *raw)
{
	const struct prefix prefix = at("10.0.0.0/8");
	const struct owner apex = owner_from_prefix(&prefix);
	uint8_t key[STORE_OWNER_KEY_MAX_BYTES];

	store_close(store);
	store = NULL;
	directory_remove(directory);
	directory = directory_make();
	raw_open(raw);
	raw_put(raw, "meta", "format", 6, "\0\0\0\0\0\0\0\2", 8);
	raw_put(raw, "meta", "sequence", 8, "\0\0\0\0\0\0\0\115", 8);
	raw_put(raw, "meta", "last-zone", 9, "\0\0\0\0\0\0\0\3", 8);
	raw_put(raw, "zone", key, store_write_owner_key(&apex, key), "\0\0\0\3", 4);
	for (unsigned i = 0; i < HOSTS; i++)
		put_old_ptr(raw, i, names_of(i));
}

static void check_host(unsigned number, uint32_t since)
{
	const struct owner owner = host_of(number);
	struct stored stored;

	assert_int_equal(
		store_get_stored(store, ZONE, &owner, WIRE_TYPE_PTR, &stored, &failure), 1);
	assert_int_equal(stored.rrset.ttl, 60 + number);
	assert_int_equal(stored.rrset.count, names_of(number));
	assert_int_equal(stored.rrset.rdata_bytes, names_of(number) * 13);
	assert_memory_equal(stored.rrset.rdata, "\0\13\1a\7example", 13);
	assert_int_equal(stored.details_bytes, 0);
	assert_int_equal(stored.stamp.sequence, SEQUENCE);
	assert_int_equal(stored.stamp.created, stored.stamp.modified);
	assert_true(stored.stamp.created >= since && stored.stamp.created <= time(NULL));
}

static void format_2_is_upgraded_when_it_is_opened(void **state)
{
	const struct prefix prefix = at("10.0.0.0/8");
	const struct owner apex = owner_from_prefix(&prefix);
	const uint32_t since = (uint32_t)time(NULL);
	struct zone_settings settings;
	struct raw raw;
	uint32_t zone;

	(void)state;
	make_old(&raw);
	raw_close(&raw);
	ok(store_open(directory, &store, &failure));
	for (int opened = 0; opened < 2; opened++) {
		assert_int_equal(store_sequence(store), SEQUENCE);
		assert_int_equal(store_rrsets(store), HOSTS);
		for (unsigned i = 0; i < HOSTS; i++)
			check_host(i, since);
		assert_int_equal(store_get_zone(store, &apex, &zone, &settings, &failure), 1);
		assert_int_equal(zone, ZONE);
		assert_int_equal(settings.serial_policy, ZONE_SERIAL_INCREMENT);
		assert_false(settings.frozen);
		assert_int_equal(settings.ttl, 0);
		store_fixture_reopen();
	}
	store_close(store);
	store = NULL;
	assert_int_equal(raw_format(), 3);
}

/* What can't be read is said, and stays in its old format for who can. */
static void what_is_damaged_stays_as_it_was(void **state)
{
	/* Too short; a count that is too large; an item that is cut; a TTL's top bit. */
	static const char *const values[] = {"\0\0\0\1\0", "\0\0\0\1\0\2\0\3\1a\0",
		"\0\0\0\1\0\1\0\4\1a\0", "\200\0\0\1\0\1\0\3\1a\0"};
	static const size_t bytes[] = {5, 11, 11, 11};

	(void)state;
	for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
		const struct owner owner = host_of(HOSTS - 1);
		uint8_t key[STORE_KEY_MAX_BYTES];
		struct raw raw;

		make_old(&raw);
		raw_put(&raw, "rrset", key, store_write_key(ZONE, &owner, WIRE_TYPE_PTR, key),
			values[i], bytes[i]);
		raw_close(&raw);
		assert_int_equal(store_open(directory, &store, &failure), -1);
		assert_failure(&failure, FAILURE_STORE_ERROR, "damaged: a record is unreadable");
		assert_int_equal(raw_format(), 2);
		raw_open(&raw);
		put_old_ptr(&raw, HOSTS - 1, names_of(HOSTS - 1));
		raw_close(&raw);
		ok(store_open(directory, &store, &failure));
		check_host(HOSTS - 1, 0);
		check_host(0, 0);
	}
}

static void a_damaged_zone_is_said(void **state)
{
	const struct prefix prefix = at("10.0.0.0/8");
	const struct owner apex = owner_from_prefix(&prefix);
	uint8_t key[STORE_OWNER_KEY_MAX_BYTES];
	struct raw raw;

	(void)state;
	make_old(&raw);
	raw_put(&raw, "zone", key, store_write_owner_key(&apex, key), "\0\0\0\3\0", 5);
	raw_close(&raw);
	assert_int_equal(store_open(directory, &store, &failure), -1);
	assert_failure(&failure, FAILURE_STORE_ERROR, "damaged: a zone is unreadable");
	assert_int_equal(raw_format(), 2);
}

static void older_and_newer_formats_are_refused(void **state)
{
	struct raw raw;

	(void)state;
	make_old(&raw);
	raw_put(&raw, "meta", "format", 6, "\0\0\0\0\0\0\0\1", 8);
	raw_close(&raw);
	assert_int_equal(store_open(directory, &store, &failure), -1);
	assert_failure(&failure, FAILURE_STORE_ERROR, "has format 1 of a test version");
	make_old(&raw);
	raw_put(&raw, "meta", "format", 6, "\0\0\0\0\0\0\0\4", 8);
	raw_close(&raw);
	assert_int_equal(store_open(directory, &store, &failure), -1);
	assert_failure(&failure, FAILURE_STORE_ERROR, "has format 4");
}

int main(void)
{
#define CASE(name) \
	cmocka_unit_test_setup_teardown(name, store_fixture_set_up, store_fixture_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(format_2_is_upgraded_when_it_is_opened),
		CASE(what_is_damaged_stays_as_it_was),
		CASE(a_damaged_zone_is_said),
		CASE(older_and_newer_formats_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
