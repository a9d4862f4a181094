/* SPDX-License-Identifier: BSD-3-Clause */
/* control/journal/journal*.c: entries as octets, chains, bulk changes, what goes, what is too old.
 */
#include "control/journal/journal.h"
#include "tests/control/update_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a walk saw: "seq.index kind owner" for each, with + and - for the sides that there are. */
static char seen[4096];

static int note(void *context, const struct journal_entry *entry)
{
	static const char kinds[] = {[JOURNAL_RRSET] = 'r',
		[JOURNAL_ZONE_ADDED] = 'a',
		[JOURNAL_ZONE_REMOVED] = 'g',
		[JOURNAL_BULK] = 'b',
		[JOURNAL_SETTINGS] = 's',
		[JOURNAL_REVERT] = 'u'};
	char text[PRESENTATION_NAME_BYTES] = "";
	size_t length = strlen(seen);

	(void)context;
	if (entry->kind != JOURNAL_BULK && entry->kind != JOURNAL_REVERT)
		presentation_write_owner(&entry->owner.owner, text);
	snprintf(seen + length, sizeof(seen) - length, "%llu.%u%c%s%s%s%s;",
		(unsigned long long)entry->sequence, entry->index, kinds[entry->kind],
		entry->has_before ? "-" : "", entry->has_after ? "+" : "",
		entry->type == WIRE_TYPE_SOA ? "SOA" : "",
		entry->kind == JOURNAL_RRSET ? text : "");
	return 0;
}

static const char *each(uint64_t after)
{
	seen[0] = '\0';
	ok(journal_each(store, after, UINT32_MAX, note, NULL, &failure));
	return seen;
}

static const char *history(const char *address)
{
	const struct prefix prefix = at(address);
	const struct owner owner = owner_from_prefix(&prefix);

	seen[0] = '\0';
	ok(journal_history(store, update_zone_of(update, &owner)->id, &owner, WIRE_TYPE_PTR, note,
		NULL, &failure));
	return seen;
}

static void set_one(const char *address, const char *name)
{
	begin();
	ok(set(address, 60, name, NULL));
	commit();
}

static void unset_one(const char *address)
{
	begin();
	ok(unset(address));
	commit();
}

static unsigned count_table(enum store_table which)
{
	struct store_bytes key, value;
	struct store_cursor *cursor;
	unsigned count = 0;
	int found;

	ok(store_cursor_open(store, which, &cursor, &failure));
	found = store_cursor_seek(cursor, (struct store_bytes){NULL, 0}, &key, &value, &failure);
	for (; found == 1; count++)
		found = store_cursor_next(cursor, &key, &value, &failure);
	store_cursor_close(cursor);
	return count;
}

/* ---- Octets ---- */

static void write_and_read(const struct journal_entry *entry, struct journal_entry *again)
{
	uint8_t key[JOURNAL_KEY_BYTES];
	uint8_t *value = malloc(journal_value_room(entry));
	size_t bytes = journal_write_value(entry, value);

	assert_true(bytes <= journal_value_room(entry));
	journal_write_key(entry->sequence, entry->index, key);
	/* Cut anywhere it is none. */
	for (size_t cut = 0; cut < bytes; cut++)
		assert_int_equal(journal_parse((struct store_bytes){key, sizeof(key)},
					 (struct store_bytes){value, cut}, again),
			-1);
	assert_int_equal(journal_parse((struct store_bytes){key, sizeof(key)},
				 (struct store_bytes){value, bytes}, again),
		0);
	assert_int_equal(again->sequence, entry->sequence);
	assert_int_equal(again->index, entry->index);
	assert_int_equal(again->time, entry->time);
	assert_int_equal(again->zone, entry->zone);
	assert_int_equal(again->serial, entry->serial);
	assert_int_equal(again->kind, entry->kind);
	assert_int_equal(again->actor.bytes, entry->actor.bytes);
	assert_memory_equal(again->actor.octets, entry->actor.octets, entry->actor.bytes);
	free(value);
}

