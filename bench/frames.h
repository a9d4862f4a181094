/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Query frames as a NIC would bring them: a reply overwrites its query, so each burst is first
 * restored from a pool that no cache holds.
 */
#ifndef ARPAD_BENCH_FRAMES_H
#define ARPAD_BENCH_FRAMES_H

#include "bench/population.h"
#include "bench/workload.h"
#include "dataplane/burst.h"
#include "dataplane/pipeline.h"

enum {
	/* A packet buffer of DPDK's usual size; the odd line spreads buffers over the cache's sets.
	 */
	FRAMES_BUFFER_BYTES = 2048 + 128 + 64,
	FRAMES_CAPACITY = 2048,
	FRAMES_SOURCES_MAX = 0xe000 - 0x8000, /* 128.0.0.0 to 223.255.255.255 by their halves */
	/* Between bursts: as far as their replies at the highest rate. */
	FRAMES_BURST_US = BURST_MAX * (RATELIMIT_SECOND / RATELIMIT_RATE_MAX),
};

struct frames {
	uint8_t *pool; /* WORKLOAD_QUERIES frames, `stride` bytes apart */
	uint8_t *length;
	size_t stride;
	size_t payload; /* offset of the DNS message */
	size_t first;	/* of the burst, in `pool` */
	bool opt;
	struct counters counters;
	struct link link;
	struct ratelimit *limiter; /* NULL until frames_limit */
	struct observe_ring *ring; /* NULL until frames_observe */
	struct burst burst;
	_Alignas(64) uint8_t buffer[BURST_MAX][FRAMES_BUFFER_BYTES];
};

/* Queries drawn from the population, the same every time. NULL: no memory. */
struct frames *frames_new(const struct population *population, enum draw draw, bool opt);
void frames_free(struct frames *frames);

/*
 * Makes the frames, which are of IPv4, come from `sources` prefixes of 24 bits by turns, at most
 * FRAMES_SOURCES_MAX, and gives them a table of the default size. False: no memory.
 */
bool frames_limit(struct frames *frames, unsigned sources);

/* Lets what is answered be seen; frames_answer empties the ring. False: no memory. */
bool frames_observe(struct frames *frames);

/* The memory that frames_new takes at most. */
uint64_t frames_need(void);

/* Brings frames first to first + n - 1 of the pool into the buffers; returns their bytes. */
uint32_t frames_restore(struct frames *frames, size_t first, unsigned n);

/* Makes frame `to` of the pool a copy of frame `from`. */
void frames_copy(struct frames *frames, size_t from, size_t to);

/* Whom frame `index` of the pool asks for. */
struct prefix frames_host(const struct frames *frames, size_t index);

/* Answers what was restored last. */
void frames_answer(struct frames *frames, const struct serving *serving);

/* Bytes that the burst sends. */
uint32_t frames_sent(const struct frames *frames);

/*
 * Whether reply `i` of the burst has its query's id and question, that outcome's rcode, flags and
 * sections, an OPT if the query had one, and, when answered, a name of the address asked for:
 * `*version` says which.
 */
bool frames_reply_right(
	const struct frames *frames, unsigned i, enum outcome outcome, unsigned *version);

#endif
