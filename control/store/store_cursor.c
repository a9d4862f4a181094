/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Places in a table as the maps and LMDB have it together: of each key the newest word. Every
 * source stands at its next key, or at the one that was lent; that is left at the next step only,
 * since the next page may never be asked for.
 */
#include "control/store/store_lmdb.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct source {
	const struct store_recent *recent; /* NULL: LMDB */
	const struct store_recent_entry *entry;
	MDB_cursor *lmdb;
	struct store_bytes key, value;
	bool has, deleted;
	bool lent; /* its key was lent, or hidden by the one that was */
};

struct store_cursor {
	struct store *store;
	bool of_snapshot;
	enum store_table table;
	struct source source[STORE_MAPS_MAX + 1]; /* newest first */
	unsigned count;
	bool placed, forward; /* the sources stand where that direction needs them */
	bool ended;	      /* there was none in that direction */
	bool has_at;
	struct store_bytes at; /* the last that was lent */
};

struct store_snapshot {
	struct store *store;
	MDB_txn *txn;
	struct store_map *maps[STORE_MAPS_MAX];
	unsigned map_count;
};

/* ---- One source ---- */

static int take_lmdb(struct source *source, int error, const MDB_val *key, const MDB_val *value)
{
	source->lent = false;
	source->has = error == 0;
	if (error == 0) {
		source->key = (struct store_bytes){key->mv_data, key->mv_size};
		source->value = (struct store_bytes){value->mv_data, value->mv_size};
	}
	return error == MDB_NOTFOUND ? 0 : error;
}

static int take_entry(struct source *source, const struct store_recent_entry *entry)
{
	source->lent = false;
	source->entry = entry;
	source->has = entry != NULL;
	if (entry != NULL) {
		source->key = (struct store_bytes){entry->key, entry->key_bytes};
		source->value = (struct store_bytes){entry->value, entry->value_bytes};
		source->deleted = entry->deleted;
	}
	return 0;
}

static int step(struct source *source, bool forward)
{
	MDB_val key, value;
	int error;

	if (source->recent != NULL)
		return take_entry(source,
			forward ? store_recent_next(source->entry)
				: store_recent_previous(source->entry));
	error = mdb_cursor_get(source->lmdb, &key, &value, forward ? MDB_NEXT : MDB_PREV);
	return take_lmdb(source, error, &key, &value);
}

/* To the first key, or the last. */
static int go_to_end(struct source *source, enum store_table table, bool first)
{
	MDB_val key, value;
	int error;

	if (source->recent != NULL)
		return take_entry(source,
			first ? store_recent_first(source->recent, table)
			      : store_recent_last(source->recent, table));
	error = mdb_cursor_get(source->lmdb, &key, &value, first ? MDB_FIRST : MDB_LAST);
	return take_lmdb(source, error, &key, &value);
}

/* To the first key at or above `from`. */
static int seek(struct source *source, enum store_table table, struct store_bytes from)
{
	MDB_val key = {from.count, (void *)(uintptr_t)from.octets}, value;
	int error;

	if (from.count == 0)
		return go_to_end(source, table, true);
	if (source->recent != NULL)
		return take_entry(source, store_recent_seek(source->recent, table, from));
	error = mdb_cursor_get(source->lmdb, &key, &value, MDB_SET_RANGE);
	return take_lmdb(source, error, &key, &value);
}

/* To the last key below `from`. */
static int seek_below(struct source *source, enum store_table table, struct store_bytes from)
{
	MDB_val key = {from.count, (void *)(uintptr_t)from.octets}, value;
	int error;

	if (source->recent != NULL)
		return take_entry(source, store_recent_below(source->recent, table, from));
	error = mdb_cursor_get(source->lmdb, &key, &value, MDB_SET_RANGE);
	if (error == 0)
		return step(source, false);
	return error == MDB_NOTFOUND ? go_to_end(source, table, false) : error;
}

/* ---- All of them ---- */

static int compare(struct store_bytes a, struct store_bytes b)
{
	int order = memcmp(a.octets, b.octets, a.count < b.count ? a.count : b.count);

	return order != 0 ? order : (a.count > b.count) - (a.count < b.count);
}

