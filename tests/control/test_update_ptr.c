/* SPDX-License-Identifier: BSD-3-Clause */
/* control/update/update_ptr.c: PTR objects made, changed, and what is kept of them meanwhile. */
#include "tests/control/update_fixture.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static time_t now = 1000;
time_t __wrap_time(time_t *to);

time_t __wrap_time(time_t *to)
{
	if (to != NULL)
		*to = now;
	return now;
}

static int change(const char *address, enum ptr_how how, const char *first, const char *second)
{
	struct wire_name names[2];
	struct ptr_change what = {.how = how, .names = names, .ttl = -1, .if_sequence = -1};

	if (first != NULL)
		names[what.count++] = named(first);
	if (second != NULL)
		names[what.count++] = named(second);
	return change_ptr(address, &what);
}

/* One change in a batch of its own. */
static void changed(const char *address, enum ptr_how how, const char *first, const char *second)
{
	begin();
	ok(change(address, how, first, second));
	commit();
}

static int change_at(const char *address, const char *name, int64_t if_sequence)
{
	const struct wire_name names = named(name);
	const struct ptr_change what = {
		.names = &names, .count = 1, .ttl = -1, .if_sequence = if_sequence};

	return change_ptr(address, &what);
}

/* The object as text: its names, or "" for none. */
static struct ptr_object object;

static const char *show(const char *address)
{
	const struct prefix prefix = at(address);
	static char text[UPDATE_PTR_NAMES_MAX * PRESENTATION_NAME_BYTES];
	char name[PRESENTATION_NAME_BYTES];
	const uint8_t *item;
	uint32_t offset = 0;
	struct rrset view;
	uint16_t bytes;

	text[0] = '\0';
	rrset_buffer_free(&object.names);
	if (update_get_ptr(update, &prefix, &object, &failure) != 0) {
		assert_failure(&failure, FAILURE_NOT_FOUND, "no PTR at");
		return text;
	}
	view = rrset_buffer_view(&object.names);
	while ((item = rrset_next(&view, &offset, &bytes)) != NULL) {
		strcat(text, presentation_write_name(item, name));
		strcat(text, " ");
	}
	return text;
}

static struct object_text text(const char *octets)
{
	return (struct object_text){octets, (uint16_t)strlen(octets)};
}

static bool is(const struct object_text *a, const char *b)
{
	return a->bytes == strlen(b) && (a->bytes == 0 || memcmp(a->octets, b, a->bytes) == 0);
}

static void stamps_follow_the_changes(void **state)
{
	(void)state;
	now = 1000;
	one_zone("192.0.2.0/24");
	now = 2000;
	changed("192.0.2.7", PTR_SET, "a.", NULL);
	assert_string_equal(show("192.0.2.7"), "a. ");
	assert_int_equal(object.stamp.created, 2000);
	assert_int_equal(object.stamp.modified, 2000);
	assert_int_equal(object.stamp.sequence, 2);
	now = 3000;
	changed("192.0.2.7", PTR_SET, "b.", NULL);
	now = 4000;
	changed("192.0.2.7", PTR_SET, "b.", NULL);
	assert_false(result.changed);
	assert_int_equal(result.sequence, 3);
	restart();
	assert_string_equal(show("192.0.2.7"), "b. ");
	assert_int_equal(object.stamp.created, 2000);
	assert_int_equal(object.stamp.modified, 3000);
	assert_int_equal(object.stamp.sequence, 3);
	begin();
	ok(unset("192.0.2.7"));
	ok(change("192.0.2.7", PTR_SET, "c.", NULL));
	assert_true(result.changed);
	commit();
	assert_string_equal(show("192.0.2.7"), "c. ");
	assert_int_equal(object.stamp.created, 4000);
	assert_int_equal(object.stamp.sequence, 5);
}

