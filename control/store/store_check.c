/* SPDX-License-Identifier: BSD-3-Clause */
/* Table after table by a snapshot's cursors. Zones come first, for records are judged by them. */
#include "control/store/store_check.h"

#include "control/array.h"
#include "control/journal/journal.h"
#include "control/presentation.h"
#include "control/store/store_codec.h"
#include "control/store/store_lmdb.h"
#include "dataplane/dns/wire.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEQUENCE_BYTES = 8 };

struct checked_zone {
	uint32_t number;
	struct store_owner apex;
};

/* How many objects a tenant has by the records. */
struct checked_tenant {
	uint8_t bytes;
	char name[OBJECT_TENANT_MAX_BYTES];
	uint64_t objects;
	bool listed; /* the store's own count was seen */
};

struct store_check {
	struct store *store;
	struct store_snapshot *snapshot;
	struct store_cursor *cursor; /* NULL: of the next table, which is `step` */
	unsigned step;
	struct checked_zone **zone; /* in the order of their numbers, once all are read */
	size_t zone_capacity;
	struct checked_tenant *tenant;
	size_t tenants, tenant_capacity;
	size_t rrsets_expected;
	bool has_served;
	size_t served; /* zones */
	uint64_t sequence;
	struct store_check_counts counts;
	char *problem; /* of this step */
};

__attribute__((format(printf, 2, 3))) static void tell(
	struct store_check *check, const char *format, ...)
{
	va_list arguments;

	if (check->problem[0] == '\0') {
		va_start(arguments, format);
		vsnprintf(check->problem, STORE_CHECK_TEXT_BYTES, format, arguments);
		va_end(arguments);
	}
	check->counts.problems++;
}

/* ---- Zones ---- */

static bool has_rrset(
	struct store_check *check, uint32_t zone, const struct owner *owner, uint16_t type)
{
	uint8_t octets[STORE_KEY_MAX_BYTES];
	const struct store_bytes wanted = {octets, store_write_key(zone, owner, type, octets)};
	struct store_bytes key, value;
	struct store_cursor *cursor;
	struct failure ignored;
	bool found;

	if (store_cursor_open_at(check->snapshot, STORE_RRSETS, &cursor, &ignored) != 0)
		return false;
	found = store_cursor_seek(cursor, wanted, &key, &value, &ignored) == 1 &&
		key.count == wanted.count && memcmp(key.octets, octets, key.count) == 0;
	store_cursor_close(cursor);
	return found;
}

static int check_zone(struct store_check *check, struct store_bytes key, struct store_bytes value)
{
	char text[PRESENTATION_NAME_BYTES];
	struct zone_settings settings;
	struct checked_zone **grown, *zone;

	grown = array_grow(check->zone, check->counts.zones, &check->zone_capacity,
		sizeof(struct checked_zone *));
	zone = malloc(sizeof(*zone));
	if (grown == NULL || zone == NULL) {
		check->zone = grown != NULL ? grown : check->zone;
		free(zone);
		return -ENOMEM;
	}
	check->zone = grown;
	if (store_parse_owner_key(key.octets, key.count, &zone->apex) != 0 ||
		zone_value_parse(value.octets, value.count, &zone->number, &settings) != 0) {
		free(zone);
		tell(check, "a zone is unreadable");
		return 0;
	}
	check->zone[check->counts.zones++] = zone;
	presentation_write_owner(&zone->apex.owner, text);
	if (!has_rrset(check, zone->number, &zone->apex.owner, WIRE_TYPE_SOA))
		tell(check, "the zone %.150s has no SOA record", text);
	if (!has_rrset(check, zone->number, &zone->apex.owner, WIRE_TYPE_NS))
		tell(check, "the zone %.150s has no NS record", text);
	return 0;
}

static int compare_zones(const void *a, const void *b)
{
	const struct checked_zone *one = *(struct checked_zone *const *)a,
				  *two = *(struct checked_zone *const *)b;

	return (one->number > two->number) - (one->number < two->number);
}

