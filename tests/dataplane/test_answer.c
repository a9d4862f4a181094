/* SPDX-License-Identifier: BSD-3-Clause */
/* answer.c: which owner is looked up, that the record decides before the zone, what is made of the
 * options where vectors do not reach. */
#include "dataplane/answer.h"

#include "dataplane/dns/wire.h"
#include "dataplane/records/table.h"

#include "tests/dataplane/zones_fixture.h"
#include "tests/support/cmocka.h"
#include "tests/support/vectors.h"

#include <string.h>

static uint8_t message[WIRE_UDP_PLAIN_BYTES]; /* as little as there may be */

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

static const struct found nothing;

static enum outcome answer(const struct query *q, const struct found *found, size_t *length)
{
	const struct serving_view view = serving_load(&fixture.serving);
	const struct client client = fixture_client(TRANSPORT_UDP);

	return answer_write(&view, &client, q, found, message, sizeof(message), length);
}

static void only_a_good_query_of_class_in_is_looked_up(void **state)
{
	struct query q = ask("1.2.0.192.in-addr.arpa", WIRE_TYPE_PTR);

	(void)state;
	assert_ptr_equal(answer_owner(&q), &q.owner);
	q.plain = false;
	assert_ptr_equal(answer_owner(&q), &q.owner);
	for (unsigned status = QUERY_OK + 1; status <= QUERY_BADVERS; status++) {
		q.status = status;
		assert_null(answer_owner(&q));
	}
	q.status = QUERY_OK;
	q.qclass = WIRE_CLASS_CH;
	assert_null(answer_owner(&q));
	q = ask("01.2.0.192.in-addr.arpa", WIRE_TYPE_PTR);
	assert_non_null(answer_owner(&q));
	q = ask("www.example.net", WIRE_TYPE_PTR);
	assert_non_null(answer_owner(&q));
}

static void short_messages_and_replies_are_silence(void **state)
{
	struct query q = {.status = QUERY_SHORT};
	size_t length = 99;

	(void)state;
	assert_int_equal(answer(&q, &nothing, &length), OUTCOME_MESSAGE_SHORT);
	assert_int_equal(length, 0);
	q.status = QUERY_IS_REPLY;
	length = 99;
	assert_int_equal(answer(&q, &nothing, &length), OUTCOME_MESSAGE_IS_REPLY);
	assert_int_equal(length, 0);
}

static void record_decides_and_the_zone_explains_a_miss(void **state)
{
	struct query q = ask("1.2.0.192.in-addr.arpa", WIRE_TYPE_PTR);
	const struct found found = table_find(fixture.table, answer_owner(&q));
	size_t length;

	(void)state;
	assert_non_null(found.entry);
	assert_int_equal(answer(&q, &found, &length), OUTCOME_ANSWERED);
	q = ask("1.2.0.192.in-addr.arpa", WIRE_TYPE_NS);
	assert_int_equal(answer(&q, &found, &length), OUTCOME_NODATA);
	assert_int_equal(message[3] & 15, WIRE_NOERROR);
	q = ask("1.2.0.192.in-addr.arpa", WIRE_TYPE_PTR);
	assert_int_equal(answer(&q, &nothing, &length), OUTCOME_NXDOMAIN);
	assert_int_equal(message[3] & 15, WIRE_NXDOMAIN);
	q = ask("1.2.0.193.in-addr.arpa", WIRE_TYPE_PTR);
	assert_int_equal(answer(&q, &nothing, &length), OUTCOME_REFUSED);
	assert_int_equal(length, q.question_end);
}

/* The names above every zone are in the table, but are not ours to speak of. */
static void empty_non_terminal_above_the_zones_is_refused(void **state)
{
	struct query q = ask("192.in-addr.arpa", WIRE_TYPE_PTR);
	const struct found found = table_find(fixture.table, answer_owner(&q));
	size_t length;

	(void)state;
	assert_non_null(found.record);
	assert_int_equal(found.record->sets, 0);
	assert_int_equal(answer(&q, &found, &length), OUTCOME_REFUSED);
}

/* Between finding the record and asking for its zone the zone may have been removed. */
static void record_of_a_removed_zone_has_no_zone_version(void **state)
{
	struct query q = ask("7.100.51.198.in-addr.arpa", WIRE_TYPE_PTR);
	const struct serving_view whole = serving_load(&fixture.serving);
	const struct found found = table_find(fixture.table, answer_owner(&q));
	const struct client client = fixture_client(TRANSPORT_UDP);
	struct serving_view view = whole;
	struct zones *none = zones_new(NULL, 0);
	size_t bare, length;

	(void)state;
	view.zones = none;
	serving_see_cuts(&view);
	q.edns.present = true;
	answer_write(&view, &client, &q, &found, message, sizeof(message), &bare);
	q = ask("7.100.51.198.in-addr.arpa", WIRE_TYPE_PTR);
	q.edns.present = true;
	q.edns.zone_version = true;
	assert_int_equal(
		answer_write(&view, &client, &q, &found, message, sizeof(message), &length),
		OUTCOME_ANSWERED);
	assert_int_equal(length, bare);
	zones_free(none);
}

