/* SPDX-License-Identifier: BSD-3-Clause */
/* pipeline.c: every frame vector, alone and in bursts of every mix, with a burst full of rubbish.
 */
#include "dataplane/pipeline.h"

#include "dataplane/respond.h"
#include "tests/support/cmocka.h"
#include "tests/support/decode.h"
#include "tests/support/fixture.h"
#include "tests/support/guard.h"
#include "tests/support/vectors.h"

#include <stdlib.h>
#include <string.h>

enum { CAPACITY = 2048 };

static struct fixture fixture;
static struct vectors vectors;
static struct burst burst;
static struct counters counters;
static uint8_t buffer[BURST_MAX][CAPACITY];

static void run_with_punt_room(const struct fixture *serves, unsigned room)
{
	const struct pipeline pipeline = {
		.serving = &serves->serving, .link = &fixture_link, .counters = &counters};

	burst.punt_room = room;
	pipeline_run(&pipeline, &burst);
}

/* As the thread does that punted messages go to, and sends the reply by the same port. */
static void answer_punted(const struct fixture *serves, unsigned i)
{
	struct frame_view *view = &burst.view[i];
	const struct client client = {.address = burst.frame[i] + frame_source(view),
		.address_bytes = view->family == 4 ? 4 : 16,
		.transport = TRANSPORT_UDP};

	assert_int_equal(burst.length[i], 0);
	view->kept_bytes = 0;
	burst.length[i] = (uint32_t)respond(&serves->serving, &client,
		burst.frame[i] + view->payload, view->payload_bytes,
		frame_reply_room(view, burst.capacity[i], LINK_MTU_BYTES), &burst.outcome[i]);
	if (burst.length[i])
		burst.length[i] = (uint32_t)frame_close(burst.frame[i], view, burst.length[i]);
	counter_add(&counters.outcome[burst.outcome[i]], 1);
}

/* Both ways at once, so that no vector can tell one from the other. */
static void run(const struct fixture *serves)
{
	run_with_punt_room(serves, BURST_MAX);
	for (unsigned i = 0; i < burst.n; i++)
		if (burst.outcome[i] == OUTCOME_PUNTED)
			answer_punted(serves, i);
}

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

/* Puts vector `v` into place `i`; the bytes after it are `fill`. */
static void place(unsigned i, const struct vector *v, int fill)
{
	memset(buffer[i], fill, CAPACITY);
	memcpy(buffer[i], v->query, v->query_bytes);
	burst.frame[i] = buffer[i];
	burst.length[i] = (uint32_t)v->query_bytes;
	burst.capacity[i] = CAPACITY;
}

static void check(unsigned i, const struct vector *v)
{
	if (burst.outcome[i] != v->outcome)
		fail_msg("%s: %s", v->name, outcome_name(burst.outcome[i]));
	if (burst.length[i] != v->reply_bytes || memcmp(buffer[i], v->reply, v->reply_bytes) != 0)
		fail_msg("%s: another reply", v->name);
}

static uint64_t counted(void)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < OUTCOMES; i++)
		if (i != OUTCOME_PUNTED) /* each is counted again, as what became of it */
			sum += counter_read(&counters.outcome[i]);
	return sum;
}

static void every_vector_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < vectors.count; i++) {
		const struct vector *v = &vectors.vector[i];
		uint64_t before = counter_read(&counters.outcome[v->outcome]), all = counted();

		memset(&burst, 0xa5, sizeof(burst));
		burst.n = 1;
		place(0, v, 0x5a);
		run(&fixture);
		check(0, v);
		assert_int_equal(counter_read(&counters.outcome[v->outcome]), before + 1);
		assert_int_equal(counted(), all + 1);
	}
}

static void replies_are_decoded_by_ldns(void **state)
{
	(void)state;
	for (size_t i = 0; i < vectors.count; i++) {
		const struct vector *v = &vectors.vector[i];

		burst.n = 1;
		place(0, v, 0);
		run(&fixture);
		if (burst.length[0] != 0 &&
			!decode_succeeds(buffer[0] + burst.view[0].payload,
				burst.length[0] - burst.view[0].payload))
			fail_msg("%s: ldns cannot decode the reply", v->name);
	}
}

