/* SPDX-License-Identifier: BSD-3-Clause */
/* Which zones an import has to do with. */
#include "control/update/update_compare.h"

#include <stdlib.h>

static int compare_zones(const void *a, const void *b)
{
	const struct compare_zone *one = a, *other = b;

	return (one->staged > other->staged) - (one->staged < other->staged);
}

static int fill_zone(
	struct compare *compare, const struct owner *apex, uint32_t staged, struct failure *failure)
{
	struct compare_zone *zone = &compare->zones[compare->zone_count++];
	struct zone_settings settings;

	*zone = (struct compare_zone){.staged = staged, .zone = {.apex = *apex}};
	zone->is_new = !batch_find_zone(compare->update, apex, &zone->zone);
	zone->zone.apex = *apex;
	zone->ttl = compare->update->ttl;
	if (zone->is_new)
		return 0;
	if (update_get_zone_settings(compare->update, apex, &settings, failure) != 0)
		return -1;
	if (settings.ttl != 0)
		zone->ttl = settings.ttl;
	return 0;
}

/* Whether the plan replaces objects of the published zone. */
static bool is_concerned(const struct import_plan *plan, const struct owner *apex)
{
	if (plan->kind != IMPORT_REPLACE)
		return true;
	if (!plan->has_scope)
		return owner_equal(plan->apex, apex);
	return prefix_contains(&plan->scope, &apex->prefix) ||
		(apex->rest_bytes == 0 && prefix_contains(&apex->prefix, &plan->scope));
}

static int list_published(struct compare *compare, struct failure *failure)
{
	struct zones *zones = update_zones(compare->update);

	for (size_t i = 0; i < zones_count(zones); i++) {
		const struct zone *zone = zones_at(zones, i);
		const struct owner apex = zone_apex(zone);

		if (is_concerned(compare->plan, &apex) &&
			fill_zone(compare, &apex, zone->id, failure) != 0)
			return -1;
	}
	if (compare->plan->kind == IMPORT_REPLACE && compare->zone_count == 0)
		return failure_set(failure, FAILURE_NOT_FOUND,
			"no zone here holds what is to be replaced; add its zone first");
	return 0;
}

int compare_list_zones(struct compare *compare, struct failure *failure)
{
	const struct import_plan *plan = compare->plan;
	size_t count = plan->kind == IMPORT_RESTORE ? plan->zone_count
		: plan->kind == IMPORT_ZONE	    ? 1
						    : zones_count(update_zones(compare->update));

	compare->zones = calloc(count + 1, sizeof(*compare->zones));
	if (compare->zones == NULL)
		return failure_set(failure, FAILURE_STORE_FULL, "no memory for the import");
	if (plan->kind == IMPORT_ZONE)
		return fill_zone(compare, staging_apex(plan->staging), 0, failure);
	if (plan->kind != IMPORT_RESTORE) {
		if (list_published(compare, failure) != 0)
			return -1;
	} else {
		for (size_t i = 0; i < count; i++)
			if (fill_zone(compare, &plan->zones[i].apex.owner, (uint32_t)i, failure) !=
				0)
				return -1;
	}
	qsort(compare->zones, compare->zone_count, sizeof(*compare->zones), compare_zones);
	return 0;
}
