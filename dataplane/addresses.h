/* SPDX-License-Identifier: BSD-3-Clause */
/* The addresses and the port that we answer on: an immutable set, published whole. */
#ifndef ARPAD_DATAPLANE_ADDRESSES_H
#define ARPAD_DATAPLANE_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* An address as it stands in a packet, network order; IPv4 uses the first 4 bytes, rest zero. */
struct ip_address {
	uint8_t family; /* 4 or 6 */
	uint8_t bytes[16];
};

/* An address as two words, so that comparing is two compares; IPv4 is the first half of `high`. */
struct address_key {
	uint64_t high, low;
};

struct address_slot {
	struct address_key key;
	uint8_t family; /* 0: empty */
};

/* Laid open for the functions below alone: they are a few instructions inside every frame. */
struct addresses {
	uint64_t filter; /* bit address_hash() % 64 of each address: the others' are clear */
	uint16_t port;	 /* host order */
	uint64_t first;	 /* key.high of the first IPv4 address; UINT64_MAX: there is none */
	uint64_t mask;	 /* slots - 1 */
	struct address_slot slot[]; /* linear probing, at most half full */
};

/* A set of `count` addresses on UDP `port` (host order). NULL: no memory. Control thread. */
struct addresses *addresses_new(const struct ip_address *list, size_t count, uint16_t port);

/* Frees a set that no worker can hold. */
void addresses_free(struct addresses *addresses);

/* Unkeyed: a flood to foreign addresses can at worst walk one chain of the operator's own set. */
static inline uint64_t address_hash(const struct address_key *key)
{
	return ((key->high ^ key->low * 0x9e3779b97f4a7c15) * 0xd6e8feb86659fd93) >> 32;
}

static inline struct address_key address_key(uint8_t family, const uint8_t *bytes)
{
	struct address_key key = {0, 0};

	if (family == 4) {
		memcpy(&key.high, bytes, 4);
	} else {
		memcpy(&key.high, bytes, 8);
		memcpy(&key.low, bytes + 8, 8);
	}
	return key;
}

/* Whether the address at `bytes` (4 or 16 of them) is ours. Any thread. */
static inline bool addresses_hold(
	const struct addresses *addresses, uint8_t family, const uint8_t *bytes)
{
	struct address_key key = address_key(family, bytes);
	uint64_t hash = address_hash(&key), i = hash;

	/* A client's address is none of ours, and with few of ours one bit tells. */
	if (!(addresses->filter >> hash % 64 & 1))
		return false;
	for (;; i++) {
		const struct address_slot *slot = &addresses->slot[i & addresses->mask];

		if (slot->key.high == key.high && slot->key.low == key.low &&
			slot->family == family)
			return true;
		if (slot->family == 0)
			return false;
	}
}

/* Whether the IPv4 address at `bytes` is the first that was listed: where most of what we get goes.
 */
static inline bool addresses_first(const struct addresses *addresses, const uint8_t *bytes)
{
	return address_key(4, bytes).high == addresses->first;
}

static inline uint16_t addresses_port(const struct addresses *addresses)
{
	return addresses->port;
}

#endif
