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

static const struct zone_special plain;

/* A zone whose SOA has names "a." and "b." and `minimum`. */
static struct zone *make_at(const struct owner *apex, uint32_t ttl, uint32_t minimum,
	const struct zone_special *special)
{
	uint8_t item[2 + 26] = {0, 26, 1, 'a', 0, 1, 'b', 0};
	struct rrset soa = {
		.type = WIRE_TYPE_SOA, .count = 1, .ttl = ttl, .rdata = item, .rdata_bytes = 28};

	wire_put32(item + 24, minimum);
	return zone_new(apex, &soa, special);
}

static struct zone *make(const struct prefix *apex, uint32_t ttl, uint32_t minimum)
{
	struct owner owner = owner_from_prefix(apex);

	return make_at(&owner, ttl, minimum, &plain);
}

static const struct zone *find(const struct zones *zones, const struct prefix *name)
{
	struct owner owner = owner_from_prefix(name);

	return zones_find(zones, &owner);
}

static const struct zone *find_name(const struct zones *zones, const char *name)
{
	struct fixture_owner o;

	fixture_owner(&o, name);
	return zones_find(zones, &o.owner);
}

static const struct zone *find_above(const struct zones *zones, const char *name)
{
	struct fixture_owner o;

	fixture_owner(&o, name);
	return zones_find_above(zones, &o.owner);
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
		assert_int_equal(zone->depth, 5);
		assert_int_equal(zone->serial, 0);
		assert_memory_equal(zone->soa, "\0\6\0\1", 4);
		assert_memory_equal(zone->soa + 8, "\0\x1a\1a\0\1b\0", 8);
		/* MINIMUM itself stays as the zone has it. */
		assert_int_equal(wire_get32(zone->soa + 32), cases[i][1]);
		zone_free(zone);
	}
}

static void only_one_well_formed_soa_makes_a_zone(void **state)
{
	const struct owner apex = {.prefix = fixture_prefix("192.0.2.0", 24)};
	uint8_t good[28] = {0, 26, 1, 'a', 0, 1, 'b', 0}, bad[29];
	struct rrset soa = {.type = WIRE_TYPE_SOA, .count = 1, .rdata = bad, .rdata_bytes = 28};
	struct zone *zone;

	(void)state;
#define REFUSED(change, undo) \
	do { \
		memcpy(bad, good, sizeof(good)); \
		bad[28] = 0; \
		change; \
		assert_null(zone_new(&apex, &soa, &plain)); \
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
	zone = zone_new(&apex, &soa, &plain);
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
	assert_null(find(zones, &name));
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

		assert_ptr_equal(find(zones, &name), list[i]);
		if (i == 0)
			continue;
		/* Its sibling is in the zone one label up. */
		if (i <= 16)
			beside.high ^= UINT64_C(1) << (64 - 4 * i);
		else
			beside.low ^= UINT64_C(1) << (128 - 4 * i);
		assert_ptr_equal(find(zones, &beside), list[i - 1]);
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
	assert_ptr_equal(find(zones, &host4), list[0]);
	assert_ptr_equal(find(zones, &root4), list[0]);
	assert_null(find(zones, &host6));
	assert_null(find(zones, &root6));
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
	assert_ptr_equal(find(zones, &host), list[1]);
	assert_ptr_equal(zones_replace(zones, next), list[1]);
	assert_ptr_equal(find(zones, &host), next);
	assert_ptr_equal(zones_at(zones, 0), list[0]);
	assert_ptr_equal(zones_at(zones, 1), next);
	assert_null(zones_replace(zones, unknown));
	assert_null(find(zones, &stranger));
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
				known |= prefix_equal(&list[i]->prefix, &p);
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
				if (prefix_contains(&list[i]->prefix, &p) &&
					(!want || list[i]->prefix.bits > want->prefix.bits))
					want = list[i];
			assert_ptr_equal(find(zones, &p), want);
		}
		zones_free(zones);
		for (size_t i = 0; i < count; i++)
			zone_free(list[i]);
	}
}

static struct zone *make_named(const char *apex, uint32_t ttl)
{
	struct fixture_owner o;

	fixture_owner(&o, apex);
	return make_at(&o.owner, ttl, 1, &plain);
}

static void apexes_may_be_any_names(void **state)
{
	static const char *const apexes[] = {"", "net", "example.net", "in-addr.arpa",
		"192.in-addr.arpa", "0-127.2.0.192.in-addr.arpa", "A.b.C.2.0.192.in-addr.arpa",
		"2.0.192.in-addr.arpa", "g.ip6.arpa"};
	enum { COUNT = sizeof(apexes) / sizeof(apexes[0]) };
	static const struct {
		const char *name;
		int zone; /* in `apexes`, or -1 */
		int above;
	} cases[] = {
		{"", 0, -1},
		{"net", 1, 0},
		{"org", 0, 0},
		{"NET", 1, 0},
		{"example.net", 2, 1},
		{"www.example.NET", 2, 2},
		{"www.example.org", 0, 0},
		{"in-addr.arpa", 3, -1},
		{"10.in-addr.arpa", 3, 3},
		{"192.in-addr.arpa", 4, 3},
		{"x.192.in-addr.arpa", 4, 4},
		{"2.0.192.in-addr.arpa", 7, 4},
		{"1.2.0.192.in-addr.arpa", 7, 7},
		{"0-127.2.0.192.in-addr.arpa", 5, 7},
		{"1.0-127.2.0.192.in-addr.arpa", 5, 5},
		{"1-127.2.0.192.in-addr.arpa", 7, 7},
		{"c.2.0.192.in-addr.arpa", 7, 7},
		{"x.a.B.c.2.0.192.in-addr.arpa", 6, 6},
		{"a.b.c.2.0.192.in-addr.arpa", 6, 7},
		{"ip6.arpa", -1, -1},
		{"G.ip6.arpa", 8, -1},
		{"f.ip6.arpa", -1, -1},
		{"1.g.ip6.arpa", 8, 8},
	};
	struct zone *list[COUNT];
	struct zones *zones;

	(void)state;
	for (unsigned i = 0; i < COUNT; i++) {
		struct fixture_owner o;
		struct owner apex;

		list[i] = make_named(apexes[i], i);
		apex = zone_apex(list[i]);
		fixture_owner(&o, apexes[i]);
		assert_true(owner_equal(&apex, &o.owner));
		assert_int_equal(list[i]->depth, owner_depth(&o.owner));
		assert_int_equal(list[i]->apex_name_bytes, owner_name_bytes(&o.owner));
	}
	zones = zones_new(list, COUNT);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_ptr_equal(find_name(zones, cases[i].name),
			cases[i].zone < 0 ? NULL : list[cases[i].zone]);
		assert_ptr_equal(find_above(zones, cases[i].name),
			cases[i].above < 0 ? NULL : list[cases[i].above]);
	}
	zones_free(zones);
	for (unsigned i = 0; i < COUNT; i++)
		zone_free(list[i]);
}

