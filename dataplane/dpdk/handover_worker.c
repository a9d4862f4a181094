/* SPDX-License-Identifier: BSD-3-Clause */
/* The worker's half of the rings: it alone allocates from its pool and frees into it. */
#include "dataplane/dpdk/handover.h"

#include <rte_branch_prediction.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include "dataplane/hot.h"

static unsigned lendable(const struct handover *handover, const struct rte_ring *ring)
{
	unsigned room = rte_ring_free_count(ring), left = HANDOVER_LENT_MAX - handover->lent;

	return room < left ? room : left;
}

unsigned handover_room(const struct handover *handover, enum handover_way way)
{
	return lendable(handover, handover->given[way]);
}

unsigned handover_give(struct handover *handover, enum handover_way way,
	struct rte_mbuf *const *frames, unsigned count)
{
	unsigned left = HANDOVER_LENT_MAX - handover->lent;

	count = rte_ring_enqueue_burst(
		handover->given[way], (void *const *)frames, count < left ? count : left, NULL);
	handover->lent += count;
	return count;
}

/* Blank frames come back as others do, so there is room for new ones only after some did. */
static void put_out_blanks(struct handover *handover)
{
	struct rte_mbuf *blanks[HANDOVER_BURST];
	unsigned wanted = lendable(handover, handover->blank);

	handover->short_of_blanks = wanted > HANDOVER_BURST;
	if (wanted > HANDOVER_BURST)
		wanted = HANDOVER_BURST;
	if (!wanted)
		return;
	if (rte_pktmbuf_alloc_bulk(handover->pool, blanks, wanted)) {
		handover->short_of_blanks = true;
		return;
	}
	rte_ring_enqueue_bulk(handover->blank, (void *const *)blanks, wanted, NULL);
	handover->lent += wanted;
}

unsigned handover_collect(struct handover *handover, struct rte_mbuf *frames[static HANDOVER_BURST])
{
	unsigned count = rte_ring_dequeue_burst(
			 handover->back, (void **)frames, HANDOVER_BURST, NULL),
		 kept = 0;

	if (likely(count == 0 && !handover->short_of_blanks))
		return 0;
	handover->lent -= count;
	for (unsigned i = 0; i < count; i++) {
		if (rte_pktmbuf_pkt_len(frames[i]) == 0)
			rte_pktmbuf_free(frames[i]);
		else
			frames[kept++] = frames[i];
	}
	put_out_blanks(handover);
	return kept;
}
