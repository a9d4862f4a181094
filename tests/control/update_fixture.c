/* SPDX-License-Identifier: BSD-3-Clause */
/* The fixture: set up and torn down around every case. */
#include "tests/control/update_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const uint8_t seed[TABLE_SEED_BYTES] = {42};
static const char *const servers[] = {"ns1.example.", "ns2.example."};
const struct zone_defaults defaults = {.mname = "ns1.example.",
	.rname = "admin.example.",
	.ns = servers,
	.ns_count = 2,
	.refresh = 1,
	.retry = 2,
	.expire = 3,
	.minimum = 30,
	.ttl = 60};

struct table *table;
struct serving serving;
struct reclaim *reclaim;
struct update *update;
struct update_result result;
uint64_t sequence, tokens, tokens_passed;

static uint64_t grace_start(void *context)
{
	(void)context;
	return ++tokens;
}

static bool grace_passed(void *context, uint64_t token)
{
	(void)context;
	return token <= tokens_passed;
}

void start_up(void)
{
	static const struct grace grace = {grace_start, grace_passed, NULL};

	ok(store_open(directory, &store, &failure));
	table = table_new(2, seed);
	reclaim = reclaim_new(&grace);
	update = update_new(store, table, &serving, reclaim);
	assert_non_null(update);
	ok(update_load(update, &failure));
}

void shut_down(void)
{
	update_free(update);
	reclaim_free(reclaim);
	table_free(table);
	store_close(store);
}

/* How many RRsets each zone holds, in the order of their numbers: no two have one number. */
struct held {
	uint32_t zone;
	uint64_t records;
};

static int compare_held(const void *a, const void *b)
{
	const struct held *x = a, *y = b;

	return (x->zone > y->zone) - (x->zone < y->zone);
}

static struct held *list_held(size_t *count)
{
	const struct zones *zones = serving.zones;
	struct held *held;

	*count = zones_count(zones);
	held = calloc(*count + 1, sizeof(*held));
	assert_non_null(held);
	for (size_t i = 0; i < *count; i++) {
		const struct zone *zone = zones_at((struct zones *)(uintptr_t)zones, i);

		held[i] = (struct held){zone->id, zone->records};
	}
	qsort(held, *count, sizeof(*held), compare_held);
	return held;
}

void restart(void)
{
	size_t count, count_after;
	struct held *before = list_held(&count), *after;

	shut_down();
	start_up();
	after = list_held(&count_after);
	assert_int_equal(count, count_after);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(before[i].zone, after[i].zone);
		assert_int_equal(before[i].records, after[i].records);
	}
	free(before);
	free(after);
}

int set_up(void **state)
{
	(void)state;
	directory = directory_make();
	start_up();
	return 0;
}

int tear_down(void **state)
{
	(void)state;
	shut_down();
	directory_remove(directory);
	return 0;
}

void begin(void)
{
	ok(update_begin(update, &failure));
}

void commit(void)
{
	ok(update_commit(update, &failure));
	tokens_passed = tokens;
	assert_false(update_poll(update));
}

int add_zone(const char *apex)
{
	const struct prefix prefix = at(apex);
	const struct owner key = owner_from_prefix(&prefix);

	return update_add_zone(update, &key, &defaults, &sequence, &failure);
}

int change_ptr(const char *address, const struct ptr_change *change)
{
	const struct prefix prefix = at(address);
	int changed = update_change_ptr(update, &prefix, change, &result, &failure);

	if (changed == 0)
		sequence = result.sequence;
	return changed;
}

int set(const char *address, uint32_t ttl, const char *first, const char *second)
{
	struct wire_name names[2] = {named(first)};
	const struct ptr_change change = {
		.names = names, .count = second != NULL ? 2 : 1, .ttl = ttl, .if_sequence = -1};

	if (second != NULL)
		names[1] = named(second);
	return change_ptr(address, &change);
}

int unset(const char *address)
{
	const struct prefix prefix = at(address);

	int done = update_unset_ptr(update, &prefix, -1, &result, &failure);

	if (done == 0)
		sequence = result.sequence;
	return done;
}

void one_zone(const char *apex)
{
	begin();
	ok(add_zone(apex));
	commit();
}

const struct record *find(const char *owner)
{
	const struct prefix prefix = at(owner);
	const struct owner key = owner_from_prefix(&prefix);

	return fixture_find(table, &key);
}

/* What a worker would answer for PTR: the first name, "-" for NODATA, "" for no such name. */
const char *answer(const char *owner)
{
	static char text[PRESENTATION_NAME_BYTES];
	const struct record *record = find(owner);
	const struct rendered *ptr;

	if (record == NULL)
		return "";
	ptr = record_rrset(record, WIRE_TYPE_PTR);
	return ptr == NULL ? "-" : presentation_write_name(ptr->wire + 2 + WIRE_RR_FIXED, text);
}

/* The apex of the zone that a worker would find, "" for REFUSED. */
const char *zone_at(const char *name)
{
	static char text[PRESENTATION_PREFIX_BYTES];
	const struct prefix prefix = at(name);
	const struct owner key = owner_from_prefix(&prefix);
	const struct zone *zone = zones_find(serving.zones, &key);

	assert_ptr_equal(zone, update_zone_of(update, &key));
	return zone == NULL ? "" : presentation_write_prefix(&zone->prefix, text);
}

/* The serial in negative answers; the SOA record in the table must have the same. */
uint32_t serial(const char *apex)
{
	const struct prefix prefix = at(apex);
	const struct owner key = owner_from_prefix(&prefix);
	const struct zone *zone = zones_find(serving.zones, &key);
	const struct rendered *soa = record_rrset(find(apex), WIRE_TYPE_SOA);
	uint32_t number;

	assert_true(prefix_equal(&zone->prefix, &prefix));
	number = wire_get32(zone->soa + zone->soa_bytes - SOA_NUMBERS_BYTES);
	assert_int_equal(number, wire_get32(soa->wire + soa->wire_bytes - SOA_NUMBERS_BYTES));
	return number;
}

/* ---- PTR ---- */

void stage(
	struct staging *staging, const char *owner, uint16_t type, uint32_t ttl, const char *name)
{
	const struct prefix prefix = at(owner);
	const struct owner key = owner_from_prefix(&prefix);
	struct wire_name target = named(name);

	ok(staging_add(staging, &key, type, ttl, target.wire, target.bytes, &failure));
}

void stage_soa(struct staging *staging, const char *apex, uint32_t number)
{
	const struct soa_numbers numbers = {number, 1, 2, 3, 30};
	const struct prefix prefix = at(apex);
	const struct owner key = owner_from_prefix(&prefix);
	uint8_t rdata[64] = "\1a\0\1b";

	soa_write_numbers(rdata + 6, &numbers);
	ok(staging_add(staging, &key, WIRE_TYPE_SOA, 60, rdata, 6 + SOA_NUMBERS_BYTES, &failure));
}

struct staging *stage_zone(const char *apex, uint32_t number)
{
	const struct prefix prefix = at(apex);
	const struct owner key = owner_from_prefix(&prefix);
	struct staging *staging = staging_new(directory, &key);

	stage_soa(staging, apex, number);
	stage(staging, apex, WIRE_TYPE_NS, 60, "ns.example.");
	return staging;
}

int replace(struct staging *staging)
{
	const struct import_plan plan = {.kind = IMPORT_ZONE, .staging = staging};
	struct import_counts counts;
	struct update_result changed = {.sequence = sequence};
	int done = update_import(update, &plan, &counts, &changed, &failure);

	sequence = changed.sequence;
	staging_free(staging);
	return done;
}
