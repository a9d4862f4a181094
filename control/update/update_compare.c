/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Of each zone either all of the store is walked beside what is staged, or only what is staged is
 * looked up, a few steps ahead where it is near.
 */
#include "control/update/update_compare.h"

#include "control/presentation.h"

#include <stdlib.h>
#include <string.h>

enum {
	STEPS_MAX = 8, /* from an RRset to the next one that is looked for, before a search */
	TYPE_BYTES = 2,
};

/* ---- The staging ---- */

static bool is_alias(uint16_t type)
{
	return type == WIRE_TYPE_CNAME;
}

static int refuse_staged(const struct compare *compare, const char *rule, struct failure *failure)
{
	char text[PRESENTATION_NAME_BYTES];
	struct store_owner owner;

	staged_owner(&compare->staged, &owner);
	return failure_set(failure, FAILURE_INVALID, "%.255s has %s",
		presentation_write_owner(&owner.owner, text), rule);
}

/*
 * What one owner may hold: an alias nothing else (RFC 1034 3.6.2), and of CNAME and DNAME one
 * (RFC 2181 10.1, RFC 6672 2.4). The staged RRsets of an owner follow one another.
 */
static int check_staged(struct compare *compare, struct failure *failure)
{
	const struct staged *staged = &compare->staged;
	uint16_t type = staged->rrset.type;
	size_t bytes = staged->key_bytes - TYPE_BYTES;
	bool same_owner = bytes == compare->last_key_bytes &&
		memcmp(staged->key, compare->last_key, bytes) == 0;

	if ((is_alias(type) || compare->last_is_alias) && same_owner)
		return refuse_staged(
			compare, "a CNAME record and others; a CNAME stands alone", failure);
	if ((is_alias(type) || type == WIRE_TYPE_DNAME) && staged->rrset.count != 1)
		return refuse_staged(
			compare, "more than one CNAME or DNAME record; there can be one", failure);
	if (compare->plan->kind != IMPORT_ZONE && compare->plan->kind != IMPORT_RESTORE &&
		staged->rrset.count > UPDATE_PTR_NAMES_MAX)
		return refuse_staged(
			compare, "more than 10 names in all lines; an address takes 10", failure);
	if (!same_owner)
		memcpy(compare->last_key, staged->key, bytes);
	compare->last_key_bytes = bytes;
	compare->last_is_alias = is_alias(type);
	return 0;
}

static int read_staged(struct compare *compare, size_t position, struct failure *failure)
{
	uint32_t zone = compare->staged.zone;

	compare->position = position;
	compare->more = staging_read(compare->plan->staging, position, &compare->staged, failure);
	if (compare->more != 1)
		return compare->more;
	if (compare->staged.zone != zone)
		compare->last_key_bytes = 0;
	return check_staged(compare, failure);
}

/* ---- The store ---- */

/* Whether all of the store is asked for, not what is staged alone. */
static bool walks_all(const struct compare *compare)
{
	return compare->plan->kind != IMPORT_MERGE;
}

static int take_old(struct compare *compare, int found)
{
	compare->has_old = found == 1;
	if (found == 0) {
		compare->ended = true;
		store_walk_close(compare->walk);
		compare->walk = NULL;
	}
	return found < 0 ? -1 : 0;
}

static int step_old(struct compare *compare, struct failure *failure)
{
	return take_old(compare, store_walk_next(compare->walk, &compare->old, failure));
}

static int seek_old(
	struct compare *compare, const uint8_t *key, size_t key_bytes, struct failure *failure)
{
	return take_old(
		compare, store_walk_seek(compare->walk, key, key_bytes, &compare->old, failure));
}

/* The first key that a scope's hosts may have, which is no owner's. */
static size_t write_scope_start(const struct import_plan *plan, uint8_t *key)
{
	struct owner owner = owner_from_prefix(&plan->scope);
	size_t bytes = store_write_owner_key(&owner, key);

	/* Without the number of bits and the 0 behind it. */
	return bytes - 2;
}

static bool was_passed(const struct compare *compare)
{
	return compare->has_old && compare->old.key_bytes == compare->passed_bytes &&
		memcmp(compare->old.key, compare->passed, compare->passed_bytes) == 0;
}