/* Every size of burst, vectors in steps of a prime, so that each meets many neighbours. */
static void mixed_bursts_give_what_each_frame_alone_gives(void **state)
{
	size_t next = 0;

	(void)state;
	memset(&burst, 0xa5, sizeof(burst));
	for (unsigned round = 0; round < 400; round++) {
		const struct vector *chosen[BURST_MAX];

		burst.n = round < 200 ? BURST_MAX : round % (BURST_MAX + 1);
		for (unsigned i = 0; i < burst.n; i++) {
			next = (next + 197) % vectors.count;
			chosen[i] = &vectors.vector[next];
			place(i, chosen[i], (int)round);
		}
		run(&fixture);
		for (unsigned i = 0; i < burst.n; i++)
			check(i, chosen[i]);
	}
}

/* Where no zone has a cut a host's record takes a shorter way; it must lead to the same frame. */
/* Where each frame was counted; all zero: it is no message. */
struct kinds {
	uint64_t family[COUNTERS_FAMILIES], type[QUERY_TYPES];
};

static struct kinds kinds_now(void)
{
	struct kinds kinds;

	for (unsigned i = 0; i < COUNTERS_FAMILIES; i++)
		kinds.family[i] = counter_read(&counters.family[i]);
	for (unsigned i = 0; i < QUERY_TYPES; i++)
		kinds.type[i] = counter_read(&counters.query_type[i]);
	return kinds;
}

static void kinds_add(struct kinds *sum, const struct kinds *after, const struct kinds *before)
{
	for (unsigned i = 0; i < COUNTERS_FAMILIES; i++)
		sum->family[i] += after->family[i] - before->family[i];
	for (unsigned i = 0; i < QUERY_TYPES; i++)
		sum->type[i] += after->type[i] - before->type[i];
}

static struct kinds kinds_of(const struct vector *v)
{
	struct kinds before = kinds_now(), after, kinds = {.family = {0}};

	memset(&burst, 0xa5, sizeof(burst));
	burst.n = 1;
	place(0, v, 0x5a);
	run_with_punt_room(&fixture, BURST_MAX);
	after = kinds_now();
	kinds_add(&kinds, &after, &before);
	return kinds;
}

static unsigned sum_of(const uint64_t *numbers, unsigned count)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < count; i++)
		sum += (unsigned)numbers[i];
	return sum;
}

static void check_kinds(const struct vector *v, const struct kinds *kinds)
{
	bool message = v->outcome >= OUTCOME_MESSAGE_SHORT && v->outcome < OUTCOME_NEIGHBOR;
	bool ipv6 = v->query_bytes > 13 && v->query[12] == 0x86 && v->query[13] == 0xdd;
	bool ipv4 = v->query_bytes > 13 && v->query[12] == 0x08 && v->query[13] == 0x00;

	if (sum_of(kinds->family, COUNTERS_FAMILIES) != message ||
		sum_of(kinds->type, QUERY_TYPES) != message)
		fail_msg("%s: not counted once", v->name);
	if (message && (ipv4 || ipv6))
		assert_int_equal(kinds->family[ipv6], 1);
	if (v->outcome == OUTCOME_MESSAGE_SHORT || v->outcome == OUTCOME_MESSAGE_IS_REPLY)
		assert_int_equal(kinds->type[QUERY_TYPE_NONE], 1);
}

