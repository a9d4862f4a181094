/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A zone's contents replaced by staged records. Old and new are walked side by side in the store's
 * order, so only what differs is written and published, however large the zone.
 */
#include "control/array.h"
#include "control/presentation.h"
#include "control/soa.h"
#include "control/staging.h"
#include "control/store_walk.h"
#include "control/update_batch.h"

#include <stdlib.h>
#include <string.h>

/*
 * RRsets of the staging that follow one another and all are to be written: over old ones, whose
 * dates and details stay, or where there was nothing.
 */
struct run {
	size_t position, count;
	bool replaces;
};

struct old_key {
	struct owner owner; /* borrows `names`: keys move when their array grows */
	uint16_t type;
};

struct import {
	struct update *update;
	struct staging *staging;
	struct failure *failure;
	struct zone_ref zone;
	struct staged staged; /* the next new RRset; valid while `more` is 1 */
	int more;
	size_t position; /* of `staged` */
	struct run *put;
	size_t puts, put_capacity;
	size_t run_end;	      /* where the last run ends, the position behind it */
	struct old_key *gone; /* old RRsets that the import lacks */
	size_t gones, gone_capacity;
	struct owner_pool names;
	struct rrset_buffer soa, old_soa; /* the SOA is decided last; count 0: none */
	bool has_ns;
	/* The owner's key of the staged RRset before, and whether that is an alias. */
	const uint8_t *last_key;
	size_t last_key_bytes;
	bool last_is_alias;
};

static int refuse_memory(struct import *import)
{
	return failure_set(import->failure, FAILURE_STORE_FULL, "no memory for the import");
}

static int note_put(struct import *import, bool replaces)
{
	struct run *put;

	if (import->puts > 0 && import->run_end == import->position &&
		import->put[import->puts - 1].replaces == replaces) {
		import->put[import->puts - 1].count++;
	} else {
		put = array_grow(import->put, import->puts, &import->put_capacity, sizeof(*put));
		if (put == NULL)
			return refuse_memory(import);
		import->put = put;
		import->put[import->puts++] = (struct run){import->position, 1, replaces};
	}
	import->run_end = import->staged.next;
	return 0;
}

static int note_gone(struct import *import, const struct store_entry *entry)
{
	struct store_owner owner;
	struct old_key *gone;

	if (store_parse_owner_key(entry->key, entry->key_bytes - 2, &owner) != 0)
		return failure_set(import->failure, FAILURE_STORE_ERROR,
			"the store is damaged: a key is unreadable; restore it from a backup");
	gone = array_grow(import->gone, import->gones, &import->gone_capacity, sizeof(*gone));
	if (gone == NULL)
		return refuse_memory(import);
	import->gone = gone;
	if (owner_pool_copy(&import->names, &owner.owner, &import->gone[import->gones].owner) != 0)
		return refuse_memory(import);
	import->gone[import->gones++].type = wire_get16(entry->key + entry->key_bytes - 2);
	return 0;
}

/* ---- Walking old and new side by side ---- */

/* Whether the staged RRset has the owner of the one before it. */
static bool is_same_owner(const struct import *import)
{
	size_t bytes = import->staged.key_bytes - 2;

	return bytes == import->last_key_bytes &&
		memcmp(import->staged.key, import->last_key, bytes) == 0;
}

/* The staged RRset's owner as people write it. Returns `text`. */
static const char *write_owner(
	const struct import *import, char text[static PRESENTATION_NAME_BYTES])
{
	struct store_owner owner;

	staged_owner(&import->staged, &owner);
	return presentation_write_owner(&owner.owner, text);
}

static bool is_at_apex(const struct import *import)
{
	struct store_owner owner;

	staged_owner(&import->staged, &owner);
	return owner_equal(&owner.owner, &import->zone.apex);
}

/*
 * What one owner may hold: an alias nothing else (RFC 1034 3.6.2), and of CNAME and DNAME one
 * (RFC 2181 10.1, RFC 6672 2.4). The staged RRsets of an owner follow one another.
 */
