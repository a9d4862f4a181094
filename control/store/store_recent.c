/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A skip list for each table, its nodes and values one after the other in chunks that are freed
 * together. A value is never overwritten in place: its elder is what an undo brings back.
 */
#include "control/store/store_recent.h"

#include "control/array.h"

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum {
	LEVELS_MAX = 12, /* a quarter of each level reaches the next: for 16 million entries */
	CHUNK_BYTES = 1 << 18,
};

struct chunk {
	struct chunk *before;
	size_t bytes, used;
	alignas(16) uint8_t octets[];
};

/* The links of levels 1 and up lie before the node, those of level 0 in it. */
struct node {
	struct node *previous, *next;
	struct store_recent_entry entry;
};

/* A gap between two keys: the last node before it of each level, and the first behind it. */
struct gap {
	struct node *before[LEVELS_MAX];
	struct node *next;
	bool known;
};

struct list {
	struct node *first[LEVELS_MAX];
	struct node *last[LEVELS_MAX];
	/* Where the last search ended: who reads a key mostly writes it next. */
	struct gap gap;
};

struct undo {
	struct node *node;
	const uint8_t *value; /* before */
	uint32_t value_bytes;
	uint8_t table;
	bool deleted, is_new;
	struct chunk *chunk; /* where memory was taken from then */
	size_t used;
};

struct store_recent {
	struct list list[STORE_TABLES];
	struct chunk *chunk;
	struct undo *undo;
	size_t undo_count, undo_capacity;
	size_t count, bytes;
	uint64_t random;
};

struct store_recent *store_recent_new(void)
{
	struct store_recent *recent = calloc(1, sizeof(*recent));

	if (recent != NULL)
		recent->random = 0x9e3779b97f4a7c15;
	return recent;
}

static void free_chunk(struct store_recent *recent)
{
	struct chunk *chunk = recent->chunk;

	recent->chunk = chunk->before;
	recent->bytes -= chunk->bytes;
	free(chunk);
}

void store_recent_free(struct store_recent *recent)
{
	if (recent == NULL)
		return;
	while (recent->chunk != NULL)
		free_chunk(recent);
	free(recent->undo);
	free(recent);
}

static void *take(struct store_recent *recent, size_t bytes)
{
	struct chunk *chunk = recent->chunk;
	void *taken;

	bytes = (bytes + 7) & ~(size_t)7;
	if (chunk == NULL || chunk->bytes - chunk->used < bytes) {
		size_t room = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;

		chunk = malloc(sizeof(*chunk) + room);
		if (chunk == NULL)
			return NULL;
		*chunk = (struct chunk){recent->chunk, room, 0};
		recent->chunk = chunk;
		recent->bytes += room;
	}
	taken = chunk->octets + chunk->used;
	chunk->used += bytes;
	return taken;
}

static struct node *node_of(const struct store_recent_entry *entry)
{
	return (struct node *)((uintptr_t)entry - offsetof(struct node, entry));
}

static struct node **link_of(struct node *node, unsigned level)
{
	return level == 0 ? &node->next : (struct node **)node - level;
}

static struct node **link_after(struct list *list, struct node *node, unsigned level)
{
	return node == NULL ? &list->first[level] : link_of(node, level);
}

static int compare(const struct node *node, struct store_bytes key)
{
	size_t bytes = node->entry.key_bytes;
	int order = memcmp(node->entry.key, key.octets, bytes < key.count ? bytes : key.count);

	return order != 0 ? order : (bytes > key.count) - (bytes < key.count);
}

static bool is_in(const struct gap *gap, struct store_bytes key)
{
	return gap->known && (gap->before[0] == NULL || compare(gap->before[0], key) < 0) &&
		(gap->next == NULL || compare(gap->next, key) >= 0);
}

/* Finds the last node below `key` of each level (NULL: none), and the first that is not. */
static struct gap *search(struct list *list, struct store_bytes key)
{
	struct gap *gap = &list->gap;
	struct node *at = NULL, *next = NULL;

	if (is_in(gap, key))
		return gap;
	gap->known = true;
	/* A key behind all others, as the journal's are. */
	if (list->last[0] != NULL && compare(list->last[0], key) < 0) {
		memcpy(gap->before, list->last, sizeof(list->last));
		gap->next = NULL;
		return gap;
	}
	for (unsigned level = LEVELS_MAX; level-- > 0;) {
		struct node *known = next;

		/* What the level above ended at is not below the key either. */
		while ((next = *link_after(list, at, level)) != NULL && next != known &&
			compare(next, key) < 0)
			at = next;
		gap->before[level] = at;
	}
	gap->next = next;
	return gap;
}

static unsigned pick_levels(struct store_recent *recent)
{
	unsigned levels = 1;

	recent->random ^= recent->random << 13;
	recent->random ^= recent->random >> 7;
	recent->random ^= recent->random << 17;
	for (uint64_t bits = recent->random; (bits & 3) == 0 && levels < LEVELS_MAX; bits >>= 2)
		levels++;
	return levels;
}

static struct node *make_node(struct store_recent *recent, struct store_bytes key)
{
	unsigned levels = pick_levels(recent);
	size_t links = (levels - 1) * sizeof(struct node *);
	uint8_t *octets = take(recent, links + sizeof(struct node) + key.count);
	struct node *node;

