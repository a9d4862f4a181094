/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A cursor that stays where it is between two RRsets: LMDB then finds the neighbour on the same
 * page and does not search from the root.
 */
#include "control/store/store_walk.h"

#include "control/store/store_codec.h"
#include "control/store/store_lmdb.h"
#include "dataplane/dns/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ZONE_BYTES = 4, TYPE_BYTES = 2 };

struct store_walk {
	struct store *store;
	struct store_cursor *cursor;
	uint8_t zone[ZONE_BYTES];
	bool started;
};

int store_walk_open(
	struct store *store, uint32_t zone, struct store_walk **opened, struct failure *failure)
{
	struct store_walk *walk = calloc(1, sizeof(*walk));

	if (walk == NULL)
		return store_refuse(store, ENOMEM, "read records", failure);
	walk->store = store;
	wire_put32(walk->zone, zone);
	if (store_cursor_open(store, STORE_RRSETS, &walk->cursor, failure) != 0) {
		free(walk);
		return -1;
	}
	*opened = walk;
	return 0;
}

void store_walk_close(struct store_walk *walk)
{
	if (walk == NULL)
		return;
	store_cursor_close(walk->cursor);
	free(walk);
}

/* Lends what the cursor came to, if it is of the zone. */
static int take(struct store_walk *walk, int more, struct store_bytes key, struct store_bytes value,
	struct store_entry *entry, struct failure *failure)
{
	walk->started = true;
	if (more != 1)
		return more;
	if (key.count < ZONE_BYTES + TYPE_BYTES)
		return store_refuse_damage(walk->store, "a key is unreadable", failure);
	if (memcmp(key.octets, walk->zone, ZONE_BYTES) != 0)
		return 0;
	*entry = (struct store_entry){
		key.octets + ZONE_BYTES, key.count - ZONE_BYTES, value.octets, value.count};
	return 1;
}

int store_walk_next(struct store_walk *walk, struct store_entry *entry, struct failure *failure)
{
	const struct store_bytes first = {walk->zone, ZONE_BYTES};
	struct store_bytes key, value;
	int more = walk->started ? store_cursor_next(walk->cursor, &key, &value, failure)
				 : store_cursor_seek(walk->cursor, first, &key, &value, failure);

	return take(walk, more, key, value, entry, failure);
}

int store_walk_seek(struct store_walk *walk, const uint8_t *key_octets, size_t key_bytes,
	struct store_entry *entry, struct failure *failure)
{
	uint8_t whole[STORE_KEY_MAX_BYTES];
	struct store_bytes key, value;
	int more;

	memcpy(whole, walk->zone, ZONE_BYTES);
	memcpy(whole + ZONE_BYTES, key_octets, key_bytes);
	more = store_cursor_seek(walk->cursor, (struct store_bytes){whole, ZONE_BYTES + key_bytes},
		&key, &value, failure);
	return take(walk, more, key, value, entry, failure);
}

struct store_writer {
	struct store *store;
	MDB_cursor *cursor;
	bool is_behind_all;		  /* every key so far came behind all that the store has */
	uint8_t key[STORE_KEY_MAX_BYTES]; /* starts with the zone */
};

int store_writer_open(
	struct store *store, uint32_t zone, struct store_writer **opened, struct failure *failure)
{
	struct store_writer *writer;
	int error;

	if (store_bulk_begin(store, failure) != 0)
		return -1;
	writer = calloc(1, sizeof(*writer));
	if (writer == NULL)
		return store_refuse(store, ENOMEM, "write records", failure);
	writer->store = store;
	writer->is_behind_all = true;
	wire_put32(writer->key, zone);
	error = mdb_cursor_open(
		store_write_transaction(store), store->tables[STORE_RRSETS], &writer->cursor);
	if (error != 0) {
		free(writer);
		return store_refuse(store, error, "write records", failure);
	}
	*opened = writer;
	return 0;
}

void store_writer_close(struct store_writer *writer)
{
	if (writer == NULL)
		return;
	mdb_cursor_close(writer->cursor);
	free(writer);
}

int store_writer_put(struct store_writer *writer, const uint8_t *key_octets, size_t key_bytes,
	const struct stored *stored, struct failure *failure)
{
	MDB_val key = {ZONE_BYTES + key_bytes, writer->key};
	MDB_val value = {store_value_bytes(stored), NULL};
	int error = MDB_KEYEXIST;

	memcpy(writer->key + ZONE_BYTES, key_octets, key_bytes);
	if (writer->is_behind_all)
		error = mdb_cursor_put(writer->cursor, &key, &value, MDB_RESERVE | MDB_APPEND);
	if (error == MDB_KEYEXIST) {
		writer->is_behind_all = false;
		error = mdb_cursor_put(writer->cursor, &key, &value, MDB_RESERVE);
	}
	if (error != 0)
		return store_refuse(writer->store, error, "write records", failure);
	store_write_value(stored, value.mv_data);
	return 0;
}
