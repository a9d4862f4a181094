/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/fill.h"

#include "dataplane/dns/wire.h"

#include <errno.h>

enum {
	TREE_ANCESTORS = 32, /* from the first host of a zone up to the root */
	/* A new host's /24 and /16, or three nibbles of a /64; a removal turns a record into one.
	 */
	HOST_ANCESTORS = 4,
	TTL = 3600,
};

static struct record *render(const struct fill_change *change)
{
	struct owner owner = owner_from_prefix(&change->host);
	uint8_t rdata[2 + POPULATION_TARGET_BYTES];
	struct rrset ptr = {WIRE_TYPE_PTR, 1, TTL, sizeof(rdata), rdata};

	wire_put16(rdata, POPULATION_TARGET_BYTES);
	population_target(&change->host, change->version, rdata + 2);
	return record_new(&owner, &ptr, 1);
}

static void free_all(struct record **records, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (records[i])
			record_free(records[i]);
}

int fill_apply(struct table *table, const struct fill_change *changes, unsigned n)
{
	const struct table_room room = {
		.owners = n, .ancestors = (size_t)n * HOST_ANCESTORS + TREE_ANCESTORS};
	struct record *records[FILL_BATCH_MAX];

	for (unsigned i = 0; i < n; i++) {
		records[i] = changes[i].remove ? NULL : render(&changes[i]);
		if (!records[i] && !changes[i].remove) {
			free_all(records, i);
			return -ENOMEM;
		}
	}
	if (table_reserve(table, &room) != 0) {
		free_all(records, n);
		return -ENOMEM;
	}
	for (unsigned i = 0; i < n; i++) {
		struct owner owner = owner_from_prefix(&changes[i].host);

		if (records[i])
			table_put(table, records[i]);
		else if (!table_remove(table, &owner))
			return -ENOENT;
	}
	return 0;
}

int fill_hosts(
	struct table *table, const struct population *population, uint64_t first, uint64_t last)
{
	struct fill_change changes[FILL_BATCH_MAX];
	struct unlinked old[64];

	while (first < last) {
		unsigned n = 0;

		for (; n < FILL_BATCH_MAX && first < last; n++, first++)
			changes[n] =
				(struct fill_change){.host = population_host(population, first)};
		if (fill_apply(table, changes, n) != 0)
			return -ENOMEM;
		for (size_t k = table_take_unlinked(table, old, 64); k > 0; k--)
			unlinked_free(&old[k - 1]);
	}
	return 0;
}
