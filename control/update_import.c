/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A zone's contents replaced by staged records. Old and new are walked side by side in the store's
 * order, so only what differs is written and published, however large the zone.
 */
#include "control/presentation.h"
#include "control/soa.h"
#include "control/staging.h"
#include "control/update_batch.h"

#include <stdlib.h>

struct import {
	struct update *update;
	struct staging *staging;
	struct failure *failure;
	struct zone_ref zone;
	struct staged staged; /* the next new RRset; valid while `more` is 1 */
	int more;
	size_t position; /* of `staged` */
	size_t *put;	 /* positions of new RRsets that differ */
	size_t puts, put_capacity;
	struct old_key *gone; /* old RRsets that the import lacks */
	size_t gones, gone_capacity;
	struct owner_pool names;
	struct rrset_buffer soa, old_soa; /* the SOA is decided last; count 0: none */
	bool has_ns;
	struct store_owner last; /* the staged owner before, and whether it is an alias */
	bool last_is_alias;
};

struct old_key {
	struct owner owner; /* borrows `names`: keys move when their array grows */
	uint16_t type;
};

static int grow(void **array, size_t count, size_t *capacity, size_t size, struct failure *failure)
{
	size_t wanted = *capacity == 0 ? 64 : *capacity * 2;
	void *larger;

	if (count < *capacity)
		return 0;
	larger = reallocarray(*array, wanted, size);
	if (larger == NULL)
		return failure_set(failure, FAILURE_STORE_FULL, "no memory for the import");
	*array = larger;
	*capacity = wanted;
	return 0;
}

static int note_put(struct import *import)
{
	void *put = import->put;

	if (grow(&put, import->puts, &import->put_capacity, sizeof(*import->put),
		    import->failure) != 0)
		return -1;
	import->put = put;
	import->put[import->puts++] = import->position;
	return 0;
}

static int note_gone(struct import *import, const struct owner *owner, uint16_t type)
{
	void *gone = import->gone;

	if (grow(&gone, import->gones, &import->gone_capacity, sizeof(*import->gone),
		    import->failure) != 0)
		return -1;
	import->gone = gone;
	if (owner_pool_copy(&import->names, owner, &import->gone[import->gones].owner) != 0)
		return failure_set(import->failure, FAILURE_STORE_FULL, "no memory for the import");
	import->gone[import->gones++].type = type;
	return 0;
}

/* ---- Walking old and new side by side ---- */

/*
 * What one owner may hold: an alias nothing else (RFC 1034 3.6.2), and of CNAME and DNAME one
 * (RFC 2181 10.1, RFC 6672 2.4). The staged RRsets of an owner follow one another.
 */
static int check_staged(struct import *import)
{
	const struct owner *owner = &import->staged.owner.owner;
	const struct rrset_buffer *set = &import->staged.rrset;
	bool alias = set->type == WIRE_TYPE_CNAME;
	bool again = import->position > 0 && owner_equal(&import->last.owner, owner);
	char text[PRESENTATION_NAME_BYTES];

	if (again && (alias || import->last_is_alias))
		return failure_set(import->failure, FAILURE_INVALID,
			"%.255s has a CNAME record and others; a CNAME stands alone",
			presentation_write_owner(owner, text));
	if ((alias || set->type == WIRE_TYPE_DNAME) && set->count != 1)
		return failure_set(import->failure, FAILURE_INVALID,
			"%.255s has %u CNAME or DNAME records; there can be one",
			presentation_write_owner(owner, text), set->count);
	store_keep_owner(&import->last, owner);
	import->last_is_alias = alias;
	import->has_ns |= set->type == WIRE_TYPE_NS && owner_equal(owner, &import->zone.apex);
	return 0;
}

/* Reads the staged RRset at `position`. */
static int read_staged(struct import *import, size_t position)
{
	import->position = position;
	import->more = staging_read(import->staging, position, &import->staged, import->failure);
	if (import->more == 1 && check_staged(import) != 0)
		import->more = -1;
	return import->more < 0 ? -1 : 0;
}

static int keep_soa(struct import *import, struct rrset_buffer *to, const struct rrset *soa)
{
	if (rrset_buffer_copy(to, soa) != 0)
		return failure_set(import->failure, FAILURE_STORE_FULL, "no memory for the import");
	return 0;
}

/* The current staged RRset is new or differs from `old` (NULL: there is no old one). */
static int settle_staged(struct import *import, const struct rrset *old)
{
	const struct rrset view = rrset_buffer_view(&import->staged.rrset);
	int result = 0;

	if (view.type == WIRE_TYPE_SOA)
		result = keep_soa(import, &import->soa, &view);
	else if (old == NULL || !rrset_equal(&view, old))
		result = note_put(import);
	return result == 0 ? read_staged(import, import->staged.next) : -1;
}

