/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The store's contents: RRsets and zones put, deleted, read and walked. Reads go through the open
 * transaction when there is one, so a batch sees its own writes.
 */
#include "control/presentation.h"
#include "control/store_codec.h"
#include "control/store_lmdb.h"
#include "dataplane/dns/wire.h"

#include <errno.h>
#include <stdio.h>
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
	const struct rrset *rrset, struct failure *failure)
{
	uint8_t key_octets[STORE_KEY_MAX_BYTES];
	MDB_val key = {store_write_key(zone, owner, rrset->type, key_octets), key_octets};
	MDB_val value = {STORE_VALUE_HEAD_BYTES + rrset->rdata_bytes, NULL};
	int error =
		mdb_put(store_write_transaction(store), store->tables[STORE_RRSETS], &key, &value, MDB_RESERVE);

	if (error != 0)
		return store_refuse(store, error, "write records", failure);
	store_write_value_head(rrset, value.mv_data);
	memcpy((uint8_t *)value.mv_data + STORE_VALUE_HEAD_BYTES, rrset->rdata, rrset->rdata_bytes);
	return 0;
}

static int delete_key(struct store *store, MDB_dbi database, MDB_val *key,
	const struct owner *owner, const char *what, struct failure *failure)
{
	char text[PRESENTATION_NAME_BYTES];
	int error = mdb_del(store_write_transaction(store), database, key, NULL);

	if (error == MDB_NOTFOUND)
		return failure_set(failure, FAILURE_NOT_FOUND, "there is no %s %.255s", what,
			presentation_write_owner(owner, text));
	return error == 0 ? 0 : store_refuse(store, error, "delete", failure);
}

int store_delete_rrset(struct store *store, uint32_t zone, const struct owner *owner, uint16_t type,
	struct failure *failure)
{
	uint8_t octets[STORE_KEY_MAX_BYTES];
	MDB_val key = {store_write_key(zone, owner, type, octets), octets};

	return delete_key(store, store->tables[STORE_RRSETS], &key, owner, "such record at", failure);
}

int store_put_zone(
	struct store *store, const struct owner *apex, uint32_t *zone, struct failure *failure)
{
	uint8_t octets[STORE_OWNER_KEY_MAX_BYTES], number[4];
	MDB_val key = {store_write_owner_key(apex, octets), octets}, value = {4, number};
	int error = store_next_zone(store, zone);

	wire_put32(number, *zone);
	if (error == 0)
		error = mdb_put(store_write_transaction(store), store->tables[STORE_ZONES], &key, &value, 0);
	return error == 0 ? 0 : store_refuse(store, error, "write a zone", failure);
}

int store_delete_zone(struct store *store, const struct owner *apex, struct failure *failure)
{
	uint8_t octets[STORE_OWNER_KEY_MAX_BYTES];
	MDB_val key = {store_write_owner_key(apex, octets), octets};

	return delete_key(store, store->tables[STORE_ZONES], &key, apex, "zone", failure);
}

static int copy_value(struct store *store, const struct owner *owner, uint16_t type,
	const MDB_val *value, struct rrset_buffer *rrset, struct failure *failure)
{
	struct rrset found;

	if (store_parse_value(type, value->mv_data, value->mv_size, &found) != 0)
		return store_refuse_value(store, owner, type, failure);
	if (rrset_buffer_copy(rrset, &found) != 0)
		return store_refuse(store, ENOMEM, "read records", failure);
	return 0;
}

int store_get_rrset(struct store *store, uint32_t zone, const struct owner *owner, uint16_t type,
	struct rrset_buffer *rrset, struct failure *failure)
{
	uint8_t octets[STORE_KEY_MAX_BYTES];
	char text[PRESENTATION_NAME_BYTES];
	MDB_val key = {store_write_key(zone, owner, type, octets), octets}, value;
	struct store_view view;
	int result, error = store_view_open(store, &view);

