/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pages of hosts published and unpublished: those of in-addr.arpa in an index by their network's
 * number, those of ip6.arpa, of which there may be any, as entries of the shards.
 */
#include "dataplane/records/table_pages.h"

#include "dataplane/records/table_entries.h"
#include "dataplane/records/table_tree.h"

#include <errno.h>
#include <sys/mman.h>

static const size_t index_bytes = sizeof(_Atomic(struct hosts *)) * TABLE_IPV4_NETWORKS;

int pages_init(struct table *table)
{
	void *index = mmap(NULL, index_bytes, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	table->pool = hosts_pool_new();
	if (index == MAP_FAILED)
		return -ENOMEM;
	/* A page table for all of it, so that no worker ever faults; memory comes 4 KiB at a time
	 * where there are networks. Older kernels refuse: then a first look costs a fault. */
	madvise(index, index_bytes, MADV_NOHUGEPAGE);
	madvise(index, index_bytes, MADV_POPULATE_READ);
	table->ipv4 = index;
	return table->pool ? 0 : -ENOMEM;
}

void pages_fini(struct table *table)
{
	for (size_t i = 0; table->ipv4 && table->ipv4_pages > 0; i++) {
		struct hosts *hosts = atomic_load_explicit(&table->ipv4[i], memory_order_relaxed);

		if (!hosts)
			continue;
		hosts_free(hosts);
		table->ipv4_pages--;
	}
	if (table->ipv4)
		munmap(table->ipv4, index_bytes);
	hosts_pool_free(table->pool);
}

static bool is_ipv4(const struct prefix *address)
{
	return (address->family & ~HOSTS_FAMILY) == ARPA_FAMILY_IPV4;
}

static struct hosts *page_find(const struct table *table, const struct prefix *key)
{
	struct owner owner = owner_from_prefix(key);

	if (is_ipv4(key))
		return atomic_load_explicit(table_ipv4_page(table, key), memory_order_relaxed);
	return entries_find(table, &owner);
}

/* Pairs with the acquires in table.c. */
static void index_store(struct table *table, const struct prefix *key, struct hosts *hosts)
{
	atomic_store_explicit(table_ipv4_page(table, key), hosts, memory_order_release);
}

const struct hosts *table_hosts(const struct table *table, const struct prefix *address)
{
	const struct prefix key = hosts_key(address);

	return page_find(table, &key);
}

struct hosts_pool *table_hosts_pool(const struct table *table)
{
	return table->pool;
}

static void count_hosts(struct table *table, const struct hosts *hosts, int sign)
{
	table->counts.owners += (size_t)sign * hosts_count(hosts);
	table->counts.bytes += (size_t)sign * hosts_bytes(hosts);
}

static void hosts_unlinked(struct table *table, struct hosts *hosts)
{
	count_hosts(table, hosts, -1);
	hosts->unlinked = table->unlinked_hosts;
	table->unlinked_hosts = hosts;
}

static void replace_page(struct table *table, struct hosts *old, struct hosts *hosts)
{
	const struct prefix key = hosts_page_key(hosts);

	if (is_ipv4(&key))
		index_store(table, &key, hosts);
	else
		entries_replace(table, hosts);
	hosts_unlinked(table, old);
}

static void insert_page(struct table *table, struct hosts *hosts)
{
	const struct prefix key = hosts_page_key(hosts), network = hosts_network(&key);
	struct owner above = owner_from_prefix(&network);

	tree_link(table, &above);
	if (!is_ipv4(&key)) {
		entries_insert(table, hosts);
		return;
	}
	index_store(table, &key, hosts);
	table->ipv4_pages++;
}

void table_put_hosts(struct table *table, struct hosts *hosts)
{
	const struct prefix key = hosts_page_key(hosts);
	struct hosts *old = page_find(table, &key);

	count_hosts(table, hosts, 1);
	if (old)
		replace_page(table, old, hosts);
	else
		insert_page(table, hosts);
}

void table_remove_hosts(struct table *table, const struct prefix *address)
{
	const struct prefix key = hosts_key(address), network = hosts_network(&key);
	struct owner page = owner_from_prefix(&key), above = owner_from_prefix(&network);
	struct hosts *old = page_find(table, &key);

	if (!old)
		return;
	if (is_ipv4(&key)) {
		index_store(table, &key, NULL);
		table->ipv4_pages--;
	} else {
		entries_remove(table, &page);
	}
	hosts_unlinked(table, old);
	tree_unlink(table, &above);
}
