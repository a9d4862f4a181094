/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A million crafted addresses, chosen as one would against a hash without a key or one that mixes
 * weakly: searches in the table stay as short as with random addresses, and tags tell as much
 * apart.
 */
#include "dataplane/records/table_entries.h"
#include "tests/support/cmocka.h"
#include "tests/support/fixture.h"

#include <stdlib.h>

enum { COUNT = 1000 * 1000, SHARDS = 4 };

static const uint8_t seed[TABLE_SEED_BYTES] = "thirty-two bytes, always these.";

/* ---- What an attacker would choose ---- */

static uint64_t mix(uint64_t z)
{
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static struct prefix words(uint64_t high, uint64_t low)
{
	return (struct prefix){.high = high, .low = low};
}

/*
 * Both words of the nth address of each shape; the last octet is nothing to a page. The first is
 * random: what the others are compared with.
 */
static struct prefix random_address(uint64_t n)
{
	return words(mix(n + 1), mix(n << 32 | 1) & ~UINT64_C(0xff));
}

static struct prefix progression(uint64_t n)
{
	return words(0x20010db800000000, n << 8);
}

static struct prefix low_bits_equal(uint64_t n)
{
	return words(0x20010db800000000 | n, 0xdeadbeefdeadbe00);
}

static struct prefix high_bits_vary(uint64_t n)
{
	return words(n << 44 | 0x0db8, 0);
}

static struct prefix words_cancel(uint64_t n)
{
	return words(n << 8, n << 8);
}

static struct prefix sums_are_equal(uint64_t n)
{
	return words(0x20010db800000000 + (n << 8), -(n << 8));
}

static struct prefix golden_multiples(uint64_t n)
{
	uint64_t word = n * 0x9e3779b97f4a7c15; /* as hash_prefix multiplies family and bits */

	return words(word, word & ~UINT64_C(0xff));
}

/* All combinations of 20 bits, far apart. */
static struct prefix flipped_bits(uint64_t n)
{
	struct prefix p = words(0x20010db8ffffffff, 0x5555555555555500);

	for (unsigned i = 0; i < 20; i++) {
		unsigned at = 8 + i * 23 % 120;
		uint64_t bit = n >> i & 1;

		p.low ^= at < 64 ? bit << at : 0;
		p.high ^= at < 64 ? 0 : bit << (at - 64);
	}
	return p;
}

static struct prefix (*const shapes[])(uint64_t n) = {random_address, progression, low_bits_equal,
	high_bits_vary, words_cancel, sums_are_equal, golden_multiples, flipped_bits};

/* ---- What the table makes of them ---- */

struct spread {
	unsigned longest; /* buckets that a search goes through */
	double mean;
	unsigned same_tags; /* other entries with its tag that searches compare with */
};

/* Half the entries are pages, half owners, for this table without any above or in them. */
static void fill(struct table *table, struct record *entry, struct prefix (*shape)(uint64_t n))
{
	assert_int_equal(entries_reserve(table, COUNT), 0);
	for (uint64_t n = 0; n < COUNT; n++) {
		struct prefix p = shape(n);

		p.family = n % 2 ? ARPA_FAMILY_IPV6 : ARPA_FAMILY_IPV6 | HOSTS_FAMILY;
		p.bits = n % 2 ? 128 : 120;
		entry[n] = (struct record){.prefix = p};
		entries_insert(table, &entry[n]);
	}
}

static void empty(struct table *table, const struct record *entry)
{
	for (uint64_t n = 0; n < COUNT; n++) {
		struct owner key = entry_key(&entry[n]);

		entries_remove(table, &key);
	}
}

/* Every entry is searched for as a reader does it. */
static void count_search(const struct table *table, const void *entry, struct spread *spread)
{
	const struct owner key = entry_key(entry);
	uint64_t hash = hash_owner(&table->key, &key), tag = slot_tag(hash);
	const struct buckets *live = atomic_load(&table_shard(table, hash)->live);

	for (unsigned n = 0;; n++) {
		const struct bucket *b = &live->bucket[(hash + n) & live->mask];

		for (unsigned i = 0; i < TABLE_SLOTS; i++) {
			uint64_t slot = atomic_load(&b->slot[i]);

			if (slot == 0 || (slot & ~slot_pointer_bits) != tag)
				continue;
			if (slot_entry(slot) != entry) {
				spread->same_tags++;
				continue;
			}
			spread->mean += n + 1;
			if (n + 1 > spread->longest)
				spread->longest = n + 1;
			return;
		}
	}
}

static struct spread measure(const struct record *entry, struct prefix (*shape)(uint64_t n))
{
	struct table *table = table_new(SHARDS, seed);
	struct spread spread = {0};

	assert_non_null(table);
	fill(table, (struct record *)entry, shape);
	for (uint64_t n = 0; n < COUNT; n++)
		count_search(table, &entry[n], &spread);
	empty(table, entry);
	table_free(table);
	spread.mean /= COUNT;
	return spread;
}

static void crafted_addresses_are_found_as_soon_as_random_ones(void **state)
{
	struct record *entry = calloc(COUNT, sizeof(*entry));
	struct spread random;

	(void)state;
	assert_non_null(entry);
	random = measure(entry, shapes[0]);
	assert_true(random.longest > 1 && random.mean < 1.5 && random.same_tags > 0);
	for (unsigned i = 1; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct spread crafted = measure(entry, shapes[i]);

		print_message("shape %u: %u buckets at most (random: %u), %.3f on average (%.3f), "
			      "%u equal tags (%u)\n",
			i, crafted.longest, random.longest, crafted.mean, random.mean,
			crafted.same_tags, random.same_tags);
		assert_true(crafted.longest <= 2 * random.longest);
		assert_true(crafted.mean <= 1.05 * random.mean);
		assert_true(crafted.same_tags <= 2 * random.same_tags + 20);
	}
	free(entry);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crafted_addresses_are_found_as_soon_as_random_ones),
	};

	return cmocka_run_group_tests_name("records/table spread", tests, NULL, NULL);
}
