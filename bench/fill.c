/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/fill.h"

#include "dataplane/records/host_pages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { TTL = 3600 };

/* A change and its place in the batch. */
struct placed {
	const struct fill_change *change;
	unsigned place;
};

/* By address; of one host the changes as they came. */
static int compare(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;
	const struct prefix *p = &x->change->host, *q = &y->change->host;

	if (p->high != q->high)
		return p->high < q->high ? -1 : 1;
	if (p->low != q->low)
		return p->low < q->low ? -1 : 1;
	return x->place < y->place ? -1 : 1;
}

/* In the order of addresses, as each page of hosts is made once. */
static void sort(const struct fill_change *changes, unsigned n, struct placed *placed)
{
	bool sorted = true;

	for (unsigned i = 0; i < n; i++) {
		placed[i] = (struct placed){&changes[i], i};
		sorted = sorted && (i == 0 || compare(&placed[i - 1], &placed[i]) < 0);
	}
	if (!sorted)
		qsort(placed, n, sizeof(*placed), compare);
}

static int note(
	struct host_pages *pages, const struct table *table, const struct fill_change *change)
{
	uint8_t target[POPULATION_TARGET_BYTES];

	if (change->remove)
		return host_pages_remove(pages, table, &change->host);
	population_target(&change->host, change->version, target);
	return host_pages_put(pages, table, &change->host, TTL, target, sizeof(target));
}

int fill_apply(struct table *table, const struct fill_change *changes, unsigned n)
{
	static struct host_pages pages; /* its memory is kept from one call to the next */
	struct placed placed[FILL_BATCH_MAX];
	struct table_room room = {0};
	int result = 0;

	sort(changes, n, placed);
	for (unsigned i = 0; i < n && result == 0; i++)
		result = note(&pages, table, placed[i].change);
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
