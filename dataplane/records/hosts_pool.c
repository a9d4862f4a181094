/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A chained hash of shared parts. A part is freed with the last page that uses it, so after that
 * page's grace period: no reader reaches it another way.
 */
#include "dataplane/records/hosts_pool.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CHAINS = 64 };

struct node {
	struct node *next;
	struct hosts_pool *pool;
	size_t users;
	uint32_t hash;
	struct hosts_shared shared;
};

struct hosts_pool {
	struct node **chain;
	size_t mask; /* chains - 1 */
	size_t count;
};

struct hosts_pool *hosts_pool_new(void)
{
	struct hosts_pool *pool = calloc(1, sizeof(*pool));

	if (!pool)
		return NULL;
	pool->mask = FIRST_CHAINS - 1;
	pool->chain = calloc(FIRST_CHAINS, sizeof(struct node *));
	if (pool->chain)
		return pool;
	free(pool);
	return NULL;
}

void hosts_pool_free(struct hosts_pool *pool)
{
	if (!pool)
		return;
	assert(pool->count == 0);
	free(pool->chain);
	free(pool);
}

/* FNV-1a: the operator's names, and a chain that is long costs the control thread only. */
static uint32_t hash_of(uint32_t ttl, const uint8_t *suffix, uint8_t bytes)
{
	uint32_t hash = 2166136261u ^ ttl;

	for (unsigned i = 0; i < bytes; i++)
		hash = (hash ^ suffix[i]) * 16777619u;
	return hash ^ hash >> 15;
}

/* Twice the chains, where there is memory for them; else the old ones go on. */
static void grow(struct hosts_pool *pool)
{
	size_t mask = pool->mask * 2 + 1;
	struct node **chain = calloc(mask + 1, sizeof(struct node *));

	if (!chain)
		return;
	for (size_t i = 0; i <= pool->mask; i++) {
		for (struct node *node = pool->chain[i], *next; node; node = next) {
			next = node->next;
			node->next = chain[node->hash & mask];
			chain[node->hash & mask] = node;
		}
	}
	free(pool->chain);
	pool->chain = chain;
	pool->mask = mask;
}

static struct node *make(
	struct hosts_pool *pool, uint32_t ttl, const uint8_t *suffix, uint8_t bytes)
{
	struct node *node = calloc(1, sizeof(*node) + bytes + HOSTS_COPY_BYTES);

	if (!node)
		return NULL;
	node->pool = pool;
	wire_put16(node->shared.rr, WIRE_QNAME_POINTER);
	wire_put16(node->shared.rr + 2, WIRE_TYPE_PTR);
	wire_put16(node->shared.rr + 4, WIRE_CLASS_IN);
	wire_put32(node->shared.rr + 6, ttl);
	node->shared.suffix_bytes = bytes;
	memcpy(node->shared.suffix, suffix, bytes);
	return node;
}

const struct hosts_shared *hosts_pool_take(
	struct hosts_pool *pool, uint32_t ttl, const uint8_t *suffix, uint8_t bytes)
{
	uint32_t hash = hash_of(ttl, suffix, bytes);
	struct node *node = pool->chain[hash & pool->mask];

	while (node &&
		(node->hash != hash || wire_get32(node->shared.rr + 6) != ttl ||
			node->shared.suffix_bytes != bytes ||
			memcmp(node->shared.suffix, suffix, bytes) != 0))
		node = node->next;
	if (!node) {
		node = make(pool, ttl, suffix, bytes);
		if (!node)
			return NULL;
		if (++pool->count > pool->mask)
			grow(pool);
		node->hash = hash;
		node->next = pool->chain[hash & pool->mask];
		pool->chain[hash & pool->mask] = node;
	}
	node->users++;
	return &node->shared;
}

static struct node *node_of(const struct hosts_shared *shared)
{
	return (struct node *)((uintptr_t)shared - offsetof(struct node, shared));
}

void hosts_shared_hold(const struct hosts_shared *shared)
{
	node_of(shared)->users++;
}

void hosts_shared_drop(const struct hosts_shared *shared)
{
	struct node *node = node_of(shared);
	struct node **link;

	if (--node->users > 0)
		return;
	link = &node->pool->chain[node->hash & node->pool->mask];
	while (*link != node)
		link = &(*link)->next;
	*link = node->next;
	node->pool->count--;
	free(node);
}
