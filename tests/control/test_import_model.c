/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * control/update/update_import*.c, update_compare*.c: imports of objects against a model. Whatever
 * is merged or replaced, by whichever way it is written, what is stored, served and counted is what
 * the model says, the diff is what the commit does, and a count changes nothing.
 */
#include "control/update/update_compare.h"
#include "tests/control/random_rrset.h"
#include "tests/control/update_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ADDRESSES_MAX = 24000,
	V6_EVERY = 5, /* every fifth address is of IPv6 */
	DEFAULT_TTL = 3600,
	NESTED_TTL = 77,
};

/* What is said of an address; 0: nothing. */
struct object {
	unsigned names; /* 0: there is none; else the first one's number */
	unsigned more;	/* names behind the first */
	uint32_t ttl;
	unsigned description, tenant, tag;
};

static struct object model[ADDRESSES_MAX], next[ADDRESSES_MAX];
static unsigned addresses;
static uint64_t state;

/* The i-th address: of 10.0.0.0/8, of which 10.0.1.0/24 is a zone of its own, or of 2001:db8::/32.
 */
static struct prefix address_of(unsigned i)
{
	if (i % V6_EVERY == 0)
		return (struct prefix){UINT64_C(0x20010db800000000), i, ARPA_FAMILY_IPV6, 128};
	return (struct prefix){(uint64_t)(UINT32_C(0x0a000000) + i) << 32, 0, ARPA_FAMILY_IPV4, 32};
}

static bool is_nested(unsigned i)
{
	return i % V6_EVERY != 0 && i >> 8 == 1;
}

static const char *text_of(const char *kind, unsigned number)
{
	static char texts[8][32];
	static unsigned turn;

	turn = (turn + 1) % 8;
	snprintf(texts[turn], sizeof(texts[0]), "%s%u", kind, number);
	return texts[turn];
}

static struct object_text object_text(const char *kind, unsigned number)
{
	const char *text = text_of(kind, number);

	return number == 0 ? (struct object_text){text, 0}
			   : (struct object_text){text, (uint16_t)strlen(text)};
}

static struct details details_of(const struct object *object)
{
	struct details details = {
		.description = object_text("text ", object->description),
		.tenant = object_text("tenant", object->tenant),
	};

	if (object->tag != 0) {
		details.tag_count = 1;
		details.tags[0].key = object_text("key", 1);
		details.tags[0].value = object_text("value", object->tag);
	}
	return details;
}

static struct object random_object(void)
{
	return (struct object){
		.names = 1 + random_below(&state, 5),
		.more = random_below(&state, 4) == 0,
		.ttl = 60 + random_below(&state, 2),
		.description = random_below(&state, 3),
		.tenant = random_below(&state, 3),
		.tag = random_below(&state, 3),
	};
}

/* ---- The import ---- */

struct scope {
	enum import_kind kind;
	struct prefix prefix; /* of a zone or not */
	bool is_zone;
};

static struct scope random_scope(void)
{
	static const char *const prefixes[] = {"10.0.0.0/8", "10.0.1.0/24", "2001:db8::/32",
		"10.0.1.128/25", "10.0.0.0/23", "10.0.0.9/32", "2001:db8::/121", "0.0.0.0/0"};
	unsigned which = random_below(&state, 16);

	if (which >= 8)
		return (struct scope){.kind = IMPORT_MERGE};
	return (struct scope){
		IMPORT_REPLACE, at(prefixes[which]), which < 3 && random_below(&state, 2) == 0};
}

static bool is_in_scope(const struct scope *scope, unsigned i)
{
	const struct prefix address = address_of(i);

	if (scope->kind == IMPORT_MERGE)
		return true;
	if (!prefix_contains(&scope->prefix, &address))
		return false;
	return !scope->is_zone || !is_nested(i) || scope->prefix.bits == 24;
}

static void add_name(struct import_object *object, unsigned number)
{
	const struct wire_name name = named(text_of("host", number));

	wire_put16(object->names + object->name_bytes, name.bytes);
	memcpy(object->names + object->name_bytes + 2, name.wire, name.bytes);
	object->name_bytes += 2 + (size_t)name.bytes;
	object->name_count++;
}

