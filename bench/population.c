/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/population.h"

#include <math.h>
#include <string.h>

enum {
	IPV4_HOSTS = 250, /* a dense /24: hosts 1 to 250; the rest misses */
	IPV6_HOSTS = 1000,
	SPARSE_SPACE = 10, /* addresses a record */
	HOT_NAMES = 1000,
	VERSION_DIGITS = 2,
	NAME_DIGITS = 6,
	BASE = 36,
};

static const uint64_t ipv4_first = UINT64_C(10) << 24; /* 10.0.0.0 */
static const uint64_t ipv6_first = 0x20010db800000000; /* 2001:db8::/64 */
static const uint64_t ipv6_empty = UINT64_C(1) << 31;  /* 2001:db8:8000::/33 has no record */

static uint64_t mix(uint64_t n)
{
	return random_next(&n);
}

static struct prefix ipv4(uint64_t address)
{
	return (struct prefix){.high = address << 32, .family = ARPA_FAMILY_IPV4, .bits = 32};
}

static struct prefix ipv6(uint64_t network, uint64_t host)
{
	return (struct prefix){
		.high = ipv6_first + network, .low = host, .family = ARPA_FAMILY_IPV6, .bits = 128};
}

uint8_t population_family(const struct population *population)
{
	return population->layout == LAYOUT_IPV6 ? ARPA_FAMILY_IPV6 : ARPA_FAMILY_IPV4;
}

/* ---- The sparse layout: a permutation of the space, whose first tenth has records ---- */

/*
 * Four Feistel rounds over the least even number of bits that holds `space`; what falls outside
 * is permuted again, until it falls inside: a bijection of 0..space-1 that needs no memory.
 */
static uint64_t permute(uint64_t n, uint64_t space)
{
	unsigned half = 1;

	while (UINT64_C(1) << 2 * half < space)
		half++;
	uint64_t mask = (UINT64_C(1) << half) - 1;
	do {
		uint64_t left = n >> half, right = n & mask;

		for (unsigned round = 0; round < 4; round++) {
			uint64_t next = left ^ (mix(right << 3 | round) & mask);

			left = right;
			right = next;
		}
		n = left << half | right;
	} while (n >= space);
	return n;
}

static struct prefix sparse(const struct population *population, uint64_t index)
{
	return ipv4(ipv4_first + permute(index, population->records * SPARSE_SPACE));
}

/* ---- Hosts with and without a record ---- */

/* /24s from 10.0.0.0 on that have records. */
static uint64_t ipv4_networks(const struct population *population)
{
	if (population->layout == LAYOUT_SPARSE)
		return (population->records * SPARSE_SPACE + 255) / 256;
	return (population->records + IPV4_HOSTS - 1) / IPV4_HOSTS;
}

unsigned population_ipv4_zones(const struct population *population)
{
	/* The last one has at least one /24 without records. */
	return (unsigned)(ipv4_networks(population) >> 16) + 1;
}

struct prefix population_host(const struct population *population, uint64_t index)
{
	switch (population->layout) {
	case LAYOUT_IPV4:
		return ipv4(ipv4_first + index / IPV4_HOSTS * 256 + 1 + index % IPV4_HOSTS);
	case LAYOUT_SPARSE:
		return sparse(population, index);
	case LAYOUT_IPV6:
	default:
		return ipv6(index / IPV6_HOSTS, 1 + index % IPV6_HOSTS);
	}
}

struct prefix population_spare(const struct population *population, uint64_t index)
{
	switch (population->layout) {
	case LAYOUT_IPV4: /* hosts 251 to 255 */
		return ipv4(ipv4_first + index / 5 * 256 + IPV4_HOSTS + 1 + index % 5);
	case LAYOUT_SPARSE:
		return sparse(population, population->records + index);
	case LAYOUT_IPV6:
	default:
		return ipv6(index / IPV6_HOSTS, 1 + IPV6_HOSTS + index % IPV6_HOSTS);
	}
}

