/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * control/update*.c, staging.c: what a batch changes is in the store, the table and the zones, or
 * in none of them; and the same after a restart.
 */
#include "tests/control/support.h"

#include "control/soa.h"
#include "control/update.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t seed[TABLE_SEED_BYTES] = {42};
static const char *const servers[] = {"ns1.example.", "ns2.example."};
static const struct zone_defaults defaults = {.mname = "ns1.example.",
	.rname = "admin.example.",
	.ns = servers,
	.ns_count = 2,
	.refresh = 1,
	.retry = 2,
	.expire = 3,
	.minimum = 30,
	.ttl = 60};

static const char *directory;
static struct store *store;
static struct table *table;
static struct serving serving;
static struct reclaim *reclaim;
static struct update *update;
static struct failure failure;
static uint64_t sequence, tokens, tokens_passed;

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

static void ok(int result)
{
	if (result != 0)
		fail_msg("%s", failure.text);
}

static void start_up(void)
{
	static const struct grace grace = {grace_start, grace_passed, NULL};

	ok(store_open(directory, &store, &failure));
	table = table_new(2, seed);
	reclaim = reclaim_new(&grace);
	update = update_new(store, table, &serving, reclaim);
	assert_non_null(update);
	ok(update_load(update, &failure));
}

static void shut_down(void)
{
	update_free(update);
	reclaim_free(reclaim);
	table_free(table);
	store_close(store);
}

static void restart(void)
{
	shut_down();
	start_up();
}

static int set_up(void **state)
{
	(void)state;
	directory = directory_make();
	start_up();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	shut_down();
	directory_remove(directory);
	return 0;
}

static void begin(void)
{
	ok(update_begin(update, &failure));
}

static void commit(void)
{
	ok(update_commit(update, &failure));
	tokens_passed = tokens;
	assert_false(update_poll(update));
}

static int add_zone(const char *apex)
{
	const struct prefix prefix = at(apex);

	return update_add_zone(update, &prefix, &defaults, &sequence, &failure);
}

static int set(const char *address, uint32_t ttl, const char *first, const char *second)
{
	const struct prefix prefix = at(address);
	struct wire_name names[2] = {named(first)};

	if (second != NULL)
		names[1] = named(second);
	return update_set_ptr(update, &prefix, ttl, names, second ? 2 : 1, &sequence, &failure);
}

static int unset(const char *address)
{
	const struct prefix prefix = at(address);

	return update_unset_ptr(update, &prefix, &sequence, &failure);
}

static void one_zone(const char *apex)
{
	begin();
	ok(add_zone(apex));
	commit();
}

static const struct record *find(const char *owner)
{
	const struct prefix prefix = at(owner);
	const struct owner key = owner_from_prefix(&prefix);

	return table_find(table, &key);
}

/* What a worker would answer for PTR: the first name, "-" for NODATA, "" for no such name. */
static const char *answer(const char *owner)
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
static const char *zone_at(const char *name)
{
	static char text[PRESENTATION_PREFIX_BYTES];
	const struct prefix prefix = at(name);
	const struct owner key = owner_from_prefix(&prefix);
	const struct zone *zone = zones_find(serving.zones, &key);

	assert_ptr_equal(zone, update_zone_of(update, &prefix));
	return zone == NULL ? "" : presentation_write_prefix(&zone->prefix, text);
}

/* The serial in negative answers; the SOA record in the table must have the same. */
static uint32_t serial(const char *apex)
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

static void a_ptr_is_set_replaced_and_unset(void **state)
{
	(void)state;
	one_zone("192.0.2.0/24");
	assert_int_equal(sequence, 1);
	begin();
	ok(set("192.0.2.7", 60, "a.example.", NULL));
	assert_int_equal(sequence, 2);
	assert_string_equal(answer("192.0.2.7"), "");
	commit();
	assert_string_equal(answer("192.0.2.7"), "a.example.");
	begin();
	ok(set("192.0.2.7", 60, "b.example.", "c.example."));
	commit();
	assert_string_equal(answer("192.0.2.7"), "b.example.");
	assert_int_equal(record_rrset(find("192.0.2.7"), WIRE_TYPE_PTR)->count, 2);
	restart();
	assert_string_equal(answer("192.0.2.7"), "b.example.");
	begin();
	ok(unset("192.0.2.7"));
	assert_int_equal(sequence, 4);
	commit();
	assert_string_equal(answer("192.0.2.7"), "");
	restart();
	assert_string_equal(answer("192.0.2.7"), "");
	begin();
	assert_int_equal(unset("192.0.2.7"), -1);
	assert_failure(&failure, FAILURE_NOT_FOUND, "no such record at 192.0.2.7");
	commit();
	assert_int_equal(store_sequence(store), 4);
}

