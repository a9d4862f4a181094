/* SPDX-License-Identifier: BSD-3-Clause */
/* Changes kept or undone as one, and all objects of a prefix: update_batch.c, update_prefix.c. */
#include "tests/control/update_fixture.h"

#include <stdio.h>
#include <string.h>

static struct update_group group;

static void a_group_is_one_change(void **state)
{
	(void)state;
	one_zone("192.0.2.0/24");
	begin();
	ok(set("192.0.2.9", 60, "before.", NULL));
	ok(update_group_begin(update, &group, &failure));
	ok(set("192.0.2.1", 60, "a.", NULL));
	assert_int_equal(sequence, 3);
	ok(set("192.0.2.2", 60, "b.", NULL));
	assert_int_equal(sequence, 3);
	ok(unset("192.0.2.1"));
	ok(add_zone("10.0.0.0/8"));
	ok(set("10.0.0.1", 60, "c.", NULL));
	ok(update_group_end(update, &group, &result, &failure));
	assert_true(result.changed);
	assert_int_equal(result.sequence, 3);
	ok(set("192.0.2.3", 60, "after.", NULL));
	assert_int_equal(sequence, 4);
	commit();
	for (int round = 0; round < 2; round++) {
		assert_string_equal(answer("192.0.2.1"), "");
		assert_string_equal(answer("192.0.2.2"), "b.");
		assert_string_equal(answer("192.0.2.3"), "after.");
		assert_string_equal(answer("10.0.0.1"), "c.");
		assert_int_equal(serial("192.0.2.0/24"), 2);
		assert_int_equal(store_sequence(store), 4);
		restart();
	}
}

static void one_failure_undoes_the_group_alone(void **state)
{
	(void)state;
	one_zone("192.0.2.0/24");
	begin();
	ok(set("192.0.2.9", 60, "before.", NULL));
	ok(update_group_begin(update, &group, &failure));
	ok(set("192.0.2.1", 60, "a.", NULL));
	ok(set("192.0.2.9", 60, "other.", NULL));
	ok(add_zone("10.0.0.0/8"));
	assert_int_equal(unset("192.0.2.5"), -1);
	assert_failure(&failure, FAILURE_NOT_FOUND, "192.0.2.5");
	/* What comes behind it fails likewise, with the first failure. */
	assert_int_equal(set("192.0.2.6", 60, "b.", NULL), -1);
	assert_failure(&failure, FAILURE_NOT_FOUND, "192.0.2.5");
	failure.code = FAILURE_NONE;
	assert_int_equal(update_group_end(update, &group, &result, &failure), -1);
	assert_failure(&failure, FAILURE_NOT_FOUND, "192.0.2.5");
	ok(set("192.0.2.3", 60, "after.", NULL));
	assert_int_equal(sequence, 3);
	commit();
	for (int round = 0; round < 2; round++) {
		assert_string_equal(answer("192.0.2.1"), "");
		assert_string_equal(answer("192.0.2.9"), "before.");
		assert_string_equal(answer("192.0.2.3"), "after.");
		assert_string_equal(zone_at("10.0.0.1"), "");
		assert_int_equal(store_sequence(store), 3);
		restart();
	}
}

static void a_group_may_be_aborted_or_change_nothing(void **state)
{
	(void)state;
	one_zone("192.0.2.0/24");
	begin();
	ok(set("192.0.2.9", 60, "before.", NULL));
	ok(update_group_begin(update, &group, &failure));
	ok(set("192.0.2.1", 60, "a.", NULL));
	update_group_abort(update, &group);
	ok(update_group_begin(update, &group, &failure));
	ok(set("192.0.2.9", 60, "before.", NULL));
	assert_false(result.changed);
	assert_int_equal(result.sequence, 2);
	ok(update_group_end(update, &group, &result, &failure));
	assert_false(result.changed);
	assert_int_equal(result.sequence, 2);
	ok(set("192.0.2.2", 60, "b.", NULL));
	assert_int_equal(sequence, 3);
	commit();
	assert_string_equal(answer("192.0.2.1"), "");
	assert_string_equal(answer("192.0.2.2"), "b.");
	assert_string_equal(answer("192.0.2.9"), "before.");
}

static uint64_t records(const char *apex)
{
	const struct prefix prefix = at(apex);
	const struct owner owner = owner_from_prefix(&prefix);
	uint64_t count = 0;

	ok(update_get_zone_records(update, &owner, &count, &failure));
	return count;
}

