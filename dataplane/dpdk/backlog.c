/* SPDX-License-Identifier: BSD-3-Clause */
/* In the usual case nothing waits and one call of the driver takes everything. */
#include "dataplane/dpdk/backlog.h"

#include <rte_branch_prediction.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <string.h>

#include "dataplane/hot.h"

/* How many the port took, the first ones; a driver may take fewer in one call than it could. */
static unsigned transmit(const struct backlog *backlog, struct rte_mbuf **frames, unsigned count)
{
	unsigned sent = 0, taken;

	do {
		taken = rte_eth_tx_burst(
			backlog->port, backlog->queue, frames + sent, (uint16_t)(count - sent));
		sent += taken;
	} while (taken && sent < count);
	if (sent)
		counter_add(&backlog->counters->sent, sent);
	return sent;
}

static void drop(const struct backlog *backlog, struct rte_mbuf **frames, unsigned count)
{
	rte_pktmbuf_free_bulk(frames, count);
	counter_add(&backlog->counters->tx_dropped, count);
}

static void keep(struct backlog *backlog, struct rte_mbuf **frames, unsigned count)
{
	unsigned room = BACKLOG_FRAMES - backlog->count;

	if (count > room) {
		drop(backlog, frames + room, count - room);
		count = room;
	}
	memcpy(backlog->frames + backlog->count, frames, count * sizeof(*frames));
	backlog->count += count;
	counter_raise(&backlog->counters->tx_backlog, backlog->count);
}

void backlog_send(struct backlog *backlog, struct rte_mbuf **frames, unsigned count, uint64_t now)
{
	unsigned sent = 0;

	if (likely(backlog->count == 0)) {
		sent = transmit(backlog, frames, count);
		if (likely(sent == count))
			return;
		backlog->moved = now;
	}
	keep(backlog, frames + sent, count - sent);
}

void backlog_flush(struct backlog *backlog, uint64_t now)
{
	unsigned sent = transmit(backlog, backlog->frames, backlog->count);

	if (sent) {
		backlog->moved = now;
		backlog->count -= sent;
		memmove(backlog->frames, backlog->frames + sent,
			backlog->count * sizeof(*backlog->frames));
	} else if (now - backlog->moved > backlog->patience_cycles) {
		drop(backlog, backlog->frames, backlog->count);
		backlog->count = 0;
	}
}

void backlog_clear(struct backlog *backlog)
{
	rte_pktmbuf_free_bulk(backlog->frames, backlog->count);
	backlog->count = 0;
}
