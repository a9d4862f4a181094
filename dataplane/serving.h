/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a worker answers from: the table, the zones, our addresses, the policy. The pointers are
 * swapped by the control thread with release; workers load them with acquire once a burst.
 */
#ifndef ARPAD_DATAPLANE_SERVING_H
#define ARPAD_DATAPLANE_SERVING_H

#include "dataplane/addresses.h"
#include "dataplane/observe.h"
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

	/*
	 * What comes or goes, in any zone, and so is looked for beside what a zone's version tells:
	 * from before a batch's first change until a grace period after its last. Control: wo,
	 * workers: ro.
	 */
	_Atomic(uint64_t) moving_cuts[2]; /* as in struct zone_depths */
	_Atomic(bool) moving_wildcards;
	_Atomic(uint32_t) lost; /* counts when cuts, DNAMEs and wildcards were taken away */

	struct observe_terms observe;
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

static inline const struct observe_filters *serving_publish_filters(
	struct serving *serving, const struct observe_filters *filters)
{
	/* Pairs with the acquires of who matches (observe.c, observe_burst.c). */
	return atomic_exchange_explicit(&serving->observe.filters, filters, memory_order_acq_rel);
}

/* To be looked for from now on too. Before the batch's first change. Control thread. */
static inline void serving_move(struct serving *serving, const struct zone_special *moving)
{
	for (unsigned i = 0; i < 2; i++) {
		_Atomic(uint64_t) *cuts = &serving->moving_cuts[i];

		/* Pairs with the acquire in serving_moving_cuts. */
		atomic_store_explicit(cuts,
			atomic_load_explicit(cuts, memory_order_relaxed) | moving->cuts.bit[i],
			memory_order_release);
	}
	if (moving->wildcards) /* pairs with the acquire in serving_seek_wildcards */
		atomic_store_explicit(&serving->moving_wildcards, true, memory_order_release);
}

/* Nothing moves any more: a grace period has passed since the last change. Control thread. */
static inline void serving_settle(struct serving *serving)
{
	/* The grace period is what orders these: who held anything that moved has let go of it. */
	atomic_store_explicit(&serving->moving_cuts[0], 0, memory_order_release);
	atomic_store_explicit(&serving->moving_cuts[1], 0, memory_order_release);
	atomic_store_explicit(&serving->moving_wildcards, false, memory_order_release);
}

/*
 * Between all else that a batch changes and the cuts, DNAMEs and wildcards that it takes away, so
 * that who misses one of these knows that what it found before may have been hidden, or is no
 * longer all there is. Control thread.
 */
static inline void serving_lose(struct serving *serving)
{
	uint32_t lost = atomic_load_explicit(&serving->lost, memory_order_relaxed);

	/* Pairs with the acquire in serving_lost. */
	atomic_store_explicit(&serving->lost, lost + 1, memory_order_release);
}

/* Any thread: before a search, and again after no cut was found above what it found. */
static inline uint32_t serving_lost(const struct serving *serving)
{
	return atomic_load_explicit(&serving->lost, memory_order_acquire);
}

/* Any thread, after the search. */
static inline struct zone_depths serving_moving_cuts(const struct serving *serving)
{
	return (struct zone_depths){
		{atomic_load_explicit(&serving->moving_cuts[0], memory_order_acquire),
			atomic_load_explicit(&serving->moving_cuts[1], memory_order_acquire)}};
}

/* The depths at which a name in `zone` may have a cut or a DNAME above it. Any thread. */
static inline struct zone_depths serving_cut_depths(
	const struct serving *serving, const struct zone *zone)
{
	struct zone_depths depths = serving_moving_cuts(serving);

	depths.bit[0] |= zone->special.cuts.bit[0];
	depths.bit[1] |= zone->special.cuts.bit[1];
	return depths;
}

/* Whether `zone` may have wildcards. Any thread, after a search that found nothing. */
static inline bool serving_seek_wildcards(const struct serving *serving, const struct zone *zone)
{
	return zone->special.wildcards ||
		atomic_load_explicit(&serving->moving_wildcards, memory_order_acquire);
}

/*
 * Whether anything moves. Any thread, after the search and after the zone was found: if not, all
 * that could hide what was found, or stand for what was not, is what the zone's version tells.
 */
static inline bool serving_moves(const struct serving *serving)
{
	struct zone_depths cuts = serving_moving_cuts(serving);

	return (cuts.bit[0] | cuts.bit[1]) != 0 ||
		atomic_load_explicit(&serving->moving_wildcards, memory_order_acquire);
}

/* One burst's, or one message's, view: loaded once, so that all of it is answered alike. */
struct serving_view {
	const struct serving *serving; /* for what is asked after a search */
	const struct table *table;
	const struct zones *zones;
	const struct addresses *addresses;
	const struct policy *policy;
	uint32_t now;
	uint32_t lost; /* before the table was searched */
	bool cuts;     /* whether a zone may have cuts or DNAMEs; serving_see_cuts */
};

/* Any registered reader; the view is borrowed until its next quiescent state. */
static inline struct serving_view serving_load(const struct serving *serving)
{
	/* Each pairs with the release in its serving_publish_*; the time orders nothing. */
	return (struct serving_view){
		.serving = serving,
		.table = serving->table,
		.zones = atomic_load_explicit(&serving->zones, memory_order_acquire),
		.addresses = atomic_load_explicit(&serving->addresses, memory_order_acquire),
		.policy = atomic_load_explicit(&serving->policy, memory_order_acquire),
		.now = atomic_load_explicit(&serving->now, memory_order_relaxed),
		.lost = serving_lost(serving),
		.cuts = true,
	};
}

/*
 * After the table was searched, and not before: a cut is announced before what it hides can be
 * found, and until a grace period after that went. So who is told of none here holds nothing that
 * one hides, be the zones of its view those of before.
 */
static inline void serving_see_cuts(struct serving_view *view)
{
	struct zone_depths moving = serving_moving_cuts(view->serving);

	view->cuts = (moving.bit[0] | moving.bit[1]) != 0 || zones_have_cuts(view->zones);
}

#endif