/* What is undone, alone or with its group, is not counted. */
static void records_are_counted(void **state)
{
	const struct prefix prefix = at("192.0.2.0/25");
	const struct owner none = owner_from_prefix(&prefix);
	uint64_t count;

	(void)state;
	one_zone("192.0.2.0/24");
	one_zone("10.0.0.0/8");
	assert_int_equal(records("192.0.2.0/24"), 2);
	begin();
	ok(set("192.0.2.1", 60, "a.", NULL));
	ok(set("192.0.2.2", 60, "a.", NULL));
	ok(set("10.0.0.1", 60, "a.", NULL));
	ok(set("192.0.2.2", 61, "a.", NULL));
	ok(update_group_begin(update, &group, &failure));
	ok(set("192.0.2.3", 60, "a.", NULL));
	ok(set("10.0.0.2", 60, "a.", NULL));
	ok(unset("192.0.2.1"));
	ok(update_group_end(update, &group, &result, &failure));
	ok(update_group_begin(update, &group, &failure));
	ok(set("192.0.2.4", 60, "a.", NULL));
	ok(set("192.0.2.5", 60, "a.", NULL));
	update_group_abort(update, &group);
	assert_int_equal(unset("192.0.2.9"), -1);
	ok(unset("192.0.2.3"));
	commit();
	assert_int_equal(records("192.0.2.0/24"), 3);
	assert_int_equal(records("10.0.0.0/8"), 4);
	assert_int_equal(update_get_zone_records(update, &none, &count, &failure), -1);
	assert_failure(&failure, FAILURE_NOT_FOUND, "no zone 192.0.2.0/25");
	restart();
	assert_int_equal(records("192.0.2.0/24"), 3);
	assert_int_equal(records("10.0.0.0/8"), 4);
}

/* More zones than the first chains are made for; nested ones, some undone, some gone again. */
static void many_zones_fit_one_batch(void **state)
{
	enum { ZONES = 200 };
	char text[32];
	size_t removed;

	(void)state;
	one_zone("10.0.0.0/8");
	for (int batch = 0; batch < 2; batch++) {
		begin();
		for (int i = 0; i < ZONES; i++) {
			snprintf(text, sizeof(text), "10.%d.%d.0/24", batch, i);
			ok(update_group_begin(update, &group, &failure));
			ok(add_zone(text));
			snprintf(text, sizeof(text), "10.%d.%d.1", batch, i);
			ok(set(text, 60, "a.", NULL));
			if (i % 5 == 1)
				update_group_abort(update, &group);
			else
				ok(update_group_end(update, &group, &result, &failure));
		}
		for (int i = 0; i < ZONES; i += 5) {
			struct prefix prefix;
			struct owner apex;

			snprintf(text, sizeof(text), "10.%d.%d.0/24", batch, i);
			prefix = at(text);
			apex = owner_from_prefix(&prefix);
			ok(update_remove_zone(update, &apex, &sequence, &removed, &failure));
			assert_int_equal(removed, 3);
			if (i % 10 == 0)
				ok(add_zone(text));
			snprintf(text, sizeof(text), "10.%d.%d.2", batch, i);
			ok(set(text, 60, "b.", NULL));
		}
		commit();
	}
	for (int round = 0; round < 2; round++) {
		for (int batch = 0; batch < 2; batch++)
			for (int i = 0; i < ZONES; i++) {
				bool here = i % 5 != 1 && i % 10 != 5;

				snprintf(text, sizeof(text), "10.%d.%d.0/24", batch, i);
				assert_string_equal(zone_at(text), here ? text : "10.0.0.0/8");
				snprintf(text, sizeof(text), "10.%d.%d.1", batch, i);
				assert_string_equal(answer(text), i % 5 < 2 ? "" : "a.");
				snprintf(text, sizeof(text), "10.%d.%d.2", batch, i);
				assert_string_equal(answer(text), i % 5 == 0 ? "b." : "");
			}
		assert_int_equal(serial("10.0.0.0/8"), 3);
		restart();
	}
}

/* ---- Prefixes ---- */

static int unset_prefix(const char *text, size_t limit, size_t *count)
{
	const struct prefix prefix = at(text);

	return update_unset_prefix(update, &prefix, limit, count, &result, &failure);
}

static size_t count_prefix(const char *text)
{
	const struct prefix prefix = at(text);
	size_t count;

	ok(update_count_prefix(update, &prefix, &count, &failure));
	return count;
}

