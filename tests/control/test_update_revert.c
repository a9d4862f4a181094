/* SPDX-License-Identifier: BSD-3-Clause */
/* control/update/update_revert.c and confirm.c: what is undone, what others keep, and when. */
#include "control/journal/confirm.h"
#include "control/journal/journal.h"
#include "tests/control/update_fixture.h"

#include <stdio.h>
#include <string.h>

static size_t reverted, skipped;

static struct owner owner_at(const char *text)
{
	static struct prefix prefix;

	prefix = at(text);
	return owner_from_prefix(&prefix);
}

static void revert(uint64_t first, uint64_t last)
{
	begin();
	ok(update_revert(update, first, last, &result, &reverted, &skipped, &failure));
	commit();
	sequence = result.sequence;
}

/* The last entry of the journal. */
static int keep_last(void *context, const struct journal_entry *entry)
{
	struct journal_entry *last = context;

	if (entry->kind != JOURNAL_REVERT)
		return 0;
	last->kind = entry->kind;
	last->sequence = entry->sequence;
	last->first = entry->first;
	last->last = entry->last;
	last->reverted = entry->reverted;
	last->skipped = entry->skipped;
	assert_int_equal(entry->actor.bytes, 5);
	assert_memory_equal(entry->actor.octets, "arpad", 5);
	return 0;
}

static struct stamp stamp_of(const char *address)
{
	const struct prefix prefix = at(address);
	struct ptr_object object = {.names = {0}};
	struct stamp stamp;

	ok(update_get_ptr(update, &prefix, &object, &failure));
	stamp = object.stamp;
	rrset_buffer_free(&object.names);
	return stamp;
}

static void test_what_was_made_changed_or_removed_becomes_what_it_was(void **state)
{
	struct journal_entry last = {.kind = 0};
	struct update_group group;
	struct stamp before;
	uint32_t was;

	(void)state;
	one_zone("192.0.2.0/24");
	begin();
	ok(set("192.0.2.1", 60, "old.example.", NULL));
	ok(set("192.0.2.2", 60, "kept.example.", NULL));
	commit();
	before = stamp_of("192.0.2.2");
	begin();
	ok(update_group_begin(update, &group, &failure));
	ok(set("192.0.2.1", 60, "new.example.", NULL));
	ok(set("192.0.2.1", 60, "newer.example.", NULL));
	ok(unset("192.0.2.2"));
	ok(set("192.0.2.3", 60, "made.example.", NULL));
	ok(set("192.0.2.4", 60, "short.example.", NULL));
	ok(unset("192.0.2.4"));
	ok(update_group_end(update, &group, &result, &failure));
	commit();
	was = serial("192.0.2.0/24");
	revert(result.sequence, result.sequence);
	assert_int_equal(reverted, 3);
	assert_int_equal(skipped, 0);
	assert_string_equal(answer("192.0.2.1"), "old.example.");
	assert_string_equal(answer("192.0.2.2"), "kept.example.");
	assert_string_equal(answer("192.0.2.3"), "");
	assert_int_equal(serial("192.0.2.0/24"), was + 1);
	assert_int_equal(stamp_of("192.0.2.2").created, before.created);
	assert_int_equal(stamp_of("192.0.2.2").sequence, sequence);
	ok(journal_each(store, sequence - 1, UINT32_MAX, keep_last, &last, &failure));
	assert_int_equal(last.sequence, sequence);
	assert_int_equal(last.reverted, 3);
	/* It is a change as any other: it can be undone itself. */
	revert(sequence, sequence);
	assert_string_equal(answer("192.0.2.1"), "newer.example.");
	assert_string_equal(answer("192.0.2.2"), "");
	assert_string_equal(answer("192.0.2.3"), "made.example.");
}

