/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The end of a batch. First everything that can fail: serials, new records and zones built from
 * the open transaction, memory reserved, the commit. Then publication, which cannot.
 */
#include "control/presentation.h"
#include "control/soa.h"
#include "control/update_batch.h"

#include <stdlib.h>

/* What is built before the commit and published after it. */
struct plan {
	struct record **record; /* for each dirty owner, sorted; NULL: nothing is left there */
	struct prefix *apex;	/* zones that the batch touched, sorted */
	struct zone **zone;	/* for each apex; NULL: the zone is gone */
	size_t apexes;
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

/* Sorts an array of prefixes and drops repetitions; returns how many are left. */
static size_t sort_unique(struct prefix *prefix, size_t count)
{
	size_t kept = 0, sorted = 1;

	while (sorted < count && update_compare_owners(&prefix[sorted - 1], &prefix[sorted]) <= 0)
		sorted++;
	if (sorted < count)
		qsort(prefix, count, sizeof(*prefix), update_compare_owners);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || !prefix_equal(&prefix[kept - 1], &prefix[i]))
			prefix[kept++] = prefix[i];
	return kept;
}

/* ---- Building ---- */

int update_read_soa(struct update *update, const struct prefix *apex, struct rrset_buffer *soa,
	struct failure *failure)
{
	char text[PRESENTATION_PREFIX_BYTES];

	if (store_get_rrset(update->store, apex, WIRE_TYPE_SOA, soa, failure) == 0)
		return 0;
	if (failure->code != FAILURE_NOT_FOUND)
		return -1;
	return failure_set(failure, FAILURE_STORE_ERROR,
		"the store is damaged: the zone %s has no SOA; restore it from a backup",
		presentation_write_prefix(apex, text));
}

static int bump_serial(struct update *update, const struct prefix *apex, struct failure *failure)
{
	struct rrset_buffer soa = {0};
	int result = update_read_soa(update, apex, &soa, failure);

	if (result == 0) {
		const struct rrset view = rrset_buffer_view(&soa);

		soa_buffer_set_serial(&soa, soa_buffer_serial(&soa) + 1);
		result = batch_put(update, apex, &view, failure);
	}
	rrset_buffer_free(&soa);
	return result;
}

/* Once a batch for each zone that changed, so that secondaries see one new version. */
static int bump_serials(struct update *update, struct failure *failure)
{
	for (size_t i = 0; i < update->events; i++) {
		const struct prefix apex = update->event[i].apex;

		if (update->event[i].kind != ZONE_CHANGED || !batch_has_zone(update, &apex) ||
			batch_has_event(update, &apex, ZONE_SERIAL_DECIDED))
			continue;
		if (bump_serial(update, &apex, failure) != 0)
			return -1;
	}
	return 0;
}

static int build_records(struct update *update, struct plan *plan, struct failure *failure)
{
	update->dirty_count = sort_unique(update->dirty, update->dirty_count);
	plan->record = calloc(update->dirty_count + 1, sizeof(struct record *));
	if (plan->record == NULL)
		return refuse_memory(failure);
	for (size_t i = 0; i < update->dirty_count; i++) {
		const struct prefix *owner = &update->dirty[i];

		if (owner_sets_read(&update->sets, update->store, owner, failure) != 0)
			return -1;
		if (update->sets.count == 0)
			continue;
		plan->record[i] = owner_sets_record(&update->sets, owner);
		if (plan->record[i] == NULL)
			return refuse_memory(failure);
	}
	return 0;
}

static struct zone *build_zone(
	struct update *update, const struct prefix *apex, struct failure *failure)
{
	struct rrset_buffer soa = {0};
	struct zone *zone = NULL;

	if (update_read_soa(update, apex, &soa, failure) == 0) {
		const struct rrset view = rrset_buffer_view(&soa);

		zone = zone_new(apex, &view);
		if (zone == NULL)
			failure_set(
				failure, FAILURE_INTERNAL, "a zone's SOA could not be rendered");
	}
	rrset_buffer_free(&soa);
	return zone;
}

static int build_touched_zones(struct update *update, struct plan *plan, struct failure *failure)
{
	plan->apex = calloc(update->events + 1, sizeof(*plan->apex));
	plan->zone = calloc(update->events + 1, sizeof(struct zone *));
	if (plan->apex == NULL || plan->zone == NULL)
		return refuse_memory(failure);
	for (size_t i = 0; i < update->events; i++)
		plan->apex[i] = update->event[i].apex;
	plan->apexes = sort_unique(plan->apex, update->events);
	for (size_t i = 0; i < plan->apexes; i++) {
		if (!batch_has_zone(update, &plan->apex[i]))
			continue;
		plan->zone[i] = build_zone(update, &plan->apex[i], failure);
		if (plan->zone[i] == NULL)
			return -1;
	}
	return 0;
}

static bool is_touched(const struct plan *plan, const struct prefix *apex)
{
	return bsearch(apex, plan->apex, plan->apexes, sizeof(*apex), update_compare_owners) !=
		NULL;
}

