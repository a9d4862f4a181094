/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * neighbor.c and echo.c: every vector through the pipeline of a port without a kernel, alone, in
 * bursts and cut at every byte; announcements byte by byte.
 */
#include "dataplane/neighbor.h"

#include "dataplane/dns/wire.h"
#include "dataplane/pipeline.h"

#include "tests/support/cmocka.h"
#include "tests/support/fixture.h"
#include "tests/support/guard.h"
#include "tests/support/vectors.h"

#include <string.h>

enum { CAPACITY = 2048 };

static struct fixture fixture;
static struct vectors vectors, frames;
static struct burst burst;
static struct counters counters;
static uint8_t buffer[BURST_MAX][CAPACITY];

static struct link alone = {.mac = {2, 0, 0, 0, 0, 10}, .alone = true, .mtu_bytes = LINK_MTU_BYTES};

static int set_up(void **state)
{
	(void)state;
	fixture_open(&fixture);
	vectors_open(&vectors, "neighbors.txt");
	vectors_open(&frames, "frames.txt");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	vectors_close(&frames);
	vectors_close(&vectors);
	fixture_close(&fixture);
	return 0;
}

static void run(const struct link *link)
{
	const struct pipeline pipeline = {
		.serving = &fixture.serving, .link = link, .counters = &counters};

	pipeline_run(&pipeline, &burst);
}

static void place(unsigned i, const struct vector *v, int fill)
{
	memset(buffer[i], fill, CAPACITY);
	memcpy(buffer[i], v->query, v->query_bytes);
	burst.frame[i] = buffer[i];
	burst.length[i] = (uint32_t)v->query_bytes;
	burst.capacity[i] = CAPACITY;
}

static bool is_dns(enum outcome outcome)
{
	return outcome >= OUTCOME_REPLIED_FIRST && outcome < OUTCOME_NEIGHBOR;
}

/* Whether it ends so on any port, with room for punted messages or without. */
static bool is_plain(enum outcome outcome)
{
	return outcome >= OUTCOME_ANSWERED && outcome <= OUTCOME_NXDOMAIN;
}

/* The reply, or silence and the frame untouched; and nothing behind them, which DNS may use. */
static void check(unsigned i, const struct vector *v, int fill)
{
	size_t end = v->reply_bytes > v->query_bytes ? v->reply_bytes : v->query_bytes;

	if (burst.outcome[i] != v->outcome)
		fail_msg("%s: %s", v->name, outcome_name(burst.outcome[i]));
	if (burst.length[i] != v->reply_bytes || memcmp(buffer[i], v->reply, v->reply_bytes) != 0)
		fail_msg("%s: another reply", v->name);
	if (v->reply_bytes == 0 && memcmp(buffer[i], v->query, v->query_bytes) != 0)
		fail_msg("%s: the frame was changed", v->name);
	for (size_t at = end; at < CAPACITY && !is_dns(v->outcome); at++)
		if (buffer[i][at] != (uint8_t)fill)
			fail_msg("%s: byte %zu behind it was changed", v->name, at);
}

static void every_vector_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < vectors.count; i++) {
		const struct vector *v = &vectors.vector[i];
		uint64_t before = counter_read(&counters.outcome[v->outcome]);

		memset(&burst, 0xa5, sizeof(burst));
		burst.n = 1;
		place(0, v, 0x5a);
		run(&alone);
		check(0, v, 0x5a);
		assert_int_equal(counter_read(&counters.outcome[v->outcome]), before + 1);
	}
}

static void replies_grow_only_where_they_must(void **state)
{
	unsigned grown = 0;

	(void)state;
	for (size_t i = 0; i < vectors.count; i++) {
		const struct vector *v = &vectors.vector[i];

		if (v->reply_bytes <= v->query_bytes)
			continue;
		assert_int_equal(v->outcome, OUTCOME_NEIGHBOR);
		assert_int_equal(v->reply_bytes, v->query_bytes + NEIGHBOR_GROWTH_BYTES);
		grown++;
	}
	assert_int_equal(grown, 3); /* a probe, one in a VLAN, and one without the sender's MAC */
}

/* DNS and neighbours side by side: neither's lengths get into the other's. */
static void mixed_bursts_give_what_each_frame_alone_gives(void **state)
{
	size_t next = 0;

	(void)state;
	memset(&burst, 0xa5, sizeof(burst));
	for (unsigned round = 0; round < 400; round++) {
		const struct vector *chosen[BURST_MAX];

		burst.n = round < 200 ? BURST_MAX : round % (BURST_MAX + 1);
		for (unsigned i = 0; i < burst.n; i++) {
			next += 197;
			chosen[i] = &vectors.vector[next % vectors.count];
			if (round % 2 && is_plain(frames.vector[next % frames.count].outcome))
				chosen[i] = &frames.vector[next % frames.count];
			place(i, chosen[i], (int)round);
		}
		run(&alone);
		for (unsigned i = 0; i < burst.n; i++)
			check(i, chosen[i], (int)round);
	}
}

