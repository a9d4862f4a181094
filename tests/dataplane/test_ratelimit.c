/* SPDX-License-Identifier: BSD-3-Clause */
/* ratelimit.c: exact counts over simulated time, and a hostile table: floods of forged prefixes
 * neither limit who is within the rate nor free who is above it. */
#include "dataplane/ratelimit.h"

#include "dataplane/dns/wire.h"

#include "tests/support/cmocka.h"

#include <string.h>

static const uint8_t secret[16] = "rates of replies";
static const uint64_t second = RATELIMIT_SECOND;

static struct ratelimit *limiter;
static struct ratelimit_policy policy;

static int set_up(void **state)
{
	(void)state;
	limiter = ratelimit_new(RATELIMIT_ENTRIES, secret, 1);
	policy = (struct ratelimit_policy){.mode = RATELIMIT_ON,
		.burst_us = RATELIMIT_SECOND,
		.ipv4_bits = 24,
		.ipv6_bits = 56,
		.slip = 1};
	for (unsigned c = RATELIMIT_NONE + 1; c < RATELIMIT_CLASSES; c++)
		policy.interval_us[c] = ratelimit_interval_us(100);
	return limiter == NULL;
}

static int tear_down(void **state)
{
	(void)state;
	ratelimit_free(limiter);
	return 0;
}

static uint64_t hash_of(const struct ratelimit *which, const struct ratelimit_terms *terms,
	bool ipv6, const uint8_t *address)
{
	return ratelimit_hash(which, terms, ipv6 ? 6 : 4, ratelimit_word(address, ipv6 ? 16 : 4));
}

static bool over(uint64_t now_us, bool ipv6, const uint8_t *address, unsigned class)
{
	struct ratelimit_terms terms;

	ratelimit_terms(limiter, &policy, now_us, &terms);
	return ratelimit_over(limiter, &terms, hash_of(limiter, &terms, ipv6, address), class);
}

static bool over4(uint64_t now_us, uint32_t address)
{
	uint8_t octets[4];

	wire_put32(octets, address);
	return over(now_us, false, octets, RATELIMIT_ANSWERS);
}

/* How many of `rate` replies a second for `seconds` leave. */
static unsigned passed(uint64_t start, uint32_t address, unsigned rate, unsigned seconds)
{
	unsigned count = 0;

	for (uint64_t i = 0; i < (uint64_t)rate * seconds; i++)
		count += !over4(start + i * second / rate, address);
	return count;
}

static void rate_and_burst_are_exact(void **state)
{
	(void)state;
	/* All at once: a burst of one second. */
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(over4(0, 0xc0000201), i >= 100);
	/* And then the rate, however many ask. */
	assert_int_equal(passed(second, 0xc0000201, 10000, 10), 100 + 999);
	/* A client at the rate loses none, for as long as it likes. */
	assert_int_equal(passed(0, 0xc6336401, 100, 1000), 100000);
	policy.burst_us = 5 * RATELIMIT_SECOND;
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(over4(second, 0xcb007101), i >= 500);
}

static void shares_divide_the_rate(void **state)
{
	(void)state;
	limiter->shares = 4;
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(over4(0, 0xc0000201), i >= 25);
	assert_int_equal(passed(second, 0xc0000201, 1000, 4), 25 + 99);
	/* However low the rate and many the shares, the first reply leaves. */
	limiter->shares = 64;
	policy.interval_us[RATELIMIT_ANSWERS] = ratelimit_interval_us(1);
	assert_false(over4(second, 0xc6336401));
	assert_true(over4(second, 0xc6336401));
	assert_true(over4(64 * second, 0xc6336401));
	assert_false(over4(65 * second, 0xc6336401));
}

