/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a port does not take: a net_ring port, whose one ring of a fixed size is both directions, so
 * that what was sent can be received, and what it has no room for stays with us.
 */
#include "dataplane/dpdk/backlog.h"
#include "tests/eal/start.h"

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum {
	BURST = 64,
	RING_FRAMES_MAX = 4000, /* more than the driver's ring holds */
	PATIENCE = 1000,	/* cycles */
};

static struct rte_mempool *pool;
static struct counters counters;
static struct backlog backlog;
static uint16_t port;
static unsigned ring_frames; /* what the port takes until someone receives */
static uint32_t next_sent, next_seen;

static int set_up(void **state)
{
	const struct rte_eth_conf conf = {0};

	(void)state;
	start_eal("net_ring0");
	pool = start_pool();
	assert_int_equal(rte_eth_dev_get_port_by_name("net_ring0", &port), 0);
	assert_int_equal(rte_eth_dev_configure(port, 1, 1, &conf), 0);
	assert_int_equal(rte_eth_rx_queue_setup(port, 0, 512, 0, NULL, pool), 0);
	assert_int_equal(rte_eth_tx_queue_setup(port, 0, 512, 0, NULL), 0);
	assert_int_equal(rte_eth_dev_start(port), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	rte_eth_dev_stop(port);
	rte_eth_dev_close(port);
	return start_end(pool);
}

static int open_backlog(void **state)
{
	(void)state;
	memset(&counters, 0, sizeof(counters));
	backlog =
		(struct backlog){.port = port, .counters = &counters, .patience_cycles = PATIENCE};
	next_sent = next_seen = 0;
	return 0;
}

/* Receives what has been sent; returns how many. Their numbers must go on one by one. */
static unsigned receive_all(void)
{
	struct rte_mbuf *frames[BURST];
	unsigned sum = 0, count;

	while ((count = rte_eth_rx_burst(port, 0, frames, BURST)) > 0) {
		for (unsigned i = 0; i < count; i++)
			assert_int_equal(*rte_pktmbuf_mtod(frames[i], uint32_t *), next_seen++);
		rte_pktmbuf_free_bulk(frames, count);
		sum += count;
	}
	return sum;
}

static int close_backlog(void **state)
{
	(void)state;
	backlog_clear(&backlog);
	receive_all();
	return rte_mempool_in_use_count(pool) == 0 ? 0 : -1;
}

static void send_numbered(unsigned count, uint64_t now)
{
	struct rte_mbuf *frames[BURST];

	assert_true(count <= BURST);
	assert_int_equal(rte_pktmbuf_alloc_bulk(pool, frames, count), 0);
	for (unsigned i = 0; i < count; i++) {
		frames[i]->data_len = 60;
		frames[i]->pkt_len = 60;
		*rte_pktmbuf_mtod(frames[i], uint32_t *) = next_sent++;
	}
	backlog_send(&backlog, frames, count, now);
}

/* Sends until the port takes no more. */
static void fill_port(void)
{
	while (backlog.count == 0 && next_sent < RING_FRAMES_MAX)
		send_numbered(BURST, 1);
	assert_true(backlog.count > 0);
	ring_frames = next_sent - backlog.count;
	assert_int_equal(counter_read(&counters.sent), ring_frames);
}

static void what_the_port_takes_does_not_wait(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 100; round++) {
		send_numbered(BURST, round);
		assert_int_equal(backlog.count, 0);
		assert_int_equal(receive_all(), BURST);
	}
	assert_int_equal(counter_read(&counters.sent), 100 * BURST);
	assert_int_equal(counter_read(&counters.tx_backlog), 0);
}

static void what_it_does_not_take_leaves_later_and_in_order(void **state)
{
	unsigned waited;

	(void)state;
	fill_port();
	while (backlog_has_room(&backlog, BURST))
		send_numbered(BURST, 2);
	waited = backlog.count;
	assert_true(waited > BACKLOG_FRAMES - BURST);
	backlog_flush(&backlog, 2 + PATIENCE / 2); /* the ring is still full */
	assert_int_equal(backlog.count, waited);
	assert_int_equal(receive_all(), ring_frames);
	backlog_flush(&backlog, 3);
	assert_int_equal(backlog.count, 0);
	send_numbered(BURST, 4);
	assert_int_equal(receive_all(), waited + BURST);
	assert_int_equal(next_seen, next_sent);
	assert_int_equal(counter_read(&counters.sent), next_sent);
	assert_int_equal(counter_read(&counters.tx_backlog), waited);
	assert_int_equal(counter_read(&counters.tx_dropped), 0);
}

static void a_little_room_is_used_and_the_rest_goes_on_waiting(void **state)
{
	struct rte_mbuf *frame;
	unsigned waited;

	(void)state;
	fill_port();
	send_numbered(BURST, 2);
	waited = backlog.count;
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(rte_eth_rx_burst(port, 0, &frame, 1), 1);
		assert_int_equal(*rte_pktmbuf_mtod(frame, uint32_t *), next_seen++);
		rte_pktmbuf_free(frame);
		backlog_flush(&backlog, 3);
		assert_int_equal(backlog.count, waited - i - 1);
	}
	assert_int_equal(receive_all(), ring_frames);
	backlog_flush(&backlog, 4);
	assert_int_equal(receive_all(), waited - 10);
	assert_int_equal(counter_read(&counters.tx_dropped), 0);
}

static void beyond_its_bound_the_newest_are_dropped_and_counted(void **state)
{
	unsigned more = BACKLOG_FRAMES / BURST + 1, lost;

	(void)state;
	fill_port();
	lost = backlog.count + more * BURST - BACKLOG_FRAMES;
	for (unsigned i = 0; i < more; i++)
		send_numbered(BURST, 2);
	assert_int_equal(backlog.count, BACKLOG_FRAMES);
	assert_false(backlog_has_room(&backlog, 1));
	assert_int_equal(counter_read(&counters.tx_dropped), lost);
	receive_all();
	backlog_flush(&backlog, 3);
	receive_all(); /* the oldest are all there, in order */
	assert_int_equal(next_seen, next_sent - lost);
}

static void a_port_that_is_down_holds_no_buffers_for_ever(void **state)
{
	unsigned waited;

	(void)state;
	fill_port();
	waited = backlog.count;
	backlog_flush(&backlog, 1 + PATIENCE);
	assert_int_equal(backlog.count, waited);
	backlog_flush(&backlog, 2 + PATIENCE);
	assert_int_equal(backlog.count, 0);
	assert_int_equal(counter_read(&counters.tx_dropped), waited);
	assert_int_equal(rte_mempool_in_use_count(pool), ring_frames);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, open_backlog, close_backlog)
		CASE(what_the_port_takes_does_not_wait),
		CASE(what_it_does_not_take_leaves_later_and_in_order),
		CASE(a_little_room_is_used_and_the_rest_goes_on_waiting),
		CASE(beyond_its_bound_the_newest_are_dropped_and_counted),
		CASE(a_port_that_is_down_holds_no_buffers_for_ever),
#undef CASE
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
