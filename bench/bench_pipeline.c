/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frame in, frame out, in memory. The reference restores the frames as all do and only swaps
 * addresses and ports: what it costs to receive and to reflect, without any DNS.
 */
#include "bench/bench_case.h"
#include "bench/frames.h"
#include "bench/sizes.h"
#include "bench/workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whom a trace follows. */
enum trace { TRACE_OFF, TRACE_NOBODY, TRACE_ALL };

struct pipeline_args {
	enum draw draw;
	bool opt;
	unsigned burst;
	enum outcome outcome; /* of every frame */
	unsigned sources;     /* that are rate limited, and within their rates; 0: no limiting */
	bool seen;	      /* there is a ring for what may be seen */
	uint32_t one_in;      /* by samples */
	enum trace trace;
};

struct pipeline_bench {
	const struct pipeline_args *args;
	struct workload *workload;
	struct frames *frames;
	struct policy policy;	/* the workload's, with rates where there are sources */
	struct serving serving; /* the workload's, with this policy */
	struct observe_filters filters;
	size_t next;	      /* frame in the pool */
	uint32_t reply_grows; /* bytes that every reply is longer than its query */
};

static size_t take_frames(struct pipeline_bench *p)
{
	size_t first = p->next;

	p->next = (p->next + BENCH_STEP) % WORKLOAD_QUERIES;
	return first;
}

static const char *pipeline_case_run(void *context)
{
	struct pipeline_bench *p = context;
	const _Atomic(uint64_t) *counter = &p->frames->counters.outcome[p->args->outcome];
	size_t first = take_frames(p);
	uint64_t before = counter_read(counter);
	uint32_t in = 0, out = 0;

	for (unsigned i = 0; i < BENCH_STEP; i += p->args->burst) {
		in += frames_restore(p->frames, first + i, p->args->burst);
		frames_answer(p->frames, &p->serving);
		out += frames_sent(p->frames);
	}
	if (counter_read(counter) - before != BENCH_STEP)
		return "a frame ended with another outcome";
	return out - in == BENCH_STEP * p->reply_grows ? NULL : "a reply had another length";
}

/* ---- The reference ---- */

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
	struct pipeline_bench *p = context;
	size_t first = take_frames(p);
	unsigned reflected = 0;

	for (unsigned i = 0; i < BENCH_STEP; i += BURST_MAX) {
		frames_restore(p->frames, first + i, BURST_MAX);
		reflect(&p->frames->burst);
		for (unsigned k = 0; k < BURST_MAX; k++)
			reflected += p->frames->buffer[k][5] == 2; /* the client's MAC address */
	}
	return reflected == BENCH_STEP ? NULL : "a frame was not turned round";
}

/* ---- Setting up ---- */

/* Answers every frame of the pool once and looks at each reply; the timed runs check less. */
static bool prove(struct pipeline_bench *p)
{
	struct frames *f = p->frames;

	for (size_t first = 0; first < WORKLOAD_QUERIES; first += BURST_MAX) {
		frames_restore(f, first, BURST_MAX);
		frames_answer(f, &p->serving);
		for (unsigned i = 0; i < BURST_MAX; i++) {
			uint32_t grows = f->burst.length[i] - f->length[first + i];
			unsigned version = 0;

			if (first + i == 0)
				p->reply_grows = grows;
			if (!frames_reply_right(f, i, p->args->outcome, &version) || version != 0 ||
				grows != p->reply_grows) {
				fprintf(stderr, "bench: wrong reply to frame %zu: %s\n", first + i,
					outcome_name(f->burst.outcome[i]));
				return false;
			}
		}
	}
	return true;
}

static void teardown(void *context)
{
	struct pipeline_bench *p = context;

	if (p->workload)
		workload_drop(p->workload);
	frames_free(p->frames);
	free(p);
}

/* What the workload answers from, and rates that no source reaches. */
static bool set_policy(struct pipeline_bench *p)
{
	struct ratelimit_policy *rate = &p->policy.rate;

	p->serving = p->workload->serving;
	p->policy = *serving_load(&p->serving).policy;
	serving_publish_policy(&p->serving, &p->policy);
	if (!p->args->sources)
		return true;
	*rate = (struct ratelimit_policy){.mode = RATELIMIT_ON,
		.burst_us = RATELIMIT_SECOND,
		.ipv4_bits = 24,
		.ipv6_bits = 56,
		.slip = 1};
	for (unsigned c = RATELIMIT_NONE + 1; c < RATELIMIT_CLASSES; c++)
		rate->interval_us[c] = ratelimit_interval_us(RATELIMIT_RATE_MAX);
	return frames_limit(p->frames, p->args->sources);
}

/* A trace of one address that nobody asks for, or of all. */
static bool set_observed(struct pipeline_bench *p)
{
	const struct prefix nobody = {UINT64_MAX << 32, 0, ARPA_FAMILY_IPV4, 32};
	const struct prefix all = {.family = ARPA_FAMILY_IPV4};
	const struct observe_filter filter = {
		.by_name = true, .names = p->args->trace == TRACE_ALL ? all : nobody};

	if (!p->args->seen)
		return true;
	p->serving.observe.one_in = p->args->one_in;
	observe_filters_set(&p->filters, 0, &filter);
	if (p->args->trace != TRACE_OFF)
		serving_publish_filters(&p->serving, &p->filters);
	return frames_observe(p->frames);
}