/* Where the staged RRset stands to an old one in the store's order. */
static int compare_staged(
	const struct import *import, const struct owner *owner, const struct rrset *old)
{
	int order = update_compare_owners(&import->staged.owner.owner, owner);

	return order != 0 ? order : (int)import->staged.rrset.type - (int)old->type;
}

static int visit_old(void *context, const struct owner *owner, const struct rrset *old)
{
	struct import *import = context;

	while (import->more == 1 && compare_staged(import, owner, old) < 0)
		if (settle_staged(import, NULL) != 0)
			return -1;
	if (old->type == WIRE_TYPE_SOA && keep_soa(import, &import->old_soa, old) != 0)
		return -1;
	if (import->more == 1 && compare_staged(import, owner, old) == 0)
		return settle_staged(import, old);
	return old->type == WIRE_TYPE_SOA ? 0 : note_gone(import, owner, old->type);
}

static int compare(struct import *import)
{
	char text[PRESENTATION_NAME_BYTES];

	if (staging_sort(import->staging, import->failure) != 0 || read_staged(import, 0) != 0 ||
		store_each_rrset(import->update->store, import->zone.id, NULL, NULL, visit_old,
			import, import->failure) != 0)
		return -1;
	while (import->more == 1)
		if (settle_staged(import, NULL) != 0)
			return -1;
	presentation_write_owner(&import->zone.apex, text);
	if (import->soa.count != 1)
		return failure_set(import->failure, FAILURE_INVALID,
			"the zone %.255s needs one SOA record at its apex; the file has %u", text,
			import->soa.count);
	if (!import->has_ns)
		return failure_set(import->failure, FAILURE_INVALID,
			"the zone %.255s needs an NS record at its apex; the file has none", text);
	return 0;
}

/* ---- Writing what differs ---- */

/* Gives the new SOA the serial that it is to have; whether anything differs at all. */
static bool decide_serial(struct import *import)
{
	struct rrset view = rrset_buffer_view(&import->soa);
	const struct rrset old = rrset_buffer_view(&import->old_soa);
	uint32_t served, serial = soa_buffer_serial(&import->soa);

	if (import->old_soa.count != 1)
		return true;
	served = soa_buffer_serial(&import->old_soa);
	if (soa_newer(serial, served))
		return true;
	soa_buffer_set_serial(&import->soa, served);
	if (import->puts == 0 && import->gones == 0 && rrset_equal(&view, &old))
		return false;
	soa_buffer_set_serial(&import->soa, served + 1);
	return true;
}

static int write_differences(struct import *import)
{
	struct rrset view = rrset_buffer_view(&import->soa);

	if (batch_put(import->update, &import->zone, &import->zone.apex, &view, import->failure) !=
		0)
		return -1;
	for (size_t i = 0; i < import->gones; i++)
		if (batch_delete(import->update, &import->zone, &import->gone[i].owner,
			    import->gone[i].type, import->failure) != 0)
			return -1;
	for (size_t i = 0; i < import->puts; i++) {
		if (staging_read(
			    import->staging, import->put[i], &import->staged, import->failure) != 1)
			return -1;
		view = rrset_buffer_view(&import->staged.rrset);
		if (batch_put(import->update, &import->zone, &import->staged.owner.owner, &view,
			    import->failure) != 0)
			return -1;
	}
	return batch_add_event(import->update, &import->zone, ZONE_SERIAL_DECIDED, import->failure);
}

/* 0; UNCHANGED; or -1. */
enum { UNCHANGED = 1 };

static int replace(struct import *import)
{
	const struct owner *apex = staging_apex(import->staging);
	bool is_new = !batch_find_zone(import->update, apex, &import->zone);

	if (is_new && batch_add_zone(import->update, apex, &import->zone, import->failure) != 0)
		return -1;
	if (compare(import) != 0)
		return -1;
	if (!decide_serial(import) && !is_new)
		return UNCHANGED;
	return write_differences(import);
}

static void free_import(struct import *import)
{
	rrset_buffer_free(&import->staged.rrset);
	rrset_buffer_free(&import->soa);
	rrset_buffer_free(&import->old_soa);
	owner_pool_clear(&import->names);
	free(import->put);
	free(import->gone);
}

int update_replace_zone(
	struct update *update, struct staging *staging, uint64_t *sequence, struct failure *failure)
{
	struct import import = {.update = update, .staging = staging, .failure = failure};
	struct batch_part part;
	int result;

	if (batch_open_part(update, &part, failure) != 0)
		return -1;
	result = replace(&import);
	free_import(&import);
	if (result == UNCHANGED) {
		store_undo(update->store);
		*sequence = store_sequence(update->store);
		return 0;
	}
	return batch_close_part(update, &part, result, sequence, failure);
}