/* IPv6 clients' cookies are of all sixteen octets. */
static void cookie_is_of_the_client_that_asks(void **state)
{
	static const uint8_t address[16] = {0x20, 1, 0x0d, 0xb8, [15] = 7};
	struct client client = {.address = address, .address_bytes = 16};
	struct query q = ask("1.2.0.192.in-addr.arpa", WIRE_TYPE_PTR);
	uint8_t made[COOKIE_BYTES];
	struct serving_view view;
	size_t length;

	(void)state;
	fixture_use(&fixture, FIXTURE_ENFORCE);
	view = serving_load(&fixture.serving);
	q.edns.present = true;
	q.edns.cookie_bytes = COOKIE_CLIENT_BYTES;
	memcpy(q.edns.cookie, "a client", COOKIE_CLIENT_BYTES);
	assert_int_equal(
		answer_write(&view, &client, &q, &nothing, message, sizeof(message), &length),
		OUTCOME_BADCOOKIE);
	cookie_write(made, q.edns.cookie, address, 16, FIXTURE_NOW, &view.policy->secrets);
	assert_memory_equal(message + length - COOKIE_BYTES, made, COOKIE_BYTES);
	memcpy(q.edns.cookie, made, COOKIE_BYTES);
	q.edns.cookie_bytes = COOKIE_BYTES;
	assert_int_equal(
		answer_write(&view, &client, &q, &nothing, message, sizeof(message), &length),
		OUTCOME_NXDOMAIN);
	client.address_bytes = 4;
	assert_int_equal(
		answer_write(&view, &client, &q, &nothing, message, sizeof(message), &length),
		OUTCOME_BADCOOKIE);
	fixture_use(&fixture, FIXTURE_PLAIN);
}

/* The longest question, every option at its longest: still within 512 octets. */
static void refusal_with_every_option_fits_512(void **state)
{
	struct policy policy = fixture.policy[FIXTURE_FULL];
	struct query q = ask("www.example.net", WIRE_TYPE_AXFR);
	struct serving_view view = serving_load(&fixture.serving);
	const struct client client = fixture_client(TRANSPORT_TCP);
	size_t length;

	(void)state;
	policy.nsid_bytes = EDNS_NSID_MAX_BYTES;
	view.policy = &policy;
	q.question_end = WIRE_HEADER_BYTES + WIRE_NAME_MAX_BYTES + WIRE_QUESTION_FIXED;
	q.edns.present = q.edns.nsid = q.edns.keepalive = q.edns.zone_version = true;
	q.edns.cookie_bytes = COOKIE_CLIENT_BYTES;
	assert_int_equal(
		answer_write(&view, &client, &q, &nothing, message, sizeof(message), &length),
		OUTCOME_NOTIMP);
	assert_true(length <= WIRE_UDP_PLAIN_BYTES);
	assert_true(length > 450);
}

/* Whoever serves in-addr.arpa itself has no parent to ask. */
static void ds_at_the_root_of_a_tree_is_its_own_zones(void **state)
{
	const struct owner root = {.prefix = fixture_prefix("0.0.0.0", 0)};
	const struct client client = fixture_client(TRANSPORT_UDP);
	const struct zone_special special = {.wildcards = false};
	uint8_t item[24] = {0, 22}; /* two root names and zeros */
	struct rrset soa = {.type = WIRE_TYPE_SOA, .count = 1, .rdata = item, .rdata_bytes = 24};
	struct zone *zone = zone_new(&root, &soa, &special);
	struct zones *zones = zones_new(&zone, 1);
	struct query q = ask("in-addr.arpa", WIRE_TYPE_DS);
	struct record *record = record_new(&root, &soa, 1);
	const struct found found = {.record = record};
	struct serving_view view = serving_load(&fixture.serving);
	size_t length;

	(void)state;
	view.zones = zones;
	assert_int_equal(
		answer_write(&view, &client, &q, &found, message, sizeof(message), &length),
		OUTCOME_NODATA);
	record_free(record);
	zones_free(zones);
	zone_free(zone);
}

/* The short ways to an answer against the general one: what they take they answer alike. */

struct short_ways {
	unsigned hosts, names, types; /* hits, NXDOMAIN, NODATA that went a short way */
};

