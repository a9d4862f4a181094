/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A cursor that stays where it is between two RRsets: LMDB then finds the neighbour on the same
 * page and does not search from the root.
 */
#include "control/store_walk.h"

#include "control/store_codec.h"
#include "control/store_lmdb.h"
#include "dataplane/dns/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ZONE_BYTES = 4, TYPE_BYTES = 2 };

struct store_walk {
	struct store *store;
	struct store_view view;
	MDB_cursor *cursor;
	uint8_t zone[ZONE_BYTES];
	bool started;
};

int store_walk_open(
	struct store *store, uint32_t zone, struct store_walk **opened, struct failure *failure)
{
	struct store_walk *walk = calloc(1, sizeof(*walk));
	int error;

	if (walk == NULL)
		return store_refuse(store, ENOMEM, "read records", failure);
	walk->store = store;
	wire_put32(walk->zone, zone);
	error = store_view_open(store, &walk->view);
	if (error == 0) {
		error = mdb_cursor_open(walk->view.txn, store->tables[STORE_RRSETS], &walk->cursor);
		if (error != 0)
			store_view_close(&walk->view);
	}
	if (error != 0) {
		free(walk);
		return store_refuse(store, error, "read records", failure);
	}
	*opened = walk;
	return 0;
}

void store_walk_close(struct store_walk *walk)
{
	if (walk == NULL)
		return;
	mdb_cursor_close(walk->cursor);
	store_view_close(&walk->view);
	free(walk);
}

static int walk_to(struct store_walk *walk, MDB_val *key, MDB_cursor_op how,
	struct store_entry *entry, struct failure *failure)
{
	MDB_val value;
	int error = mdb_cursor_get(walk->cursor, key, &value, how);

	walk->started = true;
	if (error == MDB_NOTFOUND)
		return 0;
	if (error != 0)
		return store_refuse(walk->store, error, "read records", failure);
	if (key->mv_size < ZONE_BYTES + TYPE_BYTES)
		return store_refuse_damage(walk->store, "a key is unreadable", failure);
	if (memcmp(key->mv_data, walk->zone, ZONE_BYTES) != 0)
		return 0;
	*entry = (struct store_entry){
		(const uint8_t *)key->mv_data + ZONE_BYTES,
		key->mv_size - ZONE_BYTES,
		value.mv_data,
		value.mv_size,
	};
	return 1;
}

int store_walk_next(struct store_walk *walk, struct store_entry *entry, struct failure *failure)
{
	MDB_val key = {ZONE_BYTES, walk->zone};

	return walk_to(walk, &key, walk->started ? MDB_NEXT : MDB_SET_RANGE, entry, failure);
}

int store_walk_seek(struct store_walk *walk, const uint8_t *key_octets, size_t key_bytes,
	struct store_entry *entry, struct failure *failure)
{
	uint8_t whole[STORE_KEY_MAX_BYTES];
	MDB_val key = {ZONE_BYTES + key_bytes, whole};

	memcpy(whole, walk->zone, ZONE_BYTES);
	memcpy(whole + ZONE_BYTES, key_octets, key_bytes);
	return walk_to(walk, &key, MDB_SET_RANGE, entry, failure);
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
	struct store_writer *writer = calloc(1, sizeof(*writer));
	int error;

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
