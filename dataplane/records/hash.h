/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table's keyed hash: two rounds of a 64x64->128-bit multiply, folded, with a secret key, so
 * that who chooses addresses can't choose where they land.
 */
#ifndef ARPAD_DATAPLANE_RECORDS_HASH_H
#define ARPAD_DATAPLANE_RECORDS_HASH_H

#include "dataplane/dns/arpa.h"

#include <stdint.h>

struct hash_key {
	uint64_t word[4];
};

static inline uint64_t hash_fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t hash_prefix(const struct hash_key *key, const struct prefix *p)
{
	uint64_t meta = ((uint64_t)p->bits << 8 | p->family) * 0x9e3779b97f4a7c15;
	uint64_t mixed = hash_fold(p->high ^ key->word[0], p->low ^ meta ^ key->word[1]);

	return hash_fold(mixed ^ key->word[2], key->word[3] | 1);
}

#endif
