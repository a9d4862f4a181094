/* SPDX-License-Identifier: BSD-3-Clause */
/* store.status, store.verify and store.compact, on a store that is sound and on one that is not. */
#include "control/store/store_kv.h"
#include "tests/control/command_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char verify[] = "{\"id\":1,\"method\":\"store.verify\"}";
static const char compact[] = "{\"id\":1,\"method\":\"store.compact\"}";

static void a_sound_store_is_said_to_be(void **state)
{
	(void)state;
	expect(verify,
		"{\"id\":1,\"result\":[{\"rrsets\":0,\"zones\":0,\"journal\":0,"
		"\"problems\":0}]}\n");
	add_zone();
	expect(verify,
		"{\"id\":1,\"result\":[{\"rrsets\":2,\"zones\":1,\"journal\":3,"
		"\"problems\":0}]}\n");
}

/* All reply lines as one list of items. */
static json_t *items_of(const char *line)
{
	char *got = run(line), *rest = got, *text;
	json_t *all = json_array();

	while ((text = strsep(&rest, "\n")) != NULL && text[0] != '\0') {
		json_t *reply = json_loads(text, 0, NULL);

		assert_int_equal(json_array_extend(all, json_object_get(reply, "result")), 0);
		json_decref(reply);
	}
	free(got);
	return all;
}

static void tenants_counts_agree_with_their_objects(void **state)
{
	static const char *const lines[] = {
		"{\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.1\",\"name\":\"a.b.\","
		"\"tenant\":\"acme\"}}",
		"{\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.2\",\"name\":\"a.b.\","
		"\"tenant\":\"acme\"}}",
		"{\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.3\",\"name\":\"a.b.\","
		"\"tenant\":\"other\"}}",
		"{\"method\":\"ptr.unset\",\"params\":{\"address\":\"192.0.2.2\"}}"};
	json_t *items, *last;

	(void)state;
	add_zone();
	free(run_batch(lines, 4));
	items = items_of(verify);
	assert_int_equal(json_array_size(items), 1);
	last = json_array_get(items, 0);
	assert_int_equal(json_integer_value(json_object_get(last, "rrsets")), 4);
	assert_int_equal(json_integer_value(json_object_get(last, "problems")), 0);
	json_decref(items);
}

static void put_raw(enum store_table table, const char *key, size_t key_bytes, const char *value,
	size_t value_bytes)
{
	struct failure failure;

	assert_int_equal(store_begin(backend.store, &failure), 0);
	assert_int_equal(
		store_kv_put(backend.store, table,
			(struct store_bytes){(const uint8_t *)key, key_bytes},
			(struct store_bytes){(const uint8_t *)value, value_bytes}, &failure),
		0);
	assert_int_equal(store_commit(backend.store, &failure), 0);
}

/* Of the items, one says this. */
static void assert_problem(const char *text)
{
	json_t *items = items_of(verify), *item;
	size_t index, found = 0, count = json_array_size(items);

	json_array_foreach (items, index, item) {
		const char *said = json_string_value(json_object_get(item, "problem"));

		found += said != NULL && strstr(said, text) != NULL;
	}
	if (found != 1)
		fail_msg("%s: %s", text, json_dumps(items, 0));
	item = json_array_get(items, count - 1);
	/* Of one record the first is listed, and all are counted. */
	assert_true(json_integer_value(json_object_get(item, "problems")) >= (json_int_t)count - 1);
	json_decref(items);
}

