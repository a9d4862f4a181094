/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The way out of a worker: what the port does not take waits here, in order, and goes first next
 * time. While it is nearly full the worker receives nothing, so that the surplus is dropped
 * where that costs least, in the NIC's ring, and no answer that was made is thrown away.
 */
#ifndef ARPAD_DATAPLANE_DPDK_BACKLOG_H
#define ARPAD_DATAPLANE_DPDK_BACKLOG_H

#include "dataplane/counters.h"

#include <stdbool.h>
#include <stdint.h>

struct rte_mbuf;

enum {
	BACKLOG_FRAMES = 512, /* 1 ms at 500,000 a second: clients wait a thousand times longer */
	BACKLOG_PATIENCE_MS = 100, /* a port that takes nothing for so long is down */
};

/* One worker's; only its thread uses it. */
struct backlog {
	uint16_t port, queue;
	struct counters *counters; /* sent, tx_backlog, tx_dropped */
	uint64_t patience_cycles;
	uint64_t moved; /* TSC when the port last took something, or had nothing to take */
	unsigned count;
	struct rte_mbuf *frames[BACKLOG_FRAMES]; /* the oldest first */
};

/* Whether `frames` more could be sent without losing any, even if the port takes none. */
static inline bool backlog_has_room(const struct backlog *backlog, unsigned frames)
{
	return backlog->count + frames <= BACKLOG_FRAMES;
}

/*
 * Sends frames after all that waits; what the port does not take is kept. `now` is the TSC. The
 * frames are the backlog's or the port's from here on. What there is no room for, the newest, is
 * freed and counted: never, if backlog_has_room said so.
 */
void backlog_send(struct backlog *backlog, struct rte_mbuf **frames, unsigned count, uint64_t now);

/*
 * Tries what waits once more; once a poll while count is not 0. After BACKLOG_PATIENCE_MS in which
 * the port took nothing all of it is freed and counted: it is stale, and the pool is finite.
 */
void backlog_flush(struct backlog *backlog, uint64_t now);

/* Frees what waits, uncounted: the worker ends. */
void backlog_clear(struct backlog *backlog);

#endif
