/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The end of a batch. First everything that can fail: serials, new records and zones built from
 * the open transaction, memory reserved, the commit. Then publication, which cannot.
 */
#include "control/presentation.h"
#include "control/soa.h"
#include "control/update/update_batch.h"
#include "control/update/update_changes.h"

#include <stdlib.h>

/* What is built before the commit and published after it. */
struct plan {
	struct changes changes;	  /* records; pages are in update->pages */
	struct zone_ref *touched; /* zones that the batch touched, each once */
	struct zone **zone;	  /* for each touched; NULL: the zone is gone */
	size_t zones_touched;
	size_t counted;	     /* changes that are in update->counts */
	struct zones *zones; /* a new set; NULL: the old one keeps its zones' places */
};

static int refuse_memory(struct failure *failure)
{
	return failure_set(failure, FAILURE_STORE_FULL, "no memory for the records of this change");
}

static void release_zone(void *memory)
{
	zone_free(memory);
}

static void release_zones(void *memory)
{
	zones_free(memory);
}

/* ---- Building ---- */

static int write_serial(struct update *update, const struct zone_ref *zone, uint32_t serial,
	struct failure *failure)
{
	struct rrset_buffer soa = {0};
	struct stored old, made;
	int result = update_find_soa(update, zone, &old, failure);

	if (result == 0 && rrset_buffer_copy(&soa, &old.rrset) != 0)
		result = refuse_memory(failure);
	if (result == 0) {
		soa_buffer_set_serial(&soa, serial);
		made = old;
		made.rrset = rrset_buffer_view(&soa);
		update->serial = serial;
		result = batch_write(update, zone, &zone->apex, &made, &old, failure);
	}
	rrset_buffer_free(&soa);
	return result;
}

/* Once a batch for each zone that changed, so that secondaries see one new version. */
static int write_serials(struct update *update, struct failure *failure)
{
	for (size_t i = 0; i < update->events; i++) {
		const struct zone_ref zone = update->event[i].zone;
		struct zone_ref now;

		if (update->event[i].kind != ZONE_CHANGED ||
			!batch_find_zone(update, &zone.apex, &now) || now.id != zone.id ||
			batch_decides_serial(update, &zone))
			continue;
		if (write_serial(update, &zone, update->event[i].state.serial, failure) != 0)
			return -1;
	}
	return 0;
}

/* Each zone of the events once. */
static int gather_touched(struct update *update, struct plan *plan, struct failure *failure)
{
	plan->touched = calloc(update->events + 1, sizeof(*plan->touched));
	plan->zone = calloc(update->events + 1, sizeof(struct zone *));
	if (plan->touched == NULL || plan->zone == NULL)
		return refuse_memory(failure);
	for (size_t i = 0; i < update->events; i++) {
		const struct zone_event *event = &update->event[i];

		if (batch_is_first(update, event))
			plan->touched[plan->zones_touched++] = event->zone;
	}
	return 0;
}

static const struct record *old_record(const struct update *update, const struct change *change)
{
	return table_find(update->table, &change->owner).record;
}

/*
 * Moves one owner from what it meant, with its `old` record, to what it is going to mean, or with
 * -1 back.
 */
static int count_one(
	struct update *update, const struct change *change, const struct record *old, int sign)
{
	const struct owner *owner = &change->owner;
	const struct zone *spoke = zones_find(update_zones(update), owner);
	struct zone_ref speaks;

	if (zone_counts_concern(change->record) && batch_zone_of(update, owner, &speaks) &&
		zone_counts_change(&update->counts, speaks.id, change->record, sign) != 0)
		return -1;
	if (spoke != NULL)
		zone_counts_change(&update->counts, spoke->id, old, -sign);
	return 0;
}

