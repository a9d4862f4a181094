/* SPDX-License-Identifier: BSD-3-Clause */
/* Labels packed one behind the other in chunks that never move. */
#include "control/update/owner_pool.h"

#include "dataplane/dns/name.h"

#include <errno.h>
#include <stdlib.h>

enum { CHUNK_BYTES = 1 << 16 };

struct owner_pool_chunk {
	struct owner_pool_chunk *previous;
	size_t used;
	uint8_t octets[CHUNK_BYTES];
};

static uint8_t *take_room(struct owner_pool *pool, size_t bytes)
{
	struct owner_pool_chunk *chunk = pool->last;

	if (chunk == NULL || CHUNK_BYTES - chunk->used < bytes) {
		chunk = malloc(sizeof(*chunk));
		if (chunk == NULL)
			return NULL;
		chunk->previous = pool->last;
		chunk->used = 0;
		pool->last = chunk;
	}
	chunk->used += bytes;
	return chunk->octets + chunk->used - bytes;
}

int owner_pool_copy(struct owner_pool *pool, const struct owner *owner, struct owner *copy)
{
	uint8_t *rest;

	*copy = (struct owner){.prefix = owner->prefix, .rest_bytes = owner->rest_bytes};
	if (owner->rest_bytes == 0)
		return 0;
	rest = take_room(pool, owner->rest_bytes);
	if (rest == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < owner->rest_bytes; i++)
		rest[i] = name_lower(owner->rest[i]);
	copy->rest = rest;
	return 0;
}

void owner_pool_clear(struct owner_pool *pool)
{
	while (pool->last != NULL) {
		struct owner_pool_chunk *previous = pool->last->previous;

		free(pool->last);
		pool->last = previous;
	}
}
