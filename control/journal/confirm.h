/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Commits that are undone unless somebody confirms them in time: so that who cuts off himself gets
 * back what was. They are kept in the store, with the commit itself. Control thread.
 */
#ifndef ARPAD_CONTROL_CONFIRM_H
#define ARPAD_CONTROL_CONFIRM_H

#include "control/actor.h"
#include "control/store/store_kv.h"
#include "control/update/update.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	CONFIRM_TXN_MAX_BYTES = 32,
	CONFIRM_MAX = 64, /* that wait at once */
};

/* A commit that waits. */
struct confirm {
	char txn[CONFIRM_TXN_MAX_BYTES + 1];
	uint64_t first, last;	      /* its changes */
	uint32_t deadline;	      /* seconds since 1970, by the wall clock */
	char actor[ACTOR_NAME_BYTES]; /* who committed */
};

/*
 * Says of the open group, after all its changes, that it waits until `deadline` for confirm_keep.
 * 1; 0: the group changes nothing, so there is nothing to wait for; -1: FAILURE_TOO_LARGE, where
 * the journal only counts what it changes, FAILURE_BUSY, where too many wait, or the store's.
 */
int confirm_add(struct update *update, const struct update_group *group, const char *txn,
	uint32_t deadline, struct failure *failure);

/* Confirms, within a batch. FAILURE_NOT_FOUND: no such commit waits. */
int confirm_keep(struct update *update, const char *txn, struct failure *failure);

/* Those that wait, in the order of their names: `*count` of CONFIRM_MAX at most. */
int confirm_list(
	struct store *store, struct confirm *confirms, unsigned *count, struct failure *failure);

/* What became of one that nobody confirmed. */
struct confirm_end {
	struct confirm confirm;
	uint64_t sequence; /* of the change that undid it */
	size_t reverted, skipped;
};

/*
 * Undoes one whose deadline is at or before `now`, as a batch of its own. 1: done, there may be
 * more; 0: there is none; -1: the failure, it stays and can be tried again.
 */
int confirm_undo_due(
	struct update *update, uint32_t now, struct confirm_end *end, struct failure *failure);

/* The octets of one that waits. The length written; 0, or -1: damaged. */
enum { CONFIRM_VALUE_MAX_BYTES = 8 + 8 + 4 + ACTOR_NAME_BYTES };
size_t confirm_write(const struct confirm *confirm, uint8_t value[static CONFIRM_VALUE_MAX_BYTES]);
int confirm_parse(struct store_bytes txn, struct store_bytes value, struct confirm *confirm);

#endif
