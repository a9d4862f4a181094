/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The open transaction: written into the growing map at once, which can be undone, and noted for
 * the log, which the commit appends to. One for which the log has no room goes to LMDB instead.
 */
#include "control/store/store_lmdb.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	FRAME_MAX_BYTES = 4 << 20,   /* more is a bulk batch */
	FRAME_FIRST_BYTES = 1 << 16, /* grown by doubling */
	GROW_MAX_BYTES = 192 << 20,  /* of the growing map's memory */
	BEHIND_WAIT_MS = 2000,
	BULK_WAIT_MS = 60000,
};

/* ---- Notes for the log ---- */

int store_batch_note(struct store *store, const struct store_frame_write *write)
{
	struct store_batch *batch = &store->batch;
	size_t bytes = batch->frame_bytes == 0 ? STORE_FRAME_HEAD_BYTES : batch->frame_bytes;
	size_t wanted = bytes + store_frame_write_bytes(write), room = batch->frame_room;
	uint8_t *grown;

	if (wanted > FRAME_MAX_BYTES)
		return -EFBIG;
	if (room < wanted + STORE_FRAME_ALIGN_BYTES) {
		for (room = room == 0 ? FRAME_FIRST_BYTES : room;
			room < wanted + STORE_FRAME_ALIGN_BYTES;)
			room *= 2;
		grown = realloc(batch->frame, room);
		if (grown == NULL)
			return -ENOMEM;
		batch->frame = grown;
		batch->frame_room = room;
	}
	store_frame_put(write, batch->frame + bytes);
	batch->frame_bytes = wanted;
	return 0;
}

/* ---- Begin and end ---- */

static void close_batch(struct store *store)
{
	uint8_t *frame = store->batch.frame;
	size_t room = store->batch.frame_room;

	store->batch = (struct store_batch){.frame = frame, .frame_room = room};
}

static int mend_log(struct store *store, struct failure *failure)
{
	int error;

	if (!store_log_broken(store->log))
		return 0;
	error = store_log_mend(store->log);
	if (error != 0)
		return store_refuse(store, -error, "write its log", failure);
	store->number++;
	return 0;
}

static bool is_behind(struct store *store)
{
	store_flush_settle(store, false);
	store_flush_seal_due(store);
	store_flush_settle(store, false);
	return store_recent_bytes(store->maps[0]->recent) >= GROW_MAX_BYTES;
}

void store_poll(struct store *store)
{
	struct failure ignored;

	if (store->batch.is_open)
		return;
	is_behind(store);
	store_reader_drop(store);
	mend_log(store, &ignored);
}

int store_begin(struct store *store, struct failure *failure)
{
	if (is_behind(store)) {
		store_thread_wait(store->thread, BEHIND_WAIT_MS);
		if (is_behind(store))
			return failure_set(failure, FAILURE_BUSY,
				"the disk of the store %s is slower than the changes; try again "
				"later",
				store->directory);
	}
	store_reader_drop(store);
	if (mend_log(store, failure) != 0)
		return -1;
	close_batch(store);
	store->batch.is_open = true;
	store->batch.sequence = store->sequence;
	store->batch.rrsets = store->rrsets;
	return 0;
}

void store_abort(struct store *store)
{
	struct store_batch *batch = &store->batch;

	if (!batch->is_open)
		return;
	if (batch->part != NULL)
		mdb_txn_abort(batch->part);
	if (batch->bulk != NULL)
		mdb_txn_abort(batch->bulk);
	else
		store_recent_undo(store->maps[0]->recent, 0);
	store->sequence = batch->sequence;
	store->rrsets = batch->rrsets;
	close_batch(store);
}

size_t store_batch_count(struct store *store)
{
	MDB_stat status = {0};
	MDB_txn *txn;

	if (store_reader_get(store, &txn) != 0 ||
		mdb_stat(txn, store->tables[STORE_RRSETS], &status) != 0)
		return 0;
	return status.ms_entries;
}

static int commit_bulk(struct store *store, struct failure *failure)
{
	MDB_txn *bulk = store->batch.bulk;
	size_t rrsets = store_batch_count(store);
	int error;

	store->batch.bulk = NULL;
	error = mdb_txn_commit(bulk);
	if (error == 0) {
		store->rrsets = rrsets;
		close_batch(store);
		return 0;
	}
	store->suspect = error != ENOSPC;
	store_abort(store);
	return store_refuse(store, error, "commit", failure);
}

static int commit_log(struct store *store)
{
	struct store_batch *batch = &store->batch;
	struct store_frame frame = {
		.number = store->number + 1,
		.first = batch->sequence + 1,
		.last = store->sequence,
		.bytes = batch->frame_bytes,
	};
	int error = store_log_append(store->log, &frame, batch->frame);
	struct failure ignored;

	if (error != 0) {
		/* Before anybody is told: then not even a power cut brings it back. */
		mend_log(store, &ignored);
		return error;
	}
	store->number++;
	store_recent_forget(store->maps[0]->recent);
	close_batch(store);
	return 0;
}

