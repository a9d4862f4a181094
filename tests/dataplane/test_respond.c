/* SPDX-License-Identifier: BSD-3-Clause */
/* respond.c: every message vector byte for byte, over UDP and TCP, at the edge of its buffers. */
#include "dataplane/respond.h"

#include "dataplane/dns/name.h"
#include "dataplane/dns/reply.h"

#include "tests/support/cmocka.h"
#include "tests/support/decode.h"
#include "tests/support/fixture.h"
#include "tests/support/guard.h"
#include "tests/support/vectors.h"

#include <stdlib.h>
#include <string.h>

static struct fixture fixture;
static struct client udp, tcp;

static int set_up(void **state)
{
	(void)state;
	fixture_open(&fixture);
	udp = fixture_client(TRANSPORT_UDP);
	tcp = fixture_client(TRANSPORT_TCP);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_close(&fixture);
	return 0;
}

/* The next offset after the RR at `at`; owner names that point must point back. */
static size_t skip_rr(const char *name, const uint8_t *message, size_t length, size_t at)
{
	if (message[at] != 0) {
		unsigned to = wire_get16(message + at) & REPLY_POINTER_MAX;

		if (message[at] < 0xc0 || to < WIRE_HEADER_BYTES || to >= at)
			fail_msg("%s: an owner at %zu points to %u", name, at, to);
		at++;
	}
	at += 1 + WIRE_RR_FIXED + (size_t)wire_get16(message + at + 9);
	assert_true(at <= length);
	return at;
}

static void check_owners(const char *name, const uint8_t *message, size_t length)
{
	size_t at = WIRE_HEADER_BYTES;
	unsigned rrs = 0;

	for (unsigned i = WIRE_ANCOUNT; i <= WIRE_ARCOUNT; i += 2)
		rrs += wire_get16(message + i);
	if (wire_get16(message + WIRE_QDCOUNT) == 1)
		at += name_length(message + at, length - at) + WIRE_QUESTION_FIXED;
	for (; rrs > 0; rrs--)
		at = skip_rr(name, message, length, at);
	assert_int_equal(at, length);
}

static void check_vectors(const char *file, enum fixture_policy policy, enum transport transport)
{
	static uint8_t message[WIRE_MESSAGE_MAX_BYTES];
	const struct client client = fixture_client(transport);
	struct vectors vectors;

	fixture_use(&fixture, policy);
	vectors_open(&vectors, file);
	for (size_t i = 0; i < vectors.count; i++) {
		const struct vector *v = &vectors.vector[i];
		enum outcome outcome = OUTCOMES;
		size_t length;

		/* What stands after the message must not matter. */
		memset(message, i % 2 ? 0xff : 0, sizeof(message));
		memcpy(message, v->query, v->query_bytes);
		length = respond(&fixture.serving, &client, message, v->query_bytes,
			sizeof(message), &outcome);
		if (outcome != v->outcome)
			fail_msg("%s: %s", v->name, outcome_name(outcome));
		if (length != v->reply_bytes || memcmp(message, v->reply, length) != 0)
			fail_msg("%s: another reply", v->name);
		if (length != 0 && !decode_succeeds(message, length))
			fail_msg("%s: ldns cannot decode the reply", v->name);
		if (length != 0)
			check_owners(v->name, message, length);
		assert_int_equal(length != 0, outcome >= OUTCOME_REPLIED_FIRST);
	}
	vectors_close(&vectors);
	fixture_use(&fixture, FIXTURE_PLAIN);
}

static void every_vector_over_udp(void **state)
{
	(void)state;
	check_vectors("plain-udp.txt", FIXTURE_PLAIN, TRANSPORT_UDP);
	check_vectors("full-udp.txt", FIXTURE_FULL, TRANSPORT_UDP);
	check_vectors("enforce-udp.txt", FIXTURE_ENFORCE, TRANSPORT_UDP);
}

static void every_vector_over_tcp(void **state)
{
	(void)state;
	check_vectors("plain-tcp.txt", FIXTURE_PLAIN, TRANSPORT_TCP);
	check_vectors("full-tcp.txt", FIXTURE_FULL, TRANSPORT_TCP);
	check_vectors("enforce-tcp.txt", FIXTURE_ENFORCE, TRANSPORT_TCP);
}

