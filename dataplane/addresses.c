/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Our addresses: a hash of fixed size per set, unkeyed. A flood to foreign addresses can at worst
 * walk one chain of a set that the operator chose.
 */
#include "dataplane/addresses.h"

#include <stdlib.h>
#include <string.h>

struct addresses {
	uint16_t port;
	size_t mask;		  /* slots - 1 */
	struct ip_address slot[]; /* family 0: empty; linear probing, at most half full */
};

static size_t hash_address(uint8_t family, const uint8_t *bytes)
{
	uint64_t high = 0, low = 0, h;

	if (family == 4) {
		memcpy(&high, bytes, 4);
	} else {
		memcpy(&high, bytes, 8);
		memcpy(&low, bytes + 8, 8);
	}
	h = (high ^ low * 0x9e3779b97f4a7c15 ^ family) * 0xd6e8feb86659fd93;
	return (size_t)(h >> 32);
}

static size_t address_bytes(uint8_t family)
{
	return family == 4 ? 4 : 16;
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
		size_t i = hash_address(list[n].family, list[n].bytes) & set->mask;

		while (set->slot[i].family != 0)
			i = (i + 1) & set->mask;
		set->slot[i].family = list[n].family;
		memcpy(set->slot[i].bytes, list[n].bytes, address_bytes(list[n].family));
	}
	return set;
}

void addresses_free(struct addresses *addresses)
{
	free(addresses);
}

bool addresses_hold(const struct addresses *addresses, uint8_t family, const uint8_t *bytes)
{
	size_t i = hash_address(family, bytes) & addresses->mask;

	for (; addresses->slot[i].family != 0; i = (i + 1) & addresses->mask)
		if (addresses->slot[i].family == family &&
			memcmp(addresses->slot[i].bytes, bytes, address_bytes(family)) == 0)
			return true;
	return false;
}

uint16_t addresses_port(const struct addresses *addresses)
{
	return addresses->port;
}
