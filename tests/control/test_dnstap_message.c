/* SPDX-License-Identifier: BSD-3-Clause */
/* dnstap's messages, read back by the library of protocol buffers. */
#include "control/dnstap.pb-c.h"
#include "control/observer/dnstap_message.h"
#include "tests/control/observation_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static const struct dnstap_source source = {"ns1-ams", "arpad test"};

static Dnstap__Dnstap *written(
	const struct dnstap_source *by, enum dnstap_kind kind, const struct observation *seen)
{
	uint8_t octets[DNSTAP_MESSAGE_BYTES];
	size_t bytes = dnstap_message_write(by, kind, seen, OBSERVATION_WHEN, octets);
	Dnstap__Dnstap *frame;

	if (!bytes)
		return NULL;
	assert_true(bytes <= DNSTAP_MESSAGE_BYTES);
	frame = dnstap__dnstap__unpack(NULL, bytes, octets);
	assert_non_null(frame);
	return frame;
}

static void expect_octets(const ProtobufCBinaryData *field, const void *octets, size_t bytes)
{
	assert_int_equal(field->len, bytes);
	assert_memory_equal(field->data, octets, bytes);
}

static void expect_common(const Dnstap__Dnstap *frame, const struct observation *seen)
{
	const Dnstap__Message *message = frame->message;
	size_t bytes = seen->family == 4 ? 4 : 16;

	expect_octets(&frame->identity, "ns1-ams", 7);
	expect_octets(&frame->version, "arpad test", 10);
	expect_octets(&message->query_address, seen->client, bytes);
	expect_octets(&message->response_address, seen->server, bytes);
	assert_int_equal(message->query_port, 40123);
	assert_int_equal(message->response_port, 53);
	assert_int_equal(message->query_time_sec, OBSERVATION_WHEN / 1000000000);
	assert_int_equal(message->query_time_nsec, OBSERVATION_WHEN_NS);
	assert_int_equal(message->socket_family,
		seen->family == 4 ? DNSTAP__SOCKET_FAMILY__INET : DNSTAP__SOCKET_FAMILY__INET6);
	assert_int_equal(message->socket_protocol,
		seen->path == OBSERVE_TCP ? DNSTAP__SOCKET_PROTOCOL__TCP
					  : DNSTAP__SOCKET_PROTOCOL__UDP);
}

static void test_queries_and_responses_of_every_path(void **state)
{
	(void)state;
	for (enum observe_path path = OBSERVE_WORKER; path <= OBSERVE_PUNTED; path++)
		for (uint8_t family = 4; family <= 6; family += 2) {
			struct observation seen;
			Dnstap__Dnstap *query, *response;

			observation_make(&seen, path, family, 7);
			query = written(&source, DNSTAP_QUERY, &seen);
			expect_common(query, &seen);
			assert_int_equal(query->message->type, DNSTAP__MESSAGE__TYPE__AUTH_QUERY);
			expect_octets(&query->message->query_message,
				seen.query + seen.query_message,
				(size_t)seen.query_kept - seen.query_message);
			assert_false(query->message->has_response_message);
			dnstap__dnstap__free_unpacked(query, NULL);

			response = written(&source, DNSTAP_RESPONSE, &seen);
			expect_common(response, &seen);
			assert_int_equal(
				response->message->type, DNSTAP__MESSAGE__TYPE__AUTH_RESPONSE);
			expect_octets(&response->message->response_message,
				seen.reply + seen.reply_message,
				(size_t)seen.reply_kept - seen.reply_message);
			assert_int_equal(
				response->message->response_time_nsec, OBSERVATION_WHEN_NS);
			assert_false(response->message->has_query_message);
			dnstap__dnstap__free_unpacked(response, NULL);
		}
}

static void test_nothing_of_what_is_no_whole_message(void **state)
{
	struct observation seen;

	(void)state;
	observation_make(&seen, OBSERVE_KERNEL_UDP, 4, 7);
	seen.query_bytes++;
	seen.reply_bytes++;
	assert_null(written(&source, DNSTAP_QUERY, &seen));
	assert_null(written(&source, DNSTAP_RESPONSE, &seen));
	observation_make(&seen, OBSERVE_WORKER, 4, 7);
	seen.family = 0;
	assert_null(written(&source, DNSTAP_QUERY, &seen));
	observation_make(&seen, OBSERVE_WORKER, 4, 7);
	seen.query_message = (uint16_t)(seen.query_kept + 1);
	assert_null(written(&source, DNSTAP_QUERY, &seen));
	observation_make(&seen, OBSERVE_KERNEL_UDP, 4, 7);
	seen.outcome = OUTCOME_RATE_DROPPED;
	assert_null(written(&source, DNSTAP_RESPONSE, &seen));
}

/* The longest of everything has room. */
static void test_the_longest(void **state)
{
	static char text[2 * DNSTAP_TEXT_MAX_BYTES];
	const struct dnstap_source longest = {text, text};
	struct observation seen;
	Dnstap__Dnstap *frame;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	observation_make(&seen, OBSERVE_TCP, 6, 7);
	seen.client_port = seen.server_port = UINT16_MAX;
	seen.reply_bytes = seen.reply_kept = OBSERVE_REPLY_BYTES;
	frame = written(&longest, DNSTAP_RESPONSE, &seen);
	assert_int_equal(frame->identity.len, DNSTAP_TEXT_MAX_BYTES);
	assert_int_equal(frame->message->response_message.len, OBSERVE_REPLY_BYTES);
	dnstap__dnstap__free_unpacked(frame, NULL);
}

static void test_identity_may_be_missing(void **state)
{
	const struct dnstap_source nobody = {NULL, NULL};
	struct observation seen;
	Dnstap__Dnstap *frame;

	(void)state;
	observation_make(&seen, OBSERVE_KERNEL_UDP, 4, 7);
	frame = written(&nobody, DNSTAP_QUERY, &seen);
	assert_false(frame->has_identity);
	assert_false(frame->has_version);
	dnstap__dnstap__free_unpacked(frame, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_queries_and_responses_of_every_path),
		cmocka_unit_test(test_nothing_of_what_is_no_whole_message),
		cmocka_unit_test(test_the_longest),
		cmocka_unit_test(test_identity_may_be_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
