/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The poll loop: send what other threads brought, receive a burst, answer it in place, send the
 * replies, give away what others answer, free the rest. The mbuf that came in goes out. Once a
 * poll it is quiescent.
 */
#include "dataplane/dpdk/worker.h"

#include "dataplane/dpdk/punt.h"
#include "dataplane/pipeline.h"

#include <rte_branch_prediction.h>
#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_pause.h>

#include "dataplane/hot.h"

/* Fills the burst from the queue; 0: there was nothing. */
static unsigned receive(struct worker *worker)
{
	struct burst *burst = &worker->burst;
	unsigned segmented = 0;

	burst->n = rte_eth_rx_burst(worker->port, worker->queue, worker->mbuf, BURST_MAX);
	for (unsigned i = 0; i < burst->n; i++) {
		struct rte_mbuf *mbuf = worker->mbuf[i];
		bool whole = mbuf->nb_segs == 1;

		burst->frame[i] = rte_pktmbuf_mtod(mbuf, uint8_t *);
		rte_prefetch0(burst->frame[i]);
		/* No query needs a second buffer: such a frame is treated as cut short. */
		burst->length[i] = whole ? rte_pktmbuf_data_len(mbuf) : 0;
		burst->capacity[i] = (uint32_t)(mbuf->buf_len - rte_pktmbuf_headroom(mbuf));
		segmented += !whole;
	}
	if (unlikely(segmented))
		counter_add(&worker->counters.segmented, segmented);
	return burst->n;
}

/* What the exception path has no room for, or no port to, ends here: to wait would cost queries. */
static __attribute__((noinline)) void give_kernel(
	struct worker *worker, struct rte_mbuf **frames, unsigned count)
{
	unsigned given = 0;

	if (worker->kernel) {
		given = handover_give(&worker->handover, HANDOVER_EXCEPTION, frames, count);
		counter_add(&worker->counters.kernel_dropped, count - given);
	}
	if (given < count)
		rte_pktmbuf_free_bulk(frames + given, count - given);
}

/* Replies leave, what others answer is given away, the rest is freed. */
static void finish(struct worker *worker, uint64_t now)
{
	const struct burst *burst = &worker->burst;
	struct rte_mbuf *replies[BURST_MAX], *silent[BURST_MAX], *punted[BURST_MAX];
	struct rte_mbuf *kernel[BURST_MAX];
	unsigned reply_count = 0, silent_count = 0, punt_count = 0, kernel_count = 0;

	for (unsigned i = 0; i < burst->n; i++) {
		struct rte_mbuf *mbuf = worker->mbuf[i];

		if (burst->length[i]) {
			mbuf->data_len = (uint16_t)burst->length[i];
			mbuf->pkt_len = burst->length[i];
			replies[reply_count++] = mbuf;
		} else if (burst->outcome[i] == OUTCOME_PUNTED) {
			punt_note(mbuf)->view = burst->view[i];
			punted[punt_count++] = mbuf;
		} else if (burst->outcome[i] == OUTCOME_TO_KERNEL) {
			kernel[kernel_count++] = mbuf;
		} else {
			silent[silent_count++] = mbuf;
		}
	}
	if (silent_count)
		rte_pktmbuf_free_bulk(silent, silent_count);
	/* The pipeline was told how many there is room for. */
	if (punt_count)
		handover_give(&worker->handover, HANDOVER_PUNT, punted, punt_count);
	if (kernel_count)
		give_kernel(worker, kernel, kernel_count);
	if (reply_count)
		backlog_send(&worker->backlog, replies, reply_count, now);
}

/* What other threads made: one burst a poll, so that queries keep their share. */
static unsigned send_returned(struct worker *worker, uint64_t now)
{
	struct rte_mbuf *frames[HANDOVER_BURST];
	unsigned count = handover_collect(&worker->handover, frames);

	if (unlikely(count)) {
		backlog_send(&worker->backlog, frames, count, now);
		counter_add(&worker->counters.returned, count);
	}
	return count;
}

