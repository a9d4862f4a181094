/* SPDX-License-Identifier: BSD-3-Clause */
/* records/zones.c: what is an SOA, the negative TTL, longest match against a plain search. */
#include "dataplane/records/zones.h"

#include "dataplane/dns/wire.h"

#include "tests/support/cmocka.h"
#include "tests/support/fixture.h"
#include "tests/support/memory.h"

#include <stdlib.h>
#include <string.h>

static uint64_t random_state = 7;

static uint64_t random_word(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* A zone whose SOA has names "a." and "b." and `minimum`. */
static struct zone *make(const struct prefix *apex, uint32_t ttl, uint32_t minimum)
{
	uint8_t item[2 + 26] = {0, 26, 1, 'a', 0, 1, 'b', 0};
	struct rrset soa = {
		.type = WIRE_TYPE_SOA, .count = 1, .ttl = ttl, .rdata = item, .rdata_bytes = 28};

	wire_put32(item + 24, minimum);
	return zone_new(apex, &soa);
}

static void negative_ttl_is_the_smaller_of_ttl_and_minimum(void **state)
{
	static const uint32_t cases[][3] = {{60, 3600, 60}, {3600, 300, 300}, {5, 5, 5}, {0, 9, 0},
		{9, 0, 0}, {7, 0xffffffff, 7}};
	struct prefix apex = fixture_prefix("192.0.2.0", 24);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct zone *zone = make(&apex, cases[i][0], cases[i][1]);

		assert_non_null(zone);
		assert_int_equal(wire_get32(zone->soa + 4), cases[i][2]);
		assert_int_equal(zone->soa_bytes, 10 + 26);
		assert_int_equal(zone->apex_name_bytes, 22);
		assert_memory_equal(zone->soa, "\0\6\0\1", 4);
		assert_memory_equal(zone->soa + 8, "\0\x1a\1a\0\1b\0", 8);
		/* MINIMUM itself stays as the zone has it. */
		assert_int_equal(wire_get32(zone->soa + 32), cases[i][1]);
		zone_free(zone);
	}
}

static void only_one_well_formed_soa_makes_a_zone(void **state)
{
	struct prefix apex = fixture_prefix("192.0.2.0", 24);
	uint8_t good[28] = {0, 26, 1, 'a', 0, 1, 'b', 0}, bad[29];
	struct rrset soa = {.type = WIRE_TYPE_SOA, .count = 1, .rdata = bad, .rdata_bytes = 28};
	struct zone *zone;

	(void)state;
#define REFUSED(change, undo) \
	do { \
		memcpy(bad, good, sizeof(good)); \
		bad[28] = 0; \
		change; \
		assert_null(zone_new(&apex, &soa)); \
		undo; \
	} while (0)
	REFUSED(soa.type = WIRE_TYPE_NS, soa.type = WIRE_TYPE_SOA);
	REFUSED(soa.count = 2, soa.count = 1);
	REFUSED(soa.rdata_bytes = 1, soa.rdata_bytes = 28);
	REFUSED(soa.rdata_bytes = 0, soa.rdata_bytes = 28);
	REFUSED(soa.rdata_bytes = 29, soa.rdata_bytes = 28);
	REFUSED(soa.rdata_bytes = 27, soa.rdata_bytes = 28);
	REFUSED((bad[1] = 27, soa.rdata_bytes = 29), soa.rdata_bytes = 28); /* a byte after */
	REFUSED((bad[1] = 25, soa.rdata_bytes = 27), soa.rdata_bytes = 28); /* a byte too few */
	REFUSED(bad[2] = 64, (void)0);
	REFUSED(bad[5] = 0xc0, (void)0); /* names are stored uncompressed */
	REFUSED((bad[1] = 0, soa.rdata_bytes = 2), soa.rdata_bytes = 28);
	REFUSED((bad[1] = 3, soa.rdata_bytes = 5), soa.rdata_bytes = 28); /* one name alone */
#undef REFUSED
	memcpy(bad, good, sizeof(good));
	zone = zone_new(&apex, &soa);
	assert_non_null(zone);
	zone_free(zone);
}

static void empty_set_finds_nothing(void **state)
{
	struct prefix name = fixture_prefix("192.0.2.1", 32);
	struct zones *zones = zones_new(NULL, 0);

	(void)state;
	assert_non_null(zones);
	assert_int_equal(zones_count(zones), 0);
	assert_null(zones_find(zones, &name));
	zones_free(zones);
	zones_free(NULL);
	zone_free(NULL);
}

static void longest_apex_wins_at_every_depth(void **state)
{
	struct prefix host = fixture_prefix("2001:db8:1234:5678:9abc:def0:1234:5678", 128);
	struct zone *list[33];
	struct zones *zones;

	(void)state;
	for (unsigned i = 0; i <= 32; i++) {
		struct prefix apex = prefix_truncate(&host, (uint8_t)(4 * i));

		list[i] = make(&apex, 1, 1);
	}
	zones = zones_new(list, 33);
	for (unsigned i = 0; i <= 32; i++) {
		struct prefix name = prefix_truncate(&host, (uint8_t)(4 * i)), beside = name;

		assert_ptr_equal(zones_find(zones, &name), list[i]);
		if (i == 0)
			continue;
		/* Its sibling is in the zone one label up. */
		if (i <= 16)
			beside.high ^= UINT64_C(1) << (64 - 4 * i);
		else
			beside.low ^= UINT64_C(1) << (128 - 4 * i);
		assert_ptr_equal(zones_find(zones, &beside), list[i - 1]);
	}
	zones_free(zones);
	for (unsigned i = 0; i <= 32; i++)
		zone_free(list[i]);
}

