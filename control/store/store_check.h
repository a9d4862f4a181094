/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The whole store read through, key by key, against its own rules: what a start or a query would
 * stumble over some day. A piece at a time, so that the control thread goes on between.
 */
#ifndef ARPAD_CONTROL_STORE_CHECK_H
#define ARPAD_CONTROL_STORE_CHECK_H

#include "control/store/store.h"

enum { STORE_CHECK_TEXT_BYTES = 256 };

struct store_check;

/* From the beginning, of the store as it is now (store_snapshot). 0 and then _close, or -1. */
int store_check_open(struct store *store, struct store_check **check, struct failure *failure);
void store_check_close(struct store_check *check); /* takes NULL */

/* How many zones are served. Before the first step. */
void store_check_expect(struct store_check *check, size_t zones);

/*
 * Looks at up to `entries` more, and stops early at one that is wrong. 1: there is more; 0: that
 * was all; -1. *problem: what is wrong, in a sentence without an end; "" where nothing is.
 */
int store_check_step(struct store_check *check, size_t entries,
	char problem[static STORE_CHECK_TEXT_BYTES], struct failure *failure);

/* So far. */
struct store_check_counts {
	size_t rrsets, zones, journal, problems;
};
struct store_check_counts store_check_counts(const struct store_check *check);

#endif
