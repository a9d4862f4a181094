/* SPDX-License-Identifier: BSD-3-Clause */
/* How the store is doing, for people and monitoring. Control thread. */
#ifndef ARPAD_CONTROL_STORE_STATUS_H
#define ARPAD_CONTROL_STORE_STATUS_H

#include "control/store/store.h"

struct store_status {
	size_t rrsets;
	uint64_t sequence;
	uint64_t file_bytes; /* of LMDB's file */
	uint64_t used_bytes; /* of it, the pages with something in them and those free again */
	size_t log_bytes;    /* of the log's files */
	size_t behind, behind_bytes; /* keys that LMDB has not yet, and the memory for them */
	bool compacting;
	bool refuses;	     /* changes, until the log can be written again */
	const char *trouble; /* why LMDB is not up to date; NULL: all is well */
};

struct store_status store_status(struct store *store);

#endif
