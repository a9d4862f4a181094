/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random batches over zones that nest, with changes that fail, groups that are undone and restarts.
 * After each batch a copy of all that is stored is kept: the journal must lead from every copy to
 * every later one, octet by octet, and its differences from every version of a zone to the last.
 */
#include "control/array.h"
#include "control/journal/journal.h"
#include "tests/control/update_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCHES = 120, SEEDS = 6 };

/* Something stored: a zone's number, an owner and a type -> a value. */
struct thing {
	uint8_t key[STORE_KEY_MAX_BYTES];
	size_t key_bytes;
	uint8_t *value;
	size_t value_bytes;
};

struct copy {
	struct thing *things; /* by key */
	size_t count, capacity;
	uint64_t sequence;
};

static struct copy copies[BATCHES + 1];
static size_t copy_count;

/* ---- Copies ---- */

static void add_thing(
	struct copy *copy, size_t at, struct store_bytes key, struct store_bytes value)
{
	struct thing *thing;

	copy->things =
		array_grow(copy->things, copy->count, &copy->capacity, sizeof(*copy->things));
	assert_non_null(copy->things);
	memmove(copy->things + at + 1, copy->things + at,
		(copy->count - at) * sizeof(*copy->things));
	copy->count++;
	thing = &copy->things[at];
	memcpy(thing->key, key.octets, key.count);
	thing->key_bytes = key.count;
	thing->value = malloc(value.count);
	memcpy(thing->value, value.octets, value.count);
	thing->value_bytes = value.count;
}

static void take_copy(void)
{
	struct copy *copy = &copies[copy_count++];
	struct store_bytes key, value;
	struct store_cursor *cursor;
	int found;

	*copy = (struct copy){.sequence = store_sequence(store)};
	ok(store_cursor_open(store, STORE_RRSETS, &cursor, &failure));
	found = store_cursor_seek(cursor, (struct store_bytes){NULL, 0}, &key, &value, &failure);
	while (found == 1) {
		add_thing(copy, copy->count, key, value);
		found = store_cursor_next(cursor, &key, &value, &failure);
	}
	assert_int_equal(found, 0);
	store_cursor_close(cursor);
}

static void free_copy(struct copy *copy)
{
	for (size_t i = 0; i < copy->count; i++)
		free(copy->things[i].value);
	free(copy->things);
}

static void clone(const struct copy *copy, struct copy *made)
{
	*made = (struct copy){.sequence = copy->sequence};
	for (size_t i = 0; i < copy->count; i++)
		add_thing(made, i,
			(struct store_bytes){copy->things[i].key, copy->things[i].key_bytes},
			(struct store_bytes){copy->things[i].value, copy->things[i].value_bytes});
}

static int compare_key(const struct thing *thing, struct store_bytes key)
{
	size_t shared = thing->key_bytes < key.count ? thing->key_bytes : key.count;
	int order = memcmp(thing->key, key.octets, shared);

	return order != 0 ? order : (thing->key_bytes > key.count) - (thing->key_bytes < key.count);
}

/* Where the key is, or where it would be. */
static size_t find_thing(const struct copy *copy, struct store_bytes key, bool *found)
{
	size_t at = 0;

	while (at < copy->count && compare_key(&copy->things[at], key) < 0)
		at++;
	*found = at < copy->count && compare_key(&copy->things[at], key) == 0;
	return at;
}

static void assert_same(const struct copy *is, const struct copy *wanted)
{
	assert_int_equal(is->count, wanted->count);
	for (size_t i = 0; i < is->count; i++) {
		assert_int_equal(is->things[i].key_bytes, wanted->things[i].key_bytes);
		assert_memory_equal(
			is->things[i].key, wanted->things[i].key, is->things[i].key_bytes);
		assert_int_equal(is->things[i].value_bytes, wanted->things[i].value_bytes);
		assert_memory_equal(
			is->things[i].value, wanted->things[i].value, is->things[i].value_bytes);
	}
}

/* ---- The journal applied to a copy ---- */

struct replay {
	struct copy state;
	size_t next; /* the copy that is reached next */
	uint64_t sequence;
	uint32_t index;
	bool any;
};

/* The copies whose change is over must be what the entries made. */
static void check_reached(struct replay *replay, uint64_t number)
{
	while (replay->next < copy_count && copies[replay->next].sequence < number)
		assert_same(&replay->state, &copies[replay->next++]);
}

static void drop_thing(struct copy *copy, size_t at)
{
	free(copy->things[at].value);
	copy->count--;
	memmove(copy->things + at, copy->things + at + 1,
		(copy->count - at) * sizeof(*copy->things));
}

