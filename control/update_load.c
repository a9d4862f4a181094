/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table and the zones rebuilt from the store at start. No worker runs yet, so nothing that the
 * table unlinks while it grows needs a grace period.
 */
#include "control/presentation.h"
#include "control/store_codec.h"
#include "control/update_batch.h"

#include <stdlib.h>

/* Records are published by the chunk: one reservation for many, and memory bounded. */
enum { CHUNK_RECORDS = 4096, CHUNK_PAGES = 1024 };

struct load {
	struct update *update;
	struct failure *failure;
	struct zone **zone;
	size_t zones, capacity;
	struct zones *set;
	struct zone_ref reading;  /* the zone whose contents are read */
	struct store_owner owner; /* of the RRsets in update->sets */
	struct record *record[CHUNK_RECORDS];
	size_t records, rrsets;
	struct table_room room;
	const struct record *previous; /* the last one made, or NULL */
};

static int refuse_memory(struct load *load)
{
	return failure_set(load->failure, FAILURE_STORE_FULL,
		"no memory to load the store; it needs more than this machine has free");
}

static int load_zone(void *context, const struct owner *apex, uint32_t id)
{
	const struct zone_ref ref = {*apex, id};
	const struct zone_special nothing = {0};
	struct load *load = context;

	if (load->zones == load->capacity) {
		size_t wanted = load->capacity == 0 ? 64 : load->capacity * 2;
		struct zone **larger = reallocarray(load->zone, wanted, sizeof(*larger));

		if (larger == NULL)
			return refuse_memory(load);
		load->zone = larger;
		load->capacity = wanted;
	}
	load->zone[load->zones] = update_make_zone(load->update, &ref, &nothing, load->failure);
	if (load->zone[load->zones] == NULL)
		return -1;
	load->zones++;
	return 0;
}

static int publish_chunk(struct load *load)
{
	struct table *table = load->update->table;
	struct unlinked thing;

	if (host_pages_finish(&load->update->pages, table) != 0)
		return refuse_memory(load);
	host_pages_room(&load->update->pages, table, &load->room);
	if (table_reserve(table, &load->room) != 0)
		return refuse_memory(load);
	host_pages_publish_made(&load->update->pages, table);
	host_pages_forget(&load->update->pages);
	for (size_t i = 0; i < load->records; i++)
		table_put(table, load->record[i]);
	load->records = 0;
	load->room = (struct table_room){0};
	while (table_take_unlinked(table, &thing, 1) == 1)
		unlinked_free(&thing);
	return 0;
}

/* Whether another zone speaks for the owner that was read. */
static bool is_hidden(const struct load *load)
{
	const struct zone *zone = zones_find(load->set, &load->owner.owner);

	return zone->id != load->reading.id;
}

/* The DS of an apex is in the zone above (RFC 4035 2.4), whose set is complete by now. */
static int add_parent_ds(struct load *load)
{
	const struct owner *apex = &load->owner.owner;
	const struct zone *parent = zones_find_above(load->set, apex);
	struct rrset_buffer ds = {0};
	int result = 0;

	if (parent == NULL || !owner_equal(apex, &load->reading.apex))
		return 0;
	if (store_get_rrset(
		    load->update->store, parent->id, apex, WIRE_TYPE_DS, &ds, load->failure) == 0) {
		const struct rrset view = rrset_buffer_view(&ds);

		if (owner_sets_add(&load->update->sets, &view) != 0)
			result = refuse_memory(load);
	} else if (load->failure->code != FAILURE_NOT_FOUND) {
		result = -1;
	}
	rrset_buffer_free(&ds);
	return result;
}

static int keep_record(struct load *load, struct record *record)
{
	struct owner owner = record_owner(record), previous;

	if (load->previous != NULL)
		previous = record_owner(load->previous);
	table_room_add_ancestors(&load->room, load->previous != NULL ? &previous : NULL, &owner);
	load->room.owners++;
	load->previous = record;
	load->record[load->records++] = record;
	if (zone_counts_change(&load->update->counts, load->reading.id, record, 1) != 0)
		return refuse_memory(load);
	return load->records == CHUNK_RECORDS ? publish_chunk(load) : 0;
}

