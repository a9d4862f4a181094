/* SPDX-License-Identifier: BSD-3-Clause */
/* Objects on their way into the staging; and what an import is going to do, zone by zone. */
#include "control/update/update_import_plan.h"

#include "control/array.h"
#include "control/presentation.h"
#include "control/soa.h"
#include "control/update/update_compare.h"

#include <stdlib.h>

/* Whether the plan's scope has the address; `zone` is the address's. */
static bool is_in_scope(
	const struct import_plan *plan, const struct prefix *address, const struct zone *zone)
{
	struct owner apex;

	if (plan->kind != IMPORT_REPLACE)
		return true;
	if (plan->has_scope)
		return prefix_contains(&plan->scope, address);
	apex = zone_apex(zone);
	return owner_equal(plan->apex, &apex);
}

int import_stage(struct update *update, const struct import_plan *plan,
	const struct import_object *object, struct failure *failure)
{
	const struct owner owner = owner_from_prefix(&object->address);
	const struct zone *zone = update_zone_of(update, &owner);
	char text[PRESENTATION_PREFIX_BYTES];
	uint8_t details[OBJECT_DETAILS_MAX_BYTES];
	struct staging_item item = {.owner = &owner, .said = object->said, .details = details};

	if (zone == NULL || !is_in_scope(plan, &object->address, zone)) {
		presentation_write_prefix(&object->address, text);
		return zone == NULL ? failure_set(failure, FAILURE_NOT_FOUND,
					      "no zone here holds %s; add its zone first", text)
				    : failure_set(failure, FAILURE_INVALID,
					      "%s is outside of what the import replaces", text);
	}
	item.zone = zone->id;
	item.rrset = (struct rrset){
		.type = WIRE_TYPE_PTR,
		.count = (uint16_t)object->name_count,
		.ttl = object->ttl,
		.rdata_bytes = (uint32_t)object->name_bytes,
		.rdata = object->names,
	};
	if (object->said & STAGED_DETAILS)
		item.details_bytes = (uint16_t)details_write(&object->details, details);
	return staging_put(plan->staging, &item, failure);
}

/* ---- The SOA of a zone ---- */

/* At the end of a zone: whether it is one. */
static int check_zone(
	const struct compare *compare, const struct compare_zone *zone, struct failure *failure)
{
	char text[PRESENTATION_NAME_BYTES];

	presentation_write_owner(&zone->zone.apex, text);
	if (compare->soa.count != 1)
		return failure_set(failure, FAILURE_INVALID,
			"the zone %.255s needs one SOA record at its apex; the file has %u", text,
			compare->soa.count);
	if (!compare->has_ns)
		return failure_set(failure, FAILURE_INVALID,
			"the zone %.255s needs an NS record at its apex; the file has none", text);
	return 0;
}

/*
 * Gives the zone's new SOA the serial that it is to have. False: there is nothing new, `changes`
 * of other RRsets included.
 */
static bool decide_serial(
	struct compare *compare, const struct zone_settings *settings, uint32_t now, size_t changes)
{
	struct rrset view = rrset_buffer_view(&compare->soa);
	const struct rrset old = rrset_buffer_view(&compare->old_soa);
	uint32_t served, serial = soa_buffer_serial(&compare->soa);

	if (compare->old_soa.count != 1)
		return true;
	served = soa_buffer_serial(&compare->old_soa);
	if (soa_newer(serial, served))
		return true;
	soa_buffer_set_serial(&compare->soa, served);
	if (changes == 0 && rrset_equal(&view, &old))
		return false;
	soa_buffer_set_serial(
		&compare->soa, zone_next_serial(settings->serial_policy, served, now));
	return true;
}

static int refuse_frozen(const struct zone_ref *zone, struct failure *failure)
{
	char text[PRESENTATION_NAME_BYTES];

	presentation_write_owner(&zone->apex, text);
	return failure_set(failure, FAILURE_CONFLICT,
		"the zone %.160s is frozen; thaw it first: arpactl zone thaw %.160s", text, text);
}

/* ---- Counting ---- */

static int settings_of(struct update *update, const struct compare_zone *zone,
	struct zone_settings *settings, struct failure *failure)
{
	*settings = (struct zone_settings){.serial_policy = ZONE_SERIAL_INCREMENT};
	return zone->is_new ? 0
			    : update_get_zone_settings(update, &zone->zone.apex, settings, failure);
}

/* Checks a zone that was compared, and decides what becomes of it. */
static int plan_zone(struct compare *compare, const struct compare_zone *zone,
	struct zone_plan *plan, struct failure *failure)
{
	struct zone_settings settings;

	plan->changes = import_differences(&plan->counts) > 0;
	if (settings_of(compare->update, zone, &settings, failure) != 0)
		return -1;
	if (import_has_soas(compare->plan)) {
		if (check_zone(compare, zone, failure) != 0)
			return -1;
		plan->changes = decide_serial(compare, &settings, compare->update->now,
			import_differences(&plan->counts));
		plan->serial = soa_buffer_serial(&compare->soa);
	}
	if (settings.frozen && plan->changes && compare->plan->kind != IMPORT_RESTORE)
		return refuse_frozen(&zone->zone, failure);
	return 0;
}

static int end_plan(struct compare *compare, const struct compare_zone *zone,
	struct zone_plans *plans, struct zone_plan *next, struct failure *failure)
{
	struct zone_plan *plan =
		array_grow(plans->plan, plans->count, &plans->capacity, sizeof(*plan));

	if (plan == NULL)
		return failure_set(failure, FAILURE_STORE_FULL, "no memory for the import");
	plans->plan = plan;
	if (plan_zone(compare, zone, next, failure) != 0)
		return -1;
	plans->plan[plans->count++] = *next;
	plans->sum.added += next->counts.added;
	plans->sum.changed += next->counts.changed;
	plans->sum.removed += next->counts.removed;
	plans->sum.unchanged += next->counts.unchanged;
	*next = (struct zone_plan){.changes = false};
	return 0;
}

static int plan_all(struct compare *compare, struct zone_plans *plans, struct failure *failure)
{
	struct zone_plan next = {.changes = false};
	struct difference difference;
	int more;

	while ((more = compare_next(compare, &difference, failure)) == 1) {
		update_step(compare->update);
		next.counts.added += difference.kind == DIFFERENCE_ADDED;
		next.counts.changed += difference.kind == DIFFERENCE_CHANGED;
		next.counts.removed += difference.kind == DIFFERENCE_REMOVED;
		next.counts.unchanged += difference.kind == DIFFERENCE_NONE;
		if (difference.kind == DIFFERENCE_ZONE_END &&
			end_plan(compare, difference.zone, plans, &next, failure) != 0)
			return -1;
	}
	return more;
}

int zone_plans_make(struct update *update, const struct import_plan *plan, struct zone_plans *plans,
	struct failure *failure)
{
	struct compare compare;
	int result;

	*plans = (struct zone_plans){.plan = NULL};
	if (compare_open(&compare, update, plan, failure) != 0)
		return -1;
	result = plan_all(&compare, plans, failure);
	compare_close(&compare);
	return result;
}

int import_count(struct update *update, const struct import_plan *plan,
	struct import_counts *counts, struct failure *failure)
{
	struct zone_plans plans;
	int result = zone_plans_make(update, plan, &plans, failure);

	*counts = plans.sum;
	free(plans.plan);
	return result;
}