static void end_zones(struct store_check *check)
{
	if (check->counts.zones > 0)
		qsort(check->zone, check->counts.zones, sizeof(struct checked_zone *),
			compare_zones);
	for (size_t i = 1; i < check->counts.zones; i++)
		if (check->zone[i]->number == check->zone[i - 1]->number)
			tell(check, "two zones have the number %u", check->zone[i]->number);
	if (check->has_served && check->counts.zones != check->served)
		tell(check, "%zu zones are served, and %zu are stored", check->served,
			check->counts.zones);
}

static const struct checked_zone *find_zone(const struct store_check *check, uint32_t number)
{
	const struct checked_zone wanted = {.number = number}, *address = &wanted;
	struct checked_zone *const *found;

	if (check->counts.zones == 0)
		return NULL;
	found = bsearch(&address, check->zone, check->counts.zones, sizeof(struct checked_zone *),
		compare_zones);
	return found != NULL ? *found : NULL;
}

/* ---- RRsets ---- */

static struct checked_tenant *find_tenant(struct store_check *check, struct object_text name)
{
	struct checked_tenant *grown;

	for (size_t i = 0; i < check->tenants; i++)
		if (check->tenant[i].bytes == name.bytes &&
			memcmp(check->tenant[i].name, name.octets, name.bytes) == 0)
			return &check->tenant[i];
	grown = array_grow(check->tenant, check->tenants, &check->tenant_capacity, sizeof(*grown));
	if (grown == NULL)
		return NULL;
	check->tenant = grown;
	grown = &check->tenant[check->tenants++];
	*grown = (struct checked_tenant){.bytes = (uint8_t)name.bytes};
	memcpy(grown->name, name.octets, name.bytes);
	return grown;
}

static int check_details(struct store_check *check, const struct stored *stored, const char *where)
{
	struct details details;
	struct checked_tenant *tenant;

	if (details_parse(stored->details, stored->details_bytes, &details) != 0) {
		tell(check, "what is kept of the record at %.150s is unreadable", where);
		return 0;
	}
	if (details.tenant.bytes == 0)
		return 0;
	tenant = find_tenant(check, details.tenant);
	if (tenant == NULL)
		return -ENOMEM;
	tenant->objects++;
	return 0;
}

static int check_rrset(struct store_check *check, struct store_bytes key, struct store_bytes value)
{
	char where[PRESENTATION_NAME_BYTES];
	const struct checked_zone *zone;
	struct store_owner owner;
	struct stored stored;
	uint32_t number;
	uint16_t type;

	check->counts.rrsets++;
	if (store_parse_key(key.octets, key.count, &number, &owner, &type) != 0) {
		tell(check, "a record's key is unreadable");
		return 0;
	}
	presentation_write_owner(&owner.owner, where);
	zone = find_zone(check, number);
	if (zone == NULL)
		tell(check, "the record at %.150s is of no zone", where);
	else if (!owner_contains(&zone->apex.owner, &owner.owner))
		tell(check, "the record at %.150s is outside its zone", where);
	if (store_parse_value(type, value.octets, value.count, &stored) != 0) {
		tell(check, "the records of type %u at %.150s are unreadable", type, where);
		return 0;
	}
	if (stored.stamp.sequence > check->sequence)
		tell(check, "the record at %.150s is of a change that is still to come", where);
	return stored.details_bytes > 0 ? check_details(check, &stored, where) : 0;
}

static void end_rrsets(struct store_check *check)
{
	if (check->counts.rrsets != check->rrsets_expected)
		tell(check, "there are %zu RRsets, and %zu are counted", check->counts.rrsets,
			check->rrsets_expected);
}

/* ---- The others ---- */

static int check_journal(
	struct store_check *check, struct store_bytes key, struct store_bytes value)
{
	struct journal_entry entry;

	check->counts.journal++;
	if (journal_parse(key, value, &entry) != 0)
		tell(check, "an entry of the journal is unreadable");
	else if (entry.sequence > check->sequence)
		tell(check, "the journal has a change that is still to come");
	return 0;
}

static int check_gone(struct store_check *check, struct store_bytes key, struct store_bytes value)
{
	struct store_owner owner;
	uint32_t zone;
	uint16_t type;

	if (store_parse_key(key.octets, key.count, &zone, &owner, &type) != 0 ||
		value.count != SEQUENCE_BYTES)
		tell(check, "what is kept of a deleted record is unreadable");
	else if (wire_get64(value.octets) > check->sequence)
		tell(check, "a record was deleted by a change that is still to come");
	return 0;
}