static void test_an_entry_comes_back_as_it_was_written(void **state)
{
	const struct prefix prefix = at("2001:db8::1");
	struct rrset_buffer ptr = ptr_set(300, "a.example.", "b.example.", NULL);
	struct journal_entry entry = {
		.sequence = UINT64_MAX - 1,
		.index = 7,
		.time = 1,
		.zone = 2,
		.serial = UINT32_MAX,
		.actor = {"alice", 5},
		.kind = JOURNAL_RRSET,
		.owner.owner = owner_from_prefix(&prefix),
		.type = WIRE_TYPE_PTR,
		.previous = 5,
		.has_after = true,
		.after = {.rrset = rrset_buffer_view(&ptr), .stamp = {1, 2, 3}},
	};
	struct journal_entry again;

	(void)state;
	write_and_read(&entry, &again);
	assert_true(owner_equal(&again.owner.owner, &entry.owner.owner));
	assert_int_equal(again.previous, 5);
	assert_false(again.has_before);
	assert_int_equal(again.after_octets.count, store_value_bytes(&entry.after));
	entry = (struct journal_entry){.sequence = 1,
		.kind = JOURNAL_BULK,
		.actor = {"", 0},
		.added = 10000000,
		.changed = 2,
		.removed = UINT64_MAX};
	write_and_read(&entry, &again);
	assert_true(again.added == 10000000 && again.changed == 2 && again.removed == UINT64_MAX);
	entry = (struct journal_entry){.sequence = 1,
		.kind = JOURNAL_REVERT,
		.actor = {"arpad", 5},
		.first = 1,
		.last = 2,
		.reverted = 3,
		.skipped = 4};
	write_and_read(&entry, &again);
	assert_true(
		again.first == 1 && again.last == 2 && again.reverted == 3 && again.skipped == 4);
	rrset_buffer_free(&ptr);
}

/* ---- What is noted ---- */

static void test_each_change_is_noted_with_its_zone_and_its_soa(void **state)
{
	(void)state;
	one_zone("192.0.2.0/24");
	assert_string_equal(each(0), "1.0a+;1.1r+SOA192.0.2.0/24;1.2r+192.0.2.0/24;");
	begin();
	ok(set("192.0.2.1", 60, "a.example.", NULL));
	assert_int_equal(unset("192.0.2.2"), -1); /* refused: it leaves nothing */
	ok(set("192.0.2.2", 60, "b.example.", NULL));
	ok(set("192.0.2.1", 60, "a.example.", NULL)); /* no change: no entry */
	commit();
	assert_string_equal(each(1), "2.0r+192.0.2.1;3.0r+192.0.2.2;3.1r-+SOA192.0.2.0/24;");
	begin();
	ok(unset("192.0.2.1"));
	update_abort(update);
	assert_string_equal(each(3), "");
	restart();
	unset_one("192.0.2.2");
	assert_string_equal(each(3), "4.0r-192.0.2.2;4.1r-+SOA192.0.2.0/24;");
}

static void test_a_chain_leads_over_deletion_and_restart(void **state)
{
	(void)state;
	one_zone("192.0.2.0/24");
	set_one("192.0.2.1", "a.example.");
	set_one("192.0.2.1", "b.example.");
	unset_one("192.0.2.1");
	assert_string_equal(history("192.0.2.1"), "4.0r-192.0.2.1;3.0r-+192.0.2.1;2.0r+192.0.2.1;");
	assert_int_equal(count_table(STORE_GONE), 1);
	restart();
	set_one("192.0.2.9", "x.example.");
	set_one("192.0.2.1", "c.example.");
	assert_int_equal(count_table(STORE_GONE), 0);
	assert_string_equal(history("192.0.2.1"),
		"6.0r+192.0.2.1;4.0r-192.0.2.1;3.0r-+192.0.2.1;2.0r+192.0.2.1;");
	assert_string_equal(history("192.0.2.200"), "");
}

static void test_several_changes_of_a_group_are_one_number_and_one_chain(void **state)
{
	struct update_group group;

	(void)state;
	one_zone("192.0.2.0/24");
	begin();
	ok(update_group_begin(update, &group, &failure));
	ok(set("192.0.2.1", 60, "a.example.", NULL));
	ok(set("192.0.2.1", 60, "b.example.", NULL));
	ok(unset("192.0.2.1"));
	ok(set("192.0.2.1", 60, "c.example.", NULL));
	ok(update_group_end(update, &group, &result, &failure));
	commit();
	assert_string_equal(history("192.0.2.1"),
		"2.3r+192.0.2.1;2.2r-192.0.2.1;2.1r-+192.0.2.1;2.0r+192.0.2.1;");
	begin();
	ok(update_group_begin(update, &group, &failure));
	ok(unset("192.0.2.1"));
	update_group_abort(update, &group);
	commit();
	assert_string_equal(each(2), "");
}