/* Opens the walk at the start of the zone, or behind what was told of it. */
static int open_walk(struct compare *compare, struct failure *failure)
{
	const struct compare_zone *zone = &compare->zones[compare->zone];
	uint8_t key[STORE_RRSET_KEY_MAX_BYTES];

	if (zone->is_new || compare->ended)
		return 0;
	if (store_walk_open(compare->update->store, zone->zone.id, &compare->walk, failure) != 0)
		return -1;
	if (!walks_all(compare))
		return 0;
	if (compare->passed_bytes > 0) {
		if (seek_old(compare, compare->passed, compare->passed_bytes, failure) != 0)
			return -1;
		return was_passed(compare) ? step_old(compare, failure) : 0;
	}
	if (compare->plan->kind == IMPORT_REPLACE && compare->plan->has_scope)
		return seek_old(compare, key, write_scope_start(compare->plan, key), failure);
	return step_old(compare, failure);
}

/* Notes that the current RRset of the store was told. */
static void pass_old(struct compare *compare)
{
	memcpy(compare->passed, compare->old.key, compare->old.key_bytes);
	compare->passed_bytes = compare->old.key_bytes;
}

void compare_pause(struct compare *compare)
{
	if (compare->next_old)
		pass_old(compare);
	store_walk_close(compare->walk);
	compare->walk = NULL;
	compare->has_old = compare->next_old = false;
}

static int parse_old(const struct compare *compare, struct stored *old, struct failure *failure)
{
	const struct store_entry *entry = &compare->old;

	if (store_parse_value(wire_get16(entry->key + entry->key_bytes - TYPE_BYTES), entry->value,
		    entry->value_bytes, old) != 0)
		return compare_refuse_damage(failure);
	return 0;
}

/* Whether the current RRset of the store, which is not staged, is one that the import replaces. */
static bool is_replaced(const struct compare *compare)
{
	const struct store_entry *entry = &compare->old;
	const struct import_plan *plan = compare->plan;
	struct prefix host;
	struct owner owner;
	struct zone_ref zone;

	if (plan->kind != IMPORT_REPLACE)
		return true;
	if (wire_get16(entry->key + entry->key_bytes - TYPE_BYTES) != WIRE_TYPE_PTR ||
		!store_parse_host_key(entry->key, entry->key_bytes - TYPE_BYTES, &host) ||
		(plan->has_scope && !prefix_contains(&plan->scope, &host)))
		return false;
	/* What a nested zone hides is not served, and not this zone's to replace. */
	owner = owner_from_prefix(&host);
	return batch_zone_of(compare->update, &owner, &zone) &&
		zone.id == compare->zones[compare->zone].zone.id;
}

/* The last address of a prefix. */
static struct prefix last_host(const struct prefix *prefix)
{
	struct prefix last = *prefix;
	unsigned bits = prefix->bits;

	last.bits = prefix_host_bits(prefix->family);
	if (bits < 64)
		last.high |= UINT64_MAX >> bits;
	if (prefix->family == ARPA_FAMILY_IPV4)
		last.high &= ~(uint64_t)UINT32_MAX;
	else if (bits < 128)
		last.low |= UINT64_MAX >> (bits > 64 ? bits - 64 : 0);
	return last;
}

/* Whether the current RRset of the store, and all behind it, is past the scope. */
static bool is_past_scope(const struct compare *compare)
{
	const struct import_plan *plan = compare->plan;
	size_t bytes = 1 + (plan->scope.family == ARPA_FAMILY_IPV4 ? 4 : 16);
	uint8_t end[STORE_RRSET_KEY_MAX_BYTES];
	struct prefix last;
	struct owner owner;

	if (plan->kind != IMPORT_REPLACE || !plan->has_scope)
		return false;
	last = last_host(&plan->scope);
	owner = owner_from_prefix(&last);
	store_write_owner_key(&owner, end);
	if (compare->old.key_bytes < bytes)
		bytes = compare->old.key_bytes;
	return memcmp(compare->old.key, end, bytes) > 0;
}

/* ---- Walking side by side ---- */

static uint16_t type_of_old(const struct compare *compare)
{
	return wire_get16(compare->old.key + compare->old.key_bytes - TYPE_BYTES);
}

static bool staged_is_here(const struct compare *compare)
{
	return compare->more == 1 && compare->zone < compare->zone_count &&
		compare->staged.zone == compare->zones[compare->zone].staged;
}

