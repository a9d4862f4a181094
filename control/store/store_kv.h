/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The store as ordered tables of octets: what all else of the store is made of. Keys sort as memcmp
 * does. Control thread.
 */
#ifndef ARPAD_CONTROL_STORE_KV_H
#define ARPAD_CONTROL_STORE_KV_H

#include "control/store/store.h"

enum store_table {
	STORE_META,	   /* name -> number */
	STORE_ZONES,	   /* apex -> zone number and settings */
	STORE_RRSETS,	   /* zone number, owner, type -> value (store_codec.h) */
	STORE_JOURNAL,	   /* sequence number, index -> what changed */
	STORE_GONE,	   /* zone number, owner, type -> the sequence number of its deletion */
	STORE_TENANTS,	   /* name -> how many objects are its own */
	STORE_UNCONFIRMED, /* transaction -> what is undone unless it is confirmed in time */
	STORE_TABLES
};

enum { STORE_KV_KEY_MAX_BYTES = 511 };

struct store_bytes {
	const uint8_t *octets;
	size_t count;
};

/*
 * Makes the open transaction one that goes to LMDB at once, whatever its size, and not by way of
 * the log: for imports. Waits until LMDB has all that was committed before. Best right after
 * store_begin: what the transaction has written already is written again. 0; -1: the transaction is
 * as it was.
 */
int store_bulk_begin(struct store *store, struct failure *failure);

/*
 * Writes need the open transaction; the octets are copied. Delete: 1 done, 0 there is none, -1 the
 * failure. A write ends what gets and cursors have lent.
 */
int store_kv_put(struct store *store, enum store_table table, struct store_bytes key,
	struct store_bytes value, struct failure *failure);
int store_kv_delete(struct store *store, enum store_table table, struct store_bytes key,
	struct failure *failure);

/*
 * Reads see the open transaction's writes, or the last commit when none is open. What is lent is
 * good until the next write, begin, commit or abort. 1 found, 0 there is none, -1 the failure.
 */
int store_kv_get(struct store *store, enum store_table table, struct store_bytes key,
	struct store_bytes *value, struct failure *failure);

/*
 * A place in a table. A cursor is closed before the next write, begin, commit or abort, unless it
 * is a snapshot's.
 */
struct store_cursor;
int store_cursor_open(struct store *store, enum store_table table, struct store_cursor **cursor,
	struct failure *failure);
void store_cursor_close(struct store_cursor *cursor); /* takes NULL */

/*
 * Each lends key and value of where it goes: the first key at or above `from`, the one behind the
 * last that was lent, the one before it, the highest. 1; 0: there is none; -1.
 */
int store_cursor_seek(struct store_cursor *cursor, struct store_bytes from, struct store_bytes *key,
	struct store_bytes *value, struct failure *failure);
int store_cursor_next(struct store_cursor *cursor, struct store_bytes *key,
	struct store_bytes *value, struct failure *failure);
int store_cursor_previous(struct store_cursor *cursor, struct store_bytes *key,
	struct store_bytes *value, struct failure *failure);
int store_cursor_last(struct store_cursor *cursor, struct store_bytes *key,
	struct store_bytes *value, struct failure *failure);

/*
 * The store as it is now, for as long as it is open, whatever is committed meanwhile: for backups.
 * Not between begin and commit. It keeps old pages from being used again, so not for ever.
 */
struct store_snapshot;
int store_snapshot_open(
	struct store *store, struct store_snapshot **snapshot, struct failure *failure);
void store_snapshot_close(struct store_snapshot *snapshot); /* takes NULL; its cursors are closed */
int store_cursor_open_at(struct store_snapshot *snapshot, enum store_table table,
	struct store_cursor **cursor, struct failure *failure);

#endif
