/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/frames.h"

#include "bench/query_frame.h"
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
	free(frames->pool);
	free(frames->length);
	free(frames);
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
	pipeline_run(&frames->burst, serving, &frames->counters);
}

uint32_t frames_sent(const struct frames *frames)
{
	uint32_t bytes = 0;

	for (unsigned i = 0; i < frames->burst.n; i++)
		bytes += frames->burst.length[i];
	return bytes;
}

static bool header_right(const uint8_t *message, enum outcome outcome, bool opt)
{
	bool hit = outcome == OUTCOME_ANSWERED;
	uint16_t flags = wire_get16(message + WIRE_FLAGS);
	uint16_t rcode = outcome == OUTCOME_NXDOMAIN ? WIRE_NXDOMAIN : WIRE_NOERROR;

	return (flags & WIRE_QR) && (flags & WIRE_AA) && (flags & WIRE_RCODE_MASK) == rcode &&
		wire_get16(message + WIRE_QDCOUNT) == 1 &&
		wire_get16(message + WIRE_ANCOUNT) == hit &&
		wire_get16(message + WIRE_NSCOUNT) == !hit &&
		wire_get16(message + WIRE_ARCOUNT) == opt;
}

/* The question's length, its name read by our own rules; `*host` is what it asks for. */
static size_t read_question(const uint8_t *message, struct prefix *host)
{
	const uint8_t *name = message + WIRE_HEADER_BYTES;
	size_t bytes = 0;

	while (name[bytes])
		bytes += 1u + name[bytes];
	bytes++;
	return arpa_parse(name, bytes, host) == ARPA_EXACT ? bytes + WIRE_QUESTION_FIXED : 0;
}

bool frames_reply_right(const struct frames *f, unsigned i, enum outcome outcome, unsigned *version)
{
	const uint8_t *message = f->buffer[i] + f->payload;
	const uint8_t *query = f->pool + (f->first + i) * f->stride + f->payload;
	bool hit = outcome == OUTCOME_ANSWERED;
	struct prefix host;
	size_t question = read_question(query, &host);
	const uint8_t *rr = message + WIRE_HEADER_BYTES + question;

	if (f->burst.outcome[i] != outcome || question == 0 ||
		wire_get16(message) != wire_get16(query) ||
		memcmp(message + WIRE_HEADER_BYTES, query + WIRE_HEADER_BYTES, question) != 0 ||
		!header_right(message, outcome, f->opt) ||
		wire_get16(rr + 2) != (hit ? WIRE_TYPE_PTR : WIRE_TYPE_SOA))
		return false;
	return !hit || population_target_read(&host, rr + 2 + WIRE_RR_FIXED, version);
}

struct prefix frames_host(const struct frames *f, size_t index)
{
	struct prefix host = {.bits = 0};

	read_question(f->pool + index * f->stride + f->payload, &host);
	return host;
}
