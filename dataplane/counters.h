/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Single-owner counters: a worker is the only writer of its block, in cache lines of its own, and
 * any thread may read it. Relaxed load and store suffice: there is one writer and no ordering.
 */
#ifndef ARPAD_DATAPLANE_COUNTERS_H
#define ARPAD_DATAPLANE_COUNTERS_H

#include "dataplane/outcome.h"
#include "dataplane/query_type.h"
#include "dataplane/ratelimit_policy.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>

enum {
	COUNTERS_FAMILIES = 2,	  /* IPv4, IPv6 */
	COUNTERS_BURST_SIZES = 7, /* up to 1, 2, 4, ... 64 frames */
	/* Up to 1/4 us, 1/2 us, 1 us, ... 16384 us, and what takes longer. */
	COUNTERS_DELAYS = 18,
};

struct counters {
	alignas(64) _Atomic(uint64_t) outcome[OUTCOMES]; /* messages by how they ended */
	_Atomic(uint64_t) received;			 /* frames from the queue */
	_Atomic(uint64_t) returned; /* frames from other threads to send: punted, the kernel's */
	_Atomic(uint64_t)
		segmented; /* of those received: longer than a buffer, counted frame-short too */
	_Atomic(uint64_t) sent;	       /* frames that the port took */
	_Atomic(uint64_t) bursts;      /* polls that brought at least one frame */
	_Atomic(uint64_t) empty_polls; /* polls that brought none */
	_Atomic(uint64_t) tx_backlog;  /* the most frames that ever waited for the port */
	_Atomic(uint64_t)
		tx_paused; /* polls that received nothing so that these could leave first */
	_Atomic(uint64_t) tx_dropped; /* replies that the port did not take */
	/* Replies above their rate: those of no exempt client by class (in the mode log they leave
	 * nevertheless), and those that left for the client's cookie or prefix. */
	_Atomic(uint64_t) rate_limited[RATELIMIT_CLASSES];
	_Atomic(uint64_t) rate_exempt_cookie, rate_exempt_prefix;
	_Atomic(uint64_t) kernel_dropped; /* frames for which the way to the kernel had no room */
	_Atomic(uint64_t) busy_cycles;	  /* TSC cycles spent on polls that brought frames */
	_Atomic(uint64_t) sleeps;
	_Atomic(uint64_t)
		asleep_cycles; /* TSC cycles between going to sleep and being awake again */
	_Atomic(uint64_t) start_cycles; /* the TSC when the worker started; 0: it has not */
	/* Messages that are none of the silent outcomes before message-short, and no neighbour's.
	 */
	_Atomic(uint64_t) family[COUNTERS_FAMILIES];
	_Atomic(uint64_t) query_type[QUERY_TYPES];	    /* the same by what they ask for */
	_Atomic(uint64_t) burst_size[COUNTERS_BURST_SIZES]; /* bursts by how many frames they had */
	/* Frames by how long their burst took, from the look that found it until the port had its
	 * replies; and the sum of these times in quarters of a microsecond. */
	_Atomic(uint64_t) delay[COUNTERS_DELAYS];
	_Atomic(uint64_t) delay_quarter_us;
};

/* Owner only. */
static inline void counter_add(_Atomic(uint64_t) *counter, uint64_t n)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n,
		memory_order_relaxed);
}

/* Owner only: the most that it ever was. */
static inline void counter_raise(_Atomic(uint64_t) *counter, uint64_t n)
{
	if (n > atomic_load_explicit(counter, memory_order_relaxed))
		atomic_store_explicit(counter, n, memory_order_relaxed);
}

/* Which of burst_size a burst of `frames` (1 to 64) is counted in. */
static inline unsigned counters_burst_size(unsigned frames)
{
	return frames > 1 ? 32u - (unsigned)__builtin_clz(frames - 1) : 0;
}

/* Which of `delay` a burst is counted in. */
static inline unsigned counters_delay(uint64_t quarter_us)
{
	unsigned bits = quarter_us ? 64u - (unsigned)__builtin_clzll(quarter_us) : 0;

	return bits < COUNTERS_DELAYS ? bits : COUNTERS_DELAYS - 1;
}

/* Any thread. */
static inline uint64_t counter_read(const _Atomic(uint64_t) *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

#endif