static bool zones_come_or_go(const struct update *update)
{
	for (size_t i = 0; i < update->events; i++)
		if (update->event[i].kind == ZONE_ADDED || update->event[i].kind == ZONE_REMOVED)
			return true;
	return false;
}

/* The new set: the zones that the batch left alone, and those built for it. */
static int build_zones(struct update *update, struct plan *plan, struct failure *failure)
{
	const struct zones *old = update_zones(update);
	size_t count = 0;
	struct zone **list;

	if (!zones_come_or_go(update))
		return 0;
	list = calloc(zones_count(old) + plan->apexes + 1, sizeof(*list));
	if (list == NULL)
		return refuse_memory(failure);
	for (size_t i = 0; i < zones_count(old); i++)
		if (!is_touched(plan, &zones_at(old, i)->apex))
			list[count++] = zones_at(old, i);
	for (size_t i = 0; i < plan->apexes; i++)
		if (plan->zone[i] != NULL)
			list[count++] = plan->zone[i];
	plan->zones = zones_new(list, count);
	free(list);
	return plan->zones == NULL ? refuse_memory(failure) : 0;
}

/* Exactly what publish() may need, for the whole batch at once. */
static int reserve(struct update *update, const struct plan *plan, struct failure *failure)
{
	size_t owners = 0, ancestors = 0;
	const struct prefix *previous = NULL;

	for (size_t i = 0; i < update->dirty_count; i++) {
		const struct prefix *owner = &update->dirty[i];

		if (plan->record[i] == NULL) {
			ancestors++; /* it may have names below it, and become one itself */
			continue;
		}
		if (table_find(update->table, owner) != NULL)
			continue;
		owners++;
		ancestors += update_new_ancestors(previous, owner);
		previous = owner;
	}
	/* Each touched zone retires at most one old zone, and the old set is one more thing. */
	if (table_reserve(update->table, owners, ancestors) != 0 ||
		reclaim_reserve(update->reclaim, plan->apexes + 1) != 0)
		return refuse_memory(failure);
	return 0;
}

static int build(struct update *update, struct plan *plan, struct failure *failure)
{
	if (bump_serials(update, failure) != 0 || build_records(update, plan, failure) != 0 ||
		build_touched_zones(update, plan, failure) != 0 ||
		build_zones(update, plan, failure) != 0)
		return -1;
	return reserve(update, plan, failure);
}

/* What was built and not published. */
static void discard(struct update *update, struct plan *plan)
{
	for (size_t i = 0; plan->record != NULL && i < update->dirty_count; i++)
		if (plan->record[i] != NULL)
			record_free(plan->record[i]);
	for (size_t i = 0; plan->zone != NULL && i < plan->apexes; i++)
		zone_free(plan->zone[i]);
	zones_free(plan->zones);
}

static void free_arrays(struct plan *plan)
{
	free(plan->record);
	free(plan->apex);
	free(plan->zone);
}

/* ---- Publishing ---- */

static void retire(struct update *update, void *memory, void (*release)(void *memory))
{
	const struct unlinked thing = {memory, release};

	if (memory != NULL)
		reclaim_add(update->reclaim, thing); /* reserve() made sure of the room */
}

static void publish_new_set(struct update *update, const struct plan *plan)
{
	struct zones *old = (struct zones *)serving_publish_zones(update->serving, plan->zones);

	for (size_t i = 0; i < zones_count(old); i++)
		if (is_touched(plan, &zones_at(old, i)->apex))
			retire(update, zones_at(old, i), release_zone);
	retire(update, old, release_zones);
}

static void publish_zones(struct update *update, const struct plan *plan)
{
	if (plan->zones != NULL) {
		publish_new_set(update, plan);
		return;
	}
	for (size_t i = 0; i < plan->apexes; i++)
		retire(update, zones_replace(update_zones(update), plan->zone[i]), release_zone);
}

/*
 * Records, zones, removals: in this order no query is denied a name that exists. A new zone's
 * records are found before a miss could be answered NXDOMAIN in its name; a removed zone stops
 * answering misses (REFUSED, or its parent zone's) before its records go, so that their going
 * is not an NXDOMAIN of a zone that is no longer ours. (A worker reads the set once a burst, so
 * for the rest of that burst it may still pair the old set with the new table: before anyone was
 * told that the zone is gone.) A query sees each record's old state or its new one.
 */
static void publish(struct update *update, const struct plan *plan)
{
	for (size_t i = 0; i < update->dirty_count; i++)
		if (plan->record[i] != NULL)
			table_put(update->table, plan->record[i]);
	publish_zones(update, plan);
	for (size_t i = 0; i < update->dirty_count; i++)
		if (plan->record[i] == NULL)
			table_remove(update->table, &update->dirty[i]);
	/* What it has no room for stays with the table until the next batch. */
	reclaim_batch(update->reclaim, update->table);
}

int update_publish(struct update *update, struct failure *failure)
{
	struct plan plan = {0};
	int result = build(update, &plan, failure);

	if (result != 0)
		store_abort(update->store);
	else
		result = store_commit(update->store, failure);
	if (result == 0)
		publish(update, &plan);
	else
		discard(update, &plan);
	free_arrays(&plan);
	return result;
}