static struct prefix in_empty_network(const struct population *population, uint64_t *random)
{
	uint64_t used = ipv4_networks(population);
	uint64_t all = (uint64_t)population_ipv4_zones(population) << 16;

	if (population->layout == LAYOUT_IPV6)
		return ipv6(ipv6_empty + random_below(random, ipv6_empty), random_next(random));
	return ipv4(ipv4_first + used * 256 + random_below(random, (all - used) * 256));
}

static struct prefix in_populated_network(const struct population *population, uint64_t *random)
{
	if (population->layout == LAYOUT_SPARSE)
		return sparse(population,
			population->records +
				random_below(random, population->records * (SPARSE_SPACE - 1)));
	return population_spare(population, random_below(random, population->records / 50));
}

/* ---- Drawing ---- */

static const double zipf_exponent = 0.99;

/* The integral of x^-s, and its inverse. */
static double zipf_area(double x)
{
	return pow(x, 1 - zipf_exponent) / (1 - zipf_exponent);
}

static double zipf_area_inverse(double area)
{
	return pow(area * (1 - zipf_exponent), 1 / (1 - zipf_exponent));
}

/* A rank from 1 to n by rejection-inversion (Hörmann and Derflinger, 1996): no table of n sums. */
static uint64_t zipf_rank(uint64_t n, uint64_t *random)
{
	double lowest = zipf_area(1.5) - 1, highest = zipf_area((double)n + 0.5);

	for (;;) {
		double uniform = (double)(random_next(random) >> 11) * 0x1p-53;
		double area = lowest + uniform * (highest - lowest);
		double rank = floor(zipf_area_inverse(area) + 0.5);

		if (rank < 1 || rank > (double)n)
			continue;
		if (area >= zipf_area(rank + 0.5) - pow(rank, -zipf_exponent))
			return (uint64_t)rank;
	}
}

struct prefix population_draw(const struct population *population, enum draw draw, uint64_t *random)
{
	uint64_t records = population->records;
	struct prefix host;

	switch (draw) {
	case DRAW_HOT: /* popular names lie anywhere */
		return population_host(population, mix(random_below(random, HOT_NAMES)) % records);
	case DRAW_ZIPF:
		return population_host(population, mix(zipf_rank(records, random)) % records);
	case DRAW_MISS:
		return random_next(random) % 2 ? in_populated_network(population, random)
					       : in_empty_network(population, random);
	case DRAW_ENT:
		host = population_host(population, random_below(random, records));
		return prefix_parent(&host);
	case DRAW_HIT:
	default:
		return population_host(population, random_below(random, records));
	}
}

/* ---- Names ---- */

static void put_digits(uint8_t *text, unsigned digits, uint64_t number)
{
	while (digits-- > 0) {
		text[digits] = (uint8_t) "0123456789abcdefghijklmnopqrstuvwxyz"[number % BASE];
		number /= BASE;
	}
}

static unsigned digit(uint8_t character)
{
	return character <= '9' ? character - (unsigned)'0' : character - (unsigned)'a' + 10;
}

/* "host-VVNNNNNN.example.net": the version, then what address and version hash to. */
void population_target(
	const struct prefix *host, unsigned version, uint8_t target[static POPULATION_TARGET_BYTES])
{
	static const uint8_t model[] = "\15host-VVNNNNNN\7example\3net";

	_Static_assert(sizeof(model) == POPULATION_TARGET_BYTES, "the final NUL is the root");
	version %= BASE * BASE;
	memcpy(target, model, sizeof(model));
	put_digits(target + 6, VERSION_DIGITS, version);
	put_digits(target + 6 + VERSION_DIGITS, NAME_DIGITS,
		mix(mix(mix(host->high) ^ host->low) ^ version));
}

bool population_target_read(const struct prefix *host,
	const uint8_t target[static POPULATION_TARGET_BYTES], unsigned *version)
{
	uint8_t expected[POPULATION_TARGET_BYTES];

	*version = digit(target[6]) * BASE + digit(target[7]);
	population_target(host, *version, expected);
	return memcmp(target, expected, sizeof(expected)) == 0;
}
