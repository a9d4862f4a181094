/* SPDX-License-Identifier: BSD-3-Clause */
/* records/hash.h: every input bit and key counts, and neighbours spread over shards and buckets. */
#include "dataplane/records/hash.h"

#include "tests/support/cmocka.h"
#include "tests/support/fixture.h"

#include <string.h>

static const struct hash_key key = {
	{0x0123456789abcdef, 0xfedcba9876543210, 0x1122334455667788, 0x99aabbccddeeff00}};

static void every_bit_of_the_prefix_changes_the_hash(void **state)
{
	struct prefix p = fixture_prefix("2001:db8:1:2:3:4:5:6", 128), other;
	uint64_t hash = hash_prefix(&key, &p);

	(void)state;
	for (unsigned bit = 0; bit < 64; bit++) {
		other = p;
		other.high ^= UINT64_C(1) << bit;
		assert_true(hash_prefix(&key, &other) != hash);
		other = p;
		other.low ^= UINT64_C(1) << bit;
		assert_true(hash_prefix(&key, &other) != hash);
	}
}

static void depth_and_family_tell_equal_addresses_apart(void **state)
{
	(void)state;
	for (unsigned a = 0; a <= 128; a += 4)
		for (unsigned b = 0; b <= 128; b += 4) {
			struct prefix p = {.family = ARPA_FAMILY_IPV6, .bits = (uint8_t)a};
			struct prefix q = {.family = ARPA_FAMILY_IPV6, .bits = (uint8_t)b};

			assert_int_equal(hash_prefix(&key, &p) == hash_prefix(&key, &q), a == b);
			q.family = ARPA_FAMILY_IPV4;
			assert_true(hash_prefix(&key, &p) != hash_prefix(&key, &q));
		}
}

static void every_word_of_the_key_counts(void **state)
{
	struct prefix p = fixture_prefix("192.0.2.1", 32);

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct hash_key other = key;

		other.word[i] ^= UINT64_C(1) << 33;
		assert_true(hash_prefix(&other, &p) != hash_prefix(&key, &p));
	}
}

static uint64_t hash_of(const char *text)
{
	struct fixture_owner o;

	fixture_owner(&o, text);
	return hash_owner(&key, &o.owner);
}

static void labels_count_without_their_case(void **state)
{
	static const char *const names[] = {"192.in-addr.arpa", "a.192.in-addr.arpa",
		"b.192.in-addr.arpa", "aa.192.in-addr.arpa", "a.a.192.in-addr.arpa",
		"a.193.in-addr.arpa", "a.ip6.arpa", "a", "abcdefg", "abcdefgh", "abcdefghi",
		"abcdefghabcdefgh", "abcdefghabcdefgi", "ibcdefghabcdefgh", "abcdefghabcdefg"};
	enum { COUNT = sizeof(names) / sizeof(names[0]) };
	struct prefix host = fixture_prefix("192.0.2.1", 32);
	struct owner owner = owner_from_prefix(&host);

	(void)state;
	for (unsigned i = 0; i < COUNT; i++)
		for (unsigned k = 0; k < COUNT; k++)
			assert_int_equal(hash_of(names[i]) == hash_of(names[k]), i == k);
	assert_true(hash_of("aZ.192.in-addr.arpa") == hash_of("Az.192.in-addr.arpa"));
	assert_true(hash_of("a[.192.in-addr.arpa") != hash_of("a{.192.in-addr.arpa"));
	assert_true(hash_owner(&key, &owner) == hash_prefix(&key, &host));
}

/* Each bit of labels of every length up to three words. */
static void every_bit_of_the_labels_changes_the_hash(void **state)
{
	uint8_t rest[24];

	(void)state;
	for (unsigned bytes = 1; bytes <= sizeof(rest); bytes++)
		for (unsigned bit = 0; bit < 8 * bytes; bit++) {
			uint64_t before;

			/* No letters: their cases are equal. */
			memset(rest, 0x10, sizeof(rest));
			before = hash_rest(&key, 7, rest, bytes);
			rest[bit / 8] ^= 1 << bit % 8;
			assert_true(hash_rest(&key, 7, rest, bytes) != before);
		}
}

/* Pearson's statistic over 256 bins for 2^18 neighbouring addresses; 255 degrees of freedom. */
static void spread(unsigned shift, bool ipv6)
{
	static unsigned bin[256];
	double statistic = 0, mean = (1 << 18) / 256.0;

	for (unsigned i = 0; i < 256; i++)
		bin[i] = 0;
	for (uint64_t n = 0; n < 1 << 18; n++) {
		struct prefix p = fixture_prefix(ipv6 ? "2001:db8::" : "10.0.0.0", ipv6 ? 128 : 32);

		if (ipv6)
			p.low |= n;
		else
			p.high |= n << 32;
		bin[hash_prefix(&key, &p) >> shift & 255]++;
	}
	for (unsigned i = 0; i < 256; i++)
		statistic += (bin[i] - mean) * (bin[i] - mean) / mean;
	assert_true(statistic < 400); /* chance alone exceeds it once in 10^7 */
}

static void neighbours_spread_over_shards_tags_and_buckets(void **state)
{
	(void)state;
	for (unsigned ipv6 = 0; ipv6 < 2; ipv6++) {
		spread(0, ipv6);
		spread(8, ipv6);
		spread(40, ipv6);
		spread(48, ipv6);
		spread(56, ipv6);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_bit_of_the_prefix_changes_the_hash),
		cmocka_unit_test(depth_and_family_tell_equal_addresses_apart),
		cmocka_unit_test(every_word_of_the_key_counts),
		cmocka_unit_test(labels_count_without_their_case),
		cmocka_unit_test(every_bit_of_the_labels_changes_the_hash),
		cmocka_unit_test(neighbours_spread_over_shards_tags_and_buckets),
	};

	return cmocka_run_group_tests_name("records/hash", tests, NULL, NULL);
}