static void *setup(const void *args, const struct population *population)
{
	struct pipeline_bench *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->args = args;
	p->workload = workload_take(population);
	p->frames = frames_new(population, p->args->draw, p->args->opt);
	if (!p->workload || !p->frames || !set_policy(p) || !set_observed(p) || !prove(p)) {
		teardown(p);
		return NULL;
	}
	return p;
}

static void *reference_setup(const void *population, const struct population *none)
{
	struct pipeline_bench *p = calloc(1, sizeof(*p));

	(void)none;
	if (!p)
		return NULL;
	p->frames = frames_new(population, DRAW_HIT, false);
	if (!p->frames) {
		teardown(p);
		return NULL;
	}
	return p;
}

static uint64_t need(const struct population *population)
{
	return workload_need(population) + frames_need();
}

static uint64_t held(const struct population *population)
{
	return workload_built(population)->bytes;
}

#define ARGS(name, from, with_opt, frames, ends, ...) \
	static const struct pipeline_args name = {.draw = from, \
		.opt = with_opt, \
		.burst = frames, \
		.outcome = ends, \
		.sources = __VA_ARGS__}
#define SEEN(rate, whom) 0, .seen = true, .one_in = rate, .trace = whom
ARGS(hit, DRAW_HIT, false, 64, OUTCOME_ANSWERED, 0);
ARGS(hit_32, DRAW_HIT, false, 32, OUTCOME_ANSWERED, 0);
ARGS(hit_opt, DRAW_HIT, true, 64, OUTCOME_ANSWERED, 0);
ARGS(hot, DRAW_HOT, false, 64, OUTCOME_ANSWERED, 0);
ARGS(zipf, DRAW_ZIPF, false, 64, OUTCOME_ANSWERED, 0);
ARGS(miss, DRAW_MISS, false, 64, OUTCOME_NXDOMAIN, 0);
ARGS(ent, DRAW_ENT, false, 64, OUTCOME_NODATA, 0);
ARGS(hit_rrl_1, DRAW_HIT, false, 64, OUTCOME_ANSWERED, 1);
ARGS(hit_rrl, DRAW_HIT, false, 64, OUTCOME_ANSWERED, FRAMES_SOURCES_MAX);
ARGS(miss_rrl, DRAW_MISS, false, 64, OUTCOME_NXDOMAIN, FRAMES_SOURCES_MAX);
/* At 8 M queries a second 1 in 4096 is what sampling comes to by itself. */
ARGS(hit_seen_off, DRAW_HIT, false, 64, OUTCOME_ANSWERED, SEEN(0, TRACE_OFF));
ARGS(hit_seen_4096, DRAW_HIT, false, 64, OUTCOME_ANSWERED, SEEN(4096, TRACE_OFF));
ARGS(hit_seen_64, DRAW_HIT, false, 64, OUTCOME_ANSWERED, SEEN(64, TRACE_OFF));
ARGS(hit_seen_1, DRAW_HIT, false, 64, OUTCOME_ANSWERED, SEEN(1, TRACE_OFF));
ARGS(hit_trace_nobody, DRAW_HIT, false, 64, OUTCOME_ANSWERED, SEEN(4096, TRACE_NOBODY));
ARGS(hit_trace_all, DRAW_HIT, false, 64, OUTCOME_ANSWERED, SEEN(4096, TRACE_ALL));
#undef ARGS
#undef SEEN

#define SWAP(title, population) \
	{ \
		.name = title, .setup = reference_setup, .run = reference_run, \
		.teardown = teardown, .args = population \
	}
#define RUN(layout, swap, what, ...) \
	{ \
		"pipeline/" #layout "/" #what "/", {swap, __VA_ARGS__}, sizes_##layout, setup, \
			pipeline_case_run, teardown, need, held, &what \
	}
#define IPV4(what)   RUN(ipv4, "swap/ipv4", what, "pipeline/ipv4/hit/", "rte_hash/hit/")
#define SPARSE(what) RUN(sparse, "swap/ipv4", what, "pipeline/ipv4/hit/", "rte_hash/hit/")
#define IPV6(what)   RUN(ipv6, "swap/ipv6", what, "pipeline/ipv4/hit/", "rte_hash/hit/")

const struct bench_case pipeline_cases[] = {
	SWAP("swap/ipv4", &sizes_ipv4[0]),
	SWAP("swap/ipv6", &sizes_ipv6[0]),
	RUN(ipv4, "swap/ipv4", hit, "rte_hash/hit/"),
	IPV4(hit_32),
	IPV4(hit_opt),
	IPV4(hot),
	IPV4(zipf),
	IPV4(miss),
	IPV4(ent),
	IPV4(hit_seen_off),
	IPV4(hit_seen_4096),
	IPV4(hit_seen_64),
	IPV4(hit_seen_1),
	IPV4(hit_trace_nobody),
	IPV4(hit_trace_all),
	IPV4(hit_rrl_1),
	IPV4(hit_rrl),
	RUN(ipv4, "swap/ipv4", miss_rrl, "pipeline/ipv4/miss/", "rte_hash/hit/"),
	SPARSE(hit),
	SPARSE(miss),
	SPARSE(ent),
	IPV6(hit),
	IPV6(miss),
	IPV6(ent),
	{.name = NULL},
};
