/* SPDX-License-Identifier: BSD-3-Clause */
/* probe.c: the pipeline takes its frames as if a port had brought them, and it takes the replies.
 */
#include "dataplane/probe.h"

#include "dataplane/dns/wire.h"
#include "dataplane/pipeline.h"
#include "tests/dataplane/zones_fixture.h"
#include "tests/support/cmocka.h"

#include <stdlib.h>
#include <string.h>

enum { PORT = 53 };

static struct burst burst;
static struct counters counters;

static const uint8_t query[] = {0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'x', 0, 0, 6, 0, 1};

/* Through the pipeline, in memory that ends where the frame's does. Returns the reply's length. */
static uint32_t run(uint8_t *frame, uint32_t length)
{
	const struct pipeline pipeline = {
		.serving = &fixture.serving, .link = &fixture_link, .counters = &counters};

	burst.n = 1;
	burst.frame[0] = frame;
	burst.length[0] = length;
	burst.capacity[0] = PROBE_FRAME_BYTES;
	burst.punt_room = 0;
	pipeline_run(&pipeline, &burst);
	return burst.length[0];
}

static struct ip_address ours(uint8_t family)
{
	struct ip_address address = {.family = family};
	const struct addresses *set = atomic_load(&fixture.serving.addresses);

	for (uint64_t i = 0; i <= set->mask; i++)
		if (set->slot[i].family == family) {
			memcpy(address.bytes, &set->slot[i].key.high, 8);
			memcpy(address.bytes + 8, &set->slot[i].key.low, 8);
			return address;
		}
	fail_msg("the fixture has no address of IPv%u", family);
	return address;
}

static void goes_through_the_pipeline(void **state)
{
	(void)state;
	for (uint8_t family = 4; family <= 6; family += 2) {
		uint8_t *frame = malloc(PROBE_FRAME_BYTES);
		struct ip_address to = ours(family);
		const uint8_t *message = NULL;
		uint32_t length =
			probe_write(frame, &fixture_link, &to, PORT, query, sizeof(query));

		assert_int_equal(length, 14u + (family == 4 ? 20 : 40) + 8 + sizeof(query));
		length = run(frame, length);
		assert_int_equal(burst.outcome[0], OUTCOME_REFUSED);
		assert_int_equal(probe_read(frame, length, &message), sizeof(query));
		assert_int_equal(wire_get16(message), 0x1234);
		assert_int_equal(wire_get16(message + WIRE_FLAGS) & WIRE_RCODE_MASK, WIRE_REFUSED);
		free(frame);
	}
}

/* What a client would not take: every octet of the headers that is wrong, and every length. */
static void a_bad_reply_is_none(void **state)
{
	(void)state;
	for (uint8_t family = 4; family <= 6; family += 2) {
		uint8_t frame[PROBE_FRAME_BYTES];
		struct ip_address to = ours(family);
		const uint8_t *message;
		uint32_t length = run(
			frame, probe_write(frame, &fixture_link, &to, PORT, query, sizeof(query)));
		unsigned udp = 14 + (family == 4 ? 20 : 40);

		assert_true(length > 0);
		for (uint32_t cut = 0; cut < length; cut++)
			assert_int_equal(probe_read(frame, cut, &message), 0);
		assert_int_equal(probe_read(frame, PROBE_FRAME_BYTES + 1, &message), 0);
		for (unsigned i = udp; i < length; i++) {
			frame[i] ^= 0x40;
			assert_int_equal(probe_read(frame, length, &message), 0);
			frame[i] ^= 0x40;
		}
		frame[udp - 1] ^= 1; /* the client's address */
		assert_int_equal(probe_read(frame, length, &message), 0);
		frame[udp - 1] ^= 1;
		frame[0] ^= 2;
		assert_int_equal(probe_read(frame, length, &message), 0);
		frame[0] ^= 2;
		assert_true(probe_read(frame, length, &message) > 0);
	}
}

static void longest_and_shortest(void **state)
{
	uint8_t frame[PROBE_FRAME_BYTES], long_query[PROBE_MESSAGE_MAX_BYTES] = {0};
	struct ip_address to = ours(6);

	(void)state;
	assert_int_equal(
		probe_write(frame, &fixture_link, &to, PORT, long_query, sizeof(long_query)),
		14 + 40 + 8 + sizeof(long_query));
	assert_true(run(frame, 14 + 40 + 8 + sizeof(long_query)) > 0);
	assert_int_equal(
		probe_write(frame, &fixture_link, &to, PORT, long_query, WIRE_HEADER_BYTES),
		14 + 40 + 8 + WIRE_HEADER_BYTES);
	assert_true(run(frame, 14 + 40 + 8 + WIRE_HEADER_BYTES) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_through_the_pipeline),
		cmocka_unit_test(a_bad_reply_is_none),
		cmocka_unit_test(longest_and_shortest),
	};

	return cmocka_run_group_tests_name(
		"probe", tests, zones_fixture_set_up, zones_fixture_tear_down);
}