static void families_are_apart(void **state)
{
	struct prefix root4 = fixture_prefix("0.0.0.0", 0), root6 = fixture_prefix("::", 0);
	struct prefix host4 = fixture_prefix("192.0.2.1", 32), host6 = fixture_prefix("::1", 128);
	struct zone *list[] = {make(&root4, 1, 1)};
	struct zones *zones = zones_new(list, 1);

	(void)state;
	assert_ptr_equal(zones_find(zones, &host4), list[0]);
	assert_ptr_equal(zones_find(zones, &root4), list[0]);
	assert_null(zones_find(zones, &host6));
	assert_null(zones_find(zones, &root6));
	zones_free(zones);
	zone_free(list[0]);
}

static void replace_swaps_one_zone_and_hands_back_the_old(void **state)
{
	struct prefix outer = fixture_prefix("198.51.0.0", 16),
		      inner = fixture_prefix("198.51.200.0", 24);
	struct prefix stranger = fixture_prefix("192.0.2.0", 24);
	struct prefix host = fixture_prefix("198.51.200.9", 32);
	struct zone *list[] = {make(&outer, 1, 1), make(&inner, 1, 1)};
	struct zone *next = make(&inner, 2, 2), *unknown = make(&stranger, 3, 3);
	struct zones *zones = zones_new(list, 2);

	(void)state;
	assert_ptr_equal(zones_find(zones, &host), list[1]);
	assert_ptr_equal(zones_replace(zones, next), list[1]);
	assert_ptr_equal(zones_find(zones, &host), next);
	assert_ptr_equal(zones_at(zones, 0), list[0]);
	assert_ptr_equal(zones_at(zones, 1), next);
	assert_null(zones_replace(zones, unknown));
	assert_null(zones_find(zones, &stranger));
	assert_int_equal(zones_count(zones), 2);
	zones_free(zones);
	zone_free(list[0]);
	zone_free(list[1]);
	zone_free(next);
	zone_free(unknown);
}

/* Against the definition itself: of all apexes that contain the name, the longest. */
static void random_sets_agree_with_a_plain_search(void **state)
{
	enum { MOST = 300 };
	struct zone *list[MOST];

	(void)state;
	for (unsigned round = 0; round < 30; round++) {
		size_t count = 0, target = random_word() % MOST;
		struct zones *zones;

		while (count < target) {
			bool ipv6 = random_word() & 1;
			struct prefix p = {.family = ipv6 ? 6 : 4};
			bool known = false;

			/* Few distinct bits, so that they nest. */
			p.high = random_word() & 0xa0c0810000000000;
			p.low = ipv6 ? random_word() & 0x8000000000000001 : 0;
			p.high &= ipv6 ? UINT64_MAX : UINT64_MAX << 32;
			p = prefix_truncate(&p,
				(uint8_t)(ipv6 ? random_word() % 33 * 4 : random_word() % 5 * 8));
			for (size_t i = 0; i < count; i++)
				known |= prefix_equal(&list[i]->apex, &p);
			if (!known)
				list[count++] = make(&p, 1, 1);
			else
				target--;
		}
		zones = zones_new(list, count);
		for (size_t i = 0; i < count; i++)
			assert_ptr_equal(zones_at(zones, i), list[i]);
		for (unsigned n = 0; n < 2000; n++) {
			bool ipv6 = n & 1;
			struct prefix p = {.family = ipv6 ? 6 : 4};
			const struct zone *want = NULL;

			p.high = random_word() & 0xa0c0810000000000;
			p.low = ipv6 ? random_word() & 0x8000000000000001 : 0;
			p = prefix_truncate(&p,
				(uint8_t)(ipv6 ? random_word() % 33 * 4 : random_word() % 5 * 8));
			for (size_t i = 0; i < count; i++)
				if (prefix_contains(&list[i]->apex, &p) &&
					(!want || list[i]->apex.bits > want->apex.bits))
					want = list[i];
			assert_ptr_equal(zones_find(zones, &p), want);
		}
		zones_free(zones);
		for (size_t i = 0; i < count; i++)
			zone_free(list[i]);
	}
}

static void without_memory_there_is_no_zone_and_no_set(void **state)
{
	struct prefix apex = fixture_prefix("192.0.2.0", 24);
	struct zone *zone = make(&apex, 1, 1);

	(void)state;
	memory_fail_after(0);
	assert_null(make(&apex, 1, 1));
	assert_true(memory_fail_never());
	for (unsigned i = 0; i < 2; i++) {
		memory_fail_after(i);
		assert_null(zones_new(&zone, 1));
		assert_true(memory_fail_never());
	}
	zone_free(zone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(negative_ttl_is_the_smaller_of_ttl_and_minimum),
		cmocka_unit_test(only_one_well_formed_soa_makes_a_zone),
		cmocka_unit_test(empty_set_finds_nothing),
		cmocka_unit_test(longest_apex_wins_at_every_depth),
		cmocka_unit_test(families_are_apart),
		cmocka_unit_test(replace_swaps_one_zone_and_hands_back_the_old),
		cmocka_unit_test(random_sets_agree_with_a_plain_search),
		cmocka_unit_test(without_memory_there_is_no_zone_and_no_set),
	};

	return cmocka_run_group_tests_name("records/zones", tests, NULL, NULL);
}
