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
		{"ipv4", {14, 34, 42, 40, 4, 0, 0}},
		{"vlan", {18, 38, 46, 40, 4, 0, 0}},
		{"padded", {14, 34, 42, 40, 4, 0, 0}},
		{"ipv4-bytes-after-udp", {14, 34, 42, 40, 4, 0, 0}},
		{"ipv6", {14, 54, 62, 40, 6, 0, 0}},
		{"ipv6-vlan", {18, 58, 66, 40, 6, 0, 0}},
		{"udp-length-8", {14, 34, 42, 0, 4, 0, 0}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct vector *v = named(cases[i].name);
		struct frame_view view;

		memset(&view, 0xa5, sizeof(view));
		assert_int_equal(frame_open(v->query, v->query_bytes, &fixture_link,
					 fixture.addresses, &view),
			OUTCOMES);
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
		enum outcome outcome = frame_open(
			v->query, v->query_bytes, &fixture_link, fixture.addresses, &view);

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
			enum outcome outcome = frame_open(guard_place(&guard, v->query, cut), cut,
				&fixture_link, fixture.addresses, &view);

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
			if (frame_open(frame, v->query_bytes, &fixture_link, fixture.addresses,
				    &view) == OUTCOMES)
				fail_msg("bit %zu of byte %zu", bit % 8, bit / 8);
		}
	}
}

static void room_is_bounded_by_buffer_and_mtu(void **state)
{
	struct frame_view four = {14, 34, 42, 0, 4, 0, 0}, six = {18, 58, 66, 0, 6, 0, 0};

	(void)state;
	assert_int_equal(frame_reply_room(&four, 0, 1500), 0);
	assert_int_equal(frame_reply_room(&four, 42, 1500), 0);
	assert_int_equal(frame_reply_room(&four, 43, 1500), 1);
	assert_int_equal(frame_reply_room(&four, 1514, 1500), 1472);
	assert_int_equal(frame_reply_room(&four, 9000, 1500), 1472);
	assert_int_equal(frame_reply_room(&six, 1517, 1500), 1451);
	assert_int_equal(frame_reply_room(&six, 1518, 1500), 1452);
	assert_int_equal(frame_reply_room(&six, 9000, 1500), 1452);
	/* A longer MTU leaves it to the buffer, a shorter one never makes it negative. */
	assert_int_equal(frame_reply_room(&four, 10000, 9000), 8972);
	assert_int_equal(frame_reply_room(&six, 2048, 65535), 2048 - 66);
	assert_int_equal(frame_reply_room(&six, 9000, 1280), 1232);
	assert_int_equal(frame_reply_room(&four, 9000, 576), 548);
	for (uint16_t mtu = 0; mtu <= 28; mtu++)
		assert_int_equal(frame_reply_room(&four, 9000, mtu), 0);
	assert_int_equal(frame_reply_room(&four, 9000, 29), 1);
}

