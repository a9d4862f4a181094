/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The zones walked as the one tree that they make. A subtree is one range of keys, so the walk goes
 * from one apex or subtree's end to the next, and in between through the zone that speaks there.
 */
#include "control/store/store_codec.h"
#include "control/store/store_lmdb.h"
#include "dataplane/dns/wire.h"

#include <string.h>

enum { ZONE_NUMBER_BYTES = 4 };

/* An owner key, or the end of a subtree of them. */
struct bound {
	size_t bytes; /* 0: before every key as a start, behind every key as an end */
	uint8_t key[STORE_OWNER_KEY_MAX_BYTES];
};

static int compare_bounds(const struct bound *a, const struct bound *b)
{
	size_t shared = a->bytes < b->bytes ? a->bytes : b->bytes;
	int order = memcmp(a->key, b->key, shared);

	return order != 0 ? order : (a->bytes > b->bytes) - (a->bytes < b->bytes);
}

/* A walk under way. */
struct walk {
	struct store *store;
	struct store_cursor *cursor;
	struct bound start, end; /* from the range, in any zone */
	const struct owner *after;
	store_visit_rrset *visit;
	void *context;
	struct failure *failure;
};

static void set_bounds(struct walk *walk, const struct owner *within, const struct owner *behind)
{
	struct bound after;

	if (within != NULL) {
		walk->start.bytes = store_write_owner_key(within, walk->start.key);
		walk->end.bytes = store_write_subtree_end(within, walk->end.key);
	}
	if (behind == NULL)
		return;
	after.bytes = store_write_owner_key(behind, after.key);
	if (compare_bounds(&after, &walk->start) >= 0) {
		walk->start = after;
		walk->after = behind;
	}
}

/* Tells one RRset. 0: go on; otherwise what the walk returns. */
static int tell(const struct walk *walk, struct store_bytes key, struct store_bytes value)
{
	struct store_owner parsed;
	struct stored stored;
	uint32_t zone;
	uint16_t type;

	if (store_parse_key(key.octets, key.count, &zone, &parsed, &type) != 0)
		return store_refuse_damage(walk->store, "a key is unreadable", walk->failure);
	if (walk->after != NULL && owner_equal(walk->after, &parsed.owner))
		return 0;
	if (store_parse_value(type, value.octets, value.count, &stored) != 0)
		return store_refuse_value(walk->store, &parsed.owner, type, walk->failure);
	return walk->visit(walk->context, &parsed.owner, &stored);
}

/* Whether `key` is at or behind `end` in its zone. */
static bool is_past(struct store_bytes key, const struct bound *end)
{
	size_t bytes = key.count - ZONE_NUMBER_BYTES;
	const uint8_t *octets = key.octets + ZONE_NUMBER_BYTES;
	int order;

	if (end->bytes == 0)
		return false;
	order = memcmp(octets, end->key, bytes < end->bytes ? bytes : end->bytes);
	return order > 0 || (order == 0 && bytes >= end->bytes);
}

static bool is_of_zone(struct store_bytes key, uint32_t zone)
{
	return key.count >= ZONE_NUMBER_BYTES && wire_get32(key.octets) == zone;
}

/* The RRsets of one zone from `start` to before `end`. */
static int walk_zone(
	const struct walk *walk, uint32_t zone, const struct bound *start, const struct bound *end)
{
	uint8_t octets[STORE_KEY_MAX_BYTES];
	const struct store_bytes from = {octets, ZONE_NUMBER_BYTES + start->bytes};
	struct store_bytes key, value;
	int more, result;

	wire_put32(octets, zone);
	memcpy(octets + ZONE_NUMBER_BYTES, start->key, start->bytes);
	more = store_cursor_seek(walk->cursor, from, &key, &value, walk->failure);
	while (more == 1 && is_of_zone(key, zone) && !is_past(key, end)) {
		result = tell(walk, key, value);
		if (result != 0)
			return result;
		more = store_cursor_next(walk->cursor, &key, &value, walk->failure);
	}
	return more < 0 ? -1 : 0;
}

/* ---- Zones ---- */

struct zone_walk {
	struct store *store;
	struct store_cursor *cursor;
	struct failure *failure;
	/* The zone reached. */
	uint32_t zone;
	struct store_owner apex;
	struct bound bound; /* its key */
};

static int take_zone(
	struct zone_walk *walk, int more, struct store_bytes key, struct store_bytes value)
{
	struct zone_settings settings;

	if (more != 1)
		return more;
	if (store_parse_owner_key(key.octets, key.count, &walk->apex) != 0 ||
		zone_value_parse(value.octets, value.count, &walk->zone, &settings) != 0)
		return store_refuse_damage(walk->store, "a zone is unreadable", walk->failure);
	walk->bound.bytes = key.count;
	memcpy(walk->bound.key, key.octets, key.count);
	return 1;
}

/* The first zone at or behind `from`. 1, 0: none, or -1. */
static int seek_zone(struct zone_walk *walk, const struct bound *from)
{
	const struct store_bytes start = {from->key, from->bytes};
	struct store_bytes key, value;
	int more = store_cursor_seek(walk->cursor, start, &key, &value, walk->failure);

	return take_zone(walk, more, key, value);
}