static int check_tenant(struct store_check *check, struct store_bytes key, struct store_bytes value)
{
	struct checked_tenant *tenant;

	if (key.count > OBJECT_TENANT_MAX_BYTES || value.count != SEQUENCE_BYTES) {
		tell(check, "the count of a tenant's objects is unreadable");
		return 0;
	}
	tenant = find_tenant(
		check, (struct object_text){(const char *)key.octets, (uint16_t)key.count});
	if (tenant == NULL)
		return -ENOMEM;
	tenant->listed = true;
	if (wire_get64(value.octets) != tenant->objects)
		tell(check, "the tenant %.*s has %llu objects, and %llu are counted", tenant->bytes,
			tenant->name, (unsigned long long)tenant->objects,
			(unsigned long long)wire_get64(value.octets));
	return 0;
}

static void end_tenants(struct store_check *check)
{
	for (size_t i = 0; i < check->tenants; i++)
		if (!check->tenant[i].listed && check->tenant[i].objects > 0)
			tell(check, "the objects of the tenant %.*s are not counted",
				check->tenant[i].bytes, check->tenant[i].name);
}

/* ---- All ---- */

static const struct {
	enum store_table table;
	int (*entry)(struct store_check *check, struct store_bytes key, struct store_bytes value);
	void (*end)(struct store_check *check);
} steps[] = {
	{STORE_ZONES, check_zone, end_zones},
	{STORE_RRSETS, check_rrset, end_rrsets},
	{STORE_JOURNAL, check_journal, NULL},
	{STORE_GONE, check_gone, NULL},
	{STORE_TENANTS, check_tenant, end_tenants},
};

int store_check_open(struct store *store, struct store_check **opened, struct failure *failure)
{
	struct store_check *check = calloc(1, sizeof(*check));

	if (check == NULL)
		return store_refuse(store, ENOMEM, "check it", failure);
	check->store = store;
	check->sequence = store_sequence(store);
	check->rrsets_expected = store_rrsets(store);
	if (store_snapshot_open(store, &check->snapshot, failure) != 0) {
		free(check);
		return -1;
	}
	*opened = check;
	return 0;
}

void store_check_expect(struct store_check *check, size_t zones)
{
	check->has_served = true;
	check->served = zones;
}

void store_check_close(struct store_check *check)
{
	if (check == NULL)
		return;
	store_cursor_close(check->cursor);
	store_snapshot_close(check->snapshot);
	for (size_t i = 0; i < check->counts.zones; i++)
		free(check->zone[i]);
	free(check->zone);
	free(check->tenant);
	free(check);
}

/* The next entry of a table, or the next table. 1, 0: all is done, -errno or -1. */
static int look(struct store_check *check, struct failure *failure)
{
	struct store_bytes key, value;
	int result;

	if (check->step == sizeof(steps) / sizeof(steps[0]))
		return 0;
	if (check->cursor == NULL &&
		store_cursor_open_at(
			check->snapshot, steps[check->step].table, &check->cursor, failure) != 0)
		return -1;
	result = store_cursor_next(check->cursor, &key, &value, failure);
	if (result == 1) {
		result = steps[check->step].entry(check, key, value);
		return result == 0 ? 1 : store_refuse(check->store, -result, "check it", failure);
	}
	if (result < 0)
		return -1;
	store_cursor_close(check->cursor);
	check->cursor = NULL;
	if (steps[check->step].end != NULL)
		steps[check->step].end(check);
	check->step++;
	return 1;
}

int store_check_step(struct store_check *check, size_t entries,
	char problem[static STORE_CHECK_TEXT_BYTES], struct failure *failure)
{
	int more = 1;

	problem[0] = '\0';
	check->problem = problem;
	for (size_t i = 0; i < entries && more == 1 && problem[0] == '\0'; i++)
		more = look(check, failure);
	return more;
}

struct store_check_counts store_check_counts(const struct store_check *check)
{
	return check->counts;
}