static void what_is_so_already_is_no_change(void **state)
{
	(void)state;
	one_zone("192.0.2.0/24");
	begin();
	ok(set("192.0.2.7", 60, "a.example.", "b.example."));
	commit();
	begin();
	ok(set("192.0.2.7", 60, "a.example.", "b.example."));
	commit();
	assert_int_equal(sequence, 2);
	assert_int_equal(serial("192.0.2.0/24"), 2);
	begin();
	ok(set("192.0.2.7", 60, "A.example.", "b.example."));
	assert_int_equal(sequence, 3);
	ok(set("192.0.2.7", 61, "A.example.", "b.example."));
	ok(set("192.0.2.7", 61, "b.example.", "A.example."));
	assert_int_equal(sequence, 5);
	commit();
	assert_int_equal(serial("192.0.2.0/24"), 3);
	assert_string_equal(answer("192.0.2.7"), "b.example.");
}

static void bad_requests_are_refused_by_rule(void **state)
{
	struct wire_name names[UPDATE_PTR_NAMES_MAX + 1];
	const struct prefix address = at("192.0.2.7"), net = at("192.0.2.0/24");

	(void)state;
	one_zone("192.0.2.0/24");
	for (int i = 0; i <= UPDATE_PTR_NAMES_MAX; i++) {
		char text[16];

		snprintf(text, sizeof(text), "h%d.example.", i);
		names[i] = named(text);
	}
	begin();
	assert_int_equal(set("192.0.3.7", 60, "a.", NULL), -1);
	assert_failure(&failure, FAILURE_NOT_FOUND, "no zone here holds 192.0.3.7");
	assert_int_equal(set("2001:db8::7", 60, "a.", NULL), -1);
	assert_failure(&failure, FAILURE_NOT_FOUND, "no zone here holds 2001:db8::7");
	assert_int_equal(set("192.0.2.7", 0, "a.", NULL), -1);
	assert_failure(&failure, FAILURE_INVALID, "TTL 0");
	assert_int_equal(set("192.0.2.7", 2147483648u, "a.", NULL), -1);
	assert_failure(&failure, FAILURE_INVALID, "TTL 2147483648");
	assert_int_equal(set("192.0.2.7", 60, "a.example.", "A.EXAMPLE."), -1);
	assert_failure(&failure, FAILURE_INVALID, "A.EXAMPLE. is given twice");
	assert_int_equal(update_set_ptr(update, &net, 60, names, 1, &sequence, &failure), -1);
	assert_failure(&failure, FAILURE_INVALID, "192.0.2.0/24 is no single address");
	assert_int_equal(update_set_ptr(update, &address, 60, names, 0, &sequence, &failure), -1);
	assert_failure(&failure, FAILURE_INVALID, "1 to 10 names, not 0");
	assert_int_equal(update_set_ptr(update, &address, 60, names, 11, &sequence, &failure), -1);
	assert_failure(&failure, FAILURE_INVALID, "1 to 10 names, not 11");
	names[0].bytes--;
	assert_int_equal(update_set_ptr(update, &address, 60, names, 1, &sequence, &failure), -1);
	assert_failure(&failure, FAILURE_INVALID, "name 1 is not well-formed");
	ok(update_set_ptr(update, &address, 60, names + 1, 10, &sequence, &failure));
	commit();
	assert_int_equal(record_rrset(find("192.0.2.7"), WIRE_TYPE_PTR)->count, 10);
	assert_int_equal(store_sequence(store), 2);
}

