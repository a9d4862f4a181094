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
#include <time.h>

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
	host_pages_free(&update->pages);
	zone_counts_free(&update->counts);
	batch_clear(update);
	free(update->dirty);
	free(update->event);
	free(update);
}

/*
 * What waits for the readers is bounded: a worker that stands still first slows changes down, then
 * stops them. Pages of hosts being a few KiB, this is some 256 MiB.
 */
static int await_readers(struct update *update, struct failure *failure)
{
	enum { WAITING_MAX = 1 << 16, TRIES = 200 };
	const struct timespec millisecond = {.tv_nsec = 1000000};

	for (unsigned tries = 0; reclaim_poll(update->reclaim) > WAITING_MAX; tries++) {
		if (tries == TRIES)
			return failure_set(failure, FAILURE_BUSY,
				"a worker stands still, so memory of %zu earlier changes can't be "
				"freed; see which with: arpactl stats",
				reclaim_waiting(update->reclaim));
		nanosleep(&millisecond, NULL);
	}
	return 0;
}

int update_begin(struct update *update, struct failure *failure)
{
	if (await_readers(update, failure) != 0)
		return -1;
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

static int check_zone(struct update *update, const struct prefix *address, struct zone_ref *zone,
	struct failure *failure)
{
	const struct owner owner = owner_from_prefix(address);
	char text[PRESENTATION_PREFIX_BYTES];

	presentation_write_prefix(address, text);
	if (!prefix_is_host(address))
		return failure_set(failure, FAILURE_INVALID,
			"%s is no single address; PTR records belong to addresses", text);
	if (!batch_zone_of(update, &owner, zone))
		return failure_set(failure, FAILURE_NOT_FOUND,
			"no zone here holds %s; add its zone first", text);
	return 0;
}

/* An alias stands alone at its owner (RFC 1034 3.6.2). */
static int check_no_alias(struct update *update, const struct zone_ref *zone,
	const struct prefix *address, struct failure *failure)
{
	const struct owner owner = owner_from_prefix(address);
	struct rrset_buffer alias = {0};
	char text[PRESENTATION_PREFIX_BYTES];
	struct failure none;
	int found =
		store_get_rrset(update->store, zone->id, &owner, WIRE_TYPE_CNAME, &alias, &none);

	rrset_buffer_free(&alias);
	if (found != 0)
		return 0;
	return failure_set(failure, FAILURE_EXISTS,
		"%s has a CNAME record, which allows no other beside it; import the zone without "
		"it",
		presentation_write_prefix(address, text));
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
static bool is_stored(struct update *update, const struct zone_ref *zone, const struct owner *owner,
	const struct rrset *rrset)
{
	struct rrset_buffer stored = {0};
	struct failure ignored;
	bool same = false;

	if (store_get_rrset(update->store, zone->id, owner, rrset->type, &stored, &ignored) == 0) {
		const struct rrset view = rrset_buffer_view(&stored);

		same = rrset_equal(&view, rrset);
	}
	rrset_buffer_free(&stored);
	return same;
}

/* Writes `rrset`, or with NULL deletes the PTR RRset, as one change of the zone. */
static int change_ptr(struct update *update, const struct zone_ref *zone, const struct owner *owner,
	const struct rrset *rrset, uint64_t *sequence, struct failure *failure)
{
	struct batch_part part;
	int result;

	if (batch_open_part(update, &part, failure) != 0)
		return -1;
	result = rrset != NULL ? batch_put(update, zone, owner, rrset, failure)
			       : batch_delete(update, zone, owner, WIRE_TYPE_PTR, failure);
	if (result == 0)
		result = batch_add_event(update, zone, ZONE_CHANGED, failure);
	return batch_close_part(update, &part, result, sequence, failure);
}

int update_set_ptr(struct update *update, const struct prefix *address, uint32_t ttl,
	const struct wire_name *names, size_t count, uint64_t *sequence, struct failure *failure)
{
	const struct owner owner = owner_from_prefix(address);
	struct rrset_buffer ptr = {0};
	struct zone_ref zone;
	int result = check_zone(update, address, &zone, failure);

	if (result == 0)
		result = check_no_alias(update, &zone, address, failure);
	if (result == 0)
		result = collect_names(&ptr, ttl, names, count, failure);
	if (result == 0) {
		const struct rrset view = rrset_buffer_view(&ptr);

		if (is_stored(update, &zone, &owner, &view))
			*sequence = store_sequence(update->store);
		else
			result = change_ptr(update, &zone, &owner, &view, sequence, failure);
	}
	rrset_buffer_free(&ptr);
	return result;
}

int update_unset_ptr(struct update *update, const struct prefix *address, uint64_t *sequence,
	struct failure *failure)
{
	const struct owner owner = owner_from_prefix(address);
	struct zone_ref zone;

	if (check_zone(update, address, &zone, failure) != 0)
		return -1;
	return change_ptr(update, &zone, &owner, NULL, sequence, failure);
}

int update_get_ptr(struct update *update, const struct prefix *address, struct rrset_buffer *ptr,
	struct failure *failure)
{
	const struct owner owner = owner_from_prefix(address);
	struct zone_ref zone;

	if (check_zone(update, address, &zone, failure) != 0)
		return -1;
	return store_get_rrset(update->store, zone.id, &owner, WIRE_TYPE_PTR, ptr, failure);
}

const struct zone *update_zone_of(const struct update *update, const struct owner *name)
{
	return zones_find(update_zones(update), name);
}

bool update_poll(struct update *update)
{
	if (reclaim_poll(update->reclaim) > 0)
		return true;
	/* Of each batch a grace period has passed: the zones tell all that there is to look for. */
	if (update->moving) {
		zones_settle_cuts(update_zones(update));
		serving_settle(update->serving);
	}
	update->moving = false;
	return false;
}