/* The sources as the next step in this direction needs them. */
static int place(struct store_cursor *cursor, bool forward)
{
	int error = 0;

	for (unsigned i = 0; i < cursor->count && error == 0; i++) {
		struct source *source = &cursor->source[i];

		if (!cursor->has_at)
			error = go_to_end(source, cursor->table, forward);
		else if (!forward)
			error = seek_below(source, cursor->table, cursor->at);
		else
			error = seek(source, cursor->table, cursor->at);
		if (error == 0 && forward && cursor->has_at && source->has &&
			compare(source->key, cursor->at) == 0)
			source->lent = true;
	}
	cursor->placed = error == 0;
	cursor->forward = forward;
	return error;
}

static int leave_lent(struct store_cursor *cursor)
{
	int error = 0;

	for (unsigned i = 0; i < cursor->count && error == 0; i++)
		if (cursor->source[i].has && cursor->source[i].lent)
			error = step(&cursor->source[i], cursor->forward);
	return error;
}

/* The source with the next key, of those with the same the newest. NULL: none has any. */
static struct source *pick(struct store_cursor *cursor)
{
	struct source *best = NULL;

	for (unsigned i = 0; i < cursor->count; i++) {
		struct source *source = &cursor->source[i];
		int order;

		if (!source->has)
			continue;
		order = best == NULL ? -1 : compare(source->key, best->key);
		if (best != NULL && !cursor->forward)
			order = -order;
		source->lent = order <= 0;
		if (order >= 0)
			continue;
		for (unsigned j = 0; j < i; j++)
			cursor->source[j].lent = false;
		best = source;
	}
	return best;
}

static int lend(struct store_cursor *cursor, struct store_bytes *key, struct store_bytes *value,
	struct failure *failure)
{
	struct source *best;
	int error = 0;

	for (;;) {
		best = pick(cursor);
		if (best == NULL || !best->deleted)
			break;
		error = leave_lent(cursor);
		if (error != 0)
			return store_refuse(cursor->store, error, "read", failure);
	}
	cursor->ended = best == NULL;
	cursor->has_at = best != NULL;
	if (best == NULL)
		return 0;
	cursor->at = *key = best->key;
	*value = best->value;
	return 1;
}

static int move(struct store_cursor *cursor, bool forward, struct store_bytes *key,
	struct store_bytes *value, struct failure *failure)
{
	bool same = cursor->placed && cursor->forward == forward;
	int error;

	if (same && cursor->ended)
		return 0;
	if (same) {
		error = leave_lent(cursor);
	} else {
		error = place(cursor, forward);
		if (error == 0)
			error = leave_lent(cursor);
	}
	if (error != 0)
		return store_refuse(cursor->store, error, "read", failure);
	return lend(cursor, key, value, failure);
}

/* The next of LMDB, which alone has anything: at the start, and while an import is read. */
static int move_alone(struct store_cursor *cursor, struct store_bytes *key,
	struct store_bytes *value, struct failure *failure)
{
	struct source *source = &cursor->source[0];
	MDB_val its_key, its_value;
	int error = mdb_cursor_get(source->lmdb, &its_key, &its_value, MDB_NEXT);

	if (error != 0) {
		source->has = source->lent = cursor->has_at = false;
		cursor->ended = true;
		return error == MDB_NOTFOUND ? 0
					     : store_refuse(cursor->store, error, "read", failure);
	}
	cursor->at = *key = (struct store_bytes){its_key.mv_data, its_key.mv_size};
	*value = (struct store_bytes){its_value.mv_data, its_value.mv_size};
	return 1;
}

int store_cursor_next(struct store_cursor *cursor, struct store_bytes *key,
	struct store_bytes *value, struct failure *failure)
{
	if (cursor->count == 1 && cursor->placed && cursor->forward && cursor->has_at &&
		cursor->source[0].lent)
		return move_alone(cursor, key, value, failure);
	return move(cursor, true, key, value, failure);
}

int store_cursor_previous(struct store_cursor *cursor, struct store_bytes *key,
	struct store_bytes *value, struct failure *failure)
{
	return move(cursor, false, key, value, failure);
}

int store_cursor_seek(struct store_cursor *cursor, struct store_bytes from, struct store_bytes *key,
	struct store_bytes *value, struct failure *failure)
{
	int error = 0;