/* Each change of a batch has its own number, and one that fails leaves none. */
static void numbers_are_those_of_the_changes(void **state)
{
	(void)state;
	one_zone("192.0.2.0/24");
	begin();
	ok(change("192.0.2.1", PTR_SET, "a.", NULL));
	assert_int_equal(result.sequence, 2);
	assert_int_equal(result.serial, 2);
	assert_int_equal(change("192.0.3.1", PTR_SET, "a.", NULL), -1);
	ok(change("192.0.2.2", PTR_SET, "a.", NULL));
	assert_int_equal(result.sequence, 3);
	assert_int_equal(result.serial, 2);
	ok(change("192.0.2.2", PTR_SET, "a.", NULL));
	assert_false(result.changed);
	assert_int_equal(result.sequence, 3);
	assert_int_equal(result.serial, 2);
	commit();
	assert_int_equal(serial("192.0.2.0/24"), 2);
	show("192.0.2.1");
	assert_int_equal(object.stamp.sequence, 2);
	show("192.0.2.2");
	assert_int_equal(object.stamp.sequence, 3);
	begin();
	ok(change("192.0.2.2", PTR_SET, "a.", NULL));
	assert_int_equal(result.serial, 2);
	commit();
	assert_int_equal(store_sequence(store), 3);
}

static void names_are_added_and_removed_without_case(void **state)
{
	(void)state;
	one_zone("192.0.2.0/24");
	changed("192.0.2.7", PTR_ADD, "One.example.", NULL);
	changed("192.0.2.7", PTR_ADD, "two.example.", "three.example.");
	assert_string_equal(show("192.0.2.7"), "One.example. two.example. three.example. ");
	changed("192.0.2.7", PTR_ADD, "ONE.EXAMPLE.", "Three.Example.");
	assert_false(result.changed);
	assert_string_equal(show("192.0.2.7"), "One.example. two.example. three.example. ");
	changed("192.0.2.7", PTR_ADD, "ONE.EXAMPLE.", "four.");
	assert_string_equal(show("192.0.2.7"), "One.example. two.example. three.example. four. ");
	changed("192.0.2.7", PTR_REMOVE, "TWO.example.", NULL);
	assert_string_equal(show("192.0.2.7"), "One.example. three.example. four. ");
	begin();
	assert_int_equal(change("192.0.2.7", PTR_REMOVE, "four.", "two.example."), -1);
	assert_failure(&failure, FAILURE_NOT_FOUND, "192.0.2.7 has no name two.example.");
	assert_int_equal(change("192.0.2.7", PTR_REMOVE, NULL, NULL), -1);
	assert_failure(&failure, FAILURE_INVALID, "1 to 10 names, not 0");
	assert_int_equal(change("192.0.2.7", PTR_ADD, NULL, NULL), -1);
	assert_failure(&failure, FAILURE_INVALID, "1 to 10 names, not 0");
	assert_int_equal(change("192.0.2.8", PTR_REMOVE, "four.", NULL), -1);
	assert_failure(&failure, FAILURE_NOT_FOUND, "no PTR at 192.0.2.8");
	commit();
	changed("192.0.2.7", PTR_REMOVE, "four.", "one.example.");
	assert_string_equal(show("192.0.2.7"), "three.example. ");
	assert_string_equal(answer("192.0.2.7"), "three.example.");
	/* Without its last name it is gone. */
	changed("192.0.2.7", PTR_REMOVE, "three.example.", NULL);
	assert_true(result.changed);
	assert_string_equal(show("192.0.2.7"), "");
	assert_string_equal(answer("192.0.2.7"), "");
}

static void an_object_has_ten_names_at_most(void **state)
{
	char name[32];

	(void)state;
	one_zone("192.0.2.0/24");
	begin();
	for (int i = 0; i < UPDATE_PTR_NAMES_MAX; i++) {
		snprintf(name, sizeof(name), "h%d.", i);
		ok(change("192.0.2.7", PTR_ADD, name, NULL));
	}
	assert_int_equal(change("192.0.2.7", PTR_ADD, "H3.", "more."), -1);
	assert_failure(&failure, FAILURE_INVALID, "192.0.2.7 has 10 names");
	ok(change("192.0.2.7", PTR_REMOVE, "h4.", "h0."));
	ok(change("192.0.2.7", PTR_ADD, "more.", NULL));
	commit();
	assert_string_equal(show("192.0.2.7"), "h1. h2. h3. h5. h6. h7. h8. h9. more. ");
}

