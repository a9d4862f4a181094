/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All that a zone holds, in the order of owner keys (store_codec.h), an owner at a time: for who
 * builds records from it. Nothing is copied; what is told is borrowed for the call.
 */
#ifndef ARPAD_CONTROL_STORE_FEED_H
#define ARPAD_CONTROL_STORE_FEED_H

#include "control/store/store.h"

enum { STORE_FEED_SETS_MAX = 64 }; /* far above the types that zone data may have */

/* Whom to tell. Each returns 0 to go on; anything else stops the feed, which returns it. */
struct store_feed {
	/* A host whose only RRset is one PTR record with `target`, a well-formed name. */
	int (*host)(void *context, const struct prefix *host, uint32_t ttl, const uint8_t *target,
		size_t target_bytes);
	/* Any other owner, and its RRsets by type. */
	int (*owner)(void *context, const struct owner *owner, const struct rrset *rrsets,
		unsigned count);
	void *context;
};

/*
 * Tells what the zone with this number and apex holds. Sees the open transaction's writes, or the
 * last commit when none is open; no call may write. `*rrsets` is how many RRsets were read. -1: the
 * failure; what is damaged, or outside the zone, is one.
 */
int store_feed_zone(struct store *store, uint32_t zone, const struct owner *apex,
	const struct store_feed *feed, size_t *rrsets, struct failure *failure);

#endif
