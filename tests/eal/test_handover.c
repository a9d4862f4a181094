/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rings between a worker and other threads, with a real EAL, packet pool and threads. Each test
 * ends with every frame back in the pool.
 */
#include "dataplane/dpdk/handover.h"
#include "tests/eal/start.h"

#include <pthread.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { ROUNDS = 200000, PRODUCERS = 2 };

static struct rte_mempool *pool;
static struct handover handover;

static int set_up(void **state)
{
	(void)state;
	start_eal(NULL);
	pool = start_pool();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return start_end(pool);
}

static int open_rings(void **state)
{
	char error[DATAPLANE_ERROR_BYTES] = "";

	(void)state;
	if (handover_init(&handover, pool, 0, -1, error))
		fail_msg("%s", error);
	return 0;
}

static int close_rings(void **state)
{
	(void)state;
	handover_fini(&handover);
	return rte_mempool_in_use_count(pool) == 0 ? 0 : -1;
}

/* As the worker: all blank frames out. */
static void settle(void)
{
	struct rte_mbuf *frames[HANDOVER_BURST];

	for (unsigned i = 0; i < 2 * HANDOVER_BLANK_FRAMES / HANDOVER_BURST; i++)
		assert_int_equal(handover_collect(&handover, frames), 0);
	assert_int_equal(handover.lent, HANDOVER_BLANK_FRAMES);
	assert_false(handover.short_of_blanks);
}

static struct rte_mbuf *received(unsigned bytes)
{
	struct rte_mbuf *frame = rte_pktmbuf_alloc(pool);

	assert_non_null(frame);
	frame->data_len = (uint16_t)bytes;
	frame->pkt_len = bytes;
	return frame;
}

static void test_a_frame_goes_to_its_thread_and_back(void **state)
{
	struct rte_mbuf *frame = received(60), *other = received(61), *got[HANDOVER_BURST];

	(void)state;
	settle();
	assert_int_equal(handover_give(&handover, HANDOVER_PUNT, &frame, 1), 1);
	assert_int_equal(handover_give(&handover, HANDOVER_EXCEPTION, &other, 1), 1);
	assert_int_equal(handover_take(&handover, HANDOVER_PUNT, got, HANDOVER_BURST), 1);
	assert_ptr_equal(got[0], frame);
	assert_int_equal(handover_take(&handover, HANDOVER_PUNT, got, HANDOVER_BURST), 0);
	assert_int_equal(handover_take(&handover, HANDOVER_EXCEPTION, got, HANDOVER_BURST), 1);
	assert_ptr_equal(got[0], other);
	assert_int_equal(handover.lent, HANDOVER_BLANK_FRAMES + 2);
	other->pkt_len = 0; /* nothing to send */
	handover_return(&handover, &frame, 1);
	handover_return(&handover, &other, 1);
	assert_int_equal(handover_collect(&handover, got), 1);
	assert_ptr_equal(got[0], frame);
	assert_int_equal(rte_mempool_in_use_count(pool), HANDOVER_BLANK_FRAMES + 1);
	rte_pktmbuf_free(frame);
	settle();
}

static void test_a_full_ring_takes_no_more_and_says_so_before(void **state)
{
	static const unsigned sizes[HANDOVER_WAYS] = {
		HANDOVER_PUNT_FRAMES, HANDOVER_EXCEPTION_FRAMES};
	struct rte_mbuf *frame;

	(void)state;
	settle();
	for (unsigned way = 0; way < HANDOVER_WAYS; way++) {
		for (unsigned given = 0; given < sizes[way]; given++) {
			assert_int_equal(handover_room(&handover, way), sizes[way] - given);
			frame = received(60);
			assert_int_equal(handover_give(&handover, way, &frame, 1), 1);
		}
		assert_int_equal(handover_room(&handover, way), 0);
		frame = received(60);
		assert_int_equal(handover_give(&handover, way, &frame, 1), 0);
		rte_pktmbuf_free(frame);
	}
}

/* The other threads keep all they get: the worker stops lending before its pool is empty. */
static void test_what_is_lent_is_bounded(void **state)
{
	static struct rte_mbuf *kept[HANDOVER_LENT_MAX], *frame, *back[HANDOVER_BURST];
	unsigned count = 0;

	(void)state;
	while (handover_collect(&handover, back) == 0 &&
		(frame = handover_alloc(&handover)) != NULL && count < HANDOVER_LENT_MAX) {
		assert_int_equal(rte_pktmbuf_pkt_len(frame), 0);
		kept[count++] = frame;
		handover.short_of_blanks = true; /* as if some other frame had come back */
	}
	assert_int_equal(count, HANDOVER_LENT_MAX);
	assert_int_equal(handover.lent, HANDOVER_LENT_MAX);
	assert_int_equal(handover_room(&handover, HANDOVER_PUNT), 0);
	frame = received(60);
	assert_int_equal(handover_give(&handover, HANDOVER_PUNT, &frame, 1), 0);
	rte_pktmbuf_free(frame);
	assert_null(handover_alloc(&handover));
	/* All of it fits into the ring back. */
	for (unsigned i = 0; i < count; i += HANDOVER_BURST)
		handover_return(&handover, kept + i, HANDOVER_BURST);
	for (unsigned i = 0; i < count; i += HANDOVER_BURST)
		assert_int_equal(handover_collect(&handover, back), 0);
	settle();
}