/* The longest names there are, ten of them, which differ in their first octet. */
static void names_of_255_octets_are_kept(void **state)
{
	struct wire_name names[UPDATE_PTR_NAMES_MAX];
	struct ptr_change what = {
		.names = names, .count = UPDATE_PTR_NAMES_MAX, .ttl = 60, .if_sequence = -1};

	(void)state;
	one_zone("192.0.2.0/24");
	for (int i = 0; i < UPDATE_PTR_NAMES_MAX; i++) {
		memset(names[i].wire, 'x', sizeof(names[i].wire));
		names[i].wire[0] = names[i].wire[64] = names[i].wire[128] = 63;
		names[i].wire[192] = 61;
		names[i].wire[254] = 0;
		names[i].wire[1] = (uint8_t)('a' + i);
		names[i].bytes = 255;
	}
	begin();
	ok(change_ptr("192.0.2.7", &what));
	what.count = 1;
	ok(change_ptr("192.0.2.8", &what));
	commit();
	restart();
	show("192.0.2.7");
	assert_int_equal(object.names.count, UPDATE_PTR_NAMES_MAX);
	assert_memory_equal(object.names.rdata + 9 * 257 + 2, names[9].wire, 255);
	assert_int_equal(record_rrset(find("192.0.2.8"), WIRE_TYPE_PTR)->count, 1);
	names[0].bytes = 254;
	begin();
	assert_int_equal(change_ptr("192.0.2.8", &what), -1);
	assert_failure(&failure, FAILURE_INVALID, "name 1 is not well-formed");
	commit();
}

static void a_ttl_comes_from_request_object_zone_or_configuration(void **state)
{
	const struct prefix zone = at("192.0.2.0/24");
	const struct owner apex = owner_from_prefix(&zone);
	struct zone_settings settings = {.ttl = 7200};

	(void)state;
	one_zone("192.0.2.0/24");
	changed("192.0.2.1", PTR_SET, "a.", NULL);
	show("192.0.2.1");
	assert_int_equal(object.names.ttl, 3600);
	update_set_ttl(update, 1800);
	changed("192.0.2.2", PTR_SET, "a.", NULL);
	show("192.0.2.2");
	assert_int_equal(object.names.ttl, 1800);
	begin();
	ok(update_set_zone_settings(update, &apex, &settings, &result, &failure));
	ok(change("192.0.2.3", PTR_SET, "a.", NULL));
	ok(change("192.0.2.2", PTR_SET, "b.", NULL));
	ok(set("192.0.2.4", 5, "a.", NULL));
	commit();
	changed("192.0.2.5", PTR_SET, "a.", NULL);
	show("192.0.2.3");
	assert_int_equal(object.names.ttl, 7200);
	show("192.0.2.2");
	assert_int_equal(object.names.ttl, 1800);
	show("192.0.2.4");
	assert_int_equal(object.names.ttl, 5);
	show("192.0.2.5");
	assert_int_equal(object.names.ttl, 7200);
}

static void a_conflict_tells_what_is_there(void **state)
{
	const struct prefix prefix = at("192.0.2.7");

	(void)state;
	one_zone("192.0.2.0/24");
	begin();
	assert_int_equal(change_at("192.0.2.7", "a.", 9), -1);
	assert_failure(&failure, FAILURE_CONFLICT, "no object at 192.0.2.7 any more");
	assert_int_equal(failure.sequence, 0);
	ok(change_at("192.0.2.7", "a.", 0));
	assert_int_equal(change_at("192.0.2.7", "b.", 0), -1);
	assert_failure(&failure, FAILURE_CONFLICT, "at 192.0.2.7 already, of change 2");
	assert_int_equal(failure.sequence, 2);
	assert_int_equal(change_at("192.0.2.7", "b.", 1), -1);
	assert_failure(
		&failure, FAILURE_CONFLICT, "changed by change 2; you knew that of change 1");
	assert_int_equal(failure.sequence, 2);
	ok(change_at("192.0.2.7", "b.", 2));
	assert_int_equal(update_unset_ptr(update, &prefix, 2, &result, &failure), -1);
	assert_failure(&failure, FAILURE_CONFLICT, "changed by change 3");
	ok(update_unset_ptr(update, &prefix, 3, &result, &failure));
	assert_int_equal(update_unset_ptr(update, &prefix, 3, &result, &failure), -1);
	assert_failure(&failure, FAILURE_CONFLICT, "any more");
	commit();
	/* Later failures have no sequence. */
	assert_string_equal(show("192.0.2.7"), "");
	assert_int_equal(failure.sequence, 0);
}

