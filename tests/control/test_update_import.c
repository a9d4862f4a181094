/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * control/update/update_import.c, staging.c, zone_counts.c: imports, and the names that only they
 * bring.
 */
#include "tests/control/update_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
		stage(staging, "192.0.2.7", WIRE_TYPE_PTR, 60, "too.");
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
	const struct prefix zone_at_ = at("192.0.2.0/24"), outside_at = at("192.0.3.1"),
			    host_at = at("192.0.2.1");
	const struct owner apex = owner_from_prefix(&zone_at_),
			   outside = owner_from_prefix(&outside_at),
			   host = owner_from_prefix(&host_at);
	struct staging *staging;

	(void)state;
	begin();
	ok(add_zone("192.0.2.0/24"));
	ok(add_zone("192.0.2.128/32"));
	ok(set("192.0.2.7", 60, "a.", NULL));
	commit();
	begin();
	assert_int_equal(replace(staging_new(directory, &apex)), -1);
	assert_failure(
		&failure, FAILURE_INVALID, "needs one SOA record at its apex; the file has 0");
	staging = staging_new(directory, &apex);
	stage_soa(staging, "192.0.2.0/24", 7);
	assert_int_equal(replace(staging), -1);
	assert_failure(&failure, FAILURE_INVALID, "needs an NS record");
	staging = stage_zone("192.0.2.0/24", 7);
	stage_soa(staging, "192.0.2.0/24", 8);
	assert_int_equal(replace(staging), -1);
	assert_failure(&failure, FAILURE_INVALID, "the file has 2");
	staging = stage_zone("192.0.2.0/24", 7);
	stage(staging, "192.0.2.9", WIRE_TYPE_PTR, 60, "a.");
	stage(staging, "192.0.2.9", WIRE_TYPE_CNAME, 60, "b.");
	assert_int_equal(replace(staging), -1);
	assert_failure(&failure, FAILURE_INVALID, "192.0.2.9 has a CNAME record and others");
	staging = stage_zone("192.0.2.0/24", 7);
	stage(staging, "192.0.2.9", WIRE_TYPE_CNAME, 60, "a.");
	stage(staging, "192.0.2.9", WIRE_TYPE_CNAME, 60, "b.");
	assert_int_equal(replace(staging), -1);
	assert_failure(&failure, FAILURE_INVALID, "192.0.2.9 has more than one CNAME");
	staging = stage_zone("192.0.2.0/24", 7);
	for (int i = 0; i < 4000; i++) {
		char name[32];

		snprintf(name, sizeof(name), "host%d.example.", i);
		stage(staging, "192.0.2.9", WIRE_TYPE_PTR, 60, name);
	}
	assert_int_equal(replace(staging), -1);
	assert_failure(&failure, FAILURE_TOO_LARGE,
		"192.0.2.9: the records of one type do not fit one message");
	staging = staging_new(directory, &apex);
	assert_int_equal(
		staging_add(staging, &outside, WIRE_TYPE_PTR, 5, (const uint8_t *)"", 1, &failure),
		-1);
	assert_failure(&failure, FAILURE_INVALID, "192.0.3.1 is outside the zone 192.0.2.0/24");
	assert_int_equal(
		staging_add(staging, &host, WIRE_TYPE_SOA, 5, (const uint8_t *)"", 1, &failure),
		-1);
	assert_failure(&failure, FAILURE_INVALID, "belongs at the zone's apex");
	assert_int_equal(
		staging_add(staging, &host, WIRE_TYPE_PTR, 5, (const uint8_t *)"\5", 1, &failure),
		-1);
	assert_failure(&failure, FAILURE_INVALID, "not well-formed");
	assert_int_equal(
		staging_add(staging, &apex, WIRE_TYPE_DS, 5, (const uint8_t *)"", 1, &failure), -1);
	assert_failure(&failure, FAILURE_INVALID,
		"192.0.2.0/24 has a DS record, which belongs into the zone above");
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

/* ---- Any name ---- */

static struct owner owner_of(const char *name, struct wire_name *wire)
{
	struct owner owner;

	*wire = named(name);
	owner_from_name(wire->wire, wire->bytes, &owner);
	return owner;
}

static void stage_name(struct staging *staging, const char *name, uint16_t type, const char *target)
{
	struct wire_name wire, rdata = named(target);
	const struct owner owner = owner_of(name, &wire);

	ok(staging_add(staging, &owner, type, 60, rdata.wire, rdata.bytes, &failure));
}

static const struct record *find_name(const char *name)
{
	struct wire_name wire;
	const struct owner owner = owner_of(name, &wire);

	return fixture_find(table, &owner);
}

static struct zone_special special(const char *name)
{
	struct wire_name wire;
	const struct owner owner = owner_of(name, &wire);

	return zones_find(serving.zones, &owner)->special;
}

static void import(struct staging *staging)
{
	begin();
	ok(replace(staging));
	commit();
}