	if (octets == NULL)
		return NULL;
	node = (struct node *)(void *)(octets + links);
	*node = (struct node){
		.entry = {.key_bytes = (uint16_t)key.count, .levels = (uint8_t)levels}};
	memcpy(node->entry.key, key.octets, key.count);
	return node;
}

/* Puts the node into the gap that was found for it, which from then on ends at it. */
static void insert(struct list *list, struct node *node)
{
	struct node *const *before = list->gap.before;

	for (unsigned level = 0; level < node->entry.levels; level++) {
		struct node **link = link_after(list, before[level], level);

		*link_of(node, level) = *link;
		*link = node;
		if (list->last[level] == before[level])
			list->last[level] = node;
	}
	node->previous = before[0];
	if (node->next != NULL)
		node->next->previous = node;
	list->gap.next = node;
}

static void unlink_node(struct list *list, struct node *node)
{
	const struct store_bytes key = {node->entry.key, node->entry.key_bytes};
	struct node *const *before = search(list, key)->before;

	list->gap.known = false;
	for (unsigned level = 0; level < node->entry.levels; level++) {
		*link_after(list, before[level], level) = *link_of(node, level);
		if (list->last[level] == node)
			list->last[level] = before[level];
	}
	if (node->next != NULL)
		node->next->previous = node->previous;
}

static void give_back(struct store_recent *recent, const struct undo *undo)
{
	while (recent->chunk != undo->chunk)
		free_chunk(recent);
	if (recent->chunk != NULL)
		recent->chunk->used = undo->used;
}

int store_recent_put(struct store_recent *recent, enum store_table table, struct store_bytes key,
	const struct store_bytes *value)
{
	struct list *list = &recent->list[table];
	struct node *node = search(list, key)->next;
	struct undo *grown = array_grow(
		recent->undo, recent->undo_count, &recent->undo_capacity, sizeof(*grown));
	struct undo undo = {.table = (uint8_t)table, .chunk = recent->chunk};
	uint8_t *octets = NULL;

	if (grown == NULL)
		return -ENOMEM;
	recent->undo = grown;
	undo.used = recent->chunk != NULL ? recent->chunk->used : 0;
	undo.is_new = node == NULL || compare(node, key) != 0;
	if (undo.is_new)
		node = make_node(recent, key);
	if (node != NULL && value != NULL)
		octets = take(recent, value->count + 1);
	if (node == NULL || (value != NULL && octets == NULL)) {
		give_back(recent, &undo);
		return -ENOMEM;
	}
	undo.node = node;
	undo.value = node->entry.value;
	undo.value_bytes = node->entry.value_bytes;
	undo.deleted = node->entry.deleted;
	if (value != NULL && value->count > 0)
		memcpy(octets, value->octets, value->count);
	node->entry.value = octets;
	node->entry.value_bytes = value != NULL ? (uint32_t)value->count : 0;
	node->entry.deleted = value == NULL;
	if (undo.is_new) {
		insert(list, node);
		recent->count++;
	}
	recent->undo[recent->undo_count++] = undo;
	return 0;
}

static const struct store_recent_entry *entry_of(const struct node *node)
{
	return node == NULL ? NULL : &node->entry;
}

/* Searching changes nothing but what it remembers. */
static struct list *list_of(const struct store_recent *recent, enum store_table table)
{
	return (struct list *)(uintptr_t)&recent->list[table];
}

const struct store_recent_entry *store_recent_seek(
	const struct store_recent *recent, enum store_table table, struct store_bytes key)
{
	return entry_of(search(list_of(recent, table), key)->next);
}

const struct store_recent_entry *store_recent_find(
	const struct store_recent *recent, enum store_table table, struct store_bytes key)
{
	const struct store_recent_entry *entry = store_recent_seek(recent, table, key);

	return entry != NULL && compare(node_of(entry), key) == 0 ? entry : NULL;
}

const struct store_recent_entry *store_recent_below(
	const struct store_recent *recent, enum store_table table, struct store_bytes key)
{
	return entry_of(search(list_of(recent, table), key)->before[0]);
}

const struct store_recent_entry *store_recent_first(
	const struct store_recent *recent, enum store_table table)
{
	return entry_of(recent->list[table].first[0]);
}

const struct store_recent_entry *store_recent_last(
	const struct store_recent *recent, enum store_table table)
{
	return entry_of(recent->list[table].last[0]);
}

const struct store_recent_entry *store_recent_next(const struct store_recent_entry *entry)
{
	return entry_of(node_of(entry)->next);
}

const struct store_recent_entry *store_recent_previous(const struct store_recent_entry *entry)
{
	return entry_of(node_of(entry)->previous);
}

size_t store_recent_mark(const struct store_recent *recent)
{
	return recent->undo_count;
}

void store_recent_undo(struct store_recent *recent, size_t mark)
{
	while (recent->undo_count > mark) {
		const struct undo *undo = &recent->undo[--recent->undo_count];
		struct node *node = undo->node;

		if (undo->is_new) {
			unlink_node(&recent->list[undo->table], node);
			recent->count--;
		} else {
			node->entry.value = undo->value;
			node->entry.value_bytes = undo->value_bytes;
			node->entry.deleted = undo->deleted;
		}
		give_back(recent, undo);
	}
}

void store_recent_forget(struct store_recent *recent)
{
	recent->undo_count = 0;
}

size_t store_recent_count(const struct store_recent *recent)
{
	return recent->count;
}

size_t store_recent_bytes(const struct store_recent *recent)
{
	return recent->bytes + recent->undo_capacity * sizeof(struct undo);
}
