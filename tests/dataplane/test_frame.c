/* SPDX-License-Identifier: BSD-3-Clause */
/* frame.c: offsets of an opened frame, no over-read, room, and sums against a plain RFC 1071. */
#include "dataplane/frame.h"

#include "dataplane/dns/wire.h"

#include "tests/support/cmocka.h"
#include "tests/support/fixture.h"
#include "tests/support/guard.h"
#include "tests/support/vectors.h"

#include <string.h>

static struct fixture fixture;
static struct vectors vectors;

static int set_up(void **state)
{
	(void)state;
	fixture_open(&fixture);
	vectors_open(&vectors, "frames.txt");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	vectors_close(&vectors);
	fixture_close(&fixture);
	return 0;
}

static const struct vector *named(const char *name)
{
	for (size_t i = 0; i < vectors.count; i++)
		if (strcmp(vectors.vector[i].name, name) == 0)
			return &vectors.vector[i];
	fail_msg("no vector %s", name);
	return NULL;
}

static void view_says_where_things_are(void **state)
{
	static const struct {
		const char *name;
		struct frame_view view;
	} cases[] = {
		{"ipv4", {14, 34, 42, 40, 4}},
		{"vlan", {18, 38, 46, 40, 4}},
		{"padded", {14, 34, 42, 40, 4}},
		{"ipv4-bytes-after-udp", {14, 34, 42, 40, 4}},
		{"ipv6", {14, 54, 62, 40, 6}},
		{"ipv6-vlan", {18, 58, 66, 40, 6}},
		{"udp-length-8", {14, 34, 42, 0, 4}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct vector *v = named(cases[i].name);
		struct frame_view view;

		memset(&view, 0xa5, sizeof(view));
		assert_int_equal(
			frame_open(v->query, v->query_bytes, fixture.addresses, &view), OUTCOMES);
		assert_int_equal(view.ip, cases[i].view.ip);
		assert_int_equal(view.udp, cases[i].view.udp);
		assert_int_equal(view.payload, cases[i].view.payload);
		assert_int_equal(view.payload_bytes, cases[i].view.payload_bytes);
		assert_int_equal(view.family, cases[i].view.family);
	}
}

static void every_vector_opens_or_says_why_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < vectors.count; i++) {
		const struct vector *v = &vectors.vector[i];
		struct frame_view view;
		enum outcome outcome =
			frame_open(v->query, v->query_bytes, fixture.addresses, &view);

		if (outcome != (v->outcome <= OUTCOME_UDP_CHECKSUM ? v->outcome : OUTCOMES))
			fail_msg("%s: %u", v->name, outcome);
	}
}

static void no_prefix_opens_nor_is_over_read(void **state)
{
	struct guard guard;

	(void)state;
	guard_open(&guard, 4096);
	for (size_t i = 0; i < vectors.count; i++) {
		const struct vector *v = &vectors.vector[i];
		struct frame_view view;

		for (size_t cut = 0; cut <= v->query_bytes; cut++) {
			enum outcome outcome = frame_open(
				guard_place(&guard, v->query, cut), cut, fixture.addresses, &view);

			if (outcome == OUTCOMES)
				assert_true((size_t)view.payload + view.payload_bytes <= cut);
		}
	}
	guard_close(&guard);
}

/* One bit wrong in what the sums cover is always seen; UDP's own sum of 0 is the exception. */
static void every_flipped_bit_is_noticed(void **state)
{
	static const char *const name[] = {"ipv4", "ipv6"};

	(void)state;
	for (unsigned n = 0; n < 2; n++) {
		const struct vector *v = named(name[n]);
		uint8_t frame[256];
		struct frame_view view;
		size_t from = n == 0 ? 14 : 14 + 6; /* IPv6 has no sum of its first words */

		for (size_t bit = from * 8; bit < v->query_bytes * 8; bit++) {
			if (n == 1 && bit / 8 == 14 + 7)
				continue; /* the hop limit */
			memcpy(frame, v->query, v->query_bytes);
			frame[bit / 8] ^= (uint8_t)(1u << bit % 8);
			if (frame_open(frame, v->query_bytes, fixture.addresses, &view) == OUTCOMES)
				fail_msg("bit %zu of byte %zu", bit % 8, bit / 8);
		}
	}
}

static void room_is_bounded_by_buffer_and_mtu(void **state)
{
	struct frame_view four = {14, 34, 42, 0, 4}, six = {18, 58, 66, 0, 6};

	(void)state;
	assert_int_equal(frame_reply_room(&four, 0), 0);
	assert_int_equal(frame_reply_room(&four, 42), 0);
	assert_int_equal(frame_reply_room(&four, 43), 1);
	assert_int_equal(frame_reply_room(&four, 1514), 1472);
	assert_int_equal(frame_reply_room(&four, 9000), 1472);
	assert_int_equal(frame_reply_room(&six, 1517), 1451);
	assert_int_equal(frame_reply_room(&six, 1518), 1452);
	assert_int_equal(frame_reply_room(&six, 9000), 1452);
}

/* RFC 1071 as it is written: 16-bit words, carries added at once. */
static uint16_t plain_sum(const uint8_t *bytes, size_t count, uint16_t sum)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t more = sum + (uint32_t)(i % 2 ? bytes[i] : bytes[i] << 8);

		sum = (uint16_t)((more & 0xffff) + (more >> 16));
	}
	return sum;
}

static void closed_frames_have_right_sums_at_every_length(void **state)
{
	static const char *const name[] = {"ipv4", "vlan", "ipv6", "ipv6-vlan"};
	uint8_t frame[2048];

	(void)state;
	for (unsigned n = 0; n < 4; n++)
		for (size_t bytes = 12; bytes <= 1232; bytes++) {
			const struct vector *v = named(name[n]);
			struct frame_view view;
			size_t length;
			uint16_t sum;
			uint8_t pseudo[4] = {0, 17};

			memcpy(frame, v->query, v->query_bytes);
			frame_open(frame, v->query_bytes, fixture.addresses, &view);
			for (size_t i = 0; i < bytes; i++)
				frame[view.payload + i] = (uint8_t)(i * 131 + bytes);
			length = frame_close(frame, &view, bytes);
			assert_int_equal(length, view.payload + bytes);
			wire_put16(pseudo + 2, (uint16_t)(8 + bytes));
			sum = plain_sum(pseudo, 4, 0);
			if (view.family == 4) {
				assert_int_equal(plain_sum(frame + view.ip, 20, 0), 0xffff);
				sum = plain_sum(frame + view.ip + 12, 8, sum);
			} else {
				sum = plain_sum(frame + view.ip + 8, 32, sum);
			}
			assert_int_equal(plain_sum(frame + view.udp, 8 + bytes, sum), 0xffff);
			assert_true(wire_get16(frame + view.udp + 6) != 0);
			assert_int_equal(wire_get16(frame + view.udp + 4), 8 + bytes);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(view_says_where_things_are),
		cmocka_unit_test(every_vector_opens_or_says_why_not),
		cmocka_unit_test(no_prefix_opens_nor_is_over_read),
		cmocka_unit_test(every_flipped_bit_is_noticed),
		cmocka_unit_test(room_is_bounded_by_buffer_and_mtu),
		cmocka_unit_test(closed_frames_have_right_sums_at_every_length),
	};

	return cmocka_run_group_tests_name("dataplane/frame", tests, set_up, tear_down);
}
