/* SPDX-License-Identifier: BSD-3-Clause */
/* Zones frozen and thawed, and their serials: control/update/update_zone.c, update_batch.c. */
#include "tests/control/update_fixture.h"

#include <string.h>
#include <time.h>

enum { NOW = 1559731985 }; /* 2019-06-05 10:53:05 UTC */

static time_t now = NOW;
time_t __wrap_time(time_t *to);

time_t __wrap_time(time_t *to)
{
	if (to != NULL)
		*to = now;
	return now;
}

static int set_zone(const char *apex, uint8_t policy, bool frozen)
{
	const struct prefix prefix = at(apex);
	const struct owner owner = owner_from_prefix(&prefix);
	const struct zone_settings settings = {policy, frozen, 0};

	return update_set_zone_settings(update, &owner, &settings, &result, &failure);
}

static struct zone_settings get_zone(const char *apex)
{
	const struct prefix prefix = at(apex);
	const struct owner owner = owner_from_prefix(&prefix);
	struct zone_settings settings;

	ok(update_get_zone_settings(update, &owner, &settings, &failure));
	return settings;
}

static int remove_zone(const char *apex)
{
	const struct prefix prefix = at(apex);
	const struct owner owner = owner_from_prefix(&prefix);
	size_t removed;

	return update_remove_zone(update, &owner, &sequence, &removed, &failure);
}

static void refused_as_frozen(int result_of_change)
{
	assert_int_equal(result_of_change, -1);
	assert_failure(&failure, FAILURE_CONFLICT, "the zone 192.0.2.0/24 is frozen; thaw it");
}

static void settings_are_kept(void **state)
{
	const struct prefix nowhere = at("10.0.0.0/8");
	const struct owner absent = owner_from_prefix(&nowhere);
	const struct prefix zone = at("192.0.2.0/24");
	const struct owner apex = owner_from_prefix(&zone);
	struct zone_settings settings;

	(void)state;
	one_zone("192.0.2.0/24");
	settings = get_zone("192.0.2.0/24");
	assert_int_equal(settings.serial_policy, ZONE_SERIAL_INCREMENT);
	assert_false(settings.frozen);
	assert_int_equal(settings.ttl, 0);
	settings = (struct zone_settings){ZONE_SERIAL_DATE, true, 77};
	begin();
	ok(update_set_zone_settings(update, &apex, &settings, &result, &failure));
	assert_true(result.changed);
	assert_int_equal(result.sequence, 2);
	assert_int_equal(result.serial, 1);
	ok(update_set_zone_settings(update, &apex, &settings, &result, &failure));
	assert_false(result.changed);
	commit();
	restart();
	assert_int_equal(serial("192.0.2.0/24"), 1);
	settings = get_zone("192.0.2.0/24");
	assert_int_equal(settings.serial_policy, ZONE_SERIAL_DATE);
	assert_true(settings.frozen);
	assert_int_equal(settings.ttl, 77);
	begin();
	assert_int_equal(
		update_set_zone_settings(update, &absent, &settings, &result, &failure), -1);
	assert_failure(&failure, FAILURE_NOT_FOUND, "no zone 10.0.0.0/8");
	assert_int_equal(update_get_zone_settings(update, &absent, &settings, &failure), -1);
	assert_failure(&failure, FAILURE_NOT_FOUND, "no zone 10.0.0.0/8");
	settings.ttl = UINT32_MAX;
	assert_int_equal(update_set_zone_settings(update, &apex, &settings, &result, &failure), -1);
	assert_failure(&failure, FAILURE_INVALID, "TTL 4294967295");
	settings = (struct zone_settings){.serial_policy = ZONE_SERIALS};
	assert_int_equal(update_set_zone_settings(update, &apex, &settings, &result, &failure), -1);
	assert_failure(&failure, FAILURE_INVALID, "no serial policy 3");
	commit();
}