int store_commit(struct store *store, struct failure *failure)
{
	int error;

	if (store->batch.failed) {
		store_abort(store);
		return failure_set(failure, FAILURE_STORE_ERROR,
			"the store %s lost a part of the transaction to an error; try again",
			store->directory);
	}
	if (!store_is_bulk(store)) {
		if (store->batch.frame_bytes == 0) {
			close_batch(store);
			return 0;
		}
		error = commit_log(store);
		if (error == 0)
			return 0;
		/* LMDB may have room of its own. */
		if (error != -ENOSPC || store_bulk_begin(store, failure) != 0) {
			store_abort(store);
			return error == -ENOSPC
				? -1
				: store_refuse(store, -error, "write its log", failure);
		}
	}
	return commit_bulk(store, failure);
}

/* ---- Parts ---- */

/*
 * In bulk, a part that begins the transaction is undone by beginning anew. So an import, which
 * mostly is alone in its batch, is spared a child transaction, which finds each page of each write
 * in its list.
 */
static int mark_bulk(struct store *store)
{
	struct store_batch *batch = &store->batch;

	batch->part_is_batch = !batch->written;
	return batch->part_is_batch
		? 0
		: mdb_txn_begin(store->environment, batch->bulk, 0, &batch->part);
}

int store_mark(struct store *store, struct failure *failure)
{
	struct store_batch *batch = &store->batch;
	int error = store_is_bulk(store) ? mark_bulk(store) : 0;

	if (error != 0)
		return store_refuse(store, error, "begin a part", failure);
	batch->marked = true;
	batch->marked_bytes = batch->frame_bytes;
	batch->marked_undo = store_recent_mark(store->maps[0]->recent);
	batch->marked_sequence = store->sequence;
	batch->marked_rrsets = store->rrsets;
	return 0;
}

int store_keep(struct store *store, struct failure *failure)
{
	struct store_batch *batch = &store->batch;
	int error = batch->part != NULL ? mdb_txn_commit(batch->part) : 0;

	batch->part = NULL;
	batch->part_is_batch = false;
	if (error != 0) {
		batch->failed = true;
		return store_refuse(store, error, "keep a part", failure);
	}
	batch->marked = false;
	return 0;
}

static void undo_bulk(struct store *store)
{
	struct store_batch *batch = &store->batch;

	if (batch->part != NULL) {
		mdb_txn_abort(batch->part);
		batch->part = NULL;
	} else if (batch->part_is_batch && batch->written) {
		mdb_txn_abort(batch->bulk);
		batch->written = false;
		batch->failed = mdb_txn_begin(store->environment, NULL, 0, &batch->bulk) != 0;
		if (batch->failed)
			batch->bulk = NULL;
	}
	batch->part_is_batch = false;
}

void store_undo(struct store *store)
{
	struct store_batch *batch = &store->batch;

	if (!batch->marked)
		return;
	batch->marked = false;
	if (store_is_bulk(store)) {
		undo_bulk(store);
	} else {
		store_recent_undo(store->maps[0]->recent, batch->marked_undo);
		batch->frame_bytes = batch->marked_bytes;
	}
	store->sequence = batch->marked_sequence;
	store->rrsets = batch->marked_rrsets;
}

/* ---- Bulk ---- */

/* Writes what was noted from `from` to `to` once more, to where writes go now. */
static int write_again(
	struct store *store, const uint8_t *frame, size_t from, size_t to, struct failure *failure)
{
	const struct store_frame read = {.octets = frame, .bytes = to};
	struct store_frame_write write;
	size_t at = from <= STORE_FRAME_HEAD_BYTES ? 0 : from - STORE_FRAME_HEAD_BYTES;
	int more = 0, result = 0;

	if (to <= STORE_FRAME_HEAD_BYTES)
		return 0;
	while (result >= 0 && (more = store_frame_next(&read, &at, &write)) == 1)
		result = write.value.octets != NULL
			? store_kv_put(store, write.table, write.key, write.value, failure)
			: store_kv_delete(store, write.table, write.key, failure);
	return more < 0 || result < 0 ? -1 : 0;
}

static int write_all_again(
	struct store *store, const struct store_batch *noted, struct failure *failure)
{
	struct store_batch *batch = &store->batch;

	store->rrsets = batch->rrsets;
	batch->marked = false;
	if (noted->marked &&
		(write_again(store, noted->frame, 0, noted->marked_bytes, failure) != 0 ||
			store_mark(store, failure) != 0))
		return -1;
	batch->marked_sequence = noted->marked_sequence;
	return write_again(store, noted->frame, noted->marked ? noted->marked_bytes : 0,
		noted->frame_bytes, failure);
}

int store_bulk_begin(struct store *store, struct failure *failure)
{
	struct store_batch *batch = &store->batch, noted = *batch;
	struct failure second;
	int error;

	if (store_is_bulk(store))
		return 0;
	store_recent_undo(store->maps[0]->recent, 0);
	batch->frame = NULL;
	batch->frame_bytes = batch->frame_room = 0;
	error = store_flush_all(store, BULK_WAIT_MS);
	store_reader_drop(store);
	if (error == 0)
		error = mdb_txn_begin(store->environment, NULL, 0, &batch->bulk);
	if (error != 0) {
		batch->bulk = NULL;
		store_refuse(store, error, "write", failure);
	}
	if (write_all_again(store, &noted, error == 0 ? failure : &second) != 0) {
		batch->failed = true;
		error = error == 0 ? -1 : error;
	}
	free(noted.frame);
	return error == 0 ? 0 : -1;
}
