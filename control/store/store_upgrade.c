/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Format 2 to 3: a value was TTL, count and items; a zone's was its number. Keys are as they were.
 * A table is rewritten page by page, for a write ends what a cursor has lent.
 */
#include "control/store/store_upgrade.h"

#include "control/store/store_codec.h"
#include "control/store/store_kv.h"
#include "control/store/store_lmdb.h"
#include "dataplane/dns/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PAGE_ENTRIES = 1024, PAGE_BYTES = 1 << 19 };

struct entry {
	uint32_t at, key_bytes, value_bytes; /* the value is behind the key */
};

struct upgrade {
	struct store *store;
	struct failure *failure;
	struct stamp stamp; /* of what had none */
	size_t entries, used;
	struct entry entry[PAGE_ENTRIES];
	uint8_t octets[PAGE_BYTES];
	uint8_t value[STORE_VALUE_MAX_BYTES]; /* the one that is made */
	uint8_t next[STORE_KV_KEY_MAX_BYTES]; /* where the next page begins */
	size_t next_bytes;
};

static int refuse(struct upgrade *upgrade, const char *what)
{
	return store_refuse_damage(upgrade->store, what, upgrade->failure);
}

/* ---- A page of a table ---- */

static bool has_room(const struct upgrade *upgrade, size_t bytes)
{
	return upgrade->entries < PAGE_ENTRIES && bytes <= PAGE_BYTES - upgrade->used;
}

static void keep(struct upgrade *upgrade, struct store_bytes key, struct store_bytes value)
{
	struct entry *entry = &upgrade->entry[upgrade->entries++];

	*entry =
		(struct entry){(uint32_t)upgrade->used, (uint32_t)key.count, (uint32_t)value.count};
	memcpy(upgrade->octets + upgrade->used, key.octets, key.count);
	memcpy(upgrade->octets + upgrade->used + key.count, value.octets, value.count);
	upgrade->used += key.count + value.count;
	/* The least key behind this one. */
	memcpy(upgrade->next, key.octets, key.count);
	upgrade->next[key.count] = 0;
	upgrade->next_bytes = key.count + 1;
}

/* 1: a page was read, 0: there was nothing left, or -1. */
static int read_page(struct upgrade *upgrade, enum store_table table)
{
	struct store_bytes from = {upgrade->next, upgrade->next_bytes}, key, value;
	struct store_cursor *cursor;
	int more;

	upgrade->entries = upgrade->used = 0;
	if (store_cursor_open(upgrade->store, table, &cursor, upgrade->failure) != 0)
		return -1;
	more = store_cursor_seek(cursor, from, &key, &value, upgrade->failure);
	while (more == 1 && has_room(upgrade, key.count + value.count)) {
		if (key.count >= sizeof(upgrade->next)) {
			more = refuse(upgrade, "a key is too long");
			break;
		}
		keep(upgrade, key, value);
		more = store_cursor_next(cursor, &key, &value, upgrade->failure);
	}
	store_cursor_close(cursor);
	if (more == 1 && upgrade->entries == 0)
		return refuse(upgrade, "a value is too long");
	return more < 0 ? -1 : upgrade->entries > 0;
}

/* Makes upgrade->value of an old one; returns its length, or 0: damaged. */
typedef size_t remake(struct upgrade *upgrade, struct store_bytes key, struct store_bytes value);

static int write_page(struct upgrade *upgrade, enum store_table table, remake *make)
{
	for (size_t i = 0; i < upgrade->entries; i++) {
		const struct entry *entry = &upgrade->entry[i];
		const uint8_t *octets = upgrade->octets + entry->at;
		const struct store_bytes key = {octets, entry->key_bytes};
		const struct store_bytes old = {octets + entry->key_bytes, entry->value_bytes};
		struct store_bytes made = {upgrade->value, make(upgrade, key, old)};

		if (made.count == 0)
			return refuse(upgrade,
				table == STORE_ZONES ? "a zone is unreadable"
						     : "a record is unreadable");
		if (store_kv_put(upgrade->store, table, key, made, upgrade->failure) != 0)
			return -1;
	}
	return 0;
}

static int remake_table(struct upgrade *upgrade, enum store_table table, remake *make)
{
	int more;

	upgrade->next_bytes = 0;
	while ((more = read_page(upgrade, table)) == 1)
		if (write_page(upgrade, table, make) != 0)
			return -1;
	return more;
}

/* ---- Format 2 ---- */

static size_t remake_rrset(
	struct upgrade *upgrade, struct store_bytes key, struct store_bytes value)
{
	const uint8_t *items = value.octets + STORE_VALUE_HEAD_BYTES;
	struct stored stored = {.stamp = upgrade->stamp};
	struct store_owner owner;
	uint32_t zone;
	size_t bytes;

	if (value.count < STORE_VALUE_HEAD_BYTES ||
		store_parse_key(key.octets, key.count, &zone, &owner, &stored.rrset.type) != 0)
		return 0;
	bytes = value.count - STORE_VALUE_HEAD_BYTES;
	stored.rrset.ttl = wire_get32(value.octets);
	stored.rrset.count = wire_get16(value.octets + 4);
	stored.rrset.rdata = items;
	stored.rrset.rdata_bytes = (uint32_t)bytes;
	if (bytes == 0 || bytes > RRSET_RDATA_MAX_BYTES || stored.rrset.ttl > WIRE_TTL_MAX ||
		stored.rrset.count >= STORE_VALUE_HAS_DETAILS ||
		store_items_bytes(stored.rrset.type, stored.rrset.count, items, bytes) != bytes)
		return 0;
	store_write_value(&stored, upgrade->value);
	return store_value_bytes(&stored);
}

static size_t remake_zone(struct upgrade *upgrade, struct store_bytes key, struct store_bytes value)
{
	const struct zone_settings settings = {.serial_policy = ZONE_SERIAL_INCREMENT};
	struct store_owner apex;

	if (value.count != 4 || store_parse_owner_key(key.octets, key.count, &apex) != 0)
		return 0;
	zone_value_write(wire_get32(value.octets), &settings, upgrade->value);
	return ZONE_VALUE_BYTES;
}

int store_upgrade(struct store *store, uint64_t from, struct failure *failure)
{
	struct upgrade *upgrade;
	uint32_t now = (uint32_t)time(NULL);
	int result = 0;

	if (from != STORE_FORMAT_OLDEST)
		return 0;
	upgrade = malloc(sizeof(*upgrade));
	if (upgrade == NULL)
		return store_refuse(store, ENOMEM, "upgrade its format", failure);
	upgrade->store = store;
	upgrade->failure = failure;
	upgrade->stamp = (struct stamp){now, now, store_sequence(store)};
	result = remake_table(upgrade, STORE_ZONES, remake_zone);
	if (result == 0)
		result = remake_table(upgrade, STORE_RRSETS, remake_rrset);
	free(upgrade);
	return result;
}