/* Any bit of the port's address that differs is another host's; what is beside it is not asked. */
static void only_the_ports_own_mac_is_taken(void **state)
{
	const struct vector *v = named("ipv4");
	struct link link = {.mac = {2, 0, 0, 0, 0, 10}, .alone = true, .mtu_bytes = 0xffff};
	struct frame_view view;

	(void)state;
	assert_int_equal(
		frame_open(v->query, v->query_bytes, &link, fixture.addresses, &view), OUTCOMES);
	for (unsigned bit = 0; bit < 48; bit++) {
		struct link other = link;

		other.mac[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(
			frame_open(v->query, v->query_bytes, &other, fixture.addresses, &view),
			OUTCOME_NOT_OUR_MAC);
	}
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

/* Both checksums of a closed frame by the book, and the UDP length. */
static void check_closed(const uint8_t *frame, const struct frame_view *view, size_t bytes)
{
	uint8_t pseudo[4] = {0, 17};
	uint16_t sum;

	wire_put16(pseudo + 2, (uint16_t)(8 + bytes));
	sum = plain_sum(pseudo, 4, 0);
	if (view->family == 4) {
		assert_int_equal(plain_sum(frame + view->ip, 20, 0), 0xffff);
		sum = plain_sum(frame + view->ip + 12, 8, sum);
	} else {
		sum = plain_sum(frame + view->ip + 8, 32, sum);
	}
	assert_int_equal(plain_sum(frame + view->udp, 8 + bytes, sum), 0xffff);
	assert_true(wire_get16(frame + view->udp + 6) != 0);
	assert_int_equal(wire_get16(frame + view->udp + 4), 8 + bytes);
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

			memcpy(frame, v->query, v->query_bytes);
			frame_open(frame, v->query_bytes, &fixture_link, fixture.addresses, &view);
			for (size_t i = 0; i < bytes; i++)
				frame[view.payload + i] = (uint8_t)(i * 131 + bytes);
			length = frame_close(frame, &view, bytes);
			assert_int_equal(length, view.payload + bytes);
			check_closed(frame, &view, bytes);
		}
}

static uint64_t random_state = 1071;

static uint8_t random_octet(void)
{
	random_state = random_state * 6364136223846793005 + 1442695040888963407;
	return (uint8_t)(random_state >> 56);
}

/* A datagram of `bytes` random octets of payload in the headers of `v`, its checksum right or 0. */
static size_t make_query(uint8_t *frame, const struct vector *v, size_t bytes, bool summed)
{
	size_t ip = wire_get16(v->query + 12) == 0x8100 ? 18 : 14;
	bool ipv4 = v->query[ip] >> 4 == 4;
	struct frame_view view = {.ip = (uint16_t)ip,
		.udp = (uint16_t)(ip + (ipv4 ? 20 : 40)),
		.family = ipv4 ? 4 : 6};
	size_t end;

	view.payload = view.udp + 8;
	memcpy(frame, v->query, view.payload);
	for (size_t i = 0; i < bytes; i++)
		frame[view.payload + i] = random_octet();
	/* frame_close makes a right frame, the way back; again turned round it is the way here. */
	end = frame_close(frame, &view, bytes);
	check_closed(frame, &view, bytes);
	assert_int_equal(frame_close(frame, &view, bytes), end);
	if (!summed)
		wire_put16(frame + view.udp + 6, 0);
	return end;
}

/*
 * Every place where the question can end, with bytes behind it or none, and replies that are
 * longer, as long, and of a header alone: what is kept is never counted wrong.
 */
static void what_a_reply_keeps_need_not_be_summed_again(void **state)
{
	static const char *const name[] = {"ipv4", "vlan", "ipv6", "ipv6-vlan"};
	uint8_t frame[2048];

	(void)state;
	for (unsigned n = 0; n < 200000; n++) {
		const struct vector *v = named(name[n % 4]);
		size_t question = 13 + n / 4 % 275, behind = n % 3 == 0 ? random_octet() % 64u : 0;
		bool summed = n % 4 > 1 || n % 5 != 0; /* IPv6 always */
		size_t bytes = n % 7 == 0 ? 12 : question + random_octet();
		size_t length = make_query(frame, v, question + behind, summed);
		struct frame_view view;

		assert_int_equal(frame_open(frame, length, &fixture_link, fixture.addresses, &view),
			OUTCOMES);
		assert_int_equal(view.payload_bytes, question + behind);
		frame_keep(frame, &view, question);
		for (size_t i = 2; i < bytes; i++)
			if (i < 12 || i >= question)
				frame[view.payload + i] = random_octet();
		assert_int_equal(frame_close(frame, &view, bytes), view.payload + bytes);
		check_closed(frame, &view, bytes);
	}
}

/* Among 65,536 IDs there is one that makes the checksum 0. */
static void no_reply_has_a_sum_of_0(void **state)
{
	const struct vector *v = named("ipv4");
	unsigned ones = 0;
	uint8_t frame[256];

	(void)state;
	for (unsigned id = 0; id <= 0xffff; id++) {
		struct frame_view view;
		size_t length;

		memcpy(frame, v->query, v->query_bytes);
		wire_put16(frame + 40, 0); /* no checksum, so that any ID will do */
		wire_put16(frame + 42, (uint16_t)id);
		assert_int_equal(
			frame_open(frame, v->query_bytes, &fixture_link, fixture.addresses, &view),
			OUTCOMES);
		frame_keep(frame, &view, view.payload_bytes);
		length = frame_close(frame, &view, view.payload_bytes);
		assert_int_equal(length, v->query_bytes);
		check_closed(frame, &view, view.payload_bytes);
		ones += wire_get16(frame + 40) == 0xffff;
	}
	assert_int_equal(ones, 1); /* it was met, and sent as all ones */
}

/* Over IPv6 a sum of 0 is refused even where the rest adds up to all ones. */
static void ipv6_without_a_sum_is_refused(void **state)
{
	const struct vector *v = named("ipv6");
	struct frame_view view;
	unsigned refused = 0;
	uint8_t frame[256];

	(void)state;
	for (unsigned id = 0; id <= 0xffff; id++) {
		memcpy(frame, v->query, v->query_bytes);
		wire_put16(frame + 60, 0);
		wire_put16(frame + 62, (uint16_t)id);
		refused += frame_open(frame, v->query_bytes, &fixture_link, fixture.addresses,
				   &view) == OUTCOME_UDP_CHECKSUM;
	}
	assert_int_equal(refused, 0x10000);
}

static void any_of_our_addresses_will_do(void **state)
{
	static const struct ip_address list[] = {{4, {192, 0, 2, 52}}, {4, {192, 0, 2, 53}}};
	struct addresses *set = addresses_new(list, 2, 53);
	const struct vector *v = named("ipv4");
	struct frame_view view;

	(void)state;
	assert_int_equal(frame_open(v->query, v->query_bytes, &fixture_link, set, &view), OUTCOMES);
	addresses_free(set);
	set = addresses_new(list, 1, 53);
	assert_int_equal(
		frame_open(v->query, v->query_bytes, &fixture_link, set, &view), OUTCOME_NOT_OURS);
	addresses_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(view_says_where_things_are),
		cmocka_unit_test(every_vector_opens_or_says_why_not),
		cmocka_unit_test(no_prefix_opens_nor_is_over_read),
		cmocka_unit_test(every_flipped_bit_is_noticed),
		cmocka_unit_test(room_is_bounded_by_buffer_and_mtu),
		cmocka_unit_test(only_the_ports_own_mac_is_taken),
		cmocka_unit_test(closed_frames_have_right_sums_at_every_length),
		cmocka_unit_test(what_a_reply_keeps_need_not_be_summed_again),
		cmocka_unit_test(no_reply_has_a_sum_of_0),
		cmocka_unit_test(ipv6_without_a_sum_is_refused),
		cmocka_unit_test(any_of_our_addresses_will_do),
	};

	return cmocka_run_group_tests_name("dataplane/frame", tests, set_up, tear_down);
}
