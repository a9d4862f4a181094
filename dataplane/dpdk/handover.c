/* SPDX-License-Identifier: BSD-3-Clause */
/* The rings' life, and the half of them that threads other than the worker use. */
#include "dataplane/dpdk/handover.h"

#include "dataplane/dpdk/failure.h"

#include <assert.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_ring.h>
#include <stdio.h>

/*
 * Where many threads meet, the relaxed-tail kind: one that the scheduler takes off the CPU between
 * its two steps must not have the others spin until it comes back.
 */
enum {
	ONE_TO_ONE = RING_F_SP_ENQ | RING_F_SC_DEQ,
	ONE_TO_MANY = RING_F_SP_ENQ | RING_F_MC_RTS_DEQ,
	MANY_TO_ONE = RING_F_MP_RTS_ENQ | RING_F_SC_DEQ,
};

static struct rte_ring *ring_new(
	const char *what, unsigned index, unsigned frames, int socket, unsigned flags)
{
	char name[RTE_RING_NAMESIZE];

	snprintf(name, sizeof(name), "%s_%u", what, index);
	return rte_ring_create(name, frames, socket, flags | RING_F_EXACT_SZ);
}

int handover_init(struct handover *handover, struct rte_mempool *pool, unsigned index, int socket,
	char error[static DATAPLANE_ERROR_BYTES])
{
	*handover = (struct handover){.pool = pool, .short_of_blanks = true};
	handover->given[HANDOVER_PUNT] =
		ring_new("punt", index, HANDOVER_PUNT_FRAMES, socket, ONE_TO_ONE);
	handover->given[HANDOVER_EXCEPTION] =
		ring_new("exception", index, HANDOVER_EXCEPTION_FRAMES, socket, ONE_TO_ONE);
	handover->blank = ring_new("blank", index, HANDOVER_BLANK_FRAMES, socket, ONE_TO_MANY);
	handover->back = ring_new("back", index, HANDOVER_LENT_MAX, socket, MANY_TO_ONE);
	if (handover->given[HANDOVER_PUNT] && handover->given[HANDOVER_EXCEPTION] &&
		handover->blank && handover->back)
		return 0;
	return failure(error, -rte_errno,
		"no memory for the rings of worker %u (%s): reserve more hugepages or raise the "
		"configured memory",
		index, rte_strerror(rte_errno));
}

static void ring_free(struct rte_ring *ring)
{
	void *frame;

	while (ring && rte_ring_dequeue(ring, &frame) == 0)
		rte_pktmbuf_free(frame);
	rte_ring_free(ring);
}

void handover_fini(struct handover *handover)
{
	for (unsigned way = 0; way < HANDOVER_WAYS; way++)
		ring_free(handover->given[way]);
	ring_free(handover->blank);
	ring_free(handover->back);
	*handover = (struct handover){.pool = NULL};
}

unsigned handover_take(
	struct handover *handover, enum handover_way way, struct rte_mbuf **frames, unsigned count)
{
	return rte_ring_dequeue_burst(handover->given[way], (void **)frames,
		count < HANDOVER_BURST ? count : HANDOVER_BURST, NULL);
}

struct rte_mbuf *handover_alloc(struct handover *handover)
{
	void *frame;

	return rte_ring_dequeue(handover->blank, &frame) == 0 ? frame : NULL;
}

void handover_return(struct handover *handover, struct rte_mbuf *const *frames, unsigned count)
{
	unsigned returned =
		rte_ring_enqueue_bulk(handover->back, (void *const *)frames, count, NULL);

	assert(returned == count); /* no more than HANDOVER_LENT_MAX are ever out */
	(void)returned;
}