/* Where no zone has a cut a hit takes a shorter way; it must lead to the same reply. */
static void zones_without_cuts_answer_alike(void **state)
{
	const struct client client = fixture_client(TRANSPORT_UDP);
	uint8_t message[WIRE_UDP_EDNS_BYTES];
	struct fixture uncut;
	struct vectors vectors;
	unsigned compared = 0;

	(void)state;
	fixture_open_uncut(&uncut);
	assert_false(zones_have_cuts(uncut.zones));
	assert_true(zones_have_cuts(fixture.zones));
	vectors_open(&vectors, "plain-udp.txt");
	for (size_t i = 0; i < vectors.count; i++) {
		const struct vector *v = &vectors.vector[i];
		enum outcome outcome;
		size_t length;

		memcpy(message, v->query, v->query_bytes);
		length = respond(&uncut.serving, &client, message, v->query_bytes, sizeof(message),
			&outcome);
		if (outcome < OUTCOME_ANSWERED || outcome > OUTCOME_NXDOMAIN)
			continue;
		compared++;
		if (length != v->reply_bytes || memcmp(message, v->reply, length) != 0)
			fail_msg("%s: another reply", v->name);
	}
	assert_true(compared > 250);
	vectors_close(&vectors);
	fixture_close(&uncut);
}

/* The buffer ends at a guard page `capacity` bytes on; what lies behind the message changes. */
static void check_prefix(const struct guard *guard, const struct vector *v, size_t cut,
	size_t capacity, enum transport transport)
{
	const struct client client = fixture_client(transport);
	uint8_t *message = guard->end - capacity, first[4096];
	size_t length[2];

	for (unsigned fill = 0; fill < 2; fill++) {
		enum outcome outcome;

		memset(message, fill ? 0xff : 0, capacity);
		if (cut != 0)
			memcpy(message, v->query, cut);
		length[fill] = respond(&fixture.serving, &client, message, cut, capacity, &outcome);
		assert_true(length[fill] <= capacity);
		assert_int_equal(length[fill] != 0, outcome >= OUTCOME_REPLIED_FIRST);
		if (outcome == OUTCOME_FORMERR)
			assert_int_equal(length[fill], WIRE_HEADER_BYTES);
		if (fill == 0)
			memcpy(first, message, length[0]);
	}
	assert_int_equal(length[0], length[1]);
	assert_memory_equal(first, message, length[0]);
}

static void check_prefixes(const char *file, enum fixture_policy policy)
{
	struct vectors vectors;
	struct guard guard;

	fixture_use(&fixture, policy);
	vectors_open(&vectors, file);
	guard_open(&guard, 4096);
	for (size_t i = 0; i < vectors.count; i++)
		for (size_t cut = 0; cut <= vectors.vector[i].query_bytes; cut++) {
			const struct vector *v = &vectors.vector[i];

			check_prefix(&guard, v, cut, 541, TRANSPORT_UDP);
			check_prefix(&guard, v, cut, 541, TRANSPORT_TCP);
			check_prefix(&guard, v, cut, 4096, TRANSPORT_UDP);
			check_prefix(&guard, v, cut, 4096, TRANSPORT_TCP);
		}
	guard_close(&guard);
	vectors_close(&vectors);
	fixture_use(&fixture, FIXTURE_PLAIN);
}

static void every_prefix_of_every_vector_stays_in_its_buffer(void **state)
{
	(void)state;
	check_prefixes("plain-udp.txt", FIXTURE_PLAIN);
	check_prefixes("full-udp.txt", FIXTURE_FULL);
	check_prefixes("enforce-udp.txt", FIXTURE_ENFORCE);
}

static size_t ask(uint8_t *message, const char *name)
{
	size_t at = WIRE_HEADER_BYTES;

	memset(message, 0, WIRE_HEADER_BYTES);
	message[WIRE_QDCOUNT + 1] = 1;
	at += fixture_name(name, message + at);
	memcpy(message + at, "\0\x0c\0\1", 4);
	return at + 4;
}

static void less_room_than_512_is_silence(void **state)
{
	uint8_t message[512];
	enum outcome outcome;
	size_t length = ask(message, "1.2.0.192.in-addr.arpa");

	(void)state;
	assert_int_equal(respond(&fixture.serving, &udp, message, length, 511, &outcome), 0);
	assert_int_equal(outcome, OUTCOME_NO_ROOM);
	assert_int_equal(respond(&fixture.serving, &tcp, message, length, 511, &outcome), 0);
	assert_int_equal(outcome, OUTCOME_NO_ROOM);
	assert_true(respond(&fixture.serving, &tcp, message, length, 512, &outcome) > 0);
	assert_int_equal(outcome, OUTCOME_ANSWERED);
}

