/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table and the zones rebuilt from the store at start. No worker runs yet, so nothing that the
 * table unlinks while it grows needs a grace period.
 */
#include "control/presentation.h"
#include "control/update_batch.h"

#include <stdlib.h>

/* Records are published by the chunk: one reservation for many, and memory bounded. */
enum { CHUNK_RECORDS = 4096 };

struct load {
	struct update *update;
	struct failure *failure;
	struct zone **zone;
	size_t zones;
	struct zones *set;
	struct prefix owner; /* of the RRsets in update->sets */
	struct record *record[CHUNK_RECORDS];
	size_t records, ancestors;
	struct prefix previous; /* the last record's owner; family 0: none */
};

static int refuse_memory(struct load *load)
{
	return failure_set(load->failure, FAILURE_STORE_FULL,
		"no memory to load the store; it needs more than this machine has free");
}

static int load_zone(void *context, const struct prefix *apex)
{
	struct load *load = context;
	const struct owner key = owner_from_prefix(apex);
	const struct zone_special plain = {0};
	struct rrset_buffer soa = {0};
	struct zone **larger;
	struct rrset view;

	larger = reallocarray(load->zone, load->zones + 1, sizeof(*larger));
	if (larger == NULL)
		return refuse_memory(load);
	load->zone = larger;
	if (update_read_soa(load->update, apex, &soa, load->failure) != 0) {
		rrset_buffer_free(&soa);
		return -1;
	}
	view = rrset_buffer_view(&soa);
	load->zone[load->zones] = zone_new(&key, &view, &plain);
	rrset_buffer_free(&soa);
	if (load->zone[load->zones] == NULL)
		return refuse_memory(load);
	load->zones++;
	return 0;
}

static int publish_chunk(struct load *load)
{
	const struct table_room room = {.owners = load->records, .ancestors = load->ancestors};
	struct table *table = load->update->table;
	struct unlinked thing;

	if (table_reserve(table, &room) != 0)
		return refuse_memory(load);
	for (size_t i = 0; i < load->records; i++)
		table_put(table, load->record[i]);
	load->records = 0;
	load->ancestors = 0;
	while (table_take_unlinked(table, &thing, 1) == 1)
		unlinked_free(&thing);
	return 0;
}

/* Renders the RRsets gathered so far. */
static int finish_owner(struct load *load)
{
	struct record *record;

	if (load->update->sets.count == 0)
		return 0;
	record = owner_sets_record(&load->update->sets, &load->owner);
	if (record == NULL)
		return refuse_memory(load);
	owner_sets_reset(&load->update->sets);
	load->ancestors += update_new_ancestors(
		load->previous.family == 0 ? NULL : &load->previous, &load->owner);
	load->previous = load->owner;
	load->record[load->records++] = record;
	return load->records == CHUNK_RECORDS ? publish_chunk(load) : 0;
}

static int load_rrset(void *context, const struct prefix *owner, const struct rrset *rrset)
{
	const struct owner key = owner_from_prefix(owner);
	struct load *load = context;
	char text[PRESENTATION_PREFIX_BYTES];

	if (!prefix_equal(owner, &load->owner) && finish_owner(load) != 0)
		return -1;
	if (zones_find(load->set, &key) == NULL)
		return failure_set(load->failure, FAILURE_STORE_ERROR,
			"the store is damaged: the record at %s is in no zone; restore it from a "
			"backup",
			presentation_write_prefix(owner, text));
	load->owner = *owner;
	return owner_sets_add(&load->update->sets, rrset) == 0 ? 0 : refuse_memory(load);
}

static int load_all(struct load *load)
{
	struct store *store = load->update->store;

	if (store_each_zone(store, load_zone, load, load->failure) != 0)
		return -1;
	load->set = zones_new(load->zone, load->zones);
	if (load->set == NULL)
		return refuse_memory(load);
	owner_sets_reset(&load->update->sets);
	if (store_each_rrset(store, NULL, load_rrset, load, load->failure) != 0 ||
		finish_owner(load) != 0)
		return -1;
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
