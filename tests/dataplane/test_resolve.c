/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * resolve.c where vectors do not reach: the short way and the long one, what the resolution says of
 * itself, chains past the last place that a pointer can name, names that come and go.
 */
#include "dataplane/resolve.h"

#include "tests/dataplane/zones_fixture.h"
#include "tests/support/cmocka.h"

#include <stdlib.h>
#include <string.h>

static uint8_t message[WIRE_MESSAGE_MAX_BYTES];
static struct reply reply;
static struct resolution result;

/* As if, after each of so many searches, a batch took a cut away somewhere. */
static unsigned losses, searches;

struct found __real_table_find(const struct table *table, const struct owner *owner);
struct found __wrap_table_find(const struct table *table, const struct owner *owner);
struct found __wrap_table_find(const struct table *table, const struct owner *owner)
{
	struct found found = __real_table_find(table, owner);

	searches++;
	if (losses > 0) {
		losses--;
		serving_lose(&fixture.serving);
	}
	return found;
}

static enum outcome ask(const char *name, uint16_t qtype, size_t limit)
{
	struct serving_view view = serving_load(&fixture.serving);
	size_t at = WIRE_HEADER_BYTES;
	struct found found;
	struct query q;

	memset(message, 0, WIRE_HEADER_BYTES);
	message[WIRE_QDCOUNT + 1] = 1;
	at += fixture_name(name, message + at);
	wire_put16(message + at, qtype);
	wire_put16(message + at + 2, WIRE_CLASS_IN);
	assert_int_equal(query_read(message, at + 4, &q), QUERY_OK);
	reply_begin(&reply, message, limit, 0, &q);
	memset(&result, 0xa5, sizeof(result));
	found = table_find(view.table, &q.owner);
	serving_see_cuts(&view);
	resolve(&view, &q, &found, &reply, &result);
	return result.outcome;
}

static void put(const char *owner, uint16_t type, const char *target, unsigned count)
{
	struct fixture_rrset *set = malloc(sizeof(*set));
	struct fixture_owner o;

	fixture_owner(&o, owner);
	fixture_rrset_start(set, type, 60);
	while (count-- > 0)
		fixture_rrset_add_name(set, target);
	fixture_put(fixture.table, record_new(&o.owner, &set->set, 1));
	free(set);
}

static void take_away(const char *owner)
{
	const struct table_room room = {.ancestors = 1, .named_ancestors = 1};
	struct fixture_owner o;

	fixture_owner(&o, owner);
	assert_int_equal(table_reserve(fixture.table, &room), 0);
	assert_true(table_remove(fixture.table, &o.owner));
}

static const struct zone *zone_of(const char *name)
{
	struct fixture_owner o;

	fixture_owner(&o, name);
	return zones_find(fixture.zones, &o.owner);
}

static void resolution_tells_the_zone_that_was_asked(void **state)
{
	(void)state;
	assert_int_equal(ask("1.2.0.192.in-addr.arpa", WIRE_TYPE_PTR, 512), OUTCOME_ANSWERED);
	assert_true(result.authoritative);
	assert_int_equal(result.rcode, WIRE_NOERROR);
	assert_ptr_equal(result.zone, zone_of("2.0.192.in-addr.arpa"));
	assert_int_equal(ask("across.21.in-addr.arpa", WIRE_TYPE_PTR, 512), OUTCOME_ANSWERED);
	assert_ptr_equal(result.zone, zone_of("21.in-addr.arpa"));
	assert_int_equal(
		ask("to-missing-across.21.in-addr.arpa", WIRE_TYPE_PTR, 512), OUTCOME_NXDOMAIN);
	assert_int_equal(result.rcode, WIRE_NXDOMAIN);
	assert_ptr_equal(result.zone, zone_of("21.in-addr.arpa"));
	assert_int_equal(ask("6.20.in-addr.arpa", WIRE_TYPE_DS, 512), OUTCOME_ANSWERED);
	assert_ptr_equal(result.zone, zone_of("20.in-addr.arpa"));
	assert_int_equal(ask("x.1.20.in-addr.arpa", WIRE_TYPE_PTR, 512), OUTCOME_REFERRAL);
	assert_false(result.authoritative);
	assert_ptr_equal(result.zone, zone_of("20.in-addr.arpa"));
	assert_int_equal(ask("example.net", WIRE_TYPE_PTR, 512), OUTCOME_REFUSED);
	assert_int_equal(result.rcode, WIRE_REFUSED);
	assert_false(result.authoritative);
	assert_null(result.zone);
}

