/* SPDX-License-Identifier: BSD-3-Clause */
/* A row from arpad's side to arpactl's, and on into a capture. */
#include "control/ctl/trace_row.h"
#include "control/observer/trace_row.h"
#include "tests/control/observation_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* The row for free(), with a NUL. */
static char *row_of(const struct observation *seen, bool packets)
{
	struct text out = {.octets = NULL};

	trace_row_write(&out, seen, OBSERVATION_WHEN, packets);
	text_add(&out, "", 1);
	assert_false(out.failed);
	return out.octets;
}

static void expect_row(const struct observation *seen, const char *wanted)
{
	char *row = row_of(seen, false), *quoted = strdup(wanted);

	for (char *c = quoted; *c; c++)
		if (*c == '\'')
			*c = '"';
	assert_string_equal(row, quoted);
	free(quoted);
	free(row);
}

#define TIME "{'time':'2026-11-23T17:00:00.123456789Z'"

static void test_a_row_says_what_was_asked_and_answered(void **state)
{
	struct observation seen;

	(void)state;
	observation_make(&seen, OBSERVE_WORKER, 4, 7);
	seen.worker = 3;
	expect_row(&seen,
		TIME ",'client':'198.51.100.7','port':40123,'server':'192.0.2.53','server_port':53"
		     ",'name':'7.2.0.192.in-addr.arpa.','address':'192.0.2.7','type':'PTR'"
		     ",'flags':['rd'],'rcode':'NXDOMAIN','bytes':40,'outcome':'nxdomain'"
		     ",'transport':'udp','path':'worker','worker':3}");
	observation_make(&seen, OBSERVE_TCP, 6, 255);
	seen.why = OBSERVE_SAMPLED;
	seen.one_in = 64;
	expect_row(&seen,
		TIME ",'client':'2001:db8:7::7','port':40123,'server':'2001:db8::53'"
		     ",'server_port':53,'name':'255.2.0.192.in-addr.arpa.'"
		     ",'address':'192.0.2.255','type':'PTR','flags':['rd'],'rcode':'NXDOMAIN'"
		     ",'bytes':42,'outcome':'nxdomain','transport':'tcp','path':'kernel'"
		     ",'one_in':64}");
}

static void test_a_row_of_what_is_no_query(void **state)
{
	struct observation seen;

	(void)state;
	observation_make(&seen, OBSERVE_WORKER, 4, 7);
	seen.family = 0;
	seen.outcome = OUTCOME_FRAME_SHORT;
	seen.reply_bytes = seen.reply_kept = 0;
	expect_row(&seen,
		TIME ",'outcome':'frame-short','transport':'udp','path':'worker','worker':0}");
	observation_make(&seen, OBSERVE_KERNEL_UDP, 4, 7);
	seen.query_kept = 20; /* within its name */
	seen.outcome = OUTCOME_RATE_DROPPED;
	expect_row(&seen,
		TIME ",'client':'198.51.100.7','port':40123,'server':'192.0.2.53','server_port':53"
		     ",'flags':['rd'],'outcome':'rate-dropped','transport':'udp','path':'kernel'}");
}

/* Whatever the octets are, the row is JSON, and what reads it keeps its bounds. */
static void test_any_octets_make_a_row(void **state)
{
	unsigned short random[3] = {1, 2, 3};

	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		struct observation seen;
		struct trace_streams streams = {0, 0};
		uint8_t block[TRACE_ROW_BLOCK_BYTES];
		struct trace_row read;
		json_t *value;
		char *row;

		observation_make(&seen, (enum observe_path)(i % 4), i & 4 ? 4 : 6, (uint8_t)i);
		for (unsigned k = 0; k < 8; k++)
			seen.query[(unsigned)nrand48(random) % seen.query_kept] =
				(uint8_t)nrand48(random);
		seen.outcome = (uint8_t)((unsigned)nrand48(random) % OUTCOMES);
		seen.query_kept = (uint16_t)((unsigned)nrand48(random) % (seen.query_kept + 1));
		row = row_of(&seen, true);
		value = json_loads(row, JSON_REJECT_DUPLICATES, NULL);
		if (!value)
			fail_msg("%s", row);
		json_decref(value);
		assert_true(trace_row_read((struct span){row, strlen(row)}, &read));
		assert_true(trace_row_block(&read, false, &streams, block) > 0);
		free(row);
	}
}

/* ---- Into a capture ---- */