static int count_all(struct update *update, struct plan *plan, struct failure *failure)
{
	for (; plan->counted < plan->changes.count; plan->counted++) {
		struct change *change = &plan->changes.change[plan->counted];
		const struct record *old = old_record(update, change);

		changes_note(&plan->changes, change, old);
		if (count_one(update, change, old, 1) != 0)
			return refuse_memory(failure);
	}
	return 0;
}

/* How many RRsets the zone is going to hold. */
static uint64_t count_records(const struct update *update, const struct zone_ref *zone)
{
	const struct zone *old = zones_find(update_zones(update), &zone->apex);
	uint64_t before = old != NULL && old->id == zone->id ? old->records : 0;

	return before + (uint64_t)batch_growth(update, zone->id);
}

static int build_touched_zones(struct update *update, struct plan *plan, struct failure *failure)
{
	batch_sum_growths(update);
	for (size_t i = 0; i < plan->zones_touched; i++) {
		const struct zone_ref *zone = &plan->touched[i];
		struct zone_special special;
		struct zone_ref now;

		if (!batch_find_zone(update, &zone->apex, &now) || now.id != zone->id)
			continue;
		special = zone_counts_special(&update->counts, zone->id);
		plan->zone[i] = update_make_zone(update, zone, &special, failure);
		if (plan->zone[i] == NULL)
			return -1;
		plan->zone[i]->records = count_records(update, zone);
	}
	return 0;
}

static struct zone_ref ref_of(const struct zone *zone)
{
	return (struct zone_ref){zone_apex(zone), zone->id};
}

/* The new set: the zones that the batch left alone, and those built for it. */
static int build_zones(struct update *update, struct plan *plan, struct failure *failure)
{
	const struct zones *old = update_zones(update);
	size_t count = 0;
	struct zone **list;

	if (!batch_moves_zones(update))
		return 0;
	list = calloc(zones_count(old) + plan->zones_touched + 1, sizeof(*list));
	if (list == NULL)
		return refuse_memory(failure);
	for (size_t i = 0; i < zones_count(old); i++) {
		const struct zone_ref zone = ref_of(zones_at(old, i));

		if (!batch_touches(update, &zone))
			list[count++] = zones_at(old, i);
	}
	for (size_t i = 0; i < plan->zones_touched; i++)
		if (plan->zone[i] != NULL)
			list[count++] = plan->zone[i];
	plan->zones = zones_new(list, count);
	free(list);
	return plan->zones == NULL ? refuse_memory(failure) : 0;
}

/* Exactly what publish() may need, for the whole batch at once. */
static int reserve(struct update *update, const struct plan *plan, struct failure *failure)
{
	struct table_room room = {0};

	changes_room(&plan->changes, update->table, &room);
	host_pages_room(&update->pages, update->table, &room);
	/* Each touched zone retires at most one old zone, and the old set is one more thing. */
	if (table_reserve(update->table, &room) != 0 ||
		reclaim_reserve(update->reclaim, plan->zones_touched + 1) != 0)
		return refuse_memory(failure);
	return 0;
}

static int build(struct update *update, struct plan *plan, struct failure *failure)
{
	if (write_serials(update, failure) != 0 ||
		journal_finish(&update->journal, update->now, failure) != 0 ||
		changes_build(&plan->changes, update, failure) != 0 ||
		gather_touched(update, plan, failure) != 0 ||
		count_all(update, plan, failure) != 0 ||
		build_touched_zones(update, plan, failure) != 0 ||
		build_zones(update, plan, failure) != 0)
		return -1;
	return reserve(update, plan, failure);
}

/* What was built and not published. */
static void discard(struct update *update, struct plan *plan)
{
	for (size_t i = plan->counted; i-- > 0;) {
		const struct change *change = &plan->changes.change[i];

		count_one(update, change, old_record(update, change), -1);
	}
	changes_discard(&plan->changes);
	host_pages_discard(&update->pages);
	for (size_t i = 0; plan->zone != NULL && i < plan->zones_touched; i++)
		zone_free(plan->zone[i]);
	zones_free(plan->zones);
}

