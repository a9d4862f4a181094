/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * LMDB's file written anew without the room that is free in it, while all goes on: the copy is made
 * in the store's thread, and what changes meanwhile stays in the log and the maps. Control thread.
 */
#ifndef ARPAD_CONTROL_STORE_COMPACT_H
#define ARPAD_CONTROL_STORE_COMPACT_H

#include "control/store/store.h"

/* Starts it. FAILURE_BUSY while it or a snapshot is under way, FAILURE_STORE_FULL without room. */
int store_compact_begin(struct store *store, struct failure *failure);

/* The last one's outcome. 1: it goes on; 0: done, with the sizes of the file; -1: the failure. */
int store_compact_result(
	struct store *store, uint64_t *before, uint64_t *after, struct failure *failure);

#endif