static void a_failure_does_not_hurt_the_others_of_its_batch(void **state)
{
	(void)state;
	one_zone("192.0.2.0/24");
	begin();
	ok(set("192.0.2.1", 60, "a.", NULL));
	assert_int_equal(unset("192.0.2.2"), -1);
	assert_int_equal(add_zone("192.0.2.0/24"), -1);
	assert_failure(&failure, FAILURE_EXISTS, "192.0.2.0/24 is here already");
	assert_int_equal(set("10.0.0.1", 60, "a.", NULL), -1);
	ok(set("192.0.2.3", 60, "c.", NULL));
	assert_int_equal(sequence, 3);
	commit();
	assert_string_equal(answer("192.0.2.1"), "a.");
	assert_string_equal(answer("192.0.2.2"), "");
	assert_string_equal(answer("192.0.2.3"), "c.");
	assert_int_equal(serial("192.0.2.0/24"), 2);
}

static void one_owner_may_change_often_in_a_batch(void **state)
{
	(void)state;
	one_zone("192.0.2.0/24");
	begin();
	ok(set("192.0.2.1", 60, "a.", NULL));
	ok(set("192.0.2.2", 60, "b.", NULL));
	ok(unset("192.0.2.1"));
	ok(unset("192.0.2.2"));
	ok(set("192.0.2.1", 60, "c.", NULL));
	commit();
	assert_string_equal(answer("192.0.2.1"), "c.");
	assert_string_equal(answer("192.0.2.2"), "");
	assert_int_equal(serial("192.0.2.0/24"), 2);
}

static void empty_nonterminals_come_and_go(void **state)
{
	(void)state;
	one_zone("10.0.0.0/8");
	one_zone("2001:db8::/32");
	assert_string_equal(answer("10.1.0.0/16"), "");
	begin();
	ok(set("10.1.2.3", 60, "a.", NULL));
	ok(set("2001:db8::7", 60, "b.", NULL));
	commit();
	assert_string_equal(answer("10.1.0.0/16"), "-");
	assert_string_equal(answer("10.1.2.0/24"), "-");
	assert_string_equal(answer("2001:db8::/64"), "-");
	assert_string_equal(answer("2001:db8::/124"), "-");
	restart();
	assert_string_equal(answer("10.1.2.0/24"), "-");
	begin();
	ok(unset("10.1.2.3"));
	ok(unset("2001:db8::7"));
	commit();
	assert_string_equal(answer("10.1.0.0/16"), "");
	assert_string_equal(answer("2001:db8::/64"), "");
	assert_string_equal(answer("10.0.0.0/8"), "-");
}

static void retired_records_wait_for_their_grace_period(void **state)
{
	const struct record *old;

	(void)state;
	one_zone("192.0.2.0/24");
	begin();
	ok(set("192.0.2.7", 60, "a.", NULL));
	commit();
	old = find("192.0.2.7");
	begin();
	ok(set("192.0.2.7", 60, "b.", NULL));
	ok(update_commit(update, &failure));
	assert_true(update_poll(update));
	/* A worker may still read it: it must be whole (the address checker watches). */
	assert_memory_equal(record_rrset(old, WIRE_TYPE_PTR)->wire + 12, "\1a", 3);
	tokens_passed = tokens;
	assert_false(update_poll(update));
}

/* ---- Zones ---- */

static void a_zone_has_soa_and_ns_from_the_start(void **state)
{
	(void)state;
	one_zone("192.0.2.0/24");
	assert_int_equal(serial("192.0.2.0/24"), 1);
	assert_int_equal(record_rrset(find("192.0.2.0/24"), WIRE_TYPE_NS)->count, 2);
	assert_string_equal(zone_at("192.0.2.7"), "192.0.2.0/24");
	assert_string_equal(zone_at("192.0.3.7"), "");
	restart();
	assert_int_equal(serial("192.0.2.0/24"), 1);
	assert_string_equal(zone_at("192.0.2.7"), "192.0.2.0/24");
}

static void bad_zones_are_refused(void **state)
{
	struct zone_defaults bad = defaults;
	const struct prefix apex = at("192.0.2.0/24");

	(void)state;
	begin();
	assert_int_equal(add_zone("192.0.2.0/25"), -1);
	assert_failure(&failure, FAILURE_INVALID, "a multiple of 8");
	assert_int_equal(add_zone("2001:db8::/33"), -1);
	assert_failure(&failure, FAILURE_INVALID, "a multiple of 4");
	bad.ns_count = 0;
	assert_int_equal(update_add_zone(update, &apex, &bad, &sequence, &failure), -1);
	assert_failure(&failure, FAILURE_INVALID, "1 to 13 name servers");
	bad = defaults;
	bad.rname = "a..b";
	assert_int_equal(update_add_zone(update, &apex, &bad, &sequence, &failure), -1);
	assert_failure(&failure, FAILURE_INVALID, "empty label");
	bad = defaults;
	bad.minimum = UINT32_MAX;
	assert_int_equal(update_add_zone(update, &apex, &bad, &sequence, &failure), -1);
	assert_failure(&failure, FAILURE_INVALID, "SOA time");
	assert_int_equal(set("192.0.2.7", 60, "a.", NULL), -1);
	commit();
	assert_string_equal(zone_at("192.0.2.7"), "");
	assert_int_equal(zones_count(serving.zones), 0);
	assert_int_equal(store_rrsets(store), 0);
	assert_int_equal(store_sequence(store), 0);
}