static void a_kernel_that_shares_the_port_is_left_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < vectors.count; i++) {
		burst.n = 1;
		place(0, &vectors.vector[i], 0);
		run(&fixture_link);
		assert_int_equal(burst.length[0], 0);
		assert_true(burst.outcome[0] < OUTCOME_TO_KERNEL);
		assert_memory_equal(
			buffer[0], vectors.vector[i].query, vectors.vector[i].query_bytes);
	}
}

/* Only a reply that is longer than its request needs room behind it. */
static void no_prefix_is_over_read_nor_written_past(void **state)
{
	struct guard guard;

	(void)state;
	guard_open(&guard, 4096);
	for (size_t i = 0; i < vectors.count; i++)
		for (size_t cut = 0; cut <= vectors.vector[i].query_bytes; cut++) {
			const struct vector *v = &vectors.vector[i];
			uint32_t length = (uint32_t)cut;
			uint8_t *frame = guard_place(&guard, v->query, cut);
			enum outcome outcome =
				neighbor_answer(frame, &length, length, fixture.addresses, &alone);

			if (outcome < OUTCOME_REPLIED_FIRST)
				assert_memory_equal(frame, v->query, cut);
			else
				assert_true(length <= cut);
			if (cut == v->query_bytes && v->reply_bytes > cut)
				assert_int_equal(outcome, OUTCOME_NO_ROOM);
			else if (cut == v->query_bytes && v->reply_bytes > 0)
				assert_int_equal(outcome, v->outcome);
		}
	guard_close(&guard);
}

static const struct vector *named(const char *name)
{
	for (size_t i = 0; i < vectors.count; i++)
		if (strcmp(vectors.vector[i].name, name) == 0)
			return &vectors.vector[i];
	fail_msg("no vector %s", name);
	return NULL;
}

static enum outcome answer(const char *name, const struct addresses *ours)
{
	const struct vector *v = named(name);
	uint32_t length = (uint32_t)v->query_bytes;

	memcpy(buffer[0], v->query, v->query_bytes);
	return neighbor_answer(buffer[0], &length, CAPACITY, ours, &alone);
}

static void the_mtu_that_is_followed_counts(void **state)
{
	(void)state;
	assert_int_equal(answer("echo/ipv4-of-1472", fixture.addresses), OUTCOME_ECHO);
	atomic_store(&alone.mtu_bytes, 1499);
	assert_int_equal(answer("echo/ipv4-of-1472", fixture.addresses), OUTCOME_TO_KERNEL);
	assert_int_equal(answer("echo/ipv6-of-1452", fixture.addresses), OUTCOME_TO_KERNEL);
	atomic_store(&alone.mtu_bytes, LINK_MTU_BYTES);
	assert_int_equal(answer("echo/ipv6-of-1452", fixture.addresses), OUTCOME_ECHO);
}

/* Every bit that a sum covers; a wrong bit in what is compared ends otherwise, but never answered.
 */
static void every_flipped_bit_of_a_ping_is_noticed(void **state)
{
	static const char *const name[] = {"echo/ipv4", "echo/ipv6"};

	(void)state;
	for (unsigned n = 0; n < 2; n++) {
		const struct vector *v = named(name[n]);
		size_t from = n == 0 ? 14 : 14 + 8; /* IPv6 has no sum of its first words */

		for (size_t bit = from * 8; bit < v->query_bytes * 8; bit++) {
			uint32_t length = (uint32_t)v->query_bytes;

			memcpy(buffer[0], v->query, v->query_bytes);
			buffer[0][bit / 8] ^= (uint8_t)(1u << bit % 8);
			if (neighbor_answer(buffer[0], &length, CAPACITY, fixture.addresses,
				    &alone) >= OUTCOME_REPLIED_FIRST)
				fail_msg("%s: bit %zu of byte %zu", name[n], bit % 8, bit / 8);
		}
	}
}

