/* SPDX-License-Identifier: BSD-3-Clause */
/* Our addresses: building the hash that addresses_hold looks into. */
#include "dataplane/addresses.h"

#include <stdlib.h>

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
	set->first = UINT64_MAX;
	for (size_t n = 0; n < count; n++) {
		struct address_key key = address_key(list[n].family, list[n].bytes);
		uint64_t hash = address_hash(&key), i = hash & set->mask;

		set->filter |= UINT64_C(1) << hash % 64;
		while (set->slot[i].family != 0)
			i = (i + 1) & set->mask;
		if (list[n].family == 4 && set->first == UINT64_MAX)
			set->first = key.high;
		set->slot[i] = (struct address_slot){key, list[n].family};
	}
	return set;
}

void addresses_free(struct addresses *addresses)
{
	free(addresses);
}