static void a_zone_and_its_records_fit_one_batch(void **state)
{
	(void)state;
	begin();
	ok(add_zone("192.0.2.0/24"));
	ok(set("192.0.2.7", 60, "a.", NULL));
	commit();
	assert_string_equal(answer("192.0.2.7"), "a.");
	assert_int_equal(serial("192.0.2.0/24"), 1);
}

static size_t remove_zone(const char *apex)
{
	const struct prefix prefix = at(apex);
	size_t removed = 0;

	ok(update_remove_zone(update, &prefix, &sequence, &removed, &failure));
	return removed;
}

static void removing_a_zone_spares_those_nested_in_it(void **state)
{
	const struct prefix absent = at("10.9.0.0/16");
	size_t removed;

	(void)state;
	begin();
	ok(add_zone("10.0.0.0/8"));
	ok(add_zone("10.1.0.0/16"));
	ok(set("10.0.0.1", 60, "outer.", NULL));
	ok(set("10.1.0.1", 60, "inner.", NULL));
	ok(set("10.2.0.1", 60, "outer.", NULL));
	commit();
	assert_string_equal(zone_at("10.1.0.1"), "10.1.0.0/16");
	begin();
	assert_int_equal(remove_zone("10.0.0.0/8"), 4);
	assert_int_equal(update_remove_zone(update, &absent, &sequence, &removed, &failure), -1);
	assert_failure(&failure, FAILURE_NOT_FOUND, "no zone 10.9.0.0/16");
	commit();
	for (int round = 0; round < 2; round++) {
		assert_string_equal(answer("10.0.0.1"), "");
		assert_string_equal(answer("10.2.0.1"), "");
		assert_string_equal(answer("10.1.0.1"), "inner.");
		assert_string_equal(zone_at("10.0.0.1"), "");
		assert_string_equal(zone_at("10.1.0.1"), "10.1.0.0/16");
		restart();
	}
}

static void removing_a_nested_zone_removes_its_data(void **state)
{
	(void)state;
	begin();
	ok(add_zone("10.0.0.0/8"));
	ok(set("10.1.0.1", 60, "early.", NULL));
	ok(set("10.2.0.1", 60, "outer.", NULL));
	commit();
	one_zone("10.1.0.0/16");
	assert_string_equal(answer("10.1.0.1"), "early.");
	assert_int_equal(serial("10.0.0.0/8"), 2);
	begin();
	assert_int_equal(remove_zone("10.1.0.0/16"), 3);
	commit();
	assert_string_equal(answer("10.1.0.1"), "");
	assert_string_equal(answer("10.2.0.1"), "outer.");
	assert_string_equal(zone_at("10.1.0.1"), "10.0.0.0/8");
}

static void a_zone_may_come_and_go_in_one_batch(void **state)
{
	(void)state;
	one_zone("10.0.0.0/8");
	begin();
	ok(add_zone("10.1.0.0/16"));
	ok(set("10.1.0.1", 60, "a.", NULL));
	assert_int_equal(remove_zone("10.1.0.0/16"), 3);
	remove_zone("10.0.0.0/8");
	assert_int_equal(set("10.1.0.1", 60, "a.", NULL), -1);
	ok(add_zone("10.0.0.0/8"));
	ok(set("10.1.0.1", 60, "b.", NULL));
	commit();
	assert_string_equal(answer("10.1.0.1"), "b.");
	assert_string_equal(zone_at("10.1.0.1"), "10.0.0.0/8");
	assert_int_equal(serial("10.0.0.0/8"), 1);
	assert_int_equal(zones_count(serving.zones), 1);
	restart();
	assert_int_equal(zones_count(serving.zones), 1);
}