static void intervals_are_those_of_rates(void **state)
{
	(void)state;
	assert_int_equal(ratelimit_interval_us(0), 0);
	assert_int_equal(ratelimit_interval_us(1), 1000000);
	assert_int_equal(ratelimit_interval_us(3), 333333);
	assert_int_equal(ratelimit_interval_us(70000), 14);
	assert_int_equal(ratelimit_interval_us(RATELIMIT_RATE_MAX), 10);
}

static void classes_and_families_are_apart(void **state)
{
	uint8_t address[16] = {192, 0, 2, 1};

	(void)state;
	for (unsigned ipv6 = 0; ipv6 < 2; ipv6++)
		for (unsigned c = RATELIMIT_NONE + 1; c < RATELIMIT_CLASSES; c++)
			for (unsigned i = 0; i < 300; i++)
				assert_int_equal(over(0, ipv6, address, c), i >= 100);
}

/* Which bit of an address tells two clients apart. */
static void prefixes_are_counted_together(void **state)
{
	static const uint8_t lengths[2][5] = {{1, 8, 23, 24, 32}, {1, 32, 56, 63, 64}};

	(void)state;
	for (unsigned ipv6 = 0; ipv6 < 2; ipv6++)
		for (unsigned n = 0; n < 5; n++) {
			unsigned bits = lengths[ipv6][n];

			policy.ipv4_bits = policy.ipv6_bits = (uint8_t)bits;
			for (unsigned bit = 0; bit < (ipv6 ? 128 : 32); bit++) {
				uint64_t now = (uint64_t)(ipv6 * 1000 + n * 200 + bit) * second * 4;
				uint8_t address[16] = {203, 0, 113, 77, 5, 6, 7, 8, 9};

				for (unsigned i = 0; i < 100; i++)
					assert_false(over(now, ipv6, address, RATELIMIT_ANSWERS));
				address[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
				assert_int_equal(
					over(now, ipv6, address, RATELIMIT_ANSWERS), bit >= bits);
			}
		}
}

/* 40 bits of microseconds: after 12.7 days the time begins again. */
static void time_wraps(void **state)
{
	const uint64_t wrap = UINT64_C(1) << 40;

	(void)state;
	assert_int_equal(passed(wrap - 5 * second, 0xc0000201, 10000, 10), 100 + 999);
	/* An entry of long ago lies in half of all times ahead; it is none. */
	for (uint64_t later = 300 * second; later < 9 * wrap; later += wrap * 3 / 5) {
		for (unsigned i = 0; i < 100; i++)
			assert_false(over4(later, 0xc6336401));
		assert_true(over4(later, 0xc6336401));
	}
}

/* A smaller burst from now on: what was more is paid first. */
static void a_new_policy_goes_on_with_the_counts(void **state)
{
	(void)state;
	policy.burst_us = 60 * RATELIMIT_SECOND;
	for (unsigned i = 0; i < 6000; i++)
		assert_false(over4(0, 0xc0000201));
	policy.burst_us = RATELIMIT_SECOND;
	assert_true(over4(0, 0xc0000201));
	assert_true(over4(59 * second, 0xc0000201));
	assert_false(over4(60 * second, 0xc0000201));
}

static uint64_t random_word = 88172645463325252;

/* A forged source, in neither of the prefixes that the tests look at. */
static uint32_t draw(void)
{
	uint32_t address;

	do {
		random_word = random_word * 6364136223846793005u + 1442695040888963407u;
		address = (uint32_t)(random_word >> 32);
	} while (address >> 8 == 0xc00002 || address >> 8 == 0xc63364);
	return address;
}

/*
 * Two million packets a second from 16 million prefixes for eight seconds; meanwhile one client
 * asks at nine tenths of its rate and another at ten times its rate.
 */
static void a_flood_of_prefixes_changes_nothing_for_others(void **state)
{
	const unsigned noise_a_ms = 2000, milliseconds = 8000;
	unsigned victim_limited = 0, victim_asked = 0, abuser_passed = 0, noise_limited = 0;

	(void)state;
	for (unsigned ms = 0; ms < milliseconds; ms++) {
		uint64_t now = (uint64_t)ms * 1000;

		for (unsigned i = 0; i < noise_a_ms; i++)
			noise_limited += over4(now, draw());
		if (ms % 11 == 0) {
			victim_limited += over4(now, 0xc0000201);
			victim_asked++;
		}
		abuser_passed += !over4(now, 0xc6336401);
	}
	assert_true(victim_asked > 700);
	assert_int_equal(victim_limited, 0);
	assert_in_range(abuser_passed, 100 + 790, 100 + 810);
	/* A forged prefix comes once in eight seconds. */
	assert_int_equal(noise_limited, 0);
}

/* The smallest table, with hundreds of times more prefixes at once than it has entries. */
static void a_full_table_still_holds_the_heavy_and_blames_nobody(void **state)
{
	unsigned victim_limited = 0, abuser_passed = 0, noise_limited = 0;

	(void)state;
	ratelimit_free(limiter);
	limiter = ratelimit_new(RATELIMIT_ENTRIES_LEAST, secret, 1);
	assert_non_null(limiter);
	policy.interval_us[RATELIMIT_ANSWERS] = ratelimit_interval_us(10);
	for (unsigned ms = 0; ms < 10000; ms++) {
		uint64_t now = (uint64_t)ms * 1000;

		for (unsigned i = 0; i < 300; i++)
			noise_limited += over4(now, draw());
		if (ms % 110 == 0)
			victim_limited += over4(now, 0xc0000201);
		abuser_passed += !over4(now, 0xc6336401);
	}
	assert_int_equal(victim_limited, 0);
	assert_int_equal(noise_limited, 0);
	/* 110 if nobody else asked; 10,000 if it were forgotten. */
	assert_in_range(abuser_passed, 100, 150);
}

static void another_secret_is_another_table(void **state)
{
	static const uint8_t other[16] = {1};
	struct ratelimit *second_one = ratelimit_new(RATELIMIT_ENTRIES, other, 1);
	struct ratelimit *same = ratelimit_new(RATELIMIT_ENTRIES, secret, 1);
	struct ratelimit_terms terms;
	uint8_t address[4] = {0};
	unsigned together = 0;

	(void)state;
	assert_non_null(second_one);
	assert_non_null(same);
	ratelimit_terms(limiter, &policy, 0, &terms);
	for (unsigned i = 0; i < 100000; i++) {
		uint64_t hash;

		wire_put32(address, i << 8);
		hash = hash_of(limiter, &terms, false, address);
		assert_int_equal(hash, hash_of(same, &terms, false, address));
		together += ratelimit_home(limiter, hash) - limiter->entries ==
			ratelimit_home(second_one, hash_of(second_one, &terms, false, address)) -
				second_one->entries;
	}
	/* 100,000 draws of 262,144: 0.4 by chance. */
	assert_in_range(together, 0, 20);
	ratelimit_free(second_one);
	ratelimit_free(same);
}

/* Neighbouring prefixes, as a scan has them, fall no worse than at random. */
static void neighbours_spread_over_the_sets(void **state)
{
	static unsigned held[RATELIMIT_ENTRIES / RATELIMIT_WAYS];
	struct ratelimit_terms terms;
	unsigned most = 0, none = 0;

	(void)state;
	ratelimit_terms(limiter, &policy, 0, &terms);
	for (uint32_t i = 0; i < RATELIMIT_ENTRIES; i++) {
		uint8_t address[4];

		wire_put32(address, i << 8);
		held[(size_t)(ratelimit_home(limiter, hash_of(limiter, &terms, false, address)) -
			     limiter->entries) /
			RATELIMIT_WAYS]++;
	}
	for (unsigned i = 0; i < RATELIMIT_ENTRIES / RATELIMIT_WAYS; i++) {
		most = held[i] > most ? held[i] : most;
		none += held[i] == 0;
	}
	/* At random, with 8 a set in the mean, the fullest would have 22 or so, and 11 none. */
	assert_in_range(most, 8, 30);
	assert_in_range(none, 0, 40);
}

static void one_of_so_many_slips(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		assert_false(ratelimit_slips(limiter, 0));
		assert_true(ratelimit_slips(limiter, 1));
	}
	for (unsigned slip = 2; slip <= 100; slip += 7) {
		unsigned count = 0, expected = 100000 / slip;

		for (unsigned i = 0; i < 100000; i++)
			count += ratelimit_slips(limiter, slip);
		assert_in_range(count, expected - expected / 5, expected + expected / 5);
	}
}