/* `listen` may have them for a kernel's sockets, but they have no place on a wire. */
static void loopback_addresses_have_no_neighbors(void **state)
{
	static const struct ip_address list[] = {{4, {127, 0, 0, 1}}, {6, {[15] = 1}}};
	struct addresses *set = addresses_new(list, 2, 53);
	uint8_t frame[NEIGHBOR_ANNOUNCE_BYTES];
	const struct vector *v = named("arp/broadcast");
	uint32_t length = (uint32_t)v->query_bytes;

	(void)state;
	memcpy(buffer[0], v->query, v->query_bytes);
	memcpy(buffer[0] + 38, list[0].bytes, 4);
	assert_int_equal(
		neighbor_answer(buffer[0], &length, CAPACITY, set, &alone), OUTCOME_TO_KERNEL);
	v = named("nd/group");
	length = (uint32_t)v->query_bytes;
	memcpy(buffer[0], v->query, v->query_bytes);
	memcpy(buffer[0] + 62, list[1].bytes, 16);
	assert_int_equal(
		neighbor_answer(buffer[0], &length, CAPACITY, set, &alone), OUTCOME_TO_KERNEL);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(neighbor_announce(&list[i], alone.mac, frame), 0);
	addresses_free(set);
}

/* RFC 5227 2.3 and 3: a request from and for the address, its target MAC address zero. */
static void ipv4_addresses_are_announced_by_arp(void **state)
{
	static const struct ip_address ours = {4, {192, 0, 2, 53}};
	static const uint8_t wanted[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 10, 8,
		6, 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 10, 192, 0, 2, 53, 0, 0, 0, 0, 0, 0, 192,
		0, 2, 53};
	uint8_t frame[NEIGHBOR_ANNOUNCE_BYTES];

	(void)state;
	memset(frame, 0xa5, sizeof(frame));
	assert_int_equal(neighbor_announce(&ours, alone.mac, frame), sizeof(wanted));
	assert_memory_equal(frame, wanted, sizeof(wanted));
}

/* RFC 4861 7.2.6: to all nodes, not solicited, overriding: as a probe is answered. */
static void ipv6_addresses_are_announced_as_a_probe_is_answered(void **state)
{
	static const struct ip_address ours = {6, {0x20, 1, 0x0d, 0xb8, [15] = 0x53}};
	const struct vector *v = named("nd/probe");
	uint8_t frame[NEIGHBOR_ANNOUNCE_BYTES];

	(void)state;
	memset(frame, 0xa5, sizeof(frame));
	assert_int_equal(neighbor_announce(&ours, alone.mac, frame), v->reply_bytes);
	assert_memory_equal(frame, v->reply, v->reply_bytes);
}

/* Another host that hears our announcement sees a conflict where the address is its own too. */
static void another_that_announces_is_a_conflict(void **state)
{
	static const struct ip_address ours[] = {
		{4, {192, 0, 2, 53}}, {6, {0x20, 1, 0x0d, 0xb8, [15] = 0x53}}};
	static const uint8_t other[LINK_MAC_BYTES] = {2, 0, 0, 0, 0, 14};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		uint32_t length = (uint32_t)neighbor_announce(&ours[i], other, buffer[0]);

		assert_int_equal(
			neighbor_answer(buffer[0], &length, CAPACITY, fixture.addresses, &alone),
			OUTCOME_ADDRESS_CONFLICT);
	}
}

static void the_group_of_an_address_is_that_of_its_solicitations(void **state)
{
	static const uint8_t address[16] = {0x20, 1, 0x0d, 0xb8, [13] = 0xab, 0xcd, 0xef};
	uint8_t mac[LINK_MAC_BYTES];

	(void)state;
	neighbor_group_mac(address, mac);
	assert_memory_equal(mac, "\x33\x33\xff\xab\xcd\xef", LINK_MAC_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_alone),
		cmocka_unit_test(replies_grow_only_where_they_must),
		cmocka_unit_test(mixed_bursts_give_what_each_frame_alone_gives),
		cmocka_unit_test(a_kernel_that_shares_the_port_is_left_alone),
		cmocka_unit_test(no_prefix_is_over_read_nor_written_past),
		cmocka_unit_test(the_mtu_that_is_followed_counts),
		cmocka_unit_test(every_flipped_bit_of_a_ping_is_noticed),
		cmocka_unit_test(loopback_addresses_have_no_neighbors),
		cmocka_unit_test(ipv4_addresses_are_announced_by_arp),
		cmocka_unit_test(ipv6_addresses_are_announced_as_a_probe_is_answered),
		cmocka_unit_test(another_that_announces_is_a_conflict),
		cmocka_unit_test(the_group_of_an_address_is_that_of_its_solicitations),
	};

	return cmocka_run_group_tests_name("dataplane/neighbor", tests, set_up, tear_down);
}