static void a_large_zone_is_removed_page_by_page(void **state)
{
	(void)state;
	begin();
	ok(add_zone("10.0.0.0/8"));
	for (int i = 0; i < 5000; i++) {
		char address[32];

		snprintf(address, sizeof(address), "10.0.%d.%d", i / 250, i % 250);
		ok(set(address, 60, "a.", NULL));
	}
	commit();
	assert_int_equal(table_counts(table).owners, 5001);
	begin();
	assert_int_equal(remove_zone("10.0.0.0/8"), 5002);
	commit();
	assert_int_equal(table_counts(table).owners, 0);
	assert_int_equal(table_counts(table).empty_nonterminals, 0);
	assert_int_equal(store_rrsets(store), 0);
}

/* ---- Imports ---- */

static void stage(
	struct staging *staging, const char *owner, uint16_t type, uint32_t ttl, const char *name)
{
	const struct prefix prefix = at(owner);
	struct wire_name target = named(name);

	ok(staging_add(staging, &prefix, type, ttl, target.wire, target.bytes, &failure));
}

static void stage_soa(struct staging *staging, const char *apex, uint32_t number)
{
	const struct soa_numbers numbers = {number, 1, 2, 3, 30};
	const struct prefix prefix = at(apex);
	uint8_t rdata[64] = "\1a\0\1b";

	soa_write_numbers(rdata + 6, &numbers);
	ok(staging_add(
		staging, &prefix, WIRE_TYPE_SOA, 60, rdata, 6 + SOA_NUMBERS_BYTES, &failure));
}

static struct staging *stage_zone(const char *apex, uint32_t number)
{
	const struct prefix prefix = at(apex);
	struct staging *staging = update_stage(&prefix);

	stage_soa(staging, apex, number);
	stage(staging, apex, WIRE_TYPE_NS, 60, "ns.example.");
	return staging;
}

static int replace(struct staging *staging)
{
	int result = update_replace_zone(update, staging, &sequence, &failure);

	staging_free(staging);
	return result;
}

static void an_import_is_the_whole_zone(void **state)
{
	struct staging *staging = stage_zone("192.0.2.0/24", 100);

	(void)state;
	stage(staging, "192.0.2.9", WIRE_TYPE_PTR, 60, "nine.");
	stage(staging, "192.0.2.7", WIRE_TYPE_PTR, 60, "seven.");
	stage(staging, "192.0.2.7", WIRE_TYPE_PTR, 50, "other.");
	stage(staging, "192.0.2.7", WIRE_TYPE_PTR, 60, "Seven.");
	assert_int_equal(staging_records(staging), 6);
	begin();
	ok(replace(staging));
	commit();
	assert_string_equal(answer("192.0.2.9"), "nine.");
	assert_string_equal(answer("192.0.2.7"), "seven.");
	assert_int_equal(record_rrset(find("192.0.2.7"), WIRE_TYPE_PTR)->count, 2);
	assert_int_equal(wire_get32(record_rrset(find("192.0.2.7"), WIRE_TYPE_PTR)->wire + 6), 50);
	assert_int_equal(serial("192.0.2.0/24"), 100);

	staging = stage_zone("192.0.2.0/24", 101);
	stage(staging, "192.0.2.9", WIRE_TYPE_PTR, 60, "nine.");
	stage(staging, "192.0.2.8", WIRE_TYPE_PTR, 60, "eight.");
	begin();
	ok(replace(staging));
	commit();
	for (int round = 0; round < 2; round++) {
		assert_string_equal(answer("192.0.2.9"), "nine.");
		assert_string_equal(answer("192.0.2.8"), "eight.");
		assert_string_equal(answer("192.0.2.7"), "");
		assert_int_equal(serial("192.0.2.0/24"), 101);
		restart();
	}
}

static void an_import_publishes_only_what_differs(void **state)
{
	const struct record *kept;

	(void)state;
	for (uint32_t round = 0; round < 2; round++) {
		struct staging *staging = stage_zone("192.0.2.0/24", 1 + round);

		stage(staging, "192.0.2.7", WIRE_TYPE_PTR, 60, "same.");
		stage(staging, "192.0.2.8", WIRE_TYPE_PTR, 60, round == 0 ? "old." : "new.");
		kept = find("192.0.2.7");
		begin();
		ok(replace(staging));
		commit();
	}
	assert_ptr_equal(find("192.0.2.7"), kept);
	assert_string_equal(answer("192.0.2.8"), "new.");
}