static void answer_burst(struct worker *worker, uint64_t now)
{
	struct burst *burst = &worker->burst;

	burst->now_us = (uint64_t)((unsigned __int128)now * worker->us_a_cycle >> 64);
	burst->punt_room = handover_room(&worker->handover, HANDOVER_PUNT);
	pipeline_run(&worker->pipeline, burst);
	finish(worker, now);
	counter_add(&worker->counters.received, burst->n);
	counter_add(&worker->counters.bursts, 1);
	counter_add(&worker->counters.burst_size[counters_burst_size(burst->n)], 1);
}

/* A whole burst waits for its last frame, so each of its frames took as long. */
static void count_delay(struct worker *worker, unsigned frames, uint64_t cycles)
{
	uint64_t quarter_us = (uint64_t)((unsigned __int128)cycles * worker->us_a_cycle >> 62);

	counter_add(&worker->counters.delay[counters_delay(quarter_us)], frames);
	counter_add(&worker->counters.delay_quarter_us, quarter_us * frames);
}

/* Where the burst is not in use. What it punts stays here, so a probe is never a message for
 * others.
 */
static __attribute__((noinline)) void answer_probe(struct worker *worker)
{
	struct probe *probe = &worker->probe;
	struct burst *burst = &worker->burst;

	burst->n = 1;
	burst->frame[0] = probe->frame;
	burst->length[0] = probe->length;
	burst->capacity[0] = PROBE_FRAME_BYTES;
	burst->punt_room = 0;
	pipeline_run(&worker->probing, burst);
	probe->length = burst->length[0];
	/* Pairs with the acquire in dataplane_probe_take. */
	atomic_store_explicit(&probe->state, PROBE_ANSWERED, memory_order_release);
}

/* Whether anything was done, or waits to be. */
static bool poll_once(struct worker *worker)
{
	struct backlog *backlog = &worker->backlog;
	uint64_t start = rte_rdtsc();
	unsigned returned, received;
	uint64_t cycles;

	if (unlikely(backlog->count)) {
		backlog_flush(backlog, start);
		if (!backlog_has_room(backlog, BURST_MAX + HANDOVER_BURST)) {
			counter_add(&worker->counters.tx_paused, 1);
			return true;
		}
	}
	/* Where a frame would come in, so it waits for what one would wait for. Pairs with the
	 * release in dataplane_probe_send. */
	if (unlikely(atomic_load_explicit(&worker->probe.state, memory_order_acquire) ==
		    PROBE_ASKED))
		answer_probe(worker);
	returned = send_returned(worker, start);
	received = receive(worker);
	if (received) {
		answer_burst(worker, start);
	} else {
		counter_add(&worker->counters.empty_polls, 1);
		if (!returned) {
			rte_pause();
			return backlog->count != 0;
		}
	}
	cycles = rte_rdtsc() - start;
	counter_add(&worker->counters.busy_cycles, cycles);
	if (received)
		count_delay(worker, received, cycles);
	return true;
}

/* No grace period waits for a worker that sleeps: it holds nothing. */
static void sleep_offline(struct worker *worker, uint32_t us)
{
	uint64_t start = rte_rdtsc();

	grace_offline(worker->grace, worker->reader);
	rte_delay_us_sleep(us);
	grace_online(worker->grace, worker->reader);
	counter_add(&worker->counters.sleeps, 1);
	counter_add(&worker->counters.asleep_cycles, rte_rdtsc() - start);
}

static void rest(struct worker *worker)
{
	uint32_t us = idle_empty(&worker->idle);

	if (us)
		sleep_offline(worker, us);
}

int worker_run(void *argument)
{
	struct worker *worker = argument;

	if (worker->pipeline.ring)
		observe_ring_settle(worker->pipeline.ring);
	counter_add(&worker->counters.start_cycles, rte_rdtsc());
	grace_online(worker->grace, worker->reader);
	/* Pairs with the release in dataplane_close. */
	while (!atomic_load_explicit(worker->stop, memory_order_acquire)) {
		bool busy = poll_once(worker);

		grace_quiescent(worker->grace, worker->reader);
		if (busy)
			idle_busy(&worker->idle);
		else
			rest(worker);
	}
	grace_offline(worker->grace, worker->reader);
	backlog_clear(&worker->backlog);
	return 0;
}