static int next_zone(struct zone_walk *walk)
{
	struct store_bytes key, value;
	int more = store_cursor_next(walk->cursor, &key, &value, walk->failure);

	return take_zone(walk, more, key, value);
}

/* ---- All zones as one tree ---- */

/* The lesser of two ends; 0 octets is behind every key. */
static const struct bound *lesser_end(const struct bound *a, const struct bound *b)
{
	if (a->bytes == 0)
		return b;
	return b->bytes == 0 || compare_bounds(a, b) <= 0 ? a : b;
}

/* The zone in whose part of the tree the walk is, and where it is. */
struct place {
	bool in_zone, done;
	uint32_t zone;
	struct store_owner apex;
	struct bound at, end; /* the next key to visit; the end of the zone's subtree */
};

static void enter(struct place *place, const struct owner *apex, uint32_t zone)
{
	struct store_owner kept;

	/* By way of a copy: `apex` may borrow the place's own labels. */
	store_keep_owner(&kept, apex);
	store_keep_owner(&place->apex, &kept.owner);
	place->in_zone = true;
	place->zone = zone;
	place->end.bytes = store_write_subtree_end(apex, place->end.key);
}

/* The zone at `apex`. 1, 0: there is none, or -1. */
static int probe_zone(const struct walk *walk, const struct owner *apex, uint32_t *zone)
{
	struct zone_settings settings;

	return store_get_zone(walk->store, apex, zone, &settings, walk->failure);
}

/* Into the longest zone of `name` with at most `depth` labels, or out of all. */
static int enter_zone_of(
	const struct walk *walk, struct place *place, const struct owner *name, unsigned depth)
{
	/* What is above the tops of the reverse trees is no zone here. */
	unsigned least = name->prefix.family == OWNER_NO_FAMILY ? 0 : 2;

	place->in_zone = false;
	place->end.bytes = 0;
	for (unsigned above = depth + 1; above > least; above--) {
		const struct owner apex = owner_ancestor(name, above - 1);
		uint32_t zone = 0;
		int found = probe_zone(walk, &apex, &zone);

		if (found < 0)
			return -1;
		if (found == 1) {
			enter(place, &apex, zone);
			return 0;
		}
	}
	return 0;
}

/* Out of the place's zone into the one round it. */
static int enter_zone_above(const struct walk *walk, struct place *place)
{
	struct store_owner apex;
	struct owner parent;

	store_keep_owner(&apex, &place->apex.owner);
	if (owner_parent(&apex.owner, &parent))
		return enter_zone_of(walk, place, &parent, owner_depth(&parent));
	place->in_zone = false;
	place->end.bytes = 0;
	return 0;
}

/* Visits what is left of the place's zone before the next zone, and moves on. */
static int step(const struct walk *walk, struct zone_walk *zones, struct place *place)
{
	struct bound next = {.bytes = 0}, none = {.bytes = 0};
	const struct bound *end;
	int more = seek_zone(zones, &place->at), result = 0;

	/* The zone that the walk is in is no boundary to itself. */
	if (more == 1 && place->in_zone && zones->zone == place->zone)
		more = next_zone(zones);
	if (more < 0)
		return -1;
	if (more == 1)
		next = zones->bound;
	end = lesser_end(place->in_zone ? &place->end : &none, &walk->end);
	if (place->in_zone)
		result = walk_zone(walk, place->zone, &place->at, lesser_end(end, &next));
	if (result != 0)
		return result;
	if (more == 1 && lesser_end(end, &next) == &next) {
		place->at = next;
		enter(place, &zones->apex.owner, zones->zone);
		return 0;
	}
	if (!place->in_zone || end == &walk->end) {
		place->done = true;
		return 0;
	}
	place->at = place->end;
	return enter_zone_above(walk, place);
}

static int walk_tree(const struct walk *walk, struct zone_walk *zones, const struct owner *first,
	struct place *place)
{
	int result = 0;

	place->at = walk->start;
	if (first != NULL)
		result = enter_zone_of(walk, place, first, owner_depth(first));
	while (result == 0 && !place->done)
		result = step(walk, zones, place);
	return result;
}

int store_each_served(struct store *store, const struct owner *within, const struct owner *after,
	store_visit_rrset *visit, void *context, struct failure *failure)
{
	struct walk walk = {.store = store, .visit = visit, .context = context, .failure = failure};
	struct zone_walk zones = {.store = store, .failure = failure};
	struct place place = {.in_zone = false};
	int result = -1;

	set_bounds(&walk, within, after);
	if (store_cursor_open(store, STORE_RRSETS, &walk.cursor, failure) != 0)
		return -1;
	if (store_cursor_open(store, STORE_ZONES, &zones.cursor, failure) == 0)
		result = walk_tree(&walk, &zones, walk.after != NULL ? walk.after : within, &place);
	store_cursor_close(zones.cursor);
	store_cursor_close(walk.cursor);
	return result;
}
