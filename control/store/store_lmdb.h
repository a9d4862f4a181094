/* SPDX-License-Identifier: BSD-3-Clause */
/* The inside of struct store, shared by the store's own files. Control thread, but where said. */
#ifndef ARPAD_CONTROL_STORE_LMDB_H
#define ARPAD_CONTROL_STORE_LMDB_H

#include "control/store/store_kv.h"
#include "control/store/store_log.h"
#include "control/store/store_recent.h"
#include "control/store/store_thread.h"

#include <lmdb.h>
#include <time.h>

enum {
	STORE_MAPS_MAX = 3, /* one growing, the others frozen */
};

/* What some commits wrote, until LMDB has it. */
struct store_map {
	struct store_recent *recent;
	struct store_log_segment *segments; /* that have its frames, once it is frozen */
	uint64_t number;		    /* of its last frame */
	unsigned references;		    /* the store's and its snapshots' */
};

/* A frozen map on its way into LMDB; the store thread's while it works. */
struct store_flush {
	MDB_env *environment;
	const MDB_dbi *tables;
	struct store_map *map; /* NULL: none is given */
	int error;
};

/* LMDB's file on its way into a smaller one; the store thread's while it works. */
struct store_compact {
	bool running, started; /* wanted, and given to the thread */
	MDB_env *environment;
	int directory, error;
	uint64_t before, after; /* octets */
};

struct store_batch {
	bool is_open;
	MDB_txn *bulk; /* a bulk batch is written to LMDB itself */
	MDB_txn *part; /* its child between mark and keep or undo, or NULL */
	bool written;  /* something is in `bulk`, or in `part` */
	bool part_is_batch;
	bool marked; /* between mark and keep or undo */
	bool failed; /* a part of it is lost: it can't be committed */
	/* Room for a frame's head, and the writes so far; the same when the part began. */
	uint8_t *frame;
	size_t frame_bytes, frame_room, marked_bytes;
	size_t marked_undo;
	uint64_t sequence, marked_sequence; /* before the batch, before the part */
	size_t rrsets, marked_rrsets;
};

struct store {
	char *directory;
	int lock;
	MDB_env *environment;
	MDB_dbi tables[STORE_TABLES];
	MDB_txn *reader;	     /* LMDB as reads see it; NULL: none is needed yet */
	unsigned cursors, snapshots; /* open ones */
	struct store_log *log;
	struct store_map
		*maps[STORE_MAPS_MAX]; /* the growing one, then frozen ones, newest first */
	unsigned map_count;
	struct store_thread *thread;
	struct store_flush flush;
	struct store_compact compact;
	int flush_error;	/* of the last flush; 0: it went well */
	bool suspect;		/* LMDB may refuse all until it is opened again */
	struct timespec retry;	/* not before this after a failed flush */
	struct timespec sealed; /* when the growing map began */
	uint64_t number;	/* of the last frame */
	uint64_t sequence;	/* as the open transaction sees it */
	size_t rrsets;		/* the same */
	struct store_batch batch;
};

/* ---- store_environment.c ---- */

/* Opens LMDB's environment, without its tables. 0 or -1. */
int store_environment_open(struct store *store, struct failure *failure);

/* Opens it anew after an error that LMDB does not forget. Only without cursors, snapshots, jobs. */
int store_environment_reopen(struct store *store);

/* Opens all tables in `txn`; flags: 0 or MDB_CREATE. 0 or LMDB's error. */
int store_environment_tables(struct store *store, MDB_txn *txn, unsigned flags);

/* What reads see of LMDB: the bulk transaction, or a read transaction. 0 or LMDB's error. */
int store_reader_get(struct store *store, MDB_txn **txn);

/* Ends the read transaction where no cursor is open: what was lent is gone. */
void store_reader_drop(struct store *store);

/* ---- store_flush.c ---- */

/* A growing map over the others. 0 or -ENOMEM. */
int store_flush_grow(struct store *store);

/*
 * Takes what the store thread has done and gives it what is to do. Called where nothing is lent.
 * `force`: also what failed a moment ago.
 */
void store_flush_settle(struct store *store, bool force);

/* Takes what the store thread has done, if it has. Called where nothing is lent. */
void store_flush_result(struct store *store);

/* Freezes the growing map, unless it is empty or there is no room for another one. */
void store_flush_seal(struct store *store);

/* The same where it is large or old. */
void store_flush_seal_due(struct store *store);

/* Waits until LMDB has all that is in maps. 0, or the error of the last flush, or ETIMEDOUT. */
int store_flush_all(struct store *store, unsigned milliseconds);

/* Gives up a reference; the memory goes with the last. */
void store_map_drop(struct store_map *map);

/* ---- store_compact.c ---- */

/* Gives the copy to the idle thread, if one is wanted. Whether it did. */
bool store_compact_start(struct store *store);

/* Ends a copy that the thread has made. Nothing is lent, and no snapshot is open. */
void store_compact_end(struct store *store);

/* Removes what one left that was cut short. */
void store_compact_clean(const struct store *store);

/* ---- store_batch.c ---- */

/* Whether writes go to LMDB. */
static inline bool store_is_bulk(const struct store *store)
{
	return store->batch.bulk != NULL;
}

/* For who is going to write in bulk. */
static inline MDB_txn *store_write_transaction(struct store *store)
{
	store->batch.written = true;
	return store->batch.part != NULL ? store->batch.part : store->batch.bulk;
}

/* Notes a write for the log. 0, -ENOMEM, or -EFBIG: the batch is too large for it. */
int store_batch_note(struct store *store, const struct store_frame_write *write);

/* RRsets in LMDB alone. */
size_t store_batch_count(struct store *store);

/* ---- store_kv.c ---- */

/* Writes into the growing map and counts. 0 or an error of LMDB or -errno. */
int store_kv_apply(struct store *store, const struct store_frame_write *write);

int store_kv_put_number(
	struct store *store, const char *name, uint64_t number, struct failure *failure);

/* 1; 0: there is none; -1. */
int store_kv_get_number(
	struct store *store, const char *name, uint64_t *number, struct failure *failure);

/* ---- store.c ---- */

/* The number of the next zone, counted in the open transaction. 0 or -1. */
int store_next_zone(struct store *store, uint32_t *zone, struct failure *failure);

/* An LMDB error or an errno as a failure; "can't `action`". -1. */
int store_refuse(const struct store *store, int error, const char *action, struct failure *failure);

/* FAILURE_STORE_ERROR for an RRset that does not parse. -1. */
int store_refuse_value(const struct store *store, const struct owner *owner, uint16_t type,
	struct failure *failure);

/* FAILURE_STORE_ERROR that names what is damaged. -1. */
int store_refuse_damage(const struct store *store, const char *what, struct failure *failure);

#endif
