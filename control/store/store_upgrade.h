/* SPDX-License-Identifier: BSD-3-Clause */
/* Stores of earlier formats, brought to the one that store_codec.h describes. */
#ifndef ARPAD_CONTROL_STORE_UPGRADE_H
#define ARPAD_CONTROL_STORE_UPGRADE_H

#include "control/store/store.h"

enum {
	STORE_FORMAT = 3,
	STORE_FORMAT_OLDEST = 2 /* that can be upgraded */
};

/*
 * Rewrites what the open transaction has in format `from`, STORE_FORMAT_OLDEST or later, as it is
 * in STORE_FORMAT; the caller writes the format's number and commits. It reads and writes a page at
 * a time, so it needs little memory. What has no date gets that of the upgrade, and the number of
 * the last change. -1: the failure; the transaction is good for an abort only.
 */
int store_upgrade(struct store *store, uint64_t from, struct failure *failure);

#endif
