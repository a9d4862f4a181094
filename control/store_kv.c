/* SPDX-License-Identifier: BSD-3-Clause */
/* The tables as LMDB's databases, read and written through the innermost open transaction. */
#include "control/store_kv.h"

#include "control/store_lmdb.h"

#include <errno.h>
#include <stdlib.h>

struct store_cursor {
	struct store *store;
	struct store_view view; /* of a snapshot's cursor: borrowed */
	MDB_cursor *cursor;
};

struct store_snapshot {
	struct store *store;
	MDB_txn *txn;
};

static MDB_val as_val(struct store_bytes bytes)
{
	return (MDB_val){bytes.count, (void *)(uintptr_t)bytes.octets};
}

static struct store_bytes as_bytes(const MDB_val *val)
{
	return (struct store_bytes){val->mv_data, val->mv_size};
}

int store_kv_put(struct store *store, enum store_table table, struct store_bytes key,
	struct store_bytes value, struct failure *failure)
{
	MDB_val its_key = as_val(key), its_value = as_val(value);
	int error = mdb_put(
		store_write_transaction(store), store->tables[table], &its_key, &its_value, 0);

	return error == 0 ? 0 : store_refuse(store, error, "write", failure);
}

int store_kv_delete(struct store *store, enum store_table table, struct store_bytes key,
	struct failure *failure)
{
	MDB_val its_key = as_val(key);
	int error = mdb_del(store_write_transaction(store), store->tables[table], &its_key, NULL);

	if (error == MDB_NOTFOUND)
		return 0;
	return error == 0 ? 1 : store_refuse(store, error, "delete", failure);
}

int store_kv_get(struct store *store, enum store_table table, struct store_bytes key,
	struct store_bytes *value, struct failure *failure)
{
	MDB_val its_key = as_val(key), found;
	struct store_view view;
	int error = store_view_open(store, &view);

	if (error != 0)
		return store_refuse(store, error, "read", failure);
	error = mdb_get(view.txn, store->tables[table], &its_key, &found);
	if (error == 0)
		*value = as_bytes(&found);
	/* LMDB's pages stay as they are until somebody writes, and that is this thread. */
	store_view_close(&view);
	if (error == MDB_NOTFOUND)
		return 0;
	return error == 0 ? 1 : store_refuse(store, error, "read", failure);
}

static int open_cursor(struct store *store, const struct store_view *view, enum store_table table,
	struct store_cursor **opened, struct failure *failure)
{
	struct store_cursor *cursor = calloc(1, sizeof(*cursor));
	int error = cursor == NULL
		? ENOMEM
		: mdb_cursor_open(view->txn, store->tables[table], &cursor->cursor);

	if (error != 0) {
		free(cursor);
		return store_refuse(store, error, "read", failure);
	}
	cursor->store = store;
	cursor->view = *view;
	*opened = cursor;
	return 0;
}

int store_cursor_open(struct store *store, enum store_table table, struct store_cursor **cursor,
	struct failure *failure)
{
	struct store_view view;
	int error = store_view_open(store, &view);

	if (error != 0)
		return store_refuse(store, error, "read", failure);
	if (open_cursor(store, &view, table, cursor, failure) == 0)
		return 0;
	store_view_close(&view);
	return -1;
}

void store_cursor_close(struct store_cursor *cursor)
{
	if (cursor == NULL)
		return;
	mdb_cursor_close(cursor->cursor);
	store_view_close(&cursor->view);
	free(cursor);
}

static int go(struct store_cursor *cursor, MDB_cursor_op how, MDB_val *at, struct store_bytes *key,
	struct store_bytes *value, struct failure *failure)
{
	MDB_val found;
	int error = mdb_cursor_get(cursor->cursor, at, &found, how);

	if (error == MDB_NOTFOUND)
		return 0;
	if (error != 0)
		return store_refuse(cursor->store, error, "read", failure);
	*key = as_bytes(at);
	*value = as_bytes(&found);
	return 1;
}

int store_cursor_seek(struct store_cursor *cursor, struct store_bytes from, struct store_bytes *key,
	struct store_bytes *value, struct failure *failure)
{
	MDB_val at = as_val(from);

	return go(cursor, from.count ? MDB_SET_RANGE : MDB_FIRST, &at, key, value, failure);
}

int store_cursor_next(struct store_cursor *cursor, struct store_bytes *key,
	struct store_bytes *value, struct failure *failure)
{
	MDB_val at = {0, NULL};

	return go(cursor, MDB_NEXT, &at, key, value, failure);
}

int store_cursor_previous(struct store_cursor *cursor, struct store_bytes *key,
	struct store_bytes *value, struct failure *failure)
{
	MDB_val at = {0, NULL};

	return go(cursor, MDB_PREV, &at, key, value, failure);
}

int store_cursor_last(struct store_cursor *cursor, struct store_bytes *key,
	struct store_bytes *value, struct failure *failure)
{
	MDB_val at = {0, NULL};

	return go(cursor, MDB_LAST, &at, key, value, failure);
}

int store_snapshot_open(
	struct store *store, struct store_snapshot **snapshot, struct failure *failure)
{
	struct store_snapshot *made = calloc(1, sizeof(*made));
	int error = made == NULL ? ENOMEM
				 : mdb_txn_begin(store->environment, NULL, MDB_RDONLY, &made->txn);

	if (error != 0) {
		free(made);
		return store_refuse(store, error, "read", failure);
	}
	made->store = store;
	*snapshot = made;
	return 0;
}

void store_snapshot_close(struct store_snapshot *snapshot)
{
	if (snapshot == NULL)
		return;
	mdb_txn_abort(snapshot->txn);
	free(snapshot);
}

int store_cursor_open_at(struct store_snapshot *snapshot, enum store_table table,
	struct store_cursor **cursor, struct failure *failure)
{
	const struct store_view view = {snapshot->txn, false};

	return open_cursor(snapshot->store, &view, table, cursor, failure);
}