static void apply(struct copy *copy, const struct journal_entry *entry)
{
	uint8_t octets[STORE_KEY_MAX_BYTES];
	struct store_bytes key = {
		octets, store_write_key(entry->zone, &entry->owner.owner, entry->type, octets)};
	bool found;
	size_t at = find_thing(copy, key, &found);

	assert_int_equal(found, entry->has_before);
	if (found) {
		struct stored was;

		assert_int_equal(copy->things[at].value_bytes, entry->before_octets.count);
		assert_memory_equal(copy->things[at].value, entry->before_octets.octets,
			entry->before_octets.count);
		assert_int_equal(store_parse_value(entry->type, copy->things[at].value,
					 copy->things[at].value_bytes, &was),
			0);
		assert_int_equal(entry->previous, was.stamp.sequence);
		drop_thing(copy, at);
	}
	if (entry->has_after) {
		assert_int_equal(entry->after.stamp.sequence, entry->sequence);
		add_thing(copy, at, key, entry->after_octets);
	}
}

static int replay_entry(void *context, const struct journal_entry *entry)
{
	struct replay *replay = context;

	/* In order, each once, and none is missing. */
	if (replay->any && entry->sequence == replay->sequence)
		assert_int_equal(entry->index, replay->index + 1);
	else
		assert_int_equal(entry->index, 0);
	assert_true(entry->sequence == replay->sequence || entry->sequence == replay->sequence + 1);
	check_reached(replay, entry->sequence);
	if (entry->kind == JOURNAL_RRSET)
		apply(&replay->state, entry);
	replay->sequence = entry->sequence;
	replay->index = entry->index;
	replay->any = true;
	return 0;
}

static void check_replays(void)
{
	for (size_t from = 0; from < copy_count; from++) {
		struct replay replay = {.next = from + 1, .sequence = copies[from].sequence};

		clone(&copies[from], &replay.state);
		ok(journal_each(
			store, copies[from].sequence, UINT32_MAX, replay_entry, &replay, &failure));
		check_reached(&replay, UINT64_MAX);
		assert_int_equal(replay.next, copy_count);
		free_copy(&replay.state);
	}
}

/* ---- Differences applied to a zone ---- */

/* A record: its RRset's key, TTL and data. */
struct record_text {
	char text[STORE_KEY_MAX_BYTES * 2 + 700];
};

struct records {
	struct record_text *record;
	size_t count, capacity;
	enum journal_step step;
	uint32_t serial;
};

static void write_record(struct record_text *record, struct store_bytes key, uint32_t ttl,
	const uint8_t *rdata, size_t bytes)
{
	char *at = record->text;

	for (size_t i = 0; i < key.count; i++)
		at += sprintf(at, "%02x", key.octets[i]);
	at += sprintf(at, " %u ", ttl);
	for (size_t i = 0; i < bytes; i++)
		at += sprintf(at, "%02x", rdata[i]);
}

static void add_record(struct records *records, const struct record_text *record)
{
	records->record = array_grow(
		records->record, records->count, &records->capacity, sizeof(*records->record));
	assert_non_null(records->record);
	records->record[records->count++] = *record;
}

static bool take_record(struct records *records, const struct record_text *record)
{
	for (size_t i = 0; i < records->count; i++)
		if (strcmp(records->record[i].text, record->text) == 0) {
			records->record[i] = records->record[--records->count];
			return true;
		}
	return false;
}

/* All records of the zone in a copy; false: the zone is not there. */
static bool zone_records(const struct copy *copy, uint32_t zone, struct records *records)
{
	bool any = false;

	for (size_t i = 0; i < copy->count; i++) {
		const struct thing *thing = &copy->things[i];
		uint16_t type = wire_get16(thing->key + thing->key_bytes - 2), bytes;
		struct record_text record;
		const uint8_t *rdata;
		struct stored stored;
		uint32_t offset = 0;

		if (wire_get32(thing->key) != zone)
			continue;
		assert_int_equal(
			store_parse_value(type, thing->value, thing->value_bytes, &stored), 0);
		while ((rdata = rrset_next(&stored.rrset, &offset, &bytes)) != NULL) {
			write_record(&record,
				(struct store_bytes){thing->key + 4, thing->key_bytes - 4},
				stored.rrset.ttl, rdata, bytes);
			add_record(records, &record);
			if (type == WIRE_TYPE_SOA)
				records->serial = soa_serial(rdata, bytes);
			any |= type == WIRE_TYPE_SOA;
		}
	}
	return any;
}

static int apply_difference(void *context, const struct journal_difference *difference)
{
	struct records *records = context;
	uint8_t key[STORE_KEY_MAX_BYTES];
	struct record_text record;

	/* Old SOA, what goes, new SOA, what comes; then the next version. */
	if (difference->step == JOURNAL_OLD_SOA)
		assert_true(records->step == JOURNAL_NEW_SOA || records->step == JOURNAL_ADDED);
	else
		assert_true(difference->step >= records->step);
	records->step = difference->step;
	write_record(&record,
		(struct store_bytes){
			key, store_write_rrset_key(difference->owner, difference->type, key)},
		difference->ttl, difference->rdata, difference->rdata_bytes);
	if (difference->step == JOURNAL_OLD_SOA || difference->step == JOURNAL_DELETED) {
		assert_true(take_record(records, &record));
		return 0;
	}
	assert_false(take_record(records, &record));
	add_record(records, &record);
	return 0;
}

struct zone_check {
	struct owner apex;
	uint32_t zone;
};