static void a_frozen_zone_does_not_change(void **state)
{
	struct staging *staging = stage_zone("192.0.2.0/24", 50);

	(void)state;
	one_zone("192.0.2.0/24");
	begin();
	ok(set("192.0.2.7", 60, "a.", NULL));
	commit();
	begin();
	ok(set("192.0.2.8", 60, "b.", NULL));
	ok(set_zone("192.0.2.0/24", ZONE_SERIAL_INCREMENT, true));
	refused_as_frozen(set("192.0.2.7", 60, "c.", NULL));
	commit(); /* what came before the freeze is done, with its serial */
	assert_string_equal(answer("192.0.2.8"), "b.");
	assert_int_equal(serial("192.0.2.0/24"), 3);
	restart();
	begin();
	refused_as_frozen(set("192.0.2.7", 60, "c.", NULL));
	refused_as_frozen(set("192.0.2.9", 60, "c.", NULL));
	refused_as_frozen(unset("192.0.2.7"));
	refused_as_frozen(remove_zone("192.0.2.0/24"));
	refused_as_frozen(replace(staging));
	ok(set("192.0.2.7", 60, "a.", NULL)); /* as it is */
	ok(add_zone("10.0.0.0/8"));
	ok(set("10.0.0.1", 60, "d.", NULL));
	commit();
	assert_string_equal(answer("192.0.2.7"), "a.");
	assert_string_equal(answer("10.0.0.1"), "d.");
	assert_int_equal(serial("192.0.2.0/24"), 3);
	begin();
	ok(set_zone("192.0.2.0/24", ZONE_SERIAL_INCREMENT, false));
	ok(set("192.0.2.7", 60, "c.", NULL));
	commit();
	assert_string_equal(answer("192.0.2.7"), "c.");
	assert_int_equal(serial("192.0.2.0/24"), 4);
}

static void change_something(uint32_t expected)
{
	static uint32_t ttl = 1;

	begin();
	ok(set("192.0.2.7", ttl++, "a.", NULL));
	assert_int_equal(result.serial, expected);
	ok(set("192.0.2.8", ttl++, "a.", NULL));
	assert_int_equal(result.serial, expected);
	commit();
	assert_int_equal(serial("192.0.2.0/24"), expected);
}

static void serials_follow_the_zones_policy(void **state)
{
	(void)state;
	now = NOW;
	one_zone("192.0.2.0/24");
	change_something(2);
	begin();
	ok(set_zone("192.0.2.0/24", ZONE_SERIAL_UNIXTIME, false));
	commit();
	assert_int_equal(serial("192.0.2.0/24"), 2);
	change_something(NOW);
	change_something(NOW + 1);
	now = NOW + 10;
	change_something(NOW + 10);
	begin();
	ok(set_zone("192.0.2.0/24", ZONE_SERIAL_DATE, false));
	commit();
	change_something(2019060500);
	change_something(2019060501);
	restart();
	change_something(2019060502);
	begin();
	ok(set_zone("192.0.2.0/24", ZONE_SERIAL_INCREMENT, false));
	commit();
	now += 100 * 86400;
	change_something(2019060503);
}

/* The serial of a batch is decided by its first change; one that is undone decides nothing. */
static void an_undone_change_decides_no_serial(void **state)
{
	(void)state;
	now = NOW;
	one_zone("192.0.2.0/24");
	begin();
	ok(set_zone("192.0.2.0/24", ZONE_SERIAL_UNIXTIME, false));
	assert_int_equal(set("192.0.2.7", 0, "a.", NULL), -1);
	commit();
	assert_int_equal(serial("192.0.2.0/24"), 1);
	begin();
	assert_int_equal(set("192.0.2.7", 0, "a.", NULL), -1);
	ok(set("192.0.2.7", 60, "a.", NULL));
	assert_int_equal(result.serial, NOW);
	commit();
	assert_int_equal(serial("192.0.2.0/24"), NOW);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(settings_are_kept),
		CASE(a_frozen_zone_does_not_change),
		CASE(serials_follow_the_zones_policy),
		CASE(an_undone_change_decides_no_serial),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
