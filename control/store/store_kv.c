/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writes to the growing map or, in bulk, to LMDB; reads of one key from the maps, newest first, and
 * then from LMDB.
 */
#include "control/store/store_kv.h"

#include "control/store/store_lmdb.h"
#include "dataplane/dns/wire.h"

#include <errno.h>
#include <string.h>

static MDB_val as_val(struct store_bytes bytes)
{
	return (MDB_val){bytes.count, (void *)(uintptr_t)bytes.octets};
}

/* 0, MDB_NOTFOUND, or LMDB's error. */
static int read_key(struct store *store, enum store_table table, struct store_bytes key,
	struct store_bytes *value)
{
	MDB_val its_key = as_val(key), found;
	MDB_txn *txn;
	int error;

	for (unsigned i = 0; i < store->map_count; i++) {
		const struct store_recent_entry *entry =
			store_recent_find(store->maps[i]->recent, table, key);

		if (entry != NULL && entry->deleted)
			return MDB_NOTFOUND;
		if (entry != NULL) {
			*value = (struct store_bytes){entry->value, entry->value_bytes};
			return 0;
		}
	}
	error = store_reader_get(store, &txn);
	if (error == 0)
		error = mdb_get(txn, store->tables[table], &its_key, &found);
	if (error == 0)
		*value = (struct store_bytes){found.mv_data, found.mv_size};
	return error;
}

int store_kv_get(struct store *store, enum store_table table, struct store_bytes key,
	struct store_bytes *value, struct failure *failure)
{
	int error = read_key(store, table, key, value);

	if (error == MDB_NOTFOUND)
		return 0;
	return error == 0 ? 1 : store_refuse(store, error, "read", failure);
}

int store_kv_apply(struct store *store, const struct store_frame_write *write)
{
	bool put = write->value.octets != NULL;
	struct store_bytes before;
	int error = 0;

	if (write->table == STORE_RRSETS) {
		error = read_key(store, write->table, write->key, &before);
		if (error != 0 && error != MDB_NOTFOUND)
			return error;
	}
	if (store_recent_put(store->maps[0]->recent, write->table, write->key,
		    put ? &write->value : NULL) != 0)
		return ENOMEM;
	if (write->table == STORE_RRSETS && put && error == MDB_NOTFOUND)
		store->rrsets++;
	if (write->table == STORE_RRSETS && !put && error == 0)
		store->rrsets--;
	return 0;
}

static int put_bulk(struct store *store, const struct store_frame_write *write)
{
	MDB_val key = as_val(write->key), value = as_val(write->value);

	return mdb_put(
		store_write_transaction(store), store->tables[write->table], &key, &value, 0);
}

static int delete_bulk(struct store *store, const struct store_frame_write *write)
{
	MDB_val key = as_val(write->key);

	return mdb_del(store_write_transaction(store), store->tables[write->table], &key, NULL);
}

/* 0, or the error of a transaction that has failed before. */
static int check_batch(const struct store *store)
{
	return store->batch.is_open && !store->batch.failed ? 0 : MDB_BAD_TXN;
}

/* Into the map and the notes, or into LMDB where the batch outgrows them. */
static int write_one(
	struct store *store, const struct store_frame_write *write, struct failure *failure)
{
	size_t before = store->batch.frame_bytes;
	int error = check_batch(store);

	if (error == 0 && !store_is_bulk(store)) {
		error = store_batch_note(store, write);
		if (error == -EFBIG && store_bulk_begin(store, failure) != 0)
			return -1;
		if (error == 0) {
			error = store_kv_apply(store, write);
			if (error != 0)
				store->batch.frame_bytes = before;
			return error == 0 ? 0 : store_refuse(store, error, "write", failure);
		}
		error = error == -EFBIG ? 0 : -error;
	}
	if (error == 0)
		error = write->value.octets != NULL ? put_bulk(store, write)
						    : delete_bulk(store, write);
	return error == 0 ? 0 : store_refuse(store, error, "write", failure);
}

int store_kv_put(struct store *store, enum store_table table, struct store_bytes key,
	struct store_bytes value, struct failure *failure)
{
	static const uint8_t nothing[1];
	const struct store_frame_write write = {
		table, key, {value.octets != NULL ? value.octets : nothing, value.count}};

	return write_one(store, &write, failure);
}

int store_kv_delete(struct store *store, enum store_table table, struct store_bytes key,
	struct failure *failure)
{
	const struct store_frame_write write = {table, key, {NULL, 0}};
	struct store_bytes before;
	int found = store_kv_get(store, table, key, &before, failure);

	if (found != 1)
		return found;
	return write_one(store, &write, failure) == 0 ? 1 : -1;
}

int store_kv_put_number(
	struct store *store, const char *name, uint64_t number, struct failure *failure)
{
	uint8_t octets[8];

	wire_put32(octets, (uint32_t)(number >> 32));
	wire_put32(octets + 4, (uint32_t)number);
	return store_kv_put(store, STORE_META,
		(struct store_bytes){(const uint8_t *)name, strlen(name)},
		(struct store_bytes){octets, sizeof(octets)}, failure);
}

int store_kv_get_number(
	struct store *store, const char *name, uint64_t *number, struct failure *failure)
{
	struct store_bytes value;
	int found = store_kv_get(store, STORE_META,
		(struct store_bytes){(const uint8_t *)name, strlen(name)}, &value, failure);

	if (found != 1)
		return found;
	if (value.count != 8)
		return store_refuse_damage(store, "its head is unreadable", failure);
	*number = wire_get64(value.octets);
	return 1;
}