static void test_what_others_changed_since_stays(void **state)
{
	struct update_group group;
	uint64_t number;

	(void)state;
	one_zone("192.0.2.0/24");
	begin();
	ok(update_group_begin(update, &group, &failure));
	ok(set("192.0.2.1", 60, "a.example.", NULL));
	ok(set("192.0.2.2", 60, "a.example.", NULL));
	ok(set("192.0.2.3", 60, "a.example.", NULL));
	ok(update_group_end(update, &group, &result, &failure));
	number = result.sequence;
	/* In the same batch, and later. */
	ok(set("192.0.2.1", 60, "other.example.", NULL));
	commit();
	begin();
	ok(unset("192.0.2.2"));
	commit();
	revert(number, number);
	assert_int_equal(reverted, 1);
	assert_int_equal(skipped, 2);
	assert_string_equal(answer("192.0.2.1"), "other.example.");
	assert_string_equal(answer("192.0.2.2"), "");
	assert_string_equal(answer("192.0.2.3"), "");
}

static void test_a_frozen_zone_stays(void **state)
{
	struct zone_settings settings = {.frozen = true};
	struct owner apex;
	uint64_t number;

	(void)state;
	one_zone("192.0.2.0/24");
	begin();
	ok(set("192.0.2.1", 60, "a.example.", NULL));
	number = sequence;
	apex = owner_at("192.0.2.0/24");
	ok(update_set_zone_settings(update, &apex, &settings, &result, &failure));
	commit();
	revert(number, number);
	assert_int_equal(reverted, 0);
	assert_int_equal(skipped, 1);
	assert_string_equal(answer("192.0.2.1"), "a.example.");
}

static void test_zones_go_and_come_back_with_what_they_held(void **state)
{
	struct update_group group;
	struct owner apex;
	uint32_t was;
	size_t removed;

	(void)state;
	one_zone("192.0.2.0/24");
	begin();
	ok(set("192.0.2.1", 60, "a.example.", NULL));
	commit();
	was = serial("192.0.2.0/24");
	begin();
	ok(update_group_begin(update, &group, &failure));
	ok(add_zone("198.51.100.0/24"));
	ok(set("198.51.100.1", 60, "b.example.", NULL));
	apex = owner_at("192.0.2.0/24");
	ok(update_remove_zone(update, &apex, &sequence, &removed, &failure));
	ok(update_group_end(update, &group, &result, &failure));
	commit();
	assert_string_equal(zone_at("192.0.2.1"), "");
	revert(result.sequence, result.sequence);
	assert_int_equal(skipped, 0);
	assert_string_equal(zone_at("198.51.100.1"), "");
	assert_string_equal(answer("198.51.100.1"), "");
	assert_string_equal(zone_at("192.0.2.1"), "192.0.2.0/24");
	assert_string_equal(answer("192.0.2.1"), "a.example.");
	assert_true(soa_newer(serial("192.0.2.0/24"), was));
	restart();
	assert_string_equal(answer("192.0.2.1"), "a.example.");
	assert_string_equal(zone_at("198.51.100.1"), "");
}

static void test_a_new_zone_that_others_use_stays(void **state)
{
	uint64_t number;

	(void)state;
	begin();
	ok(add_zone("198.51.100.0/24"));
	number = sequence;
	ok(set("198.51.100.1", 60, "b.example.", NULL));
	commit();
	revert(number, number);
	assert_int_equal(reverted, 0);
	assert_int_equal(skipped, 1);
	assert_string_equal(answer("198.51.100.1"), "b.example.");
}

static void test_a_revert_that_is_not_kept_leaves_nothing(void **state)
{
	(void)state;
	one_zone("192.0.2.0/24");
	begin();
	ok(set("192.0.2.1", 60, "a.example.", NULL));
	commit();
	begin();
	ok(update_revert(update, 2, 2, &result, &reverted, &skipped, &failure));
	update_abort(update);
	assert_string_equal(answer("192.0.2.1"), "a.example.");
	assert_int_equal(store_sequence(store), 2);
}

/* ---- Confirmation ---- */