/* Where the staged RRset stands to the store's. No key is the beginning of another. */
static int compare_keys(const struct compare *compare)
{
	size_t bytes = compare->staged.key_bytes;

	return memcmp(compare->staged.key, compare->old.key,
		bytes < compare->old.key_bytes ? bytes : compare->old.key_bytes);
}

/* The store's RRset is in front of the staged one: a PTR has no CNAME beside it (RFC 1034 3.6.2).
 */
static int check_beside(const struct compare *compare, struct failure *failure)
{
	const struct staged *staged = &compare->staged;

	if (compare->plan->kind == IMPORT_ZONE || compare->plan->kind == IMPORT_RESTORE ||
		!is_alias(type_of_old(compare)) || compare->old.key_bytes != staged->key_bytes ||
		memcmp(compare->old.key, staged->key, staged->key_bytes - TYPE_BYTES) != 0)
		return 0;
	return refuse_staged(compare,
		"a CNAME record, which allows no other beside it; import the zone without it",
		failure);
}

/* Passes over what stands in front of the staged RRset, at most `steps` of them. */
static int pass_over(struct compare *compare, size_t steps, struct failure *failure)
{
	for (; compare->has_old && steps > 0 && compare_keys(compare) > 0; steps--)
		if (check_beside(compare, failure) != 0 || step_old(compare, failure) != 0)
			return -1;
	return 0;
}

/* Moves the store to the staged RRset or behind it. */
static int find_old(struct compare *compare, struct failure *failure)
{
	if (pass_over(compare, STEPS_MAX, failure) != 0)
		return -1;
	if (compare->ended || (compare->has_old && compare_keys(compare) <= 0))
		return 0;
	if (compare->walk == NULL)
		return 0;
	if (seek_old(compare, compare->staged.key, compare->staged.key_bytes - TYPE_BYTES,
		    failure) != 0)
		return -1;
	return pass_over(compare, SIZE_MAX, failure);
}

static int keep_soa(struct rrset_buffer *to, const struct rrset *soa, struct failure *failure)
{
	if (rrset_buffer_copy(to, soa) != 0)
		return failure_set(failure, FAILURE_STORE_FULL, "no memory for the import");
	return 0;
}

/* Tells the staged RRset, beside the store's if that is the same. */
static int tell_staged(struct compare *compare, bool has_old, struct difference *difference,
	struct failure *failure)
{
	difference->position = compare->position;
	if (has_old && parse_old(compare, &difference->old, failure) != 0)
		return -1;
	if (compare_staged(compare, &compare->staged, has_old, difference, failure) != 0)
		return -1;
	if (compare->staged.rrset.type == WIRE_TYPE_SOA) {
		compare->soa_stamp = difference->made.stamp;
		if (keep_soa(&compare->soa, &compare->staged.rrset, failure) != 0)
			return -1;
	}
	if (compare->staged.rrset.type == WIRE_TYPE_NS) {
		struct store_owner owner;

		staged_owner(&compare->staged, &owner);
		compare->has_ns |= owner_equal(&owner.owner, &difference->zone->zone.apex);
	}
	return 0;
}

static int tell_removed(
	struct compare *compare, struct difference *difference, struct failure *failure)
{
	if (staged_is_here(compare) && check_beside(compare, failure) != 0)
		return -1;
	difference->kind = is_replaced(compare) ? DIFFERENCE_REMOVED : DIFFERENCE_PASSED;
	difference->key = compare->old.key;
	difference->key_bytes = compare->old.key_bytes;
	return parse_old(compare, &difference->old, failure);
}

/* The SOAs are told at the zone's end. */
static int keep_old_soa(
	struct compare *compare, struct difference *difference, struct failure *failure)
{
	difference->kind = DIFFERENCE_PASSED;
	return keep_soa(&compare->old_soa, &difference->old.rrset, failure);
}

/* The next RRset of the zone. 1; 0: the zone has no more. What it lends stays until the next. */
static int next_in_zone(
	struct compare *compare, struct difference *difference, struct failure *failure)
{
	bool here = staged_is_here(compare);
	int order;