static void compare_ways(
	const struct fixture *f, const struct vector *v, size_t limit, struct short_ways *taken)
{
	uint8_t general[WIRE_UDP_EDNS_BYTES], quick[WIRE_UDP_EDNS_BYTES];
	const struct client client = fixture_client(TRANSPORT_UDP);
	struct serving_view view = serving_load(&f->serving);
	struct found found = {.record = NULL};
	enum outcome outcome, outcomes[2] = {OUTCOMES, OUTCOMES};
	size_t length, lengths[2];
	struct query q;

	if (v->query_bytes > limit)
		return;
	serving_see_cuts(&view);
	memcpy(general, v->query, v->query_bytes);
	query_read(general, v->query_bytes, &q);
	if (answer_owner(&q))
		found = table_find(f->table, answer_owner(&q));
	memset(quick, 0x5a, sizeof(quick));
	memcpy(quick, v->query, v->query_bytes);
	outcomes[0] = OUTCOME_ANSWERED;
	lengths[0] = answer_host(&view, &q, &found, quick, limit);
	lengths[1] = answer_negative(&view, &q, &found, quick, limit, &outcomes[1]);
	assert_true(lengths[0] == 0 || lengths[1] == 0);
	if (lengths[0] == 0 && lengths[1] == 0) {
		assert_memory_equal(quick, v->query, v->query_bytes);
		return;
	}
	outcome = answer_write(&view, &client, &q, &found, general, limit, &length);
	if (outcome != outcomes[lengths[0] == 0] || length != lengths[0] + lengths[1] ||
		memcmp(general, quick, length) != 0)
		fail_msg("%s: another reply", v->name);
	/* Nothing is written past the limit. */
	for (size_t i = limit; i < sizeof(quick); i++)
		assert_int_equal(quick[i], 0x5a);
	taken->hosts += lengths[0] != 0;
	taken->names += outcomes[1] == OUTCOME_NXDOMAIN;
	taken->types += outcomes[1] == OUTCOME_NODATA;
}

static void compare_all(const struct fixture *f, struct short_ways *taken)
{
	struct vectors vectors;

	vectors_open(&vectors, "plain-udp.txt");
	for (size_t i = 0; i < vectors.count; i++) {
		const struct vector *v = &vectors.vector[i];

		compare_ways(f, v, WIRE_UDP_PLAIN_BYTES, taken);
		compare_ways(f, v, WIRE_UDP_EDNS_BYTES, taken);
		/* Where it just does not fit, it is not said to. */
		for (size_t limit = v->reply_bytes; limit < v->reply_bytes + 40; limit++)
			compare_ways(f, v, limit, &(struct short_ways){0});
	}
	vectors_close(&vectors);
}

/* While anything moves, negative answers take the general way; hits do where a cut does. */
static void short_ways_wait_for_what_moves(void **state)
{
	const struct zone_special wildcards = {.wildcards = true};
	struct short_ways moving = {0}, settled = {0};
	struct fixture without;

	(void)state;
	fixture_open_uncut(&without);
	serving_move(&without.serving, &wildcards);
	compare_all(&without, &moving);
	serving_settle(&without.serving);
	compare_all(&without, &settled);
	fixture_close(&without);
	assert_true(moving.hosts > 50);
	assert_int_equal(moving.names + moving.types, 0);
	assert_true(settled.hosts > 50 && settled.names > 100 && settled.types > 50);
}

static void short_ways_answer_alike(void **state)
{
	struct short_ways cut = {0}, uncut = {0};
	struct fixture without;

	(void)state;
	compare_all(&fixture, &cut);
	assert_int_equal(cut.hosts, 0);
	fixture_open_uncut(&without);
	compare_all(&without, &uncut);
	fixture_close(&without);
	assert_true(uncut.hosts > 50);
	assert_true(cut.names > 100 && uncut.names > 100);
	assert_true(cut.types > 50 && uncut.types > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_good_query_of_class_in_is_looked_up),
		cmocka_unit_test(short_messages_and_replies_are_silence),
		cmocka_unit_test(record_decides_and_the_zone_explains_a_miss),
		cmocka_unit_test(empty_non_terminal_above_the_zones_is_refused),
		cmocka_unit_test(record_of_a_removed_zone_has_no_zone_version),
		cmocka_unit_test(cookie_is_of_the_client_that_asks),
		cmocka_unit_test(refusal_with_every_option_fits_512),
		cmocka_unit_test(ds_at_the_root_of_a_tree_is_its_own_zones),
		cmocka_unit_test(short_ways_answer_alike),
		cmocka_unit_test(short_ways_wait_for_what_moves),
	};

	return cmocka_run_group_tests_name(
		"dataplane/answer", tests, zones_fixture_set_up, zones_fixture_tear_down);
}