/* Sets the address in a commit that waits until `deadline`. Returns what confirm_add does. */
static int commit_waiting(const char *txn, uint32_t deadline, const char *address, const char *name)
{
	struct update_group group;
	int waits;

	begin();
	ok(update_group_begin(update, &group, &failure));
	ok(set(address, 60, name, NULL));
	waits = confirm_add(update, &group, txn, deadline, &failure);
	if (waits < 0)
		update_group_abort(update, &group);
	else
		ok(update_group_end(update, &group, &result, &failure));
	commit();
	return waits;
}

static unsigned waiting(void)
{
	struct confirm confirms[CONFIRM_MAX];
	unsigned count;

	ok(confirm_list(store, confirms, &count, &failure));
	return count;
}

static void test_what_nobody_confirms_is_undone_also_after_a_restart(void **state)
{
	struct confirm_end end;

	(void)state;
	one_zone("192.0.2.0/24");
	assert_int_equal(commit_waiting("one", 1000, "192.0.2.1", "a.example."), 1);
	assert_int_equal(commit_waiting("two", 900, "192.0.2.2", "b.example."), 1);
	assert_int_equal(commit_waiting("new", 2000, "192.0.2.3", "c.example."), 1);
	assert_int_equal(confirm_undo_due(update, 899, &end, &failure), 0);
	restart();
	assert_string_equal(answer("192.0.2.1"), "a.example.");
	/* The earliest first. */
	assert_int_equal(confirm_undo_due(update, 1000, &end, &failure), 1);
	assert_string_equal(end.confirm.txn, "two");
	assert_string_equal(end.confirm.actor, "arpad");
	assert_int_equal(end.reverted, 1);
	assert_string_equal(answer("192.0.2.2"), "");
	assert_int_equal(confirm_undo_due(update, 1000, &end, &failure), 1);
	assert_string_equal(end.confirm.txn, "one");
	assert_int_equal(confirm_undo_due(update, 1000, &end, &failure), 0);
	assert_string_equal(answer("192.0.2.1"), "");
	assert_string_equal(answer("192.0.2.3"), "c.example.");
	assert_int_equal(waiting(), 1);
	restart();
	assert_string_equal(answer("192.0.2.1"), "");
	assert_int_equal(waiting(), 1);
}

static void test_what_is_confirmed_stays(void **state)
{
	struct confirm_end end;

	(void)state;
	one_zone("192.0.2.0/24");
	assert_int_equal(commit_waiting("one", 1000, "192.0.2.1", "a.example."), 1);
	begin();
	ok(confirm_keep(update, "one", &failure));
	assert_int_equal(confirm_keep(update, "two", &failure), -1);
	assert_failure(&failure, FAILURE_NOT_FOUND, "no commit two waits");
	commit();
	restart();
	assert_int_equal(confirm_undo_due(update, UINT32_MAX, &end, &failure), 0);
	assert_string_equal(answer("192.0.2.1"), "a.example.");
}

static void test_a_group_that_changes_nothing_waits_for_nobody(void **state)
{
	struct confirm_end end;

	(void)state;
	one_zone("192.0.2.0/24");
	begin();
	ok(set("192.0.2.1", 60, "a.example.", NULL));
	commit();
	assert_int_equal(commit_waiting("one", 1, "192.0.2.1", "a.example."), 0);
	assert_int_equal(waiting(), 0);
	assert_int_equal(confirm_undo_due(update, 10, &end, &failure), 0);
}

static void test_so_many_may_wait(void **state)
{
	char txn[16], address[32];

	(void)state;
	one_zone("192.0.2.0/24");
	for (unsigned i = 0; i < CONFIRM_MAX; i++) {
		snprintf(txn, sizeof(txn), "t%u", i);
		snprintf(address, sizeof(address), "192.0.2.%u", i);
		assert_int_equal(commit_waiting(txn, 1000, address, "a.example."), 1);
	}
	assert_int_equal(commit_waiting("more", 1000, "192.0.2.99", "a.example."), -1);
	assert_failure(&failure, FAILURE_BUSY, "which is the limit");
	assert_string_equal(answer("192.0.2.99"), "");
}