	if (here && !walks_all(compare) && find_old(compare, failure) != 0)
		return -1;
	if (!here && (!walks_all(compare) || !compare->has_old || is_past_scope(compare)))
		return 0;
	order = !compare->has_old ? -1 : !here ? 1 : compare_keys(compare);
	if (order > 0 ? tell_removed(compare, difference, failure) != 0
		      : tell_staged(compare, order == 0, difference, failure) != 0)
		return -1;
	if (order >= 0 && type_of_old(compare) == WIRE_TYPE_SOA &&
		keep_old_soa(compare, difference, failure) != 0)
		return -1;
	if (order <= 0 && compare->staged.rrset.type == WIRE_TYPE_SOA)
		difference->kind = DIFFERENCE_PASSED;
	compare->differences += difference_counts(difference);
	compare->next_staged = order <= 0;
	compare->next_old = order >= 0;
	return 1;
}

/* Moves both sides behind what was told last, now that nobody looks at it any more. */
static int move_on(struct compare *compare, struct failure *failure)
{
	if (compare->next_old) {
		pass_old(compare);
		if (compare->walk != NULL && step_old(compare, failure) != 0)
			return -1;
	}
	if (compare->next_staged && read_staged(compare, compare->staged.next, failure) < 0)
		return -1;
	compare->next_old = compare->next_staged = false;
	return 0;
}

static int refuse_zone(const struct compare *compare, struct failure *failure)
{
	char text[PRESENTATION_NAME_BYTES];
	struct store_owner owner;

	staged_owner(&compare->staged, &owner);
	return failure_set(failure, FAILURE_CONFLICT,
		"the zone that held %.255s is gone, or not among those to be replaced; start the "
		"import again",
		presentation_write_owner(&owner.owner, text));
}

/* Goes to the next zone that has a part. 1; 0: there is none; -1. */
static int enter_zone(struct compare *compare, struct failure *failure)
{
	while (!walks_all(compare) && compare->zone < compare->zone_count &&
		!staged_is_here(compare))
		compare->zone++;
	if (compare->more == 1 &&
		(compare->zone == compare->zone_count ||
			compare->staged.zone < compare->zones[compare->zone].staged))
		return refuse_zone(compare, failure);
	if (compare->zone == compare->zone_count)
		return 0;
	compare->in_zone = true;
	compare->passed_bytes = 0;
	compare->ended = false;
	compare->soa.count = compare->old_soa.count = 0;
	compare->has_ns = false;
	return 1;
}

int compare_next(struct compare *compare, struct difference *difference, struct failure *failure)
{
	int found;

	if (!compare->in_zone) {
		found = enter_zone(compare, failure);
		if (found != 1)
			return found;
	}
	if (move_on(compare, failure) != 0 ||
		(compare->walk == NULL && open_walk(compare, failure) != 0))
		return -1;
	difference->zone = &compare->zones[compare->zone];
	found = next_in_zone(compare, difference, failure);
	if (found != 0)
		return found;
	compare_pause(compare);
	compare->in_zone = false;
	compare->zone++;
	difference->kind = DIFFERENCE_ZONE_END;
	return 1;
}

int compare_resume(struct compare *compare, struct failure *failure)
{
	uint32_t staged = compare->zone < compare->zone_count ? compare->zones[compare->zone].staged
							      : UINT32_MAX;

	free(compare->zones);
	compare->zones = NULL;
	compare->zone_count = compare->zone = 0;
	if (compare_list_zones(compare, failure) != 0)
		return -1;
	while (compare->zone < compare->zone_count && compare->zones[compare->zone].staged < staged)
		compare->zone++;
	if (compare->in_zone &&
		(compare->zone == compare->zone_count ||
			compare->zones[compare->zone].staged != staged))
		return failure_set(
			failure, FAILURE_CONFLICT, "a zone of the import is gone; start it again");
	return 0;
}

int compare_open(struct compare *compare, struct update *update, const struct import_plan *plan,
	struct failure *failure)
{
	*compare = (struct compare){.update = update, .plan = plan};
	if (compare_list_zones(compare, failure) == 0 &&
		staging_sort(plan->staging, failure) == 0 && read_staged(compare, 0, failure) >= 0)
		return 0;
	compare_close(compare);
	return -1;
}

void compare_close(struct compare *compare)
{
	store_walk_close(compare->walk);
	staged_free(&compare->staged);
	rrset_buffer_free(&compare->soa);
	rrset_buffer_free(&compare->old_soa);
	free(compare->zones);
	*compare = (struct compare){.update = compare->update};
}