static void an_import_is_always_newer_or_nothing(void **state)
{
	struct staging *staging;

	(void)state;
	begin();
	ok(replace(stage_zone("192.0.2.0/24", 4294967295u)));
	commit();
	assert_int_equal(serial("192.0.2.0/24"), 4294967295u);
	begin();
	ok(replace(stage_zone("192.0.2.0/24", 4294967290u)));
	commit();
	assert_int_equal(sequence, 1);
	assert_int_equal(serial("192.0.2.0/24"), 4294967295u);
	staging = stage_zone("192.0.2.0/24", 4294967295u);
	stage(staging, "192.0.2.7", WIRE_TYPE_PTR, 60, "a.");
	begin();
	ok(replace(staging));
	commit();
	assert_int_equal(sequence, 2);
	assert_int_equal(serial("192.0.2.0/24"), 0);
	staging = stage_zone("192.0.2.0/24", 5);
	begin();
	ok(set("192.0.2.9", 60, "before.", NULL));
	ok(replace(staging));
	ok(set("192.0.2.8", 60, "after.", NULL));
	commit();
	assert_int_equal(serial("192.0.2.0/24"), 5);
	assert_string_equal(answer("192.0.2.9"), "");
	assert_string_equal(answer("192.0.2.8"), "after.");
}

static void bad_imports_change_nothing(void **state)
{
	const struct prefix apex = at("192.0.2.0/24"), outside = at("192.0.3.1"),
			    host = at("192.0.2.1");
	struct staging *staging;

	(void)state;
	begin();
	ok(add_zone("192.0.2.0/24"));
	ok(add_zone("192.0.2.128/32"));
	ok(set("192.0.2.7", 60, "a.", NULL));
	commit();
	begin();
	assert_int_equal(replace(update_stage(&apex)), -1);
	assert_failure(
		&failure, FAILURE_INVALID, "needs one SOA record at its apex; the file has 0");
	staging = update_stage(&apex);
	stage_soa(staging, "192.0.2.0/24", 7);
	assert_int_equal(replace(staging), -1);
	assert_failure(&failure, FAILURE_INVALID, "needs an NS record");
	staging = stage_zone("192.0.2.0/24", 7);
	stage_soa(staging, "192.0.2.0/24", 8);
	assert_int_equal(replace(staging), -1);
	assert_failure(&failure, FAILURE_INVALID, "the file has 2");
	staging = stage_zone("192.0.2.0/24", 7);
	stage(staging, "192.0.2.128", WIRE_TYPE_PTR, 60, "a.");
	assert_int_equal(replace(staging), -1);
	assert_failure(&failure, FAILURE_INVALID, "192.0.2.128 belongs to the zone 192.0.2.128");
	staging = stage_zone("192.0.2.0/24", 7);
	for (int i = 0; i < 4000; i++) {
		char name[32];

		snprintf(name, sizeof(name), "host%d.example.", i);
		stage(staging, "192.0.2.9", WIRE_TYPE_PTR, 60, name);
	}
	assert_int_equal(replace(staging), -1);
	assert_failure(&failure, FAILURE_TOO_LARGE, "192.0.2.9 do not fit one message");
	staging = update_stage(&apex);
	assert_int_equal(
		staging_add(staging, &outside, WIRE_TYPE_PTR, 5, (const uint8_t *)"", 1, &failure),
		-1);
	assert_failure(&failure, FAILURE_INVALID, "192.0.3.1 is outside the zone 192.0.2.0/24");
	assert_int_equal(
		staging_add(staging, &host, WIRE_TYPE_NS, 5, (const uint8_t *)"", 1, &failure), -1);
	assert_failure(&failure, FAILURE_INVALID, "belong at the apex");
	assert_int_equal(
		staging_add(staging, &host, WIRE_TYPE_PTR, 5, (const uint8_t *)"\5", 1, &failure),
		-1);
	assert_failure(&failure, FAILURE_INVALID, "not well-formed");
	staging_free(staging);
	commit();
	assert_string_equal(answer("192.0.2.7"), "a.");
	assert_int_equal(serial("192.0.2.0/24"), 1);
	assert_int_equal(store_sequence(store), 3);
}