static void test_what_the_journal_only_counts_can_not_wait(void **state)
{
	const struct prefix prefix = at("10.0.0.0/8");
	struct update_group group;
	char address[32];
	size_t count;

	(void)state;
	one_zone("10.0.0.0/8");
	begin();
	for (unsigned i = 0; i <= JOURNAL_RRSETS_MAX; i++) {
		snprintf(address, sizeof(address), "10.0.%u.%u", i >> 8, i & 255);
		ok(set(address, 60, "h.example.", NULL));
	}
	commit();
	begin();
	ok(update_group_begin(update, &group, &failure));
	ok(update_unset_prefix(update, &prefix, SIZE_MAX, &count, &result, &failure));
	assert_int_equal(confirm_add(update, &group, "one", 1000, &failure), -1);
	assert_failure(&failure, FAILURE_TOO_LARGE, "commit this one without");
	update_group_abort(update, &group);
	commit();
	assert_string_equal(answer("10.0.0.1"), "h.example.");
	assert_int_equal(waiting(), 0);
}

static void test_the_journal_keeps_what_a_waiting_commit_needs(void **state)
{
	const struct journal_limits small = {0, 1};
	struct confirm_end end;

	(void)state;
	one_zone("192.0.2.0/24");
	assert_int_equal(commit_waiting("one", 1000, "192.0.2.1", "a.example."), 1);
	update_set_journal(update, &small);
	for (unsigned i = 0; i < 10; i++) {
		begin();
		ok(set("192.0.2.2", 60, i % 2 ? "a.example." : "b.example.", NULL));
		commit();
	}
	assert_int_equal(confirm_undo_due(update, 1000, &end, &failure), 1);
	assert_int_equal(end.reverted, 1);
	assert_string_equal(answer("192.0.2.1"), "");
}

static void test_one_that_waits_is_read_as_it_was_written(void **state)
{
	const struct confirm confirm = {"abcdefgh", 1, UINT64_MAX, 7, "alice"};
	uint8_t value[CONFIRM_VALUE_MAX_BYTES];
	const struct store_bytes txn = {(const uint8_t *)"abcdefgh", 8};
	struct store_bytes octets = {value, confirm_write(&confirm, value)};
	struct confirm again;

	(void)state;
	assert_int_equal(confirm_parse(txn, octets, &again), 0);
	assert_string_equal(again.txn, confirm.txn);
	assert_string_equal(again.actor, confirm.actor);
	assert_true(again.first == confirm.first && again.last == confirm.last);
	assert_int_equal(again.deadline, confirm.deadline);
	octets.count = 19;
	assert_int_equal(confirm_parse(txn, octets, &again), -1);
	octets.count = CONFIRM_VALUE_MAX_BYTES;
	memset(value + 20, 'x', ACTOR_NAME_BYTES);
	assert_int_equal(confirm_parse(txn, octets, &again), -1);
	octets.count = 25;
	assert_int_equal(confirm_parse((struct store_bytes){NULL, 0}, octets, &again), -1);
	memset(value, 0, 8); /* no change has the number 0 */
	assert_int_equal(confirm_parse(txn, octets, &again), -1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_what_was_made_changed_or_removed_becomes_what_it_was),
		CASE(test_what_others_changed_since_stays),
		CASE(test_a_frozen_zone_stays),
		CASE(test_zones_go_and_come_back_with_what_they_held),
		CASE(test_a_new_zone_that_others_use_stays),
		CASE(test_a_revert_that_is_not_kept_leaves_nothing),
		CASE(test_what_nobody_confirms_is_undone_also_after_a_restart),
		CASE(test_what_is_confirmed_stays),
		CASE(test_a_group_that_changes_nothing_waits_for_nobody),
		CASE(test_so_many_may_wait),
		CASE(test_what_the_journal_only_counts_can_not_wait),
		CASE(test_the_journal_keeps_what_a_waiting_commit_needs),
		cmocka_unit_test(test_one_that_waits_is_read_as_it_was_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