	for (unsigned i = 0; i < cursor->count && error == 0; i++)
		error = seek(&cursor->source[i], cursor->table, from);
	cursor->placed = error == 0;
	cursor->forward = true;
	if (error != 0)
		return store_refuse(cursor->store, error, "read", failure);
	return lend(cursor, key, value, failure);
}

int store_cursor_last(struct store_cursor *cursor, struct store_bytes *key,
	struct store_bytes *value, struct failure *failure)
{
	cursor->placed = false;
	cursor->has_at = false;
	return move(cursor, false, key, value, failure);
}

/* ---- Opening ---- */

static int open_cursor(struct store *store, MDB_txn *txn, struct store_map *const *maps,
	unsigned map_count, enum store_table table, struct store_cursor **opened)
{
	struct store_cursor *cursor = calloc(1, sizeof(*cursor));
	int error;

	if (cursor == NULL)
		return ENOMEM;
	cursor->store = store;
	cursor->table = table;
	/* An empty table of a map has nothing to say. */
	for (unsigned i = 0; i < map_count; i++)
		if (store_recent_first(maps[i]->recent, table) != NULL)
			cursor->source[cursor->count++].recent = maps[i]->recent;
	error = mdb_cursor_open(txn, store->tables[table], &cursor->source[cursor->count].lmdb);
	if (error != 0) {
		free(cursor);
		return error;
	}
	cursor->count++;
	*opened = cursor;
	return 0;
}

int store_cursor_open(struct store *store, enum store_table table, struct store_cursor **cursor,
	struct failure *failure)
{
	MDB_txn *txn;
	int error = store_reader_get(store, &txn);

	if (error == 0)
		error = open_cursor(store, txn, store->maps, store->map_count, table, cursor);
	if (error != 0)
		return store_refuse(store, error, "read", failure);
	store->cursors++;
	return 0;
}

int store_cursor_open_at(struct store_snapshot *snapshot, enum store_table table,
	struct store_cursor **cursor, struct failure *failure)
{
	int error = open_cursor(
		snapshot->store, snapshot->txn, snapshot->maps, snapshot->map_count, table, cursor);

	if (error != 0)
		return store_refuse(snapshot->store, error, "read", failure);
	(*cursor)->of_snapshot = true;
	return 0;
}

void store_cursor_close(struct store_cursor *cursor)
{
	if (cursor == NULL)
		return;
	mdb_cursor_close(cursor->source[cursor->count - 1].lmdb);
	if (!cursor->of_snapshot)
		cursor->store->cursors--;
	free(cursor);
}

/* ---- Snapshots ---- */

enum { SNAPSHOT_WAIT_MS = 10000 };

/* All that is committed is in LMDB or in frozen maps, which change no more. */
static int freeze(struct store *store)
{
	store_flush_settle(store, false);
	if (store_recent_count(store->maps[0]->recent) == 0)
		return 0;
	if (store->map_count == STORE_MAPS_MAX) {
		store_thread_wait(store->thread, SNAPSHOT_WAIT_MS);
		store_flush_settle(store, true);
	}
	store_flush_seal(store);
	return store_recent_count(store->maps[0]->recent) == 0 ? 0 : EBUSY;
}

int store_snapshot_open(
	struct store *store, struct store_snapshot **snapshot, struct failure *failure)
{
	struct store_snapshot *made = calloc(1, sizeof(*made));
	int error = made == NULL ? ENOMEM : store->compact.running ? EBUSY : freeze(store);

	if (error == 0 && store->environment == NULL)
		error = MDB_PANIC;
	if (error == 0)
		error = mdb_txn_begin(store->environment, NULL, MDB_RDONLY, &made->txn);
	if (error != 0) {
		free(made);
		return store_refuse(store, error, "read", failure);
	}
	made->store = store;
	made->map_count = store->map_count - 1;
	memcpy(made->maps, store->maps + 1, made->map_count * sizeof(struct store_map *));
	for (unsigned i = 0; i < made->map_count; i++)
		made->maps[i]->references++;
	store->snapshots++;
	*snapshot = made;
	return 0;
}

void store_snapshot_close(struct store_snapshot *snapshot)
{
	if (snapshot == NULL)
		return;
	mdb_txn_abort(snapshot->txn);
	for (unsigned i = 0; i < snapshot->map_count; i++)
		store_map_drop(snapshot->maps[i]);
	snapshot->store->snapshots--;
	free(snapshot);
}
