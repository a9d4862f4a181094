/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The store's contents: RRsets and zones put, deleted, read and walked. Reads go through the open
 * transaction when there is one, so a batch sees its own writes.
 */
#include "control/presentation.h"
#include "control/store/store_codec.h"
#include "control/store/store_lmdb.h"
#include "dataplane/dns/wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int store_refuse_value(const struct store *store, const struct owner *owner, uint16_t type,
	struct failure *failure)
{
	char text[PRESENTATION_NAME_BYTES], what[160];

	snprintf(what, sizeof(what), "the records of type %u at %.80s are unreadable", type,
		presentation_write_owner(owner, text));
	return store_refuse_damage(store, what, failure);
}

int store_put_rrset(struct store *store, uint32_t zone, const struct owner *owner,
	const struct stored *stored, struct failure *failure)
{
	uint8_t key[STORE_KEY_MAX_BYTES];
	size_t key_bytes = store_write_key(zone, owner, stored->rrset.type, key);
	size_t bytes = store_value_bytes(stored);
	uint8_t *value = malloc(bytes);
	int result;

	if (value == NULL)
		return store_refuse(store, ENOMEM, "write records", failure);
	store_write_value(stored, value);
	result = store_kv_put(store, STORE_RRSETS, (struct store_bytes){key, key_bytes},
		(struct store_bytes){value, bytes}, failure);
	free(value);
	return result;
}

static int delete_key(struct store *store, enum store_table table, struct store_bytes key,
	const struct owner *owner, const char *what, struct failure *failure)
{
	char text[PRESENTATION_NAME_BYTES];
	int result = store_kv_delete(store, table, key, failure);

	if (result == 0)
		return failure_set(failure, FAILURE_NOT_FOUND, "there is no %s %.255s", what,
			presentation_write_owner(owner, text));
	return result < 0 ? -1 : 0;
}

int store_delete_rrset(struct store *store, uint32_t zone, const struct owner *owner, uint16_t type,
	struct failure *failure)
{
	uint8_t octets[STORE_KEY_MAX_BYTES];
	const struct store_bytes key = {octets, store_write_key(zone, owner, type, octets)};

	return delete_key(store, STORE_RRSETS, key, owner, "such record at", failure);
}

int store_set_zone(struct store *store, const struct owner *apex, uint32_t zone,
	const struct zone_settings *settings, struct failure *failure)
{
	uint8_t octets[STORE_OWNER_KEY_MAX_BYTES], value[ZONE_VALUE_BYTES];
	const struct store_bytes key = {octets, store_write_owner_key(apex, octets)};

	zone_value_write(zone, settings, value);
	return store_kv_put(
		store, STORE_ZONES, key, (struct store_bytes){value, ZONE_VALUE_BYTES}, failure);
}

int store_put_zone(
	struct store *store, const struct owner *apex, uint32_t *zone, struct failure *failure)
{
	const struct zone_settings settings = {.serial_policy = ZONE_SERIAL_INCREMENT};

	if (store_next_zone(store, zone, failure) != 0)
		return -1;
	return store_set_zone(store, apex, *zone, &settings, failure);
}

int store_delete_zone(struct store *store, const struct owner *apex, struct failure *failure)
{
	uint8_t octets[STORE_OWNER_KEY_MAX_BYTES];
	const struct store_bytes key = {octets, store_write_owner_key(apex, octets)};

	return delete_key(store, STORE_ZONES, key, apex, "zone", failure);
}

int store_get_stored(struct store *store, uint32_t zone, const struct owner *owner, uint16_t type,
	struct stored *stored, struct failure *failure)
{
	uint8_t octets[STORE_KEY_MAX_BYTES];
	const struct store_bytes key = {octets, store_write_key(zone, owner, type, octets)};
	struct store_bytes value;
	int found = store_kv_get(store, STORE_RRSETS, key, &value, failure);

	if (found == 1 && store_parse_value(type, value.octets, value.count, stored) != 0)
		return store_refuse_value(store, owner, type, failure);
	return found;
}

int store_get_zone(struct store *store, const struct owner *apex, uint32_t *zone,
	struct zone_settings *settings, struct failure *failure)
{
	uint8_t octets[STORE_OWNER_KEY_MAX_BYTES];
	const struct store_bytes key = {octets, store_write_owner_key(apex, octets)};
	struct store_bytes value;
	int found = store_kv_get(store, STORE_ZONES, key, &value, failure);

	if (found == 1 && zone_value_parse(value.octets, value.count, zone, settings) != 0)
		return store_refuse_damage(store, "a zone's value is unreadable", failure);
	return found;
}

int store_get_rrset(struct store *store, uint32_t zone, const struct owner *owner, uint16_t type,
	struct rrset_buffer *rrset, struct failure *failure)
{
	char text[PRESENTATION_NAME_BYTES];
	struct stored stored;
	int found = store_get_stored(store, zone, owner, type, &stored, failure);