static void messages_are_counted_by_family_and_type(void **state)
{
	struct kinds *each = calloc(vectors.count, sizeof(*each));
	struct kinds all = {.family = {0}};
	uint32_t seed = 1;

	(void)state;
	assert_non_null(each);
	for (size_t i = 0; i < vectors.count; i++) {
		const struct kinds none = {.family = {0}};

		each[i] = kinds_of(&vectors.vector[i]);
		check_kinds(&vectors.vector[i], &each[i]);
		kinds_add(&all, &each[i], &none);
	}
	assert_true(all.family[0] && all.family[1] && all.type[QUERY_TYPE_PTR] &&
		all.type[QUERY_TYPE_OTHER] && all.type[QUERY_TYPE_NONE] &&
		all.type[QUERY_TYPE_ANY]);
	for (unsigned round = 0; round < 500; round++) {
		struct kinds before = kinds_now(), after, wanted = {.family = {0}},
			     got = {.family = {0}};
		const struct kinds none = {.family = {0}};

		burst.n = 1 + round % BURST_MAX;
		for (unsigned i = 0; i < burst.n; i++) {
			size_t v = (seed = seed * 1664525 + 1013904223) / 65536 % vectors.count;

			place(i, &vectors.vector[v], 0x5a);
			kinds_add(&wanted, &each[v], &none);
		}
		run_with_punt_room(&fixture, BURST_MAX);
		after = kinds_now();
		kinds_add(&got, &after, &before);
		assert_memory_equal(&got, &wanted, sizeof(got));
	}
	free(each);
}

static void zones_without_cuts_answer_alike(void **state)
{
	struct fixture uncut;
	unsigned compared = 0;

	(void)state;
	fixture_open_uncut(&uncut);
	for (size_t i = 0; i < vectors.count; i++) {
		const struct vector *v = &vectors.vector[i];

		burst.n = 1;
		place(0, v, 0x5a);
		run(&uncut);
		if (burst.outcome[0] < OUTCOME_ANSWERED || burst.outcome[0] > OUTCOME_NXDOMAIN)
			continue;
		check(0, v);
		compared++;
	}
	assert_true(compared > 30);
	fixture_close(&uncut);
}

/* Twice in one burst and one reply a second: the second is above the rate. */
static void what_is_above_its_rate_is_cut_short_or_dropped(void **state)
{
	static const uint8_t secret[16] = {1};
	static struct counters own;
	struct ratelimit *limiter = ratelimit_new(RATELIMIT_ENTRIES_LEAST, secret, 1);
	struct policy policy = policy_default();
	struct pipeline pipeline = {.serving = &fixture.serving,
		.link = &fixture_link,
		.counters = &own,
		.limiter = limiter};
	struct vectors limited;
	unsigned expected = 0;

	(void)state;
	assert_non_null(limiter);
	policy.rate = (struct ratelimit_policy){.mode = RATELIMIT_ON,
		.interval_us = {0, RATELIMIT_SECOND, RATELIMIT_SECOND, RATELIMIT_SECOND,
			RATELIMIT_SECOND},
		.burst_us = RATELIMIT_SECOND,
		.ipv4_bits = 24,
		.ipv6_bits = 56,
		.slip = 1};
	serving_publish_policy(&fixture.serving, &policy);
	vectors_open(&limited, "limited-frames.txt");
	for (size_t i = 0; i < limited.count; i++) {
		const struct vector *v = &limited.vector[i];

		burst.n = 3;
		burst.now_us += 2 * RATELIMIT_SECOND;
		burst.punt_room = 0;
		place(0, v, 0x5a);
		place(1, v, 0xa5);
		place(2, v, 0x5a); /* of no source */
		burst.length[2] = 5;
		pipeline_run(&pipeline, &burst);
		assert_int_equal(burst.outcome[2], OUTCOME_FRAME_SHORT);
		check(1, v);
		if (v->outcome == OUTCOME_RATE_SLIPPED || v->outcome == OUTCOME_RATE_DROPPED)
			assert_true(burst.outcome[0] >= OUTCOME_REPLIED_FIRST);
		assert_int_not_equal(burst.outcome[0], OUTCOME_RATE_SLIPPED);
		expected += v->outcome == OUTCOME_RATE_SLIPPED;
	}
	assert_true(expected > 100);
	assert_int_equal(counter_read(&own.outcome[OUTCOME_RATE_SLIPPED]), expected);

	/* The same without a limiter, and without a rate for any kind of reply. */
	for (unsigned round = 0; round < 2; round++) {
		pipeline.limiter = round ? limiter : NULL;
		memset(policy.rate.interval_us, 0, round ? sizeof(policy.rate.interval_us) : 0);
		burst.n = 2;
		place(0, &vectors.vector[0], 0);
		place(1, &vectors.vector[0], 0);
		pipeline_run(&pipeline, &burst);
		check(0, &vectors.vector[0]);
		check(1, &vectors.vector[0]);
	}
	burst.punt_room = BURST_MAX;
	vectors_close(&limited);
	fixture_use(&fixture, FIXTURE_PLAIN);
	ratelimit_free(limiter);
}

