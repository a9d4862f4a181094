/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frame in, frame out, in memory. A reply overwrites its query, so each burst is first restored
 * from a pool that no cache holds, as a NIC would bring it. The reference does that and only
 * swaps addresses and ports: what it costs to receive and to reflect, without any DNS.
 */
#include "bench/bench_case.h"
#include "bench/workload.h"

#include "dataplane/dns/wire.h"
#include "dataplane/pipeline.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	/* A packet buffer of DPDK's usual size; the odd line spreads buffers over the cache's sets.
	 */
	BUFFER_BYTES = 2048 + 128 + 64,
	CAPACITY = 2048,
};

struct pipeline_args {
	uint8_t family; /* of the owners and of the frames */
	enum workload_kind kind;
	bool opt;
	unsigned burst;
	enum outcome outcome; /* of every frame */
};

struct pipeline {
	const struct pipeline_args *args;
	struct workload *workload;
	uint8_t *pool; /* WORKLOAD_QUERIES frames, `stride` bytes apart */
	uint8_t *length;
	size_t stride;
	size_t next;	      /* frame in `pool` */
	size_t payload;	      /* offset of the DNS message */
	uint32_t reply_grows; /* bytes that every reply is longer than its query */
	struct counters counters;
	struct burst burst;
	_Alignas(64) uint8_t buffer[BURST_MAX][BUFFER_BYTES];
};

/* ---- Restoring and running a burst ---- */

/* Brings frames first to first + n - 1 of the pool into the buffers; returns their bytes. */
static uint32_t restore(struct pipeline *p, size_t first, unsigned n)
{
	uint32_t bytes = 0;

	for (unsigned i = 0; i < n; i++) {
		memcpy(p->buffer[i], p->pool + (first + i) * p->stride, p->stride);
		p->burst.frame[i] = p->buffer[i];
		p->burst.length[i] = p->length[first + i];
		p->burst.capacity[i] = CAPACITY;
		bytes += p->burst.length[i];
	}
	p->burst.n = n;
	return bytes;
}

static uint32_t sent_bytes(const struct burst *burst)
{
	uint32_t bytes = 0;

	for (unsigned i = 0; i < burst->n; i++)
		bytes += burst->length[i];
	return bytes;
}

static size_t take_frames(struct pipeline *p)
{
	size_t first = p->next;

	p->next = (p->next + BENCH_STEP) % WORKLOAD_QUERIES;
	return first;
}

static const char *pipeline_case_run(void *context)
{
	struct pipeline *p = context;
	const _Atomic(uint64_t) *counter = &p->counters.outcome[p->args->outcome];
	size_t first = take_frames(p);
	uint64_t before = counter_read(counter);
	uint32_t in = 0, out = 0;

	for (unsigned i = 0; i < BENCH_STEP; i += p->args->burst) {
		in += restore(p, first + i, p->args->burst);
		pipeline_run(&p->burst, &p->workload->serving, &p->counters);
		out += sent_bytes(&p->burst);
	}
	if (counter_read(counter) - before != BENCH_STEP)
		return "a frame ended with another outcome";
	return out - in == BENCH_STEP * p->reply_grows ? NULL : "a reply had another length";
}

static void swap(uint8_t *a, uint8_t *b, size_t bytes)
{
	uint8_t kept[16];

	memcpy(kept, a, bytes);
	memcpy(a, b, bytes);
	memcpy(b, kept, bytes);
}

static void reflect(struct burst *burst)
{
	for (unsigned i = 0; i < burst->n; i++) {
		uint8_t *frame = burst->frame[i];
		bool ipv4 = frame[12] == 0x08;

		swap(frame, frame + 6, 6);
		if (ipv4)
			swap(frame + 26, frame + 30, 4);
		else
			swap(frame + 22, frame + 38, 16);
		swap(frame + (ipv4 ? 34 : 54), frame + (ipv4 ? 36 : 56), 2);
	}
}

static const char *reference_run(void *context)
{
	struct pipeline *p = context;
	size_t first = take_frames(p);
	unsigned reflected = 0;

	for (unsigned i = 0; i < BENCH_STEP; i += p->args->burst) {
		restore(p, first + i, p->args->burst);
		reflect(&p->burst);
		for (unsigned k = 0; k < p->args->burst; k++)
			reflected += p->buffer[k][5] == 2; /* the client's MAC address */
	}
	return reflected == BENCH_STEP ? NULL : "a frame was not turned round";
}

/* ---- Setting up ---- */

/* Whether the reply in buffer `i` says what the case is about; the timed runs check less. */
static bool reply_right(const struct pipeline *p, unsigned i)
{
	const uint8_t *message = p->buffer[i] + p->payload;
	const struct query *query = &p->burst.query[i];
	const uint8_t *rr = message + query->question_end;
	bool hit = p->args->outcome == OUTCOME_ANSWERED;
	uint16_t flags = wire_get16(message + WIRE_FLAGS);
	uint8_t target[WORKLOAD_TARGET_BYTES];

	if (p->burst.outcome[i] != p->args->outcome || !(flags & WIRE_QR) || !(flags & WIRE_AA) ||
		(flags & WIRE_RCODE_MASK) !=
			(p->args->outcome == OUTCOME_NXDOMAIN ? WIRE_NXDOMAIN : WIRE_NOERROR) ||
		wire_get16(message + WIRE_ANCOUNT) != hit ||
		wire_get16(message + WIRE_NSCOUNT) != !hit ||
		wire_get16(message + WIRE_ARCOUNT) != p->args->opt ||
		wire_get16(rr + 2) != (hit ? WIRE_TYPE_PTR : WIRE_TYPE_SOA))
		return false;
	if (!hit)
		return true;
	workload_target(&query->owner.prefix, target);
	return memcmp(rr + 2 + WIRE_RR_FIXED, target, sizeof(target)) == 0;
}