/* ---- Bulk ---- */

static void fill(unsigned count)
{
	char address[32];

	begin();
	for (unsigned i = 0; i < count; i++) {
		snprintf(address, sizeof(address), "10.0.%u.%u", i >> 8, i & 255);
		ok(set(address, 60, "h.example.", NULL));
	}
	commit();
}

static int find_bulk(void *context, const struct journal_entry *entry)
{
	struct journal_entry *found = context;

	if (entry->kind == JOURNAL_BULK) {
		found->sequence = entry->sequence;
		found->zone = entry->zone;
		found->added = entry->added;
		found->changed = entry->changed;
		found->removed = entry->removed;
	}
	return 0;
}

static int refuse_any(void *context, const struct journal_difference *difference)
{
	(void)context;
	(void)difference;
	return 1;
}

static void test_a_change_of_too_many_rrsets_is_counted(void **state)
{
	const struct prefix prefix = at("10.0.0.0/8"), one = at("10.0.0.1");
	const struct owner apex = owner_from_prefix(&prefix), owner = owner_from_prefix(&one);
	struct journal_entry bulk = {.sequence = 0};
	uint32_t zone, before;
	size_t count;
	uint64_t last;

	(void)state;
	one_zone("10.0.0.0/8");
	zone = update_zone_of(update, &owner)->id;
	fill(JOURNAL_RRSETS_MAX + 1);
	before = serial("10.0.0.0/8");
	last = store_sequence(store);
	begin();
	ok(update_unset_prefix(update, &prefix, SIZE_MAX, &count, &result, &failure));
	commit();
	assert_int_equal(count, JOURNAL_RRSETS_MAX + 1);
	ok(journal_each(store, last, UINT32_MAX, find_bulk, &bulk, &failure));
	assert_int_equal(bulk.sequence, last + 1);
	assert_int_equal(bulk.zone, zone);
	assert_int_equal(bulk.removed, JOURNAL_RRSETS_MAX + 1);
	assert_int_equal(bulk.added + bulk.changed, 0);
	/* The counted leave no marks; what came with them stays as it was noted. */
	assert_int_equal(count_table(STORE_GONE), 0);
	assert_string_equal(each(last), "10003.0b;10003.1r-+SOA10.0.0.0/8;");
	assert_int_equal(
		journal_differences(store, zone, &apex, before, refuse_any, NULL, &failure), -1);
	assert_failure(&failure, FAILURE_TOO_OLD, "transfer the whole zone");
	/* The address has a past, and it begins anew. */
	set_one("10.0.0.1", "new.example.");
	assert_string_equal(history("10.0.0.1"), "10004.0r+10.0.0.1;");
}

static void test_as_many_as_may_be_are_noted_one_by_one(void **state)
{
	const struct prefix prefix = at("10.0.0.0/8");
	struct journal_entry bulk = {.sequence = 0};
	size_t count;

	(void)state;
	one_zone("10.0.0.0/8");
	fill(JOURNAL_RRSETS_MAX);
	begin();
	ok(update_unset_prefix(update, &prefix, SIZE_MAX, &count, &result, &failure));
	commit();
	ok(journal_each(store, 0, UINT32_MAX, find_bulk, &bulk, &failure));
	assert_int_equal(bulk.sequence, 0);
	assert_int_equal(count_table(STORE_GONE), JOURNAL_RRSETS_MAX);
	/* 3 of the zone, 2 for each address, and a SOA for each of two batches. */
	assert_int_equal(count_table(STORE_JOURNAL), 3 + 2 * JOURNAL_RRSETS_MAX + 2);
}

