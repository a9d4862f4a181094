/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The names that the stress test plays with, and what a record of a version must hold: every byte
 * follows from key and version, so a reader can tell whether a record is whole.
 */
#ifndef ARPAD_TESTS_STRESS_MODEL_H
#define ARPAD_TESTS_STRESS_MODEL_H

#include "dataplane/records/record.h"
#include "dataplane/records/zones.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	/* Keys come in families of eight, see model_owner. */
	MODEL_FAMILY = 8,
	MODEL_FAMILIES = 4096,
	/* Then all hosts of one /24, and of one /120: pages that fill and empty. */
	MODEL_CROWD = MODEL_FAMILY * MODEL_FAMILIES,
	MODEL_CROWD_KEYS = 512,
	MODEL_KEYS = MODEL_CROWD + MODEL_CROWD_KEYS,
	MODEL_NIBBLE = 16,     /* so many crowd keys, from a multiple of it on, share a /124 */
	MODEL_HOT = 16,	       /* the first keys, see model_random_key */
	MODEL_WIRE_MAX = 1024, /* three RRs of at most 12 + 255 bytes */
	MODEL_ZONES = 2,       /* 10.in-addr.arpa and 2001:db8::/32 */
};

/*
 * The owner of a key below MODEL_CROWD or, from it on, a host of the crowd. Of each family, keys 0
 * to 2 are hosts in one IPv4 /24, 3 is x.ns in it, 4 is that /24, 5 and 6 are IPv6 hosts in one
 * /124, 7 is the /64 above them.
 */
struct owner model_owner(uint32_t key);

/* Whether the key, once put, is replaced but never removed: it must never be missed. */
bool model_permanent(uint32_t key);

/* A permanent key whose every version stands in a page; the others have records sooner or later. */
bool model_stays_in_page(uint32_t key);

/* Whether the key is a host of the crowd. */
static inline bool model_crowd(uint32_t key)
{
	return key >= MODEL_CROWD;
}

/* Whether the key's owner has other keys below it. */
bool model_inner(uint32_t key);

/* A permanent key below an inner one: while it is there, so is the inner one's name; or itself. */
uint32_t model_child(uint32_t key);

/* The PTR RRset of `version`, its RDATA in `rdata`. */
struct rrset model_rrset(uint32_t key, uint32_t version, uint8_t rdata[static MODEL_WIRE_MAX]);

/* The rendered RRset of `version`; returns its length. */
size_t model_wire(uint32_t key, uint32_t version, uint8_t wire[static MODEL_WIRE_MAX]);

/*
 * Whether `wire` is a whole RRset of `key`, and of which version. Reads `bytes` bytes at most.
 */
bool model_read(uint32_t key, const uint8_t *wire, size_t bytes, uint32_t *version);

/* A new zone (0 or 1) whose SOA is of `version`. NULL: no memory. */
struct zone *model_zone(unsigned index, uint32_t version);

/* Whether `soa`, the RR without its owner, is a whole SOA of some version of zone `index`. */
bool model_read_soa(unsigned index, const uint8_t *soa, size_t bytes, uint32_t *version);

/* The next number of a sequence. */
static inline uint64_t model_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/*
 * A key below `active`; in a quarter of all draws a hot one, where writer and readers meet, in an
 * eighth one of the crowd.
 */
static inline uint32_t model_random_key(uint64_t *state, uint32_t active)
{
	uint64_t n = model_random(state);

	if (n % 8 == 1)
		return MODEL_CROWD + (uint32_t)(n >> 32) % MODEL_CROWD_KEYS;
	return (uint32_t)(n >> 32) % (n % 4 == 0 ? MODEL_HOT : active);
}

#endif
