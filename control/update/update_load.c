/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table and the zones rebuilt from the store at start. No worker runs yet, so nothing that the
 * table unlinks while it grows needs a grace period.
 */
#include "control/array.h"
#include "control/store/store_feed.h"
#include "control/update/update_batch.h"

#include <stdlib.h>
#include <string.h>

/* Records are published by the chunk: one reservation for many, and memory bounded. */
enum { CHUNK_RECORDS = 4096, CHUNK_PAGES = 1024 };

struct load {
	struct update *update;
	struct failure *failure;
	struct zone **zone;
	size_t zones, capacity;
	struct zones *set;
	struct zone_ref reading; /* the zone whose contents are read */
	bool has_nested;	 /* other zones are inside it */
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
	struct zone **zone =
		array_grow(load->zone, load->zones, &load->capacity, sizeof(struct zone *));

	if (zone == NULL)
		return refuse_memory(load);
	load->zone = zone;
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

static int keep_record(struct load *load, struct record *record)
{
	struct owner owner, previous;

	if (record == NULL)
		return refuse_memory(load);
	update_step(load->update);
	owner = record_owner(record);
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

/* Whether another zone speaks for the owner. */
static bool is_hidden(const struct load *load, const struct owner *owner)
{
	return load->has_nested && zones_find(load->set, owner)->id != load->reading.id;
}

/* A name that is too long for a page. */
static int keep_long(struct load *load, const struct owner *host, uint32_t ttl,
	const uint8_t *target, size_t target_bytes)
{
	uint8_t item[2 + WIRE_NAME_MAX_BYTES];
	const struct rrset ptr = {.type = WIRE_TYPE_PTR,
		.count = 1,
		.ttl = ttl,
		.rdata_bytes = 2 + (uint32_t)target_bytes,
		.rdata = item};

	wire_put16(item, (uint16_t)target_bytes);
	memcpy(item + 2, target, target_bytes);
	return keep_record(load, record_new(host, &ptr, 1));
}

static int load_host(void *context, const struct prefix *host, uint32_t ttl, const uint8_t *target,
	size_t target_bytes)
{
	const struct owner owner = owner_from_prefix(host);
	struct load *load = context;
	struct host_pages *pages = &load->update->pages;

	if (is_hidden(load, &owner))
		return 0;
	update_step(load->update);
	if (target_bytes > HOSTS_NAME_MAX_BYTES)
		return keep_long(load, &owner, ttl, target, target_bytes);
	if (host_pages_put(pages, load->update->table, host, ttl, target, (uint8_t)target_bytes) !=
		0)
		return refuse_memory(load);
	return pages->count == CHUNK_PAGES ? publish_chunk(load) : 0;
}

/*
 * The DS of an apex is in the zone above (RFC 4035 2.4), whose set is complete by now. 1; 0: it has
 * none; or -1.
 */
static int read_parent_ds(struct load *load, const struct owner *apex, struct rrset_buffer *ds)
{
	const struct zone *parent = zones_find_above(load->set, apex);

	if (parent == NULL)
		return 0;
	if (store_get_rrset(
		    load->update->store, parent->id, apex, WIRE_TYPE_DS, ds, load->failure) == 0)
		return 1;
	return load->failure->code == FAILURE_NOT_FOUND ? 0 : -1;
}

static int load_apex(struct load *load, const struct rrset *rrsets, unsigned count)
{
	const struct owner *apex = &load->reading.apex;
	struct rrset all[STORE_FEED_SETS_MAX + 1];
	struct rrset_buffer ds = {0};
	int result = read_parent_ds(load, apex, &ds);

	memcpy(all, rrsets, count * sizeof(*rrsets));
	if (result == 1)
		all[count++] = rrset_buffer_view(&ds);
	if (result >= 0)
		result = keep_record(load, record_new(apex, all, count));
	rrset_buffer_free(&ds);
	return result;
}

static int load_owner(
	void *context, const struct owner *owner, const struct rrset *rrsets, unsigned count)
{
	struct load *load = context;

	if (owner_equal(owner, &load->reading.apex))
		return load_apex(load, rrsets, count);
	if (is_hidden(load, owner))
		return 0;
	return keep_record(load, record_new(owner, rrsets, count));
}

/* A zone that turned out to hold cuts or wildcards is made again, to say so. */
static int finish_zone(struct load *load, size_t index, size_t rrsets)
{
	const struct zone_special special =
		zone_counts_special(&load->update->counts, load->reading.id);
	struct zone *made;

	load->zone[index]->records = rrsets;
	if ((special.cuts.bit[0] | special.cuts.bit[1]) == 0 && !special.wildcards)
		return 0;
	made = update_make_zone(load->update, &load->reading, &special, load->failure);
	if (made == NULL)
		return -1;
	made->records = rrsets;
	zone_free(zones_replace(load->set, made));
	load->zone[index] = made;
	return 0;
}

/* In the order of apexes, what is nested in a zone follows it. */
static bool has_nested(const struct load *load, size_t index)
{
	struct owner next;

	if (index + 1 == load->zones)
		return false;
	next = zone_apex(load->zone[index + 1]);
	return owner_contains(&load->reading.apex, &next);
}

static int load_contents(struct load *load, size_t index)
{
	const struct store_feed feed = {load_host, load_owner, load};
	size_t rrsets;

	load->reading = (struct zone_ref){zone_apex(load->zone[index]), load->zone[index]->id};
	load->has_nested = has_nested(load, index);
	if (store_feed_zone(load->update->store, load->reading.id, &load->reading.apex, &feed,
		    &rrsets, load->failure) != 0)
		return -1;
	load->rrsets += rrsets;
	return finish_zone(load, index, rrsets);
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
	result = journal_open(&update->journal, update->store, failure);
	if (result == 0)
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
