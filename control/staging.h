/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Records of an import, packed one behind the other until the file is complete and consistent.
 * Sorted only when they are read, and only if they did not come so. The public half is in update.h.
 */
#ifndef ARPAD_CONTROL_STAGING_H
#define ARPAD_CONTROL_STAGING_H

#include "control/store_codec.h"
#include "control/update.h"

const struct owner *staging_apex(const struct staging *staging);

/* Sorts what was added; adding more afterwards is allowed and asks for sorting again. */
int staging_sort(struct staging *staging, struct failure *failure);

/* One RRset of a sorted staging. Start with a zeroed struct; end with staged_free. */
struct staged {
	const uint8_t *key; /* the owner's key and the type, as the store's behind the zone */
	size_t key_bytes;
	struct rrset rrset;	    /* borrowed until the next staging_read */
	size_t next;		    /* where to read on */
	struct rrset_buffer merged; /* the RRset where it is more than one record */
};

/* Reads the RRset at `position` (0, or a `next`), in the store's order. 1; 0: the end; or -1. */
int staging_read(const struct staging *staging, size_t position, struct staged *staged,
	struct failure *failure);

/* The owner of what was read. */
void staged_owner(const struct staged *staged, struct store_owner *owner);

static inline void staged_free(struct staged *staged)
{
	rrset_buffer_free(&staged->merged);
}

#endif
