/* SPDX-License-Identifier: BSD-3-Clause */
/* control/import/staging*.c: what was added in any order is read in the store's, an RRset at a
 * time. */
#include "tests/control/support.h"

#include "control/import/staging.h"
#include "tests/control/random_rrset.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { RECORDS_MAX = 40000 };

/* What was added, as the staging must give it back. */
struct added {
	uint8_t key[STORE_RRSET_KEY_MAX_BYTES];
	size_t key_bytes;
	uint32_t ttl, number; /* the data is the number */
};

static struct added added[RECORDS_MAX];
static size_t count;

static void add(struct staging *staging, const struct owner *owner, uint16_t type, uint32_t ttl)
{
	struct added *one = &added[count];
	struct failure failure;
	uint8_t rdata[4];

	one->key_bytes = store_write_rrset_key(owner, type, one->key);
	one->ttl = ttl;
	one->number = (uint32_t)count++;
	wire_put32(rdata, one->number);
	if (staging_add(staging, owner, type, ttl, rdata, sizeof(rdata), &failure) != 0)
		fail_msg("%s", failure.text);
}

static int compare_added(const void *a, const void *b)
{
	const struct added *one = a, *other = b;
	size_t bytes = one->key_bytes < other->key_bytes ? one->key_bytes : other->key_bytes;
	int order = memcmp(one->key, other->key, bytes);

	return order != 0 ? order : (one->number > other->number) - (one->number < other->number);
}

/* Reads one RRset and compares it with those added from `first` on; returns how many they are. */
static size_t check_rrset(const struct staged *staged, size_t first)
{
	uint32_t ttl = added[first].ttl, offset = 0;
	size_t records = 0;
	const uint8_t *item;
	uint16_t bytes;

	assert_int_equal(staged->key_bytes, added[first].key_bytes);
	assert_memory_equal(staged->key, added[first].key, staged->key_bytes);
	while ((item = rrset_next(&staged->rrset, &offset, &bytes)) != NULL) {
		const struct added *one = &added[first + records++];

		assert_int_equal(bytes, 4);
		assert_int_equal(wire_get32(item), one->number);
		assert_memory_equal(one->key, staged->key, staged->key_bytes);
		ttl = one->ttl < ttl ? one->ttl : ttl;
	}
	assert_int_equal(staged->rrset.count, records);
	assert_int_equal(staged->rrset.ttl, ttl);
	assert_int_equal(staged->rrset.type, wire_get16(staged->key + staged->key_bytes - 2));
	return records;
}

static void check_all(struct staging *staging)
{
	struct staged staged = {.next = 0};
	struct failure failure;
	size_t read = 0;

	assert_int_equal(staging_records(staging), count);
	assert_int_equal(staging_sort(staging, &failure), 0);
	qsort(added, count, sizeof(added[0]), compare_added);
	while (staging_read(staging, staged.next, &staged, &failure) == 1)
		read += check_rrset(&staged, read);
	assert_int_equal(read, count);
	staged_free(&staged);
}

static struct staging *stage_in(const char *zone)
{
	const struct prefix prefix = at(zone);
	const struct owner apex = owner_from_prefix(&prefix);

	count = 0;
	return staging_new("/tmp", &apex);
}

/* The `i`th name of the zone; every ninth is no address. */
static void add_name(struct staging *staging, const struct prefix *zone, uint64_t i, uint16_t type)
{
	static const uint8_t rest[] = {1, 'x', 2, 'Y', 'z'};
	struct prefix host = *zone;
	struct owner owner;

	host.bits = prefix_host_bits(zone->family);
	if (zone->family == ARPA_FAMILY_IPV4)
		host.high |= i << 32;
	else
		host = (struct prefix){zone->high | i % 3, i / 3, zone->family, 128};
	owner = owner_from_prefix(&host);
	if (i % 9 == 0) {
		owner.rest = rest + 2 * (i % 2);
		owner.rest_bytes = (uint8_t)(sizeof(rest) - 2 * (i % 2));
	}
	add(staging, &owner, type, (uint32_t)(i * 7919 % 1000));
}

static void records_in_order_are_read_as_they_came(void **state)
{
	const struct prefix zone = at("10.0.0.0/8");
	struct staging *staging = stage_in("10.0.0.0/8");

	(void)state;
	for (uint64_t i = 0; i < RECORDS_MAX; i++)
		add_name(staging, &zone, i / 2, (uint16_t)(1 + i % 2 * 15));
	check_all(staging);
	staging_free(staging);
}

