/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/population.h"

#include "tests/support/cmocka.h"

#include <stdlib.h>
#include <string.h>

enum { RECORDS = 20000, SPARES = RECORDS / 50, DRAWS = 20000 };

static const struct population populations[] = {
	{"", LAYOUT_IPV4, RECORDS},
	{"", LAYOUT_SPARSE, RECORDS},
	{"", LAYOUT_IPV6, RECORDS},
};
enum { POPULATIONS = sizeof(populations) / sizeof(populations[0]) };

static int compare(const void *a, const void *b)
{
	const struct prefix *x = a, *y = b;

	if (x->high != y->high)
		return x->high < y->high ? -1 : 1;
	return (x->low > y->low) - (x->low < y->low);
}

/* All hosts in order; the caller frees them. */
static struct prefix *sorted_hosts(const struct population *population)
{
	struct prefix *hosts = calloc(RECORDS, sizeof(*hosts));

	assert_non_null(hosts);
	for (uint64_t i = 0; i < RECORDS; i++)
		hosts[i] = population_host(population, i);
	qsort(hosts, RECORDS, sizeof(*hosts), compare);
	return hosts;
}

static bool among(const struct prefix *hosts, const struct prefix *host)
{
	return bsearch(host, hosts, RECORDS, sizeof(*hosts), compare) != NULL;
}

static bool in_zones(const struct population *population, const struct prefix *host)
{
	uint64_t octet = host->high >> 56;

	if (host->family == ARPA_FAMILY_IPV6)
		return host->high >> 32 == 0x20010db8;
	return octet >= 10 && octet < 10 + population_ipv4_zones(population);
}

static void test_hosts_and_spares_all_differ(void **state)
{
	(void)state;
	for (unsigned p = 0; p < POPULATIONS; p++) {
		struct prefix *hosts = sorted_hosts(&populations[p]);

		for (unsigned i = 0; i < RECORDS; i++) {
			assert_true(in_zones(&populations[p], &hosts[i]));
			assert_true(prefix_is_host(&hosts[i]));
			assert_true(i == 0 || compare(&hosts[i - 1], &hosts[i]) < 0);
		}
		for (unsigned i = 0; i < SPARES; i++) {
			struct prefix spare = population_spare(&populations[p], i);
			struct prefix next = population_spare(&populations[p], i + 1);

			assert_true(in_zones(&populations[p], &spare));
			assert_false(among(hosts, &spare));
			assert_int_not_equal(compare(&spare, &next), 0);
		}
		free(hosts);
	}
}

/* A tenth of the sparse space, spread over all of it. */
static void test_sparse_is_spread(void **state)
{
	struct prefix *hosts = sorted_hosts(&populations[1]);
	unsigned lower = 0;

	(void)state;
	for (unsigned i = 0; i < RECORDS; i++) {
		uint64_t offset = (hosts[i].high >> 32) - (UINT64_C(10) << 24);

		assert_true(offset < RECORDS * 10);
		lower += offset < RECORDS * 5;
	}
	assert_in_range(lower, RECORDS * 48 / 100, RECORDS * 52 / 100);
	free(hosts);
}

static void test_draws_are_what_they_are_called(void **state)
{
	(void)state;
	for (unsigned p = 0; p < POPULATIONS; p++) {
		struct prefix *hosts = sorted_hosts(&populations[p]);
		uint64_t random = 1;

		for (unsigned i = 0; i < DRAWS; i++) {
			for (enum draw draw = DRAW_HIT; draw <= DRAW_MISS; draw++) {
				struct prefix host =
					population_draw(&populations[p], draw, &random);

				assert_true(in_zones(&populations[p], &host));
				assert_int_equal(among(hosts, &host), draw != DRAW_MISS);
			}
			struct prefix parent = population_draw(&populations[p], DRAW_ENT, &random);
			assert_false(prefix_is_host(&parent));
		}
		free(hosts);
	}
}

/* The part of the draws that the most popular host gets: 1 / sum of k^-0.99. */
static void test_zipf_favours_the_first(void **state)
{
	static const double part = 0.0910; /* for 20,000 records */
	struct prefix *drawn = calloc(DRAWS, sizeof(*drawn));
	unsigned longest = 0, run = 1;
	uint64_t random = 2;

	(void)state;
	assert_non_null(drawn);
	for (unsigned i = 0; i < DRAWS; i++)
		drawn[i] = population_draw(&populations[0], DRAW_ZIPF, &random);
	qsort(drawn, DRAWS, sizeof(*drawn), compare);
	for (unsigned i = 1; i < DRAWS; i++) {
		run = compare(&drawn[i - 1], &drawn[i]) == 0 ? run + 1 : 1;
		longest = run > longest ? run : longest;
	}
	assert_in_range(longest, DRAWS * part * 0.9, DRAWS * part * 1.1);
	free(drawn);
}

static void test_names_tell_host_and_version(void **state)
{
	struct prefix host = population_host(&populations[0], 7);
	struct prefix other = population_host(&populations[0], 8);
	uint8_t target[POPULATION_TARGET_BYTES];
	unsigned version;

	(void)state;
	population_target(&host, 1000, target);
	assert_int_equal(strlen((const char *)target) + 1, POPULATION_TARGET_BYTES);
	assert_true(population_target_read(&host, target, &version));
	assert_int_equal(version, 1000);
	assert_false(population_target_read(&other, target, &version));
	target[9] ^= 1;
	assert_false(population_target_read(&host, target, &version));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hosts_and_spares_all_differ),
		cmocka_unit_test(test_sparse_is_spread),
		cmocka_unit_test(test_draws_are_what_they_are_called),
		cmocka_unit_test(test_zipf_favours_the_first),
		cmocka_unit_test(test_names_tell_host_and_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
