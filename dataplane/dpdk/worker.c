/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The poll loop: receive a burst, answer it in place, send the replies, free the rest. The mbuf
 * that came in goes out, so a worker never allocates one itself. Once a poll it is quiescent.
 */
#include "dataplane/dpdk/worker.h"

#include "dataplane/pipeline.h"

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_pause.h>

#include "dataplane/hot.h"

/*
 * How often a full ring is tried again: each try lets the driver reclaim sent frames, and a ring
 * that is still full after as many will not drain before newer queries have come.
 */
enum { SEND_TRIES = 8 };

/* Fills the burst from the queue; 0: there was nothing. */
static unsigned receive(struct worker *worker)
{
	struct burst *burst = &worker->burst;

	burst->n = rte_eth_rx_burst(worker->port, worker->queue, worker->mbuf, BURST_MAX);
	for (unsigned i = 0; i < burst->n; i++) {
		struct rte_mbuf *mbuf = worker->mbuf[i];

		burst->frame[i] = rte_pktmbuf_mtod(mbuf, uint8_t *);
		rte_prefetch0(burst->frame[i]);
		/* No query needs a second buffer: such a frame is treated as cut short. */
		burst->length[i] = mbuf->nb_segs == 1 ? rte_pktmbuf_data_len(mbuf) : 0;
		burst->capacity[i] = (uint32_t)(mbuf->buf_len - rte_pktmbuf_headroom(mbuf));
	}
	return burst->n;
}

static void send_all(struct worker *worker, struct rte_mbuf **replies, uint16_t count)
{
	uint16_t sent = 0;

	for (unsigned tries = 0; sent < count && tries < SEND_TRIES; tries++)
		sent += rte_eth_tx_burst(
			worker->port, worker->queue, replies + sent, (uint16_t)(count - sent));
	if (sent == count)
		return;
	rte_pktmbuf_free_bulk(replies + sent, count - sent);
	counter_add(&worker->counters.tx_dropped, count - sent);
}

/* Replies leave, silent frames are freed; afterwards the worker holds no mbuf. */
static void finish(struct worker *worker)
{
	const struct burst *burst = &worker->burst;
	struct rte_mbuf *replies[BURST_MAX], *silent[BURST_MAX];
	unsigned reply_count = 0, silent_count = 0;

	for (unsigned i = 0; i < burst->n; i++) {
		struct rte_mbuf *mbuf = worker->mbuf[i];

		if (!burst->length[i]) {
			silent[silent_count++] = mbuf;
			continue;
		}
		mbuf->data_len = (uint16_t)burst->length[i];
		mbuf->pkt_len = burst->length[i];
		replies[reply_count++] = mbuf;
	}
	if (silent_count)
		rte_pktmbuf_free_bulk(silent, silent_count);
	if (reply_count)
		send_all(worker, replies, (uint16_t)reply_count);
}

static void poll_once(struct worker *worker)
{
	uint64_t start = rte_rdtsc();

	if (!receive(worker)) {
		counter_add(&worker->counters.empty_polls, 1);
		rte_pause();
		return;
	}
	worker->burst.now_us = (uint64_t)((unsigned __int128)start * worker->us_a_cycle >> 64);
	pipeline_run(&worker->pipeline, &worker->burst);
	finish(worker);
	counter_add(&worker->counters.bursts, 1);
	counter_add(&worker->counters.busy_cycles, rte_rdtsc() - start);
}

int worker_run(void *argument)
{
	struct worker *worker = argument;

	grace_online(worker->grace, worker->reader);
	/* Pairs with the release in dataplane_close. */
	while (!atomic_load_explicit(worker->stop, memory_order_acquire)) {
		poll_once(worker);
		grace_quiescent(worker->grace, worker->reader);
	}
	grace_offline(worker->grace, worker->reader);
	return 0;
}