static void tcp_reply_is_bounded_by_the_buffer(void **state)
{
	uint8_t message[4096];
	enum outcome outcome;
	size_t length = ask(message, "10.2.0.192.in-addr.arpa"), whole, asked = length;

	(void)state;
	whole = respond(&fixture.serving, &tcp, message, length, sizeof(message), &outcome);
	assert_int_equal(outcome, OUTCOME_ANSWERED);
	assert_int_equal(whole, asked + 10 * (12 + 255));
	length = ask(message, "10.2.0.192.in-addr.arpa");
	assert_int_equal(respond(&fixture.serving, &tcp, message, length, whole, &outcome), whole);
	length = ask(message, "10.2.0.192.in-addr.arpa");
	assert_int_equal(
		respond(&fixture.serving, &tcp, message, length, whole - 1, &outcome), asked);
	assert_int_equal(outcome, OUTCOME_TRUNCATED);
}

/* A record's own limit leaves room for the longest question and a bare OPT. */
static void tcp_reply_may_have_64_kib(void **state)
{
	enum { RDATA = 65535 - 12 - 255 - 4 - 11 - 12 };
	static uint8_t message[WIRE_MESSAGE_MAX_BYTES];
	struct fixture_rrset *text = calloc(1, sizeof(*text));
	uint8_t *rdata = calloc(1, RDATA);
	struct fixture_owner owner;
	enum outcome outcome;
	size_t asked;

	(void)state;
	fixture_owner(&owner, "222.2.0.192.in-addr.arpa");
	fixture_rrset_start(text, WIRE_TYPE_PTR, 1);
	fixture_rrset_add(text, rdata, RDATA);
	fixture_put(fixture.table, record_new(&owner.owner, &text->set, 1));
	asked = ask(message, "222.2.0.192.in-addr.arpa");
	assert_int_equal(respond(&fixture.serving, &tcp, message, asked, sizeof(message), &outcome),
		asked + 12 + RDATA);
	assert_int_equal(outcome, OUTCOME_ANSWERED);
	asked = ask(message, "222.2.0.192.in-addr.arpa");
	assert_int_equal(
		respond(&fixture.serving, &udp, message, asked, sizeof(message), &outcome), asked);
	assert_int_equal(outcome, OUTCOME_TRUNCATED);
	free(rdata);
	free(text);
}

static void longest_tcp_message_with_padding_is_malformed(void **state)
{
	uint8_t *message = calloc(1, WIRE_MESSAGE_MAX_BYTES);
	enum outcome outcome;

	(void)state;
	ask(message, "1.2.0.192.in-addr.arpa");
	assert_int_equal(respond(&fixture.serving, &tcp, message, WIRE_MESSAGE_MAX_BYTES,
				 WIRE_MESSAGE_MAX_BYTES, &outcome),
		WIRE_HEADER_BYTES);
	assert_int_equal(outcome, OUTCOME_FORMERR);
	free(message);
}

static void new_zones_and_records_are_in_the_next_answer(void **state)
{
	static const struct table_room room = {.ancestors = 1};
	const struct prefix host = fixture_prefix("192.0.2.200", 32);
	const struct owner owner = owner_from_prefix(&host);
	struct zones *none = zones_new(NULL, 0);
	uint8_t message[512];
	enum outcome outcome;

	(void)state;
	respond(&fixture.serving, &udp, message, ask(message, "200.2.0.192.in-addr.arpa"),
		sizeof(message), &outcome);
	assert_int_equal(outcome, OUTCOME_NXDOMAIN);
	fixture_put(fixture.table, fixture_ptr(&owner, "new.example.net", 60));
	respond(&fixture.serving, &udp, message, ask(message, "200.2.0.192.in-addr.arpa"),
		sizeof(message), &outcome);
	assert_int_equal(outcome, OUTCOME_ANSWERED);
	assert_int_equal(table_reserve(fixture.table, &room), 0);
	assert_true(table_remove(fixture.table, &owner));
	serving_publish_zones(&fixture.serving, none);
	respond(&fixture.serving, &udp, message, ask(message, "200.2.0.192.in-addr.arpa"),
		sizeof(message), &outcome);
	assert_int_equal(outcome, OUTCOME_REFUSED);
	assert_ptr_equal(serving_publish_zones(&fixture.serving, fixture.zones), none);
	zones_free(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_over_udp),
		cmocka_unit_test(every_vector_over_tcp),
		cmocka_unit_test(zones_without_cuts_answer_alike),
		cmocka_unit_test(every_prefix_of_every_vector_stays_in_its_buffer),
		cmocka_unit_test(less_room_than_512_is_silence),
		cmocka_unit_test(tcp_reply_is_bounded_by_the_buffer),
		cmocka_unit_test(tcp_reply_may_have_64_kib),
		cmocka_unit_test(longest_tcp_message_with_padding_is_malformed),
		cmocka_unit_test(new_zones_and_records_are_in_the_next_answer),
	};

	return cmocka_run_group_tests_name("dataplane/respond", tests, set_up, tear_down);
}