static void empty_burst_changes_nothing(void **state)
{
	uint64_t before = counted();
	struct burst old;

	(void)state;
	place(0, &vectors.vector[0], 0);
	burst.n = 0;
	old = burst;
	run(&fixture);
	assert_int_equal(counted(), before);
	assert_memory_equal(&old, &burst, sizeof(old));
	assert_memory_equal(buffer[0], vectors.vector[0].query, vectors.vector[0].query_bytes);
}

/* A frame that is only read, flush against the guard: no room for a reply, so none is written. */
static void no_prefix_of_a_frame_is_over_read(void **state)
{
	struct guard guard;

	(void)state;
	guard_open(&guard, 4096);
	for (size_t i = 0; i < vectors.count; i++)
		for (size_t cut = 0; cut <= vectors.vector[i].query_bytes; cut++) {
			burst.n = 1;
			burst.frame[0] = guard_place(&guard, vectors.vector[i].query, cut);
			burst.length[0] = burst.capacity[0] = (uint32_t)cut;
			run(&fixture);
			if (cut < 512)
				assert_true(burst.outcome[0] < OUTCOME_REPLIED_FIRST);
		}
	guard_close(&guard);
}

/* A buffer that holds just 512 bytes of DNS; one byte less is silence. */
static void reply_stays_in_its_buffer(void **state)
{
	struct guard guard;

	(void)state;
	guard_open(&guard, 4096);
	for (size_t i = 0; i < vectors.count; i++) {
		const struct vector *v = &vectors.vector[i];
		const uint32_t room = 14 + 28 + 512;

		/* Untagged IPv4, where the room is plain to see. */
		if (v->query_bytes < 14 || v->query_bytes > room - 1 ||
			memcmp(v->query + 12, "\x08\0", 2) != 0)
			continue;
		for (uint32_t less = 0; less < 2; less++) {
			burst.n = 1;
			burst.capacity[0] = room - less;
			burst.frame[0] = guard.end - burst.capacity[0];
			memcpy(burst.frame[0], v->query, v->query_bytes);
			burst.length[0] = (uint32_t)v->query_bytes;
			run(&fixture);
			assert_true(burst.length[0] <= burst.capacity[0]);
			if (less && v->outcome > OUTCOME_UDP_CHECKSUM)
				assert_int_equal(burst.outcome[0], OUTCOME_NO_ROOM);
			else if (!less && v->reply_bytes <= room)
				assert_int_equal(burst.outcome[0], v->outcome);
		}
	}
	guard_close(&guard);
}

/* By name, so that a change of the vectors is noticed. */
static bool is_slow(const struct vector *v)
{
	static const char *const parts[] = {"/opcode-4", "/opcode-5", "other-opcodes/update",
		"other-opcodes/notify", "axfr", "ixfr"};

	for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strstr(v->name, parts[i]))
			return v->outcome == OUTCOME_NOTIMP;
	return false;
}

static void updates_notifies_and_transfers_are_punted_as_they_came(void **state)
{
	unsigned punted = 0;

	(void)state;
	for (size_t i = 0; i < vectors.count; i++) {
		const struct vector *v = &vectors.vector[i];
		uint64_t before = counter_read(&counters.outcome[OUTCOME_PUNTED]);

		burst.n = 1;
		place(0, v, 0x5a);
		run_with_punt_room(&fixture, 1);
		if (!is_slow(v)) {
			if (burst.outcome[0] == OUTCOME_PUNTED)
				fail_msg("%s: punted", v->name);
			assert_int_equal(burst.punt_room, 1);
			continue;
		}
		if (burst.outcome[0] != OUTCOME_PUNTED)
			fail_msg("%s: %s", v->name, outcome_name(burst.outcome[0]));
		assert_int_equal(burst.length[0], 0);
		assert_int_equal(burst.punt_room, 0);
		assert_memory_equal(buffer[0], v->query, v->query_bytes);
		assert_int_equal(counter_read(&counters.outcome[OUTCOME_PUNTED]), before + 1);
		punted++;
	}
	assert_in_range(punted, 15, 100);
}