static void test_a_zone_that_goes_with_many_is_counted_and_still_named(void **state)
{
	const struct prefix prefix = at("10.0.0.0/8");
	const struct owner apex = owner_from_prefix(&prefix);
	struct update_group group;
	size_t removed;
	uint64_t last;

	(void)state;
	one_zone("10.0.0.0/8");
	fill(JOURNAL_RRSETS_MAX + 1);
	last = store_sequence(store);
	begin();
	/* Behind another entry of the same change, which stays too. */
	ok(update_group_begin(update, &group, &failure));
	ok(add_zone("192.0.2.0/24"));
	ok(update_remove_zone(update, &apex, &sequence, &removed, &failure));
	ok(update_group_end(update, &group, &result, &failure));
	commit();
	assert_string_equal(each(last), "10003.0a+;10003.1g-;10003.2b;");
	restart();
	assert_string_equal(each(last), "10003.0a+;10003.1g-;10003.2b;");
}

static void test_an_import_of_many_is_one_entry(void **state)
{
	struct staging *staging = stage_zone("10.0.0.0/8", 5);
	char address[32];

	(void)state;
	for (unsigned i = 0; i <= JOURNAL_RRSETS_MAX; i++) {
		snprintf(address, sizeof(address), "10.0.%u.%u", i >> 8, i & 255);
		stage(staging, address, WIRE_TYPE_PTR, 60, "h.example.");
	}
	begin();
	ok(replace(staging));
	commit();
	assert_string_equal(each(0), "1.0a+;1.1b;");
	/* One that changes little is noted record by record, and its SOA. */
	staging = stage_zone("10.0.0.0/8", 6);
	for (unsigned i = 0; i < JOURNAL_RRSETS_MAX; i++) {
		snprintf(address, sizeof(address), "10.0.%u.%u", i >> 8, i & 255);
		stage(staging, address, WIRE_TYPE_PTR, i ? 60 : 61, "h.example.");
	}
	begin();
	ok(replace(staging));
	commit();
	assert_string_equal(each(1), "2.0r-+10.0.0.0;2.1r-10.0.39.16;2.2r-+SOA10.0.0.0/8;");
}

/* ---- What goes ---- */

static uint64_t first(void)
{
	uint64_t number;

	ok(journal_first(store, &number, &failure));
	return number;
}

static uint64_t bytes_kept(void)
{
	struct store_bytes value, key = {(const uint8_t *)"journal-bytes", strlen("journal-bytes")};

	assert_int_equal(store_kv_get(store, STORE_META, key, &value, &failure), 1);
	return (uint64_t)wire_get32(value.octets) << 32 | wire_get32(value.octets + 4);
}

static uint64_t bytes_there(void)
{
	struct store_bytes key, value;
	struct store_cursor *cursor;
	uint64_t bytes = 0;
	int found;

	ok(store_cursor_open(store, STORE_JOURNAL, &cursor, &failure));
	found = store_cursor_seek(cursor, (struct store_bytes){NULL, 0}, &key, &value, &failure);
	while (found == 1) {
		bytes += key.count + value.count;
		found = store_cursor_next(cursor, &key, &value, &failure);
	}
	store_cursor_close(cursor);
	return bytes;
}

static void test_the_oldest_go_where_there_are_too_many(void **state)
{
	const struct journal_limits limits = {0, 4000};
	char name[32];

	(void)state;
	one_zone("192.0.2.0/24");
	for (unsigned i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "h%u.example.", i);
		set_one("192.0.2.1", name);
	}
	unset_one("192.0.2.1");
	assert_int_equal(first(), 1);
	assert_true(bytes_kept() > 2 * limits.size_bytes);
	assert_int_equal(bytes_kept(), bytes_there());
	update_set_journal(update, &limits);
	/* Two entries come with each change, so four go. */
	set_one("192.0.2.2", "x.example.");
	assert_int_equal(first(), 3);
	assert_int_equal(bytes_kept(), bytes_there());
	restart();
	update_set_journal(update, &limits);
	for (unsigned i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "h%u.example.", i);
		set_one("192.0.2.3", name);
		assert_int_equal(bytes_kept(), bytes_there());
	}
	assert_true(bytes_kept() <= limits.size_bytes + 500);
	assert_true(first() > 62);
	/* The mark of the deletion went with its entry. */
	assert_int_equal(count_table(STORE_GONE), 0);
	assert_string_equal(history("192.0.2.1"), "");
	assert_int_equal(journal_each(store, 5, UINT32_MAX, note, NULL, &failure), -1);
	assert_failure(&failure, FAILURE_TOO_OLD, "read the records anew");
	ok(journal_each(store, first() - 1, UINT32_MAX, note, NULL, &failure));
	assert_int_equal(journal_each(store, first() - 2, UINT32_MAX, note, NULL, &failure), -1);
}

