/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Records of an import, packed one behind the other until the file is complete and consistent.
 * Sorted only when they are read. The public half is in update.h.
 */
#ifndef ARPAD_CONTROL_STAGING_H
#define ARPAD_CONTROL_STAGING_H

#include "control/store_codec.h"
#include "control/update.h"

const struct owner *staging_apex(const struct staging *staging);

/* Sorts what was added; adding more afterwards is allowed and asks for sorting again. */
int staging_sort(struct staging *staging, struct failure *failure);

/* One RRset of a sorted staging. `rrset` is reused; free it with rrset_buffer_free. */
struct staged {
	struct store_owner owner;
	size_t next; /* where to read on */
	struct rrset_buffer rrset;
};

/* Reads the RRset at `position` (0, or a `next`), in the store's order. 1; 0: the end; or -1. */
int staging_read(const struct staging *staging, size_t position, struct staged *staged,
	struct failure *failure);

#endif
