/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frozen maps on their way into LMDB, the oldest first. LMDB may have a part of a map already when
 * a flush ends early: the map still lies over it, and the log still has all of it.
 */
#include "control/store/store_lmdb.h"

#include "control/log.h"
#include "dataplane/dns/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	SEAL_BYTES = 32 << 20,	   /* of memory: what a flush takes a second or so for */
	SEAL_LOG_BYTES = 64 << 20, /* of log */
	SEAL_SECONDS = 5,
	RETRY_SECONDS = 1,
	/* Few pages at a time: the log's syncs wait behind them at the disk. */
	TRANSACTION_WRITES = 4000,
};

/* ---- In the store thread ---- */

struct writing {
	const struct store_flush *flush;
	MDB_txn *txn;
	MDB_cursor *cursor;
	enum store_table table;
	unsigned writes; /* in this transaction */
};

static int begin(struct writing *writing)
{
	int error = mdb_txn_begin(writing->flush->environment, NULL, 0, &writing->txn);

	writing->writes = 0;
	if (error != 0) {
		writing->txn = NULL;
		return error;
	}
	return mdb_cursor_open(
		writing->txn, writing->flush->tables[writing->table], &writing->cursor);
}

static int commit(struct writing *writing)
{
	MDB_txn *txn = writing->txn;

	mdb_cursor_close(writing->cursor);
	writing->cursor = NULL;
	writing->txn = NULL;
	return mdb_txn_commit(txn);
}

static int write_entry(struct writing *writing, const struct store_recent_entry *entry)
{
	MDB_val key = {entry->key_bytes, (void *)(uintptr_t)entry->key};
	MDB_val value = {entry->value_bytes, (void *)(uintptr_t)entry->value}, found;
	int error;

	if (!entry->deleted)
		return mdb_cursor_put(writing->cursor, &key, &value, 0);
	error = mdb_cursor_get(writing->cursor, &key, &found, MDB_SET);
	if (error == 0)
		error = mdb_cursor_del(writing->cursor, 0);
	return error == MDB_NOTFOUND ? 0 : error;
}

static int write_table(struct writing *writing)
{
	const struct store_recent_entry *entry =
		store_recent_first(writing->flush->map->recent, writing->table);
	int error = 0;

	if (entry == NULL)
		return 0;
	if (writing->cursor != NULL)
		mdb_cursor_close(writing->cursor);
	writing->cursor = NULL;
	if (writing->txn != NULL)
		error = mdb_cursor_open(
			writing->txn, writing->flush->tables[writing->table], &writing->cursor);
	for (; entry != NULL && error == 0; entry = store_recent_next(entry)) {
		if (writing->txn == NULL)
			error = begin(writing);
		if (error == 0)
			error = write_entry(writing, entry);
		if (error == 0 && ++writing->writes == TRANSACTION_WRITES)
			error = commit(writing);
	}
	return error;
}

/* Which frames LMDB has: with the last of the writes. */
static int write_number(struct writing *writing)
{
	uint8_t octets[8];
	MDB_val key = {strlen("log"), (void *)(uintptr_t) "log"}, value = {8, octets};
	uint64_t number = writing->flush->map->number;

	wire_put32(octets, (uint32_t)(number >> 32));
	wire_put32(octets + 4, (uint32_t)number);
	return mdb_put(writing->txn, writing->flush->tables[STORE_META], &key, &value, 0);
}

static void flush_map(void *context)
{
	struct store_flush *flush = context;
	struct writing writing = {.flush = flush};
	int error = 0;

	for (unsigned table = 0; table < STORE_TABLES && error == 0; table++) {
		writing.table = (enum store_table)table;
		error = write_table(&writing);
	}
	if (error == 0 && writing.txn == NULL)
		error = begin(&writing);
	if (error == 0)
		error = write_number(&writing);
	if (error == 0)
		error = commit(&writing);
	if (writing.cursor != NULL)
		mdb_cursor_close(writing.cursor);
	if (writing.txn != NULL)
		mdb_txn_abort(writing.txn);
	flush->error = error;
}

/* ---- In the control thread ---- */

static struct timespec now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time;
}