/* The reply that the vector has, but for the code and the reason that an OPT may give. */
static void check_refused(const struct vector *v)
{
	const struct frame_view *view = &burst.view[0];
	const uint8_t *message = buffer[0] + view->payload, *query = v->query + view->payload;
	size_t bytes = burst.length[0] - view->payload;
	uint16_t flags = wire_get16(message + WIRE_FLAGS);
	uint16_t opt = burst.query[0].edns.present ? 1 : 0;

	assert_int_equal(flags,
		WIRE_QR | WIRE_REFUSED |
			(wire_get16(query + WIRE_FLAGS) &
				(WIRE_OPCODE_MASK | (burst.query[0].question_end ? WIRE_RD : 0))));
	assert_int_equal(wire_get16(message + WIRE_ARCOUNT), opt);
	assert_int_equal(wire_get16(message + WIRE_QDCOUNT), burst.query[0].question_end ? 1 : 0);
	assert_true(decode_succeeds(message, bytes));
	if (!burst.query[0].question_end)
		assert_int_equal(bytes, WIRE_HEADER_BYTES);
	else
		assert_memory_equal(message + WIRE_HEADER_BYTES, query + WIRE_HEADER_BYTES,
			burst.query[0].question_end - WIRE_HEADER_BYTES);
}

static void what_there_is_no_room_for_is_refused(void **state)
{
	unsigned refused = 0;

	(void)state;
	for (size_t i = 0; i < vectors.count; i++) {
		const struct vector *v = &vectors.vector[i];

		if (!is_slow(v))
			continue;
		burst.n = 1;
		place(0, v, 0x5a);
		run_with_punt_room(&fixture, 0);
		if (burst.outcome[0] != OUTCOME_PUNT_REFUSED)
			fail_msg("%s: %s", v->name, outcome_name(burst.outcome[0]));
		check_refused(v);
		refused++;
	}
	assert_in_range(refused, 15, 100);
	assert_int_equal(counter_read(&counters.outcome[OUTCOME_PUNT_REFUSED]), refused);
}

static void a_burst_takes_the_room_from_its_front(void **state)
{
	(void)state;
	for (size_t i = 0; i < vectors.count; i++) {
		if (!is_slow(&vectors.vector[i]))
			continue;
		burst.n = BURST_MAX;
		for (unsigned at = 0; at < BURST_MAX; at++)
			place(at, &vectors.vector[i], 0);
		run_with_punt_room(&fixture, 5);
		for (unsigned at = 0; at < BURST_MAX; at++)
			assert_int_equal(
				burst.outcome[at], at < 5 ? OUTCOME_PUNTED : OUTCOME_PUNT_REFUSED);
		return;
	}
	fail_msg("no vector is punted");
}

static bool is_udp_refusal(enum outcome outcome)
{
	return outcome <= OUTCOME_UDP_CHECKSUM;
}

/*
 * At every MTU: no reply is longer than it, what does not fit has TC, and below what 512 octets of
 * DNS need there is silence.
 */