static void an_import_of_many_records_is_found_whole(void **state)
{
	struct staging *staging = stage_zone("10.0.0.0/8", 1);

	(void)state;
	/* Backwards, so that they have to be sorted. */
	for (int i = 19999; i >= 0; i--) {
		char address[32];

		snprintf(
			address, sizeof(address), "10.%d.%d.%d", i / 10000, i / 100 % 100, i % 100);
		stage(staging, address, WIRE_TYPE_PTR, 60, address);
	}
	begin();
	ok(replace(staging));
	commit();
	for (int round = 0; round < 2; round++) {
		assert_int_equal(table_counts(table).owners, 20001);
		assert_int_equal(table_counts(table).empty_nonterminals, 203);
		assert_string_equal(answer("10.1.99.42"), "10.1.99.42.");
		restart();
	}
}

/* ---- Failing commits and damaged stores ---- */

static void a_store_that_lost_a_zone_is_refused(void **state)
{
	const struct prefix apex = at("192.0.2.0/24");
	struct update *second;

	(void)state;
	one_zone("192.0.2.0/24");
	ok(store_begin(store, &failure));
	ok(store_delete_zone(store, &apex, &failure));
	ok(store_commit(store, &failure));
	update_free(update);
	table_free(table);
	table = table_new(1, seed);
	second = update_new(store, table, &serving, reclaim);
	assert_int_equal(update_load(second, &failure), -1);
	assert_failure(&failure, FAILURE_STORE_ERROR, "192.0.2.0/24 is in no zone");
	ok(store_begin(store, &failure));
	ok(store_put_zone(store, &apex, &failure));
	ok(store_delete_rrset(store, &apex, WIRE_TYPE_SOA, &failure));
	ok(store_commit(store, &failure));
	assert_int_equal(update_load(second, &failure), -1);
	assert_failure(&failure, FAILURE_STORE_ERROR, "192.0.2.0/24 has no SOA");
	update = second;
}

static void a_commit_that_fails_publishes_nothing(void **state)
{
	const struct prefix apex = at("192.0.2.0/24");

	(void)state;
	one_zone("192.0.2.0/24");
	begin();
	ok(set("192.0.2.7", 60, "a.", NULL));
	ok(add_zone("10.0.0.0/8"));
	/* The zone's SOA vanishes behind the batch's back: its serial can't be raised. */
	ok(store_delete_rrset(store, &apex, WIRE_TYPE_SOA, &failure));
	assert_int_equal(update_commit(update, &failure), -1);
	assert_failure(&failure, FAILURE_STORE_ERROR, "has no SOA");
	assert_string_equal(answer("192.0.2.7"), "");
	assert_string_equal(zone_at("10.0.0.1"), "");
	assert_int_equal(serial("192.0.2.0/24"), 1);
	assert_int_equal(store_sequence(store), 1);
	begin();
	ok(set("192.0.2.7", 60, "b.", NULL));
	commit();
	assert_string_equal(answer("192.0.2.7"), "b.");
	assert_int_equal(serial("192.0.2.0/24"), 2);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_ptr_is_set_replaced_and_unset),
		CASE(what_is_so_already_is_no_change),
		CASE(bad_requests_are_refused_by_rule),
		CASE(a_failure_does_not_hurt_the_others_of_its_batch),
		CASE(one_owner_may_change_often_in_a_batch),
		CASE(empty_nonterminals_come_and_go),
		CASE(retired_records_wait_for_their_grace_period),
		CASE(a_zone_has_soa_and_ns_from_the_start),
		CASE(bad_zones_are_refused),
		CASE(a_zone_and_its_records_fit_one_batch),
		CASE(removing_a_zone_spares_those_nested_in_it),
		CASE(removing_a_nested_zone_removes_its_data),
		CASE(a_zone_may_come_and_go_in_one_batch),
		CASE(a_large_zone_is_removed_page_by_page),
		CASE(an_import_is_the_whole_zone),
		CASE(an_import_publishes_only_what_differs),
		CASE(an_import_is_always_newer_or_nothing),
		CASE(bad_imports_change_nothing),
		CASE(an_import_of_many_records_is_found_whole),
		CASE(a_store_that_lost_a_zone_is_refused),
		CASE(a_commit_that_fails_publishes_nothing),
	};

	return cmocka_run_group_tests_name("update", tests, NULL, NULL);
}
