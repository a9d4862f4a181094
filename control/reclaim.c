/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A queue of chunks, oldest first. A chunk is filled, then closed with the token of its batch and
 * never added to again; so chunks are freed in the order of their tokens. Memory comes by the
 * chunk, ahead of need: reclaim_reserve takes it before anything is unlinked.
 */
#include "control/reclaim.h"

#include <errno.h>
#include <stdlib.h>

enum { CHUNK_THINGS = 254 }; /* with the head of the chunk, one page */

struct chunk {
	struct chunk *next;
	uint64_t token;
	size_t count;
	struct unlinked things[CHUNK_THINGS];
};

struct chunk_queue {
	struct chunk *head, *tail;
};

struct reclaim {
	struct grace grace;
	struct chunk_queue waiting; /* closed: each has a token */
	struct chunk_queue open;    /* the batch being filled; only its tail has room */
	struct chunk *spare;	    /* empty */
	size_t spares;
	size_t things; /* in `waiting` and `open` */
};

static void push(struct chunk_queue *queue, struct chunk *chunk)
{
	chunk->next = NULL;
	if (queue->tail == NULL)
		queue->head = chunk;
	else
		queue->tail->next = chunk;
	queue->tail = chunk;
}

static struct chunk *pop(struct chunk_queue *queue)
{
	struct chunk *chunk = queue->head;

	queue->head = chunk->next;
	if (queue->head == NULL)
		queue->tail = NULL;
	return chunk;
}

struct reclaim *reclaim_new(const struct grace *grace)
{
	struct reclaim *reclaim = calloc(1, sizeof(*reclaim));

	if (reclaim != NULL)
		reclaim->grace = *grace;
	return reclaim;
}

static int add_spare(struct reclaim *reclaim)
{
	struct chunk *chunk = malloc(sizeof(*chunk));

	if (chunk == NULL)
		return -ENOMEM;
	chunk->next = reclaim->spare;
	reclaim->spare = chunk;
	reclaim->spares++;
	return 0;
}

int reclaim_reserve(struct reclaim *reclaim, size_t things)
{
	while (reclaim->spares * CHUNK_THINGS < things)
		if (add_spare(reclaim) != 0)
			return -ENOMEM;
	return 0;
}

/* The chunk that has room for one more, or NULL: no memory. */
static struct chunk *open_chunk(struct reclaim *reclaim)
{
	struct chunk *chunk = reclaim->open.tail;

	if (chunk != NULL && chunk->count < CHUNK_THINGS)
		return chunk;
	if (reclaim->spare == NULL && add_spare(reclaim) != 0)
		return NULL;
	chunk = reclaim->spare;
	reclaim->spare = chunk->next;
	reclaim->spares--;
	chunk->count = 0;
	push(&reclaim->open, chunk);
	return chunk;
}

int reclaim_add(struct reclaim *reclaim, struct unlinked thing)
{
	struct chunk *chunk = open_chunk(reclaim);

	if (chunk == NULL)
		return -ENOMEM;
	chunk->things[chunk->count++] = thing;
	reclaim->things++;
	return 0;
}

static int take_from_table(struct reclaim *reclaim, struct table *table)
{
	size_t room, taken;

	do {
		struct chunk *chunk = open_chunk(reclaim);

		if (chunk == NULL)
			return -ENOMEM;
		room = CHUNK_THINGS - chunk->count;
		taken = table_take_unlinked(table, chunk->things + chunk->count, room);
		chunk->count += taken;
		reclaim->things += taken;
	} while (taken == room);
	return 0;
}

static void free_spares(struct reclaim *reclaim, size_t keep)
{
	while (reclaim->spares > keep) {
		struct chunk *chunk = reclaim->spare;

		reclaim->spare = chunk->next;
		reclaim->spares--;
		free(chunk);
	}
}

static void make_spare(struct reclaim *reclaim, struct chunk *chunk)
{
	chunk->next = reclaim->spare;
	reclaim->spare = chunk;
	reclaim->spares++;
}

int reclaim_batch(struct reclaim *reclaim, struct table *table)
{
	int result = take_from_table(reclaim, table);
	uint64_t token = 0;
	bool started = false;

	while (reclaim->open.head != NULL) {
		struct chunk *chunk = pop(&reclaim->open);

		if (chunk->count == 0) {
			make_spare(reclaim, chunk);
			continue;
		}
		/* Everything in the batch was unlinked before this, so one grace period covers it.
		 */
		if (!started)
			token = reclaim->grace.start(reclaim->grace.context);
		started = true;
		chunk->token = token;
		push(&reclaim->waiting, chunk);
	}
	free_spares(reclaim, 1);
	return result;
}

static void free_things(struct reclaim *reclaim, struct chunk *chunk)
{
	for (size_t i = 0; i < chunk->count; i++)
		unlinked_free(&chunk->things[i]);
	reclaim->things -= chunk->count;
	free(chunk);
}

size_t reclaim_poll(struct reclaim *reclaim)
{
	while (reclaim->waiting.head != NULL &&
		reclaim->grace.passed(reclaim->grace.context, reclaim->waiting.head->token))
		free_things(reclaim, pop(&reclaim->waiting));
	return reclaim->things;
}

size_t reclaim_waiting(const struct reclaim *reclaim)
{
	return reclaim->things;
}

void reclaim_free(struct reclaim *reclaim)
{
	if (reclaim == NULL)
		return;
	while (reclaim->waiting.head != NULL)
		free_things(reclaim, pop(&reclaim->waiting));
	while (reclaim->open.head != NULL)
		free_things(reclaim, pop(&reclaim->open));
	free_spares(reclaim, 0);
	free(reclaim);
}