static void check_mtus(struct pipeline *pipeline)
{
	static const uint16_t mtus[] = {0, 27, 28, 67, 68, 539, 540, 559, 560, 576, 600, 1000, 1279,
		1280, 1492, 1500, 9000, 65535};
	struct link link = fixture_link;
	unsigned cut = 0, silent = 0;

	pipeline->link = &link;
	for (size_t i = 0; i < vectors.count; i++)
		for (unsigned m = 0; m < sizeof(mtus) / sizeof(mtus[0]); m++) {
			const struct vector *v = &vectors.vector[i];
			size_t headers, ip;

			if (is_slow(v))
				continue; /* another thread's, by the same frame_reply_room */
			atomic_store_explicit(&link.mtu_bytes, mtus[m], memory_order_relaxed);
			burst.n = 1;
			place(0, v, 0x5a);
			pipeline_run(pipeline, &burst);
			if (is_udp_refusal(v->outcome)) {
				check(0, v);
				continue;
			}
			ip = burst.view[0].ip;
			headers = burst.view[0].payload - ip;
			if (mtus[m] < headers + 512) {
				assert_int_equal(burst.outcome[0], OUTCOME_NO_ROOM);
				assert_int_equal(burst.length[0], 0);
				silent++;
			} else if (v->reply_bytes <= ip + mtus[m]) {
				check(0, v);
			} else {
				assert_in_range(burst.length[0], ip + headers + 12, ip + mtus[m]);
				if (burst.outcome[0] == OUTCOME_TRUNCATED) {
					assert_true(buffer[0][burst.view[0].payload + 2] & 2);
					cut++;
				}
			}
		}
	assert_true(cut > 10 && silent > 1000);
}

static void replies_fit_the_mtu(void **state)
{
	struct pipeline pipeline = {.serving = &fixture.serving, .counters = &counters};

	(void)state;
	check_mtus(&pipeline);
}

static void limited_replies_fit_the_mtu(void **state)
{
	static const uint8_t secret[16] = {1};
	struct policy policy;
	struct pipeline pipeline = {.serving = &fixture.serving,
		.counters = &counters,
		.limiter = ratelimit_new(RATELIMIT_ENTRIES_LEAST, secret, 1)};
	const struct policy *before;

	(void)state;
	assert_non_null(pipeline.limiter);
	before = serving_load(&fixture.serving).policy;
	policy = *before;
	policy.rate.mode = RATELIMIT_LOG;
	policy.rate.interval_us[1] = RATELIMIT_SECOND;
	policy.rate.burst_us = RATELIMIT_SECOND;
	serving_publish_policy(&fixture.serving, &policy);
	check_mtus(&pipeline);
	serving_publish_policy(&fixture.serving, before);
	ratelimit_free(pipeline.limiter);
}

static void new_addresses_count_from_the_next_burst(void **state)
{
	static const struct ip_address other = {4, {192, 0, 2, 54}};
	struct addresses *one = addresses_new(&other, 1, 53);

	(void)state;
	serving_publish_addresses(&fixture.serving, one);
	burst.n = 1;
	place(0, &vectors.vector[0], 0);
	run(&fixture);
	assert_int_equal(burst.outcome[0], OUTCOME_NOT_OURS);
	assert_ptr_equal(serving_publish_addresses(&fixture.serving, fixture.addresses), one);
	addresses_free(one);
	place(0, &vectors.vector[0], 0);
	run(&fixture);
	check(0, &vectors.vector[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_alone),
		cmocka_unit_test(replies_are_decoded_by_ldns),
		cmocka_unit_test(mixed_bursts_give_what_each_frame_alone_gives),
		cmocka_unit_test(messages_are_counted_by_family_and_type),
		cmocka_unit_test(zones_without_cuts_answer_alike),
		cmocka_unit_test(what_is_above_its_rate_is_cut_short_or_dropped),
		cmocka_unit_test(empty_burst_changes_nothing),
		cmocka_unit_test(no_prefix_of_a_frame_is_over_read),
		cmocka_unit_test(reply_stays_in_its_buffer),
		cmocka_unit_test(updates_notifies_and_transfers_are_punted_as_they_came),
		cmocka_unit_test(what_there_is_no_room_for_is_refused),
		cmocka_unit_test(a_burst_takes_the_room_from_its_front),
		cmocka_unit_test(replies_fit_the_mtu),
		cmocka_unit_test(limited_replies_fit_the_mtu),
		cmocka_unit_test(new_addresses_count_from_the_next_burst),
	};

	return cmocka_run_group_tests_name("dataplane/pipeline", tests, set_up, tear_down);
}
