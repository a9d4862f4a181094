/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/frames.h"

#include "bench/query_frame.h"
#include "bench/reply_check.h"
#include "dataplane/dns/wire.h"

#include <stdlib.h>
#include <string.h>

/* The longest name: 255.255.255.10.in-addr.arpa, or 32 nibbles. */
static size_t longest_frame(uint8_t family, bool opt)
{
	return query_payload(family) + WIRE_HEADER_BYTES + WIRE_QUESTION_FIXED +
		(family == ARPA_FAMILY_IPV4 ? 29 : ARPA_NAME_MAX_BYTES) +
		(opt ? WIRE_OPT_BYTES : 0);
}

static void draw_frames(
	struct frames *f, const struct population *population, enum draw draw, bool opt)
{
	uint8_t frame[QUERY_FRAME_MAX] = {0};
	uint64_t random = 5;

	for (size_t i = 0; i < WORKLOAD_QUERIES; i++) {
		struct prefix owner = population_draw(population, draw, &random);

		f->length[i] = (uint8_t)query_frame(&owner, opt, (uint16_t)i, frame);
		memcpy(f->pool + i * f->stride, frame, f->stride);
	}
}

struct frames *frames_new(const struct population *population, enum draw draw, bool opt)
{
	uint8_t family = population_family(population);
	struct frames *f = aligned_alloc(64, sizeof(*f));

	if (!f)
		return NULL;
	memset(f, 0, sizeof(*f));
	f->opt = opt;
	memcpy(f->link.mac, query_server_mac, LINK_MAC_BYTES);
	f->link.mtu_bytes = LINK_MTU_BYTES;
	f->payload = query_payload(family);
	f->stride = longest_frame(family, opt);
	f->pool = malloc(WORKLOAD_QUERIES * f->stride);
	f->length = malloc(WORKLOAD_QUERIES);
	if (!f->pool || !f->length) {
		frames_free(f);
		return NULL;
	}
	draw_frames(f, population, draw, opt);
	return f;
}

void frames_free(struct frames *frames)
{
	if (!frames)
		return;
	observe_ring_free(frames->ring);
	ratelimit_free(frames->limiter);
	free(frames->pool);
	free(frames->length);
	free(frames);
}

/* The halves of an address count alike in checksums: what one gains the other loses. */
static void set_source(uint8_t *address, uint16_t half)
{
	uint32_t sum = (uint32_t)wire_get16(address) + wire_get16(address + 2);

	wire_put16(address, half);
	wire_put16(address + 2, (uint16_t)((sum + 2 * 0xffff - half) % 0xffff));
}

bool frames_limit(struct frames *f, unsigned sources)
{
	enum { AT_SOURCE = 14 + 12 };
	static const uint8_t secret[16] = {1};

	f->limiter = ratelimit_new(RATELIMIT_ENTRIES, secret, 1);
	for (size_t i = 0; i < WORKLOAD_QUERIES; i++)
		set_source(f->pool + i * f->stride + AT_SOURCE, (uint16_t)(0x8000 + i % sources));
	return f->limiter != NULL;
}

bool frames_observe(struct frames *f)
{
	f->ring = observe_ring_new(0, 1);
	if (f->ring)
		observe_ring_settle(f->ring);
	return f->ring != NULL;
}

uint64_t frames_need(void)
{
	return sizeof(struct frames) + (uint64_t)WORKLOAD_QUERIES * (QUERY_FRAME_MAX + 1);
}

uint32_t frames_restore(struct frames *f, size_t first, unsigned n)
{
	uint32_t bytes = 0;

	for (unsigned i = 0; i < n; i++) {
		memcpy(f->buffer[i], f->pool + (first + i) * f->stride, f->stride);
		f->burst.frame[i] = f->buffer[i];
		f->burst.length[i] = f->length[first + i];
		f->burst.capacity[i] = FRAMES_CAPACITY;
		bytes += f->burst.length[i];
	}
	f->first = first;
	f->burst.n = n;
	return bytes;
}

void frames_copy(struct frames *f, size_t from, size_t to)
{
	memcpy(f->pool + to * f->stride, f->pool + from * f->stride, f->stride);
	f->length[to] = f->length[from];
}

void frames_answer(struct frames *frames, const struct serving *serving)
{
	const struct pipeline pipeline = {.serving = serving,
		.link = &frames->link,
		.counters = &frames->counters,
		.limiter = frames->limiter,
		.ring = frames->ring};
	const struct observation *seen;

	frames->burst.now_us += FRAMES_BURST_US;
	pipeline_run(&pipeline, &frames->burst);
	if (frames->ring)
		observe_release(frames->ring, observe_peek(frames->ring, &seen, BURST_MAX));
}

uint32_t frames_sent(const struct frames *frames)
{
	uint32_t bytes = 0;

	for (unsigned i = 0; i < frames->burst.n; i++)
		bytes += frames->burst.length[i];
	return bytes;
}

bool frames_reply_right(const struct frames *f, unsigned i, enum outcome outcome, unsigned *version)
{
	const uint8_t *query = f->pool + (f->first + i) * f->stride + f->payload;

	return f->burst.outcome[i] == outcome &&
		reply_check_message(query, f->buffer[i] + f->payload, outcome, f->opt, version);
}

struct prefix frames_host(const struct frames *f, size_t index)
{
	struct prefix host = {.bits = 0};

	reply_check_question(f->pool + index * f->stride + f->payload, &host);
	return host;
}