static uint32_t word_at(const uint8_t *at)
{
	uint32_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

static uint16_t sum_of(const uint8_t *octets, size_t bytes, uint32_t sum)
{
	for (size_t i = 0; i < bytes; i++)
		sum += i % 2 ? octets[i] : (uint32_t)octets[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* The packet in the block of the row's query or reply; checks the block round it. */
static const uint8_t *packet_of(const struct observation *seen, bool reply,
	struct trace_streams *streams, uint8_t block[static TRACE_ROW_BLOCK_BYTES], size_t *bytes)
{
	char *text = row_of(seen, true);
	struct trace_row row;
	size_t length;

	assert_true(trace_row_read((struct span){text, strlen(text)}, &row));
	length = trace_row_block(&row, reply, streams, block);
	free(text);
	assert_true(length > 0 && length % 4 == 0);
	assert_int_equal(word_at(block), 6);
	assert_int_equal(word_at(block + 4), length);
	assert_int_equal(word_at(block + length - 4), length);
	assert_int_equal(word_at(block + 8), seen->path != OBSERVE_WORKER);
	assert_true(
		((uint64_t)word_at(block + 12) << 32 | word_at(block + 16)) == OBSERVATION_WHEN);
	*bytes = word_at(block + 20);
	assert_true(*bytes <= word_at(block + 24));
	return block + 28;
}

static void test_frames_are_as_they_were(void **state)
{
	struct trace_streams streams = {0, 0};
	uint8_t block[TRACE_ROW_BLOCK_BYTES];
	struct observation seen;
	const uint8_t *packet;
	size_t bytes;

	(void)state;
	observation_make(&seen, OBSERVE_WORKER, 4, 7);
	packet = packet_of(&seen, false, &streams, block, &bytes);
	assert_int_equal(bytes, seen.query_kept);
	assert_memory_equal(packet, seen.query, bytes);
	seen.reply_bytes += 1000; /* it was cut */
	packet = packet_of(&seen, true, &streams, block, &bytes);
	assert_int_equal(bytes, seen.reply_kept);
	assert_memory_equal(packet, seen.reply, bytes);
	assert_int_equal(word_at(block + 24), seen.reply_bytes);
}

/* The checksum over all of the datagram and its pseudo-header is 0xffff. */
static void check_transport(const uint8_t *addresses, size_t address_bytes, uint8_t protocol,
	const uint8_t *transport, size_t bytes)
{
	uint32_t sum = sum_of(addresses, address_bytes, (uint32_t)(protocol + bytes));

	assert_int_equal(sum_of(transport, bytes, sum), 0xffff);
}

static void test_messages_get_headers(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		bool reply = i & 1, tcp = i & 2, four = i & 4;
		struct trace_streams streams = {100, 200};
		uint8_t block[TRACE_ROW_BLOCK_BYTES];
		struct observation seen;
		const uint8_t *packet, *transport;
		size_t bytes, header = four ? 20 : 40, more = tcp ? 22 : 8, message;

		observation_make(
			&seen, tcp ? OBSERVE_TCP : OBSERVE_KERNEL_UDP, four ? 4 : 6, (uint8_t)i);
		message = reply ? seen.reply_kept : seen.query_kept;
		packet = packet_of(&seen, reply, &streams, block, &bytes);
		assert_int_equal(bytes, header + more + message);
		assert_memory_equal(
			packet + header + more, reply ? seen.reply : seen.query, message);
		transport = packet + header;
		assert_int_equal(transport[0] << 8 | transport[1], reply ? 53 : 40123);
		if (four) {
			assert_int_equal(sum_of(packet, 20, 0), 0xffff);
			assert_int_equal(packet[2] << 8 | packet[3], bytes);
			check_transport(packet + 12, 8, tcp ? 6 : 17, transport, bytes - 20);
		} else {
			assert_int_equal(packet[4] << 8 | packet[5], bytes - 40);
			check_transport(packet + 8, 32, tcp ? 6 : 17, transport, bytes - 40);
		}
		assert_int_equal(
			reply ? streams.server : streams.client, (reply ? 200 : 100) + message + 2);
		if (tcp)
			assert_int_equal(transport[20] << 8 | transport[21], message);
	}
}

static long decode(const char *text, uint8_t *to, size_t room)
{
	return trace_row_decode((struct span){text, strlen(text)}, to, room);
}

static void test_base64(void **state)
{
	static const char *const wrong[] = {"", "\"", "abcd", "\"abc\"", "\"ab=d\"", "\"a===\"",
		"\"====\"", "\"ab==abcd\"", "\"ab\\nd\"", "\"ab-_\""};
	uint8_t octets[8];

	(void)state;
	assert_int_equal(decode("\"\"", octets, 0), 0);
	assert_int_equal(decode("\"Zg==\"", octets, 8), 1);
	assert_int_equal(decode("\"Zm8=\"", octets, 8), 2);
	assert_int_equal(decode("\"Zm9vYmFy\"", octets, 6), 6);
	assert_memory_equal(octets, "foobar", 6);
	assert_int_equal(decode("\"+/+/\"", octets, 3), 3);
	assert_memory_equal(octets, "\xfb\xff\xbf", 3);
	assert_int_equal(decode("\"Zm9vYmFy\"", octets, 5), -1);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(decode(wrong[i], octets, 8), -1);
}

#define WHEN "\"time\":\"2026-11-23T17:00:00.123456789Z\","
#define ENDS "\"client\":\"192.0.2.1\",\"port\":1,\"server\":\"192.0.2.2\",\"server_port\":53,"

static void test_what_is_no_row_is_refused(void **state)
{
	static const char *const wrong[] = {"", "x", "[]", "{}", "{" WHEN "\"query\":\"\"}",
		"{\"time\":\"2026-11-23T17:00:00Z\",\"query\":\"\",\"query_bytes\":0,"
		"\"path\":\"worker\"}",
		"{\"time\":\"1026-11-23T17:00:00.123456789Z\",\"query\":\"\",\"query_bytes\":0,"
		"\"path\":\"worker\"}",
		"{" WHEN "\"query\":7,\"query_bytes\":0,\"path\":\"worker\"}",
		"{" WHEN "\"query\":\"\",\"query_bytes\":-1,\"path\":\"worker\"}",
		"{" WHEN "\"query\":\"\",\"query_bytes\":99999999999,\"path\":\"worker\"}",
		"{" WHEN "\"query\":\"\",\"query_bytes\":4294967296,\"path\":\"worker\"}",
		"{" WHEN "\"query\":\"\",\"query_bytes\":0,\"path\":\"kernel\"}",
		"{" WHEN "\"client\":\"192.0.2.1\",\"port\":65536,\"server\":\"192.0.2.2\","
		"\"server_port\":53,\"query\":\"\",\"query_bytes\":0,\"path\":\"kernel\"}",
		"{" WHEN "\"client\":\"192.0.2.1\",\"port\":1,\"server\":\"::1\","
		"\"server_port\":53,\"query\":\"\",\"query_bytes\":0,\"path\":\"kernel\"}"};
	struct trace_row row;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (trace_row_read((struct span){wrong[i], strlen(wrong[i])}, &row))
			fail_msg("%s", wrong[i]);
}

/* A row that is one, but whose packets are none. */
static void test_no_block_of_what_is_no_packet(void **state)
{
	static const char *const wrong[] = {
		"{" WHEN ENDS "\"query\":\"x\",\"query_bytes\":9,\"path\":\"kernel\"}",
		"{" WHEN ENDS "\"query\":\"Zm9v\",\"query_bytes\":2,\"path\":\"kernel\"}",
		"{" WHEN ENDS "\"query\":\"Zm9v\",\"query_bytes\":65536,\"path\":\"kernel\"}"};
	struct trace_streams streams = {0, 0};
	uint8_t block[TRACE_ROW_BLOCK_BYTES];
	struct trace_row row;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_true(trace_row_read((struct span){wrong[i], strlen(wrong[i])}, &row));
		assert_int_equal(trace_row_block(&row, false, &streams, block), 0);
		assert_int_equal(trace_row_block(&row, true, &streams, block), 0);
	}
}

static void test_a_file_begins_with_two_interfaces(void **state)
{
	uint8_t start[PCAPNG_START_BYTES];
	size_t bytes = pcapng_start(start, "arpactl test"), at = word_at(start + 4);

	(void)state;
	assert_int_equal(word_at(start), 0x0a0d0d0a);
	assert_int_equal(word_at(start + 8), 0x1a2b3c4d);
	assert_int_equal(word_at(start + at), 1);
	assert_int_equal(word_at(start + at + 8), 1); /* Ethernet */
	at += word_at(start + at + 4);
	assert_int_equal(word_at(start + at), 1);
	assert_int_equal(word_at(start + at + 8), 101); /* raw IP */
	assert_int_equal(at + word_at(start + at + 4), bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_row_says_what_was_asked_and_answered),
		cmocka_unit_test(test_a_row_of_what_is_no_query),
		cmocka_unit_test(test_any_octets_make_a_row),
		cmocka_unit_test(test_frames_are_as_they_were),
		cmocka_unit_test(test_messages_get_headers),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_what_is_no_row_is_refused),
		cmocka_unit_test(test_no_block_of_what_is_no_packet),
		cmocka_unit_test(test_a_file_begins_with_two_interfaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
