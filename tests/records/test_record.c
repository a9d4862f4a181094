/* SPDX-License-Identifier: BSD-3-Clause */
/* records/record.c: rendering byte for byte, the order of RRsets, and the largest that fits. */
#include "dataplane/records/record.h"

#include "dataplane/dns/wire.h"

#include "tests/support/cmocka.h"
#include "tests/support/fixture.h"
#include "tests/support/memory.h"

#include <stdlib.h>
#include <string.h>

/* A message's 65,535 less header, longest question and OPT. */
enum { LARGEST = 65535 - 12 - 255 - 4 - 11 };

static void rrs_are_rendered_byte_for_byte(void **state)
{
	struct prefix name = fixture_prefix("192.0.2.1", 32);
	struct owner owner = owner_from_prefix(&name);
	struct fixture_rrset *set = malloc(sizeof(*set));
	const struct rendered *r;
	struct record *record;

	(void)state;
	fixture_rrset_start(set, WIRE_TYPE_PTR, 0x01020304);
	fixture_rrset_add(set, "\1a", 3);
	fixture_rrset_add(set, "", 1);
	record = record_new(&owner, &set->set, 1);
	assert_non_null(record);
	assert_true(prefix_equal(&record->prefix, &name));
	assert_int_equal(record->rest_bytes, 0);
	assert_int_equal(record->sets, 1);
	r = record_first(record);
	assert_int_equal(r->type, WIRE_TYPE_PTR);
	assert_int_equal(r->count, 2);
	assert_int_equal(r->wire_bytes, 28);
	assert_memory_equal(r->wire,
		"\xc0\x0c\0\x0c\0\1\1\2\3\4\0\3\1a\0"
		"\xc0\x0c\0\x0c\0\1\1\2\3\4\0\1\0",
		28);
	record_free(record);
	free(set);
}

static void rrsets_keep_their_order_and_are_found_by_type(void **state)
{
	struct prefix name = fixture_prefix("192.0.2.1", 32);
	struct owner owner = owner_from_prefix(&name);
	struct fixture_rrset *sets = malloc(4 * sizeof(*sets));
	struct rrset list[4];
	struct record *record;

	(void)state;
	/* RDATA of every length modulo 4, so that the padding between them counts. */
	for (unsigned i = 0; i < 4; i++) {
		fixture_rrset_start(&sets[i], (uint16_t)(100 + i), i);
		fixture_rrset_add(&sets[i], "abcd", i);
		list[i] = sets[i].set;
	}
	record = record_new(&owner, list, 4);
	for (unsigned i = 0; i < 4; i++) {
		const struct rendered *r = record_rrset(record, (uint16_t)(100 + i));

		assert_non_null(r);
		assert_int_equal((uintptr_t)r % 4, 0);
		assert_int_equal(r->wire_bytes, 12 + i);
		assert_int_equal(wire_get32(r->wire + 6), i);
		assert_memory_equal(r->wire + 12, "abcd", i);
	}
	assert_int_equal(record_first(record)->type, 100);
	assert_null(record_rrset(record, 99));
	assert_null(record_rrset(record, 104));
	record_free(record);
	free(sets);
}

static void empty_non_terminal_has_no_rrset(void **state)
{
	struct prefix name = fixture_prefix("192.0.2.0", 24);
	struct owner owner = owner_from_prefix(&name);
	struct record *record = record_new(&owner, NULL, 0);

	(void)state;
	assert_non_null(record);
	assert_int_equal(record->sets, 0);
	assert_null(record_first(record));
	assert_null(record_rrset(record, WIRE_TYPE_PTR));
	record_free(record);
	record_free(NULL);
}

static void largest_rrset_is_one_that_fits_a_message(void **state)
{
	struct prefix name = fixture_prefix("192.0.2.1", 32);
	struct owner owner = owner_from_prefix(&name);
	struct fixture_rrset *set = calloc(1, sizeof(*set));
	uint8_t *rdata = calloc(1, 65535);
	struct record *record;

	(void)state;
	fixture_rrset_start(set, 16, 1);
	fixture_rrset_add(set, rdata, LARGEST - 12);
	record = record_new(&owner, &set->set, 1);
	assert_non_null(record);
	assert_int_equal(record_first(record)->wire_bytes, LARGEST);
	record_free(record);
	fixture_rrset_start(set, 16, 1);
	fixture_rrset_add(set, rdata, LARGEST - 11);
	assert_null(record_new(&owner, &set->set, 1));
	/* Small items, but so many that their headers do not fit. */
	fixture_rrset_start(set, 16, 1);
	for (unsigned i = 0; i <= LARGEST / 13; i++)
		fixture_rrset_add(set, "", 1);
	assert_null(record_new(&owner, &set->set, 1));
	free(rdata);
	free(set);
}