/* Answers every frame of the pool once and looks at each reply. */
static bool prove(struct pipeline *p)
{
	for (size_t first = 0; first < WORKLOAD_QUERIES; first += BURST_MAX) {
		restore(p, first, BURST_MAX);
		pipeline_run(&p->burst, &p->workload->serving, &p->counters);
		for (unsigned i = 0; i < BURST_MAX; i++) {
			uint32_t grows = p->burst.length[i] - p->length[first + i];

			if (first + i == 0)
				p->reply_grows = grows;
			if (!reply_right(p, i) || grows != p->reply_grows) {
				fprintf(stderr, "bench: wrong reply to frame %zu: %s\n", first + i,
					outcome_name(p->burst.outcome[i]));
				return false;
			}
		}
	}
	return true;
}

static void teardown(void *context)
{
	struct pipeline *p = context;

	if (p->workload)
		workload_drop(p->workload);
	free(p->pool);
	free(p->length);
	free(p);
}

static bool fill_pool(struct pipeline *p)
{
	const struct pipeline_args *args = p->args;
	uint8_t frame[WORKLOAD_FRAME_MAX];
	uint64_t random = 5;

	p->payload = args->family == ARPA_FAMILY_IPV4 ? 42 : 62;
	/* The longest name: 255.255.255.10.in-addr.arpa, or 32 nibbles. */
	p->stride = p->payload + WIRE_HEADER_BYTES + WIRE_QUESTION_FIXED +
		(args->family == ARPA_FAMILY_IPV4 ? 29 : ARPA_NAME_MAX_BYTES) +
		(args->opt ? WIRE_OPT_BYTES : 0);
	p->pool = malloc(WORKLOAD_QUERIES * p->stride);
	p->length = malloc(WORKLOAD_QUERIES);
	if (!p->pool || !p->length)
		return false;
	for (size_t i = 0; i < WORKLOAD_QUERIES; i++) {
		struct prefix owner = workload_owner(args->family, args->kind, &random);
		size_t bytes = workload_frame(&owner, args->opt, (uint16_t)i, args->family, frame);

		p->length[i] = (uint8_t)bytes;
		memcpy(p->pool + i * p->stride, frame, p->stride);
	}
	return true;
}

static void *setup(const void *args)
{
	struct pipeline *p = aligned_alloc(64, sizeof(*p));

	if (!p)
		return NULL;
	memset(p, 0, sizeof(*p));
	p->args = args;
	p->workload = workload_take(p->args->family);
	if (!p->workload || !fill_pool(p) || !prove(p)) {
		teardown(p);
		return NULL;
	}
	return p;
}

#define ARGS(name, ...) static const struct pipeline_args name = {__VA_ARGS__}
ARGS(ipv4_32, ARPA_FAMILY_IPV4, WORKLOAD_HIT, false, 32, OUTCOME_ANSWERED);
ARGS(ipv4_64, ARPA_FAMILY_IPV4, WORKLOAD_HIT, false, 64, OUTCOME_ANSWERED);
ARGS(ipv4_opt, ARPA_FAMILY_IPV4, WORKLOAD_HIT, true, 64, OUTCOME_ANSWERED);
ARGS(ipv4_nxdomain, ARPA_FAMILY_IPV4, WORKLOAD_MISS, false, 64, OUTCOME_NXDOMAIN);
ARGS(ipv4_ent, ARPA_FAMILY_IPV4, WORKLOAD_ENT, false, 64, OUTCOME_NODATA);
ARGS(ipv6_64, ARPA_FAMILY_IPV6, WORKLOAD_HIT, false, 64, OUTCOME_ANSWERED);
ARGS(ipv6_nxdomain, ARPA_FAMILY_IPV6, WORKLOAD_MISS, false, 64, OUTCOME_NXDOMAIN);
#undef ARGS

#define IPV4 "pipeline/ipv4/reference"
#define IPV6 "pipeline/ipv6/reference"
#define RUN(name, reference, args) \
	{ \
		name, reference, setup, pipeline_case_run, teardown, args \
	}

const struct bench_case pipeline_cases[] = {
	{IPV4, NULL, setup, reference_run, teardown, &ipv4_64},
	RUN("pipeline/ipv4/hit/burst32", IPV4, &ipv4_32),
	RUN("pipeline/ipv4/hit", IPV4, &ipv4_64),
	RUN("pipeline/ipv4/hit/opt", IPV4, &ipv4_opt),
	RUN("pipeline/ipv4/nxdomain", IPV4, &ipv4_nxdomain),
	RUN("pipeline/ipv4/ent", IPV4, &ipv4_ent),
	{IPV6, NULL, setup, reference_run, teardown, &ipv6_64},
	RUN("pipeline/ipv6/hit", IPV6, &ipv6_64),
	RUN("pipeline/ipv6/nxdomain", IPV6, &ipv6_nxdomain),
	{.name = NULL},
};
