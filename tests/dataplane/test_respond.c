/* SPDX-License-Identifier: BSD-3-Clause */
/* respond.c: every message vector byte for byte, over UDP and TCP, at the edge of its buffers. */
#include "dataplane/respond.h"

#include "dataplane/dns/wire.h"

#include "tests/support/cmocka.h"
#include "tests/support/decode.h"
#include "tests/support/fixture.h"
#include "tests/support/guard.h"
#include "tests/support/vectors.h"

#include <stdlib.h>
#include <string.h>

static struct fixture fixture;

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

static void check_vectors(const char *file, enum transport transport)
{
	static uint8_t message[WIRE_MESSAGE_MAX_BYTES];
	struct vectors vectors;

	vectors_open(&vectors, file);
	for (size_t i = 0; i < vectors.count; i++) {
		const struct vector *v = &vectors.vector[i];
		enum outcome outcome = OUTCOMES;
		size_t length;

		/* What stands after the message must not matter. */
		memset(message, i % 2 ? 0xff : 0, sizeof(message));
		memcpy(message, v->query, v->query_bytes);
		length = respond(&fixture.serving, transport, message, v->query_bytes,
			sizeof(message), &outcome);
		if (outcome != v->outcome)
			fail_msg("%s: %s", v->name, outcome_name(outcome));
		if (length != v->reply_bytes || memcmp(message, v->reply, length) != 0)
			fail_msg("%s: another reply", v->name);
		if (length != 0 && !decode_succeeds(message, length))
			fail_msg("%s: ldns cannot decode the reply", v->name);
		assert_int_equal(length != 0, outcome >= OUTCOME_REPLIED_FIRST);
	}
	vectors_close(&vectors);
}

static void every_vector_over_udp(void **state)
{
	(void)state;
	check_vectors("messages-udp.txt", TRANSPORT_UDP);
}

static void every_vector_over_tcp(void **state)
{
	(void)state;
	check_vectors("messages-tcp.txt", TRANSPORT_TCP);
}

/* The buffer ends at a guard page `capacity` bytes on; what lies behind the message changes. */
static void check_prefix(const struct guard *guard, const struct vector *v, size_t cut,
	size_t capacity, enum transport transport)
{
	uint8_t *message = guard->end - capacity, first[4096];
	size_t length[2];

	for (unsigned fill = 0; fill < 2; fill++) {
		enum outcome outcome;

		memset(message, fill ? 0xff : 0, capacity);
		if (cut != 0)
			memcpy(message, v->query, cut);
		length[fill] =
			respond(&fixture.serving, transport, message, cut, capacity, &outcome);
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

static void every_prefix_of_every_vector_stays_in_its_buffer(void **state)
{
	struct vectors vectors;
	struct guard guard;

	(void)state;
	vectors_open(&vectors, "messages-udp.txt");
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
	assert_int_equal(
		respond(&fixture.serving, TRANSPORT_UDP, message, length, 511, &outcome), 0);
	assert_int_equal(outcome, OUTCOME_NO_ROOM);
	assert_int_equal(
		respond(&fixture.serving, TRANSPORT_TCP, message, length, 511, &outcome), 0);
	assert_int_equal(outcome, OUTCOME_NO_ROOM);
	assert_true(respond(&fixture.serving, TRANSPORT_TCP, message, length, 512, &outcome) > 0);
	assert_int_equal(outcome, OUTCOME_ANSWERED);
}

static void tcp_reply_is_bounded_by_the_buffer(void **state)
{
	uint8_t message[4096];
	enum outcome outcome;
	size_t length = ask(message, "10.2.0.192.in-addr.arpa"), whole, asked = length;

	(void)state;
	whole = respond(
		&fixture.serving, TRANSPORT_TCP, message, length, sizeof(message), &outcome);
	assert_int_equal(outcome, OUTCOME_ANSWERED);
	assert_int_equal(whole, asked + 10 * (12 + 255));
	length = ask(message, "10.2.0.192.in-addr.arpa");
	assert_int_equal(
		respond(&fixture.serving, TRANSPORT_TCP, message, length, whole, &outcome), whole);
	length = ask(message, "10.2.0.192.in-addr.arpa");
	assert_int_equal(
		respond(&fixture.serving, TRANSPORT_TCP, message, length, whole - 1, &outcome),
		asked);
	assert_int_equal(outcome, OUTCOME_TRUNCATED);
}

static void longest_tcp_message_with_padding_is_malformed(void **state)
{
	uint8_t *message = calloc(1, WIRE_MESSAGE_MAX_BYTES);
	enum outcome outcome;

	(void)state;
	ask(message, "1.2.0.192.in-addr.arpa");
	assert_int_equal(respond(&fixture.serving, TRANSPORT_TCP, message, WIRE_MESSAGE_MAX_BYTES,
				 WIRE_MESSAGE_MAX_BYTES, &outcome),
		WIRE_HEADER_BYTES);
	assert_int_equal(outcome, OUTCOME_FORMERR);
	free(message);
}

static void new_zones_and_records_are_in_the_next_answer(void **state)
{
	struct prefix owner = fixture_prefix("192.0.2.200", 32);
	struct zones *none = zones_new(NULL, 0);
	uint8_t message[512];
	enum outcome outcome;

	(void)state;
	respond(&fixture.serving, TRANSPORT_UDP, message, ask(message, "200.2.0.192.in-addr.arpa"),
		sizeof(message), &outcome);
	assert_int_equal(outcome, OUTCOME_NXDOMAIN);
	fixture_put(fixture.table, fixture_ptr(&owner, "new.example.net", 60));
	respond(&fixture.serving, TRANSPORT_UDP, message, ask(message, "200.2.0.192.in-addr.arpa"),
		sizeof(message), &outcome);
	assert_int_equal(outcome, OUTCOME_ANSWERED);
	assert_int_equal(table_reserve(fixture.table, 0, 1), 0);
	assert_true(table_remove(fixture.table, &owner));
	serving_publish_zones(&fixture.serving, none);
	respond(&fixture.serving, TRANSPORT_UDP, message, ask(message, "200.2.0.192.in-addr.arpa"),
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
		cmocka_unit_test(every_prefix_of_every_vector_stays_in_its_buffer),
		cmocka_unit_test(less_room_than_512_is_silence),
		cmocka_unit_test(tcp_reply_is_bounded_by_the_buffer),
		cmocka_unit_test(longest_tcp_message_with_padding_is_malformed),
		cmocka_unit_test(new_zones_and_records_are_in_the_next_answer),
	};

	return cmocka_run_group_tests_name("dataplane/respond", tests, set_up, tear_down);
}