static int check_staged(struct import *import)
{
	const struct staged *staged = &import->staged;
	bool alias = staged->rrset.type == WIRE_TYPE_CNAME;
	char text[PRESENTATION_NAME_BYTES];

	if ((alias || import->last_is_alias) && is_same_owner(import))
		return failure_set(import->failure, FAILURE_INVALID,
			"%.255s has a CNAME record and others; a CNAME stands alone",
			write_owner(import, text));
	if ((alias || staged->rrset.type == WIRE_TYPE_DNAME) && staged->rrset.count != 1)
		return failure_set(import->failure, FAILURE_INVALID,
			"%.255s has %u CNAME or DNAME records; there can be one",
			write_owner(import, text), staged->rrset.count);
	import->last_key = staged->key;
	import->last_key_bytes = staged->key_bytes - 2;
	import->last_is_alias = alias;
	if (staged->rrset.type == WIRE_TYPE_NS)
		import->has_ns |= is_at_apex(import);
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

/* Whether the old RRset is the staged one, octet by octet; its dates and details do not count. */
static bool is_as_staged(const struct import *import, const struct store_entry *old)
{
	const struct rrset *rrset = &import->staged.rrset;
	uint8_t head[STORE_VALUE_HEAD_BYTES];

	if (old->value_bytes < STORE_VALUE_FIXED_BYTES + rrset->rdata_bytes)
		return false;
	store_write_value_head(rrset, head);
	head[4] |= old->value[4] & STORE_VALUE_HAS_DETAILS >> 8;
	/* As many items, of the same octets: they end where the staged ones do. */
	return memcmp(old->value, head, sizeof(head)) == 0 &&
		memcmp(old->value + STORE_VALUE_FIXED_BYTES, rrset->rdata, rrset->rdata_bytes) == 0;
}

/* The current staged RRset is new or differs from `old` (NULL: there is no old one). */
static int settle_staged(struct import *import, const struct store_entry *old)
{
	int result = 0;

	if (import->staged.rrset.type == WIRE_TYPE_SOA)
		result = keep_soa(import, &import->soa, &import->staged.rrset);
	else if (old == NULL || !is_as_staged(import, old))
		result = note_put(import, old != NULL);
	return result == 0 ? read_staged(import, import->staged.next) : -1;
}

/* Where the staged RRset stands to an old one. No key is the beginning of another. */
static int compare_staged(const struct import *import, const struct store_entry *old)
{
	size_t bytes = import->staged.key_bytes;

	return memcmp(
		import->staged.key, old->key, bytes < old->key_bytes ? bytes : old->key_bytes);
}

static int settle_old(struct import *import, const struct store_entry *old)
{
	bool is_soa = wire_get16(old->key + old->key_bytes - 2) == WIRE_TYPE_SOA;
	struct stored stored;

	while (import->more == 1 && compare_staged(import, old) < 0)
		if (settle_staged(import, NULL) != 0)
			return -1;
	if (is_soa && store_parse_value(WIRE_TYPE_SOA, old->value, old->value_bytes, &stored) != 0)
		return failure_set(import->failure, FAILURE_STORE_ERROR,
			"the store is damaged: the zone's SOA is unreadable; restore it from a "
			"backup");
	if (is_soa && keep_soa(import, &import->old_soa, &stored.rrset) != 0)
		return -1;
	if (import->more == 1 && compare_staged(import, old) == 0)
		return settle_staged(import, old);
	return is_soa ? 0 : note_gone(import, old);
}

static int compare_all(struct import *import)
{
	struct store_entry old;
	struct store_walk *walk;
	int result = 0, more = 1;

	if (store_walk_open(import->update->store, import->zone.id, &walk, import->failure) != 0)
		return -1;
	while (result == 0 && (more = store_walk_next(walk, &old, import->failure)) == 1)
		result = settle_old(import, &old);
	store_walk_close(walk);
	if (more < 0 || result != 0)
		return -1;
	while (import->more == 1)
		if (settle_staged(import, NULL) != 0)
			return -1;
	return 0;
}

static int compare(struct import *import)
{
	char text[PRESENTATION_NAME_BYTES];

	if (staging_sort(import->staging, import->failure) != 0 || read_staged(import, 0) != 0 ||
		compare_all(import) != 0)
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

/* What is to be stored of the staged RRset; it may borrow what the store lends. */
static int make_stored(struct import *import, bool replaces, const struct owner *owner,
	const struct rrset *rrset, struct stored *made)
{
	struct update *update = import->update;
	struct stored old;
	int found = 0;

	if (replaces)
		found = store_get_stored(
			update->store, import->zone.id, owner, rrset->type, &old, import->failure);
	if (found < 0)
		return -1;
	*made = (struct stored){.rrset = *rrset};
	made->stamp = batch_stamp(update, found == 1 ? &old : NULL);
	if (found == 1 && old.details_bytes > 0) {
		memcpy(update->scratch->details, old.details, old.details_bytes);
		made->details = update->scratch->details;
		made->details_bytes = old.details_bytes;
	}
	return 0;
}

/* One RRset of an import that the journal keeps one by one. */
static int write_noted(
	struct import *import, bool replaces, const struct owner *owner, const struct rrset *rrset)
{
	struct update *update = import->update;
	struct stored old, made = {.rrset = *rrset};
	int found = replaces ? store_get_stored(update->store, import->zone.id, owner, rrset->type,
				       &old, import->failure)
			     : 0;

	if (found < 0)
		return -1;
	if (found == 1) {
		made.details = old.details;
		made.details_bytes = old.details_bytes;
	}
	return batch_write(
		update, &import->zone, owner, &made, found == 1 ? &old : NULL, import->failure);
}

static int write_counted(struct import *import, struct store_writer *writer, bool replaces,
	const struct owner *owner)
{
	const struct staged *staged = &import->staged;
	struct stored made;

	if (make_stored(import, replaces, owner, &staged->rrset, &made) != 0 ||
		store_writer_put(writer, staged->key, staged->key_bytes, &made, import->failure) !=
			0)
		return -1;
	return batch_add_dirty(import->update, owner, import->failure);
}

/* `writer` NULL: the journal keeps each RRset. */
static int write_run(struct import *import, struct store_writer *writer, const struct run *run)
{
	struct staged *staged = &import->staged;
	size_t position = run->position;
	int result = 0;

	for (size_t left = run->count; left > 0 && result == 0; left--, position = staged->next) {
		struct store_owner owner;

		if (staging_read(import->staging, position, staged, import->failure) != 1)
			return -1;
		staged_owner(staged, &owner);
		result = writer != NULL
			? write_counted(import, writer, run->replaces, &owner.owner)
			: write_noted(import, run->replaces, &owner.owner, &staged->rrset);
	}
	return result;
}

static int write_runs(struct import *import, bool counted)
{
	struct store_writer *writer = NULL;
	int result = 0;

	if (counted &&
		store_writer_open(
			import->update->store, import->zone.id, &writer, import->failure) != 0)
		return -1;
	for (size_t i = 0; i < import->puts && result == 0; i++)
		result = write_run(import, writer, &import->put[i]);
	if (counted)
		store_writer_close(writer);
	return result;
}

static int write_soa(struct import *import, bool counted)
{
	const struct rrset soa = rrset_buffer_view(&import->soa);
	bool replaces = import->old_soa.count > 0;
	struct stored made;

	if (!counted)
		return write_noted(import, replaces, &import->zone.apex, &soa);
	if (make_stored(import, replaces, &import->zone.apex, &soa, &made) != 0)
		return -1;
	return store_put_rrset(
		import->update->store, import->zone.id, &import->zone.apex, &made, import->failure);
}

/* Whether there are so many differences that the journal only counts them; then it is told. */
static bool count_differences(struct import *import)
{
	struct journal_entry counts = {
		.sequence = import->update->sequence,
		.zone = import->zone.id,
		.serial = soa_buffer_serial(&import->soa),
	};

	for (size_t i = 0; i < import->puts; i++)
		if (import->put[i].replaces)
			counts.changed += import->put[i].count;
		else
			counts.added += import->put[i].count;
	if (counts.added + counts.changed + import->gones <= JOURNAL_RRSETS_MAX)
		return false;
	journal_note_bulk(&import->update->journal, &counts); /* what goes counts itself */
	return true;
}

static int write_differences(struct import *import)
{
	bool counted = count_differences(import);

	/* Noted first and put last: so the batch's owners, and a new zone's keys, are in order. */
	if (batch_decide_serial(import->update, &import->zone, soa_buffer_serial(&import->soa),
		    import->failure) != 0 ||
		batch_add_dirty(import->update, &import->zone.apex, import->failure) != 0)
		return -1;
	for (size_t i = 0; i < import->gones; i++)
		if (batch_delete(import->update, &import->zone, &import->gone[i].owner,
			    import->gone[i].type, NULL, import->failure) != 0)
			return -1;
	return write_runs(import, counted) != 0 ? -1 : write_soa(import, counted);
}

static int replace(struct import *import)
{
	const struct owner *apex = staging_apex(import->staging);
	bool is_new = !batch_find_zone(import->update, apex, &import->zone);

	if (is_new && batch_add_zone(import->update, apex, &import->zone, import->failure) != 0)
		return -1;
	if (compare(import) != 0)
		return -1;
	if (!decide_serial(import) && !is_new)
		return 0;
	/* A frozen zone is refused here. */
	if (batch_touch(import->update, &import->zone, NULL, import->failure) != 0)
		return -1;
	return write_differences(import);
}

static void free_import(struct import *import)
{
	staged_free(&import->staged);
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
	struct update_result changed = {0};
	struct update_group part;
	int result;

	if (batch_open_part(update, &part, failure) != 0)
		return -1;
	result = replace(&import);
	free_import(&import);
	result = batch_close_part(update, &part, result, &changed, failure);
	*sequence = changed.sequence;
	return result;
}