static void each_damage_is_told(void **state)
{
	static const struct {
		enum store_table table;
		const char *key;
		size_t key_bytes;
		const char *value;
		size_t value_bytes;
		const char *told;
	} damage[] = {
		{STORE_ZONES, "\4\300", 2, "", 0, "a zone is unreadable"},
		{STORE_RRSETS, "\0\0\0\1\7", 5, "", 0, "a record's key is unreadable"},
		{STORE_RRSETS, "\0\0\0\1\4\300\0\2\1\40\0\0\14", 13, "x", 1,
			"the records of type 12 at 192.0.2.1 are unreadable"},
		{STORE_RRSETS, "\0\0\0\11\4\300\0\2\2\40\0\0\14", 13,
			"\0\0\0\11\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\3\3\1a\0", 28, "no zone"},
		{STORE_RRSETS, "\0\0\0\1\4\12\0\2\3\40\0\0\14", 13, "x", 1,
			"the record at 10.0.2.3 is outside its zone"},
		{STORE_JOURNAL, "short", 5, "x", 1, "an entry of the journal is unreadable"},
		{STORE_GONE, "x", 1, "x", 1, "what is kept of a deleted record is unreadable"},
		{STORE_TENANTS, "acme", 4, "\0\0\0\0\0\0\0\2", 8,
			"the tenant acme has 0 objects, and 2 are counted"},
		{STORE_TENANTS, "acme", 4, "x", 1, "the count of a tenant's objects"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		close_all(state);
		open_all(state);
		add_zone();
		put_raw(damage[i].table, damage[i].key, damage[i].key_bytes, damage[i].value,
			damage[i].value_bytes);
		assert_problem(damage[i].told);
	}
}

static void a_zone_without_its_soa_is_told(void **state)
{
	struct failure failure;

	(void)state;
	add_zone();
	assert_int_equal(store_begin(backend.store, &failure), 0);
	/* Zone 1, 192.0.2.0/24, SOA. */
	assert_int_equal(
		store_kv_delete(backend.store, STORE_RRSETS,
			(struct store_bytes){(const uint8_t *)"\0\0\0\1\4\300\0\2\0\30\0\0\6", 13},
			&failure),
		1);
	assert_int_equal(store_commit(backend.store, &failure), 0);
	assert_problem("the zone 192.0.2.0/24 has no SOA record");
}

static void many_records_are_looked_at_in_turns(void **state)
{
	json_t *items, *last;

	(void)state;
	add_zone();
	free(run("{\"method\":\"zone.add\",\"params\":{\"zone\":\"10.0.0.0/8\"}}"));
	set_many(25000);
	items = items_of(verify);
	assert_int_equal(json_array_size(items), 1);
	last = json_array_get(items, 0);
	assert_int_equal(json_integer_value(json_object_get(last, "rrsets")), 25004);
	assert_int_equal(json_integer_value(json_object_get(last, "problems")), 0);
	json_decref(items);
}

/* Asks until the copy is made; the store changes meanwhile. */
static json_t *compacted(unsigned *changes)
{
	const struct timespec moment = {.tv_nsec = 1000000};
	struct request *request = request_parse(session, compact, strlen(compact));
	enum request_progress progress = REQUEST_WAIT;
	struct text all = {.octets = NULL};
	json_t *reply, *item;

	command_run(&backend.command, &request, 1);
	while ((progress = request_reply(request, &all)) == REQUEST_WAIT) {
		char line[128];

		snprintf(line, sizeof(line),
			"{\"method\":\"ptr.set\",\"params\":{\"address\":\"10.9.%u.%u\",\"name\":"
			"\"a.b.\"}}",
			*changes >> 8 & 255, *changes & 255);
		++*changes;
		free(run(line));
		nanosleep(&moment, NULL);
	}
	assert_int_equal(progress, REQUEST_DONE);
	request_free(request);
	text_add(&all, "", 1);
	reply = json_loads(all.octets, 0, NULL);
	item = json_incref(json_array_get(json_object_get(reply, "result"), 0));
	json_decref(reply);
	text_free(&all);
	return item;
}

static void a_compacted_store_is_smaller_and_lacks_nothing(void **state)
{
	unsigned changes = 0;
	json_t *item, *items;

	(void)state;
	free(run("{\"method\":\"zone.add\",\"params\":{\"zone\":\"10.0.0.0/8\"}}"));
	set_many(20000);
	store_poll(backend.store);
	free(run("{\"method\":\"zone.add\",\"params\":{\"zone\":\"192.0.2.0/24\"}}"));
	item = compacted(&changes);
	assert_non_null(item);
	assert_true(json_integer_value(json_object_get(item, "after_bytes")) > 0);
	assert_true(json_integer_value(json_object_get(item, "after_bytes")) <=
		json_integer_value(json_object_get(item, "before_bytes")));
	json_decref(item);
	items = items_of(verify);
	assert_int_equal(json_array_size(items), 1);
	item = json_array_get(items, 0);
	assert_int_equal(json_integer_value(json_object_get(item, "rrsets")), 20000 + 4 + changes);
	assert_int_equal(json_integer_value(json_object_get(item, "problems")), 0);
	json_decref(items);
}

static void status_tells_what_lmdb_lacks(void **state)
{
	char *got;
	json_t *reply, *result;

	(void)state;
	add_zone();
	got = run("{\"id\":1,\"method\":\"store.status\"}");
	reply = json_loads(got, 0, NULL);
	result = json_object_get(reply, "result");
	assert_int_equal(json_integer_value(json_object_get(result, "rrsets")), 2);
	assert_true(json_integer_value(json_object_get(result, "behind")) > 0);
	assert_true(json_integer_value(json_object_get(result, "log_bytes")) > 0);
	assert_true(json_integer_value(json_object_get(result, "file_bytes")) > 0);
	assert_true(json_is_false(json_object_get(result, "refuses")));
	assert_null(json_object_get(result, "trouble"));
	json_decref(reply);
	free(got);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
	const struct CMUnitTest tests[] = {
		CASE(a_sound_store_is_said_to_be),
		CASE(tenants_counts_agree_with_their_objects),
		CASE(each_damage_is_told),
		CASE(a_zone_without_its_soa_is_told),
		CASE(many_records_are_looked_at_in_turns),
		CASE(a_compacted_store_is_smaller_and_lacks_nothing),
		CASE(status_tells_what_lmdb_lacks),
	};

	return cmocka_run_group_tests_name("command_store", tests, NULL, NULL);
}
