/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Our addresses: a hash of fixed size per set, unkeyed. A flood to foreign addresses can at worst
 * walk one chain of a set that the operator chose.
 */
#include "dataplane/addresses.h"

#include <stdlib.h>
#include <string.h>

/* An address as two words, so that comparing is two compares. */
struct key {
	uint64_t high, low;
};

struct slot {
	struct key key;
	uint8_t family; /* 0: empty */
};

struct addresses {
	uint16_t port;
	size_t mask;	    /* slots - 1 */
	struct slot slot[]; /* linear probing, at most half full */
};

static struct key key_of(uint8_t family, const uint8_t *bytes)
{
	struct key key = {0, 0};

	if (family == 4) {
		memcpy(&key.high, bytes, 4);
	} else {
		memcpy(&key.high, bytes, 8);
		memcpy(&key.low, bytes + 8, 8);
	}
	return key;
}

static size_t hash_key(const struct key *key)
{
	uint64_t h = (key->high ^ key->low * 0x9e3779b97f4a7c15) * 0xd6e8feb86659fd93;

	return (size_t)(h >> 32);
}

struct addresses *addresses_new(const struct ip_address *list, size_t count, uint16_t port)
{
	struct addresses *set;
	size_t slots = 4;

	while (slots < count * 2)
		slots *= 2;
	set = calloc(1, sizeof(*set) + slots * sizeof(set->slot[0]));
	if (!set)
		return NULL;
	set->port = port;
	set->mask = slots - 1;
	for (size_t n = 0; n < count; n++) {
		struct key key = key_of(list[n].family, list[n].bytes);
		size_t i = hash_key(&key) & set->mask;

		while (set->slot[i].family != 0)
			i = (i + 1) & set->mask;
		set->slot[i] = (struct slot){key, list[n].family};
	}
	return set;
}

void addresses_free(struct addresses *addresses)
{
	free(addresses);
}

bool addresses_hold(const struct addresses *addresses, uint8_t family, const uint8_t *bytes)
{
	struct key key = key_of(family, bytes);
	size_t i = hash_key(&key) & addresses->mask;

	for (; addresses->slot[i].family != 0; i = (i + 1) & addresses->mask)
		if (addresses->slot[i].family == family &&
			addresses->slot[i].key.high == key.high &&
			addresses->slot[i].key.low == key.low)
			return true;
	return false;
}

uint16_t addresses_port(const struct addresses *addresses)
{
	return addresses->port;
}
