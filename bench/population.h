/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which addresses have a PTR record, of which name, and how queries are drawn from them. All of it
 * is computed from an index or an address, so a hundred million need no list; everything comes
 * from fixed seeds, so every run sees the same.
 */
#ifndef ARPAD_BENCH_POPULATION_H
#define ARPAD_BENCH_POPULATION_H

#include "bench/sizes.h"
#include "dataplane/dns/arpa.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a query's name stands to the records, and how often it is asked for. */
enum draw {
	DRAW_HIT,  /* hosts with a PTR record, all equally often */
	DRAW_HOT,  /* the same 1,000 of them */
	DRAW_ZIPF, /* the kth most popular with a probability proportional to k^-0.99 */
	DRAW_MISS, /* NXDOMAIN: half in /24s or /64s that have records, half in ones without */
	DRAW_ENT,  /* an empty non-terminal: the parent of a host */
};

enum { POPULATION_TARGET_BYTES = 27 }; /* a PTR target of 25 characters, in wire form */

/* The next number of a sequence. */
static inline uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* A number below `n`. */
static inline uint64_t random_below(uint64_t *state, uint64_t n)
{
	return (uint64_t)((unsigned __int128)random_next(state) * n >> 64);
}

uint8_t population_family(const struct population *population);

/* The IPv4 /8s in use, from 10.0.0.0/8 on; each is a zone. 2001:db8::/32 is one zone. */
unsigned population_ipv4_zones(const struct population *population);

/* The index-th host with a record, index < records; in the order of addresses but when sparse. */
struct prefix population_host(const struct population *population, uint64_t index);

/*
 * A host without a record, in a /24 or /64 that has some: different ones for different indexes
 * below records / 50.
 */
struct prefix population_spare(const struct population *population, uint64_t index);

/* A name of that kind. */
struct prefix population_draw(
	const struct population *population, enum draw draw, uint64_t *random);

/* The name that `host` has in its version-th record, 0 at first: no two are likely to be alike. */
void population_target(const struct prefix *host, unsigned version,
	uint8_t target[static POPULATION_TARGET_BYTES]);

/* Whether `target` is one of `host`, and of which version (modulo 1,296). */
bool population_target_read(const struct prefix *host,
	const uint8_t target[static POPULATION_TARGET_BYTES], unsigned *version);

#endif