static int check_zone(void *context, const struct owner *apex, uint32_t zone)
{
	const struct copy *last = &copies[copy_count - 1];

	(void)context;
	for (size_t from = 0; from < copy_count; from++) {
		struct records is = {.step = JOURNAL_ADDED}, wanted = {.count = 0};

		if (zone_records(&copies[from], zone, &is)) {
			ok(journal_differences(
				store, zone, apex, is.serial, apply_difference, &is, &failure));
			assert_true(zone_records(last, zone, &wanted));
			assert_int_equal(is.count, wanted.count);
			for (size_t i = 0; i < is.count; i++)
				assert_true(take_record(&wanted, &is.record[i]));
		}
		free(is.record);
		free(wanted.record);
	}
	return 0;
}

/* ---- What happens ---- */

static const char *const apexes[] = {
	"192.0.2.0/24", "192.0.0.0/16", "2001:db8::/32", "198.51.100.0/24"};

static unsigned any(unsigned below)
{
	return (unsigned)random() % below;
}

static const char *any_address(void)
{
	static const char *const addresses[] = {"192.0.2.1", "192.0.2.2", "192.0.2.200",
		"192.0.3.1", "192.0.3.7", "2001:db8::1", "2001:db8:1::2", "198.51.100.9"};

	return addresses[any(sizeof(addresses) / sizeof(addresses[0]))];
}

static void any_ptr(void)
{
	static const char *const names[] = {"a.example.", "b.example.", "B.example.", "c.example."};
	static const struct details details[] = {
		{.description = {"web", 3}}, {.tenant = {"acme", 4}}, {.tag_count = 0}};
	const struct wire_name name[2] = {named(names[any(2)]), named(names[2 + any(2)])};
	const struct ptr_change change = {
		.how = (enum ptr_how)any(3),
		.names = name,
		.count = 1 + any(2),
		.ttl = any(3) == 0 ? 60 + (int)any(2) : -1,
		.details = &details[any(3)],
		.details_given = any(8),
		.if_sequence = any(10) == 0 ? (int)any(20) : -1,
	};

	change_ptr(any_address(), &change); /* or it fails, and leaves nothing */
}

static void any_zone(void)
{
	const struct prefix prefix = at(apexes[any(4)]);
	const struct owner apex = owner_from_prefix(&prefix);
	const struct zone_settings settings = {
		.serial_policy = (uint8_t)any(ZONE_SERIALS), .ttl = any(2) * 77};
	size_t removed;

	switch (any(3)) {
	case 0:
		update_remove_zone(update, &apex, &sequence, &removed, &failure);
		break;
	case 1:
		update_set_zone_settings(update, &apex, &settings, &result, &failure);
		break;
	default:
		add_zone(apexes[any(4)]);
	}
}

static void any_import(void)
{
	struct staging *staging = stage_zone("192.0.2.0/24", any(50));

	stage(staging, "192.0.2.1", WIRE_TYPE_PTR, 60, any(2) ? "a.example." : "z.example.");
	if (any(2))
		stage(staging, "192.0.2.66", WIRE_TYPE_PTR, 60, "i.example.");
	replace(staging);
}

static void any_change(void)
{
	switch (any(12)) {
	case 0:
		any_zone();
		break;
	case 1:
	case 2:
	case 3:
		unset(any_address());
		break;
	default:
		any_ptr();
	}
}

static void any_group(void)
{
	struct update_group group;

	ok(update_group_begin(update, &group, &failure));
	for (unsigned i = any(5); i > 0; i--)
		any_change();
	if (any(3))
		update_group_end(update, &group, &result, &failure);
	else
		update_group_abort(update, &group);
}

/* Undoes some change of the past. */
static void any_revert(void)
{
	uint64_t last = store_sequence(store), number = 1 + any((unsigned)last);
	size_t reverted, skipped;

	if (last > 0)
		ok(update_revert(update, number, number, &result, &reverted, &skipped, &failure));
}

static void any_batch(void)
{
	begin();
	for (unsigned i = 1 + any(6); i > 0; i--)
		switch (any(12)) {
		case 0:
			any_revert();
			break;
		case 1:
			any_import();
			break;
		case 2:
		case 3:
			any_group();
			break;
		default:
			any_change();
		}
	if (any(10) == 0)
		update_abort(update);
	else
		commit();
}

static void run(unsigned number)
{
	srandom(number);
	copy_count = 0;
	take_copy();
	begin();
	for (size_t i = 0; i < 3; i++)
		ok(add_zone(apexes[i]));
	commit();
	take_copy();
	for (unsigned i = 1; i < BATCHES; i++) {
		any_batch();
		if (any(20) == 0)
			restart();
		take_copy();
	}
	check_replays();
	ok(store_each_zone(store, check_zone, NULL, &failure));
	for (size_t i = 0; i < copy_count; i++)
		free_copy(&copies[i]);
}

static void test_the_journal_leads_from_every_state_to_every_later_one(void **state)
{
	for (unsigned number = 1; number <= SEEDS; number++) {
		run(number);
		tear_down(state);
		set_up(state);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_the_journal_leads_from_every_state_to_every_later_one, set_up,
			tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
