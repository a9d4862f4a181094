/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Open addressing with linear probing, at most half full. A release closes the gap it leaves, so
 * there are no tombstones and a search ends at the first empty slot. The hash is keyed: who has
 * many IPv6 networks can't choose where they land.
 */
#include "control/listener/client_counts.h"

#include "dataplane/records/hash.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct client_count {
	struct prefix network;
	unsigned connections; /* 0: the slot is empty */
};

struct client_counts {
	struct hash_key key;
	unsigned per_network;
	size_t mask; /* slots - 1 */
	struct client_count slot[];
};

struct client_counts *client_counts_new(size_t connections, unsigned per_network)
{
	struct client_counts *counts;
	size_t slots = 2;

	while (slots < (connections + 1) * 2)
		slots *= 2;
	counts = calloc(1, sizeof(*counts) + slots * sizeof(counts->slot[0]));
	if (!counts)
		return NULL;
	if (getrandom(&counts->key, sizeof(counts->key), 0) != sizeof(counts->key)) {
		free(counts);
		return NULL;
	}
	counts->per_network = per_network;
	counts->mask = slots - 1;
	return counts;
}

void client_counts_free(struct client_counts *counts)
{
	free(counts);
}

struct prefix client_counts_network(const struct sockaddr_storage *client)
{
	struct prefix network = {0};
	uint64_t be;

	if (client->ss_family == AF_INET) {
		const struct sockaddr_in *v4 = (const struct sockaddr_in *)client;

		network.family = ARPA_FAMILY_IPV4;
		network.bits = 32;
		network.high = (uint64_t)ntohl(v4->sin_addr.s_addr) << 32;
	} else {
		const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)client;

		memcpy(&be, v6->sin6_addr.s6_addr, sizeof(be));
		network.family = ARPA_FAMILY_IPV6;
		network.bits = 64;
		network.high = __builtin_bswap64(be);
	}
	return network;
}

static size_t home(const struct client_counts *counts, const struct prefix *network)
{
	return hash_prefix(&counts->key, network) & counts->mask;
}

/* The network's slot, or the empty one where it would go. */
static size_t find(const struct client_counts *counts, const struct prefix *network)
{
	size_t i = home(counts, network);

	while (counts->slot[i].connections != 0 && !prefix_equal(&counts->slot[i].network, network))
		i = (i + 1) & counts->mask;
	return i;
}

bool client_counts_take(struct client_counts *counts, const struct prefix *network)
{
	struct client_count *slot = &counts->slot[find(counts, network)];

	if (slot->connections >= counts->per_network)
		return false;
	slot->network = *network;
	slot->connections++;
	return true;
}

/* Moves back what stands after the gap and may stand in it, until an empty slot. */
static void close_gap(struct client_counts *counts, size_t gap)
{
	size_t i = gap;

	for (;;) {
		i = (i + 1) & counts->mask;
		if (counts->slot[i].connections == 0)
			break;
		if (((i - home(counts, &counts->slot[i].network)) & counts->mask) >=
			((i - gap) & counts->mask)) {
			counts->slot[gap] = counts->slot[i];
			gap = i;
		}
	}
	counts->slot[gap].connections = 0;
}

void client_counts_release(struct client_counts *counts, const struct prefix *network)
{
	size_t i = find(counts, network);

	if (--counts->slot[i].connections == 0)
		close_gap(counts, i);
}