static void all_of_a_prefix_goes_at_once(void **state)
{
	enum { MANY = 3000 }; /* some pages */
	char address[32];
	size_t count;

	(void)state;
	begin();
	ok(add_zone("10.0.0.0/8"));
	ok(add_zone("10.1.0.0/16"));
	ok(add_zone("2001:db8::/32"));
	for (int i = 0; i < MANY; i++) {
		snprintf(address, sizeof(address), "10.%d.%d.%d", i % 2, i / 512, i / 2 % 256);
		ok(set(address, 60, "a.", NULL));
	}
	ok(set("10.0.128.1", 60, "kept.", NULL));
	ok(set("2001:db8::1", 60, "kept.", NULL));
	ok(set("2001:db8:8000::1", 60, "gone.", NULL));
	commit();
	assert_int_equal(count_prefix("10.0.0.0/8"), MANY + 1);
	assert_int_equal(count_prefix("10.0.0.0/17"), MANY / 2);
	assert_int_equal(count_prefix("10.1.0.0/16"), MANY / 2);
	assert_int_equal(count_prefix("10.0.0.0/30"), 4);
	assert_int_equal(count_prefix("10.0.0.7"), 1);
	assert_int_equal(count_prefix("10.9.0.0/16"), 0);
	begin();
	assert_int_equal(unset_prefix("10.1.0.0/16", MANY / 2 - 1, &count), -1);
	assert_failure(&failure, FAILURE_TOO_LARGE, "10.1.0.0/16 has more than 1499");
	assert_int_equal(unset_prefix("10.9.0.0/16", MANY, &count), -1);
	assert_failure(&failure, FAILURE_NOT_FOUND, "no PTR in 10.9.0.0/16");
	assert_int_equal(count_prefix("10.1.0.0/16"), MANY / 2);
	ok(unset_prefix("10.0.0.0/30", 4, &count));
	assert_int_equal(count, 4);
	assert_int_equal(result.sequence, store_sequence(store));
	ok(unset_prefix("2001:db8:8000::/33", 5, &count));
	assert_int_equal(count, 1);
	ok(unset_prefix("10.0.0.0/9", MANY + 1, &count));
	assert_int_equal(count, MANY + 1 - 4);
	commit();
	for (int round = 0; round < 2; round++) {
		assert_int_equal(count_prefix("0.0.0.0/0"), 0);
		assert_string_equal(answer("10.1.0.1"), "");
		assert_string_equal(answer("10.0.0.4"), "");
		assert_string_equal(answer("2001:db8::1"), "kept.");
		assert_string_equal(answer("2001:db8:8000::1"), "");
		assert_int_equal(serial("10.0.0.0/8"), 2);
		assert_int_equal(serial("10.1.0.0/16"), 2);
		assert_int_equal(record_rrset(find("10.1.0.0/16"), WIRE_TYPE_NS)->count, 2);
		restart();
	}
}

static void a_prefix_is_left_alone_where_one_zone_is_frozen(void **state)
{
	const struct prefix prefix = at("10.1.0.0/16");
	const struct owner apex = owner_from_prefix(&prefix);
	const struct zone_settings settings = {.frozen = true};
	size_t count;

	(void)state;
	begin();
	ok(add_zone("10.0.0.0/8"));
	ok(add_zone("10.1.0.0/16"));
	ok(set("10.0.0.1", 60, "a.", NULL));
	ok(set("10.1.0.1", 60, "b.", NULL));
	ok(update_set_zone_settings(update, &apex, &settings, &result, &failure));
	commit();
	begin();
	assert_int_equal(unset_prefix("10.0.0.0/8", 10, &count), -1);
	assert_failure(&failure, FAILURE_CONFLICT, "the zone 10.1.0.0/16 is frozen");
	commit();
	assert_int_equal(count_prefix("10.0.0.0/8"), 2);
	assert_string_equal(answer("10.0.0.1"), "a.");
	assert_int_equal(serial("10.0.0.0/8"), 1);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_group_is_one_change),
		CASE(one_failure_undoes_the_group_alone),
		CASE(a_group_may_be_aborted_or_change_nothing),
		CASE(records_are_counted),
		CASE(many_zones_fit_one_batch),
		CASE(all_of_a_prefix_goes_at_once),
		CASE(a_prefix_is_left_alone_where_one_zone_is_frozen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