/* Without cuts a hit asks no zone; everything else does. */
static void hit_without_cuts_takes_the_short_way(void **state)
{
	struct fixture whole = fixture;

	(void)state;
	fixture_open_uncut(&fixture);
	assert_int_equal(ask("1.2.0.192.in-addr.arpa", WIRE_TYPE_PTR, 512), OUTCOME_ANSWERED);
	assert_true(result.authoritative);
	assert_null(result.zone);
	assert_int_equal(reply.count[REPLY_ANSWER], 1);
	assert_int_equal(ask("1.2.0.192.in-addr.arpa", WIRE_TYPE_TXT, 512), OUTCOME_NODATA);
	assert_ptr_equal(result.zone, zone_of("2.0.192.in-addr.arpa"));
	assert_int_equal(ask("77.2.0.192.in-addr.arpa", WIRE_TYPE_PTR, 512), OUTCOME_NXDOMAIN);
	assert_int_equal(ask("1.20.in-addr.arpa", WIRE_TYPE_PTR, 512), OUTCOME_REFUSED);
	fixture_close(&fixture);
	fixture = whole;
}

/* Owners that no pointer can name are never written: the chain ends before them. */
static void chain_ends_where_pointers_do(void **state)
{
	static const struct {
		unsigned aliases;
		bool goes_on;
	} cases[] = {{1, true}, {300, true}, {600, false}, {1500, false}};

	(void)state;
	put("z.21.in-addr.arpa", WIRE_TYPE_PTR, "end.example.net", 1);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		/* No zone may hold so many; it is the only way to get so far. */
		put("x.21.in-addr.arpa", WIRE_TYPE_CNAME, "y.21.in-addr.arpa", cases[i].aliases);
		put("y.21.in-addr.arpa", WIRE_TYPE_CNAME, "z.21.in-addr.arpa", 1);
		assert_int_equal(ask("x.21.in-addr.arpa", WIRE_TYPE_PTR, WIRE_MESSAGE_MAX_BYTES),
			OUTCOME_ANSWERED);
		assert_int_equal(
			reply.count[REPLY_ANSWER], cases[i].aliases + 1 + cases[i].goes_on);
		assert_false(reply.truncated);
	}
}

static void what_does_not_fit_of_a_chain_ends_it(void **state)
{
	(void)state;
	/* The question takes 37 or 41 octets, each of these 31. */
	put("x.21.in-addr.arpa", WIRE_TYPE_CNAME, "y.21.in-addr.arpa", 18);
	assert_int_equal(ask("x.21.in-addr.arpa", WIRE_TYPE_PTR, 512), OUTCOME_ANSWERED);
	assert_true(reply.truncated);
	assert_int_equal(reply.count[REPLY_ANSWER], 0);
	put("x.21.in-addr.arpa", WIRE_TYPE_DNAME, "y.21.in-addr.arpa", 18);
	ask("a.x.21.in-addr.arpa", WIRE_TYPE_PTR, 512);
	assert_true(reply.truncated);
	assert_int_equal(reply.count[REPLY_ANSWER], 0);
	take_away("x.21.in-addr.arpa");
	/* The DNAME fits, what it stands for does not. */
	put("dname.21.in-addr.arpa", WIRE_TYPE_DNAME, "y.21.in-addr.arpa", 15);
	ask("a.dname.21.in-addr.arpa", WIRE_TYPE_PTR, 512);
	assert_true(reply.truncated);
	assert_int_equal(reply.count[REPLY_ANSWER], 15);
	put("dname.21.in-addr.arpa", WIRE_TYPE_DNAME, "2.0.192.in-addr.arpa", 1);
}