/* Whatever the labels' length, the sets behind them stand at multiples of four. */
static void labels_are_kept_in_lower_case_before_the_sets(void **state)
{
	struct fixture_rrset *set = malloc(sizeof(*set));
	char text[64] = "192.in-addr.arpa";

	(void)state;
	fixture_rrset_start(set, WIRE_TYPE_TXT, 1);
	fixture_rrset_add(set, "\2aZ", 3);
	for (unsigned labels = 0; labels < 9; labels++) {
		struct fixture_owner o;
		struct record *record;
		struct owner owner;

		fixture_owner(&o, text);
		record = record_new(&o.owner, &set->set, 1);
		owner = record_owner(record);
		assert_true(owner_equal(&owner, &o.owner));
		assert_int_equal(record->rest_bytes, o.owner.rest_bytes);
		for (unsigned i = 0; i < owner.rest_bytes; i++)
			assert_true(owner.rest[i] != 'L');
		assert_int_equal((uintptr_t)record_first(record) % 4, 0);
		assert_memory_equal(record_first(record)->wire + 12, "\2aZ", 3);
		assert_null(record_next(record, record_first(record)));
		record_free(record);
		memmove(text + 2 + labels % 2, text, strlen(text) + 1);
		memcpy(text, labels % 2 ? "Ll." : "L.", 2 + labels % 2);
	}
	free(set);
}

static uint8_t kinds_of(const uint16_t *types, unsigned count)
{
	static const struct owner owner = {.prefix = {.family = ARPA_FAMILY_IPV4}};
	struct rrset sets[4];
	struct record *record;
	uint8_t kinds;

	for (unsigned i = 0; i < count; i++)
		sets[i] = (struct rrset){.type = types[i],
			.count = 1,
			.rdata_bytes = 3,
			.rdata = (const uint8_t *)"\0\1"};
	record = record_new(&owner, sets, count);
	kinds = record->kinds;
	record_free(record);
	return kinds;
}

static void kinds_say_what_the_rrsets_mean(void **state)
{
	(void)state;
	assert_int_equal(kinds_of((const uint16_t[]){WIRE_TYPE_PTR}, 1), 0);
	assert_int_equal(kinds_of((const uint16_t[]){WIRE_TYPE_NS}, 1), RECORD_CUT);
	assert_int_equal(kinds_of((const uint16_t[]){WIRE_TYPE_SOA}, 1), RECORD_APEX);
	assert_int_equal(kinds_of((const uint16_t[]){WIRE_TYPE_NS, WIRE_TYPE_SOA}, 2), RECORD_APEX);
	assert_int_equal(
		kinds_of((const uint16_t[]){WIRE_TYPE_SOA, WIRE_TYPE_NS, WIRE_TYPE_DNAME}, 3),
		RECORD_APEX | RECORD_DNAME);
	assert_int_equal(kinds_of((const uint16_t[]){WIRE_TYPE_DS, WIRE_TYPE_NS}, 2), RECORD_CUT);
	assert_int_equal(kinds_of((const uint16_t[]){WIRE_TYPE_CNAME}, 1), RECORD_CNAME);
	assert_int_equal(kinds_of(NULL, 0), 0);
}

static void without_memory_there_is_no_record(void **state)
{
	struct prefix name = fixture_prefix("192.0.2.1", 32);
	struct owner owner = owner_from_prefix(&name);

	(void)state;
	memory_fail_after(0);
	assert_null(record_new(&owner, NULL, 0));
	assert_true(memory_fail_never());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rrs_are_rendered_byte_for_byte),
		cmocka_unit_test(rrsets_keep_their_order_and_are_found_by_type),
		cmocka_unit_test(empty_non_terminal_has_no_rrset),
		cmocka_unit_test(largest_rrset_is_one_that_fits_a_message),
		cmocka_unit_test(labels_are_kept_in_lower_case_before_the_sets),
		cmocka_unit_test(kinds_say_what_the_rrsets_mean),
		cmocka_unit_test(without_memory_there_is_no_record),
	};

	return cmocka_run_group_tests_name("records/record", tests, NULL, NULL);
}
