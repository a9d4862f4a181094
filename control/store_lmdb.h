/* SPDX-License-Identifier: BSD-3-Clause */
/* The inside of struct store, shared by store.c (transactions) and store_data.c (contents). */
#ifndef ARPAD_CONTROL_STORE_LMDB_H
#define ARPAD_CONTROL_STORE_LMDB_H

#include "control/store_kv.h"

#include <lmdb.h>

struct store {
	MDB_env *environment;
	MDB_txn *batch;	    /* the open transaction, or NULL */
	MDB_txn *part;	    /* its child between mark and keep or undo, or NULL */
	bool written;	    /* something is in `batch`, or in `part` */
	bool part_is_batch; /* between mark and keep or undo: the part has no child of its own */
	MDB_dbi tables[STORE_TABLES];
	char *directory;
	int lock;
	uint64_t sequence; /* as the open transaction sees it */
	uint64_t committed_sequence, marked_sequence;
};

/* The innermost open transaction. */
static inline MDB_txn *store_transaction(const struct store *store)
{
	return store->part != NULL ? store->part : store->batch;
}

/* The same, for who is going to write. */
static inline MDB_txn *store_write_transaction(struct store *store)
{
	store->written = true;
	return store_transaction(store);
}

/* Where reads go: the innermost open transaction, or a read transaction of their own. */
struct store_view {
	MDB_txn *txn;
	bool own;
};

/* 0 and then store_view_close, or LMDB's error. */
static inline int store_view_open(const struct store *store, struct store_view *view)
{
	view->txn = store_transaction(store);
	view->own = view->txn == NULL;
	return view->own ? mdb_txn_begin(store->environment, NULL, MDB_RDONLY, &view->txn) : 0;
}

static inline void store_view_close(struct store_view *view)
{
	if (view->own)
		mdb_txn_abort(view->txn);
}

/* The number of the next zone, counted in the open transaction. 0 or LMDB's error. */
int store_next_zone(struct store *store, uint32_t *zone);

/* An LMDB error or an errno as a failure; "can't `action`". -1. */
int store_refuse(const struct store *store, int error, const char *action, struct failure *failure);

/* FAILURE_STORE_ERROR for an RRset that does not parse. -1. */
int store_refuse_value(const struct store *store, const struct owner *owner, uint16_t type,
	struct failure *failure);

/* FAILURE_STORE_ERROR that names what is damaged. -1. */
int store_refuse_damage(const struct store *store, const char *what, struct failure *failure);

#endif
