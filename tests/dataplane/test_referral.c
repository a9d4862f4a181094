/* SPDX-License-Identifier: BSD-3-Clause */
/* referral.c: which addresses are given, which must be, to the octet; and servers past 16 KiB. */
#include "dataplane/referral.h"

#include "tests/dataplane/zones_fixture.h"
#include "tests/support/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t message[WIRE_MESSAGE_MAX_BYTES];

/* Writes the referral of `cut`, a child of 20.in-addr.arpa, to a question for it. */
static struct reply refer(const char *cut, size_t limit)
{
	const struct serving_view view = serving_load(&fixture.serving);
	struct fixture_owner o;
	struct name_at name = {.offset = WIRE_HEADER_BYTES};
	struct query q = {.status = QUERY_OK};
	struct reply reply;

	fixture_owner(&o, cut);
	name.bytes = owner_write(&o.owner, message + WIRE_HEADER_BYTES);
	name.owner = o.owner;
	q.question_end = (uint16_t)(WIRE_HEADER_BYTES + name.bytes + WIRE_QUESTION_FIXED);
	reply_begin(&reply, message, limit, 0, &q);
	referral_write(&view, zones_find(fixture.zones, &o.owner),
		fixture_find(fixture.table, &o.owner), &name, &reply);
	return reply;
}

static void put(const char *owner, uint16_t type, const void *rdata, size_t bytes, unsigned count)
{
	struct fixture_rrset *set = malloc(sizeof(*set));
	struct fixture_owner o;

	fixture_owner(&o, owner);
	fixture_rrset_start(set, type, 60);
	while (count-- > 0)
		fixture_rrset_add(set, rdata, bytes);
	fixture_put(fixture.table, record_new(&o.owner, &set->set, 1));
	free(set);
}

static void addresses_of_the_zone_s_servers_are_given(void **state)
{
	struct reply reply = refer("2.20.in-addr.arpa", 512);

	(void)state;
	assert_int_equal(reply.count[REPLY_ANSWER], 0);
	assert_int_equal(reply.count[REPLY_AUTHORITY], 3);
	assert_int_equal(reply.count[REPLY_ADDITIONAL], 4); /* two A, two AAAA */
	assert_false(reply.truncated);
	reply = refer("1.20.in-addr.arpa", 512);
	assert_int_equal(reply.count[REPLY_AUTHORITY], 2);
	assert_int_equal(reply.count[REPLY_ADDITIONAL], 0);
}

/* Where there is no cut, as for the NS of an apex, no address has to fit. */
static void addresses_without_a_cut_are_left_out_in_silence(void **state)
{
	struct reply reply = refer("2.20.in-addr.arpa", 512);
	const struct serving_view view = serving_load(&fixture.serving);
	size_t servers;
	struct fixture_owner o;

	(void)state;
	fixture_owner(&o, "2.20.in-addr.arpa");
	/* The servers stand right behind the question. */
	servers = WIRE_HEADER_BYTES + owner_name_bytes(&o.owner) + WIRE_QUESTION_FIXED;
	reply.count[REPLY_ADDITIONAL] = 0;
	referral_addresses(&view, zones_find(fixture.zones, &o.owner), NULL, servers, 3, &reply);
	assert_int_equal(reply.count[REPLY_ADDITIONAL], 4);
	reply.limit = reply.at;
	reply.count[REPLY_ADDITIONAL] = 0;
	referral_addresses(&view, zones_find(fixture.zones, &o.owner), NULL, servers, 3, &reply);
	assert_int_equal(reply.count[REPLY_ADDITIONAL], 0);
	assert_false(reply.truncated);
}

/* RFC 9471: without room for glue that is below the cut, TC; any other is left out in silence. */
static void glue_below_the_cut_must_fit_to_the_octet(void **state)
{
	size_t whole = refer("2.20.in-addr.arpa", 512).at, limit = whole - 1;
	struct reply reply;

	(void)state;
	reply = refer("2.20.in-addr.arpa", whole + 0);
	assert_false(reply.truncated);
	reply = refer("2.20.in-addr.arpa", limit);
	assert_true(reply.truncated);
	assert_int_equal(reply.count[REPLY_AUTHORITY], 3);
	assert_int_equal(reply.count[REPLY_ADDITIONAL], 3);
	whole = refer("3.20.in-addr.arpa", 512).at;
	reply = refer("3.20.in-addr.arpa", whole - 1);
	assert_false(reply.truncated);
	assert_int_equal(reply.count[REPLY_ADDITIONAL], 3);
}

static void servers_that_do_not_fit_are_no_referral(void **state)
{
	struct reply reply = refer("wide.20.in-addr.arpa", 512);

	(void)state;
	assert_true(reply.truncated);
	assert_int_equal(reply.count[REPLY_AUTHORITY], 0);
}

/* A server's name past the last place that a pointer can name gets no glue. */
static void glue_ends_where_pointers_do(void **state)
{
	struct fixture_rrset *servers = malloc(sizeof(*servers));
	struct fixture_owner o;
	struct reply reply;
	unsigned near = 0;

	(void)state;
	fixture_owner(&o, "far.20.in-addr.arpa");
	fixture_rrset_start(servers, WIRE_TYPE_NS, 60);
	for (unsigned i = 0; i < 600; i++) {
		char text[64];

		snprintf(text, sizeof(text), "n%u.far.20.in-addr.arpa", i);
		put(text, WIRE_TYPE_A, "\1\2\3\4", 4, 1);
		fixture_rrset_add_name(servers, text);
	}
	fixture_put(fixture.table, record_new(&o.owner, &servers->set, 1));
	free(servers);
	reply = refer("far.20.in-addr.arpa", WIRE_MESSAGE_MAX_BYTES);
	assert_int_equal(reply.count[REPLY_AUTHORITY], 600);
	assert_false(reply.truncated);
	/* Each RR says where its server's name is: within reach, and the name is whole. */
	for (size_t at = reply.at; near < reply.count[REPLY_ADDITIONAL]; near++) {
		size_t target;

		at -= 16; /* an A RR */
		target = wire_get16(message + at) & REPLY_POINTER_MAX;
		assert_int_equal(message[at] & 0xc0, 0xc0);
		assert_int_equal(message[target + 1], 'n');
	}
	assert_true(near > 300 && near < 600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_of_the_zone_s_servers_are_given),
		cmocka_unit_test(addresses_without_a_cut_are_left_out_in_silence),
		cmocka_unit_test(glue_below_the_cut_must_fit_to_the_octet),
		cmocka_unit_test(servers_that_do_not_fit_are_no_referral),
		cmocka_unit_test(glue_ends_where_pointers_do),
	};

	return cmocka_run_group_tests_name(
		"dataplane/referral", tests, zones_fixture_set_up, zones_fixture_tear_down);
}