	if (found < 0)
		return -1;
	if (found == 0)
		return failure_set(failure, FAILURE_NOT_FOUND, "there is no such record at %.255s",
			presentation_write_owner(owner, text));
	if (rrset_buffer_copy(rrset, &stored.rrset) != 0)
		return store_refuse(store, ENOMEM, "read records", failure);
	return 0;
}

/* A walk over a zone's RRsets: where it may start, what it may not pass, whom to tell. */
struct walk {
	struct store *store;
	uint32_t zone;
	const struct owner *within, *after;
	store_visit_rrset *visit;
	void *context;
};

/*
 * The first key that may be wanted. Every key of `within` sorts at or after its own; those of
 * `after` that sort behind its key with the highest type are other owners.
 */
static size_t first_key(const struct walk *walk, uint8_t key[static STORE_KEY_MAX_BYTES])
{
	uint8_t after[STORE_KEY_MAX_BYTES];
	size_t bytes = 4, after_bytes;
	int order;

	wire_put32(key, walk->zone);
	if (walk->within != NULL)
		bytes = store_write_key(walk->zone, walk->within, 0, key);
	if (walk->after == NULL)
		return bytes;
	after_bytes = store_write_key(walk->zone, walk->after, UINT16_MAX, after);
	order = memcmp(key, after, bytes < after_bytes ? bytes : after_bytes);
	if (order > 0 || (order == 0 && bytes > after_bytes))
		return bytes;
	memcpy(key, after, after_bytes);
	return after_bytes;
}

/* The walk goes on behind this. */
enum { WALK_ON = 0, WALK_PAST = -2 };

/* Tells one RRset. WALK_ON, WALK_PAST, or what the walk returns. */
static int tell(const struct walk *walk, struct store_bytes key, struct store_bytes value,
	struct failure *failure)
{
	struct store_owner owner;
	struct stored stored;
	uint32_t zone;
	uint16_t type;

	if (store_parse_key(key.octets, key.count, &zone, &owner, &type) != 0)
		return store_refuse_damage(walk->store, "a key is unreadable", failure);
	if (zone != walk->zone ||
		(walk->within != NULL && !owner_contains(walk->within, &owner.owner)))
		return WALK_PAST;
	if (walk->after != NULL && owner_equal(walk->after, &owner.owner))
		return WALK_ON;
	if (store_parse_value(type, value.octets, value.count, &stored) != 0)
		return store_refuse_value(walk->store, &owner.owner, type, failure);
	return walk->visit(walk->context, &owner.owner, &stored);
}

static int walk_cursor(
	const struct walk *walk, struct store_cursor *cursor, struct failure *failure)
{
	uint8_t octets[STORE_KEY_MAX_BYTES];
	const struct store_bytes first = {octets, first_key(walk, octets)};
	struct store_bytes key, value;
	int result = 0, more = store_cursor_seek(cursor, first, &key, &value, failure);

	while (more == 1) {
		result = tell(walk, key, value, failure);
		if (result != WALK_ON)
			return result == WALK_PAST ? 0 : result;
		more = store_cursor_next(cursor, &key, &value, failure);
	}
	return more;
}

int store_each_rrset(struct store *store, uint32_t zone, const struct owner *within,
	const struct owner *after, store_visit_rrset *visit, void *context, struct failure *failure)
{
	const struct walk walk = {store, zone, within, after, visit, context};
	struct store_cursor *cursor;
	int result;

	if (store_cursor_open(store, STORE_RRSETS, &cursor, failure) != 0)
		return -1;
	result = walk_cursor(&walk, cursor, failure);
	store_cursor_close(cursor);
	return result;
}

static int walk_zones(struct store *store, struct store_cursor *cursor, store_visit_zone *visit,
	void *context, struct failure *failure)
{
	const struct store_bytes start = {NULL, 0};
	struct zone_settings settings;
	struct store_bytes key, value;
	struct store_owner apex;
	uint32_t zone;
	int result, more = store_cursor_seek(cursor, start, &key, &value, failure);

	while (more == 1) {
		if (store_parse_owner_key(key.octets, key.count, &apex) != 0 ||
			zone_value_parse(value.octets, value.count, &zone, &settings) != 0)
			return store_refuse_damage(store, "a zone is unreadable", failure);
		result = visit(context, &apex.owner, zone);
		if (result != 0)
			return result;
		more = store_cursor_next(cursor, &key, &value, failure);
	}
	return more;
}

int store_each_zone(
	struct store *store, store_visit_zone *visit, void *context, struct failure *failure)
{
	struct store_cursor *cursor;
	int result;

	if (store_cursor_open(store, STORE_ZONES, &cursor, failure) != 0)
		return -1;
	result = walk_zones(store, cursor, visit, context, failure);
	store_cursor_close(cursor);
	return result;
}
