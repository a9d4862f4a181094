/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The writer of records and zones: its life, its batches, and the changes of single PTR RRsets.
 * What the store's transaction holds and what the batch has noted always agree.
 */
#include "control/update.h"

#include "control/presentation.h"
#include "control/update_batch.h"
#include "dataplane/dns/name.h"

#include <stdlib.h>

struct update *update_new(
	struct store *store, struct table *table, struct serving *serving, struct reclaim *reclaim)
{
	struct update *update = calloc(1, sizeof(*update));
	struct zones *none = zones_new(NULL, 0);

	if (update == NULL || none == NULL) {
		free(update);
		zones_free(none);
		return NULL;
	}
	*update = (struct update){
		.store = store, .table = table, .serving = serving, .reclaim = reclaim};
	serving_publish_zones(serving, none);
	return update;
}

void update_free(struct update *update)
{
	struct zones *zones;

	if (update == NULL)
		return;
	zones = update_zones(update);
	serving_publish_zones(update->serving, NULL);
	for (size_t i = 0; i < zones_count(zones); i++)
		zone_free(zones_at(zones, i));
	zones_free(zones);
	owner_sets_free(&update->sets);
	free(update->dirty);
	free(update->event);
	free(update);
}

int update_begin(struct update *update, struct failure *failure)
{
	return store_begin(update->store, failure);
}

int update_commit(struct update *update, struct failure *failure)
{
	int result = 0;

	/* A batch in which every change failed, or changed nothing, is not worth an fsync. */
	if (update->dirty_count == 0 && update->events == 0)
		store_abort(update->store);
	else
		result = update_publish(update, failure);
	batch_clear(update);
	return result;
}

static int check_zone(struct update *update, const struct prefix *address, struct prefix *apex,
	struct failure *failure)
{
	char text[PRESENTATION_PREFIX_BYTES];

	presentation_write_prefix(address, text);
	if (!prefix_is_host(address))
		return failure_set(failure, FAILURE_INVALID,
			"%s is no single address; PTR records belong to addresses", text);
	if (!batch_zone_of(update, address, apex))
		return failure_set(failure, FAILURE_NOT_FOUND,
			"no zone here holds %s; add its zone first", text);
	return 0;
}

/* Makes `ptr` the RRset of the request, or says what is wrong with it. */
static int collect_names(struct rrset_buffer *ptr, uint32_t ttl, const struct wire_name *names,
	size_t count, struct failure *failure)
{
	char text[PRESENTATION_NAME_BYTES];

	if (presentation_check_ttl(ttl, failure) != 0)
		return -1;
	if (count < 1 || count > UPDATE_PTR_NAMES_MAX)
		return failure_set(failure, FAILURE_INVALID,
			"an address takes 1 to %d names, not %zu", UPDATE_PTR_NAMES_MAX, count);
	rrset_buffer_reset(ptr, WIRE_TYPE_PTR, ttl);
	for (size_t i = 0; i < count; i++) {
		if (names[i].bytes > WIRE_NAME_MAX_BYTES ||
			name_length(names[i].wire, names[i].bytes) != names[i].bytes)
			return failure_set(
				failure, FAILURE_INVALID, "name %zu is not well-formed", i + 1);
		if (rrset_buffer_add(ptr, names[i].wire, names[i].bytes) != 0)
			return failure_set(failure, FAILURE_STORE_FULL, "no memory for the names");
		if (ptr->count != i + 1)
			return failure_set(failure, FAILURE_INVALID,
				"the name %.255s is given twice",
				presentation_write_name(names[i].wire, text));
	}
	return 0;
}

/* Whether the store holds exactly `rrset` at `owner`. */
static bool is_stored(struct update *update, const struct prefix *owner, const struct rrset *rrset)
{
	struct rrset_buffer stored = {0};
	struct failure ignored;
	bool same = false;

	if (store_get_rrset(update->store, owner, rrset->type, &stored, &ignored) == 0) {
		const struct rrset view = rrset_buffer_view(&stored);

		same = rrset_equal(&view, rrset);
	}
	rrset_buffer_free(&stored);
	return same;
}

/* Writes `rrset`, or with NULL deletes the PTR RRset, as one change of the zone. */
static int change_ptr(struct update *update, const struct prefix *apex,
	const struct prefix *address, const struct rrset *rrset, uint64_t *sequence,
	struct failure *failure)
{
	struct batch_part part;
	int result;

	if (batch_open_part(update, &part, failure) != 0)
		return -1;
	result = rrset != NULL ? batch_put(update, address, rrset, failure)
			       : batch_delete(update, address, WIRE_TYPE_PTR, failure);
	if (result == 0)
		result = batch_add_event(update, apex, ZONE_CHANGED, failure);
	return batch_close_part(update, &part, result, sequence, failure);
}

int update_set_ptr(struct update *update, const struct prefix *address, uint32_t ttl,
	const struct wire_name *names, size_t count, uint64_t *sequence, struct failure *failure)
{
	struct rrset_buffer ptr = {0};
	struct prefix apex;
	int result = check_zone(update, address, &apex, failure);

	if (result == 0)
		result = collect_names(&ptr, ttl, names, count, failure);
	if (result == 0) {
		const struct rrset view = rrset_buffer_view(&ptr);

		if (is_stored(update, address, &view))
			*sequence = store_sequence(update->store);
		else
			result = change_ptr(update, &apex, address, &view, sequence, failure);
	}
	rrset_buffer_free(&ptr);
	return result;
}

int update_unset_ptr(struct update *update, const struct prefix *address, uint64_t *sequence,
	struct failure *failure)
{
	struct prefix apex;

	if (check_zone(update, address, &apex, failure) != 0)
		return -1;
	return change_ptr(update, &apex, address, NULL, sequence, failure);
}

const struct zone *update_zone_of(const struct update *update, const struct prefix *name)
{
	return update_find_zone(update, name);
}

bool update_poll(struct update *update)
{
	return reclaim_poll(update->reclaim) > 0;
}