static void exempt_ranges_are_found_at_their_ends(void **state)
{
	static const struct ratelimit_range ranges[] = {
		{{0, UINT64_C(0xffffc0000200)}, {0, UINT64_C(0xffffc00002ff)}},
		{{0, UINT64_C(0xffffc6120000)}, {0, UINT64_C(0xffffc613ffff)}},
		{{UINT64_C(0x20010db800000000), 0}, {UINT64_C(0x20010db8ffffffff), UINT64_MAX}},
		{{UINT64_C(0x20010db900000000), 5}, {UINT64_C(0x20010db900000000), 7}},
	};
	static const struct {
		const char *octets;
		size_t bytes;
		bool exempt;
	} cases[] = {
		{"\xc0\x00\x01\xff", 4, false},
		{"\xc0\x00\x02\x00", 4, true},
		{"\xc0\x00\x02\xff", 4, true},
		{"\xc0\x00\x03\x00", 4, false},
		{"\xc6\x12\x00\x00", 4, true},
		{"\xc6\x13\xff\xff", 4, true},
		{"\xc6\x14\x00\x00", 4, false},
		{"\x20\x01\x0d\xb7\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 16, false},
		{"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\0", 16, true},
		{"\x20\x01\x0d\xb8\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 16, true},
		{"\x20\x01\x0d\xb9\0\0\0\0\0\0\0\0\0\0\0\4", 16, false},
		{"\x20\x01\x0d\xb9\0\0\0\0\0\0\0\0\0\0\0\5", 16, true},
		{"\x20\x01\x0d\xb9\0\0\0\0\0\0\0\0\0\0\0\7", 16, true},
		{"\x20\x01\x0d\xb9\0\0\0\0\0\0\0\0\0\0\0\x8", 16, false},
	};

	(void)state;
	assert_false(ratelimit_exempt(&policy, (const uint8_t *)cases[1].octets, 4));
	memcpy(policy.exempt, ranges, sizeof(ranges));
	policy.exempt_count = 4;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
			ratelimit_exempt(&policy, (const uint8_t *)cases[i].octets, cases[i].bytes),
			cases[i].exempt);
}

static void a_table_that_cannot_be_had_is_none(void **state)
{
	(void)state;
	assert_null(ratelimit_new((size_t)1 << 58, secret, 1));
	ratelimit_free(NULL);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(rate_and_burst_are_exact),
		CASE(shares_divide_the_rate),
		CASE(intervals_are_those_of_rates),
		CASE(classes_and_families_are_apart),
		CASE(prefixes_are_counted_together),
		CASE(time_wraps),
		CASE(a_new_policy_goes_on_with_the_counts),
		CASE(a_flood_of_prefixes_changes_nothing_for_others),
		CASE(a_full_table_still_holds_the_heavy_and_blames_nobody),
		CASE(another_secret_is_another_table),
		CASE(neighbours_spread_over_the_sets),
		CASE(one_of_so_many_slips),
		CASE(exempt_ranges_are_found_at_their_ends),
		CASE(a_table_that_cannot_be_had_is_none),
	};

	return cmocka_run_group_tests_name("dataplane/ratelimit", tests, NULL, NULL);
}
