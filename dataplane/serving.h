/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a worker answers from: the table, the zones, our addresses, the policy. The pointers are
 * swapped by the control thread with release; workers load them with acquire once a burst.
 */
#ifndef ARPAD_DATAPLANE_SERVING_H
#define ARPAD_DATAPLANE_SERVING_H

#include "dataplane/addresses.h"
#include "dataplane/policy.h"
#include "dataplane/records/table.h"
#include "dataplane/records/zones.h"

#include <stdatomic.h>

struct serving {
	const struct table *table;		     /* set before workers start, then fixed */
	_Atomic(const struct zones *) zones;	     /* control: wo, workers: ro */
	_Atomic(const struct addresses *) addresses; /* control: wo, workers: ro */
	_Atomic(const struct policy *) policy;	     /* control: wo, workers: ro */
	_Atomic(uint32_t) now; /* seconds since 1970, kept by control once a second, for cookies */
};

/* Each publishes the new one and returns the old one, to be freed after a grace period. */
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

static inline const struct policy *serving_publish_policy(
	struct serving *serving, const struct policy *policy)
{
	return atomic_exchange_explicit(&serving->policy, policy, memory_order_acq_rel);
}

/* One burst's, or one message's, view: loaded once, so that all of it is answered alike. */
struct serving_view {
	const struct table *table;
	const struct zones *zones;
	const struct addresses *addresses;
	const struct policy *policy;
	uint32_t now;
	bool cuts; /* whether a zone may have cuts or DNAMEs; serving_see_cuts */
};

/* Any registered reader; the view is borrowed until its next quiescent state. */
static inline struct serving_view serving_load(const struct serving *serving)
{
	/* Each pairs with the release in its serving_publish_*; the time orders nothing. */
	return (struct serving_view){
		.table = serving->table,
		.zones = atomic_load_explicit(&serving->zones, memory_order_acquire),
		.addresses = atomic_load_explicit(&serving->addresses, memory_order_acquire),
		.policy = atomic_load_explicit(&serving->policy, memory_order_acquire),
		.now = atomic_load_explicit(&serving->now, memory_order_relaxed),
		.cuts = true,
	};
}

/*
 * After the table was searched, and not before: a zone's first cut is announced before its record
 * can be found. So who found nothing that a cut hides may do without looking for one.
 */
static inline void serving_see_cuts(struct serving_view *view)
{
	view->cuts = zones_have_cuts(view->zones);
}

#endif
