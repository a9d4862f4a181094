/* SPDX-License-Identifier: BSD-3-Clause */
/* answer.c: which owner is looked up, and that the record decides before the zone. */
#include "dataplane/answer.h"

#include "dataplane/dns/wire.h"
#include "dataplane/records/table.h"

#include "tests/support/cmocka.h"
#include "tests/support/fixture.h"

#include <string.h>

static struct fixture fixture;
static uint8_t message[WIRE_UDP_PLAIN_BYTES];

static int set_up(void **state)
{
	(void)state;
	fixture_open(&fixture);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_close(&fixture);
	return 0;
}

static struct query ask(const char *name, uint16_t qtype)
{
	size_t at = WIRE_HEADER_BYTES;
	struct query q;

	memset(message, 0, sizeof(message));
	message[WIRE_QDCOUNT + 1] = 1;
	at += fixture_name(name, message + at);
	wire_put16(message + at, qtype);
	wire_put16(message + at + 2, WIRE_CLASS_IN);
	query_read(message, at + 4, &q);
	return q;
}

static enum outcome answer(const struct query *q, const struct record *record, size_t *length)
{
	return answer_write(fixture.zones, q, record, message, sizeof(message), length);
}

static void only_a_good_query_for_an_address_name_is_looked_up(void **state)
{
	struct query q = ask("1.2.0.192.in-addr.arpa", WIRE_TYPE_PTR);

	(void)state;
	assert_ptr_equal(answer_owner(&q), &q.prefix);
	for (unsigned status = QUERY_OK + 1; status <= QUERY_BAD_CLASS; status++) {
		q.status = status;
		assert_null(answer_owner(&q));
	}
	q = ask("01.2.0.192.in-addr.arpa", WIRE_TYPE_PTR);
	assert_null(answer_owner(&q));
	q = ask("www.example.net", WIRE_TYPE_PTR);
	assert_null(answer_owner(&q));
	q = ask("ip6.arpa", WIRE_TYPE_PTR);
	assert_non_null(answer_owner(&q));
}

static void short_messages_and_replies_are_silence(void **state)
{
	struct query q = {.status = QUERY_SHORT};
	size_t length = 99;

	(void)state;
	assert_int_equal(answer(&q, NULL, &length), OUTCOME_MESSAGE_SHORT);
	assert_int_equal(length, 0);
	q.status = QUERY_IS_REPLY;
	length = 99;
	assert_int_equal(answer(&q, NULL, &length), OUTCOME_MESSAGE_IS_REPLY);
	assert_int_equal(length, 0);
}

static void record_decides_and_the_zone_explains_a_miss(void **state)
{
	struct query q = ask("1.2.0.192.in-addr.arpa", WIRE_TYPE_PTR);
	const struct record *record = table_find(fixture.table, answer_owner(&q));
	size_t length;

	(void)state;
	assert_non_null(record);
	assert_int_equal(answer(&q, record, &length), OUTCOME_ANSWERED);
	q = ask("1.2.0.192.in-addr.arpa", WIRE_TYPE_NS);
	assert_int_equal(answer(&q, record, &length), OUTCOME_NODATA);
	assert_int_equal(message[3] & 15, WIRE_NOERROR);
	q = ask("1.2.0.192.in-addr.arpa", WIRE_TYPE_PTR);
	assert_int_equal(answer(&q, NULL, &length), OUTCOME_NXDOMAIN);
	assert_int_equal(message[3] & 15, WIRE_NXDOMAIN);
	q = ask("1.2.0.193.in-addr.arpa", WIRE_TYPE_PTR);
	assert_int_equal(answer(&q, NULL, &length), OUTCOME_REFUSED);
	assert_int_equal(length, q.question_end);
}

/* The names above every zone are in the table, but are not ours to speak of. */
static void empty_non_terminal_above_the_zones_is_refused(void **state)
{
	struct query q = ask("192.in-addr.arpa", WIRE_TYPE_PTR);
	const struct record *record = table_find(fixture.table, answer_owner(&q));
	size_t length;

	(void)state;
	assert_non_null(record);
	assert_int_equal(record->sets, 0);
	assert_int_equal(answer(&q, record, &length), OUTCOME_REFUSED);
}

/* Whoever serves in-addr.arpa itself has no parent to ask. */
static void ds_at_the_root_of_a_tree_is_its_own_zones(void **state)
{
	struct prefix root = fixture_prefix("0.0.0.0", 0);
	uint8_t item[24] = {0, 22}; /* two root names and zeros */
	struct rrset soa = {.type = WIRE_TYPE_SOA, .count = 1, .rdata = item, .rdata_bytes = 24};
	struct zone *zone = zone_new(&root, &soa);
	struct zones *zones = zones_new(&zone, 1);
	struct query q = ask("in-addr.arpa", WIRE_TYPE_DS);
	struct record *record = record_new(&root, &soa, 1);
	size_t length;

	(void)state;
	assert_int_equal(
		answer_write(zones, &q, record, message, sizeof(message), &length), OUTCOME_NODATA);
	record_free(record);
	zones_free(zones);
	zone_free(zone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_good_query_for_an_address_name_is_looked_up),
		cmocka_unit_test(short_messages_and_replies_are_silence),
		cmocka_unit_test(record_decides_and_the_zone_explains_a_miss),
		cmocka_unit_test(empty_non_terminal_above_the_zones_is_refused),
		cmocka_unit_test(ds_at_the_root_of_a_tree_is_its_own_zones),
	};

	return cmocka_run_group_tests_name("dataplane/answer", tests, set_up, tear_down);
}
