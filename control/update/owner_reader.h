/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads the RRsets of many owners, fastest in the order of their keys: the store is then walked and
 * not searched from its root for each. The store may not be written meanwhile. Control thread.
 */
#ifndef ARPAD_CONTROL_OWNER_READER_H
#define ARPAD_CONTROL_OWNER_READER_H

#include "control/store/store_walk.h"
#include "control/update/owner_sets.h"

/* Zeroed but for `store`, it is ready. */
struct owner_reader {
	struct store *store;
	struct store_walk *walk; /* NULL: none is open */
	uint32_t zone;		 /* that it is open on */
	int at;			 /* 1: on `entry`; 0: behind the zone's last */
	struct store_entry entry;
};

/* Replaces `sets` by what the zone holds at exactly `owner`, which may be nothing. 0 or -1. */
int owner_reader_read(struct owner_reader *reader, uint32_t zone, const struct owner *owner,
	struct owner_sets *sets, struct failure *failure);

void owner_reader_close(struct owner_reader *reader);

#endif