static void names_that_are_no_addresses_live_beside_those_that_are(void **state)
{
	struct staging *staging = stage_zone("192.0.2.0/24", 1);

	(void)state;
	stage_name(staging, "01.2.0.192.in-addr.arpa.", WIRE_TYPE_PTR, "zero.");
	stage_name(staging, "x.Y.2.0.192.in-addr.arpa.", WIRE_TYPE_PTR, "deep.");
	stage(staging, "192.0.2.1", WIRE_TYPE_PTR, 60, "one.");
	import(staging);
	for (int round = 0; round < 2; round++) {
		assert_non_null(find_name("01.2.0.192.in-addr.arpa."));
		assert_int_equal(find_name("X.y.2.0.192.in-addr.arpa.")->sets, 1);
		assert_int_equal(find_name("y.2.0.192.in-addr.arpa.")->sets, 0);
		assert_string_equal(answer("192.0.2.1"), "one.");
		assert_int_equal(table_counts(table).owners, 4);
		restart();
	}
	import(stage_zone("192.0.2.0/24", 2));
	assert_null(find_name("y.2.0.192.in-addr.arpa."));
	assert_int_equal(table_counts(table).owners, 1);
}

static void cuts_and_wildcards_are_told_to_the_workers(void **state)
{
	struct staging *staging = stage_zone("192.0.2.0/24", 1);
	struct zone_special found;

	(void)state;
	stage_name(staging, "0-25.2.0.192.in-addr.arpa.", WIRE_TYPE_NS, "ns.example.");
	stage_name(staging, "*.w.2.0.192.in-addr.arpa.", WIRE_TYPE_PTR, "any.");
	stage_name(staging, "a.d.2.0.192.in-addr.arpa.", WIRE_TYPE_DNAME, "example.");
	import(staging);
	for (int round = 0; round < 2; round++) {
		found = special("2.0.192.in-addr.arpa.");
		assert_true(zones_have_cuts(serving.zones));
		assert_true(found.wildcards);
		assert_int_equal(zone_depths_previous(&found.cuts, 127), 7);
		assert_int_equal(zone_depths_previous(&found.cuts, 6), 6);
		assert_int_equal(zone_depths_previous(&found.cuts, 5), -1);
		restart();
	}
	import(stage_zone("192.0.2.0/24", 2));
	found = special("2.0.192.in-addr.arpa.");
	assert_int_equal(zone_depths_previous(&found.cuts, 127), -1);
	assert_false(found.wildcards);
	assert_false(zones_have_cuts(serving.zones));
}

static void the_parents_ds_is_found_at_the_nested_apex(void **state)
{
	struct staging *staging = stage_zone("10.0.0.0/8", 1);

	(void)state;
	stage_name(staging, "1.10.in-addr.arpa.", WIRE_TYPE_DS, "not.really.");
	stage_name(staging, "1.10.in-addr.arpa.", WIRE_TYPE_NS, "ns.example.");
	import(staging);
	assert_true(find_name("1.10.in-addr.arpa.")->kinds & RECORD_CUT);
	one_zone("10.1.0.0/16");
	for (int round = 0; round < 2; round++) {
		const struct record *apex = find_name("1.10.in-addr.arpa.");

		assert_int_equal(apex->kinds, RECORD_APEX);
		assert_int_equal(apex->sets, 3);
		assert_non_null(record_rrset(apex, WIRE_TYPE_DS));
		restart();
	}
}

static void a_ptr_beside_a_cname_is_refused(void **state)
{
	struct staging *staging = stage_zone("192.0.2.0/24", 1);

	(void)state;
	stage(staging, "192.0.2.9", WIRE_TYPE_CNAME, 60, "9.0-25.2.0.192.in-addr.arpa.");
	import(staging);
	begin();
	assert_int_equal(set("192.0.2.9", 60, "a.", NULL), -1);
	assert_failure(&failure, FAILURE_EXISTS, "192.0.2.9 has a CNAME record");
	commit();
}

static void an_import_may_drop_many_names_that_are_no_addresses(void **state)
{
	struct staging *staging = stage_zone("192.0.2.0/24", 1);

	(void)state;
	/* More than the notes of an import have room for at first: they move while they grow. */
	for (int i = 0; i < 1000; i++) {
		char name[64];

		snprintf(name, sizeof(name), "x%d.2.0.192.in-addr.arpa.", i);
		stage_name(staging, name, WIRE_TYPE_PTR, "a.");
	}
	begin();
	ok(replace(staging));
	commit();
	assert_int_equal(table_counts(table).owners, 1001);
	begin();
	ok(replace(stage_zone("192.0.2.0/24", 2)));
	commit();
	for (int round = 0; round < 2; round++) {
		assert_int_equal(table_counts(table).owners, 1);
		assert_int_equal(store_rrsets(store), 2);
		restart();
	}
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(an_import_is_the_whole_zone),
		CASE(an_import_publishes_only_what_differs),
		CASE(an_import_is_always_newer_or_nothing),
		CASE(bad_imports_change_nothing),
		CASE(an_import_of_many_records_is_found_whole),
		CASE(an_import_may_drop_many_names_that_are_no_addresses),
		CASE(names_that_are_no_addresses_live_beside_those_that_are),
		CASE(cuts_and_wildcards_are_told_to_the_workers),
		CASE(the_parents_ds_is_found_at_the_nested_apex),
		CASE(a_ptr_beside_a_cname_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
