/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any bytes as a burst of frames over a link of any MTU: what the burst gives is what each frame
 * alone gives; every reply stays in its buffer and the MTU, keeps its tags and has right checksums.
 */
#include "dataplane/dns/wire.h"
#include "dataplane/pipeline.h"

#include "tests/fuzz/fuzz_fixture.h"

#include <stdlib.h>
#include <string.h>

enum {
	FRAMES_MAX = 8,
	FRAME_BYTES = 1518,
	CAPACITY = 2048,
};

static struct counters counters;
static struct link link_of_input;
static const struct pipeline pipeline = {
	.serving = &fuzz_fixture.serving,
	.link = &link_of_input,
	.counters = &counters,
};

/* Input: two bytes of MTU, six to change the MAC address by; then each frame is two bytes of length
 * (modulo 1519) and what is left of so many bytes. */
struct input {
	const uint8_t *frame[FRAMES_MAX];
	uint32_t length[FRAMES_MAX];
	unsigned n;
};

static void split(const uint8_t *data, size_t size, struct input *input)
{
	input->n = 0;
	link_of_input.mtu_bytes = LINK_MTU_BYTES;
	memcpy(link_of_input.mac, fixture_link.mac, LINK_MAC_BYTES);
	if (size >= 2 + LINK_MAC_BYTES) {
		link_of_input.mtu_bytes = wire_get16(data);
		for (unsigned i = 0; i < LINK_MAC_BYTES; i++)
			link_of_input.mac[i] ^= data[2 + i];
		data += 2 + LINK_MAC_BYTES;
		size -= 2 + LINK_MAC_BYTES;
	}
	while (size >= 2 && input->n < FRAMES_MAX) {
		size_t length = wire_get16(data) % (FRAME_BYTES + 1);

		data += 2;
		size -= 2;
		if (length > size)
			length = size;
		input->frame[input->n] = data;
		input->length[input->n++] = (uint32_t)length;
		data += length;
		size -= length;
	}
}

/* A buffer of its own from the heap, so that a sanitizer sees its ends. */
static void load(struct burst *burst, unsigned at, const struct input *input, unsigned which)
{
	burst->frame[at] = malloc(CAPACITY);
	must(burst->frame[at], "no memory");
	memset(burst->frame[at], (int)at, CAPACITY);
	memcpy(burst->frame[at], input->frame[which], input->length[which]);
	burst->length[at] = input->length[which];
	burst->capacity[at] = CAPACITY;
}

/* RFC 1071 as it is written. */
static uint16_t plain_sum(const uint8_t *bytes, size_t count, uint16_t sum)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t more = sum + (uint32_t)(i % 2 ? bytes[i] : bytes[i] << 8);

		sum = (uint16_t)((more & 0xffff) + (more >> 16));
	}
	return sum;
}

/* Where the IP header is, by the tags' number alone: no more than two may be answered. */
static size_t behind_tags(const uint8_t *frame)
{
	size_t ip = 14;

	while (wire_get16(frame + ip - 2) == 0x8100 || wire_get16(frame + ip - 2) == 0x88a8)
		ip += 4;
	must(ip <= 22, "more than two tags");
	return ip;
}

static void check_ends(const uint8_t *query, const uint8_t *reply, size_t length)
{
	size_t ip = behind_tags(reply);

	must(memcmp(query, link_of_input.mac, LINK_MAC_BYTES) == 0, "not to our MAC address");
	must(memcmp(reply, query + 6, 6) == 0 && memcmp(reply + 6, query, 6) == 0,
		"the MAC addresses are not exchanged");
	must(memcmp(reply + 12, query + 12, ip - 12) == 0, "other tags");
	must(length - ip <= link_of_input.mtu_bytes, "longer than the MTU");
}

