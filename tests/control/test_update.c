/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * control/update/update*.c: what a batch changes is in the store, the table and the zones, or in
 * none of them; and the same after a restart.
 */
#include "tests/control/update_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	assert_failure(&failure, FAILURE_NOT_FOUND, "no PTR at 192.0.2.7");
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

static int set_names(const struct prefix *address, const struct wire_name *names, size_t count)
{
	const struct ptr_change change = {
		.names = names, .count = count, .ttl = 60, .if_sequence = -1};

	return update_change_ptr(update, address, &change, &result, &failure);
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
	assert_int_equal(set_names(&net, names, 1), -1);
	assert_failure(&failure, FAILURE_INVALID, "192.0.2.0/24 is no single address");
	assert_int_equal(set_names(&address, names, 0), -1);
	assert_failure(&failure, FAILURE_NOT_FOUND, "no PTR at 192.0.2.7");
	assert_int_equal(set_names(&address, names, 11), -1);
	assert_failure(&failure, FAILURE_INVALID, "1 to 10 names, not 11");
	names[0].bytes--;
	assert_int_equal(set_names(&address, names, 1), -1);
	assert_failure(&failure, FAILURE_INVALID, "name 1 is not well-formed");
	ok(set_names(&address, names + 1, 10));
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

static void let_go(void *memory)
{
	(void)memory;
}

/* As if earlier batches had unlinked as much; then the reader goes on. */
static void a_reader_that_stands_still_stops_changes_at_a_bound(void **state)
{
	enum { BOUND = 1 << 16 };

	(void)state;
	one_zone("192.0.2.0/24");
	for (unsigned i = 0; i < BOUND; i++)
		assert_int_equal(reclaim_add(reclaim, (struct unlinked){&tokens, let_go}), 0);
	assert_int_equal(reclaim_batch(reclaim, table), 0);
	begin(); /* just as much as may wait */
	ok(set("192.0.2.7", 60, "a.", NULL));
	ok(update_commit(update, &failure));
	assert_true(reclaim_waiting(reclaim) > BOUND);
	assert_int_equal(update_begin(update, &failure), -1);
	assert_int_equal(failure.code, FAILURE_BUSY);
	assert_string_equal(answer("192.0.2.7"), "a.");
	tokens_passed = tokens;
	begin();
	ok(set("192.0.2.7", 60, "b.", NULL));
	commit();
	assert_string_equal(answer("192.0.2.7"), "b.");
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
	const struct prefix prefix = at("192.0.2.0/24");
	const struct owner apex = owner_from_prefix(&prefix);

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
	const struct owner key = owner_from_prefix(&prefix);
	size_t removed = 0;

	ok(update_remove_zone(update, &key, &sequence, &removed, &failure));
	return removed;
}

static void removing_a_zone_spares_those_nested_in_it(void **state)
{
	const struct prefix nowhere = at("10.9.0.0/16");
	const struct owner absent = owner_from_prefix(&nowhere);
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

static void a_nested_zone_hides_and_gives_back_its_parents_names(void **state)
{
	(void)state;
	begin();
	ok(add_zone("10.0.0.0/8"));
	ok(set("10.1.0.1", 60, "early.", NULL));
	ok(set("10.2.0.1", 60, "outer.", NULL));
	commit();
	one_zone("10.1.0.0/16");
	begin();
	ok(set("10.1.0.2", 60, "inner.", NULL));
	commit();
	for (int round = 0; round < 2; round++) {
		assert_string_equal(answer("10.1.0.1"), "");
		assert_string_equal(answer("10.1.0.2"), "inner.");
		assert_int_equal(serial("10.0.0.0/8"), 1);
		restart();
	}
	begin();
	assert_int_equal(remove_zone("10.1.0.0/16"), 3);
	commit();
	for (int round = 0; round < 2; round++) {
		assert_string_equal(answer("10.1.0.1"), "early.");
		assert_string_equal(answer("10.1.0.2"), "");
		assert_string_equal(answer("10.2.0.1"), "outer.");
		assert_string_equal(zone_at("10.1.0.1"), "10.0.0.0/8");
		assert_int_equal(serial("10.0.0.0/8"), 1);
		restart();
	}
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

/* ---- Failing commits and damaged stores ---- */

static void a_store_that_lost_a_zone_is_refused(void **state)
{
	const struct prefix prefix = at("192.0.2.0/24");
	const struct owner apex = owner_from_prefix(&prefix);
	struct update *second;
	uint32_t zone;

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
	assert_failure(&failure, FAILURE_STORE_ERROR, "2 of its records are in no zone");
	ok(store_begin(store, &failure));
	ok(store_put_zone(store, &apex, &zone, &failure));
	ok(store_delete_rrset(store, 1, &apex, WIRE_TYPE_SOA, &failure));
	ok(store_commit(store, &failure));
	assert_int_equal(update_load(second, &failure), -1);
	assert_failure(&failure, FAILURE_STORE_ERROR, "192.0.2.0/24 has no SOA");
	update = second;
}

static void a_commit_that_fails_publishes_nothing(void **state)
{
	const struct prefix prefix = at("192.0.2.0/24");
	const struct owner apex = owner_from_prefix(&prefix);

	(void)state;
	one_zone("192.0.2.0/24");
	begin();
	ok(set("192.0.2.7", 60, "a.", NULL));
	ok(add_zone("10.0.0.0/8"));
	/* The zone's SOA vanishes behind the batch's back: its serial can't be raised. */
	ok(store_delete_rrset(store, 1, &apex, WIRE_TYPE_SOA, &failure));
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
		CASE(a_reader_that_stands_still_stops_changes_at_a_bound),
		CASE(a_zone_has_soa_and_ns_from_the_start),
		CASE(bad_zones_are_refused),
		CASE(a_zone_and_its_records_fit_one_batch),
		CASE(removing_a_zone_spares_those_nested_in_it),
		CASE(a_nested_zone_hides_and_gives_back_its_parents_names),
		CASE(a_zone_may_come_and_go_in_one_batch),
		CASE(a_large_zone_is_removed_page_by_page),
		CASE(a_store_that_lost_a_zone_is_refused),
		CASE(a_commit_that_fails_publishes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