static int keep_host(struct load *load, const struct rrset *ptr)
{
	struct host_pages *pages = &load->update->pages;

	if (host_pages_put(pages, load->update->table, &load->owner.owner.prefix, ptr) != 0)
		return refuse_memory(load);
	return pages->count == CHUNK_PAGES ? publish_chunk(load) : 0;
}

/* What the owner is published as: in a page, or a record of its own. */
static int keep_owner(struct load *load)
{
	const struct owner_sets *sets = &load->update->sets;
	const struct rrset first = rrset_buffer_view(sets->buffer);
	struct record *record;

	if (host_pages_take(load->update->table, &load->owner.owner, &first, sets->count))
		return keep_host(load, &first);
	record = owner_sets_record(sets, &load->owner.owner);
	return record == NULL ? refuse_memory(load) : keep_record(load, record);
}

/* Publishes, or holds for the next chunk, the RRsets gathered so far. */
static int finish_owner(struct load *load)
{
	int result = 0;

	if (load->update->sets.count == 0)
		return 0;
	if (!is_hidden(load)) {
		if (add_parent_ds(load) != 0)
			return -1;
		result = keep_owner(load);
	}
	owner_sets_reset(&load->update->sets);
	return result;
}

static int load_rrset(void *context, const struct owner *owner, const struct rrset *rrset)
{
	struct load *load = context;
	char text[PRESENTATION_NAME_BYTES];

	load->rrsets++;
	if (!owner_equal(owner, &load->owner.owner) && finish_owner(load) != 0)
		return -1;
	if (!owner_contains(&load->reading.apex, owner))
		return failure_set(load->failure, FAILURE_STORE_ERROR,
			"the store is damaged: the record at %.255s is outside its zone; restore "
			"it "
			"from a backup",
			presentation_write_owner(owner, text));
	store_keep_owner(&load->owner, owner);
	return owner_sets_add(&load->update->sets, rrset) == 0 ? 0 : refuse_memory(load);
}

/* A zone that turned out to hold cuts or wildcards is made again, to say so. */
static int finish_zone(struct load *load, size_t index)
{
	struct zone_special special = {0};
	struct zone *made;

	zone_counts_add_to(&load->update->counts, load->reading.id, &special);
	if ((special.cuts.bit[0] | special.cuts.bit[1]) == 0 && !special.wildcards)
		return 0;
	made = update_make_zone(load->update, &load->reading, &special, load->failure);
	if (made == NULL)
		return -1;
	zone_free(zones_replace(load->set, made));
	load->zone[index] = made;
	return 0;
}

static int load_contents(struct load *load, size_t index)
{
	load->reading = (struct zone_ref){zone_apex(load->zone[index]), load->zone[index]->id};
	owner_sets_reset(&load->update->sets);
	if (store_each_rrset(load->update->store, load->reading.id, NULL, NULL, load_rrset, load,
		    load->failure) != 0 ||
		finish_owner(load) != 0)
		return -1;
	return finish_zone(load, index);
}

static int load_all(struct load *load)
{
	struct store *store = load->update->store;

	if (store_each_zone(store, load_zone, load, load->failure) != 0)
		return -1;
	load->set = zones_new(load->zone, load->zones);
	if (load->set == NULL)
		return refuse_memory(load);
	for (size_t i = 0; i < load->zones; i++)
		if (load_contents(load, i) != 0)
			return -1;
	if (load->rrsets != store_rrsets(store))
		return failure_set(load->failure, FAILURE_STORE_ERROR,
			"the store is damaged: %zu of its records are in no zone; restore it from "
			"a "
			"backup",
			store_rrsets(store) - load->rrsets);
	return publish_chunk(load);
}

int update_load(struct update *update, struct failure *failure)
{
	struct load *load = calloc(1, sizeof(*load));
	int result;

	if (load == NULL)
		return failure_set(failure, FAILURE_STORE_FULL, "no memory to load the store");
	load->update = update;
	load->failure = failure;
	result = load_all(load);
	if (result != 0)
		host_pages_discard(&update->pages);
	if (result == 0) {
		zones_free((struct zones *)serving_publish_zones(update->serving, load->set));
	} else {
		for (size_t i = 0; i < load->zones; i++)
			zone_free(load->zone[i]);
		for (size_t i = 0; i < load->records; i++)
			record_free(load->record[i]);
		zones_free(load->set);
	}
	free(load->zone);
	free(load);
	return result;
}