static int describe(const char *address, const struct details *details, unsigned given)
{
	const struct ptr_change what = {
		.details = details, .details_given = given, .ttl = -1, .if_sequence = -1};

	return change_ptr(address, &what);
}

static void details_are_changed_one_by_one(void **state)
{
	struct details details = {.description = text("the mail host"),
		.tenant = text("acme"),
		.tag_count = 2,
		.tags = {{text("b"), text("2")}, {text("a"), text("1")}}};

	(void)state;
	now = 1000;
	one_zone("192.0.2.0/24");
	begin();
	assert_int_equal(describe("192.0.2.7", &details, PTR_DESCRIPTION), -1);
	assert_failure(&failure, FAILURE_NOT_FOUND, "no PTR at 192.0.2.7");
	commit();
	changed("192.0.2.7", PTR_SET, "a.", NULL);
	now = 2000;
	begin();
	ok(describe("192.0.2.7", &details, PTR_DESCRIPTION));
	assert_true(result.changed);
	ok(describe("192.0.2.7", &details, PTR_TAGS));
	ok(describe("192.0.2.7", &details, PTR_TENANT));
	ok(describe("192.0.2.7", &details, PTR_TENANT | PTR_TAGS | PTR_DESCRIPTION));
	assert_false(result.changed);
	commit();
	/* Names come and go; what people say of the address stays. */
	changed("192.0.2.7", PTR_SET, "b.", NULL);
	changed("192.0.2.7", PTR_ADD, "c.", NULL);
	restart();
	assert_string_equal(show("192.0.2.7"), "b. c. ");
	assert_true(is(&object.details.description, "the mail host"));
	assert_true(is(&object.details.tenant, "acme"));
	assert_int_equal(object.details.tag_count, 2);
	assert_true(is(&object.details.tags[0].key, "a"));
	assert_true(is(&object.details.tags[1].value, "2"));
	assert_int_equal(object.stamp.created, 1000);
	assert_int_equal(object.stamp.modified, 2000);
	assert_string_equal(answer("192.0.2.7"), "b.");
	details = (struct details){.tag_count = 0};
	begin();
	ok(describe("192.0.2.7", &details, PTR_TAGS));
	commit();
	show("192.0.2.7");
	assert_int_equal(object.details.tag_count, 0);
	assert_true(is(&object.details.description, "the mail host"));
	begin();
	ok(describe("192.0.2.7", &details, PTR_DESCRIPTION | PTR_TENANT));
	details.description = text("no\ntext");
	assert_int_equal(describe("192.0.2.7", &details, PTR_DESCRIPTION), -1);
	assert_failure(&failure, FAILURE_INVALID, "the description is no text");
	commit();
	show("192.0.2.7");
	assert_int_equal(object.details.description.bytes + object.details.tenant.bytes, 0);
	/* Gone means gone: a new object at the address knows nothing of the old one. */
	details.description = text("old");
	begin();
	ok(describe("192.0.2.7", &details, PTR_DESCRIPTION));
	ok(unset("192.0.2.7"));
	ok(change("192.0.2.7", PTR_SET, "new.", NULL));
	commit();
	show("192.0.2.7");
	assert_int_equal(object.details.description.bytes, 0);
}

/* A zone file says nothing of details and dates: they stay with what it changes and leaves alone.
 */
static void an_import_keeps_what_is_known(void **state)
{
	const struct details details = {.description = text("kept"), .tenant = text("acme")};
	struct staging *staging;

	(void)state;
	now = 1000;
	one_zone("192.0.2.0/24");
	begin();
	for (int i = 1; i <= 3; i++) {
		char address[32];

		snprintf(address, sizeof(address), "192.0.2.%d", i);
		ok(set(address, 60, "a.", NULL));
		ok(describe(address, &details, PTR_DESCRIPTION | PTR_TENANT));
	}
	commit();
	now = 2000;
	staging = stage_zone("192.0.2.0/24", 50);
	stage(staging, "192.0.2.1", WIRE_TYPE_PTR, 60, "a.");
	stage(staging, "192.0.2.2", WIRE_TYPE_PTR, 60, "b.");
	stage(staging, "192.0.2.4", WIRE_TYPE_PTR, 60, "d.");
	begin();
	ok(replace(staging));
	commit();
	restart();
	assert_int_equal(serial("192.0.2.0/24"), 50);
	assert_string_equal(show("192.0.2.1"), "a. ");
	assert_int_equal(object.stamp.modified, 1000);
	assert_true(is(&object.details.description, "kept"));
	assert_string_equal(show("192.0.2.2"), "b. ");
	assert_int_equal(object.stamp.created, 1000);
	assert_int_equal(object.stamp.modified, 2000);
	assert_int_equal(object.stamp.sequence, sequence);
	assert_true(is(&object.details.description, "kept"));
	assert_true(is(&object.details.tenant, "acme"));
	assert_string_equal(show("192.0.2.3"), "");
	assert_string_equal(show("192.0.2.4"), "d. ");
	assert_int_equal(object.stamp.created, 2000);
	assert_int_equal(object.details.description.bytes, 0);
}