static void test_a_change_that_went_in_part_is_gone(void **state)
{
	const struct journal_limits small = {0, 1};
	const struct prefix prefix = at("192.0.2.0/24");
	uint64_t last;
	size_t count;

	(void)state;
	one_zone("192.0.2.0/24");
	begin();
	for (unsigned i = 0; i < 10; i++) {
		char address[32];

		snprintf(address, sizeof(address), "192.0.2.%u", i);
		ok(set(address, 60, "h.example.", NULL));
	}
	commit();
	begin();
	ok(update_unset_prefix(update, &prefix, SIZE_MAX, &count, &result, &failure));
	commit();
	last = store_sequence(store);
	update_set_journal(update, &small);
	/* Four at a time: 14 of before, then into the one of 11. */
	for (unsigned i = 0; first() < last; i++) {
		assert_int_equal(
			journal_each(store, first() - 1, UINT32_MAX, note, NULL, &failure), 0);
		set_one("192.0.2.77", i % 2 ? "a.example." : "b.example.");
	}
	set_one("192.0.2.77", "c.example.");
	assert_true(first() > last);
	assert_int_equal(journal_each(store, last - 1, UINT32_MAX, note, NULL, &failure), -1);
	assert_int_equal(journal_each(store, last, 3, note, NULL, &failure), -1);
	ok(journal_each(store, last, UINT32_MAX, note, NULL, &failure));
}

static void test_a_batch_keeps_its_own_entries(void **state)
{
	const struct journal_limits none = {0, 0};

	(void)state;
	update_set_journal(update, &none);
	one_zone("192.0.2.0/24");
	assert_string_equal(each(0), "1.0a+;1.1r+SOA192.0.2.0/24;1.2r+192.0.2.0/24;");
	set_one("192.0.2.1", "a.example.");
	assert_string_equal(each(1), "2.0r+192.0.2.1;2.1r-+SOA192.0.2.0/24;");
	assert_int_equal(journal_each(store, 0, UINT32_MAX, note, NULL, &failure), -1);
}

static void test_the_old_go_by_their_age(void **state)
{
	const struct journal_limits limits = {60, UINT64_MAX};
	struct journal journal = {.store = store, .limits = limits};
	const struct prefix prefix = at("192.0.2.1");
	struct journal_entry entry = {.kind = JOURNAL_SETTINGS,
		.actor = {"", 0},
		.owner.owner = owner_from_prefix(&prefix)};

	(void)state;
	/* The clock is given: 1000 for the first ten, 1061 for the one behind them. */
	ok(journal_open(&journal, store, &failure));
	for (unsigned i = 1; i <= 11; i++) {
		entry.sequence = i;
		entry.time = i <= 10 ? 1000 : 1061;
		ok(store_begin(store, &failure));
		journal_begin(&journal);
		ok(store_next_sequence(store, &sequence, &failure));
		ok(journal_note(&journal, &entry, &failure));
		ok(journal_finish(&journal, entry.time, &failure));
		ok(store_commit(store, &failure));
	}
	assert_int_equal(first(), 3);
	/* A clock that went back makes nothing older. */
	entry.sequence = 12;
	entry.time = 5;
	ok(store_begin(store, &failure));
	journal_begin(&journal);
	ok(store_next_sequence(store, &sequence, &failure));
	ok(journal_note(&journal, &entry, &failure));
	ok(journal_finish(&journal, entry.time, &failure));
	ok(store_commit(store, &failure));
	assert_int_equal(first(), 3);
	journal_close(&journal);
}

/* ---- Differences ---- */

static int count_steps(void *context, const struct journal_difference *difference)
{
	unsigned *counts = context;

	counts[difference->step]++;
	return 0;
}