	if (error != 0)
		return store_refuse(store, error, "read", failure);
	error = mdb_get(view.txn, store->tables[STORE_RRSETS], &key, &value);
	if (error == 0)
		result = copy_value(store, owner, type, &value, rrset, failure);
	else if (error == MDB_NOTFOUND)
		result = failure_set(failure, FAILURE_NOT_FOUND,
			"there is no such record at %.255s", presentation_write_owner(owner, text));
	else
		result = store_refuse(store, error, "read records", failure);
	store_view_close(&view);
	return result;
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
static int tell(
	const struct walk *walk, const MDB_val *key, const MDB_val *value, struct failure *failure)
{
	struct store_owner owner;
	struct rrset rrset;
	uint32_t zone;
	uint16_t type;

	if (store_parse_key(key->mv_data, key->mv_size, &zone, &owner, &type) != 0)
		return store_refuse_damage(walk->store, "a key is unreadable", failure);
	if (zone != walk->zone ||
		(walk->within != NULL && !owner_contains(walk->within, &owner.owner)))
		return WALK_PAST;
	if (walk->after != NULL && owner_equal(walk->after, &owner.owner))
		return WALK_ON;
	if (store_parse_value(type, value->mv_data, value->mv_size, &rrset) != 0)
		return store_refuse_value(walk->store, &owner.owner, type, failure);
	return walk->visit(walk->context, &owner.owner, &rrset);
}

static int walk_cursor(const struct walk *walk, MDB_cursor *cursor, struct failure *failure)
{
	uint8_t octets[STORE_KEY_MAX_BYTES];
	MDB_val key = {first_key(walk, octets), octets}, value;
	int error = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);

	while (error == 0) {
		int result = tell(walk, &key, &value, failure);

		if (result == WALK_PAST)
			return 0;
		if (result != WALK_ON)
			return result;
		error = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
	}
	return error == MDB_NOTFOUND ? 0
				     : store_refuse(walk->store, error, "read records", failure);
}

int store_each_rrset(struct store *store, uint32_t zone, const struct owner *within,
	const struct owner *after, store_visit_rrset *visit, void *context, struct failure *failure)
{
	const struct walk walk = {store, zone, within, after, visit, context};
	struct store_view view;
	MDB_cursor *cursor;
	int result, error = store_view_open(store, &view);

	if (error != 0)
		return store_refuse(store, error, "read", failure);
	error = mdb_cursor_open(view.txn, store->tables[STORE_RRSETS], &cursor);
	if (error == 0) {
		result = walk_cursor(&walk, cursor, failure);
		mdb_cursor_close(cursor);
	} else {
		result = store_refuse(store, error, "read records", failure);
	}
	store_view_close(&view);
	return result;
}

static int walk_zones(struct store *store, MDB_cursor *cursor, store_visit_zone *visit,
	void *context, struct failure *failure)
{
	struct store_owner apex;
	MDB_val key, value;
	int result, error = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);

	while (error == 0) {
		if (store_parse_owner_key(key.mv_data, key.mv_size, &apex) != 0 ||
			value.mv_size != 4)
			return store_refuse_damage(store, "a zone's key is unreadable", failure);
		result = visit(context, &apex.owner, wire_get32(value.mv_data));
		if (result != 0)
			return result;
		error = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
	}
	return error == MDB_NOTFOUND ? 0 : store_refuse(store, error, "read zones", failure);
}

int store_each_zone(
	struct store *store, store_visit_zone *visit, void *context, struct failure *failure)
{
	struct store_view view;
	MDB_cursor *cursor;
	int result, error = store_view_open(store, &view);

	if (error != 0)
		return store_refuse(store, error, "read", failure);
	error = mdb_cursor_open(view.txn, store->tables[STORE_ZONES], &cursor);
	if (error == 0) {
		result = walk_zones(store, cursor, visit, context, failure);
		mdb_cursor_close(cursor);
	} else {
		result = store_refuse(store, error, "read zones", failure);
	}
	store_view_close(&view);
	return result;
}

size_t store_rrsets(struct store *store)
{
	MDB_stat status = {0};
	struct store_view view;

	if (store_view_open(store, &view) != 0)
		return 0;
	if (mdb_stat(view.txn, store->tables[STORE_RRSETS], &status) != 0)
		status.ms_entries = 0;
	store_view_close(&view);
	return status.ms_entries;
}