/* Stages the object with a part of what it says; the same goes into `next`. */
static void stage_one(const struct import_plan *plan, unsigned i)
{
	const struct object what = random_object();
	unsigned said = random_below(&state, 16);
	struct import_object object = {.address = address_of(i), .ttl = what.ttl, .said = said};
	bool exact = plan->kind == IMPORT_REPLACE, had = model[i].names != 0 && !exact;
	struct object *is = &next[i];

	add_name(&object, what.names);
	if (what.more)
		add_name(&object, what.names + 1);
	object.details = details_of(&what);
	if ((said & STAGED_DESCRIPTION) == 0)
		object.details.description.bytes = 0;
	if ((said & STAGED_TENANT) == 0)
		object.details.tenant.bytes = 0;
	if ((said & STAGED_TAGS) == 0)
		object.details.tag_count = 0;
	ok(import_stage(update, plan, &object, &failure));
	*is = had ? model[i] : (struct object){.ttl = is_nested(i) ? NESTED_TTL : DEFAULT_TTL};
	is->names = what.names;
	is->more = what.more;
	if (said & STAGED_TTL)
		is->ttl = what.ttl;
	if (said & STAGED_DESCRIPTION)
		is->description = what.description;
	if (said & STAGED_TENANT)
		is->tenant = what.tenant;
	if (said & STAGED_TAGS)
		is->tag = what.tag;
}

/* Stages one address in `one_in`, from any on. */
static void stage_some(const struct import_plan *plan, const struct scope *scope, unsigned one_in)
{
	unsigned first = random_below(&state, addresses);

	memcpy(next, model, sizeof(model));
	for (unsigned i = 0; i < addresses; i++)
		if (scope->kind == IMPORT_REPLACE && is_in_scope(scope, i))
			next[i].names = 0;
	for (unsigned n = 0; n < addresses; n++) {
		unsigned i = (first + n) % addresses;

		if (is_in_scope(scope, i) && random_below(&state, one_in) == 0)
			stage_one(plan, i);
	}
}

/* ---- What is there ---- */