static void test_differences_join_what_a_version_did(void **state)
{
	const struct prefix prefix = at("192.0.2.0/24");
	const struct owner apex = owner_from_prefix(&prefix);
	unsigned counts[4] = {0};
	uint32_t zone, from;

	(void)state;
	one_zone("192.0.2.0/24");
	zone = update_zone_of(update, &apex)->id;
	from = serial("192.0.2.0/24");
	begin();
	ok(set("192.0.2.1", 60, "a.example.", "b.example."));
	ok(unset("192.0.2.1")); /* never was, for a secondary */
	ok(set("192.0.2.2", 60, "a.example.", NULL));
	ok(set("192.0.2.2", 60, "a.example.", "b.example."));
	commit();
	ok(journal_differences(store, zone, &apex, from, count_steps, counts, &failure));
	assert_int_equal(counts[JOURNAL_OLD_SOA], 1);
	assert_int_equal(counts[JOURNAL_DELETED], 0);
	assert_int_equal(counts[JOURNAL_NEW_SOA], 1);
	assert_int_equal(counts[JOURNAL_ADDED], 2);
	begin();
	ok(set("192.0.2.2", 60, "b.example.", "c.example."));
	commit();
	memset(counts, 0, sizeof(counts));
	ok(journal_differences(store, zone, &apex, from, count_steps, counts, &failure));
	assert_int_equal(counts[JOURNAL_OLD_SOA], 2);
	assert_int_equal(counts[JOURNAL_DELETED], 1);
	assert_int_equal(counts[JOURNAL_ADDED], 3);
	memset(counts, 0, sizeof(counts));
	ok(journal_differences(
		store, zone, &apex, serial("192.0.2.0/24"), count_steps, counts, &failure));
	assert_int_equal(counts[JOURNAL_OLD_SOA], 0);
	assert_int_equal(
		journal_differences(store, zone, &apex, 4711, count_steps, counts, &failure), -1);
	assert_failure(&failure, FAILURE_TOO_OLD, "transfer the whole zone");
	assert_int_equal(
		journal_differences(store, zone + 1, &apex, 1, count_steps, counts, &failure), -1);
	assert_failure(&failure, FAILURE_NOT_FOUND, "no such zone");
}

/* A zone that rests while others change keeps its differences as long as its own batch is kept. */
static void test_differences_end_where_the_journal_begins(void **state)
{
	const struct journal_limits small = {0, 3000};
	const struct prefix prefix = at("192.0.2.0/24");
	const struct owner apex = owner_from_prefix(&prefix);
	unsigned counts[4] = {0};
	uint32_t zone, from;

	(void)state;
	one_zone("192.0.2.0/24");
	one_zone("198.51.100.0/24");
	zone = update_zone_of(update, &apex)->id;
	from = serial("192.0.2.0/24");
	update_set_journal(update, &small);
	for (unsigned i = 0; i < 20; i++)
		set_one("198.51.100.1", i % 2 ? "a.example." : "b.example.");
	assert_true(first() > 2); /* the zone's first version went */
	set_one("192.0.2.1", "a.example.");
	ok(journal_differences(store, zone, &apex, from, count_steps, counts, &failure));
	assert_int_equal(counts[JOURNAL_ADDED], 1);
	for (unsigned i = 0; i < 20; i++)
		set_one("198.51.100.1", i % 2 ? "a.example." : "b.example.");
	assert_int_equal(
		journal_differences(store, zone, &apex, from, count_steps, counts, &failure), -1);
	assert_failure(&failure, FAILURE_TOO_OLD, "transfer the whole zone");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_entry_comes_back_as_it_was_written),
		CASE(test_each_change_is_noted_with_its_zone_and_its_soa),
		CASE(test_a_chain_leads_over_deletion_and_restart),
		CASE(test_several_changes_of_a_group_are_one_number_and_one_chain),
		CASE(test_a_change_of_too_many_rrsets_is_counted),
		CASE(test_as_many_as_may_be_are_noted_one_by_one),
		CASE(test_a_zone_that_goes_with_many_is_counted_and_still_named),
		CASE(test_an_import_of_many_is_one_entry),
		CASE(test_the_oldest_go_where_there_are_too_many),
		CASE(test_a_change_that_went_in_part_is_gone),
		CASE(test_a_batch_keeps_its_own_entries),
		CASE(test_the_old_go_by_their_age),
		CASE(test_differences_join_what_a_version_did),
		CASE(test_differences_end_where_the_journal_begins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