/* Up to the deepest apex that there can be: 127 labels. */
static void apexes_are_found_at_every_depth_outside_the_trees(void **state)
{
	uint8_t name[255];
	struct zone *list[OWNER_LABELS_MAX];
	struct zones *zones;
	struct owner owner;

	(void)state;
	for (unsigned i = 0; i < 254; i += 2)
		memcpy(name + i, "\1x", 2);
	name[254] = 0;
	for (unsigned i = 0; i < OWNER_LABELS_MAX; i++) {
		owner_from_name(name + 2 * i, 255 - 2 * (size_t)i, &owner);
		list[i] = make_at(&owner, 1, 1, &plain);
		assert_int_equal(list[i]->depth, OWNER_LABELS_MAX - i);
	}
	zones = zones_new(list, OWNER_LABELS_MAX);
	for (unsigned i = 0; i < OWNER_LABELS_MAX; i++) {
		owner_from_name(name + 2 * i, 255 - 2 * (size_t)i, &owner);
		assert_ptr_equal(zones_find(zones, &owner), list[i]);
		assert_ptr_equal(zones_find_above(zones, &owner),
			i + 1 < OWNER_LABELS_MAX ? list[i + 1] : NULL);
	}
	zones_free(zones);
	for (unsigned i = 0; i < OWNER_LABELS_MAX; i++)
		zone_free(list[i]);
}

static void depths_are_told_down_from_any(void **state)
{
	static const unsigned sets[][4] = {
		{0}, {5}, {63}, {64}, {127}, {0, 127}, {63, 64}, {2, 3, 64, 126}};

	(void)state;
	for (unsigned s = 0; s < sizeof(sets) / sizeof(sets[0]); s++) {
		struct zone_depths depths = {{0}};
		bool member[128] = {false};

		assert_int_equal(zone_depths_previous(&depths, 127), -1);
		for (unsigned i = 0; i < 4; i++)
			if (i == 0 || sets[s][i] != 0) {
				zone_depths_add(&depths, sets[s][i]);
				member[sets[s][i]] = true;
			}
		for (int from = -1; from < 128; from++) {
			int previous = from;

			while (previous >= 0 && !member[previous])
				previous--;
			assert_int_equal(zone_depths_previous(&depths, from), previous);
		}
	}
}

/* The hint is set by a new set and by a replacement, and goes when the writer says so. */
static void cuts_are_hinted_at(void **state)
{
	struct zone_special cut = {.wildcards = true}, wild = {.wildcards = true};
	struct owner apex = {.prefix = fixture_prefix("192.0.2.0", 24)};
	struct zone *zone[] = {make_at(&apex, 1, 1, &wild)};
	struct zone *with, *without = make_at(&apex, 1, 1, &plain);
	struct zones *zones = zones_new(zone, 1);

	(void)state;
	zone_depths_add(&cut.cuts, 127);
	with = make_at(&apex, 1, 1, &cut);
	assert_true(zone[0]->special.wildcards);
	assert_int_equal(zone_depths_previous(&with->special.cuts, 127), 127);
	assert_false(zones_have_cuts(zones));
	assert_ptr_equal(zones_replace(zones, with), zone[0]);
	zones_settle_cuts(zones);
	assert_true(zones_have_cuts(zones));
	assert_ptr_equal(zones_replace(zones, without), with);
	assert_true(zones_have_cuts(zones));
	zones_settle_cuts(zones);
	assert_false(zones_have_cuts(zones));
	zones_free(zones);
	zones = zones_new(&with, 1);
	assert_true(zones_have_cuts(zones));
	zones_free(zones);
	zones = zones_new(&without, 1);
	assert_false(zones_have_cuts(zones));
	zones_free(zones);
	zone_free(zone[0]);
	zone_free(with);
	zone_free(without);
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
		cmocka_unit_test(apexes_may_be_any_names),
		cmocka_unit_test(apexes_are_found_at_every_depth_outside_the_trees),
		cmocka_unit_test(depths_are_told_down_from_any),
		cmocka_unit_test(cuts_are_hinted_at),
		cmocka_unit_test(without_memory_there_is_no_zone_and_no_set),
	};

	return cmocka_run_group_tests_name("records/zones", tests, NULL, NULL);
}