static bool is_same(const struct object *a, const struct object *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static struct import_counts expected_counts(const struct scope *scope)
{
	struct import_counts counts = {.added = 0};

	for (unsigned i = 0; i < addresses; i++) {
		bool was = model[i].names != 0, is = next[i].names != 0;

		counts.added += !was && is;
		counts.removed += was && !is;
		counts.changed += was && is && !is_same(&model[i], &next[i]);
	}
	(void)scope;
	return counts;
}

static bool same_text(const struct object_text *a, const struct object_text *b)
{
	return a->bytes == b->bytes &&
		(a->bytes == 0 || memcmp(a->octets, b->octets, a->bytes) == 0);
}

static void check_object(unsigned i, struct ptr_object *found)
{
	const struct prefix address = address_of(i);
	const struct details details = details_of(&model[i]);
	struct rrset names;
	const uint8_t *name;
	uint32_t offset = 0;
	uint16_t bytes;
	struct wire_name first;

	if (model[i].names == 0) {
		assert_int_equal(update_get_ptr(update, &address, found, &failure), -1);
		assert_int_equal(failure.code, FAILURE_NOT_FOUND);
		return;
	}
	ok(update_get_ptr(update, &address, found, &failure));
	names = rrset_buffer_view(&found->names);
	assert_int_equal(names.count, 1 + model[i].more);
	assert_int_equal(names.ttl, model[i].ttl);
	name = rrset_next(&names, &offset, &bytes);
	first = named(text_of("host", model[i].names));
	assert_int_equal(bytes, first.bytes);
	assert_memory_equal(name, first.wire, bytes);
	assert_true(same_text(&found->details.description, &details.description));
	assert_true(same_text(&found->details.tenant, &details.tenant));
	assert_int_equal(found->details.tag_count, details.tag_count);
	if (details.tag_count > 0)
		assert_true(same_text(&found->details.tags[0].value, &details.tags[0].value));
}

static uint64_t records_of(const char *zone)
{
	const struct prefix prefix = at(zone);
	const struct owner apex = owner_from_prefix(&prefix);
	uint64_t records;

	ok(update_get_zone_records(update, &apex, &records, &failure));
	return records;
}

static void check_all(void)
{
	struct ptr_object found = {.names = {.count = 0}};
	uint64_t count = 0;

	for (unsigned i = 0; i < addresses; i++) {
		check_object(i, &found);
		count += model[i].names != 0;
	}
	rrset_buffer_free(&found.names);
	/* With SOA and NS of three zones. */
	assert_int_equal(store_rrsets(store), count + 6);
	assert_int_equal(
		records_of("10.0.0.0/8") + records_of("10.0.1.0/24") + records_of("2001:db8::/32"),
		count + 6);
	assert_int_equal(table_counts(table).owners, count + 3);
}

/* Goes through the differences, with pauses as long as pages make them. */
static struct import_counts walk_diff(const struct import_plan *plan)
{
	struct import_counts counts = {.added = 0};
	struct difference difference;
	struct compare compare;
	int more = 1;

	ok(compare_open(&compare, update, plan, &failure));
	while ((more = compare_next(&compare, &difference, &failure)) == 1) {
		counts.added += difference.kind == DIFFERENCE_ADDED;
		counts.changed += difference.kind == DIFFERENCE_CHANGED;
		counts.removed += difference.kind == DIFFERENCE_REMOVED;
		if (random_below(&state, 10) == 0) {
			compare_pause(&compare);
			ok(compare_resume(&compare, &failure));
		}
	}
	compare_close(&compare);
	ok(more);
	return counts;
}

static void check_counts(const struct import_counts *got, const struct import_counts *expected)
{
	assert_int_equal(got->added, expected->added);
	assert_int_equal(got->changed, expected->changed);
	assert_int_equal(got->removed, expected->removed);
}

static void import_once(unsigned one_in)
{
	const struct scope scope = random_scope();
	const struct owner apex = owner_from_prefix(&scope.prefix);
	const struct import_plan plan = {
		.kind = scope.kind,
		.staging = staging_new(directory, NULL),
		.has_scope = scope.kind == IMPORT_REPLACE && !scope.is_zone,
		.scope = scope.prefix,
		.apex = scope.is_zone ? &apex : NULL,
	};
	struct import_counts counts, expected;
	uint64_t before = store_sequence(store);
	struct update_result changed;

	stage_some(&plan, &scope, one_in);
	expected = expected_counts(&scope);
	ok(import_count(update, &plan, &counts, &failure));
	check_counts(&counts, &expected);
	counts = walk_diff(&plan);
	check_counts(&counts, &expected);
	assert_int_equal(store_sequence(store), before);
	begin();
	ok(update_import(update, &plan, &counts, &changed, &failure));
	commit();
	check_counts(&counts, &expected);
	assert_int_equal(changed.changed, expected.added + expected.changed + expected.removed > 0);
	assert_int_equal(store_sequence(store), before + changed.changed);
	staging_free(plan.staging);
	for (unsigned i = 0; i < addresses; i++)
		if (next[i].names == 0)
			next[i] = (struct object){.names = 0};
	memcpy(model, next, sizeof(model));
}

static void start_model(unsigned count, uint64_t seed_)
{
	const struct prefix nested = at("10.0.1.0/24");
	const struct owner apex = owner_from_prefix(&nested);
	struct zone_settings settings = {.ttl = NESTED_TTL};
	struct update_result changed;

	memset(model, 0, sizeof(model));
	addresses = count;
	state = seed_;
	update_set_ttl(update, DEFAULT_TTL);
	begin();
	ok(add_zone("10.0.0.0/8"));
	ok(add_zone("10.0.1.0/24"));
	ok(add_zone("2001:db8::/32"));
	ok(update_set_zone_settings(update, &apex, &settings, &changed, &failure));
	commit();
}

static void restart_model(void)
{
	restart();
	update_set_ttl(update, DEFAULT_TTL);
}

static void small_imports_are_the_model(void **context)
{
	(void)context;
	start_model(700, 1);
	for (unsigned round = 0; round < 150; round++) {
		import_once(1 + random_below(&state, 6));
		check_all();
		if (round % 50 == 49) {
			restart_model();
			check_all();
		}
	}
}

/* More differences than the journal keeps one by one, so that they are written in bulk. */
static void large_imports_are_the_model(void **context)
{
	(void)context;
	start_model(ADDRESSES_MAX, 2);
	for (unsigned round = 0; round < 12; round++) {
		import_once(1 + round % 3);
		check_all();
	}
	restart_model();
	check_all();
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(small_imports_are_the_model),
		CASE(large_imports_are_the_model),
	};

	return cmocka_run_group_tests_name("import_model", tests, NULL, NULL);
}