static void free_arrays(struct plan *plan)
{
	changes_free(&plan->changes);
	free(plan->touched);
	free(plan->zone);
}

/* ---- Publishing ---- */

static void retire(struct update *update, void *memory, void (*release)(void *memory))
{
	const struct unlinked thing = {memory, release};

	if (memory != NULL)
		reclaim_add(update->reclaim, thing); /* reserve() made sure of the room */
}

/* Has workers look for all that the batch brings or takes away, whatever zones they see. */
static void announce(struct update *update, const struct zone_special *moving)
{
	if ((moving->cuts.bit[0] | moving->cuts.bit[1]) == 0 && !moving->wildcards)
		return;
	serving_move(update->serving, moving);
	update->moving = true;
}

/* New versions of zones that stay. A zone that is being added has no place in the old set yet. */
static void publish_versions(struct update *update, const struct plan *plan)
{
	for (size_t i = 0; i < plan->zones_touched; i++) {
		const struct zone_ref *zone = &plan->touched[i];
		const struct zone *old = zones_find(update_zones(update), &zone->apex);

		if (plan->zone[i] != NULL && old != NULL && old->id == zone->id)
			retire(update, zones_replace(update_zones(update), plan->zone[i]),
				release_zone);
	}
}

static bool is_gone(const struct update *update, const struct zone *zone)
{
	const struct zone_ref ref = ref_of(zone);
	struct zone_ref now;

	return !batch_find_zone(update, &ref.apex, &now) || now.id != ref.id;
}

static void publish_set(struct update *update, const struct plan *plan)
{
	struct zones *old;

	if (plan->zones == NULL)
		return;
	old = (struct zones *)serving_publish_zones(update->serving, plan->zones);
	for (size_t i = 0; i < zones_count(old); i++)
		if (is_gone(update, zones_at(old, i))) {
			zone_counts_forget(&update->counts, zones_at(old, i)->id);
			retire(update, zones_at(old, i), release_zone);
		}
	retire(update, old, release_zones);
}

/*
 * Announcement, versions, records, the set, removals, what is lost: in this order no query is
 * denied a name that exists, and none is answered from what a cut hides; docs/memory-and-rcu.md has
 * the argument. A parent is put before the names below it, so a cut before what it hides. A new
 * zone's records are found before a miss could be answered NXDOMAIN in its name; a removed zone
 * stops answering misses (REFUSED, or its parent zone's) before its records go, so that their
 * going is never an NXDOMAIN of a zone that is no longer ours. A query sees each record's old
 * state or its new one.
 */
static void publish(struct update *update, const struct plan *plan)
{
	announce(update, &plan->changes.moving);
	publish_versions(update, plan);
	changes_publish_made(&plan->changes, update->table);
	host_pages_publish_made(&update->pages, update->table);
	publish_set(update, plan);
	host_pages_publish_gone(&update->pages, update->table);
	host_pages_forget(&update->pages);
	changes_publish_gone(&plan->changes, update->table);
	changes_publish_lost(&plan->changes, update->table, update->serving);
	/* What it has no room for stays with the table until the next batch. */
	reclaim_batch(update->reclaim, update->table);
}

static int commit(struct update *update, struct failure *failure)
{
	uint64_t began_us = latency_now_us();
	int result = store_commit(update->store, failure);

	if (result == 0)
		latency_add(&update->measures.commit, latency_now_us() - began_us);
	else
		counter_add(&update->measures.failed, 1);
	return result;
}

int update_publish(struct update *update, struct failure *failure)
{
	struct plan plan = {0};
	int result = build(update, &plan, failure);

	if (result != 0)
		store_abort(update->store);
	else
		result = commit(update, failure);
	if (result == 0) {
		uint64_t began_us = latency_now_us();

		publish(update, &plan);
		latency_add(&update->measures.publish, latency_now_us() - began_us);
	} else {
		discard(update, &plan);
	}
	free_arrays(&plan);
	return result;
}