static bool is_before(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec < b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

int store_flush_grow(struct store *store)
{
	struct store_map *map = calloc(1, sizeof(*map));

	if (map != NULL)
		map->recent = store_recent_new();
	if (map == NULL || map->recent == NULL) {
		free(map);
		return -ENOMEM;
	}
	map->references = 1;
	memmove(store->maps + 1, store->maps, store->map_count * sizeof(struct store_map *));
	store->maps[0] = map;
	store->map_count++;
	store->sealed = now();
	return 0;
}

void store_map_drop(struct store_map *map)
{
	if (--map->references > 0)
		return;
	store_recent_free(map->recent);
	free(map);
}

void store_flush_seal(struct store *store)
{
	struct store_map *map = store->maps[0];

	if (store->map_count == STORE_MAPS_MAX || store_recent_count(map->recent) == 0 ||
		store_flush_grow(store) != 0)
		return;
	map->segments = store_log_seal(store->log);
	map->number = store->number;
}

void store_flush_seal_due(struct store *store)
{
	const struct store_recent *recent = store->maps[0]->recent;
	struct timespec due = store->sealed, time = now();

	due.tv_sec += SEAL_SECONDS;
	if (store->map_count == 1 && store_recent_count(recent) > 0 &&
		(store_recent_bytes(recent) >= SEAL_BYTES ||
			store_log_bytes(store->log) >= SEAL_LOG_BYTES || !is_before(&time, &due)))
		store_flush_seal(store);
}

void store_flush_result(struct store *store)
{
	struct store_flush *flush = &store->flush;
	struct timespec time = now();

	if (flush->map == NULL || store->cursors > 0 || !store_thread_idle(store->thread))
		return;
	if (flush->error != store->flush_error && flush->error != 0)
		log_event(LOG_ERROR, "store-behind",
			LOG_FIELDS(LOG_TEXT_FIELD("directory", store->directory)),
			"the store %s can't be brought up to date (%s); its log has all, and it "
			"is tried again",
			store->directory, mdb_strerror(flush->error));
	else if (flush->error != store->flush_error)
		log_event(LOG_INFO, "store-up-to-date",
			LOG_FIELDS(LOG_TEXT_FIELD("directory", store->directory)),
			"the store %s is up to date again", store->directory);
	store->flush_error = flush->error;
	if (flush->error == 0) {
		/* The reader would miss what only the map had so far. */
		store_reader_drop(store);
		store_log_release(store->log, flush->map->segments);
		flush->map->segments = NULL;
		store_map_drop(store->maps[--store->map_count]);
	} else {
		/* What else than a full disk: LMDB may refuse all until it is opened again. */
		store->suspect = flush->error != ENOSPC;
		store->retry = time;
		store->retry.tv_sec += RETRY_SECONDS;
	}
	flush->map = NULL;
}

static void mend(struct store *store)
{
	if (!store->suspect || store->snapshots > 0)
		return;
	store->suspect = store_environment_reopen(store) != 0;
	if (!store->suspect)
		return;
	store->retry = now();
	store->retry.tv_sec += RETRY_SECONDS;
}

void store_flush_settle(struct store *store, bool force)
{
	struct timespec time = now();

	if (store->cursors > 0 || !store_thread_idle(store->thread))
		return;
	store_flush_result(store);
	store_compact_end(store);
	if (!force && is_before(&time, &store->retry))
		return;
	mend(store);
	if (store->environment == NULL || store_compact_start(store) || store->map_count == 1)
		return;
	store->flush = (struct store_flush){
		.environment = store->environment,
		.tables = store->tables,
		.map = store->maps[store->map_count - 1],
	};
	store_thread_give(store->thread, flush_map, &store->flush);
}

int store_flush_all(struct store *store, unsigned milliseconds)
{
	struct timespec until = now(), time;

	if (store->cursors > 0)
		return EBUSY;
	until.tv_sec += milliseconds / 1000;
	store_flush_seal(store);
	store_flush_settle(store, true);
	while (store->compact.running || store->map_count > 1 ||
		store_recent_count(store->maps[0]->recent) > 0) {
		if (!store_thread_wait(store->thread, milliseconds))
			return ETIMEDOUT;
		store_flush_settle(store, false);
		if (store->flush_error != 0)
			return store->flush_error;
		store_flush_seal(store);
		store_flush_settle(store, false);
		time = now();
		if (is_before(&until, &time))
			return ETIMEDOUT;
	}
	return 0;
}
