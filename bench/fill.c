/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/fill.h"

#include "dataplane/records/host_pages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { TTL = 3600 };

static int compare_hosts(const void *a, const void *b)
{
	const struct prefix *x = &((const struct fill_change *)a)->host;
	const struct prefix *y = &((const struct fill_change *)b)->host;

	if (x->high != y->high)
		return x->high < y->high ? -1 : 1;
	return x->low < y->low ? -1 : x->low > y->low;
}

/* In the order of addresses, as each page of hosts is made once. */
static const struct fill_change *in_order(
	const struct fill_change *changes, unsigned n, struct fill_change sorted[FILL_BATCH_MAX])
{
	unsigned ordered = 1;

	while (ordered < n && compare_hosts(&changes[ordered - 1], &changes[ordered]) < 0)
		ordered++;
	if (ordered >= n)
		return changes;
	memcpy(sorted, changes, n * sizeof(*changes));
	qsort(sorted, n, sizeof(*sorted), compare_hosts);
	return sorted;
}

static bool has_record(const struct table *table, const struct prefix *host)
{
	struct owner owner = owner_from_prefix(host);
	struct found found = table_find(table, &owner);

	return found_exists(&found);
}

static int note(
	struct host_pages *pages, const struct table *table, const struct fill_change *change)
{
	uint8_t target[POPULATION_TARGET_BYTES];

	if (change->remove) {
		if (!has_record(table, &change->host))
			return -ENOENT;
		return host_pages_remove(pages, table, &change->host);
	}
	population_target(&change->host, change->version, target);
	return host_pages_put(pages, table, &change->host, TTL, target, sizeof(target));
}

int fill_apply(struct table *table, const struct fill_change *changes, unsigned n)
{
	static struct host_pages pages; /* its memory is kept from one call to the next */
	struct fill_change sorted[FILL_BATCH_MAX];
	struct table_room room = {0};
	int result = 0;

	changes = in_order(changes, n, sorted);
	for (unsigned i = 0; i < n && result == 0; i++)
		result = note(&pages, table, &changes[i]);
	if (result == 0)
		result = host_pages_finish(&pages, table);
	if (result == 0) {
		host_pages_room(&pages, table, &room);
		result = table_reserve(table, &room);
	}
	if (result != 0) {
		host_pages_discard(&pages);
		return result;
	}
	host_pages_publish_made(&pages, table);
	host_pages_publish_gone(&pages, table);
	host_pages_forget(&pages);
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
		for (size_t k; (k = table_take_unlinked(table, old, 64)) > 0;)
			while (k > 0)
				unlinked_free(&old[--k]);
	}
	return 0;
}