/* RFC 8020: a name exists as long as one below it does, at every level, and no longer. */
static void names_come_and_go_with_what_is_below(void **state)
{
	static const char *const levels[] = {"a.b.3.2.1.24.in-addr.arpa", "b.3.2.1.24.in-addr.arpa",
		"3.2.1.24.in-addr.arpa", "2.1.24.in-addr.arpa", "1.24.in-addr.arpa"};

	(void)state;
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < 5; i++) {
			/* The zone's wildcard answers while they do not exist. */
			assert_int_equal(ask(levels[i], WIRE_TYPE_PTR, 512), OUTCOME_ANSWERED);
			assert_int_equal(ask(levels[i], WIRE_TYPE_A, 512), OUTCOME_NODATA);
		}
		put(levels[0], WIRE_TYPE_PTR, "here.example.net", 1);
		for (unsigned i = 1; i < 5; i++)
			assert_int_equal(ask(levels[i], WIRE_TYPE_PTR, 512), OUTCOME_NODATA);
		assert_int_equal(
			ask("x.b.3.2.1.24.in-addr.arpa", WIRE_TYPE_PTR, 512), OUTCOME_NXDOMAIN);
		assert_int_equal(ask("x.1.24.in-addr.arpa", WIRE_TYPE_PTR, 512), OUTCOME_NXDOMAIN);
		take_away(levels[0]);
	}
}

/* The table may already lack what a zone says it has, or have what no zone knows of. */
static void zone_and_table_may_disagree_for_a_moment(void **state)
{
	(void)state;
	/* A cut's depth without its record. */
	take_away("8.20.in-addr.arpa");
	assert_int_equal(ask("x.8.20.in-addr.arpa", WIRE_TYPE_PTR, 512), OUTCOME_NXDOMAIN);
	/* A record of no zone, with cuts elsewhere. */
	put("1.99.in-addr.arpa", WIRE_TYPE_PTR, "stray.example.net", 1);
	assert_int_equal(ask("1.99.in-addr.arpa", WIRE_TYPE_PTR, 512), OUTCOME_REFUSED);
	take_away("1.99.in-addr.arpa");
}

/* What a cut that goes may have hidden is looked for again, and no more often than a few times. */
static void a_lost_cut_has_the_search_done_again(void **state)
{
	static const unsigned lost[] = {0, 1, 3, UINT16_MAX};
	unsigned before = 0;

	(void)state;
	for (unsigned i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
		losses = lost[i];
		searches = 0;
		assert_int_equal(
			ask("1.2.0.192.in-addr.arpa", WIRE_TYPE_PTR, 512), OUTCOME_ANSWERED);
		assert_int_equal(message[3] & 15, WIRE_NOERROR);
		assert_true(i == 0 || searches > before);
		assert_true(searches < 100);
		before = searches;
	}
	losses = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resolution_tells_the_zone_that_was_asked),
		cmocka_unit_test(hit_without_cuts_takes_the_short_way),
		cmocka_unit_test(chain_ends_where_pointers_do),
		cmocka_unit_test(what_does_not_fit_of_a_chain_ends_it),
		cmocka_unit_test(names_come_and_go_with_what_is_below),
		cmocka_unit_test(zone_and_table_may_disagree_for_a_moment),
		cmocka_unit_test(a_lost_cut_has_the_search_done_again),
	};

	return cmocka_run_group_tests_name(
		"dataplane/resolve", tests, zones_fixture_set_up, zones_fixture_tear_down);
}
