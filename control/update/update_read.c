/* SPDX-License-Identifier: BSD-3-Clause */
/* What is served, read from the store: each owner from the zone that speaks for it. */
#include "control/presentation.h"
#include "control/update/update_batch.h"

int update_find_soa(struct update *update, const struct zone_ref *zone, struct stored *soa,
	struct failure *failure)
{
	char text[PRESENTATION_NAME_BYTES];
	int found =
		store_get_stored(update->store, zone->id, &zone->apex, WIRE_TYPE_SOA, soa, failure);

	if (found != 0)
		return found > 0 ? 0 : -1;
	return failure_set(failure, FAILURE_STORE_ERROR,
		"the store is damaged: the zone %.255s has no SOA; restore it from a backup",
		presentation_write_owner(&zone->apex, text));
}

struct zone *update_make_zone(struct update *update, const struct zone_ref *zone,
	const struct zone_special *special, struct failure *failure)
{
	struct zone *made;
	struct stored soa;

	if (update_find_soa(update, zone, &soa, failure) != 0)
		return NULL;
	made = zone_new(&zone->apex, &soa.rrset, special);
	if (made != NULL)
		made->id = zone->id;
	else
		failure_set(failure, FAILURE_STORE_FULL,
			"no memory for a zone, or its stored SOA is damaged");
	return made;
}

/* Adds what the zone above says of this one's keys. */
static int read_parent_ds(struct update *update, const struct owner *apex, struct failure *failure)
{
	struct rrset_buffer ds = {0};
	struct zone_ref parent;
	int result = 0;

	if (!batch_zone_above(update, apex, &parent))
		return 0;
	if (store_get_rrset(update->store, parent.id, apex, WIRE_TYPE_DS, &ds, failure) == 0) {
		const struct rrset view = rrset_buffer_view(&ds);

		if (owner_sets_add(&update->sets, &view) != 0)
			result = failure_set(
				failure, FAILURE_STORE_FULL, "no memory for the records");
	} else if (failure->code != FAILURE_NOT_FOUND) {
		result = -1;
	}
	rrset_buffer_free(&ds);
	return result;
}

int update_read_owner(struct update *update, struct owner_reader *reader,
	const struct zone_ref *zone, const struct owner *owner, struct failure *failure)
{
	if (owner_reader_read(reader, zone->id, owner, &update->sets, failure) != 0)
		return -1;
	return owner_equal(owner, &zone->apex) ? read_parent_ds(update, owner, failure) : 0;
}

static int find_zone(struct update *update, const struct owner *apex, struct zone_ref *zone,
	struct failure *failure)
{
	char text[PRESENTATION_NAME_BYTES];

	if (batch_find_zone(update, apex, zone))
		return 0;
	return failure_set(failure, FAILURE_NOT_FOUND, "there is no zone %.255s here",
		presentation_write_owner(apex, text));
}

int update_each_of_zone(struct update *update, const struct owner *apex, const struct owner *after,
	store_visit_rrset *visit, void *context, struct failure *failure)
{
	struct zone_ref zone;

	if (find_zone(update, apex, &zone, failure) != 0)
		return -1;
	return store_each_rrset(update->store, zone.id, NULL, after, visit, context, failure);
}

int update_get_apex(struct update *update, const struct owner *apex, uint16_t type,
	struct rrset_buffer *rrset, struct failure *failure)
{
	struct zone_ref zone;

	if (find_zone(update, apex, &zone, failure) != 0)
		return -1;
	return store_get_rrset(update->store, zone.id, apex, type, rrset, failure);
}

int update_get_zone_records(
	struct update *update, const struct owner *apex, uint64_t *records, struct failure *failure)
{
	const struct zone *zone = zones_find(update_zones(update), apex);
	char text[PRESENTATION_NAME_BYTES];
	struct owner its;

	if (zone != NULL) {
		its = zone_apex(zone);
		*records = zone->records;
		if (owner_equal(&its, apex))
			return 0;
	}
	return failure_set(failure, FAILURE_NOT_FOUND, "there is no zone %.255s here",
		presentation_write_owner(apex, text));
}

int update_get_zone_stamp(struct update *update, const struct owner *apex, struct stamp *stamp,
	struct failure *failure)
{
	struct zone_ref zone;
	struct stored soa;
	int found;

	if (find_zone(update, apex, &zone, failure) != 0)
		return -1;
	found = store_get_stored(update->store, zone.id, apex, WIRE_TYPE_SOA, &soa, failure);
	if (found == 1)
		*stamp = soa.stamp;
	if (found != 0)
		return found == 1 ? 0 : -1;
	return failure_set(failure, FAILURE_STORE_ERROR,
		"the zone's SOA is missing; restore the store from a backup");
}

int update_each_rrset(struct update *update, const struct owner *within, const struct owner *after,
	store_visit_rrset *visit, void *context, struct failure *failure)
{
	return store_each_served(update->store, within, after, visit, context, failure);
}

bool update_find_zone(const struct update *update, const struct owner *name, struct owner *apex)
{
	struct zone_ref zone;

	if (!batch_zone_of(update, name, &zone))
		return false;
	*apex = zone.apex;
	return true;
}
