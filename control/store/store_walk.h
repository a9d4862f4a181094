/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One zone's RRsets as they lie in the store: read in order of their keys without a copy, and
 * written one after the other. For who goes through all of a zone; store.h has the rest.
 */
#ifndef ARPAD_CONTROL_STORE_WALK_H
#define ARPAD_CONTROL_STORE_WALK_H

#include "control/store/store.h"

/* Untrusted: neither key nor value has been parsed. */
struct store_entry {
	const uint8_t *key; /* in its zone: of an owner and a type (store_codec.h) */
	size_t key_bytes;   /* at least 2 */
	const uint8_t *value;
	size_t value_bytes;
};

struct store_walk;

/*
 * Before the first RRset of the zone. Sees the open transaction's writes, or the last commit when
 * none is open. 0 and then store_walk_close, which takes NULL; or -1.
 */
int store_walk_open(
	struct store *store, uint32_t zone, struct store_walk **walk, struct failure *failure);
void store_walk_close(struct store_walk *walk);

/* The next one, borrowed until the store is written or the walk closed. 1; 0: the end; or -1. */
int store_walk_next(struct store_walk *walk, struct store_entry *entry, struct failure *failure);

/* Goes to the first RRset whose key is not below `key`, forwards or back. Returns as that. */
int store_walk_seek(struct store_walk *walk, const uint8_t *key, size_t key_bytes,
	struct store_entry *entry, struct failure *failure);

/*
 * Writes many RRsets into the open transaction, which it makes a bulk one (store_bulk_begin);
 * fastest in the order of their keys.
 */
struct store_writer;
int store_writer_open(
	struct store *store, uint32_t zone, struct store_writer **writer, struct failure *failure);
void store_writer_close(struct store_writer *writer);

/* Puts `stored` at `key`, whose last two octets are its type. */
int store_writer_put(struct store_writer *writer, const uint8_t *key, size_t key_bytes,
	const struct stored *stored, struct failure *failure);

#endif