static void the_head_of_a_file_may_be_in_any_order(void **state)
{
	const struct prefix zone = at("10.0.0.0/8");

	(void)state;
	for (uint64_t seed = 0; seed < 200; seed++) {
		struct staging *staging = stage_in("10.0.0.0/8");
		uint64_t random = seed;

		for (uint32_t i = random_below(&random, 80); i > 0; i--)
			add_name(staging, &zone, random_below(&random, 20), 1 + i % 2 * 15);
		for (uint64_t i = 20; i < 40; i++)
			add_name(staging, &zone, i, 1);
		check_all(staging);
		staging_free(staging);
	}
}

static void records_in_any_order_are_sorted(void **state)
{
	static const char *const zones[] = {"10.0.0.0/8", "10.1.0.0/16", "2001:db8::/32"};

	(void)state;
	for (size_t z = 0; z < sizeof(zones) / sizeof(zones[0]); z++) {
		const struct prefix zone = at(zones[z]);
		struct staging *staging = stage_in(zones[z]);
		uint64_t random = z;

		while (count < RECORDS_MAX / 2)
			add_name(staging, &zone, random_below(&random, 9000), 1 + count % 3 * 15);
		check_all(staging);
		/* More may follow. */
		while (count < RECORDS_MAX)
			add_name(staging, &zone, random_below(&random, 9000), 1);
		check_all(staging);
		staging_free(staging);
	}
}

static void nothing_staged_is_nothing_read(void **state)
{
	struct staging *staging = stage_in("10.0.0.0/8");

	(void)state;
	check_all(staging);
	staging_free(staging);
}

/* ---- A disk without room ---- */

static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes == 0 ? limit.rlim_max : bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Adds hosts of 10.0.0.0/8, the last first if `backwards`. How many; the rest was refused. */
static unsigned add_hosts(
	struct staging *staging, unsigned hosts, bool backwards, struct failure *failure)
{
	for (unsigned i = 0; i < hosts; i++) {
		const struct prefix host = {
			(uint64_t)(UINT32_C(0x0a000000) + (backwards ? hosts - i : i)) << 32, 0,
			ARPA_FAMILY_IPV4, 32};
		const struct owner owner = owner_from_prefix(&host);

		if (staging_add(staging, &owner, 1, 60, (const uint8_t *)"abcd", 4, failure) != 0)
			return i;
	}
	return hosts;
}

static void a_full_disk_is_an_error(void **state)
{
	struct staging *staging = stage_in("10.0.0.0/8");
	struct failure failure;
	unsigned added_hosts;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	limit_files(1 << 21);
	added_hosts = add_hosts(staging, 1000000, false, &failure);
	assert_true(added_hosts > 10000 && added_hosts < 1000000);
	assert_failure(&failure, FAILURE_STORE_FULL, "no room for the import");
	staging_free(staging);
	/* Where only their order has no room. */
	limit_files(0);
	staging = stage_in("10.0.0.0/8");
	assert_int_equal(add_hosts(staging, 200000, true, &failure), 200000);
	limit_files(1 << 20);
	assert_int_equal(staging_sort(staging, &failure), -1);
	limit_files(0);
	assert_failure(&failure, FAILURE_STORE_FULL, "no room");
	/* There is room again. */
	assert_int_equal(staging_sort(staging, &failure), 0);
	staging_free(staging);
}

static void a_directory_that_is_gone_is_an_error(void **state)
{
	const struct prefix prefix = at("10.0.0.0/8");
	const struct owner apex = owner_from_prefix(&prefix);
	struct staging *staging = staging_new("/nonexistent", &apex);
	struct failure failure;

	(void)state;
	assert_true(add_hosts(staging, 100000, false, &failure) < 100000);
	assert_failure(&failure, FAILURE_STORE_ERROR, "/nonexistent");
	staging_free(staging);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_in_order_are_read_as_they_came),
		cmocka_unit_test(the_head_of_a_file_may_be_in_any_order),
		cmocka_unit_test(records_in_any_order_are_sorted),
		cmocka_unit_test(nothing_staged_is_nothing_read),
		cmocka_unit_test(a_full_disk_is_an_error),
		cmocka_unit_test(a_directory_that_is_gone_is_an_error),
	};

	return cmocka_run_group_tests_name("staging", tests, NULL, NULL);
}