/* An import may bring more names than a request: they are kept, and can be removed. */
static void more_than_ten_names_of_an_import_can_be_changed(void **state)
{
	struct staging *staging;
	char name[32];

	(void)state;
	one_zone("192.0.2.0/24");
	staging = stage_zone("192.0.2.0/24", 50);
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "h%d.", i);
		stage(staging, "192.0.2.1", WIRE_TYPE_PTR, 60, name);
	}
	begin();
	ok(replace(staging));
	assert_int_equal(change("192.0.2.1", PTR_ADD, "more.", NULL), -1);
	assert_failure(&failure, FAILURE_INVALID, "has 300 names");
	ok(change("192.0.2.1", PTR_REMOVE, "h7.", NULL));
	commit();
	assert_int_equal(record_rrset(find("192.0.2.1"), WIRE_TYPE_PTR)->count, 299);
}

static void stage_txt(struct staging *staging, const char *address)
{
	static const uint8_t rdata[] = {1, 'x'};
	const struct prefix prefix = at(address);
	const struct owner owner = owner_from_prefix(&prefix);

	ok(staging_add(staging, &owner, WIRE_TYPE_TXT, 60, rdata, sizeof(rdata), &failure));
}

/* Names change beside other records, whether those were there before or came in the same batch. */
static void other_records_of_a_host_stay(void **state)
{
	struct staging *staging;

	(void)state;
	one_zone("192.0.2.0/24");
	changed("192.0.2.3", PTR_SET, "c.", NULL);
	staging = stage_zone("192.0.2.0/24", 50);
	stage_txt(staging, "192.0.2.1");
	stage_txt(staging, "192.0.2.2");
	stage(staging, "192.0.2.2", WIRE_TYPE_PTR, 60, "b.");
	stage_txt(staging, "192.0.2.3");
	begin();
	ok(change("192.0.2.3", PTR_SET, "early.", NULL));
	ok(replace(staging));
	ok(change("192.0.2.1", PTR_SET, "a.", NULL));
	ok(change("192.0.2.3", PTR_SET, "late.", NULL));
	commit();
	changed("192.0.2.2", PTR_SET, "bb.", NULL);
	for (int round = 0; round < 2; round++) {
		static const char *const names[] = {"a.", "bb.", "late."};

		for (int i = 0; i < 3; i++) {
			char address[32];

			snprintf(address, sizeof(address), "192.0.2.%d", i + 1);
			assert_string_equal(answer(address), names[i]);
			assert_non_null(record_rrset(find(address), WIRE_TYPE_TXT));
		}
		restart();
	}
	begin();
	ok(unset("192.0.2.1"));
	commit();
	assert_string_equal(answer("192.0.2.1"), "-");
	assert_non_null(record_rrset(find("192.0.2.1"), WIRE_TYPE_TXT));
}

static int leave(void **state)
{
	rrset_buffer_free(&object.names);
	return tear_down(state);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, leave)
	const struct CMUnitTest tests[] = {
		CASE(stamps_follow_the_changes),
		CASE(numbers_are_those_of_the_changes),
		CASE(names_are_added_and_removed_without_case),
		CASE(an_object_has_ten_names_at_most),
		CASE(names_of_255_octets_are_kept),
		CASE(a_ttl_comes_from_request_object_zone_or_configuration),
		CASE(a_conflict_tells_what_is_there),
		CASE(details_are_changed_one_by_one),
		CASE(an_import_keeps_what_is_known),
		CASE(more_than_ten_names_of_an_import_can_be_changed),
		CASE(other_records_of_a_host_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
