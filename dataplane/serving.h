/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a worker answers from: the table, the zones and our addresses. The pointers are swapped by
 * the control thread with release; workers load them with acquire once a burst.
 */
#ifndef ARPAD_DATAPLANE_SERVING_H
#define ARPAD_DATAPLANE_SERVING_H

#include "dataplane/addresses.h"
#include "dataplane/records/table.h"
#include "dataplane/records/zones.h"

#include <stdatomic.h>

struct serving {
	const struct table *table;		     /* set before the workers start, then fixed */
	_Atomic(const struct zones *) zones;	     /* control: wo, workers: ro */
	_Atomic(const struct addresses *) addresses; /* control: wo, workers: ro */
};

/* Each publishes the new set and returns the old one, to be freed after a grace period. */
static inline const struct zones *serving_publish_zones(
	struct serving *serving, const struct zones *zones)
{
	return atomic_exchange_explicit(&serving->zones, zones, memory_order_acq_rel);
}

static inline const struct addresses *serving_publish_addresses(
	struct serving *serving, const struct addresses *addresses)
{
	return atomic_exchange_explicit(&serving->addresses, addresses, memory_order_acq_rel);
}

#endif