static void check_sums(const uint8_t *frame, size_t length)
{
	const uint8_t *ip = frame + behind_tags(frame);
	const uint8_t *udp = ip + (ip[0] >> 4 == 4 ? 20 : 40);
	size_t bytes = wire_get16(udp + 4);
	uint8_t pseudo[4] = {0, 17, udp[4], udp[5]};
	uint16_t sum = plain_sum(pseudo, 4, 0);

	must(udp + bytes == frame + length, "the UDP length is not the frame's");
	if (ip[0] >> 4 == 4) {
		must(wire_get16(ip + 2) == 20 + bytes, "the IPv4 length is not the frame's");
		must(plain_sum(ip, 20, 0) == 0xffff, "the IPv4 checksum is wrong");
		sum = plain_sum(ip + 12, 8, sum);
	} else {
		must(wire_get16(ip + 4) == bytes, "the IPv6 length is not the frame's");
		sum = plain_sum(ip + 8, 32, sum);
	}
	must(wire_get16(udp + 6) != 0, "the UDP checksum is 0");
	must(plain_sum(udp, bytes, sum) == 0xffff, "the UDP checksum is wrong");
}

/* All again, twice in one burst with a rate of one reply a second: what is above it is short or
 * silence. */
static void limit(const struct input *input)
{
	static const uint8_t secret[16];
	static struct ratelimit *limiter;
	static struct policy policy;
	static struct burst burst;
	struct pipeline limited = pipeline;

	if (!limiter) {
		limiter = ratelimit_new(RATELIMIT_ENTRIES_LEAST, secret, 1);
		must(limiter, "no memory");
	}
	policy = fuzz_fixture.policy[FIXTURE_FULL];
	policy.rate = (struct ratelimit_policy){.mode = RATELIMIT_ON,
		.interval_us = {0, RATELIMIT_SECOND, RATELIMIT_SECOND, RATELIMIT_SECOND,
			RATELIMIT_SECOND},
		.burst_us = RATELIMIT_SECOND,
		.ipv4_bits = 24,
		.ipv6_bits = 56,
		.slip = 2};
	serving_publish_policy(&fuzz_fixture.serving, &policy);
	limited.limiter = limiter;
	burst.n = 2 * input->n;
	burst.now_us += RATELIMIT_SECOND;
	for (unsigned i = 0; i < burst.n; i++)
		load(&burst, i, input, i % input->n);
	pipeline_run(&limited, &burst);
	for (unsigned i = 0; i < burst.n; i++) {
		if (burst.length[i] != 0)
			check_sums(burst.frame[i], burst.length[i]);
		if (burst.outcome[i] == OUTCOME_RATE_SLIPPED)
			must(burst.length[i] <= input->length[i % input->n] + COOKIE_SERVER_BYTES,
				"a short reply is long");
		must((burst.length[i] != 0) == (burst.outcome[i] >= OUTCOME_REPLIED_FIRST),
			"an outcome of another length");
		free(burst.frame[i]);
	}
	fixture_use(&fuzz_fixture, FIXTURE_PLAIN);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct burst burst, one;
	struct input input;

	split(data, size, &input);
	for (unsigned i = 0; i < input.n; i++)
		load(&burst, i, &input, i);
	burst.n = input.n;
	burst.punt_room = size % 2 ? BURST_MAX : 0;
	pipeline_run(&pipeline, &burst);
	for (unsigned i = 0; i < input.n; i++) {
		load(&one, 0, &input, i);
		one.n = 1;
		one.punt_room = size % 2 ? BURST_MAX : 0;
		pipeline_run(&pipeline, &one);
		must(one.outcome[0] == burst.outcome[i], "another outcome in a burst");
		must(one.length[0] == burst.length[i], "another length in a burst");
		must(memcmp(one.frame[0], burst.frame[i], one.length[0]) == 0,
			"another reply in a burst");
		if (one.length[0] != 0) {
			check_ends(input.frame[i], one.frame[0], one.length[0]);
			check_sums(one.frame[0], one.length[0]);
		}
		free(one.frame[0]);
		free(burst.frame[i]);
	}
	if (input.n > 0)
		limit(&input);
	return 0;
}