static void test_an_empty_pool_is_survived(void **state)
{
	static struct rte_mbuf *all[START_POOL_FRAMES + 1], *back[HANDOVER_BURST];
	unsigned count = 0;

	(void)state;
	while ((all[count] = rte_pktmbuf_alloc(pool)) != NULL)
		count++;
	assert_int_equal(handover_collect(&handover, back), 0);
	assert_null(handover_alloc(&handover));
	assert_int_equal(handover.lent, 0);
	rte_pktmbuf_free_bulk(all, count);
	settle();
}

/* Two threads that send, one that takes what is punted: each as the header has it. */
static atomic_bool stop;
static atomic_uint sent[PRODUCERS], punts_seen;

static void *send_frames(void *context)
{
	unsigned index = (unsigned)(uintptr_t)context;

	while (!atomic_load(&stop)) {
		struct rte_mbuf *frame = handover_alloc(&handover);

		if (!frame) {
			sched_yield();
			continue;
		}
		frame->data_len = (uint16_t)(1000 + index);
		frame->pkt_len = 1000 + index;
		handover_return(&handover, &frame, 1);
		atomic_fetch_add(&sent[index], 1);
	}
	return NULL;
}

static void *answer_punts(void *context)
{
	struct rte_mbuf *frames[HANDOVER_BURST];
	unsigned count;

	(void)context;
	while ((count = handover_take(&handover, HANDOVER_PUNT, frames, HANDOVER_BURST)) != 0 ||
		!atomic_load(&stop)) {
		if (!count)
			sched_yield();
		for (unsigned i = 0; i < count; i++)
			if (atomic_fetch_add(&punts_seen, 1) % 2)
				frames[i]->pkt_len = 0;
		if (count)
			handover_return(&handover, frames, count);
	}
	return NULL;
}

/* What came back, by its length, which tells who sent it. */
static unsigned back_by_bytes[2048];

static unsigned collect_and_count(void)
{
	struct rte_mbuf *frames[HANDOVER_BURST];
	unsigned count = handover_collect(&handover, frames);

	for (unsigned i = 0; i < count; i++)
		back_by_bytes[rte_pktmbuf_pkt_len(frames[i])]++;
	rte_pktmbuf_free_bulk(frames, count);
	return count;
}

static bool all_have_sent(void)
{
	for (unsigned i = 0; i < PRODUCERS; i++)
		if (atomic_load(&sent[i]) == 0)
			return false;
	return true;
}

static unsigned punt_while_others_send(void)
{
	unsigned punted = 0;

	for (unsigned round = 0; round < ROUNDS || !all_have_sent(); round++) {
		if (!collect_and_count())
			sched_yield();
		if (handover_room(&handover, HANDOVER_PUNT)) {
			struct rte_mbuf *frame = received(60);

			assert_int_equal(handover_give(&handover, HANDOVER_PUNT, &frame, 1), 1);
			punted++;
		}
	}
	return punted;
}

static void test_threads_and_worker_lose_no_frame(void **state)
{
	pthread_t threads[PRODUCERS], listener;
	unsigned punted;

	(void)state;
	for (uintptr_t i = 0; i < PRODUCERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, send_frames, (void *)i), 0);
	assert_int_equal(pthread_create(&listener, NULL, answer_punts, NULL), 0);
	punted = punt_while_others_send();
	atomic_store(&stop, true);
	for (unsigned i = 0; i < PRODUCERS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(pthread_join(listener, NULL), 0);
	while (handover.lent != HANDOVER_BLANK_FRAMES)
		collect_and_count();
	for (unsigned i = 0; i < PRODUCERS; i++) {
		assert_true(atomic_load(&sent[i]) > 0);
		assert_int_equal(back_by_bytes[1000 + i], atomic_load(&sent[i]));
	}
	assert_true(punted > 0);
	assert_int_equal(atomic_load(&punts_seen), punted);
	assert_int_equal(back_by_bytes[60], punted - punted / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, open_rings, close_rings)
		CASE(test_a_frame_goes_to_its_thread_and_back),
		CASE(test_a_full_ring_takes_no_more_and_says_so_before),
		CASE(test_what_is_lent_is_bounded),
		CASE(test_an_empty_pool_is_survived),
		CASE(test_threads_and_worker_lose_no_frame),
#undef CASE
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
